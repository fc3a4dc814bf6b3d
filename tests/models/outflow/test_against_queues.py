"""Textbook queues and the waiting-list rules of a health service, met by the model's own steps.

A month of the model may stand for any span of time: for the queues with exponential times a step is
a small part of a year, so that what happens inside a step does not matter.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import poisson

from models.outflow.housing_list import HousingList
from models.outflow.inputs import Backlog
from models.outflow.keyed import Chance, Keys, draw_words
from models.outflow.setting import Switches, make_setting
from models.outflow.start import make_state
from models.outflow.state import Setting, State
from models.outflow.steps import STEPS
from tests.models.invented import World, fix_all, make_chunk, make_world

pytestmark = pytest.mark.reference

GROUP = ("shelter",)


def bare_world() -> World:
    """Nobody anywhere at the start, no diversion, nobody gives up, nobody leaves to a home."""
    world = make_world(GROUP).without_rows(
        "core_stay__open", "core_application__open", "core_intake__waiting"
    )
    world = world.with_values(
        stay_phases=1.0,
        divert_door_share=0.0,
        divert_unplaced_share=0.0,
        intake_leave_share=0.0,
        own_home_share=0.0,
        relapse_share=0.0,
    )
    return replace(world, resolved=fix_all(world.resolved))


def prepare(
    arrivals: float, end: float, places: int, *, steps: int, draws: int
) -> tuple[Setting, State]:
    """Set the chances of one step by hand, for as many steps as needed."""
    world = bare_world()
    chunk = make_chunk(world.resolved, draws)
    switches = Switches(inflow=False)
    setting = make_setting(world.inputs, world.inflow, chunk, switches)
    state = make_state(world.inputs, setting, chunk.sample, switches)
    state.supported[:], state.graduates[:], state.relapse_due[:] = 0, 0, 0
    shape = (steps, 1, draws)
    rates = replace(setting.rates, stay_end=Chance.of(np.full((1, 1, draws), end)))
    setting = replace(
        setting,
        months=steps,
        rates=rates,
        intensity=np.broadcast_to(np.float64(arrivals), shape),
        complex_share=np.broadcast_to(np.float64(0.0), shape),
        places=np.broadcast_to(np.int64(places), shape),
        moving_out=np.broadcast_to(np.int64(0), shape),
    )
    return setting, state


def live(setting: Setting, state: State, *, skip: int) -> tuple[np.ndarray, np.ndarray]:
    """Live all steps; give residents and waiting at the moments after admissions, (steps, D)."""
    residents, waiting = [], []
    for ahead in range(setting.months):
        for name in ("move_out", "refer", "admit"):
            STEPS[name](setting, state, (), ahead)
        if ahead >= skip:
            residents.append(state.residents(setting)[0])
            waiting.append(state.intake[0].copy())
        STEPS["end_stays"](setting, state, (), ahead)
    assert not state.preparing[0].any()
    return np.stack(residents), np.stack(waiting)


def test_without_a_limit_on_places_residents_are_rate_times_stay() -> None:
    rate, months = 3.0, 5.0
    setting, state = prepare(rate, 1 / months, 10_000, steps=90, draws=2048)
    residents, waiting = live(setting, state, skip=60)
    assert not waiting.any()
    # M/G/infinity: the number present is Poisson with mean rate x mean stay.
    last = residents[-1]
    assert abs(residents.mean() - rate * months) < 4 * np.sqrt(rate * months / 2048)
    assert last.var() == pytest.approx(rate * months, rel=0.12)
    counts = np.bincount(np.clip(last, 8, 23), minlength=24)[8:24]
    chances = poisson.pmf(np.arange(8, 24), rate * months)
    chances[0] = poisson.cdf(8, rate * months)
    chances[-1] = poisson.sf(22, rate * months)
    assert np.sum((counts - 2048 * chances) ** 2 / (2048 * chances)) < 40


def test_stays_of_two_phases_hold_as_many_as_stays_of_one() -> None:
    """M/G/infinity does not ask how stays are spread, only how long they are on the mean."""
    world = bare_world().with_values(stay_phases=2.0, stay_years_single={"shelter": 0.75})
    core = dict(world.core)
    core["core_capacity__quarterly"] = core["core_capacity__quarterly"].with_columns(places=5000)
    world = replace(world, core=core)
    run = world.run(Switches(inflow=False, closing=False), draws=1024)
    expected = 6.0 * 12 * 0.75
    found = run.stocks["residents"][-4:, 0].mean()
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected / 1024))


def queue_of_four(arrivals: float, served: float, places: int) -> tuple[float, float]:
    """Give L and Lq of M/M/s (Erlang C)."""
    load = arrivals / served
    terms = [load**n / float(np.prod(np.arange(1, n + 1))) for n in range(places + 1)]
    last = terms[places] * places / (places - load)
    all_busy = last / (sum(terms[:places]) + last)
    waiting = all_busy * load / (places - load)
    return waiting + load, waiting


def test_four_places_hold_what_erlang_says() -> None:
    people, waiting = queue_of_four(35.0, 12.0, 4)
    assert (round(people, 3), round(waiting, 3)) == (4.196, 1.279)
    per_year, years, draws = 500, 8, 1024
    setting, state = prepare(35 / per_year, 12 / per_year, 4, steps=years * per_year, draws=draws)
    found_residents, found_waiting = live(setting, state, skip=2 * per_year)
    assert found_residents.max() == 4
    # Six years a draw, of which about one counts: the queue forgets itself in a year.
    by_draw = found_waiting.mean(axis=0)
    error = by_draw.std() / np.sqrt(draws)
    assert error < 0.04
    # A step of 1/500 year lets a person wait for the next step at most.
    step = 35.0 / per_year
    assert abs(by_draw.mean() - waiting) < 3.5 * error + step
    both = (found_residents + found_waiting).mean(axis=0)
    assert abs(both.mean() - people) < 3.5 * both.std() / np.sqrt(draws) + step


def test_a_queue_that_fills_up_follows_its_markov_chain_month_by_month() -> None:
    """Sixteen months from an empty start, against the chain of the same steps worked out exactly.

    The chain: Poisson arrivals, free places filled, each stay ends with chance p.
    """
    arrivals, end, places, most = 1.5, 0.3, 4, 60
    draws, steps = 8192, 16
    setting, state = prepare(arrivals, end, places, steps=steps, draws=draws)
    residents, waiting = live(setting, state, skip=0)
    coming = poisson.pmf(np.arange(most + 1), arrivals)
    ending = np.zeros((places + 1, places + 1))
    for busy in range(places + 1):
        for gone in range(busy + 1):
            ways = np.prod(np.arange(busy - gone + 1, busy + 1)) / np.prod(np.arange(1, gone + 1))
            ending[busy, gone] = ways * end**gone * (1 - end) ** (busy - gone)
    present = np.zeros(most + 1)
    present[0] = 1.0
    for step in range(steps):
        present = np.convolve(present, coming)[: most + 1]
        people = np.arange(most + 1)
        busy = np.minimum(people, places)
        for found, expected in (
            (residents[step], float(present @ busy)),
            (waiting[step], float(present @ (people - busy))),
        ):
            assert abs(found.mean() - expected) < 3.5 * max(found.std(), 0.01) / np.sqrt(draws)
        after = np.zeros(most + 1)
        for number in people:
            for gone in range(busy[number] + 1):
                after[number - gone] += present[number] * ending[busy[number], gone]
        present = after


def play_list(queue: int, demand: int, offers: np.ndarray, promise: int) -> HousingList:
    """Let a list live under a constant demand; a step is a week."""
    first = 24_000
    nobody = np.zeros(0, dtype=np.int64)
    one = np.ones(1, dtype=np.int64)
    rows = (first - one, 0 * one, 0 * one, 0 * one, queue * one) if queue else [nobody] * 5
    backlog = Backlog(*rows)
    waiting = HousingList(GROUP, backlog, first, offers.size, 1, promise)
    keys = Keys(draw_words(1, 0, 1), "proeftuin", GROUP)
    for ahead, homes in enumerate(offers.tolist()):
        gone = waiting.leave(first + ahead, keys, np.zeros((1, 1)))
        assert not gone.any()
        waiting.join(first + ahead, np.array([[[[demand]], [[0]]]]))
        waiting.offer(first + ahead, np.array([homes]))
    return waiting


def size(waiting: HousingList) -> int:
    return int((waiting.joined - waiting.offered - waiting.left).sum())


def test_waiting_list_rules_hold_on_the_housing_list() -> None:
    """NHS waiting list rules: queue 1,200, target 52 weeks, demand 30 and capacity 27 a week."""
    queue, target, demand, capacity = 1200, 52, 30, 27
    load = demand / capacity
    assert round(load, 3) == 1.111
    # A load above 1: the list grows by the difference, week after week.
    growing = play_list(queue, demand, np.full(40, capacity), target)
    assert size(growing) == queue + 40 * (demand - capacity)
    # The target queue is demand times a quarter of the target; relief gets there in 26 weeks.
    target_queue = demand * target / 4
    relief = demand + (queue - target_queue) / 26
    assert target_queue == 390
    assert round(relief, 2) == 61.15
    offers = np.diff(np.floor(relief * np.arange(27))).astype(np.int64)
    relieved = play_list(queue, demand, offers, target)
    assert abs(size(relieved) - target_queue) <= 1
    # Then demand is met by as many offers, and everybody waits a quarter of the target (Little).
    steady = play_list(int(target_queue), demand, np.full(120, demand), target)
    own = slice(1, 80)
    waits = steady.waited[own, 0] / steady.offered[own, 0]
    assert (waits == target / 4).all()
    assert (steady.offered_within[own, 0] == demand).all()
