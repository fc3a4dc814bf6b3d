"""Claims per 100 homes that come free: known, unknown and none are three things."""

import polars as pl
import pytest

from models.quota.vacancies import CLAIMS, claim_table
from pipelines.sources.contracts import GROUNDS

A, B = "GM0375", "GM0392"

pytestmark = pytest.mark.unit


def lettings(*rows: tuple[int, int, str, str, int]) -> pl.DataFrame:
    kinds = {"year": pl.Int32, "months_covered": pl.Int32, "municipality_code": pl.String,
             "ground": pl.String, "dwellings": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row")


def supply(*rows: tuple[int, str, str, str, bool, float]) -> pl.DataFrame:
    kinds = {"year": pl.Int32, "municipality_code": pl.String, "association": pl.String,
             "measure": pl.String, "is_forecast": pl.Boolean, "mean": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row")


def free(year: int, code: str, relets: float, suitable: float | None, ahead: bool = False):
    rows = [(year, code, "all", "relets", ahead, relets), (year, code, "X", "relets", ahead, 1.0)]
    if suitable is not None:
        rows.append((year, code, "all", "suitable_relets", ahead, suitable))
    return rows


LET = lettings(
    (2024, 12, A, "outflow", 10),
    (2025, 12, A, "outflow", 12),
    (2025, 12, B, "outflow", 20),
    (2025, 12, B, "status_holder", 40),
    (2026, 10, A, "outflow", 99),
    (2026, 10, A, "urgent", 99),
)
FREE = supply(
    *free(2025, A, 200.0, 100.0),
    *free(2025, B, 400.0, 200.0),
    *free(2025, "all", 600.0, 300.0),
    *free(2026, A, 210.0, 105.0, ahead=True),
    *free(2027, A, 250.0, None, ahead=True),
    *free(2027, "all", 650.0, 325.0, ahead=True),
)


def row(year: int, code: str, claim: str, table: pl.DataFrame) -> dict[str, object]:
    return table.filter(year=year, municipality_code=code, claim=claim).row(0, named=True)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return claim_table(LET, FREE, {A: 13, B: 26}, coming_year=2027)


def test_claims_are_those_of_the_deliveries() -> None:
    assert set(CLAIMS) == set(GROUNDS)


def test_homes_let_are_held_against_100_that_came_free(table: pl.DataFrame) -> None:
    found = row(2025, A, "outflow", table)
    assert (found["per_100_relets"], found["per_100_suitable"]) == (6.0, 12.0)
    region = row(2025, "all", "status_holder", table)
    assert (region["dwellings"], region["per_100_suitable"]) == (40, pytest.approx(40 / 3))


def test_a_ground_that_the_region_delivers_is_none_where_nobody_was_let_a_home(
    table: pl.DataFrame,
) -> None:
    assert row(2025, A, "status_holder", table)["dwellings"] == 0
    assert row(2025, A, "status_holder", table)["per_100_suitable"] == 0.0


def test_a_ground_that_was_not_delivered_or_not_yet_is_unknown_and_not_none(
    table: pl.DataFrame,
) -> None:
    for year, claim in ((2025, "regular"), (2025, "urgent"), (2024, "status_holder")):
        found = row(year, "all", claim, table)
        assert found["dwellings"] is None
        assert found["per_100_suitable"] is None


def test_homes_that_came_free_may_be_unknown_too(table: pl.DataFrame) -> None:
    found = row(2024, A, "outflow", table)
    assert (found["dwellings"], found["relets"], found["per_100_relets"]) == (10, None, None)


def test_a_year_that_is_not_whole_is_left_out(table: pl.DataFrame) -> None:
    assert table["year"].unique().sort().to_list() == [2024, 2025, 2027]


def test_in_the_coming_year_only_the_quota_is_known(table: pl.DataFrame) -> None:
    ahead = table.filter(year=2027, municipality_code="all")
    assert ahead["is_expected"].all()
    known = ahead.filter(pl.col("dwellings").is_not_null())
    assert known["claim"].to_list() == ["outflow"]
    assert known["per_100_suitable"].to_list() == [12.0]
    town = row(2027, A, "outflow", table)
    assert (town["dwellings"], town["per_100_relets"], town["per_100_suitable"]) == (13, 5.2, None)


def test_a_quota_that_is_not_known_everywhere_gives_no_regional_claim() -> None:
    found = claim_table(LET, FREE, {A: 13, B: None}, coming_year=2027)
    assert row(2027, "all", "outflow", found)["dwellings"] is None


def test_without_deliveries_all_is_unknown() -> None:
    found = claim_table(lettings(), supply(), {A: None}, coming_year=2027)
    assert found["dwellings"].null_count() == found.height
    assert found["year"].unique().to_list() == [2027]
