"""Homes of a quota that were not let: counted by year and reason, once their quarter has ended."""

import polars as pl
import pytest

from models.errors import RefusedError
from models.months import parse_month
from models.tables import shape_table
from pipelines.quota_parties import miss_rows
from tests.pipelines.core.rows import Row, core

pytestmark = pytest.mark.unit

HAARLEM, BEVERWIJK = "GM0392", "GM0375"


def miss(period: str, reason: str, dwellings: int, **more: str) -> Row:
    row = {"municipality_code": HAARLEM, "association": "Ymere", "period": period}
    return {**row, "reason": reason, "dwellings": dwellings, **more}


ROWS = [
    miss("2025K4", "no_vacancy", 2),
    miss("2026K1", "no_vacancy", 3),
    miss("2026K1", "no_vacancy", 1, association="Elan"),
    miss("2026K3", "no_care_ready", 4),
    miss("2026K3", "no_match", 5, municipality_code=BEVERWIJK),
    miss("2026K4", "no_match", 100),
]


def test_associations_and_quarters_of_a_year_are_added_up() -> None:
    assert core(misses=ROWS)["core_quota__miss"].rows() == [
        (2025, HAARLEM, "no_vacancy", 2),
        (2026, BEVERWIJK, "no_match", 5),
        (2026, HAARLEM, "no_care_ready", 4),
        (2026, HAARLEM, "no_vacancy", 4),
    ]


def test_a_quarter_counts_once_it_has_ended() -> None:
    later = core(as_of=parse_month("2026-12"), misses=ROWS)["core_quota__miss"]
    assert later["dwellings"].sum() == 115
    earlier = core(as_of=parse_month("2026-02"), misses=ROWS)["core_quota__miss"]
    assert earlier["dwellings"].sum() == 2


def test_a_municipality_that_the_region_does_not_know_is_refused() -> None:
    with pytest.raises(RefusedError, match="GM0363"):
        core(misses=[miss("2026K1", "no_match", 1, municipality_code="GM0363")])


def test_reasons_add_up_to_the_homes_missed_per_municipality_and_together() -> None:
    table = core(misses=ROWS)["core_quota__miss"]
    rows = miss_rows(table)
    for year in (2025, 2026):
        for code in {row["municipality_code"] for row in rows if row["year"] == year}:
            own = [r for r in rows if (r["year"], r["municipality_code"]) == (year, code)]
            assert len(own) == 4
            assert {row["missed"] for row in own} == {sum(row["dwellings"] for row in own)}
    together = [r for r in rows if (r["year"], r["municipality_code"]) == (2026, "all")]
    assert {row["reason"]: row["dwellings"] for row in together} == {
        "no_vacancy": 4,
        "no_candidate": 0,
        "no_match": 5,
        "no_care_ready": 4,
    }


def test_the_mart_is_as_declared_and_empty_without_deliveries() -> None:
    named = [
        {"region_id": "zuid", "municipality_name": None, **row}
        for row in miss_rows(core(misses=ROWS)["core_quota__miss"])
    ]
    assert shape_table("mart_quota__miss", pl.DataFrame(named)).height == 20
    assert miss_rows(core()["core_quota__miss"]) == []
