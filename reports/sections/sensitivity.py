"""Which assumption moves the headline most.

Belongs here: the section on sensitivity. Does not belong here: the list of all assumptions
(`assumptions.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from models.units import ALL_GROUPS, Unit
from reports import theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.figures import row_key
from reports.labels import Labels, capital, uncapital
from reports.sections import base
from reports.told import Origin, Source, join, tell

TABLES = ("mart_sensitivity__region", "mart_demand__ten_year", "mart_sensitivity__variance")

_SHOWN = 8
_NAMED = 3
_LEAST_SHARE = 0.005
_AMOUNTS = {Unit.FACTOR: "times", Unit.EURO: "euro", Unit.EURO_PER_MONTH: "euro_month"}


def build_sensitivity(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on sensitivity."""
    rows = tables.frame("mart_sensitivity__region").sort("rank").to_dicts()
    if not rows:
        return base.missing_section("sensitivity", words)
    step = headline_step(tables)
    finding = sensitivity_finding(rows[0], step, words)
    chart = Chart(
        "sensitivity",
        finding,
        " ".join([words.text("sensitivity.subtitle"), *axis_note(rows[:_SHOWN], words)]),
        words.text("sensitivity.alternative", finding=finding),
        _picture(rows[:_SHOWN], rows, step, words),
        base.model_source(facts, words),
        (words.text("sensitivity.explanation"),),
    )
    return Section(
        "sensitivity",
        words.text("sensitivity.heading"),
        finding,
        (
            *variance_sentence(tables.frame("mart_sensitivity__variance"), words),
            *ranking_sentence(rows, words),
        ),
        (chart,),
    )


def sensitivity_finding(first: Mapping[str, Any], step: int, words: Labels) -> str:
    """Name the assumption that moves the headline most, and how far; none where none moves it.

    Args:
        first: The first row of `mart_sensitivity__region`.
        step: The step in which the headline is written.
        words: Labels.
    """
    ends = sorted(("headline_low", "headline_high"), key=lambda name: first[name])
    low, high = (headline(first, end, step, words) for end in ends)
    if low == high:
        return words.text("sensitivity.finding_none", low=low)
    parameter = uncapital(parameter_name(first, words))
    return base.finding(words, "sensitivity.finding", parameter=parameter, low=low, high=high)


def headline(row: Mapping[str, Any], column: str, step: int, words: Labels) -> str:
    """Write the headline at one end of an assumption; it remembers its cell."""
    written = words.numbers.whole(row[column], step)
    return base.from_cell(written, "mart_sensitivity__region", row, column)


def axis_note(rows: Sequence[base.Row], words: Labels) -> tuple[str, ...]:
    """Say that the axis of these rows does not begin at zero, where it does not."""
    ends = [row[f"headline_{end}"] for row in rows for end in ("low", "high")]
    return (words.text("sensitivity.axis"),) if row_charts.axis_start(ends) > 0 else ()


_VARIANCE = "mart_sensitivity__variance"


def variance_sentence(variance: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say how much of the spread of the demand comes from assumptions and how much from chance."""
    rows = variance.filter(pl.col("standard_deviation") > 0).to_dicts()
    share = words.numbers.share
    return tuple(
        words.text(
            "sensitivity.variance",
            measure=uncapital(words.code("measure", row["measure"])),
            parameters=base.from_cell(
                share(row["parameter_share"]), _VARIANCE, row, "parameter_share"
            ),
            chance=base.from_cell(share(row["chance_share"]), _VARIANCE, row, "chance_share"),
        )
        for row in rows
    )


def ranking_sentence(rows: list[dict[str, Any]], words: Labels) -> tuple[str, ...]:
    """Name the assumptions that explain most of the spread on their own."""
    ranked = sorted(rows, key=lambda row: (-row["variance_share"], row["rank"]))
    named = [row for row in ranked[:_NAMED] if row["variance_share"] >= _LEAST_SHARE]
    parts = [
        words.text(
            "sensitivity.ranked",
            parameter=uncapital(parameter_name(row, words)),
            share=base.from_cell(
                words.numbers.share(row["variance_share"]),
                "mart_sensitivity__region",
                row,
                "variance_share",
            ),
        )
        for row in named
    ]
    if not parts:
        return (words.text("sensitivity.ranking_none"),)
    return (words.text("sensitivity.ranking", parts=join("; ", parts)),)


def parameter_name(row: Mapping[str, Any], words: Labels) -> str:
    """Name a parameter with its target group, where it is about one."""
    name = words.code("parameter", row["parameter"])
    if row["target_group"] == ALL_GROUPS:
        return name
    group = words.code("group", row["target_group"])
    return words.text("sensitivity.of_group", parameter=name, group=group)


def headline_step(tables: base.Tables) -> int:
    """Give the step in which the headline is written."""
    ten = base.all_groups(tables.frame("mart_demand__ten_year"))
    rows = ten.filter(pl.col("measure") == "extra_current_lettings").to_dicts()
    return base.estimate(rows[0]).step if rows else 1


def end_value(row: Mapping[str, Any], column: str, words: Labels) -> str:
    """Write an end of a parameter's range with its unit; the number remembers its cell."""
    table = "mart_sensitivity__region"
    source = Origin(table, row_key(table, row), column)
    return parameter_value(row[column], row["parameter_unit"], words, source)


def parameter_value(value: float, unit: str, words: Labels, source: Source = None) -> str:
    """Write the value of a parameter with its unit, and with the source of its number."""
    numbers = words.numbers
    if unit in {Unit.SHARE, Unit.SHARE_PER_MONTH}:
        written = tell(numbers.share(value, 0 if value >= 0.1 or value == 0 else 1), source)
        if unit == Unit.SHARE_PER_MONTH:
            return words.text("per_month", value=written)
        return written
    if unit == Unit.MONTHS:
        return numbers.months(value, source)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    written = tell(numbers.decimal(value, digits), source)
    for known, label in _AMOUNTS.items():
        if unit == known:
            return words.text(f"written.{label}", value=written)
    return words.text("amount", value=written, unit=words.code("unit", unit))


def _picture(
    shown: list[dict[str, Any]], every: list[dict[str, Any]], step: int, words: Labels
) -> Picture:
    numbers = words.numbers
    drawn = []
    for row in shown:
        low, high = (numbers.whole(row[f"headline_{end}"], step) for end in ("low", "high"))
        ends = (low, high) if row["headline_low"] <= row["headline_high"] else (high, low)
        hover = words.text(
            "hover.sensitivity",
            low=parameter_value(row["low"], row["parameter_unit"], words),
            high=parameter_value(row["high"], row["parameter_unit"], words),
            headline_low=low,
            headline_high=high,
        )
        drawn.append(
            row_charts.Row(
                parameter_name(row, words),
                row["headline_high"],
                words.text("number.span", low=ends[0], high=ends[1]),
                theme.DEMAND,
                hover,
                base=row["headline_low"],
                narrow_text="<br>".join(ends),
            )
        )
    frame = pl.DataFrame(every, infer_schema_length=None).with_columns(
        pl.Series("name", [capital(words.code("parameter", row["parameter"])) for row in every]),
        pl.Series("group", [words.code("group", row["target_group"]) for row in every]),
        *[
            pl.Series(
                f"{end}_text",
                [parameter_value(row[end], row["parameter_unit"], words) for row in every],
            )
            for end in ("low", "high")
        ],
    )
    columns = (
        Column("name", words.text("column.parameter")),
        Column("group", words.text("column.group")),
        Column("low_text", words.text("column.low_value"), Form.RANGE),
        Column("high_text", words.text("column.high_value"), Form.RANGE),
        Column("headline_low", words.text("column.headline_low"), Form.WHOLE),
        Column("headline_high", words.text("column.headline_high"), Form.WHOLE),
        Column("variance_share", words.text("column.variance_share"), Form.SHARE),
    )
    return Picture((row_charts.spans(drawn),), Table(frame, columns))
