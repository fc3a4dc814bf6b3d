"""Changes that must make no difference at all: exact, in every draw.

Belongs here: no change, a feature that is there in name only, a group of nobody, a driver that is
not in the data. Does not belong here: changes that move figures (`test_engine_laws`).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.outflow.answer import RUNS
from models.outflow.demand import DRIVERS, drivers
from models.outflow.engine import Run
from models.outflow.setting import Switches
from models.units import ALL_GROUPS
from tests.models.invented import (
    CAPPED,
    GROUPS,
    World,
    make_inflow,
    make_scenario,
    make_world,
    total,
)
from tests.models.outflow.features import (
    same_flows,
    with_cap,
    with_classes,
    with_contingent,
    with_groups,
    with_law,
    with_parameter,
    with_project,
)
from tests.models.outflow.test_engine_laws import change_places, lengthen_stays

pytestmark = pytest.mark.properties

UNLIMITED = Switches()
DRAWS = 16


@pytest.mark.parametrize("switches", [CAPPED, UNLIMITED], ids=["capped", "unlimited"])
def test_no_change_makes_no_difference_at_all(switches: Switches) -> None:
    again = lengthen_stays(change_places(make_world(), 1), 1.0)
    one = make_world().run(switches, draws=DRAWS)
    two = again.run(switches, draws=DRAWS, yearly_homes=30)
    assert same_flows(one, two)
    for name in ("offered_within", "waited", "left", "housing_list", "intake_list"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


# --- in name only ---


def plain(world: World) -> World:
    """Change nothing."""
    return world


EVERYBODY_ACCEPTS = {"acceptance_share": 1.0}


def tight(world: World) -> World:
    """Fewer homes than ever: none is left at the end of a month."""
    return replace(world, resolved=replace(world.resolved, cap_value=12))


IN_NAME_ONLY: dict[str, tuple[Callable[[World], World], Callable[[World], World]]] = {
    "refusals count where everybody accepts": (
        lambda world: world.with_values(**EVERYBODY_ACCEPTS),
        lambda world: with_cap(world.with_values(**EVERYBODY_ACCEPTS), refusal_counts=True),
    ),
    "one class": (plain, lambda world: with_classes(world, 1.0)),
    "a class of nobody": (
        lambda world: world.without_rows("core_application__open"),
        lambda world: with_classes(world.without_rows("core_application__open"), 1.0, 0.0),
    ),
    "a contingent of no homes": (
        plain,
        lambda world: with_contingent(world, 0, "refuge"),
    ),
    "a contingent of another time": (
        plain,
        lambda world: with_contingent(world, 50, "refuge", first="2010-01", last="2025-06"),
    ),
    "a law that is not in force": (
        plain,
        lambda world: with_law(world, "shelter", status="bill"),
    ),
    "a law of later": (plain, lambda world: with_law(world, "shelter", ahead=500)),
    "as many supports as one likes": (
        plain,
        lambda world: with_parameter(world, "support_starts_yearly", 9999.0, "persons_per_year"),
    ),
    "unused homes are carried where there are none": (
        lambda world: tight(world.with_values(**EVERYBODY_ACCEPTS)),
        lambda world: with_cap(
            tight(world.with_values(**EVERYBODY_ACCEPTS)), unused_offers="carried_to_year_end"
        ),
    ),
    "a project of a kind that nobody needs": (
        plain,
        lambda world: with_project(world, "skaeve_huse", 8, 20.0, opens=12),
    ),
    "a share for a kind of project that is not there": (
        lambda world: with_project(world, "domus", 3, 20.0),
        lambda world: with_project(world, "domus", 3, 20.0).with_values(
            product_share_skaeve_huse=0.4, product_share_in_between=0.2, in_between_share=0.5
        ),
    ),
    "shares for projects where there are none": (
        plain,
        lambda world: world.with_values(
            product_share_skaeve_huse=0.4, product_share_domus=0.2, in_between_share=0.5
        ),
    ),
    "how a time-out goes where there is none": (
        lambda world: world.with_values(time_out_share=0.0),
        lambda world: world.with_values(time_out_share=0.0, time_out_months=30.0),
    ),
    "what a relapse leads to where there is none": (
        lambda world: world.with_values(relapse_share=0.0),
        lambda world: world.with_values(
            relapse_share=0.0, time_out_share=0.9, passed_on_share=1.0, time_out_months=30.0
        ),
    ),
    "where people move out to where nobody must": (
        lambda world: world.without_rows("core_capacity__plan"),
        lambda world: world.without_rows("core_capacity__plan").with_values(
            move_out_home_share=1.0, plan_delay_months_decided=20.0, closing_share=0.1
        ),
    ),
}


ABOUT_OFFERS = ("refusal", "class", "contingent", "law", "support", "unused")


@cache
def usual(switches: Switches) -> Run:
    """Give the run of the invented region as it is."""
    return make_world().run(switches, draws=8)


@pytest.mark.parametrize("name", IN_NAME_ONLY)
def test_a_feature_in_name_only_changes_nothing(name: str) -> None:
    switches = CAPPED if any(word in name for word in ABOUT_OFFERS) else UNLIMITED
    without, with_it = IN_NAME_ONLY[name]
    one = usual(switches) if without is plain else without(make_world()).run(switches, draws=8)
    two = with_it(make_world()).run(switches, draws=8)
    assert same_flows(one, two)
    for kept in ("joined", "offered_within", "waited", "left", "housing_list"):
        np.testing.assert_array_equal(getattr(one, kept), getattr(two, kept))


# --- a group of nobody ---


@pytest.mark.parametrize("switches", [CAPPED, UNLIMITED], ids=["capped", "unlimited"])
def test_groups_without_anybody_leave_the_other_groups_as_they_were(switches: Switches) -> None:
    """Of every path, and also where a group has a chance of its own that nobody else has."""
    more = ("youth", "forensic", "clinic", "night_shelter")
    chances = dict(zip(more, (0.1, 0.4, 0.2, 0.3), strict=True))
    wider = with_groups((*more, *GROUPS)).with_values(
        housing_list_leave_share={ALL_GROUPS: 0.02, **chances}
    )
    with_it = wider.run(switches, draws=DRAWS)
    without = make_world().with_values(housing_list_leave_share=0.02).run(switches, draws=DRAWS)
    for name, flow in without.flows.items():
        np.testing.assert_array_equal(with_it.flows[name][:, 4:], flow)
        assert not with_it.flows[name][:, :4].any()
    for name, stock in without.stocks.items():
        np.testing.assert_array_equal(with_it.stocks[name][:, 4:], stock)
    for name in ("housing_list", "intake_list", "offered_within", "waited", "left"):
        np.testing.assert_array_equal(getattr(with_it, name), getattr(without, name))


def test_a_group_without_anybody_changes_no_project_and_no_agreement_of_the_others() -> None:
    def featured(world: World) -> World:
        world = with_project(with_classes(world, 0.4, 0.6), "in_between", 4, 6.0)
        world = with_law(with_contingent(world, 6, "refuge", "shelter"), "refuge", ahead=60)
        return world.with_values(in_between_share=0.3, product_share_in_between=0.1)

    without = featured(make_world()).run(draws=DRAWS)
    with_it = featured(with_groups(("clinic", "youth", *GROUPS))).run(draws=DRAWS)
    assert total(without, "project_entered").any()
    for name, flow in without.flows.items():
        np.testing.assert_array_equal(with_it.flows[name][:, 2:], flow)
        assert not with_it.flows[name][:, :2].any()
    np.testing.assert_array_equal(with_it.class_within, without.class_within)


# --- drivers ---


def unmixed(world: World) -> World:
    """Let the share of complex residents stay as it is now."""
    values = dict(world.resolved.values)
    values["complex_share_future"] = dict.fromkeys(
        values["complex_share_now"], values["complex_share_now"]["sheltered_living"]
    )
    fixed = {
        name: {
            group: item.model_copy(update={"low": None, "high": None})
            for group, item in values[name].items()
        }
        for name in ("complex_share_now", "complex_share_future")
    }
    return replace(world, resolved=replace(world.resolved, values={**values, **fixed}))


def with_planned_project(world: World) -> World:
    """Plan an in-between facility: without it that driver is nothing."""
    return with_project(world, "in_between", 12, 9.0, opens=18).with_values(in_between_share=0.3)


def only_open(world: World) -> World:
    """Have an in-between facility today and plan none."""
    return with_project(world, "in_between", 5, 9.0, opens=-3).with_values(in_between_share=0.3)


def level(world: World) -> World:
    """Let inflow stay at the last twelve months' mean."""
    flat = replace(world, inflow=make_inflow(level_sd=0.0))
    return flat.with_values(inflow_drift_share=0.0)


SILENT: list[tuple[str, Callable[[World], World]]] = [
    ("closing_places", lambda world: world.without_rows("core_capacity__plan")),
    ("longer_stays", unmixed),
    ("backlog", lambda world: world.without_rows("core_application__open")),
    ("inflow", level),
    ("in_between", plain),
    ("in_between", only_open),
    ("relapse", lambda world: world.with_values(relapse_share=0.0)),
]


@pytest.fixture(scope="module")
def usual_runs() -> dict[str, Run]:
    world = with_planned_project(make_world())
    return {name: world.run(switches, draws=64) for name, switches in RUNS.items()}


@pytest.mark.parametrize(("driver", "silence"), SILENT)
def test_a_driver_that_is_not_in_the_data_is_exactly_nothing(
    driver: str, silence: Callable[[World], World], usual_runs: dict[str, Run]
) -> None:
    silent = silence(make_world())
    base, alone = (silent.run(RUNS[name], draws=DRAWS) for name in ("base", driver))
    np.testing.assert_array_equal(total(alone, "offered"), total(base, "offered"))
    loud = total(usual_runs[driver], "offered") != total(usual_runs["base"], "offered")
    assert loud.any()


def test_parts_of_the_drivers_add_up_to_gross_less_reference(usual_runs: dict[str, Run]) -> None:
    world, runs = with_planned_project(make_world()), usual_runs
    base = total(runs["base"], "offered")
    parts = {name: total(runs[name], "offered") - base for name in DRIVERS}
    gross = total(runs["demand"], "offered")
    table = {row["driver"]: row for row in drivers(world.inputs, runs).iter_rows(named=True)}
    for name, part in parts.items():
        assert table[name]["mean"] == pytest.approx(part.mean(), abs=1e-9)
    interaction = gross - base - sum(parts.values())
    assert table["interaction"]["mean"] == pytest.approx(interaction.mean(), abs=1e-9)
    assert table["interaction"]["p10"] == pytest.approx(np.quantile(interaction, 0.1))
    middle = [row["mean"] for name, row in table.items() if name not in ("reference", "gross")]
    ends = table["gross"]["mean"] - table["reference"]["mean"]
    assert sum(middle) == pytest.approx(ends, abs=1e-9)
    # Reference, today's outflow, six drivers, interaction, gross.
    assert [row["position"] for row in table.values()] == list(range(1, 11))


def test_a_planned_facility_does_not_hold_anybody_while_its_driver_is_off() -> None:
    """Today there is none: nobody waits for what will not open in that run."""
    world = with_planned_project(make_world())
    without = make_world().run(RUNS["base"], draws=DRAWS)
    off, on = (world.run(RUNS[name], draws=DRAWS) for name in ("base", "in_between"))
    assert same_flows(off, without)
    assert total(on, "project_entered").all()


def test_a_scenario_that_changes_one_group_by_a_factor_of_one_changes_nothing() -> None:
    change = {"relapse_share": {"shelter": {"factor": 1.0, "source": "Een verzonnen vraag"}}}
    changed = make_world(scenario=make_scenario("same", extends="baseline", parameters=change))
    assert ("relapse_share", "shelter") in changed.resolved.changed
    assert set(changed.resolved.values["relapse_share"]) == {ALL_GROUPS, "shelter"}
    one, two = make_world().run(draws=DRAWS), changed.run(draws=DRAWS)
    np.testing.assert_array_equal(one.flows["relapsed"], two.flows["relapsed"])
