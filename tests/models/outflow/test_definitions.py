"""Demand by other definitions: it adds up, and what nobody delivered adds nothing."""

import numpy as np
import polars as pl
import pytest

from models.outflow.bridge import gross_of
from models.outflow.compare import Case, Luck, run_cases
from models.outflow.definitions import AMBULANT, DEFINITIONS, INTERESTED, definition_table
from models.outflow.engine import Run
from models.outflow.sampler import Sample, sobol_points
from models.tables import MARTS, shape_table
from tests.models.invented import AS_OF, SEED, World, make_world

pytestmark = pytest.mark.unit

DRAWS = 64
FIXED = {
    "own_home_share": 0.4,
    "assessment_positive_share": 0.5,
    "homes_per_person": 1.0,
    "elsewhere_share_own_network": 0.25,
    "outside_home_share": 0.5,
}


def with_people(world: World, *, ambulant: int, interested: int) -> World:
    """Let the largest group have people supported at home, and people who are interested."""
    group = ["sheltered_living"]
    world = world.with_table(AMBULANT, pl.DataFrame({"target_group": group, "persons": [ambulant]}))
    rows = {"target_group": group, "applications": [interested]}
    return world.with_table(INTERESTED, pl.DataFrame(rows))


def ask(world: World) -> tuple[pl.DataFrame, Run]:
    case = Case(world.resolved, world.core, world.inflow, AS_OF)
    run = run_cases({"one": case}, Luck(SEED, DRAWS))["one"]
    sample = Sample(world.resolved, sobol_points(SEED, world.resolved.region.id, DRAWS))
    return definition_table(run, world.core, sample), run


def rows_of(table: pl.DataFrame) -> dict[str, dict[str, float]]:
    return {row["definition"]: row for row in table.iter_rows(named=True)}


@pytest.fixture(scope="module")
def planted() -> tuple[pl.DataFrame, Run]:
    return ask(with_people(make_world().with_values(**FIXED), ambulant=100, interested=30))


def test_the_means_add_up_from_the_usual_definition_to_all_together(
    planted: tuple[pl.DataFrame, Run],
) -> None:
    rows = rows_of(planted[0])
    parts = sum(rows[name]["mean"] for name in ("usual", *DEFINITIONS, "interaction"))
    assert rows["all_together"]["mean"] == pytest.approx(parts)
    for name in DEFINITIONS:
        level = rows["usual"]["mean"] + rows[name]["mean"]
        assert rows[name]["level_mean"] == pytest.approx(level)


def test_the_usual_definition_is_gross_demand(planted: tuple[pl.DataFrame, Run]) -> None:
    assert rows_of(planted[0])["usual"]["mean"] == gross_of(planted[1]).mean()


def test_people_supported_at_home_need_homes_as_others_do(
    planted: tuple[pl.DataFrame, Run],
) -> None:
    row = rows_of(planted[0])["with_ambulant"]
    assert row["observed"] == 100
    assert (row["mean"], row["p10"], row["p90"]) == pytest.approx((20.0, 20.0, 20.0))


def test_each_of_the_interested_counts_as_one_application(
    planted: tuple[pl.DataFrame, Run],
) -> None:
    row = rows_of(planted[0])["with_interested"]
    assert (row["observed"], row["mean"]) == (30, 30.0)


def test_homes_found_otherwise_follow_who_left_elsewhere(
    planted: tuple[pl.DataFrame, Run],
) -> None:
    table, run = planted
    left = run.flows["left_elsewhere"].sum(axis=(0, 1)).astype(np.float64)
    found = 0.25 * left + 0.5 * run.flows["left_list"].sum(axis=(0, 1))
    if "other_quota" in run.flows:
        found = found + run.flows["other_quota"].sum(axis=(0, 1))
    assert found.mean() > 0
    assert rows_of(table)["any_home"]["mean"] == pytest.approx(found.mean())
    # Of the hundred, sixty leave to elsewhere and a quarter of them to their own network.
    assert rows_of(table)["interaction"]["mean"] == pytest.approx(15.0)


def test_what_nobody_delivered_adds_nothing_and_is_said() -> None:
    for world in (make_world(), with_people(make_world(), ambulant=0, interested=0)):
        rows = rows_of(ask(world)[0])
        for name in ("with_ambulant", "with_interested"):
            assert (rows[name]["observed"], rows[name]["mean"], rows[name]["p90"]) == (0, 0.0, 0.0)
        assert rows["interaction"]["mean"] == 0.0


def test_other_ways_of_counting_leave_the_run_alone() -> None:
    plain = gross_of(ask(make_world())[1])
    other = gross_of(ask(with_people(make_world(), ambulant=500, interested=500))[1])
    assert (plain == other).all()


def test_the_table_is_as_declared(planted: tuple[pl.DataFrame, Run]) -> None:
    where = {"region_id": pl.lit("proeftuin"), "scenario_id": pl.lit("baseline")}
    shaped = shape_table("mart_demand__definition", planted[0].with_columns(**where))
    kinds = MARTS["mart_demand__definition"].columns()["definition"].categories  # type: ignore[attr-defined]
    assert planted[0]["definition"].to_list() == list(kinds)
    assert shaped.height == len(kinds)
