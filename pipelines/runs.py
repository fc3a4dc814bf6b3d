"""Running the job for the command line: region by region, then the warehouse, in this process.

Belongs here: asking Dagster to run, and what came of it. Does not belong here: what a step does,
printing. Importing this module imports Dagster; `pipelines.instance` must have been called.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.catalog import (
    AS_OF_TAG,
    EDITION,
    JOB,
    REGION_TAG,
    RELEASE,
    REPORT,
    WAREHOUSE,
)
from pipelines.definitions import defs
from pipelines.options import Options
from pipelines.progress import quiet_loggers

Stopped = dg.DagsterExecutionInterruptedError
"""What Dagster raises when somebody stops it."""

_WAREHOUSE_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class RunOutcome:
    """What a run of a region made.

    Attributes:
        as_of: Its as-of month, "YYYY-MM".
        edition: Folder of the edition.
        release: Folder of the release.
        report: Folder of the report.
        is_current: Whether `current` points at them.
    """

    as_of: str
    edition: Path
    release: Path
    report: Path
    is_current: bool


class Runner:
    """The job, loaded once for all regions of a command."""

    def __init__(self) -> None:
        self._definitions = defs()
        self._job = self._definitions.resolve_job_def(JOB)
        self._instance = dg.DagsterInstance.get()

    def run_region(self, region_id: str, options: Options) -> RunOutcome:
        """Run every step of a region, without the warehouse.

        Raises:
            UitstroomError: A step refuses or fails with a sentence, or another run is going.
        """
        asked = {
            "scenarios": list(options.scenarios),
            "draws": options.draws,
            "seed": options.seed,
            **({} if options.as_of is None else {"as_of": options.as_of}),
        }
        keys = self._job.asset_layer.executable_asset_keys
        result = self._job.execute_in_process(
            instance=self._instance,
            partition_key=region_id,
            asset_selection=sorted(key for key in keys if key != dg.AssetKey(WAREHOUSE)),
            run_config=_config(
                region_id,
                {"run_options": asked, "region_work": {"wait_seconds": 0.0}},
            ),
            tags={
                REGION_TAG: region_id,
                **({} if options.as_of is None else {AS_OF_TAG: options.as_of}),
            },
        )
        made = {
            event.asset_key.to_user_string(): event.step_materialization_data.materialization
            for event in result.get_asset_materialization_events()
            if event.asset_key is not None
        }
        edition = made[EDITION].metadata
        return RunOutcome(
            as_of=str(edition["as_of"].value),
            edition=Path(str(edition["folder"].value)),
            release=Path(str(made[RELEASE].metadata["folder"].value)),
            report=Path(str(made[REPORT].metadata["folder"].value)),
            is_current=bool(edition["is_current"].value),
        )

    def build_warehouse(self) -> None:
        """Build the warehouse of all regions.

        Raises:
            UitstroomError: It cannot be built, or another build is going.
        """
        self._job.execute_in_process(
            instance=self._instance,
            asset_selection=[dg.AssetKey(WAREHOUSE)],
            run_config=_config(
                WAREHOUSE, {"warehouse_lock": {"wait_seconds": _WAREHOUSE_WAIT_SECONDS}}
            ),
        )


def _config(label: str, resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "loggers": quiet_loggers(label),
        "resources": {name: {"config": dict(config)} for name, config in resources.items()},
    }
