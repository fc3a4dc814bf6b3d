"""A file with its envelope and what must become of it, and how such files are written.

Belongs here: `Paper`, `Expected`, `Case`, writing CSV, workbooks and envelopes. Does not belong
here: the cases themselves.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.pipelines.sources.cabinet.tables import ENVELOPE, TABLES, Row

ACCEPTED = "accepted"
WARNING = "accepted_with_warning"
QUARANTINE = "accepted_with_quarantine"
REFUSED = "refused"
WAITING = "waiting"
KNOWN = "known"

_BARE = {"period_from", "period_to", "delivered_on"}
_MADE = datetime(2026, 1, 1)


@dataclass(frozen=True)
class Paper:
    """One delivered file.

    Args:
        contract: The folder it lies in.
        content: Its bytes.
        suffix: "csv" or "xlsx", or what its name pretends.
        envelope: What differs from the good envelope; None takes a field out.
        name: Its name without suffix; "" for the contract's.
        size: Its size where that is more than `content`; the rest is a hole.
    """

    contract: str
    content: bytes
    suffix: str = "csv"
    envelope: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    size: int = 0

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.name or self.contract.replace('_', '-')}.{self.suffix}"

    def put(self, deliveries: Path) -> Path:
        """Write the file and its envelope into the folder of its contract."""
        path = deliveries / self.contract / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content)
        if self.size:
            with path.open("r+b") as out:
                out.truncate(self.size)
        path.with_name(path.name + ".toml").write_text(self.toml(), encoding="utf-8")
        return path

    def toml(self) -> str:
        """Write the envelope."""
        fields = {"contract": self.contract, **ENVELOPE, **self.envelope}
        lines = [
            f"{name} = {value if name in _BARE else toml_value(value)}"
            for name, value in fields.items()
            if value is not None
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Expected:
    """What must become of a file.

    Args:
        verdict: The verdict.
        reason: The code of the refusal, quarantine, wait or warning; "" for a plain acceptance.
        line: The line it is told at; None where it is the whole file.
        column: Our name of the column; "" where it is the whole file.
    """

    verdict: str
    reason: str = ""
    line: int | None = None
    column: str = ""


@dataclass(frozen=True)
class Case:
    """A file of the cabinet.

    Args:
        number: The number of the case, 0 for a good but odd file.
        title: What is odd about it.
        paper: The file.
        twin: The good file that differs in that one thing only.
        expected: What must become of it.
        beside: Files that lie there already, in both.
        before: Files delivered and accepted in an earlier run, in both.
        same: The accepted rows must be those of the twin.
    """

    number: int
    title: str
    paper: Paper
    twin: Paper
    expected: Expected
    beside: tuple[Paper, ...] = ()
    before: tuple[Paper, ...] = ()
    same: bool = False

    @property
    def id(self) -> str:
        """Name the case for a test."""
        return f"{self.number:02d}-{self.title.replace(' ', '-')}-{self.paper.suffix}"


# --- writing -------------------------------------------------------------------------------------


def toml_value(value: Any) -> str:
    """Write one value of an envelope."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml_value(one)}" for name, one in value.items()) + "}"
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


def csv_text(rows: Sequence[Row], separator: str = ";", end: str = "\r\n") -> str:
    """Write rows as CSV; the first row gives the header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def xlsx_bytes(
    rows: Sequence[Row],
    *,
    adorn: Callable[[Any, Any], None] | None = None,
    above: Sequence[Sequence[str]] = (),
    options: Mapping[str, Any] | None = None,
) -> bytes:
    """Write rows to a sheet "data": texts as texts, numbers as numbers, datetimes as days.

    Args:
        rows: The rows; the first gives the header.
        adorn: What else is done to (workbook, sheet).
        above: Rows above the header.
        options: Options of the workbook.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **(options or {})}) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet("data")
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        for at, texts in enumerate(above):
            sheet.write_row(at, 0, texts)
        grid = [list(rows[0]), *(list(row.values()) for row in rows)]
        for at, values in enumerate(grid, start=len(above)):
            for place, value in enumerate(values):
                if isinstance(value, datetime):
                    sheet.write_datetime(at, place, value, day)
                elif isinstance(value, str) and value != "":
                    sheet.write_string(at, place, value)
                elif value != "":
                    sheet.write(at, place, value)
        if adorn is not None:
            adorn(book, sheet)
    return out.getvalue()


def zip_with(
    package: bytes, added: Mapping[str, bytes] = {}, edit: Mapping[str, Any] | None = None
) -> bytes:
    """Put parts into a workbook's package, or change some by a function of their bytes."""
    out = io.BytesIO()
    edits = edit or {}
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename in edits:
                content = edits[part.filename](content)
            new.writestr(zipfile.ZipInfo(part.filename), content, zipfile.ZIP_DEFLATED)
        for name, content in added.items():
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# --- papers of good tables -----------------------------------------------------------------------


def good(contract: str) -> list[Row]:
    """Give the rows of the good table of a contract."""
    return TABLES[contract]()


def as_csv(contract: str, rows: Sequence[Row] | None = None, /, **envelope: Any) -> Paper:
    """Deliver rows as CSV with the separator of the envelope."""
    is_english = envelope.get("number_language") == "en"
    separator = envelope.get("delimiter", "," if is_english else ";")
    text = csv_text(good(contract) if rows is None else rows, separator)
    encoding = envelope.get("encoding", "utf-8")
    return Paper(contract, text.encode(encoding), envelope=envelope)


def as_xlsx(
    contract: str,
    rows: Sequence[Row] | None = None,
    /,
    *,
    adorn: Callable[[Any, Any], None] | None = None,
    above: Sequence[Sequence[str]] = (),
    options: Mapping[str, Any] | None = None,
    **envelope: Any,
) -> Paper:
    """Deliver rows as a workbook."""
    table = good(contract) if rows is None else rows
    content = xlsx_bytes(table, adorn=adorn, above=above, options=options)
    return Paper(contract, content, "xlsx", envelope)


def with_cells(contract: str, cells: Mapping[tuple[int, str], Any]) -> list[Row]:
    """Give the good rows with some cells written otherwise, by (line from 2, header)."""
    rows = good(contract)
    for (line, header), value in cells.items():
        if header not in rows[line - 2]:
            raise KeyError(header)
        rows[line - 2][header] = value
    return rows


def with_column(contract: str, header: str, value: Any, **others: Any) -> list[Row]:
    """Give the good rows with a column added; a callable gets the row's number from 0."""
    rows = good(contract)
    for at, row in enumerate(rows):
        row[header] = value(at) if callable(value) else value
    return rows


def both(
    number: int,
    title: str,
    contract: str,
    cells: Mapping[tuple[int, str], Any],
    expected: Expected,
    *,
    good_cells: Mapping[tuple[int, str], Any] | None = None,
    same: bool = False,
    beside: tuple[Paper, ...] = (),
    **envelope: Any,
) -> list[Case]:
    """Make a case of cells that are written otherwise, as CSV and as a workbook."""
    bad = with_cells(contract, cells)
    fine = with_cells(contract, good_cells or {})
    return [
        Case(
            number,
            title,
            make(contract, bad, **envelope),
            make(contract, fine, **envelope),
            expected,
            beside=beside,
            same=same,
        )
        for make in (as_csv, as_xlsx)
    ]


def changed(paper: Paper, **envelope: Any) -> Paper:
    """Give a paper with another envelope."""
    return replace(paper, envelope={**paper.envelope, **envelope})
