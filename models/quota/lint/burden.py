"""Laws on what goes in: care pressure and factors, tried and tested.

Belongs here: more burden never raises a quota, the least burdened never loses, more of a factor
never lowers a quota, factors that count the same. Does not belong here: totals, rows and whole
numbers (`homes`), the registry (`laws`).

Source of the additive inverse: the European Commission's proposal COM(2015) 450, whose key averages
an inverse of past applications in.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.quota.lint.columns import inverse_columns, pressure_columns, shared_columns
from models.quota.lint.rules import PRESSURE, KeyCase, KeySplit
from models.quota.lint.search import NEAR
from models.quota.lint.trials import Breach, Severity, Told, Trial, listed, tried

STEPS = (2.0, 1.1)
"""What an input is multiplied by: doubled, and a tenth more."""


def _moved(case: KeyCase, factor: str) -> Iterator[Trial]:
    """Raise an input of every municipality in turn."""
    values = case.pressures if factor == PRESSURE and case.pressures else case.factors[factor]
    for at in tried(case):
        for rank, step in enumerate(STEPS):
            old = values[at]
            new = old * step if old else max(values) * (step - 1.0)
            after = case.with_value(factor, at, new)
            yield Trial(case, after, factor, case.codes[at], old, new, rank)


def _change_of(trial: Trial, before: KeySplit, after: KeySplit, sign: int) -> Breach | None:
    """Tell whether the number of whoever's input moved goes the wrong way, in any year so far."""
    at = trial.before.codes.index(trial.code)
    exact = sign * (after.owed[:, at] - before.owed[:, at])
    whole = sign * (after.cumulative[:, at] - before.cumulative[:, at])
    if exact.max() > NEAR * max(1, *trial.before.totals):
        severity, year = Severity.REFUSED, int(exact.argmax())
    elif whole.max() > 0:
        severity, year = Severity.WARNING, int(whole.argmax())
    else:
        return None
    values: dict[str, Told] = {
        "year": trial.before.years[year],
        "exact_before": float(before.owed[year, at]),
        "exact_after": float(after.owed[year, at]),
        "homes_before": int(before.cumulative[year, at]),
        "homes_after": int(after.cumulative[year, at]),
    }
    graver = 1e6 if severity is Severity.REFUSED else 0.0
    size = graver + max(float(exact.max()), float(whole.max()))
    return Breach(severity, size, trial.code, trial.inputs() | values)


def rises_with_burden(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: whoever has more burden is never owed more, exact or in whole homes."""
    return _change_of(trial, before, after, 1)


def falls_with_factor(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: whoever has more of a factor is never owed less, exact or in whole homes."""
    return _change_of(trial, before, after, -1)


# --- care pressure -------------------------------------------------------------------------------


def burden_trials(case: KeyCase) -> Iterator[Trial]:
    """Raise the pressure of every municipality, and each factor that is a pressure itself."""
    if case.pressures is not None:
        yield from _moved(case, PRESSURE)
    for factor in pressure_columns(case):
        yield from _moved(case, factor)


def least_burdened_trials(case: KeyCase) -> Iterator[Trial]:
    """Correct the case as it is, then with one municipality less burdened than all others."""
    if case.pressures is None:
        return
    yield Trial(replace(case, pressures=None), case, PRESSURE)
    for rank, others in enumerate((2.0, 1.01), 1):
        for at in tried(case):
            pressures = tuple(1.0 if place == at else others for place in range(len(case.codes)))
            after = replace(case, pressures=pressures)
            yield Trial(replace(after, pressures=None), after, PRESSURE, rank=rank)


def least_burdened_loses(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: the least burdened never has less than the base share."""
    pressures = np.array(trial.after.pressures)
    if pressures.min() == pressures.max():
        return None
    return _loses(trial, before, after, np.flatnonzero(pressures == pressures.min()))


def _loses(
    trial: Trial, before: KeySplit, after: KeySplit, least: NDArray[np.intp]
) -> Breach | None:
    """Tell whether one of the least burdened has less over all years than without a correction."""
    total = max(sum(trial.before.totals), 1)
    lost = (before.owed[-1] - after.owed[-1])[least] / total
    if lost.max() <= NEAR:
        return None
    at = int(least[lost.argmax()])
    values: dict[str, Told] = {
        "percent_before": 100.0 * float(before.owed[-1, at]) / total,
        "percent_after": 100.0 * float(after.owed[-1, at]) / total,
        "homes_before": int(before.cumulative[-1, at]),
        "homes_after": int(after.cumulative[-1, at]),
        "pressures": listed(trial.after.pressures or ()),
        "what": trial.what,
    }
    return Breach(Severity.REFUSED, float(lost.max()), trial.before.codes[at], values)


def inverse_trials(case: KeyCase) -> Iterator[Trial]:
    """Take each inverse of a pressure out of the key, as it is and with one least burdened."""
    for factor in inverse_columns(case):
        without = {**case.weights, factor: 0}
        if not any(without.values()):
            yield Trial(case, case, factor, rank=3)
            continue
        yield Trial(case.with_weights(without), case, factor)
        for rank, others in enumerate((2.0, 1.01), 1):
            for at in tried(case):
                burdens = [1.0 if place == at else others for place in range(len(case.codes))]
                probe = replace(
                    case,
                    factors={**case.factors, factor: tuple(1.0 / burden for burden in burdens)},
                    pressures=None if case.pressures is None else tuple(burdens),
                )
                yield Trial(probe.with_weights(without), probe, factor, rank=rank)
        yield Trial(case, case, factor, rank=3)


def inverse_harms(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: no inverse of a pressure is averaged in; at worst the least burdened has less by it."""
    if trial.what not in inverse_columns(trial.after):
        return None
    column = np.array(trial.after.factors[trial.what], dtype=np.float64)
    found = _loses(trial, before, after, np.flatnonzero(column == column.max()))
    if found is not None:
        values = found.values
        values["pressures"] = listed(tuple((column.max() / column[column > 0]).tolist()))
        values["kind"] = "harms"
        values["harm"] = (
            f": with pressures {values['pressures']} the share of "
            f"{trial.after.name_of(found.code)}, the least burdened, goes from "
            f"{values['percent_before']:.1f} % to {values['percent_after']:.1f} %, "
            f"{values['homes_before']} to {values['homes_after']} homes"
        )
        return found
    if trial.before is trial.after:  # nothing to compare: the column itself is the finding
        plain: dict[str, Told] = {"what": trial.what, "kind": "plain", "harm": ""}
        return Breach(Severity.REFUSED, 0.0, "", plain)
    return None


def indicator_is_unfit(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: care pressure is by residence and without residents of facilities."""
    case = trial.before
    if case.pressures is None or (case.by_residence and case.without_facility_residents):
        return None
    kind = "facilities" if case.by_residence else "care-address"
    reasons = {
        "care-address": "counts people where their care is given and not where they live",
        "facilities": "counts the residents of facilities",
    }
    values: dict[str, Told] = {"kind": kind, "reason": reasons[kind]}
    return Breach(Severity.REFUSED, values=values)


# --- factors -------------------------------------------------------------------------------------


def factor_trials(case: KeyCase) -> Iterator[Trial]:
    """Raise every factor that counts, of every municipality."""
    for factor, weight in case.weights.items():
        if weight:
            yield from _moved(case, factor)


def shared_trials(case: KeyCase) -> Iterator[Trial]:
    """Move the weight of two factors that share rows to the first."""
    for one, other, _ in shared_columns(case):
        weights = {**case.weights, one: case.weights[one] + case.weights[other], other: 0}
        yield Trial(case, case.with_weights(weights), f"{one} / {other}")


def shares_rows(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: no two factors count the same homes or people."""
    for one, other, why in shared_columns(trial.before):
        if trial.what == f"{one} / {other}":
            severity = Severity.NOTE if why == "part" else Severity.WARNING
            shares = trial.before.weight_shares()
            moved = int(np.abs(after.cumulative[-1] - before.cumulative[-1]).sum()) // 2
            values: dict[str, Told] = {
                "one": one,
                "other": other,
                "reason": _REASONS[why],
                "kind": why,
                "percent": 100.0 * (shares[one] + shares[other]),
                "moved": moved,
            }
            return Breach(severity, values=values)
    return None


_REASONS = {
    "proportional": "are the same figures in another unit",
    "definition": "count the same homes or people by definition",
    "part": "look like a total and a part of it",
}
