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
    rows: pl.DataFrame,
    *,
    as_of: str,
    unit: str,
    words: Labels,
    height: int = 300,
    form: Form = Form.WHOLE,
) -> Picture:
    """Draw a list at the end of each month.

    Args:
        rows: month, is_observed, mean, p10, p90 of one list.
        as_of: Last month that counts as known.
        unit: What stands above the value axis.
        words: Labels.
        height: Height in pixels.
        form: How numbers are written: rounded counts below ten are not told.
    """
    rows = rows.sort("month")
    observed = rows.filter(pl.col("is_observed"))
    joined = pl.concat([observed.tail(1), rows.filter(~pl.col("is_observed"))])
    axis = anatomy.scale([*rows["p90"].to_list(), *rows["mean"].to_list()])
    figure = anatomy.new_figure(unit, height=height)
    start, end = _places(rows)[0], _places(rows)[-1]
    anatomy.set_year_axis(figure, start, end)
    anatomy.set_value_axis(figure, axis)
    last_known = words.text("chart.last_known", month=words.numbers.month(as_of))
    anatomy.ground(figure, max(start, anatomy.position(as_of)), end, last_known)
    low, high = joined["p10"].to_list(), joined["p90"].to_list()
    anatomy.band(figure, _places(joined), low, high, theme.WAITING)
    for part in (observed, joined):
        if part.height:
            said = [_hover(row, form, words) for row in part.iter_rows(named=True)]
            anatomy.line(figure, _places(part), part["mean"].to_list(), said, theme.WAITING)
    is_end = pl.col("month").str.ends_with("-12") | (pl.col("month") == rows["month"].max())
    ends = rows.filter(is_end)
    anatomy.dots(figure, _places(ends), ends["mean"].to_list(), theme.WAITING)
    anatomy.end_labels(figure, _end_labels(rows, words), axis, height=height)
    panel = Panel(figure, height=height, narrow={"xaxis.dtick": 4})
    return Picture((panel,), _table(rows, form, words))


def _places(rows: pl.DataFrame) -> list[float]:
    return [anatomy.position(month) for month in rows["month"].to_list()]


def _end_labels(rows: pl.DataFrame, words: Labels) -> list[tuple[float, str, str]]:
    """Label the mean and both ends of the range in the last month."""
    numbers = words.numbers
    final = rows.row(-1, named=True)
    whole = Estimate(final["mean"], final["p10"], final["p90"])
    mean = words.text("chart.mean", value=numbers.value(whole))
    labels = [(whole.mean, mean, theme.WAITING)]
    if whole.low < whole.high:
        low, high = numbers.ends(whole)
        labels += [(whole.low, low, theme.QUIET), (whole.high, high, theme.QUIET)]
    return labels


def _table(rows: pl.DataFrame, form: Form, words: Labels) -> Table:
    columns = (
        Column("month", words.text("column.month"), Form.MONTH),
        Column("known", words.text("column.known")),
        Column("mean", words.text("column.mean"), form),
        Column("p10", words.text("column.low"), form),
        Column("p90", words.text("column.high"), form),
    )
    known = [words.text("known.yes" if seen else "known.no") for seen in rows["is_observed"]]
    return Table(rows.with_columns(pl.Series("known", known, dtype=pl.String)), columns)


def _hover(row: dict[str, object], form: Form, words: Labels) -> str:
    numbers = words.numbers
    mean, low, high = (float(str(row[key])) for key in ("mean", "p10", "p90"))
    month = numbers.month(str(row["month"]))
    if row["is_observed"]:
        write = numbers.spoken if form is Form.ROUNDED else numbers.whole
        return words.text("hover.month", month=month, value=write(mean))
    return words.text(
        "hover.month_range",
        month=month,
        value=numbers.whole(mean),
        span=numbers.span(Estimate(mean, low, high)),
    )
