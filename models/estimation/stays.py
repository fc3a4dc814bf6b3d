"""Stays: their length from entry to readiness, per target group and complexity.

Belongs here: which stays tell of which mean, taking out waits, age limits, unlabelled mixtures.
Does not belong here: the law itself (`lengths`), what readiness is (`core_stay__length`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.estimation.beliefs import Range, log_range, shrink_mean
from models.estimation.case import DAYS_PER_MONTH, THIN_PERSONS, Case, Finding, counted
from models.estimation.lengths import Fit, Lengths, fit_mean
from models.months import MONTHS_PER_YEAR
from models.records import Parameter
from models.units import ALL_GROUPS, EstimateNote

STAYS = "core_stay__length"
COMPLEX = "stay_years_complex"
CLASSES = {"stay_years_single": "single", COMPLEX: "complex"}
"""Parameter -> label of complexity."""

UNLABELLED = "unknown"
LEAST_LABELLED = 0.5
"""Share of a group's stays that must carry a label before the labelled ones are used: without
labels two classes cannot be told apart (their mix is hardly identifiable)."""
FEWEST_WAITS = 8
"""Known waits that it takes to use the region's own."""
_AGE_MARGIN = 0.1
"""Years: who leaves this close to the age limit was sent by it."""


@dataclass(frozen=True)
class Chosen:
    """The stays that tell of one mean, and what was done to them.

    Attributes:
        lengths: The stays in months.
        note: What a reader must know of them.
    """

    lengths: Lengths
    note: EstimateNote


def phases_of(case: Case) -> int:
    """Give the number of phases of a stay."""
    phases = case.parameter("stay_phases")
    return 1 if phases is None else max(round(phases.value), 1)


def has_classes(case: Case, group: str) -> bool:
    """Tell whether a group has a complex class beside the single one."""
    return group in case.values.get(COMPLEX, {})


def is_labelled(case: Case, group: str) -> bool:
    """Tell whether enough stays of a group carry a label."""
    rows = case.rows(STAYS, COMPLEX, group)
    if rows is None:
        return False
    return float((rows["complexity"] != UNLABELLED).mean()) >= LEAST_LABELLED  # type: ignore[arg-type]


def choose_stays(case: Case, group: str, label: str | None) -> Chosen | None:
    """Choose the stays of a group and a label (all of the group without one); None without any."""
    rows = case.rows(STAYS, "stay_years_single", group)
    if rows is None:
        return None
    if label is not None:
        rows = rows.filter(pl.col("complexity") == label)
    wait, note = _wait_days(case, group, rows)
    unknown = pl.col("basis") == "unknown"
    # A wait that would eat up the stay is cut to half of it.
    less = pl.min_horizontal(pl.lit(wait), pl.col("length_days") / 2.0)
    rows = rows.with_columns(
        length=(pl.col("length_days") - pl.when(unknown).then(less).otherwise(0.0)),
        finished=(pl.col("basis") != "open") & ~_by_age(case, group),
    ).filter(pl.col("length") > pl.col("entry_days") - 0.5 * (pl.col("entry_days") == 0))
    if rows.is_empty():
        return None
    entry = rows["entry_days"].to_numpy() / DAYS_PER_MONTH
    return Chosen(
        Lengths(
            entry=entry,
            length=np.maximum(rows["length"].to_numpy() / DAYS_PER_MONTH, entry),
            finished=rows["finished"].to_numpy(),
        ),
        note,
    )


def _by_age(case: Case, group: str) -> pl.Expr:
    """Tell of each stay whether an age limit ended it: then it did not end by itself."""
    limit = case.parameter("exit_age_years", group)
    if case.target_groups[group].stay_ends != "age" or limit is None:
        return pl.lit(value=False)
    return (pl.col("age_years") >= limit.value - _AGE_MARGIN).fill_null(value=False)


def _wait_days(case: Case, group: str, rows: pl.DataFrame) -> tuple[float, EstimateNote]:
    """Give the wait to take out of a stay that ended in a home without a day of readiness.

    The mean of the group's known waits, else of all groups', else the national road to an approval
    (the list itself is not known then, and the stays come out too long).
    """
    if not (rows["basis"] == "unknown").any():
        return 0.0, EstimateNote.ESTIMATED
    every = case.core[STAYS]
    for known in (every.filter(pl.col("target_group") == group), every):
        waits = known["waited_days"].drop_nulls()
        if waits.len() >= FEWEST_WAITS:
            return float(waits.mean()), EstimateNote.WAITS_FROM_LIST  # type: ignore[arg-type]
    road = (case.parameter(name, group) for name in ("ready_to_application_months",
                                                     "assessment_months"))  # fmt: skip
    months = sum(step.value for step in road if step is not None)
    return months * DAYS_PER_MONTH, EstimateNote.WAITS_NATIONAL


def find_stay(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the mean stay of a group's class (years)."""
    if group == ALL_GROUPS or case.rows(STAYS, name, group) is None:
        return None
    label = CLASSES[name] if has_classes(case, group) else None
    if label is not None and not is_labelled(case, group):
        return _unlabelled()
    chosen = choose_stays(case, group, label)
    if chosen is None:
        return None
    stays = chosen.lengths
    fit = fit_mean(stays, phases_of(case))
    title = (
        f"{counted(stays.events, 'verblijf dat eindigde', 'verblijven die eindigden')} en "
        f"{counted(stays.length.size - stays.events, 'ander', 'andere')}, "
        f"{case.span(STAYS, 'last_on')}"
    )
    return Finding(
        observations=stays.length.size,
        events=stays.events,
        exposure=stays.exposure,
        own=None if fit is None else _in_years(log_range(float(np.log(fit.mean)), fit.log_sd)),
        after=None if fit is None else shrink_mean(prior, _fit_in_years(fit)),
        is_thin=stays.events < THIN_PERSONS,
        title=title,
        note=chosen.note,
    )


def _unlabelled() -> Finding:
    return Finding(0, 0, None, None, None, is_thin=True, title="", note=EstimateNote.UNLABELLED)


def _fit_in_years(fit: Fit) -> Fit:
    return Fit(fit.mean / MONTHS_PER_YEAR, fit.log_sd)


def _in_years(months: Range) -> Range:
    return months.scaled(1.0 / MONTHS_PER_YEAR)
