"""The housing list against a plain Python list of people, one draw at a time."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from models.outflow.housing_list import Acceptance, HousingList
from models.outflow.inputs import Backlog
from models.outflow.keyed import (
    WHOLE_REGION,
    Chance,
    Event,
    Keys,
    draw_words,
    mix,
    word_of_name,
)

FIRST = 2026 * 12
GROUPS = ("sheltered_living", "shelter", "refuge")
STREAMS = [(blocks, group) for blocks in (0, 1) for group in range(len(GROUPS))]
PROMISE = 2


def make_backlog(rows: list[tuple[int, int, int, int]]) -> Backlog:
    """Make a backlog of (month, blocking, group, applications), all of the first class."""
    month, blocking, group, count = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4).T
    return Backlog(month, 0 * month, blocking, group, count)


def new(joining: np.ndarray) -> np.ndarray:
    """Let people join whose clock starts now: shape (2, G, D) to (1, 2, G, D)."""
    return joining[None]


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
    heard: Counter = field(default_factory=Counter)

    def uniform(self, event: Event, month: int, sub: int) -> float:
        return float(self.keys.uniforms(event, month, np.array(sub), WHOLE_REGION)[0, self.draw])

    def join(self, month: int, blocks: int, group: int, count: int) -> None:
        place = order_of(month).index((blocks, GROUPS[group]))
        self.people += [(month, place, blocks, group)] * count
        self.joined[month] += count

    def leave(self, month: int, hazard: np.ndarray) -> Counter:
        """Of each cohort so many as the highest chance lets go; each picked once, by rank."""
        gone: Counter = Counter()
        here = {group for _, _, _, group in self.people}
        highest = max((hazard[group, self.draw] for group in here), default=0.0)
        for cohort in sorted({person[0] for person in self.people}):
            pool = sorted(person for person in self.people if person[0] == cohort)
            luck = self.uniform(Event.LIST_LEAVE, month, cohort)
            for nth in range(int(binom.ppf(luck, len(pool), highest))):
                where = self.uniform(Event.LIST_LEAVER, month, cohort * 64 + nth) * len(pool)
                person = pool.pop(int(where))
                _, _, blocks, group = person
                if where % 1.0 < hazard[group, self.draw] / highest:
                    self.people.remove(person)
                    gone[blocks, group] += 1
                    self.left[cohort] += 1
            self.heard[cohort] = min(self.heard[cohort], self.size(cohort))
        return gone

    def size(self, cohort: int) -> int:
        return sum(person[0] == cohort for person in self.people)

    def offer(
        self,
        month: int,
        homes: int,
        may_take: list[bool],
        accepts: float | None = None,
        *,
        refusal_counts: bool = False,
    ) -> Counter:
        """Go from cohort to cohort; without `accepts` everybody takes what is offered."""
        self.people.sort()
        served: Counter = Counter()
        for cohort in sorted({person[0] for person in self.people}):
            row = [person for person in self.people if person[0] == cohort and may_take[person[3]]]
            asked = min(len(row), homes) if accepts is None or refusal_counts else len(row)
            if not row or homes == 0:
                continue
            luck = self.uniform(Event.ACCEPTANCE, month, cohort)
            willing = asked if accepts is None else int(binom.ppf(luck, asked, accepts))
            taken = row[: min(willing, homes)]
            for person in taken:
                self.people.remove(person)
                served[person[2], person[3]] += 1
            self.note(month, cohort, asked if refusal_counts else len(taken), len(taken))
            homes -= asked if refusal_counts else len(taken)
        return served

    def note(self, month: int, cohort: int, told: int, taken: int) -> None:
        """Stop clocks: those that were stopped already are in front."""
        anew = max(told - self.heard[cohort], 0)
        still = max(self.heard[cohort] - told, 0) + told - taken
        self.heard[cohort] = min(still, self.size(cohort))
        self.offered[cohort] += anew
        self.within[cohort] += anew * (month - cohort <= PROMISE)
        self.waited[cohort] += anew * (month - cohort)


def as_counts(found: np.ndarray, draw: int) -> Counter:
    return Counter({(b, g): int(found[b, g, draw]) for b, g in STREAMS if found[b, g, draw]})


def play(
    seed: int,
    months: int,
    draws: int,
    hazard: float,
    homes: int,
    *,
    accepts: float | None = None,
    refusal_counts: bool = False,
) -> None:
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
    answer = None
    if accepts is not None:
        answer = Acceptance(Chance.of(np.full(draws, accepts)), keys, refusal_counts)
    for month in range(FIRST, FIRST + months):
        gone = ours.leave(month, keys, chances)
        for one in plain:
            assert as_counts(gone, one.draw) == +one.leave(month, chances)
        joining = dice.poisson(0.8, size=(2, 3, draws))
        ours.join(month, new(joining))
        for one in plain:
            for blocks, group in STREAMS:
                one.join(month, blocks, group, int(joining[blocks, group, one.draw]))
        # Homes for some groups first, then homes for everybody.
        for some in (dice.random(3) < 0.5, np.ones(3, dtype=bool)):
            on_offer = dice.integers(0, homes + 1, size=draws)
            said = answer if some.all() else None
            served, refused, left = ours.offer(month, on_offer, may_take=some, answer=said)
            spent = served.sum(axis=(0, 1)) + refusal_counts * refused.sum(axis=(0, 1))
            np.testing.assert_array_equal(spent + left, on_offer)
            for one in plain:
                theirs = one.offer(
                    month,
                    int(on_offer[one.draw]),
                    some.tolist(),
                    accepts if said is not None else None,
                    refusal_counts=refusal_counts and said is not None,
                )
                assert as_counts(served, one.draw) == theirs
    for one in plain:
        for cohort, month in enumerate(ours.cohort_month.tolist()):
            at = (cohort, one.draw)
            assert ours.joined[at] == one.joined[month]
            assert ours.offered[at] == one.offered[month]
            assert ours.offered_within[at] == one.within[month]
            assert ours.waited[at] == one.waited[month]
            assert ours.left[at] == one.left[month]


@pytest.mark.properties
@settings(max_examples=20)
@given(
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.05, 0.6, 1.0]),
    st.integers(0, 8),
    st.sampled_from([(None, False), (0.0, False), (0.6, False), (0.6, True), (1.0, True)]),
)
def test_everybody_gets_the_home_that_a_plain_list_would_give_them(
    seed: int, hazard: float, homes: int, answer: tuple[float | None, bool]
) -> None:
    accepts, refusal_counts = answer
    play(
        seed,
        months=12,
        draws=2,
        hazard=hazard,
        homes=homes,
        accepts=accepts,
        refusal_counts=refusal_counts,
    )


@pytest.mark.unit
@pytest.mark.parametrize(("accepts", "refusal_counts"), [(None, False), (0.7, False), (0.7, True)])
def test_a_long_life_of_the_list_equals_a_plain_list(
    accepts: float | None, refusal_counts: bool
) -> None:
    play(
        seed=5,
        months=40,
        draws=3,
        hazard=0.08,
        homes=5,
        accepts=accepts,
        refusal_counts=refusal_counts,
    )


@pytest.mark.reference
def test_everybody_leaves_the_list_with_the_chance_of_their_own_group() -> None:
    """One cohort of three groups with very different chances: nobody is asked twice in a month."""
    draws, people = 4096, (3, 2, 4)
    hazard = np.repeat([[0.05], [0.9], [0.3]], draws, axis=1)
    keys = Keys(draw_words(3, 0, draws), "proeftuin", GROUPS)
    rows = [(FIRST - 1, 0, group, count) for group, count in enumerate(people)]
    ours = HousingList(GROUPS, make_backlog(rows), FIRST, 2, draws, PROMISE)
    gone = ours.leave(FIRST, keys, hazard)[0]
    for group, count in enumerate(people):
        chance = hazard[group, 0]
        error = np.sqrt(count * chance * (1 - chance) / draws)
        assert abs(gone[group].mean() - count * chance) < 4 * error
        assert gone[group].var() == pytest.approx(count * chance * (1 - chance), rel=0.1)
    np.testing.assert_array_equal(ours.left[0], gone.sum(axis=0))


@pytest.mark.unit
def test_who_refused_and_then_takes_a_home_outside_the_cap_has_had_one_offer() -> None:
    backlog = make_backlog([(FIRST - 1, 0, 1, 4)])
    waiting = HousingList(GROUPS, backlog, FIRST, 3, 1, PROMISE)
    keys = Keys(draw_words(1, 0, 1), "proeftuin", GROUPS)
    nobody = Acceptance(Chance.of(np.zeros(1)), keys, refusal_counts=True)
    served, refused, left = waiting.offer(FIRST, np.array([3]), answer=nobody)
    assert (served.sum(), refused.sum(), left.sum()) == (0, 3, 0)
    assert waiting.offered[0, 0] == 3
    waiting.offer(FIRST + 1, np.array([9]))
    assert waiting.offered[0, 0] == 4
    assert waiting.waited[0, 0] == 3 * 1 + 1 * 2


@pytest.mark.unit
def test_whose_clock_started_earlier_stands_in_front_of_who_joined_before() -> None:
    """With a clock that starts at the application people join cohorts of months gone by."""
    waiting = HousingList(GROUPS, make_backlog([]), FIRST, 4, 1, PROMISE, earlier=2)
    first, second = np.zeros((2, 3, 2, 3, 1), dtype=np.int64)
    first[0, 0, 0] = 2
    second[2, 0, 1], second[1, 0, 2] = 1, 1
    waiting.join(FIRST, first)
    waiting.offer(FIRST, np.array([0]))
    waiting.join(FIRST + 1, second)
    served, _, _ = waiting.offer(FIRST + 1, np.array([2]))
    # The clock of one started in the month before the first, of three in the first.
    assert served[0, 1, 0] == 1
    assert waiting.cohort_month.tolist() == list(range(FIRST - 2, FIRST + 4))
    assert waiting.joined[:, 0].tolist() == [0, 1, 3, 0, 0, 0]
    assert waiting.offered[:, 0].tolist() == [0, 1, 1, 0, 0, 0]
    assert waiting.waited[:, 0].tolist() == [0, 2, 1, 0, 0, 0]


@pytest.mark.unit
def test_the_backlog_stands_in_front_with_its_own_dates() -> None:
    backlog = make_backlog([(FIRST - 5, 0, 1, 2), (FIRST - 1, 1, 0, 3), (FIRST - 5, 1, 2, 1)])
    waiting = HousingList(GROUPS, backlog, FIRST, 4, 1, PROMISE)
    assert waiting.backlog_cohorts == 2
    assert waiting.cohort_month.tolist() == [FIRST - 5, FIRST - 1, *range(FIRST, FIRST + 4)]
    waiting.join(FIRST, new(np.full((2, 3, 1), 1)))
    served, _, _ = waiting.offer(FIRST, np.array([5]))
    assert served.sum() == 5
    assert waiting.offered[:, 0].tolist() == [3, 2, 0, 0, 0, 0]
    assert waiting.offered_within[:, 0].tolist() == [0, 2, 0, 0, 0, 0]
    assert waiting.waited[:, 0].tolist() == [15, 2, 0, 0, 0, 0]


@pytest.mark.unit
def test_an_offer_in_the_month_of_approval_is_no_wait_and_the_last_month_in_time_counts() -> None:
    waiting = HousingList(GROUPS, make_backlog([]), FIRST, 6, 1, PROMISE)
    for ahead in range(4):
        waiting.join(FIRST + ahead, new(np.full((2, 3, 1), 1) * (ahead == 0)))
        waiting.offer(FIRST + ahead, np.array([1]))
    assert waiting.offered[0, 0] == 4
    assert waiting.offered_within[0, 0] == 3
    assert waiting.waited[0, 0] == 0 + 1 + 2 + 3


@pytest.mark.unit
def test_cohorts_that_do_not_follow_each_other_are_refused() -> None:
    waiting = HousingList(GROUPS, make_backlog([]), FIRST, 6, 1, PROMISE)
    waiting.join(FIRST, new(np.zeros((2, 3, 1), dtype=np.int64)))
    with pytest.raises(ValueError, match="order of the months"):
        waiting.join(FIRST + 2, new(np.zeros((2, 3, 1), dtype=np.int64)))


@pytest.mark.unit
def test_nobody_is_always_in_front_and_another_group_leaves_the_order_as_it_was() -> None:
    first = Counter(order_of(FIRST + month)[0] for month in range(1200))
    assert len(first) == 6
    assert min(first.values()) > 130
    for month in range(FIRST, FIRST + 60):
        wider = order_of(month, (*GROUPS, "youth"))
        assert [stream for stream in wider if stream[1] != "youth"] == order_of(month)
