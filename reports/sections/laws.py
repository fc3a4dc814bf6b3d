"""The legal frame, with the day on which each law's status was read.

Belongs here: the section on laws. Does not belong here: agreements (`agreements.py`), advice.
"""

import polars as pl

from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels
from reports.sections import base

TABLES = ("mart_agreement__law",)

_IN_FORCE = "in_force"


def build_laws(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on the legal frame."""
    laws = tables.frame("mart_agreement__law").sort("position")
    if laws.is_empty():
        return base.missing_section("laws", words)
    frame = pl.DataFrame([_row(row, facts, words) for row in laws.to_dicts()])
    columns = (
        Column("name", words.text("laws.column_name")),
        Column("about", words.text("laws.column_about")),
        Column("status", words.text("laws.column_status")),
        Column("status_on", words.text("laws.column_read"), Form.DAY),
        Column("source", words.text("column.source")),
    )
    table = TitledTable("laws", words.text("laws.table_title"), Table(frame, columns))
    return Section(
        "laws",
        words.text("laws.heading"),
        laws_finding(laws, words),
        (words.text("laws.no_advice"),),
        tables=(table,),
    )


def laws_finding(laws: pl.DataFrame, words: Labels) -> str:
    """Count the laws in force and name those that are not, with the day of the oldest reading."""
    in_force = laws.filter(pl.col("legal_status") == _IN_FORCE).height
    others = laws.filter(pl.col("legal_status") != _IN_FORCE)["name"].to_list()
    read_on = words.numbers.day(str(laws["status_on"].min()))
    verdict = "all" if not others else "one" if len(others) == 1 else "several"
    return words.text(
        f"laws.finding_{verdict}",
        count=words.numbers.whole(in_force),
        names=words.numbers.join(others),
        day=read_on,
    )


def _row(row: base.Row, facts: base.Facts, words: Labels) -> dict[str, str]:
    del facts
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
