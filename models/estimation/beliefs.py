"""What was believed before the data, and what is believed after: the arithmetic of shrinking.

Three laws: a mean on the log scale by weights of precision; a rate of events over exposure
(gamma); shares of people (Dirichlet, with its beta margins). Belongs here: these formulas, with
their 80 % intervals. Does not belong here: counting (`counts`), stays (`stays`), records
(`estimate`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, gammaincinv, logit, ndtri

from models.estimation.lengths import Fit
from models.records import Parameter
from models.units import BOUNDED

Z80 = float(ndtri(0.9))
LOW, HIGH = 0.1, 0.9
"""An interval of 80 % runs from the 10th to the 90th percentile."""

PRIOR_PERSONS = 20.0
"""Weight of the national shares of destinations, in persons."""
PRIOR_EVENTS = 8.0
"""Weight of the national share of relapse, in events."""


@dataclass(frozen=True)
class Range:
    """A number with its 80 % interval."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> "Range":
        """Give the same range in another unit."""
        return Range(self.value * factor, self.low * factor, self.high * factor)

    def inverted(self) -> "Range":
        """Give the range of one over the number."""
        return Range(1.0 / self.value, 1.0 / self.high, 1.0 / self.low)


def believed_sd(prior: Parameter) -> tuple[float, float]:
    """Give the standard deviations below and above the value that a record's range stands for.

    On the logit scale for shares and on the log scale for all else, as the sampler reads a range.
    Zero where the record has no range.
    """
    if prior.low is None or prior.high is None:
        return 0.0, 0.0
    scale = logit if prior.unit in BOUNDED else np.log
    low, middle, high = (float(scale(number)) for number in (prior.low, prior.value, prior.high))
    return (middle - low) / Z80, (high - middle) / Z80


def shrink_mean(prior: Parameter, fit: Fit) -> Range:
    """Weigh a fitted mean with what was believed, by precision on the log scale.

    Args:
        prior: The record believed before, with a range, in the unit of the fit.
        fit: The fit.
    """
    below, above = believed_sd(prior)
    own = float(np.log(fit.mean))
    middle = float(np.log(prior.value))
    spread = above if own > middle else below
    if spread == 0.0:
        return Range(prior.value, prior.value, prior.value)
    weight = spread**-2 + fit.log_sd**-2
    centre = (middle * spread**-2 + own * fit.log_sd**-2) / weight
    return log_range(centre, weight**-0.5)


def log_range(centre: float, spread: float) -> Range:
    """Give the range of a number whose logarithm is normal."""
    low, high = np.exp([centre - Z80 * spread, centre + Z80 * spread])
    return Range(float(np.exp(centre)), float(low), float(high))


def events_worth(prior: Parameter) -> float:
    """Give the number of events that a record's range is worth: one over its log variance."""
    if prior.low is None or prior.high is None:
        return PRIOR_EVENTS
    spread = float(np.log(prior.high / prior.low)) / (2.0 * Z80)
    return PRIOR_EVENTS if spread == 0.0 else spread**-2


def shrink_rate(national: float, worth: float, events: float, exposure: float) -> Range:
    """Give the rate (worth + events) / (worth / national + exposure), with gamma quantiles.

    Args:
        national: The rate believed before, per unit of exposure; above 0.
        worth: Its weight in events.
        events: Events seen.
        exposure: Exposure in which they were seen.
    """
    return _gamma_range(worth + events, worth / national + exposure)


def own_rate(events: float, exposure: float) -> Range | None:
    """Give events over exposure alone, None without exposure; the interval adds half an event."""
    if exposure <= 0.0:
        return None
    value = events / exposure
    interval = _gamma_range(events + 0.5, exposure)
    return Range(value, min(interval.low, value), max(interval.high, value))


def _gamma_range(shape: float, rate: float) -> Range:
    low, high = (float(gammaincinv(shape, level)) / rate for level in (LOW, HIGH))
    value = shape / rate
    return Range(value, min(low, value), max(high, value))


def persons_worth(prior: Parameter) -> float:
    """Give the number of persons that the range of a share is worth."""
    spread = sum(believed_sd(prior)) / 2.0
    if spread == 0.0:
        return PRIOR_PERSONS
    return 1.0 / (spread**2 * prior.value * (1.0 - prior.value))


def shrink_share(national: float, worth: float, some: float, persons: float) -> Range:
    """Give the share (worth x national + some) / (worth + persons), with beta quantiles.

    The margin of a Dirichlet law for one of its shares.

    Args:
        national: The share believed before, between 0 and 1.
        worth: Its weight in persons.
        some: Persons of this kind.
        persons: Persons in all.
    """
    return _beta_range(worth * national + some, worth * (1.0 - national) + persons - some)


def own_share(some: float, persons: float) -> Range | None:
    """Give the share in the data alone, None without persons; the interval adds half a person."""
    if persons <= 0.0:
        return None
    value = some / persons
    interval = _beta_range(some + 0.5, persons - some + 0.5)
    return Range(value, min(interval.low, value), max(interval.high, value))


def _beta_range(some: float, others: float) -> Range:
    value = some / (some + others)
    low, high = (float(betaincinv(some, others, level)) for level in (LOW, HIGH))
    return Range(value, min(low, value), max(high, value))
