"""Report: the pages of a release.

Belongs here: the step. Does not belong here: pages (`reports`).
"""

import dagster as dg

from pipelines.catalog import REGIONS, RELEASE, REPORT, Made, describe
from pipelines.publication_ledger import record_report
from pipelines.release import store_report
from pipelines.render import report_builder
from pipelines.resources import RegionWork
from pipelines.site import write_index


@dg.multi_asset(
    name="report",
    partitions_def=REGIONS,
    specs=[
        describe(
            REPORT,
            "report",
            "The regional report in Dutch, with its charts.",
            deps=[RELEASE],
            kinds={"html"},
        )
    ],
)
def report(region_work: RegionWork) -> Made:
    """Build the report of the release, show it whole, and list it on the index page."""
    run = region_work.run
    folder = store_report(
        run.release_folder,
        run.reports,
        report_builder(run.release_folder),
        move_current=run.is_current,
    )
    record_report(run.root, run.region_id, folder, at=run.began)
    write_index(run.root)
    return dg.MaterializeResult(metadata={"folder": dg.MetadataValue.path(folder)})
