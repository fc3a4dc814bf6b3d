"""Who is offered a home: contingents, laws, classes, refusals, supports, clocks; in closed form."""

from collections.abc import Mapping

import numpy as np
import pytest

from models.outflow.engine import Run
from tests.models.invented import CAPPED, GROUPS, HORIZON, World, make_world, set_cap, total
from tests.models.outflow.features import (
    Diary,
    with_cap,
    with_classes,
    with_clock,
    with_contingent,
    with_law,
    with_parameter,
    with_region,
)

pytestmark = pytest.mark.unit

DRAWS = 8
REFUGE = GROUPS.index("refuge")
SHELTER = GROUPS.index("shelter")


def live(
    world: World, *, draws: int = DRAWS, yearly_homes: int | None = None
) -> tuple[Run, Mapping[str, np.ndarray], Diary]:
    """Run a world under its cap; give its flows by month, each of shape (months, G, D)."""
    diary = Diary()
    run = world.run(CAPPED, draws=draws, yearly_homes=yearly_homes, observe=diary.observe)
    return run, {name: np.stack(rows) for name, rows in diary.flows.items()}, diary


def no_homes(world: World) -> World:
    """Give the cap no home at all, and let nobody come back or leave the list."""
    world = world.with_values(relapse_share=0.0, housing_list_leave_share=0.0)
    return World(set_cap(world.resolved, 0), world.core, world.inflow)


def years_of(diary: Diary) -> np.ndarray:
    assert diary.setting is not None
    return (diary.setting.first + np.arange(len(diary.queued))) // 12


def test_homes_of_a_contingent_go_to_its_groups_alone_and_while_it_holds() -> None:
    world = with_contingent(no_homes(make_world()), 12, "shelter", first="2026-03", last="2028-11")
    _, flows, diary = live(world)
    offered, year = flows["offered"], years_of(diary)
    others = [at for at in range(len(GROUPS)) if at != SHELTER]
    assert not offered[:, others].any()
    per_year = {int(one): offered[year == one, SHELTER].sum(axis=0) for one in np.unique(year)}
    # A home a month, from March 2026 to November 2028.
    expected = {2026: 10, 2027: 12, 2028: 11}
    for one, found in per_year.items():
        assert (found == expected.get(one, 0)).all(), one
    assert not flows["refused"].any()


def test_two_contingents_serve_a_group_of_both_and_the_cap_comes_after_them() -> None:
    world = with_contingent(no_homes(make_world()), 12, "shelter")
    world = with_contingent(world, 24, "shelter", "refuge")
    _, flows, diary = live(world)
    offered, waiting = flows["offered"], np.stack(diary.queued).sum(axis=1) > 0
    assert not offered[:, GROUPS.index("sheltered_living")].any()
    assert (offered.sum(axis=1) <= 3).all()
    # While somebody of a group waits no home that the group may take is left.
    assert (offered[:, SHELTER][waiting[:, SHELTER]] >= 1).all()
    assert (offered.sum(axis=1)[waiting[:, REFUGE]] >= 2).all()
    assert (offered.sum(axis=1)[waiting[:, SHELTER]] == 3).all()
    assert offered[:, REFUGE].sum() > 0
    assert waiting[:, SHELTER].any()


@pytest.mark.parametrize("ahead", [1, 24])
def test_a_statutory_group_never_waits_from_its_month_on(ahead: int) -> None:
    _, flows, diary = live(with_law(no_homes(make_world()), "shelter", ahead=ahead))
    queued = np.stack(diary.queued)[:, :, SHELTER]
    assert not queued[ahead - 1 :].any()
    if ahead > 1:
        assert queued[ahead - 2].sum(axis=0).min() > 20
    np.testing.assert_array_equal(
        flows["offered"][ahead:, SHELTER], flows["joined"][ahead:, SHELTER]
    )
    others = [at for at in range(len(GROUPS)) if at != SHELTER]
    assert not flows["offered"][:, others].any()


def test_a_law_takes_no_home_of_the_cap() -> None:
    world = make_world().with_values(acceptance_share=1.0, passed_on_share=0.0)
    without, with_it = live(world)[1], live(with_law(world, "refuge"))[1]
    homes = without["offered"].sum(axis=1)
    others = with_it["offered"][:, [0, 1]].sum(axis=1)
    # The same homes go to fewer groups, as long as somebody waits.
    np.testing.assert_array_equal(others[12:60], homes[12:60])


def test_homes_that_are_passed_on_are_never_homes_let() -> None:
    world = make_world().with_values(
        relapse_share=1.0, time_out_share=0.0, passed_on_share=1.0, three_party_share=0.0,
        flip_months=10_000.0, housing_list_leave_share=0.0,
    )  # fmt: skip
    world = World(set_cap(world.resolved, 0), world.core, world.inflow)
    run, flows, diary = live(world)
    # What was on offer before the run is let in its first month; then no home is new.
    assert (flows["let"][0].sum(axis=0) == 3).all()
    assert not flows["let"][1:].any()
    assert not flows["offered"].any()
    assert (total(run, "moved_passed") > 50).all()
    np.testing.assert_array_equal(flows["moved_passed"][1:], flows["offered_passed"][:-1])
    # A provider's home is lived in, given to who moves next month, waits for a next client, or is
    # the resident's own by now: the homes of the first month stay.
    leased, moving = (np.stack(diary.stocks[name]).sum(axis=1) for name in ("leased", "moving"))
    flipped = np.cumsum(flows["flipped"].sum(axis=1), axis=0)
    free = np.cumsum(flows["passed_on"].sum(axis=1) - flows["offered_passed"].sum(axis=1), axis=0)
    homes = leased + moving + flipped + free
    np.testing.assert_array_equal(homes, np.broadcast_to(homes[0], homes.shape))
    np.testing.assert_array_equal(run.passed_homes, free[-1])
    assert homes[0].min() > 30


def test_where_a_refusal_counts_a_letting_takes_one_over_the_acceptance_offers() -> None:
    chance = 0.6
    world = with_cap(make_world().with_values(acceptance_share=chance), refusal_counts=True)
    _, flows, diary = live(world.with_values(relapse_share=0.0), draws=64)
    accepted, refused = flows["offered"].sum(axis=1), flows["refused"].sum(axis=1)
    assert diary.setting is not None
    homes = diary.setting.offers.homes
    assert homes is not None
    # The list is never empty: every offer is spent, on a yes or a no.
    np.testing.assert_array_equal(accepted + refused, homes)
    offers = accepted.sum() + refused.sum()
    error = np.sqrt(chance * (1 - chance) / offers)
    assert abs(accepted.sum() / offers - chance) < 4 * error
    assert offers / accepted.sum() == pytest.approx(1 / chance, rel=5 * error / chance)


def test_where_a_refusal_does_not_count_every_home_finds_somebody() -> None:
    chance = 0.6
    world = make_world().with_values(acceptance_share=chance, relapse_share=0.0)
    _, flows, diary = live(world, draws=64)
    assert diary.setting is not None
    homes = diary.setting.offers.homes
    assert homes is not None
    accepted, refused = flows["offered"].sum(axis=1), flows["refused"].sum(axis=1)
    waiting = np.stack(diary.queued).sum(axis=(1, 2)) > 20
    assert waiting.mean() > 0.9
    np.testing.assert_array_equal(accepted[waiting], homes[waiting])
    # On the way to a yes 1/a - 1 people say no; who is asked last does not depend on the answer.
    share = refused[waiting].sum() / accepted[waiting].sum()
    # The number of them is rounded to whole people, cohort by cohort.
    assert share == pytest.approx(1 / chance - 1, rel=0.1)


def test_a_home_goes_to_a_later_class_when_nobody_of_an_earlier_one_waits() -> None:
    world = with_classes(make_world().without_rows("core_application__open"), 0.7, 0.3)
    world = world.with_values(acceptance_share=1.0, relapse_share=0.0)
    run, _, _ = live(world, yearly_homes=30)
    first = run.backlog_cohorts
    # The first class alone asks for more than the cap: the second gets nothing any more.
    assert run.class_within[1, first + 24 : first + HORIZON].sum() == 0
    assert run.class_within[0, first : first + 12].sum() > 0
    plenty = world.run(CAPPED, draws=DRAWS, yearly_homes=2000)
    np.testing.assert_array_equal(plenty.class_within, plenty.class_joined)
    share = plenty.class_joined[0].sum() / plenty.joined.sum()
    assert share == pytest.approx(0.7, abs=4 * np.sqrt(0.21 / plenty.joined.sum()))


def test_no_more_homes_are_let_than_supports_can_start() -> None:
    world = with_parameter(make_world(), "support_starts_yearly", 12.0, "persons_per_year")
    world = world.with_values(relapse_share=0.0)
    run, flows, _ = live(world)
    # A support a month, and always somebody who takes the home.
    assert (flows["offered"].sum(axis=1) <= 1).all()
    assert (flows["offered"].sum(axis=1)[3:] == 1).mean() > 0.99
    assert (run.flows["offered"].sum(axis=1)[1:10] <= 12).all()


def test_outside_the_validity_of_the_cap_there_is_no_home_of_it() -> None:
    world = make_world().with_values(relapse_share=0.0)
    agreements = tuple(
        item.model_copy(update={"valid_from": "2026-03", "valid_to": "2028-10"})
        if item.agreement_id == "cap"
        else item
        for item in world.resolved.region.agreements
    )
    _, flows, diary = live(with_region(world, agreements=agreements))
    assert diary.setting is not None
    month = diary.setting.first + np.arange(len(diary.queued))
    holds = (month >= 2026 * 12 + 2) & (month <= 2028 * 12 + 9)
    assert not flows["offered"][~holds].any()
    assert flows["offered"][holds].sum(axis=1).min() >= 1


PLENTY = {
    "acceptance_share": 1.0,
    "relapse_share": 0.0,
    "assessment_months": 1.0,
    "ready_to_application_months": 0.0,
    "housing_list_leave_share": 0.0,
}


def waits(clock: str, **values: float) -> tuple[np.ndarray, np.ndarray]:
    """Give months waited and people offered by cohort since the as-of month, with homes enough."""
    world = with_clock(make_world().with_values(**{**PLENTY, **values}), clock)
    run = world.run(CAPPED, draws=32, yearly_homes=5000)
    own = run.cohort_month >= run.cohort_month[run.backlog_cohorts] - (clock != "approval")
    np.testing.assert_array_equal(run.offered.sum(axis=0), run.joined.sum(axis=0))
    return run.waited[own], run.offered[own]


def test_the_wait_counts_from_the_start_of_the_clock() -> None:
    sure = {"assessment_positive_share": 1.0}
    waited, _ = waits("approval", **sure)
    assert not waited.any()
    # Applied in the month of readiness, decided in the next: one month.
    for clock in ("application", "ready"):
        waited, offered = waits(clock, **sure)
        np.testing.assert_array_equal(waited, offered)


def test_a_returned_application_starts_a_new_clock_unless_readiness_starts_it() -> None:
    again = {"assessment_positive_share": 0.5, "assessment_returned_share": 0.5}
    waited, offered = waits("application", **again)
    np.testing.assert_array_equal(waited, offered)
    waited, offered = waits("ready", **again)
    # Half are approved at every try; waits are followed to the seventh month.
    mean = sum(0.5**month for month in range(7))
    error = np.sqrt(2.0 / offered.sum())
    assert waited.sum() / offered.sum() == pytest.approx(mean, abs=5 * error)
