"""Which tables a workbook holds, with their words, and what their sheets are called.

Belongs here: the list of the document's tables, the assumptions in numbers, the dictionary, the
names of sheets. Does not belong here: the cells (`workbook`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from models.tables import MARTS, column_order
from reports.blocks import Column, Form, Section, Table
from reports.document import Document
from reports.labels import Labels
from reports.sections import base

_NAME_LENGTH = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


_NOT_COMPUTED = {"terms", "agreements", "laws", "sources", "deliveries", "provenance"}
"""Sections whose tables no run computed."""


@dataclass(frozen=True)
class Listed:
    """A table with its words, as it stands on a sheet.

    Attributes:
        table_id: Name of the table.
        heading: Heading of the section that it belongs to.
        title: The finding, or what the table holds.
        unit: What, unit, period.
        source: Where the numbers come from.
        notes: What a reader must know to read it well.
        table: The table.
    """

    table_id: str
    heading: str
    title: str
    unit: str
    source: str
    notes: tuple[str, ...]
    table: Table


def list_tables(sections: Iterable[Section], source: str) -> list[Listed]:
    """List the tables of sections, behind a chart or on their own, each once.

    Args:
        sections: The sections, in reading order.
        source: The source of a table that stands on its own.
    """
    found: dict[str, Listed] = {}
    for section in sections:
        for chart in section.charts:
            found[chart.chart_id] = Listed(
                chart.chart_id,
                section.heading,
                chart.title,
                chart.subtitle,
                chart.source,
                chart.notes,
                chart.picture.table,
            )
        for titled in section.tables:
            found[titled.table_id] = Listed(
                titled.table_id,
                section.heading,
                titled.title,
                "",
                "" if section.section_id in _NOT_COMPUTED else source,
                titled.notes,
                titled.table,
            )
    return list(found.values())


def sheet_names(listed: Sequence[Listed], words: Labels) -> list[str]:
    """Name a sheet for each table: short, unique, without signs that a spreadsheet refuses."""
    taken = {words.text(f"workbook.{name}").lower() for name in ("read_me", "contents")}
    names = []
    for one in listed:
        known = f"workbook.sheet.{one.table_id}"
        wanted = words.text(known) if words.has(known) else one.heading
        wanted = " ".join(_FORBIDDEN.sub(" ", wanted).split()) or words.text("workbook.table")
        name, count = _shorten(wanted, _NAME_LENGTH), 1
        while name.lower() in taken:
            count += 1
            ending = f" {count}"
            name = _shorten(wanted, _NAME_LENGTH - len(ending)) + ending
        taken.add(name.lower())
        names.append(name)
    return names


def _shorten(text: str, most: int) -> str:
    """Cut a text at a word, or inside it where the first word is too long."""
    if len(text) <= most:
        return text
    cut = text[: most + 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else text[:most]).rstrip(" ,;")


def more_tables(document: Document) -> Iterator[Listed]:
    """Give what a workbook holds besides: assumptions in numbers, both dictionaries."""
    yield _assumptions(document)
    yield _marts(document)


def _assumptions(document: Document) -> Listed:
    """List every assumption with its value as a number, its unit, source, and who confirmed it."""
    words = document.words
    tables = base.Tables(document.release, ("mart_parameter",), document.facts.scenario_id)
    rows = [
        {
            "parameter": words.code("parameter", row["parameter"]),
            "group": words.code("group", row["target_group"]),
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "unit": words.code("unit", row["unit"]),
            "kind": words.code("source_kind", row["kind"]),
            "source": row["source"],
            "confirmed": words.text(f"yes_no.{'yes' if row['confirmed'] else 'no'}"),
        }
        for row in tables.rows("mart_parameter")
    ]
    columns = (
        Column("parameter", words.text("column.parameter")),
        Column("group", words.text("column.group")),
        Column("value", words.text("column.value"), Form.RANGE),
        Column("low", words.text("column.low"), Form.RANGE),
        Column("high", words.text("column.high"), Form.RANGE),
        Column("unit", words.text("column.unit")),
        Column("kind", words.text("column.kind")),
        Column("source", words.text("column.source")),
        Column("confirmed", words.text("column.confirmed")),
    )
    schema = {
        column.key: pl.Float64 if column.form is Form.RANGE else pl.String for column in columns
    }
    return Listed(
        "assumptions-numbers",
        words.text("assumptions.heading"),
        words.text("workbook.assumptions"),
        words.text("workbook.assumptions_unit"),
        "",
        (),
        Table(pl.DataFrame(rows, schema=schema), columns),
    )


def _marts(document: Document) -> Listed:
    """List every column of every table of the release, as it is declared."""
    words, rows = document.words, []
    for name in document.release.table_names:
        schema = MARTS[name]
        keys = set(schema.primary_key())
        for column in column_order(schema):
            found = schema.columns()[column]
            rows.append(
                {
                    "table": name,
                    "column": column,
                    "type": str(found.dtype).split("(")[0],
                    "key": words.text(f"enough.{'yes' if column in keys else 'no'}"),
                    "empty": words.text(f"enough.{'yes' if found.nullable else 'no'}"),
                    "description": (found.metadata or {}).get("description", ""),
                }
            )
    heads = ("table", "column", "type", "key", "empty", "description")
    columns = tuple(Column(head, words.text(f"workbook.column.{head}")) for head in heads)
    return Listed(
        "dictionary",
        words.text("workbook.dictionary_part"),
        words.text("workbook.dictionary"),
        words.text("workbook.dictionary_unit"),
        "",
        (),
        Table(pl.DataFrame(rows, schema=dict.fromkeys(heads, pl.String)), columns),
    )
