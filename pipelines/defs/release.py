"""Release: what leaves the building; the only thing that reports may read.

Belongs here: the step. Does not belong here: how a release is made (`pipelines.release`).
"""

import dagster as dg

from pipelines.catalog import EDITION, REGIONS, RELEASE, Made, describe
from pipelines.release import make_release
from pipelines.resources import RegionWork


@dg.multi_asset(
    name="release",
    partitions_def=REGIONS,
    specs=[
        describe(
            RELEASE,
            "release",
            "The tables of an edition in a class; small numbers are not protected yet.",
            deps=[EDITION],
            kinds={"parquet"},
        )
    ],
)
def release(region_work: RegionWork) -> Made:
    """Make the release of the edition."""
    run = region_work.run
    folder = make_release(run.edition_folder, run.releases, move_current=run.is_current)
    run.release = folder
    return dg.MaterializeResult(metadata={"folder": dg.MetadataValue.path(folder)})
