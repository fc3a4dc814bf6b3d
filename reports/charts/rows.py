"""Charts of rows: parts of a waterfall, ranges side by side, bars with a ceiling mark.

Belongs here: everything drawn as one row a thing, with its name at the left and its number at the
right. Does not belong here: charts over time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from reports import theme
from reports.blocks import Panel
from reports.charts import anatomy
from reports.labels import Labels
from reports.numbers import Estimate

_NAME_PX = 264
_NAME_CHARACTERS = 36
_NARROW_LEFT_PX = 6
_NARROW_CHARACTERS = 44
_NUMBER_PX = 178
_NARROW_NUMBER_PX = 66
_BAR_PX = 23
_GAP_PX = 13
_NARROW_GAP_PX = 21
_LINE_PX = 17
_MARK = "mark"
_MARK_PX = 14
_EDGE = 0.02
_BESIDE = 0.15
"""Room left of spans whose axis does not begin at zero, in widths of all of them."""

Shape = dict[str, Any]
"""A line as plotly takes it."""


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        name: Its name, from labels or data.
        value: Where its bar or dot stands.
        text: The number that is written at its right.
        colour: Colour of its kind.
        hover: What a pointer shows.
        base: Where its bar begins.
        low: Lower end of its range, where it has one.
        high: Upper end of its range, where it has one.
        mark: A ceiling or another number that is marked in the row.
        mark_colour: Colour of the kind of the marked number.
        narrow_text: The number that is written on a narrow screen, where it differs.
    """

    name: str
    value: float
    text: str
    colour: str = theme.DEMAND
    hover: str = ""
    base: float = 0.0
    low: float | None = None
    high: float | None = None
    mark: float | None = None
    mark_colour: str = theme.CAP
    narrow_text: str | None = None


def waterfall(rows: Sequence[Row], *, solid: Sequence[int]) -> Panel:
    """Draw parts that follow on each other; the rows in `solid` are levels, the others changes."""
    figure, height = _frame(rows)
    shapes: list[Shape] = []
    for place, row in enumerate(rows):
        is_level = place in solid
        figure.add_trace(
            go.Bar(
                x=[row.value - row.base],
                y=[place],
                base=[row.base],
                orientation="h",
                width=_thickness(rows, height),
                marker={
                    "color": row.colour if is_level else theme.tint(row.colour, 0.45),
                    "line": {"color": row.colour, "width": 1},
                },
                hovertext=[row.hover],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
        if place + 1 < len(rows):
            shapes.append(_segment(row.value, place, row.value, place + 1, theme.REFERENCE, 1))
        shapes += _whisker(row, place, theme.INK)
    _finish(figure, rows, shapes)
    return _panel(figure, rows, height)


def ranges(rows: Sequence[Row]) -> Panel:
    """Draw means as dots on their ranges, from zero."""
    figure, height = _frame(rows)
    shapes: list[Shape] = []
    for place, row in enumerate(rows):
        if row.low is not None and row.high is not None:
            tint = theme.tint(row.colour, 0.4)
            shapes.append(_segment(row.low, place, row.high, place, tint, 9))
        if row.mark is not None:
            shapes.append(_mark(row.mark, place, row.mark_colour))
        figure.add_trace(
            go.Scatter(
                x=[row.value],
                y=[place],
                mode="markers",
                cliponaxis=False,
                marker={"size": 12, "color": row.colour},
                hovertext=[row.hover],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    _finish(figure, rows, shapes)
    return _panel(figure, rows, height)


def spans(rows: Sequence[Row]) -> Panel:
    """Draw lines from `base` (an open dot) to `value` (a full dot), on an axis of `axis_start`."""
    start = axis_start([end for row in rows for end in (row.base, row.value)])
    figure, height = _frame(rows, start)
    shapes: list[Shape] = []
    for place, row in enumerate(rows):
        shapes.append(_segment(row.base, place, row.value, place, row.colour, 3))
        figure.add_trace(
            go.Scatter(
                x=[row.base, row.value],
                y=[place, place],
                mode="markers",
                cliponaxis=False,
                marker={
                    "size": 11,
                    "color": [theme.PAPER, row.colour],
                    "line": {"color": row.colour, "width": 2},
                },
                hovertext=[row.hover, row.hover],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    _finish(figure, rows, shapes, has_zero=start == 0.0)
    return _panel(figure, rows, height)


def axis_start(ends: Sequence[float]) -> float:
    """Give where the axis of spans begins: at zero, unless they all lie further from it than wide.

    Spans are no amounts: their ends count, and from zero the differences could not be seen. Bars
    always begin at zero.
    """
    low, high = min(ends), max(ends)
    return low - _BESIDE * (high - low) if low > high - low > 0 else min(0.0, low)


def bullets(rows: Sequence[Row]) -> Panel:
    """Draw bars from zero, each with the mark of its own ceiling."""
    figure, height = _frame(rows)
    figure.add_trace(
        go.Bar(
            x=[row.value for row in rows],
            y=list(range(len(rows))),
            orientation="h",
            width=_thickness(rows, height),
            marker={"color": [row.colour for row in rows]},
            hovertext=[row.hover for row in rows],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    shapes = [
        _mark(row.mark, place, row.mark_colour)
        for place, row in enumerate(rows)
        if row.mark is not None
    ]
    _finish(figure, rows, shapes)
    return _panel(figure, rows, height)


def bounds(rows: Sequence[Row]) -> tuple[float, float]:
    """Give the smallest and largest number that the rows show, zero included."""
    shown = [0.0]
    for row in rows:
        shown += [row.value, row.base]
        shown += [number for number in (row.low, row.high, row.mark) if number is not None]
    return min(shown), max(shown)


def estimate_row(
    name: str,
    estimate: Estimate,
    words: Labels,
    *,
    colour: str = theme.DEMAND,
    mark: float | None = None,
) -> Row:
    """Make the row of an estimate: a dot on its range, with both in words at the right."""
    numbers = words.numbers
    value, span = numbers.value(estimate), numbers.span(estimate)
    return Row(
        name,
        estimate.mean,
        value if value == span else f"{value} {anatomy.quiet(f'({span})')}",
        colour,
        words.text("hover.row_range", value=value, span=span),
        low=estimate.low,
        high=estimate.high,
        mark=mark,
        mark_colour=theme.REFERENCE,
        narrow_text=value,
    )


def _frame(rows: Sequence[Row], start: float = 0.0) -> tuple[go.Figure, int]:
    row_px = max(_BAR_PX + _GAP_PX, _lines(rows, _NAME_CHARACTERS) * _LINE_PX + 6)
    height = row_px * len(rows) + 16
    figure = anatomy.new_figure("", height=height, l=_NAME_PX, r=_NUMBER_PX, t=8, b=8)
    low, high = bounds(rows)
    low = max(low, start) if start > 0 else low
    room = (high - low or 1.0) * _EDGE
    figure.update_xaxes(
        range=[low - (room if low < 0 else 0), high + room],
        showticklabels=False,
        ticks="",
        showline=False,
    )
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        tickvals=list(range(len(rows))),
        ticktext=[anatomy.wrap(row.name, _NAME_CHARACTERS) for row in rows],
        tickfont={"color": theme.INK, "size": theme.CHART_TEXT_PX},
        ticklabelstandoff=8,
    )
    return figure, height


def _finish(
    figure: go.Figure, rows: Sequence[Row], shapes: Sequence[Shape], *, has_zero: bool = True
) -> None:
    """Draw all lines at once, for one by one takes plotly ever longer, and write beside the rows.

    Numbers stand at the right; names that a narrow screen shows stand above the bars.
    """
    zero = [_segment(0, -0.5, 0, len(rows) - 0.5, theme.REFERENCE, 1)] if has_zero else []
    notes = [_note(place, row.text, x=1, shift=10) for place, row in enumerate(rows)]
    for place, row in enumerate(rows):
        lines = _lines([row], _NARROW_CHARACTERS)
        rise = _BAR_PX / 2 + 2 + lines * _LINE_PX / 2
        name = anatomy.wrap(row.name, _NARROW_CHARACTERS)
        notes.append(_note(place, name, x=0, shift=3, rise=rise, ground=theme.PAPER))
    figure.update_layout(annotations=notes, shapes=[*shapes, *zero])


def _note(
    place: int,
    text: str,
    *,
    x: int,
    shift: float,
    rise: float = 0,
    ground: str | None = None,
) -> dict[str, Any]:
    """Give what is written beside a row; what has a ground is seen on narrow screens only."""
    return {
        "x": x,
        "xref": "paper",
        "y": place,
        "yref": "y",
        "xshift": shift,
        "yshift": rise,
        "text": text,
        "showarrow": False,
        "visible": ground is None,
        "bgcolor": ground,
        "borderpad": 0,
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
        "font": {"color": theme.INK, "size": theme.CHART_TEXT_PX},
    }


def _panel(figure: go.Figure, rows: Sequence[Row], height: int) -> Panel:
    row_px = _BAR_PX + _NARROW_GAP_PX + _lines(rows, _NARROW_CHARACTERS) * _LINE_PX
    narrow_height = row_px * len(rows) + 36
    narrow: dict[str, object] = {
        "margin.l": _NARROW_LEFT_PX,
        "margin.r": _NARROW_NUMBER_PX,
        "margin.t": 28,
        "yaxis.showticklabels": False,
    }
    for place, trace in enumerate(figure.data):
        if isinstance(trace, go.Bar):
            narrow[f"data[{place}].width"] = _BAR_PX / row_px
    for place, shape in enumerate(figure.layout.shapes):
        if shape.name == _MARK:
            middle = (shape.y0 + shape.y1) / 2
            narrow[f"shapes[{place}].y0"] = middle - _MARK_PX / row_px
            narrow[f"shapes[{place}].y1"] = middle + _MARK_PX / row_px
    for place, row in enumerate(rows):
        narrow[f"annotations[{place + len(rows)}].visible"] = True
        if row.narrow_text is not None:
            narrow[f"annotations[{place}].text"] = row.narrow_text
    return Panel(figure, height=height, narrow=narrow, narrow_height=narrow_height)


def _thickness(rows: Sequence[Row], height: int) -> float:
    """Give the thickness of a bar as a share of its row."""
    return _BAR_PX * len(rows) / height


def _lines(rows: Sequence[Row], characters: int) -> int:
    return max(anatomy.wrap(row.name, characters).count("<br>") + 1 for row in rows)


def _whisker(row: Row, place: int, colour: str) -> list[Shape]:
    if row.low is None or row.high is None or row.low == row.high:
        return []
    ends = [
        _segment(end, place - 0.12, end, place + 0.12, colour, 1.5) for end in (row.low, row.high)
    ]
    return [_segment(row.low, place, row.high, place, colour, 1.5), *ends]


def _mark(value: float, place: int, colour: str) -> Shape:
    shape = _segment(value, place - 0.42, value, place + 0.42, colour, 2.5)
    return {**shape, "name": _MARK, "line": {**shape["line"], "dash": "5px,3px"}}


def _segment(x0: float, y0: float, x1: float, y1: float, colour: str, width: float) -> Shape:
    line = {"color": colour, "width": width}
    return {"type": "line", "x0": x0, "y0": y0, "x1": x1, "y1": y1, "line": line}
