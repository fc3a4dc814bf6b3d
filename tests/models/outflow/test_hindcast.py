"""Hindcasts: which months, which figures stand beside which, and what is not known yet."""

from collections.abc import Mapping

import polars as pl
import pytest

from models.months import format_month, month_of
from models.outflow.compare import Case, Luck, run_cases
from models.outflow.history import MEASURES, hindcast, hindcast_months, hindcast_switches
from models.outflow.setting import Switches
from models.tables import MARTS, shape_table
from tests.models.invented import AS_OF, SEED, World, make_world

pytestmark = pytest.mark.unit

UNTIL = month_of(2027, 10)
FLOWS = {"registrations": 5, "approved": 3, "offered": 2}
TABLES = {
    "registrations": ("core_intake__monthly", "registrations"),
    "approved": ("core_application__approved_monthly", "applications"),
    "offered": ("core_application__offered_monthly", "applications"),
    "housing_list": ("core_application__list_monthly", "applications"),
    "intake_list": ("core_intake__list_monthly", "persons"),
}


def known(first: int = AS_OF - 12) -> dict[str, pl.DataFrame]:
    """What is observed in the end: a steady number every month."""
    months = [format_month(month) for month in range(first, UNTIL + 1)]
    tables = {
        table: pl.DataFrame({"month": months, column: [FLOWS.get(name, 40)] * len(months)})
        for name, (table, column) in TABLES.items()
    }
    let = [{"month": month, "ground": ground, "dwellings": count}
           for month in months for ground, count in (("outflow", 2), ("urgent", 50))]  # fmt: skip
    return {**tables, "core_letting__monthly": pl.DataFrame(let)}


def ask(world: World, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    switches = hindcast_switches(capped=world.resolved.cap_value is not None)
    case = Case(world.resolved, world.core, world.inflow, AS_OF, switches)
    run = run_cases({"one": case}, Luck(SEED, 64))["one"]
    return hindcast(world.inputs, run, tables, until=UNTIL)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return ask(make_world(), known())


def one(table: pl.DataFrame, year: int, measure: str) -> dict[str, object]:
    return table.filter(year=year, measure=measure).row(0, named=True)


def test_the_past_is_rebuilt_two_and_four_years_back_and_in_the_published_month() -> None:
    now = month_of(2026, 10)
    back = [month_of(2022, 10), month_of(2024, 10)]
    assert hindcast_months(now, None) == back
    assert hindcast_months(now, month_of(2021, 12)) == [month_of(2021, 12), *back]
    assert hindcast_months(now, month_of(2022, 10)) == back
    assert hindcast_months(now, now) == back


def test_flows_are_added_up_over_the_months_that_a_row_covers(table: pl.DataFrame) -> None:
    assert table["year"].unique().sort().to_list() == [2025, 2026, 2027]
    for name, monthly in FLOWS.items():
        assert one(table, 2025, name)["observed"] == 6 * monthly
        assert one(table, 2026, name)["observed"] == 12 * monthly
    assert one(table, 2025, "registrations")["months_covered"] == 6


def test_homes_let_on_other_grounds_are_not_counted(table: pl.DataFrame) -> None:
    assert one(table, 2026, "let")["observed"] == 24


def test_lists_are_read_at_the_years_end(table: pl.DataFrame) -> None:
    assert one(table, 2026, "housing_list")["observed"] == 40
    assert one(table, 2026, "intake_list")["observed"] == 40


def test_a_year_that_is_not_over_is_not_observed(table: pl.DataFrame) -> None:
    for measure in MEASURES:
        row = one(table, 2027, measure)
        assert (row["observed"], row["inside"]) == (None, None)


def test_inside_is_what_lies_between_the_ends(table: pl.DataFrame) -> None:
    seen = table.drop_nulls("observed")
    expected = (seen["p10"] <= seen["observed"]) & (seen["observed"] <= seen["p90"])
    assert seen["inside"].to_list() == expected.to_list()
    assert 0 < expected.sum() < seen.height


def test_deliveries_that_begin_later_say_nothing_of_the_years_before() -> None:
    late = ask(make_world(), known(first=AS_OF + 9))
    for measure in FLOWS:
        assert one(late, 2025, measure)["observed"] is None
        assert one(late, 2026, measure)["observed"] is None


def test_a_region_without_a_cap_has_a_hindcast_too() -> None:
    world = make_world(cap=False)
    found = ask(world, known())
    demand = world.run(Switches(), draws=64).flows["offered"][1].sum(axis=0)
    assert one(found, 2026, "offered")["mean"] == demand.mean()


def test_the_table_is_as_declared(table: pl.DataFrame) -> None:
    kinds = MARTS["mart_forecast__hindcast"].columns()["measure"].categories  # type: ignore[attr-defined]
    assert list(MEASURES) == list(kinds)
    shaped = shape_table(
        "mart_forecast__hindcast", table.with_columns(region_id=pl.lit("proeftuin"))
    )
    assert shaped.height == 3 * len(MEASURES)
