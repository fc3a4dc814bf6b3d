"""The pages: from a release folder to HTML files that open without a network.

Belongs here: putting summary and sections into the template, and writing the page, the pages of the
explanation beside it, script library, font and CSV files. Does not belong here: what a section
says, or other formats.
"""

import base64
import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2
import plotly
from markupsafe import Markup

from models.errors import UitstroomError
from reports import theme
from reports.blocks import Chart, Column, Form, Panel, Section, Table, TitledTable
from reports.document import Document, read_document, write_cell
from reports.explained import Explanations
from reports.explained_pages import TEMPLATE, render_pages
from reports.labels import Labels
from reports.marked import marked_pieces
from reports.numbers import BELOW, is_few
from reports.origins import Origins
from reports.sections import SECTIONS, provenance, summary
from reports.told import Origin

PAGE = "index.html"
SCRIPT_LIBRARY = "plotly.min.js"
CHARTS_FOLDER = "charts"
_TEMPLATES = "templates"
_DECIMALS = 6
_FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\0",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)
"""First characters of a formula (OWASP ASVS 1.2.10), and their wide forms, which some programs
take for the same."""


@dataclass(frozen=True)
class ReportFiles:
    """Where a report was written.

    Attributes:
        page: The HTML page.
        charts: The folder with a CSV file for every chart and table.
        files: Every file of the report, the page first.
    """

    page: Path
    charts: Path
    files: tuple[Path, ...]


def build_report(release_folder: Path, target_folder: Path, *, language: str = "nl") -> ReportFiles:
    """Build the pages of a release, without the other formats.

    The same release gives the same bytes.

    Args:
        release_folder: Folder with `manifest.json` and the tables of a release.
        target_folder: An empty folder, or one that does not exist yet.
        language: Language of the label file.

    Raises:
        UitstroomError: The release cannot be read, or the target folder is not empty.
        UsageError: There are no labels in the language.
    """
    return write_pages(read_document(release_folder, language=language), target_folder)


def write_pages(
    document: Document,
    target_folder: Path,
    *,
    formats: Mapping[str, str] = MappingProxyType({}),
    places: Mapping[str, str] = MappingProxyType({}),
) -> ReportFiles:
    """Write the pages of a document.

    Args:
        document: The release as a document.
        target_folder: An empty folder, or one that does not exist yet.
        formats: Address of every other format to which the page leads, by name.
        places: Address of every municipality's own page to which the page leads, by code.

    Raises:
        UitstroomError: The target folder is not empty.
    """
    if target_folder.exists() and any(target_folder.iterdir()):
        raise UitstroomError(
            "the folder for the report is not empty",
            where=str(target_folder),
            todo="Name an empty folder, so that no file of an older report stays behind.",
        )
    page = render_page(document, formats, places)

    charts_folder = target_folder / CHARTS_FOLDER
    charts_folder.mkdir(parents=True, exist_ok=True)
    files = [target_folder / PAGE]
    files[0].write_text(page, encoding="utf-8", newline="\n")
    for name, source in shared_files().items():
        shutil.copyfile(source, target_folder / name)
        files.append(target_folder / name)
    for name, table in document.tables:
        file = charts_folder / f"{name}.csv"
        file.write_bytes(write_csv(table))
        files.append(file)
    for address, explanation in _explanations(document).items():
        file = target_folder / address
        file.parent.mkdir(exist_ok=True)
        file.write_text(explanation, encoding="utf-8", newline="\n")
        files.append(file)
    return ReportFiles(files[0], charts_folder, tuple(files))


def shared_files() -> dict[str, Path]:
    """Give the files that lie beside every page: the script library, the font, its licence."""
    library = Path(plotly.__file__).parent / "package_data" / SCRIPT_LIBRARY
    return {
        SCRIPT_LIBRARY: library,
        theme.FONT_FILE: theme.font_file(),
        theme.FONT_LICENCE_FILE: theme.font_licence(),
    }


def write_csv(table: Table) -> bytes:
    """Write a table as CSV: semicolons, decimal commas, a byte order mark, Windows line ends."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_plain_text(column.head) for column in table.columns])
    for row in table.shown.iter_rows():
        writer.writerow(
            [_csv_cell(value, column) for value, column in zip(row, table.columns, strict=True)]
        )
    return out.getvalue().encode("utf-8-sig")


def render_page(document: Document, formats: Mapping[str, str], places: Mapping[str, str]) -> str:
    """Render the page; `formats` and `places` as in `write_pages`."""
    script, words = _template_text("page.js"), document.words
    origins = Origins(document)
    return _template("page.html.j2").render(
        t=words.text,
        lang=words.text("html_lang"),
        facts=document.facts,
        region=document.region,
        month=document.month,
        period=document.period,
        persons=document.persons,
        front=document.front,
        sections=[_section_view(section, words, origins) for section in document.sections],
        cells=_cell_writer(origins),
        missing=document.missing,
        withheld=document.withheld,
        band=document.band,
        banners=document.banners,
        reader_lines=provenance.reader_lines(document.facts, words),
        places=places,
        footer=document.footer,
        downloads=[
            {"name": words.text(f"download.{name}"), "address": address}
            for name, address in formats.items()
        ],
        style=Markup(_style()),
        script=Markup(script),
        policy=_policy(script),
        library=SCRIPT_LIBRARY,
        figures=_figures(document.charts),
        narrow_px=theme.NARROW_PX,
    )


def _cell_writer(origins: Origins) -> Callable[..., Markup]:
    """Give what writes a sentence into the page, its numbers with their cells."""
    tables = {item.section_id: item.tables for item in SECTIONS}

    def write(text: str, section_id: str = "", tag: str = "span") -> Markup:
        read = tables.get(section_id, summary.TABLES)
        return marked_pieces(origins.of_text(read, text), tag)

    return write


def _explanations(document: Document) -> dict[str, str]:
    """Render the pages that explain the municipalities' numbers: HTML by address."""
    words = document.words
    shared = {
        "t": words.text,
        "cells": _cell_writer(Origins(document)),
        "lang": words.text("html_lang"),
        "region": document.region,
        "month": document.month,
        "synthetic": document.facts.synthetic,
        "banners": document.banners,
        "footer": document.footer,
        "style": Markup(_style("../")),
        "policy": "default-src 'none'; style-src 'unsafe-inline'; font-src 'self' file:; "
        "base-uri 'none'; form-action 'none'",
        "back": f"../{PAGE}",
    }
    template = _template(TEMPLATE)

    def render(**view: Any) -> str:
        return template.render(**shared, **view)

    explanations = Explanations.of_release(document.release, words)
    return render_pages(explanations, document.facts.as_of_year, words, render)


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("reports", _TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _template_text(name: str) -> str:
    return resources.files("reports").joinpath(_TEMPLATES, name).read_text(encoding="utf-8")


def _style(up: str = "") -> str:
    """Give the style of a page that lies in the report's folder, or so many folders below it."""
    face = (
        f'@font-face {{ font-family: "{theme.FONT_NAME}"; src: url("{up}{theme.FONT_FILE}") '
        'format("truetype"); font-weight: 100 700; font-stretch: 85% 100%; '
        "font-display: swap; }"
    )
    return f"{face}\n:root {{\n{theme.css_variables()}\n}}\n{_template_text('page.css')}"


def _policy(script: str) -> str:
    """Give the content policy: nothing from elsewhere, and no script but ours."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' file: 'sha256-{digest}'; "
        "style-src 'self' 'unsafe-inline'; font-src 'self' file:; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _figures(charts: Iterable[Chart]) -> dict[str, Any]:
    """Collect the plotly figures of the page, the shared template once."""
    figures = {}
    for chart in charts:
        for place, panel in enumerate(chart.picture.panels):
            figures[plot_id(chart, place)] = _figure_view(panel)
    template = theme.plotly_template().to_plotly_json()
    return {"template": template, "narrow": theme.NARROW_PX, "figures": figures}


def plot_id(chart: Chart, place: int) -> str:
    """Give the id of a panel's place in the page."""
    return f"plot-{chart.chart_id}-{place}"


def _figure_view(panel: Panel) -> dict[str, Any]:
    drawn = json.loads(panel.figure.to_json())
    drawn["layout"].pop("template", None)
    return {"data": drawn["data"], "layout": drawn["layout"], "narrow": dict(panel.narrow)}


def _section_view(section: Section, words: Labels, origins: Origins) -> dict[str, Any]:
    def view(name: str, table: Table) -> dict[str, Any]:
        return _table_view(table, words, origins.of_table(section.section_id, name, table))

    return {
        "id": section.section_id,
        "heading": section.heading,
        "finding": section.finding,
        "paragraphs": section.paragraphs,
        "is_missing": section.is_missing,
        "is_list": section.is_list,
        "charts": [
            _chart_view(chart, view(chart.chart_id, chart.picture.table))
            for chart in section.charts
        ],
        "tables": [
            _titled_view(titled, view(titled.table_id, titled.table)) for titled in section.tables
        ],
    }


def _chart_view(chart: Chart, table: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": chart.chart_id,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "alternative": chart.alternative,
        "source": chart.source,
        "notes": chart.notes,
        "panels": [
            {
                "id": plot_id(chart, place),
                "label": panel.label,
                "height": panel.height,
                "narrow_height": panel.narrow_height or panel.height,
            }
            for place, panel in enumerate(chart.picture.panels)
        ],
        "table": table,
        "csv": f"{CHARTS_FOLDER}/{chart.chart_id}.csv",
    }


def _titled_view(titled: TitledTable, table: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": titled.table_id,
        "title": titled.title,
        "notes": titled.notes,
        "folded": titled.folded,
        "table": table,
        "csv": f"{CHARTS_FOLDER}/{titled.table_id}.csv",
    }


def _table_view(
    table: Table, words: Labels, origins: tuple[tuple[Origin | None, ...], ...]
) -> dict[str, Any]:
    first_total = table.frame.height - table.total_rows
    return {
        "heads": [
            {"text": column.head, "number": column.form.is_number} for column in table.columns
        ],
        "rows": [
            {
                "total": place >= first_total,
                "link": table.row_links[place] if place < len(table.row_links) else "",
                "cells": [
                    {
                        "text": write_cell(value, column, words),
                        "number": column.form.is_number,
                        "lang": words.language_of(column.is_given),
                        "origin": origin,
                    }
                    for value, column, origin in zip(
                        row, table.columns, origins[place], strict=True
                    )
                ],
            }
            for place, row in enumerate(table.shown.iter_rows())
        ],
    }


def _csv_cell(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if column.form is Form.ROUNDED and is_few(value):
        return BELOW
    if isinstance(value, float):
        written = f"{round(value, _DECIMALS) + 0.0:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        return written.replace(".", ",")
    return _plain_text(value) if isinstance(value, str) else str(value)


def _plain_text(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    is_formula = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
    return f"'{text}" if is_formula else text
