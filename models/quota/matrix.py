"""What a two-way split takes in, made exact: a table of numbers, its names, margins and bounds.

Belongs here: reading tables, totals and bounds of any supported shape without loss, the order of
the tie rule, and giving a result back in the caller's shape. Does not belong here: the methods
(`two_way`, `within`), the smallest set of bounds that clash (`clash`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import numpy as np
from numpy.typing import NDArray

from models.errors import FaultList, RefusedError, UitstroomError, UsageError
from models.quota.claims import (
    Number,
    TieRule,
    exact_number,
    exact_weight,
    read_claimants,
    whole_homes,
)
from models.registry import nearest

Matrix = (
    Mapping[str, Mapping[str, Number]]
    | Sequence[Sequence[Number]]
    | NDArray[np.int64]
    | NDArray[np.float64]
)
"""Numbers by row and column: a mapping of mappings, a list of rows or a two-dimensional array."""

Totals = Mapping[str, int | None] | Sequence[int | None] | NDArray[np.int64]
"""Whole homes by name, or in the order of the rows (columns); None where there is no total."""

CellBounds = (
    Mapping[str, Mapping[str, int | None]] | Sequence[Sequence[int | None]] | NDArray[np.int64]
)
"""Whole homes by cell; None, or a name left out of a mapping, where there is no bound."""


@dataclass(frozen=True)
class Side:
    """The rows or the columns of a table, in the order of the tie rule.

    Attributes:
        kind: `row` or `column`.
        names: Names; `row 1`, `row 2` (or `column 1`) where none were given.
        places: Position among the caller's rows (columns), counted from 0.
        refuses_ties: Whether a tie that decides is refused.
    """

    kind: str
    names: tuple[str, ...]
    places: tuple[int, ...]
    refuses_ties: bool

    def __len__(self) -> int:
        """Count the rows (columns)."""
        return len(self.names)

    def find(self, name: object, what: str) -> int:
        """Give the place of a name in the order of the tie rule.

        Raises:
            UsageError: There is no such row (column).
        """
        for known in (str(name), f"{self.kind} {name}"):
            if known in self.names:
                return self.names.index(known)
        raise UsageError(
            f"there is no {self.kind} {name!r}", where=what, todo=nearest(str(name), self.names)
        )

    def ordered(self, values: Mapping[str, int | None], what: str) -> list[int | None]:
        """Put totals by name in the order of the tie rule; a name left out has none."""
        result: list[int | None] = [None] * len(self)
        for name, value in values.items():
            place = self.find(name, what)
            if value is not None:
                result[place] = whole_homes(value, f"{what} of {name}")
        return result


@dataclass(frozen=True)
class Table:
    """A table of exact numbers, rows and columns in the order of the tie rule.

    Attributes:
        rows: The rows.
        columns: The columns.
        cells: The numbers, shape (rows, columns).
        is_mapping: Whether the caller gave a mapping of mappings.
    """

    rows: Side
    columns: Side
    cells: tuple[tuple[Fraction, ...], ...]
    is_mapping: bool

    @property
    def refuses_ties(self) -> bool:
        """Whether a tie that decides is refused."""
        return self.rows.refuses_ties

    def give_back(
        self, homes: Sequence[Sequence[int]]
    ) -> NDArray[np.int64] | dict[str, dict[str, int]]:
        """Put whole homes in the caller's shape and order."""
        result = np.zeros((len(self.rows), len(self.columns)), dtype=np.int64)
        result[np.ix_(self.rows.places, self.columns.places)] = homes
        if not self.is_mapping:
            return result
        row_names, column_names = _callers_order(self.rows), _callers_order(self.columns)
        return {
            row: dict(zip(column_names, values, strict=True))
            for row, values in zip(row_names, result.tolist(), strict=True)
        }


def read_table(
    matrix: Matrix,
    *,
    row_names: Iterable[str] | None,
    column_names: Iterable[str] | None,
    ties: str,
    seed: int | None,
    signed: bool = False,
) -> Table:
    """Read a table without loss and put it in the order of the tie rule.

    Args:
        matrix: Numbers by row and column.
        row_names: Names of the rows of a list or array.
        column_names: Names of the columns of a list or array.
        ties: A `TieRule`.
        seed: Seed of the lot.
        signed: Whether numbers below 0 are allowed.

    Raises:
        UitstroomError: No rows or columns, rows of different length, names that do not match or
            stand twice, a cell that is no number or is negative, an unknown tie rule.
    """
    is_mapping = isinstance(matrix, Mapping)
    if is_mapping:
        if row_names is not None or column_names is not None:
            raise UsageError("names are given twice", where="names", todo="A mapping has its own.")
        row_names, column_names, values = _mapped(cast("Mapping[str, object]", matrix))
    else:
        values = _listed(matrix)
    if not values or not values[0]:
        raise RefusedError("there are no cells", where="matrix", expected="rows and columns")
    rows = _side("row", len(values), row_names, ties, seed)
    columns = _side("column", len(values[0]), column_names, ties, seed)
    read = exact_number if signed else exact_weight
    return Table(rows, columns, _exact_cells(values, rows, columns, read), is_mapping)


def read_totals(totals: Totals, side: Side, *, partly: bool = False) -> list[int | None]:
    """Read the totals of the rows or columns, in the order of the tie rule.

    Args:
        totals: Whole homes by name or in the caller's order.
        side: The rows or columns.
        partly: Whether a total may be missing (None, or left out of a mapping).

    Raises:
        UsageError: Unknown or missing names, another number of totals, a total that is negative
            or not whole.
    """
    what = f"{side.kind} total"
    if isinstance(totals, Mapping):
        result = side.ordered(totals, what)
    else:
        values = list(totals)
        if len(values) != len(side):
            raise UsageError(
                f"{side.kind}s and {side.kind} totals do not match",
                where=f"{side.kind} totals",
                found=f"{len(values)} totals for {len(side)} {side.kind}s",
            )
        given = {name: values[place] for name, place in zip(side.names, side.places, strict=True)}
        result = side.ordered(given, what)
    missing = [name for name, total in zip(side.names, result, strict=True) if total is None]
    if missing and not partly:
        raise UsageError(f"there is no total of {', '.join(missing)}", where=f"{side.kind} totals")
    return result


def read_cell_bounds(bounds: CellBounds | None, table: Table, what: str) -> list[list[int | None]]:
    """Read bounds by cell, rows and columns in the order of the tie rule.

    Args:
        bounds: Whole homes by cell, in the shape of the table or as a mapping of mappings.
        table: The table that they bound.
        what: What the bound is, as the place in an error (`maximum`).

    Raises:
        UsageError: Another shape, unknown names, a bound that is negative or not whole.
    """
    result: list[list[int | None]] = [[None] * len(table.columns) for _ in range(len(table.rows))]
    if bounds is None:
        return result
    if isinstance(bounds, Mapping):
        for row, cells in bounds.items():
            if not isinstance(cells, Mapping):
                raise UsageError(f"the {what} of this row is not a mapping", where=str(row))
            result[table.rows.find(row, what)] = table.columns.ordered(cells, f"{what} in {row}")
        return result
    listed = _listed(bounds)
    if len(listed) != len(table.rows) or len(listed[0]) != len(table.columns):
        raise UsageError(
            "the bounds have another shape than the table",
            where=what,
            found=f"{len(listed)} x {len(listed[0]) if listed else 0}",
            expected=f"{len(table.rows)} x {len(table.columns)}",
        )
    for at, (name, place) in enumerate(zip(table.rows.names, table.rows.places, strict=True)):
        values = [listed[place][column] for column in table.columns.places]
        given = cast("dict[str, int | None]", dict(zip(table.columns.names, values, strict=True)))
        result[at] = table.columns.ordered(given, f"{what} in {name}")
    return result


def _mapped(matrix: Mapping[str, object]) -> tuple[list[str], list[str], list[list[object]]]:
    column_names: list[str] = []
    values: list[list[object]] = []
    for row, cells in matrix.items():
        if not isinstance(cells, Mapping):
            raise UsageError(
                "this row is not a mapping", where=str(row), expected="numbers by column name"
            )
        by_name = {str(name): value for name, value in cells.items()}
        if not values:
            column_names = list(by_name)
        differ = sorted(set(by_name) ^ set(column_names))
        if differ:
            raise RefusedError(
                f"{', '.join(differ)} does not stand in every row",
                where=f"row {row}",
                expected="the same columns in every row",
                todo="Write 0 where there is nothing.",
            )
        values.append([by_name[name] for name in column_names])
    return [str(row) for row in matrix], column_names, values


def _listed(matrix: object) -> list[list[object]]:
    if isinstance(matrix, np.ndarray):
        if matrix.ndim != 2:
            raise UsageError(
                "this is not a table", found=f"{matrix.ndim} dimensions", expected="2 dimensions"
            )
        matrix = matrix.tolist()
    if isinstance(matrix, str | bytes) or not isinstance(matrix, Iterable):
        raise UsageError("this is not a table", found=repr(matrix), expected="rows of numbers")
    values: list[list[object]] = []
    for number, row in enumerate(matrix, 1):
        if isinstance(row, str | bytes | Mapping) or not isinstance(row, Iterable):
            raise UsageError("this is not a list of numbers", where=f"row {number}")
        values.append(list(row))
        if len(values[-1]) != len(values[0]):
            raise RefusedError(
                "the rows are not of one length",
                where=f"row {number}",
                found=f"{len(values[-1])} cells",
                expected=f"{len(values[0])} cells",
            )
    return values


def _side(kind: str, count: int, names: Iterable[str] | None, ties: str, seed: int | None) -> Side:
    labels = [f"{kind} {at}" for at in range(1, count + 1)] if names is None else list(names)
    by_position = names is None and ties != TieRule.LOT
    read = read_claimants([1] * count, names=None if by_position else labels, ties=ties, seed=seed)
    places = tuple(sorted(range(count), key=lambda at: read.ranks[at]))
    return Side(kind, tuple(str(labels[at]) for at in places), places, read.refuses_ties)


def _callers_order(side: Side) -> list[str]:
    return [name for _, name in sorted(zip(side.places, side.names, strict=True))]


def _exact_cells(
    values: list[list[object]],
    rows: Side,
    columns: Side,
    read: Callable[[object, str], Fraction],
) -> tuple[tuple[Fraction, ...], ...]:
    faults = FaultList()
    cells: list[tuple[Fraction, ...]] = []
    for row, place in zip(rows.names, rows.places, strict=True):
        exact: list[Fraction] = []
        for column, at in zip(columns.names, columns.places, strict=True):
            try:
                exact.append(read(values[place][at], f"row {row}, column {column}"))
            except UitstroomError as fault:
                faults.add(fault)
        cells.append(tuple(exact))
    faults.raise_if_any()
    return tuple(cells)
