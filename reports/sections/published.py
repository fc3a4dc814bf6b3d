"""A published number beside our run as of the month in which it was made.

Belongs here: the section on the published number. Does not belong here: the current ten years,
with which that number is never compared.
"""

from typing import Any

import polars as pl

from reports import findings
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.labels import Labels
from reports.sections import base

TABLES = ("mart_demand__published",)

_HEADLINE = "extra_current_lettings"
_ORDER = (_HEADLINE, "extra_constant_capacity", "gross")


def build_published(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on the published number."""
    published = base.order_by(tables.frame("mart_demand__published"), "measure", _ORDER)
    rows = published.to_dicts()
    if not rows:
        return base.missing_section("published", words)
    numbers = words.numbers
    month = numbers.month(rows[0]["as_of"])
    finding = published_finding(rows[0], words)
    period = numbers.through(numbers.month(facts.first_month), numbers.month(facts.last_month))
    confirmed = "confirmed" if rows[0]["definition_confirmed"] else "unconfirmed"
    chart = Chart(
        "published",
        finding,
        words.text("published.subtitle", month=month),
        words.text("published.alternative", finding=finding),
        _picture(rows, words),
        base.model_source(facts, words),
        (words.text("published.later", month=month),),
    )
    return Section(
        "published",
        words.text("published.heading"),
        finding,
        (
            words.text("published.not_now", period=period),
            words.text("published.definition", definition=rows[0]["published_definition"])
            + " "
            + words.text(f"published.definition_{confirmed}"),
            *(distance_sentence(row, words) for row in rows),
        ),
        (chart,),
    )


def published_finding(row: dict[str, Any], words: Labels) -> str:
    """Say on which side of our range the published number lies."""
    verdict = findings.against(base.estimate(row), row["published"])
    label = "inside" if verdict is findings.Against.UNCLEAR else verdict.value
    return words.text(
        f"published.{label}",
        published=base.from_cell(
            words.numbers.whole(row["published"]), "mart_demand__published", row, "published"
        ),
        month=words.numbers.month(row["as_of"]),
    )


def distance_sentence(row: dict[str, Any], words: Labels) -> str:
    """Say how far our mean lies from the published number."""
    numbers = words.numbers
    whole = base.estimate(row)
    distance = whole.mean - row["published"]
    side = findings.certain_trend(0.0, distance, step=whole.step)
    label = {findings.Trend.UP: "above", findings.Trend.DOWN: "below"}.get(side, "equal")
    return words.text(
        f"published.distance_{label}",
        measure=words.code("measure", row["measure"]),
        value=numbers.about(whole),
        span=numbers.span(whole),
        distance=base.worked_out(
            numbers.whole(abs(distance), whole.step),
            "apart",
            base.cell("mart_demand__published", row, "mean"),
            of=(base.cell("mart_demand__published", row, "published"),),
        ),
    )


def _picture(rows: list[dict[str, Any]], words: Labels) -> Picture:
    drawn = [
        row_charts.estimate_row(
            words.code("measure", row["measure"]),
            base.estimate(row),
            words,
            mark=row["published"],
        )
        for row in rows
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.Series("name", [words.code("measure", row["measure"]) for row in rows])
    )
    columns = (
        Column("name", words.text("column.measure")),
        Column("published", words.text("column.published"), Form.WHOLE),
        *base.range_columns(words, Form.WHOLE),
    )
    return Picture((row_charts.ranges(drawn),), Table(frame, columns))
