"""What everybody may know: rules by class, closed periods, sums and names of counts."""

import pytest

from models.attack import Relation
from models.months import parse_month
from models.tables import MARTS
from pipelines.attack.knowledge import (
    FORMULAS,
    OWN_TABLES,
    Issue,
    Rule,
    count_name,
    guesses,
    is_closed,
    is_pace,
    relations,
    rule_of,
)
from pipelines.attack.language import CALCULATED, EXPECTED, KNOWN, OWED
from pipelines.attack.readings import Cell

pytestmark = pytest.mark.unit

PARTIES = Issue("partijen", parse_month("2026-10"), 5)
PUBLIC = Issue("openbaar", parse_month("2026-10"), 5)
HOMES = Cell("mart_quota__progress", "2026/GM0392", "realised")
PEOPLE = Cell("mart_progress__monthly", "2026-10/all/applied/month", "dwellings")


@pytest.mark.parametrize(
    ("cell", "words", "parties", "public"),
    [
        (HOMES, (), Rule.EXACT, Rule.ROUNDED),
        (PEOPLE, (), Rule.ROUNDED, Rule.ROUNDED),
        (Cell("mart_progress__monthly", "2026-10/GM0392/first_two_years/end", "dwellings"), (),
         Rule.EXACT, Rule.ROUNDED),
        (Cell("mart_quota__origin", "2026/GM0392/GM0394", "dwellings"), (),
         Rule.DROPPED, Rule.DROPPED),
        (Cell("mart_quota__claim", "2027/all/outflow", "dwellings"), ("Uitstroom", OWED),
         Rule.NO_COUNT, Rule.NO_COUNT),
        (Cell("mart_wait__monthly_list", "2027-01/housing_list", "mean"), (),
         Rule.NO_COUNT, Rule.NO_COUNT),
        (Cell("mart_wait__monthly_list", "2026-01/housing_list", "mean"), (KNOWN,),
         Rule.ROUNDED, Rule.ROUNDED),
        (Cell("inflow", "sheltered_living|2025|known", "mean"), ("sheltered_living", KNOWN),
         Rule.ROUNDED, Rule.ROUNDED),
        (Cell("inflow", "sheltered_living|2026|expected", "mean"), (EXPECTED,),
         Rule.NO_COUNT, Rule.NO_COUNT),
        (Cell("mart_wait__monthly_list", "2026-01/housing_list", "mean"), (CALCULATED,),
         Rule.NO_COUNT, Rule.NO_COUNT),
        (Cell("mart_quota__progress", "2026/GM0392", "quota"), (), Rule.NO_COUNT, Rule.NO_COUNT),
        (Cell("mart_delivery", "applications/a.csv", "accepted"), (), Rule.ROUNDED, Rule.ROUNDED),
        (Cell("mart_delivery", "capacity/a.csv", "accepted"), (), Rule.NO_COUNT, Rule.NO_COUNT),
        (Cell("unknown", "1", "realised"), (), Rule.NO_COUNT, Rule.NO_COUNT),
    ],
)  # fmt: skip
def test_a_cell_leaves_as_its_class_declares(
    cell: Cell, words: tuple[str, ...], parties: Rule, public: Rule
) -> None:
    assert rule_of(cell, words, PARTIES) is parties
    assert rule_of(cell, words, PUBLIC) is public


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Cell("mart_quota__progress", "2026/all", "realised"), False),
        (Cell("mart_quota__progress", "2025/all", "realised"), True),
        (PEOPLE, True),
        (Cell("mart_stay__survival", "sheltered_living/single/12", "at_risk"), False),
        (Cell("mart_promise__region", "region", "backlog_persons"), False),
        (Cell("mart_forecast__hindcast", "2021-12/2025/registrations", "observed"), True),
        (Cell("inflow", "sheltered_living|2025|known", "mean"), True),
    ],
)
def test_a_cell_is_closed_when_its_period_is_over(cell: Cell, expected: bool) -> None:
    assert is_closed(cell, (), PUBLIC) is expected


def test_one_count_has_one_name_in_all_tables() -> None:
    assert (
        count_name(HOMES, PUBLIC)
        == count_name(Cell("mart_quota__claim", "2026/GM0392/outflow", "dwellings"), PUBLIC)
        == count_name(
            Cell("mart_letting__yearly_municipality", "2026/GM0392/outflow", "dwellings"), PUBLIC
        )
    )
    assert (
        count_name(Cell("mart_promise__region", "region", "backlog_persons"), PUBLIC)
        == count_name(Cell("mart_wait__monthly_list", "2026-10/housing_list", "mean"), PUBLIC)
        == count_name(
            Cell("mart_progress__monthly", "2026-10/all/on_list/end", "dwellings"), PUBLIC
        )
    )


def test_known_inflow_has_one_name_whatever_the_forecast_after_it_weighs() -> None:
    rows = ("shelter|2025|known", "shelter|2025|known|naive|1.000", "shelter|2025|known|ets, a|0.5")
    assert {count_name(Cell("inflow", row, "mean"), PUBLIC) for row in rows} == {
        "inflow/shelter|2025|known"
    }
    other = count_name(Cell("inflow", "shelter|2024|known|naive|1.000", "mean"), PUBLIC)
    assert other == "inflow/shelter|2024|known"


def test_homes_that_an_agreement_counts_have_a_name_of_their_own_where_more_were_let() -> None:
    pace = Cell("mart_quota__progress", "2026/GM0392", "realised")
    let = Cell("mart_letting__yearly_municipality", "2026/GM0392/outflow", "dwellings")
    assert is_pace(pace) and not is_pace(let)
    assert count_name(pace, PUBLIC) == count_name(let, PUBLIC)
    apart = frozenset({"2026"})
    assert count_name(pace, PUBLIC, apart) == "letting/2026/GM0392/counted"
    assert count_name(let, PUBLIC, apart) == count_name(let, PUBLIC)


def test_a_year_is_its_months_and_all_is_the_municipalities_together() -> None:
    names = ["progress/2026-03/all/moved/year", "letting/2026/all/outflow"]
    names += [f"letting/2026/GM900{n}/outflow" for n in (1, 2)]
    months = [f"2025-{n:02d}" for n in range(4, 13)] + [f"2026-{n:02d}" for n in (1, 2, 3)]
    assert relations(names) == (
        Relation(names[0], tuple(f"progress/{month}/all/moved/month" for month in months)),
        Relation(names[1], tuple(names[2:])),
    )


def test_a_municipality_that_is_missing_ties_nothing() -> None:
    names = [
        f"letting/{year}/{code}/outflow" for year in (2025, 2026) for code in ("all", "GM0001")
    ]
    assert len(relations([*names, "letting/2026/GM0002/outflow"])) == 1


def test_sums_that_may_hold_name_cells_that_are_there() -> None:
    start = "progress/2026-10/all"
    names = [
        *(f"{start}/{flow}/year" for flow in ("approved", "rejected", "returned", "moved")),
        f"{start}/wait_decision/year",
        f"{start}/wait_move/year",
        "inflow/sheltered_living|2025|known",
        "inflow/shelter|2025|known",
        "past/2025/registrations",
    ]
    assert set(guesses(names)) == {
        Relation(names[4], tuple(names[:3])),
        Relation(names[5], (names[3],)),
        Relation(names[8], tuple(names[6:8])),
    }
    assert guesses(names[1:8]) == (Relation(names[5], (names[3],)),)


def test_tables_and_formulas_name_marts_and_columns_that_there_are() -> None:
    assert set(OWN_TABLES.values()) <= set(MARTS)
    for one in FORMULAS:
        columns = MARTS[one.table].column_names()
        assert {one.column, *one.factors, *one.terms} <= set(columns)
