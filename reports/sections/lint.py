"""What the control of the key finds: laws of a fair split, each with its counter-example in words.

Belongs here: the section on findings. Does not belong here: the laws and the search
(`models.quota.lint`), the key itself (`keys.py`).
"""

import json
from typing import Any

import polars as pl

from reports.blocks import Column, Section, Table, TitledTable
from reports.labels import Labels
from reports.sections import base

TABLES = ("mart_quota__finding", "mart_quota__key_share")

SEVERITIES = ("refused", "warning", "note")
_FACTORS = ("what", "one", "other")
"""Gaps of a sentence that hold the id of a factor."""
_DECIMALS = 2


def build_lint(tables: base.Tables, facts: base.Facts, words: Labels) -> Section | None:
    """Build the section; None where there is no key, or one municipality."""
    shares = tables.frame("mart_quota__key_share")
    if not base.is_shared(shares):
        return None
    findings = base.order_by(
        tables.frame("mart_quota__finding").sort("key_id", "number"), "severity", SEVERITIES
    )
    heading = words.text("lint.heading")
    if findings.is_empty():
        return Section("lint", heading, words.text("lint.none"), (words.text("lint.how"),))
    labels = dict(shares.select("key_id", "key_label").iter_rows())
    rows = [
        {
            "severity": words.text(f"lint.{row['severity']}"),
            "key": labels.get(row["key_id"], row["key_id"]),
            "sentence": finding_sentence(row, words),
        }
        for row in findings.iter_rows(named=True)
    ]
    columns = [Column("severity", words.text("lint.column_severity"))]
    if findings["key_id"].n_unique() > 1:
        columns.append(Column("key", words.text("keys.column_key")))
    columns.append(Column("sentence", words.text("lint.column_finding")))
    table = Table(pl.DataFrame(rows), tuple(columns))
    return Section(
        "lint",
        heading,
        lint_finding(findings, words),
        (words.text("lint.how"),),
        (),
        (TitledTable("lint-findings", words.text("lint.title"), table),),
    )


def lint_finding(findings: pl.DataFrame, words: Labels) -> str:
    """Say how grave the gravest findings are, and how many there are of them."""
    for severity in SEVERITIES:
        found = findings.filter(pl.col("severity") == severity)
        count = found.height
        if count == 1:
            return words.text(f"lint.finding_{severity}_one")
        if count:
            return words.text(f"lint.finding_{severity}", count=_counted(found, words))
    return words.text("lint.none")


def _counted(found: pl.DataFrame, words: Labels) -> str:
    written = words.numbers.whole(found.height)
    return base.from_rows(written, "mart_quota__finding", found.to_dicts(), how="count")


def finding_sentence(row: dict[str, Any], words: Labels) -> str:
    """Write a finding with its counter-example; an unknown law is told by its id."""
    told = json.loads(row["values"])
    path = f"lint.law.{row['law']}"
    if not words.has(path):
        path = f"{path}_{told.get('kind', '')}"
    if path.endswith("gets-nothing") and not told.get("others"):
        path = f"{path}_alone"
    if not words.has(path):
        return words.text("lint.unknown", law=row["law"])
    return words.text(path, **{name: _written(name, value, words) for name, value in told.items()})


def _written(name: str, value: object, words: Labels) -> str:
    if name in _FACTORS:
        is_pressure = value == "the care pressure"
        return words.text("lint.the_care_pressure") if is_pressure else _factor(str(value), words)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if name in ("year", "years"):
        return str(value)
    if isinstance(value, int):
        return words.numbers.whole(value)
    return words.numbers.decimal(value, 0 if name.startswith("percent") else _DECIMALS)


def _factor(factor: str, words: Labels) -> str:
    return words.code("factor", factor) if words.has(f"factor.{factor}") else factor
