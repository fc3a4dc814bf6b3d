"""A million citizen numbers tried against pseudonyms, and a search for raw ids after a whole run.

Belongs here: more of what `tests/pipelines/sources/gate/test_pseudonyms.py` and
`tests/integration/test_run_job.py` do. Does not belong here: the guesses (`gate/brute.py`), the
search (`gate/finder.py`).
"""

import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot
from tests.evidence import write_evidence
from tests.invented import REGION_ID, build_data_root
from tests.invented.region import raw_ids, renumber_clients
from tests.pipelines.sources.gate.brute import citizen_numbers, guesses, tried
from tests.pipelines.sources.gate.finder import Finder

SEED = 20261122
TRIES, CLIENTS = 1_000_000, 2_000


def soak_pseudonyms(*, tries: int = TRIES, clients: int = CLIENTS) -> None:
    """Try all numbers without the key, and look for raw ids in every file of a run.

    Raises:
        SystemExit: A pseudonym is found without the key, a raw id stands in a file, or the search
            does not find what is there.
    """
    key = hashlib.sha256(b"the key of this soak").digest()
    numbers = citizen_numbers(tries)
    known = set(random.Random(SEED).sample(numbers, clients))
    *without, (_, found) = tried(key, numbers, known)
    hits = {name: len(one) for name, one in without if one}
    if hits or found != known:
        raise SystemExit(f"pseudonyms found without the key: {hits}; with it {len(found)}")
    ids, files = _search_after_a_run(numbers)
    write_evidence(
        "soak-pseudonyms",
        seed=SEED,
        counts={
            "numbers_tried": tries,
            "guesses_a_number": len(guesses("zuid", "client_id")),
            "pseudonyms": clients,
            "raw_ids": ids,
            "files_searched": files,
        },
        results={"found_without_the_key": 0, "found_with_the_key": len(found), "raw_ids_found": 0},
    )


def _search_after_a_run(numbers: list[str]) -> tuple[int, int]:
    """Run a region whose client numbers look like citizen numbers; give ids and files searched."""
    with tempfile.TemporaryDirectory() as name:
        places = [Path(name) / one for one in ("root", "temporary", "home")]
        for place in places:
            place.mkdir()
        root = DataRoot(build_data_root(places[0]))
        folder = root.region(REGION_ID)
        plain = (str(int(one) + 1) for one in numbers if one[-1] != "9")  # these pass the gate
        renumber_clients(folder, plain)
        ids = raw_ids(folder)
        environ = {DATA_VARIABLE: str(root.path), "TMPDIR": str(places[1]), "HOME": str(places[2])}
        done = subprocess.run(
            [sys.executable, "-m", "tests.invented.command", "run"],
            cwd=CHECKOUT,
            env={**os.environ, **environ},
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"the run failed: {done.stderr.decode()}")
        finder = Finder(ids)
        if {one for one, _ in finder.in_folders([folder / "deliveries"])} != ids:
            raise SystemExit("the search does not find the ids in the delivered files")
        shutil.rmtree(folder / "deliveries")
        found = finder.in_folders(places) or finder.in_bytes(done.stdout + done.stderr)
        if found:
            raise SystemExit(f"raw ids stand in files: {sorted(found)[:5]}")
        return len(ids), sum(path.is_file() for place in places for path in place.rglob("*"))
