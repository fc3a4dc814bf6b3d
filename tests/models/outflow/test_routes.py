"""Products, destinations, projects, assessment tables: parts add up to what they are parts of."""

import numpy as np
import polars as pl
import pytest

from models.outflow import routes
from models.outflow.engine import Run
from models.outflow.sampler import Sample
from models.outflow.setting import Switches
from tests.models.invented import World, make_chunk, make_world

pytestmark = pytest.mark.unit

DRAWS = 64


def run_of(world: World) -> tuple[Sample, Run]:
    return make_chunk(world.resolved, DRAWS).sample, world.run(Switches(), draws=DRAWS)


def test_ordinary_products_add_up_to_the_homes_needed() -> None:
    world = make_world().with_values(product_share_housing_first=0.25)
    sample, run = run_of(world)
    table = routes.products(world.inputs, sample, run).filter(target_group="all")
    ordinary = table.filter(pl.col("product").is_in(["independent", "housing_first"]))
    per_year = ordinary.group_by("year").agg(pl.col("mean").sum()).sort("year")["mean"].to_list()
    offered = run.flows["offered"].sum(axis=1).mean(axis=1)
    assert per_year == pytest.approx(offered.tolist())
    first = table.filter(product="housing_first")["mean"].sum()
    assert first == pytest.approx(0.25 * offered.sum())
    assert table.filter(product="domus")["mean"].sum() == 0.0


def test_destinations_add_up_to_all_who_leave() -> None:
    world = make_world()
    sample, run = run_of(world)
    table = routes.destinations(world.inputs, sample, run).filter(target_group="all")
    leaving = run.flows["ready"] + run.flows["to_in_between"] + run.flows["left_elsewhere"]
    per_year = table.group_by("year").agg(pl.col("mean").sum()).sort("year")["mean"].to_list()
    assert per_year == pytest.approx(leaving.sum(axis=1).mean(axis=1).tolist())
    shares = world.resolved.middle("elsewhere_share_died")
    died = table.filter(destination="died")["mean"].sum()
    assert died == pytest.approx(shares * run.flows["left_elsewhere"].sum() / DRAWS)


def test_the_load_of_the_tables_adds_up_to_all_assessments() -> None:
    world = make_world()
    _, run = run_of(world)
    counts = pl.DataFrame({"assessment_table": ["Dorp", "Stad"], "assessments": [30, 10]})
    core = {**world.core, "core_application__table": counts}
    table = routes.assessment_tables(world.inputs, core, run)
    decided = run.flows["decided"].sum(axis=1).mean(axis=1)
    for name, share in (("Dorp", 0.75), ("Stad", 0.25)):
        means = table.filter(assessment_table=name)["mean"].to_list()
        assert means == pytest.approx((share * decided).tolist())
    nobody = routes.assessment_tables(
        world.inputs, {**core, "core_application__table": counts.clear()}, run
    )
    assert nobody.is_empty()


def test_a_region_without_projects_or_classes_has_no_rows_of_them() -> None:
    world = make_world()
    _, run = run_of(world)
    assert routes.projects(world.inputs, run).is_empty()
    assert routes.classes(world.resolved, world.inputs, run).is_empty()
    assert np.array_equal(run.flows["to_projects"], np.zeros_like(run.flows["to_projects"]))
