"""Schedules: every region's monthly run, on the day and hour of its own calendar.

Dagster catches up the newest missed tick only; an older month is `uitstroom run --as-of`. Belongs
here: one schedule a region. Does not belong here: what a tick asks for (`pipelines.calendar`).
"""

import dagster as dg

from pipelines.calendar import TIME_ZONE, cron_of, plan_monthly_run
from pipelines.catalog import AS_OF_TAG, EDITION_TAG, JOB, REGION_TAG
from pipelines.paths import DataRoot


def _schedule_of(region_id: str) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"monthly__{region_id.replace('-', '_')}",
        job_name=JOB,
        cron_schedule=cron_of(DataRoot.from_environment(), region_id),
        execution_timezone=TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"The report of {region_id} as of the month before.",
    )
    def monthly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        root = DataRoot.from_environment()
        plan = plan_monthly_run(root, region_id, context.scheduled_execution_time)
        return dg.RunRequest(
            run_key=plan.run_key,
            partition_key=region_id,
            run_config={"resources": {"run_options": {"config": {"as_of": plan.as_of}}}},
            tags={AS_OF_TAG: plan.as_of, REGION_TAG: region_id, EDITION_TAG: plan.kind.value},
        )

    return monthly


@dg.definitions
def schedules() -> dg.Definitions:
    """Give the schedules of all regions."""
    regions = DataRoot.from_environment().region_ids()
    return dg.Definitions(schedules=[_schedule_of(region_id) for region_id in regions])
