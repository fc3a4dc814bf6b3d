"""Release: what leaves the building; the only thing that reports may read.

Belongs here: the step. Does not belong here: how a release is made (`pipelines.release`).
"""

import dagster as dg

from pipelines.catalog import EDITION, REGIONS, RELEASE, Made, describe
from pipelines.classes import OPENBAAR, PARTIJEN
from pipelines.publication_ledger import record_release
from pipelines.release import make_releases
from pipelines.resources import RegionWork


@dg.multi_asset(
    name="release",
    partitions_def=REGIONS,
    specs=[
        describe(
            RELEASE,
            "release",
            "The tables of an edition for its parties and for everybody, small numbers protected.",
            deps=[EDITION],
            kinds={"parquet"},
        )
    ],
)
def release(region_work: RegionWork) -> Made:
    """Make the releases of the edition; the report is that of the parties."""
    run = region_work.run
    made = make_releases(
        run.edition_folder, run.releases, run.protection, move_current=run.is_current
    )
    run.release = made[PARTIJEN]
    record_release(run.root, run.region_id, *made.values(), at=run.began)
    return dg.MaterializeResult(
        metadata={
            "folder": dg.MetadataValue.path(made[PARTIJEN]),
            OPENBAAR: dg.MetadataValue.path(made[OPENBAAR]),
        }
    )
