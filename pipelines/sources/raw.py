"""A delivered file as columns of text, before any contract looks at it.

Belongs here: the table of text, and CSV: encoding, separator, line numbers and structure. Does not
belong here: headers and contracts (`header.py`), the meaning of a cell (`cells.py`), workbooks,
whose cells carry types (`workbook.py`), and the process in which a file is read (`reading.py`).

CSV is split by the csv module of Python and not by polars: polars fills short rows, takes NUL bytes
and CR-only files without a word, and knows no line numbers. The cells go to polars block by block,
so that a file at the limit never stands in memory as Python objects.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from models.errors import RefusedError
from pipelines.sources.package import PackageFacts
from pipelines.sources.reasons import DeliveryRefusedError, Reason

MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
BLOCK_ROWS = 50_000
_SHOWN = 5
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?(?:\n|$)', re.IGNORECASE)
_BOM = codecs.BOM_UTF8
_WIDE_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)

LINE = "line"
"""Column of a block with the line (CSV) or row (workbook) at which each row starts, from 1."""


@dataclass(frozen=True)
class Form:
    """What an envelope says of the form of a file.

    Attributes:
        kind: "csv" or "xlsx".
        encoding: How the bytes of a CSV file stand for letters.
        separator: What stands between its cells.
        sheet: The sheet of a workbook, where it has several.
        header_row: The line or row of the header.
    """

    kind: str = "csv"
    encoding: str = "utf-8"
    separator: str = ";"
    sheet: str | None = None
    header_row: int = 1


@dataclass
class RawFacts:
    """What is known of a file besides its cells.

    Attributes:
        header: The cells of the header.
        blank: How many wholly empty rows were passed over.
        titles: The cells of the rows above the header that are not empty, row by row.
        ends_open: Whether a CSV file ends without a line end.
        package: What a workbook says around its rows; None for CSV.
    """

    header: list[str]
    blank: int = 0
    titles: list[list[str]] = field(default_factory=list)
    ends_open: bool = False
    package: PackageFacts | None = None


OnBlock = Callable[[pl.DataFrame], object]
"""Takes the rows of a file block by block: `LINE`, the cells "0", "1", ... and for a workbook
"typed0", "typed1", ... with whether a number or a date stands there rather than text."""


@dataclass
class RawTable:
    """The cells of one file as text.

    Args:
        header: The cells of the header row.
        cells: One column of text per cell of the header, named "0", "1", ...; nothing is null.
        lines: The line (CSV) or row (workbook) at which each row starts, from 1.
        typed: For a workbook: columns of the same names, whether the workbook holds a number or a
            date there rather than text. None for CSV.
        blank: How many wholly empty rows were passed over.
        titles: The cells of the rows above the header that are not empty, row by row.
        ends_open: Whether a CSV file ends without a line end.
        package: What a workbook says around its rows; None for CSV.
    """

    header: list[str]
    cells: pl.DataFrame
    lines: pl.Series
    typed: pl.DataFrame | None = None
    blank: int = 0
    titles: list[list[str]] = field(default_factory=list)
    ends_open: bool = False
    package: PackageFacts | None = None

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.lines.len()

    def texts(self, at: int) -> pl.Series:
        """Give the texts of one column."""
        return self.cells[str(at)]

    def row(self, place: int) -> tuple[str, ...]:
        """Give the texts of one row."""
        return self.cells.row(place)

    def without(self, places: Sequence[int]) -> "RawTable":
        """Give the table without some rows, by place from 0."""
        kept = ~pl.int_range(self.height, eager=True).is_in(list(places))
        typed = None if self.typed is None else self.typed.filter(kept)
        return RawTable(
            self.header,
            self.cells.filter(kept),
            self.lines.filter(kept),
            typed,
            self.blank,
            self.titles,
            self.ends_open,
            self.package,
        )


def table_of(facts: RawFacts, blocks: Sequence[pl.DataFrame]) -> RawTable:
    """Put the blocks of a file together.

    Args:
        facts: What is known of the file besides its cells.
        blocks: Its rows as `OnBlock` took them; none when it has no rows.
    """
    names = [str(at) for at in range(len(facts.header))]
    empty = pl.DataFrame(schema={LINE: pl.Int64, **dict.fromkeys(names, pl.String)})
    rows = pl.concat(blocks, rechunk=True) if blocks else empty
    typed = [f"typed{name}" for name in names]
    has_types = facts.package is not None and bool(blocks)
    return RawTable(
        header=facts.header,
        cells=rows.select(names),
        lines=rows[LINE],
        typed=rows.select(typed).rename(dict(zip(typed, names, strict=True)))
        if has_types
        else None,
        blank=facts.blank,
        titles=facts.titles,
        ends_open=facts.ends_open,
        package=facts.package,
    )


def read_delimited(content: bytes, form: Form, where: str) -> RawTable:
    """Read a CSV file as text in this very process; see `scan_delimited`."""
    blocks: list[pl.DataFrame] = []
    return table_of(scan_delimited(content, form, where, blocks.append), blocks)


def check_filled(content: bytes, where: str) -> None:
    """Refuse a file that holds nothing.

    Raises:
        DeliveryRefusedError: It is empty, or holds a byte order mark and spaces only.
    """
    if not content.removeprefix(_BOM).strip():
        raise DeliveryRefusedError(
            Reason.EMPTY_FILE,
            "the file is empty",
            where=where,
            expected="a header and rows",
            todo="Ask for the file again; a list without anybody on it has a header and a "
            "no_rows_reason in its envelope.",
        )


# --- CSV -----------------------------------------------------------------------------------------


def scan_delimited(content: bytes, form: Form, where: str, on_block: OnBlock) -> RawFacts:
    """Read a CSV file as text, in the encoding and with the separator of the envelope.

    Args:
        content: The bytes of the file.
        form: What the sender declares.
        where: How to name the file in a message.
        on_block: Takes the rows, at most `BLOCK_ROWS` at a time.

    Returns:
        What is known besides the rows.

    Raises:
        DeliveryRefusedError: The bytes are no such text, or the rows differ in length.
    """
    check_filled(content, where)
    _check_is_text(content, form, where)
    encoding, start = _encoding(content, form, where)
    body = content[start:] if start else content
    head = codecs.getincrementaldecoder(encoding)().decode(body[:64])
    offset = 0
    if declared := _SEP_LINE.match(head):
        if declared[1] != form.separator:
            raise _broken(
                f"{where}, line 1",
                f"sep={declared[1]}",
                f"sep={form.separator}",
                what="the file's first line names another separator than the envelope",
                todo="Give the separator as `delimiter` in the envelope.",
                line=1,
            )
        body, offset = body[len(declared[0].encode(encoding)) :], 1
    facts = _split(
        io.TextIOWrapper(io.BytesIO(body), encoding, newline=""), form, offset, where, on_block
    )
    facts.ends_open = not body.endswith(tuple(end.encode(encoding) for end in "\r\n"))
    return facts


def _check_is_text(content: bytes, form: Form, where: str) -> None:
    found = ""
    is_wide = form.encoding == "utf-16"
    if content.startswith((_ZIP, _OLE)):
        found = "an Excel workbook"
    elif _MARKUP.match(content[:200].removeprefix(_BOM)):
        found = "a web page or XML"
    elif is_wide and not content.startswith(tuple(_WIDE_BOMS)):
        found = "no UTF-16, which begins with a byte order mark"
    elif not is_wide and (content.startswith(tuple(_WIDE_BOMS)) or b"\0" in content):
        found = "UTF-16 or bytes that are no text"
    if found:
        raise _unreadable(where, found, "text with separators (CSV)")


def _encoding(content: bytes, form: Form, where: str) -> tuple[str, int]:
    """Give the encoding of a text that can be decoded, and where it starts after its mark."""
    if form.encoding == "utf-16":
        encoding = _WIDE_BOMS[content[:2]]
        text = _decoded(content[2:], encoding, where)
        if "\0" in text:
            raise _unreadable(where, "bytes that are no text", "text with separators (CSV)")
        return encoding, 2
    start = len(_BOM) if content.startswith(_BOM) else 0
    body = content[start:]
    if form.encoding == "cp1252":
        if start or (not body.isascii() and _is_utf8(body)):
            raise _wrong_encoding(where, "utf-8", "cp1252")
        _decoded(body, "cp1252", where)
        return "cp1252", 0
    if not body.isascii():
        _decoded(body, "utf-8", where)
    return "utf-8", start


def _decoded(body: bytes, encoding: str, where: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count("\n".encode(encoding), 0, error.start) + 1
        found = f"byte 0x{body[error.start]:02x}"
        raise _wrong_encoding(f"{where}, line {line}", found, encoding, line) from error


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _split(
    text: io.TextIOWrapper, form: Form, offset: int, where: str, on_block: OnBlock
) -> RawFacts:
    reader = csv.reader(text, delimiter=form.separator, strict=True)
    facts: RawFacts | None = None
    titles: list[list[str]] = []
    wrong: list[tuple[int, int]] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    count, misfits, line = 0, 0, offset + 1
    try:
        for cells in reader:
            start, line = line, offset + reader.line_num + 1
            if facts is None:
                if start < form.header_row:
                    titles.append(cells)
                    continue
                facts = RawFacts(cells, titles=[row for row in titles if any(map(str.strip, row))])
                facts.blank = len(titles) - len(facts.titles)
                _check_width(len(cells), where)
            elif len(cells) == len(facts.header) and any(map(str.strip, cells)):
                rows.append(cells)
                lines.append(start)
                if len(rows) == BLOCK_ROWS:
                    count += len(rows)
                    check_size(count, where)
                    on_block(block_of(rows, lines))
                    rows, lines = [], []
            elif not any(map(str.strip, cells)):
                facts.blank += 1
            else:
                misfits += 1
                if misfits <= _SHOWN:
                    wrong.append((start, len(cells)))
    except csv.Error as error:
        raise _broken(where, f"{error} near line {line}", "quotes that close", line=line) from error
    if facts is None:
        raise _broken(where, "no header", "a header and rows")
    if wrong:
        found = ", ".join(f"line {start} has {cells} cells" for start, cells in wrong)
        more = f" and {misfits - _SHOWN} more" if misfits > _SHOWN else ""
        expected = f"{len(facts.header)} cells, as in the header"
        raise _broken(where, found + more, expected, line=wrong[0][0])
    check_size(count + len(rows), where)
    if rows:
        on_block(block_of(rows, lines))
    return facts


def block_of(rows: Sequence[Sequence[str]], lines: Sequence[int]) -> pl.DataFrame:
    """Turn rows of equal length into a block of columns."""
    columns: Iterator[Any] = zip(*rows, strict=True)
    texts = [pl.Series(str(at), column, pl.String) for at, column in enumerate(columns)]
    return pl.DataFrame([pl.Series(LINE, lines, pl.Int64), *texts])


def check_size(rows: int, where: str) -> None:
    """Refuse a file of more than a million rows.

    Raises:
        DeliveryRefusedError: There are more.
    """
    if rows > MOST_ROWS:
        raise _unreadable(where, f"{rows} rows", f"at most {MOST_ROWS} rows")


def _check_width(columns: int, where: str) -> None:
    if columns > MOST_COLUMNS:
        raise _unreadable(where, f"{columns} columns", f"at most {MOST_COLUMNS} columns")


def _unreadable(where: str, found: str, expected: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.UNREADABLE,
        "the file cannot be read",
        where=where,
        found=found,
        expected=expected,
        todo="Ask the sender for the file again.",
    )


def _wrong_encoding(where: str, found: str, expected: str, line: int | None = None) -> RefusedError:
    return DeliveryRefusedError(
        Reason.WRONG_ENCODING,
        "the text is not in the declared encoding",
        where=where,
        found=found,
        expected=expected,
        todo="Mend `encoding` in the envelope, or ask for the file again.",
        line=line,
    )


def _broken(
    where: str,
    found: str,
    expected: str,
    *,
    what: str = "the rows are not of one shape",
    todo: str = "Look for a separator or a quote inside a cell, and deliver the file again.",
    line: int | None = None,
) -> RefusedError:
    return DeliveryRefusedError(
        Reason.BROKEN_STRUCTURE,
        what,
        where=where,
        found=found,
        expected=expected,
        todo=todo,
        line=line,
    )
