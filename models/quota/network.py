"""A table with totals and bounds as a network through which its homes flow.

Belongs here: blocks (allocation systems), reading totals and bounds into edges with their names,
the exact shares of the rows. Does not belong here: choosing a split (`within`), the search in the
network (`flow`), the smallest clash (`clash`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from math import ceil, floor
from typing import cast

from models.errors import UsageError
from models.quota.bounds import bounded_shares
from models.quota.claims import whole_homes
from models.quota.clash import Bound, BoundKind, Edge, fixed
from models.quota.matrix import CellBounds, Table, Totals, read_cell_bounds, read_totals


@dataclass(frozen=True)
class Block:
    """An allocation system: municipalities that let homes together.

    Attributes:
        rows: Names of its municipalities (positions from 1 where rows have no names); no
            municipality belongs to two blocks.
        maximum: Most homes in all of them together; as the totals of municipalities are always
            kept, it is kept by them or clashes with them.
        column_maxima: Most homes of an association in all of them together, by its name.
    """

    rows: Sequence[str]
    maximum: int | None = None
    column_maxima: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A table with its bounds as a network: outside, blocks, rows, columns and back outside.

    Attributes:
        table: The table.
        totals: Homes of every row.
        lower: Fewest homes by cell.
        upper: Most homes by cell, never more than the row's total.
        edges: All edges; those of the cells come last, row by row.
        carries: Cells whose homes every edge carries, as places among all cells.
        nodes: Number of nodes.
    """

    table: Table
    totals: list[int]
    lower: list[list[int]]
    upper: list[list[int]]
    edges: list[Edge]
    carries: list[list[int]]
    nodes: int

    @property
    def first_cell(self) -> int:
        """Place of the first cell's edge."""
        return len(self.edges) - len(self.totals) * len(self.table.columns)

    def exact_shares(self, claims: bool) -> list[list[Fraction]] | None:
        """Give the exact shares, or None where a row alone cannot keep its bounds."""
        shares: list[list[Fraction]] = []
        for weights, total, low, high in zip(
            self.table.cells, self.totals, self.lower, self.upper, strict=True
        ):
            if sum(low) > total or sum(high) < total or any(map(int.__gt__, low, high)):
                return None
            if claims or not any(weights):
                shares.append(list(weights))
            else:
                shares.append(bounded_shares(weights, total, low, high))
        return shares

    def flow_of(self, homes: Sequence[Sequence[int]]) -> list[int] | None:
        """Give the flow of a split, or None where the split breaks a bound."""
        cells = list(chain.from_iterable(homes))
        flow = [sum(cells[cell] for cell in carried) for carried in self.carries]
        kept = all(
            edge.lower <= number and (edge.upper is None or number <= edge.upper)
            for edge, number in zip(self.edges, flow, strict=True)
        )
        return flow if kept else None

    def homes_of(self, flow: Sequence[int]) -> list[list[int]]:
        """Read the cells of a flow."""
        width, first = len(self.table.columns), self.first_cell
        starts = range(first, len(self.edges), width)
        return [list(flow[start : start + width]) for start in starts]

    def segments(self, shares: list[list[Fraction]]) -> list[list[tuple[float, int]]]:
        """Say what homes on every edge cost: the change of the absolute deviation per home."""
        most = sum(self.totals)
        free = [
            [(0.0, (most if edge.upper is None else edge.upper) - edge.lower)]
            for edge in self.edges[: self.first_cell]
        ]
        cells = [
            _segments_of_cell(share, low, high)
            for row in zip(shares, self.lower, self.upper, strict=True)
            for share, low, high in zip(*row, strict=True)
        ]
        return free + cells


def _segments_of_cell(share: Fraction, low: int, high: int) -> list[tuple[float, int]]:
    below = min(max(floor(share), low), high)
    above = min(max(ceil(share), low), high)
    rounded = float(1 - 2 * (share - floor(share)))
    return [(-1.0, below - low), (rounded, above - below), (1.0, high - above)]


def read_problem(
    table: Table,
    totals: Totals,
    claims: bool,
    upper: CellBounds | None,
    lower: CellBounds | None,
    column_totals: Totals | None,
    blocks: Mapping[str, Block] | None,
) -> Problem:
    """Read totals and bounds of a table; see `split_within` for what they may be.

    Raises:
        UsageError: Names that do not match, a total or bound that is negative or not whole, a row
            in two blocks.
    """
    row_totals = cast("list[int]", read_totals(totals, table.rows))
    maxima = read_cell_bounds(upper, table, "maximum")
    minima = read_cell_bounds(lower, table, "minimum")
    agreed: list[int | None] = [None] * len(table.columns)
    if column_totals is not None:
        agreed = read_totals(column_totals, table.columns, partly=True)
    network = _Network(table)
    network.add_rows(row_totals, blocks or {})
    network.add_columns(agreed, blocks or {})
    weighted = [[claims or weight > 0 for weight in row] for row in table.cells]
    network.add_cells(minima, maxima, weighted)
    tops = [
        [
            min(total, total if most is None else most) if has_weight else 0
            for most, has_weight in zip(*row, strict=True)
        ]
        for total, *row in zip(row_totals, maxima, weighted, strict=True)
    ]
    least = [[low or 0 for low in row] for row in minima]
    return Problem(table, row_totals, least, tops, network.edges, network.carries, network.nodes)


class _Network:
    """Builds the edges of a table with its bounds; node 0 is outside."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.nodes = 1 + len(table.rows) + len(table.columns)
        self.edges: list[Edge] = []
        self.carries: list[list[int]] = []
        self.narrow: dict[tuple[int, int], int] = {}  # cell to the node of its block and column

    def add_rows(self, totals: list[int], blocks: Mapping[str, Block]) -> None:
        """Add the edges to the rows, through their block where that has a maximum.

        Raises:
            UsageError: A row that is not there, or in two blocks.
        """
        members = self._members(blocks)
        sources = dict.fromkeys(range(len(totals)), 0)
        for name, block in sorted(blocks.items()):
            if block.maximum is not None:
                most = whole_homes(block.maximum, f"maximum of {name}")
                bound = Bound(BoundKind.BLOCK_MAXIMUM, most, block=name)
                node = self._new_node()
                sources |= dict.fromkeys(members[name], node)
                cells = list(chain.from_iterable(map(self._cells_of_row, members[name])))
                self._add(Edge(0, node, upper=most, upper_bound=bound), cells)
        for row, (name, total) in enumerate(zip(self.table.rows.names, totals, strict=True)):
            edge = fixed(sources[row], 1 + row, Bound(BoundKind.ROW_TOTAL, total, row=name))
            self._add(edge, self._cells_of_row(row))

    def add_columns(self, totals: list[int | None], blocks: Mapping[str, Block]) -> None:
        """Add the edges from the columns, and those of blocks with a maximum for a column."""
        first = 1 + len(self.table.rows)
        rows = range(len(self.table.rows))
        for column, (name, total) in enumerate(zip(self.table.columns.names, totals, strict=True)):
            if total is None:
                edge = Edge(first + column, 0)
            else:
                bound = Bound(BoundKind.COLUMN_TOTAL, total, column=name)
                edge = fixed(first + column, 0, bound)
            self._add(edge, [self._cell(row, column) for row in rows])
        members = self._members(blocks)
        for name, block in sorted(blocks.items()):
            tops = self.table.columns.ordered(block.column_maxima, f"maximum in {name}")
            for column, most in enumerate(tops):
                if most is None:
                    continue
                bound = Bound(
                    BoundKind.BLOCK_COLUMN_MAXIMUM,
                    most,
                    column=self.table.columns.names[column],
                    block=name,
                )
                node = self._new_node()
                self.narrow |= {(row, column): node for row in members[name]}
                cells = [self._cell(row, column) for row in members[name]]
                edge = Edge(node, first + column, upper=most, upper_bound=bound)
                self._add(edge, cells)

    def add_cells(
        self,
        minima: list[list[int | None]],
        maxima: list[list[int | None]],
        weighted: list[list[bool]],
    ) -> None:
        """Add the edges of the cells; comes last."""
        first = 1 + len(self.table.rows)
        for row, row_name in enumerate(self.table.rows.names):
            for column, name in enumerate(self.table.columns.names):
                least, most = minima[row][column], maxima[row][column]
                kind = BoundKind.MAXIMUM
                if not weighted[row][column]:
                    kind, most = BoundKind.NO_WEIGHT, 0
                edge = Edge(1 + row, self.narrow.get((row, column), first + column))
                if least:
                    bound = Bound(BoundKind.MINIMUM, least, row=row_name, column=name)
                    edge = replace(edge, lower=least, lower_bound=bound)
                if most is not None:
                    bound = Bound(kind, most, row=row_name, column=name)
                    edge = replace(edge, upper=most, upper_bound=bound)
                self._add(edge, [self._cell(row, column)])

    def _add(self, edge: Edge, cells: list[int]) -> None:
        self.edges.append(edge)
        self.carries.append(cells)

    def _new_node(self) -> int:
        self.nodes += 1
        return self.nodes - 1

    def _cell(self, row: int, column: int) -> int:
        return row * len(self.table.columns) + column

    def _cells_of_row(self, row: int) -> list[int]:
        return [self._cell(row, column) for column in range(len(self.table.columns))]

    def _members(self, blocks: Mapping[str, Block]) -> dict[str, list[int]]:
        members: dict[str, list[int]] = {}
        where: dict[int, str] = {}
        for name, block in sorted(blocks.items()):
            members[name] = [self.table.rows.find(row, f"block {name}") for row in block.rows]
            for row in members[name]:
                if where.setdefault(row, name) != name:
                    raise UsageError(
                        f"{self.table.rows.names[row]} stands in two blocks",
                        where=f"block {name}",
                        found=f"{where[row]} and {name}",
                        expected="one block for every row",
                    )
        return members
