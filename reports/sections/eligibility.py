"""Rules for a home, and how many applications a year fall outside each of them.

Belongs here: the section on eligibility. Does not belong here: who is refused (`routes.py`), and
any claim that a rule lowers demand: people outside a rule still need a home.
"""

from typing import Any

import polars as pl

from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels
from reports.sections import base

TABLES = ("mart_demand__eligibility",)


def build_eligibility(tables: base.Tables, _facts: base.Facts, words: Labels) -> Section:
    """Build the section on rules for a home; without rules it says so."""
    heading = words.text("eligibility.heading")
    counted = base.full_years(tables.frame("mart_demand__eligibility"))
    if counted.is_empty():
        return Section("eligibility", heading, words.text("eligibility.none"))
    first = counted.filter(pl.col("year") == counted["year"].min()).sort("rule_id")
    shown = [_row(row, words) for row in first.to_dicts()]
    columns = (
        Column("label", words.text("column.rule"), is_given=True),
        Column("state", words.text("column.state")),
        Column("share", words.text("column.outside_share"), Form.RANGE),
        Column("count", words.text("column.outside_yearly"), Form.RANGE),
        Column("confirmed", words.text("column.confirmed")),
    )
    paragraphs = [words.text("eligibility.counted")]
    if first.height > 1:
        paragraphs.append(words.text("eligibility.overlap"))
    return Section(
        "eligibility",
        heading,
        eligibility_finding(first, words),
        tuple(paragraphs),
        tables=(
            TitledTable(
                "eligibility",
                words.text("eligibility.table_title", year=first["year"][0]),
                Table(pl.DataFrame(shown), columns),
            ),
        ),
    )


def eligibility_finding(first: pl.DataFrame, words: Labels) -> str:
    """Say which rule leaves most people out in the first whole year.

    Args:
        first: One row a rule: the first whole year.
        words: The labels.
    """
    most = first.sort("mean", "rule_id", descending=[True, False]).row(0, named=True)
    estimate = base.estimate(most)
    if words.numbers.value(estimate) == words.numbers.whole(0):
        return words.text("eligibility.finding_none", year=most["year"])
    return base.finding(
        words,
        "eligibility.finding_one" if first.height == 1 else "eligibility.finding",
        rules=base.from_rows(
            words.numbers.whole(first.height),
            "mart_demand__eligibility",
            first.to_dicts(),
            how="count",
        ),
        label=most["label"],
        value=words.numbers.value(estimate),
        span=words.numbers.span(estimate),
        year=most["year"],
    )


def _row(row: dict[str, Any], words: Labels) -> dict[str, str]:
    return {
        "label": row["label"],
        "state": words.text(f"eligibility.{'in_force' if row['is_in_force'] else 'not_in_force'}"),
        "share": words.numbers.share(row["outside_share"]),
        "count": base.written_range(row, words),
        "confirmed": words.text(f"yes_no.{'yes' if row['confirmed'] else 'no'}"),
    }
