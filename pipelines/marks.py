"""Marks beside editions and releases that used a source which was retracted later.

Belongs here: finding what used a source, and the file `retracted.json`. Does not belong here: the
decision (`decisions`), how a mark is shown (`reports`).

An edition or a release never changes; the mark lies beside its manifest and is no part of it, so
that what was published stays as it was and yet nobody takes it for good. A release names no hash of
a delivery: what its edition used, it used; editions that were released are never pruned.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import UitstroomError
from pipelines.paths import EDITION_ID, DataRoot
from pipelines.storage import replace_file

MARKS = "retracted.json"
"""Name of the file with the marks; it belongs to no manifest."""

FINAL = "final.json"
"""Name of the file that makes a release final; it belongs to no manifest either."""

_TABLES = ("mart_delivery", "mart_source")
"""The tables that name the hashes of what was used."""


@dataclass(frozen=True, order=True)
class Mark:
    """A source that no longer counts.

    Attributes:
        what: The delivery as "contract/file", or the id of a public source.
        sha256: Its hash.
        by: The office or role that retracted it.
        why: Why.
    """

    what: str
    sha256: str
    by: str
    why: str


def mark_uses(root: DataRoot, region_id: str, mark: Mark) -> tuple[list[Path], list[Path]]:
    """Mark every edition and release of a region that used a source.

    Returns:
        The folders of the editions and of the releases that carry the mark now.
    """
    editions = [path for path in _folders(root.editions(region_id)) if uses(path, mark.sha256)]
    names = {path.name for path in editions}
    releases = [
        path
        for path in _folders(root.releases(region_id))
        if uses(path, mark.sha256) or _edition_of(path) in names
    ]
    for folder in (*editions, *releases):
        _put(folder, mark)
    return editions, releases


def uses(folder: Path, sha256: str) -> bool:
    """Say whether an edition or a release counted a delivery, or used an edition of a source."""
    for name in _TABLES:
        file = folder / f"{name}.parquet"
        if not file.is_file():
            continue
        rows = pl.read_parquet(file).filter(pl.col("sha256") == sha256)
        if "verdict" in rows.columns:
            rows = rows.filter(pl.col("verdict").str.starts_with("accepted"))
        if rows.height:
            return True
    return False


def read_marks(folder: Path) -> list[Mark]:
    """Read the marks of an edition or a release; none where it has none.

    Raises:
        UitstroomError: The file with the marks cannot be read.
    """
    file = folder / MARKS
    if not file.is_file():
        return []
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))["retracted"]
        return sorted(Mark(**one) for one in listed)
    except (ValueError, KeyError, TypeError) as error:
        raise UitstroomError("the marks cannot be read", where=str(file)) from error


def unmarked(digests: Mapping[str, str]) -> dict[str, str]:
    """Leave the marks out of what `digest_folder` gave."""
    return {name: digest for name, digest in digests.items() if name not in {MARKS, FINAL}}


def _edition_of(release: Path) -> str:
    """Give the edition that a release was made of; empty where its manifest does not say so."""
    file = release / "manifest.json"
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["edition_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(
        path
        for path in parent.iterdir()
        if EDITION_ID.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
    )


def _put(folder: Path, mark: Mark) -> None:
    before = read_marks(folder)
    if any(one.sha256 == mark.sha256 for one in before):
        return
    told: dict[str, Any] = {"retracted": [asdict(one) for one in sorted([*before, mark])]}
    text = f"{json.dumps(told, sort_keys=True, indent=1, ensure_ascii=False)}\n"
    replace_file(folder / MARKS, text.encode())
