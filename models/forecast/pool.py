"""Forecast of any collection of series: yearly, quarterly or monthly, short, with gaps.

Belongs here: which methods are combined, on which scale, with which intervals. Does not belong
here: reading a table of series (`collection`), the methods (`smoothing`), seasons (`seasons`),
factors of intervals (`calibration`).

Yearly and quarterly: the mean of theta, damped trend and drift; monthly: of theta and damped trend.
Equal weights, because choosing a method per series did worse. Seasons are taken out first and put
back last. Small counts follow a local level on Anscombe's scale. All windows of equal length, of
whole series and of series with their last points held back, are fitted in one go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.forecast.calibration import PoolErrors, factors
from models.forecast.collection import MINIMUM_POINTS, check_request, split_series
from models.forecast.counts import SMALL_COUNT, from_even_spread, to_even_spread
from models.forecast.periods import PERIODS_A_YEAR
from models.forecast.seasons import find_seasons
from models.forecast.smoothing import (
    Smoothed,
    damped_trend,
    drift,
    local_level,
    runs_away,
    theta,
)

F64 = npt.NDArray[np.float64]

COLUMNS = ("series_id", "horizon", "mean", "lo80", "hi80", "lo95", "hi95")
"""Columns of a forecast."""

_DIGITS = 10
"""Significant digits of a forecast, so that bytes are stable."""
_LEFT_POINTS = 8
"""Points that must be left where the last ones are held back."""


@dataclass(frozen=True)
class Series:
    """One series, ready to be fitted.

    Attributes:
        values: On the fitting scale, gaps filled, shape (points,).
        observed: Which points are no gaps.
        is_count: Whether the scale is Anscombe's, of small counts; else values over `scale`.
        scale: What values were divided by.
        least: What a forecast may not fall below.
    """

    values: F64
    observed: npt.NDArray[np.bool_]
    is_count: bool
    scale: float
    least: float


@dataclass(frozen=True)
class Fit:
    """A window's forecast on the fitting scale without seasons, and what puts these back.

    Attributes:
        path: Shape (horizon,).
        sigma: One-step standard deviation.
        factor: Seasons that multiply, shape (horizon,).
        term: Seasons that are added, shape (horizon,).
    """

    path: F64
    sigma: float
    factor: F64
    term: F64


def forecast(series: pl.DataFrame, horizon: int, freq: str) -> pl.DataFrame:
    """Forecast every series of a collection.

    Args:
        series: series_id, t (a whole number, a day, or a text such as 2020, 2020-01, 2020Q1,
            2020-03-31) and value; one row a point in any order. A `t` that is left out or has no
            value is a gap.
        horizon: Periods ahead, counted from the last value of each series.
        freq: "Y", "Q" or "M".

    Returns:
        series_id, horizon (1, 2, ...), mean, lo80, hi80, lo95, hi95, in the order of the ids; the
        unit is that of the series. A series that `too_short` names has no rows.

    Raises:
        UsageError: The frequency or the horizon is none.
        RefusedError: A column is missing, a period is none, a value is no number, or a series has
            two values for one period.
    """
    check_request(horizon, freq)
    kept = {
        name: prepare(values, PERIODS_A_YEAR[freq])
        for name, values in split_series(series, freq).items()
        if not isinstance(values, str)
    }
    if not kept:
        return _table([], np.zeros((0, horizon, 5)))
    intervals = _intervals(list(kept.values()), horizon, freq)
    return _table(list(kept), intervals)


# --- scale and gaps ------------------------------------------------------------------------------


def prepare(values: F64, period: int) -> Series:
    """Bring a series on its fitting scale and fill its gaps there."""
    observed = np.isfinite(values)
    known = values[observed]
    is_count = bool(
        known.min() >= 0.0 and known.mean() < SMALL_COUNT and (known == np.floor(known)).all()
    )
    scale = 1.0 if is_count else float(np.abs(known).max()) or 1.0
    scaled = _scaled(values, is_count=is_count, scale=scale)
    return Series(
        values=scaled if observed.all() else _filled(scaled, observed, period, is_count),
        observed=observed,
        is_count=is_count,
        scale=scale,
        least=0.0 if known.min() >= 0.0 else -np.inf,
    )


def to_scale(values: F64, series: Series) -> F64:
    """Bring more values of a series on its fitting scale."""
    return _scaled(values, is_count=series.is_count, scale=series.scale)


def _scaled(values: F64, *, is_count: bool, scale: float) -> F64:
    return to_even_spread(values) if is_count else values / scale


def _filled(values: F64, observed: npt.NDArray[np.bool_], period: int, is_count: bool) -> F64:
    """Fill gaps along straight lines between neighbours, without seasons where there are any."""
    at = np.arange(values.size)
    straight = np.interp(at, at[observed], values[observed])
    seasons = find_seasons(straight[None], period, may_multiply=not is_count)
    flat = seasons.taken_out(straight[None])[0]
    flat = np.interp(at, at[observed], flat[observed])
    factor, term = seasons.ahead(0, values.size)
    return np.where(observed, values, flat * factor[0] + term[0])


# --- fitting -------------------------------------------------------------------------------------


def combine(values: F64, horizon: int, freq: str) -> tuple[F64, F64]:
    """Combine the methods of a frequency with equal weights, on series without seasons.

    A method whose path runs away is replaced by the drift; where that runs away too, by the last
    value.

    Args:
        values: Shape (series, points).
        horizon: Periods ahead.
        freq: "Y", "Q" or "M".

    Returns:
        Paths (series, horizon) and the one-step standard deviation (series,).
    """
    damped, straight = damped_trend(values, horizon), drift(values, horizon)
    members = [theta(values, horizon), damped]
    if freq != "M":
        members.append(straight)
    last = np.repeat(values[:, -1:], horizon, axis=1)
    spare = np.where(runs_away(straight.paths, values)[:, None], last, straight.paths)
    paths = np.mean([_guarded(member, spare, values) for member in members], axis=0)
    still = np.ptp(values, axis=1) == 0.0
    paths = np.where(still[:, None], last, paths)
    sigma = np.sqrt((np.square(damped.sigma) + np.square(straight.sigma)) / 2.0)
    return paths, np.where(still, 0.0, sigma)


def _guarded(member: Smoothed, spare: F64, values: F64) -> F64:
    return np.where(runs_away(member.paths, values)[:, None], spare, member.paths)


def fit_windows(
    windows: Sequence[F64], horizon: int, freq: str, *, is_count: bool
) -> Iterable[Fit]:
    """Fit windows of equal length."""
    values = np.stack(windows)
    seasons = find_seasons(values, PERIODS_A_YEAR[freq], may_multiply=not is_count)
    flat = seasons.taken_out(values)
    if is_count:
        levels = local_level(flat)
        paths, sigma = np.repeat(levels.level[:, None], horizon, axis=1), levels.sigma
        sigma = np.where(np.ptp(flat, axis=1) == 0.0, 0.0, sigma)
    else:
        paths, sigma = combine(flat, horizon, freq)
    factor, term = seasons.ahead(values.shape[1], horizon)
    shape = paths.shape
    factor, term = np.broadcast_to(factor, shape), np.broadcast_to(term, shape)
    for row in range(len(windows)):
        yield Fit(path=paths[row], sigma=float(sigma[row]), factor=factor[row], term=term[row])


def held_back(points: int, horizon: int) -> list[int]:
    """Give how many last points are held back, at up to three origins.

    The whole horizon, and up to two thirds of it more, as long as enough points are left; of a
    shorter series half of its points.
    """
    step = max(1, horizon // 3)
    cuts = [horizon + more * step for more in range(3)]
    cuts = [cut for cut in cuts if points - cut >= max(_LEFT_POINTS, points // 3)]
    spare = points - max(MINIMUM_POINTS, (points + 1) // 2)
    return cuts or ([spare] if spare > 0 else [])


def _intervals(series: Sequence[Series], horizon: int, freq: str) -> F64:
    """Give mean and interval ends of all series; shape (series, horizon, 5)."""
    tasks = [
        (at, cut)
        for at, item in enumerate(series)
        for cut in (0, *held_back(item.values.size, horizon))
    ]
    groups: dict[tuple[bool, int], list[tuple[int, int]]] = {}
    for at, cut in tasks:
        length = series[at].values.size - cut
        groups.setdefault((series[at].is_count, length), []).append((at, cut))
    fits: dict[tuple[int, int], Fit] = {}
    for (is_count, length), members in sorted(groups.items()):
        windows = [series[at].values[:length] for at, _ in members]
        found = fit_windows(windows, horizon, freq, is_count=is_count)
        fits.update(zip(members, found, strict=True))
    widths = {
        is_count: factors(
            f"{freq}_count" if is_count else freq,
            _errors(series, fits, horizon, is_count=is_count),
            horizon,
        )
        for is_count in sorted({item.is_count for item in series})
    }
    return np.stack(
        [_ends(item, fits[at, 0], widths[item.is_count]) for at, item in enumerate(series)]
    )


def _errors(
    series: Sequence[Series],
    fits: Mapping[tuple[int, int], Fit],
    horizon: int,
    *,
    is_count: bool,
) -> PoolErrors:
    """Collect the errors on held-back points, in the window's own one-step deviations."""
    rows: list[F64] = []
    owners: list[int] = []
    for (at, cut), fit in sorted(fits.items()):
        item = series[at]
        if cut == 0 or item.is_count != is_count or fit.sigma <= 0.0:
            continue
        steps = min(cut, horizon)
        start = item.values.size - cut
        actual = item.values[start : start + steps]
        flat = (actual - fit.term[:steps]) / fit.factor[:steps]
        row = np.full(horizon, np.nan)
        row[:steps] = np.where(
            item.observed[start : start + steps],
            np.abs(flat - fit.path[:steps]) / fit.sigma,
            np.nan,
        )
        rows.append(row)
        owners.append(at)
    sizes = np.stack(rows) if rows else np.zeros((0, horizon))
    return PoolErrors(sizes=sizes, series=np.array(owners, dtype=np.int64))


def _ends(item: Series, fit: Fit, widths: F64) -> F64:
    """Give mean, lo80, hi80, lo95, hi95 on the scale of the values; shape (horizon, 5)."""
    half = widths * fit.sigma
    shifts = np.stack([np.zeros_like(half[0]), -half[0], half[0], -half[1], half[1]], axis=1)
    fitted = (fit.path[:, None] + shifts) * fit.factor[:, None] + fit.term[:, None]
    if item.is_count:
        ends = from_even_spread(fitted)
        ends[:, 0] = from_even_spread(fitted[:, 0], fit.sigma**2)
        ends[:, (1, 3)] = np.minimum(ends[:, (1, 3)], ends[:, :1])
        ends[:, (2, 4)] = np.maximum(ends[:, (2, 4)], ends[:, :1])
        return ends
    values: F64 = np.maximum(fitted * item.scale, item.least)
    return values


def _table(names: Sequence[str], intervals: F64) -> pl.DataFrame:
    count, horizon, _ = intervals.shape
    keys = {
        "series_id": pl.Series(np.repeat(np.arange(count), horizon)),
        "horizon": pl.Series(np.tile(np.arange(1, horizon + 1), count), dtype=pl.Int64),
    }
    flat = intervals.reshape(-1, 5)
    frame = pl.DataFrame(keys | {name: flat[:, at] for at, name in enumerate(COLUMNS[2:])})
    ids = pl.Series(list(names), dtype=pl.String)
    return frame.with_columns(
        series_id=ids.gather(frame["series_id"]),
        **{name: pl.col(name).round_sig_figs(_DIGITS) + 0.0 for name in COLUMNS[2:]},
    ).select(COLUMNS)
