"""A delivered file as a grid of text, before any contract looks at it.

Belongs here: opening a file, its encoding, separator, line numbers and structure. Does not belong
here: headers and contracts (`header.py`), the meaning of a cell (`cells.py`), and workbooks, whose
cells carry types (`workbook.py`).
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import RefusedError
from pipelines.sources.envelope import Envelope
from pipelines.sources.reasons import DeliveryRefusedError, Reason

MOST_BYTES = 50_000_000
MOST_ROWS = 1_000_000
_SHOWN = 5
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?(?:\n|$)', re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)


@dataclass
class RawTable:
    """The cells of one file as text.

    Args:
        header: The cells of the first row.
        rows: The cells below it, each row as long as the header.
        lines: The line (CSV) or row (workbook) at which each of `rows` starts, from 1.
        typed: For a workbook: per row and column whether the workbook holds a number or a date
            there rather than text. None for CSV.
        blank: How many wholly empty rows were passed over.
    """

    header: list[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    typed: list[Sequence[bool]] | None = None
    blank: int = 0


def read_content(path: Path, where: str) -> bytes:
    """Read the bytes of a file that is not too large.

    Raises:
        DeliveryRefusedError: It cannot be opened, is empty or larger than 50 MB.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _unreadable(where, f"{size} bytes", f"at most {MOST_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(where, "a file that cannot be opened", "a readable file") from error
    if not content.removeprefix(_BOM).strip():
        raise DeliveryRefusedError(
            Reason.EMPTY_FILE,
            "the file is empty",
            where=where,
            expected="a header and rows",
            todo="Ask for the file again; a list without anybody on it has a header and a "
            "no_rows_reason in its envelope.",
        )
    return content


def read_delimited(content: bytes, envelope: Envelope, where: str) -> RawTable:
    """Read a CSV file as text, in the encoding and with the separator of the envelope.

    Args:
        content: The bytes of the file.
        envelope: What the sender declares.
        where: How to name the file in a message.

    Raises:
        DeliveryRefusedError: The bytes are no such text, or the rows differ in length.
    """
    _check_is_text(content, where)
    text = _decoded(content, envelope, where)
    separator, offset = envelope.separator, 0
    if declared := _SEP_LINE.match(text):
        if declared[1] != separator:
            raise DeliveryRefusedError(
                Reason.BROKEN_STRUCTURE,
                "the file's first line names another separator than the envelope",
                where=f"{where}, line 1",
                found=f"sep={declared[1]}",
                expected=f"sep={separator}",
                todo="Give the separator as `delimiter` in the envelope.",
            )
        text, offset = text[declared.end() :], 1
    return _grid(text, separator, offset, where)


def _check_is_text(content: bytes, where: str) -> None:
    found = ""
    if content.startswith((_ZIP, _OLE)):
        found = "an Excel workbook"
    elif _MARKUP.match(content[:200].removeprefix(_BOM)):
        found = "a web page or XML"
    elif content.startswith(_WIDE_BOMS) or b"\0" in content:
        found = "UTF-16 or bytes that are no text"
    if found:
        raise _unreadable(where, found, "text with separators (CSV)")


def _decoded(content: bytes, envelope: Envelope, where: str) -> str:
    has_mark = content.startswith(_BOM)
    body = content.removeprefix(_BOM)
    if envelope.encoding == "cp1252":
        if has_mark or (not body.isascii() and _is_utf8(body)):
            raise _wrong_encoding(where, "utf-8", "cp1252")
        return _decode(body, "cp1252", where)
    return _decode(body, "utf-8", where)


def _decode(body: bytes, encoding: str, where: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{body[error.start]:02x}"
        raise _wrong_encoding(f"{where}, line {line}", found, encoding) from error


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _grid(text: str, separator: str, offset: int, where: str) -> RawTable:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    table: RawTable | None = None
    wrong: list[str] = []
    line = offset + 1
    try:
        for cells in reader:
            start, line = line, offset + reader.line_num + 1
            if table is None:
                table = RawTable(header=cells)
            elif not any(cell.strip() for cell in cells):
                table.blank += 1
            elif len(cells) != len(table.header):
                wrong.append(f"line {start} has {len(cells)} cells")
            else:
                table.rows.append(cells)
                table.lines.append(start)
    except csv.Error as error:
        raise _broken(where, f"{error} near line {line}", "quotes that close") from error
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        found = ", ".join(wrong[:_SHOWN]) + more
        expected = f"{len(table.header)} cells, as in the header" if table else ""
        raise _broken(where, found, expected)
    if table is None:
        raise _broken(where, "no header", "a header and rows")
    check_size(len(table.rows), where)
    return table


def check_size(rows: int, where: str) -> None:
    """Refuse a file of more than a million rows.

    Raises:
        DeliveryRefusedError: There are more.
    """
    if rows > MOST_ROWS:
        raise _unreadable(where, f"{rows} rows", f"at most {MOST_ROWS} rows")


def _unreadable(where: str, found: str, expected: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.UNREADABLE,
        "the file cannot be read",
        where=where,
        found=found,
        expected=expected,
        todo="Ask the sender for the file again.",
    )


def _wrong_encoding(where: str, found: str, expected: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.WRONG_ENCODING,
        "the text is not in the declared encoding",
        where=where,
        found=found,
        expected=expected,
        todo="Mend `encoding` in the envelope, or ask for the file again.",
    )


def _broken(where: str, found: str, expected: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.BROKEN_STRUCTURE,
        "the rows are not of one shape",
        where=where,
        found=found,
        expected=expected,
        todo="Look for a separator or a quote inside a cell, and deliver the file again.",
    )
