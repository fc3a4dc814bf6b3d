"""The counts of the progress page: what happened, where applications are, how long steps took."""

import random
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from models.marts.progress import FIRST_YEARS, LEAST_IN_MEDIAN
from models.months import format_month
from pipelines.monthly_progress import MONTHS_KEPT, median_months, progress_rows
from tests.pipelines.core.rows import AS_OF, core

PLACES = ("GM0392", "GM0375")


Counted = dict[tuple[str, str, str, str], dict[str, Any]]
"""Rows by month, place, measure and period."""


def counted(**deliveries: list[dict[str, Any]]) -> Counted:
    """Count hand-made deliveries, with a promise of six months from approval."""
    return count_tables(core(**deliveries))


def count_tables(
    tables: dict[str, pl.DataFrame],
    *,
    promise_months: int | None = 6,
    clock_start: str = "approval",
) -> Counted:
    """Count core tables."""
    rows = progress_rows(
        tables,
        as_of=AS_OF,
        promise_months=promise_months,
        clock_start=clock_start,
        municipalities=PLACES,
        grounds=("outflow",),
    )
    keys = ("month", "municipality_code", "measure", "period")
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows)
    return found


def number(rows: dict, measure: str, period: str, ago: int = 0, place: str = "all") -> int | None:
    row = rows.get((format_month(AS_OF - ago), place, measure, period))
    return None if row is None else row["dwellings"]


def application(at: int, **facts: object) -> dict[str, Any]:
    return {"application_id": f"a{at}", "client_id": f"c{at}", **facts}


EARLY = application(0, applied_on="2023-01-02", approved_on="2023-02-01", moved_on="2023-03-01")
"""An application that makes the deliveries reach back far enough."""


@pytest.mark.unit
def test_each_event_counts_in_its_month_and_in_twelve_months_up_to_it() -> None:
    rows = counted(
        applications=[
            EARLY,
            application(
                1, applied_on="2026-10-01", assessed_on="2026-10-09", assessment="negative"
            ),
            application(2, applied_on="2025-11-01", approved_on="2025-11-20"),
            application(3, applied_on="2025-10-31", approved_on="2026-10-31"),
            application(
                4,
                applied_on="2026-01-05",
                approved_on="2026-02-01",
                offered_on="2026-10-02",
                offer_answer="refused_client",
            ),
            application(
                5,
                applied_on="2026-01-05",
                approved_on="2026-02-01",
                offered_on="2026-09-02",
                offer_answer="accepted",
                moved_on="2026-10-20",
            ),
            application(6, applied_on="2026-09-01", withdrawn_on="2026-10-30"),
            application(7, applied_on="2026-09-01", stage="interested"),
        ]
    )
    seen = {
        name: (number(rows, name, "month"), number(rows, name, "year"))
        for name in ("applied", "approved", "rejected", "offered", "moved", "withdrawn")
    }
    assert seen == {
        "applied": (1, 5),
        "approved": (1, 4),
        "rejected": (1, 1),
        "offered": (1, 2),
        "moved": (1, 1),
        "withdrawn": (1, 1),
    }
    assert number(rows, "refused_client", "month") == 1
    assert number(rows, "refused_association", "year") == 0


@pytest.mark.unit
def test_open_applications_are_in_one_place_each() -> None:
    rows = counted(
        applications=[
            EARLY,
            application(1, applied_on="2026-10-01"),
            application(2, applied_on="2025-11-01", approved_on="2025-11-20"),
            application(
                3,
                applied_on="2026-01-05",
                approved_on="2026-02-01",
                offered_on="2026-10-02",
                offer_answer="accepted",
            ),
            application(
                4,
                applied_on="2026-01-05",
                approved_on="2026-02-01",
                offered_on="2026-10-02",
                offer_answer="refused_provider",
            ),
        ]
    )
    assert len({month for month, *_ in rows}) == MONTHS_KEPT
    assert number(rows, "in_assessment", "end") == 1
    assert number(rows, "on_list", "end") == 2
    assert number(rows, "home_in_sight", "end") == 1
    assert number(rows, "on_list", "end", ago=1) == 3


@pytest.mark.unit
def test_late_is_more_whole_months_than_promised_from_where_the_clock_starts() -> None:
    days = {"ready_on": "2026-02-01", "applied_on": "2026-03-31"}
    late = application(1, **days, approved_on="2026-03-31")
    on_time = application(2, **days, approved_on="2026-04-30")
    tables = core(applications=[EARLY, late, on_time])
    counts = {
        clock: number(count_tables(tables, clock_start=clock), "over_promise", "end")
        for clock in ("approval", "application", "ready")
    }
    assert counts == {"approval": 1, "application": 2, "ready": 2}
    longer = count_tables(tables, promise_months=7, clock_start="ready")
    assert number(longer, "over_promise", "end") == 2
    assert number(count_tables(tables, promise_months=7), "over_promise", "end") == 0


@pytest.mark.unit
def test_without_a_promise_nothing_is_late_and_nothing_is_said_of_it() -> None:
    one = application(1, applied_on="2024-03-01", approved_on="2024-04-30")
    rows = count_tables(core(applications=[EARLY, one]), promise_months=None)
    assert number(rows, "on_list", "end") == 1
    assert number(rows, "over_promise", "end") is None


@pytest.mark.unit
def test_a_region_that_delivered_nothing_has_no_rows() -> None:
    assert counted() == {}


@pytest.mark.unit
def test_months_before_the_deliveries_have_no_rows_and_twelve_months_are_whole() -> None:
    rows = counted(applications=[application(1, applied_on="2025-12-03")])
    assert number(rows, "applied", "month", ago=10) == 1
    assert number(rows, "applied", "month", ago=11) is None
    assert number(rows, "applied", "year") is None
    longer = counted(applications=[application(1, applied_on="2025-11-03")])
    assert number(longer, "applied", "year") == 1
    assert number(longer, "applied", "year", ago=1) is None


@pytest.mark.unit
def test_a_median_stands_on_ten_applications_or_more() -> None:
    assert median_months(list(range(LEAST_IN_MEDIAN - 1))) is None
    assert median_months([30] * LEAST_IN_MEDIAN) == 1.0
    assert median_months([0] * 5 + [365] * 6) == 12.0
    assert median_months([0] * 5 + [365] * 5) == 6.0


@pytest.mark.unit
def test_the_wait_for_an_offer_counts_from_the_clock_to_an_offer_that_was_not_refused() -> None:
    def offered(at: int, answer: str) -> dict[str, Any]:
        return application(
            at,
            applied_on="2026-01-05",
            approved_on="2026-02-01",
            offered_on="2026-08-01",
            offer_answer=answer,
        )

    taken = [offered(at, "accepted") for at in range(1, 11)]
    rows = counted(applications=[EARLY, *taken, offered(11, "refused_client")])
    wait = rows[format_month(AS_OF), "all", "wait_offer", "year"]
    assert (wait["dwellings"], wait["median_months"]) == (10, 5.9)
    few = counted(applications=[EARLY, *taken[1:]])[
        format_month(AS_OF), "all", "wait_offer", "year"
    ]
    assert (few["dwellings"], few["median_months"]) == (9, None)


@pytest.mark.unit
def test_homes_of_the_last_two_years_count_while_somebody_lives_there() -> None:
    rows = counted(
        lettings=[
            {"moved_on": "2020-01-01"},
            {"moved_on": "2024-10-31"},
            {"moved_on": "2024-11-01"},
            {"moved_on": "2026-10-31", "municipality_code": "GM0375"},
            {"moved_on": "2025-05-01", "ended_on": "2026-03-01"},
            {"moved_on": "2025-05-01", "ground": "urgent"},
        ]
    )
    found = {place: number(rows, FIRST_YEARS, "end", place=place) for place in (*PLACES, "all")}
    assert found == {"GM0392": 1, "GM0375": 1, "all": 2}


@pytest.mark.unit
def test_lettings_that_do_not_reach_back_two_years_say_nothing_of_them() -> None:
    assert counted(lettings=[{"moved_on": "2025-01-01"}]) == {}


@pytest.mark.properties
def test_what_comes_and_goes_explains_every_change_of_what_is_there() -> None:
    dice = random.Random(6)
    applications = [EARLY]
    for at in range(1, 200):
        applied = date(2023, 1, 10) + timedelta(days=dice.randrange(1_350))
        days = [applied + timedelta(days=dice.randrange(20, 60))]
        days.append(days[0] + timedelta(days=dice.randrange(1, 300)))
        days.append(days[1] + timedelta(days=dice.randrange(1, 60)))
        names = ("approved_on", "offered_on", "moved_on")[: dice.randrange(4)]
        one = application(at, applied_on=applied.isoformat())
        one |= {name: day.isoformat() for name, day in zip(names, days, strict=False)}
        if "approved_on" not in names and dice.random() < 0.5:
            one |= {"assessed_on": days[0].isoformat(), "assessment": "negative"}
        applications.append(one)
    rows = counted(applications=applications)
    assert number(rows, "over_promise", "end")
    for ago in range(MONTHS_KEPT - 1):

        def change(measure: str, ago: int = ago) -> int:
            return number(rows, measure, "end", ago) - number(rows, measure, "end", ago + 1)

        def event(measure: str, ago: int = ago) -> int:
            return number(rows, measure, "month", ago)

        assert change("in_assessment") == event("applied") - event("approved") - event("rejected")
        assert change("on_list") == event("approved") - event("offered")
        assert change("home_in_sight") == event("offered") - event("moved")
        assert number(rows, "over_promise", "end", ago) <= number(rows, "on_list", "end", ago)
