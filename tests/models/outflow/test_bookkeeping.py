"""Nobody is lost, nothing is negative: every stock follows from the flows, in worlds of all kinds.

Belongs here: the worlds in which the books are kept. Does not belong here: what is checked of a
month (`bookkeeping`).
"""

from collections.abc import Callable

import numpy as np
import pytest

from models.outflow.setting import Switches
from models.outflow.state import Setting, State
from tests.models.invented import CAPPED, GROUPS, HORIZON, World, make_world, total
from tests.models.outflow.bookkeeping import Bookkeeper
from tests.models.outflow.features import (
    with_cap,
    with_classes,
    with_clock,
    with_contingent,
    with_groups,
    with_law,
    with_maximum,
    with_parameter,
    with_plan,
    with_project,
    with_rules,
)

pytestmark = pytest.mark.properties

UNLIMITED = Switches()
DRAWS = 16

WILD = {
    "divert_door_share": 0.3,
    "divert_unplaced_share": 1.0,
    "relapse_share": 0.9,
    "time_out_share": 0.5,
    "time_out_months": 9.0,
    "passed_on_share": 0.9,
    "three_party_share": 0.2,
    "flip_months": 40.0,
    "assessment_positive_share": 0.2,
    "assessment_returned_share": 0.6,
    "homes_per_person": 0.5,
    "quota_region_share": 0.7,
    "housing_list_leave_share": 0.5,
    "intake_leave_share": 0.9,
    "support_extension_months": 1.0,
    "assessment_months": 1.0,
    "own_home_share": 1.0,
    "acceptance_share": 0.5,
}


def as_believed() -> World:
    return make_world()


def wild() -> World:
    return make_world().with_values(**WILD)


def longest_stays() -> World:
    world = with_maximum(make_world(), 9, "own_home", "sheltered_living")
    return with_maximum(world, 14, "other_care", "shelter").with_values(
        assessment_positive_share=0.6
    )


def moving_out() -> World:
    world = with_maximum(make_world(), 20, "own_home", "shelter")
    return with_plan(
        world,
        ("sheltered_living", 5, "closed_move_out", "besloten", -30),
        ("sheltered_living", 17, "closed_move_out", "voorgenomen", -30),
        ("shelter", 8, "closed_move_out", "verwacht", -20),
        ("shelter", 30, "opened", "besloten", 15),
        ("refuge", 12, "closed_attrition", "besloten", -11),
    )


def youth() -> World:
    world = with_groups(
        ("youth", *GROUPS),
        rates={"youth": 2.0, "sheltered_living": 4.0, "shelter": 6.0, "refuge": 2.0},
        places={"youth": 40},
        youth={2003: 9, 2006: 14, None: 6},
    )
    world = with_plan(
        world,
        ("youth", 10, "closed_move_out", "besloten", -12),
        ("youth", 50, "closed_attrition", "besloten", -8),
    )
    return world.with_values(assessment_positive_share=0.5, divert_unplaced_share=0.2)


def other_paths() -> World:
    world = with_groups(
        ("night_shelter", "clinic", *GROUPS),
        rates={"night_shelter": 8.0, "clinic": 3.0, "shelter": 6.0, "sheltered_living": 4.0},
        places={"night_shelter": 5},
    )
    return world.with_values(
        relapse_share=0.6, assessment_positive_share=0.5, divert_door_share=0.2
    )


def projects() -> World:
    world = with_project(make_world(), "in_between", 4, 6.0, opens=-5)
    world = with_project(world, "in_between", 3, 9.0, opens=30, age_limit=23.0)
    world = with_project(world, "skaeve_huse", 2, 60.0, opens=10)
    world = with_project(world, "domus", 5, 24.0, opens=-40)
    return world.with_values(
        in_between_share=0.4,
        own_home_share=0.5,
        product_share_in_between=0.1,
        product_share_skaeve_huse=0.05,
        product_share_domus=0.2,
        quota_region_share=0.9,
    )


def agreements() -> World:
    world = with_classes(make_world(), 0.3, 0.5, 0.2)
    world = with_contingent(world, 5, "refuge")
    world = with_contingent(world, 4, "refuge", "shelter")
    world = with_law(world, "sheltered_living", ahead=40)
    return with_clock(with_cap(world, unused_offers="carried_to_year_end"), "application")


def refusals() -> World:
    world = with_classes(with_cap(make_world(), refusal_counts=True), 0.4, 0.6)
    world = with_parameter(world, "support_starts_yearly", 21.0, "persons_per_year")
    world = with_clock(with_cap(world, unused_offers="carried_to_year_end"), "ready")
    return world.with_values(acceptance_share=0.6, passed_on_share=1.0, relapse_share=0.6)


def no_blocking() -> World:
    world = with_rules(projects(), "shelter", blocks_place=False)
    return with_classes(world, 0.7, 0.3).with_values(acceptance_share=1.0)


def decided_later() -> World:
    world = make_world(("sheltered_living", "shelter", "refuge", "youth"))
    return world.with_values(
        divert_after_months={"sheltered_living": 3, "shelter": 1, "refuge": 24, "youth": 0},
        divert_unplaced_share={
            "sheltered_living": 0.5,
            "shelter": 0.9,
            "refuge": 1.0,
            "youth": 0.5,
        },
        intake_leave_share=0.05,
        assessment_positive_share=0.5,
    )


WORLDS: dict[str, tuple[Callable[[], World], Switches]] = {
    "as believed, capped": (as_believed, CAPPED),
    "as believed, unlimited": (as_believed, UNLIMITED),
    "wild, capped": (wild, CAPPED),
    "wild, unlimited": (wild, UNLIMITED),
    "longest stays, capped": (longest_stays, CAPPED),
    "moving out, unlimited": (moving_out, UNLIMITED),
    "youth, capped": (youth, CAPPED),
    "youth, unlimited": (youth, UNLIMITED),
    "other paths, capped": (other_paths, CAPPED),
    "other paths, steady returns": (other_paths, Switches(relapse=False)),
    "projects, capped": (projects, CAPPED),
    "projects, unlimited": (projects, UNLIMITED),
    "agreements": (agreements, CAPPED),
    "refusals": (refusals, CAPPED),
    "no blocking": (no_blocking, CAPPED),
    "decided later, capped": (decided_later, CAPPED),
    "decided later, unlimited": (decided_later, UNLIMITED),
}

TOLD_BY = {
    "longest stays, capped": ("rejected", "returned_papers"),
    "moving out, unlimited": ("moved_out",),
    "youth, capped": ("moved_out", "rejected"),
    "youth, unlimited": ("moved_out", "diverted_unplaced"),
    "other paths, capped": ("diverted_door", "rejected", "returned"),
    "projects, capped": ("to_in_between", "to_projects", "project_left", "other_quota"),
    "projects, unlimited": ("to_in_between", "to_projects", "project_left"),
    "wild, capped": ("time_out", "passed_on", "moved_passed", "flipped", "refused", "left_list"),
    "wild, unlimited": ("moved_passed", "companions"),
    "agreements": ("refused", "left_list"),
    "refusals": ("refused", "moved_passed"),
    "no blocking": ("to_projects",),
    "decided later, capped": ("diverted_unplaced", "left_intake", "rejected"),
    "decided later, unlimited": ("diverted_unplaced", "left_intake"),
}
"""Flows that a world is there for: they are not nothing in it."""


@pytest.mark.parametrize("name", WORLDS)
def test_every_stock_follows_from_its_flows_in_every_draw_and_month(name: str) -> None:
    make, switches = WORLDS[name]
    book = Bookkeeper()
    run = make().run(switches, draws=DRAWS, observe=book.observe)
    assert book.months == HORIZON + (6 if switches.capped else 0)
    for flow in (*TOLD_BY.get(name, ()), "let", "joined", "ready"):
        assert book.seen[flow].sum() > 0, flow
    if not switches.capped:
        return
    assert (run.offered_within <= run.offered).all()
    assert (run.offered <= run.joined).all()
    assert (run.left <= run.joined).all()
    on_list = (run.joined - run.offered - run.left).sum(axis=0)
    if name == "refusals":
        # Who refused has been offered a home and stands on the list all the same, or has left it.
        assert (on_list <= book.last_queued).all()
        assert (on_list < book.last_queued).any()
    else:
        np.testing.assert_array_equal(on_list, book.last_queued)
        assert (run.joined >= run.offered + run.left).all()
    if run.class_joined.size:
        np.testing.assert_array_equal(run.class_joined.sum(axis=0), run.joined)
        np.testing.assert_array_equal(run.class_within.sum(axis=0), run.offered_within)


def test_unused_homes_are_carried_to_the_end_of_the_year_and_no_further() -> None:
    world = make_world().without_rows("core_application__open").with_values(acceptance_share=1.0)
    carried = with_cap(world, unused_offers="carried_to_year_end")
    book = Bookkeeper()
    run = carried.run(yearly_homes=70, draws=DRAWS, observe=book.observe)
    lost = world.run(yearly_homes=70, draws=DRAWS)
    assert run.housing_list.sum() < lost.housing_list.sum()
    assert total(run, "offered").sum() > total(lost, "offered").sum()


class EnoughSeenError(Exception):
    """Ends a run of which only the first months are looked at."""


@pytest.mark.parametrize("make", [as_believed, projects, youth])
def test_the_first_month_starts_from_the_state_that_was_read(make: Callable[[], World]) -> None:
    seen: dict[str, np.ndarray] = {}

    def first(ahead: int, setting: Setting, state: State, stocks: dict[str, np.ndarray]) -> None:
        if ahead == 0:
            flow = state.flows
            here = ("intake", "preparing", "assessing", "housing_list", "moving", "support",
                    "away", "project_queue", "project_residents")  # fmt: skip
            gone = ("left_elsewhere", "left_intake", "companions", "other_quota", "left_list",
                    "support_ended")  # fmt: skip
            people = state.in_stay(setting) + sum(stocks[name] for name in here)
            seen["people"] = people + sum(flow[name] for name in gone) - flow["referred"]
        raise EnoughSeenError

    world = make().with_values(relapse_share=0.0)
    with pytest.raises(EnoughSeenError):
        world.run(draws=DRAWS, observe=first)
    inputs = world.inputs
    start = inputs.waiting + sum(
        part.sum(axis=0)
        for part in (inputs.assessing, inputs.preparing, inputs.moving, inputs.lettings)
    )
    np.add.at(start, inputs.residents.group, inputs.residents.persons)
    np.add.at(start, inputs.backlog.group, inputs.backlog.applications)
    for project in inputs.projects:
        if project.is_open:
            start[inputs.groups.index("sheltered_living")] += project.places
    np.testing.assert_array_equal(seen["people"], np.repeat(start[:, None], DRAWS, axis=1))
