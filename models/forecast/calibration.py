"""Widths of intervals from errors that were really made.

Belongs here: pooling held-back errors into factors, shrinking the factors of a small pool to the
shipped ones. Does not belong here: making forecasts (`pool`), generating the series behind the
shipped factors (that script stands beside the benchmarks).

A factor is the half-width of an interval in standard deviations of the series' own error one step
ahead. Nominal intervals of short series cover far too little; factors taken from held-back points
carry the errors of fitting and choosing too.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

LEVELS = (0.80, 0.95)
"""Chances of lying inside the two intervals."""
FULL_POOL = 100
"""Series in a pool from which on its own errors count alone."""
_FILE = "factors.toml"


@dataclass(frozen=True)
class PoolErrors:
    """Errors on held-back points, all in the series' own one-step standard deviations.

    Attributes:
        sizes: Absolute errors, shape (held-back origins, horizon); not a number where none is.
        series: Which series each origin is of, shape (origins,).
    """

    sizes: F64
    series: npt.NDArray[np.int64]


def factors(kind: str, errors: PoolErrors, horizon: int) -> F64:
    """Give the factors of a pool for every horizon.

    The quantiles of its own errors where it has `FULL_POOL` series or more; below that the mean of
    its own and the shipped ones on the log scale, by the number of series; never falling with the
    horizon.

    Args:
        kind: A table of the shipped factors, such as "Y" or "M_count".
        errors: Errors of the pool.
        horizon: Steps ahead.

    Returns:
        Shape (2, horizon), for the levels of `LEVELS`.
    """
    found = shipped(kind, horizon)
    for at in range(horizon):
        sizes = errors.sizes[:, at]
        known = np.isfinite(sizes)
        share = min(np.unique(errors.series[known]).size / FULL_POOL, 1.0)
        if share > 0.0:
            own = np.maximum(np.quantile(sizes[known], LEVELS), 1e-9)
            found[:, at] = np.exp(share * np.log(own) + (1.0 - share) * np.log(found[:, at]))
    return np.maximum.accumulate(found, axis=1)


def shipped(kind: str, horizon: int) -> F64:
    """Give the shipped factors of a kind; past their last horizon they grow on as before it.

    Returns:
        Shape (2, horizon), for the levels of `LEVELS`.
    """
    table = _shipped_table()[kind]
    known = np.array([table["half_width_80"], table["half_width_95"]])
    last = known.shape[1]
    if horizon <= last:
        return known[:, :horizon].copy()
    half = last // 2
    power = np.log(known[:, -1] / known[:, half - 1]) / np.log(last / half)
    more = np.arange(last + 1, horizon + 1) / last
    return np.hstack([known, known[:, -1:] * more ** np.clip(power, 0.0, 1.0)[:, None]])


def inflow_widening() -> float:
    """Give the factor on the spread of inflow paths where several methods are combined.

    No law says how far a mean of methods is off: with this factor the yearly counts of generated
    groups lie in their 80 % intervals as often as meant. The level alone has its own law, and no
    factor.
    """
    widening: dict[str, float] = _file()["inflow_widening"]
    return widening["combined_methods"]


def _shipped_table() -> dict[str, dict[str, list[float]]]:
    table: dict[str, dict[str, list[float]]] = _file()["factors"]
    return table


@cache
def _file() -> dict[str, Any]:
    text = files("models.forecast").joinpath(_FILE).read_text(encoding="utf-8")
    return tomllib.loads(text)
