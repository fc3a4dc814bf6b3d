"""What was read from published files: numbers, and the cells that they belong to.

Belongs here: these shapes, reading a number from a text, and cutting a text into words and numbers.
Does not belong here: any file format (`pages`, `books`, `papers`), how a language writes numbers
(`language`), what a number means (`knowledge`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.attack.language import Language

_BREAK = re.compile(r"\u00ad|(?<=\w)-\n(?=\w)")
_RAW = re.compile(r"-?\d+([.,]\d+)?")
_GAP = "\u0000"
"""Stands for any number in the words around a number."""


@dataclass(frozen=True, order=True)
class Cell:
    """A published cell.

    Attributes:
        table: Mart, or CSV file of the report.
        row: Its row: values of the key joined by slashes, or words of the row.
        column: Column of the mart or file.
    """

    table: str
    row: str
    column: str

    @property
    def name(self) -> str:
        """Write the cell in one word."""
        return f"{self.table}/{self.row}/{self.column}"


@dataclass(frozen=True)
class Value:
    """A number as shown.

    Attributes:
        number: The number; the limit where only "less than" is shown.
        is_below: Whether only "less than" is shown.
    """

    number: float
    is_below: bool = False

    @property
    def whole(self) -> int | None:
        """Give the number where it is whole and not only a limit."""
        is_whole = not self.is_below and self.number == int(self.number)
        return int(self.number) if is_whole else None


@dataclass(frozen=True)
class Reading:
    """A number in a file.

    Attributes:
        file: Path of the file within the release.
        cell: Where it belongs.
        value: The number.
        words: Other words of its row, which tell a forecast from what happened.
    """

    file: str
    cell: Cell
    value: Value
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Token:
    """A word or number of a text, with the cell of a number that names it.

    A number is written alike in every language: no sign between thousands, a point for decimals.
    """

    text: str
    cell: Cell | None = None

    @property
    def is_number(self) -> bool:
        """Say whether it is a number."""
        return self.text[:1].isdecimal() or self.text[:1] == "<"

    @property
    def form(self) -> str:
        """Say of a number whether it has decimals: a count never has."""
        return "." if "." in self.text else ""

    @property
    def shape(self) -> str:
        """Give the word in small letters; one sign for every number."""
        return _GAP if self.is_number else self.text.casefold()


@dataclass(frozen=True)
class Table:
    """A table as a file shows it.

    Attributes:
        name: Its name: the stem of a CSV file, the title of a sheet; empty where it has none.
        heads: Heads of the columns.
        rows: Texts of the cells.
        cells: Which cell of the release each is, as far as the file says so.
    """

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cells: tuple[tuple[Cell | None, ...], ...] = ()


@dataclass
class File:
    """What a file says.

    Attributes:
        path: Its path within the release.
        tables: Its tables.
        texts: Its running texts, cut into words and numbers.
        readings: Numbers whose cell the file names itself.
        loose: Numbers outside of words and tables (those that a chart is drawn with).
        places: Cells of its own tables by where they stand: named by the number of their row, as
            the file does, and as they are named here, by the words of their row.
    """

    path: str
    tables: list[Table] = field(default_factory=list)
    texts: list[tuple[Token, ...]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    loose: list[float] = field(default_factory=list)
    places: dict[Cell, Cell] = field(default_factory=dict)


def read_value(text: str, language: Language) -> Value | None:
    """Read a text that is one number as people or files write it; None where it is not.

    In Dutch, "1.450", "17,5", "-2", "<10", "minder dan 10" and "ongeveer 70 personen" are one
    number; a range is not.

    Args:
        text: The text.
        language: The language that it is written in.
    """
    found = language.whole.findall(tidy(text, language))
    if len(found) != 1:
        return None
    return _value(language.plain(found[0]))


def read_raw(text: str, language: Language) -> Value | None:
    """Read a number of a data file: a comma for decimals and nothing between thousands.

    So they are in every language; words as "minder dan 10" are not.
    """
    plain = tidy(text, language).strip().replace("\u2212", "-").removeprefix("'")
    if _RAW.fullmatch(plain):
        return Value(float(plain.replace(",", ".")))
    return read_value(text, language) if plain.startswith("<") else None


def _value(text: str) -> Value:
    is_below = text.startswith("<")
    return Value(float(text[1:] if is_below else text), is_below)


def tidy(text: str, language: Language) -> str:
    """Take soft hyphens and broken words together; write "minder dan 10" as "<10"."""
    unbroken = _BREAK.sub("", text.replace("\u00a0", " ").replace("\u202f", " "))
    return language.less_than.sub("<", unbroken)


def cut(text: str, language: Language) -> Iterator[Token]:
    """Cut a text into words and numbers."""
    for found in language.token.findall(tidy(text, language)):
        yield Token(found if found.isalnum() else language.plain(found))


def number_of(token: Token) -> Value:
    """Give the number that a token is."""
    return _value(token.text)


def same_heads(heads: Iterable[str]) -> tuple[str, ...]:
    """Write heads alike for comparison: no spaces, no hyphens, small letters."""
    return tuple(re.sub(r"[\s\u00a0\u00ad-]", "", head).casefold() for head in heads)
