"""What came of earlier agreed numbers: homes let beside the target or ceiling of the time.

Belongs here: the section on published outcomes. Does not belong here: this year (`progress.py`).
"""

import polars as pl

from reports import theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.labels import Labels
from reports.sections import base
from reports.told import Origin

TABLES = ("mart_agreement__realised",)

_TABLE = "mart_agreement__realised"
_TARGET = "target"


def build_realised(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on earlier years; without a published outcome it is left out by name."""
    rows = tables.frame("mart_agreement__realised").sort("year", "agreement_id")
    if rows.is_empty():
        return base.missing_section("realised", words)
    finding = realised_finding(rows.row(-1, named=True), words)
    drawn = [_row(row, words) for row in rows.to_dicts()]
    frame = rows.with_columns(
        pl.Series("what", [words.code("agreement_kind", kind) for kind in rows["kind"]])
    )
    columns = (
        base.year_column(words),
        Column("what", words.text("column.what")),
        Column("agreed", words.text("realised.column_agreed"), Form.WHOLE),
        Column("realised", words.text("realised.column_realised"), Form.WHOLE),
        Column("source", words.text("column.source"), is_given=True),
    )
    chart = Chart(
        "realised",
        finding,
        words.text("realised.subtitle"),
        words.text("realised.alternative", finding=finding),
        Picture((row_charts.bullets(drawn),), Table(frame, columns)),
        words.text("source_line.published", month=words.numbers.month(facts.as_of)),
        (words.text("realised.note"),),
    )
    return Section("realised", words.text("realised.heading"), finding, (), (chart,))


def realised_finding(row: base.Row, words: Labels) -> str:
    """Set what was let beside what was agreed, by the kind of agreement."""
    kind = "target" if row["kind"] == _TARGET else "cap"
    apart = row["realised"] - row["agreed"]
    verdict = "same" if apart == 0 else "more" if apart > 0 else "fewer"
    return words.text(
        f"realised.{kind}_{verdict}",
        year=row["year"],
        realised=base.from_cell(words.numbers.whole(row["realised"]), _TABLE, row, "realised"),
        agreed=base.from_cell(words.numbers.whole(row["agreed"]), _TABLE, row, "agreed"),
        change=base.worked_out(
            words.numbers.whole(abs(apart)),
            "apart",
            Origin(_TABLE, row.get("agreement_id", ""), "realised"),
            of=(Origin(_TABLE, row.get("agreement_id", ""), "agreed"),),
        ),
    )


def _row(row: base.Row, words: Labels) -> row_charts.Row:
    realised, agreed = (words.numbers.whole(row[key]) for key in ("realised", "agreed"))
    kind = words.code("agreement_kind", row["kind"])
    said = words.text("realised.row", year=row["year"], kind=kind, agreed=agreed)
    is_target = row["kind"] == _TARGET
    return row_charts.Row(
        said,
        row["realised"],
        realised,
        theme.REALISED,
        words.text("realised.value", realised=realised, agreed=agreed),
        mark=row["agreed"],
        mark_colour=theme.INK if is_target else theme.CAP,
    )
