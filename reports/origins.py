"""Where a number on the page came from: its table, row and column.

Belongs here: naming, for every number in a table of the report, the cell of the release that it was
read from, or else its own cell in the CSV file beside the page; and for the numbers of a sentence
the cell of the release. Does not belong here: how a number is written (`document`), texts that
remember their numbers (`told`), the figures of the small pages (`figures`).

A cell of the release is named only where its key stands in the same row and its value is the same;
of an estimate in a sentence, where mean and both ends of its range are. So a name can be missing
but never wrong. A number that a sentence has worked out (a difference, a tenth)
names the cells that it was worked out from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from models.tables import MARTS
from reports.blocks import Table
from reports.document import Document
from reports.figures import row_key
from reports.numbers import Estimate
from reports.sections import SECTIONS, base
from reports.told import End, Made, Origin, pieces_of

_OUTER_KEYS = ("region_id", "scenario_id")
TEN_YEARS = "mart_demand__ten_year"
_YEARS = 10
_ENDS = (
    {"mean": "mean", "low": "p10", "high": "p90"},
    {"mean": "mean", "low": "lo80", "high": "hi80"},
)
"""How columns are named that hold a mean and its range, behind what they have in common."""


class Origins:
    """Finds the origins of the numbers in a document's tables.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[str, _Mart] = {}
        self._estimates: dict[tuple[str, ...], dict[Estimate, _Found]] = {}

    def of_text(
        self, tables: Sequence[str], text: str
    ) -> tuple[tuple[str, Origin | Made | None], ...]:
        """Take a sentence apart, its numbers with the cells that they were read from.

        Args:
            tables: Tables of the release that the sentence may have been made from.
            text: The sentence.

        Returns:
            Each piece with its cell, with the cells that it was worked out from, or with None.
        """
        return tuple(
            (piece, self._of_end(tuple(tables), source) if isinstance(source, End) else source)
            for piece, source in pieces_of(text)
        )

    def _of_end(self, tables: tuple[str, ...], end: End) -> Origin | Made | None:
        if tables not in self._estimates:
            found: dict[Estimate, _Found] = {}
            for name in tables:
                for estimate, row in self._mart(name).estimates():
                    found.setdefault(estimate, row)
            for estimate, row in tuple(found.items()):
                if row.table == TEN_YEARS:
                    yearly = replace(row, is_per_year=True)
                    found.setdefault(estimate.scaled(1 / _YEARS), yearly)
            self._estimates[tables] = found
        there = self._estimates[tables].get(end.estimate)
        if there is None:
            return None
        cell = Origin(there.table, there.row, there.columns[end.name])
        return Made("per_year", (cell,)) if there.is_per_year else cell

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
class _Found:
    """A row that holds an estimate, or ten years of it: its key, columns of mean, low and high."""

    table: str
    row: str
    columns: Mapping[str, str]
    is_per_year: bool = False


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

    def estimates(self) -> Iterator[tuple[Estimate, _Found]]:
        """Give every estimate that has a range, with the row that it stands in."""
        there = set(self.frame.columns)
        for column in self.frame.columns:
            start = column.removesuffix("mean")
            sets = ({end: f"{start}{name}" for end, name in ends.items()} for ends in _ENDS)
            for columns in sets:
                if column.endswith("mean") and there.issuperset(columns.values()):
                    yield from self._estimates_in(columns)

    def _estimates_in(self, columns: Mapping[str, str]) -> Iterator[tuple[Estimate, _Found]]:
        for row in self.frame.iter_rows(named=True):
            mean, low, high = (row[columns[end]] for end in ("mean", "low", "high"))
            if None not in (mean, low, high) and low < high:
                found = _Found(self.name, row_key(self.name, row), columns)
                yield Estimate(mean, low, high), found
