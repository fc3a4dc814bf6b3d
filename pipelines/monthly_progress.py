"""The mart of the progress page: from core tables of applications and homes let to its rows.

Belongs here: counting what happened to applications by month, where they are at its end, and how
long their steps took. Does not belong here: Dagster, the page, the pace of quotas
(`quota_parties`).

An application knows its last offer only: what was offered and refused before it is not on record.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from models.marts.progress import (
    FIRST_YEARS,
    LEAST_IN_MEDIAN,
    REFUSALS,
    STOCKS,
)
from models.months import MONTHS_PER_YEAR, format_month, parse_month, year_of
from pipelines.marts import empty_mart
from pipelines.quota_parties import counted_grounds
from pipelines.region_run import RegionRun

PROGRESS = "mart_progress__monthly"
PROMISE = "mart_promise__region"

STATE, DECISION = "core_application__dated", "core_application__decision"
OFFER, COVERED = "core_application__as_of", "core_application__approved_monthly"
LETTINGS = "core_letting__as_of"
CORE_READ = (STATE, DECISION, OFFER, COVERED, LETTINGS)
"""Core tables that the mart is made of."""

MONTHS_KEPT = 24
"""The month and the 23 before it: enough to set twelve months beside the twelve before them."""
FIRST_MONTHS = 24
"""Support is promised for the first two years in a home."""

_MONTH_DAYS = 365.25 / 12
_CLOCK = {"ready": "ready_on", "application": "applied_on", "approval": "listed_on"}
_ALL = "all"

Row = dict[str, Any]


def progress_table(run: RegionRun) -> dict[str, pl.DataFrame]:
    """Make the mart of a run whose promise is known.

    Returns:
        The mart, by name.
    """
    promise = run.draft.read(PROMISE).filter(pl.col("scenario_id") == run.default.scenario.id)
    agreed = promise.row(0, named=True) if promise.height else {}
    rows = progress_rows(
        run.read_core(*CORE_READ),
        as_of=run.as_of,
        promise_months=agreed.get("promise_months"),
        clock_start=agreed.get("clock_start") or "approval",
        municipalities=[item.code for item in run.region.municipalities],
        grounds=counted_grounds(run.region),
    )
    full = [{"region_id": run.region.id, **row} for row in rows]
    return {PROGRESS: pl.DataFrame(full, schema=empty_mart(PROGRESS).schema)}


def progress_rows(
    core: Mapping[str, pl.DataFrame],
    *,
    as_of: int,
    promise_months: int | None,
    clock_start: str,
    municipalities: Sequence[str],
    grounds: Sequence[str],
) -> list[Row]:
    """Count applications by month and stage.

    Args:
        core: The core tables of `CORE_READ`.
        as_of: Last month that counts as known.
        promise_months: The agreed months to an offer; None where none is agreed: then nothing is
            open for longer than it.
        clock_start: Where the promise's clock starts: ready, application or approval.
        municipalities: Codes of the region's municipalities.
        grounds: Grounds of lettings that count.

    Returns:
        Rows of `mart_progress__monthly` without the region; none where nothing was delivered.
    """
    rows = (
        []
        if core[COVERED].is_empty()
        else _application_rows(
            core, as_of=as_of, promise_months=promise_months, clock_start=clock_start
        )
    )
    return [*rows, *_first_years(core[LETTINGS], as_of, municipalities, grounds)]


def _application_rows(
    core: Mapping[str, pl.DataFrame], *, as_of: int, promise_months: int | None, clock_start: str
) -> list[Row]:
    first = parse_month(str(core[COVERED]["month"].min()))
    state = _with_clock(core[STATE], clock_start)
    days = event_days(core)
    waits = wait_lengths(core, state)
    rows = []
    for month in range(max(first, as_of - MONTHS_KEPT + 1), as_of + 1):
        spans = {"month": month}
        if month - MONTHS_PER_YEAR + 1 >= first:
            spans["year"] = month - MONTHS_PER_YEAR + 1
        for period, start in spans.items():
            low, high = _first_day(start), _last_day(month)
            for measure, happened in days.items():
                count = int(happened.is_between(low, high).sum())
                rows.append(_row(month, measure, period, count))
            if period == "year":
                rows += _wait_rows(month, waits, low, high)
        rows += _stock_rows(month, state, promise_months)
    return rows


def event_days(core: Mapping[str, pl.DataFrame]) -> dict[str, pl.Series]:
    """Give the days on which each flow and refusal happened, one entry an application."""
    state, decided = core[STATE], core[DECISION]
    offers = core[OFFER].filter(pl.col("application_id").is_in(state["application_id"].to_list()))
    gone = offers.filter(
        (pl.col("withdrawn_on").is_not_null() | pl.col("withdrawn_reason").is_not_null())
        & pl.col("moved_on").is_null()
    )
    return {
        "applied": state["applied_on"],
        "approved": state["approved_on"],
        "rejected": decided.filter(outcome="negative")["decided_on"],
        "returned": decided.filter(outcome="returned")["decided_on"],
        "offered": offers["offered_on"],
        "moved": state["moved_on"],
        "withdrawn": gone.select(pl.coalesce("withdrawn_on", "applied_on")).to_series(),
        **{
            answer: offers.filter(pl.col("offer_answer") == answer)["offered_on"]
            for answer in REFUSALS
        },
    }


def wait_lengths(core: Mapping[str, pl.DataFrame], state: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give how long each finished step took: `until` (day) and `days`, one row an application.

    Args:
        core: The core tables.
        state: The applications with their day `clock_on`.
    """
    decided = core[DECISION].filter(pl.col("decided_on").is_not_null())
    spans = {
        "wait_decision": (decided, "applied_on", "decided_on"),
        "wait_offer": (state, "clock_on", "taken_on"),
        "wait_move": (state, "taken_on", "moved_on"),
    }
    return {
        name: frame.filter(pl.col(start) <= pl.col(end)).select(
            until=end, days=(pl.col(end) - pl.col(start)).dt.total_days()
        )
        for name, (frame, start, end) in spans.items()
    }


def _wait_rows(
    month: int, waits: Mapping[str, pl.DataFrame], low: date, high: date
) -> Iterator[Row]:
    for measure, frame in waits.items():
        days = sorted(frame.filter(pl.col("until").is_between(low, high))["days"].to_list())
        yield {**_row(month, measure, "year", len(days)), "median_months": median_months(days)}


def median_months(days: Sequence[int]) -> float | None:
    """Give the median of waits in months with one decimal; None for fewer than ten.

    Args:
        days: Lengths in days, in ascending order.
    """
    if len(days) < LEAST_IN_MEDIAN:
        return None
    middle = (days[(len(days) - 1) // 2] + days[len(days) // 2]) / 2
    return round(middle / _MONTH_DAYS, 1)


def _stock_rows(month: int, state: pl.DataFrame, promise_months: int | None) -> list[Row]:
    """Count where applications are that are open at the end of a month."""
    high = _last_day(month)

    def by_then(column: str) -> pl.Expr:
        return (pl.col(column) <= high).fill_null(False)

    there = state.filter(by_then("applied_on") & ~by_then("closed_on"))
    listed = there.filter(by_then("listed_on") & ~by_then("taken_on"))
    counts = {
        "in_assessment": there.filter(~by_then("listed_on") & ~by_then("taken_on")).height,
        "on_list": listed.height,
        "home_in_sight": there.filter(by_then("taken_on")).height,
    }
    if promise_months is not None:
        # As the promise's clock counts: whole calendar months, the month of its start is 0.
        last = format_month(month - promise_months - 1)
        late = listed.filter(pl.col("clock_on").dt.strftime("%Y-%m") <= last)
        counts["over_promise"] = late.height
    return [_row(month, measure, "end", counts[measure]) for measure in STOCKS if measure in counts]


def _with_clock(state: pl.DataFrame, clock_start: str) -> pl.DataFrame:
    """Add the day on which the promise's clock starts; without a day of being ready, applying."""
    return state.with_columns(clock_on=pl.coalesce(_CLOCK[clock_start], "applied_on"))


def _first_years(
    lettings: pl.DataFrame, as_of: int, municipalities: Sequence[str], grounds: Iterable[str]
) -> list[Row]:
    """Count the homes let in the last two years and still lived in, per municipality.

    Where deliveries do not reach back so far, nothing is known.
    """
    low, high = _first_day(as_of - FIRST_MONTHS + 1), _last_day(as_of)
    earliest = lettings["moved_on"].min()
    if not isinstance(earliest, date) or earliest >= _first_day(as_of - FIRST_MONTHS + 2):
        return []
    lived_in = lettings.filter(
        pl.col("ground").is_in(list(grounds))
        & pl.col("moved_on").is_between(low, high)
        & pl.col("ended_on").is_null()
    )
    counts = {code: lived_in.filter(municipality_code=code).height for code in municipalities}
    counts[_ALL] = lived_in.height
    return [
        {**_row(as_of, FIRST_YEARS, "end", count), "municipality_code": code}
        for code, count in counts.items()
    ]


def _row(month: int, measure: str, period: str, count: int) -> Row:
    return {
        "month": format_month(month),
        "municipality_code": _ALL,
        "measure": measure,
        "period": period,
        "dwellings": count,
        "median_months": None,
    }


def _first_day(month: int) -> date:
    return date(year_of(month), month % MONTHS_PER_YEAR + 1, 1)


def _last_day(month: int) -> date:
    return _first_day(month + 1) - timedelta(days=1)
