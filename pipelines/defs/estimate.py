"""Estimate: what the deliveries say of the parameters, before any model uses them.

Belongs here: the step. Does not belong here: the estimation (`models.estimation`).
"""

import dagster as dg

from pipelines.catalog import (
    CORE_TABLES,
    REGIONS,
    StepResults,
    declared_checks,
    describe_marts,
    put_marts,
)
from pipelines.estimates import use_estimates
from pipelines.resources import RegionWork

_MARTS = ("mart_estimate__parameter", "mart_stay__survival")


@dg.multi_asset(
    name="estimate",
    partitions_def=REGIONS,
    specs=describe_marts("estimate", _MARTS, deps=CORE_TABLES),
    check_specs=declared_checks(_MARTS),
)
def estimate(region_work: RegionWork) -> StepResults:
    """Estimate parameters; every scenario of the run stands on them from here on."""
    run = region_work.run
    yield from put_marts(run.draft, use_estimates(run).tables)
