"""Asking the outflow model for a run: every scenario, the published number.

Belongs here: what is asked, and with which tables. Does not belong here: the model, quotas
(`quotas`), Dagster, the storage of what comes back.
"""

from dataclasses import replace

import polars as pl

from models.errors import RefusedError
from models.months import parse_month
from models.outflow.answer import MapTasks
from pipelines.estimates import default_at
from pipelines.marts import empty_mart, join_scenarios
from pipelines.region_run import RegionRun

PUBLISHED = "mart_demand__published"
DIFFERENCE = "mart_demand__scenario_difference"


def answer_scenarios(run: RegionRun, map_tasks: MapTasks) -> dict[str, pl.DataFrame]:
    """Ask the outflow model for every scenario of a run.

    Args:
        run: The run, with its forecast made.
        map_tasks: How tasks are run, from `task_map`.

    Returns:
        The marts of all scenarios, by name.

    Raises:
        RefusedError: The core lacks what the model starts from.
    """
    from models.outflow import answer
    from models.outflow.compare import difference_table, draw_figures
    from models.outflow.inputs import read_inputs

    core, options = run.read_core(), run.options
    figures = []
    for name, resolved in run.scenarios.items():
        made = answer(
            resolved,
            core,
            run.forecast,
            as_of=run.as_of,
            draws=options.draws,
            seed=options.seed,
            map_tasks=map_tasks,
            detailed=name == run.default.scenario.id or name in options.scenarios,
        )
        inputs = read_inputs(resolved, core, as_of=run.as_of)
        figures.append(draw_figures(name, inputs, made.compared))
        run.answers[name] = replace(made, compared={})
    apart = difference_table(figures[0], figures[1:])
    tables = join_scenarios(answer.tables for answer in run.answers.values())
    return {**tables, DIFFERENCE: apart.with_columns(region_id=pl.lit(run.region_id))}


def compare_published(run: RegionRun, map_tasks: MapTasks) -> tuple[pl.DataFrame, str]:
    """Make our own run as of the month of the region's published number.

    Args:
        run: The run.
        map_tasks: How tasks are run, from `task_map`.

    Returns:
        The comparison, and why there is none (empty when there is one, or no published number).
    """
    from models.forecast import forecast_inflow
    from models.outflow import published

    number, options = run.region.published, run.options
    if number is None:
        return empty_mart(PUBLISHED), ""
    month = parse_month(number.as_of)
    if month > run.as_of:
        return empty_mart(PUBLISHED), f"the published number is of {number.as_of}, after this run"
    try:
        core = run.build_core(run.read_accepted(), as_of=month)
        default = default_at(run, core, as_of=month)
        inflow = forecast_inflow(
            core["core_intake__monthly"],
            default,
            as_of=month,
            admissions=core["core_stay__admitted_monthly"],
        )
        table = published(
            default,
            core,
            inflow,
            as_of=month,
            draws=options.draws,
            seed=options.seed,
            map_tasks=map_tasks,
        )
    except RefusedError as fault:
        return empty_mart(PUBLISHED), f"not compared: {fault}"
    return table, ""
