"""Editions: all tables of one run of a region, made visible together or not at all.

Belongs here: the draft in which a run writes its tables, its publication under the edition's id,
the pointer `current`, the pruning of old ones. Does not belong here: what is in the tables
(`marts`, `models`), releases (`release`).

A killed or failed run leaves at most a hidden folder, which the next run of the region removes.
All functions that write are called under the region's lock.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import UitstroomError
from models.tables import MARTS, shape_table
from pipelines.faults import fault_point
from pipelines.marks import unmarked
from pipelines.paths import EDITION_ID, current_folder
from pipelines.storage import (
    digest_folder,
    make_folder,
    parquet_bytes,
    publish_folder,
    remove_folder,
    remove_leftovers,
    replace_file,
    sha256_of,
    switch_pointer,
    write_file,
)

MANIFEST = "manifest.json"
LEDGER = "ledger.json"
KEPT_EDITIONS = 12
"""Editions of a region that are kept, the newest by number; released ones stay beyond it."""

_DRAFT = ".draft"


@dataclass
class EditionDraft:
    """The tables of a run that is not finished, in a hidden folder beside the editions.

    Attributes:
        folder: The hidden folder.
        tables: Rows and SHA-256 of every table that it holds.
    """

    folder: Path
    tables: dict[str, dict[str, int | str]] = field(default_factory=dict)

    def put(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Bring a table into its declared shape, check it, and only then write it.

        Returns:
            The table as it was written.

        Raises:
            UitstroomError: The table does not meet its declaration; nothing is written.
        """
        shaped = shape_table(name, frame)
        content = parquet_bytes(shaped)
        write_file(self.folder / f"{name}.parquet", content)
        self.tables[name] = {"rows": shaped.height, "sha256": sha256_of(content)}
        return shaped

    def read(self, name: str) -> pl.DataFrame:
        """Give a table that this run wrote.

        Raises:
            UitstroomError: It has not been written.
        """
        if name not in self.tables:
            raise UitstroomError(
                "this run has not made the table",
                where=name,
                todo="Run the whole job; its steps only work together.",
            )
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def discard(self) -> None:
        """Remove the draft."""
        remove_folder(self.folder)


def open_draft(editions: Path) -> EditionDraft:
    """Begin a draft beside the editions of a region, without what a killed run left there."""
    make_folder(editions)
    remove_leftovers(editions)
    return EditionDraft(make_folder(editions / _DRAFT))


def publish_edition(
    draft: EditionDraft,
    edition_id: str,
    facts: Mapping[str, Any],
    *,
    move_current: bool,
    released: frozenset[str] = frozenset(),
) -> Path:
    """Make a draft visible as an edition.

    Args:
        draft: The tables; all that are declared must be there.
        edition_id: The id, from `provenance`.
        facts: What the manifest says beside the tables.
        move_current: Whether `current` shall point at it.
        released: Ids of the editions that a release was made of; these are never pruned.

    Returns:
        The folder of the edition.

    Raises:
        UitstroomError: A declared table is missing; or an edition of this id is there with other
            tables, so that the run is not reproducible.
    """
    _check_complete(draft)
    fault_point("K12")
    manifest = {**facts, "edition_id": edition_id, "tables": dict(sorted(draft.tables.items()))}
    write_file(draft.folder / MANIFEST, manifest_bytes(manifest))
    editions = draft.folder.parent
    target = editions / edition_id
    if is_sound(target):
        _check_same(target, draft)
        draft.discard()
    else:
        publish_folder(draft.folder, target)
    fault_point("K13")
    _enter_in_ledger(editions, edition_id)
    if move_current:
        switch_pointer(editions, edition_id)
    fault_point("K14")
    prune_editions(editions, released)
    return target


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Write a manifest: JSON in a fixed order."""
    text = json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of an edition or a release.

    Raises:
        UitstroomError: It is missing or cannot be read.
    """
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UitstroomError("there is no manifest here", where=str(folder)) from error
    except ValueError as error:
        raise UitstroomError("the manifest cannot be read", where=str(file)) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("tables"), dict):
        raise UitstroomError("the manifest is incomplete", where=str(file))
    return manifest


def is_sound(folder: Path) -> bool:
    """Say whether a folder is there and holds exactly what its manifest says."""
    if not folder.is_dir():
        return False
    try:
        tables = read_manifest(folder)["tables"]
    except UitstroomError:
        return False
    wanted = {f"{name}.parquet": entry.get("sha256") for name, entry in tables.items()}
    found = unmarked(digest_folder(folder))
    found.pop(MANIFEST, None)
    return found == wanted


def prune_editions(editions: Path, released: frozenset[str]) -> list[str]:
    """Remove the oldest editions by number beyond `KEPT_EDITIONS`.

    The one that `current` points at and those of `released` stay.

    Returns:
        The ids of those that were removed.
    """
    numbered = _read_ledger(editions)
    current = current_folder(editions)
    kept = set(released) | ({current.name} if current else set())
    oldest = sorted(numbered, key=lambda name: numbered[name])[:-KEPT_EDITIONS]
    removed = [name for name in oldest if name not in kept]
    for name in removed:
        remove_folder(editions / name)
        del numbered[name]
    if removed:
        _write_ledger(editions, numbered)
    return removed


def edition_order(editions: Path) -> list[str]:
    """List the ids of the editions in the order in which they were made."""
    numbered = _read_ledger(editions)
    return sorted(numbered, key=lambda name: numbered[name])


def _check_complete(draft: EditionDraft) -> None:
    missing = [name for name in MARTS if name not in draft.tables]
    if missing:
        raise UitstroomError(
            "the edition is not complete",
            found=f"no {', '.join(missing)}",
            todo="Run the whole job; its steps only work together.",
        )


def _check_same(target: Path, draft: EditionDraft) -> None:
    before, now = unmarked(digest_folder(target)), digest_folder(draft.folder)
    if before == now:
        return
    names = sorted(before.keys() | now.keys())
    differing = [name for name in names if before.get(name) != now.get(name)]
    raise UitstroomError(
        "the run is not reproducible: the same inputs, options and code gave other figures",
        where=f"edition {target.name}",
        found=f"a difference in {', '.join(differing)}",
        expected="the same bytes as before",
        todo="The earlier edition stays as it is; report this as a fault of the product.",
    )


def _enter_in_ledger(editions: Path, edition_id: str) -> None:
    """Give an edition the next number, and one to every edition that a killed run left without."""
    numbered = _read_ledger(editions)
    folders = {path.name for path in editions.iterdir() if EDITION_ID.fullmatch(path.name)}
    fresh = [*sorted(folders - numbered.keys() - {edition_id}), edition_id]
    for name in fresh:
        if name not in numbered:
            numbered[name] = max(numbered.values(), default=0) + 1
    _write_ledger(editions, {name: numbered[name] for name in numbered if name in folders})


def _read_ledger(editions: Path) -> dict[str, int]:
    file = editions / LEDGER
    if not file.is_file():
        return {}
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))["editions"]
        return {str(entry["edition_id"]): int(entry["sequence"]) for entry in entries}
    except (ValueError, KeyError, TypeError):
        return {}


def _write_ledger(editions: Path, numbered: Mapping[str, int]) -> None:
    entries = [
        {"sequence": number, "edition_id": name}
        for name, number in sorted(numbered.items(), key=lambda item: item[1])
    ]
    content = manifest_bytes({"editions": entries})
    file = editions / LEDGER
    if not file.is_file() or file.read_bytes() != content:
        replace_file(file, content)
