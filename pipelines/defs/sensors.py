"""Sensors: every region's drop folder is watched, and a run is asked when something new is whole.

Belongs here: one sensor a region. Does not belong here: what counts as new and whole
(`pipelines.drop_folder`).
"""

import time

import dagster as dg

from pipelines.catalog import JOB, REGION_TAG
from pipelines.drop_folder import watch
from pipelines.paths import DataRoot

_INTERVAL_SECONDS = 30
_Answer = dg.SensorResult | dg.SkipReason


def _sensor_of(region_id: str) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"deliveries__{region_id.replace('-', '_')}",
        job_name=JOB,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"A run of {region_id} when a new delivery lies whole in its folder.",
    )
    def arrived(context: dg.SensorEvaluationContext) -> _Answer:
        root = DataRoot.from_environment()
        found = watch(root, region_id, now=time.time(), cursor=context.cursor or "")
        if found.run_key is None:
            context.update_cursor(found.cursor)
            return dg.SkipReason(found.why)
        request = dg.RunRequest(
            run_key=found.run_key, partition_key=region_id, tags={REGION_TAG: region_id}
        )
        return dg.SensorResult(run_requests=[request], cursor=found.cursor)

    return arrived


@dg.definitions
def sensors() -> dg.Definitions:
    """Give the sensors of all regions."""
    regions = DataRoot.from_environment().region_ids()
    return dg.Definitions(sensors=[_sensor_of(region_id) for region_id in regions])
