"""From a published number to our headline, in named steps that add up in every draw.

Nobody published how the number was made. So the bridge begins at our reconstruction of a plain
calculation of then: the plan as decided and on time, inflow and people's needs as they were, nobody
waiting. Each step changes one thing, on the same luck; what the reconstruction itself misses of the
published number stays as the last part, unexplained. Belongs here: the steps. Does not belong here:
what must be true for the number (`inverse`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR, format_month
from models.outflow.compare import Case
from models.outflow.engine import Run
from models.outflow.figures import spread
from models.outflow.keyed import F64
from models.params import GroupValues
from models.registry import Resolved
from models.units import Unit

READINGS = ("gross", "extra_current_lettings", "extra_constant_capacity")
"""What a published number may count: all homes, or those beyond one of the two references."""

HEADLINE = "extra_current_lettings"
"""What our headline counts."""

STEPS = ("plan", "backlog", "inflow", "longer_stays", "moment")
"""Steps after the reference, each a run of its own: the plan with its uncertain delays and share;
the housing list of then; inflow by the forecast instead of the last twelve months' mean; the drift
to more complex needs; and the as-of month of now instead of then."""

_PLAN_EXACT = {
    "closing_share": 1.0,
    "plan_delay_months_decided": 0.0,
    "plan_delay_months_intended": 0.0,
    "plan_delay_months_expected": 0.0,
}
"""Parameters of a plan that is carried out as decided and on time."""


@dataclass(frozen=True)
class Bridge:
    """The parts of a bridge per draw.

    Attributes:
        published: The published number (dwellings).
        then: Month in which the number was made.
        now: Last month that our headline counts as known.
        parts: By reading, the parts by step in their order, each of shape (D,).
        ours: Our headline of now, shape (D,).
    """

    published: float
    then: int
    now: int
    parts: Mapping[str, Mapping[str, F64]]
    ours: F64

    def table(self) -> pl.DataFrame:
        """Make `mart_demand__bridge` (without region)."""
        rows: list[dict[str, object]] = []
        for reading, parts in self.parts.items():
            bars = {
                "published": np.full(self.ours.size, self.published),
                **parts,
                "ours": self.ours,
            }
            for position, (step, draws) in enumerate(bars.items(), start=1):
                found = spread(draws)
                rows.append(
                    {
                        "reading": reading,
                        "position": position,
                        "step": step,
                        "is_headline_reading": reading == HEADLINE,
                        "as_of_then": format_month(self.then),
                        "as_of": format_month(self.now),
                        "unit": Unit.DWELLINGS.value,
                        **{key: found[key] for key in ("mean", "p10", "p90")},
                    }
                )
        return pl.DataFrame(rows)


def bridge_cases(then: Case, now: Case) -> dict[str, Case]:
    """List the runs that a bridge needs.

    Args:
        then: The region as of the month in which the number was made, all drivers on.
        now: The region as of now, all drivers on.
    """
    off = {"backlog": False, "inflow": False, "longer_stays": False}
    plain = replace(then, resolved=with_values(then.resolved, _PLAN_EXACT))
    cases = {
        "constant": replace(plain, switches=replace(then.switches, **off, closing=False)),
        "theirs": replace(plain, switches=replace(then.switches, **off)),
    }
    for step in STEPS[:-1]:
        off.pop(step, None)
        cases[step] = replace(then, switches=replace(then.switches, **off))
    return {**cases, "moment": now}


def build_bridge(number: float, *, then: Case, now: Case, runs: Mapping[str, Run]) -> Bridge:
    """Reconcile a published number with our headline of now.

    Args:
        number: The published number (dwellings in ten years).
        then: The region as of the month in which the number was made, all drivers on.
        now: The region as of now, all drivers on.
        runs: The runs of `bridge_cases`.
    """
    lettings = ten_years_of_lettings(then)
    levels = {name: gross_of(run) for name, run in runs.items()}
    theirs = {
        "gross": levels["theirs"],
        "extra_current_lettings": levels["theirs"] - lettings,
        "extra_constant_capacity": levels["theirs"] - levels["constant"],
    }
    headline = {name: levels[name] - lettings for name in ("theirs", *STEPS[:-1])}
    headline["moment"] = levels["moment"] - ten_years_of_lettings(now)
    before = dict(zip(STEPS, ("theirs", *STEPS), strict=False))
    steps = {step: headline[step] - headline[before[step]] for step in STEPS}
    parts = {
        reading: {
            "reference": theirs[HEADLINE] - theirs[reading],
            **steps,
            "unexplained": theirs[reading] - number,
        }
        for reading in READINGS
    }
    return Bridge(number, then.as_of, now.as_of, parts, headline["moment"])


def gross_of(run: Run) -> F64:
    """Add up gross demand over the ten years; shape (D,)."""
    total: F64 = run.flows["offered"].sum(axis=(0, 1)).astype(np.float64)
    return total


def ten_years_of_lettings(case: Case) -> float:
    """Give ten years of the lettings that the headline is counted from (dwellings)."""
    return case.inputs.current_lettings * HORIZON_MONTHS / MONTHS_PER_YEAR


def with_values(resolved: Resolved, values: Mapping[str, float]) -> Resolved:
    """Fix parameters for every group at a number without a range."""
    merged: dict[str, GroupValues] = dict(resolved.values)
    for name, value in values.items():
        merged[name] = {
            group: item.model_copy(update={"value": value, "low": None, "high": None})
            for group, item in merged[name].items()
        }
    return replace(resolved, values=merged)
