"""The Dagster definitions of the product: what lies under `defs/`, with resources and executor.

Belongs here: putting them together. Does not belong here: an asset, a job, a schedule.

`pipelines.instance` sets the environment before anything imports this module.
"""

from pathlib import Path

import dagster as dg

from pipelines.progress import LOGGER, progress_logger
from pipelines.resources import RegionWork, RunOptions, WarehouseLock


@dg.definitions
def defs() -> dg.Definitions:
    """Load everything; steps of a run share one process, as a process a step costs seconds."""
    run_options = RunOptions.configure_at_launch()
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={
                "run_options": run_options,
                "region_work": RegionWork(options=run_options),
                "warehouse_lock": WarehouseLock(),
            },
            executor=dg.in_process_executor,
            loggers={"console": dg.colored_console_logger, LOGGER: progress_logger},
        ),
    )
