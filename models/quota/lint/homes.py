"""Laws on what comes out: totals, the order of rows, whole numbers against exact shares.

Belongs here: a larger total never lowers anybody, staying within one, sums, order, minima. Does not
belong here: care pressure and factors (`burden`), the registry (`laws`).

Source: Balinski & Young, "Fair Representation" (1982), for a larger total and staying within one.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.quota.lint.rules import KeyCase, KeySplit
from models.quota.lint.search import NEAR
from models.quota.lint.trials import Breach, Severity, Told, Trial, listed

TOTALS_AROUND = 10
"""Totals on either side of the declared one that are tried (homes a year)."""
LARGEST_MINIMUM_SHARE = 0.1
"""Share of the total that minima may take."""


def total_trials(case: KeyCase) -> Iterator[Trial]:
    """Give one home a year more, for totals around the declared ones."""
    for change in range(-TOTALS_AROUND, TOTALS_AROUND):
        if min(case.totals) + change >= 0:
            before, after = case.with_totals(change), case.with_totals(change + 1)
            rank = change if change >= 0 else TOTALS_AROUND - change
            old, new = before.totals[-1], after.totals[-1]
            yield Trial(before, after, "total", "", old, new, rank)


def loses_by_larger_total(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: a larger total never lowers what anybody has had since the first year."""
    lost = before.cumulative - after.cumulative
    if lost.max() <= 0:
        return None
    year, at = (int(place) for place in np.unravel_index(lost.argmax(), lost.shape))
    values: dict[str, Told] = {
        "year": trial.before.years[year],
        "homes_before": int(before.cumulative[year, at]),
        "homes_after": int(after.cumulative[year, at]),
        "split_before": listed(tuple(before.cumulative[year].tolist())),
        "split_after": listed(tuple(after.cumulative[year].tolist())),
    }
    code = trial.before.codes[at]
    return Breach(Severity.WARNING, float(lost.max()), code, trial.inputs() | values)


def strays(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: after every year everybody is within one of the exact share since the first year."""
    away = before.cumulative - before.owed
    if np.abs(away).max() < 1.0 - NEAR:
        return None
    year, at = (int(place) for place in np.unravel_index(np.abs(away).argmax(), away.shape))
    values: dict[str, Told] = {
        "year": trial.before.years[year],
        "homes": int(before.cumulative[year, at]),
        "exact": float(before.owed[year, at]),
        "deviation": float(away[year, at]),
    }
    size = float(abs(away[year, at]))
    return Breach(Severity.WARNING, size, trial.before.codes[at], values)


def order_trials(case: KeyCase) -> Iterator[Trial]:
    """Put the rows in other orders."""
    count = len(case.codes)
    if count < 2:
        return
    by_hash = [case.codes.index(code) for code in case.hashed(case.codes)]
    sizes = [sum(column[at] for column in case.factors.values()) for at in range(count)]
    orders = [
        list(range(count))[::-1],
        by_hash,
        sorted(range(count), key=lambda at: case.codes[at]),
        sorted(range(count), key=lambda at: (sizes[at], case.codes[at])),
    ]
    for rank, order in enumerate(orders):
        if order != list(range(count)):
            yield Trial(case, case.in_order(order), "order", rank=rank)


def hangs_on_order(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: the order of rows decides nothing."""
    back = [trial.after.codes.index(code) for code in trial.before.codes]
    moved = np.abs(before.homes - after.homes[:, back])
    exact = np.abs(before.exact - after.exact[:, back])
    if moved.max() == 0 and exact.max() <= 1e-6:
        return None
    worst = moved if moved.max() else exact
    year, at = (int(place) for place in np.unravel_index(worst.argmax(), worst.shape))
    values: dict[str, Told] = {
        "year": trial.before.years[year],
        "homes_before": int(before.homes[year, at]),
        "homes_after": int(after.homes[year, back[at]]),
        "first": trial.before.name_of(trial.after.codes[0]),
    }
    return Breach(Severity.REFUSED, float(worst.max()), trial.before.codes[at], values)


def sum_trials(case: KeyCase) -> Iterator[Trial]:
    """Try totals around the declared ones."""
    for change in sorted(
        range(-TOTALS_AROUND, TOTALS_AROUND + 1), key=lambda each: (abs(each), each)
    ):
        if min(case.totals) + change >= 0:
            after = case.with_totals(change)
            yield Trial(case, after, "total", "", case.totals[-1], after.totals[-1], abs(change))


def does_not_add_up(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: every year adds up to its total."""
    off = after.homes.sum(axis=1) - np.array(trial.after.totals)
    if not off.any():
        return None
    year = int(np.abs(off).argmax())
    values: dict[str, Told] = {
        "year": trial.after.years[year],
        "total": trial.after.totals[year],
        "given": int(after.homes[year].sum()),
    }
    return Breach(Severity.REFUSED, float(np.abs(off).max()), "", values)


def goes_negative(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Law: nobody gets less than no homes."""
    if after.homes.min() >= 0:
        return None
    year, at = (int(place) for place in np.unravel_index(after.homes.argmin(), after.homes.shape))
    values: dict[str, Told] = {
        "year": trial.after.years[year],
        "total": trial.after.totals[year],
        "homes": int(after.homes[year, at]),
    }
    return Breach(Severity.REFUSED, float(-after.homes.min()), trial.after.codes[at], values)


def minimum_trials(case: KeyCase) -> Iterator[Trial]:
    """Leave the minima out, then put them in."""
    if any(case.minima):
        yield Trial(replace(case, minima=()), case, "minimum")


def minima_take_much(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Tell whether minima above the exact share (or, as a note, all minima) take over a tenth."""
    minima = np.array([minimum or 0 for minimum in trial.after.minima])
    totals = np.array(trial.after.totals)
    binding = np.where(minima > before.exact + NEAR, minima, 0)
    limits = LARGEST_MINIMUM_SHARE * totals
    severity, taken = Severity.WARNING, binding
    if (binding.sum(axis=1) <= limits).all():
        severity, taken = Severity.NOTE, np.tile(minima, (len(totals), 1))
    over = taken.sum(axis=1) - limits
    if over.max() <= 0:
        return None
    year = int(over.argmax())
    at = int((taken[year] - before.exact[year]).argmax())
    homes = int(taken[year].sum())
    values: dict[str, Told] = {
        "year": trial.after.years[year],
        "minima": homes,
        "total": int(totals[year]),
        "percent": 100.0 * homes / max(int(totals[year]), 1),
        "minimum": int(minima[at]),
        "exact_before": float(before.exact[year, at]),
        "homes_before": int(before.homes[year, at]),
        "homes_after": int(after.homes[year, at]),
    }
    return Breach(severity, float(over.max()), trial.after.codes[at], values)


def gets_nothing(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Note whoever is owed something over all years and gets nothing."""
    owed, given = before.owed[-1], before.cumulative[-1]
    empty = np.where((given == 0) & (owed > NEAR), owed, 0.0)
    if not empty.any():
        return None
    at = int(empty.argmax())
    others = int((empty > 0).sum()) - 1
    values: dict[str, Told] = {"exact": float(owed[at]), "others": others}
    return Breach(Severity.NOTE, float(owed[at]), trial.before.codes[at], values)


def nothing_to_split(trial: Trial, before: KeySplit, after: KeySplit) -> Breach | None:
    """Note totals of 0."""
    return None if any(trial.before.totals) else Breach(Severity.NOTE)
