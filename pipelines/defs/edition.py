"""Edition: what was used and what the run was; then all tables become visible together.

Belongs here: the step. Does not belong here: how an edition is stored (`pipelines.editions`).
"""

from functools import partial

import dagster as dg

from models.tables import MARTS
from pipelines.catalog import (
    DECLARED,
    EDITION,
    REGIONS,
    SOURCES,
    StepResults,
    declared_checks,
    describe_marts,
    made,
    put_marts,
    reported,
)
from pipelines.changes import publish_with_basis
from pipelines.marts import (
    agreement_table,
    law_table,
    parameter_table,
    realised_table,
    run_table,
    source_table,
)
from pipelines.resources import RegionWork
from pipelines.tiles import tile_table

_DECLARED = (
    "mart_parameter",
    "mart_agreement",
    "mart_agreement__realised",
    "mart_agreement__law",
    "mart_municipality__tile",
)
_SOURCES = "mart_source"


@dg.multi_asset(
    name="edition",
    partitions_def=REGIONS,
    specs=[
        *describe_marts("edition", _DECLARED, deps=[]),
        *describe_marts("edition", [_SOURCES], deps=SOURCES),
        *describe_marts("edition", [EDITION], deps=set(MARTS) - {EDITION}),
    ],
    check_specs=declared_checks([*_DECLARED, _SOURCES, EDITION]),
)
def edition(region_work: RegionWork) -> StepResults:
    """Write the tables about the run, then publish the edition."""
    run = region_work.run
    scenarios = list(run.scenarios.values())
    marts = {
        "mart_parameter": parameter_table(scenarios),
        "mart_agreement": agreement_table(run.region),
        "mart_agreement__realised": realised_table(run.region),
        "mart_agreement__law": law_table(run.folder.national, run.region),
        "mart_municipality__tile": tile_table(run.region, run.tiles),
        "mart_source": source_table(run.region_id, run.open_sources),
    }
    yield from put_marts(run.draft, marts)
    about_run = partial(run.draft.put, EDITION, run_table(scenarios, run.facts))
    table = yield from reported(EDITION, DECLARED, about_run)
    publish_with_basis(run)
    yield made(EDITION, table, **run.edition_facts)
