"""Small charts of how long stays last: the observed steps with their band, and the fitted curve.

Belongs here: survival curves per group and class. Does not belong here: estimates as numbers.
"""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from models.months import MONTHS_PER_YEAR
from reports import theme
from reports.blocks import Panel
from reports.charts import anatomy
from reports.labels import Labels

PANEL_PX = 232
_MARGIN = {"l": 48, "r": 14, "t": 28, "b": 28}
Key = tuple[str, str]


def draw_survival(
    rows: pl.DataFrame, panels: Sequence[tuple[Key, str]], words: Labels
) -> tuple[Panel, ...]:
    """Draw the share of stays that still go on by years since entry.

    Args:
        rows: target_group, complexity, month, kaplan_meier, lower, upper (empty where too few are
            in sight), fitted.
        panels: Group and class with the words of each panel, in order.
        words: Labels.
    """
    return tuple(_panel(rows.filter(_is(key)).sort("month"), label, words) for key, label in panels)


def _is(key: Key) -> pl.Expr:
    return (pl.col("target_group") == key[0]) & (pl.col("complexity") == key[1])


def _panel(part: pl.DataFrame, label: str, words: Labels) -> Panel:
    seen = part.filter(pl.col("kaplan_meier").is_not_null())
    end = max(1, -(-part["month"].to_list()[-1] // MONTHS_PER_YEAR))
    figure = anatomy.new_figure("", height=PANEL_PX, **_MARGIN)
    anatomy.set_value_axis(figure, anatomy.Scale(1.04, 0.25), shares=True)
    figure.update_xaxes(range=[0, end], tickformat="d", dtick=1 if end <= 5 else 2, tick0=0)
    if seen.height:
        _observed(figure, seen, words)
    anatomy.line(
        figure,
        _years(part),
        part["fitted"].to_list(),
        _hover(part, "fitted", "hover.fitted", words),
        theme.INK,
        dash="dash",
        width=2.0,
    )
    return Panel(figure, label=label, height=PANEL_PX)


def _observed(figure: go.Figure, seen: pl.DataFrame, words: Labels) -> None:
    """Draw the observed share as steps, with its band."""
    x = _steps(_years(seen), first=True)
    low, high = (_steps(seen[key].to_list(), first=False) for key in ("lower", "upper"))
    anatomy.band(figure, x, low, high, theme.WAITING)
    figure.add_trace(
        go.Scatter(
            x=_years(seen),
            y=seen["kaplan_meier"].to_list(),
            mode="lines",
            line={"color": theme.WAITING, "width": 2.0, "shape": "hv"},
            hovertext=_hover(seen, "kaplan_meier", "hover.kaplan_meier", words),
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )


def _steps(values: Sequence[float], *, first: bool) -> list[float]:
    """Give the corners of steps: places on the axis (`first`), or their heights."""
    doubled = [value for value in values for _ in range(2)]
    return doubled[1:] if first else doubled[:-1]


def _years(rows: pl.DataFrame) -> list[float]:
    return [round(month / MONTHS_PER_YEAR, 3) for month in rows["month"].to_list()]


def _hover(rows: pl.DataFrame, column: str, label: str, words: Labels) -> list[str]:
    """Write what a pointer shows at every half year."""
    every = MONTHS_PER_YEAR // 2
    return [
        words.text(label, months=words.numbers.months(month), value=words.numbers.share(value))
        if month % every == 0
        else ""
        for month, value in rows.select("month", column).iter_rows()
    ]
