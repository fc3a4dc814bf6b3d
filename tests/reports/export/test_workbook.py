"""The workbook: every table cell for cell, numbers as numbers, nothing that acts."""

import datetime
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from models.tables import MARTS
from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.document import Document, section_tables
from reports.export.pictures import Pictures
from reports.export.workbook import write_workbook
from reports.export.workbook_tables import list_tables, sheet_names
from reports.labels import Labels
from reports.sections import assumptions

pytestmark = pytest.mark.unit

HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://evil.example")',
    "http://evil.example",
    "{=1}",
    "_x0041_",
    "<f>1</f>&amp;",
    "\t=1",
    "a\x00b",
    "'=1",
    " spatie ",
)


@pytest.fixture(scope="module")
def file(document: Document, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(document, Pictures(), tmp_path_factory.mktemp("book"))[0]


@pytest.fixture(scope="module")
def book(file: Path) -> Any:
    return openpyxl.load_workbook(file)


def read_table(sheet: Any, table: Table) -> tuple[list[Any], list[list[Any]]]:
    """Give the heads and the cells of the table on a sheet; the head stands on the filter's row."""
    first = int(re.fullmatch(r"[A-Z]+(\d+):.*", sheet.auto_filter.ref)[1])
    rows = sheet.iter_rows(
        min_row=first,
        max_row=first + table.frame.height,
        max_col=len(table.columns),
        values_only=True,
    )
    found = [list(row) for row in rows]
    return found[0], found[1:]


def differences(book: Any, document: Document) -> Iterator[str]:
    """List the cells of the workbook that are not those of the document's tables."""
    listed = list_tables(document.sections, "")
    for one, name in zip(listed, sheet_names(listed, document.words), strict=True):
        heads, rows = read_table(book[name], one.table)
        if heads != [column.head for column in one.table.columns]:
            yield f"{name}: heads"
        shown = one.table.frame.select([column.key for column in one.table.columns])
        for place, (cells, wanted) in enumerate(zip(rows, shown.iter_rows(), strict=True)):
            for cell, value, column in zip(cells, wanted, one.table.columns, strict=True):
                if not _same(cell, value, column):
                    yield f"{name}, row {place}, {column.key}: {cell!r} for {value!r}"


def _same(cell: Any, value: Any, column: Column) -> bool:
    if value is None:
        return (cell or "") == column.missing
    if isinstance(value, float):
        return not isinstance(cell, str) and cell == pytest.approx(value, abs=5e-7)
    if isinstance(cell, datetime.datetime):
        written = f"{cell:%Y-%m-%d}" if column.form is Form.DAY else f"{cell:%Y-%m}"
        return written == value
    if isinstance(value, str):
        return (cell or "") == value
    return type(cell) is int and cell == value


def test_every_table_of_the_document_stands_on_a_sheet_of_its_own(book, document) -> None:
    listed = list_tables(document.sections, "")
    assert [one.table_id for one in listed] == [name for name, _ in document.tables]
    assert list(differences(book, document)) == []


def test_a_changed_digit_is_found(file: Path, document) -> None:
    planted = openpyxl.load_workbook(file)
    listed = list_tables(document.sections, "")
    sheet = planted[sheet_names(listed, document.words)[0]]
    first = int(re.fullmatch(r"[A-Z]+(\d+):.*", sheet.auto_filter.ref)[1])
    sheet.cell(first + 1, 3).value += 1
    assert len(list(differences(planted, document))) == 1


def test_every_sheet_says_its_finding_unit_and_source_above_the_table(book, document) -> None:
    listed = list_tables(document.sections, "bron")
    for one, name in zip(listed, sheet_names(listed, document.words), strict=True):
        sheet = book[name]
        above = [sheet.cell(row, 1).value for row in range(1, 12)]
        assert above[0] == one.title
        for chart in document.charts:
            if chart.chart_id == one.table_id:
                source = document.words.text("page.source", source=chart.source)
                assert {chart.subtitle, source, *chart.notes} <= set(above)
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref


def test_numbers_are_numbers_with_a_format_and_months_are_days(book, document) -> None:
    listed = list_tables(document.sections, "")
    seen: set[str] = set()
    for one, name in zip(listed, sheet_names(listed, document.words), strict=True):
        sheet = book[name]
        first = int(re.fullmatch(r"[A-Z]+(\d+):.*", sheet.auto_filter.ref)[1])
        for place, column in enumerate(one.table.columns, start=1):
            cell = sheet.cell(first + 1, place)
            if isinstance(cell.value, str) or cell.value is None:
                continue
            if column.form is not Form.RANGE and column.form is not Form.TEXT:
                assert cell.number_format != "General", (name, column.key)
                seen.add(column.form)
            if column.form is Form.MONTH:
                assert isinstance(cell.value, datetime.datetime)
    assert {Form.WHOLE, Form.SHARE, Form.MONTH, Form.TENTH, Form.YEAR} <= seen


def test_the_first_sheets_say_what_it_is_and_lead_everywhere(book, document) -> None:
    words = document.words
    first, second = book.worksheets[:2]
    assert first.title == words.text("workbook.read_me")
    said = [row[0] for row in first.iter_rows(max_col=1, values_only=True)]
    for text in (*document.banners, document.front.definition, *document.footer[:4]):
        assert text in said
    assert any(document.region in (text or "") for text in said)
    links = [cell.hyperlink for (cell,) in second.iter_rows(min_row=2, max_col=1)]
    targets = [link.location for link in links]
    assert [target.split("'")[1] for target in targets] == book.sheetnames[2:]
    assert all(link.target is None for link in links)


def test_nothing_in_the_file_acts_or_leads_outside(file: Path) -> None:
    with zipfile.ZipFile(file) as packed:
        names = packed.namelist()
        for name in names:
            content = packed.read(name).decode("utf-8")
            assert not re.search(r"<f[ >]", content)
            assert 'TargetMode="External"' not in content
    assert not [name for name in names if "externalLink" in name or "vba" in name.lower()]


def test_assumptions_stand_as_numbers_with_unit_source_and_confirmation(book, document) -> None:
    words = document.words
    sheet = book[words.text("workbook.sheet.assumptions-numbers")]
    first = int(re.fullmatch(r"[A-Z]+(\d+):.*", sheet.auto_filter.ref)[1])
    rows = list(sheet.iter_rows(min_row=first + 1, values_only=True))
    wanted = document.release.table("mart_parameter").filter(pl.col("scenario_id") == "baseline")
    assert len(rows) == wanted.height > 0
    for found, row in zip(rows, wanted.to_dicts(), strict=True):
        assert found[2:5] == pytest.approx((row["value"], row["low"], row["high"]))
        assert found[5] == words.code("unit", row["unit"])
        assert found[7] == row["source"]
        assert found[8] == words.text(f"yes_no.{'yes' if row['confirmed'] else 'no'}")
    open_ones = assumptions.assumption_finding(wanted, words)
    assert str(sum(found[8] == words.text("yes_no.no") for found in rows)) in open_ones


def test_the_dictionary_holds_every_column_of_every_table(book, document) -> None:
    sheet = book[document.words.text("workbook.sheet.dictionary")]
    first = int(re.fullmatch(r"[A-Z]+(\d+):.*", sheet.auto_filter.ref)[1])
    rows = list(sheet.iter_rows(min_row=first + 1, max_col=6, values_only=True))
    found = {(row[0], row[1]) for row in rows}
    wanted = {
        (name, column)
        for name in document.release.table_names
        for column in MARTS[name].column_names()
    }
    assert found == wanted
    assert all(row[5] for row in rows)


def test_names_of_sheets_are_short_unique_and_harmless(words: Labels) -> None:
    headings = [
        "a[b]:c*d?e/f\\g'h",
        "A B",
        "a b",
        "x" * 80,
        "x" * 80,
        "",
        words.text("workbook.contents"),
    ]
    table = Table(pl.DataFrame({"a": [1]}), (Column("a", "A"),))
    sections = [
        Section(f"s{place}", heading, "", tables=(TitledTable(f"t{place}", "", table),))
        for place, heading in enumerate(headings)
    ]
    names = sheet_names(list_tables(sections, ""), words)
    assert len({name.lower() for name in names}) == len(names) == len(headings)
    assert all(0 < len(name) <= 31 and not set("[]:*?/\\'") & set(name) for name in names)
    assert words.text("workbook.contents") not in names


def test_hostile_texts_stand_as_they_are(document, tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": [*HOSTILE, "x" * 40_000], "n": [1.0] * (len(HOSTILE) + 1)})
    columns = (Column("name", "=2+2"), Column("n", "@getal", Form.WHOLE))
    section = Section(
        "s", "Vreemd", "=3+3", tables=(TitledTable("t", "=4+4", Table(frame, columns), ("=5+5",)),)
    )
    planted = Document(document.release, document.facts, document.words)
    planted.__dict__["sections"] = (section,)
    assert section_tables(planted.sections)
    file = write_workbook(planted, Pictures(), tmp_path)[0]
    sheet = openpyxl.load_workbook(file)["Vreemd"]
    heads, rows = read_table(sheet, Table(frame, columns))
    assert heads == ["=2+2", "@getal"]
    assert [row[0] for row in rows[:-1]] == [text.replace("\x00", "\ufffd") for text in HOSTILE]
    assert rows[-1][0].endswith("x…") and len(rows[-1][0]) == 32_767
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    test_nothing_in_the_file_acts_or_leads_outside(file)
