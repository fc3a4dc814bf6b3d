"""The simulation beside two simpler calculations, with what a difference means.

Belongs here: the section on cross-checks. Does not belong here: forecasts against history
(`scores.py`).
"""

from typing import Any

import polars as pl

from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels, uncapital
from reports.sections import base

TABLES = ("mart_demand__cross_check",)

_SIMULATION = "simulation"


def build_checks(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on other calculations."""
    del facts
    checks = tables.frame("mart_demand__cross_check")
    others = checks.filter(pl.col("method") != _SIMULATION).to_dicts()
    if not others:
        return base.missing_section("checks", words)
    methods = words.codes("method_name")
    measures = words.codes("measure")
    rows = base.order_by(base.order_by(checks, "method", methods), "measure", measures)
    frame = rows.with_columns(
        pl.Series("name", [words.code("measure", name) for name in rows["measure"]]),
        pl.Series("way", [words.code("method_name", name) for name in rows["method"]]),
        pl.Series("difference", [_difference(row, words) for row in rows.to_dicts()]),
        pl.Series("said", [_note(row, words) for row in rows.to_dicts()]),
    )
    columns = (
        Column("name", words.text("column.measure")),
        Column("way", words.text("column.method")),
        Column("value", words.text("column.mean"), Form.WHOLE),
        Column("difference", words.text("column.against_simulation"), Form.RANGE),
        Column("said", words.text("column.meaning")),
    )
    ordered = base.order_by(pl.DataFrame(others, infer_schema_length=None), "method", methods)
    return Section(
        "checks",
        words.text("checks.heading"),
        check_finding(others, words),
        (
            words.text("checks.explanation"),
            *(check_sentence(row, words) for row in ordered.to_dicts() if row["note"] != "agrees"),
        ),
        tables=(
            TitledTable("cross-check", words.text("checks.table_title"), Table(frame, columns)),
        ),
    )


def check_finding(others: list[dict[str, Any]], words: Labels) -> str:
    """Count the other calculations that agree with the simulation."""
    agreeing = [row for row in others if row["note"] == "agrees"]
    same = len(agreeing)
    if len(others) == 1:
        return words.text("checks.finding_one_same" if same else "checks.finding_one_other")
    label = {0: "checks.finding_none", len(others): "checks.finding_all"}.get(
        same, "checks.finding"
    )
    table = "mart_demand__cross_check"
    return words.text(
        label,
        same=base.from_rows(str(same), table, agreeing, how="count"),
        all=base.from_rows(str(len(others)), table, others, how="count"),
    )


def check_sentence(row: base.Row, words: Labels) -> str:
    """Say by how much another calculation differs, and why."""
    return words.text(
        "checks.sentence",
        method=words.code("method_name", row["method"]),
        measure=uncapital(words.code("measure", row["measure"])),
        difference=_difference(row, words),
        note=words.code("check_note", row["note"]),
    )


def _difference(row: base.Row, words: Labels) -> str | None:
    if row["method"] == _SIMULATION:
        return None
    share = row["difference_share"]
    label = "higher" if share > 0 else "lower" if share < 0 else "equal"
    return words.text(f"checks.{label}", value=_told(row, share, words))


def _told(row: base.Row, share: float, words: Labels) -> str:
    written = words.numbers.share(abs(share))
    return base.from_rows(written, "mart_demand__cross_check", [row], "difference_share", "size")


def _note(row: base.Row, words: Labels) -> str:
    return "" if row["method"] == _SIMULATION else words.code("check_note", row["note"])
