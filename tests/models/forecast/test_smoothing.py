"""Smoothing in batches: beside statsmodels, alone as in company, and never away."""

import numpy as np
import pandas as pd
import pytest

from models.forecast.smoothing import damped_trend, drift, local_level, runs_away, theta

DICE = np.random.default_rng(8)
WALKS = 200.0 + np.cumsum(DICE.normal(1.5, 3.0, (6, 40)), axis=1)


@pytest.mark.reference
def test_theta_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    ours = theta(WALKS, 8).paths
    for series, path in zip(WALKS, ours, strict=True):
        theirs = ThetaModel(series, period=1, deseasonalize=False).fit().forecast(8)
        assert np.abs(path - np.asarray(theirs)).max() < 0.25 * np.diff(series).std()


@pytest.mark.reference
def test_the_damped_trend_is_near_that_of_statsmodels() -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    ours = damped_trend(WALKS, 4).paths
    apart = []
    for series, path in zip(WALKS, ours, strict=True):
        model = ETSModel(pd.Series(series), error="add", trend="add", damped_trend=True)
        theirs = model.fit(disp=False).forecast(4).to_numpy()
        apart.append(np.abs(path - theirs) / np.diff(series).std())
    assert np.max([row[0] for row in apart]) < 0.5
    assert np.median(apart) < 0.25


@pytest.mark.reference
@pytest.mark.parametrize("step", [0.3, 1.0])
def test_the_local_level_is_that_of_a_kalman_filter_by_maximum_likelihood(step: float) -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    dice = np.random.default_rng(3)
    series = 20.0 + np.cumsum(dice.normal(0, step, (4, 120)), axis=1) + dice.normal(0, 1, (4, 120))
    ours = local_level(series)
    for at, row in enumerate(series):
        fit = UnobservedComponents(row, level="local level").fit(disp=False)
        noise, walk = fit.params
        assert ours.level[at] == pytest.approx(fit.filtered_state[0, -1], abs=0.12)
        assert ours.noise_sd[at] == pytest.approx(np.sqrt(noise), rel=0.15)
        assert ours.step_sd[at] == pytest.approx(np.sqrt(walk), rel=0.35)


@pytest.mark.reference
def test_known_parameters_of_a_level_are_recovered_on_average() -> None:
    dice = np.random.default_rng(5)
    series = np.cumsum(dice.normal(0, 0.5, (200, 100)), axis=1) + dice.normal(0, 1, (200, 100))
    found = local_level(series)
    assert np.sqrt(np.mean(found.noise_sd**2)) == pytest.approx(1.0, rel=0.05)
    assert np.sqrt(np.mean(found.step_sd**2)) == pytest.approx(0.5, rel=0.12)


@pytest.mark.properties
@pytest.mark.parametrize("method", [theta, damped_trend, drift])
def test_a_series_is_forecast_alone_as_in_company(method) -> None:  # type: ignore[no-untyped-def]
    many = 50.0 + np.cumsum(np.random.default_rng(2).normal(0, 2, (150, 17)), axis=1)
    together = method(many, 5)
    for at in (0, 63, 64, 149):
        alone = method(many[at : at + 1], 5)
        assert np.array_equal(alone.paths[0], together.paths[at])
        assert alone.sigma[0] == together.sigma[at]


@pytest.mark.properties
@pytest.mark.parametrize("method", [theta, damped_trend, drift])
def test_scale_and_shift_go_through(method) -> None:  # type: ignore[no-untyped-def]
    base, moved = method(WALKS, 6), method(7.0 * WALKS - 300.0, 6)
    assert np.allclose(moved.paths, 7.0 * base.paths - 300.0, rtol=1e-6)
    assert np.allclose(moved.sigma, 7.0 * base.sigma, rtol=1e-6)


@pytest.mark.unit
@pytest.mark.parametrize("method", [damped_trend, drift])
def test_a_straight_line_goes_on(method) -> None:  # type: ignore[no-untyped-def]
    line = 10.0 + 3.0 * np.arange(24.0)[None]
    path = method(line, 2).paths[0]
    assert path == pytest.approx([82.0, 85.0], abs=1.5)
    assert np.all(np.diff(path) > 0.0)


@pytest.mark.unit
def test_theta_goes_on_with_half_the_slope_of_a_line() -> None:
    path = theta(10.0 + 3.0 * np.arange(24.0)[None], 10).paths[0]
    assert np.diff(path) == pytest.approx(np.full(9, 1.5))
    assert path[0] == pytest.approx(80.5, abs=0.1)


@pytest.mark.unit
def test_a_damped_trend_flattens_and_stays_between_none_and_a_line() -> None:
    line = 10.0 + 3.0 * np.arange(24.0)[None]
    steps = np.diff(damped_trend(line, 40).paths[0])
    assert np.all(np.diff(steps) < 0.0)
    assert np.all((steps > 0.0) & (steps < 3.0))


@pytest.mark.unit
def test_a_path_that_runs_away_is_told() -> None:
    series = np.array([[0.0, 10.0, 5.0]] * 4)
    paths = np.array([[5.0, 104.0], [5.0, 106.0], [np.nan, 5.0], [np.inf, 5.0]])
    assert runs_away(paths, series).tolist() == [False, True, True, True]
