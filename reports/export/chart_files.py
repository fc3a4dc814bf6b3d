"""The chart package: every chart as SVG and PNG that can stand alone in somebody else's paper.

Belongs here: putting a chart's finding, subtitle, notes, source and band around its pictures, and
writing the files. Does not belong here: drawing (`pictures`), the CSV files beside them, which are
the page's own (`reports.build`).

The text of these files is drawn as shapes, so that it looks the same on a computer without the
font; what a screen reader should say is in the SVG as title and description.
"""

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reports import theme
from reports.blocks import Chart
from reports.document import Document
from reports.export.pdf_font import printable
from reports.export.pictures import COLUMNS, GAP_PX, WIDTH_PX, Pictures, size_px
from reports.export.pictures_svg import typeset

CHARTS_FOLDER = "charts"
MOST_PANELS = 8
"""Panels in one file; a chart with more is split over files that fit on a page."""

PNG_SCALE = 2
_MARGIN_PX = 24
_PX_PER_PT = 4 / 3


def write_chart_files(document: Document, pictures: Pictures, folder: Path) -> list[Path]:
    """Write `charts/<chart id>[-<n>].svg` and `.png` for every chart that has its pictures.

    The same release, language and pictures give the same bytes.

    Returns:
        The files, in reading order.
    """
    charts_folder = folder / CHARTS_FOLDER
    charts_folder.mkdir(parents=True, exist_ok=True)
    files = []
    for chart in document.charts:
        drawn = pictures.of_chart(chart)
        starts = range(0, len(drawn), MOST_PANELS)
        for number, start in enumerate(starts, start=1):
            places = range(start, len(drawn))[:MOST_PANELS]
            view = json.dumps(printable(_view(chart, drawn, places, document)))
            name = chart.chart_id if len(starts) == 1 else f"{chart.chart_id}-{number}"
            for kind in ("svg", "png"):
                file = charts_folder / f"{name}.{kind}"
                file.write_bytes(_svg(view, chart) if kind == "svg" else _png(view))
                files.append(file)
    return files


def _view(
    chart: Chart, drawn: tuple[bytes, ...], places: range, document: Document
) -> dict[str, Any]:
    """Give what the template sets: words as plain texts, pictures as SVG."""
    words, panels = document.words, chart.picture.panels
    return {
        "language": words.language,
        "width": WIDTH_PX,
        "columns": COLUMNS,
        "gap": GAP_PX,
        "look": _look(),
        "band": document.band,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "panels": [
            {
                "label": panels[place].label,
                "svg": drawn[place].decode(),
                "width": size_px(chart, panels[place])[0],
            }
            for place in places
        ],
        "notes": list(chart.notes),
        "origin": [
            words.text("page.source", source=chart.source),
            words.text(
                "pictures.origin",
                region=document.region,
                release=document.release.manifest["release_id"],
            ),
        ],
    }


def _look() -> dict[str, Any]:
    sizes = {name: theme.TYPE_PT[name] * _PX_PER_PT for name in ("small", "body", "lead")}
    return {
        **theme.COLOURS,
        **sizes,
        "font": theme.FONT_NAME,
        "rhythm": theme.RHYTHM_PX,
        "margin": _MARGIN_PX,
    }


def _svg(view: str, chart: Chart) -> bytes:
    made = typeset(_template(), {"chart": view}, "svg").decode()
    start, end, rest = made.partition(">")
    said = f"<title>{escape(chart.title)}</title><desc>{escape(chart.alternative)}</desc>"
    return f'{start} role="img"{end}{said}{rest}'.encode()


def _png(view: str) -> bytes:
    return typeset(_template(), {"chart": view}, "png", ppi=72 * PNG_SCALE)


@cache
def _template() -> str:
    file = resources.files("reports").joinpath("export", "typst", "chart.typ")
    return file.read_text(encoding="utf-8")
