"""Small charts side by side, one for each target group or series.

Belongs here: places with residents, the intake list, the inflow per target group, series of years
with their forecast. Does not belong here: charts about all groups together.
"""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import polars as pl

from reports import theme
from reports.blocks import Panel
from reports.charts import anatomy
from reports.labels import Labels, capital
from reports.numbers import Estimate

PANEL_PX = 216
_MARGIN = {"l": 40, "r": 12, "t": 28, "b": 28}


def draw_places(rows: pl.DataFrame, groups: Sequence[str], words: Labels) -> tuple[Panel, ...]:
    """Draw places as a line over residents, with those who are ready and wait set apart.

    Args:
        rows: target_group, year, places_mean, occupied_mean, blocked_mean.
        groups: The groups, in order.
        words: Labels.
    """
    panels = []
    for group in groups:
        part = rows.filter(pl.col("target_group") == group).sort("year")
        years = part["year"].to_list()
        blocked = part["blocked_mean"].to_list()
        others = [
            occupied - held for occupied, held in zip(part["occupied_mean"], blocked, strict=True)
        ]
        axis = anatomy.scale([*part["places_mean"].to_list(), *part["occupied_mean"].to_list()])
        figure = _small_figure(years, axis, "")
        hover = [_places_hover(row, words) for row in part.iter_rows(named=True)]
        anatomy.bars(
            figure, years, others, hover, theme.blend(theme.REFERENCE, theme.INNER_TINT), width=0.8
        )
        anatomy.bars(figure, years, blocked, hover, theme.WAITING, width=0.8, base=others)
        anatomy.line(
            figure, years, part["places_mean"].to_list(), [""] * len(years), theme.INK, width=2.0
        )
        panels.append(_small_panel(figure, group, words))
    return tuple(panels)


def draw_intake_lists(
    rows: pl.DataFrame, groups: Sequence[str], words: Labels
) -> tuple[Panel, ...]:
    """Draw people who wait for a place, at the end of each year.

    Args:
        rows: target_group, year, intake_list_mean.
        groups: The groups, in order.
        words: Labels.
    """
    panels = []
    for group in groups:
        part = rows.filter(pl.col("target_group") == group).sort("year")
        years, values = part["year"].to_list(), part["intake_list_mean"].to_list()
        figure = _small_figure(years, anatomy.scale(values), "")
        hover = [
            words.text("hover.year", year=year, value=words.numbers.whole(value))
            for year, value in zip(years, values, strict=True)
        ]
        anatomy.line(figure, years, values, hover, theme.WAITING, dots=True, width=2.0)
        panels.append(_small_panel(figure, group, words))
    return tuple(panels)


def draw_inflow(
    rows: pl.DataFrame,
    groups: Sequence[str],
    *,
    as_of: str,
    words: Labels,
    write: Callable[[float], str] | None = None,
) -> tuple[Panel, ...]:
    """Draw the observed and the forecast inflow of full years.

    Args:
        rows: series_id, year, is_forecast, mean, lo80, hi80; full years only.
        groups: The series, in order.
        as_of: Last month that counts as known.
        words: Labels.
        write: Writer of the observed numbers; None for whole numbers.
    """
    return tuple(
        draw_series(
            rows.filter(pl.col("series_id") == group),
            capital(words.code("group", group)),
            words,
            start=anatomy.bar_position(as_of),
            write=write,
        )
        for group in groups
    )


def draw_series(
    part: pl.DataFrame,
    label: str,
    words: Labels,
    *,
    start: float | None = None,
    write: Callable[[float], str] | None = None,
) -> Panel:
    """Draw one series of years: observed, then forecast with its interval.

    Args:
        part: year, is_forecast, mean, lo80, hi80; full years only.
        label: What the panel is about.
        words: Labels.
        start: Where the ground of the forecast begins; by default after the last observed year.
        write: Writer of the observed numbers; None for whole numbers.
    """
    part = part.sort("year")
    past = part.filter(~pl.col("is_forecast"))
    ahead = part.filter(pl.col("is_forecast"))
    years = part["year"].to_list()
    axis = anatomy.scale([*part["mean"].to_list(), *ahead["hi80"].to_list()])
    figure = _small_figure(years, axis, "")
    begin = max([*past["year"].to_list(), min(years) - 1]) + 0.5 if start is None else start
    anatomy.ground(figure, begin, max(years) + 0.6)
    if ahead.height:
        x = ahead["year"].to_list()
        low, high = ahead["lo80"].to_list(), ahead["hi80"].to_list()
        anatomy.band(figure, x, low, high, theme.REFERENCE, strength=theme.INNER_TINT)
        said = [_inflow_hover(row, words) for row in ahead.iter_rows(named=True)]
        mean = ahead["mean"].to_list()
        anatomy.line(figure, x, mean, said, theme.INK, dash="dash", width=2.0)
    if past.height:
        anatomy.line(
            figure,
            past["year"].to_list(),
            past["mean"].to_list(),
            [
                words.text("hover.year", year=year, value=(write or words.numbers.whole)(mean))
                for year, mean in past.select("year", "mean").iter_rows()
            ],
            theme.INK,
            dots=True,
            width=2.0,
        )
    return Panel(figure, label=label, height=PANEL_PX)


def _small_figure(years: Sequence[int], axis: anatomy.Scale, unit: str) -> go.Figure:
    figure = anatomy.new_figure(unit, height=PANEL_PX, **_MARGIN)
    anatomy.set_value_axis(figure, axis)
    anatomy.set_year_axis(figure, min(years) - 0.6, max(years) + 0.6)
    span = max(years) - min(years) + 1
    figure.update_xaxes(dtick=2 if span <= 8 else 3 if span <= 12 else 5)
    return figure


def _small_panel(figure: go.Figure, group: str, words: Labels) -> Panel:
    return Panel(figure, label=capital(words.code("group", group)), height=PANEL_PX)


def _places_hover(row: dict[str, float], words: Labels) -> str:
    whole = words.numbers.whole
    return words.text(
        "hover.places",
        year=int(row["year"]),
        places=whole(row["places_mean"]),
        occupied=whole(row["occupied_mean"]),
        blocked=whole(row["blocked_mean"]),
    )


def _inflow_hover(row: dict[str, float], words: Labels) -> str:
    numbers = words.numbers
    return words.text(
        "hover.year_range",
        year=int(row["year"]),
        value=numbers.whole(row["mean"]),
        span=numbers.span(Estimate(row["mean"], row["lo80"], row["hi80"])),
    )
