"""Which assumption moves the headline most, and how much of its variance is chance.

From the draws already made: the first-order index of Sobol' (1993) by RBD-FAST (Tarantola, Gatelli
and Mara 2006; bias correction of Tissot and Prieur 2012), as SALib computes it from given data.
Belongs here: the ranking and the split of the variance. Does not belong here: the headline itself
(`demand`).
"""

import warnings
from typing import Any

import numpy as np
import polars as pl

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR
from models.outflow.engine import Run
from models.outflow.inputs import OutflowInputs
from models.outflow.keyed import F64
from models.outflow.sampler import DIMENSIONS, Sample
from models.units import Unit

FEWEST_DRAWS = 64
"""Draws below which no share of the variance can be told."""
_FIFTH = 5


def rank(inputs: OutflowInputs, sample: Sample, run: Run) -> pl.DataFrame:
    """Make `mart_sensitivity__region` (without region and scenario).

    The headline is the extra over current lettings in ten years (dwellings). Low and high are the
    fifths of the draws in which the parameter is lowest and highest.
    """
    gross = run.flows["offered"].sum(axis=(0, 1)).astype(np.float64)
    headline = gross - inputs.current_lettings * HORIZON_MONTHS / MONTHS_PER_YEAR
    moving = _moving(inputs, sample, run)
    shares = first_order_shares([values for *_, values in moving], headline)
    rows = [
        _row(name, group, unit, values, headline, share)
        for (name, group, unit, values), share in zip(moving, shares, strict=True)
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


def first_order_shares(parameters: list[F64], result: F64) -> list[float]:
    """Give the share of a result's variance that each parameter alone explains.

    Args:
        parameters: Values per draw, each of shape (D,).
        result: The result per draw, shape (D,).

    Returns:
        Shares of 0 to 1, in the order of the parameters; 0 where nothing varies or there are too
        few draws.
    """
    varying = [at for at, values in enumerate(parameters) if np.ptp(values) > 0.0]
    out = [0.0] * len(parameters)
    if result.size < FEWEST_DRAWS or np.ptp(result) == 0.0 or not varying:
        return out
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import rbd_fast  # seconds to import: only where draws are analysed

        problem = {
            "num_vars": len(varying),
            "names": [str(at) for at in varying],
            "bounds": [
                [float(parameters[at].min()), float(parameters[at].max())] for at in varying
            ],
        }
        points = np.stack([parameters[at] for at in varying], axis=1)
        found = rbd_fast.analyze(problem, points, result, num_resamples=2, seed=1)
    for at, share in zip(varying, found["S1"], strict=True):
        out[at] = float(np.clip(share, 0.0, 1.0))
    return out


def split_variance(run: Run, other_luck: Run) -> pl.DataFrame:
    """Make `mart_sensitivity__variance` (without region and scenario).

    Two lives on the same parameters with other event luck: what they have in common is due to the
    parameters, the rest to chance.

    Args:
        run: Gross demand without a limit.
        other_luck: The same with other luck, of the same draws or the first of them.
    """
    draws = other_luck.places.shape[-1]
    one, two = (
        life.flows["offered"].sum(axis=(0, 1)).astype(np.float64)[:draws]
        for life in (run, other_luck)
    )
    variance = (one.var() + two.var()) / 2.0
    shared = float(np.mean((one - one.mean()) * (two - two.mean())))
    parameters = 0.0 if variance == 0.0 else float(np.clip(shared / variance, 0.0, 1.0))
    return pl.DataFrame(
        [
            {
                "measure": "gross",
                "unit": Unit.DWELLINGS.value,
                "standard_deviation": float(np.sqrt(variance)),
                "parameter_share": parameters,
                "chance_share": 1.0 - parameters if variance else 0.0,
            }
        ]
    )


def _row(
    name: str, group: str, unit: str, values: F64, headline: F64, share: float
) -> dict[str, Any]:
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
        "variance_share": share,
    }
