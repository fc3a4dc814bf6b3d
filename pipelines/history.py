"""A region as it stood in other months than the run's, and what is learnt from that.

Belongs here: core, parameters and forecast as of a month; the studies of the default scenario that
need them (hindcasts, bridge, inverse search) and those of the same size (definitions). Does not
belong here: what is computed (`models.outflow`), a run's own answers (`answers`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from models.errors import RefusedError
from models.forecast import InflowForecast
from models.months import format_month, parse_month
from models.outflow.answer import MapTasks
from models.outflow.bridge import (
    STEPS,
    bridge_cases,
    build_bridge,
    gross_of,
)
from models.outflow.compare import Case, Luck, run_cases
from models.outflow.definitions import definition_table
from models.outflow.engine import Run
from models.outflow.history import hindcast, hindcast_months, hindcast_switches
from models.outflow.inverse import search_levers
from models.outflow.sampler import Sample, sobol_points
from models.outflow.setting import Switches
from models.params import Scenario
from models.registry import Resolved
from pipelines.delivered import build_region_core
from pipelines.marts import empty_mart
from pipelines.options import STUDY_DRAWS
from pipelines.paths import DataRoot
from pipelines.region_run import RegionRun
from pipelines.regions import RegionFolder

HINDCAST = "mart_forecast__hindcast"
BRIDGE = "mart_demand__bridge"
INVERSE = "mart_demand__inverse"
DEFINITION = "mart_demand__definition"


@dataclass(frozen=True)
class Standing:
    """What was known of a region at the end of a month.

    Attributes:
        as_of: The month.
        core: The core tables.
        scenarios: What is in force, by scenario.
        inflow: The forecast.
    """

    as_of: int
    core: Mapping[str, pl.DataFrame]
    scenarios: Mapping[str, Resolved]
    inflow: InflowForecast

    def case(self, scenario_id: str, switches: Switches | None = None) -> Case:
        """Give the run of a scenario; without switches everything is on."""
        asked = Switches() if switches is None else switches
        return Case(self.scenarios[scenario_id], self.core, self.inflow, self.as_of, asked)


def stand_at(
    root: DataRoot,
    folder: RegionFolder,
    accepted: Mapping[str, pl.DataFrame],
    scenario_ids: Iterable[str],
    *,
    as_of: int,
    declared: Mapping[str, Scenario] | None = None,
) -> Standing:
    """Rebuild a region as it stood at the end of a month; what was learnt later does not count.

    Args:
        root: The data root.
        folder: The region's folder.
        accepted: Accepted rows by contract.
        scenario_ids: The scenarios.
        as_of: The month.
        declared: The scenarios and all that they extend, as they were read before.

    Raises:
        RefusedError: The deliveries do not reach that far back.
        UsageError: A fault in a scenario.
    """
    from models.forecast import forecast_inflow
    from pipelines.estimates import estimate_region

    core = build_region_core(root, folder, accepted, as_of=as_of)
    estimated = estimate_region(folder, core, as_of=as_of).parameters
    scenarios = folder.resolve(scenario_ids, scenarios=declared, estimated=estimated)
    default = next(iter(scenarios.values()))
    inflow = forecast_inflow(
        core["core_intake__monthly"],
        default,
        as_of=as_of,
        admissions=core["core_stay__admitted_monthly"],
    )
    return Standing(as_of, core, scenarios, inflow)


def study_default(run: RegionRun, map_tasks: MapTasks) -> tuple[dict[str, pl.DataFrame], str]:
    """Study a run's default scenario: hindcasts, the bridge, what must be true, definitions.

    Args:
        run: The run, with its forecast made.
        map_tasks: How tasks are run, from `task_map`.

    Returns:
        The marts by name, empty where a region lacks what they need; and which months could not be
        rebuilt and why (empty when all could).

    Raises:
        RefusedError: The core of the run lacks what the model starts from.
    """
    luck = Luck(run.options.seed, min(STUDY_DRAWS, run.options.draws), map_tasks)
    name, number = run.default.scenario.id, run.region.published
    now = Standing(run.as_of, run.read_core(), run.scenarios, run.forecast)
    made_in = None if number is None else parse_month(number.as_of)
    past, faults = _rebuild(run, hindcast_months(run.as_of, made_in))
    known = {**past, now.as_of: now}
    then = known[made_in].case(name) if made_in in known else None
    cases = {"usual": now.case(name), **_hindcast_cases(past, name)}
    if then is not None:
        cases |= bridge_cases(then, now.case(name))
    runs = run_cases(cases, luck)
    tables = {
        HINDCAST: _hindcasts(past, now, name, runs),
        DEFINITION: _definitions(now.case(name), runs["usual"], luck),
        BRIDGE: empty_mart(BRIDGE),
        INVERSE: empty_mart(INVERSE),
    }
    if number is not None and then is not None:
        found = _reconciled(number.value, then, now.case(name), runs, luck)
        tables |= {key: _with_region(table, run.region_id) for key, table in found.items()}
    return tables, " ".join(faults)


def reconcile(number: float, then: Case, now: Case, luck: Luck) -> dict[str, pl.DataFrame]:
    """Build the bridge from a number to our headline, and find what must be true for it.

    Args:
        number: The number (dwellings in ten years).
        then: The region as of the month in which the number was made.
        now: The region as of now.
        luck: Draws and seed.

    Returns:
        `mart_demand__bridge` and `mart_demand__inverse`, without region.
    """
    return _reconciled(number, then, now, run_cases(bridge_cases(then, now), luck), luck)


def _reconciled(
    number: float, then: Case, now: Case, runs: Mapping[str, Run], luck: Luck
) -> dict[str, pl.DataFrame]:
    return {
        BRIDGE: build_bridge(number, then=then, now=now, runs=runs).table(),
        INVERSE: search_levers(number, then, luck, gross_of(runs[STEPS[-2]])),
    }


def _rebuild(run: RegionRun, months: Iterable[int]) -> tuple[dict[int, Standing], list[str]]:
    """Rebuild the region as of earlier months; a month that cannot be is named."""
    accepted = run.read_accepted()
    past: dict[int, Standing] = {}
    faults = []
    for month in months:
        try:
            standing = stand_at(
                run.root,
                run.folder,
                accepted,
                [run.default.scenario.id],
                as_of=month,
                declared=run.declared or None,
            )
            _ = standing.case(run.default.scenario.id).inputs
            past[month] = standing
        except RefusedError as fault:
            faults.append(f"{format_month(month)} cannot be rebuilt: {fault}")
    return past, faults


def _hindcast_cases(past: Mapping[int, Standing], name: str) -> dict[str, Case]:
    """List the runs of every month that was rebuilt."""
    cases = {}
    for month, standing in past.items():
        capped = standing.scenarios[name].cap_value is not None
        cases[format_month(month)] = standing.case(name, hindcast_switches(capped=capped))
    return cases


def _hindcasts(
    past: Mapping[int, Standing], now: Standing, name: str, runs: Mapping[str, Run]
) -> pl.DataFrame:
    parts = []
    for month, standing in past.items():
        inputs, run = standing.case(name).inputs, runs[format_month(month)]
        parts.append(hindcast(inputs, run, now.core, until=now.as_of))
    region_id = now.scenarios[name].region.id
    return _with_region(pl.concat(parts), region_id) if parts else empty_mart(HINDCAST)


def _definitions(case: Case, run: Run, luck: Luck) -> pl.DataFrame:
    region_id, scenario_id = case.resolved.region.id, case.resolved.scenario.id
    sample = Sample(case.resolved, sobol_points(luck.seed, region_id, luck.draws))
    table = definition_table(run, case.core, sample)
    return _with_region(table, region_id).with_columns(scenario_id=pl.lit(scenario_id))


def _with_region(table: pl.DataFrame, region_id: str) -> pl.DataFrame:
    return table.with_columns(region_id=pl.lit(region_id))
