"""Keyed uniforms and counts by inversion, against scipy's quantiles and against chance itself."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2, chisquare, norm, poisson

from models.outflow.keyed import (
    Event,
    Keys,
    binomial_quantile,
    draw_words,
    poisson_quantile,
    to_uniform,
)

MONTH = 2026 * 12
GROUPS = ("sheltered_living", "shelter", "refuge")
SMALLEST, LARGEST = 2.0**-53, 1.0 - 2.0**-53


def make_keys(
    first: int = 0, draws: int = 4096, *, seed: int = 1, groups: tuple[str, ...] = GROUPS
) -> Keys:
    return Keys(draw_words(seed, first, draws), "proeftuin", groups)


# --- uniforms ---


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


# --- counts ---


def many_uniforms(count: int) -> np.ndarray:
    ordinary = np.random.default_rng(7).random(count)
    return np.concatenate([ordinary, [SMALLEST, 1e-12, 1e-6, 0.5, 1 - 1e-6, 1 - 1e-12]])


@pytest.mark.reference
def test_binomial_counts_equal_scipy_where_inversion_is_exact() -> None:
    u = many_uniforms(60)
    checked = 0
    for n in (0, 1, 2, 3, 4, 5, 7, 12, 30, 59, 120, 121, 300, 1000, 20_000):
        for p in (0.0, 1e-9, 1e-4, 0.003, 0.05, 0.3, 0.5, 0.51, 0.7, 0.9, 0.9999, 1.0):
            if n * min(p, 1.0 - p) > 60.0:
                continue
            found = binomial_quantile(u, np.full(u.shape, n), p)
            expected = binom.ppf(u, n, p)
            # Where u lies on a step of the distribution, rounding decides.
            on_step = np.isclose(binom.cdf(found, n, p), u, rtol=1e-13, atol=1e-15)
            on_step |= np.isclose(binom.cdf(found - 1, n, p), u, rtol=1e-13, atol=1e-15)
            np.testing.assert_array_equal(found[~on_step], expected[~on_step])
            assert on_step.sum() <= 3
            checked += int((~on_step).sum())
    assert checked > 7000


@pytest.mark.reference
def test_binomial_counts_are_off_by_at_most_one_where_they_are_approximate() -> None:
    u = many_uniforms(400)
    for n in (121, 200, 500, 2000, 100_000):
        for p in (0.1, 0.3, 0.5, 0.6, 0.93):
            if n * min(p, 1.0 - p) <= 60.0:
                continue
            off = binomial_quantile(u, np.full(u.shape, n), p) - binom.ppf(u, n, p)
            assert np.abs(off).max() <= 1
            assert np.mean(off != 0) < 0.02


@pytest.mark.reference
def test_poisson_counts_equal_scipy_and_are_off_by_at_most_one_above_sixty() -> None:
    u = many_uniforms(300)
    for mean in (0.0, 1e-9, 0.01, 0.4, 1.0, 3.3, 10.0, 31.0, 60.0):
        found = poisson_quantile(u, np.full(u.shape, mean))
        on_step = np.isclose(poisson.cdf(found, mean), u, rtol=1e-13, atol=1e-15)
        on_step |= np.isclose(poisson.cdf(found - 1, mean), u, rtol=1e-13, atol=1e-15)
        np.testing.assert_array_equal(found[~on_step], poisson.ppf(u, mean)[~on_step])
    for mean in (60.01, 90.0, 400.0, 50_000.0):
        off = poisson_quantile(u, np.full(u.shape, mean)) - poisson.ppf(u, mean)
        assert np.abs(off).max() <= 1


@pytest.mark.unit
def test_a_uniform_next_to_1_gives_a_rare_count_and_not_the_last_possible_one() -> None:
    for n, p in ((1000, 0.05), (120, 0.5), (100_000, 0.0005), (1000, 0.001)):
        most = int(binomial_quantile(np.array([LARGEST]), np.array([n]), p)[0])
        # The mirror image: a uniform next to 0 with the likely and the unlikely swapped.
        least = int(binomial_quantile(np.array([SMALLEST]), np.array([n]), 1.0 - p)[0])
        for found in (most, n - least):
            assert binom.isf(1e-13, n, p) <= found <= binom.isf(1e-16, n, p) + 12
    for mean in (0.01, 1.0, 60.0):
        found = int(poisson_quantile(np.array([LARGEST]), np.array([mean]))[0])
        assert poisson.isf(1e-13, mean) <= found <= poisson.isf(1e-16, mean) + 12


@pytest.mark.reference
def test_counts_have_the_mean_and_variance_of_their_distribution() -> None:
    u = make_keys(draws=65536).uniforms(Event.STAY, MONTH)[0]
    for n, p in ((3, 0.2), (40, 0.7), (500, 0.4)):
        count = binomial_quantile(u, np.full(u.shape, n), p)
        error = np.sqrt(n * p * (1 - p) / u.size)
        assert abs(count.mean() - n * p) < 4 * error
        assert count.var() == pytest.approx(n * p * (1 - p), rel=0.03)
    for mean in (0.3, 7.0, 150.0):
        count = poisson_quantile(u, np.full(u.shape, mean))
        assert abs(count.mean() - mean) < 4 * np.sqrt(mean / u.size)
        assert count.var() == pytest.approx(mean, rel=0.03)


@pytest.mark.unit
def test_certain_and_impossible_events_are_settled_without_chance() -> None:
    u = np.array([SMALLEST, 0.3, LARGEST])
    people = np.array([0, 5, 10_000])
    np.testing.assert_array_equal(binomial_quantile(u, people, 0.0), [0, 0, 0])
    np.testing.assert_array_equal(binomial_quantile(u, people, 1.0), people)
    np.testing.assert_array_equal(binomial_quantile(u, people, np.array([1.5, 7.0, 2.0])), people)
    np.testing.assert_array_equal(binomial_quantile(u, people, -0.5), [0, 0, 0])
    np.testing.assert_array_equal(poisson_quantile(u, np.zeros(3)), [0, 0, 0])


@pytest.mark.unit
def test_what_is_not_a_number_is_refused() -> None:
    u = np.array([0.5, 0.5])
    with pytest.raises(ValueError, match="a chance is not a number"):
        binomial_quantile(u, np.array([3, 3]), np.array([0.5, np.nan]))
    with pytest.raises(ValueError, match="a mean is not a number"):
        poisson_quantile(u, np.array([np.nan, 1.0]))


PEOPLE = st.integers(0, 400)
CHANCE = st.floats(0.0, 1.0)
UNIFORM = st.floats(1e-12, 1.0 - 1e-12)


def binomial_one(u: float, n: int, p: float) -> int:
    return int(binomial_quantile(np.array([u]), np.array([n]), p)[0])


def is_exact(n: int, p: float) -> bool:
    return n * min(p, 1.0 - p) <= 60.0


@pytest.mark.properties
@given(UNIFORM, UNIFORM, PEOPLE, CHANCE)
def test_binomial_counts_rise_with_the_uniform(u: float, v: float, n: int, p: float) -> None:
    low, high = sorted((u, v))
    assert 0 <= binomial_one(low, n, p) <= binomial_one(high, n, p) <= n


@pytest.mark.properties
@given(UNIFORM, PEOPLE, CHANCE)
def test_one_person_more_adds_one_event_or_none(u: float, n: int, p: float) -> None:
    slack = 0 if is_exact(n, p) == is_exact(n + 1, p) else 1
    step = binomial_one(u, n + 1, p) - binomial_one(u, n, p)
    assert -slack <= step <= 1 + slack


@pytest.mark.properties
@given(UNIFORM, PEOPLE, CHANCE, CHANCE)
def test_binomial_counts_rise_with_the_chance(u: float, n: int, p: float, q: float) -> None:
    low, high = sorted((p, q))
    slack = 0 if is_exact(n, low) and is_exact(n, high) else 1
    assert binomial_one(u, n, low) <= binomial_one(u, n, high) + slack


@pytest.mark.properties
@given(UNIFORM, st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_poisson_counts_rise_with_the_mean(u: float, one: float, two: float) -> None:
    low, high = sorted((one, two))
    slack = 0 if (low <= 60.0) == (high <= 60.0) else 1
    small, large = (int(poisson_quantile(np.array([u]), np.array([m]))[0]) for m in (low, high))
    assert small <= large + slack
