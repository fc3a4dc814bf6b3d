"""A delivered Excel workbook as a grid of text that remembers which cells hold numbers or dates.

Belongs here: choosing the sheet, refusing what must not be in a workbook, telling a typed cell from
text. Does not belong here: the meaning of a cell (`cells.py`). The workbook itself is read by
fastexcel.
"""

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import polars as pl

from models.errors import UitstroomError
from pipelines.sources.envelope import Envelope
from pipelines.sources.raw import RawTable, check_size
from pipelines.sources.reasons import DeliveryRefusedError, Reason

if TYPE_CHECKING:
    import fastexcel

MOST_UNPACKED_BYTES = 500_000_000
_OLE = b"\xd0\xcf\x11\xe0"
_SHOWN = 5
_ERROR_CELL = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+\d+)"')
_EMPTY_FORMULA = re.compile(
    rb'<c\b[^>]*\br="([A-Z]+\d+)"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_DATES_1904 = re.compile(rb'\bdate1904="(?:1|true)"')


def read_workbook(content: bytes, envelope: Envelope, where: str) -> RawTable:
    """Read one sheet of a workbook as text.

    The sheet is the one the envelope names, else the only one. Numbers and dates that the workbook
    holds as such are marked in `RawTable.typed`: numbers then have a decimal point whatever the
    number language, and dates read "YYYY-MM-DD HH:MM:SS".

    Args:
        content: The bytes of the file.
        envelope: What the sender declares.
        where: How to name the file in a message.

    Raises:
        DeliveryRefusedError: It is no workbook, has a password, macros, error cells, hidden sheets
            or no such sheet.
    """
    _check_package(content, where)
    try:
        import fastexcel

        reader = fastexcel.read_excel(content)
        name = _sheet_name(reader, envelope, where)
        text = _load(reader, name, "string")
        stamps = _load(reader, name, "datetime")
    except (UitstroomError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the reader is no Exception
        raise _no_workbook(where, "a damaged workbook") from error
    return _table(text, stamps, where)


def _check_package(content: bytes, where: str) -> None:
    """Look at the zip around the sheets: what fastexcel reads without a word is refused here."""
    if content.startswith(_OLE):
        raise _no_workbook(where, "an old .xls file or a workbook with a password")
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            parts = package.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise _no_workbook(where, "a workbook that unpacks to more than 500 MB")
            names = [part.filename for part in parts]
            if any(name.endswith("vbaProject.bin") for name in names):
                raise _no_workbook(where, "a workbook with macros")
            if _DATES_1904.search(package.read("xl/workbook.xml")):
                raise _no_workbook(where, "a workbook that counts days from 1904")
            sheets = sorted(name for name in names if name.startswith("xl/worksheets/sheet"))
            errors = [cell for name in sheets for cell in _cells_without_value(package.read(name))]
    except UitstroomError:
        raise
    except Exception as error:
        raise _no_workbook(where, "a damaged file or another kind of file") from error
    if errors:
        more = f" and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        raise DeliveryRefusedError(
            Reason.SPREADSHEET_ERROR,
            "cells of the workbook hold an error such as #REF! or a formula without a value",
            where=where,
            found=", ".join(errors[:_SHOWN]) + more,
            expected="values",
            todo="Mend the formulas, or save the sheet as values.",
        )


def _cells_without_value(sheet: bytes) -> list[str]:
    found = [*_ERROR_CELL.findall(sheet), *_EMPTY_FORMULA.findall(sheet)]
    return [cell.decode() for cell in found]


def _sheet_name(reader: "fastexcel.ExcelReader", envelope: Envelope, where: str) -> str:
    names = reader.sheet_names
    hidden = [name for name in names if reader.load_sheet(name, n_rows=0).visible != "visible"]
    if hidden:
        raise _wrong_sheet(where, f"{len(hidden)} hidden", "no hidden sheet")
    if envelope.sheet is not None and envelope.sheet not in names:
        raise _wrong_sheet(where, ", ".join(names), f"a sheet {envelope.sheet!r}")
    if envelope.sheet is None and len(names) != 1:
        raise _wrong_sheet(where, ", ".join(names), "one sheet, or `sheet` in the envelope")
    return envelope.sheet or names[0]


def _load(
    reader: "fastexcel.ExcelReader", name: str, kind: Literal["string", "datetime"]
) -> pl.DataFrame:
    """Load a sheet from its first row; as "datetime" every text becomes null, a number does not."""
    sheet = reader.load_sheet(
        name, header_row=None, skip_rows=0, schema_sample_rows=None, dtypes=kind
    )
    return sheet.to_polars()


def _table(text: pl.DataFrame, stamps: pl.DataFrame, where: str) -> RawTable:
    if text.height == 0:
        raise DeliveryRefusedError(
            Reason.EMPTY_FILE,
            "the sheet is empty",
            where=where,
            expected="a header and rows",
            todo="Ask for the file again.",
        )
    check_size(text.height - 1, where)
    cells = text.fill_null("").rows()
    typed = stamps.select(pl.all().is_not_null()).rows()
    table = RawTable(header=list(cells[0]), typed=[])
    for place in range(1, len(cells)):
        if not any(cell.strip() for cell in cells[place]):
            table.blank += 1
            continue
        table.rows.append(cells[place])
        table.lines.append(place + 1)
        if table.typed is not None:
            table.typed.append(typed[place])
    return table


def _no_workbook(where: str, found: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(
        Reason.UNREADABLE,
        "the file cannot be read",
        where=where,
        found=found,
        expected="an ordinary Excel workbook (.xlsx)",
        todo="Save it as .xlsx without password and macros, and deliver it again.",
    )


def _wrong_sheet(where: str, found: str, expected: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(
        Reason.WRONG_SHEET,
        "it is not clear which sheet holds the data",
        where=where,
        found=found,
        expected=expected,
        todo="Name the sheet in the envelope and take hidden sheets out.",
    )
