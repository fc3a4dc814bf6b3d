"""Series: which periods are missing, and which rows have nothing to do with the envelope."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.results import schema_of
from pipelines.sources.series import Gaps, missing_periods, outside

pytestmark = pytest.mark.unit

FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)


def rows(contract: str, *given: dict[str, Any]) -> pl.DataFrame:
    schema = {
        name: kind for name, kind in schema_of(CONTRACTS[contract]).items() if name != "_file"
    }
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in given], schema=schema)


def capacity(*periods: str, facility: str = "F") -> list[dict[str, Any]]:
    return [{"facility_id": facility, "period": period} for period in periods]


ALL = tuple(f"{year}K{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4))


def gaps_of(*given: dict[str, Any], contract: str = "capacity") -> Gaps:
    return missing_periods(rows(contract, *given), CONTRACTS[contract], FIRST, LAST)


def test_a_whole_series_has_no_gaps() -> None:
    assert gaps_of(*capacity(*ALL)) == Gaps()


def test_a_quarter_inside_a_facility_is_missed_by_name() -> None:
    others = capacity(*ALL, facility="G")
    given = capacity("2024K1", "2024K2", "2024K4")
    assert gaps_of(*others, *given) == Gaps(("2024K3",), 1)


def test_a_facility_that_opened_later_or_closed_earlier_misses_nothing() -> None:
    assert gaps_of(*capacity(*ALL, facility="G"), *capacity("2024K3", "2024K4")) == Gaps()


def test_a_file_that_ends_before_its_envelope_does_misses_its_end_and_start() -> None:
    assert gaps_of(*capacity(*ALL[:-1])) == Gaps(("2025K4",), 1)
    assert gaps_of(*capacity(*ALL[1:])) == Gaps(("2024K1",), 1)


def test_more_than_two_of_twelve_are_counted_together() -> None:
    assert gaps_of(*capacity("2024K1", "2025K1", "2025K2", "2025K3", "2025K4")).most == 3


def test_a_year_without_a_row_is_missed() -> None:
    def stock(year: int, name: str = "A") -> dict[str, Any]:
        return {"association": name, "municipality_code": "GM0392", "year": year}

    given = [stock(year, name) for name in "AB" for year in (2024, 2025)]
    assert gaps_of(*given, contract="association_stock") == Gaps()
    assert gaps_of(*given[:1], contract="association_stock") == Gaps(("2025",), 1)


def registrations(per_month: int, *left_out: int) -> list[dict[str, Any]]:
    return [
        {"registered_on": date(2024 + month // 12, month % 12 + 1, 1 + day % 28)}
        for month in range(24)
        for day in range(per_month)
        if month not in left_out
    ]


def test_an_empty_month_between_full_ones_is_missed() -> None:
    assert gaps_of(*registrations(10), contract="intake") == Gaps()
    assert gaps_of(*registrations(10, 5), contract="intake") == Gaps(("2024-06",), 1)
    assert gaps_of(*registrations(10, 5, 6, 9), contract="intake").most == 3
    assert gaps_of(*registrations(10, *range(18, 24)), contract="intake").most == 6


def test_a_small_sender_may_have_empty_months() -> None:
    assert gaps_of(*registrations(3, 5, 6, 9), contract="intake") == Gaps()


def test_a_part_of_a_month_at_the_end_is_not_missed() -> None:
    given = rows("intake", *registrations(10, 23))
    until = date(2025, 12, 15)
    assert missing_periods(given, CONTRACTS["intake"], FIRST, until) == Gaps()


def test_an_event_belongs_when_it_touches_the_period() -> None:
    contract = CONTRACTS["stays"]
    day = timedelta(days=1)
    inside = [
        {"started_on": FIRST - 900 * day, "_row": 2},
        {"started_on": FIRST - 900 * day, "ended_on": FIRST, "_row": 3},
        {"started_on": LAST, "_row": 4},
    ]
    out = [
        {"started_on": FIRST - 900 * day, "ended_on": FIRST - day, "_row": 5},
        {"started_on": LAST + day, "_row": 6},
    ]
    found = outside(rows("stays", *inside, *out), contract, FIRST, LAST)
    assert found["_row"].to_list() == [5, 6]


def test_a_quarter_belongs_when_a_day_of_it_does() -> None:
    periods = ("2023K3", "2023K4", "2024K1", "2024K3", "2024K4")
    given = rows("capacity", *capacity(*periods))
    found = outside(given, CONTRACTS["capacity"], date(2023, 12, 31), date(2024, 7, 1))
    assert found["period"].to_list() == ["2023K3", "2024K4"]


def test_plans_and_agreements_are_never_outside() -> None:
    for name in ("capacity_plan", "agreements", "projects"):
        assert outside(rows(name, {}), CONTRACTS[name], FIRST, LAST).is_empty()


def test_no_rows_miss_nothing() -> None:
    for contract in CONTRACTS.values():
        assert missing_periods(rows(contract.name), contract, FIRST, LAST) == Gaps()


@pytest.mark.parametrize(
    ("first", "start"),
    [
        (date(2024, 1, 1), "2024K1"),
        (date(2024, 1, 2), "2024K2"),
        (date(2024, 2, 1), "2024K2"),
        (date(2024, 4, 1), "2024K2"),
        (date(2024, 4, 2), "2024K3"),
    ],
)
def test_the_first_quarter_to_expect_is_the_first_whole_one(first: date, start: str) -> None:
    after = rows("capacity", *capacity(*(period for period in ALL if period > start)))
    whole = rows("capacity", *capacity(*(period for period in ALL if period >= start)))
    assert missing_periods(whole, CONTRACTS["capacity"], first, LAST) == Gaps()
    assert missing_periods(after, CONTRACTS["capacity"], first, LAST).periods == (start,)
