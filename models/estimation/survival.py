"""The fit beside Kaplan-Meier: how many stays still go on after so many months.

Belongs here: `mart_stay__survival`. Does not belong here: the fit (`lengths`), which stays belong
together (`stays`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.estimation.beliefs import Z80
from models.estimation.case import Case
from models.estimation.lengths import F64, Lengths, log_survival
from models.estimation.stays import (
    CLASSES,
    COMPLEX,
    choose_stays,
    has_classes,
    is_labelled,
    phases_of,
)
from models.months import MONTHS_PER_YEAR
from models.params import GroupValues

MONTHS = np.arange(121, dtype=np.float64)
"""Months since entry at which the curves are given."""
FEWEST_AT_RISK = 10
"""Where fewer stays are in sight the observed curve is left blank."""
EVERYBODY = "all"

_SCHEMA = {
    "target_group": pl.String, "complexity": pl.String, "month": pl.Int32,
    "kaplan_meier": pl.Float64, "lower": pl.Float64, "upper": pl.Float64,
    "at_risk": pl.Int64, "fitted": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """The observed curve at whole months; arrays of shape (121,).

    Attributes:
        share: Share of stays that still go on (Kaplan-Meier).
        lower: Lower end of its 80 % interval, on the scale of log(-log).
        upper: Upper end.
        at_risk: Stays in sight at that length.
    """

    share: F64
    lower: F64
    upper: F64
    at_risk: F64


def kaplan_meier(stays: Lengths) -> Curve:
    """Estimate survival without a law (Kaplan and Meier 1958; Greenwood's variance), late entry in.

    By `SurvfuncRight` of statsmodels, read off at whole months.
    """
    from statsmodels.duration.survfunc import SurvfuncRight  # slow to import

    # Entry and end on one day would be no time at all at risk.
    length = np.maximum(stays.length, stays.entry + 1e-6)
    at_risk = np.array(
        [float(((stays.entry < month) & (length >= month)).sum()) for month in MONTHS]
    )
    at_risk[0] = float((stays.entry == 0.0).sum())
    if stays.events == 0:
        flat = np.ones_like(MONTHS)
        return Curve(flat, np.zeros_like(MONTHS), flat, at_risk)
    found = SurvfuncRight(length, stays.finished.astype(np.int64), entry=stays.entry)
    times = np.asarray(found.surv_times, dtype=np.float64)
    where = np.searchsorted(times, MONTHS, side="right")
    share = np.concatenate([[1.0], np.asarray(found.surv_prob, dtype=np.float64)])[where]
    spread = np.concatenate([[0.0], np.asarray(found.surv_prob_se, dtype=np.float64)])[where]
    lower, upper = _interval(share, spread)
    return Curve(share, lower, upper, at_risk)


def _interval(share: F64, spread: F64) -> tuple[F64, F64]:
    """Give 80 % limits that stay between 0 and 1 (normal on the scale of log(-log))."""
    inside = (share > 0.0) & (share < 1.0) & np.isfinite(spread)
    safe = np.where(inside, share, 0.5)
    logs = np.log(safe)
    width = np.where(inside, Z80 * spread / np.abs(safe * logs), 0.0)
    lower = np.where(inside, safe ** np.exp(width), share)
    upper = np.where(inside, safe ** np.exp(-width), share)
    return lower, upper


def survival_table(case: Case, values: Mapping[str, GroupValues]) -> pl.DataFrame:
    """Lay observed and fitted survival side by side (`mart_stay__survival` without the region).

    Args:
        case: The region's data.
        values: The parameters in force after estimation.
    """
    rows = [row for group in case.target_groups for row in _group_rows(case, values, group)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _group_rows(
    case: Case, values: Mapping[str, GroupValues], group: str
) -> Iterator[tuple[object, ...]]:
    known = {name: values[name][group] for name in CLASSES if group in values.get(name, {})}
    phases = phases_of(case)

    def law(name: str) -> F64:
        mean = known[name].value * MONTHS_PER_YEAR
        return np.exp(log_survival(MONTHS, mean, phases))

    if has_classes(case, group) and is_labelled(case, group):
        for name, label in CLASSES.items():
            if name in known:
                yield from _curve_rows(case, group, label, law(name))
    elif "stay_years_single" in known:
        fitted = law("stay_years_single")
        share = values.get("complex_share_now", {}).get(group)
        if COMPLEX in known and share is not None:
            fitted = (1.0 - share.value) * fitted + share.value * law(COMPLEX)
        yield from _curve_rows(case, group, None, fitted)


def _curve_rows(
    case: Case, group: str, label: str | None, fitted: F64
) -> Iterator[tuple[object, ...]]:
    chosen = choose_stays(case, group, label)
    if chosen is None:
        return
    seen = kaplan_meier(chosen.lengths)
    for month in range(MONTHS.size):
        enough = seen.at_risk[month] >= FEWEST_AT_RISK
        observed = (
            (float(seen.share[month]), float(seen.lower[month]), float(seen.upper[month]))
            if enough
            else (None, None, None)
        )
        number = int(seen.at_risk[month]) if enough else None
        yield (group, label or EVERYBODY, month, *observed, number, float(fitted[month]))
