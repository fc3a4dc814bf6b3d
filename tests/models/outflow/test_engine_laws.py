"""Laws of the month loop: nobody is lost, nothing is negative, and what may move which way.

What was found about the laws of the model: more offers is exact per draw, cohort by cohort, while
people do not feed back into the list (no relapse, no blocked places), leaving included. More
closing never lowers the homes needed in any draw where all unplaced people get one and assessments
are certain; with refusals it holds on means. Where nobody is diverted, homes fall and the people
without a place AND a home (those who wait and those who gave up together) rise by more.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
import pytest

from models.outflow.answer import RUNS
from models.outflow.demand import DRIVERS, drivers
from models.outflow.engine import Run
from models.outflow.setting import Switches
from models.outflow.state import Setting, State
from models.registry import Resolved
from models.units import ALL_GROUPS
from tests.models.invented import (
    CAPPED,
    GROUPS,
    HORIZON,
    World,
    make_core,
    make_inflow,
    make_resolved,
    make_scenario,
    make_world,
    set_blocking,
    total,
)

pytestmark = pytest.mark.properties

UNLIMITED = Switches()


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


def carry_unused(resolved: Resolved) -> Resolved:
    """Let unused homes stay on offer until the end of the year."""
    assert resolved.region.cap is not None
    cap = resolved.region.cap.model_copy(update={"unused_offers": "carried_to_year_end"})
    return replace(resolved, region=resolved.region.model_copy(update={"cap": cap}))


@dataclass
class Bookkeeper:
    """Follows a run month by month and checks every stock against the flows."""

    months: int = 0
    before: dict[str, np.ndarray] = field(default_factory=dict)
    placed_before: np.ndarray | None = None
    used_in_year: np.ndarray | None = None
    last_queued: np.ndarray | None = None

    def snapshot(self, setting: Setting, state: State) -> dict[str, np.ndarray]:
        return {
            "intake": state.intake.copy(),
            "stay": setting.by_group(state.stay.sum(axis=1)),
            "assessing": state.assessing.sum(axis=0),
            "queued": state.queued.sum(axis=0),
            "moving": state.moving.sum(axis=0),
            "support": state.supported + state.extended,
            "extended": state.extended.copy(),
        }

    def observe(
        self, ahead: int, setting: Setting, state: State, stocks: dict[str, np.ndarray]
    ) -> None:
        assert ahead == self.months
        self.months += 1
        self.check_finite(state)
        now = self.snapshot(setting, state)
        if self.before:
            self.check_stocks(now, state.flows)
            self.check_support(state, now)
        self.check_places(ahead, setting, state.flows, stocks)
        self.check_offers(ahead, setting, state)
        self.before = now
        self.last_queued = state.queued.sum(axis=(0, 1))

    def check_finite(self, state: State) -> None:
        for name, stock in vars(state).items():
            for part in stock.values() if isinstance(stock, dict) else [stock]:
                assert part.dtype == np.int64, name
                assert part.min(initial=0) >= 0, name
                assert part.max(initial=0) < 100_000, name
        assert not state.returning.any()
        assert not state.approved_now.any()

    def check_stocks(self, now: dict[str, np.ndarray], flow: dict[str, np.ndarray]) -> None:
        def change(name: str) -> np.ndarray:
            return now[name] - self.before[name]

        # Refusals return to the stay they blocked a place with, the rest to the intake list.
        back_to_stay = change("stay") - flow["admitted"] + flow["ready"] + flow["left_elsewhere"]
        assert (back_to_stay >= 0).all()
        assert (back_to_stay <= flow["rejected"]).all()
        asked = flow["referred"] + flow["returned"] - flow["diverted_door"]
        left = flow["admitted"] + flow["diverted_unplaced"] + flow["left_intake"]
        back_to_intake = flow["rejected"] - back_to_stay
        np.testing.assert_array_equal(change("intake"), asked - left + back_to_intake)
        applying = flow["diverted_door"] + flow["diverted_unplaced"] + flow["ready"]
        decided = flow["approved"] + flow["rejected"]
        np.testing.assert_array_equal(change("assessing"), applying - decided)
        np.testing.assert_array_equal(flow["joined"], flow["approved"] - flow["companions"])
        np.testing.assert_array_equal(
            change("queued"), flow["joined"] - flow["left_list"] - flow["offered"]
        )
        np.testing.assert_array_equal(change("moving"), flow["offered"] - flow["let"])
        np.testing.assert_array_equal(flow["let"], self.before["moving"])
        ended = flow["relapsed"] + flow["support_ended"]
        np.testing.assert_array_equal(change("support"), flow["let"] - ended)
        np.testing.assert_array_equal(flow["returned"], flow["relapsed"])
        # Everybody together: in by referral, out by five doors and no other.
        everyone = ("intake", "stay", "assessing", "queued", "moving", "support")
        out = ("left_elsewhere", "left_intake", "companions", "left_list", "support_ended")
        np.testing.assert_array_equal(
            sum(change(name) for name in everyone),
            flow["referred"] - sum(flow[name] for name in out),
        )

    def check_support(self, state: State, now: dict[str, np.ndarray]) -> None:
        still_to_come = state.graduates.sum(axis=0) + state.relapse_due.sum(axis=0)
        np.testing.assert_array_equal(state.supported, still_to_come)
        grown = now["extended"] - self.before["extended"] + state.flows["support_ended"]
        assert (grown >= 0).all()

    def check_places(
        self,
        ahead: int,
        setting: Setting,
        flow: dict[str, np.ndarray],
        stocks: dict[str, np.ndarray],
    ) -> None:
        if not setting.blocks.all():
            return
        residents, places = stocks["residents"], setting.places[ahead]
        assert not flow["admitted"][residents > places].any()
        if self.placed_before is not None:
            assert (residents <= np.maximum(places, self.placed_before)).all()
        self.placed_before = residents
        # A free place and somebody on the intake list at the start of the month do not go together.
        if self.before:
            free = places - residents
            left_over = self.before["intake"] - flow["admitted"]
            assert not ((free > 0) & (left_over > 0)).any()

    def check_offers(self, ahead: int, setting: Setting, state: State) -> None:
        offered = state.flows["offered"].sum(axis=0)
        if setting.homes is None:
            assert not state.queued.any()
            return
        month = setting.first + ahead
        if self.used_in_year is None or month % 12 == 0:
            self.used_in_year = np.zeros_like(offered)
            self.had_in_year = 0
        self.used_in_year = self.used_in_year + offered
        self.had_in_year += int(setting.homes[ahead])
        waiting = state.queued.sum(axis=(0, 1))
        if setting.carries_unused:
            assert (self.used_in_year <= self.had_in_year).all()
            assert (self.used_in_year[waiting > 0] == self.had_in_year).all()
        else:
            assert (offered <= setting.homes[ahead]).all()
            assert (offered[waiting > 0] == setting.homes[ahead]).all()


WILD = {
    "divert_door_share": 0.3,
    "divert_unplaced_share": 1.0,
    "relapse_share": 0.9,
    "assessment_positive_share": 0.2,
    "homes_per_person": 0.5,
    "housing_list_leave_share": 0.5,
    "intake_leave_share": 0.9,
    "support_extension_months": 1.0,
    "assessment_months": 1.0,
    "own_home_share": 1.0,
}


@pytest.mark.parametrize("switches", [CAPPED, UNLIMITED], ids=["capped", "unlimited"])
@pytest.mark.parametrize("values", [{}, WILD], ids=["as believed", "wild"])
def test_every_stock_follows_from_its_flows_in_every_draw_and_month(
    switches: Switches, values: dict[str, float]
) -> None:
    book = Bookkeeper()
    run = make_world().with_values(**values).run(switches, observe=book.observe)
    assert book.months == HORIZON + (6 if switches.capped else 0)
    assert total(run, "let").min() > 0
    if switches.capped:
        on_list = (run.joined - run.offered - run.left).sum(axis=0)
        np.testing.assert_array_equal(on_list, book.last_queued)
        assert (run.joined >= run.offered + run.left).all()
        assert (run.offered_within <= run.offered).all()


def test_unused_homes_are_carried_to_the_end_of_the_year_and_no_further() -> None:
    world = make_world().without_rows("core_application__open")
    carried = replace(world, resolved=carry_unused(world.resolved))
    book = Bookkeeper()
    run = carried.run(yearly_homes=70, observe=book.observe)
    assert book.months == HORIZON + 6
    lost = world.run(yearly_homes=70)
    assert run.housing_list.sum() < lost.housing_list.sum()
    assert total(run, "offered").sum() > total(lost, "offered").sum()


def test_the_first_month_starts_from_the_state_that_was_read() -> None:
    seen: dict[str, np.ndarray] = {}

    def first(ahead: int, setting: Setting, state: State, stocks: dict[str, np.ndarray]) -> None:
        if ahead == 0:
            flow = state.flows
            seen["people"] = (
                stocks["intake"]
                + setting.by_group(state.stay.sum(axis=1))
                + (state.assessing + state.queued + state.moving).sum(axis=0)
                + stocks["support"]
            )
            for name in ("left_elsewhere", "left_intake", "companions", "left_list"):
                seen["people"] = seen["people"] + flow[name]
            seen["people"] = seen["people"] + flow["support_ended"] - flow["referred"]

    world = make_world().with_values(relapse_share=0.0)
    world.run(observe=first)
    inputs = world.inputs
    start = inputs.waiting + inputs.assessing.sum(axis=0) + inputs.moving.sum(axis=0)
    start = start + inputs.lettings.sum(axis=0)
    np.add.at(start, inputs.residents.group, inputs.residents.persons)
    np.add.at(start, inputs.backlog.group, inputs.backlog.applications)
    np.testing.assert_array_equal(seen["people"], np.repeat(start[:, None], 64, axis=1))


def cumulative(run: Run, name: str) -> np.ndarray:
    """Add a flow up over the years; shape (Y, D)."""
    return np.cumsum(run.flows[name].sum(axis=1, dtype=np.int64), axis=0)


@pytest.mark.parametrize("more", [1, 3, 12])
def test_more_offers_make_no_cohort_wait_longer_in_any_draw(more: int) -> None:
    world = without_blocking(make_world().with_values(relapse_share=0.0))
    fewer, extra = world.run(), world.run(yearly_homes=30 + more)
    np.testing.assert_array_equal(fewer.joined, extra.joined)
    assert (extra.offered_within >= fewer.offered_within).all()
    assert (extra.offered >= fewer.offered).all()
    assert (extra.left <= fewer.left).all()
    assert (extra.housing_list <= fewer.housing_list).all()
    assert extra.offered_within.sum() > fewer.offered_within.sum()


def test_more_offers_shorten_waits_on_the_mean_with_relapse_and_blocking() -> None:
    world = make_world()
    fewer, extra = world.run(draws=512), world.run(draws=512, yearly_homes=34)
    cohorts = slice(fewer.backlog_cohorts, fewer.backlog_cohorts + HORIZON)

    def share(run: Run) -> np.ndarray:
        return run.offered_within[cohorts].sum(axis=0) / run.joined[cohorts].sum(axis=0)

    def waiting_months(run: Run) -> np.ndarray:
        return run.housing_list.sum(axis=0) / run.joined[cohorts].sum(axis=0)

    for gain in (share(extra) - share(fewer), waiting_months(fewer) - waiting_months(extra)):
        assert gain.mean() > 3 * gain.std() / np.sqrt(gain.size)


CERTAIN = {
    "relapse_share": 0.0,
    "divert_unplaced_share": 1.0,
    "assessment_months": 1.0,
    "assessment_positive_share": 1.0,
    "homes_per_person": 1.0,
}


def test_closing_never_lowers_homes_needed_in_any_draw_where_all_unplaced_get_one() -> None:
    world = without_blocking(make_world().with_values(**CERTAIN))
    plan, more = world.run(UNLIMITED), change_places(world, 2).run(UNLIMITED)
    assert (cumulative(more, "offered") >= cumulative(plan, "offered")).all()
    assert total(more, "offered").mean() > total(plan, "offered").mean() + 10


def test_closing_raises_homes_needed_on_the_mean_where_all_unplaced_apply() -> None:
    world = make_world().with_values(divert_unplaced_share=1.0)
    plan, more = world.run(UNLIMITED), change_places(world, 2).run(UNLIMITED)
    gain = total(more, "offered") - total(plan, "offered")
    assert gain.mean() > 3 * gain.std() / np.sqrt(gain.size)


def test_closing_without_diversion_moves_people_from_homes_to_neither_place_nor_home() -> None:
    world = make_world().with_values(divert_unplaced_share=0.0)
    plan, more = world.run(UNLIMITED), change_places(world, 2).run(UNLIMITED)

    def unmet(run: Run) -> np.ndarray:
        waiting = run.stocks["intake"][-1].sum(axis=0, dtype=np.int64)
        return total(run, "left_intake") + waiting

    homes = total(more, "offered") - total(plan, "offered")
    assert homes.mean() < 0
    both = homes + unmet(more) - unmet(plan)
    assert both.mean() > 3 * both.std() / np.sqrt(both.size)


def test_longer_stays_never_raise_cumulative_admissions_for_given_referrals() -> None:
    world = without_blocking(
        make_world().with_values(relapse_share=0.0, assessment_positive_share=1.0)
    )
    one_class = {**world.resolved.values, "stay_years_complex": {}}
    world = replace(world, resolved=replace(world.resolved, values=one_class))
    for switches in (CAPPED, UNLIMITED):
        shorter, longer = world.run(switches), lengthen_stays(world, 1.2).run(switches)
        by_group = np.cumsum(longer.flows["admitted"] - shorter.flows["admitted"], axis=0)
        assert by_group.max() <= 0
        assert by_group.min() < 0


def test_no_change_makes_no_difference_at_all() -> None:
    again = lengthen_stays(change_places(make_world(), 1), 1.0)
    for switches in (CAPPED, UNLIMITED):
        one, two = make_world().run(switches), again.run(switches, yearly_homes=30)
        for name in one.flows:
            np.testing.assert_array_equal(one.flows[name], two.flows[name])
        for name in one.stocks:
            np.testing.assert_array_equal(one.stocks[name], two.stocks[name])
        np.testing.assert_array_equal(one.offered_within, two.offered_within)
        np.testing.assert_array_equal(one.waited, two.waited)


def all_runs(world: World) -> dict[str, Run]:
    """Run everything that the drivers are made of."""
    return {name: world.run(switches) for name, switches in RUNS.items()}


@pytest.fixture(scope="module")
def usual_runs() -> dict[str, Run]:
    return all_runs(make_world())


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


@pytest.mark.parametrize(
    ("driver", "silent"),
    [
        ("closing_places", make_world().without_rows("core_capacity__plan")),
        ("longer_stays", unmixed(make_world())),
        ("backlog", make_world().without_rows("core_application__open")),
        ("inflow", replace(make_world(), inflow=make_inflow(level_sd=0.0)).with_values(
            inflow_drift_share=0.0
        )),
    ],
)  # fmt: skip
def test_a_driver_that_is_not_in_the_data_is_exactly_nothing(
    driver: str, silent: World, usual_runs: dict[str, Run]
) -> None:
    table = drivers(silent.inputs, all_runs(silent))
    row = table.filter(pl.col("driver") == driver).row(0, named=True)
    assert (row["mean"], row["p10"], row["p90"]) == (0.0, 0.0, 0.0)
    loud = drivers(make_world().inputs, usual_runs)
    assert loud.filter(pl.col("driver") == driver)["p90"][0] != 0.0


def test_parts_of_the_drivers_add_up_to_gross_less_reference(usual_runs: dict[str, Run]) -> None:
    world, runs = make_world(), usual_runs
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
    assert [row["position"] for row in table.values()] == list(range(1, 9))


def test_a_group_without_anybody_leaves_the_other_groups_as_they_were() -> None:
    wider = ("youth", *GROUPS)
    rates = {group: series.base_rate for group, series in make_inflow().series.items()}
    more = World(make_resolved(wider), make_core(wider), make_inflow({"youth": 0.0, **rates}))
    for switches in (CAPPED, UNLIMITED):
        with_it, without = more.run(switches), make_world().run(switches)
        for name, flow in without.flows.items():
            np.testing.assert_array_equal(with_it.flows[name][:, 1:], flow)
            assert not with_it.flows[name][:, 0].any()
        for name, stock in without.stocks.items():
            np.testing.assert_array_equal(with_it.stocks[name][:, 1:], stock)
        for name in ("housing_list", "intake_list", "offered_within", "waited", "left"):
            np.testing.assert_array_equal(getattr(with_it, name), getattr(without, name))


def test_a_scenario_that_changes_one_group_by_a_factor_of_one_changes_nothing() -> None:
    change = {"relapse_share": {"shelter": {"factor": 1.0, "source": "Een verzonnen vraag"}}}
    changed = make_world(scenario=make_scenario("same", extends="baseline", parameters=change))
    assert ("relapse_share", "shelter") in changed.resolved.changed
    assert set(changed.resolved.values["relapse_share"]) == {ALL_GROUPS, "shelter"}
    one, two = make_world().run(), changed.run()
    np.testing.assert_array_equal(one.flows["relapsed"], two.flows["relapsed"])
