"""Generated tables of people by municipality and group, and ways of publishing them.

Belongs here: the tables that the attacker is tested on, and the weak ways of publishing. Does not
belong here: the product's own rounding.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.attack import Publication, Relation, Shown, exact, rounded, suppressed

THRESHOLD = 5
BASE = 5


def draw_table(
    chance: np.random.Generator, rows: int = 9, columns: int = 6, least: int = 60, most: int = 220
) -> NDArray[np.int64]:
    """Draw people over municipalities and groups of very different sizes."""
    people = int(chance.integers(least, most + 1))
    weights = np.outer(chance.gamma(0.7, size=rows), chance.gamma(1.0, size=columns)).ravel()
    return chance.multinomial(people, weights / weights.sum()).reshape(rows, columns)


def name(row: int | str, column: int | str) -> str:
    return f"{row}/{column}"


def truths(table: NDArray[np.int64]) -> dict[str, int]:
    """Give the counts of a table with its margins, by name."""
    found = {name(row, column): int(value) for (row, column), value in np.ndenumerate(table)}
    found |= {name(row, "all"): int(value) for row, value in enumerate(table.sum(axis=1))}
    found |= {name("all", column): int(value) for column, value in enumerate(table.sum(axis=0))}
    return found | {name("all", "all"): int(table.sum())}


def sums(rows: int, columns: int) -> tuple[Relation, ...]:
    """Give the sums of a table in two ways."""
    across = [
        Relation(name(row, "all"), tuple(name(row, column) for column in range(columns)))
        for row in [*range(rows), "all"]
    ]
    down = [
        Relation(name("all", column), tuple(name(row, column) for row in range(rows)))
        for column in [*range(columns), "all"]
    ]
    return (*across, *down)


def is_small(count: int) -> bool:
    return 0 < count < THRESHOLD


def publish_with_holes(table: NDArray[np.int64]) -> Publication:
    """Leave small counts out and nothing else: primary suppression."""
    shown: list[Shown] = [
        suppressed(cell, 1, THRESHOLD - 1) if is_small(count) else exact(cell, count)
        for cell, count in truths(table).items()
    ]
    return Publication(tuple(shown), sums(*table.shape))


def publish_nearest(table: NDArray[np.int64]) -> Publication:
    """Round every cell to the nearest multiple, margins apart from their parts."""
    shown = [rounded(cell, (n + 2) // BASE * BASE, BASE) for cell, n in truths(table).items()]
    return Publication(tuple(shown), sums(*table.shape))


def publish(figures: Mapping[str, int], relations: tuple[Relation, ...], base: int) -> Publication:
    """Publish rounded figures."""
    shown = [rounded(cell, figure, base) for cell, figure in figures.items()]
    return Publication(tuple(shown), relations)
