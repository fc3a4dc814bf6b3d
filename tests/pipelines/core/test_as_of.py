"""The as-of month: what came later changes nothing, and how far deliveries reach."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

from models.errors import RefusedError
from models.months import format_month, parse_month
from pipelines.core import build_core, first_complete_month, last_complete_month
from tests.pipelines.core.rows import (
    AS_OF,
    ENDING_BY_AGE,
    GROUPS,
    MUNICIPALITIES,
    Row,
    day,
    frame,
)

FIRST, LAST = day("2024-01-01"), day("2026-10-31")


class _Chance:
    """Random deliveries of a small region, coherent as the door would let them through."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def day(self, after: date = FIRST, *, share: float = 1.0, within: int = 400) -> date | None:
        if self.random.random() >= share:
            return None
        later = after + timedelta(days=self.random.randrange(within))
        return later if later <= LAST else None

    def one_of(self, *values: Any) -> Any:
        return self.random.choice(values)

    def deliveries(self) -> dict[str, pl.DataFrame]:
        persons = range(80)
        stays, intake, applications, lettings = [], [], [], []
        for person in persons:
            who = {
                "client_id": f"client-{person}",
                "target_group": self.one_of(*GROUPS),
                "birth_year": self.one_of(1980, 2006, 2007, None),
            }
            started = self.day(within=600)
            while started is not None and self.random.random() < 0.8:
                ended = self.day(started, share=0.7)
                ready = self.day(started, share=0.5)
                ready = ready if ready is None or ended is None else min(ready, ended)
                stays.append(
                    {
                        **who,
                        "started_on": started,
                        "ready_on": ready,
                        "ended_on": ended,
                        "complexity": self.one_of("single", "complex", None),
                        "destination": self.one_of(None, "own_home", "own_home", "other_care"),
                    }
                )
                started = None if ended is None else self.day(ended, share=0.5)
            for _ in range(self.random.randrange(3)):
                intake.append(self._registration(who))
                applications.append(self._application(who))
        for number, row in enumerate(applications, start=1):
            if row["moved_on"] is not None:
                lettings.append(self._letting(row["moved_on"], f"applications-{number}"))
        return {
            "capacity": frame("capacity", *self._capacity()),
            "capacity_plan": frame(
                "capacity_plan", {"facility_id": "F1", "effective_month": "2027-01"}
            ),
            "stays": frame("stays", *stays),
            "intake": frame("intake", *intake),
            "applications": frame("applications", *applications),
            "lettings": frame("lettings", *lettings),
            "projects": frame("projects", {"project_id": "p"}),
            "agreements": frame("agreements", *self._agreements()),
            "association_stock": frame("association_stock", *self._stock()),
        }

    def _agreements(self) -> list[Row]:
        return [
            {"agreement_id": f"a{number}", "decided_on": self.day(within=1000) or LAST}
            for number in range(8)
        ]

    def _stock(self) -> list[Row]:
        return [
            {
                "association": association,
                "municipality_code": "GM0392",
                "year": year,
                "dwellings": self.random.randrange(900, 1000),
                "relets": self.random.randrange(90),
            }
            for association in ("A", "B")
            for year in (2024, 2025, 2026)
        ]

    def _capacity(self) -> list[Row]:
        return [
            {
                "facility_id": facility,
                "period": f"{year}K{quarter}",
                "places": self.random.randrange(20),
                "target_group": group,
            }
            for facility, group in (("F1", "shelter"), ("F2", "youth"))
            for year in (2024, 2025, 2026)
            for quarter in (1, 2, 3, 4)
        ]

    def _registration(self, who: Row) -> Row:
        registered = self.day(within=900) or FIRST
        left = self.day(registered, share=0.4)
        return {
            **who,
            "registered_on": registered,
            "indicated_on": self.day(registered),
            "admitted_on": self.day(registered, share=0.4) if left is None else None,
            "left_on": left,
            "left_reason": self.one_of("withdrawn", "home_with_support", None) if left else None,
        }

    def _application(self, who: Row) -> Row:
        applied = self.day(within=900) or FIRST
        assessed = self.day(applied, share=0.9, within=60)
        outcome = self.one_of("positive", "positive", "positive", "negative", "returned")
        is_positive = assessed is not None and outcome == "positive"
        approved = self.day(assessed, within=30) if is_positive and assessed else None
        offered = self.day(approved, share=0.7) if approved else None
        answer = self.one_of("accepted", "accepted", "refused_client", None) if offered else None
        moved = self.day(offered, within=90) if offered and answer == "accepted" else None
        withdrawn = self.day(applied, share=0.2) if moved is None else None
        return {
            **who,
            "applied_on": applied,
            "stage": self.one_of("applied", "applied", None, "interested"),
            "ready_on": self.one_of(applied, None),
            "priority_class": self.one_of("Spoed", "gewoon", None),
            "product": self.one_of("independent", "independent", "in_between"),
            "assessment_table": self.one_of("Noord", "Zuid", None),
            "assessed_on": assessed,
            "assessment": outcome if assessed else None,
            "approved_on": approved,
            "offered_on": offered,
            "offer_answer": answer,
            "moved_on": moved,
            "withdrawn_on": withdrawn,
            "withdrawn_reason": self.one_of("expired", None) if withdrawn else None,
        }

    def _letting(self, moved: date, application: str) -> Row:
        return {
            "application_id": application,
            "municipality_code": self.one_of("GM0392", "GM0375"),
            "moved_on": moved,
            "flip_on": self.day(moved, share=0.3),
            "ended_on": self.day(moved, share=0.3),
            "end_reason": self.one_of("given_up", "evicted"),
        }


EXPLAINS = {
    "left_reason": ("left_on", "admitted_on"),
    "destination": ("ended_on", "ready_on"),
    "assessment": ("assessed_on",),
    "offer_answer": ("offered_on",),
    "withdrawn_reason": ("withdrawn_on",),
    "end_reason": ("ended_on",),
}
"""Column -> the day that it belongs to: the first of these that is there."""

STARTS = {
    "stays": ("started_on",),
    "intake": ("registered_on",),
    "applications": ("applied_on",),
    "lettings": ("offered_on", "accepted_on", "moved_on"),
}


def forget(table: pl.DataFrame, contract: str, last: date, what: Callable[[], Any]) -> pl.DataFrame:
    """Rewrite everything after a day: later rows go, later dates become what `what` says."""
    if contract == "capacity":
        quarter = f"{last.year}K{last.month // 3}"
        return table.filter(pl.col("period") <= quarter)
    if contract == "association_stock":
        return table.filter(pl.date("year", 1, 1) <= last)
    if contract == "agreements":
        return table.filter(pl.col("decided_on") <= last)
    if contract not in STARTS:
        return table
    rows = []
    for row in table.iter_rows(named=True):
        starts = [row[name] for name in STARTS[contract] if row[name] is not None]
        if min(starts) > last:
            continue
        new = dict(row)
        for name, value in row.items():
            if isinstance(value, date) and value > last:
                new[name] = what() if name not in STARTS[contract] else value + timedelta(days=9)
        for name, days in EXPLAINS.items():
            if name in row:
                told = next((row[one] for one in days if row.get(one) is not None), None)
                if told is not None and told > last:
                    new[name] = None
        rows.append(new)
    return pl.DataFrame(rows, schema=table.schema, orient="row")


def build(accepted: dict[str, pl.DataFrame], as_of: int) -> dict[str, pl.DataFrame]:
    """Build the core of the random region."""
    first = {"intake": parse_month("2024-01"), "applications": parse_month("2024-01")}
    return build_core(
        accepted,
        MUNICIPALITIES,
        as_of=as_of,
        target_groups=GROUPS,
        first_months=first,
        ending_by_age=ENDING_BY_AGE,
    )


@cache
def delivered(seed: int) -> dict[str, pl.DataFrame]:
    """Give the random region of a seed; tables never change."""
    return _Chance(seed).deliveries()


@cache
def built(seed: int, as_of: int) -> dict[str, pl.DataFrame]:
    """Build the core of the random region of a seed, once for all tests that look at it."""
    return build(delivered(seed), as_of)


@pytest.mark.properties
@pytest.mark.parametrize(("seed", "text"), [(1, "2024-09"), (2, "2025-06"), (3, "2026-03")])
def test_nothing_that_happened_after_the_as_of_month_changes_anything(seed: int, text: str) -> None:
    as_of = parse_month(text)
    last = day(f"{format_month(as_of + 1)}-01") - timedelta(days=1)
    accepted, seen = delivered(seed), built(seed, as_of)
    for what in (lambda: None, lambda: last + timedelta(days=1), lambda: day("2030-01-01")):
        rewritten = {name: forget(table, name, last, what) for name, table in accepted.items()}
        assert any(not rewritten[name].equals(accepted[name]) for name in STARTS)
        again = build(rewritten, as_of)
        for name, table in seen.items():
            assert table.equals(again[name]), name


@pytest.mark.properties
@pytest.mark.parametrize(("seed", "text"), [(1, "2024-09"), (2, "2025-06"), (3, "2026-03")])
def test_no_day_after_the_as_of_month_is_left_in_any_table(seed: int, text: str) -> None:
    """But for what looks ahead by its nature, which no table holds as a day."""
    as_of = parse_month(text)
    last = day(f"{format_month(as_of + 1)}-01") - timedelta(days=1)
    accepted, tables = delivered(seed), built(seed, as_of)
    held = {
        name: [key for key, kind in table.schema.items() if kind == pl.Date]
        for name, table in tables.items()
    }
    assert sum(len(days) for days in held.values()) > 20
    for name, days in held.items():
        latest = [tables[name][key].max() for key in days]
        assert all(found is None or found <= last for found in latest), name
    known = {name for name, table in accepted.items() if table.height}
    assert known >= {"association_stock", "agreements", *STARTS}


@pytest.mark.unit
def test_an_agreement_is_there_from_the_day_it_was_decided_on() -> None:
    rows = [
        {"agreement_id": "before", "decided_on": "2026-10-31", "from": "2027-01-01"},
        {"agreement_id": "after", "decided_on": "2026-11-01", "from": "2026-01-01"},
    ]
    tables = build({"agreements": frame("agreements", *rows)}, AS_OF)
    assert tables["core_agreement"].select("agreement_id", "valid_from").rows() == [
        ("before", "2027-01")
    ]


@pytest.mark.properties
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_what_is_said_of_a_month_stays_the_same_in_later_months(seed: int) -> None:
    accepted = _Chance(seed).deliveries()
    today = build(accepted, AS_OF)
    series = [name for name in today if name.endswith(("monthly", "quarterly", "__list"))]
    assert len(series) == 9
    for text in ("2024-09", "2025-06", "2026-03"):
        then = build(accepted, parse_month(text))
        for name in series:
            assert today[name].filter(pl.col("month") <= text).equals(then[name]), name


@pytest.mark.properties
@pytest.mark.parametrize(("seed", "text"), [(7, "2025-01"), (8, "2026-10"), (9, "2026-10")])
def test_every_open_stay_is_counted_once_and_lists_agree(seed: int, text: str) -> None:
    tables = build(_Chance(seed).deliveries(), parse_month(text))
    applications, stays = tables["core_application__open"], tables["core_stay__open"]
    blocked = applications.filter("blocks_place")["applications"].sum()
    assert stays["persons"].sum() + blocked == tables["core_stay__current"].height
    on_list = applications.filter(state="on_list")["applications"].sum()
    listed = tables["core_application__list_monthly"]["applications"].to_list()
    assert on_list == listed[-1]
    waiting = tables["core_intake__waiting"]["persons"].sum()
    assert waiting == tables["core_intake__list_monthly"]["persons"].to_list()[-1]


@pytest.mark.unit
def test_the_order_of_the_rows_delivered_changes_nothing() -> None:
    accepted = _Chance(7).deliveries()
    mixed = {
        name: table.sample(fraction=1, shuffle=True, seed=3) for name, table in accepted.items()
    }
    seen, again = build(accepted, AS_OF), build(mixed, AS_OF)
    assert all(table.equals(again[name]) for name, table in seen.items())


@pytest.mark.unit
def test_the_last_complete_month_follows_the_envelopes() -> None:
    assert last_complete_month({}, period_to=[day("2026-09-30"), day("2026-10-31")]) == AS_OF
    assert last_complete_month({}, period_to=[day("2026-10-30")]) == AS_OF - 1
    accepted = {"intake": frame("intake", {"registered_on": "2026-12-01"})}
    assert last_complete_month(accepted, period_to=[day("2026-10-31")]) == AS_OF


@pytest.mark.unit
def test_without_envelopes_a_month_is_complete_once_its_last_day_is_known() -> None:
    intake = frame("intake", {"registered_on": "2026-01-01", "admitted_on": "2026-10-30"})
    capacity = frame("capacity", {"facility_id": "F1", "period": "2026K3"})
    agreements = frame("agreements", {"agreement_id": "a"})
    known = {"intake": intake, "capacity": capacity, "agreements": agreements}
    assert last_complete_month(known) == parse_month("2026-09")
    stays = frame("stays", {"started_on": "2026-10-31"})
    assert last_complete_month({**known, "stays": stays}) == AS_OF
    assert last_complete_month({"capacity": capacity}) == parse_month("2026-09")
    with pytest.raises(RefusedError, match="do not say up to which month"):
        last_complete_month({"agreements": agreements})


@pytest.mark.unit
def test_the_first_complete_month_is_covered_from_its_first_day() -> None:
    assert first_complete_month([day("2018-05-01"), day("2017-01-01")]) == parse_month("2017-01")
    assert first_complete_month([day("2017-12-02")]) == parse_month("2018-01")
