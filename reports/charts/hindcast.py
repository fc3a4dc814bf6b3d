"""Small charts of what would have been said years ago, beside what came.

Belongs here: ranges of several moments side by side, with the observed number on each. Does not
belong here: forecasts ahead (`groups.py`).
"""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import polars as pl

from reports import theme
from reports.blocks import Panel
from reports.charts import anatomy
from reports.labels import Labels
from reports.numbers import Estimate

PANEL_PX = 232
_MARGIN = {"l": 44, "r": 12, "t": 28, "b": 28}
_TINTS = (0.22, 0.42, 0.65)
_ROOM = 0.72
"""Part of a year's room that its ranges take together."""


def draw_hindcasts(
    rows: pl.DataFrame,
    measures: Sequence[str],
    moments: Sequence[str],
    words: Labels,
    *,
    write: Callable[[float], str] | None = None,
) -> tuple[Panel, ...]:
    """Draw per measure and year the range of every moment, with the observed number on it.

    Args:
        rows: as_of, year, measure, mean, p10, p90, observed, inside; whole years that are known.
        measures: The measures, a panel each.
        moments: The moments ("YYYY-MM") in order: from left to right, from light to dark.
        words: Labels.
        write: Writer of the observed numbers; None for whole numbers.
    """
    write = write or words.numbers.whole
    years = rows["year"].to_list()
    start, end = min(years) - 0.6, max(years) + 0.6
    panels = []
    for measure in measures:
        part = rows.filter(pl.col("measure") == measure)
        axis = anatomy.scale(
            [*part["p90"].to_list(), *part["observed"].to_list(), *part["mean"].to_list()]
        )
        figure = anatomy.new_figure("", height=PANEL_PX, **_MARGIN)
        anatomy.set_value_axis(figure, axis)
        anatomy.set_year_axis(figure, start, end)
        for place, moment in enumerate(moments):
            shift = _ROOM * ((place + 0.5) / len(moments) - 0.5)
            known = part.filter(pl.col("as_of") == moment).sort("year")
            if known.height:
                width = _ROOM / len(moments) * 0.8
                said = [_said(row, write, words) for row in known.iter_rows(named=True)]
                _ranges(figure, known, shift, width, place, said)
        label = words.code("hindcast_measure", measure)
        panels.append(Panel(figure, label=label, height=PANEL_PX))
    return tuple(panels)


def _ranges(
    figure: go.Figure,
    known: pl.DataFrame,
    shift: float,
    width: float,
    place: int,
    said: Sequence[str],
) -> None:
    x = [year + shift for year in known["year"].to_list()]
    strength = _TINTS[min(place, len(_TINTS) - 1)]
    low, high = known["p10"].to_list(), known["p90"].to_list()
    figure.add_trace(
        go.Bar(
            x=x,
            y=[top - bottom for top, bottom in zip(high, low, strict=True)],
            base=low,
            width=width,
            marker={
                "color": theme.tint(theme.REFERENCE, strength),
                "line": {"color": theme.REFERENCE, "width": 1},
            },
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=x,
            y=known["observed"].to_list(),
            mode="markers",
            cliponaxis=False,
            marker={
                "size": 8,
                "color": [theme.INK if inside else theme.PAPER for inside in known["inside"]],
                "line": {"color": theme.INK, "width": 1.5},
            },
            hovertext=said,
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )


def _said(row: dict[str, object], write: Callable[[float], str], words: Labels) -> str:
    numbers = words.numbers
    mean, low, high, observed = (float(str(row[key])) for key in ("mean", "p10", "p90", "observed"))
    return words.text(
        "hover.hindcast",
        year=row["year"],
        month=numbers.month(str(row["as_of"])),
        value=numbers.whole(mean),
        span=numbers.span(Estimate(mean, low, high)),
        observed=write(observed),
    )
