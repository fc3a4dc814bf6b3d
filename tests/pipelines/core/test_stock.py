"""Association stock and monthly admissions in the core: which year, who came in, who did not."""

import polars as pl
import pytest

from models.errors import RefusedError
from models.months import parse_month
from tests.pipelines.core import rows
from tests.pipelines.core.rows import core

STOCK = {
    "association": "Ymere",
    "municipality_code": "GM0392",
    "dwellings": 9000,
    "relets": 600,
    "suitable_relets": None,
    "new_lettings": 12,
}


@pytest.fixture(autouse=True)
def stock_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rows.DEFAULTS, "association_stock", STOCK)


@pytest.mark.unit
def test_homes_let_belong_to_the_year_before_the_day_of_the_stock() -> None:
    given = [{"year": 2024}, {"year": 2025, "relets": 650}]
    table = core(association_stock=given)["core_stock__yearly"]
    assert table.select("stock_year", "flow_year", "relets").rows() == [
        (2024, 2023, 600),
        (2025, 2024, 650),
    ]
    assert table["suitable_relets"].null_count() == 2


@pytest.mark.unit
def test_stock_of_a_later_first_of_january_is_not_known_yet() -> None:
    given = [{"year": year} for year in (2022, 2023, 2024)]
    for text, expected in (("2022-12", [2022]), ("2023-01", [2022, 2023]), ("2026-10", None)):
        found = core(as_of=parse_month(text), association_stock=given)["core_stock__yearly"]
        assert found["stock_year"].to_list() == (expected or [2022, 2023, 2024])


@pytest.mark.unit
def test_stock_outside_the_region_is_refused() -> None:
    with pytest.raises(RefusedError, match="association_stock"):
        core(association_stock=[{"year": 2024, "municipality_code": "GM0363"}])


@pytest.mark.unit
def test_without_a_delivery_there_is_no_stock_and_no_admission() -> None:
    tables = core()
    assert tables["core_stock__yearly"].is_empty()
    assert tables["core_stay__admitted_monthly"].is_empty()


def admitted(stays: list[dict], **more: list[dict]) -> dict[str, int]:
    first = {"stays": parse_month("2026-01")}
    table = core(stays=stays, first_months=first, **more)["core_stay__admitted_monthly"]
    here = table.filter(target_group="shelter")
    assert here["month"].to_list() == [f"2026-{month:02d}" for month in range(1, 11)]
    came = here.filter(pl.col("admissions") > 0)
    return dict(came.select("month", "admissions").iter_rows())


@pytest.mark.unit
def test_people_who_came_into_a_place_are_counted_in_the_month_of_coming() -> None:
    stays = [{"started_on": day} for day in ("2026-02-03", "2026-02-28", "2026-09-01")]
    stays.append({"started_on": "2025-12-31"})
    assert admitted(stays) == {"2026-02": 2, "2026-09": 1}


@pytest.mark.unit
def test_moving_from_one_place_to_the_next_is_no_coming_in() -> None:
    one = {"client_id": "c", "started_on": "2026-01-10", "ended_on": "2026-05-20"}
    same = {"client_id": "c", "started_on": "2026-05-20", "facility_id": "F2"}
    later = {"client_id": "c", "started_on": "2026-08-01", "facility_id": "F2"}
    assert admitted([one, same]) == {"2026-01": 1}
    assert admitted([one, later]) == {"2026-01": 1, "2026-08": 1}
    twins = [{"client_id": "c", "started_on": "2026-03-01", "ended_on": "2026-03-20"}] * 2
    assert admitted(twins) == {"2026-03": 1}


@pytest.mark.unit
def test_who_comes_back_from_an_own_home_is_left_to_the_model() -> None:
    moved = {"client_id": "c", "applied_on": "2024-10-01", "moved_on": "2025-06-01"}
    back = {"client_id": "c", "started_on": "2026-04-01"}
    assert admitted([back], applications=[moved]) == {}
    assert admitted([{**back, "client_id": "d"}], applications=[moved]) == {"2026-04": 1}


@pytest.mark.unit
def test_the_intake_list_stands_beside_admissions_where_it_was_delivered() -> None:
    first = {"stays": parse_month("2026-06"), "intake": parse_month("2026-08")}
    tables = core(
        stays=[{"started_on": "2026-09-02"}],
        intake=[{"registered_on": "2026-09-10"}],
        first_months=first,
    )
    here = tables["core_stay__admitted_monthly"].filter(target_group="shelter")
    assert here["waiting"].to_list() == [None, None, 0, 1, 1]
