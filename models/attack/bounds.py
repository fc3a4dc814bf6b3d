"""The least and most that each hidden count can be, by linear and whole-number programs.

Belongs here: solving one group of unknowns, economically. Does not belong here: making the group
(`system`), what is too narrow (`findings`).

A vertex of the relaxed program that is whole is exact (tables in two ways are totally unimodular:
Hoffman and Kruskal, "Integral boundary points of convex polyhedra", 1956); else the whole-number
program is solved. Every solution that is met widens what is known of all cells at once, so that
most cells never need programs of their own.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp

from models.attack.findings import Bounds
from models.attack.system import UNLIMITED, System
from models.errors import RefusedError

WIDE = 6
"""Cells that can be moved over this many are wide enough: their ends are not worked out."""

SOLVER_SECONDS = 60.0
"""Seconds that one program may take (a choice; they take milliseconds)."""

_ROUNDS = 8
_INFEASIBLE = 2
_TOLERANCE = 1e-6


class ImpossibleError(Exception):
    """No counts fit what was published; always caught within the attack."""


@dataclass
class Solver:
    """Solves one group, and keeps every solution that it met.

    Attributes:
        system: The group.
        met: Solutions, one row each.
    """

    system: System
    met: list[NDArray[np.float64]] = field(default_factory=list)
    _is_whole: bool = False

    def solve(
        self, costs: NDArray[np.float64], *, least: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Give whole counts with the least costs.

        Args:
            costs: Costs of one more of each unknown.
            least: Other least values; those of the group without.

        Raises:
            ImpossibleError: No counts fit.
            RefusedError: The solver did not finish in time.
        """
        if not self._is_whole:
            found = self._run(costs, least, whole=False)
            if np.abs(found - np.round(found)).max(initial=0.0) < _TOLERANCE:
                return self._keep(found)
            self._is_whole = True
        return self._keep(self._run(costs, least, whole=True))

    def _keep(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        self.met.append(np.round(found) + 0.0)
        return self.met[-1]

    def _run(
        self, costs: NDArray[np.float64], least: NDArray[np.float64] | None, *, whole: bool
    ) -> NDArray[np.float64]:
        group = self.system
        result = milp(
            costs,
            integrality=np.full(len(costs), int(whole)),
            bounds=Box(group.least if least is None else least, group.most),
            constraints=LinearConstraint(group.rows, group.low, group.high),
            options={"time_limit": SOLVER_SECONDS, "mip_rel_gap": 0.0},
        )
        if result.status == _INFEASIBLE:
            raise ImpossibleError
        if result.status != 0 or result.x is None:
            raise RefusedError(
                "The attack could not be finished",
                where=", ".join(group.names[:3]),
                found=str(result.message),
                expected=f"an answer within {SOLVER_SECONDS:.0f} seconds",
                todo="Publish fewer tables that hang together, or group them.",
            )
        return np.asarray(result.x, dtype=np.float64)


def find_bounds(
    system: System, *, wide: int = WIDE, solver: Solver | None = None
) -> dict[str, Bounds]:
    """Give the interval of each count of a group.

    Args:
        system: The group.
        wide: Width from which on an interval's own ends are not worked out.
        solver: A solver of the group; the solutions that it met are used and added to.

    Raises:
        ImpossibleError: No counts fit.
        RefusedError: The solver did not finish in time.
    """
    size = len(system.names)
    if not system.rows.shape[0]:
        return {
            name: Bounds(int(low), None if high >= UNLIMITED else int(high))
            for name, low, high in zip(system.names, system.least, system.most, strict=False)
        }
    solver = solver or Solver(system)
    _push_apart(solver, size, wide)
    found = {}
    for at in range(size):
        met = np.array(solver.met)[:, at]
        if met.max() - met.min() >= wide:
            found[system.names[at]] = _as_bounds(met.min(), met.max(), is_exact=False)
            continue
        costs = np.zeros(len(system.least))
        costs[at] = 1.0
        low = met.min() if met.min() <= system.least[at] else solver.solve(costs)[at]
        high = met.max() if met.max() >= system.most[at] else solver.solve(-costs)[at]
        found[system.names[at]] = _as_bounds(low, high, is_exact=True)
    return found


def _push_apart(solver: Solver, size: int, wide: int) -> None:
    """Solve for all cells that are not yet wide together, in directions that differ."""
    chance = np.random.default_rng(size)
    for _ in range(_ROUNDS):
        costs = np.zeros(len(solver.system.least))
        spread = np.zeros(size)
        if solver.met:
            met = np.array(solver.met)[:, :size]
            spread = met.max(axis=0) - met.min(axis=0)
        still = np.flatnonzero(spread < wide)
        if not len(still):
            return
        costs[still] = chance.choice((-1.0, 1.0), len(still)) * chance.uniform(0.5, 1, len(still))
        solver.solve(costs)


def _as_bounds(low: float, high: float, *, is_exact: bool) -> Bounds:
    is_open = high >= UNLIMITED / 2
    return Bounds(round(low), None if is_open else round(high), is_exact=is_exact or is_open)
