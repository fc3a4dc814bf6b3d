"""The workbook: every table of the document on a sheet of its own, with what it takes to read it.

Belongs here: the sheets, their order, names and forms. Does not belong here: a table's content
(`reports.sections`), the columns of the marts (`models.marts`).
"""

import datetime
import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports import theme
from reports.blocks import Column, Form, Table
from reports.document import Document, write_cell
from reports.export.deck_template import last_moment
from reports.export.deck_text import plain
from reports.export.pictures import Pictures
from reports.export.workbook_tables import Listed, list_tables, more_tables, sheet_names
from reports.labels import Labels
from reports.numbers import BELOW, is_few

FILE = "cijfers.xlsx"
DECIMALS = 6
"""Decimals of a number in the workbook, as in the CSV files."""

_LONGEST = 32_767
_CUT = "…"
_CORE = "docProps/core.xml"
_WIDEST, _NARROWEST = 60, 9
_TEXT_WIDTH = 110
_LINE, _HIGHEST = 15.0, 400.0
_FILLED = 1.0
_A4 = 9
_FORMATS = {
    Form.WHOLE: "[$-413]#,##0",
    Form.ROUNDED: "[$-413]#,##0",
    Form.TENTH: "[$-413]#,##0.0",
    Form.HUNDREDTH: "[$-413]#,##0.00",
    Form.SHARE: "0%",
    Form.PERCENT_TENTH: "[$-413]0.0%",
    Form.PERCENT_HUNDREDTH: "[$-413]0.00%",
    Form.EURO: "[$-413]€ #,##0",
    Form.SIGNED: "[$-413]+#,##0;-#,##0;0",
    Form.YEAR: "0",
    Form.MONTH: "[$-413]mmmm yyyy",
    Form.DAY: "[$-413]d mmmm yyyy",
}
"""Number formats by form, for a Dutch reader."""
_DUTCH = "$-413"
_LOCALES = {"nl": _DUTCH, "en": "$-809"}
"""Code by which a number format names a language (British English for English)."""


def write_workbook(document: Document, pictures: Pictures, folder: Path) -> list[Path]:
    """Write the workbook of a document; the same document gives the same bytes.

    Args:
        document: The release in words, charts and tables.
        pictures: Not needed: a workbook holds tables.
        folder: Where the file is written.
    """
    del pictures
    words = document.words
    listed = [
        *list_tables(document.sections, words.text("source_line.model", month=document.month)),
        *more_tables(document),
    ]
    names = sheet_names(listed, words)
    file = folder / FILE
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties(
            {
                "title": words.text("page.title", region=document.region, month=document.month),
                "author": words.text("deck.author"),
                "created": last_moment(document.facts.as_of),
            }
        )
        styles = _Styles(book, words.language)
        _read_me(book, document, styles)
        _contents(book, list(zip(listed, names, strict=True)), styles, words)
        for one, name in zip(listed, names, strict=True):
            is_rounded = any(column.form is Form.ROUNDED for column in one.table.columns)
            below = (document.rounding if is_rounded else "", document.band)
            _sheet(book, one, name, styles, words, below)
    file.write_bytes(_in_language(file.read_bytes(), words.text("html_lang")))
    return [file]


def _in_language(content: bytes, language: str) -> bytes:
    """Let a workbook say in which language it is, which its writer cannot; its parts stay as is."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            part = old.read(item)
            if item.filename == _CORE:
                said = f"<dc:language>{escape(language)}</dc:language></cp:coreProperties>"
                part = part.replace(b"</cp:coreProperties>", said.encode())
            new.writestr(item, part)
    return out.getvalue()


class _Styles:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook, language: str) -> None:
        self._book, self._locale = book, _LOCALES.get(language, _DUTCH)
        self._made: dict[tuple[Form, bool, bool], Format] = {}
        base_style = {"font_name": theme.FONT_NAME, "font_size": 11, "font_color": theme.INK}
        self._base = base_style
        self.title = book.add_format({**base_style, "bold": True, "font_size": 16})
        self.finding = book.add_format({**base_style, "bold": True, "font_size": 14})
        self.strong = book.add_format({**base_style, "bold": True})
        self.quiet = book.add_format({**base_style, "font_color": theme.QUIET})
        self.plain = book.add_format({**base_style, "text_wrap": True, "valign": "top"})
        self.link = book.add_format(
            {**base_style, "font_color": theme.DEMAND, "underline": 1, "valign": "top"}
        )
        head = {**base_style, "bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}
        self.head = book.add_format(head)
        self.head_right = book.add_format({**head, "align": "right"})

    def cell(self, form: Form, *, is_number: bool, is_total: bool) -> Format:
        """Give the format of a cell."""
        key = (form, is_number, is_total)
        if key not in self._made:
            style: dict[str, Any] = {**self._base, "valign": "top"}
            if is_number and form in _FORMATS:
                style["num_format"] = _FORMATS[form].replace(_DUTCH, self._locale)
            if form.is_number:
                style["align"] = "right"
            elif form in _FORMATS:
                style["align"] = "left"
            else:
                style["text_wrap"] = True
            if is_total:
                style |= {"bold": True, "top": 1}
            self._made[key] = self._book.add_format(style)
        return self._made[key]


def _read_me(book: xlsxwriter.Workbook, document: Document, styles: _Styles) -> None:
    """Write the first sheet: what this is, of when, how far it can be trusted."""
    words, front = document.words, document.front
    sheet = book.add_worksheet(words.text("workbook.read_me"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _TEXT_WIDTH)
    until = words.text(
        "deck.until",
        month=document.month,
        period=document.period,
        scenario=document.facts.run["scenario_label"],
    )
    title = words.text("page.title", region=document.region, month=document.month)
    rows: list[tuple[str, Format]] = [
        (title, styles.title),
        (words.text("page.heading", persons=document.persons), styles.finding),
        (until, styles.plain),
        *((text, styles.strong) for text in document.banners),
        ("", styles.plain),
        (
            words.text("deck.headline", headline=front.headline, label=front.headline_label),
            styles.finding,
        ),
        (front.range_sentence, styles.plain),
        (front.definition, styles.plain),
        ("", styles.plain),
        (words.text("workbook.how"), styles.strong),
        *((text, styles.plain) for text in words.under("workbook.reading")),
        ("", styles.plain),
        (words.text("workbook.terms"), styles.strong),
        *((text, styles.plain) for text in words.under("method.paragraphs")),
        ("", styles.plain),
        (words.text("footer.heading"), styles.strong),
        *((text, styles.plain) for text in document.footer[:-1]),
    ]
    for label, names in (("missing", document.missing), ("withheld", document.withheld)):
        if names:
            rows.append((words.text(f"page.{label}_list", names=names), styles.plain))
    for row, (text, style) in enumerate(rows):
        _write_text(sheet, row, 0, text, style)
        big = style in (styles.title, styles.finding)
        _set_height(sheet, row, [(text, _TEXT_WIDTH / (1.4 if big else 1))], 22 if big else _LINE)
    _on_paper(sheet)


def _contents(
    book: xlsxwriter.Workbook,
    named: Sequence[tuple[Listed, str]],
    styles: _Styles,
    words: Labels,
) -> None:
    """Write the list of sheets, with a way to each."""
    sheet = book.add_worksheet(words.text("workbook.contents"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 44)
    sheet.set_column(2, 2, _TEXT_WIDTH)
    for place, head in enumerate(("sheet", "part", "holds")):
        sheet.write_string(0, place, words.text(f"workbook.column.{head}"), styles.head)
    for row, (one, name) in enumerate(named, start=1):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", styles.link, name)
        _write_text(sheet, row, 1, one.heading, styles.plain)
        _write_text(sheet, row, 2, one.title, styles.plain)
        _set_height(sheet, row, [(one.heading, 44), (one.title, _TEXT_WIDTH)])
    sheet.freeze_panes(1, 0)
    _on_paper(sheet)


def _sheet(
    book: xlsxwriter.Workbook,
    one: Listed,
    name: str,
    styles: _Styles,
    words: Labels,
    below: tuple[str, ...],
) -> None:
    """Write a table on a sheet of its own, under its words and for whom it is."""
    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    top = 0
    above = [(one.title, styles.finding), (one.unit, styles.quiet)]
    if one.source:
        above.append((words.text("page.source", source=one.source), styles.quiet))
    above += [(note, styles.quiet) for note in (*one.notes, *below)]
    for text, style in above:
        if text:
            _write_text(sheet, top, 0, text, style)
            top += 1
    back = words.text("workbook.contents")
    sheet.write_url(top, 0, f"internal:'{back}'!A1", styles.link, words.text("workbook.back"))
    head = top + 2
    table = one.table
    first_total = table.frame.height - table.total_rows
    widths = [_width(table, column, words) for column in table.columns]
    for place, (column, wide) in enumerate(zip(table.columns, widths, strict=True)):
        style = styles.head_right if column.form.is_number else styles.head
        _write_text(sheet, head, place, column.head, style)
        sheet.set_column(place, place, wide)
    heads = [column.head for column in table.columns]
    _set_height(sheet, head, zip(heads, widths, strict=True))
    for row, values in enumerate(table.shown.iter_rows()):
        texts = [
            (write_cell(value, column, words), wide)
            for value, column, wide in zip(values, table.columns, widths, strict=True)
            if not column.form.is_number
        ]
        _set_height(sheet, head + 1 + row, texts)
        for place, (value, column) in enumerate(zip(values, table.columns, strict=True)):
            _write_value(
                sheet, head + 1 + row, place, value, column, styles, is_total=row >= first_total
            )
    last = head + max(first_total, 1)
    if table.columns:
        sheet.autofilter(head, 0, last, len(table.columns) - 1)
    sheet.freeze_panes(head + 1, 1 if len(table.columns) > 2 else 0)
    _on_paper(sheet)
    sheet.repeat_rows(head)


def _on_paper(sheet: Worksheet) -> None:
    """Print a sheet across one page (A4, lying)."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)


def _set_height(
    sheet: Worksheet, row: int, texts: Iterable[tuple[str, float]], line: float = _LINE
) -> None:
    """Make a row as high as its longest text needs in so many characters a line."""
    lines = 1
    for text, wide in texts:
        room = max(wide * _FILLED, 1.0)
        lines = max(lines, sum(math.ceil(max(len(one), 1) / room) for one in text.split("\n")))
    if lines > 1 or line != _LINE:
        sheet.set_row(row, min(lines * line, _HIGHEST))


def _write_value(
    sheet: Worksheet,
    row: int,
    place: int,
    value: Any,
    column: Column,
    styles: _Styles,
    *,
    is_total: bool,
) -> None:
    """Write a cell: a number as a number, a day as a day, the rest as text."""
    found = cell_value(value, column)
    is_text = isinstance(found, str)
    style = styles.cell(column.form, is_number=not is_text, is_total=is_total)
    if isinstance(found, str):
        _write_text(sheet, row, place, found, style)
    elif isinstance(found, datetime.date):
        sheet.write_datetime(row, place, found, style)
    else:
        sheet.write_number(row, place, found, style)


def cell_value(value: Any, column: Column) -> str | float | datetime.date:
    """Give what a cell holds: a number, a day, or a text; of what is missing, its word."""
    if value is None:
        return column.missing
    if column.form is Form.ROUNDED and is_few(value):
        return BELOW
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if column.form in {Form.MONTH, Form.DAY}:
        whole = f"{value}-01" if column.form is Form.MONTH else str(value)
        try:
            return datetime.date.fromisoformat(whole)
        except ValueError:
            return str(value)
    return str(value)


def _write_text(sheet: Worksheet, row: int, place: int, text: str, style: Format) -> None:
    """Write a text as it is; what a cell cannot carry or hold is replaced or cut, and seen."""
    text = plain(text)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - len(_CUT)] + _CUT
    if text:
        sheet.write_string(row, place, text, style)
    else:
        sheet.write_blank(row, place, None, style)


def _width(table: Table, column: Column, words: Labels) -> float:
    """Give the width of a column in characters, from its words and its head."""
    cells = [len(write_cell(value, column, words)) for value in table.frame[column.key]]
    longest_word = max(len(word) for word in [*column.head.split(), ""])
    wanted = max([longest_word + 3, len(column.head) // 2, *cells]) + 2
    return float(min(max(wanted, _NARROWEST), _WIDEST))
