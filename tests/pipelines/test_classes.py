"""Classes: every table is declared in both, and no count of people is exact for everybody."""

import dataframely as dy
import pytest

from models.tables import MARTS
from pipelines.classes import (
    CLASSES,
    COUNTS,
    FROM_LETTINGS,
    HOMES_LET,
    OPENBAAR,
    PARTIJEN,
    TREATMENTS,
    exact_rows,
    rounded_columns,
    treatment,
)

pytestmark = pytest.mark.unit

NOT_COUNTED: dict[str, frozenset[str]] = {
    "agreements, caps and quotas": frozenset(
        [
            "agreed",
            "at_most",
            "bid",
            "cap",
            "cap_dwellings",
            "cumulative",
            "exact_homes",
            "group_total",
            "home",
            "homes",
            "households_for_a_home",
            "maximum",
            "minimum",
            "promise_months",
            "quota",
            "smallest_quota",
            "ten_year_homes",
            "ten_year_total",
            "total",
            "year_homes",
            "year_total",
            "yearly_homes",
            "short_homes",
            "bound",
            "extra_homes",
            "highest",
            "lowest",
        ]
    ),
    "places and projects": frozenset(
        [
            "bid_places",
            "building_places",
            "decided_places",
            "open_places",
            "places",
            "places_change",
            "unknown_places",
        ]
    ),
    "the run": frozenset(["draws", "seed", "unconfirmed_parameters", "perturbations"]),
    "order, version and place in a file": frozenset(
        ["column", "line", "number", "origins", "position", "rank", "row", "version", "warnings"]
    ),
    "time": frozenset(
        [
            "first_year",
            "last_year",
            "month",
            "months_covered",
            "months_passed",
            "of_months",
            "year",
            "counted_from_year",
            "first_year_broken",
            "horizon_years",
            "reference_first_year",
            "reference_last_year",
        ]
    ),
}
"""Whole numbers that are about nobody, by what they are; none of these is observed."""

QUOTA_HOMES = {
    ("mart_quota__range", "dwellings"),
    ("mart_quota__yearly_group", "dwellings"),
    ("mart_agreement__realised", "realised"),
}
"""Homes that are owed, or that the region itself published."""


def test_every_table_is_declared_in_every_class() -> None:
    assert set(TREATMENTS) == set(MARTS)
    assert all(set(each) == set(CLASSES) for each in TREATMENTS.values())


def test_only_columns_that_exist_are_declared() -> None:
    for table, each in TREATMENTS.items():
        columns = set(MARTS[table].column_names())
        for how in each.values():
            assert how.touched <= columns, table
            assert set(how.exact_where) <= columns, table
    for table, names in {**COUNTS, **HOMES_LET}.items():
        assert set(names) <= set(MARTS[table].column_names()), table


def test_every_whole_number_is_known_to_count_people_or_to_be_about_nobody() -> None:
    about_nobody = frozenset().union(*NOT_COUNTED.values())
    unknown = [
        (table, name)
        for table, schema in MARTS.items()
        for name, column in schema.columns().items()
        if isinstance(column, dy.Int32 | dy.Int64)
        and name not in COUNTS.get(table, ())
        and name not in about_nobody
        and (table, name) not in QUOTA_HOMES
    ]
    assert unknown == []


@pytest.mark.parametrize("table", sorted(COUNTS))
def test_nothing_that_counts_people_is_exact_for_everybody(table: str) -> None:
    how = treatment(table, OPENBAAR)
    assert how.dropped or set(COUNTS[table]) <= how.touched


@pytest.mark.parametrize("table", sorted(COUNTS))
def test_only_homes_let_are_exact_for_the_parties(table: str) -> None:
    how = treatment(table, PARTIJEN)
    people = set(COUNTS[table]) - set(HOMES_LET.get(table, ()))
    assert how.dropped or people <= how.touched


def test_where_people_come_from_never_leaves() -> None:
    assert all(treatment("mart_quota__origin", name).dropped for name in CLASSES)


def test_what_tells_the_homes_let_by_a_formula_is_a_table_of_quotas() -> None:
    assert all(name.startswith("mart_quota__") and name in MARTS for name in FROM_LETTINGS)


def test_a_table_that_nobody_declared_never_leaves_by_accident() -> None:
    with pytest.raises(KeyError):
        treatment("mart_new", OPENBAAR)


@pytest.mark.parametrize("name", CLASSES)
def test_the_manifest_names_rounded_columns_of_tables_that_leave(name: str) -> None:
    assert set(exact_rows(name)) <= set(rounded_columns(name))
    assert not any(treatment(table, name).dropped for table in rounded_columns(name))
