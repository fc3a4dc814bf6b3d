"""Keyed uniforms, against chance itself."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chi2, chisquare, norm

from models.outflow.keyed import (
    Chance,
    Event,
    Keys,
    draw_words,
    to_uniform,
)

MONTH = 2026 * 12
GROUPS = ("sheltered_living", "shelter", "refuge")
SMALLEST, LARGEST = 2.0**-53, 1.0 - 2.0**-53


def make_keys(
    first: int = 0, draws: int = 4096, *, seed: int = 1, groups: tuple[str, ...] = GROUPS
) -> Keys:
    return Keys(draw_words(seed, first, draws), "proeftuin", groups)


@pytest.mark.unit
def test_uniforms_lie_strictly_between_0_and_1_whatever_the_word() -> None:
    words = np.array([0, 1, 2**12, 2**63, 2**64 - 1], dtype=np.uint64)
    uniforms = to_uniform(words)
    assert uniforms.min() == SMALLEST
    assert uniforms.max() == LARGEST
    assert ((uniforms > 0.0) & (uniforms < 1.0) & (1.0 - uniforms > 0.0)).all()


@pytest.mark.reference
@pytest.mark.parametrize("event", list(Event))
def test_uniforms_of_an_event_are_even(event: Event) -> None:
    uniforms = make_keys().uniforms(event, MONTH)
    counts = np.histogram(uniforms, bins=64, range=(0.0, 1.0))[0]
    assert chisquare(counts).pvalue > 1e-4
    assert np.unique(uniforms).size == uniforms.size


@pytest.mark.reference
def test_neighbouring_addresses_are_not_related() -> None:
    keys = make_keys()
    rows = [
        keys.uniforms(event, MONTH + later)[group]
        for event in (Event.REFERRAL, Event.STAY, Event.OWN_HOME)
        for later in (0, 1, 2, 12)
        for group in range(3)
    ]
    rows += [keys.uniforms(Event.STAY, MONTH, sub)[0] for sub in (1, 2, 16, 17)]
    rows += [np.roll(keys.uniforms(Event.STAY, MONTH)[0], by) for by in (1, 2, 64)]
    rows += [make_keys(seed=2).uniforms(Event.STAY, MONTH)[0]]
    found = np.corrcoef(np.stack(rows))
    pairs = found[np.triu_indices(len(rows), 1)] * np.sqrt(rows[0].size)
    assert np.abs(pairs).max() < norm.isf(1e-3 / pairs.size)
    assert np.sum(pairs**2) < chi2.isf(1e-4, pairs.size)


@pytest.mark.reference
def test_pairs_of_addresses_fill_the_square_evenly() -> None:
    keys = make_keys(draws=16384)
    streams = [
        keys.uniforms(Event.STAY, MONTH)[0],
        keys.uniforms(Event.STAY, MONTH)[1],
        keys.uniforms(Event.STAY, MONTH + 1)[0],
        keys.uniforms(Event.STAY, MONTH, 1)[0],
        keys.uniforms(Event.OWN_HOME, MONTH)[0],
        np.roll(keys.uniforms(Event.STAY, MONTH)[0], 1),
    ]
    for one, two in combinations(streams, 2):
        counts = np.histogram2d(one, two, bins=16, range=((0, 1), (0, 1)))[0]
        assert chisquare(counts.ravel()).pvalue > 1e-5


@pytest.mark.unit
def test_a_number_depends_on_its_address_alone() -> None:
    whole = make_keys(draws=64)
    here = whole.uniforms(Event.STAY, MONTH, np.arange(4)[:, None])
    for groups in (("youth", *GROUPS), GROUPS[::-1]):
        other = make_keys(draws=64, groups=groups)
        order = [groups.index(group) for group in GROUPS]
        there = other.uniforms(Event.STAY, MONTH, np.arange(4)[:, None])[:, order]
        np.testing.assert_array_equal(here, there)
    later = make_keys(first=40, draws=24)
    np.testing.assert_array_equal(
        here[..., 40:], later.uniforms(Event.STAY, MONTH, np.arange(4)[:, None])
    )
    picked = whole.uniforms(Event.STAY, MONTH, np.array([3, 1]), np.array([2, 0]))
    np.testing.assert_array_equal(picked, np.stack([here[3, 2], here[1, 0]]))
    cells = whole.cells(Event.STAY, MONTH, np.array([3, 1]), np.array([2, 0]))
    sparse = whole.uniforms_at(cells, np.array([5, 63]))
    np.testing.assert_array_equal(sparse, [here[3, 2, 5], here[1, 0, 63]])


@pytest.mark.unit
def test_region_seed_month_event_and_sub_index_each_make_another_number() -> None:
    def first(keys: Keys, event: Event = Event.STAY, month: int = MONTH, sub: int = 0) -> float:
        return float(keys.uniforms(event, month, sub)[0, 0])

    keys = make_keys(draws=1)
    elsewhere = Keys(draw_words(1, 0, 1), "elders", GROUPS)
    found = {
        first(keys),
        first(elsewhere),
        first(make_keys(draws=1, seed=2)),
        first(keys, event=Event.OWN_HOME),
        first(keys, month=MONTH + 1),
        first(keys, sub=1),
    }
    assert len(found) == 6


@pytest.mark.unit
def test_numbers_of_events_are_never_given_out_again() -> None:
    stored = {
        "INTENSITY": 1, "REFERRAL": 2, "DIVERT_DOOR": 3, "DIVERT_UNPLACED": 4, "INTAKE_LEAVE": 5,
        "COMPLEX": 6, "STAY": 7, "OWN_HOME": 8, "ASSESSMENT_DONE": 9, "ASSESSMENT_POSITIVE": 10,
        "HOUSEHOLD": 11, "LIST_LEAVE": 12, "RELAPSE": 13, "RELAPSE_MONTH": 14, "SUPPORT_END": 15,
        "START_PHASE": 16, "START_COMPLEX": 17, "START_RELAPSE": 18, "START_RELAPSED": 19,
    }  # fmt: skip
    now = {event.name: event.value for event in Event}
    assert {name: now.get(name) for name in stored} == stored
    assert len(set(now.values())) == len(now)


@pytest.mark.unit
@pytest.mark.parametrize("draws", [16, 20_000])
def test_two_events_together_give_what_each_gives_alone(draws: int) -> None:
    """Both in one go and, where they are large, one after the other; people in few cells or all."""
    dice = np.random.default_rng(2)
    keys = Keys(draw_words(2, 0, draws), "proeftuin", ("shelter", "refuge"))
    events = (Event.TIME_OUT, Event.TIME_OUT_END)
    sub = np.arange(2).reshape(1, 2, 1)
    chances = [Chance.of(dice.random((2, draws))) for _ in events]
    for mean in (0.2, 3.0):
        people = tuple(dice.poisson(mean, (1, 2, 2, draws)) for _ in events)
        both = keys.binomial_both(events, MONTH, people, (*chances, Chance.both(*chances)), sub)
        for event, some, chance, count in zip(events, people, chances, both, strict=True):
            alone = keys.binomial(event, MONTH, some, chance, sub, np.arange(2)[None, None])
            np.testing.assert_array_equal(count, alone)


@pytest.mark.unit
@pytest.mark.parametrize("mean", [0.2, 3.0, 300.0])
@pytest.mark.parametrize("shape", [(3, 1), (1, 64), (3, 64), (5, 1, 64), (5, 3, 1), (1, 1), ()])
def test_chances_of_fewer_cells_are_those_of_every_cell(shape: tuple, mean: float) -> None:
    """Few people in a cell, many, and more than are counted one by one."""
    dice = np.random.default_rng(4)
    keys, sub = make_keys(draws=64), np.arange(5)[:, None]
    people, chance = dice.poisson(mean, (5, 3, 64)), dice.random(shape)
    everywhere = Chance.of(np.broadcast_to(chance, people.shape).copy())
    np.testing.assert_array_equal(
        keys.binomial(Event.STAY, MONTH, people, Chance.of(chance), sub),
        keys.binomial(Event.STAY, MONTH, people, everywhere, sub),
    )


@pytest.mark.unit
@pytest.mark.parametrize("mean", [0.2, 3.0])
@pytest.mark.parametrize("shape", [(2, 64), (3, 63), (1, 5, 3, 64)])
def test_chances_that_do_not_fit_the_people_are_refused(shape: tuple, mean: float) -> None:
    people = np.random.default_rng(4).poisson(mean, (5, 3, 64))
    chance = Chance.of(np.full(shape, 0.3))
    with pytest.raises(ValueError, match="do not fit people of shape"):
        make_keys(draws=64).binomial(Event.STAY, MONTH, people, chance, np.arange(5)[:, None])


@pytest.mark.unit
def test_referrals_of_several_months_are_those_of_each_month() -> None:
    keys = Keys(draw_words(2, 0, 32), "proeftuin", ("shelter", "refuge"))
    mean = np.random.default_rng(3).random((3, 2, 32)) * 9
    several = keys.poisson(Event.REFERRAL, MONTH, mean)
    for later in range(3):
        alone = keys.poisson(Event.REFERRAL, MONTH + later, mean[later])
        np.testing.assert_array_equal(several[later], alone)
