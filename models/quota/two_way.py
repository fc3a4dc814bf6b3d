"""Two-way apportionment: whole homes in a table with both margins kept, exactly.

Belongs here: the divisor method with standard rounding for tables. Does not belong here: bounds on
cells (`within`), reading the table (`matrix`), the smallest clash of margins (`clash`).

Sources: Balinski & Demange, "Algorithms for proportional matrices in reals and integers",
Mathematical Programming 45 (1989), 193-210, for the method, its uniqueness and tie-and-transfer;
Pukelsheim, "Proportional Representation" (2014), chapters 14 and 15; Gaffke & Pukelsheim, "Divisor
methods for proportional representation systems", Mathematical Social Sciences 56 (2008), 166-184,
for the network that the steps below walk through.
"""

from collections.abc import Iterable
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from models.errors import RefusedError, UsageError
from models.quota.apportion import apportion
from models.quota.claims import TieRule
from models.quota.clash import Bound, BoundKind, ClashError, Edge, fixed, smallest_clash
from models.quota.matrix import Matrix, Table, Totals, read_table, read_totals

_HALF = Fraction(1, 2)
_SCALING_ROUNDS = 40


def biproportional(
    matrix: Matrix,
    *,
    row_totals: Totals,
    column_totals: Totals,
    row_names: Iterable[str] | None = None,
    column_names: Iterable[str] | None = None,
    ties: str = TieRule.CODE,
    seed: int | None = None,
) -> NDArray[np.int64] | dict[str, dict[str, int]]:
    """Split homes over rows and columns at once, both margins kept.

    The divisor method with standard rounding ("double Pukelsheim"): every cell is the rounded
    weight x row multiplier x column multiplier, with multipliers that make the rounded numbers add
    up to both margins. Such a table is unique but for ties. A cell of weight 0 stays 0. All
    comparisons are exact; floating point only chooses where the search starts.

    Ties: where several tables satisfy the method, the one with the most homes in the first cell,
    then in the second and so on, read by row and column in the order of the tie rule.

    Args:
        matrix: Weights of 0 or more, in any unit: a list of rows, an array, or a mapping of
            mappings (every row with the same columns).
        row_totals: Homes of every row, by name or in order.
        column_totals: Homes of every column; the sum is that of the rows.
        row_names: Names of the rows of a list or array; without them positions decide ties.
        column_names: Names of the columns of a list or array.
        ties: `code` (lowest name first), `lot` (with `seed`) or `refuse`.
        seed: Seed of the lot.

    Returns:
        Whole homes in the shape of the matrix: int64 of shape (rows, columns) for a list or an
        array, a dictionary of dictionaries for a mapping.

    Raises:
        UsageError: Margins with different sums, a total that is negative or not whole, names that
            do not match, an unknown tie rule.
        RefusedError: Weights that are no numbers or are negative; a tie where ties are refused.
        ClashError: The zeros of the matrix make the margins impossible; it names the smallest set
            of rows and columns for which that is so.
    """
    table = read_table(matrix, row_names=row_names, column_names=column_names, ties=ties, seed=seed)
    rows = cast("list[int]", read_totals(row_totals, table.rows))
    columns = cast("list[int]", read_totals(column_totals, table.columns))
    if sum(rows) != sum(columns):
        raise UsageError(
            "the row totals and the column totals do not add up to the same number",
            found=f"{sum(rows)} homes in the rows, {sum(columns)} in the columns",
            expected="one sum",
        )
    served = [any(column) for column in zip(*table.cells, strict=True)]
    if any(total and not weight for total, weight in zip(columns, served, strict=True)):
        raise _clash_of_margins(table, rows, columns)
    transfer = _TieAndTransfer(table.cells, _first_multipliers(table, rows, columns), columns)
    while not transfer.balance_one(rows):
        if transfer.is_stuck:
            raise _clash_of_margins(table, rows, columns)
    transfer.settle_ties(table)
    return table.give_back(transfer.homes)


def _first_multipliers(table: Table, rows: list[int], columns: list[int]) -> list[Fraction]:
    """Guess row multipliers by scaling rows and columns in turn, in floating point.

    Any positive guess gives the same table in the end; a good one saves steps.
    """
    largest = max((weight for row in table.cells for weight in row), default=Fraction(0)) or 1
    weights = np.array([[float(weight / largest) for weight in row] for row in table.cells])
    row_factors, column_factors = np.ones(len(rows)), np.ones(len(columns))
    with np.errstate(all="ignore"):
        for _ in range(_SCALING_ROUNDS):
            row_factors = _scaled(row_factors, np.array(rows), weights @ column_factors)
            column_factors = _scaled(column_factors, np.array(columns), row_factors @ weights)
    return [Fraction(float(np.float32(factor))) for factor in row_factors]


def _scaled(
    factors: NDArray[np.float64], totals: NDArray[np.int64], sums: NDArray[np.float64]
) -> NDArray[np.float64]:
    new = totals / sums
    small = np.isfinite(new) & (new > 1e-12) & (new < 1e12)
    return np.where(small, new, factors)


class _TieAndTransfer:
    """A table with its column totals kept, moved home by home until the rows fit too.

    At every moment homes - 1/2 <= weight x row multiplier x column multiplier <= homes + 1/2 holds
    in every cell (at 0 homes without the first half). A row with too many homes hands one on along
    the path that needs the smallest change of multipliers: on it every rounding becomes a tie.
    """

    def __init__(
        self,
        weights: tuple[tuple[Fraction, ...], ...],
        row_multipliers: list[Fraction],
        column_totals: list[int],
    ) -> None:
        self.weights = weights
        self.row_multipliers = row_multipliers
        self.column_multipliers: list[Fraction] = []
        self.homes = [[0] * len(column_totals) for _ in weights]
        self.is_stuck = False
        for column, total in enumerate(column_totals):
            self._fill_column(column, total)

    def _fill_column(self, column: int, total: int) -> None:
        scaled = [
            row[column] * factor
            for row, factor in zip(self.weights, self.row_multipliers, strict=True)
        ]
        split = apportion(scaled, total, "sainte-lague") if total else [0] * len(scaled)
        for row, homes in enumerate(split):
            self.homes[row][column] = homes
        if total:
            least = [
                (homes - _HALF) / part for homes, part in zip(split, scaled, strict=True) if homes
            ]
            self.column_multipliers.append(max(least))
        else:
            self.column_multipliers.append(_HALF / (max(scaled) or 1))

    def quotient(self, row: int, column: int) -> Fraction:
        """Give the number that is rounded."""
        multipliers = self.row_multipliers[row] * self.column_multipliers[column]
        return self.weights[row][column] * multipliers

    def factor_to_lose(self, row: int, column: int) -> Fraction | None:
        """Give the factor of 1 or more by which a row must shrink to lose a home here."""
        homes = self.homes[row][column]
        return self.quotient(row, column) / (homes - _HALF) if homes else None

    def factor_to_gain(self, row: int, column: int) -> Fraction | None:
        """Give the factor of 1 or more by which a column must grow to give a home here."""
        if not self.weights[row][column]:
            return None
        return (self.homes[row][column] + _HALF) / self.quotient(row, column)

    def balance_one(self, row_totals: list[int]) -> bool:
        """Hand on one home from a row with too many to one with too few.

        Returns:
            Whether all rows fit, so that nothing was left to do. `is_stuck` tells that no row with
            too few homes can be reached.
        """
        over = [sum(row) - total for row, total in zip(self.homes, row_totals, strict=True)]
        if not any(over):
            return True
        distance, parent, target = self._nearest(over)
        if target is None:
            self.is_stuck = True
            return False
        rows, furthest = len(self.homes), distance[target]
        for node, way in distance.items():
            if node < rows:
                self.row_multipliers[node] *= way / furthest
            else:
                self.column_multipliers[node - rows] *= furthest / way
        node = target
        while node in parent:
            column, giver = parent[node] - rows, parent[parent[node]]
            self.homes[node][column] += 1
            self.homes[giver][column] -= 1
            node = giver
        return False

    def _nearest(self, over: list[int]) -> tuple[dict[int, Fraction], dict[int, int], int | None]:
        """Find the row with too few homes that is reached with the smallest product of factors.

        Dijkstra's search; the nodes are the rows, then the columns.

        Args:
            over: Homes too many in every row.

        Returns:
            The product for every node that is nearer, the node before each, and the row found.
        """
        rows, columns = len(self.homes), len(self.column_multipliers)
        queue = [(Fraction(1), row) for row, excess in enumerate(over) if excess > 0]
        best = {row: way for way, row in queue}
        parent: dict[int, int] = {}
        distance: dict[int, Fraction] = {}
        while queue:
            way, node = heappop(queue)
            if node in distance:
                continue
            distance[node] = way
            if node < rows and over[node] < 0:
                return distance, parent, node
            others = range(rows, rows + columns) if node < rows else range(rows)
            for other in others:
                if other in distance:
                    continue
                if node < rows:
                    factor = self.factor_to_lose(node, other - rows)
                else:
                    factor = self.factor_to_gain(other, node - rows)
                if factor is not None and (other not in best or way * factor < best[other]):
                    best[other] = way * factor
                    parent[other] = node
                    heappush(queue, (best[other], other))
        return distance, parent, None

    def settle_ties(self, table: Table) -> None:
        """Choose among the tables of the method by the tie rule.

        Cell by cell in the order of the rule: a home more here wherever ties elsewhere, in cells
        that are not settled yet, can make up for it.

        Raises:
            RefusedError: Ties are refused and one decides.
        """
        ties: dict[tuple[int, int], bool] = {}  # True where one home more is as good
        for row in range(len(self.homes)):
            for column in range(len(self.column_multipliers)):
                if self.factor_to_gain(row, column) == 1:
                    ties[row, column] = True
                elif self.factor_to_lose(row, column) == 1:
                    ties[row, column] = False
        for cell in list(ties):
            circle = _circle(cell, ties) if ties[cell] else []
            if circle and table.refuses_ties:
                raise _refused_tie(table, circle)
            for row, column in circle:
                self.homes[row][column] += 1 if ties[row, column] else -1
                ties[row, column] = not ties[row, column]
            if not table.refuses_ties:
                del ties[cell]


def _circle(cell: tuple[int, int], ties: dict[tuple[int, int], bool]) -> list[tuple[int, int]]:
    """Find tied cells that gain and lose in turn, so that this cell gains and no total changes."""
    row, column = cell
    parent: dict[tuple[str, int], tuple[str, int]] = {}
    queue = [("row", row)]
    for node in queue:
        side, at = node
        for (other_row, other_column), gains in ties.items():
            if side == "row" and other_row == at and not gains:
                new = ("column", other_column)
            elif side == "column" and other_column == at and gains:
                new = ("row", other_row)
            else:
                continue
            if new not in parent and new != queue[0]:
                parent[new] = node
                queue.append(new)
    node = ("column", column)
    if node not in parent:
        return []
    way = [node]
    while way[-1] in parent:
        way.append(parent[way[-1]])
    cells = [
        (first[1], second[1]) if first[0] == "row" else (second[1], first[1])
        for first, second in pairwise(way)
    ]
    return [cell, *cells]


def _refused_tie(table: Table, circle: list[tuple[int, int]]) -> RefusedError:
    cells = sorted(circle)
    names = [f"{table.columns.names[column]} in {table.rows.names[row]}" for row, column in cells]
    return RefusedError(
        f"a home hangs on a tie of {', '.join(names[:-1])} and {names[-1]}, and ties are refused",
        todo="Choose the tie rule 'code' or 'lot' (with a seed), or other weights.",
    )


def _clash_of_margins(table: Table, rows: list[int], columns: list[int]) -> ClashError:
    first_column = 1 + len(rows)  # nodes: outside, the rows, the columns
    edges = [
        *(
            fixed(0, node, Bound(BoundKind.ROW_TOTAL, total, row=name))
            for node, (name, total) in enumerate(zip(table.rows.names, rows, strict=True), 1)
        ),
        *(
            fixed(node, 0, Bound(BoundKind.COLUMN_TOTAL, total, column=name))
            for node, (name, total) in enumerate(
                zip(table.columns.names, columns, strict=True), first_column
            )
        ),
        *(
            Edge(1 + row, first_column + column)
            for row, weights in enumerate(table.cells)
            for column, weight in enumerate(weights)
            if weight
        ),
    ]
    return ClashError(*smallest_clash(edges, first_column + len(columns)))
