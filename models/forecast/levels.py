"""The level of a group's registrations and how far it drifts, by Bayes, from what is believed.

On Anscombe's scale a block of counts scatters around a level that takes independent steps. A short
series tells almost nothing of the size of those steps, so that a fit without beliefs takes the
scatter of counts for steps: with three years of small counts about four times too large. Here
steps and scatter start from what is believed of them and move as far as the series has them move.
Belongs here: the belief, the fit. Does not belong here: paths (`inflow`), levels of pools of any
series, of which nothing is believed (`smoothing`).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import expit, logit, ndtri

from models.forecast.counts import F64, to_intensity
from models.records import Parameter
from models.units import BOUNDED

BLOCK_MONTHS = 3
"""Registrations are added up in blocks of three months, counted back from the as-of month."""
_PLACES = np.linspace(-4.0, 4.0, 33)
"""Places of the grid of drift, in standard deviations of the belief."""
_Z80 = float(ndtri(0.9))
_LEAST = 1e-9
"""Drift that stands for none at all where a logarithm is taken."""
_EXTRA = np.array([0.0, 0.05, 0.10, 0.15, 0.20, 0.30, 0.45, 0.70])
"""Scatter of a block beyond that of Poisson counts, as a share of its level (cv)."""
BELIEVED_EXTRA = 0.10
"""Half the chance lies below this extra scatter (half Cauchy law, so that a series may show more).
Judgement: a quarter's registrations swing by about a tenth by holidays and waiting to register."""


@dataclass(frozen=True)
class Belief:
    """What is believed of the yearly relative drift of inflow (standard deviation of a year).

    Attributes:
        values: Values of the drift, rising, shape (n,); one where it is certain.
        chances: Their chances, summing to 1, shape (n,).
    """

    values: F64
    chances: F64

    @classmethod
    def of(cls, parameter: Parameter) -> Self:
        """Lay a record out on a grid: the law by which the sampler draws it.

        Args:
            parameter: `value` the median, `low` and `high` the 10th and 90th percentile of a
                two-piece normal law, on the logit scale for shares and else on the log scale.
        """
        if not parameter.is_uncertain or parameter.low is None or parameter.high is None:
            return cls.certain(parameter.value)
        to_scale, back = (logit, expit) if parameter.unit in BOUNDED else (np.log, np.exp)
        low, middle, high = to_scale([parameter.low, parameter.value, parameter.high])
        spread = np.where(_PLACES < 0.0, middle - low, high - middle) / _Z80
        chances = np.exp(-0.5 * np.square(_PLACES))
        return cls(back(middle + spread * _PLACES), chances / chances.sum())

    @classmethod
    def certain(cls, drift: float) -> Self:
        """Believe one drift alone."""
        return cls(np.array([drift]), np.ones(1))

    def quantiles(self, at: F64) -> F64:
        """Give the drift below which a share of the chance lies; the shape of `at`."""
        return np.exp(np.interp(at, _below(self.chances), _log(self.values)))


@dataclass(frozen=True)
class Filtered:
    """What a filter with given variances ends with; one of each per pair of variances.

    Attributes:
        level: Level at the last point.
        variance: Its variance.
        fit: Log-likelihood of the series, but for a constant.
    """

    level: F64
    variance: F64
    fit: F64


@dataclass(frozen=True)
class Level:
    """A level of blocks, and what is believed of its drift after the series was seen.

    Attributes:
        level: Level at the last block (Anscombe scale).
        level_sd: Its standard deviation.
        after: The chances of the drift, on the values of the belief.
    """

    level: float
    level_sd: float
    after: Belief


def find_level(series: F64, belief: Belief) -> Level:
    """Find the level now and the drift from blocks of counts and what was believed.

    Every pair of a drift and an extra scatter is weighed by belief times likelihood; level and
    spread are those of the mixture. A block of Poisson counts has variance 1 on this scale
    (Anscombe 1948); extra scatter c adds rate x c^2; for the step see `step_of`.

    Args:
        series: Blocks on the Anscombe scale, shape (n,), at least 1.
        belief: What is believed of the drift.
    """
    rate = to_intensity(series.mean(keepdims=True))[0]
    extra = 1.0 / (1.0 + np.square(_EXTRA / BELIEVED_EXTRA)) * np.gradient(_EXTRA)
    steps, scatter = np.meshgrid(
        np.square(step_of(belief.values, rate)), 1.0 + rate * np.square(_EXTRA), indexing="ij"
    )
    found = filter_level(series, steps, scatter)
    weight = np.outer(belief.chances, extra) * np.exp(found.fit - found.fit.max())
    weight /= weight.sum()
    mean = float((weight * found.level).sum())
    spread = float((weight * (found.variance + np.square(found.level - mean))).sum())
    return Level(mean, spread**0.5, Belief(belief.values, weight.sum(axis=1)))


def filter_level(series: F64, steps: F64, scatter: F64) -> Filtered:
    """Filter a level that steps under points that scatter, from an unknown start.

    The Kalman filter of the local level (Durbin and Koopman 2012, chapter 2), many at once.

    Args:
        series: Shape (n,).
        steps: Variances of the level's step, of any shape.
        scatter: Variances of a point around its level, above 0, of the same shape.
    """
    level, variance = np.full(steps.shape, series[0]), scatter.copy()
    fit = np.zeros(steps.shape)
    for point in series[1:]:
        before = variance + steps
        total = before + scatter
        error = point - level
        fit -= 0.5 * (np.log(total) + np.square(error) / total)
        level = level + error * before / total
        variance = before * scatter / total
    return Filtered(level, variance, fit)


def step_of(drift: F64, rate: float) -> F64:
    """Give the step of the level per block on the Anscombe scale.

    A level 2 sqrt(rate) that changes by a share d a year steps by d sqrt(rate) a year.

    Args:
        drift: Yearly relative drifts (standard deviation), shape (n,).
        rate: Registrations a block.
    """
    step: F64 = drift * np.sqrt(rate * BLOCK_MONTHS / 12.0)
    return step


def moved(drift: F64, before: Belief, after: Belief) -> F64:
    """Move drawn drifts from one belief to another: each to the same place in the order.

    Args:
        drift: Drifts drawn from `before`, shape (n,).
        before: The law they were drawn from.
        after: The law that they shall have.

    Returns:
        Shape (n,); a drift outside the grid moves by the factor of its end.
    """
    to = _log(after.quantiles(_below(before.chances)))
    factor = np.exp(np.interp(_log(drift), _log(before.values), to - _log(before.values)))
    found: F64 = drift * factor
    return found


def _log(drift: F64) -> F64:
    return np.log(np.maximum(drift, _LEAST))


def _below(chances: F64) -> F64:
    """Give the chance below each value, half of its own with it."""
    found: F64 = np.cumsum(chances) - chances / 2.0
    return found
