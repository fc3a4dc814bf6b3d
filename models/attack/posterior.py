"""Attack by belief, mode "method": what is likely, for somebody who knows how figures are made.

Belongs here: drawing counts that fit the publication, all tables alike beforehand, weighed by how
often the method gives the figures that were published. Does not belong here: what must be so
(`bounds`), the method itself (`replay`).

An offset is drawn once for each cell and stays for ever, so that a count x gives the target f with
probability 1 - |x - f| / base, and several releases of one count tell no more than one. Figures
must add up, so that some miss their target; how many is learnt by replaying the method with keys
drawn anew. Counts are drawn by steps that keep every sum (Diaconis and Sturmfels, "Algebraic
algorithms for sampling from conditional distributions", 1998), each along its whole line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.attack.bounds import Solver, find_bounds
from models.attack.findings import CERTAIN, Finding, Flaw, ModeResult
from models.attack.kernel import find_steps
from models.attack.modes import METHOD, can_be
from models.attack.publication import Kind, Publication
from models.attack.replay import share_off_target
from models.attack.system import UNLIMITED, System, build_system

CHAINS = 96
"""Sets of counts that walk side by side."""

SWEEPS = 48
"""Times that every step is tried after the walk has warmed up."""

_WARM = 12
_FIRST = 8
"""Sweeps before, and sweeps after which a walk ends where nothing is near to being known."""

_NEAR = 0.8
_MEET = 1

_REACH = 12
"""Places that are looked at along a line."""
_STARTS = 12
_REPLAYS = 3
_MISSED = 0.25


@dataclass(frozen=True)
class Belief:
    """What an attacker believes of a cell.

    Attributes:
        values: The two most likely counts, the likelier first; one where only one is possible.
        share: Share of the belief on them (0 to 1).
    """

    values: tuple[int, ...]
    share: float


@dataclass
class _Seen:
    """What was shown of a cell in all releases: its figures (several where it moved), its base."""

    base: int = 1
    figures: set[int] = field(default_factory=set)
    is_below: bool = False


def attack_method(publications: Sequence[Publication], *, seed: int = 1) -> ModeResult:
    """Attack with the method: report cells with 95 % of the belief on at most two counts.

    Args:
        publications: One release, or several of which cells of the same name are the same count.
        seed: Seed of the attacker's own draws.

    Raises:
        RefusedError: A program was not solved in time.
    """
    beliefs, relaxed = believe(publications, seed=seed)
    findings = tuple(
        Finding(METHOD, Flaw.TWO_VALUES, cell, min(one.values), max(one.values))
        for cell, one in beliefs.items()
        if one.share >= CERTAIN
    )
    return ModeResult(
        METHOD, len(beliefs), two_values=len(findings), relaxed=relaxed, findings=findings
    )


def believe(
    publications: Sequence[Publication],
    *,
    seed: int = 1,
    missed: float | None = None,
    to_the_end: bool = False,
) -> tuple[dict[str, Belief], int]:
    """Give what an attacker believes of each hidden cell, and how many groups need wider ranges.

    Args:
        publications: One release, or several of which cells of the same name are the same count.
        seed: Seed of the attacker's own draws.
        missed: Share of figures in sums that miss their target; learnt by replaying without.
        to_the_end: Whether to walk on also where no cell is near to being known.

    Raises:
        RefusedError: A program was not solved in time.
    """
    seen = _look(publications)
    system, _ = build_system(publications)
    found: dict[str, Belief] = {}
    relaxed = 0
    for place, group in enumerate(system.groups()):
        chance = np.random.default_rng((seed, place))
        for each in _feasible(publications, group):
            relaxed += each is not group
            found |= _believe_group(each, seen, chance, missed, to_the_end)
    return found, relaxed


def _look(publications: Sequence[Publication]) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    for publication in publications:
        for one in publication.shown:
            if one.kind in (Kind.ROUNDED, Kind.BELOW):
                held = seen.setdefault(one.cell, _Seen(one.base))
                if one.kind is Kind.BELOW and not held.figures:
                    held.figures.update(one.figures)
                    held.is_below = True
                elif one.kind is Kind.ROUNDED:
                    if held.is_below:
                        held.figures.clear()
                        held.is_below = False
                    held.figures.update(one.figures)
    return seen


def _feasible(publications: Sequence[Publication], group: System) -> list[System]:
    """Give the group with ranges that can be, or what becomes of it with figures one step off."""
    if can_be(group):
        return [group]
    names = frozenset(group.names)
    wider, _ = build_system(publications, further=names)
    found = [each for each in wider.groups() if names & set(each.names)]
    return found if all(map(can_be, found)) else []


def _believe_group(
    group: System,
    seen: Mapping[str, _Seen],
    chance: np.random.Generator,
    missed: float | None,
    to_the_end: bool,
) -> dict[str, Belief]:
    """Walk over the counts of a group and give the belief of every cell with an upper limit."""
    solver = Solver(group)
    bounds = find_bounds(group, solver=solver)
    size = len(group.names)
    if any(one.most is None for one in bounds.values()) or (group.most[:size] >= UNLIMITED).any():
        group = _limit(group, solver)
    starts = _start(group, solver, size, chance)
    if not group.sums.any():
        missed = 0.0
    elif missed is None:
        missed = _learn_missed(group, starts, seen, chance)
    weights = [
        _weigh(seen.get(name), int(group.least[at]), int(group.most[at]), missed)
        for at, name in enumerate(group.names)
    ]
    if not group.rows.shape[0]:
        tallies = [dict(enumerate(np.exp(weights[0]).tolist(), int(group.least[0])))]
    else:
        tallies, _ = _walk(group, starts, weights, chance, to_the_end)
        _walk_again(group, solver, tallies, weights, chance)
    return {
        name: _most_likely(tally)
        for name, tally in zip(group.names, tallies, strict=True)
        if bounds[name].most is not None
    }


def _limit(group: System, solver: Solver) -> System:
    """Close the ranges of counts without a limit at the highest that sums leave them."""
    most = group.most.copy()
    for at in np.flatnonzero(most >= UNLIMITED / 2):
        costs = np.zeros(len(most))
        costs[at] = -1.0
        most[at] = solver.solve(costs)[at]
    return replace(group, most=most)


def _start(
    group: System, solver: Solver, size: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Give sets of counts to start from, far apart where that can be."""
    found = []
    for _ in range(_STARTS):
        found.append(solver.solve(chance.normal(size=len(group.least)))[:size])
    return np.array(found).astype(np.int64)


def _learn_missed(
    group: System,
    starts: NDArray[np.int64],
    seen: Mapping[str, _Seen],
    chance: np.random.Generator,
) -> float:
    """Replay the method and say how often a figure misses its target because of the sums."""
    bases = {name: seen[name].base for name in group.names if name in seen}
    shares = [
        share
        for counts in starts[:_REPLAYS]
        if (share := share_off_target(group, counts, bases, chance)) is not None
    ]
    return float(np.mean(shares)) if shares else _MISSED


def _weigh(seen: _Seen | None, least: int, most: int, missed: float) -> NDArray[np.float64]:
    """Give the logarithm of how likely what was shown is, for each count from least to most."""
    if seen is None or not seen.figures:
        return np.zeros(most - least + 1)
    counts = np.arange(least, most + 1)
    return np.log(np.maximum(likelihood(counts, seen.figures, seen.base, missed), 1e-12))


def likelihood(
    counts: NDArray[np.int64], figures: set[int], base: int, missed: float
) -> NDArray[np.float64]:
    """Say how likely figures are for each count, up to a factor.

    Args:
        counts: Counts to weigh.
        figures: One figure; or those between which the cell moved or that "<10" leaves open.
        base: What figures are multiples of.
        missed: Share of figures that miss their target because sums must hold (0 to 1).
    """
    total = np.zeros(len(counts))
    for figure in figures:
        hit = np.maximum(0.0, 1.0 - np.abs(counts - figure) / base)
        other = np.where((np.abs(counts - figure) < base) & (counts != figure), 1.0 - hit, 0.0)
        total += np.where(counts == figure, 1.0, (1.0 - missed) * hit + missed * other)
    return total


def _walk_again(
    group: System,
    solver: Solver,
    tallies: list[dict[int, float]],
    weights: Sequence[NDArray[np.float64]],
    chance: np.random.Generator,
) -> None:
    """Walk from both ends of every cell that seems to be known, and put right what is not.

    Where walks from both ends do not meet, the steps are too long for this cell and what was
    counted is where they began: all that is believed then is what its own figures say.
    """
    size = len(tallies)
    known = [at for at, tally in enumerate(tallies) if _most_likely(tally).share >= CERTAIN]
    if not known:
        return
    ends = []
    for at in known:
        costs = np.zeros(len(group.least))
        for costs[at] in (1.0, -1.0):
            ends.append(solver.solve(costs)[:size])
    starts = np.array(ends).astype(np.int64)
    found, last = _walk(group, starts, weights, chance, to_the_end=True)
    for place, at in enumerate(known):
        low, high = (last[2 * place + end :: len(starts), at] for end in (0, 1))
        tallies[at] = found[at]
        if abs(np.median(low) - np.median(high)) > _MEET:
            own = np.exp(weights[at] - weights[at].max())
            tallies[at] = dict(enumerate(own.tolist(), int(group.least[at])))


def _walk(
    group: System,
    starts: NDArray[np.int64],
    weights: Sequence[NDArray[np.float64]],
    chance: np.random.Generator,
    to_the_end: bool,
) -> tuple[list[dict[int, float]], NDArray[np.int64]]:
    """Walk with all chains; count how often each cell has each value, and say where they end."""
    size = starts.shape[1]
    sums = group.rows[np.flatnonzero(group.sums)][:, np.arange(size)].toarray().astype(np.int64)
    steps = find_steps(sums, chance)
    at = np.resize(starts, (max(CHAINS, len(starts)), size))
    least = group.least[:size].astype(np.int64)
    widths = np.array([len(one) for one in weights])
    table = np.full((size, widths.max() + 2), -np.inf)
    for row, one in zip(table, weights, strict=True):
        row[1 : len(one) + 1] = one
    tallies: list[dict[int, float]] = [{} for _ in range(size)]
    for sweep in range(_WARM + SWEEPS):
        for step in steps:
            _move(at, step, table, least, chance)
        is_time = sweep == _WARM + _FIRST and not to_the_end
        if is_time and max(_most_likely(tally).share for tally in tallies) < _NEAR:
            break
        if sweep >= _WARM:
            for tally, column in zip(tallies, at.T, strict=True):
                for value, times in zip(*np.unique(column, return_counts=True), strict=True):
                    tally[int(value)] = tally.get(int(value), 0.0) + float(times)
    return tallies, at


def _move(
    at: NDArray[np.int64],
    step: NDArray[np.int64],
    table: NDArray[np.float64],
    least: NDArray[np.int64],
    chance: np.random.Generator,
) -> None:
    """Move every chain along a step, to each place by its weight.

    The places that are looked at lie around the chain at random, so that a way and its way back
    are alike.
    """
    touched = np.flatnonzero(step)
    places = np.arange(_REACH)[None, :] - chance.integers(0, _REACH, (len(at), 1))
    values = at[:, touched, None] + step[touched][None, :, None] * places[:, None, :]
    index = np.clip(values - least[touched][None, :, None] + 1, 0, table.shape[1] - 1)
    weight = table[touched[None, :, None], index].sum(axis=1)
    share = np.exp(weight - weight.max(axis=1, keepdims=True))
    reached = share.cumsum(axis=1)
    drawn = chance.random((len(at), 1)) * reached[:, -1:]
    picked = (reached < drawn).sum(axis=1)
    at[:, touched] += step[touched][None, :] * places[np.arange(len(at)), picked][:, None]


def _most_likely(tally: Mapping[int, float]) -> Belief:
    ranked = sorted(tally.items(), key=lambda one: (-one[1], one[0]))
    whole = sum(tally.values())
    best = [(value, weight) for value, weight in ranked[:2] if weight > 0]
    return Belief(tuple(value for value, _ in best), sum(weight for _, weight in best) / whole)
