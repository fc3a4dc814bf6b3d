"""From the tables of an edition to the tables of its releases, one rounding for both classes.

Belongs here: the order of the steps, and the private record of what was rounded to what. Does not
belong here: which column is rounded (`classes`), which cell a count is (`protected_counts`), what
follows from figures (`protected_figures`), the rounding itself (`models.protect`), manifests
(`release`).

Both classes take their figures from one rounding: a number that was rounded twice would say more
than either. The record keeps every count with its figure, so that a count that stays keeps its
figure in later releases, and the deliveries that counted, which no release names. It lies closed
beside the rows about clients, one file an edition, and is never overwritten with other figures.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import UitstroomError
from models.protect import Earlier, Row, refuse_group_disclosures, round_jointly
from models.tables import shape_table
from pipelines.classes import CLASSES, FROM_LETTINGS, HARMLESS, METHOD, OPENBAAR, treatment
from pipelines.paths import EDITION_ID
from pipelines.protected_counts import (
    LETTINGS,
    Counts,
    Frames,
    complete_lettings,
    count_cells,
    put_figures,
)
from pipelines.protected_figures import STEPS, Given, Tables
from pipelines.protected_public import PUBLIC_STEPS
from pipelines.storage import PRIVATE_FILE, PRIVATE_FOLDER, make_folder, replace_file
from pipelines.together import put_together, take_apart

PROTECTION = "protection"
"""The folder of records in a region's closed folder."""


@dataclass(frozen=True)
class Protection:
    """What the releases of a region are protected with.

    Attributes:
        region_id: The region.
        key: The secret of the offsets: the same for every release of the region.
        private: The region's closed folder, where the records lie.
        base: What counts are rounded to, 5 or 10: the region's choice.
        carries_lettings: Whether a shortfall of homes let is carried into quotas.
        together: CBS codes of municipalities whose counts are one figure for everybody: the
            region's choice.
    """

    region_id: str
    key: bytes = field(repr=False)
    private: Path
    base: int = 5
    carries_lettings: bool = False
    together: tuple[str, ...] = ()

    @property
    def records(self) -> Path:
        """The folder of the records."""
        return self.private / PROTECTION


@dataclass(frozen=True)
class Protected:
    """The tables of an edition, as they leave.

    Attributes:
        tables: The tables by class and name, shaped as declared.
        dropped: The tables that stay behind, by class.
        moved: Cells whose figure changed though their count did not.
        further: Cells one step further from their count than the next multiple.
    """

    tables: Mapping[str, Mapping[str, pl.DataFrame]]
    dropped: Mapping[str, list[str]]
    moved: tuple[str, ...] = ()
    further: tuple[str, ...] = ()


def protect_edition(
    edition_id: str, frames: Frames, protection: Protection, *, facts: Mapping[str, Any]
) -> Protected:
    """Round the tables of an edition together, and keep what was rounded to what.

    An edition that is on record keeps its figures: the same releases come out again.

    Args:
        edition_id: The edition.
        frames: Its marts, by name.
        protection: What they are protected with.
        facts: What the record says besides, such as the hash of the inputs.

    Raises:
        RefusedError: The rounding is impossible or was not finished; nothing may be published.
        UitstroomError: The record of this edition holds other counts, or cannot be read; or a table
            does not have all municipalities that are published together.
    """
    full = dict(frames)
    if LETTINGS in full:
        full[LETTINGS] = complete_lettings(full)
    full = put_together(full, protection.together)
    counts = count_cells(full)
    figures, moved, further = _rounded(edition_id, counts, protection)
    check_groups(counts, figures, protection.base)
    tables: dict[str, Mapping[str, pl.DataFrame]] = {}
    shaped = _shaper()
    dropped: dict[str, list[str]] = {}
    for release_class in CLASSES:
        given = Given(
            release_class, figures, counts.truths, protection.base, protection.carries_lettings
        )
        put: Tables = put_figures(full, counts, figures, release_class)
        if release_class != OPENBAAR:
            put = take_apart(put, frames, protection.together)
        done = finish(put, given)
        tables[release_class] = {name: shaped(name, frame) for name, frame in done.items()}
        dropped[release_class] = [name for name in full if _is_dropped(name, given)]
    known = {**facts, "deliveries": _deliveries(frames)}
    _record(edition_id, counts, figures, protection, moved, further, known)
    return Protected(tables, dropped, moved, further)


def _shaper() -> Callable[[str, pl.DataFrame], pl.DataFrame]:
    """Give what shapes tables: one that both classes publish as it is, is shaped once."""
    known: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {}

    def shape(name: str, frame: pl.DataFrame) -> pl.DataFrame:
        if name not in known or known[name][0] is not frame:
            known[name] = (frame, shape_table(name, frame))
        return known[name][1]

    return shape


def finish(tables: Tables, given: Given) -> Tables:
    """Make what follows from the figures, empty what is cut, and leave out what is dropped."""
    out = dict(tables)
    for step in (*STEPS, *(PUBLIC_STEPS if given.is_open else ())):
        step(out, given)
    return {name: frame for name, frame in out.items() if not _is_dropped(name, given)}


def _is_dropped(name: str, given: Given) -> bool:
    carried = given.is_open and given.carries_lettings and name in FROM_LETTINGS
    return carried or treatment(name, given.release_class).dropped


def check_groups(counts: Counts, figures: Mapping[str, int], base: int) -> None:
    """Refuse totals of which one category holds all, unless that harms nobody.

    Raises:
        RefusedError: A total divided by something that may harm lies in one category.
    """
    rows = [
        Row(one.total, {part.rsplit("/", 1)[-1]: part for part in one.parts})
        for one, kind in counts.sums.items()
        if kind not in HARMLESS
    ]
    refuse_group_disclosures(rows, figures, base)


def earlier_figures(records: Path, base: int, *, before: str = "") -> dict[str, Earlier]:
    """Give the latest count and figure of every cell that ever left.

    Args:
        records: Folder of the records.
        base: Records of another base say nothing.
        before: An edition whose own record does not count.
    """
    found: dict[str, Earlier] = {}
    for record in _read_all(records):
        if record["base"] == base and record["edition_id"] != before:
            found |= {cell: Earlier(*pair) for cell, pair in record["cells"].items()}
    return found


def read_record(records: Path, edition_id: str) -> dict[str, Any] | None:
    """Give the record of an edition, None where there is none.

    Raises:
        UitstroomError: It cannot be read.
    """
    file = records / f"{edition_id}.json"
    if not file.is_file():
        return None
    try:
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return {**record, "base": int(record["base"]), "cells": dict(record["cells"])}
    except (ValueError, KeyError, TypeError) as error:
        raise UitstroomError("the record of a rounding cannot be read", where=str(file)) from error


def _rounded(
    edition_id: str, counts: Counts, protection: Protection
) -> tuple[Mapping[str, int], tuple[str, ...], tuple[str, ...]]:
    known = read_record(protection.records, edition_id)
    if known is not None:
        truths = {cell: pair[0] for cell, pair in known["cells"].items()}
        if known["base"] != protection.base or truths != counts.truths:
            raise UitstroomError(
                "the record of this edition holds other counts",
                where=f"edition {edition_id}",
                todo="Its releases stay as they are; report this as a fault of the product.",
            )
        figures = {cell: int(pair[1]) for cell, pair in known["cells"].items()}
        return figures, tuple(known["moved"]), tuple(known["further"])
    found = round_jointly(
        counts.truths,
        list(counts.sums),
        key=protection.key,
        region_id=protection.region_id,
        base=protection.base,
        earlier=earlier_figures(protection.records, protection.base),
    )
    return found.figures, found.moved, found.further


def _record(
    edition_id: str,
    counts: Counts,
    figures: Mapping[str, int],
    protection: Protection,
    moved: tuple[str, ...],
    further: tuple[str, ...],
    facts: Mapping[str, Any],
) -> None:
    """Keep what was rounded to what, once."""
    make_folder(protection.private, mode=PRIVATE_FOLDER)
    records = make_folder(protection.records, mode=PRIVATE_FOLDER)
    file = records / f"{edition_id}.json"
    if file.is_file():
        return
    number = max((int(one["number"]) for one in _read_all(records)), default=0) + 1
    content = {
        **facts,
        "number": number,
        "edition_id": edition_id,
        "region_id": protection.region_id,
        "base": protection.base,
        "method": METHOD,
        "moved": list(moved),
        "further": list(further),
        "cells": {cell: [counts.truths[cell], figures[cell]] for cell in sorted(counts.truths)},
    }
    text = f"{json.dumps(content, sort_keys=True, ensure_ascii=False)}\n"
    replace_file(file, text.encode(), mode=PRIVATE_FILE)


def _read_all(records: Path) -> list[dict[str, Any]]:
    """Read all records, the first one first."""
    if not records.is_dir():
        return []
    names = sorted(path.stem for path in records.glob("*.json") if EDITION_ID.fullmatch(path.stem))
    found = [record for name in names if (record := read_record(records, name)) is not None]
    return sorted(found, key=lambda record: int(record["number"]))


def _deliveries(frames: Frames) -> list[dict[str, str]]:
    """List the deliveries that counted, with their hashes."""
    if "mart_delivery" not in frames:
        return []
    counted = frames["mart_delivery"].filter(pl.col("verdict").str.starts_with("accepted"))
    return counted.select("contract", "file", "sha256").to_dicts()
