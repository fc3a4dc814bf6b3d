"""Rows of totals inside a file, and the control totals of its envelope.

Belongs here: telling a row of totals from data, and holding sums against each other. Does not
belong here: the numbers of a single cell (`numbers.py`), what becomes of the file.

A row is one of totals when its label says so and it is not a whole row of data besides. It is taken
out only where its figures equal the sum of all rows above it, or of those since the last row of
totals; otherwise the file is refused, because one of the two is wrong.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import polars as pl

from models.errors import RefusedError
from pipelines.sources.cell import Setting, clean
from pipelines.sources.cells import reader_for
from pipelines.sources.columns import Column, Contract, Kind, fold
from pipelines.sources.raw import RawTable
from pipelines.sources.reasons import DeliveryRefusedError, Reason

_LABEL = r"(?i)^\s*(?:sub|eind)?[- ]?tota(?:al|len|als)\b"
_BARE_LABEL = re.compile(r"(?:sub|eind)?[- ]?tota(?:al|len|als)", re.IGNORECASE)
_LONGEST_LABEL = 40
_NUMBERS = frozenset({Kind.WHOLE, Kind.DECIMAL})
_CLOSE = 1e-6


@dataclass
class Totals:
    """The rows of totals of one file.

    Args:
        places: Their places in the file's data, from 0.
        lines: Their lines.
        refusals: Those that are not the sum of their rows.
    """

    places: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    refusals: list[RefusedError] = field(default_factory=list)


def find_totals(
    table: RawTable, names: Sequence[str], contract: Contract, setting: Setting, where: str
) -> Totals:
    """Find the rows of totals and hold them against the rows they sum.

    Args:
        table: The file's cells.
        names: Our column name for every column of the table, "" where it has none.
        contract: The contract of its folder.
        setting: The envelope, the region and the key.
        where: How to name the file in a message.
    """
    totals = Totals()
    candidates = _candidates(table, names, contract)
    if not candidates:
        return totals
    figures = [
        _Figures(name, _numbers(table, at, contract.column(name), setting), candidates)
        for at, name in enumerate(names)
        if name and contract.column(name).adds_up
    ]
    start = 0
    for place in candidates:
        line = int(table.lines[place])
        fault = _fault(place, start, figures, table, len(totals.places))
        totals.places.append(place)
        totals.lines.append(line)
        start = place + 1
        if fault is not None:
            column, found, expected = fault
            totals.refusals.append(
                DeliveryRefusedError(
                    Reason.TOTAL_MISMATCH,
                    "a row of totals does not equal the sum of its rows",
                    where=where,
                    found=found,
                    expected=expected,
                    todo="Look for a row that is missing or wrong, or take the totals out.",
                    line=line,
                    column=column,
                )
            )
            break
    return totals


def check_control_totals(
    values: pl.DataFrame, contract: Contract, setting: Setting, where: str
) -> list[RefusedError]:
    """Hold the sums of columns against the control totals of the envelope.

    Args:
        values: The typed columns of all data rows of the file, those set apart included.
        contract: The contract of its folder.
        setting: The envelope, the region and the key.
        where: How to name the file in a message.
    """
    refusals: list[RefusedError] = []
    for written, wanted in (setting.envelope.control_totals or {}).items():
        name = contract.headers.get(fold(written), "")
        if not name or contract.column(name).kind not in _NUMBERS:
            refusals.append(
                DeliveryRefusedError(
                    Reason.BAD_ENVELOPE,
                    "the envelope gives a control total of a column that has no numbers",
                    where=where,
                    found=repr(written),
                    todo="Mend the envelope.",
                )
            )
            continue
        found = float(values[name].sum() or 0)
        if abs(found - wanted) > _CLOSE:
            refusals.append(
                DeliveryRefusedError(
                    Reason.CONTROL_TOTAL,
                    "the column does not add up to the control total of the envelope",
                    where=where,
                    found=f"{found:g}",
                    expected=f"{wanted:g}",
                    todo="Part of the file may be lost: ask for it again.",
                    column=name,
                )
            )
    return refusals


def _candidates(table: RawTable, names: Sequence[str], contract: Contract) -> list[int]:
    """Give the places of rows whose label says that they are totals."""
    labels = [
        str(at)
        for at, name in enumerate(names)
        if name and contract.column(name).kind not in _NUMBERS
    ]
    if not labels or table.height == 0:
        return []
    said = table.cells.select(
        pl.any_horizontal(
            pl.col(label).str.contains(_LABEL) & (pl.col(label).str.len_chars() <= _LONGEST_LABEL)
            for label in labels
        )
    ).to_series()
    required = [
        str(names.index(column.name))
        for column in contract.columns
        if column.required and column.name in names and str(names.index(column.name)) in labels
    ]
    return [
        place for place in said.arg_true().to_list() if _is_total(table, place, labels, required)
    ]


def _is_total(table: RawTable, place: int, labels: list[str], required: list[str]) -> bool:
    row = table.row(place)
    if any(_BARE_LABEL.fullmatch(clean(row[int(label)])) for label in labels):
        return True
    return any(not clean(row[int(label)]) for label in required)


def _numbers(table: RawTable, at: int, column: Column, setting: Setting) -> list[int | None]:
    """Give the whole numbers of a column, None where none could be read."""
    read = reader_for(column, setting)
    known: dict[tuple[str, bool], int | None] = {}
    typed = table.typed[str(at)].to_list() if table.typed is not None else [False] * table.height
    found = []
    for asked in zip(table.texts(at).to_list(), typed, strict=True):
        if asked not in known:
            value = read(*asked).value
            known[asked] = value if isinstance(value, int) else None
        found.append(known[asked])
    return found


class _Figures:
    """The figures of one column, and their sums over the rows of data from place to place."""

    def __init__(self, name: str, values: list[int | None], candidates: list[int]) -> None:
        self.name, self.values = name, values
        totals = set(candidates)
        data = [0 if at in totals else value for at, value in enumerate(values)]
        self._sums = [0, *accumulate(value or 0 for value in data)]
        self._unread = [0, *accumulate(value is None for value in data)]

    def total(self, start: int, end: int) -> int | None:
        """Give the sum over some rows, None where one of them could not be read."""
        if self._unread[end] > self._unread[start]:
            return None
        return self._sums[end] - self._sums[start]


def _fault(
    place: int, start: int, figures: list[_Figures], table: RawTable, totals_above: int
) -> tuple[str, str, str] | None:
    """Say which figure of a row of totals is not the sum of its rows, None where all are.

    Args:
        place: Its place.
        start: The first place after the row of totals before it.
        figures: The columns that add up.
        table: The file's cells.
        totals_above: How many rows of totals stand above it.
    """
    scopes = {0: place - totals_above, start: place - start}
    mismatch: tuple[str, str, str] | None = None
    for first, count in scopes.items():
        pairs = [(one.name, one.values[place], one.total(first, place)) for one in figures]
        checked = [pair for pair in pairs if None not in pair]
        wrong = [pair for pair in checked if pair[1] != pair[2]]
        if checked and not wrong:
            return None
        if wrong and mismatch is None:
            name, found, total = wrong[0]
            mismatch = (name, str(found), f"{total}, the sum of {count} rows")
    if mismatch is None:
        counts = {clean(text) for text in table.row(place)}
        if counts & set(map(str, scopes.values())):
            return None
        mismatch = ("", "a row of totals without a figure to check", "a sum, or the rows' number")
    return mismatch
