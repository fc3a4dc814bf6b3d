"""The public statistics behind the report and their editions.

Belongs here: the section on sources. Does not belong here: the region's own files
(`deliveries.py`).
"""

import polars as pl

from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels
from reports.sections import base

TABLES = ("mart_source",)

HASH_CHARACTERS = 12


def build_sources(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on sources."""
    del facts
    sources = tables.frame("mart_source")
    if sources.is_empty():
        return base.missing_section("sources", words)
    label = "sources.finding_one" if sources.height == 1 else "sources.finding"
    columns = (
        Column("title", words.text("column.title"), is_given=True),
        Column("producer", words.text("column.producer"), is_given=True),
        Column("licence", words.text("column.licence"), is_given=True),
        Column("vintage", words.text("column.vintage"), is_given=True),
        Column("accessed", words.text("column.accessed"), Form.DAY),
        Column("hash", words.text("column.hash")),
    )
    frame = sources.with_columns(pl.col("sha256").str.slice(0, HASH_CHARACTERS).alias("hash"))
    return Section(
        "sources",
        words.text("sources.heading"),
        words.text(
            label, count=base.from_table(words.numbers.whole(sources.height), "mart_source")
        ),
        paragraphs=(_standing(sources["accessed"], words),),
        tables=(TitledTable("sources", words.text("sources.table_title"), Table(frame, columns)),),
    )


def _standing(days: pl.Series, words: Labels) -> str:
    """Say of which days the stored copies are."""
    first, last = (words.numbers.day(str(day)) for day in (days.min(), days.max()))
    if first == last:
        return words.text("sources.standing", day=first)
    return words.text("sources.standing_between", first=first, last=last)
