"""Joint controlled rounding of counts that published sums tie together.

Belongs here: from truths, sums and a key to figures. Does not belong here: which table is rounded
in which release (the caller's), the solver (`program`), derived figures (`derived`).

Every figure is a multiple of the base next to its truth, every sum holds, and a multiple stays (a
true zero is zero). One release leaves at least `base` values open for every figure: the figures
themselves, with up to base - 1 people more in any one cell and in all its totals, are truths that
fit everything published. Source of the method: L. Cox,
"A Constructive Procedure for Unbiased Controlled Rounding", Journal of the American Statistical
Association 82 (1987), and Causey, Cox and Ernst (1985) for tables of two sides, which always have
such a rounding; linked tables are one integer program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from models.errors import RefusedError, UsageError
from models.protect.offsets import check_base, check_key, offset, target, weight
from models.protect.problem import Earlier, Part, Sum, check_problem, parts_of
from models.protect.program import NO_EARLIER, Cells, solve_further, solve_strictly

SOLVER_SECONDS = 60.0
"""Time limit of one integer program; a part of linked cells takes at most five."""


@dataclass(frozen=True)
class Rounding:
    """Figures that may leave the building.

    Args:
        figures: Every cell's figure, sorted by name.
        moved: Cells whose figure changed though their truth did not, sorted.
        further: Cells a step beyond the neighbours of their truth, sorted: the log of a rounding
            that was impossible without.
        base: What every figure is a multiple of.
    """

    figures: Mapping[str, int]
    moved: tuple[str, ...]
    further: tuple[str, ...]
    base: int


def round_jointly(
    truths: Mapping[str, int],
    sums: Sequence[Sum],
    *,
    key: bytes,
    region_id: str,
    base: int = 5,
    earlier: Mapping[str, Earlier] | None = None,
    time_limit_seconds: float = SOLVER_SECONDS,
) -> Rounding:
    """Round counts so that every figure is safe and every sum still holds.

    Objective, in order: the fewest figures that move among cells whose truth is the one of the
    latest release; then the fewest steps away from the targets of `offsets`, weighted by key. Where
    no figures next to their truths add up, the fewest cells go one step further and are listed.
    Cells that no sum joins do not touch each other's figures. Nothing depends on the order of the
    arguments.

    Args:
        truths: True counts, whole numbers from 0, by name of the cell.
        sums: Published sums over these cells; a total that two tables share is one cell.
        key: Secret bytes, at least 32, the same for every release of a region.
        region_id: Region of the counts.
        base: 5 or 10.
        earlier: What the latest release gave, of cells that were in it; the same base.
        time_limit_seconds: Limit of each integer program, more than 0.

    Returns:
        The figures, with those that moved and those one step further.

    Raises:
        UitstroomError: Names, counts, sums, key, base or limit are wrong.
        RefusedError: The solver ran out of time or failed, or no figures add up even one step
            further: nothing may then be published.
    """
    before = earlier or {}
    check_base(base)
    check_key(key)
    if not time_limit_seconds > 0:
        raise UsageError("a time limit is more than 0 seconds", found=f"{time_limit_seconds:g}")
    check_problem(truths, sums, before, base)
    figures: dict[str, int] = {}
    further: list[str] = []
    for part in _together(parts_of(truths, sums)):
        cells = _cells_of(part, truths, before, key, region_id, base)
        steps = solve_strictly(cells, time_limit_seconds)
        if steps is None:
            steps = solve_further(cells, time_limit_seconds)
        if steps is None:
            raise _impossible(part)
        figures.update(zip(part.cells, (steps * base).tolist(), strict=True))
        beyond = (steps < cells.lowest) | (steps > cells.highest)
        further.extend(np.array(part.cells)[beyond].tolist())
    moved = [
        cell
        for cell, was in before.items()
        if truths.get(cell) == was.truth and figures[cell] != was.figure
    ]
    ordered = dict(sorted(figures.items()))
    return Rounding(ordered, tuple(sorted(moved)), tuple(sorted(further)), base)


def _together(parts: Sequence[Part]) -> list[Part]:
    """Put the cells that no sum joins in one part: each takes its own figure, so one look does."""
    alone = tuple(cell for part in parts if not part.sums for cell in part.cells)
    linked = [part for part in parts if part.sums]
    return [Part(alone, ()), *linked] if alone else linked


def _cells_of(
    part: Part,
    truths: Mapping[str, int],
    earlier: Mapping[str, Earlier],
    key: bytes,
    region_id: str,
    base: int,
) -> Cells:
    """Write one part in steps of the base."""
    truth = np.array([truths[cell] for cell in part.cells], dtype=np.int64)
    before = [
        was.figure // base
        if (was := earlier.get(cell)) is not None and was.truth == truths[cell]
        else NO_EARLIER
        for cell in part.cells
    ]
    aims = [
        target(truths[cell], offset(key, region_id, cell, base), base) // base
        for cell in part.cells
    ]
    return Cells(
        lowest=truth // base,
        highest=-(-truth // base),
        target=np.array(aims, dtype=np.int64),
        earlier=np.array(before, dtype=np.int64),
        weight=np.array([weight(key, region_id, cell) for cell in part.cells], dtype=np.int64),
        matrix=_matrix(part),
    )


def _matrix(part: Part) -> csr_array:
    """Write the sums of a part: 1 at every part, -1 at the total, shape (sums, cells)."""
    place = {cell: number for number, cell in enumerate(part.cells)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[int] = []
    for number, one in enumerate(part.sums):
        rows += [number] * (len(one.parts) + 1)
        columns += [place[one.total], *(place[cell] for cell in one.parts)]
        values += [-1, *[1] * len(one.parts)]
    shape = (len(part.sums), len(part.cells))
    return csr_array((np.array(values, dtype=np.int64), (rows, columns)), shape=shape)


def _impossible(part: Part) -> RefusedError:
    """Say that one part cannot be rounded."""
    return RefusedError(
        "no rounded figures add up, even one step further, so nothing is published",
        where=part.cells[0],
        found=f"{len(part.cells)} cells under {len(part.sums)} sums",
        todo="Publish fewer linked tables, or group municipalities or years.",
    )
