"""Seasons of many series of equal length: whether they are there, and what they amount to.

Belongs here: the test, the indices and their shrinkage. Does not belong here: forecasting.

Classical decomposition: a centred moving average over a year is the level, what is left is averaged
by season. An F test over the seasons says whether they differ at all; indices are then shrunk
towards none by James and Stein's rule, which made seasonal forecasts better throughout the
M-competition (Miller and Williams 2003, International Journal of Forecasting 19).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc

F64 = npt.NDArray[np.float64]

SIGNIFICANCE = 0.05
"""Chance of calling seasons that are not there, where what is left is independent."""


@dataclass(frozen=True)
class Seasons:
    """Seasons of series of equal length.

    Attributes:
        factors: What a season multiplies by, shape (series, period); 1 where it adds or is absent.
        terms: What a season adds, shape (series, period); 0 where it multiplies or is absent.
            The first column is the season of the first point.
    """

    factors: F64
    terms: F64

    def taken_out(self, series: F64) -> F64:
        """Take the seasons out of series, shape (series, points)."""
        at = np.arange(series.shape[1]) % self.factors.shape[1]
        return (series - self.terms[:, at]) / self.factors[:, at]

    def ahead(self, points: int, horizon: int) -> tuple[F64, F64]:
        """Give factors and terms of the steps after `points` points; shape (series, horizon)."""
        at = (points + np.arange(horizon)) % self.factors.shape[1]
        return self.factors[:, at], self.terms[:, at]


def no_seasons(count: int) -> Seasons:
    """Give the seasons of series that have none."""
    return Seasons(factors=np.ones((count, 1)), terms=np.zeros((count, 1)))


def find_seasons(series: F64, period: int, *, may_multiply: bool = True) -> Seasons:
    """Find the seasons of series.

    Args:
        series: Shape (series, points).
        period: Seasons a year; 1 for none.
        may_multiply: Whether seasons may be factors: they are where all values are positive and
            factors leave less unexplained than terms.
    """
    count, points = series.shape
    if period == 1 or points <= 2 * period:
        return no_seasons(count)
    level = _centred_average(series, period)
    first = period // 2
    inner = series[:, first : first + level.shape[1]]
    season = (first + np.arange(level.shape[1])) % period
    terms, found, rest = _indices(inner - level, season, period)
    terms = np.where(found[:, None], terms, 0.0)
    factors = np.ones_like(terms)
    if may_multiply and bool((positive := series.min(axis=1) > 0.0).any()):
        ratio = np.divide(inner, level, out=np.ones_like(inner), where=positive[:, None])
        shares, found_share, left = _indices(ratio - 1.0, season, period)
        unexplained = np.square(level * left).sum(axis=1)
        better = positive & (unexplained <= np.square(rest).sum(axis=1))
        shares = np.where(found_share[:, None], np.maximum(1.0 + shares, 0.02), 1.0)
        factors = np.where(better[:, None], shares, factors)
        terms = np.where(better[:, None], 0.0, terms)
    return Seasons(factors=factors, terms=terms)


def _centred_average(series: F64, period: int) -> F64:
    """Average over a year around each point that has one; an even year takes half of both ends."""
    sums = np.cumsum(np.pad(series, ((0, 0), (1, 0))), axis=1)
    plain = (sums[:, period:] - sums[:, :-period]) / period
    return plain if period % 2 else (plain[:, 1:] + plain[:, :-1]) / 2.0


def _indices(
    detrended: F64, season: npt.NDArray[np.int64], period: int
) -> tuple[F64, npt.NDArray[np.bool_], F64]:
    """Average by season, test, and shrink.

    Args:
        detrended: What is left of the series beside its level, shape (series, points).
        season: Season of each point.
        period: Seasons a year.

    Returns:
        Shrunk indices around 0 (series, period), whether they differ by the F test (series,), and
        what the averages leave unexplained (series, points).
    """
    member = (season[:, None] == np.arange(period)).astype(np.float64)
    counts = member.sum(axis=0)
    raw = np.stack([detrended[:, season == at].mean(axis=1) for at in range(period)], axis=1)
    raw = raw - raw.mean(axis=1, keepdims=True)
    rest = detrended - raw[:, season]
    freedom = max(detrended.shape[1] - period, 1)
    noise = np.square(rest).sum(axis=1) / freedom
    between = (np.square(raw) * counts).sum(axis=1) / (period - 1)
    ratio = np.divide(between, noise, out=np.full_like(noise, np.inf), where=noise > 0.0)
    found = fdtrc(period - 1, freedom, ratio) < SIGNIFICANCE
    variance = noise * (1.0 / counts).mean()
    spread = np.square(raw).sum(axis=1) / (period - 1)
    share = np.divide(variance, spread, out=np.ones_like(spread), where=spread > 0.0)
    shrink = np.clip((period - 3) / (period - 1) * np.minimum(share, 1.0), 0.0, 1.0)
    return raw * (1.0 - shrink[:, None]), found & (spread > 0.0), rest
