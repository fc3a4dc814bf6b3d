"""Counts by inversion, against scipy's quantiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from models.outflow.inversion import binomial_quantile, poisson_quantile
from models.outflow.keyed import Event
from tests.models.outflow.test_keyed import LARGEST, MONTH, SMALLEST, make_keys


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


@pytest.mark.properties
@given(st.integers(0, 2**32), st.floats(0.0, 1.0), st.integers(0, 150))
def test_a_cell_has_the_same_count_alone_and_among_many(seed: int, p: float, most: int) -> None:
    # Many cells are walked together, fewer one by one, the last in blocks: all are one walk.
    generator = np.random.default_rng(seed)
    n = generator.integers(0, most + 1, 900)
    u = generator.random(900)
    u[:9] = (SMALLEST, 1e-12, 0.5, 1 - 1e-6, 1 - 2.0**-20, 1 - 1e-7, 1 - 1e-12, 1 - 1e-15, LARGEST)
    together = binomial_quantile(u, n, p)
    for cell in (*range(9), *range(9, 900, 81)):
        assert binomial_quantile(u[[cell]], n[[cell]], p)[0] == together[cell]
    means = generator.random(900) * most
    counts = poisson_quantile(u, means)
    for cell in (*range(9), *range(9, 900, 81)):
        assert poisson_quantile(u[[cell]], means[[cell]])[0] == counts[cell]
