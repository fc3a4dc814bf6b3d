"""Person-led overrides: who housed somebody of another municipality, and who was relieved."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.quota.overrides import override_table, overrides_by_municipality

CODES = ("GM0375", "GM0392", "GM0453")


def origin(*rows: tuple[int, str, str, int, int]) -> pl.DataFrame:
    columns = ("year", "origin_code", "home_code", "dwellings", "network_led")
    kinds = {"year": pl.Int32, "origin_code": pl.String, "home_code": pl.String,
             "dwellings": pl.Int64, "network_led": pl.Int64}  # fmt: skip
    assert tuple(kinds) == columns
    return pl.DataFrame(rows, schema=kinds, orient="row")


@pytest.mark.unit
def test_one_more_for_who_houses_and_one_fewer_for_where_the_person_came_from() -> None:
    table = origin((2025, "GM0375", "GM0392", 3, 2), (2025, "GM0392", "GM0392", 9, 0))
    assert overrides_by_municipality(table, CODES) == {
        2025: {"GM0375": -2, "GM0392": 2, "GM0453": 0}
    }
    every = overrides_by_municipality(table, CODES, counted="dwellings")
    assert every == {2025: {"GM0375": -3, "GM0392": 3, "GM0453": 0}}


@pytest.mark.unit
def test_people_from_outside_the_quota_region_or_of_unknown_origin_change_no_account() -> None:
    table = origin(
        (2025, "elsewhere", "GM0392", 3, 3),
        (2025, "unknown", "GM0392", 2, 0),
        (2025, "GM0394", "GM0392", 1, 1),
        (2025, "GM0392", "GM0394", 1, 1),
    )
    assert set(overrides_by_municipality(table, CODES)[2025].values()) == {0}
    housed = override_table(table, CODES).filter(municipality_code="GM0392")
    assert housed["housed"].to_list() == [6]
    assert housed["housed_for_others"].to_list() == [0]


@pytest.mark.unit
def test_what_was_let_before_a_municipality_joined_changes_no_account() -> None:
    """GM0453 shares the quota from 2020 on: what it did in 2018 is nobody's debt or credit."""
    moves = (("GM0453", "GM0392", 3, 2), ("GM0392", "GM0453", 1, 1), ("GM0375", "GM0392", 4, 4))
    table = origin(*((year, *move) for year in (2018, 2020) for move in moves))
    members = {2018: frozenset({"GM0375", "GM0392"})}
    for found in (
        overrides_by_municipality(table, CODES, members=members),
        overrides_by_municipality(table.reverse(), CODES, members=members),
    ):
        assert found == {
            2018: {"GM0375": -4, "GM0392": 4},
            2020: {"GM0375": -4, "GM0392": 5, "GM0453": -1},
        }
    rows = override_table(table, CODES, members=members)
    assert rows.filter(municipality_code="GM0453")["year"].to_list() == [2020]
    assert rows.filter(municipality_code="GM0392")["housed"].to_list() == [7, 7]


@pytest.mark.unit
def test_without_lettings_there_is_no_account() -> None:
    assert overrides_by_municipality(origin(), CODES) == {}


places = st.sampled_from([*CODES, "elsewhere", "unknown"])
moves = st.lists(
    st.tuples(
        st.integers(2023, 2025), places, st.sampled_from(CODES), st.integers(1, 20), st.just(0)
    ),
    max_size=12,
    unique_by=lambda row: row[:3],
)


@pytest.mark.properties
@given(moves, st.sampled_from(["network_led", "dwellings"]))
def test_every_year_sums_to_nothing(
    rows: list[tuple[int, str, str, int, int]], counted: str
) -> None:
    led = origin(*((*row[:4], row[3] // 2) for row in rows))
    found = overrides_by_municipality(led, CODES, counted=counted)
    assert all(sum(homes.values()) == 0 for homes in found.values())
    assert all(set(homes) == set(CODES) for homes in found.values())
