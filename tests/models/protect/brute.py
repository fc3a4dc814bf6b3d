"""An oracle for the attacker: counts every whole-number table that fits what was published.

Belongs here: exhaustive counting for tables up to 3 x 3, written for plainness and apart from both
the rounding and the attacker. Does not belong here: linear programs, any assertion.

What is known of a table with margins is two arrays, `low` and `high`, of shape (rows + 1,
columns + 1): bounds of every cell, the last column holds the row totals, the last row the column
totals, the corner the total. A table fits when every cell and every margin lies within its bounds.
"""

from collections import Counter
from itertools import product

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int64]
Place = tuple[int, int]


def with_margins(inner: Table) -> Table:
    """Add the margins to a table."""
    rows = np.hstack([inner, inner.sum(axis=1, keepdims=True)])
    return np.vstack([rows, rows.sum(axis=0, keepdims=True)])


def known_from_rounding(figures: Table, base: int) -> tuple[Table, Table]:
    """Give the bounds that rounding to a neighbouring multiple leaves (multiples stay)."""
    return np.maximum(figures - base + 1, 0), figures + base - 1


def known_from_suppression(truths: Table, threshold: int) -> tuple[Table, Table]:
    """Give the bounds when only the counts 1..threshold - 1 are left out, margins included."""
    hidden = (truths > 0) & (truths < threshold)
    return np.where(hidden, 1, truths), np.where(hidden, threshold - 1, truths)


def every_table(low: Table, high: Table) -> list[Table]:
    """List every table that fits, by trying them all (only for few cells of few values)."""
    rows, columns = low.shape[0] - 1, low.shape[1] - 1
    inside = [range(low[i, j], high[i, j] + 1) for i in range(rows) for j in range(columns)]
    tried = (
        with_margins(np.array(values, dtype=np.int64).reshape(rows, columns))
        for values in product(*inside)
    )
    return [table for table in tried if np.all(table >= low) and np.all(table <= high)]


def count_values(low: Table, high: Table) -> dict[Place, dict[int, int]]:
    """Count, for every cell and margin and each of its values, the tables that fit.

    Tables are counted row by row: the fillings of a row are listed, and what the other rows add to
    the columns is an array of counts by column totals. With flat odds for every table the counts
    are the posterior.

    Returns:
        By place (row, column; the last ones are margins), by value, the number of tables. Empty
        where no table fits.
    """
    rows, columns = low.shape[0] - 1, low.shape[1] - 1
    fillings = [_fillings(low[i], high[i]) for i in range(rows)]
    counts: dict[Place, Counter[int]] = {
        place: Counter() for place in product(range(rows + 1), range(columns + 1))
    }
    most = high[:rows, :columns].sum(axis=0)
    for i, own in enumerate(fillings):
        others = _column_totals([fillings[k] for k in range(rows) if k != i], most)
        for filling in own:
            completed = _completions(filling, others, low[rows], high[rows])
            if completed:
                for j, value in enumerate(filling):
                    counts[i, j][value] += completed
                counts[i, columns][sum(filling)] += completed
    _count_margins(counts, _column_totals(fillings, most), low[rows], high[rows], rows)
    return {place: dict(sorted(found.items())) for place, found in counts.items()}


def bounds(low: Table, high: Table) -> tuple[Table, Table]:
    """Give the smallest and the largest value of every cell and margin over all tables that fit.

    Raises:
        ValueError: No table fits.
    """
    counts = count_values(low, high)
    if not counts[0, 0]:
        raise ValueError("no table fits what was published")
    least, most = np.zeros_like(low), np.zeros_like(low)
    for place, found in counts.items():
        least[place], most[place] = min(found), max(found)
    return least, most


def pins(low: Table, high: Table) -> list[Place]:
    """Name the places that were not given exactly, and yet can have one value only."""
    least, most = bounds(low, high)
    places = np.argwhere((least == most) & (low < high)).tolist()
    return [(i, j) for i, j in places]


def _fillings(low: Table, high: Table) -> list[tuple[int, ...]]:
    """List the fillings of one row within the bounds of its cells and its total."""
    inside = [range(a, b + 1) for a, b in zip(low[:-1], high[:-1], strict=True)]
    return [row for row in product(*inside) if low[-1] <= sum(row) <= high[-1]]


def _column_totals(rows: list[list[tuple[int, ...]]], most: Table) -> Table:
    """Count the joint fillings of some rows by their column totals, shape most + 1."""
    shape = tuple((most + 1).tolist())
    counts = np.zeros(shape, np.int64)
    counts[(0,) * len(shape)] = 1
    for fillings in rows:
        added = np.zeros(shape, np.int64)
        for filling in fillings:
            to = tuple(slice(value, None) for value in filling)
            of = tuple(slice(0, size - value) for size, value in zip(shape, filling, strict=True))
            added[to] += counts[of]
        counts = added
    return counts


def _completions(filling: tuple[int, ...], others: Table, low: Table, high: Table) -> int:
    """Count how the other rows complete one row within the column totals and the total."""
    inside = tuple(
        slice(max(a - value, 0), max(b - value + 1, 0))
        for a, b, value in zip(low[:-1].tolist(), high[:-1].tolist(), filling, strict=True)
    )
    starts = [part.start for part in inside]
    chosen = others[inside]
    total = sum(filling) + sum(starts) + np.indices(chosen.shape).sum(axis=0)
    return int(chosen[(total >= low[-1]) & (total <= high[-1])].sum())


def _count_margins(
    counts: dict[Place, Counter[int]], totals: Table, low: Table, high: Table, last: int
) -> None:
    """Count the tables by every column total and by the total."""
    for place in np.argwhere(totals).tolist():
        whole = sum(place)
        margins = [*place, whole]
        if all(a <= v <= b for a, v, b in zip(low.tolist(), margins, high.tolist(), strict=True)):
            for j, value in enumerate(margins):
                counts[last, j][value] += int(totals[tuple(place)])
