"""The one job: everything, for one region.

Belongs here: the job. Does not belong here: a second job; a part of it is a selection of assets.
"""

import dagster as dg

from pipelines.catalog import JOB

uitstroom = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="From deliveries to report for one region, and the warehouse of all regions.",
)
