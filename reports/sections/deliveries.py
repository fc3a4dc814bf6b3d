"""The region's files and what became of their rows.

Belongs here: the section on the quality of what was delivered; counts and reasons, never a row.
Does not belong here: public sources (`sources.py`).
"""

import polars as pl

from models.protect import LEAST_SHOWN
from reports.blocks import Column, Form, Section, Table, TitledTable
from reports.labels import Labels, capital
from reports.sections import base
from reports.sections.notices import noted

TABLES = (
    "mart_delivery",
    "mart_delivery__quarantine",
    "mart_delivery__notice",
    "mart_delivery__version",
)

_ACCEPTED, _REFUSED = "accepted", "refused"
_PASSED_OVER = ("retracted", "expired")


def build_deliveries(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on deliveries."""
    del facts
    form = tables.form(TABLES[0], "rows_in")
    files, reasons, notices, versions = (_named(tables, name, words) for name in TABLES)
    if files.is_empty():
        return base.missing_section("deliveries", words)
    shown = [_files_table(files, form, words)]
    if reasons.height:
        shown += _reasons_tables(reasons, form, words)
    if notices.height:
        shown.append(_notices_table(notices, words))
    if versions.height:
        shown.append(_versions_table(versions, form, words))
    said = [*_remarks(files, words), words.text("deliveries.equation")]
    if form is Form.ROUNDED:
        said.append(words.text("deliveries.closed", least=LEAST_SHOWN))
    return Section(
        "deliveries",
        words.text("deliveries.heading"),
        delivery_finding(files, words, is_rounded=form is Form.ROUNDED),
        tuple(said),
        tables=tuple(shown),
    )


def _named(tables: base.Tables, name: str, words: Labels) -> pl.DataFrame:
    """Give a table with a name for files about people, which a release knows by a number only."""
    frame = tables.frame(name)
    if not tables.rounds(TABLES[0], "rows_in"):
        return frame
    files = [
        words.text("deliveries.closed_file", number=file) if file.isdigit() else file
        for file in frame["file"]
    ]
    named = frame.with_columns(pl.Series("file", files, dtype=pl.String))
    if "sender" not in frame.columns:
        return named
    nobody = words.text("deliveries.closed_sender")
    return named.with_columns(pl.col("sender").replace({"": nobody}))


def delivery_finding(files: pl.DataFrame, words: Labels, *, is_rounded: bool = False) -> str:
    """Add up what became of the delivered rows."""
    whole = words.numbers.spoken if is_rounded else words.numbers.whole
    sums = {
        key: int(files[key].sum()) for key in ("rows_in", "accepted", "quarantined", "non_data")
    }

    def told(key: str) -> str:
        return base.from_table(whole(sums[key]), "mart_delivery", key, "sum")

    is_clean = (files["verdict"] == _ACCEPTED).all() if is_rounded else True
    if is_clean and 0 < sums["accepted"] == sums["rows_in"]:
        return words.text("deliveries.finding_clean", rows=told("rows_in"))
    return words.text(
        "deliveries.finding_rounded" if is_rounded else "deliveries.finding",
        rows=told("rows_in"),
        accepted=told("accepted"),
        quarantined=told("quarantined"),
        non_data=told("non_data"),
    )


def _remarks(files: pl.DataFrame, words: Labels) -> list[str]:
    remarks = []

    def counts(some: pl.DataFrame) -> dict[str, str]:
        whole, table = words.numbers.whole, "mart_delivery"
        return {
            "count": base.from_rows(whole(some.height), table, some.to_dicts(), how="count"),
            "all": base.from_table(whole(files.height), table),
        }

    refused = files.filter(pl.col("verdict") == _REFUSED)
    if refused.height:
        label = "deliveries.refused_one" if refused.height == 1 else "deliveries.refused"
        remarks.append(words.text(label, **counts(refused)) + ".")
    for label, some in {
        "deliveries.retracted": files.filter(pl.col("verdict").is_in(_PASSED_OVER)),
        "deliveries.replaced": files.filter(pl.col("version") > 1),
    }.items():
        if some.height:
            path = f"{label}_one" if some.height == 1 else label
            remarks.append(words.text(path, **counts(some)))
    warned = files.filter(pl.col("warnings") > 0)
    if warned.height:
        label = "deliveries.warned_one" if warned.height == 1 else "deliveries.warned"
        remarks.append(words.text(label, **counts(warned)))
    synthetic = files.filter(pl.col("synthetic"))
    if synthetic.height:
        remarks.append(words.text("deliveries.synthetic", **counts(synthetic)))
    return remarks


def _files_table(files: pl.DataFrame, form: Form, words: Labels) -> TitledTable:
    shown = files.with_columns(
        pl.Series("name", [capital(words.code("contract", item)) for item in files["contract"]]),
        pl.Series("said", [words.code("verdict", item) for item in files["verdict"]]),
    )
    total = pl.DataFrame(
        {
            "name": [words.text("total")],
            **{
                key: [int(files[key].sum())]
                for key in ("rows_in", "accepted", "quarantined", "non_data")
            },
        }
    )
    columns = (
        Column("name", words.text("column.contract")),
        Column("file", words.text("column.file")),
        Column("sender", words.text("column.sender")),
        Column("delivered_on", words.text("column.delivered_on"), Form.DAY),
        Column("period_to", words.text("column.period_to"), Form.DAY),
        Column("version", words.text("column.version"), Form.WHOLE),
        Column("rows_in", words.text("column.rows_in"), form),
        Column("accepted", words.text("column.accepted"), form),
        Column("quarantined", words.text("column.quarantined"), form),
        Column("non_data", words.text("column.non_data"), form),
        Column("said", words.text("column.verdict")),
    )
    frame = pl.concat([shown, total], how="diagonal_relaxed")
    return TitledTable(
        "deliveries", words.text("deliveries.table_title"), Table(frame, columns, total_rows=1)
    )


def _notices_table(notices: pl.DataFrame, words: Labels) -> TitledTable:
    yes = words.text("yes_no.yes")
    said = notices.with_columns(
        pl.Series("name", [capital(words.code("contract", item)) for item in notices["contract"]]),
        pl.Series("said", [words.code("reason", item) for item in notices["reason"]]),
        pl.Series("settled", [yes if item else "" for item in notices["confirmed"]]),
        pl.Series(
            "found",
            [
                noted(reason, found, words)
                for reason, found in notices.select("reason", "found").iter_rows()
            ],
            dtype=pl.String,
        ),
    )
    columns = (
        Column("name", words.text("column.contract")),
        Column("file", words.text("column.file")),
        Column("said", words.text("column.remark")),
        Column("found", words.text("column.found_there")),
        Column("settled", words.text("column.remark_confirmed")),
    )
    title = words.text("deliveries.notices_title")
    return TitledTable("deliveries-notices", title, Table(said, columns))


def _versions_table(versions: pl.DataFrame, form: Form, words: Labels) -> TitledTable:
    said = versions.with_columns(
        pl.Series("name", [capital(words.code("contract", item)) for item in versions["contract"]])
    )
    counts = (
        "version",
        "rows_before",
        "rows_added",
        "rows_removed",
        "rows_changed",
        "cells_changed",
        "closed_changed",
        "closed_cells",
    )
    columns = (
        Column("name", words.text("column.contract")),
        Column("file", words.text("column.file")),
        *(
            Column(name, words.text(f"column.{name}"), Form.WHOLE if name == "version" else form)
            for name in counts
        ),
    )
    title = words.text("deliveries.versions_title")
    return TitledTable("deliveries-versions", title, Table(said, columns))


def _reasons_tables(
    reasons: pl.DataFrame, form: Form, words: Labels
) -> tuple[TitledTable, TitledTable]:
    """Make two tables: counted per contract and reason, and whole, shown only on demand."""
    said = reasons.with_columns(
        pl.Series("name", [capital(words.code("contract", item)) for item in reasons["contract"]]),
        pl.Series("said", [words.code("reason", item) for item in reasons["reason"]]),
        pl.Series("place", [words.code("data_column", item) for item in reasons["column"]]),
    )
    # One row may have several faults: over columns it is faults that add up, not rows.
    counted = said.group_by("name", "said", maintain_order=True).agg(pl.col("rows").sum())
    name = Column("name", words.text("column.contract"))
    why = Column("said", words.text("column.reason"))
    rows = Column("rows", words.text("column.rows"), form)
    faults = Column("rows", words.text("column.faults"), form)
    where = (
        Column("file", words.text("column.file")),
        Column("place", words.text("column.data_column")),
    )
    return (
        TitledTable(
            "deliveries-reasons",
            words.text("deliveries.reasons_title"),
            Table(counted, (name, why, faults)),
            (words.text("deliveries.several_faults"),),
        ),
        TitledTable(
            "deliveries-reasons-files",
            words.text("deliveries.reasons_files_title"),
            Table(said, (name, where[0], why, where[1], rows)),
            folded=True,
        ),
    )
