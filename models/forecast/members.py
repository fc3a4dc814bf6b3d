"""The forecasting methods that are combined, on the scale where counts have an even spread.

Counts y become x = 2 sqrt(y + 3/8) (Anscombe 1948), whose spread is about 1 whatever the mean.
Belongs here: methods for one series on that scale, by statsmodels, and the guards against fits that
went wrong. Does not belong here: reading tables, combining, paths (`inflow`).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

MINIMUM_POINTS = 8
"""Blocks below which nothing but the mean is used."""
_RANGE_GUARD = 10.0
"""A path that leaves ten times the series' own range is refused as a fit that went wrong."""


def to_even_spread(counts: F64) -> F64:
    """Anscombe's transform of counts: 2 sqrt(y + 3/8)."""
    return 2.0 * np.sqrt(counts + 0.375)


_LEVEL_OF_NOTHING = 2.0 * np.sqrt(0.375)
"""The level of a series without a single count."""


def to_intensity(level: F64) -> F64:
    """Give the mean count whose transform has this mean level, never below 0.

    The unbiased inverse in closed form (Makitalo and Foi 2011). The usual (x/2)^2 - 1/8 is its
    limit for large counts; at small ones it is too high (a quarter of a person for none at all).
    """
    x = np.maximum(level, _LEVEL_OF_NOTHING)
    bend = np.sqrt(1.5) * (0.25 / x + 0.625 / x**3) - 1.375 / x**2
    count: F64 = np.maximum(np.square(x) / 4.0 - 0.125 + bend, 0.0)
    return count


@dataclass(frozen=True)
class LocalLevel:
    """A local level fit: the level now, how sure it is, and how far it steps per block.

    Attributes:
        level: Filtered level at the last block (Anscombe scale).
        level_sd: Its standard deviation.
        step_sd: Standard deviation of the level's step per block.
        noise_sd: Standard deviation of a block around its level (1 for Poisson counts).
    """

    level: float
    level_sd: float
    step_sd: float
    noise_sd: float


def fit_local_level(series: F64) -> LocalLevel:
    """Fit a local level by maximum likelihood (statsmodels UnobservedComponents).

    Falls back to the mean with its standard error when the series is short or the fit fails.

    Args:
        series: Blocks on the Anscombe scale, shape (n,).
    """
    fallback = LocalLevel(
        level=float(series.mean()),
        level_sd=float(1.0 / np.sqrt(series.size)),
        step_sd=0.0,
        noise_sd=1.0,
    )
    if series.size < MINIMUM_POINTS or np.ptp(series) == 0.0:
        return fallback
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = UnobservedComponents(series, level="local level").fit(disp=False, maxiter=200)
    noise, step = (float(value) for value in fit.params)
    level = float(fit.filtered_state[0, -1])
    variance = float(fit.filtered_state_cov[0, 0, -1])
    values = (noise, step, level, variance)
    if not fit.mle_retvals["converged"] or not all(np.isfinite(value) for value in values):
        return fallback
    return LocalLevel(
        level=level,
        level_sd=float(np.sqrt(max(variance, 0.0))),
        step_sd=float(np.sqrt(max(step, 0.0))),
        noise_sd=float(np.sqrt(max(noise, 0.0))),
    )


def _local_level(series: F64, horizon: int) -> F64:
    return np.full(horizon, fit_local_level(series).level)


def _theta(series: F64, horizon: int) -> F64:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    fit = ThetaModel(series, period=1, deseasonalize=False).fit()
    return np.asarray(fit.forecast(horizon), dtype=np.float64)


def _damped_trend(series: F64, horizon: int) -> F64:
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    model = ETSModel(pd.Series(series), error="add", trend="add", damped_trend=True)
    fit = model.fit(disp=False, maxiter=200)
    return np.asarray(fit.forecast(horizon), dtype=np.float64)


def _drift(series: F64, horizon: int) -> F64:
    step = (series[-1] - series[0]) / (series.size - 1)
    path: F64 = series[-1] + step * np.arange(1, horizon + 1)
    return path


METHODS: dict[str, Callable[[F64, int], F64]] = {
    "local_level": _local_level,
    "theta": _theta,
    "damped_trend": _damped_trend,
    "drift": _drift,
}
"""Every method by the name that the inflow mart prints."""


def run_method(name: str, series: F64, horizon: int) -> F64 | None:
    """Run one method; None when it fails or leaves ten times the series' range.

    Args:
        name: A name of `METHODS`.
        series: Blocks on the Anscombe scale, shape (n,).
        horizon: Blocks ahead.

    Returns:
        The path, shape (horizon,), or None.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            path = METHODS[name](series, horizon)
        except (ValueError, FloatingPointError, np.linalg.LinAlgError):
            return None
    spread = max(float(np.ptp(series)), 1.0)
    inside = np.isfinite(path) & (np.abs(path - series.mean()) <= _RANGE_GUARD * spread)
    return path if bool(inside.all()) else None
