"""What must be true for a number: the value that is found gives it when it is put in force."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.outflow import inverse
from models.outflow.answer import Task
from models.outflow.bridge import gross_of, ten_years_of_lettings
from models.outflow.compare import Case, Luck, run_cases
from models.outflow.engine import Run
from models.outflow.inverse import (
    CLOSE_ENOUGH,
    INVERSE_DRAWS,
    Lever,
    find_levers,
    search_levers,
)
from models.outflow.keyed import F64
from models.registry import Resolved
from models.tables import shape_table
from tests.models.invented import AS_OF, SEED, make_world
from tests.models.outflow.fake_runs import fake_map

pytestmark = pytest.mark.unit

DRAWS = 64


@pytest.fixture(scope="module")
def case() -> Case:
    world = make_world()
    return Case(world.resolved, world.core, world.inflow, AS_OF)


def share_of(resolved: Resolved) -> float:
    return resolved.middle("own_home_share", "sheltered_living")


def curve(task: Task) -> float:
    """A gross demand that bends: it rises with the cube of the share, and doubles with inflow."""
    resolved = task.chunk.sample.resolved
    return 500.0 * resolved.middle("inflow_factor") + 1000.0 * share_of(resolved) ** 3


def gross_now(case: Case) -> float:
    resolved = case.resolved
    return 500.0 * resolved.middle("inflow_factor") + 1000.0 * share_of(resolved) ** 3


def headline(case: Case) -> float:
    return gross_now(case) - ten_years_of_lettings(case)


def search(wanted: float, case: Case, **parts: object) -> pl.DataFrame:
    luck = Luck(SEED, 16, **{"map_tasks": fake_map(curve), **parts})  # type: ignore[arg-type]
    return search_levers(wanted, case, luck, np.full(16, gross_now(case)))


def rows_of(table: pl.DataFrame) -> dict[str, dict[str, object]]:
    return {str(row["parameter"]): row for row in table.iter_rows(named=True)}


def number(row: dict[str, object], key: str) -> float:
    return float(str(row[key]))


def test_the_value_that_is_found_gives_the_number_in_the_real_model(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    lever = next(item for item in find_levers(case) if item.parameter == "own_home_share")
    monkeypatch.setattr(inverse, "find_levers", lambda _: [lever])
    luck = Luck(SEED, DRAWS)

    def real(resolved: Resolved) -> F64:
        return gross_of(run_cases({"one": replace(case, resolved=resolved)}, luck)["one"])

    now = real(case.resolved)
    wanted = float(now.mean()) - ten_years_of_lettings(case) + 40.0
    row = rows_of(search_levers(wanted, case, luck, now))["own_home_share"]
    value = number(row, "value_needed")
    assert share_of(case.resolved) < value < 1.0
    moved = real(lever.move(case.resolved, value))
    assert moved.mean() == pytest.approx(now.mean() + 40.0, abs=2 * CLOSE_ENOUGH)


def test_a_bent_curve_is_followed_to_the_number(case: Case) -> None:
    now = headline(case)
    rows = rows_of(search(now + 100.0, case))
    share = number(rows["own_home_share"], "value_needed")
    missed = 1000.0 * (share**3 - share_of(case.resolved) ** 3) - 100.0
    assert abs(missed) <= CLOSE_ENOUGH
    assert number(rows["inflow_factor"], "value_needed") == pytest.approx(1.2, abs=0.005)


def test_the_first_draws_say_how_the_headline_moves_and_all_draws_where_it_stands(
    case: Case,
) -> None:
    first = np.full(INVERSE_DRAWS, gross_now(case))
    gross = np.concatenate([first, first + 140.0])
    now = headline(case) + 70.0
    luck = Luck(SEED, 2 * INVERSE_DRAWS, fake_map(curve))
    row = rows_of(search_levers(now + 100.0, case, luck, gross))["inflow_factor"]
    assert row["headline_in_force"] == pytest.approx(now)
    assert number(row, "value_needed") == pytest.approx(1.2, abs=0.005)


def test_the_first_draws_are_those_of_a_run_with_more(case: Case) -> None:
    few = gross_of(run_cases({"one": case}, Luck(SEED, 16))["one"])
    many = gross_of(run_cases({"one": case}, Luck(SEED, 32))["one"])
    assert (many[:16] == few).all()


def test_the_reference_that_is_needed_is_exact(case: Case) -> None:
    row = rows_of(search(headline(case) - 50.0, case))["current_lettings"]
    let = case.inputs.current_lettings
    assert row["value_in_force"] == let
    assert number(row, "value_needed") == pytest.approx(let + 5.0)


def test_what_is_in_force_is_needed_for_our_own_number(case: Case) -> None:
    rows = rows_of(search(headline(case), case))
    for row in rows.values():
        assert row["reachable"]
        assert row["value_needed"] == row["value_in_force"]


def test_a_number_out_of_reach_is_said_with_both_ends(case: Case) -> None:
    table = search(1e6, case)
    assert not table["reachable"].any()
    assert table["value_needed"].null_count() == table.height
    let = ten_years_of_lettings(case)
    row = rows_of(table)["own_home_share"]
    assert number(row, "headline_at_low") == pytest.approx(500.0 - let)
    assert number(row, "headline_at_high") == pytest.approx(1500.0 - let)


def test_no_assumption_takes_more_than_six_runs(case: Case) -> None:
    made: list[Task] = []

    def count(work: Callable[[Task], Run], tasks: Iterable[Task]) -> list[Run]:
        asked = list(tasks)
        made.extend(asked)
        return fake_map(curve)(work, asked)

    search(headline(case) + 25.0, case, map_tasks=count)
    assert len(made) <= 5 * len(find_levers(case))


def test_every_assumption_that_is_named_moves_its_own_parameter(case: Case) -> None:
    def changed(lever: Lever) -> set[str]:
        moved = lever.move(case.resolved, 0.9 * lever.in_force).values
        return {name for name, groups in moved.items() if groups != case.resolved.values[name]}

    found = {lever.parameter: changed(lever) for lever in find_levers(case)}
    assert found.pop("stay_years") == {"stay_years_single", "stay_years_complex"}
    assert found == {name: {name} for name in found}
    for lever in find_levers(case):
        assert lever.lowest <= lever.in_force <= lever.highest


def test_the_table_is_as_declared(case: Case) -> None:
    table = search(headline(case) + 10.0, case).with_columns(region_id=pl.lit("proeftuin"))
    shaped = shape_table("mart_demand__inverse", table)
    assert shaped.height == len(find_levers(case)) + 1
    assert shaped["as_of"].unique().to_list() == ["2025-06"]
