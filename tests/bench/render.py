"""How fast reports are made of stored releases, and how large their files are.

Belongs here: the whole command, warm, for one region and for all, with every format; the largest
file of each kind. Does not belong here: whether a report is right (the tests).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from pipelines.options import DEFAULT_SEED
from pipelines.paths import CHECKOUT, CURRENT, DATA_VARIABLE, DataRoot
from tests.evidence import write_evidence

REGION, REPEATS = "zk-ijmond", 3
KINDS = ("html", "pdf", "pptx", "xlsx", "svg", "png")
BYTES = 1_000_000


def bench_render() -> None:
    """Run every region once, then make its report again a few times, each in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        root = DataRoot(Path(folder))
        shutil.copytree(CHECKOUT / "data" / "raw", root.path / "raw")
        _seconds_of(root, "run")
        one = [_seconds_of(root, "report", "--region", REGION) for _ in range(REPEATS + 1)][1:]
        every = [_seconds_of(root, "report") for _ in range(REPEATS + 1)][1:]
        reports = [root.reports(name) / CURRENT for name in root.region_ids()]
        sizes = {kind: _largest(reports, kind) for kind in KINDS}
    write_evidence(
        "bench-render",
        seed=DEFAULT_SEED,
        counts={
            "repeats": REPEATS,
            "regions": len(reports),
            "processors": len(os.sched_getaffinity(0)),
        },
        results={
            "one_region_seconds_median": round(float(np.median(one)), 1),
            "one_region_seconds_most": round(max(one), 1),
            "all_regions_seconds_median": round(float(np.median(every)), 1),
            "all_regions_seconds_most": round(max(every), 1),
            **{f"largest_{kind}_megabytes": round(size, 3) for kind, size in sizes.items()},
        },
    )


def _seconds_of(root: DataRoot, *arguments: str) -> float:
    """Give the seconds that a command takes as a process, its start included."""
    command = [str(Path(sys.executable).with_name("uitstroom")), *arguments]
    start = time.monotonic()
    environ = os.environ | {DATA_VARIABLE: str(root.path)}
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return time.monotonic() - start


def _largest(reports: list[Path], kind: str) -> float:
    """Give the size (megabytes) of the largest file of a kind, of which there must be some."""
    files = [file for folder in reports for file in folder.rglob(f"*.{kind}")]
    return max(file.stat().st_size for file in files) / BYTES
