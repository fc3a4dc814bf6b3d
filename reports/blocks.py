"""What a report is made of: tables, panels, charts, facts and sections, as plain values.

Belongs here: the shapes that charts and sections return and every format (page, slides, workbook)
renders. Does not belong here: drawing, sentences, HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go
import polars as pl

from reports import theme
from reports.findings import split, whole


class Form(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    WHOLE = "whole"
    ROUNDED = "rounded"
    """A count of people or homes let that was rounded: below ten only that it is below ten."""
    TENTH = "tenth"
    HUNDREDTH = "hundredth"
    SHARE = "share"
    PERCENT_TENTH = "percent_tenth"
    PERCENT_HUNDREDTH = "percent_hundredth"
    EURO = "euro"
    SIGNED = "signed"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    RANGE = "range"

    @property
    def is_number(self) -> bool:
        """Whether the column is right-aligned and holds numbers."""
        texts = {Form.TEXT, Form.YEAR, Form.MONTH, Form.DAY}
        return self not in texts


@dataclass(frozen=True)
class Column:
    """A column of a table that a reader sees.

    Attributes:
        key: Name of the column in the frame.
        head: What stands above it, with the unit.
        form: How its cells are written.
        missing: What is written in an empty cell.
        is_given: Whether its cells are texts that were delivered, in Dutch in every language.
    """

    key: str
    head: str
    form: Form = Form.TEXT
    missing: str = ""
    is_given: bool = False


@dataclass(frozen=True)
class Table:
    """A table for readers: a frame with the columns that are shown, in order.

    Attributes:
        frame: The values, not rounded.
        columns: The columns that are shown and written to the CSV file.
        total_rows: How many rows at the end are totals, set apart by a rule.
        row_links: Address, seen from the report's page, to which the first cell of each row leads;
            rows beyond them lead nowhere.
    """

    frame: pl.DataFrame
    columns: tuple[Column, ...]
    total_rows: int = 0
    row_links: tuple[str, ...] = ()

    @property
    def shown(self) -> pl.DataFrame:
        """Give the frame with the shown columns only, in order."""
        return self.frame.select([column.key for column in self.columns])


@dataclass(frozen=True)
class Panel:
    """One plotly figure of a chart.

    Attributes:
        figure: The figure, made with the theme's template.
        label: What the panel is about, where a chart has several.
        height: Height in pixels.
        narrow: What changes on a narrow screen: attributes of the layout by dotted name, or of the
            traces (`data[0].width`).
        narrow_height: Height in pixels on a narrow screen, where it differs.
    """

    figure: go.Figure
    label: str = ""
    height: int = theme.CHART_HEIGHT_PX
    narrow: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    narrow_height: int | None = None


@dataclass(frozen=True)
class Picture:
    """What a chart function returns: the panels, and the table that stands behind them."""

    panels: tuple[Panel, ...]
    table: Table


@dataclass(frozen=True)
class Chart:
    """A picture with its words.

    Attributes:
        chart_id: Name of the chart's files and its place in the page.
        title: The finding, in one short sentence that is true. A finding of several lines may be
            given: the lines below the first one open the subtitle.
        subtitle: What the title leaves out, then what, unit, period.
        alternative: What somebody who does not see the picture should know.
        picture: Panels and table.
        source: Where the numbers come from, with the as-of month.
        notes: What a reader must know to read it well.
    """

    chart_id: str
    title: str
    subtitle: str
    alternative: str
    picture: Picture
    source: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        title, rest = split(self.title)
        if rest:
            object.__setattr__(self, "title", title)
            object.__setattr__(self, "subtitle", rest + ". " + self.subtitle)
        object.__setattr__(self, "alternative", whole(self.alternative))


@dataclass(frozen=True)
class TitledTable:
    """A table that stands on its own.

    Attributes:
        table_id: Name of its CSV file and its place in the page.
        title: What the table holds or shows.
        table: The table.
        notes: What a reader must know to read it well.
        folded: Whether the page shows it only on demand.
    """

    table_id: str
    title: str
    table: Table
    notes: tuple[str, ...] = ()
    folded: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        section_id: Its place in the page.
        heading: What the part is about.
        finding: What it says, in one short generated sentence. A finding of several lines may be
            given: the lines below the first one open the paragraphs, unless a chart shows them.
        paragraphs: What a reader should know besides.
        charts: Its charts, in order.
        tables: Tables that stand on their own, in order.
        is_missing: Whether the release holds nothing for it.
        is_list: Whether its paragraphs are points of a list.
    """

    section_id: str
    heading: str
    finding: str
    paragraphs: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[TitledTable, ...] = ()
    is_missing: bool = False
    is_list: bool = False

    def __post_init__(self) -> None:
        title, rest = split(self.finding)
        if not rest:
            return
        object.__setattr__(self, "finding", title)
        if title not in {chart.title for chart in self.charts}:
            object.__setattr__(self, "paragraphs", (rest + ".", *self.paragraphs))
