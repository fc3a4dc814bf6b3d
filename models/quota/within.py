"""Whole homes per municipality and association (or target group), within bounds.

Belongs here: the split of municipal totals over the columns of a table, kept within maxima, minima,
column totals and the maxima of allocation systems. Does not belong here: how many homes a
municipality gets (`apportion`, `years`), two margins without bounds (`two_way`), reading bounds
(`network`), the smallest clash (`clash`), the search for the best flow (`flow`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import chain
from math import ceil, floor, lcm

import numpy as np
from numpy.typing import NDArray

from models.errors import RefusedError
from models.quota.claims import TieRule
from models.quota.clash import SOLVER_SECONDS, Bound, ClashError, smallest_clash
from models.quota.flow import cheapest_flow, improve_flow
from models.quota.matrix import CellBounds, Matrix, Table, Totals, read_table
from models.quota.network import Block, Problem, read_problem

_ONE = Fraction(1)


def split_within(
    weights: Matrix,
    totals: Totals,
    *,
    claims: bool = False,
    upper: CellBounds | None = None,
    lower: CellBounds | None = None,
    column_totals: Totals | None = None,
    blocks: Mapping[str, Block] | None = None,
    row_names: Iterable[str] | None = None,
    column_names: Iterable[str] | None = None,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    seconds: float = SOLVER_SECONDS,
) -> NDArray[np.int64] | dict[str, dict[str, int]]:
    """Split the homes of every municipality over its associations, within bounds.

    The exact shares of a municipality are proportional to its weights, except that nobody stands
    above the maximum or below the minimum. Of all whole splits that keep every total and bound the
    one is chosen, in this order:

    1. with the smallest sum of absolute deviations from the exact shares (homes);
    2. whose homes beyond the rounding of an exact share are spread in proportion to the exact
       shares (Sainte-Lague), so that a large share gives in before a small one;
    3. with the most homes in the first cell, then the second, read by row and column in the order
       of the tie rule.

    A municipality that no bound touches gets largest remainder. Over the years the running claim
    takes the place of the weights (`claims`): the exact share of a cell is what is owed so far
    minus what was received, and 2. takes the smallest sum of squares, so that without bounds home
    by home goes to the largest open claim and a small association gets its turn.

    Where the splits of the municipalities one by one break a column total or a block, a solver
    (HiGHS) finds the split, and exact arithmetic then makes sure that none is better.

    The same for municipality x target group with both margins::

        split_within(
            {"Haarlem": {"youth": 40, "adults": 60}, "Velsen": {"youth": 10, "adults": 30}},
            {"Haarlem": 10, "Velsen": 4},
            column_totals={"youth": 6, "adults": 8},
        )

    Args:
        weights: Weights of 0 or more by municipality (row) and association (column); a cell of
            weight 0 gets no homes. With `claims` homes of any sign, fractions too.
        totals: Homes of every row, always kept.
        claims: Whether `weights` are open claims in homes.
        upper: Most homes by cell: the suitable re-lets and first lettings expected.
        lower: Fewest homes by cell.
        column_totals: Homes of a column, None (or left out of a mapping) where nothing is agreed.
        blocks: Allocation systems by name.
        row_names: Names of the rows of a list or array.
        column_names: Names of the columns of a list or array.
        ties: `code` (lowest name first), `lot` (with `seed`) or `refuse`.
        seed: Seed of the lot.
        seconds: Time that the solver may take.

    Returns:
        Whole homes in the shape of the weights: int64 of shape (rows, columns) for a list or an
        array, a dictionary of dictionaries for a mapping.

    Raises:
        UsageError: Names that do not match, a total or bound that is negative or not whole, a row
            in two blocks, an unknown tie rule.
        RefusedError: Weights that are no numbers or are negative; a tie where ties are refused; a
            solver that ran out of time.
        ClashError: The bounds cannot be kept together; it carries the smallest set that clash.
    """
    table = read_table(
        weights,
        row_names=row_names,
        column_names=column_names,
        ties=ties,
        seed=seed,
        signed=claims,
    )
    problem = read_problem(table, totals, claims, upper, lower, column_totals, blocks)
    shares = problem.exact_shares(claims)
    if shares is None:
        raise _clash(problem, seconds)
    costs = _Costs(problem, shares, claims)
    flow = problem.flow_of([_fill(problem, costs, row) for row in range(len(problem.totals))])
    if flow is None:
        start = _solve(problem, shares, seconds)
        flow = improve_flow(problem.edges, problem.nodes, start, costs.of_home)
    if table.refuses_ties:
        other = improve_flow(
            problem.edges, problem.nodes, flow, replace(costs, turned=True).of_home
        )
        _refuse_two_splits(table, problem.homes_of(flow), problem.homes_of(other))
    return table.give_back(problem.homes_of(flow))


def clashing_bounds(
    weights: Matrix,
    totals: Totals,
    *,
    claims: bool = False,
    upper: CellBounds | None = None,
    lower: CellBounds | None = None,
    column_totals: Totals | None = None,
    blocks: Mapping[str, Block] | None = None,
    row_names: Iterable[str] | None = None,
    column_names: Iterable[str] | None = None,
    seconds: float = SOLVER_SECONDS,
) -> tuple[Bound, ...]:
    """Find the smallest set of bounds that cannot be kept together.

    Without any one of them the others go together (other bounds may clash elsewhere). Where
    several sets are as small, the solver's choice among them; it does not depend on the order of
    named rows and columns.

    Args:
        weights: As in `split_within`.
        totals: As in `split_within`.
        claims: As in `split_within`.
        upper: As in `split_within`.
        lower: As in `split_within`.
        column_totals: As in `split_within`.
        blocks: As in `split_within`.
        row_names: As in `split_within`.
        column_names: As in `split_within`.
        seconds: Time that the solver may take.

    Returns:
        The bounds, totals first; nothing where all of them can be kept.

    Raises:
        UitstroomError: Input that `split_within` would not take; a solver that ran out of time.
    """
    table = read_table(
        weights,
        row_names=row_names,
        column_names=column_names,
        ties=TieRule.CODE,
        seed=None,
        signed=claims,
    )
    problem = read_problem(table, totals, claims, upper, lower, column_totals, blocks)
    return smallest_clash(problem.edges, problem.nodes, seconds)[0]


@dataclass(frozen=True)
class _Costs:
    """The exact cost of every home, as one whole number: the three criteria one after another.

    Attributes:
        problem: The table and its bounds.
        shares: Exact shares by cell.
        claims: Whether the shares are open claims.
        turned: Whether the tie rule is turned round, to the fewest homes in the first cell.
    """

    problem: Problem
    shares: list[list[Fraction]]
    claims: bool
    turned: bool = False
    scale: tuple[int, int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Choose factors that keep the criteria apart: each outweighs all that follow it."""
        cells = list(chain.from_iterable(self.shares))
        base = sum(self.problem.totals) + 1
        last = 2 * base ** len(cells)
        whole = lcm(*(share.denominator for share in cells))
        parts = whole if self.claims else lcm(*(max(share, _ONE).numerator for share in cells))
        reach = base + ceil(max(map(abs, cells)))
        middle = last * (2 * len(cells) * parts * reach * reach + 1)
        object.__setattr__(self, "scale", (whole * middle, parts * last, base))

    def of_home(self, edge: int, home: int) -> int:
        """Give the cost of one more home on an edge, the `home`-th."""
        cell = edge - self.problem.first_cell
        if cell < 0:
            return 0
        row, column = divmod(cell, len(self.problem.table.columns))
        share = self.shares[row][column]
        first, second, base = self.scale
        deviation = abs(home - share) - abs(home - 1 - share)
        strain = self._strain(share, home) - self._strain(share, home - 1)
        count = len(self.shares) * len(self.shares[0])
        place: int = base ** (count - 1 - cell)
        return int(deviation * first + strain * second) + (place if self.turned else -place)

    def _strain(self, share: Fraction, homes: int) -> Fraction:
        if self.claims:
            return (homes - share) ** 2
        beyond = max(homes - ceil(share), floor(share) - homes, 0)
        return Fraction(beyond * beyond) / max(share, _ONE)


def _fill(problem: Problem, costs: _Costs, row: int) -> list[int]:
    """Split one row within its own bounds, home by home at the lowest cost."""
    first = problem.first_cell + row * len(problem.table.columns)
    homes, tops = list(problem.lower[row]), problem.upper[row]
    queue = [
        (costs.of_home(first + at, number + 1), at)
        for at, number in enumerate(homes)
        if number < tops[at]
    ]
    heapify(queue)
    for _ in range(problem.totals[row] - sum(homes)):
        _, at = heappop(queue)
        homes[at] += 1
        if homes[at] < tops[at]:
            heappush(queue, (costs.of_home(first + at, homes[at] + 1), at))
    return homes


def _solve(problem: Problem, shares: list[list[Fraction]], seconds: float) -> list[int]:
    found = cheapest_flow(problem.edges, problem.nodes, problem.segments(shares), seconds)
    if found is None:
        raise _clash(problem, seconds)
    flow = problem.flow_of(problem.homes_of(found))
    if flow is None:
        raise RefusedError(
            "the split of the solver breaks a bound by rounding, so there is no split",
            todo="Check the size of the totals and bounds.",
        )
    return flow


def _clash(problem: Problem, seconds: float) -> ClashError:
    bounds, short_homes = smallest_clash(problem.edges, problem.nodes, seconds)
    if not bounds:
        raise AssertionError("no split within bounds that do not clash: a fault in the program")
    return ClashError(bounds, short_homes)


def _refuse_two_splits(table: Table, split: list[list[int]], other: list[list[int]]) -> None:
    differ = [
        f"{table.columns.names[column]} in {table.rows.names[row]}"
        for row, (homes, others) in enumerate(zip(split, other, strict=True))
        for column in range(len(homes))
        if homes[column] != others[column]
    ]
    if differ:
        raise RefusedError(
            f"a home hangs on a tie of {', '.join(differ[:-1])} and {differ[-1]}, "
            "and ties are refused",
            todo="Choose the tie rule 'code' or 'lot' (with a seed), or other weights.",
        )
