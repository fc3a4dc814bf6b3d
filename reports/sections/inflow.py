"""The inflow of people per target group: observed, forecast, and the models behind it.

Belongs here: the section on inflow. Does not belong here: forecasting (`models.forecast`).
"""

import polars as pl

from reports.blocks import Chart, Column, Picture, Section, Table
from reports.charts.groups import draw_inflow
from reports.labels import Labels, capital
from reports.sections import base

INFLOW = "mart_forecast__inflow"
TABLES = (INFLOW,)


def build_inflow(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on inflow."""
    inflow = tables.frame(INFLOW)
    full = inflow.filter(pl.col("months_covered") == base.FULL_YEAR)
    if not full.filter(pl.col("is_forecast")).height:
        return base.missing_section("inflow", words)
    named = inflow.rename({"series_id": "target_group"})
    groups = base.groups_in_order(named, words)
    finding = inflow_finding(full, groups, words)
    observed = full.filter(~pl.col("is_forecast"))
    notes = [words.text("inflow.models"), words.text("inflow.scale")]
    if observed.height:
        compared = words.text(
            "inflow.compare",
            last=observed["year"].max(),
            year=full.filter(pl.col("is_forecast"))["year"].max(),
        )
        notes.insert(0, compared)
    said = [
        words.text(f"forecast_word.{'yes' if ahead else 'no'}") for ahead in named["is_forecast"]
    ]
    labelled = named.with_columns(
        pl.Series("kind", said, dtype=pl.String),
    )
    ordered = base.order_by(labelled.sort("year", "is_forecast"), "target_group", groups)
    shown = ordered.with_columns(
        pl.Series("group", [capital(words.code("group", item)) for item in ordered["target_group"]])
    )
    form = tables.form(INFLOW, "mean")
    panels = draw_inflow(
        full, groups, as_of=facts.as_of, words=words, write=tables.speaker(INFLOW, "mean", words)
    )
    columns = (
        Column("group", words.text("column.group")),
        base.year_column(words),
        base.months_column(words),
        Column("kind", words.text("column.forecast")),
        Column("mean", words.text("column.mean"), form),
        Column("lo80", words.text("column.low"), form),
        Column("hi80", words.text("column.high"), form),
        Column("models", words.text("column.models")),
        Column("weights", words.text("column.weights")),
    )
    chart = Chart(
        "inflow",
        finding,
        words.text("inflow.subtitle"),
        words.text("inflow.alternative", finding=finding),
        Picture(panels, Table(shown, columns)),
        words.text("source_line.model", month=words.numbers.month(facts.as_of)),
        tuple(notes),
    )
    return Section("inflow", words.text("inflow.heading"), finding, charts=(chart,))


def _counted(rows: list[base.Row]) -> str:
    return base.from_rows(str(len(rows)), INFLOW, rows, how="count")


def inflow_finding(full: pl.DataFrame, groups: list[str], words: Labels) -> str:
    """Count the groups whose last observed year lies outside the interval of the last forecast."""
    up: list[base.Row] = []
    down: list[base.Row] = []
    every: list[base.Row] = []
    for group in groups:
        part = full.filter(pl.col("series_id") == group).sort("year")
        past, ahead = part.filter(~pl.col("is_forecast")), part.filter(pl.col("is_forecast"))
        if past.is_empty() or ahead.is_empty():
            continue
        now = past["mean"][-1]
        last = ahead.row(-1, named=True)
        every.append(last)
        up += [last] if last["lo80"] > now else []
        down += [last] if last["hi80"] < now else []
    year = full.filter(pl.col("is_forecast"))["year"].max()
    if not (up or down):
        return words.text("inflow.finding_all_unclear", year=year)
    return words.text(
        "inflow.finding",
        up=_counted(up),
        down=_counted(down),
        unclear=_counted([row for row in every if row not in up and row not in down]),
        all=_counted(every),
        year=year,
    )
