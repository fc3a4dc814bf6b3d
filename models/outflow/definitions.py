"""The same demand by other definitions, as parts that add up from the usual one in every draw.

Whoever counts otherwise finds another number: people who are supported at home without a place,
people who have only said that they are interested, homes that are not an association's. These are
ways of counting, not other futures: no run changes. Belongs here: the parts. Does not belong here:
a published number (`bridge`).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from models.outflow.bridge import gross_of
from models.outflow.engine import Run
from models.outflow.figures import spread
from models.outflow.inputs import Tables
from models.outflow.keyed import F64
from models.outflow.sampler import Sample
from models.units import Unit

AMBULANT = "core_capacity__ambulant"
"""Core table: people supported at home, by target_group; persons."""
INTERESTED = "core_application__interested"
"""Core table: people who have only said that they are interested, by target_group; applications."""

DEFINITIONS = ("with_ambulant", "with_interested", "any_home")
"""What may be counted otherwise, in reading order."""

OWN_NETWORK = "elsewhere_share_own_network"
OUTSIDE = "outside_home_share"


def definition_table(run: Run, core: Tables, sample: Sample) -> pl.DataFrame:
    """Make `mart_demand__definition` (without region and scenario).

    With ambulant: everybody who is supported at home now, without a place, counts once, with the
    same chance of needing a home as who leaves a place. With the interested: each counts as an
    approved application. Any home: who finds a home in another way counts too: through the own
    network, in the care region outside the quota region, or from the housing list outside the
    agreement. People supported at home who find one through their network are the interaction.

    Args:
        run: The run without a limit on offers, all drivers on.
        core: The core tables it starts from.
        sample: The parameters of its draws.
    """
    groups = sample.resolved.region.target_groups
    usual = gross_of(run)
    persons = {name: _counted(core, AMBULANT, "persons", name) for name in groups}
    waiting = {name: _counted(core, INTERESTED, "applications", name) for name in groups}
    ambulant = _sum(usual, [persons[name] * _to_association(sample, name) for name in groups])
    network = _sum(usual, [persons[name] * _to_network(sample, name) for name in groups])
    interested = np.full(usual.size, float(sum(waiting.values())))
    other = _other_homes(run, sample, groups)
    parts = {"with_ambulant": ambulant, "with_interested": interested, "any_home": other}
    observed = {
        "with_ambulant": sum(persons.values()),
        "with_interested": sum(waiting.values()),
    }
    rows = [_row("usual", usual, None, None)]
    rows += [
        _row(name, parts[name], usual + parts[name], observed.get(name)) for name in DEFINITIONS
    ]
    rows.append(_row("interaction", network, None, None))
    everything = usual + ambulant + interested + other + network
    rows.append(_row("all_together", everything, None, None))
    return pl.DataFrame(
        [{**row, "position": at} for at, row in enumerate(rows, start=1)],
        schema_overrides={
            "observed": pl.Int64,
            "level_mean": pl.Float64,
            "level_p10": pl.Float64,
            "level_p90": pl.Float64,
        },
    )


def _row(name: str, draws: F64, level: F64 | None, observed: int | None) -> dict[str, object]:
    found = spread(draws)
    whole: Mapping[str, float | None] = dict.fromkeys(("mean", "p10", "p90"))
    if level is not None:
        whole = spread(level)
    return {
        "definition": name,
        "observed": observed,
        "unit": Unit.DWELLINGS.value,
        **{key: found[key] for key in ("mean", "p10", "p90")},
        **{f"level_{key}": whole[key] for key in ("mean", "p10", "p90")},
    }


def _counted(core: Tables, table: str, column: str, group: str) -> int:
    """Count people of a group; a core without the table has delivered none."""
    if table not in core:
        return 0
    return int(core[table].filter(pl.col("target_group") == group)[column].sum())


def _sum(like: F64, parts: list[F64]) -> F64:
    total = np.zeros(like.size)
    for part in parts:
        total = total + part
    return total


def _to_association(sample: Sample, group: str) -> F64:
    """Homes of an association per person who leaves support; shape (D,)."""
    share: F64 = (
        sample.values("own_home_share", group)
        * sample.values("assessment_positive_share", group)
        * sample.values("homes_per_person", group)
    )
    return share


def _to_network(sample: Sample, group: str) -> F64:
    """Homes found through the own network per person who leaves support; shape (D,)."""
    share: F64 = (
        (1.0 - sample.values("own_home_share", group))
        * sample.values(OWN_NETWORK, group)
        * sample.values("homes_per_person", group)
    )
    return share


def _other_homes(run: Run, sample: Sample, groups: tuple[str, ...]) -> F64:
    """Homes that are not let under the agreement, over the ten years; shape (D,)."""
    draws = int(run.places.shape[-1])
    total = np.zeros(draws)
    for at, group in enumerate(groups):
        homes = sample.values("homes_per_person", group)
        network = sample.values(OWN_NETWORK, group) * homes
        total = total + _flow(run, "left_elsewhere", at) * network
        total = total + _flow(run, "other_quota", at)
        total = total + _flow(run, "left_list", at) * sample.values(OUTSIDE, group)
    return total


def _flow(run: Run, name: str, group: int) -> F64:
    """Add up a flow of a group over the years; none where the model does not have it."""
    if name not in run.flows:
        return np.zeros(int(run.places.shape[-1]))
    total: F64 = run.flows[name][:, group].sum(axis=0).astype(np.float64)
    return total
