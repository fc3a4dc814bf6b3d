"""Laws of the month loop: what may move which way, and what may not move at all.

What was found about the laws of the model: more offers is exact per draw, cohort by cohort and in
every priority class, while people do not feed back into the list (no relapse, no blocked places);
leaving and refusing included. More closing never lowers the homes needed in any draw where all
unplaced people get one and assessments are certain; with refusals it holds on means. Where nobody
is diverted, homes fall and the people without a place AND a home (those who wait and those who gave
up together) rise by more. Belongs here: more offers, more closing, deciding later, longer stays.
Does not belong here: changes that must make no difference (`test_no_difference`).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.outflow.engine import Run
from models.outflow.setting import Switches
from tests.models.invented import (
    CAPPED,
    HORIZON,
    World,
    make_world,
    set_blocking,
    total,
)
from tests.models.outflow.features import (
    ENDLESS,
    empty,
    with_cap,
    with_classes,
    with_maximum,
    with_parameter,
    with_plan,
)

pytestmark = pytest.mark.properties

UNLIMITED = Switches()
DRAWS = 32


def change_places(world: World, factor: int) -> World:
    """Multiply every planned closing."""
    plan = world.core["core_capacity__plan"]
    change = pl.col("places_change")
    more = pl.when(change < 0).then(change * factor).otherwise(change)
    return world.with_table("core_capacity__plan", plan.with_columns(places_change=more))


def lengthen_stays(world: World, factor: float) -> World:
    """Multiply every stay with its range."""
    values = dict(world.resolved.values)
    for name in ("stay_years_single", "stay_years_complex"):
        values[name] = {
            group: item.model_copy(
                update={
                    key: None if getattr(item, key) is None else getattr(item, key) * factor
                    for key in ("value", "low", "high")
                }
            )
            for group, item in values[name].items()
        }
    return replace(world, resolved=replace(world.resolved, values=values))


def without_blocking(world: World) -> World:
    """Let those who are ready leave their place at once."""
    return replace(world, resolved=set_blocking(world.resolved, blocks=False))


def cumulative(run: Run, name: str) -> np.ndarray:
    """Add a flow up over the years; shape (Y, D)."""
    return np.cumsum(run.flows[name].sum(axis=1, dtype=np.int64), axis=0)


# --- more offers ---


def plain(world: World) -> World:
    return world


def in_classes(world: World) -> World:
    return with_classes(world, 0.3, 0.5, 0.2)


def carried(world: World) -> World:
    return with_cap(in_classes(world), unused_offers="carried_to_year_end")


def refusing(world: World) -> World:
    # Who refused and then leaves has had an offer and counts as a leaver: without leavers.
    world = world.with_values(acceptance_share=0.7, housing_list_leave_share=0.0)
    return with_cap(in_classes(world), refusal_counts=True)


def few_supports(world: World) -> World:
    return with_parameter(in_classes(world), "support_starts_yearly", 40.0, "persons_per_year")


@pytest.mark.parametrize(
    ("feature", "more"),
    [(plain, 1), (plain, 12), (in_classes, 3), (carried, 3), (refusing, 3), (few_supports, 3)],
)
def test_more_offers_make_no_cohort_of_any_class_wait_longer_in_any_draw(
    feature: Callable[[World], World], more: int
) -> None:
    """Exact, with people who leave the list and people who refuse."""
    world = feature(without_blocking(make_world().with_values(relapse_share=0.0)))
    fewer, extra = (world.run(draws=DRAWS, yearly_homes=homes) for homes in (30, 30 + more))
    np.testing.assert_array_equal(fewer.joined, extra.joined)
    np.testing.assert_array_equal(fewer.class_joined, extra.class_joined)
    assert (extra.class_within >= fewer.class_within).all()
    assert (extra.offered_within >= fewer.offered_within).all()
    assert (extra.offered >= fewer.offered).all()
    assert (extra.left <= fewer.left).all()
    assert (extra.housing_list <= fewer.housing_list).all()
    assert extra.offered_within.sum() > fewer.offered_within.sum()
    assert total(fewer, "left_list").any() != (feature is refusing)


def test_more_offers_shorten_waits_on_the_mean_in_the_full_model() -> None:
    """Some draws break it: who got a home earlier comes back earlier."""
    world = make_world()
    fewer, extra = world.run(draws=2048), world.run(draws=2048, yearly_homes=34)
    cohorts = slice(fewer.backlog_cohorts, fewer.backlog_cohorts + HORIZON)
    assert total(fewer, "returned").any()
    assert (fewer.joined != extra.joined).any()

    def share(run: Run) -> np.ndarray:
        return run.offered_within[cohorts].sum(axis=0) / run.joined[cohorts].sum(axis=0)

    def waiting_months(run: Run) -> np.ndarray:
        return run.housing_list.sum(axis=0) / run.joined[cohorts].sum(axis=0)

    for gain in (share(extra) - share(fewer), waiting_months(fewer) - waiting_months(extra)):
        assert gain.mean() > 3 * gain.std() / np.sqrt(gain.size)


# --- closing ---

CERTAIN = {
    "relapse_share": 0.0,
    "divert_unplaced_share": 1.0,
    "ready_to_application_months": 0.0,
    "assessment_months": 1.0,
    "assessment_positive_share": 1.0,
    "homes_per_person": 1.0,
}
"""Nobody returns, everybody without a place gets a home, every application is approved. Preparing
an application takes no time: the law book knew no such step, and its chance would hide the law."""


def test_closing_never_lowers_homes_needed_in_any_draw_where_all_unplaced_get_one() -> None:
    world = without_blocking(make_world().with_values(**CERTAIN))
    plan, more = (change_places(world, by).run(UNLIMITED, draws=DRAWS) for by in (1, 2))
    assert (cumulative(more, "offered") >= cumulative(plan, "offered")).all()
    assert total(more, "offered").mean() > total(plan, "offered").mean() + 10


@pytest.mark.parametrize("longest", [None, 16])
def test_closing_with_moving_out_never_lowers_homes_needed_in_any_draw(
    longest: int | None,
) -> None:
    """Whoever is moved out gets a home at once, as does whoever finds no place after that."""
    world = without_blocking(make_world().with_values(move_out_home_share=1.0, **CERTAIN))
    if longest is not None:
        world = with_maximum(world, longest, "own_home", "sheltered_living", "shelter")
        world = world.with_values(stay_years_single=ENDLESS, stay_years_complex=ENDLESS)
    world = with_plan(
        world,
        ("sheltered_living", 6, "closed_move_out", "besloten", -8),
        ("shelter", 15, "closed_move_out", "voorgenomen", -5),
        ("sheltered_living", 40, "closed_move_out", "verwacht", -10),
    )
    runs = [change_places(world, by).run(UNLIMITED, draws=DRAWS) for by in (1, 2)]
    plan, more = runs
    assert (cumulative(more, "offered") >= cumulative(plan, "offered")).all()
    assert (total(more, "moved_out") > total(plan, "moved_out")).all()
    assert total(more, "offered").mean() > total(plan, "offered").mean() + 10


def test_closing_raises_homes_needed_on_the_mean_where_all_unplaced_apply() -> None:
    world = make_world().with_values(divert_unplaced_share=1.0)
    plan, more = (change_places(world, by).run(UNLIMITED, draws=512) for by in (1, 2))
    gain = total(more, "offered") - total(plan, "offered")
    assert gain.mean() > 3 * gain.std() / np.sqrt(gain.size)


def test_closing_without_diversion_moves_people_from_homes_to_neither_place_nor_home() -> None:
    world = make_world().with_values(divert_unplaced_share=0.0)
    plan, more = (change_places(world, by).run(UNLIMITED, draws=512) for by in (1, 2))

    def unmet(run: Run) -> np.ndarray:
        waiting = run.stocks["intake"][-1].sum(axis=0, dtype=np.int64)
        return total(run, "left_intake") + waiting

    homes = total(more, "offered") - total(plan, "offered")
    assert homes.mean() < -3 * homes.std() / np.sqrt(homes.size)
    both = homes + unmet(more) - unmet(plan)
    assert both.mean() > 3 * both.std() / np.sqrt(both.size)


# --- deciding about a home later ---


@pytest.mark.parametrize("months", [0, 1, 4])
def test_where_there_is_no_place_at_all_each_is_decided_about_who_stayed_so_long(
    months: int,
) -> None:
    """Of the referrals s (1 - h)^k: still there after k months of giving up, and then chosen."""
    world = empty(make_world(("shelter",))).with_values(
        divert_after_months=months,
        divert_unplaced_share=0.4,
        divert_door_share=0.0,
        intake_leave_share=0.1,
        relapse_share=0.0,
        assessment_positive_share=1.0,
    )
    places = world.core["core_capacity__quarterly"].with_columns(places=pl.lit(0, pl.Int64))
    world = world.with_table("core_capacity__quarterly", places)
    run = world.without_rows("core_capacity__plan").run(UNLIMITED, draws=512)
    late = slice(2, 9)
    diverted = run.flows["diverted_unplaced"][late].sum(axis=(0, 1))
    referred = run.flows["referred"][late].sum(axis=(0, 1))
    miss = diverted - 0.4 * 0.9**months * referred
    assert abs(miss.mean()) < 4 * miss.std() / np.sqrt(miss.size)


# --- longer stays ---


def given_referrals() -> World:
    """Nobody comes back: not after a relapse, not after a refused application."""
    world = without_blocking(
        make_world().with_values(
            relapse_share=0.0, assessment_positive_share=1.0, assessment_returned_share=0.0
        )
    )
    one_class = {**world.resolved.values, "stay_years_complex": {}}
    return replace(world, resolved=replace(world.resolved, values=one_class))


@pytest.mark.parametrize("switches", [CAPPED, UNLIMITED], ids=["capped", "unlimited"])
def test_longer_stays_never_raise_cumulative_admissions_for_given_referrals(
    switches: Switches,
) -> None:
    world = given_referrals()
    shorter, longer = (lengthen_stays(world, by).run(switches, draws=DRAWS) for by in (1.0, 1.2))
    by_group = np.cumsum(longer.flows["admitted"] - shorter.flows["admitted"], axis=0)
    assert by_group.max() <= 0
    assert by_group.min() < 0


@pytest.mark.parametrize(("short", "long"), [(9, 10), (9, 18)])
def test_a_longer_maximum_stay_never_raises_cumulative_admissions(short: int, long: int) -> None:
    """Exact where nobody is lost before admission and nobody is moved out.

    Stays of one length are not memoryless: where people give up a place may just be free when more
    people come, and who is moved out leaves before their month.
    """
    world = given_referrals().with_values(
        stay_years_single=ENDLESS, divert_unplaced_share=0.0, intake_leave_share=0.0
    )
    world = with_plan(world, ("shelter", 22, "closed_attrition", "besloten", -5))
    runs = [
        with_maximum(world, months, "own_home", "sheltered_living", "shelter", "refuge").run(
            UNLIMITED, draws=DRAWS
        )
        for months in (short, long)
    ]
    shorter, longer = runs
    by_group = np.cumsum(longer.flows["admitted"] - shorter.flows["admitted"], axis=0)
    assert by_group.max() <= 0
    assert by_group.min() < 0
    assert (total(longer, "ready") < total(shorter, "ready")).all()
