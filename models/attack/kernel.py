"""Steps from one set of whole counts to another that keep every sum.

Belongs here: a basis of the whole-number changes that leave all sums as they are, and sums of two
of them. Does not belong here: how likely counts are (`posterior`).
"""

from math import lcm

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 8


def find_steps(
    sums: NDArray[np.int64], chance: np.random.Generator
) -> tuple[NDArray[np.int64], ...]:
    """Give changes of counts that leave every sum as it is.

    Rows are cleared against each other by whole-number elimination; each count that is left free
    gives a change of itself by one (or by the least common multiple of the pivots) and what
    follows for the others. These are made short: one that touches many counts can hardly ever be
    taken. Pairs of them that touch are added, so that no corner is cut off where a single one would
    leave the allowed ranges.

    Args:
        sums: One row for each sum, one column for each count; each row times the counts is fixed.
        chance: Picks the pairs.
    """
    matrix, pivots = _reduce(sums)
    size = sums.shape[1]
    free = [column for column in range(size) if column not in pivots.values()]
    scale = lcm(*(int(abs(matrix[row, column])) for row, column in pivots.items()), 1)
    basis = []
    for column in free:
        step = np.zeros(size, dtype=np.int64)
        step[column] = scale
        for row, pivot in pivots.items():
            step[pivot] = -scale * matrix[row, column] // matrix[row, pivot]
        basis.append(step // np.gcd.reduce(step))
    basis = _shorten(basis)
    return (*basis, *_pairs(basis, chance))


def _shorten(basis: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Add or subtract steps from each other as long as one touches fewer counts by it.

    The steps reach what they reached before: each change can be undone by another one.
    """
    table = np.array(basis)
    for _ in range(_ROUNDS if len(basis) > 1 else 0):
        before = _length(table)
        for at in np.argsort(-before, kind="stable"):
            others = np.flatnonzero((table[:, table[at] != 0] != 0).any(axis=1))
            others = others[others != at]
            found = np.vstack((table[[at]], table[at] + table[others], table[at] - table[others]))
            table[at] = found[np.argmin(_length(found))]
        if (_length(table) == before).all():
            break
    return list(table)


def _length(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count what each step touches, and how far it goes."""
    length: NDArray[np.int64] = 4 * np.count_nonzero(steps, axis=1) + np.abs(steps).max(axis=1)
    return length


def _reduce(sums: NDArray[np.int64]) -> tuple[NDArray[np.int64], dict[int, int]]:
    """Clear rows against each other; give them with the pivot column of each."""
    matrix = sums.copy()
    pivots: dict[int, int] = {}
    for row in range(matrix.shape[0]):
        entries = np.flatnonzero(matrix[row])
        if not len(entries):
            continue
        sizes = np.abs(matrix[row, entries])
        pivot = int(entries[np.argmin(sizes * 2 - (matrix[row, entries] < 0))])
        pivots[row] = pivot
        for other in np.flatnonzero(matrix[:, pivot]):
            if other != row:
                mixed = matrix[other] * matrix[row, pivot] - matrix[row] * matrix[other, pivot]
                matrix[other] = mixed // max(1, int(np.gcd.reduce(mixed)))
    return matrix, pivots


def _pairs(basis: list[NDArray[np.int64]], chance: np.random.Generator) -> list[NDArray[np.int64]]:
    """Add or subtract each step with one that it touches, whichever touches fewer counts."""
    if len(basis) < 2:
        return []
    table = np.array(basis)
    touching = (table != 0).astype(np.int64) @ (table != 0).astype(np.int64).T
    found = []
    for at, step in enumerate(basis):
        others = [one for one in np.flatnonzero(touching[at]) if one != at]
        if others:
            other = basis[int(chance.choice(others))]
            both = (step + other, step - other)
            found.append(min(both, key=np.count_nonzero))
    return found
