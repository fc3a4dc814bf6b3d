"""How stays end: agreed longest stays, age limits, moving out; each in its simplest closed form."""

from dataclasses import replace

import numpy as np
import pytest

from models.months import month_of
from models.outflow.care import NEVER, months_until
from models.outflow.rates import tabled_survival
from models.outflow.setting import Switches
from tests.models.invented import CAPPED, World, make_world, set_blocking
from tests.models.outflow.features import (
    ENDLESS,
    Diary,
    empty,
    with_groups,
    with_maximum,
    with_plan,
)

pytestmark = pytest.mark.unit

UNLIMITED = Switches()
DRAWS = 8


def live(world: World, switches: Switches = UNLIMITED) -> tuple[dict[str, np.ndarray], Diary]:
    """Run a world; give its flows by month, each of shape (months, G, D)."""
    diary = Diary()
    world.run(switches, draws=DRAWS, observe=diary.observe)
    return {name: np.stack(rows) for name, rows in diary.flows.items()}, diary


def endless(world: World) -> World:
    """Let phases never end, and every application be approved."""
    if world.resolved.values["stay_years_complex"].keys() & set(world.resolved.target_groups):
        world = world.with_values(stay_years_complex=ENDLESS)
    return world.with_values(
        stay_years_single=ENDLESS, assessment_positive_share=1.0, relapse_share=0.0
    )


@pytest.mark.parametrize("months", [1, 9, 25])
@pytest.mark.parametrize("destination", ["own_home", "other_care"])
def test_with_a_maximum_stay_everybody_leaves_after_exactly_so_many_months(
    months: int, destination: str
) -> None:
    world = empty(endless(make_world())).without_rows("core_capacity__plan")
    flows, _ = live(with_maximum(world, months, destination, "sheltered_living", "shelter"))
    to, nothing = flows["ready"], flows["left_elsewhere"]
    if destination == "other_care":
        to, nothing = nothing, to
    np.testing.assert_array_equal(to[months:, :2], flows["admitted"][:-months, :2])
    assert not to[:months, :2].any()
    assert not nothing[:, :2].any()
    assert flows["admitted"][:, :2].sum(axis=0).min() > 70
    # Without a maximum nobody ever leaves the places of the third group.
    assert not (to + nothing)[:, 2].any()


def test_who_is_past_the_maximum_at_the_start_leaves_in_the_first_month() -> None:
    world = endless(make_world()).without_rows("core_capacity__plan")
    flows, _ = live(with_maximum(world, 9, "own_home", "shelter"))
    # Of 40 places: 12 for 5 months and 8 for 2, 6 for 9 and 8 for 20 months.
    assert (flows["ready"][0, 1] == 14).all()
    assert not flows["ready"][1:4, 1].any()
    assert (flows["ready"][4, 1] == 12).all()
    assert (flows["ready"][7, 1] == 8).all()


def test_a_maximum_cuts_stays_that_end_by_themselves_too() -> None:
    world = empty(make_world()).with_values(own_home_share=0.0, relapse_share=0.0)
    flows, _ = live(with_maximum(world, 12, "own_home", "shelter"))
    ready, left = flows["ready"][:, 1], flows["left_elsewhere"][:, 1]
    admitted = np.cumsum(flows["admitted"][:, 1], axis=0)
    gone = np.cumsum(ready + left, axis=0)
    # Nobody is there longer than the maximum; many go before it, and those are not ready.
    assert (gone[12:] >= admitted[:-12]).all()
    assert left.sum() > 0
    assert ready.sum() > 0
    assert not ready[:12].any()


def without_keeping(world: World) -> World:
    """Let those who are ready leave their place at once."""
    return replace(world, resolved=set_blocking(world.resolved, blocks=False))


BORN = {2001: 3, 2003: 5, 2004: 11, 2006: 7}


def test_youth_of_a_year_of_birth_leave_in_the_year_in_which_they_reach_the_limit() -> None:
    world = with_groups(
        ("youth", "shelter"), rates={"shelter": 6.0}, places={"youth": 40}, youth=BORN
    )
    world = endless(world).with_values(exit_age_years=23.0, own_home_share=1.0)
    flows, diary = live(world)
    assert diary.setting is not None
    year = (diary.setting.first + np.arange(len(flows["ready"]))) // 12
    for born, persons in BORN.items():
        # Who is over the limit already leaves in the first month.
        last = max(born + 23, 2025)
        found = flows["ready"][year == last, 0].sum(axis=0)
        assert (found == persons).all(), born
    assert (flows["ready"][:, 0].sum(axis=0) == sum(BORN.values())).all()
    assert (flows["ready"][0, 0] >= BORN[2001]).all()
    assert (year[0], month_of(2025, 7)) == (2025, diary.setting.first)
    spread = flows["ready"][year == 2027, 0]
    assert (np.count_nonzero(spread, axis=0) > 1).all()


def test_youth_who_come_leave_at_the_age_limit_give_or_take_half_a_year() -> None:
    world = empty(with_groups(("youth", "shelter"), rates={"youth": 2.0}, places={"youth": 400}))
    world = endless(world).with_values(
        exit_age_years=23.0, entry_age_years=20.0, own_home_share=1.0
    )
    flows, diary = live(without_keeping(world))
    admitted, gone = (np.cumsum(flows[name][:, 0], axis=0) for name in ("admitted", "ready"))
    assert (gone[41:] >= admitted[:-41]).all()
    assert (gone[30:] <= admitted[:-30]).all()
    assert not gone[:30].any()
    assert (gone[40:] > admitted[:-40]).any()
    # -6 .. +5 months, each as likely: in a long run as many are there as come in 36.5 months.
    there = np.stack(diary.stocks["residents"])[60:, 0].mean()
    coming = flows["admitted"][24:, 0].mean()
    assert there / coming == pytest.approx(36.5, rel=0.05)


def test_residents_are_moved_out_of_what_closes_and_only_as_many_as_must() -> None:
    world = endless(make_world()).with_values(
        move_out_home_share=1.0,
        divert_door_share=1.0,
        closing_share=1.0,
        plan_delay_months_decided=0.0,
        intake_leave_share=1.0,
    )
    world = with_plan(
        world.without_rows("core_intake__waiting", "core_application__open"),
        ("shelter", 6, "closed_move_out", "besloten", -12),
        ("refuge", 6, "closed_attrition", "besloten", -6),
    )
    flows, diary = live(world)
    # 34 people in 40 places, and nobody comes: 28 places hold 28.
    assert (flows["moved_out"][5, 1] == 6).all()
    assert flows["moved_out"].sum() == 6 * DRAWS
    assert (diary.stocks["residents"][5][1] == 28).all()
    np.testing.assert_array_equal(flows["ready"], flows["moved_out"])
    # Closing by attrition moves nobody: 10 people stay in what is left of 11 places.
    assert (diary.stocks["residents"][-1][2] == diary.stocks["residents"][0][2]).all()


def test_anybody_with_an_exit_month_may_be_moved_out() -> None:
    """As many leave early of those whose month is near as of those whose month is far."""
    world = endless(make_world()).with_values(
        move_out_home_share=0.0,
        divert_door_share=1.0,
        closing_share=1.0,
        plan_delay_months_decided=0.0,
    )
    world = with_maximum(world, 36, "own_home", "shelter").without_rows(
        "core_intake__waiting", "core_application__open"
    )
    world = with_plan(world, ("shelter", 2, "closed_move_out", "besloten", -23))
    diary = Diary()
    world.run(UNLIMITED, draws=256, observe=diary.observe)
    ready = np.stack(diary.flows["ready"])[:, 1]
    # Of 34 people 17 are moved out in the second month; 8, 6, 12 and 8 have their month later.
    assert (np.stack(diary.flows["moved_out"])[1, 1] == 17).all()
    for ahead, people in ((36 - 20, 8), (36 - 9, 6), (36 - 5, 12), (36 - 2, 8)):
        share = ready[ahead] / people
        # Cell by cell a binomial number goes: the mean is that of drawing people one by one.
        assert abs(share.mean() - 0.5) < 4 * share.std() / np.sqrt(256)
        assert share.std() > 0


def test_without_a_place_nobody_waits_where_nobody_needs_one() -> None:
    groups = ("night_shelter", "clinic", "shelter")
    rates = {"night_shelter": 9.0, "clinic": 3.0, "shelter": 6.0}
    world = empty(with_groups(groups, rates=rates, places={"night_shelter": 2}))
    flows, diary = live(world.with_values(relapse_share=0.0))
    np.testing.assert_array_equal(flows["admitted"][:, 0], flows["referred"][:, 0])
    np.testing.assert_array_equal(flows["diverted_door"][:, 1], flows["referred"][:, 1])
    assert flows["diverted_door"][:, 1].sum() > 0
    intake, residents, blocked = (
        np.stack(diary.stocks[name]) for name in ("intake", "residents", "blocked")
    )
    assert not intake[:, :2].any()
    assert not residents[:, 1].any()
    assert not blocked[:, :2].any()
    assert residents[-1, 0].min() > 10


def test_who_has_been_there_very_long_leaves_as_the_last_phase_does() -> None:
    alive = tabled_survival(np.array([0.02, 1e-12]), 2)
    draws = np.zeros(2000, dtype=np.int64)
    uniform = (np.arange(2000) + 0.5) / 2000
    for passed in (170, 180, 400, 5000):
        found = months_until(alive, draws, uniform, passed=passed)
        # Geometric with chance 0.02 for those in the second phase, and some are in the first still.
        in_second = min(passed, 180) * 0.02 / (min(passed, 180) * 0.02 + 0.98)
        assert (found == 1).mean() == pytest.approx(0.02 * in_second, abs=0.001)
        assert np.median(found) == pytest.approx(46, abs=8)
    never = months_until(alive, draws + 1, uniform, passed=3)
    assert (never == NEVER).all()


def test_refused_people_are_asked_again_half_a_mean_stay_later() -> None:
    world = empty(make_world()).with_values(
        stay_years_single=ENDLESS,
        stay_years_complex=ENDLESS,
        assessment_positive_share=0.0,
        assessment_returned_share=0.0,
        assessment_months=1.0,
        ready_to_application_months=0.0,
        own_home_share=1.0,
        divert_unplaced_share=0.0,
    )
    flows, _ = live(with_maximum(world, 6, "own_home", "shelter"), CAPPED)
    # With phases that never end that is past the run: everybody is ready once.
    ready, admitted = flows["ready"][:, 1], flows["admitted"][:, 1]
    np.testing.assert_array_equal(ready[6:], admitted[:-6])
    np.testing.assert_array_equal(flows["rejected"][1:, 1], ready[:-1])
    assert ready.sum() > 0
