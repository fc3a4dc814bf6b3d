"""Charts of the demand for homes: a year, and added up over the ten years.

Belongs here: what was let, what is needed with its range, and the ceiling beside it. Does not
belong here: waits (`lists.py`, `yearly.py`), drivers (`rows.py`).
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from reports import theme
from reports.blocks import Column, Form, Panel, Picture, Table
from reports.charts import anatomy
from reports.labels import Labels
from reports.numbers import Estimate

_EDGE = 0.6
_FULL_YEAR = 12

EndLabel = tuple[float, str, str]
"""A label at the end of a line: where it stands, its words, its colour."""


def draw_yearly_demand(
    demand: pl.DataFrame,
    lettings: pl.DataFrame,
    *,
    as_of: str,
    words: Labels,
    form: Form = Form.WHOLE,
) -> Picture:
    """Draw homes let per year in the past and homes needed per full calendar year to come.

    Args:
        demand: year, months_covered, mean, p10, p90, cap_dwellings (empty where none is agreed),
            unmet_persons; all years, also those that are covered in part.
        lettings: year, months_covered, dwellings.
        as_of: Last month that counts as known.
        words: Labels.
        form: How homes let are written.
    """
    full = demand.filter(pl.col("months_covered") == _FULL_YEAR).sort("year")
    past = lettings.sort("year")
    caps = full.filter(pl.col("cap_dwellings").is_not_null())
    years = [*past["year"].to_list(), *full["year"].to_list()]
    axis = anatomy.scale(
        [
            *full["p90"].to_list(),
            *full["mean"].to_list(),
            *past["dwellings"].to_list(),
            *caps["cap_dwellings"].to_list(),
        ]
    )
    figure = anatomy.new_figure(words.text("axis.dwellings_year"))
    anatomy.set_year_axis(figure, min(years) - _EDGE, max(years) + _EDGE)
    anatomy.set_value_axis(figure, axis)
    last_known = words.text("chart.last_known", month=words.numbers.month(as_of))
    anatomy.ground(figure, anatomy.bar_position(as_of), max(years) + _EDGE, last_known)
    _realised_bars(figure, past, form, words)
    labels = [
        *_needed_line(figure, full["year"].to_list(), full, "hover.year_range", words),
        *_cap_line(figure, caps, words),
    ]
    anatomy.end_labels(figure, labels, axis)
    both = pl.concat(
        [past.select("year", "months_covered", "dwellings"), demand.sort("year")], how="diagonal"
    )
    table = Table(both, _yearly_columns(form, words))
    return Picture((Panel(figure, narrow={"xaxis.dtick": 4}),), table)


def draw_cumulative_demand(
    cumulative: pl.DataFrame, *, start: str, end: str, words: Labels
) -> Picture:
    """Draw homes needed since the start, with the ceiling and the reference added up likewise.

    Args:
        cumulative: month (last month covered of each year), mean, p10, p90, cap_total (empty
            where none is agreed), reference_total; all by the end of that month.
        start: Last month before the ten years.
        end: Last month of the ten years.
        words: Labels.
    """
    nothing = {"month": start, "mean": 0.0, "p10": 0.0, "p90": 0.0, "reference_total": 0.0}
    rows = cumulative.sort("month")
    has_cap = rows["cap_total"].null_count() == 0
    whole = pl.concat([pl.DataFrame([{**nothing, "cap_total": 0.0}]), rows], how="diagonal")
    x = [anatomy.position(month) for month in whole["month"].to_list()]
    tops = [*whole["p90"].to_list(), *whole["reference_total"].to_list()]
    axis = anatomy.scale([*tops, *whole["cap_total"].drop_nulls().to_list()])
    figure = anatomy.new_figure(words.text("axis.dwellings_total"))
    anatomy.set_year_axis(figure, anatomy.position(start), anatomy.position(end))
    anatomy.set_value_axis(figure, axis)
    anatomy.ground(figure, anatomy.position(start), anatomy.position(end))
    labels = [
        *_total_line(figure, x, whole, "reference", theme.REFERENCE, words),
        *(_total_line(figure, x, whole, "cap", theme.CAP, words) if has_cap else ()),
        *_needed_line(figure, x, whole, "hover.month_range", words),
    ]
    anatomy.end_labels(figure, labels, axis)
    table = Table(rows, _cumulative_columns(words))
    return Picture((Panel(figure, narrow={"xaxis.dtick": 3}),), table)


def _needed_line(
    figure: go.Figure, x: list[float], rows: pl.DataFrame, hover: str, words: Labels
) -> list[EndLabel]:
    """Draw the mean with its range, and give its label."""
    if rows.is_empty():
        return []
    numbers = words.numbers
    anatomy.band(figure, x, rows["p10"].to_list(), rows["p90"].to_list(), theme.DEMAND)
    said = [
        words.text(
            hover,
            year=row.get("year", ""),
            month=numbers.month(row["month"]) if "month" in row else "",
            value=numbers.value(_estimate(row)),
            span=numbers.span(_estimate(row)),
        )
        for row in rows.iter_rows(named=True)
    ]
    anatomy.line(figure, x, rows["mean"].to_list(), said, theme.DEMAND)
    last = _estimate(rows.row(-1, named=True))
    return [(last.mean, words.text("chart.needed", value=numbers.value(last)), theme.DEMAND)]


def _cap_line(figure: go.Figure, caps: pl.DataFrame, words: Labels) -> list[EndLabel]:
    """Draw the ceiling of every full year across its whole year, and give its label."""
    if caps.is_empty():
        return []
    x: list[float] = []
    y: list[float] = []
    for year, value in caps.select("year", "cap_dwellings").iter_rows():
        x += [year - 0.5, year + 0.5]
        y += [value, value]
    said = [words.text("chart.at_most", value=words.numbers.whole(value)) for value in y]
    anatomy.line(figure, x, y, said, theme.CAP, dash="dash", width=2.0)
    return [(y[-1], said[-1], theme.CAP)]


def _total_line(
    figure: go.Figure, x: list[float], rows: pl.DataFrame, kind: str, colour: str, words: Labels
) -> list[EndLabel]:
    """Draw a total that is certain (the ceiling, the reference), and give its label."""
    totals = rows[f"{kind}_total"].to_list()
    if totals[-1] == 0:
        return []
    is_cap = colour == theme.CAP
    label = "chart.at_most" if is_cap else "chart.reference"
    said = [words.text(label, value=words.numbers.whole(total)) for total in totals]
    dash, width = ("dash", 2.0) if is_cap else ("dot", theme.THIN_WIDTH_PX)
    anatomy.line(figure, x, totals, said, colour, dash=dash, width=width)
    return [(totals[-1], said[-1], colour)]


def _realised_bars(figure: go.Figure, past: pl.DataFrame, form: Form, words: Labels) -> None:
    """Draw homes let: full bars for whole years, hollow ones for years that are not over."""
    numbers = words.numbers
    write = numbers.spoken if form is Form.ROUNDED else numbers.whole
    for is_whole in (True, False):
        part = past.filter((pl.col("months_covered") == _FULL_YEAR) == is_whole)
        if part.is_empty():
            continue
        hover = [
            words.text(
                "hover.let" if is_whole else "hover.let_part",
                year=row["year"],
                value=write(row["dwellings"]),
                months=numbers.months(row["months_covered"]),
            )
            for row in part.iter_rows(named=True)
        ]
        anatomy.bars(
            figure,
            part["year"].to_list(),
            part["dwellings"].to_list(),
            hover,
            theme.REALISED,
            hollow=not is_whole,
        )
    if past.height:
        first = past.head(2)
        height = max(first["dwellings"].to_list())
        place, text = first["year"][0] - 0.33, words.text("chart.let")
        anatomy.write(figure, place, height, text, colour=theme.REALISED, rise=12)


def _yearly_columns(form: Form, words: Labels) -> tuple[Column, ...]:
    heads = {
        "months_covered": "months",
        "dwellings": "let",
        "mean": "needed_mean",
        "p10": "low",
        "p90": "high",
        "cap_dwellings": "at_most",
        "unmet_persons": "unmet",
    }
    return (
        Column("year", words.text("column.year"), Form.YEAR),
        *(
            Column(key, words.text(f"column.{head}"), form if key == "dwellings" else Form.WHOLE)
            for key, head in heads.items()
        ),
    )


def _cumulative_columns(words: Labels) -> tuple[Column, ...]:
    return (
        Column("month", words.text("column.until"), Form.MONTH),
        Column("mean", words.text("column.needed_mean"), Form.WHOLE),
        Column("p10", words.text("column.low"), Form.WHOLE),
        Column("p90", words.text("column.high"), Form.WHOLE),
        Column("cap_total", words.text("column.at_most"), Form.WHOLE, words.text("not_agreed")),
        Column("reference_total", words.text("column.reference"), Form.WHOLE),
    )


def _estimate(row: Mapping[str, Any]) -> Estimate:
    return Estimate(row["mean"], row["p10"], row["p90"])
