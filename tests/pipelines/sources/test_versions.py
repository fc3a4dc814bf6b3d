"""Comparing deliveries: what came, went and changed, and what of it was closed already."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.results import schema_of
from pipelines.sources.versions import Jump, capacity_jumps, compare

pytestmark = pytest.mark.unit

CLOSED = date(2026, 6, 30)
INTAKE = CONTRACTS["intake"]


def rows(contract: str, *given: dict[str, Any]) -> pl.DataFrame:
    schema = {
        name: kind for name, kind in schema_of(CONTRACTS[contract]).items() if name != "_file"
    }
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in given], schema=schema)


def registration(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "registration_id": f"r{number}",
        "client_id": f"c{number}",
        "target_group": "shelter",
        "registered_on": date(2026, 1 + number % 9, 3),
        "_row": number,
        **changes,
    }


def intake(*changes: dict[str, Any], count: int = 20) -> pl.DataFrame:
    told = {change["at"]: change for change in changes}
    made = [registration(at, **told.get(at, {})) for at in range(count)]
    return rows("intake", *made)


def test_the_same_rows_in_another_order_and_place_differ_in_nothing() -> None:
    before = intake()
    now = before.sample(fraction=1, shuffle=True, seed=1).with_columns(_row=pl.col("_row") + 9)
    found = compare(before, now, INTAKE, CLOSED)
    assert (found.added, found.removed, found.changed, found.cells_changed) == (0, 0, 0, 0)
    assert found.closed_share == 0
    assert found.closed_cells > 0


def test_rows_that_come_and_go_are_told_by_their_key() -> None:
    found = compare(intake(count=20), intake(count=23).tail(21), INTAKE, CLOSED)
    assert (found.rows_before, found.added, found.removed, found.changed) == (20, 3, 2, 0)


def test_each_changed_cell_counts_once() -> None:
    now = intake({"at": 0, "target_group": "youth", "client_id": "x"}, {"at": 3, "client_id": "y"})
    found = compare(intake(), now, INTAKE, CLOSED)
    assert (found.changed, found.cells_changed, found.closed_changed) == (2, 3, 3)


def test_what_happened_since_continues_a_row_and_revises_nothing() -> None:
    since = {"left_on": date(2026, 7, 9), "left_reason": "withdrawn"}
    now = intake({"at": 0, **since}, {"at": 1, "admitted_on": date(2026, 8, 1)})
    found = compare(intake(), now, INTAKE, CLOSED)
    assert (found.changed, found.cells_changed, found.closed_changed) == (2, 3, 0)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"admitted_on": date(2026, 5, 1)}, {"admitted_on": date(2026, 5, 2)}),
        ({"admitted_on": date(2026, 5, 1)}, {}),
        ({}, {"admitted_on": date(2026, 5, 1)}),
        ({"admitted_on": date(2026, 5, 1)}, {"admitted_on": date(2026, 8, 1)}),
        ({}, {"birth_year": 1980}),
        ({"birth_year": 1980}, {}),
    ],
)
def test_a_day_or_value_of_the_closed_past_that_becomes_another_is_a_revision(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    old, new = intake({"at": 0, **before}), intake({"at": 0, **now})
    assert compare(old, new, INTAKE, CLOSED).closed_changed == 1


def test_rows_of_periods_that_were_open_then_revise_nothing() -> None:
    late = {"registered_on": date(2026, 7, 2)}
    old = rows("intake", registration(1, **late), registration(2, **late))
    new = rows("intake", registration(1, **late, target_group="youth"), registration(3, **late))
    found = compare(old, new, INTAKE, CLOSED)
    assert (found.added, found.removed, found.changed) == (1, 1, 1)
    assert (found.closed_cells, found.closed_changed) == (0, 0)


def test_a_whole_other_past_differs_whole() -> None:
    old, new = intake(count=9), intake(count=18).tail(9)
    found = compare(old, new, INTAKE, date(2026, 12, 31))
    assert found.closed_share == 1


def test_a_quarter_is_closed_once_it_has_ended() -> None:
    def quarter(period: str, places: int) -> dict[str, Any]:
        return {"facility_id": "F", "period": period, "places": places}

    old = rows("capacity", quarter("2026K2", 10), quarter("2026K3", 10))
    new = rows("capacity", quarter("2026K2", 11), quarter("2026K3", 11))
    assert compare(old, new, CONTRACTS["capacity"], CLOSED).closed_changed == 1
    assert compare(old, new, CONTRACTS["capacity"], date(2026, 6, 29)).closed_changed == 0
    assert compare(old, new, CONTRACTS["capacity"], date(2026, 9, 30)).closed_changed == 2


def test_every_contract_can_be_compared_with_itself() -> None:
    for contract in CONTRACTS.values():
        empty = rows(contract.name)
        assert compare(empty, empty, contract, CLOSED).closed_share == 0


def test_places_that_jump_tenfold_or_fall_to_none_are_told_by_facility() -> None:
    def capacity(**places: int) -> pl.DataFrame:
        told = [
            {"facility_id": name, "period": period, "places": count}
            for name, count in places.items()
            for period, count in (("2026K1", 5), ("2026K2", count))
        ]
        return rows("capacity", *told)

    old = capacity(a=24, b=24, c=24, d=24, e=24, f=0, gone=3)
    new = capacity(a=240, b=2, c=0, d=239, e=3, f=50, fresh=500)
    assert capacity_jumps(old, new) == [Jump("a", 24, 240), Jump("b", 24, 2), Jump("c", 24, 0)]
