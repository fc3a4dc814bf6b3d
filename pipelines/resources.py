"""What steps share while Dagster runs them: the options asked, the region's run, the locks.

Belongs here: Dagster resources. Does not belong here: what a step does (`defs`), the locks and the
run themselves (`locks`, `region_run`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr

from models.errors import UitstroomError, UsageError
from pipelines.locks import HeldLock, locked, take_lock
from pipelines.options import DEFAULT_DRAWS, DEFAULT_SEED, Options, read_options
from pipelines.paths import DataRoot
from pipelines.region_run import RegionRun, open_run

QUEUE_WAIT_SECONDS = 600.0
"""How long a run of the queue (page, schedule) waits for another run of its region."""

PARTITION_TAG = "dagster/partition"
WAREHOUSE = "warehouse"


class RunOptions(dg.ConfigurableResource[Any]):
    """What was asked of the run; the same fields as the command's flags."""

    as_of: str | None = Field(
        default=None,
        description="Last month that counts as known, YYYY-MM; empty for the last complete one.",
    )
    scenarios: list[str] = Field(
        default=[], description="Scenarios beside the region's default one; `all` for every one."
    )
    draws: int = Field(default=DEFAULT_DRAWS, description="Number of draws, a power of two.")
    seed: int = Field(default=DEFAULT_SEED, description="Seed of the draws.")

    def asked(self) -> Options:
        """Give the options, checked.

        Raises:
            UsageError: One of them is out of range.
        """
        return read_options(
            as_of=self.as_of or None, scenarios=self.scenarios, draws=self.draws, seed=self.seed
        )


class RegionWork(dg.ConfigurableResource[Any]):
    """The region's run: takes the region's lock when a Dagster run begins, gives it back after.

    Without a region (a run without a partition) it refuses in a sentence.
    """

    options: dg.ResourceDependency[RunOptions]
    wait_seconds: float = Field(
        default=QUEUE_WAIT_SECONDS,
        description="How long to wait for another run of the region; 0 refuses at once.",
    )

    _run: RegionRun | None = PrivateAttr(default=None)
    _lock: HeldLock | None = PrivateAttr(default=None)

    @property
    def run(self) -> RegionRun:
        """The region's run.

        Raises:
            UitstroomError: It has not begun.
        """
        if self._run is None:
            raise UitstroomError("the region's run has not begun")
        return self._run

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Take the lock and begin the run."""
        region_id = None if context.run is None else context.run.tags.get(PARTITION_TAG)
        if region_id is None:
            raise UsageError(
                "this run has no region",
                todo="Choose a partition (a region) for it, or select the asset warehouse alone.",
            )
        root = DataRoot.from_environment()
        root.check_region(region_id)
        self._lock = take_lock(root.lock(region_id), region_id, wait_seconds=self.wait_seconds)
        try:
            self._run = open_run(root, region_id, self.options.asked())
        except BaseException:
            self._lock.release()
            raise

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Remove what was not published and give the lock back."""
        try:
            if self._run is not None:
                self._run.close()
        finally:
            if self._lock is not None:
                self._lock.release()
            self._run = self._lock = None


class WarehouseLock(dg.ConfigurableResource[Any]):
    """Guards the warehouse while it is built, not longer: regions run beside each other."""

    wait_seconds: float = Field(
        default=QUEUE_WAIT_SECONDS, description="How long to wait for another build."
    )

    @contextmanager
    def held(self, root: DataRoot) -> Iterator[None]:
        """Hold the lock for the length of a block.

        Raises:
            RefusedError: Another build holds it.
        """
        with locked(root.lock(WAREHOUSE), "the warehouse", wait_seconds=self.wait_seconds):
            yield
