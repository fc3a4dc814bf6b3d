"""The answers of one scenario: the runs that are needed, and the marts made of them.

Belongs here: which runs are made (twins, constant capacity, drivers) and the public results. Does
not belong here: a run (`engine`), the figures of each mart (`demand`, `waits`, `sensitivity`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from models.forecast import InflowForecast
from models.outflow import demand, eligibility, fluid, routes, sensitivity, waits
from models.outflow.engine import Run, join_runs, run_chunk
from models.outflow.figures import covered
from models.outflow.inputs import OutflowInputs, Tables, read_inputs
from models.outflow.keyed import I64
from models.outflow.sampler import Sample, sobol_points
from models.outflow.setting import Chunk, Switches
from models.outflow.smallest import find_smallest
from models.registry import Resolved

DEFAULT_DRAWS = 2048
DEFAULT_CHUNK = 2048

_NOTHING = Switches(
    backlog=False,
    inflow=False,
    longer_stays=False,
    closing=False,
    in_between=False,
    relapse=False,
)

RUNS: dict[str, Switches] = {
    "demand": Switches(),
    "constant_capacity": Switches(closing=False),
    "base": _NOTHING,
    "backlog": replace(_NOTHING, backlog=True),
    "inflow": replace(_NOTHING, inflow=True),
    "longer_stays": replace(_NOTHING, longer_stays=True),
    "closing_places": replace(_NOTHING, closing=True),
    "in_between": replace(_NOTHING, in_between=True),
    "relapse": replace(_NOTHING, relapse=True),
}
"""The runs without a limit on offers: the demand twin, its reference, and each driver alone."""

CAPPED = Switches(capped=True)
_OTHER_LUCK = 1 << 40
"""Added to the seed of events for a second life on the same parameters."""


@dataclass(frozen=True)
class Variant:
    """A run that is asked for.

    Attributes:
        switches: Which drivers are on.
        yearly_homes: Another cap after the ramp than the agreed one.
        other_luck: Other event luck on the same parameters, to tell chance from parameters.
    """

    switches: Switches
    yearly_homes: int | None = None
    other_luck: bool = False


@dataclass(frozen=True)
class Task:
    """One run of one chunk of draws; plain data, so that it can go to another process."""

    inputs: OutflowInputs
    inflow: InflowForecast
    chunk: Chunk
    switches: Switches
    yearly_homes: int | None = None


MapTasks = Callable[[Callable[[Task], Run], Iterable[Task]], Iterable[Run]]


def run_task(task: Task) -> Run:
    """Run one task."""
    return run_chunk(
        task.inputs, task.inflow, task.chunk, task.switches, yearly_homes=task.yearly_homes
    )


@dataclass(frozen=True)
class OutflowAnswer:
    """The marts of one scenario.

    Attributes:
        tables: Mart by name, with region and scenario.
        expected_applications: Approved applications that can be served in a calendar year: who
            stands on the list when it begins and who joins in it, mean over the draws; in the
            as-of year also what was let before (applications = dwellings).
        current_lettings: Mean lettings a year in the reference years (dwellings).
        compared: The runs by which scenarios are compared: demand, constant_capacity, capped.
        months_covered: Months of the ten years by calendar year.
        gross_by_year: Homes needed, all groups together, shape (calendar years, draws).
        joined_by_group: Applications approved in a calendar year by target group, mean over the
            draws.
    """

    tables: Mapping[str, pl.DataFrame]
    expected_applications: Mapping[int, float]
    current_lettings: float
    compared: Mapping[str, Run]
    months_covered: Mapping[int, int]
    gross_by_year: I64
    joined_by_group: Mapping[int, Mapping[str, float]]


def answer(
    resolved: Resolved,
    core: Tables,
    inflow: InflowForecast,
    *,
    as_of: int,
    draws: int = DEFAULT_DRAWS,
    seed: int,
    chunk: int = DEFAULT_CHUNK,
    map_tasks: MapTasks = map,
    detailed: bool = True,
) -> OutflowAnswer:
    """Answer a scenario: demand, drivers, waits, promise, places, support, sensitivity.

    Args:
        resolved: The parameters in force.
        core: The core tables by name, as of the month.
        inflow: Forecast of referrals.
        as_of: Last month that counts as known.
        draws: Number of draws, a power of two.
        seed: Seed of the run.
        chunk: Draws computed at once; changes no figure.
        map_tasks: How tasks are run, for example the map of a process pool; changes no figure.
        detailed: With drivers, sensitivity and the search of the smallest yearly number; without
            them a scenario costs three runs.

    Raises:
        UsageError: The number of draws is not a power of two.
        RefusedError: The core lacks capacity, inflow or reference lettings.
    """
    inputs = read_inputs(resolved, core, as_of=as_of)
    sample = Sample(resolved, sobol_points(seed, resolved.region.id, draws))
    asked = _asked(resolved, inputs, detailed=detailed)
    runs = run_all(inputs, inflow, sample, seed, asked, chunk, map_tasks)
    runs |= {name: runs["base"] for name in RUNS if detailed and name not in runs}
    limited = runs.get("capped", runs["demand"])
    smallest = None
    if detailed and "capped" in runs:

        def run_with(numbers: Sequence[int]) -> list[Run]:
            wanted = {str(number): Variant(CAPPED, number) for number in numbers}
            half = min(chunk, max(draws // 2, 1))  # few runs: two processes share each
            made = run_all(inputs, inflow, sample, seed, wanted, half, map_tasks)
            return [made[str(number)] for number in numbers]

        smallest = find_smallest(inputs, sample, runs["capped"], run_with, seed=seed)
    where = {"region_id": resolved.region.id, "scenario_id": resolved.scenario.id}
    tables = {
        "mart_demand__yearly_region": demand.yearly(inputs, runs),
        "mart_demand__ten_year": demand.ten_year(inputs, runs),
        "mart_demand__cumulative_region": demand.cumulative(inputs, runs),
        "mart_demand__yearly_product": routes.products(inputs, sample, runs["demand"]),
        "mart_demand__cross_check": fluid.cross_check(resolved, inputs, inflow, runs),
        "mart_wait__yearly_region": waits.yearly(resolved, inputs, limited),
        "mart_wait__monthly_list": waits.monthly_lists(inputs, core, limited),
        "mart_wait__yearly_class": routes.classes(resolved, inputs, limited),
        "mart_promise__region": waits.promise(resolved, inputs, limited, smallest),
        "mart_promise__quota_search": waits.quota_search(smallest),
        "mart_capacity__yearly_region": waits.capacity(inputs, limited),
        "mart_support__yearly_region": waits.support(resolved, inputs, limited),
        "mart_stay__yearly_destination": routes.destinations(inputs, sample, limited),
        "mart_project__yearly_region": routes.projects(inputs, limited),
        "mart_application__yearly_table": routes.assessment_tables(inputs, core, limited),
        "mart_demand__eligibility": eligibility.outside(resolved, inputs, limited, seed=seed),
    }
    if detailed:
        tables["mart_demand__drivers"] = demand.drivers(inputs, runs)
        tables["mart_sensitivity__region"] = sensitivity.rank(inputs, sample, runs["demand"])
        tables["mart_sensitivity__variance"] = sensitivity.split_variance(
            runs["demand"], runs["other_luck"]
        )
    return OutflowAnswer(
        tables={
            name: table.with_columns(**{key: pl.lit(value) for key, value in where.items()})
            for name, table in tables.items()
        },
        expected_applications=waits.expected_applications(inputs, limited),
        current_lettings=inputs.current_lettings,
        compared={
            name: runs[name] for name in ("demand", "constant_capacity", "capped") if name in runs
        },
        months_covered=covered(inputs),
        gross_by_year=runs["demand"].flows["offered"].sum(axis=1, dtype=np.int64),
        joined_by_group=waits.joined_by_group(inputs, limited),
    )


def simulate(
    resolved: Resolved,
    core: Tables,
    inflow: InflowForecast,
    *,
    as_of: int,
    draws: int = DEFAULT_DRAWS,
    seed: int,
    capped: bool = False,
    yearly_homes: int | None = None,
    chunk: int = DEFAULT_CHUNK,
    map_tasks: MapTasks = map,
) -> Run:
    """Run the model once and give every flow, stock and wait, year by year and draw by draw.

    Args:
        resolved: The parameters in force.
        core: The core tables by name, as of the month.
        inflow: Forecast of referrals.
        as_of: Last month that counts as known.
        draws: Number of draws, a power of two.
        seed: Seed of the run.
        capped: Whether offers are limited by the cap.
        yearly_homes: Another cap a year than the agreed one.
        chunk: Draws computed at once; changes no figure.
        map_tasks: How tasks are run; changes no figure.

    Raises:
        UsageError: The number of draws is not a power of two.
        RefusedError: The core lacks capacity, inflow or reference lettings.
    """
    inputs = read_inputs(resolved, core, as_of=as_of)
    sample = Sample(resolved, sobol_points(seed, resolved.region.id, draws))
    wanted = Variant(CAPPED if capped else RUNS["demand"], yearly_homes)
    return run_all(inputs, inflow, sample, seed, {"run": wanted}, chunk, map_tasks)["run"]


def _asked(
    resolved: Resolved, inputs: OutflowInputs, *, detailed: bool
) -> dict[str, Switches | Variant]:
    """List the runs that a scenario needs; a driver that cannot do anything needs none."""
    asked: dict[str, Switches | Variant] = {}
    for name in RUNS if detailed else ("demand", "constant_capacity"):
        if name != "in_between" or any(not item.is_open for item in inputs.projects):
            asked[name] = RUNS[name]
    if detailed:
        asked["other_luck"] = Variant(RUNS["demand"], other_luck=True)
    if resolved.cap_value is not None:
        asked["capped"] = CAPPED
    return asked


def published(
    resolved: Resolved,
    core: Tables,
    inflow: InflowForecast,
    *,
    as_of: int,
    draws: int = DEFAULT_DRAWS,
    seed: int,
    chunk: int = DEFAULT_CHUNK,
    map_tasks: MapTasks = map,
) -> pl.DataFrame:
    """Make `mart_demand__published`: a published number beside a run as of its own month.

    Args as for `answer`; the region must have a published number.
    """
    number = resolved.region.published
    if number is None:
        raise ValueError("the region has no published number")
    inputs = read_inputs(resolved, core, as_of=as_of)
    sample = Sample(resolved, sobol_points(seed, resolved.region.id, draws))
    asked = {name: RUNS[name] for name in ("demand", "constant_capacity")}
    runs = run_all(inputs, inflow, sample, seed, asked, chunk, map_tasks)
    ours = demand.ten_year(inputs, runs).filter(
        (pl.col("target_group") == "all") & (pl.col("measure") != "unmet_persons")
    )
    return ours.select("measure", "unit", "mean", "p10", "p50", "p90").with_columns(
        region_id=pl.lit(resolved.region.id),
        as_of=pl.lit(number.as_of),
        published=pl.lit(float(number.value)),
        published_definition=pl.lit(number.definition),
        definition_confirmed=pl.lit(number.definition_confirmed),
    )


def run_all(
    inputs: OutflowInputs,
    inflow: InflowForecast,
    sample: Sample,
    seed: int,
    asked: Mapping[str, Switches | Variant],
    chunk: int,
    map_tasks: MapTasks,
) -> dict[str, Run]:
    """Run every asked run over all draws, chunk by chunk, and join the chunks in order."""
    draws = sample.points.shape[0]
    starts = range(0, draws, chunk)
    tasks = []
    for item in asked.values():
        variant = item if isinstance(item, Variant) else Variant(item)
        luck = seed + _OTHER_LUCK if variant.other_luck else seed
        tasks += [
            Task(
                inputs,
                inflow,
                _chunk(sample, luck, start, chunk),
                variant.switches,
                variant.yearly_homes,
            )
            for start in starts
        ]
    results = list(map_tasks(run_task, tasks))
    return {
        name: join_runs(results[at * len(starts) : (at + 1) * len(starts)])
        for at, name in enumerate(asked)
    }


def _chunk(sample: Sample, seed: int, start: int, size: int) -> Chunk:
    points = np.ascontiguousarray(sample.points[start : start + size])
    return Chunk(seed, start, Sample(sample.resolved, points))
