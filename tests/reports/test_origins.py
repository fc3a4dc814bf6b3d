"""Every number in a table of the page leads back to the cell that it came from, and is that cell.

So do the numbers of its sentences and titles, where they were read from a cell. The walk knows
nothing of the sections: it reads the release's own files, and the CSV files beside the page for
what a section has worked out.
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
from reports.told import Made

pytestmark = pytest.mark.unit

OUTER = ("region_id", "scenario_id")
ENDS = "p10 p90"
LEAST_SAID, LEAST_TITLES = 12, 15
"""Least numbers with a cell in the sentences of the first screen and the sections, and least charts
whose title has some."""
LEAST_TRACED = 0.5
"""Least share of the numbers that must lead to a table of the release itself."""


@dataclass
class Cell:
    """A number on the page, where it says that it came from, and the table that it stands in.

    `is_said` tells a number of a sentence from one of a table.
    """

    table: str
    row: str
    column: str
    place: str
    is_said: bool
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
                given["data-table"],
                given["data-row"],
                given["data-column"],
                self._place,
                tag == "span",
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

    def is_right(self, cell: Cell) -> bool:
        """Say whether a number on the page is what the cell holds that it names."""
        text = cell.text.strip()
        return text in self.sayings(cell) if cell.is_said else text == self.expected(cell)

    def sayings(self, cell: Cell) -> set[str]:
        """Give the ways in which a sentence may write the cell that it names."""
        numbers = self._document.words.numbers
        rows = self._rows(cell)
        value = sum(row[cell.column] for row in rows) if len(rows) > 1 else rows[0][cell.column]
        if isinstance(value, str):
            return {value, numbers.month(value)}
        found = re.fullmatch(r"(.*?)(mean|p10|p90|lo80|hi80)", cell.column)
        ends = ("lo80", "hi80") if found and f"{found[1]}lo80" in rows[0] else ("p10", "p90")
        if found and f"{found[1]}{ends[0]}" in rows[0]:
            whole = Estimate(*(rows[0][f"{found[1]}{name}"] for name in ("mean", *ends)))
            if whole.low < whole.high and whole.high > 1:
                return {numbers.whole(value, whole.step), numbers.signed(value, whole.step)}
        said = {numbers.decimal(value), numbers.signed(value), str(value)}
        said |= {numbers.whole(value, step) for step in (1, 5, 10, 50, 100, 500)}
        for digits in range(1, 7):
            said.add(numbers.decimal(value, digits, fixed=True))
            said.add(f"+{numbers.decimal(value, digits, fixed=True)}")
            share = numbers.decimal(100 * value, digits, fixed=True)
            said.add(self._document.words.text("explained.percent", value=share))
        return said | {numbers.share(value), numbers.share(value, 1)}

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
        named = cell.row.split("/")
        return [
            row
            for name, row in rows.items()
            if all(one in ("*", two) for one, two in zip(named, name.split("/"), strict=True))
        ]

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
        if not source.is_right(cell)
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


def test_sentences_and_titles_name_the_cells_of_their_numbers(page: str) -> None:
    said = [cell for cell in Walk(page).cells if cell.is_said]
    assert {cell.table.partition("_")[0] for cell in said} == {"mart"}
    front, titles = [cell for cell in said if not cell.place], [cell for cell in said if cell.place]
    assert len(front) >= LEAST_SAID
    assert len({cell.place for cell in titles}) >= LEAST_TITLES
    headline = re.search(r'<span class="big">[^<]*<span data-table="([^"]*)"', page)
    assert headline is not None
    assert headline[1] == "mart_demand__ten_year"


def test_every_number_of_an_explanation_is_the_cell_that_it_names(
    report: ReportFiles, source: Source
) -> None:
    pages = [file for file in report.files if file.parent.name == "uitleg"]
    assert pages
    for file in pages:
        text = file.read_text(encoding="utf-8")
        cells = Walk(text).cells
        assert wrong(text, source) == []
        assert {cell.table for cell in cells} == {
            "mart_quota__explanation",
            "mart_quota__home",
            "mart_quota__key",
            "mart_run",
        }
        assert {"total", "exact", "claim", "quota"} <= {cell.column for cell in cells}
        last = next(cell for cell in reversed(cells) if cell.column == "quota")
        piece = (
            f'<span data-table="{last.table}" data-row="{last.row}" data-column="{last.column}">'
        )
        assert wrong(f"{piece}{last.text}1</span>", source)


def test_no_cell_of_a_table_is_named_twice(page: str) -> None:
    named = Counter(
        (cell.place, cell.table, cell.row, cell.column)
        for cell in Walk(page).cells
        if cell.place and not cell.is_said
    )
    twice = [name for name, count in named.items() if count > 1 and not name[1].startswith("mart_")]
    assert twice == []


def test_one_changed_digit_is_found_wherever_it_stands(page: str, source: Source) -> None:
    places = [found for found in re.finditer(r'data-column="[^"]*">([^<]*\d)[^<\d]*<', page)]
    assert len(places) > 3000
    said = [
        found
        for found in places
        if page.rfind("<span", 0, found.start()) > page.rfind("<t", 0, found.start())
    ]
    for found in [*places[:: len(places) // 60], *said]:
        end = found.end(1)
        digit = "1" if page[end - 1] != "1" else "2"
        start = page.rindex("<", 0, page.rindex(" data-table", 0, end))
        tag = re.match(r"<\w+", page[start:])
        assert tag is not None
        piece = f"{page[start : end - 1]}{digit}</{tag[0][1:]}>"
        head = re.findall(r'<(?:figure|div) [^>]*id="(?:chart|table)-[^"]+"|<section', page[:end])
        place = f"{head[-1]}>" if head else ""
        assert len(wrong(f"{place}{piece}", source)) == 1, piece


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


def test_an_estimate_in_a_sentence_is_named_only_where_mean_and_range_stand_in_one_row(
    document: Document,
) -> None:
    origins, numbers = Origins(document), document.words.numbers
    tables = ("mart_demand__ten_year", "mart_demand__yearly_region")
    path = document.release.path / f"{tables[0]}.parquet"
    row = pl.read_parquet(path).filter(pl.col("p10") < pl.col("p90")).row(0, named=True)
    whole = Estimate(row["mean"], row["p10"], row["p90"])

    def named(estimate: Estimate, *among: str) -> list[str]:
        pieces = origins.of_text(among, numbers.about(estimate) + " " + numbers.span(estimate))
        assert not any(isinstance(source, Made) for _, source in pieces)
        return [f"{cell.table} {cell.column}" for _, cell in pieces if cell]

    pieces = origins.of_text(tables, numbers.value(whole.scaled(1 / 10)))
    assert [source.how for _, source in pieces if isinstance(source, Made)] == ["per_year"]
    assert named(whole, *tables) == [f"{tables[0]} {name}" for name in ("mean", "p10", "p90")]
    assert named(whole, tables[1]) == []
    for changed in (
        Estimate(whole.mean + 0.5, whole.low, whole.high),
        Estimate(whole.mean, whole.low - 1, whole.high),
        whole.scaled(0.2),
        Estimate(whole.mean, whole.mean, whole.mean),
    ):
        assert named(changed, *tables) == []
