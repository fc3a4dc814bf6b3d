"""Tables that somebody hands to a command: CSV or Parquet in, CSV or Parquet out.

Belongs here: suffixes, decoding and splitting of a CSV with faults named by line, numbers in cells,
columns that must be there, writing whole or not at all. Does not belong here: what a table means
(`forecast_file`, `quota_file`), deliveries of a region (`sources`).
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models.errors import FaultList, RefusedError, UsageError
from pipelines.storage import parquet_bytes, replace_file

SUFFIXES = (".csv", ".parquet")
MOST_FAULTS = 10
"""Faults of a file that are told at once."""

Value = int | float

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Sheet:
    """A file as it stands: header, rows of cells in words, and where each row stands."""

    name: str
    header: list[str]
    rows: list[list[str]]
    places: list[str]


def check_source(source: Path, flag: str = "FILE") -> None:
    """Check that a file to read has a known suffix and is there.

    Raises:
        UsageError: It does not, or is not.
    """
    _check_suffix(source, flag)
    if not source.is_file():
        raise UsageError("there is no such file", where=flag, found=str(source))


def check_target(target: Path, sources: Sequence[Path], what: str) -> None:
    """Check that a file can be written, and overwrites nothing that is read.

    Args:
        target: The file to write.
        sources: Files that are read.
        what: What would be lost, as in "the forecast would overwrite the series".

    Raises:
        UsageError: An unknown suffix, no such folder, or one of the sources.
    """
    _check_suffix(target, "--out")
    if not target.parent.is_dir() or target.is_dir():
        raise UsageError("there is no such folder to write in", where="--out", found=str(target))
    if target.exists() and any(source.exists() and target.samefile(source) for source in sources):
        raise UsageError(what, where="--out", found=str(target))


def _check_suffix(path: Path, flag: str) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            "this suffix is not known", where=flag, found=path.name, expected=" or ".join(SUFFIXES)
        )


def write_frame(frame: pl.DataFrame, target: Path) -> None:
    """Write a table as CSV or Parquet by the target's suffix, whole or not at all."""
    is_table = target.suffix.lower() == ".parquet"
    replace_file(target, parquet_bytes(frame) if is_table else frame.write_csv().encode())


def csv_rows(content: bytes, name: str) -> Iterator[tuple[str, list[str]]]:
    """Split a CSV (comma or semicolon between cells) into rows; rows of empty cells are left out.

    Args:
        content: Bytes of the file.
        name: Name of the file, for errors.

    Yields:
        Where a row stands ("line 7"), and its stripped cells; the header first.

    Raises:
        RefusedError: No text in UTF-8, a zero byte, a quotation mark that is not closed.
    """
    text = _decoded(content, name)
    header = text.lstrip("\r\n").splitlines()[:1]
    mark = ";" if header and ";" in header[0] and "," not in header[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield f"line {reader.line_num}", stripped
    except csv.Error as error:
        raise RefusedError(
            "the file is no CSV",
            where=f"{name}, line {reader.line_num}",
            found=str(error),
            todo="Look for a quotation mark that is not closed.",
        ) from error


def _decoded(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RefusedError(
            "the file is no text in UTF-8",
            where=f"{name}, line {line}",
            found=f"byte 0x{content[error.start]:02x}",
            todo="Save the file as UTF-8.",
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise RefusedError("the file holds a zero byte", where=f"{name}, line {line}")
    return text


def read_parquet(content: bytes, name: str) -> pl.DataFrame:
    """Read a Parquet file.

    Raises:
        RefusedError: It is none.
    """
    try:
        return pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RefusedError("the file is no Parquet", where=name) from error


def wrong_width(cells: Sequence[str], width: int, place: str, name: str) -> RefusedError | None:
    """Give the fault of a row with another number of cells than the header."""
    if len(cells) == width:
        return None
    return RefusedError(
        "the row has another number of cells than the header",
        where=f"{name}, {place}",
        found=str(len(cells)),
        expected=str(width),
    )


def column_places(header: Sequence[str], needed: Sequence[str], name: str) -> dict[str, int]:
    """Give the places of the columns that must be there.

    Raises:
        RefusedError: One is missing or stands more than once.
    """
    for column in needed:
        if header.count(column) != 1:
            times = "is missing" if column not in header else "stands more than once"
            raise RefusedError(
                f"column {column} {times}",
                where=f"{name}, line 1",
                found=", ".join(header)[:200],
                expected=", ".join(needed),
            )
    return {column: header.index(column) for column in needed}


def finite_number(text: str) -> float | None:
    """Read a number with a point as decimal mark; None for anything else."""
    number = float(text) if _NUMBER.fullmatch(text) else None
    return None if number in (float("inf"), float("-inf")) else number


def whole_or_float(text: str, number: float) -> Value:
    """Give a number that is written as a whole one as an int, so that it loses no digit."""
    return int(text) if text.lstrip("+").isdigit() and number < 2**53 else number


def cell_fault(what: str, where: str, found: str, expected: str = "") -> RefusedError:
    """Give the fault of a cell."""
    return RefusedError(what, where=where, found=repr(found)[:80], expected=expected)


def read_sheet(source: Path, expected: str) -> Sheet:
    """Read a file as cells in words; `expected` says in an error which columns it needs.

    Raises:
        RefusedError: The file is empty, or is no CSV or Parquet; a column or row is misshapen.
    """
    content, name = source.read_bytes(), source.name
    is_table = source.suffix.lower() == ".parquet"
    lines = list(_parquet_lines(content, name) if is_table else csv_rows(content, name))
    if len(lines) < 2:
        raise RefusedError(
            "the file holds no rows" if lines else "the file is empty",
            where=name,
            expected=f"a header with {expected}, and a row each",
        )
    header = lines[0][1]
    for column in header:
        if not column:
            raise RefusedError("a column has no name", where=f"{name}, line 1")
    column_places(header, header, name)
    faults = FaultList()
    for place, cells in lines[1:]:
        fault = wrong_width(cells, len(header), place, name)
        if fault is not None and len(faults.faults) < MOST_FAULTS:
            faults.add(fault)
    faults.raise_if_any()
    return Sheet(name, header, [cells for _, cells in lines[1:]], [place for place, _ in lines[1:]])


def _parquet_lines(content: bytes, name: str) -> Iterator[tuple[str, list[str]]]:
    frame = read_parquet(content, name)
    yield "line 1", frame.columns
    for number, row in enumerate(frame.iter_rows(), 1):
        yield f"row {number}", ["" if cell is None else str(cell).strip() for cell in row]
