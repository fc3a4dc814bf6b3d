"""What is asked of one file as a whole, between its cells and the rows of its contract.

Belongs here: the hash of the envelope, merged and hidden cells, rows of totals, control totals, the
rules over columns, brought to the state of a file. Does not belong here: those rules themselves
(`totals.py`, `relations.py`), the files of a contract together (`settling.py`), the way of a file
(`deliveries.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from models.errors import RefusedError
from pipelines.sources.cell import Setting
from pipelines.sources.columns import Contract
from pipelines.sources.convert import FAULTS, Change, Converted
from pipelines.sources.header import NAME_BESIDE
from pipelines.sources.package import SheetFacts
from pipelines.sources.raw import RawTable
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason, Rule
from pipelines.sources.relations import Finding, Rows, relate
from pipelines.sources.results import DeliveredFile
from pipelines.sources.totals import check_control_totals, find_totals
from pipelines.sources.workbook import place_of

_RANGE = re.compile(r"([A-Z]+[0-9]+):([A-Z]+[0-9]+)")
_SHOWN = 5


@dataclass
class Sheetful:
    """The data rows of a file, with what was done to get at them.

    Args:
        table: The cells of the data rows.
        names: Our column name for every column, "" for one that is left out.
        changes: Rows of totals and merged cells, for the record.
    """

    table: RawTable
    names: list[str]
    changes: list[Change]


def check_hash(file: DeliveredFile, wanted: str | None) -> None:
    """Refuse a file whose bytes are not those of which the envelope gives the hash."""
    if wanted is None or wanted == file.sha256:
        return
    file.refusals.append(
        DeliveryRefusedError(
            Reason.WRONG_HASH,
            "the file is not the one that the envelope describes",
            where=file.parcel.where,
            found=f"sha256 {file.sha256}",
            expected=f"sha256 {wanted}",
            todo="Part of the file may be lost: ask for it again.",
        )
    )


def prepare(
    file: DeliveredFile, table: RawTable, names: list[str], contract: Contract, setting: Setting
) -> Sheetful:
    """Take the rows of totals out, fill merged cells, and see what a workbook hides."""
    where = file.parcel.where
    changes: list[Change] = []
    if table.package is not None:
        sheets = [one for one in table.package.sheets if one.name == table.package.sheet]
        for sheet in sheets:
            file.waits.extend(_hidden(table, sheet))
            table, filled, faults = _fill_merged(table, sheet, names, where)
            changes.extend(filled)
            file.refusals.extend(faults)
    known = [name if name and NAME_BESIDE not in name else "" for name in names]
    totals = find_totals(table, known, contract, setting, where)
    file.refusals.extend(totals.refusals)
    if totals.places:
        table = table.without(totals.places)
        file.non_data += len(totals.places)
        lines = tuple(f"line {line}" for line in totals.lines[:_SHOWN])
        changes.append(Change("", Rule.TOTAL_ROW, len(totals.places), lines))
    if table.titles:
        changes.append(Change("", Rule.TITLE_LINES, len(table.titles), ()))
    return Sheetful(table, names, changes)


def check_whole(
    file: DeliveredFile, sheetful: Sheetful, contract: Contract, setting: Setting
) -> None:
    """Apply control totals and the rules over columns to the typed rows of a file."""
    converted, where = file.rows, file.parcel.where
    if converted is None:
        return
    converted.changes = [*sheetful.changes, *converted.changes]
    file.refusals.extend(check_control_totals(converted.rows, contract, setting, where))
    table = sheetful.table
    texts = {name: table.texts(at) for at, name in enumerate(sheetful.names) if name}
    typed = {
        name: table.typed[str(at)]
        for at, name in enumerate(sheetful.names)
        if name and table.typed is not None
    }
    relations = relate(
        Rows(converted.rows, converted.lines, texts, typed, contract, setting, where)
    )
    converted.rows = relations.values
    add_findings(converted, relations.findings)
    for one in relations.replaced:
        line = int(converted.lines[one.place])
        converted.changes.append(Change(one.column, one.rule, 1, (one.example,), line))
    converted.refusals.extend(relations.refusals)
    converted.warnings.extend(relations.warnings)


def add_findings(converted: Converted, findings: Sequence[Finding]) -> None:
    """Set rows apart."""
    if findings:
        converted.faults = pl.concat([converted.faults, fault_frame(findings)])
        places = sorted({one.place for one in findings})
        converted.faulty = converted.faulty.scatter(places, True)


def fault_frame(findings: Sequence[Finding]) -> pl.DataFrame:
    """Give findings in the columns of `convert.FAULTS`."""
    rows = [(one.place, one.column, one.reason.value, one.found, one.expected) for one in findings]
    return pl.DataFrame(rows, schema=dict(FAULTS), orient="row")


# --- workbooks -----------------------------------------------------------------------------------


def _hidden(table: RawTable, sheet: SheetFacts) -> list[Notice]:
    """Let a person look at rows and columns that the sender may not have meant to send."""
    hidden = pl.Series(sorted(set(sheet.hidden_rows)), dtype=pl.Int64)
    rows = hidden.filter(hidden.is_in(table.lines.implode())).to_list()
    width = len(table.header)
    columns = sum(
        1 for first, last in sheet.hidden_columns for at in range(first, last + 1) if at <= width
    )
    if not rows and not columns:
        return []
    by_filter = " by a filter" if sheet.filters and rows else ""
    return [
        Notice(
            Reason.HIDDEN_ROWS,
            "the sheet hides rows or columns; they count as data",
            line=rows[0] if rows else None,
            found=f"{len(rows)} rows{by_filter}, {columns} columns",
            expected="nothing hidden",
            todo="Confirm that they belong to it, or ask for the file without them.",
        )
    ]


def _fill_merged(
    table: RawTable, sheet: SheetFacts, names: Sequence[str], where: str
) -> tuple[RawTable, list[Change], list[RefusedError]]:
    """Read the value of a merged range in every row of it: the range proves what was meant."""
    changes: list[Change] = []
    faults: list[RefusedError] = []
    if not sheet.merged:
        return table, changes, faults
    place_at = {line: place for place, line in enumerate(table.lines.to_list())}
    for merged in sheet.merged:
        match = _RANGE.fullmatch(merged)
        if match is None:
            continue
        (first, left), (last, right) = place_of(match[1]), place_of(match[2])
        places = [place_at[line] for line in range(first, last + 1) if line in place_at]
        if first not in place_at or left > len(table.header):
            continue
        if left != right:
            faults.append(_merged_across(merged, first, where))
            continue
        table = _filled(table, left - 1, places)
        name = names[left - 1].removesuffix(NAME_BESIDE)
        changes.extend(
            Change(
                name,
                Rule.MERGED_CELL,
                1,
                (f"empty -> that of line {first}",),
                int(table.lines[place]),
            )
            for place in places[1:]
        )
    return table, changes, faults


def _filled(table: RawTable, at: int, places: list[int]) -> RawTable:
    name = str(at)
    texts = table.cells[name].clone()
    cells = table.cells.with_columns(texts.scatter(places, texts[places[0]]).alias(name))
    typed = table.typed
    if typed is not None:
        typed = typed.with_columns(
            typed[name].clone().scatter(places, typed[name][places[0]]).alias(name)
        )
    return RawTable(
        table.header,
        cells,
        table.lines,
        typed,
        table.blank,
        table.titles,
        table.ends_open,
        table.package,
    )


def _merged_across(merged: str, line: int, where: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.BROKEN_STRUCTURE,
        "cells are merged over several columns",
        where=where,
        found=merged,
        expected="one cell for every column",
        todo="Undo the merging and deliver the file again.",
        line=line,
    )
