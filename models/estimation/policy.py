"""Shares that are a policy: a home for want of a place, the use of a cap.

Homes of one year share one willingness, and people who hear at once whether they get a home share
one crowding: there a year is one observation, and not as many as there are persons or homes in it.
Belongs here: what is counted for such a share, and its weight. Does not belong here: shares that
are no policy (`counts`), the formulas (`beliefs`).
"""

import polars as pl

from models.estimation.beliefs import Range, own_share, persons_worth, shrink_share
from models.estimation.case import THIN_PERSONS, Case, Finding, counted
from models.months import MONTHS_PER_YEAR, format_month, parse_month, year_of
from models.params import Region
from models.records import Parameter

REGISTERED, SETTLED = "core_intake__as_of", "core_intake__dated"
COVERED = "core_intake__list_monthly"
OFFERED, ON_LIST = "core_application__offered_monthly", "core_application__list_monthly"
HOME_WITH_SUPPORT = "home_with_support"
"""Reason for leaving the intake list: a home at once, without a place first."""

WINDOW_MONTHS = 24
"""Months of registrations that tell of today's policy, as with the newly admitted."""
MONTHS_BEFORE = "divert_after_months"
"""Months without a place after which a home is decided about."""
LEAVING_MONTHS = 2
"""Months in which who gets a home instead of a place leaves the list, once it is decided."""
SETTLING_MONTHS = 6
"""Months in which a registration is given time to show whether it leads to a home."""
LEAST_REASONS = 0.5
"""Part of those who left the list that must have a reason: else a home at once cannot be seen."""


def find_unplaced(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the share of people without a place who get a home with support instead.

    Counted as the model does: of those who are still without a place so many months after the
    indication as `divert_after_months` says, who leaves for a home within some months. Persons are
    observations of their own then: how long the list is does not come into it. Where it is decided
    at once, it is counted of those who were not admitted in the month of their registration,
    whenever the home came. How many of these wait long moves with the length of the list: there a
    year of registrations weighs as much as what was believed before, but never more than there are
    persons.
    """
    stated = case.parameter(MONTHS_BEFORE, group)
    after = 0 if stated is None else round(stated.value)
    window = _window(case, after)
    rows = _newcomers(case, name, group, after)
    if window is None or rows is None:
        return None
    first, last = window
    rows = rows.filter(pl.col("month").is_between(first, last))
    if rows.is_empty() or not _gives_reasons(rows):
        return None
    unplaced = rows.filter(pl.col("is_unplaced"))
    persons, some = unplaced.height, int(unplaced["to_home"].sum())
    people = counted(persons, "aanmelding", "aanmeldingen")
    span = f"{format_month(first)} tot en met {format_month(last)}"
    if after:
        text = f"{people} na {after} maanden nog zonder plek, indicatie {span}"
        believed = shrink_share(prior.value, persons_worth(prior), some, persons)
    else:
        text = f"{people} zonder plek in de eigen maand, {span}; een jaar telt als één waarneming"
        believed = _by_year(prior, some, persons, last - first + 1)
    return Finding(
        observations=persons,
        events=some,
        exposure=None,
        own=own_share(some, persons),
        after=believed,
        is_thin=persons < THIN_PERSONS,
        title=text,
    )


def find_cap_use(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the part of the homes of a year's cap that is really offered.

    Counted over the months after the ramp in which the housing list could have taken all homes: a
    home that is not offered for want of people says nothing. Where homes outside the cap are
    offered too, or a refused offer is spent, the deliveries cannot tell.
    """
    offered, waiting = (_by_month(case, table) for table in (OFFERED, ON_LIST))
    agreed = _agreed(case.region, case.as_of)
    months = [
        month
        for month, homes in agreed.items()
        if month in offered and waiting.get(month - 1, 0) >= homes
    ]
    if not months:
        return None
    homes = sum(agreed[month] for month in months)
    some = min(sum(offered[month] for month in months), homes)
    dwellings = counted(homes, "woning", "woningen")
    span = f"{format_month(months[0])} tot en met {format_month(months[-1])}"
    return Finding(
        observations=round(homes),
        events=round(some),
        exposure=None,
        own=own_share(some, homes),
        after=_by_year(prior, some, homes, len(months)),
        is_thin=len(months) < MONTHS_PER_YEAR,
        title=f"{dwellings} die het maximum toeliet, {span}; een jaar telt als één waarneming",
    )


def _by_year(prior: Parameter, some: float, persons: float, months: int) -> Range:
    """Weigh a year of data as what was believed before, but never more than there are persons.

    An assumption: the years of a region may differ as much as regions were believed to. Counted
    person by person two years would settle the share, and the year after would prove it wrong.
    """
    worth = persons_worth(prior)
    weight = min(worth * months / MONTHS_PER_YEAR / max(persons, 1), 1.0)
    return shrink_share(prior.value, worth, some * weight, persons * weight)


def _agreed(region: Region | None, as_of: int) -> dict[int, float]:
    """Give the homes of the cap by month up to the as-of month, the years of the ramp left out."""
    cap = None if region is None else region.cap
    if region is None or cap is None or cap.refusal_counts:
        return {}
    if region.contingents or region.statutory:
        return {}
    agreement, ramp = region.agreement(cap.agreement_id), {step.year for step in cap.ramp}
    ends = as_of if agreement.valid_to is None else min(as_of, parse_month(agreement.valid_to))
    months = range(parse_month(agreement.valid_from), ends + 1)
    monthly = (agreement.value or 0.0) / MONTHS_PER_YEAR
    return {month: monthly for month in months if year_of(month) not in ramp}


def _by_month(case: Case, table: str) -> dict[int, int]:
    """Read applications by month, of a table with a row a month."""
    frame = case.core.get(table)
    if frame is None:
        return {}
    return {
        parse_month(str(month)): int(number)
        for month, number in frame.select("month", "applications").iter_rows()
    }


def _window(case: Case, after: int) -> tuple[int, int] | None:
    """Give the first and last month of the registrations that count; None where there are none."""
    covered = case.core.get(COVERED)
    begun = None if covered is None else covered["month"].min()
    if begun is None:
        return None
    last = case.as_of - (after + LEAVING_MONTHS if after else SETTLING_MONTHS)
    first = max(last - WINDOW_MONTHS + 1, parse_month(str(begun)))
    return None if first > last else (first, last)


def _newcomers(case: Case, name: str, group: str, after: int) -> pl.DataFrame | None:
    """Give registrations by month, with who was without a place and who got a home instead.

    Without a place is: so many months after the indication, or after the month of the registration
    where it is decided at once. Who left for a home earlier than that was without one as well.
    """
    rows, settled = case.rows(REGISTERED, name, group), case.core.get(SETTLED)
    if rows is None or settled is None:
        return None
    reason = pl.col("left_reason")
    to_home = (reason == HOME_WITH_SUPPORT).fill_null(value=False)
    has_left = (
        (pl.col("left_on").is_not_null() | reason.is_not_null())
        & pl.col("admitted_on").is_null()
        & (reason != "admitted").fill_null(value=True)
    )
    gone = settled.select("registration_id", "gone_on")
    dated = rows.join(gone, on="registration_id", how="left", validate="1:1")
    if after:
        since = pl.coalesce("indicated_on", "registered_on")
        month = _month_of(since)
        looked_at, seen_until = (
            since.dt.offset_by(f"{months}mo") for months in (after, after + LEAVING_MONTHS)
        )
        in_time = to_home & (pl.col("left_on") < seen_until).fill_null(value=True)
        is_open = (pl.col("gone_on") >= looked_at).fill_null(value=True)
        is_unplaced = in_time | is_open
    else:
        month, in_time = _month_of(pl.col("registered_on")), to_home
        at_once = (_month_of(pl.col("gone_on")) == month).fill_null(value=False)
        is_unplaced = ~(at_once & ~has_left & ~to_home)
    return dated.select(
        month=month,
        to_home=in_time,
        has_left=has_left,
        has_reason=has_left & reason.is_not_null(),
        is_unplaced=is_unplaced,
    )


def _month_of(day: pl.Expr) -> pl.Expr:
    """Number the month of a date, as `models.months` does."""
    year, month = (part.cast(pl.Int64) for part in (day.dt.year(), day.dt.month()))
    return year * MONTHS_PER_YEAR + month - 1


def _gives_reasons(rows: pl.DataFrame) -> bool:
    """Tell whether reasons for leaving are on record; where nobody left there is none to give."""
    left = int(rows["has_left"].sum())
    return left == 0 or int(rows["has_reason"].sum()) >= LEAST_REASONS * left
