"""Measure speed, accuracy and coverage, and write what was found into docs/evidence/.

`python -m tests.bench` runs all of it; with names (`run render outflow luck forecast coverage quota
deliveries`) only those. Belongs here: which benches there are, and the whole run. Does not belong
here: a bound (a benchmark informs, it never fails a test), correctness (the tests).
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.bench.coverage import bench_coverage
from tests.bench.deliveries import bench_deliveries
from tests.bench.forecast import bench_forecast, bench_forecast_coverage
from tests.bench.luck import bench_luck
from tests.bench.outflow import DRAWS, bench_outflow
from tests.bench.quota import bench_quota
from tests.bench.render import bench_render
from tests.evidence import write_evidence

RUN_COUNT = 3
CHECKOUT = Path(__file__).resolve().parents[2]


def bench_run() -> None:
    """A whole warm `uitstroom run --region zk-ijmond`, and one of all scenarios, as processes."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(CHECKOUT / "data" / "raw", Path(folder) / "raw")
        command = [str(Path(sys.executable).with_name("uitstroom")), "run"]
        command += ["--region", "zk-ijmond"]
        environ = os.environ | {"UITSTROOM_DATA": folder}

        def seconds_of(arguments: list[str]) -> float:
            start = time.monotonic()
            subprocess.run(arguments, env=environ, check=True, capture_output=True)
            return time.monotonic() - start

        seconds = [seconds_of(command) for _ in range(RUN_COUNT + 1)]
        every = seconds_of([*command, "--scenario", "all"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    write_evidence(
        "bench-run",
        seed=20220101,
        counts={"runs": RUN_COUNT, "draws": DRAWS, "processors": len(os.sched_getaffinity(0))},
        results={
            "warm_seconds_median": round(float(np.median(seconds[1:])), 1),
            "warm_seconds_most": round(max(seconds[1:]), 1),
            "all_scenarios_seconds": round(every, 1),
            "largest_process_peak_megabytes": round(peak),
        },
    )


BENCHES: dict[str, tuple[Callable[[], object], ...]] = {
    "run": (bench_run,),
    "render": (bench_render,),
    "outflow": (bench_outflow,),
    "luck": (bench_luck,),
    "forecast": (bench_forecast, bench_forecast_coverage),
    "coverage": (bench_coverage,),
    "quota": (bench_quota,),
    "deliveries": (bench_deliveries,),
}
"""The benches by name; together about forty minutes on two processors."""

if __name__ == "__main__":
    unknown = sorted(set(sys.argv[1:]) - set(BENCHES))
    if unknown:
        raise SystemExit(f"there is no bench {', '.join(unknown)}; known are {', '.join(BENCHES)}")
    for name in sys.argv[1:] or BENCHES:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        for bench in BENCHES[name]:
            bench()
