"""Every assumption with its range, kind and source, and whether the region confirmed it.

Belongs here: the table of parameters. Does not belong here: which of them matters most
(`sensitivity.py`).
"""

from typing import Any

import polars as pl

from models.units import ALL_GROUPS
from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels
from reports.sections import base
from reports.sections.sensitivity import parameter_value

TABLES = ("mart_parameter",)


def build_assumptions(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on assumptions."""
    del facts
    parameters = tables.frame("mart_parameter")
    if parameters.is_empty():
        return base.missing_section("assumptions", words)
    groups = [*base.groups_in_order(parameters, words), ALL_GROUPS]
    start = "parameter."
    order = [path.removeprefix(start) for path in words.texts if path.startswith(start)]
    rows = base.order_by(parameters, "target_group", groups)
    rows = base.order_by(rows, "parameter", order)
    shown = [_row(row, words) for row in rows.to_dicts()]
    columns = (
        Column("parameter", words.text("column.parameter")),
        Column("group", words.text("column.group")),
        Column("value", words.text("column.value"), Form.RANGE),
        Column("range", words.text("column.range"), Form.RANGE),
        Column("kind", words.text("column.kind")),
        Column("source", words.text("column.source"), is_given=True),
        Column("confirmed", words.text("column.confirmed")),
    )
    return Section(
        "assumptions",
        words.text("assumptions.heading"),
        assumption_finding(parameters, words),
        (words.text("assumptions.note"),),
        tables=(
            TitledTable(
                "assumptions",
                words.text("assumptions.table_title"),
                Table(pl.DataFrame(shown), columns),
                folded=True,
            ),
        ),
    )


def assumption_finding(parameters: pl.DataFrame, words: Labels) -> str:
    """Count the assumptions that the region did not confirm."""
    waiting = parameters.filter(~pl.col("confirmed")).to_dicts()
    open_ones = len(waiting)
    label = {0: "finding_all", 1: "finding_one"}.get(open_ones, "finding")
    whole = words.numbers.whole
    return words.text(
        f"assumptions.{label}",
        count=base.from_rows(whole(open_ones), "mart_parameter", waiting, how="count"),
        all=base.from_table(whole(parameters.height), "mart_parameter"),
    )


def _row(row: dict[str, Any], words: Labels) -> dict[str, str]:
    def write(value: float) -> str:
        return parameter_value(value, row["unit"], words)

    span = words.text("assumptions.fixed")
    if row["low"] is not None and row["high"] is not None and row["low"] < row["high"]:
        span = words.text("assumptions.range", low=write(row["low"]), high=write(row["high"]))
    name = words.code("parameter", row["parameter"])
    if row["changed_by_scenario"]:
        name = words.text("note", text=name, note=words.text("assumptions.changed"))
    return {
        "parameter": name,
        "group": words.code("group", row["target_group"]),
        "value": write(row["value"]),
        "range": span,
        "kind": words.code("source_kind", row["kind"]),
        "source": row["source"],
        "confirmed": words.text(f"yes_no.{'yes' if row['confirmed'] else 'no'}"),
    }
