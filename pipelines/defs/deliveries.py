"""Deliveries: from what senders wrote to accepted rows, quarantine and the fate of every file.

Belongs here: the step. Does not belong here: the way of a file through the door (`sources`).
"""

import dagster as dg

from pipelines.catalog import (
    FIGURES,
    RAW_TABLES,
    REGIONS,
    StepResults,
    declared_checks,
    describe,
    describe_marts,
    made,
    put_marts,
    warned,
)
from pipelines.marts import quarantine_text
from pipelines.private import write_private
from pipelines.region_run import delivery_marts, raw_tables
from pipelines.resources import RegionWork

_MARTS = (
    "mart_delivery",
    "mart_delivery__quarantine",
    "mart_delivery__notice",
    "mart_delivery__version",
)
_COMPLETE = "nothing_set_apart"


@dg.multi_asset(
    name="deliveries",
    partitions_def=REGIONS,
    specs=[
        *(
            describe(name, "deliveries", about, deps=FIGURES, kinds={"parquet"})
            for name, about in RAW_TABLES.items()
        ),
        *describe_marts("deliveries", _MARTS, deps=FIGURES),
    ],
    check_specs=[
        *declared_checks([*RAW_TABLES, *_MARTS]),
        dg.AssetCheckSpec(_COMPLETE, asset="mart_delivery", description="No row was set apart."),
    ],
)
def deliveries(region_work: RegionWork) -> StepResults:
    """Read what the region was sent; a refusal ends the run and leaves the last edition."""
    run = region_work.run
    read = run.read_deliveries()
    tables = raw_tables(read)
    write_private(run.private, tables, layer="raw")
    for name, frame in tables.items():
        yield made(name, frame)
    yield from put_marts(run.draft, delivery_marts(run, read))
    is_complete, about = quarantine_text(read.files)
    yield warned("mart_delivery", _COMPLETE, is_fine=is_complete, about=about)
