"""The bridge from a published number: it adds up, and a step of nothing is nothing."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.outflow.answer import Task
from models.outflow.bridge import (
    HEADLINE,
    READINGS,
    STEPS,
    Bridge,
    bridge_cases,
    build_bridge,
    gross_of,
)
from models.outflow.compare import Case, Luck, run_cases
from models.outflow.engine import Run
from models.tables import MARTS, shape_table
from tests.models.invented import AS_OF, RATES, SEED, World, make_inflow, make_world
from tests.models.outflow.fake_runs import fake_map

pytestmark = pytest.mark.unit

NUMBER = 450.0
LUCK = Luck(SEED, 64)


def case_of(world: World) -> Case:
    return Case(world.resolved, world.core, world.inflow, AS_OF)


def later(world: World) -> Case:
    """The same region a year on, with a tenth more inflow."""
    more = make_inflow({key: 1.1 * rate for key, rate in RATES.items()})
    return replace(case_of(world), inflow=replace(more, as_of=AS_OF + 12), as_of=AS_OF + 12)


Made = tuple[Case, Case, dict[str, Run]]


@pytest.fixture(scope="module")
def made() -> Made:
    """The region then and now, and the runs of the bridge between them."""
    then, now = case_of(make_world()), later(make_world())
    return then, now, run_cases(bridge_cases(then, now), LUCK)


@pytest.fixture(scope="module")
def found(made: Made) -> Bridge:
    return build_bridge(NUMBER, then=made[0], now=made[1], runs=made[2])


def test_the_parts_add_up_in_every_draw_by_every_reading(found: Bridge) -> None:
    assert tuple(found.parts) == READINGS
    for parts in found.parts.values():
        assert list(parts) == ["reference", *STEPS, "unexplained"]
        whole = NUMBER + np.sum(list(parts.values()), axis=0)
        assert np.abs(whole - found.ours).max() < 1e-9


def test_the_bridge_ends_at_our_headline_of_now(made: Made, found: Bridge) -> None:
    now = made[1]
    gross = gross_of(run_cases({"now": now}, LUCK)["now"])
    assert (found.ours == gross - 10.0 * now.inputs.current_lettings).all()


def test_readings_differ_in_the_reference_and_in_what_stays_unexplained_only(
    found: Bridge,
) -> None:
    usual = found.parts[HEADLINE]
    assert (usual["reference"] == 0.0).all()
    for parts in found.parts.values():
        for step in STEPS:
            assert (parts[step] == usual[step]).all()
        both = parts["reference"] + parts["unexplained"]
        assert np.abs(both - usual["unexplained"]).max() < 1e-9


def test_another_number_moves_what_is_unexplained_and_nothing_else(
    made: Made, found: Bridge
) -> None:
    other = build_bridge(NUMBER + 10.0, then=made[0], now=made[1], runs=made[2])
    for reading, parts in found.parts.items():
        for step, draws in parts.items():
            apart = draws - other.parts[reading][step]
            assert (apart == (10.0 if step == "unexplained" else 0.0)).all()


def test_a_step_that_changes_nothing_is_exactly_nothing() -> None:
    case = case_of(make_world().without_rows("core_capacity__plan", "core_application__open"))
    same = build_bridge(NUMBER, then=case, now=case, runs=run_cases(bridge_cases(case, case), LUCK))
    for step in ("plan", "backlog", "moment"):
        assert (same.parts[HEADLINE][step] == 0.0).all(), step
    assert (same.parts["extra_constant_capacity"]["unexplained"] == -NUMBER).all()


def test_the_list_of_then_adds_about_its_applications(made: Made, found: Bridge) -> None:
    waiting = int(made[0].inputs.backlog.applications.sum())
    assert found.parts[HEADLINE]["backlog"].mean() == pytest.approx(waiting, abs=0.25 * waiting)


def test_a_run_that_two_bars_need_is_made_once(made: Made) -> None:
    then, now, runs = made
    asked = {**bridge_cases(then, now), "again": replace(now)}
    counted: list[Task] = []

    def count(work: object, tasks: Iterable[Task]) -> list[Run]:
        counted.extend(tasks)
        return fake_map()(work, counted)

    again = run_cases(asked, replace(LUCK, map_tasks=count))
    assert set(again) == {*runs, "again"}
    assert len(counted) == len(runs)


def test_the_table_is_as_declared(found: Bridge) -> None:
    table = found.table().with_columns(region_id=pl.lit("proeftuin"))
    shaped = shape_table("mart_demand__bridge", table)
    assert shaped.height == len(READINGS) * (len(STEPS) + 4)
    steps = MARTS["mart_demand__bridge"].columns()["step"].categories  # type: ignore[attr-defined]
    assert shaped.filter(reading=HEADLINE)["step"].to_list() == list(steps)
    ends = shaped.filter(pl.col("step") == "published")
    assert (ends["p10"] == NUMBER).all()
    assert shaped["as_of_then"].unique().to_list() == ["2025-06"]
    assert shaped["as_of"].unique().to_list() == ["2026-06"]
