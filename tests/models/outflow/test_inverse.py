"""What must be true for a number: the value that is found gives it when it is put in force."""

from collections.abc import Callable, Iterable

import polars as pl
import pytest

from models.outflow.answer import Task
from models.outflow.bridge import gross_of, ten_years_of_lettings
from models.outflow.compare import Case, Luck, run_cases
from models.outflow.engine import Run
from models.outflow.inverse import CLOSE_ENOUGH, find_levers, search_levers
from models.tables import shape_table
from tests.models.invented import AS_OF, SEED, make_world

pytestmark = pytest.mark.unit

LUCK = Luck(SEED, 64)


@pytest.fixture(scope="module")
def case() -> Case:
    world = make_world()
    return Case(world.resolved, world.core, world.inflow, AS_OF)


@pytest.fixture(scope="module")
def now(case: Case) -> float:
    return headline(case)


def headline(case: Case) -> float:
    run = run_cases({"one": case}, LUCK)["one"]
    return float((gross_of(run) - ten_years_of_lettings(case)).mean())


def rows_of(table: pl.DataFrame) -> dict[str, dict[str, object]]:
    return {row["parameter"]: row for row in table.iter_rows(named=True)}


def test_the_value_that_is_found_gives_the_number(case: Case, now: float) -> None:
    wanted = now + 40.0
    rows = rows_of(search_levers(wanted, case, LUCK))
    levers = {lever.parameter: lever for lever in find_levers(case)}
    reached = [name for name, row in rows.items() if row["reachable"]]
    assert {"own_home_share", "current_lettings"} <= set(reached)
    for name in reached:
        if name == "current_lettings":
            continue
        lever, value = levers[name], float(str(rows[name]["value_needed"]))
        assert lever.lowest <= value <= lever.highest
        moved = Case(lever.move(case.resolved, value), case.core, case.inflow, AS_OF)
        assert headline(moved) == pytest.approx(wanted, abs=3 * CLOSE_ENOUGH), name


def test_the_reference_that_is_needed_is_exact(case: Case, now: float) -> None:
    row = rows_of(search_levers(now - 50.0, case, LUCK))["current_lettings"]
    let = case.inputs.current_lettings
    assert row["value_in_force"] == let
    assert row["value_needed"] == pytest.approx(let + 5.0)


def test_what_is_in_force_is_needed_for_our_own_number(case: Case, now: float) -> None:
    rows = rows_of(search_levers(now, case, LUCK))
    for name in ("inflow_factor", "stay_years"):
        assert rows[name]["value_needed"] == 1.0


def test_a_number_out_of_reach_is_said_with_both_ends(case: Case) -> None:
    table = search_levers(1e6, case, LUCK)
    assert not table["reachable"].any()
    assert table["value_needed"].null_count() == table.height
    row = rows_of(table)["own_home_share"]
    lever = next(item for item in find_levers(case) if item.parameter == "own_home_share")
    for end, column in ((lever.lowest, "headline_at_low"), (lever.highest, "headline_at_high")):
        moved = Case(lever.move(case.resolved, end), case.core, case.inflow, AS_OF)
        assert row[column] == pytest.approx(headline(moved))


def test_no_assumption_takes_more_than_six_runs(case: Case, now: float) -> None:
    made = []

    def count(work: Callable[[Task], Run], tasks: Iterable[Task]) -> list[Run]:
        runs = [work(task) for task in tasks]
        made.extend(runs)
        return runs

    search_levers(now + 25.0, case, Luck(SEED, 64, count))
    assert len(made) <= 6 * len(find_levers(case)) + 1


def test_the_table_is_as_declared(case: Case, now: float) -> None:
    table = search_levers(now + 10.0, case, LUCK).with_columns(region_id=pl.lit("proeftuin"))
    shaped = shape_table("mart_demand__inverse", table)
    assert shaped.height == len(find_levers(case)) + 1
    assert shaped["as_of"].unique().to_list() == ["2025-06"]
