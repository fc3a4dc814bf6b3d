"""Splitting the totals of several years into whole homes, so that rounding evens out.

Belongs here: the quota method on the running total, its list of homes, the methods over years by
name, and how far a split strays from what is owed. Does not belong here: one total (`apportion`),
what is owed and the running claim (`running`), many draws at once (`many`), caps beside expected
applications (`split`).

Sources: Balinski & Young, "The quota method of apportionment", American Mathematical Monthly 82
(1975), 701-730, for the first; the running claim is largest remainder on what is still owed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from models.errors import UsageError
from models.quota.claims import Claimants, TieRule, Weights, read_claimants, whole_homes
from models.quota.running import Before, Series, YearBounds, YearWeights, read_series, running_claim
from models.registry import nearest


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


def _quota_method(series: Series) -> NDArray[np.int64]:
    first = series.years[0]
    todo = "Take 'running-claim' for shares that change."
    if any(year.weights != first.weights for year in series.years):
        raise UsageError(
            "the quota method needs the same shares in every year", where="method", todo=todo
        )
    if series.goes_on():
        raise UsageError(
            "the quota method counts from the first home of all",
            where="before",
            todo="Take 'running-claim' to go on from what was owed and received.",
        )
    readings = [0, *accumulate(series.totals)]
    homes = np.asarray(quota_method_homes(first, readings), dtype=np.int64)
    rows = [
        np.bincount(homes[start:end], minlength=len(first)) for start, end in pairwise(readings)
    ]
    if not any(series.bounds):
        return np.asarray(rows, dtype=np.int64)
    for number, (bounds, row, shares) in enumerate(
        zip(series.bounds, rows, series.shares(), strict=True), 1
    ):
        if bounds is None:
            continue
        is_bent = any(
            share * first.total_weight != weight * series.totals[number - 1]
            for share, weight in zip(shares, first.weights, strict=True)
        )
        if is_bent or not bounds.allow(row.tolist()):
            raise UsageError(
                f"a minimum or maximum binds in year {number}, so that the shares are not fixed",
                where="method",
                todo=todo,
            )
    return np.asarray(rows, dtype=np.int64)


YEAR_METHODS: dict[str, Callable[[Series], NDArray[np.int64]]] = {
    "quota-method": _quota_method,
    "running-claim": running_claim,
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
    minimum: YearBounds | None = None,
    maximum: YearBounds | None = None,
    before: Before | None = None,
) -> NDArray[np.int64]:
    """Split the totals of several years into whole homes.

    `quota-method` (fixed shares): each year is the difference of two look-ups in `homes_list`.
    After every year everybody is within one of the share of all homes so far, and a larger total
    never lowers anybody's cumulative number (one year alone may fall). It takes bounds only where
    none of them binds.

    `running-claim` (shares may change): home by home to the largest claim still open, which is what
    is owed so far minus what was received, until the year's total is given. What a year adds to
    what is owed is its total's exact share within the bounds. Minima are given first, and nobody
    gets more than the maximum. Within one is certain while nothing is bounded or left from before
    and every share x yearly total is at least 1; otherwise ask `largest_deviation`.

    Args:
        weights: One vector of weights (list or mapping) for all years, or one for every year.
        totals: Homes to split, year by year.
        method: A name of `YEAR_METHODS`.
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.
        names: Names of the weights where these are lists.
        minimum: The fewest homes of each in a year, by name or as a list with None for no bound:
            one for all years, or one for every year.
        maximum: The most homes of each in a year, likewise; 0 leaves somebody out.
        before: Homes owed (exact) and homes received (whole) before the first year, each by name
            or as a list, so that a series goes on.

    Returns:
        int64 of shape (years, claimants), in the order of the (first) weights; every row adds up
        to its total and nothing is negative.

    Raises:
        UsageError: An unknown method; a total or bound that is negative or not whole; shares that
            change, bounds that bind or a series that goes on under the quota method; not one vector
            of weights or bounds for every year.
        RefusedError: Weights that are no numbers, negative or all 0; a tie where ties are refused;
            bounds that clash with each other or with a total.
    """
    if method not in YEAR_METHODS:
        raise UsageError(
            f"method {method!r} does not split several years",
            todo=f"{nearest(method, YEAR_METHODS)} A split of one total has its own methods.",
        )
    series = read_series(
        weights,
        _read_totals(totals),
        names=names,
        ties=ties,
        seed=seed,
        minimum=minimum,
        maximum=maximum,
        before=before,
    )
    return YEAR_METHODS[method](series)


def _read_totals(totals: Iterable[int]) -> list[int]:
    numbers = [whole_homes(total, f"total of year {at}") for at, total in enumerate(totals, 1)]
    if not numbers:
        raise UsageError("there are no years to split", where="totals")
    return numbers


def owed_years(
    weights: YearWeights,
    totals: Iterable[int],
    *,
    names: Iterable[str] | None = None,
    minimum: YearBounds | None = None,
    maximum: YearBounds | None = None,
) -> list[list[Fraction]]:
    """Give what every year adds to what is owed: exact shares after minima, maxima and opt-outs.

    Args:
        weights: The weights of the split: one vector, or one for every year.
        totals: Homes to split, year by year.
        names: Names of the weights where these are lists.
        minimum: The fewest homes of each in a year (see `apportion_years`).
        maximum: The most homes of each in a year.

    Returns:
        Exact homes, a list a year in the order of the (first) weights; every year adds up to its
        total.

    Raises:
        UitstroomError: What `apportion_years` would not take.
    """
    series = read_series(
        weights, _read_totals(totals), names=names, minimum=minimum, maximum=maximum
    )
    return series.shares()


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
    minimum: YearBounds | None = None,
    maximum: YearBounds | None = None,
    before: Before | None = None,
) -> Deviation:
    """Find the largest cumulative deviation of a split over years from the exact shares.

    Args:
        weights: The weights of the split: one vector, or one for every year.
        homes: Whole homes, shape (years, claimants).
        names: Names of the weights where these are lists.
        minimum: The fewest homes of each in a year, as the split had them.
        maximum: The most homes of each in a year, as the split had them.
        before: Homes owed and homes received before the first year; they count on.

    Returns:
        The deviation of the largest size, the earliest and then the first by name among equals.

    Raises:
        UitstroomError: Weights and bounds that `apportion_years` would not take, or another shape
            of homes.
    """
    if homes.ndim != 2 or len(homes) == 0:
        raise UsageError(
            "the homes are not given per year",
            where="homes",
            found=f"shape {homes.shape}",
            expected="(years, claimants), at least one year",
        )
    series = read_series(
        weights,
        homes.sum(axis=1).tolist(),
        names=names,
        minimum=minimum,
        maximum=maximum,
        before=before,
    )
    first = series.years[0]
    if homes.shape[1] != len(first):
        raise UsageError(
            "homes and weights do not match",
            where="homes",
            found=f"{homes.shape[1]} columns for {len(first)} weights",
        )
    owed, received = list(series.owed), list(series.received)
    order = sorted(range(len(first)), key=lambda each: first.ranks[each])
    deviations = []
    for number, (row, shares) in enumerate(zip(homes.tolist(), series.shares(), strict=True), 1):
        for at in order:
            owed[at] += shares[at]
            received[at] += row[at]
            deviations.append(Deviation(received[at] - owed[at], number, first.names[at]))
    return max(deviations, key=lambda deviation: abs(deviation.dwellings))
