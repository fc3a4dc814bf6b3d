"""Shares, rates and durations: counts of people from the core tables, held against beliefs.

One function a parameter's kind; each says in Dutch what it rests on. Belongs here: what is counted
for which parameter. Does not belong here: the formulas (`beliefs`), stays' lengths (`stays`), what
the rows are (`pipelines/sql`).
"""

from dataclasses import replace

import polars as pl

from models.estimation.beliefs import (
    PRIOR_EVENTS,
    PRIOR_PERSONS,
    Range,
    events_worth,
    own_rate,
    own_share,
    persons_worth,
    shrink_rate,
    shrink_share,
)
from models.estimation.case import (
    DAYS_PER_MONTH,
    THIN_EVENTS,
    THIN_PERSONS,
    Case,
    Finding,
    counted,
)
from models.records import Parameter
from models.units import EstimateNote

DESTINATIONS = "core_stay__destination"
DECISIONS = "core_application__decision"
ON_LIST = "core_application__leaving"
ON_INTAKE = "core_intake__leaving"
RELAPSES = "core_relapse__window"
CONTRACTS = "core_letting__contract"
ADMITTED = "core_stay__admitted"

OWN_HOME, IN_BETWEEN = "own_home", "in_between"
ELSEWHERE = "elsewhere_share_"
"""Before a destination: its share among those who go neither to an own home nor in between."""
LINKAGE = "relapse_linkage_share"
"""Share of returns that the delivered client numbers can show; 1 where nothing is known of it."""
COVERED = pl.col("is_covered")
"""Whether a decision fell in the months that the deliveries cover, or is still to fall."""
_APPLICATIONS_FROM = ("core_application__list_monthly", "month")
_INTAKE_FROM = ("core_intake__list_monthly", "month")


def find_destination(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate where finished stays lead: a margin of a Dirichlet law of 20 national persons.

    `own_home_share` is the model's: who becomes ready for an own home, of all whose stay is
    finished, whatever becomes of the application (see `core_stay__destination`).
    """
    rows = case.rows(DESTINATIONS, name, group)
    if rows is None:
        return None
    wanted = {"own_home_share": OWN_HOME, "in_between_share": IN_BETWEEN}.get(
        name, name.removeprefix(ELSEWHERE)
    )
    if name.startswith(ELSEWHERE):
        rows = rows.filter(~pl.col("destination").is_in([OWN_HOME, IN_BETWEEN]))
    some = _persons(rows.filter(pl.col("destination") == wanted))
    people = counted(_persons(rows), "mens van wie", "mensen van wie")
    title = f"{people} het verblijf klaar was, {case.span('core_stay__length', 'last_on')}"
    return _share(prior, PRIOR_PERSONS, some, _persons(rows), title)


def find_complexity(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the share with several problems among those admitted in the last 24 months."""
    rows = case.rows(ADMITTED, name, group)
    if rows is None:
        return None
    labelled = rows.filter(pl.col("complexity") != "unknown")
    if _persons(labelled) < 0.5 * _persons(rows):
        return Finding(0, 0, None, None, None, is_thin=True, title="", note=EstimateNote.UNLABELLED)
    some = _persons(labelled.filter(pl.col("complexity") == "complex"))
    people = counted(_persons(labelled), "nieuwe bewoner", "nieuwe bewoners")
    title = f"{people} van de laatste 24 maanden"
    return _share(prior, persons_worth(prior), some, _persons(labelled), title)


def find_contracts(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the share of homes let with a contract between three parties."""
    rows = case.core.get(CONTRACTS)
    if rows is None or rows.is_empty():
        return None
    total = int(rows["dwellings"].sum())
    some = int(rows.filter(contract_form="three_party")["dwellings"].sum())
    homes = counted(total, "verhuring", "verhuringen")
    title = f"{homes}, {case.span('core_letting__monthly', 'month')}"
    return _share(prior, persons_worth(prior), some, total, title)


def find_decisions(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the share of decisions that approve, or that send an application back."""
    rows = case.rows(DECISIONS, name, group)
    decided = None if rows is None else rows.filter(COVERED & pl.col("outcome").is_not_null())
    if decided is None or decided.is_empty():
        return None
    outcome = {"assessment_positive_share": "positive", "assessment_returned_share": "returned"}
    some = decided.filter(pl.col("outcome") == outcome[name]).height
    text = counted(decided.height, "beslissing", "beslissingen")
    title = f"{text} over aanvragen, {case.span(*_APPLICATIONS_FROM)}"
    return _share(prior, persons_worth(prior), some, decided.height, title)


def find_duration(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate a mean time in months: months gone by over steps done (an exponential law).

    An assessment that is still going on counts with the time it has lasted. Of the time from ready
    to application only those tell who applied.
    """
    rows = case.rows(DECISIONS, name, group)
    if rows is None:
        return None
    if name == "assessment_months":
        rows = rows.filter(COVERED)
        days, done = rows["days_to_decision"], int(rows["decided_on"].is_not_null().sum())
        text = f"{counted(done, 'beslissing', 'beslissingen')} over aanvragen"
    else:
        days = rows["days_to_apply"].drop_nulls()
        done = days.len()
        text = counted(done, "aanvraag", "aanvragen")
    months = max(int(days.sum()), 0) / DAYS_PER_MONTH
    if done == 0:
        return None
    own = own_rate(done, months)
    after = shrink_rate(1.0 / prior.value, events_worth(prior), done, months)
    return Finding(
        observations=days.len(),
        events=done,
        exposure=months,
        own=None if own is None or own.value == 0.0 else own.inverted(),
        after=after.inverted(),
        is_thin=done < THIN_PERSONS,
        title=f"{text}, {case.span(*_APPLICATIONS_FROM)}",
    )


def find_leaving(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the monthly share that leaves a list without what they wait for.

    Counted as the model does: of those who stand on it at a month's end, in the next month.
    """
    is_intake = name == "intake_leave_share"
    rows = case.rows(ON_INTAKE if is_intake else ON_LIST, name, group)
    if rows is None:
        return None
    months, left = int(rows["exposure_months"].sum()), int(rows["has_left"].sum())
    span = case.span(*(_INTAKE_FROM if is_intake else _APPLICATIONS_FROM))
    place = "een plek" if is_intake else "een woning"
    title = f"{counted(months, 'maand', 'maanden')} wachten op {place}, {span}"
    found = _share(prior, persons_worth(prior), left, months, title)
    return replace(
        found, observations=rows.height, exposure=float(months), is_thin=left < THIN_EVENTS
    )


def find_relapse(case: Case, name: str, group: str, prior: Parameter) -> Finding | None:
    """Estimate the share that comes back: (a + events) / (a / national + exposure), a = 8 events.

    The exposure is in windows of relapse (24 months after a move), times the share of returns that
    the client numbers can show.
    """
    rows = case.rows(RELAPSES, name, group)
    window = case.parameter("relapse_window_months")
    if rows is None or window is None:
        return None
    linkage = case.parameter(LINKAGE, group)
    seen = 1.0 if linkage is None else linkage.value
    windows = float(rows["exposure_days"].sum()) / (window.value * DAYS_PER_MONTH) * seen
    back = int(rows["has_returned"].sum())
    moves = counted(rows.height, "verhuizing", "verhuizingen")
    return Finding(
        observations=rows.height,
        events=back,
        exposure=windows,
        own=_below_one(own_rate(back, windows)),
        after=_below_one(shrink_rate(prior.value, PRIOR_EVENTS, back, windows)),
        is_thin=back < THIN_EVENTS,
        title=f"{moves} naar een woning en wie daarna terugkwam, {case.span(*_INTAKE_FROM)}",
        note=EstimateNote.NATIONAL_WEIGHS if back < THIN_EVENTS else EstimateNote.ESTIMATED,
    )


def offer_to_move(case: Case) -> Finding | None:
    """Give the months from offer to move, for the report: the model takes one step for it."""
    rows = case.core.get(DECISIONS)
    days = None if rows is None else rows["days_to_move"].drop_nulls()
    if days is None or days.is_empty():
        return None
    months = days.cast(pl.Float64) / DAYS_PER_MONTH
    middle = float(months.mean())  # type: ignore[arg-type]
    quantiles = [float(months.quantile(level) or 0.0) for level in (0.1, 0.9)]
    own = Range(middle, min(quantiles[0], middle), max(quantiles[1], middle))
    return Finding(
        observations=days.len(),
        events=days.len(),
        exposure=float(months.sum()),
        own=own,
        after=None,
        is_thin=days.len() < THIN_PERSONS,
        title="",
        note=EstimateNote.REPORTED,
    )


def _persons(rows: pl.DataFrame) -> int:
    return int(rows["persons"].sum())


def _share(prior: Parameter, worth: float, some: int, persons: int, title: str) -> Finding:
    return Finding(
        observations=persons,
        events=some,
        exposure=None,
        own=own_share(some, persons),
        after=shrink_share(prior.value, worth, some, persons),
        is_thin=persons < THIN_PERSONS,
        title=title,
    )


def _below_one(found: Range | None) -> Range | None:
    """Keep a share that was estimated as a rate below 1."""
    if found is None:
        return None
    return Range(*(min(number, 1.0 - 1e-6) for number in (found.value, found.low, found.high)))
