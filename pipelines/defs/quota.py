"""Quota: the cap and the homes owed over municipalities, beside the homes let in the past.

Belongs here: the step. Does not belong here: keys and apportionment (`models.quota`).
"""

import dagster as dg

from pipelines.catalog import (
    FIGURES,
    REGIONS,
    StepResults,
    declared_checks,
    describe_marts,
    put_marts,
)
from pipelines.marts import letting_table
from pipelines.quotas import TABLES, split_quotas
from pipelines.resources import RegionWork

_LETTINGS = "core_letting__monthly"
_LET = "mart_letting__yearly_municipality"
_ORIGINS = "core_letting__origin"
_STOCK = "core_stock__yearly"
_DEPS = ["mart_demand__yearly_region", _STOCK, _LETTINGS, _ORIGINS, *FIGURES]


@dg.multi_asset(
    name="quota",
    partitions_def=REGIONS,
    specs=[
        *describe_marts("quota", TABLES, deps=_DEPS),
        *describe_marts("quota", [_LET], deps=[_LETTINGS]),
    ],
    check_specs=declared_checks([*TABLES, _LET]),
)
def quota(region_work: RegionWork) -> StepResults:
    """Split every scenario's homes by the region's key, and count the homes let."""
    run = region_work.run
    yield from put_marts(run.draft, split_quotas(run))
    let = letting_table(run.region_id, run.read_lettings(), as_of=run.as_of)
    yield from put_marts(run.draft, {_LET: let})
