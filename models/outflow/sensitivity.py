"""Which assumption moves the headline most, from the draws already made.

The share of variance is the correlation ratio (Pearson 1905; the first-order index of Sobol' 1993)
estimated from sixteen equal bins of the parameter, less what chance alone would give. Belongs here:
the ranking. Does not belong here: the headline itself (`demand`).
"""

from typing import Any

import numpy as np
import polars as pl

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR
from models.outflow.engine import Run
from models.outflow.inputs import OutflowInputs
from models.outflow.keyed import F64
from models.outflow.sampler import DIMENSIONS, Sample
from models.units import Unit

BINS = 16
_FIFTH = 5


def rank(inputs: OutflowInputs, sample: Sample, run: Run) -> pl.DataFrame:
    """Make `mart_sensitivity__region` (without region and scenario).

    The headline is the extra over current lettings in ten years (dwellings). Low and high are the
    fifths of the draws in which the parameter is lowest and highest.
    """
    gross = run.flows["offered"].sum(axis=(0, 1)).astype(np.float64)
    headline = gross - inputs.current_lettings * HORIZON_MONTHS / MONTHS_PER_YEAR
    rows = [
        _row(name, group, unit, values, headline)
        for name, group, unit, values in _moving(inputs, sample, run)
    ]
    rows.sort(key=lambda row: (-abs(row["headline_high"] - row["headline_low"]), row["parameter"]))
    return pl.DataFrame([{**row, "rank": at} for at, row in enumerate(rows, start=1)])


def _moving(inputs: OutflowInputs, sample: Sample, run: Run) -> list[tuple[str, str, str, F64]]:
    """List every uncertain parameter with its values; inflow by its intensity over ten years."""
    found = []
    for name, groups in sample.resolved.values.items():
        for group, parameter in sorted(groups.items()):
            if parameter.is_uncertain and (name, group) in DIMENSIONS:
                values = sample.values(name, group)
                found.append((name, group, parameter.unit.value, values))
    for at, group in enumerate(inputs.groups):
        found.append(("inflow", group, Unit.PERSONS.value, run.intensity_mean[at]))
    return found


def _row(name: str, group: str, unit: str, values: F64, headline: F64) -> dict[str, Any]:
    order = np.argsort(values, kind="stable")
    fifth = max(order.size // _FIFTH, 1)
    low, high = order[:fifth], order[-fifth:]
    return {
        "parameter": name,
        "target_group": group,
        "parameter_unit": unit,
        "low": float(values[low].mean()),
        "high": float(values[high].mean()),
        "headline_low": float(headline[low].mean()),
        "headline_high": float(headline[high].mean()),
        "variance_share": _correlation_ratio(headline[order]),
    }


def _correlation_ratio(sorted_headline: F64) -> float:
    """Share of variance between bins of draws that are sorted by the parameter; in 0 .. 1."""
    size = sorted_headline.size
    total = float(sorted_headline.var())
    if size < 4 * BINS or total == 0.0:
        return 0.0
    bins = np.array_split(sorted_headline, BINS)
    weights = np.array([part.size / size for part in bins])
    means = np.array([part.mean() for part in bins])
    within = float(np.sum(weights * np.array([part.var() for part in bins])))
    between = float(np.sum(weights * (means - sorted_headline.mean()) ** 2))
    chance = within * (BINS - 1) / (size - BINS)
    return float(np.clip((between - chance) / total, 0.0, 1.0))
