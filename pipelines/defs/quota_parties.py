"""Parties: the quotas on the parties' side: associations, projects, origins, progress, claims.

Belongs here: the step. Does not belong here: how the tables are made (`pipelines.quota_parties`,
`pipelines.monthly_progress`).
"""

import dagster as dg

from pipelines.catalog import REGIONS, StepResults, declared_checks, describe_marts, put_marts
from pipelines.monthly_progress import CORE_READ as CORE_PROGRESS
from pipelines.monthly_progress import PROGRESS, PROMISE, progress_table
from pipelines.quota_parties import CORE_READ, MARTS_READ, TABLES, party_tables
from pipelines.resources import RegionWork

MADE = (*TABLES, PROGRESS)


@dg.multi_asset(
    name="parties",
    partitions_def=REGIONS,
    specs=describe_marts("parties", MADE, deps=[*CORE_READ, *CORE_PROGRESS, *MARTS_READ, PROMISE]),
    check_specs=declared_checks(MADE),
)
def parties(region_work: RegionWork) -> StepResults:
    """Split the quotas over associations, and set them beside projects, people and homes let."""
    run = region_work.run
    yield from put_marts(run.draft, {**party_tables(run), **progress_table(run)})
