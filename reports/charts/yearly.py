"""Charts of one measure per calendar year with its range, and of chances per year.

Belongs here: support caseload, people without place and home, share offered in time, chance that
the promise is kept. Does not belong here: months (`lists.py`), target groups (`groups.py`).
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from reports import theme
from reports.blocks import Panel
from reports.charts import anatomy
from reports.labels import Labels
from reports.numbers import Estimate

_EDGE = 0.4
_SHORT_PX = 276
_HALF = 0.5
_NEAR_HALF = 0.005


def draw_range_per_year(
    rows: pl.DataFrame,
    *,
    colour: str,
    unit: str,
    end_label: str,
    words: Labels,
    shares: bool = False,
    norm: tuple[float, str] | None = None,
    dots: bool = False,
) -> Panel:
    """Draw a mean with its range per year.

    Args:
        rows: year, mean, p10, p90; one row a year, in order.
        colour: Colour of the kind of number.
        unit: What stands above the value axis.
        end_label: Words at the end of the line.
        words: Labels.
        shares: Whether the numbers are shares (0 to 1).
        norm: A value that is drawn across with its words.
        dots: Whether the line carries dots (lists and waiting).
    """
    years = rows["year"].to_list()
    figure = anatomy.new_figure(unit, height=_SHORT_PX)
    axis = anatomy.Scale(1.04, 0.25) if shares else _scale(rows)
    anatomy.set_value_axis(figure, axis, shares=shares)
    anatomy.set_year_axis(figure, years[0] - _EDGE, years[-1] + _EDGE)
    anatomy.ground(figure, years[0] - _EDGE, years[-1] + _EDGE)
    anatomy.band(figure, years, rows["p10"].to_list(), rows["p90"].to_list(), colour)
    labels = [(rows["mean"][-1], end_label, colour)]
    if norm is not None:
        value, text = norm
        anatomy.level(
            figure,
            years[0] - _EDGE,
            years[-1] + _EDGE,
            value,
            theme.REFERENCE,
            dash="dot",
            width=theme.THIN_WIDTH_PX,
        )
        labels.append((value, text, theme.REFERENCE))
    hover = _range_hover(rows, shares, words)
    anatomy.line(figure, years, rows["mean"].to_list(), hover, colour, dots=dots)
    anatomy.end_labels(figure, labels, axis, height=_SHORT_PX)
    return Panel(figure, height=_SHORT_PX, narrow={"xaxis.dtick": _narrow_step(years)})


def draw_chance_per_year(rows: pl.DataFrame, *, certainty: float | None, words: Labels) -> Panel:
    """Draw the chance per year that the promise is kept, with the half and the norm marked.

    Args:
        rows: year, kept_probability; one row a year, in order.
        certainty: The chance that was agreed or assumed, None where there is none.
        words: Labels.
    """
    numbers = words.numbers
    years = rows["year"].to_list()
    figure = anatomy.new_figure(words.text("axis.chance"), height=_SHORT_PX)
    axis = anatomy.Scale(1.12, 0.25)
    anatomy.set_value_axis(figure, axis, shares=True)
    anatomy.set_year_axis(figure, years[0] - 0.6, years[-1] + 0.6)
    anatomy.ground(figure, years[0] - 0.6, years[-1] + 0.6)
    for is_likely, colour in ((True, theme.WAITING), (False, theme.ALARM)):
        part = rows.filter((pl.col("kept_probability") >= _HALF) == is_likely)
        if part.height:
            hover = [
                words.text("hover.chance", year=year, value=numbers.share(value))
                for year, value in part.select("year", "kept_probability").iter_rows()
            ]
            anatomy.bars(
                figure, part["year"].to_list(), part["kept_probability"].to_list(), hover, colour
            )
    narrow = {"xaxis.dtick": _narrow_step(years), **_write_chances(figure, rows, words)}
    labels = [(_HALF, words.text("chart.half"), theme.REFERENCE)]
    marks = [(_HALF, "dot")]
    if certainty is not None:
        text = words.text("chart.norm", value=numbers.share(certainty))
        labels.append((certainty, text, theme.REFERENCE))
        marks.append((certainty, "dot"))
    for value, dash in marks:
        anatomy.level(
            figure,
            years[0] - 0.6,
            years[-1] + 0.6,
            value,
            theme.REFERENCE,
            dash=dash,
            width=theme.THIN_WIDTH_PX,
        )
    anatomy.end_labels(figure, labels, axis, height=_SHORT_PX)
    return Panel(figure, height=_SHORT_PX, narrow=narrow)


def _write_chances(figure: go.Figure, rows: pl.DataFrame, words: Labels) -> dict[str, Any]:
    """Write every chance above its bar; give what a narrow screen leaves out."""
    years = rows["year"].to_list()
    left_out: dict[str, Any] = {}
    for year, value in rows.select("year", "kept_probability").iter_rows():
        if year not in (years[0], years[-1]):
            left_out[f"annotations[{len(figure.layout.annotations)}].visible"] = False
        anatomy.write(
            figure,
            year,
            value,
            words.numbers.share(value, _digits(value)),
            colour=theme.WAITING if value >= _HALF else theme.ALARM,
            anchor="center",
            rise=11,
            ground=theme.GROUND,
        )
    return left_out


def _scale(rows: pl.DataFrame) -> anatomy.Scale:
    return anatomy.scale([*rows["p90"].to_list(), *rows["mean"].to_list()])


def _range_hover(rows: pl.DataFrame, shares: bool, words: Labels) -> list[str]:
    """Write what a pointer shows in every year."""
    numbers = words.numbers
    said = []
    for row in rows.iter_rows(named=True):
        written, span = numbers.share(row["mean"]), numbers.share_span(row["p10"], row["p90"])
        if not shares:
            whole = Estimate(row["mean"], row["p10"], row["p90"])
            written, span = numbers.value(whole), numbers.span(whole)
        said.append(words.text("hover.year_range", year=row["year"], value=written, span=span))
    return said


def _digits(chance: float) -> int:
    """Give the decimals of a chance: one where it would else be written as just a half."""
    return 1 if chance != _HALF and abs(chance - _HALF) < _NEAR_HALF else 0


def _narrow_step(years: Sequence[int]) -> int:
    return max(1, -(-(years[-1] - years[0] + 1) // 4))
