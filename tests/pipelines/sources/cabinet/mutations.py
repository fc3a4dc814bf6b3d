"""Forty ways in which a good file is spoilt, one to three at a time, by a seed.

Belongs here: the operators, the good files they work on, and what must come of it. Does not belong
here: the declared cases (`cases.py`), counting and reporting (`test_mutations.py`, the soak test).

Every good file carries a manifest (rows and control totals), as the page for senders asks: a figure
that is changed into another good figure can only be seen by its sum.
"""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.sources.columns import Column, Kind, fold
from pipelines.sources.contracts import CONTRACTS
from tests.pipelines.sources.cabinet.papers import Paper, csv_text, xlsx_bytes
from tests.pipelines.sources.cabinet.reading import read
from tests.pipelines.sources.cabinet.tables import TABLES

SEED = 20261122
_BOOKS = frozenset({"stays", "association_stock", "lettings"})
"""Contracts whose good file is a workbook."""
_NAMES = {Kind.TEXT}
_COUNTS = {Kind.WHOLE}


@dataclass
class Sheet:
    """A file that is being spoilt.

    Args:
        contract: Its contract.
        header: Its header cells.
        rows: Its cells.
        above: Rows above the header.
        is_book: Whether it becomes a workbook.
        separator: Between the cells of CSV.
        bytes: What is done to the bytes afterwards.
        done: The operators that were applied.
    """

    contract: str
    header: list[str]
    rows: list[list[str]]
    is_book: bool
    above: list[list[str]] = field(default_factory=list)
    separator: str = ";"
    bytes: list[Callable[[bytes], bytes]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, contract: str) -> "Sheet":
        """Take the good table of a contract."""
        rows = TABLES[contract]()
        cells = [[str(value) for value in row.values()] for row in rows]
        return cls(contract, list(rows[0]), cells, contract in _BOOKS)

    def column(self, at: int) -> Column | None:
        """Give the declaration of a column, None where the header is spoilt."""
        name = CONTRACTS[self.contract].headers.get(fold(self.header[at]))
        return None if name is None else CONTRACTS[self.contract].column(name)

    def places(self, wanted: Callable[[Column], bool]) -> list[int]:
        """Give the places of the columns that are wanted."""
        found = []
        for at in range(len(self.header)):
            column = self.column(at)
            if column is not None and wanted(column):
                found.append(at)
        return found

    def paper(self) -> Paper:
        """Write it, with the manifest of the good file."""
        envelope = manifest(self.contract)
        if self.is_book:
            grid = [*self.above, self.header, *self.rows]
            first = dict.fromkeys(map(str, range(len(grid[0]))), "")
            rows = [dict(zip(map(str, range(len(row))), row, strict=True)) for row in grid]
            content = _book([list(row.values()) for row in rows] or [list(first)])
            return Paper(self.contract, content, "xlsx", envelope)
        lines = [*self.above, self.header, *self.rows]
        text = "".join(_line(cells, self.separator) for cells in lines)
        content = text.encode()
        for change in self.bytes:
            content = change(content)
        return Paper(self.contract, content, envelope=envelope)


def _line(cells: list[str], separator: str) -> str:
    row = dict(zip(map(str, range(len(cells))), cells, strict=True))
    return csv_text([row], separator).split("\r\n", 1)[1]


def _book(grid: list[list[str]]) -> bytes:
    header = dict.fromkeys(map(str, range(max(map(len, grid)))), "")
    rows = [dict(zip(header, cells, strict=False)) for cells in grid[1:]]
    names = dict(zip(header, grid[0], strict=False))

    def name_them(_book: Any, sheet: Any) -> None:
        for at, text in enumerate(names.values()):
            sheet.write_string(0, at, text)

    return xlsx_bytes(rows or [header], adorn=name_them)


def manifest(contract: str) -> dict[str, Any]:
    """Give the rows and control totals of the good file of a contract."""
    rows = TABLES[contract]()
    headers = CONTRACTS[contract].headers
    totals = {}
    for name in rows[0]:
        column = CONTRACTS[contract].column(headers[fold(name)])
        if column.kind in {Kind.WHOLE, Kind.DECIMAL}:
            numbers = [float(row[name].replace(",", ".")) for row in rows if row[name]]
            totals[column.name] = round(sum(numbers), 6)
    return {"rows": len(rows), **({"control_totals": totals} if totals else {})}


# --- operators -----------------------------------------------------------------------------------

Operator = Callable[[Sheet, random.Random], None]


def _cell(
    wanted: Callable[[Column], bool], change: Callable[[str, random.Random], str]
) -> Operator:
    """Change one filled cell of a wanted column."""

    def operator(sheet: Sheet, chance: random.Random) -> None:
        filled = [
            (row, at)
            for at in sheet.places(wanted)
            for row in sheet.rows
            if at < len(row) and row[at]
        ]
        if filled:
            row, at = chance.choice(filled)
            row[at] = change(row[at], chance)

    return operator


def _bytes(change: Callable[[bytes, random.Random], bytes]) -> Operator:
    """Change the bytes of a CSV file."""

    def operator(sheet: Sheet, chance: random.Random) -> None:
        seed = chance.random()
        sheet.bytes.append(lambda content: change(content, random.Random(seed)))

    return operator


def _is(*kinds: Kind) -> Callable[[Column], bool]:
    return lambda column: column.kind in kinds


def _blank_row(sheet: Sheet, chance: random.Random) -> None:
    sheet.rows.insert(chance.randrange(len(sheet.rows) + 1), [""] * len(sheet.header))


def _total(wrong: int) -> Operator:
    def operator(sheet: Sheet, chance: random.Random) -> None:
        counts = sheet.places(lambda column: column.adds_up)
        labels = sheet.places(lambda column: column.kind in {Kind.TEXT, Kind.ID, Kind.MUNICIPALITY})
        if not counts or not labels:
            return
        cells = [""] * len(sheet.header)
        cells[chance.choice(labels)] = "Totaal"
        for at in counts:
            numbers = [row[at] for row in sheet.rows if at < len(row)]
            if all(text.lstrip("-").isdigit() for text in numbers):
                cells[at] = str(sum(map(int, numbers)) + wrong)
        sheet.rows.append(cells)

    return operator


def _same_row(sheet: Sheet, chance: random.Random) -> None:
    sheet.rows.append(list(chance.choice(sheet.rows)))


def _shuffle_columns(sheet: Sheet, chance: random.Random) -> None:
    order = chance.sample(range(len(sheet.header)), len(sheet.header))
    sheet.header = [sheet.header[at] for at in order]
    sheet.rows = [[row[at] if at < len(row) else "" for at in order] for row in sheet.rows]


def _shuffle_rows(sheet: Sheet, chance: random.Random) -> None:
    chance.shuffle(sheet.rows)


def _drop_row(sheet: Sheet, chance: random.Random) -> None:
    if len(sheet.rows) > 1:
        del sheet.rows[chance.randrange(len(sheet.rows))]


def _upper_headers(sheet: Sheet, _chance: random.Random) -> None:
    sheet.header = [f" {name.upper().replace('_', ' ')} " for name in sheet.header]


def _synonyms(sheet: Sheet, chance: random.Random) -> None:
    for at in range(len(sheet.header)):
        column = sheet.column(at)
        if column is not None:
            sheet.header[at] = chance.choice(column.headers)


def _slip_in_header(sheet: Sheet, chance: random.Random) -> None:
    at = chance.randrange(len(sheet.header))
    text = sheet.header[at]
    cut = chance.randrange(max(1, len(text)))
    sheet.header[at] = text[:cut] + text[cut + 1 :] or "x"


def _drop_column(sheet: Sheet, chance: random.Random) -> None:
    required = sheet.places(lambda column: column.required)
    if required:
        at = chance.choice(required)
        del sheet.header[at]
        for row in sheet.rows:
            if at < len(row):
                del row[at]


def _extra_column(sheet: Sheet, _chance: random.Random) -> None:
    sheet.header.append("verdieping")
    for row in sheet.rows:
        row.append("2")


def _doubled_column(sheet: Sheet, chance: random.Random) -> None:
    at = chance.randrange(len(sheet.header))
    sheet.header.append(sheet.header[at])
    for row in sheet.rows:
        row.append(row[at] if at < len(row) else "")


def _header_again(sheet: Sheet, chance: random.Random) -> None:
    sheet.rows.insert(chance.randrange(len(sheet.rows)), list(sheet.header))


def _titles(sheet: Sheet, _chance: random.Random) -> None:
    sheet.above.insert(0, ["Overzicht", *[""] * (len(sheet.header) - 1)])


def _swap_days(sheet: Sheet, chance: random.Random) -> None:
    places = [
        at
        for at in sheet.places(_is(Kind.DATE))
        if any(row[at][:2] > "12" for row in sheet.rows if at < len(row))
    ]
    if places:
        at = chance.choice(places)
        for row in sheet.rows:
            text = row[at]
            if text:
                row[at] = f"{text[3:5]}-{text[:2]}{text[5:]}"


def _serial(text: str, _chance: random.Random) -> str:
    try:
        day = date(int(text[6:]), int(text[3:5]), int(text[:2]))
    except ValueError:
        return text
    number = (day - date(1899, 12, 30)).days
    return str(number) if 36526 <= number <= 55153 else text


def _spoilt(sheet: Sheet, chance: random.Random) -> None:
    places = [
        at
        for at in sheet.places(_is(Kind.TEXT))
        if any(not row[at].isascii() for row in sheet.rows if at < len(row))
    ]
    if places:
        at = chance.choice(places)
        for row in sheet.rows:
            try:
                row[at] = row[at].encode().decode("cp1252")
            except UnicodeError:
                continue


def _misaligned(sheet: Sheet, chance: random.Random) -> None:
    row = chance.choice(sheet.rows)
    row.insert(chance.randrange(len(row)), "")


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: -chance.randint(1, 12)]


def _insert(mark: bytes) -> Callable[[bytes, random.Random], bytes]:
    def change(content: bytes, chance: random.Random) -> bytes:
        at = chance.randrange(1, len(content)) if len(content) > 1 else 0
        return content[:at] + mark + content[at:]

    return change


def _recoded(content: bytes, _chance: random.Random) -> bytes:
    try:
        return content.decode().encode("cp1252")
    except UnicodeError:
        return content


def _wide(content: bytes, _chance: random.Random) -> bytes:
    return content.decode("utf-8", "replace").encode("utf-16")


def _comma(sheet: Sheet, _chance: random.Random) -> None:
    sheet.separator = ","


def _is_required(*kinds: Kind) -> Callable[[Column], bool]:
    return lambda column: column.required and column.kind in kinds


_ANY_DAY = _is(Kind.DATE)
_NUMBERS = _is(Kind.WHOLE, Kind.DECIMAL)
_WRITTEN = _is(Kind.TEXT, Kind.ID, Kind.ENUM, Kind.MUNICIPALITY, Kind.RECORD, Kind.CLIENT)
_SAFE_WORDS = _is(Kind.TEXT, Kind.ENUM)

OPERATORS: dict[str, Operator] = {
    "blank row": _blank_row,
    "row of totals": _total(0),
    "wrong row of totals": _total(1),
    "same row again": _same_row,
    "columns shuffled": _shuffle_columns,
    "rows shuffled": _shuffle_rows,
    "row lost": _drop_row,
    "headers in capitals": _upper_headers,
    "synonyms for headers": _synonyms,
    "slip in a header": _slip_in_header,
    "required column lost": _drop_column,
    "extra column": _extra_column,
    "column twice": _doubled_column,
    "header again": _header_again,
    "title above the header": _titles,
    "cell moved along": _misaligned,
    "days and months swapped": _swap_days,
    "letters spoilt": _spoilt,
    "comma between cells": _comma,
    "spaces around a cell": _cell(_WRITTEN, lambda text, _: f"  {text}\u00a0"),
    "zero width space": _cell(_SAFE_WORDS, lambda text, _: f"{text[:2]}\u200b{text[2:]}"),
    "reading direction turned": _cell(_WRITTEN, lambda text, _: f"{text[:2]}\u202e{text[2:]}"),
    "thousands point": _cell(_NUMBERS, lambda text, _: f"{text[:1]}.{text[1:]}"),
    "decimal comma": _cell(_is(Kind.WHOLE), lambda text, _: f"{text},5"),
    "another figure": _cell(_NUMBERS, lambda text, chance: text + str(chance.randrange(10))),
    "minus sign": _cell(_NUMBERS, lambda text, _: f"-{text}"),
    "percent sign": _cell(_NUMBERS, lambda text, _: f"{text}%"),
    "fewer than": _cell(_is(Kind.WHOLE), lambda _text, _: "<5"),
    "word for unknown": _cell(_NUMBERS, lambda _text, chance: chance.choice(["-", "x", "n.v.t."])),
    "required cell emptied": _cell(lambda column: column.required, lambda _text, _: ""),
    "unknown word": _cell(_is(Kind.ENUM), lambda text, _: f"{text}-plus"),
    "impossible day": _cell(_ANY_DAY, lambda _text, _: "31-04-2025"),
    "day as a number": _cell(_ANY_DAY, _serial),
    "day of another notation": _cell(
        _ANY_DAY, lambda text, _: f"{text[6:]}-{text[3:5]}-{text[:2]}"
    ),
    "code without zeros": _cell(_is(Kind.MUNICIPALITY), lambda text, _: text[3:]),
    "unknown municipality": _cell(_is(Kind.MUNICIPALITY), lambda _text, _: "GM9999"),
    "formula": _cell(_SAFE_WORDS, lambda text, _: f"={text}"),
    "error of a spreadsheet": _cell(_is_required(*Kind), lambda _text, _: "#N/A"),
    "bytes cut off": _bytes(_cut),
    "other encoding or stray byte": _bytes(
        lambda content, chance: chance.choice(
            [_recoded, _wide, _insert(b"\0"), _insert(b'"'), _insert(b";"), _insert(b"\r\n")]
        )(content, chance)
    ),
}
"""Name -> operator."""


def mutated(number: int) -> tuple[Sheet, Paper]:
    """Give a spoilt file by its number: one to three operators on one of the ten good files."""
    chance = random.Random(f"{SEED}:{number}")
    sheet = Sheet.of(list(TABLES)[number % len(TABLES)])
    names = chance.sample(list(OPERATORS), chance.randint(1, 3))
    for name in names:
        OPERATORS[name](sheet, chance)
        sheet.done.append(name)
    return sheet, sheet.paper()


# --- what came of it -----------------------------------------------------------------------------

TOLD = frozenset({"refused", "accepted_with_quarantine", "waiting"})
"""Verdicts under which a reader is told that something is wrong."""


def aggregates(frame: pl.DataFrame) -> dict[str, Any]:
    """Sum up accepted rows: what every later figure rests on."""
    found: dict[str, Any] = {"rows": frame.height}
    for name, values in frame.to_dict().items():
        if name.startswith("_"):
            continue
        if values.dtype.is_numeric():
            found[name] = (round(float(values.sum()), 6), values.null_count())
        elif values.dtype == pl.Date:
            found[name] = (values.cast(pl.Int32).sum(), values.min(), values.max())
        else:
            found[name] = sorted(values.cast(pl.String).fill_null("").to_list())
    return found


@dataclass(frozen=True)
class Outcome:
    """What came of a spoilt file.

    Args:
        number: Its number.
        done: What was done to it.
        verdict: The verdict.
        codes: The reasons that were told.
        is_silent: Nobody is told, and the figures differ from those of the good file.
    """

    number: int
    done: tuple[str, ...]
    verdict: str
    codes: tuple[str, ...]
    is_silent: bool


def outcome_of(number: int, folder: Path) -> Outcome:
    """Read a spoilt file through the door and hold its figures against those of the good file.

    Args:
        number: Its number.
        folder: A folder of its own.

    Raises:
        AssertionError: Rows were lost, or something was told without a code.
    """
    sheet, paper = mutated(number)
    result = read(folder, [paper])
    row = result.files.row(0, named=True)
    assert row["rows_in"] == row["accepted"] + row["quarantined"] + row["non_data"], sheet.done
    codes = sorted(
        {
            *(str(getattr(one, "reason", "")) for one in (*result.refusals, *result.waits)),
            *result.quarantine["reason"],
            *result.notices["reason"],
        }
    )
    is_told = row["verdict"] in TOLD
    assert not is_told or (codes and all(codes)), sheet.done
    is_same = aggregates(result.accepted[sheet.contract]) == good_aggregates(sheet.contract)
    is_silent = not is_told and not is_same
    return Outcome(number, tuple(sheet.done), row["verdict"], tuple(codes), is_silent)


@cache
def good_aggregates(contract: str) -> dict[str, Any]:
    """Give the figures of the good file of a contract."""
    with tempfile.TemporaryDirectory() as name:
        result = read(Path(name), [Sheet.of(contract).paper()])
    assert result.files["verdict"].to_list() == ["accepted"], result.refusals
    return aggregates(result.accepted[contract])
