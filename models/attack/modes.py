"""Ways of attacking by what must be so: outsider, insider, neighbour and history.

Belongs here: what each kind of attacker knows besides the publication, and judging what follows.
Does not belong here: solving (`bounds`), beliefs (`posterior`), reading files (`pipelines.attack`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.attack.bounds import ImpossibleError, Solver, find_bounds
from models.attack.findings import NARROW, Bounds, Finding, Flaw, ModeResult, combine, judge
from models.attack.publication import Kind, Publication, rename
from models.attack.system import System, build_system

OUTSIDER, INSIDER, NEIGHBOUR = "outsider", "insider", "neighbour"
HISTORY, METHOD = "history", "method"
MODES = (OUTSIDER, INSIDER, NEIGHBOUR, HISTORY, METHOD)
"""Names of the ways of attacking, in the order in which they are tried."""

_ROUNDS = 6


def attack_outsider(publication: Publication) -> ModeResult:
    """Attack with the publication alone.

    Raises:
        RefusedError: A program was not solved in time.
    """
    return _judge_groups(OUTSIDER, [publication])


def attack_insider(publication: Publication, own: Mapping[str, Mapping[str, int]]) -> ModeResult:
    """Attack as each organisation in turn, which subtracts its own people.

    A rest that may be nobody is no finding: it tells of no one. Whoever has nearly everybody
    narrows the rest under any rounding, so this can stop what an outsider cannot see through.

    Args:
        publication: What was published.
        own: For each organisation its own part of cells; of totals it is added up.

    Raises:
        RefusedError: A program was not solved in time.
    """
    return combine(
        INSIDER,
        [
            _judge_groups(
                INSIDER,
                [publication],
                own=_with_totals(publication, parts),
                by=name,
                floor=1,
            )
            for name, parts in own.items()
        ],
    )


def _with_totals(publication: Publication, own: Mapping[str, int]) -> dict[str, int]:
    """Add what an organisation has of totals of which it knows its part in every part."""
    found = dict(own)
    for _ in publication.relations:
        added = {
            one.total: sum(found[part] for part in one.parts)
            for one in publication.relations
            if one.total not in found and found.keys() >= set(one.parts)
        }
        if not added:
            break
        found |= added
    return found


def attack_neighbour(publication: Publication) -> ModeResult:
    """Attack as somebody who knows one person and so that a cell is at least 1; each in turn.

    Raises:
        RefusedError: A program was not solved in time.
    """
    system, _ = build_system([publication])
    results = []
    for group, solver, bounds in _solved(system, [publication]):
        for at, cell in enumerate(group.names):
            least, most = bounds[cell].least, bounds[cell].most
            if least == 0 and (most is None or most > 0):
                given = list(_given_one(group, solver, bounds, at))
                results.append(judge(NEIGHBOUR, given, by=cell))
    return combine(NEIGHBOUR, results)


def attack_history(
    publications: Mapping[str, Publication], open_cells: Mapping[str, frozenset[str]]
) -> ModeResult:
    """Attack with all releases at once.

    A closed cell is the same count in every release. Where that cannot be, the cells of which
    figures differ are taken as revised, and at last all cells of the group.

    Args:
        publications: What was published, by release.
        open_cells: For each release the cells whose period was not over, or that are a state of
            the moment: another count in every release.

    Raises:
        RefusedError: A program was not solved in time.
    """
    return _judge_groups(HISTORY, join_releases(publications, open_cells))


def join_releases(
    publications: Mapping[str, Publication], open_cells: Mapping[str, frozenset[str]]
) -> list[Publication]:
    """Name the cells of releases such that the same name is the same count.

    Args:
        publications: What was published, by release.
        open_cells: For each release the cells that are another count in every release.

    Raises:
        RefusedError: A program was not solved in time.
    """
    held = [
        rename(publication, {cell: f"{cell}@{name}" for cell in open_cells.get(name, frozenset())})
        for name, publication in publications.items()
    ]
    revised: set[str] = set()
    for pick in (_moved_cells, _all_cells):
        system, clashes = build_system(_apart(held, publications, revised))
        wrong = set(clashes) | {
            name for group in system.groups() if not can_be(group) for name in group.names
        }
        if not wrong:
            break
        revised |= wrong & pick(held)
    return _apart(held, publications, revised)


def find_sums_that_fail(publication: Publication, mode: str = OUTSIDER) -> Iterator[Finding]:
    """Find sums whose rounded figures do not add up: cells were rounded apart from each other."""
    shown = {one.cell: one for one in publication.shown if one.kind is Kind.ROUNDED}
    for relation in publication.relations:
        held = [shown.get(cell) for cell in (relation.total, *relation.parts)]
        known = [one.figure or 0 for one in held if one is not None]
        bases = {one.base for one in held if one is not None}
        if len(known) == len(held) and len(bases) == 1 and known[0] != sum(known[1:]):
            yield Finding(mode, Flaw.NOT_ADDITIVE, relation.total, known[0], sum(known[1:]))


# --- the groups -----------------------------------------------------------------------------------


def _judge_groups(
    mode: str,
    publications: Sequence[Publication],
    *,
    own: Mapping[str, int] | None = None,
    by: str = "",
    floor: int = 0,
) -> ModeResult:
    """Solve every group and judge what is left of each cell."""
    system, clashes = build_system(publications, own=own)
    found: list[Finding] = [Finding(mode, Flaw.CONTRADICTION, cell, by=by) for cell in clashes]
    if floor == 0:
        found += [one for each in publications for one in find_sums_that_fail(each, mode)]
    intervals: list[tuple[str, Bounds]] = []
    relaxed = 0
    for group in system.groups():
        bounds = _attempt(group, Solver(group))
        if bounds is None:
            relaxed += 1
            bounds = _bounds_further(publications, group, own)
        if bounds is None:
            found.append(Finding(mode, Flaw.CONTRADICTION, group.names[0], by=by))
            continue
        for cell, one in bounds.items():
            part = (own or {}).get(cell, 0)
            most = None if one.most is None else one.most - part
            intervals.append((cell, replace(one, least=one.least - part, most=most)))
    result = judge(mode, intervals, by=by, floor=floor)
    return replace(result, relaxed=relaxed, findings=(*found, *result.findings))


def can_be(group: System) -> bool:
    """Say whether there are counts that fit a group."""
    try:
        Solver(group).solve(np.zeros(len(group.least)))
    except ImpossibleError:
        return False
    return True


def _attempt(group: System, solver: Solver) -> dict[str, Bounds] | None:
    try:
        return find_bounds(group, solver=solver)
    except ImpossibleError:
        return None


def _bounds_further(
    publications: Sequence[Publication], group: System, own: Mapping[str, int] | None
) -> dict[str, Bounds] | None:
    """Give the intervals when figures of a group may lie one step further from their counts."""
    names = frozenset(group.names)
    system, _ = build_system(publications, own=own, further=names)
    bounds: dict[str, Bounds] = {}
    for each in system.groups():
        if names & set(each.names):
            found = _attempt(each, Solver(each))
            if found is None:
                return None
            bounds |= found
    return bounds


def _solved(
    system: System, publications: Sequence[Publication]
) -> Iterator[tuple[System, Solver, dict[str, Bounds]]]:
    """Give every group that can be solved, with its solver; the others with wider ranges."""
    for group in system.groups():
        solver = Solver(group)
        bounds = _attempt(group, solver)
        if bounds is not None:
            yield group, solver, bounds
            continue
        wider, _ = build_system(publications, further=frozenset(group.names))
        for each in wider.groups():
            solver = Solver(each)
            bounds = _attempt(each, solver) if set(group.names) & set(each.names) else None
            if bounds is not None:
                yield each, solver, bounds


# --- somebody who knows one person ----------------------------------------------------------------


def _given_one(
    group: System, solver: Solver, bounds: Mapping[str, Bounds], at: int
) -> Iterator[tuple[str, Bounds]]:
    """Give the intervals of a cell and of those in its sums, given that it is at least 1."""
    name = group.names[at]
    if not group.rows.shape[0]:
        yield name, replace(bounds[name], least=1)
        return
    least = group.least.copy()
    least[at] = max(1.0, least[at])
    touched = np.flatnonzero((abs(group.rows).T @ abs(group.rows[:, [at]])).toarray().ravel())
    others = [int(one) for one in touched if one < len(group.names) and one != at]
    _push_apart(solver, at, others, least)
    yield name, replace(bounds[name], least=1)
    for other in others:
        cell, known = group.names[other], bounds[group.names[other]]
        inner = _met(solver, at, other)
        if inner.max() - inner.min() > NARROW + 1:
            yield cell, Bounds(round(inner.min()), round(inner.max()), is_exact=False)
            continue
        costs = np.zeros(len(group.least))
        costs[other] = 1.0
        low = solver.solve(costs, least=least)[other]
        high = solver.solve(-costs, least=least)[other]
        is_open = known.most is None
        yield cell, Bounds(round(low), None if is_open else round(high))


def _push_apart(solver: Solver, at: int, others: Sequence[int], least: NDArray[np.float64]) -> None:
    """Solve for all cells beside a cell that is at least 1 together, until none seems narrow."""
    chance = np.random.default_rng(at)
    for _ in range(_ROUNDS):
        met = np.array(solver.met)
        met = met[met[:, at] >= 1.0]
        spread = np.ptp(met[:, others], axis=0) if len(met) else np.zeros(len(others))
        still = np.array(others)[spread <= NARROW + 1]
        if not len(still) and len(met):
            return
        costs = np.zeros(len(least))
        costs[still] = chance.choice((-1.0, 1.0), len(still)) * chance.uniform(0.5, 1, len(still))
        solver.solve(costs, least=least)


def _met(solver: Solver, at: int, other: int) -> NDArray[np.float64]:
    """Give the values of a cell in solutions in which another one is at least 1."""
    met = np.array(solver.met)
    values: NDArray[np.float64] = met[met[:, at] >= 1.0, other]
    return values


# --- several releases -----------------------------------------------------------------------------


def _moved_cells(publications: Iterable[Publication]) -> set[str]:
    """Name the cells of which releases show different things."""
    seen: dict[str, set[tuple[int, int | None]]] = {}
    for publication in publications:
        for one in publication.shown:
            seen.setdefault(one.cell, set()).add(one.truths())
    return {cell for cell, ranges in seen.items() if len(ranges) > 1}


def _all_cells(publications: Iterable[Publication]) -> set[str]:
    return {cell for publication in publications for cell in publication.cells}


def _apart(
    held: Sequence[Publication], releases: Iterable[str], revised: set[str]
) -> list[Publication]:
    """Give revised cells another name in every release."""
    return [
        rename(publication, {cell: f"{cell}@{name}" for cell in revised})
        for publication, name in zip(held, releases, strict=True)
    ]
