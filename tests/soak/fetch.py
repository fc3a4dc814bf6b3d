"""Killing a fetch of a statistic of CBS (K8): after a page, and at random moments.

Belongs here: more of what `tests/pipelines/sources/cbs/test_faults.py` does once. Does not belong
here: the door (`door.py`, which writes the evidence of both).
"""

import shutil
import signal
import time
from pathlib import Path

import numpy as np

from pipelines.paths import DataRoot
from pipelines.storage import digest_folder
from tests.pipelines.sources.cbs.bench import (
    SECOND_DAY,
    WAITS_SECONDS,
    fetch,
    make_root,
    next_edition,
    start_fetch,
    stored,
)
from tests.pipelines.sources.cbs.server import Service, serving

POINTS = ("K8:1", "K8:3", "K8:5")
"""After the first page, one in the middle and the last."""


def kill_fetches(
    folder: Path, generator: np.random.Generator, *, rounds: int, moments: int
) -> tuple[int, int]:
    """Kill fetches of a next edition; the copy in use is the old one or the whole new one.

    Args:
        folder: An empty folder to work in.
        generator: Draws the random moments.
        rounds: How often each point.
        moments: How many random moments.

    Returns:
        Kills at a page, and kills on the way at random moments.

    Raises:
        SystemExit: A point is not reached, half a table is in use, or the end differs.
    """
    with serving() as service:
        before = make_root(folder / "before")
        fetch(before, service)
        service.script.content = next_edition()
        undisturbed = DataRoot(shutil.copytree(before.path, folder / "undisturbed"))
        fetch(undisturbed, service, SECOND_DAY)
        lawful = (stored(before), stored(undisturbed))
        for point in POINTS * rounds:
            target = DataRoot(shutil.copytree(before.path, folder / "target"))
            process = start_fetch(target, service, f"{point}:kill")
            process.join(WAITS_SECONDS)
            if process.exitcode != -signal.SIGKILL:
                raise SystemExit(f"{point} was not reached")
            if stored(target) != lawful[0]:
                raise SystemExit(f"after a kill at {point} the stored copy is not the old one")
            _check(target, undisturbed, service, point)
        hits, longest = 0, 0.0
        for number in range(moments + 1):
            target = DataRoot(shutil.copytree(before.path, folder / "target"))
            moment = float(generator.uniform(0, longest)) if number else None
            started = time.monotonic()
            process = start_fetch(target, service)
            process.join(WAITS_SECONDS if moment is None else moment)
            longest = max(longest, time.monotonic() - started)
            process.kill()
            process.join(WAITS_SECONDS)
            hits += process.exitcode == -signal.SIGKILL
            if stored(target) not in lawful:
                raise SystemExit(f"after a kill at {moment} s half a table is in use")
            _check(target, undisturbed, service, f"{moment} s")
    return len(POINTS) * rounds, hits


def _check(target: DataRoot, undisturbed: DataRoot, service: Service, where: str) -> None:
    """Fetch once more and compare all that is kept with the end of an undisturbed fetch."""
    fetch(target, service, SECOND_DAY)
    if digest_folder(target.open_data) != digest_folder(undisturbed.open_data):
        raise SystemExit(f"after a fetch was killed at {where} the end differs")
    shutil.rmtree(target.path)
