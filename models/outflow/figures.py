"""Figures over draws, in one fixed order so that bytes are stable.

Belongs here: mean and quantiles. Does not belong here: which measure is meant (`demand`, `waits`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from models.months import HORIZON_MONTHS, months_covered
from models.outflow.inputs import OutflowInputs
from models.units import ALL_GROUPS

Number = npt.NDArray[Any]
"""Whole or fractional figures per draw."""


def spread(draws: Number) -> dict[str, float]:
    """Give mean, p10, p50 and p90 of values over draws; shape (D,)."""
    values = np.asarray(draws, dtype=np.float64)
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return {
        "mean": float(values.mean()),
        "p10": float(low),
        "p50": float(middle),
        "p90": float(high),
    }


def groups_and_all(groups: tuple[str, ...]) -> Iterator[tuple[str, slice]]:
    """Give every group's name with its rows, and all groups together."""
    for position, group in enumerate(groups):
        yield group, slice(position, position + 1)
    yield ALL_GROUPS, slice(None)


def covered(inputs: OutflowInputs) -> Mapping[int, int]:
    """Give the months of each calendar year that the horizon covers."""
    return months_covered(inputs.as_of + 1, HORIZON_MONTHS)
