"""Two scenarios side by side: figures per draw, and their differences draw by draw.

Scenarios of a region share their luck: the same Sobol points and the same keyed uniforms. So the
difference is taken within every draw, and its interval is much narrower than that of two separate
runs. Belongs here: making several cases on the same luck, figures per draw, paired differences.
Does not belong here: a run itself (`engine`), tables of one scenario (`demand`, `waits`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.forecast import InflowForecast
from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR
from models.outflow.answer import CAPPED, DEFAULT_CHUNK, RUNS, MapTasks, Task, run_task
from models.outflow.engine import Run, join_runs
from models.outflow.figures import covered, spread
from models.outflow.inputs import OutflowInputs, Tables, read_inputs
from models.outflow.keyed import F64
from models.outflow.sampler import Sample, sobol_points
from models.outflow.setting import Chunk, Switches
from models.registry import Resolved
from models.units import Unit

MEASURES: dict[str, Unit] = {
    "gross": Unit.DWELLINGS,
    "extra_current_lettings": Unit.DWELLINGS,
    "extra_constant_capacity": Unit.DWELLINGS,
    "unmet_persons": Unit.PERSONS,
    "let": Unit.DWELLINGS,
    "list_end": Unit.DWELLINGS,
    "within_share": Unit.SHARE,
    "support_end": Unit.PERSONS,
}
"""What is compared over ten years, in reading order. The first four come from the run without a
limit on offers, the others from the one under the cap: homes let in ten years; the housing list at
their end; the share offered a home within the promise, mean of the full calendar years; people in
supported tenancies at the end."""

COMPARED: dict[str, Switches] = {
    "demand": RUNS["demand"],
    "constant_capacity": RUNS["constant_capacity"],
    "capped": CAPPED,
}
"""The runs that a comparison needs of each scenario; without a cap the last one is left out."""

_QUANTILES = ("mean", "p10", "p90")


@dataclass(frozen=True)
class Case:
    """A run to make: what is in force, a region as it stood in a month, and which drivers are on.

    Attributes:
        resolved: The parameters in force.
        core: The core tables as of the month.
        inflow: The forecast as of the month.
        as_of: Last month that counts as known.
        switches: Which drivers are on.
    """

    resolved: Resolved
    core: Tables
    inflow: InflowForecast
    as_of: int
    switches: Switches = RUNS["demand"]

    @property
    def inputs(self) -> OutflowInputs:
        """The start of the run."""
        return read_inputs(self.resolved, self.core, as_of=self.as_of)


@dataclass(frozen=True)
class Luck:
    """What cases share, so that they differ by what they are and not by chance.

    Attributes:
        seed: Seed of the run.
        draws: Number of draws, a power of two.
        map_tasks: How tasks are run; changes no figure.
        chunk: Draws computed at once; changes no figure.
    """

    seed: int
    draws: int
    map_tasks: MapTasks = map
    chunk: int = DEFAULT_CHUNK


def run_cases(cases: Mapping[str, Case], luck: Luck) -> dict[str, Run]:
    """Run several cases of one region on the same draws; what is asked twice is run once.

    Raises:
        UsageError: The number of draws is not a power of two.
        RefusedError: The core of a case lacks what the model starts from.
    """
    if not cases:
        return {}
    region_id = next(iter(cases.values())).resolved.region.id
    points = sobol_points(luck.seed, region_id, luck.draws)
    starts = range(0, luck.draws, luck.chunk)
    unlike: dict[object, Case] = {}
    for case in cases.values():
        unlike.setdefault(_same(case), case)
    tasks = []
    for case in unlike.values():
        inputs = case.inputs
        for start in starts:
            part = np.ascontiguousarray(points[start : start + luck.chunk])
            chunk = Chunk(luck.seed, start, Sample(case.resolved, part))
            tasks.append(Task(inputs, case.inflow, chunk, case.switches))
    results = list(luck.map_tasks(run_task, tasks))
    runs = {
        key: join_runs(results[at * len(starts) : (at + 1) * len(starts)])
        for at, key in enumerate(unlike)
    }
    return {name: runs[_same(case)] for name, case in cases.items()}


def _same(case: Case) -> object:
    """Give what two cases share that are one and the same run."""
    parts = (case.resolved, case.core, case.inflow)
    return (*(id(part) for part in parts), case.as_of, case.switches)


@dataclass(frozen=True)
class DrawFigures:
    """The figures of one scenario in every draw.

    Attributes:
        scenario_id: The scenario.
        totals: By measure over the ten years, shape (D,).
        gross_by_year: Gross demand of each calendar year (dwellings), shape (D,).
    """

    scenario_id: str
    totals: Mapping[str, F64]
    gross_by_year: Mapping[int, F64]


def draw_figures(scenario_id: str, inputs: OutflowInputs, runs: Mapping[str, Run]) -> DrawFigures:
    """Take the figures of a scenario from its runs.

    Args:
        scenario_id: The scenario.
        inputs: The start of its runs.
        runs: The runs of `COMPARED`; without a cap there is no `capped`, and nobody waits. Without
            `constant_capacity` the extra over it is not there.
    """
    demand = runs["demand"]
    limited = runs.get("capped", demand)
    yearly = demand.flows["offered"].sum(axis=1)
    gross = yearly.sum(axis=0)
    unmet = demand.flows["left_intake"].sum(axis=(0, 1)) + demand.stocks["intake"][-1].sum(axis=0)
    let = inputs.current_lettings * HORIZON_MONTHS / MONTHS_PER_YEAR
    totals = {
        "gross": gross,
        "extra_current_lettings": gross - let,
        "unmet_persons": unmet,
        "let": limited.flows["let"].sum(axis=(0, 1)),
        "list_end": limited.stocks["housing_list"][-1].sum(axis=0),
        "within_share": _within_share(inputs, limited),
        "support_end": limited.stocks["support"][-1].sum(axis=0),
    }
    if "constant_capacity" in runs:
        kept = runs["constant_capacity"].flows["offered"].sum(axis=(0, 1))
        totals["extra_constant_capacity"] = gross - kept
    known = [name for name in MEASURES if name in totals]
    return DrawFigures(
        scenario_id,
        {name: np.asarray(totals[name], dtype=np.float64) for name in known},
        {year: yearly[at].astype(np.float64) for at, year in enumerate(covered(inputs))},
    )


def _within_share(inputs: OutflowInputs, run: Run) -> F64:
    """Share offered in time per draw, mean of the full calendar years; an empty cohort is kept."""
    draws = int(run.places.shape[-1])
    if run.cohort_month.size == 0:
        return np.ones(draws)
    own = np.arange(run.cohort_month.size) >= run.backlog_cohorts
    shares = []
    for year, months in covered(inputs).items():
        if months < MONTHS_PER_YEAR:
            continue
        rows = np.flatnonzero(own & (run.cohort_month // MONTHS_PER_YEAR == year))
        joined = run.joined[rows].sum(axis=0)
        within = run.offered_within[rows].sum(axis=0)
        shares.append(np.where(joined == 0, 1.0, within / np.maximum(joined, 1)))
    mean: F64 = np.mean(shares, axis=0)
    return mean


def differences(first: DrawFigures, second: DrawFigures) -> pl.DataFrame:
    """Take the differences second - first within every draw.

    Returns:
        Rows of measure and year (empty for the ten years together; gross demand also by calendar
        year): unit, mean, p10, p90 of both sides (`first_*`, `second_*`) and of the difference, and
        `share_above`, the share of draws in which the second lies above the first.
    """
    rows: list[dict[str, object]] = []
    for measure in first.totals:
        unit = MEASURES[measure].value
        shared: dict[str, object] = {"measure": measure, "year": None, "unit": unit}
        rows.append({**shared, **_pair(first.totals[measure], second.totals[measure])})
    for year, gross in first.gross_by_year.items():
        shared = {"measure": "gross", "year": year, "unit": MEASURES["gross"].value}
        rows.append({**shared, **_pair(gross, second.gross_by_year[year])})
    return pl.DataFrame(rows, schema_overrides={"year": pl.Int32})


def difference_table(default: DrawFigures, others: Iterable[DrawFigures]) -> pl.DataFrame:
    """Make `mart_demand__scenario_difference` (without region): every scenario minus the default.

    Without another scenario there are no rows.
    """
    parts = [
        differences(default, other)
        .filter(pl.col("year").is_null())
        .select("measure", "unit", *_QUANTILES, "share_above")
        .with_columns(scenario_id=pl.lit(other.scenario_id))
        for other in others
    ]
    if parts:
        return pl.concat(parts)
    words = dict.fromkeys(("scenario_id", "measure", "unit"), pl.String())
    return pl.DataFrame(
        schema={**words, **dict.fromkeys((*_QUANTILES, "share_above"), pl.Float64())}
    )


def _pair(first: F64, second: F64) -> dict[str, object]:
    apart = second - first
    return {
        **_three("first_", first),
        **_three("second_", second),
        **_three("", apart),
        "share_above": float((apart > 0.0).mean()),
    }


def _three(prefix: str, draws: F64) -> dict[str, float]:
    found = spread(draws)
    return {f"{prefix}{key}": found[key] for key in _QUANTILES}
