"""The two simpler calculations: right where chance does not matter, and marked where it does."""

from dataclasses import replace

import pytest

from models.outflow.fluid import cross_check, fluid, rates_only
from models.outflow.setting import Switches
from tests.models.invented import CAPPED, World, fix_all, make_inflow, make_world, set_cap

pytestmark = pytest.mark.reference


def test_a_fluid_and_the_simulation_agree_on_demand_where_parameters_are_sure() -> None:
    world = make_world()
    sure = replace(world, resolved=fix_all(world.resolved), inflow=make_inflow(level_sd=0.0))
    gross = sure.run(Switches(), draws=512).flows["offered"].sum(axis=(0, 1)).mean()
    found = fluid(sure.resolved, sure.inputs, sure.inflow, capped=False)["gross"]
    assert found == pytest.approx(gross, rel=0.08)


def test_a_fluid_is_too_optimistic_near_an_empty_list() -> None:
    world = set_cap_at(50)
    run = world.run(CAPPED, draws=512)
    waiting = run.housing_list[-1].mean()
    assert fluid(world.resolved, world.inputs, world.inflow, capped=True)["list_end"] < waiting


def set_cap_at(homes: int) -> World:
    world = make_world()
    return replace(world, resolved=set_cap(world.resolved, homes))


def test_without_arrivals_a_fluid_empties_the_list_at_the_pace_of_the_cap() -> None:
    world = make_world().without_rows("core_stay__open", "core_intake__waiting")
    world = replace(world, inflow=make_inflow(dict.fromkeys(world.inflow.series, 0.0)))
    world = world.with_values(relapse_share=0.0, housing_list_leave_share=0.0)
    found = fluid(world.resolved, world.inputs, world.inflow, capped=True)
    assert found["list_end"] == pytest.approx(0.0, abs=1e-9)
    inputs = world.inputs
    resolved = world.resolved
    approved = resolved.middle("assessment_positive_share") / (
        1.0 - resolved.middle("assessment_returned_share")
    )
    homes = [resolved.middle("homes_per_person", group) for group in inputs.groups]
    applying = (inputs.assessing + inputs.preparing).sum(axis=0) @ homes
    expected = inputs.backlog.applications.sum() + approved * applying
    assert found["gross"] == pytest.approx(expected)


def test_rates_only_counts_places_times_turnover() -> None:
    world = make_world(("shelter",)).without_rows("core_application__open")
    one = rates_only(world.resolved, world.inputs)
    resolved = world.resolved.middle
    yearly = 40 / resolved("stay_years_single", "shelter") * resolved("own_home_share", "shelter")
    approved = resolved("assessment_positive_share") / (1 - resolved("assessment_returned_share"))
    assert one == pytest.approx(10 * yearly * approved * resolved("homes_per_person"))


def test_a_table_says_what_a_difference_means() -> None:
    world = make_world()
    runs = {"demand": world.run(Switches(), draws=64), "capped": world.run(CAPPED, draws=64)}
    table = cross_check(world.resolved, world.inputs, world.inflow, runs)
    assert table.filter(method="simulation")["note"].unique().to_list() == ["agrees"]
    for row in table.iter_rows(named=True):
        assert (row["note"] == "agrees") == (abs(row["difference_share"]) < 0.1)
