"""The attacker's own copy of the published method: keyed targets, and a joint choice near them.

Belongs here: what anybody can build who read how figures are made: target = base times the whole
part of (count + offset) / base, offset unknown, and figures that add up with as few of them off
their target as can be. Does not belong here: the product's own rounding, which is never imported.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp

from models.attack.system import System


def draw_targets(
    counts: NDArray[np.int64], base: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Draw an offset for each count and give its target, a multiple of the base."""
    offsets = chance.integers(0, base, len(counts))
    targets: NDArray[np.int64] = base * ((counts + offsets) // base)
    return targets


def share_off_target(
    system: System, counts: NDArray[np.int64], bases: Mapping[str, int], chance: np.random.Generator
) -> float | None:
    """Round counts with keys drawn anew and say which share of figures missed their target.

    Args:
        system: The group, of which the sums are used.
        counts: A count for each name of the group.
        bases: Base of the cells that were rounded.
        chance: Where keys come from.

    Returns:
        The share among counts that are no multiple of the base; None if there are none, or no
        figures that add up.
    """
    at = np.array([place for place, name in enumerate(system.names) if name in bases], dtype=int)
    if not len(at):
        return None
    base = max(bases[system.names[place]] for place in at)
    floors = counts[at] // base
    targets = draw_targets(counts[at], base, chance) // base
    is_between = counts[at] % base > 0
    inside = set(at.tolist())
    rows = [
        row
        for row in np.flatnonzero(system.sums)
        if set(system.rows[[row]].indices.tolist()) <= inside and system.low[row] == 0
    ]
    picked = system.rows[rows][:, at]
    result = milp(
        np.where(targets > floors, -1.0, 1.0) * is_between,
        integrality=np.ones(len(at), dtype=np.int64),
        bounds=Box(floors, floors + is_between),
        constraints=LinearConstraint(picked, 0, 0) if rows else None,
        options={"time_limit": 10.0},
    )
    if result.x is None or not is_between.any():
        return None
    return float((np.round(result.x) != targets)[is_between].mean())
