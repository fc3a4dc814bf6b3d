"""Killing a region's pass through the door (K1 to K7) at every point and at random moments.

Belongs here: more of what `tests/pipelines/test_door_kills.py` does once, and the evidence of it
and of killed fetches. Does not belong here: fetches (`fetch.py`), how evidence is written
(`tests.evidence`).
"""

import shutil
import signal
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.evidence import write_evidence
from tests.invented.door import (
    WAITS_SECONDS,
    build_two_deliveries,
    events_of,
    pass_door,
    rows_of,
    start_door,
    state_of,
)
from tests.pipelines.test_door_kills import POINTS
from tests.soak.fetch import POINTS as PAGES
from tests.soak.fetch import kill_fetches

SEED = 20261122
ROUNDS, MOMENTS = 3, 200


def soak_door(*, rounds: int = ROUNDS, moments: int = MOMENTS) -> None:
    """Kill at every point three times and at 200 random moments; the next pass mends it all.

    Raises:
        SystemExit: A point is not reached, or an end differs.
    """
    generator = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = build_two_deliveries(folder / "before")
        undisturbed = shutil.copytree(before, folder / "undisturbed")
        pass_door(undisturbed)
        start_door(undisturbed).join(WAITS_SECONDS)
        target = shutil.copytree(before, folder / "target")
        started = time.monotonic()
        process = start_door(target)
        process.join(WAITS_SECONDS)
        longest = time.monotonic() - started
        _check(target, undisturbed, "no kill")
        for point in POINTS * rounds:
            target = shutil.copytree(before, folder / "target")
            process = start_door(target, f"{point}:kill")
            process.join(WAITS_SECONDS)
            if process.exitcode != -signal.SIGKILL:
                raise SystemExit(f"{point} was not reached")
            _check(target, undisturbed, point)
        hits = 0
        for _ in range(moments):
            target = shutil.copytree(before, folder / "target")
            moment = float(generator.uniform(0, longest))
            process = start_door(target)
            process.join(moment)
            process.kill()
            process.join(WAITS_SECONDS)
            hits += process.exitcode == -signal.SIGKILL
            _check(target, undisturbed, f"{moment:.3f} s")
        fetches = folder / "fetches"
        fetches.mkdir()
        at_pages, fetch_hits = kill_fetches(fetches, generator, rounds=rounds, moments=moments)
    write_evidence(
        "soak-door",
        seed=SEED,
        counts={
            "kills": len(POINTS) * rounds + at_pages,
            "points": len(POINTS) + len(PAGES),
            "moments": moments,
            "fetch_moments": moments,
        },
        results={
            "killed_on_the_way": hits,
            "fetches_killed_on_the_way": fetch_hits,
            "other_end": 0,
            "rows_lost_or_doubled": 0,
            "half_tables": 0,
        },
    )


def _check(target: Path, undisturbed: Path, where: str) -> None:
    """Pass the door once more and compare with the end of an undisturbed pass."""
    pass_door(target)
    ends = (state_of, events_of, rows_of)
    if any(end(target) != end(undisturbed) for end in ends):
        raise SystemExit(f"after a kill at {where} the end differs")
    shutil.rmtree(target)
