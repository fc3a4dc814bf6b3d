"""Smoothing of many series of equal length at once: damped trend, theta, drift, local level.

Smoothing parameters are not searched but laid out in a grid; every point of the grid runs over all
series at once, and the forecasts are averaged with the likelihood of the points as weights. Where a
start is unknown it enters each error linearly and is solved for, not guessed.

Belongs here: NumPy recursions on arrays of shape (series, points), and the guard against paths that
run away. Does not belong here: seasons, counts, combining, intervals (`seasons`, `pool`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

RANGE_GUARD = 10.0
"""A path that leaves ten times the series' own range is refused as a fit that went wrong."""

_ALPHAS = (0.02, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.99)
_SLOPE_SHARES = (0.0, 0.05, 0.15, 0.35, 0.7)
_DAMPINGS = (0.8, 0.88, 0.94, 0.98)
_THETA_ALPHAS = (0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
_SIGNALS = (0.0, *(float(q) for q in np.logspace(-3.0, 2.0, 16)))
"""Variance of the level's step over that of the noise: from a level that stands still to one that
is nearly all there is."""
_ROWS_AT_ONCE = 64
"""Series in one sweep, so that the arrays of a sweep stay in the processor's near memory."""
_TINY = 1e-12


@dataclass(frozen=True)
class Smoothed:
    """Paths ahead and what the fit says of its own precision.

    Attributes:
        paths: Shape (series, horizon).
        sigma: Standard deviation of the error one step ahead, shape (series,).
    """

    paths: F64
    sigma: F64


@dataclass(frozen=True)
class Levels:
    """Local levels of many series; arrays of shape (series,).

    Attributes:
        level: Filtered level at the last point.
        level_sd: Its standard deviation.
        step_sd: Standard deviation of the level's step (root of its mean variance).
        noise_sd: Standard deviation of a point around its level.
        sigma: Standard deviation of the error one step ahead.
    """

    level: F64
    level_sd: F64
    step_sd: F64
    noise_sd: F64
    sigma: F64


def damped_trend(series: F64, horizon: int) -> Smoothed:
    """Forecast with an additive damped trend (Gardner and McKenzie 1985).

    Args:
        series: Shape (series, points), at least 4 points.
        horizon: Steps ahead.
    """
    alpha, share, phi = (np.array(part) for part in zip(*_grid(), strict=True))
    beta = alpha * share
    ahead: F64 = np.cumsum(phi ** np.arange(1.0, horizon + 1.0)[:, None], axis=0)
    parts = [_damped_rows(rows, alpha, beta, phi, ahead) for rows in _sweeps(series)]
    return _joined(parts)


def theta(series: F64, horizon: int) -> Smoothed:
    """Forecast with the theta method (Assimakopoulos and Nikolopoulos 2000).

    The mean of the straight line through the series and of simple smoothing of the line with twice
    its curvature (theta 0 and 2).

    Args:
        series: Shape (series, points), at least 4 points.
        horizon: Steps ahead.
    """
    points = series.shape[1]
    time = np.arange(points) - (points - 1) / 2.0
    middle = series.mean(axis=1, keepdims=True)
    slope = (series * time).sum(axis=1, keepdims=True) / np.square(time).sum()
    bent = 2.0 * series - (middle + slope * time)
    alpha = np.array(_THETA_ALPHAS)
    zero = np.zeros_like(alpha)
    flat = _joined(
        [_damped_rows(rows, alpha, zero, zero, np.zeros((1, alpha.size))) for rows in _sweeps(bent)]
    )
    line = middle + slope * (time[-1] + np.arange(1, horizon + 1))
    return Smoothed(paths=(line + flat.paths) / 2.0, sigma=flat.sigma / 2.0)


def drift(series: F64, horizon: int) -> Smoothed:
    """Forecast with a random walk with drift: the line through the first and the last point."""
    points = series.shape[1]
    step = (series[:, -1:] - series[:, :1]) / (points - 1)
    paths = series[:, -1:] + step * np.arange(1, horizon + 1)
    sigma = (np.diff(series, axis=1) - step).std(axis=1, ddof=1)
    return Smoothed(paths=paths, sigma=sigma)


def local_level(series: F64) -> Levels:
    """Fit a local level: points scatter around a level that takes independent steps.

    A Kalman filter with an unknown start (Durbin and Koopman 2012, chapter 2) for every ratio of
    the two variances; ratios are weighed by their likelihood with the common variance
    concentrated out. For a given ratio the gains are the same for all series.

    Args:
        series: Shape (series, points), at least 3 points.
    """
    signal = np.array(_SIGNALS)
    count, points = series.shape
    level = np.repeat(series[:, :1], signal.size, axis=1)
    variance = np.ones(signal.size) + signal
    squares = np.zeros((count, signal.size))
    log_variances = np.zeros(signal.size)
    for at in range(1, points):
        total = variance + 1.0
        error = series[:, at, None] - level
        level = level + error * (variance / total)
        squares += np.square(error) / total
        log_variances += np.log(total)
        variance = variance / total + signal
    filtered = variance - signal
    scale = squares / (points - 1)
    fit = -0.5 * ((points - 1) * np.log(np.maximum(squares, _TINY)) + log_variances)
    weight = _weights(fit)
    mean = (weight * level).sum(axis=1)
    between = (weight * np.square(level - mean[:, None])).sum(axis=1)
    within = (weight * scale * filtered).sum(axis=1)
    return Levels(
        level=mean,
        level_sd=np.sqrt(within + between),
        step_sd=np.sqrt((weight * scale * signal).sum(axis=1)),
        noise_sd=np.sqrt((weight * scale).sum(axis=1)),
        sigma=np.sqrt((weight * scale * (variance + 1.0)).sum(axis=1)),
    )


def runs_away(paths: F64, series: F64) -> npt.NDArray[np.bool_]:
    """Tell which paths are no number or leave ten times their series' range; shape (series,)."""
    spread = np.ptp(series, axis=1)
    spread = np.where(spread > 0.0, spread, np.maximum(np.abs(series[:, -1]), 1.0))
    middle = (series.max(axis=1) + series.min(axis=1)) / 2.0
    far = np.abs(paths - middle[:, None]) > RANGE_GUARD * spread[:, None]
    gone: npt.NDArray[np.bool_] = (far | ~np.isfinite(paths)).any(axis=1)
    return gone


def _grid() -> Iterator[tuple[float, float, float]]:
    return product(_ALPHAS, _SLOPE_SHARES, _DAMPINGS)


def _sweeps(series: F64) -> Iterator[F64]:
    for start in range(0, series.shape[0], _ROWS_AT_ONCE):
        yield series[start : start + _ROWS_AT_ONCE]


def _joined(parts: list[Smoothed]) -> Smoothed:
    return Smoothed(
        paths=np.concatenate([part.paths for part in parts]),
        sigma=np.concatenate([part.sigma for part in parts]),
    )


def _weights(log_likelihood: F64) -> F64:
    """Turn log-likelihoods of the points of a grid into weights that sum to 1 in every row."""
    best = log_likelihood.max(axis=1, keepdims=True)
    weight = np.exp(log_likelihood - best)
    shares: F64 = weight / weight.sum(axis=1, keepdims=True)
    return shares


@dataclass(frozen=True)
class _Responses:
    """What a level of 1, or a slope of 1, at the start does to the errors and to the end.

    Attributes:
        errors: Errors one step ahead, shape (points, 2, grid): from the level and from the slope.
        ends: Level and slope at the end, shape (2 ends, 2 starts, grid).
    """

    errors: F64
    ends: F64


def _responses(points: int, alpha: F64, beta: F64, phi: F64) -> _Responses:
    level = np.stack([np.ones_like(alpha), np.zeros_like(alpha)])
    slope = np.stack([np.zeros_like(alpha), np.ones_like(alpha)])
    errors = np.empty((points, 2, alpha.size))
    for at in range(points):
        damped = phi * slope
        error = -(level + damped)
        level = level + damped + alpha * error
        slope = damped + beta * error
        errors[at] = error
    return _Responses(errors=errors, ends=np.stack([level, slope]))


def _damped_rows(series: F64, alpha: F64, beta: F64, phi: F64, ahead: F64) -> Smoothed:
    """Smooth some series with every point of a grid, and average over the grid.

    Errors are e = e0 + level * g1 + slope * g2 in the unknown start, which least squares gives.
    A grid with phi 0 everywhere has no slope: simple smoothing.

    Args:
        series: Shape (rows, points).
        alpha: Weight of an error in the level, shape (grid,).
        beta: Weight of an error in the slope, shape (grid,).
        phi: What is left of the slope after a step, shape (grid,).
        ahead: Sum of the damped steps up to each horizon, shape (horizon, grid).
    """
    rows, points = series.shape
    unit = _responses(points, alpha, beta, phi)
    has_slope = bool(phi.any())
    shape = (rows, alpha.size)
    level, slope, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    along = np.zeros((2, *shape))
    damped, error, part = np.empty(shape), np.empty(shape), np.empty(shape)
    for at in range(points):
        np.multiply(slope, phi, out=damped)
        np.add(level, damped, out=level)
        np.subtract(series[:, at, None], level, out=error)
        np.multiply(error, error, out=part)
        squares += part
        np.multiply(error, unit.errors[at, 0], out=part)
        along[0] += part
        np.multiply(error, alpha, out=part)
        level += part
        if has_slope:
            np.multiply(error, unit.errors[at, 1], out=part)
            along[1] += part
            np.multiply(error, beta, out=part)
            np.add(damped, part, out=slope)
    start, explained, log_volume = _starts(unit.errors, along, has_slope=has_slope)
    squares = np.maximum(squares - explained, _TINY)
    level = level + start[0] * unit.ends[0, 0] + start[1] * unit.ends[0, 1]
    slope = slope + start[0] * unit.ends[1, 0] + start[1] * unit.ends[1, 1]
    unknown = 2 if has_slope else 1
    freedom = max(points - unknown, 1)
    weight = _weights(-0.5 * freedom * np.log(squares) - 0.5 * log_volume)
    now = (weight * level).sum(axis=1)
    path = np.stack([now + (weight * slope * steps).sum(axis=1) for steps in ahead], axis=1)
    fitted = 3 if has_slope else 1
    variance = (weight * squares).sum(axis=1) / max(points - unknown - fitted, 2)
    return Smoothed(paths=path, sigma=np.sqrt(variance))


def _starts(errors: F64, along: F64, *, has_slope: bool) -> tuple[F64, F64, F64]:
    """Solve for the start that makes squared errors least.

    Args:
        errors: Responses of the errors, shape (points, 2, grid).
        along: Sums of error times response, shape (2, rows, grid).
        has_slope: Whether there is a slope.

    Returns:
        Level and slope at the start (2, rows, grid), how much they take off the sum of squares
        (rows, grid), and the log of the determinant of the normal equations (grid,).
    """
    first, second = errors[:, 0], errors[:, 1]
    aa = np.square(first).sum(axis=0)
    if not has_slope:
        level = -along[0] / aa
        return np.stack([level, np.zeros_like(level)]), -level * along[0], np.log(aa)
    ab, bb = (first * second).sum(axis=0), np.square(second).sum(axis=0)
    volume = aa * bb - np.square(ab)
    level = -(bb * along[0] - ab * along[1]) / volume
    slope = -(aa * along[1] - ab * along[0]) / volume
    explained = -(level * along[0] + slope * along[1])
    return np.stack([level, slope]), explained, np.log(volume)
