"""Splitting the totals of several years into whole homes, so that rounding evens out.

Belongs here: the quota method on the running total, its list of homes, the running claim, and how
far a split strays from what is owed. Does not belong here: one total (`apportion`), caps beside
expected applications (`split`).

Sources: Balinski & Young, "The quota method of apportionment", American Mathematical Monthly 82
(1975), 701-730, for the first; the running claim is largest remainder on what is still owed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import accumulate, pairwise
from math import lcm
from typing import cast

import numpy as np
from numpy.typing import NDArray

from models.errors import RefusedError, UsageError
from models.quota.claims import (
    Claimants,
    Number,
    TieRule,
    Weights,
    read_claimants,
    whole_homes,
)
from models.registry import nearest

YearWeights = Weights | Iterable[Weights]
"""One vector of weights for all years, or one for every year."""


@dataclass
class TieWatch:
    """Follows homes that are given one by one and refuses ties that decide something.

    Equal claims under the quota method decide nothing as long as all of them are met before the
    count is read: whoever goes first, what happens in between and the end are the same.
    """

    claimants: Claimants
    tied: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)

    def give(self, best: Sequence[int]) -> None:
        """Note that the first of the equally best gets a home."""
        if not self.waiting:
            self.tied = set()
        if len(best) > 1:
            self.tied |= set(best)
        self.waiting = (self.waiting | set(best)) - {best[0]}

    def read(self, what: str) -> None:
        """Note that the count is read here.

        Raises:
            RefusedError: Ties are refused, and one of several equal claims is met already.
        """
        if self.waiting:
            self.claimants.refuse_tie(self.tied, what)
        self.tied, self.waiting = set(), set()


def homes_list(
    weights: Weights,
    total: int,
    *,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    names: Iterable[str] | None = None,
) -> NDArray[np.int64]:
    """List who gets home 1, 2, ... under the quota method ("the next home goes to ...").

    Home h goes to the largest weight / (received + 1) among those who have received less than
    h x share. After every home everybody is within one of the share of all homes so far, nothing is
    ever taken back, and a larger total never takes a home away.

    Args:
        weights: Weights of 0 or more, by name or as a list.
        total: Length of the list (homes).
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.
        names: Names of the weights of a list.

    Returns:
        Shape (total,): the position of the receiver among the weights, home by home. The order
        follows from names alone, the positions from the order of the weights.

    Raises:
        UitstroomError: See `apportion`; where ties are refused, any tie in the list is.
    """
    claimants = read_claimants(weights, names=names, ties=ties, seed=seed)
    length = whole_homes(total, "total")
    return np.asarray(quota_method_homes(claimants, range(1, length + 1)), dtype=np.int64)


def received_after(homes: NDArray[np.int64], claimants: int) -> NDArray[np.int64]:
    """Turn a list of homes into a table to look up: who has how many after each home.

    Args:
        homes: The list of `homes_list`.
        claimants: Number of weights that it was made from.

    Returns:
        Shape (len(homes) + 1, claimants); row n holds the homes received after n homes. Index it
        with cumulative totals of any shape, draws and years for instance.
    """
    table = np.zeros((len(homes) + 1, claimants), dtype=np.int64)
    table[np.arange(1, len(homes) + 1), homes] = 1
    return np.cumsum(table, axis=0)


def quota_method_homes(claimants: Claimants, readings: Sequence[int]) -> list[int]:
    """List the receivers of the quota method up to the last of the rising `readings`.

    Args:
        claimants: Who shares.
        readings: Numbers of homes after which the count is read; only a tie across one of them
            decides something.

    Raises:
        RefusedError: Ties are refused and one decides something.
    """
    total = readings[-1] if readings else 0
    weights, sum_of_weights = claimants.weights, claimants.total_weight
    shift = 2 * (total + 1).bit_length()  # keeps different ratios apart: see `Divisor`
    received = [0] * len(claimants)
    # The next home of everybody first waits for the home from which on it is below the share.
    waiting = [(1, at) for at in range(len(claimants)) if weights[at]]
    ready: list[tuple[int, int, int]] = []
    heapify(waiting)
    watch = TieWatch(claimants) if claimants.refuses_ties else None
    read_at = set(readings)
    homes = []
    for home in range(1, total + 1):
        while waiting and waiting[0][0] <= home:
            at = heappop(waiting)[1]
            ratio = (weights[at] << shift) // (received[at] + 1)
            heappush(ready, (-ratio, claimants.ranks[at], at))
        best, _, at = heappop(ready)
        if watch is not None:
            watch.give([at, *(other for ratio, _, other in ready if ratio == best)])
            if home in read_at:
                watch.read(f"home {home}")
        received[at] += 1
        homes.append(at)
        heappush(waiting, (received[at] * sum_of_weights // weights[at] + 1, at))
    return homes


def next_in_line(
    claimants: Claimants, received: Sequence[int], allowed: Iterable[int]
) -> tuple[list[int], bool]:
    """Give those with the best claim to the next home under the quota method.

    Where everybody who is allowed a home has the share already, the home goes to the largest open
    claim (share of all homes with this one, minus received).

    Args:
        claimants: Who shares.
        received: Homes that each has received so far.
        allowed: Positions of those who may get the home (with a weight above 0).

    Returns:
        Those with the best claim in the order of the tie rule (the first gets the home), and
        whether they stand below their share.
    """
    home = sum(received) + 1
    weights, total = claimants.weights, claimants.total_weight
    candidates = list(allowed)
    below = [at for at in candidates if received[at] * total < home * weights[at]]
    if below:
        shift = 2 * (home + 1).bit_length()
        claims = {at: (weights[at] << shift) // (received[at] + 1) for at in below}
    else:
        claims = {at: home * weights[at] - received[at] * total for at in candidates}
    best = max(claims.values())
    tied = [at for at, claim in claims.items() if claim == best]
    return sorted(tied, key=lambda at: claimants.ranks[at]), bool(below)


def _quota_method(years: list[Claimants], totals: list[int]) -> NDArray[np.int64]:
    first = years[0]
    if any(year.weights != first.weights for year in years):
        raise UsageError(
            "the quota method needs the same shares in every year",
            where="method",
            todo="Take 'running-claim' for shares that change.",
        )
    readings = [0, *accumulate(totals)]
    homes = np.asarray(quota_method_homes(first, readings), dtype=np.int64)
    rows = [
        np.bincount(homes[start:end], minlength=len(first)) for start, end in pairwise(readings)
    ]
    return np.asarray(rows, dtype=np.int64)


def _running_claim(years: list[Claimants], totals: list[int]) -> NDArray[np.int64]:
    scale = lcm(*(year.total_weight for year in years))
    claims = [0] * len(years[0])
    rows = np.zeros((len(totals), len(claims)), dtype=np.int64)
    for number, (year, total) in enumerate(zip(years, totals, strict=True)):
        part = total * (scale // year.total_weight)
        claims = [claim + part * weight for claim, weight in zip(claims, year.weights, strict=True)]
        queue = [(-claim, year.ranks[at], at) for at, claim in enumerate(claims)]
        heapify(queue)
        for home in range(total):
            claim, rank, at = heappop(queue)
            claims[at] -= scale
            rows[number, at] += 1
            if home == total - 1:
                tied = [other for equal, _, other in queue if equal == claim]
                if tied:
                    year.refuse_tie([at, *tied], f"the last home of year {number + 1}")
            heappush(queue, (claim + scale, rank, at))
    return rows


YEAR_METHODS: dict[str, Callable[[list[Claimants], list[int]], NDArray[np.int64]]] = {
    "quota-method": _quota_method,
    "running-claim": _running_claim,
}
"""The methods over several years by name, in reading order."""


def apportion_years(
    weights: YearWeights,
    totals: Iterable[int],
    method: str = "quota-method",
    *,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    names: Iterable[str] | None = None,
) -> NDArray[np.int64]:
    """Split the totals of several years into whole homes.

    `quota-method` (fixed shares): each year is the difference of two look-ups in `homes_list`.
    After every year everybody is within one of the share of all homes so far, and a larger total
    never lowers anybody's cumulative number (one year alone may fall).

    `running-claim` (shares may change): home by home to the largest claim still open, which is what
    is owed so far minus what was received, until the year's total is given. Within one is certain
    while every share x yearly total is at least 1; otherwise ask `largest_deviation`.

    Args:
        weights: One vector of weights (list or mapping) for all years, or one for every year.
        totals: Homes to split, year by year.
        method: A name of `YEAR_METHODS`.
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.
        names: Names of the weights where these are lists.

    Returns:
        int64 of shape (years, claimants), in the order of the (first) weights; every row adds up
        to its total and nothing is negative.

    Raises:
        UsageError: An unknown method; a total that is negative or not whole; shares that change
            under the quota method; not one vector of weights for every year.
        RefusedError: Weights that are no numbers, negative or all 0; a tie where ties are refused.
    """
    if method not in YEAR_METHODS:
        raise UsageError(
            f"method {method!r} does not split several years",
            todo=f"{nearest(method, YEAR_METHODS)} A split of one total has its own methods.",
        )
    numbers = [whole_homes(total, f"total of year {at}") for at, total in enumerate(totals, 1)]
    if not numbers:
        raise UsageError("there are no years to split", where="totals")
    years = _read_years(weights, len(numbers), names, ties, seed)
    return YEAR_METHODS[method](years, numbers)


def _read_years(
    weights: YearWeights,
    years: int,
    names: Iterable[str] | None,
    ties: str,
    seed: int | None,
) -> list[Claimants]:
    labels = None if names is None else list(names)
    read = [read_claimants(each, names=labels, ties=ties, seed=seed) for each in _vectors(weights)]
    if len(read) == 1:
        return read * years
    if len(read) != years:
        raise UsageError(
            "weights and totals do not match",
            where="weights",
            found=f"{len(read)} vectors of weights for {years} years",
            expected="one for all years, or one for every year",
        )
    return [_in_order(each, read[0], number) for number, each in enumerate(read, 1)]


def _vectors(weights: YearWeights) -> list[Weights]:
    if isinstance(weights, Mapping):
        return [weights]
    items = list(weights)
    if items and isinstance(items[0], Iterable) and not isinstance(items[0], str):
        return cast("list[Weights]", items)
    return [cast("list[Number]", items)]


def _in_order(claimants: Claimants, first: Claimants, year: int) -> Claimants:
    """Put a later year's claimants in the order of the first year's."""
    if sorted(claimants.names) != sorted(first.names):
        raise RefusedError(
            "the names are not those of year 1",
            where=f"weights of year {year}",
            found=", ".join(claimants.names),
            expected=", ".join(first.names),
        )
    place = {name: at for at, name in enumerate(claimants.names)}
    weights = tuple(claimants.weights[place[name]] for name in first.names)
    return Claimants(first.names, weights, first.ranks, first.refuses_ties)


@dataclass(frozen=True)
class Deviation:
    """The furthest that a split over years strays from what is owed.

    Attributes:
        dwellings: Received minus owed, both since the first year.
        year: Number of the year after which this is so, from 1.
        name: Whose number it is (the position from 1 where there are no names).
    """

    dwellings: Fraction
    year: int
    name: str


def largest_deviation(
    weights: YearWeights,
    homes: NDArray[np.int64],
    *,
    names: Iterable[str] | None = None,
) -> Deviation:
    """Find the largest cumulative deviation of a split over years from the exact shares.

    Args:
        weights: The weights of the split: one vector, or one for every year.
        homes: Whole homes, shape (years, claimants).
        names: Names of the weights where these are lists.

    Returns:
        The deviation of the largest size, the earliest and then the first by name among equals.

    Raises:
        UitstroomError: Weights that `apportion_years` would not take, or another shape of homes.
    """
    if homes.ndim != 2 or len(homes) == 0:
        raise UsageError(
            "the homes are not given per year",
            where="homes",
            found=f"shape {homes.shape}",
            expected="(years, claimants), at least one year",
        )
    years = _read_years(weights, len(homes), names, TieRule.CODE, None)
    first = years[0]
    if homes.shape[1] != len(first):
        raise UsageError(
            "homes and weights do not match",
            where="homes",
            found=f"{homes.shape[1]} columns for {len(first)} weights",
        )
    owed = [Fraction(0)] * len(first)
    received = [0] * len(first)
    deviations = []
    for number, (year, row) in enumerate(zip(years, homes.tolist(), strict=True), 1):
        for at in sorted(range(len(first)), key=lambda each: first.ranks[each]):
            owed[at] += Fraction(sum(row) * year.weights[at], year.total_weight)
            received[at] += row[at]
            deviations.append(Deviation(received[at] - owed[at], number, first.names[at]))
    return max(deviations, key=lambda deviation: abs(deviation.dwellings))
