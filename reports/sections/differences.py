"""Every scenario beside the default one, draw by draw: differences with intervals.

Belongs here: the chart and the table of paired differences. Does not belong here: each scenario's
own outcome (`scenarios.py`).
"""

from typing import Any

import polars as pl

from models.units import Unit
from reports import findings, theme
from reports.blocks import Chart, Column, Form, Picture, Table, TitledTable
from reports.charts import rows as row_charts
from reports.charts.anatomy import quiet
from reports.labels import Labels
from reports.sections import base
from reports.told import Origin, from_ends

_NAME = "mart_demand__scenario_difference"
_FILE = "scenario-differences"
_HEADLINE = "extra_current_lettings"


def difference_rows(tables: base.Tables) -> list[dict[str, Any]]:
    """Collect the differences, with the label of each scenario, in the scenarios' order."""
    runs = tables.every_scenario("mart_run")
    labels = dict(runs.select("scenario_id", "scenario_label").iter_rows())
    rows = tables.every_scenario(_NAME).sort("scenario_id", maintain_order=True).to_dicts()
    return [{**row, "label": labels.get(row["scenario_id"], row["scenario_id"])} for row in rows]


def difference_chart(tables: base.Tables, facts: base.Facts, words: Labels) -> Chart | None:
    """Draw how many homes each scenario adds to or takes from the headline."""
    rows = [row for row in difference_rows(tables) if row["measure"] == _HEADLINE]
    if not rows:
        return None
    finding = difference_finding(rows, words)
    frame = pl.DataFrame(
        {
            "label": [row["label"] for row in rows],
            **{key: [row[key] for row in rows] for key in ("mean", "p10", "p90", "share_above")},
        }
    )
    columns = (
        Column("label", words.text("column.scenario"), is_given=True),
        Column("mean", words.text("column.difference"), Form.SIGNED),
        Column("p10", words.text("column.low"), Form.SIGNED),
        Column("p90", words.text("column.high"), Form.SIGNED),
        Column("share_above", words.text("column.share_above"), Form.SHARE),
    )
    return Chart(
        _FILE,
        finding,
        words.text("differences.subtitle", default=facts.run["scenario_label"]),
        words.text("differences.alternative", finding=finding),
        Picture((row_charts.ranges([_row(row, words) for row in rows]),), Table(frame, columns)),
        base.model_source(facts, words),
        (words.text("differences.paired"),),
    )


def difference_finding(rows: list[dict[str, Any]], words: Labels) -> str:
    """Name the scenario that changes the headline most, and in how many draws it lies above."""
    found = findings.largest([(place, base.estimate(row)) for place, row in _placed(rows)])
    if found is None:
        return words.text("differences.finding_none")
    row, part, place = rows[int(found[0])], found[1], str(int(found[0]) + 1)
    cells = {
        end: Origin(_FILE, place, column)
        for end, column in (("mean", "mean"), ("low", "p10"), ("high", "p90"))
    }
    return base.finding(
        words,
        "differences.finding_unclear" if findings.spans_zero(part) else "differences.finding",
        label=row["label"],
        value=from_ends(words.numbers.signed_value(part), cells),
        span=from_ends(words.numbers.signed_span(part), cells),
        often=base.of_ten(row["share_above"], words, Origin(_FILE, place, "share_above")),
    )


def difference_table(tables: base.Tables, words: Labels) -> tuple[TitledTable, ...]:
    """Tabulate the differences of every measure, with the draws in which they are positive."""
    rows = difference_rows(tables)
    if not rows:
        return ()
    frame = pl.DataFrame(
        {
            "label": [row["label"] for row in rows],
            "measure": [words.code("measure", row["measure"]) for row in rows],
            "difference": [written_difference(row, words) for row in rows],
            "often": [base.of_ten(row["share_above"], words) for row in rows],
        }
    )
    columns = (
        Column("label", words.text("column.scenario"), is_given=True),
        Column("measure", words.text("column.measure")),
        Column("difference", words.text("column.difference_range"), Form.RANGE),
        Column("often", words.text("column.often_above")),
    )
    title = words.text("differences.table_title")
    return (TitledTable("scenario-measures", title, Table(frame, columns), folded=True),)


def written_difference(row: base.Row, words: Labels) -> str:
    """Write a difference with its range: +310 (+120 tot +500) woningen, or in percentage points."""
    numbers, part = words.numbers, base.estimate(row)
    if row["unit"] == Unit.SHARE:
        value, low, high = (numbers.points(end) for end in (part.mean, part.low, part.high))
        span = low if low == high else words.text("number.span", low=low, high=high)
        unit = words.text("differences.points")
    else:
        value, span = numbers.signed_value(part), numbers.signed_span(part)
        unit = words.code("unit", row["unit"])
    whole = value if value == span else words.text("number.within", value=value, span=span)
    return words.text("differences.written", value=whole, unit=unit)


def _row(row: dict[str, Any], words: Labels) -> row_charts.Row:
    part = base.estimate(row)
    value, span = words.numbers.signed_value(part), words.numbers.span(part)
    return row_charts.Row(
        row["label"],
        part.mean,
        f"{value} {quiet(f'({span})')}",
        theme.REFERENCE,
        words.text("hover.row_range", value=value, span=span),
        low=part.low,
        high=part.high,
        narrow_text=value,
    )


def _placed(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(str(place), row) for place, row in enumerate(rows)]
