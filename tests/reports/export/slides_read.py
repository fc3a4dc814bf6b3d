"""Reading slides back: texts, places, charts with their workbooks, numbers that nobody gave.

Belongs here: what the tests of the slides ask of a file. Does not belong here: expectations.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
from lxml import etree
from pptx import Presentation

from reports.blocks import Chart
from reports.document import Document, write_cell
from reports.export import deck_text

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
NUMBER = re.compile(r"\d[\d.,]*\d|\d")
EMU = 914_400
TOUCH = 1_000
"""Overlap (EMU, a thousandth of an inch) that nobody sees."""


@dataclass(frozen=True)
class Drawn:
    """A native chart: its frame on the slide, its XML, the cells of its workbook by column."""

    name: str
    alternative: str
    xml: Any
    cells: list[list[Any]]


def open_deck(file: Path) -> Any:
    return Presentation(str(file))


def shapes(deck: Any) -> Iterator[tuple[int, Any]]:
    for number, slide in enumerate(deck.slides, start=1):
        for shape in slide.shapes:
            yield number, shape


def charts(deck: Any) -> list[Drawn]:
    return _charts_of(deck.part)


@lru_cache(maxsize=2)
def _charts_of(part: Any) -> list[Drawn]:
    found = []
    for _, shape in shapes(part.presentation):
        if not shape.has_chart:
            continue
        drawn = shape.chart.part
        blob = drawn.chart_workbook.xlsx_part.blob
        sheet = openpyxl.load_workbook(io.BytesIO(blob)).worksheets[0]
        cells = [list(column) for column in zip(*sheet.iter_rows(values_only=True), strict=True)]
        marks = shape._element.nvGraphicFramePr.cNvPr
        found.append(
            Drawn(marks.get("name"), marks.get("descr", ""), etree.fromstring(drawn.blob), cells)
        )
    return found


def texts(deck: Any) -> list[str]:
    """List everything that is written on slides: shapes, tables, labels in charts."""
    said = [text for _, shape in shapes(deck) for text in _shape_texts(shape)]
    for chart in charts(deck):
        said += [node.text or "" for node in chart.xml.iter(f"{DRAWING}t")]
    return said


def _shape_texts(shape: Any) -> list[str]:
    if shape.has_text_frame:
        return [shape.text_frame.text]
    if shape.has_table:
        return [cell.text for row in shape.table.rows for cell in row.cells]
    return []


def spoken_numbers(document: Document) -> set[str]:
    """Collect every number that the document says in words and on its first screen."""
    front = document.front
    said = [front.headline, front.range_sentence, front.definition, front.headline_label]
    said += [text for row in front.measures for text in (row.label, row.value, row.span)]
    said += [text for one in front.answers for text in (one.lead, *one.sentences)]
    said += [*document.banners, *document.footer, document.month, document.period, document.region]
    quotas = front.quotas
    rows = [*quotas.rows, *([quotas.total] if quotas.total else [])]
    said += [quotas.heading, quotas.caption, *quotas.notes]
    said += [text for row in rows for text in (row.name, row.at_most, row.owed)]
    said += [document.release.manifest["release_id"], str(document.facts.run["scenario_label"])]
    for section in document.sections:
        said += [section.finding, *section.paragraphs]
        for chart in section.charts:
            if chart.chart_id == "places":
                said += chart.picture.table.frame["target_group"].to_list()
        said += [text for one in section.charts for text in (one.title, one.subtitle, *one.notes)]
    return {number for text in said for number in NUMBER.findall(text)}


def chart_numbers(chart: Chart, document: Document) -> set[str]:
    """Collect every number that a chart says: in the page's picture and in its own table."""
    said = [chart.title, chart.subtitle, *_picture_texts(chart.picture.panels)]
    for column in chart.picture.table.columns:
        cells = chart.picture.table.frame[column.key]
        said += [write_cell(value, column, document.words) for value in cells]
    return {number for text in said for number in NUMBER.findall(text)}


def _picture_texts(panels: Any) -> Iterator[str]:
    for panel in panels:
        for note in panel.figure.layout.annotations:
            yield str(note.text)
        for trace in panel.figure.data:
            for text in trace.hovertext or ():
                yield str(text)


def foreign_numbers(deck: Any, document: Document) -> list[str]:
    """List the numbers on slides that the document does not say there."""
    spoken = spoken_numbers(document)
    before, after = document.words.text("deck.more_rows", count="#").split("#")
    hidden = re.compile(re.escape(before) + r"\d+" + re.escape(after))
    wrong = []
    for number, shape in shapes(deck):
        for text in _shape_texts(shape):
            found = NUMBER.findall(hidden.sub(" ", text))
            wrong += [one for one in found if one not in spoken and one != str(number)]
    known = {chart.chart_id: chart for chart in document.charts}
    for chart in charts(deck):
        chart_id = "places" if chart.name.startswith("places-") else chart.name
        allowed = chart_numbers(known[chart_id], document)
        labels = " ".join(node.text or "" for node in chart.xml.iter(f"{DRAWING}t"))
        wrong += [one for one in NUMBER.findall(labels) if one not in allowed]
    return wrong


def misplaced(deck: Any) -> list[str]:
    """List what leaves its slide, overlaps another thing, or has more text than room."""
    wrong = []
    for number, slide in enumerate(deck.slides, start=1):
        boxes = [
            (shape.name, shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
            for shape in slide.shapes
        ]
        for name, left, top, right, bottom in boxes:
            if left < 0 or top < 0 or right > deck.slide_width or bottom > deck.slide_height:
                wrong.append(f"slide {number}: {name} leaves the slide")
        for one, other in combinations(boxes, 2):
            wide = min(one[3], other[3]) - max(one[1], other[1])
            high = min(one[4], other[4]) - max(one[2], other[2])
            if wide > TOUCH and high > TOUCH:
                wrong.append(f"slide {number}: {one[0]} overlaps {other[0]}")
        for shape in slide.shapes:
            needed, room = _needed(shape)
            if needed > room + 0.02:
                wrong.append(f"slide {number}: {shape.name} needs {needed:.2f}, has {room:.2f} in")
    return wrong


def _needed(shape: Any) -> tuple[float, float]:
    """Give the height that the text of a shape needs and the height that it has (inches)."""
    if shape.has_table:
        table, needed = shape.table, 0.0
        for row in table.rows:
            cells = [
                _height(cell.text_frame, column.width / EMU - 0.12)
                for cell, column in zip(row.cells, table.columns, strict=True)
            ]
            needed += max(*cells, row.height / EMU)
        return needed, shape.height / EMU
    if not shape.has_text_frame:
        return 0.0, 1.0
    inner = 0.2 if shape.name == "band" else 0.0
    return _height(shape.text_frame, shape.width / EMU - inner), shape.height / EMU


def _height(frame: Any, room: float) -> float:
    high = 0.0
    for paragraph in frame.paragraphs:
        if not paragraph.runs:
            continue
        size, bold = paragraph.runs[0].font.size.pt, bool(paragraph.runs[0].font.bold)
        indent = 0.25 if paragraph._p.find(f".//{DRAWING}buChar") is not None else 0.0
        high += deck_text.height(paragraph.text, size, room - indent, bold=bold)
    return high


def referred(chart: Drawn, reference: str) -> list[Any]:
    """Give the cells to which a reference of a chart points."""
    found: list[Any] = []
    for part in reference.strip("()").split(","):
        match = re.fullmatch(r"[^!]+!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?", part)
        assert match, reference
        column = openpyxl.utils.column_index_from_string(match[1]) - 1
        first, last = int(match[2]), int(match[4] or match[2])
        assert match[3] in (None, match[1])
        found += chart.cells[column][first - 1 : last]
    return found
