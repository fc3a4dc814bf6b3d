"""How long people stay, fitted against what was observed, and what the deliveries say of the rest.

Belongs here: survival curves and estimates from the region's own data. Does not belong here: every
assumption with its source (`assumptions.py`).
"""

import math
from typing import Any

import polars as pl

from models.units import ALL_GROUPS, Unit
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts.stays import draw_survival
from reports.labels import Labels, capital
from reports.sections import base
from reports.sections.sensitivity import parameter_name, parameter_value

TABLES = ("mart_stay__survival", "mart_estimate__parameter")

_CLASSES = ("single", "complex", "all")
_LEAST = 0.01
"""A curve is shown as long as it lies above this share, and as long as stays are observed."""


def build_stays(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on stays and estimates."""
    survival = tables.frame("mart_stay__survival")
    estimates = tables.frame("mart_estimate__parameter")
    if survival.is_empty() and estimates.is_empty():
        return base.missing_section("stays", words)
    charts = [] if survival.is_empty() else [_chart(survival, facts, words)]
    said = [] if estimates.is_empty() else [estimate_finding(estimates, words)]
    return Section(
        "stays",
        words.text("stays.heading"),
        charts[0].title if charts else said[0].removesuffix("."),
        (*([] if charts else [words.text("stays.no_curve")]), *said),
        tuple(charts),
        () if estimates.is_empty() else (_table(tables, estimates, words),),
    )


def in_view(survival: pl.DataFrame) -> pl.DataFrame:
    """Keep the months of each curve up to the last that is observed, or in which stays go on."""
    counts = pl.col("kaplan_meier").is_not_null() | (pl.col("fitted") >= _LEAST)
    last = pl.col("month").filter(counts).max().over("target_group", "complexity")
    return survival.filter(pl.col("month") <= last)


def fit_finding(survival: pl.DataFrame, words: Labels) -> str:
    """Say how far the fitted curve lies from the observed one, at most, and in which group."""
    seen = survival.filter(pl.col("kaplan_meier").is_not_null()).with_columns(
        (pl.col("fitted") - pl.col("kaplan_meier")).abs().alias("gap")
    )
    if seen.is_empty():
        return words.text("stays.finding_unseen")
    worst = seen.sort("gap", "target_group", "complexity", "month", descending=True).row(
        0, named=True
    )
    points = math.ceil(round(100.0 * worst["gap"], 6))
    if points == 0:
        return words.text("stays.finding_same")
    return words.text(
        "stays.finding",
        points=base.worked_out(
            str(points),
            "points_apart",
            base.cell("mart_stay__survival", worst, "fitted"),
            of=(base.cell("mart_stay__survival", worst, "kaplan_meier"),),
        ),
        group=class_name(worst["target_group"], worst["complexity"], words),
        months=words.numbers.months(
            worst["month"], base.cell("mart_stay__survival", worst, "month")
        ),
    )


def class_name(group: str, complexity: str, words: Labels) -> str:
    """Name a group, with the class of its stays where it has classes."""
    name = words.code("group", group)
    if complexity == ALL_GROUPS:
        return name
    return words.text("stays.of_class", group=name, complexity=words.code("complexity", complexity))


def estimate_finding(estimates: pl.DataFrame, words: Labels) -> str:
    """Count the assumptions that follow the region's own data, and those with too little."""
    used = estimates.filter(pl.col("is_estimated"))
    label = {0: "stays.estimates_none", 1: "stays.estimates_one"}.get(
        used.height, "stays.estimates"
    )
    thin = used.filter(pl.col("is_thin"))
    names = "; ".join(parameter_name(row, words) for row in thin.to_dicts())
    more = "none" if thin.is_empty() else "one" if thin.height == 1 else "some"
    said = words.text(label, count=_counted(used, words), all=_counted(estimates, words))
    if used.is_empty():
        return said
    thinly = words.text(f"stays.thin_{more}", count=_counted(thin, words), names=names)
    return said + " " + thinly


def _counted(estimates: pl.DataFrame, words: Labels) -> str:
    written, rows = words.numbers.whole(estimates.height), estimates.to_dicts()
    return base.from_rows(written, "mart_estimate__parameter", rows, how="count")


def note_of(row: base.Row, words: Labels) -> str:
    """Say what a reader must know of an estimate; thin data are always said."""
    if row["is_thin"] and row["is_estimated"]:
        return words.text("stays.thin")
    return words.code("estimate_note", row["note"])


def _chart(survival: pl.DataFrame, facts: base.Facts, words: Labels) -> Chart:
    finding = fit_finding(survival, words)
    survival = in_view(survival)
    groups = base.groups_in_order(survival, words)
    present = set(survival.select("target_group", "complexity").unique().iter_rows())
    keys = [(group, name) for group in groups for name in _CLASSES if (group, name) in present]
    labels = [(key, capital(class_name(*key, words))) for key in keys]
    ordered = base.order_by(survival.sort("complexity", "month"), "target_group", groups)
    names = [
        capital(class_name(group, name, words))
        for group, name in ordered.select("target_group", "complexity").iter_rows()
    ]
    blank = words.text("stays.too_few")
    columns = (
        Column("name", words.text("column.group")),
        Column("month", words.text("column.months_since"), Form.WHOLE),
        Column("kaplan_meier", words.text("column.goes_on"), Form.PERCENT_TENTH, blank),
        Column("lower", words.text("column.low"), Form.PERCENT_TENTH, blank),
        Column("upper", words.text("column.high"), Form.PERCENT_TENTH, blank),
        Column("at_risk", words.text("column.at_risk"), Form.WHOLE, blank),
        Column("fitted", words.text("column.fitted"), Form.PERCENT_TENTH),
    )
    frame = ordered.with_columns(pl.Series("name", names, dtype=pl.String))
    return Chart(
        "stays",
        finding,
        words.text("stays.subtitle"),
        words.text("stays.alternative", finding=finding),
        Picture(draw_survival(survival, labels, words), Table(frame, columns)),
        base.model_source(facts, words),
        (words.text("stays.blank"), words.text("stays.ready")),
    )


def _table(tables: base.Tables, estimates: pl.DataFrame, words: Labels) -> TitledTable:
    order = words.codes("parameter")
    groups = [*base.groups_in_order(estimates, words), ALL_GROUPS]
    rows = base.order_by(base.order_by(estimates, "target_group", groups), "parameter", order)
    frame = pl.DataFrame([_row(row, words) for row in rows.to_dicts()])
    columns = (
        Column("parameter", words.text("column.parameter")),
        Column("group", words.text("column.group")),
        Column("unit", words.text("column.unit")),
        Column("earlier", words.text("column.earlier"), Form.RANGE, words.text("stays.no_earlier")),
        Column("own", words.text("column.own"), Form.RANGE, words.text("stays.unknown")),
        Column("value", words.text("column.in_force"), Form.RANGE, words.text("stays.no_value")),
        Column(
            "observations",
            words.text("column.observations"),
            tables.form("mart_estimate__parameter", "observations"),
        ),
        Column("note", words.text("column.note")),
    )
    title = words.text("stays.table_title")
    notes = (words.text("stays.weighing"),)
    return TitledTable("estimates", title, Table(frame, columns), notes, folded=True)


def _row(row: dict[str, Any], words: Labels) -> dict[str, object]:
    return {
        "parameter": words.code("parameter", row["parameter"]),
        "group": words.code("group", row["target_group"]),
        "unit": words.code("unit", row["unit"]),
        "earlier": _written(row, "earlier_value", "earlier_low", "earlier_high", words),
        "own": _written(row, "own_value", "own_low", "own_high", words),
        "value": _written(row, "value", "low", "high", words),
        "observations": row["observations"],
        "note": note_of(row, words),
    }


def _written(row: base.Row, middle: str, low: str, high: str, words: Labels) -> str | None:
    if row[middle] is None:
        return None
    value = _number(row[middle], row["unit"], words)
    if row[low] is None or row[high] is None or row[low] == row[high]:
        return value
    ends = [_number(row[end], row["unit"], words) for end in (low, high)]
    span = ends[0] if ends[0] == ends[1] else words.text("number.span", low=ends[0], high=ends[1])
    return words.text("number.within", value=value, span=span)


def _number(value: float, unit: str, words: Labels) -> str:
    """Write a value without its unit, which has a column of its own."""
    if unit in {Unit.SHARE, Unit.SHARE_PER_MONTH}:
        return parameter_value(value, Unit.SHARE, words)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return words.numbers.decimal(value, digits)
