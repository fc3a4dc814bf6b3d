"""Who falls outside a region's rules for a home: counted beside demand, never taken out of it.

Belongs here: this mart. Does not belong here: the decision about an application (`applying`): a
region's share of negative decisions is an own parameter.
"""

import numpy as np
import polars as pl

from models.outflow.engine import Run
from models.outflow.figures import covered, spread
from models.outflow.inputs import OutflowInputs
from models.outflow.keyed import F64, I64, Event, Keys, draw_words
from models.outflow.sampler import parameter_quantile
from models.params import EligibilityRule
from models.registry import Resolved
from models.units import Unit

_NO_MONTH = 0
"""The share of a draw does not change over the years."""


def outside(resolved: Resolved, inputs: OutflowInputs, run: Run, *, seed: int) -> pl.DataFrame:
    """Make `mart_demand__eligibility` (without region and scenario); empty without rules.

    A rule's share is drawn once per draw at an address of its own id, so that another rule, another
    chunk or another scenario leaves it alone.

    Args:
        resolved: The parameters in force.
        inputs: The start of the run.
        run: The run of which approved applications are counted, `joined` of shape (years, G, D).
        seed: Seed of the run.
    """
    rules = resolved.region.eligibility
    if not rules:
        return pl.DataFrame(schema=_COLUMNS)
    draws = run.flows["joined"].shape[2]
    keys = Keys(
        draw_words(seed, 0, draws), resolved.region.id, tuple(f"rule/{rule.id}" for rule in rules)
    )
    luck = keys.uniforms(Event.ELIGIBILITY, _NO_MONTH)
    rows: list[dict[str, object]] = []
    for rule, own in zip(rules, luck, strict=True):
        share = parameter_quantile(rule.outside_share, own)
        for at, (year, months) in enumerate(covered(inputs).items()):
            counted = _applications(run.flows["joined"][at], rule, inputs.groups) * share
            rows.append(
                {"rule_id": rule.id, "year": year, "months_covered": months, "label": rule.label}
                | {"is_in_force": rule.in_force(year), "unit": Unit.HOUSEHOLDS.value}
                | {
                    "outside_share": rule.outside_share.value,
                    "confirmed": rule.outside_share.confirmed,
                }
                | spread(counted)
            )
    return pl.DataFrame(rows, schema=_COLUMNS)


_COLUMNS: dict[str, pl.DataType] = {
    "rule_id": pl.String(),
    "year": pl.Int32(),
    "months_covered": pl.Int32(),
    "label": pl.String(),
    "is_in_force": pl.Boolean(),
    "unit": pl.String(),
    "outside_share": pl.Float64(),
    "confirmed": pl.Boolean(),
    **{name: pl.Float64() for name in ("mean", "p10", "p50", "p90")},
}


def _applications(joined: I64, rule: EligibilityRule, groups: tuple[str, ...]) -> F64:
    """Add up the applications of the groups that a rule is about; shape (D,)."""
    named = rule.target_groups or groups
    about = [at for at, name in enumerate(groups) if name in named]
    counted: F64 = joined[about].sum(axis=0).astype(np.float64)
    return counted
