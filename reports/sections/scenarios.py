"""Scenarios side by side, where a release holds several.

Belongs here: the section on scenarios. Does not belong here: differences draw by draw
(`differences.py`).
"""

from typing import Any

import polars as pl

from reports import theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.labels import Labels
from reports.sections import base, differences

TABLES = (
    "mart_run",
    "mart_demand__ten_year",
    "mart_wait__yearly_region",
    "mart_promise__region",
    "mart_demand__scenario_difference",
)


def build_scenarios(tables: base.Tables, facts: base.Facts, words: Labels) -> Section | None:
    """Build the section on scenarios; None where the release holds only one."""
    rows = scenario_rows(tables)
    apart = differences.difference_chart(tables, facts, words)
    if len(rows) < 2 and apart is None:
        return None
    heading = words.text("scenarios.heading")
    beside = [] if apart is None else [apart]
    details = differences.difference_table(tables, words)
    if len(rows) < 2:
        return Section("scenarios", heading, beside[0].title, charts=tuple(beside), tables=details)
    finding = scenario_finding(rows, words)
    drawn = [
        row_charts.estimate_row(
            words.text("scenarios.default", label=row["label"])
            if row["is_default"]
            else row["label"],
            base.estimate(row, "extra_current_lettings_"),
            words,
            colour=theme.DEMAND if row["is_default"] else theme.REFERENCE,
        )
        for row in rows
    ]
    table = _table(rows, facts, words)
    chart = Chart(
        "scenarios",
        finding,
        words.text("scenarios.subtitle"),
        words.text("scenarios.alternative", finding=finding),
        Picture((row_charts.ranges(drawn),), table.table),
        base.model_source(facts, words),
        (words.text("scenarios.paired"),),
    )
    return Section("scenarios", heading, finding, charts=(chart, *beside), tables=(table, *details))


def scenario_rows(tables: base.Tables) -> list[dict[str, Any]]:
    """Collect what each scenario says, the default first, the others by name."""
    runs = tables.every_scenario("mart_run").sort(
        "is_default", "scenario_id", descending=[True, False]
    )
    ten = base.all_groups(tables.every_scenario("mart_demand__ten_year"))
    lists = tables.every_scenario("mart_wait__yearly_region").sort("year")
    promises = tables.every_scenario("mart_promise__region")
    rows = []
    for run in runs.to_dicts():
        mine = pl.col("scenario_id") == run["scenario_id"]
        row: dict[str, Any] = {
            "label": run["scenario_label"],
            "why": run["scenario_why"],
            "is_default": run["is_default"],
        }
        for found in ten.filter(mine).to_dicts():
            for key in ("mean", "p10", "p90"):
                row[f"{found['measure']}_{key}"] = found[key]
        if "extra_current_lettings_mean" not in row:
            continue
        last = lists.filter(mine).tail(1).to_dicts()
        promise = promises.filter(mine).to_dicts()
        row["list_end"] = last[0]["list_end_mean"] if last else None
        for key in ("cap_dwellings", "first_year_broken"):
            row[key] = promise[0][key] if promise else None
        rows.append(row)
    return rows


def scenario_finding(rows: list[dict[str, Any]], words: Labels) -> str:
    """Name the scenarios with the lowest and the highest mean headline."""
    numbers = words.numbers
    key = "extra_current_lettings_"
    low = min(rows, key=lambda row: row[f"{key}mean"])
    high = max(rows, key=lambda row: row[f"{key}mean"])
    step = max(base.estimate(row, key).step for row in (low, high))
    written = [
        base.from_file(
            numbers.whole(row[f"{key}mean"], step), "scenarios", rows.index(row) + 1, f"{key}mean"
        )
        for row in (low, high)
    ]
    if written[0] == written[1]:
        return words.text("scenarios.finding_equal", low=written[0])
    return words.text(
        "scenarios.finding",
        low=written[0],
        high=written[1],
        low_label=low["label"],
        high_label=high["label"],
    )


def _table(rows: list[dict[str, Any]], facts: base.Facts, words: Labels) -> TitledTable:
    not_agreed, unknown = words.text("not_agreed"), words.text("not_known")
    columns = [Column("label", words.text("column.scenario"), is_given=True)]
    columns.append(Column("why", words.text("column.why"), is_given=True))
    for measure in ("gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons"):
        if any(f"{measure}_mean" in row for row in rows):
            name = words.text(f"measure.{measure}")
            columns.append(Column(f"{measure}_mean", name, Form.WHOLE, unknown))
    month = words.numbers.month(facts.last_month)
    no_promise = not_agreed if facts.promise_months is None else words.text("never")
    columns += [
        Column("list_end", words.text("column.list_end_when", month=month), Form.WHOLE, unknown),
        Column("cap_dwellings", words.text("column.at_most"), Form.WHOLE, not_agreed),
        Column("first_year_broken", words.text("column.first_broken"), Form.YEAR, no_promise),
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return TitledTable(
        "scenarios-table", words.text("scenarios.table_title"), Table(frame, tuple(columns))
    )
