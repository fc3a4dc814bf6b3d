"""Tests of the homes missed in the example: they add up, and disturb nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from pipelines.example_data.dice import Dice, Stream
from pipelines.example_data.housing import shares_of
from pipelines.example_data.law import Law, read_law
from pipelines.example_data.misses import asked_until, ended_quarters, make_misses
from pipelines.example_data.rows import ASSOCIATIONS, Deliveries, make_deliveries
from pipelines.example_data.world import World

pytestmark = pytest.mark.unit

MISSES = ("misses", ASSOCIATIONS)
REASONS = {"no_vacancy", "no_candidate", "no_match", "no_care_ready"}


def test_a_year_that_is_over_has_four_quarters_and_the_last_one_those_that_ended() -> None:
    assert ended_quarters(2025, date(2026, 10, 31)) == 4
    assert ended_quarters(2026, date(2026, 10, 31)) == 3
    assert ended_quarters(2026, date(2026, 12, 31)) == 4
    assert ended_quarters(2026, date(2026, 3, 30)) == 0
    assert ended_quarters(2026, date(2026, 3, 31)) == 1
    assert [asked_until(9, quarters) for quarters in range(5)] == [0, 2, 4, 6, 9]


def test_the_reasons_add_up_to_what_was_asked_and_not_let(deliveries: Deliveries, law: Law) -> None:
    """Count anew from the delivered rows: homes asked, less homes let until the last quarter."""
    lettings = [row for (name, _), rows in deliveries.items() if name == "lettings" for row in rows]
    good = {row["letting_id"]: row for row in lettings if row["application_id"] is not None}
    let = Counter(
        (moved.year, str(row["municipality_code"]))
        for row in good.values()
        if isinstance(moved := row["moved_on"], date) and moved <= date(2026, 9, 30)
    )
    told: Counter[tuple[int, str]] = Counter()
    for row in deliveries[MISSES]:
        homes = row["dwellings"]
        assert isinstance(homes, int) and homes > 0
        told[int(str(row["period"])[:4]), str(row["municipality_code"])] += homes

    expected = {
        (year, code): short
        for year in (2023, 2024, 2025, 2026)
        for code, yearly in law.misses["asked"].items()
        if (short := (yearly if year < 2026 else yearly * 3 // 4) - let[year, code]) > 0
    }
    assert dict(told) == expected
    assert len(expected) > 4


def test_what_is_asked_adds_up_to_the_published_maximum(law: Law) -> None:
    assert sum(law.misses["asked"].values()) == 178
    assert set(law.misses["asked"]) == set(law.weights["homes_by_municipality"])
    assert set(law.misses["reasons"]) == REASONS
    assert sum(law.misses["reasons"].values()) == pytest.approx(1)


def test_every_miss_is_told_once_by_an_association_of_the_municipality(
    deliveries: Deliveries, law: Law
) -> None:
    rows = deliveries[MISSES]
    keys = [
        (row["municipality_code"], row["association"], row["period"], row["reason"]) for row in rows
    ]

    assert len(keys) == len(set(keys))
    for row in rows:
        assert row["association"] in shares_of(law, str(row["municipality_code"]))
        assert "2023K1" <= str(row["period"]) <= "2026K3"
    assert {row["reason"] for row in rows} == REASONS


def test_the_misses_disturb_no_other_delivery(
    world: World, law: Law, deliveries: Deliveries
) -> None:
    without = make_deliveries(replace(world, law=replace(law, misses={})), law.seed)

    assert MISSES not in without
    assert without == {name: rows for name, rows in deliveries.items() if name != MISSES}


def test_a_law_without_misses_tells_of_none(world: World) -> None:
    silent = read_law("alkmaar")

    assert make_misses(silent, world.records, Dice(1, Stream.MISSES)) == []
