"""The law of a stay's length: a sum of equal exponential phases, fitted to cut-off stays.

The outflow model lets a stay pass `stay_phases` equal phases; in months its length is a sum of
geometric times, of which the sum of exponential times (an Erlang law, or gamma with a whole shape)
is the law in days. One number is free: the mean. Belongs here: likelihood, fit, survival. Does not
belong here: which stays belong together (`stays`), what was believed before (`beliefs`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_SHORTEST = 0.5 / 30.4375
"""Months that a stay of less than a day counts: half a day."""
_BOUNDS = (np.log(0.02), np.log(24_000.0))
"""Logarithms of the shortest and the longest mean that is looked for, in months."""
_STEP = 1e-3


@dataclass(frozen=True)
class Lengths:
    """Stays, one an element; arrays of shape (n,).

    Attributes:
        entry: Months that the stay had already lasted when it came into sight (left truncation).
        length: Months from its beginning until readiness, or until it was last seen; above entry.
        finished: Whether it ended in readiness; else it is cut off there (right censoring).
    """

    entry: F64
    length: F64
    finished: Flags

    @property
    def events(self) -> int:
        """How many stays ended in readiness."""
        return int(self.finished.sum())

    @property
    def exposure(self) -> float:
        """Months in which the stays were in sight."""
        return float((self.length - self.entry).sum())


@dataclass(frozen=True)
class Fit:
    """A fitted mean with its uncertainty.

    Attributes:
        mean: Mean length in months.
        log_sd: Standard error of the logarithm of the mean.
    """

    mean: float
    log_sd: float


def log_survival(months: F64, mean: float, phases: int) -> F64:
    """Give the logarithm of the chance that a stay lasts longer; the shape of `months`.

    For a whole number of phases the survival of a gamma law is exp(-x) sum of x^j / j! for j below
    it, with x = phases x months / mean (Johnson, Kotz and Balakrishnan 1994, section 17.3).
    """
    x = phases * months / mean
    series = np.ones_like(x)
    term = np.ones_like(x)
    for nth in range(1, phases):
        term = term * x / nth
        series = series + term
    out: F64 = np.log(series) - x
    return out


def log_likelihood(stays: Lengths, mean: float, phases: int) -> float:
    """Give the log-likelihood of a mean (months): readiness, cut-off and what was out of sight."""
    length = np.maximum(stays.length, _SHORTEST)
    rate = phases / mean
    done = length[stays.finished]
    ready = phases * np.log(rate) + (phases - 1) * np.log(done) - rate * done - gammaln(phases)
    going_on = log_survival(length[~stays.finished], mean, phases)
    unseen = log_survival(stays.entry, mean, phases)
    return float(ready.sum() + going_on.sum() - unseen.sum())


def fit_mean(stays: Lengths, phases: int) -> Fit | None:
    """Fit the mean by maximum likelihood; None without a stay that ended in readiness.

    The standard error is that of the observed information on the log scale.

    Args:
        stays: The stays.
        phases: Number of phases, at least 1.
    """
    if stays.events == 0:
        return None

    def loss(log_mean: float) -> float:
        return -log_likelihood(stays, float(np.exp(log_mean)), phases)

    found = minimize_scalar(loss, bounds=_BOUNDS, method="bounded", options={"xatol": 1e-9})
    middle = float(found.x)
    around = loss(middle + _STEP) - 2.0 * loss(middle) + loss(middle - _STEP)
    information = max(around / _STEP**2, 1e-9)
    return Fit(mean=float(np.exp(middle)), log_sd=float(information**-0.5))
