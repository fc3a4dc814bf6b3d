"""A delivered Excel workbook as columns of text that remember which cells hold numbers or dates.

Belongs here: choosing the sheet, refusing what must not be in a workbook, telling a typed cell from
text. Does not belong here: the package around the sheets (`package.py`), the meaning of a cell
(`cells.py`). The cells are read by fastexcel.
"""

from typing import TYPE_CHECKING, Literal

import polars as pl

from models.errors import UitstroomError
from pipelines.sources.package import PackageFacts, SheetFacts, facts_of, no_workbook
from pipelines.sources.raw import (
    BLOCK_ROWS,
    LINE,
    Form,
    OnBlock,
    RawFacts,
    RawTable,
    check_filled,
    check_size,
    table_of,
)
from pipelines.sources.reasons import DeliveryRefusedError, Reason

if TYPE_CHECKING:
    import fastexcel

ERROR_TEXT = "#N/A"
"""What is read where a cell of a workbook holds an error, whichever it is."""

_SHOWN = 5
_MOST_OTHER_CELLS = 200_000


def read_workbook(content: bytes, form: Form, where: str) -> RawTable:
    """Read one sheet of a workbook as text in this very process; see `scan_workbook`."""
    blocks: list[pl.DataFrame] = []
    return table_of(scan_workbook(content, form, where, blocks.append), blocks)


def scan_workbook(content: bytes, form: Form, where: str, on_block: OnBlock) -> RawFacts:
    """Read one sheet of a workbook as text.

    The sheet is the one the envelope names, else the only one. Numbers and dates that the workbook
    holds as such are marked as typed: numbers then have a decimal point whatever the number
    language, and dates read "YYYY-MM-DD HH:MM:SS".

    Args:
        content: The bytes of the file.
        form: What the sender declares.
        where: How to name the file in a message.
        on_block: Takes the rows, at most `raw.BLOCK_ROWS` at a time.

    Returns:
        What is known besides the rows, the package included.

    Raises:
        DeliveryRefusedError: It is no workbook, breaks a limit, has a password, macros, another
            file inside, links to another workbook, formulas that were never calculated, hidden
            sheets or no such sheet.
    """
    check_filled(content, where)
    facts = facts_of(content, where)
    _check_package(facts, where)
    sheet = _chosen(facts, form, where)
    try:
        import fastexcel

        reader = fastexcel.read_excel(content)
        text = _load(reader, sheet.name, "string")
        stamps = _load(reader, sheet.name, "datetime")
        facts.other_cells = _other_cells(reader, facts, where)
    except (UitstroomError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the reader is no Exception
        raise no_workbook(where, "a damaged workbook") from error
    return _give(text, stamps, facts, form, where, on_block)


def _check_package(facts: PackageFacts, where: str) -> None:
    """Refuse what a workbook of rows has no use for; fastexcel reads past it without a word."""
    found = ""
    if facts.macros:
        found = "a workbook with macros"
    elif facts.external_links:
        found = "a workbook with links to another workbook"
    elif facts.embedded:
        found = "a workbook with another file or a control inside"
    if found:
        raise no_workbook(where, found)
    errors = [cell for sheet in facts.sheets for cell in sheet.without_value]
    if errors:
        more = f" and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        raise DeliveryRefusedError(
            Reason.SPREADSHEET_ERROR,
            "cells of the workbook hold a formula that was never calculated",
            where=where,
            found=", ".join(errors[:_SHOWN]) + more,
            expected="values",
            todo="Open and save the workbook in Excel, or save the sheet as values.",
            line=int("".join(letter for letter in errors[0] if letter.isdigit())),
        )


def _chosen(facts: PackageFacts, form: Form, where: str) -> SheetFacts:
    names = [sheet.name for sheet in facts.sheets]
    hidden = [sheet.name for sheet in facts.sheets if sheet.state != "visible"]
    if hidden:
        raise _wrong_sheet(where, f"{len(hidden)} hidden", "no hidden sheet")
    if form.sheet is not None and form.sheet not in names:
        raise _wrong_sheet(where, f"{len(names)} with other names", f"a sheet {form.sheet!r}")
    if form.sheet is None and len(names) != 1:
        raise _wrong_sheet(where, f"{len(names)} sheets", "one sheet, or `sheet` in the envelope")
    facts.sheet = form.sheet or names[0]
    return facts.sheets[names.index(facts.sheet)]


def _load(
    reader: "fastexcel.ExcelReader", name: str, kind: Literal["string", "datetime"]
) -> pl.DataFrame:
    """Load a sheet from its first row; as "datetime" every text becomes null, a number does not."""
    sheet = reader.load_sheet(
        name, header_row=None, skip_rows=0, schema_sample_rows=None, dtypes=kind
    )
    return sheet.to_polars()


def _other_cells(reader: "fastexcel.ExcelReader", facts: PackageFacts, where: str) -> list[str]:
    found: dict[str, None] = {}
    for sheet in facts.sheets:
        if sheet.name == facts.sheet:
            continue
        cells = _load(reader, sheet.name, "string")
        if cells.height * cells.width > _MOST_OTHER_CELLS:
            raise _wrong_sheet(where, f"{cells.height} rows on another sheet", "one sheet of rows")
        for column in cells.iter_columns():
            found |= dict.fromkeys(column.drop_nulls().to_list())
    return list(found)


def _give(
    text: pl.DataFrame,
    stamps: pl.DataFrame,
    package: PackageFacts,
    form: Form,
    where: str,
    on_block: OnBlock,
) -> RawFacts:
    above = form.header_row - 1
    if text.height <= above:
        raise DeliveryRefusedError(
            Reason.EMPTY_FILE,
            "the sheet is empty",
            where=where,
            expected="a header and rows",
            todo="Ask for the file again.",
        )
    names = [str(at) for at in range(text.width)]
    text.columns = names
    text = _with_errors(text, package)
    stamps.columns = [f"typed{name}" for name in names]
    cells = text.with_columns(pl.all().fill_null(""))
    titles = [list(row) for row in cells.head(above).rows()]
    facts = RawFacts(list(cells.row(above)), package=package)
    facts.titles = [row for row in titles if any(map(str.strip, row))]
    check_size(text.height - form.header_row, where)
    rows = cells.hstack(stamps.select(pl.all().is_not_null())).with_row_index(LINE, offset=1)
    rows = rows.with_columns(pl.col(LINE).cast(pl.Int64)).slice(form.header_row)
    filled = rows.filter(pl.any_horizontal(pl.col(names).str.strip_chars() != ""))
    facts.blank = rows.height - filled.height + above - len(facts.titles)
    for block in filled.iter_slices(BLOCK_ROWS):
        on_block(block)
    return facts


def _with_errors(text: pl.DataFrame, package: PackageFacts) -> pl.DataFrame:
    """Write an error where a cell holds one: fastexcel gives nothing there, as for no value."""
    cells = [one for sheet in package.sheets if sheet.name == package.sheet for one in sheet.errors]
    by_column: dict[int, list[int]] = {}
    for cell in cells:
        row, column = place_of(cell)
        if row <= text.height and column <= text.width:
            by_column.setdefault(column - 1, []).append(row - 1)
    for column, rows in by_column.items():
        name = str(column)
        text = text.with_columns(text[name].scatter(rows, ERROR_TEXT).alias(name))
    return text


def place_of(cell: str) -> tuple[int, int]:
    """Give row and column, both from 1, of a cell such as B3."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(cell[len(letters) :]), column


def _wrong_sheet(where: str, found: str, expected: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(
        Reason.WRONG_SHEET,
        "it is not clear which sheet holds the data",
        where=where,
        found=found,
        expected=expected,
        todo="Name the sheet in the envelope and take hidden sheets out.",
    )
