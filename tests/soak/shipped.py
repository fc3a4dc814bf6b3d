"""The four shipped regions, published for everybody in both languages, alone and as a group.

Belongs here: the whole way of a publication on the regions that a newcomer finds, which takes too
long for a test. Does not belong here: what an attack is (`pipelines.attack`).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from models.attack import MODES
from pipelines.editions import read_manifest
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot, current_folder
from pipelines.release import ATTACK, pointer_of
from tests.evidence import write_evidence

TOGETHER: Mapping[str, tuple[str, str]] = {"zk-ijmond": ("GM0377", "GM0397")}
"""Small municipalities that are published as one, after they were published apart."""
_ROUNDED = re.compile(
    r'(data-table="mart_progress__monthly"[^<>]*data-column="dwellings"[^<>]*>)(\d+)<'
)
_SEED = 0
"""Nothing in it is drawn; the regions have their own seeds."""
_SECONDS = 1800
_REFUSED = 3
_OPENBAAR = "openbaar"


def soak_shipped_regions() -> None:
    """Run and publish every shipped region, then some once more with municipalities together.

    Raises:
        SystemExit: A command fails, an attack finds something or sees no cell, or a planted count
            in what was published is not found.
    """
    with tempfile.TemporaryDirectory() as name:
        root = DataRoot(Path(name) / "data")
        shutil.copytree(CHECKOUT / "data" / "raw", root.path / "raw")
        regions = root.region_ids()
        _command(root, "run")
        cells = {region: _publish(root, region) for region in regions}
        _command(root, "verify")
        for region, places in TOGETHER.items():
            _put_together(root, region, places)
            _command(root, "run", "--region", region)
            cells[f"{region}, {' and '.join(places)} together"] = _publish(root, region)
        planted = [_is_planted_found(root, region, Path(name)) for region in regions]
    if not all(planted):
        raise SystemExit("a count that was planted in a published report is not found")
    write_evidence(
        "soak-shipped-regions",
        seed=_SEED,
        counts={
            "regions": len(regions),
            "publications": len(cells),
            "languages": 2,
            "modes": len(MODES),
            "planted": len(planted),
        },
        results={"findings": 0, "planted_found": sum(planted), "cells": cells},
    )


def _publish(root: DataRoot, region: str) -> int:
    """Publish a region in both languages and attack all that lies there; give the cells."""
    _command(root, "release", "--region", region, "--class", _OPENBAAR)
    release = _current(root, region)
    _command(root, "report", "--region", region, "--release", release.name, "--lang", "en")
    told = read_manifest(release)[ATTACK]["modes"]
    if not set(MODES) <= set(told) or not all(one["cells"] for one in told.values()):
        raise SystemExit(f"an attack on {region} saw no cell: {told}")
    for edition in (release.name, f"{release.name}-en"):
        _command(root, "attack", str(root.reports(region) / edition))
    return max(int(one["cells"]) for one in told.values())


def _put_together(root: DataRoot, region: str, places: tuple[str, ...]) -> None:
    file = root.region(region) / "region.toml"
    codes = ", ".join(f'"{place}"' for place in places)
    file.write_text(f"{file.read_text()}\n[protection]\ntogether = [{codes}]\n")


def _is_planted_found(root: DataRoot, region: str, folder: Path) -> bool:
    """Say whether an attack finds a count that is one too high on the page of progress."""
    report = root.reports(region) / _current(root, region).name
    copy = shutil.copytree(report, folder / f"planted-{region}")
    page = copy / "voortgang.html"
    text, changed = _ROUNDED.subn(
        lambda found: f"{found[1]}{int(found[2]) + 1}<", page.read_text(encoding="utf-8"), count=1
    )
    if not changed:
        raise SystemExit(f"the page of {region} holds no rounded count")
    page.write_text(text, encoding="utf-8")
    return _command(root, "attack", str(copy), code=_REFUSED) == _REFUSED


def _current(root: DataRoot, region: str) -> Path:
    release = current_folder(root.releases(region), pointer_of(_OPENBAAR))
    if release is None:
        raise SystemExit(f"{region} is not published for everybody")
    return release


def _command(root: DataRoot, *arguments: str, code: int = 0) -> int:
    """Run the command line in a process of its own; give its exit code.

    Raises:
        SystemExit: It ended with another code.
    """
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, DATA_VARIABLE: str(root.path)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != code:
        said = (done.stdout + done.stderr)[-2000:]
        raise SystemExit(f"uitstroom {' '.join(arguments)} ended with {done.returncode}: {said}")
    return done.returncode
