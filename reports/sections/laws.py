"""The legal frame, with the day on which each law's status was read.

Belongs here: the section on laws. Does not belong here: agreements (`agreements.py`), advice.
"""

import polars as pl

from models.months import parse_month
from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels
from reports.sections import base
from reports.told import Made

TABLES = ("mart_agreement__law",)

_IN_FORCE = "in_force"
_OLD_MONTHS = 6
"""Months after which the status of a law that was not in force is likely to be another."""


def build_laws(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on the legal frame."""
    laws = tables.frame("mart_agreement__law").sort("position")
    if laws.is_empty():
        return base.missing_section("laws", words)
    frame = pl.DataFrame([_row(row, words) for row in laws.to_dicts()])
    columns = (
        Column("name", words.text("laws.column_name"), is_given=True),
        Column("about", words.text("laws.column_about"), is_given=True),
        Column("status", words.text("laws.column_status")),
        Column("status_on", words.text("laws.column_read"), Form.DAY),
        Column("source", words.text("column.source"), is_given=True),
    )
    table = TitledTable("laws", words.text("laws.table_title"), Table(frame, columns))
    return Section(
        "laws",
        words.text("laws.heading"),
        laws_finding(laws, words),
        (words.text("laws.no_advice"), *_old(laws, facts, words)),
        tables=(table,),
    )


def laws_finding(laws: pl.DataFrame, words: Labels) -> str:
    """Name the laws that are not in force, with the day of the oldest reading."""
    waiting = laws.filter(pl.col("legal_status") != _IN_FORCE)["name"].to_list()
    verdict = "all" if not waiting else "none" if len(waiting) == laws.height else "some"
    return words.text(
        f"laws.finding_{verdict}",
        names=words.numbers.join(waiting),
        day=words.numbers.day(str(laws["status_on"].min())),
    )


def _old(laws: pl.DataFrame, facts: base.Facts, words: Labels) -> tuple[str, ...]:
    """Say that a status was read long before the as-of month, where a law was not in force."""
    waiting = laws.filter(pl.col("legal_status") != _IN_FORCE)
    if waiting.is_empty():
        return ()
    read = parse_month(str(waiting["status_on"].min())[:7])
    ago = parse_month(facts.as_of) - read
    if ago < _OLD_MONTHS:
        return ()
    return (words.text("laws.old", months=words.numbers.months(ago, _months_since(laws))),)


def _months_since(laws: pl.DataFrame) -> Made:
    """Name the as-of month, and the days from which the first one is taken."""
    waiting = laws.filter(pl.col("legal_status") != _IN_FORCE).to_dicts()
    days = (base.cell("mart_agreement__law", row, "status_on") for row in waiting)
    return Made("months_since", (base.cell("mart_run", {}, "as_of"),), tuple(days))


def _row(row: base.Row, words: Labels) -> dict[str, str]:
    month = row["valid_from"]
    status = words.code("legal_status", row["legal_status"])
    if month is not None:
        status = words.text("laws.since", status=status, month=words.numbers.month(month))
    if row["status_note"]:
        status = words.text("laws.noted", status=status, note=row["status_note"])
    return {
        "name": row["name"],
        "about": row["about"],
        "status": status,
        "status_on": row["status_on"],
        "source": row["source"],
    }
