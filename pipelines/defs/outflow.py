"""Outflow: homes needed, waits, the promise, places and support, scenario by scenario.

Belongs here: the step. Does not belong here: the model (`models.outflow`).
"""

import dagster as dg

from pipelines.answers import answer_scenarios, compare_published
from pipelines.catalog import (
    CORE_TABLES,
    REGIONS,
    StepResults,
    declared_checks,
    describe_marts,
    put_marts,
    warned,
)
from pipelines.changes import CHANGES, explain_changes
from pipelines.history import study_default
from pipelines.marts import capacity_plan_table
from pipelines.resources import RegionWork
from pipelines.workers import task_map

_MARTS = (
    "mart_demand__ten_year",
    "mart_demand__yearly_region",
    "mart_demand__cumulative_region",
    "mart_demand__drivers",
    "mart_demand__yearly_product",
    "mart_demand__cross_check",
    "mart_wait__yearly_region",
    "mart_wait__monthly_list",
    "mart_wait__yearly_class",
    "mart_promise__region",
    "mart_promise__quota_search",
    "mart_capacity__yearly_region",
    "mart_support__yearly_region",
    "mart_stay__yearly_destination",
    "mart_project__yearly_region",
    "mart_application__yearly_table",
    "mart_demand__eligibility",
    "mart_sensitivity__region",
    "mart_sensitivity__variance",
    "mart_demand__scenario_difference",
)
_BEFORE = ("mart_estimate__parameter", "mart_forecast__inflow")
_PUBLISHED = "mart_demand__published"
_STUDIES = (
    "mart_demand__bridge",
    "mart_demand__inverse",
    "mart_demand__definition",
    "mart_forecast__hindcast",
)
_PLANNED = "core_capacity__plan"
_PLAN = "mart_capacity__plan"
_COMPARABLE = "published_number_compared"
_SPLIT = "change_split"
_REBUILT = "past_rebuilt"


@dg.multi_asset(
    name="outflow",
    partitions_def=REGIONS,
    specs=[
        *describe_marts(
            "outflow",
            [*_MARTS, CHANGES, _PUBLISHED, *_STUDIES],
            deps=[*_BEFORE, *CORE_TABLES],
        ),
        *describe_marts("outflow", [_PLAN], deps=[_PLANNED]),
    ],
    check_specs=[
        *declared_checks([*_MARTS, CHANGES, _PUBLISHED, *_STUDIES, _PLAN]),
        dg.AssetCheckSpec(
            _SPLIT,
            asset=CHANGES,
            description="What changed since the last final release is told apart.",
        ),
        dg.AssetCheckSpec(
            _COMPARABLE,
            asset=_PUBLISHED,
            description="The deliveries reach back to the month of the published number.",
        ),
        dg.AssetCheckSpec(
            _REBUILT,
            asset=_STUDIES[-1],
            description="The deliveries reach back to every month of which the past is rebuilt.",
        ),
    ],
)
def outflow(region_work: RegionWork) -> StepResults:
    """Answer every asked scenario, and compare with the published number."""
    run = region_work.run
    with task_map(run.options.draws) as map_tasks:
        yield from put_marts(run.draft, answer_scenarios(run, map_tasks))
        changes, unsplit = explain_changes(run, map_tasks)
        table, reason = compare_published(run, map_tasks)
        studies, faults = study_default(run, map_tasks)
    plan = capacity_plan_table(run.region_id, run.read_core(_PLANNED)[_PLANNED])
    yield from put_marts(run.draft, {_PLAN: plan})
    yield from put_marts(run.draft, {CHANGES: changes})
    yield warned(CHANGES, _SPLIT, is_fine=not unsplit, about=unsplit)
    yield from put_marts(run.draft, {_PUBLISHED: table})
    yield warned(_PUBLISHED, _COMPARABLE, is_fine=not reason, about=reason)
    yield from put_marts(run.draft, studies)
    yield warned(_STUDIES[-1], _REBUILT, is_fine=not faults, about=faults)
