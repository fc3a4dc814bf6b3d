"""The methods that join the level of a large group's inflow, on the scale of even spread.

Belongs here: the methods by name, and the guards against fits that went wrong. Does not belong
here: the level itself (`levels`), reading tables, combining, paths (`inflow`).
"""

from collections.abc import Callable

import numpy as np

from models.forecast import smoothing
from models.forecast.counts import to_even_spread, to_intensity
from models.forecast.smoothing import F64

__all__ = [
    "METHODS",
    "run_method",
    "to_even_spread",
    "to_intensity",
]

MINIMUM_POINTS = 8
"""Blocks below which nothing but the level is used."""


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
