"""Measure speed and write what was found into docs/evidence/.

Belongs here: what is measured. Does not belong here: a bound (a benchmark informs, it never fails a
test), correctness (the tests).
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.outflow.answer import CAPPED, RUNS
from models.outflow.engine import run_chunk
from models.quota import homes_list
from tests.evidence import write_evidence
from tests.models.invented import SEED, make_chunk
from tests.models.outflow.people import live_many
from tests.models.outflow.test_against_simpy import believed_world, rules

DRAWS, REPEATS, LIVES, RUN_COUNT = 2048, 3, 24, 3
CHECKOUT = Path(__file__).resolve().parents[2]


def cpu_seconds(work: Callable[[], object], repeats: int) -> float:
    """Give the median CPU seconds of some work, after one warm-up."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def bench_outflow() -> None:
    """The month loop per 1,000 draws, beside people one by one and a plain generator."""
    world = believed_world()
    chunk = make_chunk(world.resolved, DRAWS)
    per_thousand = 1000 / DRAWS
    model = {
        name: cpu_seconds(
            lambda switches=switches: run_chunk(world.inputs, world.inflow, chunk, switches),
            REPEATS,
        )
        * per_thousand
        for name, switches in {"demand": RUNS["demand"], "capped": CAPPED}.items()
    }
    people = cpu_seconds(lambda: live_many(rules(), range(LIVES)), 1) * 1000 / LIVES
    homes = cpu_seconds(lambda: homes_list([17] * 6 + [5] * 4, 2_000), REPEATS)
    write_evidence(
        "bench-outflow",
        seed=SEED,
        counts={"draws": DRAWS, "repeats": REPEATS, "lives": LIVES},
        results={
            "demand_cpu_seconds_per_1000_draws": round(model["demand"], 3),
            "capped_cpu_seconds_per_1000_draws": round(model["capped"], 3),
            "people_cpu_seconds_per_1000_lives": round(people, 1),
            "people_over_model_ratio": round(people / model["capped"], 1),
            "homes_list_10_by_2000_milliseconds": round(homes * 1000, 2),
        },
    )


def bench_run() -> None:
    """A whole warm `uitstroom run --region zk-ijmond`, as a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(CHECKOUT / "data" / "raw", Path(folder) / "raw")
        command = [str(Path(sys.executable).with_name("uitstroom")), "run"]
        command += ["--region", "zk-ijmond"]
        environ = os.environ | {"UITSTROOM_DATA": folder}
        seconds = []
        for _ in range(RUN_COUNT + 1):
            start = time.monotonic()
            subprocess.run(command, env=environ, check=True, capture_output=True)
            seconds.append(time.monotonic() - start)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    write_evidence(
        "bench-run",
        seed=20220101,
        counts={"runs": RUN_COUNT, "draws": DRAWS, "processors": len(os.sched_getaffinity(0))},
        results={
            "warm_seconds_median": round(float(np.median(seconds[1:])), 1),
            "warm_seconds_most": round(max(seconds[1:]), 1),
            "largest_process_peak_megabytes": round(peak),
        },
    )


if __name__ == "__main__":
    for bench in (bench_run, bench_outflow):
        sys.stdout.write(f"{bench.__name__}\n")
        sys.stdout.flush()
        bench()
