"""Where a number on the page came from: its table, row and column.

Belongs here: naming, for every number in a table of the report, the cell of the release that it was
read from, or else its own cell in the CSV file beside the page. Does not belong here: how a number
is written (`document`), figures in sentences (`figures`).

Nothing declares an origin: a cell of the release is named only where its key stands in the same row
and its value is the same, so that a name can be missing but never wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from models.tables import MARTS
from reports.blocks import Table
from reports.document import Document
from reports.figures import row_key
from reports.sections import SECTIONS, base

_OUTER_KEYS = ("region_id", "scenario_id")


@dataclass(frozen=True)
class Origin:
    """A cell.

    Attributes:
        table: Name of a table of the release, or of a CSV file of the report.
        row: Key of the row without region and scenario, or number of the row in the CSV file.
        column: Name of the column; two ends of a range are joined by a space.
    """

    table: str
    row: str
    column: str


class Origins:
    """Finds the origins of the numbers in a document's tables.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[str, _Mart] = {}

    def of_table(
        self, section_id: str, name: str, table: Table
    ) -> tuple[tuple[Origin | None, ...], ...]:
        """Give the origin of every cell that is shown, row by row; None where it is no number.

        Args:
            section_id: The section that the table stands in.
            name: The table's name, which is that of its CSV file.
            table: The table.
        """
        marts = self._marts(section_id, table.frame.columns)
        return tuple(
            tuple(
                self._of_cell(Origin(name, str(place), column.key), row, marts)
                if column.form.is_number and row[column.key] is not None
                else None
                for column in table.columns
            )
            for place, row in enumerate(table.frame.iter_rows(named=True), start=1)
        )

    def _of_cell(self, own: Origin, row: Mapping[str, Any], marts: Iterable["_Mart"]) -> Origin:
        if row.get("scenario_id", self._scenario_id) != self._scenario_id:
            return own
        for mart in marts:
            found = mart.find(row, own.column)
            if found is not None and found[own.column] == row[own.column]:
                return Origin(mart.name, row_key(mart.name, found), own.column)
        return own

    def _marts(self, section_id: str, columns: Iterable[str]) -> list["_Mart"]:
        """Give the marts of a section whose keys stand in a table, the most exact ones first."""
        there = set(columns)
        names = next((item.tables for item in SECTIONS if item.section_id == section_id), ())
        found = [
            mart for mart in map(self._mart, names) if mart.keys and there.issuperset(mart.keys)
        ]
        return sorted(found, key=lambda mart: -len(mart.keys))

    def _mart(self, name: str) -> "_Mart":
        if name not in self._known:
            tables = base.Tables(self._document.release, (name,), self._scenario_id)
            self._known[name] = _Mart(name, tables.frame(name))
        return self._known[name]

    @property
    def _scenario_id(self) -> str:
        return self._document.facts.scenario_id


@dataclass(frozen=True)
class _Mart:
    """A mart, one scenario of it, to be searched by its key."""

    name: str
    frame: pl.DataFrame

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in MARTS[self.name].primary_key() if key not in _OUTER_KEYS)

    @cached_property
    def _rows(self) -> dict[tuple[Any, ...], dict[str, Any]]:
        return {tuple(row[key] for key in self.keys): row for row in self.frame.to_dicts()}

    def find(self, row: Mapping[str, Any], column: str) -> dict[str, Any] | None:
        """Give the mart's row with the same key, None where it has none or no such column."""
        if column in self.keys or column not in self.frame.columns:
            return None
        return self._rows.get(tuple(row[key] for key in self.keys))
