"""Native charts: their parts as plain values, and the XML that a presentation holds.

Belongs here: series, axes, labels, ranges as error bars or stacked areas, in DrawingML. Does not
belong here: which columns a chart draws (`deck_series`), the workbook inside it (`deck_sheet`).
Source of the elements and their order: ECMA-376, part 1, 21.2 (DrawingML charts).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

from reports import theme
from reports.charts.anatomy import Scale
from reports.export.deck_sheet import Sheet, as_written
from reports.export.deck_text import plain

TEXT_PT = 14
_EMU_PER_POINT = 12700
_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_CATEGORY_AXIS, _VALUE_AXIS = 111, 112
PERCENT = "0%"
YEAR = "0"
_ON = '<c:showLegendKey val="0"/><c:showVal val="{}"/><c:showCatName val="0"/>'
_ON += '<c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/>'
_NO_LEADERS = (
    '<c:extLst><c:ext uri="{CE6537A1-D6FC-4f65-9D91-7224C49458BB}" '
    'xmlns:c15="http://schemas.microsoft.com/office/drawing/2012/chart">'
    '<c15:showLeaderLines val="0"/></c:ext></c:extLst>'
)


class Kind(StrEnum):
    """How a series is drawn."""

    AREA = "area"
    BAR = "bar"
    LINE = "line"


@dataclass(frozen=True)
class Label:
    """A direct label at one point: its words, colour, place, and how far it is moved.

    `drop` (down) is a share of the chart's height, `shift` (right) of its width.
    """

    text: str
    colour: str
    place: str = "r"
    drop: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True)
class Series:
    """One series.

    Attributes:
        kind: How it is drawn.
        column: Its column in the sheet.
        colour: Colour of its kind of number.
        strength: Strength of the fill; 0 for none.
        outline: Whether a bar shows its edge, dashed where `dash` says so.
        dash: How a line is dashed: solid, dash, sysDot.
        points: Width of the line (points).
        dots: Whether a line carries dots.
        labels: Direct labels by place in the chart's rows.
        colours: Points with a colour of their own, by place in the chart's rows.
        hollow: Points that are drawn as an edge alone, by place in the chart's rows.
        spread: Columns with how far the range reaches below and above each point.
        spread_points: Width of the range's line (points).
        spread_strength: Strength of its colour.
    """

    kind: Kind
    column: int
    colour: str
    strength: float = 1.0
    outline: bool = False
    dash: str = "solid"
    points: float = 2.5
    dots: bool = False
    labels: Mapping[int, Label] = field(default_factory=lambda: MappingProxyType({}))
    colours: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    hollow: frozenset[int] = frozenset()
    spread: tuple[int, int] | None = None
    spread_points: float = 1.5
    spread_strength: float = 1.0


@dataclass(frozen=True)
class Frame:
    """Where the plot lies inside the chart: margins in inches."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class NativeChart:
    """A chart that can be edited.

    Attributes:
        sheet: Its workbook.
        rows: The rows of the sheet that it draws, in order.
        category: Column of the categories.
        series: Its series; areas lie under bars, bars under lines.
        axis: The value axis, from zero; with `least` where numbers lie below.
        wide: Width of the chart (inches).
        high: Height (inches).
        frame: Margins of the plot.
        title: What stands at its top left: the unit, or what it is about.
        title_colour: Colour of that title.
        least: Where the value axis begins.
        number_format: How numbers on the value axis are written.
        horizontal: Whether bars lie; then the value axis is not shown.
        stacked: Whether bars stand on each other.
    joined: Whether the plot begins and ends at the middle of its first and last category.
            skip: One category label is written out of so many.
        gap: Space between bars in percent of their thickness.
    """

    sheet: Sheet
    rows: Sequence[int]
    category: int
    series: Sequence[Series]
    axis: Scale
    wide: float
    high: float
    frame: Frame
    title: str = ""
    title_colour: str = theme.QUIET
    least: float = 0.0
    number_format: str = YEAR
    horizontal: bool = False
    stacked: bool = False
    joined: bool = False
    skip: int = 1
    gap: int = 45

    def xml(self) -> bytes:
        """Write the chart."""
        frame = self.frame
        layout = _place(
            frame.left / self.wide,
            frame.top / self.high,
            1 - (frame.left + frame.right) / self.wide,
            1 - (frame.top + frame.bottom) / self.high,
        )
        groups = "".join(_group(self, kind) for kind in Kind)
        title = _title(self.title, self.title_colour) if self.title else ""
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<c:chartSpace {_NAMESPACES}><c:date1904 val="0"/><c:roundedCorners val="0"/>'
            f'<c:chart>{title}<c:autoTitleDeleted val="{0 if self.title else 1}"/>'
            f"<c:plotArea>{layout}{groups}{_category_axis(self)}{_value_axis(self)}"
            "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr></c:plotArea>"
            '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
            "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
            f"{_text_style(theme.QUIET)}</c:chartSpace>"
        ).encode()


@dataclass(frozen=True)
class ChartData:
    """A native chart in the shape in which the slide library takes chart data."""

    chart: NativeChart
    moment: datetime

    def xml_bytes(self, chart_type: Any) -> bytes:
        """Give the chart's XML; its own kinds of series stand over the library's type."""
        del chart_type
        return self.chart.xml()

    @property
    def xlsx_blob(self) -> bytes:
        """Give the chart's workbook."""
        return self.chart.sheet.blob(self.moment)


def _group(chart: NativeChart, kind: Kind) -> str:
    """Write all series of a kind, numbered by their place among all."""
    members = [(place, one) for place, one in enumerate(chart.series) if one.kind is kind]
    if not members:
        return ""
    body = "".join(_series(chart, place, one) for place, one in members)
    axes = f'<c:axId val="{_CATEGORY_AXIS}"/><c:axId val="{_VALUE_AXIS}"/>'
    if kind is Kind.AREA:
        return (
            '<c:areaChart><c:grouping val="stacked"/><c:varyColors val="0"/>'
            f"{body}{axes}</c:areaChart>"
        )
    if kind is Kind.BAR:
        grouping = "stacked" if chart.stacked else "clustered"
        direction = "bar" if chart.horizontal else "col"
        return (
            f'<c:barChart><c:barDir val="{direction}"/><c:grouping val="{grouping}"/>'
            f'<c:varyColors val="0"/>{body}<c:gapWidth val="{chart.gap}"/>'
            f'<c:overlap val="100"/>{axes}</c:barChart>'
        )
    return (
        '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
        f'{body}<c:marker val="1"/>{axes}</c:lineChart>'
    )


def _series(chart: NativeChart, place: int, series: Series) -> str:
    sheet = chart.sheet
    head = escape(sheet.heads[series.column])
    parts = [
        f'<c:ser><c:idx val="{place}"/><c:order val="{place}"/><c:tx><c:strRef>'
        f'<c:f>{sheet.head_reference(series.column)}</c:f><c:strCache><c:ptCount val="1"/>'
        f'<c:pt idx="0"><c:v>{head}</c:v></c:pt></c:strCache></c:strRef></c:tx>',
        _shape(series, series.colour),
    ]
    if series.kind is Kind.BAR:
        parts.append('<c:invertIfNegative val="0"/>')
    if series.kind is Kind.LINE:
        parts.append(_marker(series))
    parts += [_point(series, row) for row in sorted({*series.colours, *series.hollow})]
    parts += [_labels(series), _spread(chart, series)]
    parts.append(f"<c:cat>{_numbers_or_texts(chart, chart.category)}</c:cat>")
    parts.append(f"<c:val>{_numbers(chart, series.column)}</c:val>")
    if series.kind is Kind.LINE:
        parts.append('<c:smooth val="0"/>')
    return "".join(parts) + "</c:ser>"


def _shape(series: Series, colour: str, *, hollow: bool = False) -> str:
    if series.kind is Kind.LINE:
        return f"<c:spPr>{_line(colour, series.points, series.dash)}</c:spPr>"
    strength = 0.0 if hollow else series.strength
    fill = "<a:noFill/>" if strength == 0 else _fill(theme.blend(colour, strength))
    edge = "<a:ln><a:noFill/></a:ln>"
    if series.outline or hollow:
        edge = _line(colour, 1.5, series.dash)
    return f"<c:spPr>{fill}{edge}</c:spPr>"


def _marker(series: Series) -> str:
    if not series.dots:
        return '<c:marker><c:symbol val="none"/></c:marker>'
    return (
        f'<c:marker><c:symbol val="circle"/><c:size val="7"/><c:spPr>{_fill(series.colour)}'
        "<a:ln><a:noFill/></a:ln></c:spPr></c:marker>"
    )


def _point(series: Series, row: int) -> str:
    colour = series.colours.get(row, series.colour)
    invert = '<c:invertIfNegative val="0"/>' if series.kind is Kind.BAR else ""
    shape = _shape(series, colour, hollow=row in series.hollow)
    return f'<c:dPt><c:idx val="{row}"/>{invert}<c:bubble3D val="0"/>{shape}</c:dPt>'


def _labels(series: Series) -> str:
    if not series.labels:
        return ""
    written = []
    for row, label in sorted(series.labels.items()):
        lines = "".join(
            f"<a:p>{_paragraph(label.colour)}<a:r>{_run(label.colour)}"
            f"<a:t>{escape(plain(line))}</a:t></a:r></a:p>"
            for line in label.text.split("\n")
        )
        moved = "<c:layout/>"
        if label.drop or label.shift:
            moved = (
                f'<c:layout><c:manualLayout><c:x val="{label.shift:.5f}"/>'
                f'<c:y val="{label.drop:.5f}"/></c:manualLayout></c:layout>'
            )
        written.append(
            f'<c:dLbl><c:idx val="{row}"/>{moved}<c:tx><c:rich><a:bodyPr wrap="none" lIns="38100" '
            f'tIns="0" rIns="38100" bIns="0" anchor="ctr"/><a:lstStyle/>{lines}</c:rich></c:tx>'
            "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
            f'<c:dLblPos val="{label.place}"/>{_ON.format(1)}</c:dLbl>'
        )
    return f"<c:dLbls>{''.join(written)}{_ON.format(0)}{_NO_LEADERS}</c:dLbls>"


def _spread(chart: NativeChart, series: Series) -> str:
    if series.spread is None:
        return ""
    below, above = series.spread
    colour = theme.blend(series.colour, series.spread_strength)
    if series.spread_strength == 1.0:
        colour = theme.INK
    direction = "" if series.kind is Kind.BAR else '<c:errDir val="y"/>'
    return (
        f'<c:errBars>{direction}<c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="1"/><c:plus>{_numbers(chart, above)}</c:plus>'
        f"<c:minus>{_numbers(chart, below)}</c:minus>"
        f"<c:spPr>{_line(colour, series.spread_points, 'solid')}</c:spPr></c:errBars>"
    )


def _numbers(chart: NativeChart, column: int) -> str:
    values = chart.sheet.cells(column, chart.rows)
    points = "".join(
        f'<c:pt idx="{place}"><c:v>{value!r}</c:v></c:pt>'
        for place, value in enumerate(values)
        if value is not None
    )
    return (
        f"<c:numRef><c:f>{chart.sheet.reference(column, chart.rows)}</c:f><c:numCache>"
        f'<c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}'
        "</c:numCache></c:numRef>"
    )


def _numbers_or_texts(chart: NativeChart, column: int) -> str:
    values = chart.sheet.cells(column, chart.rows)
    if all(isinstance(value, int | float) for value in values):
        return _numbers(chart, column)
    points = "".join(
        f'<c:pt idx="{place}"><c:v>{escape(str(as_written(value)))}</c:v></c:pt>'
        for place, value in enumerate(values)
        if value is not None and value != ""
    )
    return (
        f"<c:strRef><c:f>{chart.sheet.reference(column, chart.rows)}</c:f><c:strCache>"
        f'<c:ptCount val="{len(values)}"/>{points}</c:strCache></c:strRef>'
    )


def _category_axis(chart: NativeChart) -> str:
    place = "l" if chart.horizontal else "b"
    order = "maxMin" if chart.horizontal else "minMax"
    colour = theme.INK if chart.horizontal else theme.QUIET
    return (
        f'<c:catAx><c:axId val="{_CATEGORY_AXIS}"/><c:scaling><c:orientation val="{order}"/>'
        f'</c:scaling><c:delete val="0"/><c:axPos val="{place}"/>'
        f'<c:numFmt formatCode="{YEAR}" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        f"<c:spPr>{_line(theme.REFERENCE, 1.0, 'solid')}</c:spPr>"
        f"{_text_style(colour, flat=chart.horizontal)}"
        f'<c:crossAx val="{_VALUE_AXIS}"/><c:crosses val="autoZero"/><c:auto val="0"/>'
        '<c:lblAlgn val="ctr"/><c:lblOffset val="60"/>'
        f'<c:tickLblSkip val="{chart.skip}"/><c:tickMarkSkip val="{chart.skip}"/>'
        '<c:noMultiLvlLbl val="1"/></c:catAx>'
    )


def _value_axis(chart: NativeChart) -> str:
    hidden = 1 if chart.horizontal else 0
    lines = ""
    if not chart.horizontal:
        lines = (
            f"<c:majorGridlines><c:spPr>{_line(theme.HAIRLINE, 0.75, 'solid')}</c:spPr>"
            "</c:majorGridlines>"
        )
    place = "t" if chart.horizontal else "l"
    between = "midCat" if chart.joined else "between"
    return (
        f'<c:valAx><c:axId val="{_VALUE_AXIS}"/><c:scaling><c:orientation val="minMax"/>'
        f'<c:max val="{chart.axis.top:.6g}"/><c:min val="{chart.least:.6g}"/></c:scaling>'
        f'<c:delete val="{hidden}"/><c:axPos val="{place}"/>{lines}'
        f'<c:numFmt formatCode="{escape(chart.number_format, {chr(34): "&quot;"})}" '
        'sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        '<c:tickLblPos val="low"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>'
        f'{_text_style(theme.QUIET)}<c:crossAx val="{_CATEGORY_AXIS}"/>'
        f'<c:crosses val="min"/><c:crossBetween val="{between}"/>'
        f'<c:majorUnit val="{chart.axis.tick:.6g}"/></c:valAx>'
    )


def _title(text: str, colour: str) -> str:
    return (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p>{_paragraph(colour)}<a:r>"
        f"{_run(colour)}<a:t>{escape(plain(text))}</a:t></a:r></a:p></c:rich></c:tx>"
        '<c:layout><c:manualLayout><c:xMode val="edge"/><c:yMode val="edge"/><c:x val="0"/>'
        '<c:y val="0"/></c:manualLayout></c:layout><c:overlay val="1"/></c:title>'
    )


def _place(x: float, y: float, wide: float, high: float) -> str:
    return (
        '<c:layout><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/>'
        f'<c:yMode val="edge"/><c:x val="{x:.5f}"/><c:y val="{y:.5f}"/>'
        f'<c:w val="{wide:.5f}"/><c:h val="{high:.5f}"/></c:manualLayout></c:layout>'
    )


def _text_style(colour: str, *, flat: bool = False) -> str:
    turned = f' rot="{0 if flat else -60000000}" vert="horz"'
    return (
        f"<c:txPr><a:bodyPr{turned}/><a:lstStyle/><a:p>{_paragraph(colour)}"
        "<a:endParaRPr/></a:p></c:txPr>"
    )


def _paragraph(colour: str) -> str:
    return (
        f'<a:pPr algn="l"><a:defRPr sz="{TEXT_PT * 100}" b="0">{_font(colour)}</a:defRPr></a:pPr>'
    )


def _run(colour: str) -> str:
    return f'<a:rPr sz="{TEXT_PT * 100}" b="0">{_font(colour)}</a:rPr>'


def _font(colour: str) -> str:
    return f'{_fill(colour)}<a:latin typeface="+mn-lt"/>'


def _fill(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour.lstrip("#")}"/></a:solidFill>'


def _line(colour: str, points: float, dash: str) -> str:
    if points == 0:
        return "<a:ln><a:noFill/></a:ln>"
    return (
        f'<a:ln w="{round(points * _EMU_PER_POINT)}" cap="flat">{_fill(colour)}'
        f'<a:prstDash val="{dash}"/><a:round/></a:ln>'
    )
