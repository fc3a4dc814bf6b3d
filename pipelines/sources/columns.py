"""What a column of a delivery can be: its kind, its words, its bounds, and the contract around it.

Belongs here: the small vocabulary in which `contracts.py` declares every contract once. Does not
belong here: the contracts themselves, or the reading and conversion of a file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

_SEPARATORS = re.compile(r"[\s_\-]+")


class Kind(StrEnum):
    """How the cells of a column are read, and what they become."""

    ID = "id"
    """The sender's own id of a thing (facility, home, project); text, kept as it stands."""
    RECORD = "record"
    """The sender's own id of a record about one person; leaves the door as a pseudonym."""
    CLIENT = "client"
    """The sender's id of a person; leaves the door as a pseudonym."""
    TEXT = "text"
    """A short name or note."""
    MONTH = "month"
    """A calendar month, "YYYY-MM"."""
    QUARTER = "quarter"
    """A quarter of a year, "2026K1"."""
    DATE = "date"
    """A day."""
    YEAR = "year"
    """A calendar year."""
    WHOLE = "whole"
    """A whole number."""
    DECIMAL = "decimal"
    """A number that may have decimals."""
    BOOLEAN = "boolean"
    """Yes or no."""
    ENUM = "enum"
    """One of the declared values."""
    MUNICIPALITY = "municipality"
    """A CBS municipality code, "GM0392"."""
    MUNICIPALITIES = "municipalities"
    """Several CBS municipality codes in order of preference, "GM0392|GM0394"."""
    GATES = "gates"
    """The state of every gate of a project, "priority=met|support=open|..."."""


PSEUDONYM_KINDS = frozenset({Kind.RECORD, Kind.CLIENT})
"""Kinds whose raw text never passes the door."""

EARLIEST_YEAR = 1900
LATEST_YEAR = 2100
"""No date of a delivery lies outside these years."""


def fold(text: str) -> str:
    """Fold a header or a word for comparison: case, spaces, hyphens and underscores count alike."""
    return _SEPARATORS.sub("_", text.strip().casefold()).strip("_")


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Args:
        name: Our name, stable and English.
        kind: How its cells are read.
        dutch: Headers that senders really write, the usual one first.
        required: Whether the column must be there and every cell of it filled.
        values: For `ENUM` and `BOOLEAN`: canonical value -> Dutch words, usual one first; for
            `GATES` the same for the names of the gates.
        low: Smallest value allowed (numbers and years).
        high: Largest value allowed (numbers and years); longest text allowed (`TEXT`, characters).
        own_region: A municipality of the region itself (a facility, a letting, a stock).
        planned: A date or month that may lie after the day of delivery.
        open_end: 31 December 9999 is allowed and means "no end agreed".
        personal: What stands here may point at a person; it is never shown.
        negative_refuses: A negative number refuses the whole file.
        unit: What a number counts or measures; "" where the row itself says it.
        is_unit: The column says the unit of another one; an unknown word refuses the file.
        may_be_share: Its numbers may be shares, written as the envelope declares.
        adds_up: Its numbers may be added over rows, as a row of totals does.
        is_cut: The door takes it out of some rows (the location of a secret address): a sender must
            fill it, an accepted row may lack it.
    """

    name: str
    kind: Kind
    dutch: tuple[str, ...]
    required: bool = True
    values: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    low: float | None = None
    high: float | None = None
    own_region: bool = False
    planned: bool = False
    open_end: bool = False
    personal: bool = False
    negative_refuses: bool = False
    unit: str = ""
    is_unit: bool = False
    may_be_share: bool = False
    adds_up: bool = False
    is_cut: bool = False

    @property
    def is_pseudonym(self) -> bool:
        """Whether the raw text of this column never passes the door."""
        return self.kind in PSEUDONYM_KINDS

    @property
    def is_personal(self) -> bool:
        """Whether what stands here is kept out of every message and example."""
        return self.personal or self.is_pseudonym

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that names this column, ours included."""
        return (self.name, *self.dutch)

    @property
    def words(self) -> dict[str, str]:
        """Folded word -> canonical value, for the kinds that have declared values."""
        found: dict[str, str] = {}
        for value, dutch in self.values.items():
            for word in (value, *dutch):
                found[fold(word)] = value
        return found


@dataclass(frozen=True)
class Contract:
    """What one kind of delivery holds.

    Args:
        name: The folder name and the name of the table.
        row: What one row is, in words.
        columns: Its columns in order, key first.
        key: Names of the columns that together name one row.
        ordered: Pairs (earlier, later) of date columns that may not run backwards.
        stay: (client, start, end) columns where one client's stays may not overlap.
        ends: Date columns that end a place on a list, on which a client may stand once.
        day: The column whose day says which municipalities there were; "" without one.
        series: The column of the period, where the rows form a series: one row a key and period.
        references: (column, contract, its column) where an id of another contract stands.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    ordered: tuple[tuple[str, str], ...] = ()
    stay: tuple[str, str, str] | None = None
    ends: tuple[str, ...] = ()
    day: str = ""
    series: str = ""
    references: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_about_persons(self) -> bool:
        """Whether a row is about one person."""
        return any(column.is_pseudonym for column in self.columns)

    def column(self, name: str) -> Column:
        """Give the column with our name.

        Raises:
            KeyError: The contract has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def headers(self) -> dict[str, str]:
        """Folded header -> our name."""
        return {fold(header): column.name for column in self.columns for header in column.headers}
