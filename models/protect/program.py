"""The integer programs of joint rounding, for one part of linked cells.

Belongs here: variables, constraints and objectives, and the solver's answer told in four ways
(solved, impossible, out of time, failed). Does not belong here: names of cells, keys (`rounding`).

All figures are counted in steps of the base. A cell lies at `lowest` or one step higher (at
`lowest` only, where `highest` is the same). Its variables are 0 or 1: `up` from lowest to highest,
and, only where cells may go one step further, `below` lowest and `above` highest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, vstack

from models.errors import RefusedError

NO_EARLIER = -1
"""Stands for the earlier figure of a cell that has none, or whose truth has changed."""

Vector = NDArray[np.int64]

_SOLVED, _OUT_OF_TIME, _INFEASIBLE = 0, 1, 2


@dataclass(frozen=True)
class Cells:
    """The cells of one part, every array of shape (cells,), figures in steps of the base.

    Args:
        lowest: Truth rounded down.
        highest: Truth rounded up.
        target: What the offset aims at, lowest or highest.
        earlier: Figure of the latest release where the truth is unchanged, else `NO_EARLIER`.
        weight: Cost of a step away from the target.
        matrix: Sums, shape (sums, cells): 1 at a part, -1 at the total; times figures it is 0.
    """

    lowest: Vector
    highest: Vector
    target: Vector
    earlier: Vector
    weight: Vector
    matrix: csr_array


@dataclass(frozen=True)
class _Program:
    """Variables of 0 or 1, what they must meet, and three counts that are linear in them.

    Args:
        upper: Upper limits of the variables.
        rows: Constraints, shape (constraints, variables).
        least: Lower sides of the constraints.
        most: Upper sides of the constraints.
        moved: One for every cell that leaves its earlier figure, less a constant.
        away: Weighted steps away from the targets, less a constant.
        further: One for every cell a step beyond its truth's neighbours.
    """

    upper: Vector
    rows: csr_array
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    moved: Vector
    away: Vector
    further: Vector


def preferred(cells: Cells) -> Vector:
    """Give what every cell takes by itself: its earlier figure where it may, else its target."""
    kept = (cells.earlier == cells.lowest) | (cells.earlier == cells.highest)
    return np.where(kept, cells.earlier, cells.target)


def is_additive(cells: Cells, figures: Vector) -> bool:
    """Say whether every sum holds in whole numbers."""
    return not np.any(cells.matrix @ figures)


def solve_strictly(cells: Cells, seconds: float) -> Vector | None:
    """Round every cell to a neighbour of its truth, or find that no such rounding adds up.

    Of all that add up: the fewest cells that leave their earlier figure, then the least weighted
    number of steps away from the targets.

    Args:
        cells: The part.
        seconds: Time limit of each of two integer programs.

    Returns:
        Figures in steps of the base, shape (cells,), or None where none add up.

    Raises:
        RefusedError: The solver ran out of time or failed.
    """
    by_itself = preferred(cells)
    if is_additive(cells, by_itself):
        return by_itself
    free = (cells.highest > cells.lowest).astype(np.int64)
    gap = -(cells.matrix @ cells.lowest).astype(np.float64)
    program = _Program(
        upper=free,
        rows=cells.matrix,
        least=gap,
        most=gap,
        moved=free * _sign(cells, cells.earlier),
        away=free * _sign(cells, cells.target) * cells.weight,
        further=np.zeros(len(free), np.int64),
    )
    found = _solve_in_order(program, (program.moved, program.away), seconds)
    return None if found is None else _checked(cells, cells.lowest + found)


def solve_further(cells: Cells, seconds: float) -> Vector | None:
    """Let the fewest cells go one step beyond the neighbours of their truth, where all must add up.

    Then as in `solve_strictly`. A true zero stays zero and nothing falls below zero.

    Returns:
        Figures in steps of the base, shape (cells,), or None where even so none add up.

    Raises:
        RefusedError: The solver ran out of time or failed.
    """
    program = _further_program(cells)
    order = (program.further, program.moved, program.away)
    found = _solve_in_order(program, order, seconds)
    if found is None:
        return None
    up, below, above = np.split(found, 3)
    return _checked(cells, cells.lowest + up - below + above)


def _further_program(cells: Cells) -> _Program:
    """Write the program with the variables up, below and above, in this order.

    Nothing forbids below with up, or above without: where the fewest cells go further, none of them
    goes there and back.
    """
    free = (cells.highest > cells.lowest).astype(np.int64)
    may_fall, may_rise = (cells.lowest > 0).astype(np.int64), (cells.highest > 0).astype(np.int64)
    gap = -(cells.matrix @ cells.lowest).astype(np.float64)
    was_below = (cells.earlier == cells.lowest - 1) & (cells.earlier != NO_EARLIER)
    was_above = cells.earlier == cells.highest + 1
    at_low, at_high = cells.earlier == cells.lowest, cells.earlier == cells.highest
    each = np.ones(len(free), np.int64)
    return _Program(
        upper=np.concatenate([free, may_fall, may_rise]),
        rows=csr_array(hstack([cells.matrix, -cells.matrix, cells.matrix], format="csr")),
        least=gap,
        most=gap,
        moved=np.concatenate(
            [
                free * _sign(cells, cells.earlier),
                at_low.astype(np.int64) - was_below,
                at_high.astype(np.int64) - was_above,
            ]
        ),
        away=np.concatenate([free * _sign(cells, cells.target), each, each])
        * np.tile(cells.weight, 3),
        further=np.concatenate([0 * each, each, each]),
    )


def _sign(cells: Cells, wanted: Vector) -> Vector:
    """Give what one step up costs a wish: 1 where lowest is wanted, -1 where highest is."""
    at_low: Vector = (wanted == cells.lowest).astype(np.int64)
    at_high: Vector = (wanted == cells.highest).astype(np.int64)
    return at_low - at_high


def _solve_in_order(
    program: _Program, objectives: tuple[Vector, ...], seconds: float
) -> Vector | None:
    """Minimise the first objective, then the next among the best of the first, and so on."""
    rows, least, most = program.rows, program.least, program.most
    found: Vector | None = None
    for number, objective in enumerate(objectives):
        last = number == len(objectives) - 1
        if not last and not objective.any():
            continue
        found = _solve(objective, rows, least, most, program.upper, seconds)
        if found is None:
            return None
        if not last:
            rows = csr_array(vstack([rows, csr_array(objective[None, :])], format="csr"))
            least = np.append(least, -np.inf)
            most = np.append(most, float(objective @ found))
    return found


def _solve(
    cost: Vector,
    rows: csr_array,
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    upper: Vector,
    seconds: float,
) -> Vector | None:
    """Solve one program with HiGHS, to a proven optimum.

    Returns:
        Values of the variables, or None where nothing meets the constraints.

    Raises:
        RefusedError: The solver ran out of time or failed: neither is taken for impossible, and
            nothing unproven is ever given out.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # half a second to import

    result = milp(
        cost.astype(np.float64),
        constraints=LinearConstraint(rows, least, most),
        bounds=Bounds(np.zeros(len(cost)), upper.astype(np.float64)),
        integrality=np.ones(len(cost), dtype=np.int64),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if result.status == _SOLVED and result.x is not None:
        return np.rint(result.x).astype(np.int64)
    if result.status == _INFEASIBLE:
        return None
    if result.status == _OUT_OF_TIME:
        raise RefusedError(
            "the rounding was not finished in time, so nothing is published",
            found=f"{len(cost)} linked variables and a limit of {seconds:g} seconds",
            todo="Give it more time, or publish fewer linked tables.",
        )
    raise RefusedError(
        "the solver of the rounding failed, so nothing is published", found=str(result.message)
    )


def _checked(cells: Cells, figures: Vector) -> Vector:
    """Refuse figures that do not add up in whole numbers.

    Raises:
        RefusedError: The solver's tolerance let a sum go that does not hold.
    """
    if not is_additive(cells, figures):
        raise RefusedError("the solver gave figures that do not add up, so nothing is published")
    return figures
