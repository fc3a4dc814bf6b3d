"""Bounds on a two-way split by name, and the smallest set of them that cannot be kept together.

Belongs here: what a bound is, the network that a table with bounds makes, the search for the
smallest clash, and the refusal that carries it. Does not belong here: the split (`two_way`,
`within`), reading input (`matrix`, `network`), Dutch sentences (label files have one by
`BoundKind`).

Source: Hoffman, "Some recent applications of the theory of linear inequalities to extremal
combinatorial analysis" (1960): homes can flow within their bounds unless, for some set of nodes,
more must come in than may go out. The smallest clash is the set of nodes with the fewest bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.errors import RefusedError

SOLVER_SECONDS = 60.0
"""Seconds a solver may take before the split is refused (a choice; a region takes milliseconds)."""


class BoundKind(StrEnum):
    """What a bound says; label files hold one sentence for each."""

    ROW_TOTAL = "row-total"
    COLUMN_TOTAL = "column-total"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    NO_WEIGHT = "no-weight"
    BLOCK_MAXIMUM = "block-maximum"
    BLOCK_COLUMN_MAXIMUM = "block-column-maximum"


_TEXTS = {
    BoundKind.ROW_TOTAL: "total of {row} ({homes})",
    BoundKind.COLUMN_TOTAL: "total of {column} ({homes})",
    BoundKind.MAXIMUM: "maximum of {column} in {row} ({homes})",
    BoundKind.MINIMUM: "minimum of {column} in {row} ({homes})",
    BoundKind.NO_WEIGHT: "no weight of {column} in {row}",
    BoundKind.BLOCK_MAXIMUM: "maximum of {block} ({homes})",
    BoundKind.BLOCK_COLUMN_MAXIMUM: "maximum of {column} in {block} ({homes})",
}


@dataclass(frozen=True)
class Bound:
    """One total, maximum or minimum that somebody set.

    Attributes:
        kind: What it says.
        homes: Its value (homes).
        row: Name of the row (municipality), where it has one.
        column: Name of the column (association, target group), where it has one.
        block: Name of the block (allocation system), where it has one.
    """

    kind: BoundKind
    homes: int
    row: str = ""
    column: str = ""
    block: str = ""

    def __str__(self) -> str:
        """Name the bound: "maximum of Ymere in Haarlem (12)"."""
        return _TEXTS[self.kind].format(
            row=self.row, column=self.column, block=self.block, homes=self.homes
        )


class ClashError(RefusedError):
    """Bounds that cannot be kept together.

    Attributes:
        bounds: The smallest set of bounds that clash: without any one of them the others go
            together.
        short_homes: By how many homes they miss each other.
    """

    def __init__(self, bounds: Sequence[Bound], short_homes: int) -> None:
        self.bounds = tuple(bounds)
        self.short_homes = short_homes
        names = [str(bound) for bound in self.bounds]
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        homes = "1 home" if short_homes == 1 else f"{short_homes} homes"
        super().__init__(
            f"these bounds cannot be kept together, they miss each other by {homes}: {listed}",
            todo="Without any one of them the others can be kept: loosen one.",
        )


@dataclass(frozen=True)
class Edge:
    """Homes that go from one node of the network to another.

    Attributes:
        tail: Node that the homes come from.
        head: Node that they go to.
        lower: Fewest homes.
        upper: Most homes, None without a bound.
        lower_bound: The bound that sets `lower` above 0.
        upper_bound: The bound that sets `upper`.
    """

    tail: int
    head: int
    lower: int = 0
    upper: int | None = None
    lower_bound: Bound | None = None
    upper_bound: Bound | None = None


def fixed(tail: int, head: int, bound: Bound) -> Edge:
    """Make an edge that carries exactly a total."""
    return Edge(tail, head, bound.homes, bound.homes, bound, bound)


def smallest_clash(
    edges: Sequence[Edge], nodes: int, seconds: float = SOLVER_SECONDS
) -> tuple[tuple[Bound, ...], int]:
    """Find the fewest bounds that cannot be kept together.

    A small integer program chooses a set of nodes into which more homes must flow than may flow
    out, with the fewest bounds on the edges that cross it.

    Args:
        edges: The network, a circulation; the bounds come back in this order.
        nodes: Number of nodes.
        seconds: Time the solver may take.

    Returns:
        The bounds and by how many homes they miss each other; nothing and 0 where all bounds can
        be kept.

    Raises:
        RefusedError: The solver ran out of time.
    """
    must = [edge for edge in edges if edge.lower > 0]
    may = [edge for edge in edges if edge.upper is not None]
    width = nodes + len(must) + len(may)
    rows: list[NDArray[np.float64]] = []
    limits: list[float] = []

    def at_most(terms: Sequence[tuple[int, float]], limit: float) -> None:
        row = np.zeros(width)
        for place, factor in terms:
            row[place] += factor
        rows.append(row)
        limits.append(limit)

    for place, edge in enumerate(must, nodes):  # counts only where it enters the set
        at_most([(place, 1), (edge.head, -1)], 0)
        at_most([(place, 1), (edge.tail, 1)], 1)
    for place, edge in enumerate(may, nodes + len(must)):  # counts wherever it leaves the set
        at_most([(edge.tail, 1), (edge.head, -1), (place, -1)], 0)
    for edge in edges:
        if edge.upper is None:
            at_most([(edge.tail, 1), (edge.head, -1)], 0)
    inflow = [(place, -float(edge.lower)) for place, edge in enumerate(must, nodes)]
    outflow = [(place, float(edge.upper or 0)) for place, edge in enumerate(may, nodes + len(must))]
    at_most([*inflow, *outflow], -1)
    cost = np.concatenate([np.zeros(nodes), np.ones(width - nodes)])
    chosen = solve_whole(
        cost,
        np.array(rows),
        np.full(len(limits), -np.inf),
        np.array(limits),
        np.ones(width),
        seconds,
    )
    if chosen is None:
        return (), 0
    used_must = [edge for place, edge in enumerate(must, nodes) if chosen[place]]
    used_may = [edge for place, edge in enumerate(may, nodes + len(must)) if chosen[place]]
    short = sum(edge.lower for edge in used_must) - sum(edge.upper or 0 for edge in used_may)
    names = [edge.lower_bound for edge in used_must] + [edge.upper_bound for edge in used_may]
    if short < 1 or None in names:
        raise AssertionError("the solver's clash is no clash: a fault in the program")
    used = set(names)
    ordered = [bound for edge in edges for bound in (edge.lower_bound, edge.upper_bound)]
    return tuple(dict.fromkeys(bound for bound in ordered if bound and bound in used)), short


def solve_whole(
    cost: NDArray[np.float64],
    rows: NDArray[np.float64],
    lowest: NDArray[np.float64],
    highest: NDArray[np.float64],
    upper: NDArray[np.float64],
    seconds: float,
) -> list[int] | None:
    """Solve a whole-number program with HiGHS.

    Args:
        cost: Cost of one unit, shape (variables,).
        rows: Factors of the constraints, shape (constraints, variables).
        lowest: Lower sides of the constraints.
        highest: Upper sides of the constraints.
        upper: Upper limits of the variables; their lower limit is 0.
        seconds: Time the solver may take.

    Returns:
        The cheapest whole numbers, or None where there are none.

    Raises:
        RefusedError: The solver ran out of time or failed: never a result that is not proven.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # only where a bound binds

    result = milp(
        cost,
        constraints=LinearConstraint(rows, lowest, highest),
        bounds=Bounds(np.zeros(len(cost)), upper),
        integrality=np.ones(len(cost), dtype=np.int64),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if result.status == 2:
        return None
    if result.status != 0:
        raise RefusedError(
            f"the solver did not finish within {seconds:g} seconds, so there is no split",
            found=str(result.message),
            todo="Give it more time or fewer bounds.",
        )
    return [round(value) for value in result.x]
