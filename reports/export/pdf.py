"""PDFs of a document: the steering group's report and the one-pagers, compiled as PDF/UA-1.

Belongs here: the writers, and compiling a typst file with its data. Does not belong here: what
stands in a PDF (`pdf_views`) and how it looks (`typst/`).

Data reaches typst as JSON through its inputs and is set as values; nothing from data is ever
typst source, and nothing is read from the disk but our own files and the font.
"""

import calendar
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import typst

from models.errors import UitstroomError
from models.months import MONTHS_PER_YEAR, parse_month
from reports import theme
from reports.document import Document
from reports.export import pdf_font, pdf_tables
from reports.export.pdf_pack import Heights, pack
from reports.export.pdf_pages import (
    BOARD_POINTS,
    BOARD_WIDTHS_PT,
    board_view,
    municipal_pdf_view,
    progress_pdf_view,
)
from reports.export.pdf_views import FRONT_SIZES, Report, View
from reports.export.pictures import Pictures
from reports.municipal import FOLDER as MUNICIPAL_FOLDER
from reports.municipal import municipal_views

REPORT = "rapport.pdf"
BOARD = "bestuur.pdf"
PROGRESS = "voortgang.pdf"
STANDARD: Literal["ua-1"] = "ua-1"
_FRONT_PAGE = 2
"""Page on which the answers stand, after the cover."""


def write_report_pdf(document: Document, pictures: Pictures, folder: Path) -> list[Path]:
    """Write the steering group's report.

    Args:
        document: The release as a document.
        pictures: Its pictures; where there are none its tables stand in their place.
        folder: The report's folder, which exists.

    Returns:
        The file.

    Raises:
        UitstroomError: The PDF would not meet PDF/UA-1 (a picture without an alternative text).
    """
    report = Report(document, pictures)
    view = report.view()
    heights = measure_sections(view, report.drawn)
    start = _query("report", view, report.drawn, "start") - pdf_tables.MARGIN_PT
    view["sections"] = pack(view["sections"], heights, start=start)
    bare = {**view, "sections": [], "annex": [], "wide": []}
    usual = dict(view["theme"]["sizes"])
    for sizes in FRONT_SIZES:
        view["theme"]["sizes"] |= sizes
        if find_page("report", bare, {}, "front") <= _FRONT_PAGE:
            break
    else:
        front = view["front"]
        front["after"], front["first"] = front["first"], []
        front["next"] = front["next_page"]
        view["theme"]["sizes"] |= usual
    return [write_pdf(document, "report", view, report.drawn, folder / REPORT)]


def write_board_pdf(document: Document, pictures: Pictures, folder: Path) -> list[Path]:
    """Write the board's page: one number, one chart, this year per municipality, what is open.

    Args and errors as `write_report_pdf`.
    """
    usual, least = FRONT_SIZES[0], BOARD_WIDTHS_PT[-1]
    tries: list[tuple[float, dict[str, float], int | None]] = [
        *((width, usual, None) for width in BOARD_WIDTHS_PT),
        *((width, usual, BOARD_POINTS) for width in BOARD_WIDTHS_PT),
        *((least, sizes, BOARD_POINTS) for sizes in FRONT_SIZES[1:]),
        *((0.0, sizes, BOARD_POINTS) for sizes in FRONT_SIZES),
    ]
    for width, sizes, points in tries:
        view, drawn = board_view(document, pictures, width=width, most_points=points)
        view["theme"]["sizes"] |= sizes
        if find_page("onepage", view, drawn, "pages") == 1:
            break
    return [write_pdf(document, "onepage", view, drawn, folder / BOARD)]


def write_progress_pdf(document: Document, pictures: Pictures, folder: Path) -> list[Path]:
    """Write the month's progress, on one page where that can be; it has no pictures.

    Args and errors as `write_report_pdf`.
    """
    del pictures
    view = progress_pdf_view(document)
    if find_page("onepage", view, {}, "pages") > 1:
        dense = progress_pdf_view(document, dense=True)
        view = dense if find_page("onepage", dense, {}, "pages") == 1 else view
    return [write_pdf(document, "onepage", view, {}, folder / PROGRESS)]


def write_municipal_pdfs(document: Document, pictures: Pictures, folder: Path) -> list[Path]:
    """Write a page for every municipality; it has no pictures.

    Args and errors as `write_report_pdf`.
    """
    del pictures
    return [
        write_pdf(
            document,
            "onepage",
            municipal_pdf_view(document, found),
            {},
            folder / MUNICIPAL_FOLDER / f"{found.slug}.pdf",
        )
        for found in municipal_views(document)
    ]


def write_pdf(
    document: Document, template: str, view: View, drawn: Mapping[str, str], file: Path
) -> Path:
    """Compile a view and write it.

    Raises:
        UitstroomError: The PDF would not meet PDF/UA-1.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(compile_pdf(template, view, drawn, month=document.facts.as_of))
    return file


def compile_pdf(template: str, view: View, drawn: Mapping[str, str], *, month: str) -> bytes:
    """Compile a typst file with its data to a tagged PDF; the same data give the same bytes.

    Args:
        template: Name of the typst file.
        view: What it sets.
        drawn: SVG text by the name that the view gives it.
        month: As-of month, "YYYY-MM"; its last day is the date of the file.

    Raises:
        UitstroomError: The PDF would not meet PDF/UA-1.
    """
    with _source(template) as (file, root):
        try:
            made = typst.compile(
                file,
                root=root,
                font_paths=_fonts(),
                ignore_system_fonts=True,
                sys_inputs=_inputs(view, drawn),
                pdf_standards=STANDARD,
                timestamp=last_day(month),
            )
        except RuntimeError as error:
            raise _refused(template, error) from error
    return bytes(made)


def _refused(template: str, error: RuntimeError) -> UitstroomError:
    return UitstroomError(
        "a PDF could not be made as PDF/UA-1",
        where=f"typst/{template}.typ",
        found=str(error),
        expected="every picture with an alternative text, headings without a gap",
        todo="Mend what is found; the other editions are not touched.",
    )


def measure_sections(view: View, drawn: Mapping[str, str]) -> list[Heights]:
    """Measure how high the parts of the report's sections stand, without writing a PDF."""
    return [
        Heights(found["head"], tuple(found["parts"]))
        for found in _query("measure", view, drawn, "heights")
    ]


def find_page(template: str, view: View, drawn: Mapping[str, str], mark: str) -> int:
    """Give the page number that a mark of a typst file tells, without writing a PDF."""
    return int(_query(template, view, drawn, mark))


def _query(template: str, view: View, drawn: Mapping[str, str], mark: str) -> Any:
    with _source(template) as (file, root):
        try:
            found = typst.query(
                file,
                f"<{mark}>",
                field="value",
                one=True,
                root=root,
                font_paths=_fonts(),
                ignore_system_fonts=True,
                sys_inputs=_inputs(view, drawn),
            )
        except RuntimeError as error:
            raise _refused(template, error) from error
    return json.loads(found)


@contextmanager
def _source(template: str) -> Iterator[tuple[Path, Path]]:
    """Give the path of a typst file and of the folder that typst may read."""
    folder = resources.files("reports.export").joinpath("typst")
    with resources.as_file(folder) as root:
        yield root / f"{template}.typ", root


def _inputs(view: View, drawn: Mapping[str, str]) -> dict[str, str]:
    data = json.dumps(pdf_font.printable(view), ensure_ascii=False, sort_keys=True)
    return {"data": data, **drawn}


def last_day(month: str) -> datetime:
    """Give midnight (UTC) of the last day of a month: the date that every file of it carries."""
    counted = parse_month(month)
    year, number = counted // MONTHS_PER_YEAR, counted % MONTHS_PER_YEAR + 1
    return datetime(year, number, calendar.monthrange(year, number)[1], tzinfo=UTC)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[theme.font_file().parent],
    )
