"""The parts that every chart is drawn from: axis, band, line, bars, end labels, forecast ground.

Belongs here: the shared anatomy, so that one chart looks like the next. Does not belong here: any
single chart, or a choice of words.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from models.months import MONTHS_PER_YEAR, parse_month
from reports import theme

LEFT_PX = 50
RIGHT_PX = 88
TOP_PX = 40
BOTTOM_PX = 34
_LABEL_GAP_PX = 17
_YEARS_MARKED = 14
"""On an axis of more years only every other one is written."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A value axis from zero: its end and the distance of its gridlines."""

    top: float
    tick: float


def scale(values: Sequence[float], *, lines: int = 4) -> Scale:
    """Choose the axis of values from zero: round steps, at most about so many gridlines."""
    highest = max([value for value in values if math.isfinite(value)], default=0.0)
    if highest <= 0:
        return Scale(1.0, 1.0)
    rough = highest / lines
    power = 10.0 ** math.floor(math.log10(rough))
    tick = next(step * power for step in _STEPS if step * power >= rough * 0.999)
    if tick < 1 and highest > 1:
        tick = 1.0
    return Scale(max(tick, math.ceil(highest / tick) * tick) * 1.04, tick)


def safe(text: str) -> str:
    """Make a text from data harmless in plotly's small markup language."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrap(text: str, width: int) -> str:
    """Make a text harmless and break it over lines of at most so many characters.

    A word that is longer stays whole.
    """
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = joined
    return "<br>".join(safe(line) for line in lines)


def quiet(text: str, colour: str = theme.QUIET) -> str:
    """Put part of a label in another colour."""
    return f"<span style='color:{colour}'>{text}</span>"


def position(month: str) -> float:
    """Give the place of the end of a month on an axis of years (2026-12 gives 2027.0)."""
    return (parse_month(month) + 1) / MONTHS_PER_YEAR


def bar_position(month: str) -> float:
    """Give the place of the end of a month on an axis where a year's bar stands at its number."""
    return position(month) - 0.5


def new_figure(unit: str, *, height: int = theme.CHART_HEIGHT_PX, **margin: int) -> go.Figure:
    """Make an empty figure with the theme's template and the unit above its value axis."""
    edges = {"l": LEFT_PX, "r": RIGHT_PX, "t": TOP_PX, "b": BOTTOM_PX, **margin}
    # All at once: every later change of a layout is checked against the whole of it.
    figure = go.Figure(
        layout={
            "template": theme.plotly_template(),
            "height": height,
            "margin": edges,
            "xaxis": {"automargin": False},
            "yaxis": {"automargin": False},
        }
    )
    if unit:
        write(figure, -edges["l"], 1, unit, anchor="left", paper=True, rise=edges["t"] - 10)
    return figure


def write(
    figure: go.Figure,
    x: float,
    y: float,
    text: str,
    *,
    colour: str = theme.QUIET,
    anchor: str = "left",
    paper: bool = False,
    rise: float = 0,
    shift: float = 0,
    ground: str | None = None,
) -> None:
    """Write a direct label, on a ground of its own colour where it crosses a line.

    With `paper` the place is x pixels from the left edge of the plot and y as a share of its
    height; otherwise both are on the axes. `rise` and `shift` move it by pixels.
    """
    place: dict[str, Any] = {"x": x, "y": y, "xref": "x", "yref": "y", "xshift": shift}
    if paper:
        place = {"x": 0, "y": y, "xref": "paper", "yref": "paper", "xshift": x + shift}
    figure.add_annotation(
        **place,
        yshift=rise,
        text=text,
        bgcolor=ground,
        borderpad=0,
        showarrow=False,
        xanchor=anchor,
        yanchor="middle",
        align="left" if anchor == "left" else "right" if anchor == "right" else "center",
        font={"color": colour, "size": theme.CHART_TEXT_PX},
    )


def set_value_axis(
    figure: go.Figure, axis: Scale, *, shares: bool = False, least: float = 0.0
) -> None:
    """Fix the value axis: from zero (or `least`), with round steps."""
    figure.update_yaxes(
        range=[least, axis.top],
        dtick=axis.tick,
        tick0=0,
        tickformat=",.0%" if shares else (",.0f" if axis.tick >= 1 else ",.1f"),
    )


def set_year_axis(figure: go.Figure, start: float, end: float) -> None:
    """Fix an axis of years, with a mark for every year or every other one."""
    figure.update_xaxes(
        range=[start, end],
        tickformat="d",
        tickangle=0,
        dtick=1 if end - start <= _YEARS_MARKED else 2,
        tick0=math.ceil(start),
    )


def ground(figure: go.Figure, start: float, end: float, text: str = "") -> None:
    """Lay the faint ground of the forecast and mark the last observed month at its left edge."""
    figure.add_shape(
        type="rect",
        x0=start,
        x1=end,
        y0=0,
        y1=1,
        yref="paper",
        fillcolor=theme.GROUND,
        line_width=0,
        layer="below",
    )
    figure.add_shape(
        type="line",
        x0=start,
        x1=start,
        y0=0,
        y1=1.02,
        yref="paper",
        line={"color": theme.REFERENCE, "width": 1},
        layer="below",
    )
    if text:
        figure.add_annotation(
            x=start,
            y=1,
            xref="x",
            yref="paper",
            yshift=TOP_PX - 30,
            xshift=5,
            text=text,
            showarrow=False,
            xanchor="left",
            yanchor="middle",
            font={"color": theme.QUIET, "size": theme.CHART_TEXT_PX - 1},
        )


def band(
    figure: go.Figure,
    x: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    colour: str,
    *,
    strength: float = theme.OUTER_TINT,
) -> None:
    """Draw a range as a tint of its colour."""
    figure.add_trace(
        go.Scatter(
            x=[*x, *reversed(x)],
            y=[*high, *reversed(low)],
            mode="lines",
            line={"width": 0, "color": colour},
            fill="toself",
            fillcolor=theme.tint(colour, strength),
            hoverinfo="skip",
        )
    )


def line(
    figure: go.Figure,
    x: Sequence[float],
    y: Sequence[float],
    hover: Sequence[str],
    colour: str,
    *,
    dash: str = "solid",
    width: float = theme.LINE_WIDTH_PX,
    dots: bool = False,
) -> None:
    """Draw a line; each of its points shows its own words on hover (none where they are empty)."""
    marker = {"size": 6, "color": colour}
    figure.add_trace(
        go.Scatter(
            x=list(x),
            y=list(y),
            mode="lines+markers" if dots else "lines",
            line={"color": colour, "width": width, "dash": dash},
            marker=marker,
            **_hover(hover),
        )
    )


def dots(figure: go.Figure, x: Sequence[float], y: Sequence[float], colour: str) -> None:
    """Draw dots on a line that is already there (the ends of its years)."""
    figure.add_trace(
        go.Scatter(
            x=list(x),
            y=list(y),
            mode="markers",
            marker={"size": 6, "color": colour},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )


def bars(
    figure: go.Figure,
    x: Sequence[float],
    y: Sequence[float],
    hover: Sequence[str],
    colour: str,
    *,
    hollow: bool = False,
    width: float = 0.66,
    base: Sequence[float] | None = None,
) -> None:
    """Draw upright bars from zero (or from `base`); hollow ones are not complete."""
    figure.add_trace(
        go.Bar(
            x=list(x),
            y=list(y),
            base=None if base is None else list(base),
            width=width,
            marker={
                "color": theme.PAPER if hollow else colour,
                "line": {"color": colour, "width": theme.THIN_WIDTH_PX if hollow else 0},
            },
            **_hover(hover),
        )
    )


def level(
    figure: go.Figure,
    start: float,
    end: float,
    y: float,
    colour: str,
    *,
    dash: str = "dash",
    width: float = 2.0,
    hover: str = "",
) -> None:
    """Draw a horizontal line at a value (a ceiling, a norm)."""
    line(figure, [start, end], [y, y], [hover, hover], colour, dash=dash, width=width)


def end_labels(
    figure: go.Figure,
    labels: Sequence[tuple[float, str, str]],
    axis: Scale,
    *,
    height: int = theme.CHART_HEIGHT_PX,
    least: float = 0.0,
) -> None:
    """Write (value, text, colour) labels right of the plot, moved apart where they would touch."""
    plot_px = height - TOP_PX - BOTTOM_PX
    pixel = (axis.top - least) / plot_px
    gaps = [_LABEL_GAP_PX * (text.count("<br>") + 1) * pixel for _, text, _ in labels]
    places = spread([value for value, _, _ in labels], gaps)
    for (_, text, colour), y in zip(labels, places, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            y=y,
            yref="y",
            xshift=6,
            text=text,
            showarrow=False,
            xanchor="left",
            yanchor="middle",
            align="left",
            font={"color": colour, "size": theme.CHART_TEXT_PX},
        )


def spread(places: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Move places apart until neighbours keep half of both their gaps; order and middle stay.

    Args:
        places: Where the labels want to stand.
        gaps: Room that each label needs around its middle, in the same unit.
    """
    order = sorted(range(len(places)), key=lambda item: (places[item], item))
    groups: list[list[int]] = []
    middles: list[float] = []
    for item in order:
        groups.append([item])
        middles.append(places[item])
        while len(groups) > 1 and _touch(groups, middles, gaps):
            last, before = groups.pop(), groups.pop()
            middles = middles[:-2]
            groups.append(before + last)
            middles.append(sum(places[one] for one in groups[-1]) / len(groups[-1]))
    moved = list(places)
    for group, middle in zip(groups, middles, strict=True):
        start = middle - sum(gaps[one] for one in group) / 2
        for one in group:
            moved[one] = start + gaps[one] / 2
            start += gaps[one]
    return moved


def _touch(groups: list[list[int]], middles: list[float], gaps: Sequence[float]) -> bool:
    room = (sum(gaps[one] for one in groups[-1]) + sum(gaps[one] for one in groups[-2])) / 2
    return middles[-1] - middles[-2] < room


def _hover(texts: Sequence[str]) -> Mapping[str, Any]:
    if not any(texts):
        return {"hoverinfo": "skip"}
    return {"hovertext": list(texts), "hovertemplate": "%{hovertext}<extra></extra>"}
