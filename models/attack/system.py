"""A publication as numbers: unknowns with their ends, and rows that must hold.

Belongs here: turning what was published into unknowns and linear rows, and taking these apart into
groups that do not touch. Does not belong here: solving (`bounds`), what is a finding (`findings`).

Unknowns are the hidden counts and, where only "<10" was shown, the rounded number behind it: these
add up as the published ones do, which may give them back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from models.attack.publication import Kind, Publication, Relation, Shown

UNLIMITED = 1_000_000
"""Stands for no limit: no region of the country has as many people in care (a choice)."""


@dataclass(frozen=True)
class System:
    """Unknowns and rows: low <= rows @ x <= high, least <= x <= most, x whole.

    Attributes:
        names: Names of the hidden counts, the first unknowns; behind them stand rounded numbers.
        least: Least of every unknown.
        most: Most of every unknown.
        rows: One row for each relation, one column for each unknown.
        low: Least of every row.
        high: Most of every row.
        sums: Which rows are sums of counts.
    """

    names: tuple[str, ...]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    rows: sparse.csr_array[Any, tuple[int, int]]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    sums: NDArray[np.bool_]

    def groups(self) -> Iterator["System"]:
        """Give the groups of unknowns that no row ties together, in order of their first one."""
        touches = (abs(self.rows).T @ abs(self.rows)).tocsr() if self.rows.shape[0] else None
        size = len(self.least)
        if not size:
            return
        label = (
            np.arange(size)
            if touches is None
            else csgraph.connected_components(touches, directed=False)[1]
        )
        order = np.argsort(label, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
            yield self._part(np.sort(members))

    def _part(self, members: NDArray[np.intp]) -> "System":
        columns = self.rows[:, members].tocsr()
        there = np.flatnonzero(np.diff(columns.indptr))
        return System(
            tuple(self.names[at] for at in members if at < len(self.names)),
            self.least[members],
            self.most[members],
            columns[there],
            self.low[there],
            self.high[there],
            self.sums[there],
        )


@dataclass
class _Draft:
    """Unknowns and rows while they are collected."""

    ends: dict[str, tuple[int, int]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    rounded: dict[tuple[int, str], int] = field(default_factory=dict)
    rows: list[tuple[dict[str | tuple[int, str], int], float, float, bool]] = field(
        default_factory=list
    )


def build_system(
    publications: Sequence[Publication],
    *,
    own: Mapping[str, int] | None = None,
    further: frozenset[str] = frozenset(),
) -> tuple[System, tuple[str, ...]]:
    """Turn publications into unknowns and rows.

    Args:
        publications: One, or several of which cells of the same name are the same count.
        own: Part of a count that the attacker has himself, by cell: it is at least that.
        further: Cells whose figure may lie one step further from the count.

    Returns:
        The system, and the cells of which two publications cannot both be true (they are left
        with the range of the first).
    """
    draft, clashes = _Draft(), _read_cells(publications, further)
    draft.ends.update(clashes[0])
    hidden = {cell for publication in publications for cell in publication.hidden}
    for cell, (low, high) in clashes[0].items():
        if cell not in hidden and low == high:
            draft.known[cell] = draft.ends.pop(cell)[0]
    for cell, least in sorted((own or {}).items()):
        if cell in draft.ends:
            low, high = draft.ends[cell]
            draft.ends[cell] = max(low, least), max(high, least)
    for place, publication in enumerate(publications):
        _add_figures(draft, place, publication, further)
    for relation in dict.fromkeys(one for each in publications for one in each.relations):
        _add_sum(draft, relation)
    return _finish(draft), clashes[1]


def _read_cells(
    publications: Sequence[Publication], further: frozenset[str]
) -> tuple[dict[str, tuple[int, int]], tuple[str, ...]]:
    """Give the range of every cell, and the cells whose ranges exclude each other."""
    ends: dict[str, tuple[int, int]] = {}
    clashes = []
    for publication in publications:
        for one in publication.shown:
            low, most = one.truths(2 if one.cell in further else 1)
            high = UNLIMITED if most is None else most
            before = ends.get(one.cell, (0, UNLIMITED))
            both = max(low, before[0]), min(high, before[1])
            if both[0] > both[1]:
                clashes.append(one.cell)
                both = before
            ends[one.cell] = both
        for cell in publication.cells:
            ends.setdefault(cell, (0, UNLIMITED))
    return ends, tuple(dict.fromkeys(clashes))


def _add_figures(
    draft: _Draft, place: int, publication: Publication, further: frozenset[str]
) -> None:
    """Add the rounded numbers behind "<10", tied to their counts and to the sums of figures."""
    shown = {one.cell: one for one in publication.shown if one.kind is not Kind.EXACT}
    for one in publication.shown:
        if shown.get(one.cell) is one and len(one.figures) > 1 and one.cell in draft.ends:
            reach = (2 if one.cell in further else 1) * one.base - 1
            draft.rounded[place, one.cell] = len(one.figures) - 1
            draft.rows.append(({one.cell: 1, (place, one.cell): -one.base}, -reach, reach, False))
    for relation in publication.relations:
        _add_sum_of_figures(draft, place, relation, shown)


def _add_sum_of_figures(
    draft: _Draft, place: int, relation: Relation, shown: Mapping[str, Shown]
) -> None:
    cells = [shown.get(cell) for cell in (relation.total, *relation.parts)]
    held = [one for one in cells if one is not None and one.figures]
    if len(held) < len(cells) or len({one.base for one in held}) > 1:
        return
    row: dict[str | tuple[int, str], int] = {}
    fixed = 0
    for sign, one in zip((-1, *[1] * len(relation.parts)), held, strict=True):
        if (place, one.cell) in draft.rounded:
            row[place, one.cell] = row.get((place, one.cell), 0) + sign
        else:
            fixed += sign * one.figures[0] // one.base
    if row:
        draft.rows.append((row, -fixed, -fixed, False))


def _add_sum(draft: _Draft, relation: Relation) -> None:
    """Add that hidden parts minus a hidden total are what the known ones leave."""
    row: dict[str | tuple[int, str], int] = {}
    fixed = 0
    for cell, sign in ((relation.total, -1), *((part, 1) for part in relation.parts)):
        if cell in draft.known:
            fixed += sign * draft.known[cell]
        else:
            row[cell] = row.get(cell, 0) + sign
    if row:
        draft.rows.append((row, -fixed, -fixed, True))


def _finish(draft: _Draft) -> System:
    names = tuple(draft.ends)
    place: dict[str | tuple[int, str], int] = {cell: at for at, cell in enumerate(names)}
    place |= {key: len(names) + at for at, key in enumerate(draft.rounded)}
    entries = [
        (at, place[key], value)
        for at, (row, *_) in enumerate(draft.rows)
        for key, value in row.items()
    ]
    at, column, value = zip(*entries, strict=True) if entries else ((), (), ())
    rows = sparse.csr_array(
        (np.array(value, dtype=np.float64), (np.array(at, int), np.array(column, int))),
        shape=(len(draft.rows), len(place)),
    )
    ends = [*draft.ends.values(), *((0, most) for most in draft.rounded.values())]
    return System(
        names,
        np.array([low for low, _ in ends], dtype=np.float64),
        np.array([high for _, high in ends], dtype=np.float64),
        rows,
        np.array([low for _, low, _, _ in draft.rows], dtype=np.float64),
        np.array([high for _, _, high, _ in draft.rows], dtype=np.float64),
        np.array([is_sum for *_, is_sum in draft.rows], dtype=np.bool_),
    )
