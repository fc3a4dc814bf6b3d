"""What bodies decided, with how binding it is and how far the decision has come.

Belongs here: the section on agreements; an aim is never called a promise. Does not belong here:
whether it is kept (`promise.py`).
"""

from typing import Any

import polars as pl

from models.units import Commitment
from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels, capital
from reports.sections import base
from reports.sections.sensitivity import parameter_value

TABLES = ("mart_agreement",)

_GIVEN = frozenset({"scope", "body", "source"})
"""What is told in the words of the region or of a source."""


def build_agreements(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on agreements."""
    agreements = tables.frame("mart_agreement")
    heading = words.text("agreements.heading")
    if agreements.is_empty():
        return Section("agreements", heading, words.text("agreements.none"))
    start = "agreement_kind."
    order = [path.removeprefix(start) for path in words.texts if path.startswith(start)]
    rows = base.order_by(agreements, "kind", order)
    shown = [_row(row, words) for row in rows.to_dicts()]
    names = {
        "what": "what",
        "scope": "scope",
        "value": "agreed_value",
        "valid": "valid",
        "commitment": "commitment",
        "body": "body",
        "decided": "decided",
        "state": "state",
        "confirmed": "confirmed",
        "source": "source",
    }
    columns = tuple(
        Column(
            key,
            words.text(f"column.{head}"),
            Form.RANGE if key == "value" else Form.TEXT,
            is_given=key in _GIVEN,
        )
        for key, head in names.items()
    )
    return Section(
        "agreements",
        heading,
        agreement_finding(agreements, words),
        _associations(facts, words),
        tables=(
            TitledTable(
                "agreements",
                words.text("agreements.table_title"),
                Table(pl.DataFrame(shown), columns),
            ),
        ),
    )


def agreement_finding(agreements: pl.DataFrame, words: Labels) -> str:
    """Count the agreements and the guarantees among them."""
    guarantees = agreements.filter(pl.col("commitment") == Commitment.GUARANTEE.value)
    whole, table = words.numbers.whole, "mart_agreement"
    count = base.from_table(whole(agreements.height), table)
    guaranteed = base.from_rows(whole(guarantees.height), table, guarantees.to_dicts(), how="count")
    aims = agreements.filter(pl.col("commitment") == Commitment.EFFORT.value).height
    if agreements.height == 1:
        return words.text("agreements.finding_single")
    if aims == agreements.height:
        return words.text("agreements.finding_aims", count=count)
    return words.text("agreements.finding", count=count, guaranteed=guaranteed)


def _associations(facts: base.Facts, words: Labels) -> tuple[str, ...]:
    names = [name.strip() for name in facts.run["associations"].split(";") if name.strip()]
    if not names:
        return ()
    return (words.text("agreements.associations", names=words.numbers.join(names)),)


def _row(row: dict[str, Any], words: Labels) -> dict[str, str]:
    numbers = words.numbers
    value = ""
    if row["value"] is not None:
        value = (
            parameter_value(row["value"], row["unit"], words)
            if row["unit"]
            else numbers.decimal(row["value"], 2)
        )
    first = numbers.month(row["valid_from"])
    valid = words.text("agreements.from", first=first)
    if row["valid_to"] is not None:
        valid = words.text("agreements.from_to", first=first, last=numbers.month(row["valid_to"]))
    return {
        "what": capital(words.code("agreement_kind", row["kind"])),
        "scope": row["scope"],
        "value": value,
        "valid": valid,
        "commitment": words.code("commitment", row["commitment"]),
        "body": row["body"],
        "decided": words.text("agreements.no_day")
        if row["decided_on"] is None
        else numbers.day(row["decided_on"]),
        "state": words.code("state", row["state"]),
        "confirmed": words.text(f"yes_no.{'yes' if row['confirmed'] else 'no'}"),
        "source": row["source"],
    }
