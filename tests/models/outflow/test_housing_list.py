"""The housing list against a plain Python list of people, one draw at a time."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from models.outflow.housing_list import HousingList
from models.outflow.inputs import Backlog
from models.outflow.keyed import Event, Keys, draw_words, mix, word_of_name

FIRST = 2026 * 12
GROUPS = ("sheltered_living", "shelter", "refuge")
STREAMS = [(blocks, group) for blocks in (0, 1) for group in range(len(GROUPS))]
PROMISE = 2


def make_backlog(rows: list[tuple[int, int, int, int]]) -> Backlog:
    columns = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4).T
    return Backlog(*columns)


def order_of(month: int, groups: tuple[str, ...] = GROUPS) -> list[tuple[int, str]]:
    """Give the streams of a month's cohort in the order in which they are served."""
    streams = [(blocks, group) for blocks in (0, 1) for group in groups]

    def word(stream: tuple[int, str]) -> int:
        name = word_of_name(f"{stream[0]}/{stream[1]}")
        with np.errstate(over="ignore"):
            salted = np.array([name]) + mix(np.array([month], dtype=np.uint64))
        return int(mix(salted)[0])

    return sorted(streams, key=word)


@dataclass
class PlainList:
    """People in a row: (month of the clock, place in the cohort, blocks, group)."""

    draw: int
    keys: Keys
    people: list[tuple[int, int, int, int]] = field(default_factory=list)
    joined: Counter = field(default_factory=Counter)
    offered: Counter = field(default_factory=Counter)
    within: Counter = field(default_factory=Counter)
    waited: Counter = field(default_factory=Counter)
    left: Counter = field(default_factory=Counter)

    def join(self, month: int, blocks: int, group: int, count: int) -> None:
        place = order_of(month).index((blocks, GROUPS[group]))
        self.people += [(month, place, blocks, group)] * count
        self.joined[month] += count

    def leave(self, month: int, hazard: np.ndarray) -> Counter:
        gone: Counter = Counter()
        for cell, count in sorted(Counter(self.people).items()):
            cohort, _, blocks, group = cell
            uniform = self.keys.uniforms(
                Event.LIST_LEAVE, month, np.array(cohort * 2 + blocks), np.array(group)
            )[self.draw]
            leavers = int(binom.ppf(uniform, count, hazard[group, self.draw]))
            for _ in range(leavers):
                self.people.remove(cell)
            gone[blocks, group] += leavers
            self.left[cohort] += leavers
        return gone

    def offer(self, month: int, homes: int) -> Counter:
        self.people.sort()
        served, self.people = self.people[:homes], self.people[homes:]
        for cohort, _, _, _ in served:
            self.offered[cohort] += 1
            self.within[cohort] += month - cohort <= PROMISE
            self.waited[cohort] += month - cohort
        return Counter((blocks, group) for _, _, blocks, group in served)


def as_counts(found: np.ndarray, draw: int) -> Counter:
    return Counter({(b, g): int(found[b, g, draw]) for b, g in STREAMS if found[b, g, draw]})


def play(seed: int, months: int, draws: int, hazard: float, homes: int) -> None:
    """Let both lists live through the same months and compare them after every step."""
    dice = np.random.default_rng(seed)
    ages = dice.integers(1, 9, size=6)
    rows = [(FIRST - int(a), int(dice.integers(2)), int(dice.integers(3)), 2) for a in ages]
    keys = Keys(draw_words(seed, 0, draws), "proeftuin", GROUPS)
    ours = HousingList(GROUPS, make_backlog(rows), FIRST, months, draws, PROMISE)
    plain = [PlainList(draw, keys) for draw in range(draws)]
    for month, blocks, group, count in rows:
        for one in plain:
            one.join(month, blocks, group, count)
    chances = np.clip(hazard * dice.random((3, draws)), 0.0, 1.0)
    for month in range(FIRST, FIRST + months):
        gone = ours.leave(month, keys, chances)
        for one in plain:
            assert as_counts(gone, one.draw) == +one.leave(month, chances)
        joining = dice.poisson(0.8, size=(2, 3, draws))
        ours.join(month, joining)
        for one in plain:
            for blocks, group in STREAMS:
                one.join(month, blocks, group, int(joining[blocks, group, one.draw]))
        on_offer = dice.integers(0, homes + 1, size=draws)
        served = ours.offer(month, on_offer)
        assert (served.sum(axis=(0, 1)) <= on_offer).all()
        for one in plain:
            assert as_counts(served, one.draw) == one.offer(month, int(on_offer[one.draw]))
            waiting = ours.joined - ours.offered - ours.left
            assert waiting[:, one.draw].sum() == len(one.people)
    for one in plain:
        for cohort, month in enumerate(ours.cohort_month.tolist()):
            at = (cohort, one.draw)
            assert ours.joined[at] == one.joined[month]
            assert ours.offered[at] == one.offered[month]
            assert ours.offered_within[at] == one.within[month]
            assert ours.waited[at] == one.waited[month]
            assert ours.left[at] == one.left[month]


@pytest.mark.properties
@settings(max_examples=25)
@given(
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.05, 0.6, 1.0]),
    st.integers(0, 12),
)
def test_everybody_gets_the_home_that_a_plain_list_would_give_them(
    seed: int, hazard: float, homes: int
) -> None:
    play(seed, months=14, draws=2, hazard=hazard, homes=homes)


@pytest.mark.unit
def test_a_long_life_of_the_list_equals_a_plain_list() -> None:
    play(seed=5, months=60, draws=4, hazard=0.08, homes=8)


@pytest.mark.unit
def test_the_backlog_stands_in_front_with_its_own_dates() -> None:
    backlog = make_backlog([(FIRST - 5, 0, 1, 2), (FIRST - 1, 1, 0, 3), (FIRST - 5, 1, 2, 1)])
    waiting = HousingList(GROUPS, backlog, FIRST, 4, 1, PROMISE)
    assert waiting.backlog_cohorts == 2
    assert waiting.cohort_month.tolist() == [FIRST - 5, FIRST - 1, *range(FIRST, FIRST + 4)]
    waiting.join(FIRST, np.full((2, 3, 1), 1))
    served = waiting.offer(FIRST, np.array([5]))
    assert served.sum() == 5
    assert waiting.offered[:, 0].tolist() == [3, 2, 0, 0, 0, 0]
    assert waiting.offered_within[:, 0].tolist() == [0, 2, 0, 0, 0, 0]
    assert waiting.waited[:, 0].tolist() == [15, 2, 0, 0, 0, 0]


@pytest.mark.unit
def test_an_offer_in_the_month_of_approval_is_no_wait_and_the_last_month_in_time_counts() -> None:
    waiting = HousingList(GROUPS, make_backlog([]), FIRST, 6, 1, PROMISE)
    for ahead in range(4):
        waiting.join(FIRST + ahead, np.full((2, 3, 1), 1) * (ahead == 0))
        waiting.offer(FIRST + ahead, np.array([1]))
    assert waiting.offered[0, 0] == 4
    assert waiting.offered_within[0, 0] == 3
    assert waiting.waited[0, 0] == 0 + 1 + 2 + 3


@pytest.mark.unit
def test_cohorts_that_do_not_follow_each_other_are_refused() -> None:
    waiting = HousingList(GROUPS, make_backlog([]), FIRST, 6, 1, PROMISE)
    waiting.join(FIRST, np.zeros((2, 3, 1), dtype=np.int64))
    with pytest.raises(ValueError, match="order of the months"):
        waiting.join(FIRST + 2, np.zeros((2, 3, 1), dtype=np.int64))


@pytest.mark.unit
def test_nobody_is_always_in_front_and_another_group_leaves_the_order_as_it_was() -> None:
    first = Counter(order_of(FIRST + month)[0] for month in range(1200))
    assert len(first) == 6
    assert min(first.values()) > 130
    for month in range(FIRST, FIRST + 60):
        wider = order_of(month, (*GROUPS, "youth"))
        assert [stream for stream in wider if stream[1] != "youth"] == order_of(month)
