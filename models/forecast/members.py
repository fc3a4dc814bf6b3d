"""The methods that are combined for one series of inflow, on the scale of even spread.

Belongs here: the state-space model of the level by statsmodels, the other methods by name, and the
guards against fits that went wrong. Does not belong here: reading tables, combining, paths
(`inflow`); many series at once (`smoothing`, which backtests and municipalities use).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.forecast import smoothing
from models.forecast.counts import to_even_spread, to_intensity
from models.forecast.smoothing import F64

__all__ = [
    "METHODS",
    "LocalLevel",
    "fit_local_level",
    "run_method",
    "to_even_spread",
    "to_intensity",
    "weighed_local_level",
]

MINIMUM_POINTS = 8
"""Blocks below which nothing but the mean is used."""


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
    """Fit a local level: the level by maximum likelihood (statsmodels UnobservedComponents).

    On a short series the likelihood is often largest where the level takes no step at all, which
    makes it look surer than it is: spreads are therefore means over the likelihood of the ratio of
    step to noise, as `weighed_local_level` gives them. Where the fit fails, the level is too.

    Args:
        series: Blocks on the Anscombe scale, shape (n,).
    """
    weighed = weighed_local_level(series)
    if series.size < MINIMUM_POINTS or np.ptp(series) == 0.0:
        return weighed
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = UnobservedComponents(series, level="local level").fit(disp=False, maxiter=200)
    level = float(fit.filtered_state[0, -1])
    inside = series.min() <= level <= series.max()
    if not fit.mle_retvals["converged"] or not inside:
        return weighed
    return replace(weighed, level=level)


def weighed_local_level(series: F64) -> LocalLevel:
    """Fit a local level by the likelihood-weighted grid of `smoothing.local_level`.

    A short series, or one without any spread, has its mean and the standard error of counts.

    Args:
        series: Blocks on the Anscombe scale, shape (n,).
    """
    if series.size < MINIMUM_POINTS or np.ptp(series) == 0.0:
        return LocalLevel(
            level=float(series.mean()),
            level_sd=float(1.0 / np.sqrt(series.size)),
            step_sd=0.0,
            noise_sd=1.0,
        )
    found = smoothing.local_level(series[None])
    return LocalLevel(
        level=float(found.level[0]),
        level_sd=float(found.level_sd[0]),
        step_sd=float(found.step_sd[0]),
        noise_sd=float(found.noise_sd[0]),
    )


def _theta(series: F64, horizon: int) -> F64:
    path: F64 = smoothing.theta(series[None], horizon).paths[0]
    return path


def _damped_trend(series: F64, horizon: int) -> F64:
    path: F64 = smoothing.damped_trend(series[None], horizon).paths[0]
    return path


def _drift(series: F64, horizon: int) -> F64:
    path: F64 = smoothing.drift(series[None], horizon).paths[0]
    return path


METHODS: dict[str, Callable[[F64, int], F64]] = {
    "theta": _theta,
    "damped_trend": _damped_trend,
    "drift": _drift,
}
"""The methods that join the local level where counts are large, by the name in the mart."""


def run_method(name: str, series: F64, horizon: int) -> F64 | None:
    """Run one method; None when it fails or leaves ten times the series' range.

    Args:
        name: A name of `METHODS`.
        series: Blocks on the Anscombe scale, shape (n,).
        horizon: Blocks ahead.

    Returns:
        The path, shape (horizon,), or None.
    """
    try:
        path = METHODS[name](series, horizon)
    except (ValueError, FloatingPointError, np.linalg.LinAlgError):
        return None
    return None if bool(smoothing.runs_away(path[None], series[None])[0]) else path
