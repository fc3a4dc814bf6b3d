"""Inflow's level and drift: the filter, what a belief becomes, and spreads that are right."""

import numpy as np
import pytest
from scipy.stats import kstest

from models.forecast.counts import to_even_spread, to_intensity
from models.forecast.levels import Belief, Level, filter_level, find_level, moved, step_of
from models.outflow.sampler import parameter_quantile
from models.registry import load_national

RECORD = load_national().parameters["inflow_drift_share"]["all"]
BELIEF = Belief.of(RECORD)
MIDDLE = np.array([0.5])


def blocks(
    monthly: float, years: int, drift: float, seed: int, extra: float = 0.0
) -> tuple[np.ndarray, float]:
    """Draw quarterly counts of a level that drifts; the series and the level of the last month."""
    dice = np.random.default_rng([20_270_101, seed])
    rate = monthly * np.exp(np.cumsum(dice.normal(0.0, drift / np.sqrt(12.0), 12 * years)))
    swing = 1.0 if extra == 0.0 else np.repeat(dice.gamma(extra**-2, extra**2, 4 * years), 3)
    counts = dice.poisson(rate * swing).reshape(-1, 3).sum(axis=1)
    return to_even_spread(counts.astype(float)), 3.0 * float(rate[-1])


def middle(found: Level) -> float:
    return float(found.after.quantiles(MIDDLE)[0])


@pytest.mark.reference
@pytest.mark.parametrize(("steps", "scatter"), [(0.01, 1.0), (0.4, 1.3), (2.0, 0.7)])
def test_the_filter_is_that_of_statsmodels(steps: float, scatter: float) -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    series, _ = blocks(6.0, 5, 0.1, 1)
    theirs = UnobservedComponents(series, level="local level").filter([scatter, steps])
    ours = filter_level(series, np.array([steps]), np.array([scatter]))
    assert ours.level[0] == pytest.approx(theirs.filtered_state[0, -1], rel=1e-5)
    assert ours.variance[0] == pytest.approx(theirs.filtered_state_cov[0, 0, -1], rel=1e-5)
    other = UnobservedComponents(series, level="local level").filter([1.0, 0.1])
    base = filter_level(series, np.array([0.1]), np.array([1.0]))
    ratio = theirs.llf_obs[1:].sum() - other.llf_obs[1:].sum()
    assert ours.fit[0] - base.fit[0] == pytest.approx(ratio, abs=1e-4)


@pytest.mark.unit
def test_a_belief_is_the_law_that_the_sampler_draws() -> None:
    places = np.array([0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
    np.testing.assert_allclose(
        BELIEF.quantiles(places), parameter_quantile(RECORD, places), rtol=0.01
    )
    assert BELIEF.chances.sum() == pytest.approx(1.0)


@pytest.mark.reference
@pytest.mark.parametrize(("monthly", "years"), [(1.0, 3), (4.0, 3), (4.0, 9), (15.0, 9)])
def test_the_level_is_as_far_off_as_its_spread_says(monthly: float, years: int) -> None:
    """With true drifts drawn as believed, standardised errors have a mean square near 1."""
    dice = np.random.default_rng(7)
    errors = []
    for seed in range(250):
        drift = float(BELIEF.quantiles(dice.random(1))[0])
        series, rate = blocks(monthly, years, drift, seed)
        found = find_level(series, BELIEF)
        errors.append((found.level - 2.0 * np.sqrt(rate + 0.25)) / found.level_sd)
    assert 0.80 < np.sqrt(np.mean(np.square(errors))) < 1.20


@pytest.mark.reference
def test_a_short_series_of_small_counts_hardly_moves_what_is_believed_of_the_drift() -> None:
    moves = [middle(find_level(blocks(1.5, 3, 0.05, seed)[0], BELIEF)) for seed in range(40)]
    assert min(moves) > 0.045
    assert max(moves) < 0.070


@pytest.mark.reference
def test_a_long_series_of_large_counts_tells_its_own_drift() -> None:
    calm = [middle(find_level(blocks(60.0, 10, 0.01, seed)[0], BELIEF)) for seed in range(20)]
    wild = [middle(find_level(blocks(60.0, 10, 0.15, seed)[0], BELIEF)) for seed in range(20)]
    assert max(calm) < 0.05
    assert np.median(calm) < 0.04
    assert np.median(wild) > 0.09
    assert min(wild) > max(calm)


@pytest.mark.reference
def test_scatter_beyond_that_of_poisson_counts_is_not_taken_for_drift() -> None:
    found = [
        middle(find_level(blocks(30.0, 8, 0.02, seed, extra=0.25)[0], BELIEF)) for seed in range(20)
    ]
    assert np.median(found) < 0.06


@pytest.mark.reference
def test_the_level_follows_a_series_that_moved() -> None:
    """A level that stood at 25 registrations and then at 49 is near 49 now."""
    dice = np.random.default_rng(2)
    series = to_even_spread(dice.poisson(np.repeat([25.0, 49.0], 16)).astype(float))
    found = find_level(series, BELIEF)
    assert to_intensity(np.array([found.level]))[0] == pytest.approx(49.0, abs=6.0)
    assert middle(found) > 0.06


@pytest.mark.unit
def test_the_level_of_an_even_series_is_its_level_and_its_spread_at_least_that_of_counts() -> None:
    for series in (np.full(4, 7.0), np.full(20, 7.0), np.full(8, to_even_spread(np.zeros(1))[0])):
        found = find_level(series, BELIEF)
        assert found.level == pytest.approx(series[0])
        assert found.level_sd >= 1.0 / np.sqrt(series.size) - 1e-12
        assert np.isfinite(found.after.chances).all()


@pytest.mark.unit
def test_a_certain_drift_stays_what_it_is() -> None:
    certain = Belief.certain(0.08)
    found = find_level(blocks(20.0, 9, 0.01, 3)[0], certain)
    assert middle(found) == pytest.approx(0.08)
    assert moved(np.array([0.08]), certain, found.after) == pytest.approx(0.08)


@pytest.mark.unit
def test_inflow_that_cannot_drift_has_a_level_that_takes_no_step() -> None:
    still = Belief.certain(0.0)
    series, _ = blocks(20.0, 9, 0.1, 3)
    found = find_level(series, still)
    assert found.level == pytest.approx(series.mean())
    assert moved(np.zeros(3), still, found.after).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.properties
def test_moved_draws_follow_the_new_belief_in_the_same_order() -> None:
    after = find_level(blocks(60.0, 10, 0.15, 5)[0], BELIEF).after
    draws = parameter_quantile(RECORD, (np.arange(4000) + 0.5) / 4000)
    to = moved(draws, BELIEF, after)
    assert (np.diff(to) > 0.0).all()
    assert kstest(to, lambda x: np.interp(x, after.quantiles(GRID), GRID)).statistic < 0.02
    np.testing.assert_allclose(moved(draws, BELIEF, BELIEF), draws)


GRID = np.linspace(0.0005, 0.9995, 2000)


@pytest.mark.unit
def test_a_level_of_twice_the_square_root_steps_by_the_drift_of_its_rate() -> None:
    """A year of four blocks: the rate's own change of d, on the scale 2 sqrt(rate)."""
    drift, rate = 1e-4, 25.0
    change = 2.0 * np.sqrt(rate * (1.0 + drift)) - 2.0 * np.sqrt(rate)
    assert 2.0 * step_of(np.array([drift]), rate)[0] == pytest.approx(change, rel=1e-3)
