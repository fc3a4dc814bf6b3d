"""A process that renders releases and may open nothing of a region but its releases.

`python -m tests.invented.rendering ROOT REGION TARGET` renders every release of the region in all
formats into TARGET, by class. Whoever opens a file below ROOT that is not in a release is stopped.
With `--peek` as a last word it tries just that. Belongs here: that process, and a root for it. Does
not belong here: a test.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import polars as pl

from models.tables import shape_table
from pipelines.classes import CONCEPT
from pipelines.editions import EditionDraft, open_draft, publish_edition
from pipelines.paths import DataRoot
from pipelines.private import open_private, write_private
from pipelines.protecting import Protection
from pipelines.release import make_releases
from pipelines.sources.keys import read_example_key
from pipelines.storage import sha256_of, write_file

REGION = "duinstreek"
_FACTS: dict[str, Any] = {
    "region_id": REGION,
    "as_of": "2026-10",
    "default_scenario": "baseline",
    "scenarios": ["baseline", "faster-closing"],
    "synthetic": True,
}


def build_edition(root: DataRoot, frames: dict[str, pl.DataFrame], edition_id: str) -> Path:
    """Store an edition of frames."""
    draft: EditionDraft = open_draft(root.editions(REGION))
    for name, frame in frames.items():
        draft.put(name, frame)
    return publish_edition(draft, edition_id, _FACTS, move_current=True)


def protect(root: DataRoot, edition: Path) -> dict[str, Path]:
    """Make the releases of an edition."""
    private = open_private(root.private(REGION))
    protection = Protection(REGION, read_example_key(), private)
    return make_releases(edition, root.releases(REGION), protection, move_current=True)


def leave_open(root: DataRoot, frames: dict[str, pl.DataFrame], name: str) -> Path:
    """Write a release as it would be without protection."""
    folder = root.releases(REGION) / name
    folder.mkdir(parents=True)
    tables = {}
    for table, frame in frames.items():
        shape_table(table, frame).write_parquet(folder / f"{table}.parquet")
        content = (folder / f"{table}.parquet").read_bytes()
        tables[table] = {"rows": frame.height, "sha256": sha256_of(content)}
    told = {"release_id": name, "edition_id": "0" * 16, "class": CONCEPT, "protected": False}
    write_file(folder / "manifest.json", json.dumps({**_FACTS, **told, "tables": tables}).encode())
    return folder


def store_core(root: DataRoot, rows: int) -> Path:
    """Leave rows about clients where a run leaves them."""
    private = open_private(root.private(REGION))
    clients = pl.DataFrame({"client_id": [f"C{number}" for number in range(rows)]})
    write_private(private, {"core_stay__as_of": clients}, layer="core")
    return private / "core_stay__as_of.parquet"


def copy_releases(source: DataRoot, target: DataRoot) -> None:
    """Give another root the same releases."""
    shutil.copytree(source.releases(REGION), target.releases(REGION), symlinks=True)


def forbid_all_but(releases: Path, root: Path, target: Path) -> None:
    """Stop this process where it opens a file below the root that is in no release."""

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], str | bytes | Path):
            return
        raw = arguments[0]
        path = Path(raw.decode() if isinstance(raw, bytes) else raw).absolute()
        inside = path.is_relative_to(root)
        if inside and not path.is_relative_to(releases) and not path.is_relative_to(target):
            raise PermissionError(f"a renderer opens {path}")

    sys.addaudithook(watch)


def main(root: DataRoot, region_id: str, target: Path, *, peek: bool) -> None:
    """Render every release of a region."""
    from pipelines.render import one_browser, report_builder

    releases = root.releases(region_id)
    core = root.private(region_id) / "core_stay__as_of.parquet"
    forbid_all_but(releases, root.path, target)
    if peek:
        core.read_bytes()
    with one_browser():
        for release in sorted(path for path in releases.iterdir() if not path.is_symlink()):
            told = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
            folder = target / told["class"]
            folder.mkdir(parents=True)
            report_builder(release)(folder)


if __name__ == "__main__":
    main(DataRoot(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]), peek=sys.argv[-1] == "--peek")
