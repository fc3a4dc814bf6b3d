"""Every table of whole numbers that fits a publication, by trying all of them.

Belongs here: an oracle for small tables that shares nothing with the attack. Does not belong here:
programs, beliefs.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from models.attack import Kind, Publication
from tests.models.attack.tables import truths


def ranges(publication: Publication) -> dict[str, tuple[int, int]]:
    """Give the range of each published cell, written out here anew."""
    found = {}
    for one in publication.shown:
        if one.kind is Kind.EXACT:
            found[one.cell] = (one.figure, one.figure)
        elif one.kind is Kind.SUPPRESSED:
            found[one.cell] = (one.least, one.most)
        else:
            found[one.cell] = (max(0, one.figure - one.base + 1), one.figure + one.base - 1)
    return found


def fitting(publication: Publication, rows: int, columns: int) -> Iterator[dict[str, int]]:
    """Give all tables whose cells and margins lie within their ranges, cell by cell."""
    allowed = ranges(publication)
    inner = [
        range(allowed[f"{row}/{column}"][0], allowed[f"{row}/{column}"][1] + 1)
        for row in range(rows)
        for column in range(columns)
    ]

    ends = [allowed[f"all/{column}"] for column in range(columns)]
    lowest, highest = allowed["all/all"]

    lines = [
        [
            line
            for line in itertools.product(*inner[row * columns : (row + 1) * columns])
            if allowed[f"{row}/all"][0] <= sum(line) <= allowed[f"{row}/all"][1]
        ]
        for row in range(rows)
    ]
    for chosen in itertools.product(*lines):
        columned = [sum(column) for column in zip(*chosen, strict=True)]
        if lowest <= sum(columned) <= highest and all(
            low <= n <= high for n, (low, high) in zip(columned, ends, strict=True)
        ):
            yield truths(np.array(chosen))


def intervals(publication: Publication, rows: int, columns: int) -> dict[str, tuple[int, int]]:
    """Give least and most of every cell over all tables that fit."""
    found: dict[str, tuple[int, int]] = {}
    for table in fitting(publication, rows, columns):
        for cell, n in table.items():
            low, high = found.get(cell, (n, n))
            found[cell] = min(low, n), max(high, n)
    return found


def shares(
    publication: Publication,
    rows: int,
    columns: int,
    weigh: Callable[[dict[str, int]], float],
) -> dict[str, dict[int, float]]:
    """Give how likely each value of each cell is, tables weighed one by one."""
    found: dict[str, dict[int, float]] = {}
    whole = 0.0
    for table in fitting(publication, rows, columns):
        weight = weigh(table)
        whole += weight
        for cell, n in table.items():
            held = found.setdefault(cell, {})
            held[n] = held.get(n, 0.0) + weight
    return {cell: {n: weight / whole for n, weight in held.items()} for cell, held in found.items()}
