"""Demand for homes: yearly, cumulative, over ten years, and the drivers of it.

All of it comes from runs WITHOUT a limit on offers. Belongs here: the demand marts. Does not
belong here: waits and promise (`waits`).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR
from models.outflow.engine import Run
from models.outflow.figures import Number, covered, groups_and_all, spread
from models.outflow.inputs import OutflowInputs
from models.outflow.keyed import I64
from models.units import ALL_GROUPS, Unit

DRIVERS = ("backlog", "inflow", "longer_stays", "closing_places", "in_between", "relapse")
"""Drivers that are each switched on alone, in the order of the waterfall."""


def _ten_years_of_lettings(inputs: OutflowInputs) -> float:
    return inputs.current_lettings * HORIZON_MONTHS / MONTHS_PER_YEAR


def yearly(inputs: OutflowInputs, runs: Mapping[str, Run]) -> pl.DataFrame:
    """Make `mart_demand__yearly_region` (without region and scenario)."""
    run, constant = runs["demand"], runs["constant_capacity"]
    rows: list[dict[str, object]] = []
    for at, (year, months) in enumerate(covered(inputs).items()):
        for group, rows_of in groups_and_all(inputs.groups):
            shared = {"year": year, "months_covered": months, "target_group": group}
            gross = run.flows["offered"][at, rows_of].sum(axis=0)
            kept = constant.flows["offered"][at, rows_of].sum(axis=0)
            unmet = run.flows["left_intake"][at, rows_of].sum(axis=0)
            unmet = unmet + run.stocks["intake"][at, rows_of].sum(axis=0)
            let = inputs.current_lettings * months / MONTHS_PER_YEAR
            rows += _measures(shared, group, gross, kept, let, unmet)
    return pl.DataFrame(rows)


def ten_year(inputs: OutflowInputs, runs: Mapping[str, Run]) -> pl.DataFrame:
    """Make `mart_demand__ten_year` (without region and scenario).

    People without a place and a home are those who gave up waiting in the ten years and those who
    still wait at their end.
    """
    run, constant = runs["demand"], runs["constant_capacity"]
    rows: list[dict[str, object]] = []
    for group, rows_of in groups_and_all(inputs.groups):
        gross = run.flows["offered"][:, rows_of].sum(axis=(0, 1))
        kept = constant.flows["offered"][:, rows_of].sum(axis=(0, 1))
        unmet = run.flows["left_intake"][:, rows_of].sum(axis=(0, 1))
        unmet = unmet + run.stocks["intake"][-1, rows_of].sum(axis=0)
        let = _ten_years_of_lettings(inputs)
        references = {
            "extra_current_lettings": let,
            "extra_constant_capacity": float(kept.mean()),
        }
        rows += [
            {**row, "reference": references.get(str(row["measure"]))}
            for row in _measures({"target_group": group}, group, gross, kept, let, unmet)
        ]
    return pl.DataFrame(rows)


def _measures(
    shared: Mapping[str, object],
    group: str,
    gross: Number,
    kept: Number,
    let: float,
    unmet: Number,
) -> list[dict[str, object]]:
    """Rows of the measures of one group; lettings are known for all groups together only."""
    homes = {"unit": Unit.DWELLINGS.value}
    rows: list[dict[str, object]] = [
        {**shared, "measure": "gross", **homes, **spread(gross)},
        {**shared, "measure": "extra_constant_capacity", **homes, **spread(gross - kept)},
        {**shared, "measure": "unmet_persons", "unit": Unit.PERSONS.value, **spread(unmet)},
    ]
    if group == ALL_GROUPS:
        rows.append({**shared, "measure": "extra_current_lettings", **homes, **spread(gross - let)})
    return rows


def cumulative(inputs: OutflowInputs, runs: Mapping[str, Run]) -> pl.DataFrame:
    """Make `mart_demand__cumulative_region` (without region and scenario)."""
    total = np.cumsum(runs["demand"].flows["offered"].sum(axis=1), axis=0)
    return pl.DataFrame(
        [
            {"year": year, "months_covered": months, "measure": "gross"}
            | {"unit": Unit.DWELLINGS.value, **spread(total[at])}
            for at, (year, months) in enumerate(covered(inputs).items())
        ]
    )


def drivers(inputs: OutflowInputs, runs: Mapping[str, Run]) -> pl.DataFrame:
    """Make `mart_demand__drivers` (without region and scenario).

    Each driver is a run of its own with that driver alone switched on: part = run - base. What is
    left is the interaction, so that reference and parts add up to gross demand in every draw.
    """
    reference = np.full(_draws(runs["base"]), _ten_years_of_lettings(inputs))
    base, gross = _total(runs["base"]), _total(runs["demand"])
    parts = {name: _total(runs[name]) - base for name in DRIVERS}
    bars: dict[str, Number] = {
        "reference": reference,
        "todays_outflow": base - reference,
        **parts,
        "interaction": gross - base - np.sum(list(parts.values()), axis=0),
        "gross": gross,
    }
    return pl.DataFrame(
        [
            {"driver": name, "position": at, "unit": Unit.DWELLINGS.value}
            | {key: value for key, value in spread(bar).items() if key != "p50"}
            for at, (name, bar) in enumerate(bars.items(), start=1)
        ]
    )


def _total(run: Run) -> I64:
    total: I64 = run.flows["offered"].sum(axis=(0, 1), dtype=np.int64)
    return total


def _draws(run: Run) -> int:
    return int(run.places.shape[-1])
