"""The gate itself: everything that is looked at in one file, before anything of it is stored.

Belongs here: the order of the looks and their refusals. Does not belong here: what each look finds.
"""

from collections.abc import Iterator

import polars as pl

from pipelines.sources.columns import Column, Contract, fold
from pipelines.sources.envelope import Envelope
from pipelines.sources.gate.columns import Texts, distinct, examine
from pipelines.sources.gate.files import (
    check_envelope,
    check_file_name,
    has_pattern,
    may_point_at_somebody,
)
from pipelines.sources.gate.findings import Finding, PrivacyRefusedError, PrivacyRule
from pipelines.sources.gate.names import looks_like_name
from pipelines.sources.gate.workbooks import check_package
from pipelines.sources.package import PackageFacts
from pipelines.sources.raw import RawTable


def check_privacy(
    table: RawTable,
    contract: Contract,
    envelope: Envelope,
    file_name: str,
    package: PackageFacts | None,
    where: str = "",
) -> list[PrivacyRefusedError]:
    """Say why a file may not come in: personal data in its rows, its name or around them.

    No error repeats anything of the file: each names the rule, the column (ours, or its place), in
    how many cells and the first line.

    Args:
        table: The file's cells.
        contract: The contract of its folder.
        envelope: What the sender declares.
        file_name: Its name.
        package: What a workbook says besides its rows, None for CSV.
        where: How to name the file in a message; by its contract when not given.

    Returns:
        The refusals; an empty list lets the file through.
    """
    name = check_file_name(file_name, envelope)
    found = [*name, *check_envelope(envelope), *_in_rows(table, contract, envelope)]
    if package is not None:
        known = [column is not None for column in _columns(table, contract)]
        found.extend(check_package(package, envelope, known))
    where = where or (f"a file of {contract.name}" if name else f"{contract.name}/{file_name}")
    return [PrivacyRefusedError(one, where=where) for one in found]


def _columns(table: RawTable, contract: Contract) -> list[Column | None]:
    names = contract.headers
    found = (names.get(fold(header)) for header in table.header)
    return [contract.column(name) if name else None for name in found]


def _in_rows(table: RawTable, contract: Contract, envelope: Envelope) -> Iterator[Finding]:
    told = sum(may_point_at_somebody(cell) for row in table.titles for cell in row)
    if told:
        yield Finding(PrivacyRule.FREE_TEXT, "column 1", told, 1)
    is_about_persons = any(column.is_pseudonym for column in contract.columns)
    for at, column in enumerate(_columns(table, contract)):
        name = column.name if column else f"column {at + 1}"
        header = table.header[at].strip()
        texts = distinct(
            table.texts(at),
            header,
            column,
            delivered_on=envelope.delivered_on,
            is_about_persons=is_about_persons,
        )
        rules: dict[PrivacyRule, Finding] = {}
        if column is None and header and (has_pattern(header) or looks_like_name(header)):
            rules[PrivacyRule.NAME] = Finding(PrivacyRule.NAME, name, 1, None)
        for rule, mask in examine(texts):
            rules[rule] = _joined(rules.get(rule), _finding(rule, name, mask, texts, table))
        yield from rules.values()


def _finding(
    rule: PrivacyRule, name: str, mask: pl.Series | None, texts: Texts, table: RawTable
) -> Finding:
    if mask is None:
        return Finding(rule, name)
    first = texts.first.filter(mask).min()
    line = int(table.lines[first]) if isinstance(first, int) else None
    return Finding(rule, name, int(texts.count.filter(mask).sum()), line)


def _joined(one: Finding | None, other: Finding) -> Finding:
    """Tell two findings of one rule in one column as one."""
    if one is None:
        return other
    lines = [line for line in (one.line, other.line) if line is not None]
    return Finding(other.rule, other.column, max(one.cells, other.cells), min(lines, default=None))
