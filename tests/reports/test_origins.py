"""Every number in a table of the page leads back to the cell that it came from, and is that cell.

The walk knows nothing of the sections: it reads the release's own files, and the CSV files beside
the page for what a section has worked out.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.tables import MARTS
from reports.blocks import Column, Form
from reports.build import ReportFiles
from reports.document import Document, read_document, write_cell
from reports.numbers import Estimate
from reports.origins import Origins

pytestmark = pytest.mark.unit

OUTER = ("region_id", "scenario_id")
ENDS = "p10 p90"
LEAST_TRACED = 0.5
"""Least share of the numbers that must lead to a table of the release itself."""


@dataclass
class Cell:
    """A number on the page, where it says that it came from, and the table that it stands in."""

    table: str
    row: str
    column: str
    place: str
    text: str = ""


class Walk(HTMLParser):
    """Collects every number that names its cell, and every number that does not."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[Cell] = []
        self.nameless: list[str] = []
        self._open: Cell | None = None
        self._is_nameless, self._place = False, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: str(value) for key, value in attrs}
        found = re.match(r"(?:chart|table)-(.+)", given.get("id", ""))
        if found and tag in ("figure", "div"):
            self._place = found[1]
        if tag == "section":
            self._place = ""
        if tag not in ("td", "th", "data", "span"):
            return
        if "data-table" in given:
            self._open = Cell(
                given["data-table"], given["data-row"], given["data-column"], self._place
            )
            self.cells.append(self._open)
        elif tag == "td" and "number" in given.get("class", "").split():
            self._is_nameless = True
            self.nameless.append("")

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.text += data
        elif self._is_nameless:
            self.nameless[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "data", "span"):
            self._open, self._is_nameless = None, False


class Source:
    """What the numbers are held against.

    Args:
        document: The document, for the form of a column and the language only.
        charts: The folder of the CSV files.
    """

    def __init__(self, document: Document, charts: Path) -> None:
        self._document, self._charts = document, charts
        self._columns = {
            (name, column.key): column
            for name, table in document.tables
            for column in table.columns
        }
        self._marts: dict[str, dict[str, dict[str, Any]]] = {}
        self._files: dict[str, list[list[str]]] = {}
        self._keys = {
            name: [column.key for column in table.columns] for name, table in document.tables
        }

    def expected(self, cell: Cell) -> str:
        """Write what the cell named holds."""
        numbers = self._document.words.numbers
        if not cell.table.startswith("mart_"):
            return self._from_file(cell)
        rows = self._rows(cell)
        if cell.column in ("mean", ENDS) and not cell.place:
            (row,) = rows
            whole = Estimate(row["mean"], row["p10"], row["p90"])
            return numbers.span(whole) if cell.column == ENDS else numbers.value(whole)
        value = sum(row[cell.column] for row in rows)
        column = self._columns.get((cell.place, cell.column), Column("", "", Form.WHOLE))
        return write_cell(value, column, self._document.words)

    def _rows(self, cell: Cell) -> list[dict[str, Any]]:
        rows = self._mart(cell.table)
        if "*" not in cell.row:
            return [rows[cell.row]]
        start = cell.row.partition("*")[0]
        return [row for name, row in rows.items() if name.startswith(start)]

    def _mart(self, name: str) -> dict[str, dict[str, Any]]:
        if name not in self._marts:
            frame = pl.read_parquet(self._document.release.path / f"{name}.parquet")
            keys = [key for key in MARTS[name].primary_key() if key not in OUTER]
            self._marts[name] = {
                "/".join(str(row[key]) for key in keys) or "region": row
                for row in frame.to_dicts()
                if row.get("scenario_id", "baseline") == "baseline"
            }
        return self._marts[name]

    def _from_file(self, cell: Cell) -> str:
        if cell.table not in self._files:
            text = (self._charts / f"{cell.table}.csv").read_text(encoding="utf-8-sig")
            self._files[cell.table] = list(csv.reader(io.StringIO(text), delimiter=";"))
        written = self._files[cell.table][int(cell.row)][
            self._keys[cell.table].index(cell.column)
        ].removeprefix("'")
        column = self._columns[cell.table, cell.column]
        if column.form is Form.RANGE:
            return written
        return write_cell(float(written.replace(",", ".")), column, self._document.words)


def wrong(page: str, source: Source) -> list[str]:
    """Give every number that is not the cell that it names."""
    return [
        f"{cell.table} {cell.row} {cell.column}: {cell.text}"
        for cell in Walk(page).cells
        if cell.text.strip() != source.expected(cell)
    ]


@pytest.fixture(scope="module")
def document(release_folder: Path) -> Document:
    return read_document(release_folder)


@pytest.fixture(scope="module")
def source(document: Document, report: ReportFiles) -> Source:
    return Source(document, report.charts)


def test_every_number_is_the_cell_that_it_names(page: str, source: Source) -> None:
    cells = Walk(page).cells
    assert wrong(page, source) == []
    assert len(cells) > 3000
    traced = sum(cell.table.startswith("mart_") for cell in cells)
    assert traced / len(cells) > LEAST_TRACED


def test_a_number_that_names_no_cell_is_none(page: str, document: Document) -> None:
    words = {document.words.text("not_agreed"), ""}
    words |= {column.missing for _, table in document.tables for column in table.columns}
    assert set(Walk(page).nameless) <= words


def test_no_cell_of_a_table_is_named_twice(page: str) -> None:
    named = Counter(
        (cell.place, cell.table, cell.row, cell.column) for cell in Walk(page).cells if cell.place
    )
    twice = [name for name, count in named.items() if count > 1 and not name[1].startswith("mart_")]
    assert twice == []


def test_one_changed_digit_is_found_wherever_it_stands(page: str, source: Source) -> None:
    places = [found for found in re.finditer(r'data-column="[^"]*">([^<]*\d)[^<\d]*<', page)]
    assert len(places) > 3000
    for found in places[:: len(places) // 60]:
        end = found.end(1)
        digit = "1" if page[end - 1] != "1" else "2"
        piece = f"<table><tr><td {page[page.rindex(' data-table', 0, end) : end - 1]}{digit}</td>"
        head = re.findall(r'<(?:figure|div) [^>]*id="(?:chart|table)-[^"]+"|<section', page[:end])
        assert len(wrong(f"{head[-1]}>{piece}", source)) == 1, piece


def test_an_origin_is_named_only_where_the_release_says_the_same(document: Document) -> None:
    """A frame with one other value names its own cell there, and the release's cell elsewhere."""
    section = next(item for item in document.sections if item.section_id == "waiting")
    chart = section.charts[1]
    table = chart.picture.table
    rows = Origins(document).of_table("waiting", chart.chart_id, table)
    assert {cell.table for row in rows for cell in row if cell} == {"mart_wait__yearly_region"}
    changed = type(table)(
        table.frame.with_columns(
            pl.when(pl.col("year") == table.frame["year"][0])
            .then(pl.col("offered_mean") + 1)
            .otherwise(pl.col("offered_mean"))
            .alias("offered_mean")
        ),
        table.columns,
    )
    other = Origins(document).of_table("waiting", chart.chart_id, changed)
    differing = [
        (row, column.key)
        for row, (before, after) in enumerate(zip(rows, other, strict=True))
        for column, one, two in zip(table.columns, before, after, strict=True)
        if one != two
    ]
    assert differing == [(0, "offered_mean")]
