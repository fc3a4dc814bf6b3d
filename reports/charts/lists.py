"""Charts of the two lists, month by month: observed, then with its range.

Belongs here: the housing list and the intake list over months. Does not belong here: shares in
time (`yearly.py`).
"""

import polars as pl

from reports import theme
from reports.blocks import Column, Form, Panel, Picture, Table
from reports.charts import anatomy
from reports.labels import Labels
from reports.numbers import Estimate


def draw_list(
    rows: pl.DataFrame, *, as_of: str, unit: str, words: Labels, height: int = 340
) -> Picture:
    """Draw a list at the end of each month.

    Args:
        rows: month, is_observed, mean, p10, p90 of one list.
        as_of: Last month that counts as known.
        unit: What stands above the value axis.
        words: Labels.
        height: Height in pixels.
    """
    numbers = words.numbers
    rows = rows.sort("month")
    observed = rows.filter(pl.col("is_observed"))
    ahead = rows.filter(~pl.col("is_observed"))
    joined = pl.concat([observed.tail(1), ahead])
    axis = anatomy.scale(rows["p90"].to_list())
    figure = anatomy.new_figure(unit, height=height)
    places = [anatomy.position(month) for month in rows["month"].to_list()]
    start, end = min(places), max(places)
    anatomy.set_year_axis(figure, start, end)
    anatomy.set_value_axis(figure, axis)
    anatomy.ground(
        figure,
        max(start, anatomy.position(as_of)),
        end,
        words.text("chart.last_known", month=numbers.month(as_of)),
    )
    x = [anatomy.position(month) for month in joined["month"].to_list()]
    anatomy.band(figure, x, joined["p10"].to_list(), joined["p90"].to_list(), theme.WAITING)
    for part in (observed, joined):
        if part.height:
            anatomy.line(
                figure,
                [anatomy.position(month) for month in part["month"].to_list()],
                part["mean"].to_list(),
                [_hover(row, words) for row in part.iter_rows(named=True)],
                theme.WAITING,
            )
    is_end = pl.col("month").str.ends_with("-12") | (pl.col("month") == rows["month"].max())
    ends = rows.filter(is_end)
    anatomy.dots(
        figure,
        [anatomy.position(month) for month in ends["month"].to_list()],
        ends["mean"].to_list(),
        theme.WAITING,
    )
    final = rows.row(-1, named=True)
    whole = Estimate(final["mean"], final["p10"], final["p90"])
    anatomy.end_labels(
        figure,
        [
            (final["mean"], words.text("chart.mean", value=numbers.value(whole)), theme.WAITING),
            *[
                (value, text, theme.QUIET)
                for value, text in zip((whole.low, whole.high), numbers.ends(whole), strict=True)
                if whole.low < whole.high
            ],
        ],
        axis,
        height=height,
    )
    columns = (
        Column("month", words.text("column.month"), Form.MONTH),
        Column("known", words.text("column.known")),
        Column("mean", words.text("column.mean"), Form.WHOLE),
        Column("p10", words.text("column.low"), Form.WHOLE),
        Column("p90", words.text("column.high"), Form.WHOLE),
    )
    known = [words.text("known.yes" if seen else "known.no") for seen in rows["is_observed"]]
    table = rows.with_columns(pl.Series("known", known, dtype=pl.String))
    panel = Panel(figure, height=height, narrow={"xaxis.dtick": 4})
    return Picture((panel,), Table(table, columns))


def _hover(row: dict[str, object], words: Labels) -> str:
    numbers = words.numbers
    mean, low, high = (float(str(row[key])) for key in ("mean", "p10", "p90"))
    month = numbers.month(str(row["month"]))
    if row["is_observed"]:
        return words.text("hover.month", month=month, value=numbers.whole(mean))
    return words.text(
        "hover.month_range",
        month=month,
        value=numbers.whole(mean),
        span=numbers.span(Estimate(mean, low, high)),
    )
