"""The reader of a release: the only door through which reports see numbers.

Belongs here: reading the manifest and the tables of one release folder and refusing what is not
what the manifest says. Does not belong here: making a release, or reading anything outside it.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import UitstroomError
from models.tables import MARTS, column_order, shape_table
from reports.visible import HIDDEN_PATTERN, visible, visible_values

MANIFEST = "manifest.json"
FINAL = "final.json"
"""The mark of a final release, beside its manifest."""
RETRACTED = "retracted.json"
"""Beside the manifest of a release that used a source which was retracted later."""

_NEEDED = ("region_id", "release_id", "edition_id", "class", "default_scenario", "as_of", "tables")
_REMEMBERED = 512
"""Tables that are kept read: four regions' releases of both classes together hold fewer."""


class Release:
    """One release folder.

    Args:
        path: The folder `data/marts/release/<region>/<id>/`.

    Raises:
        UitstroomError: The folder holds no manifest, or one that cannot be read or is incomplete.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        file = path / MANIFEST
        if not file.is_file():
            raise UitstroomError(
                "this folder holds no release",
                where=str(path),
                expected=f"a file {MANIFEST}",
                todo="Make a release first, or name the folder of one.",
            )
        try:
            manifest = json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, UnicodeDecodeError) as error:
            raise UitstroomError(
                "the manifest cannot be read", where=str(file), found=str(error)
            ) from error
        missing = [key for key in _NEEDED if key not in manifest]
        if missing:
            raise UitstroomError(
                "the manifest is incomplete", where=str(file), found=f"no {', '.join(missing)}"
            )
        self.manifest: dict[str, Any] = visible_values(manifest)
        self._frames: dict[str, pl.DataFrame] = {}

    @property
    def default_scenario(self) -> str:
        """Give the scenario that the report is about."""
        return str(self.manifest["default_scenario"])

    @property
    def is_protected(self) -> bool:
        """Say whether small numbers are protected; a manifest that is silent means no."""
        return bool(self.manifest.get("protected", False))

    @property
    def base(self) -> int:
        """Give what counts were rounded to; 0 where they were not."""
        return int(self.manifest.get("base", 0))

    @property
    def release_class(self) -> str:
        """Give for whom it is: `partijen`, `openbaar`, or `concept` for an old one."""
        return str(self.manifest["class"])

    def rounds(self, table: str, column: str) -> bool:
        """Say whether a column holds counts that were rounded, in some rows at least."""
        return column in self.manifest.get("rounded", {}).get(table, ())

    def is_rounded(self, table: str, row: Mapping[str, Any], column: str) -> bool:
        """Say whether a number was rounded: a count of people, or of homes let.

        Args:
            table: Name of the table.
            row: The row, with the columns that tell observed rows from computed ones.
            column: The column.
        """
        exact = self.manifest.get("exact_rows", {}).get(table, {})
        return self.rounds(table, column) and not any(
            row[name] in values for name, values in exact.items()
        )

    def drops(self, table: str) -> bool:
        """Say whether a table stays behind in releases of this class, whatever it holds."""
        return table in self.manifest.get("dropped", ())

    @property
    def places(self) -> dict[str, str]:
        """Give names of municipalities by code; none in an edition of before they were told."""
        return dict(self.manifest.get("places", {}))

    @property
    def contact(self) -> dict[str, str]:
        """Give the office that may be asked and its mailbox; empty where none is told."""
        return dict(self.manifest.get("contact", {}))

    @property
    def next_edition(self) -> dict[str, str]:
        """Give month and day of the steering group's next edition; empty where none is told."""
        return dict(self.manifest.get("next_edition", {}))

    @property
    def is_final(self) -> bool:
        """Say whether this release was made final; the mark lies beside the manifest."""
        return (self.path / FINAL).is_file()

    @cached_property
    def retracted(self) -> list[dict[str, str]]:
        """List the sources of this release that were retracted later: what, sha256, by, why.

        Raises:
            UitstroomError: The file that says so cannot be read.
        """
        file = self.path / RETRACTED
        if not file.is_file():
            return []
        try:
            found = json.loads(file.read_text(encoding="utf-8"))["retracted"]
            return list(visible_values(found))
        except (ValueError, KeyError, TypeError) as error:
            raise UitstroomError(
                "the marks of this release cannot be read", where=str(file)
            ) from error

    @cached_property
    def table_names(self) -> list[str]:
        """List the tables that this release holds, in reading order."""
        return [name for name in MARTS if name in self.manifest["tables"]]

    def table(self, name: str) -> pl.DataFrame:
        """Give a table; one that the release does not hold is empty, with its declared columns.

        Raises:
            UitstroomError: The table is not declared; its file is missing, is not what the
                manifest says, or does not meet its declaration.
        """
        if name not in MARTS:
            raise UitstroomError(
                "this table is not declared", where=name, todo="Declare it in models/tables.py."
            )
        if name not in self._frames:
            self._frames[name] = self._read(name)
        return self._frames[name]

    def _read(self, name: str) -> pl.DataFrame:
        schema = MARTS[name]
        entry = self.manifest["tables"].get(name)
        if entry is None:
            return schema.create_empty().select(column_order(schema))
        file = self.path / f"{name}.parquet"
        if not file.is_file() or file.is_symlink():
            raise UitstroomError("the manifest names a table whose file is gone", where=str(file))
        content = file.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != entry["sha256"]:
            raise UitstroomError(
                "the file is not the one that was released",
                where=str(file),
                found=f"sha256 {found[:12]}",
                expected=f"sha256 {str(entry['sha256'])[:12]}",
                todo="Make the release again.",
            )
        frame = _frame_of(name, content)
        if frame.height != entry["rows"]:
            raise UitstroomError(
                "the file does not hold the rows that were released",
                where=str(file),
                found=f"{frame.height} rows",
                expected=f"{entry['rows']} rows",
            )
        return frame


@lru_cache(maxsize=_REMEMBERED)
def _frame_of(name: str, content: bytes) -> pl.DataFrame:
    """Read and check a table; every edition of a release reads the same ones."""
    return _with_visible_texts(shape_table(name, pl.read_parquet(io.BytesIO(content))))


def _with_visible_texts(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [column for column in frame.iter_columns() if column.dtype == pl.String]
    return frame.with_columns(
        column.map_elements(visible, return_dtype=pl.String)
        for column in texts
        if column.str.contains(HIDDEN_PATTERN).any()
    )
