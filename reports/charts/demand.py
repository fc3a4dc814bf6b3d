"""Charts of the demand for homes: a year, and added up over the ten years.

Belongs here: what was let, what is needed with its range, and the ceiling beside it. Does not
belong here: waits (`waiting.py`), drivers (`rows.py`).
"""

import plotly.graph_objects as go
import polars as pl

from reports import theme
from reports.blocks import Column, Form, Panel, Picture, Table
from reports.charts import anatomy
from reports.labels import Labels
from reports.numbers import Estimate


def draw_yearly_demand(
    demand: pl.DataFrame, lettings: pl.DataFrame, *, as_of: str, words: Labels
) -> Picture:
    """Draw homes let per year in the past and homes needed per full calendar year to come.

    Args:
        demand: year, months_covered, mean, p10, p90, cap_dwellings (empty where none is agreed),
            unmet_persons; all years, also those that are covered in part.
        lettings: year, months_covered, dwellings.
        as_of: Last month that counts as known.
        words: Labels.
    """
    numbers = words.numbers
    full = demand.filter(pl.col("months_covered") == 12).sort("year")
    years = full["year"].to_list()
    past = lettings.sort("year")
    caps = full.filter(pl.col("cap_dwellings").is_not_null())
    shown = [*full["p90"].to_list(), *past["dwellings"].to_list(), *caps["cap_dwellings"].to_list()]
    axis = anatomy.scale(shown)
    figure = anatomy.new_figure(words.text("axis.dwellings_year"))
    first = min([*past["year"].to_list(), *years])
    last = max([*past["year"].to_list(), *years])
    anatomy.set_year_axis(figure, first - 0.6, last + 0.6)
    anatomy.set_value_axis(figure, axis)
    anatomy.ground(
        figure,
        anatomy.bar_position(as_of),
        last + 0.6,
        words.text("chart.last_known", month=numbers.month(as_of)),
    )
    _realised_bars(figure, past, words)
    labels: list[tuple[float, str, str]] = []
    if years:
        anatomy.band(figure, years, full["p10"].to_list(), full["p90"].to_list(), theme.DEMAND)
        hover = [
            words.text(
                "hover.year_range",
                year=row["year"],
                value=numbers.whole(row["mean"]),
                span=numbers.span(Estimate(row["mean"], row["p10"], row["p90"])),
            )
            for row in full.iter_rows(named=True)
        ]
        anatomy.line(figure, years, full["mean"].to_list(), hover, theme.DEMAND)
        final = full.row(-1, named=True)
        labels.append(
            (
                final["mean"],
                words.text("chart.needed", value=numbers.whole(final["mean"])),
                theme.DEMAND,
            )
        )
    if caps.height:
        cap_years, values = caps["year"].to_list(), caps["cap_dwellings"].to_list()
        anatomy.line(
            figure,
            [cap_years[0] - 0.5, *cap_years[1:-1], cap_years[-1] + 0.5],
            [values[0], *values[1:-1], values[-1]],
            [words.text("chart.at_most", value=numbers.whole(value)) for value in values],
            theme.CAP,
            dash="dash",
            width=2.0,
        )
        labels.append(
            (
                values[-1],
                words.text("chart.at_most", value=numbers.whole(values[-1])),
                theme.CAP,
            )
        )
    anatomy.end_labels(figure, labels, axis)
    columns = (
        Column("year", words.text("column.year"), Form.YEAR),
        Column("months_covered", words.text("column.months"), Form.WHOLE),
        Column("dwellings", words.text("column.let"), Form.WHOLE),
        Column("mean", words.text("column.needed_mean"), Form.WHOLE),
        Column("p10", words.text("column.low"), Form.WHOLE),
        Column("p90", words.text("column.high"), Form.WHOLE),
        Column("cap_dwellings", words.text("column.at_most"), Form.WHOLE),
        Column("unmet_persons", words.text("column.unmet"), Form.WHOLE),
    )
    both = pl.concat(
        [past.select("year", "months_covered", "dwellings"), demand.sort("year")], how="diagonal"
    )
    return Picture((Panel(figure, narrow={"xaxis.dtick": 4}),), Table(both, columns))


def draw_cumulative_demand(
    cumulative: pl.DataFrame, *, start: str, end: str, reference_yearly: float, words: Labels
) -> Picture:
    """Draw homes needed since the start, with the ceiling and the reference added up likewise.

    Args:
        cumulative: month (last month covered of each year), mean, p10, p90, cap_total (empty
            where none is agreed), reference_total; all by the end of that month.
        start: Last month before the ten years.
        end: Last month of the ten years.
        reference_yearly: Mean lettings a year in the reference years; 0 draws no line.
        words: Labels.
    """
    numbers = words.numbers
    origin = anatomy.position(start)
    rows = cumulative.sort("month")
    x = [origin, *[anatomy.position(month) for month in rows["month"].to_list()]]
    caps = rows.filter(pl.col("cap_total").is_not_null())
    axis = anatomy.scale([*rows["p90"].to_list(), *caps["cap_total"].to_list()])
    figure = anatomy.new_figure(words.text("axis.dwellings_total"))
    anatomy.set_year_axis(figure, origin, anatomy.position(end))
    anatomy.set_value_axis(figure, axis)
    anatomy.ground(figure, origin, anatomy.position(end))
    anatomy.band(figure, x, [0, *rows["p10"].to_list()], [0, *rows["p90"].to_list()], theme.DEMAND)
    labels = []
    final = rows.row(-1, named=True)
    if reference_yearly > 0:
        totals = [0.0, *rows["reference_total"].to_list()]
        hover = [words.text("chart.reference", value=numbers.whole(total)) for total in totals]
        anatomy.line(figure, x, totals, hover, theme.REFERENCE, dash="dot", width=1.5)
        labels.append((totals[-1], hover[-1], theme.REFERENCE))
    if caps.height == rows.height:
        totals = [0.0, *caps["cap_total"].to_list()]
        hover = [words.text("chart.at_most", value=numbers.whole(total)) for total in totals]
        anatomy.line(figure, x, totals, hover, theme.CAP, dash="dash", width=2.0)
        labels.append((totals[-1], hover[-1], theme.CAP))
    hover = [""] + [
        words.text(
            "hover.month_range",
            month=numbers.month(row["month"]),
            value=numbers.whole(row["mean"]),
            span=numbers.span(Estimate(row["mean"], row["p10"], row["p90"])),
        )
        for row in rows.iter_rows(named=True)
    ]
    anatomy.line(figure, x, [0, *rows["mean"].to_list()], hover, theme.DEMAND)
    whole = Estimate(final["mean"], final["p10"], final["p90"])
    labels.append(
        (final["mean"], words.text("chart.needed", value=numbers.value(whole)), theme.DEMAND)
    )
    anatomy.end_labels(figure, labels, axis)
    columns = (
        Column("month", words.text("column.until"), Form.MONTH),
        Column("mean", words.text("column.needed_mean"), Form.WHOLE),
        Column("p10", words.text("column.low"), Form.WHOLE),
        Column("p90", words.text("column.high"), Form.WHOLE),
        Column("cap_total", words.text("column.at_most"), Form.WHOLE, words.text("not_agreed")),
        Column("reference_total", words.text("column.reference"), Form.WHOLE),
    )
    return Picture((Panel(figure, narrow={"xaxis.dtick": 3}),), Table(rows, columns))


def _realised_bars(figure: go.Figure, past: pl.DataFrame, words: Labels) -> None:
    numbers = words.numbers
    for is_whole in (True, False):
        part = past.filter((pl.col("months_covered") == 12) == is_whole)
        if not part.height:
            continue
        hover = [
            words.text(
                "hover.let" if is_whole else "hover.let_part",
                year=row["year"],
                value=numbers.whole(row["dwellings"]),
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
        anatomy.write(
            figure,
            first["year"][0] - 0.33,
            max(first["dwellings"].to_list()),
            words.text("chart.let"),
            colour=theme.REALISED,
            rise=12,
        )
