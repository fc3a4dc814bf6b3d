"""How fast, and in how much memory, a delivery at the limit comes through the door.

Belongs here: a file of just under 50 MB and one million rows about clients, received, taken apart,
looked through for personal data, converted and ruled on, as a region's run does it. Does not belong
here: whether what comes in is right (the tests).
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.evidence import write_evidence

SEED = 20261122
ROWS, MOST_BYTES, REPEATS = 1_000_000, 50_000_000, 3
HEADER = "aanmelding_id;cliëntnummer;geboortejaar;doelgroep;datum_aanmelding;datum_van_lijst"
GROUPS = ("BW", "MO", "VO", "FZ")
ENVELOPE = """
contract = "intake"
sender = "Regionale toegang"
region = "zk-ijmond"
period_from = 2010-01-01
period_to = 2026-10-31
delivered_on = 2026-11-05
synthetic = true
number_language = "nl-NL"
date_formats = ["dd-mm-yyyy"]
encoding = "utf-8"
"""


def bench_deliveries() -> None:
    """Check a delivery at the limit a few times, each time in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "deliveries" / "intake"
        folder.mkdir(parents=True)
        size = _write(folder / "aanmeldingen.csv")
        (folder / "aanmeldingen.csv.toml").write_text(ENVELOPE, encoding="utf-8")
        command = [sys.executable, "-m", "tests.bench.deliveries", name]
        told = [json.loads(subprocess.check_output(command)) for _ in range(REPEATS)]
    assert all(one["accepted"] == ROWS for one in told)
    write_evidence(
        "bench-deliveries",
        seed=SEED,
        counts={"rows": ROWS, "bytes": size, "repeats": REPEATS},
        results={
            "wall_seconds_median": round(float(np.median([one["wall"] for one in told])), 1),
            "wall_seconds_most": round(max(one["wall"] for one in told), 1),
            "cpu_seconds_most": round(max(one["cpu"] for one in told), 1),
            "process_peak_megabytes": round(max(one["own"] for one in told)),
            "parsing_process_peak_megabytes": round(max(one["child"] for one in told)),
        },
    )


def _write(path: Path) -> int:
    """Write registrations of 300,000 clients; give the size in bytes."""
    dice = np.random.default_rng(SEED)
    clients = dice.integers(1_000_000, 1_300_000, ROWS)
    births = 1940 + clients % 68  # the same for every registration of one client
    groups = dice.integers(0, len(GROUPS), ROWS)
    starts = np.datetime64("2010-01-01") + dice.integers(0, 5_000, ROWS)
    ends = starts + dice.integers(0, 1_000, ROWS)
    lines = [HEADER]
    columns = zip(clients, births, groups, starts.tolist(), ends.tolist(), strict=True)
    for at, (client, birth, group, start, end) in enumerate(columns):
        lines.append(f"A{at:07d};C{client};{birth};{GROUPS[group]};{start:%d-%m-%Y};{end:%d-%m-%Y}")
    content = ("\r\n".join(lines) + "\r\n").encode()
    assert MOST_BYTES * 0.97 < len(content) <= MOST_BYTES
    path.write_bytes(content)
    return len(content)


def _check(region: Path) -> dict[str, float]:
    """Read the one delivery of a region; seconds of wall and processor, megabytes of memory."""
    from pipelines.sources import read_deliveries, receive
    from pipelines.sources.keys import read_example_key
    from pipelines.sources.reading import stop_parsing

    started = time.monotonic()
    read = read_deliveries(
        receive(region),
        region_id="zk-ijmond",
        municipality_codes={"GM0392"},
        known_codes={"GM0392"},
        key=read_example_key(),
    )
    wall = time.monotonic() - started
    stop_parsing()
    own, child = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "wall": wall,
        "cpu": own.ru_utime + own.ru_stime + child.ru_utime + child.ru_stime,
        "own": own.ru_maxrss / 1024,
        "child": child.ru_maxrss / 1024,
        "accepted": int(read.files["accepted"].sum()),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_check(Path(sys.argv[1]))))
