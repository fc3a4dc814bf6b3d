"""What is owed year by year, and the running claim: homes to the largest claim still open.

Belongs here: reading the years of a series (weights, totals, bounds, what came before), the exact
shares owed, the running claim. Does not belong here: fixed shares and their list of homes, the
registry of methods (`years`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import lcm
from typing import cast

import numpy as np
from numpy.typing import NDArray

from models.errors import RefusedError, UsageError
from models.quota.bounds import Bounds, BoundValues, read_bounds, shares_within
from models.quota.claims import (
    Claimants,
    Number,
    TieRule,
    Weights,
    exact_number,
    read_claimants,
    whole_homes,
)

YearWeights = Weights | Iterable[Weights]
"""One vector of weights for all years, or one for every year."""

YearBounds = BoundValues | Iterable[BoundValues | None]
"""Bounds of a year for all years, or one set for every year (None for a year without)."""

Before = tuple[Weights, Weights]
"""Homes owed and homes received at the start of a series, each by name or as a list."""


@dataclass(frozen=True)
class Series:
    """The years that are split one after another, all in the order of the first year's weights.

    Attributes:
        years: Claimants of every year.
        totals: Homes to split, year by year.
        bounds: Bounds of every year, or None.
        owed: What each was owed before the first year (homes).
        received: What each had received before the first year (homes).
    """

    years: list[Claimants]
    totals: list[int]
    bounds: list[Bounds | None]
    owed: list[Fraction]
    received: list[int]

    def shares(self) -> list[list[Fraction]]:
        """Give what each year adds to what is owed: its total's exact shares within the bounds.

        Raises:
            RefusedError: Bounds that the total of their year cannot keep.
        """
        return [
            shares_within(year, total, bounds, f"year {number}")
            for number, (year, total, bounds) in enumerate(
                zip(self.years, self.totals, self.bounds, strict=True), 1
            )
        ]

    def goes_on(self) -> bool:
        """Tell whether anything was owed or received before the first year."""
        return any(self.owed) or any(self.received)


def read_series(
    weights: YearWeights,
    totals: Sequence[int],
    *,
    names: Iterable[str] | None = None,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    minimum: YearBounds | None = None,
    maximum: YearBounds | None = None,
    before: Before | None = None,
) -> Series:
    """Read the years of a split.

    Args:
        weights: One vector of weights for all years, or one for every year.
        totals: Whole homes, year by year.
        names: Names of the weights where these are lists.
        ties: A `TieRule`.
        seed: Seed of the lot.
        minimum: The fewest homes of each in a year, for all years or for every year.
        maximum: The most homes of each in a year, likewise.
        before: Homes owed and homes received before the first year.

    Raises:
        UitstroomError: Weights, bounds or a start that cannot be read, or that do not match.
    """
    labels = None if names is None else list(names)
    vectors = _vectors(weights)
    named = labels is not None or isinstance(vectors[0], Mapping)
    read = [read_claimants(each, names=labels, ties=ties, seed=seed) for each in vectors]
    if len(read) not in (1, len(totals)):
        raise UsageError(
            "weights and totals do not match",
            where="weights",
            found=f"{len(read)} vectors of weights for {len(totals)} years",
            expected="one for all years, or one for every year",
        )
    first = read[0]
    years = [_in_order(each, first, number) for number, each in enumerate(read, 1)]
    if len(years) == 1:
        years *= len(totals)
    least, most = (
        _by_year(side, len(totals), what)
        for side, what in ((minimum, "minimum"), (maximum, "maximum"))
    )
    bounds = [
        read_bounds(first, low, high, named=named) for low, high in zip(least, most, strict=True)
    ]
    owed, received = _read_before(first, before, named)
    return Series(years, list(totals), bounds, owed, received)


def _vectors(weights: YearWeights) -> list[Weights]:
    if isinstance(weights, Mapping):
        return [weights]
    items = list(weights)
    if items and isinstance(items[0], Iterable) and not isinstance(items[0], str):
        return cast("list[Weights]", items)
    return [cast("list[Number]", items)]


def _in_order(claimants: Claimants, first: Claimants, year: int) -> Claimants:
    """Put a later year's claimants in the order of the first year's."""
    if claimants.names == first.names:
        return claimants
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


def _by_year(values: YearBounds | None, years: int, side: str) -> list[BoundValues | None]:
    if values is None or isinstance(values, Mapping | str):
        return [cast("BoundValues | None", values)] * years
    items = list(values)
    if not any(isinstance(item, Iterable) for item in items):
        return [cast("list[int | None]", items)] * years
    if len(items) != years:
        raise UsageError(
            "bounds and totals do not match",
            where=side,
            found=f"bounds of {len(items)} years for {years} years",
            expected="bounds for all years, or for every year",
        )
    return cast("list[BoundValues | None]", items)


def _read_before(
    first: Claimants, before: Before | None, named: bool
) -> tuple[list[Fraction], list[int]]:
    if before is None:
        return [Fraction(0)] * len(first), [0] * len(first)
    if isinstance(before, str | Mapping) or len(before) != 2:
        raise UsageError(
            "what came before is not given as homes owed and homes received", where="before"
        )
    owed, received = (
        _start(first, side, what, named)
        for side, what in zip(before, ("owed", "received"), strict=True)
    )
    return (
        [
            exact_number(value, f"owed before of {name}")
            for name, value in zip(first.names, owed, strict=True)
        ],
        [
            whole_homes(value, f"received before of {name}")
            for name, value in zip(first.names, received, strict=True)
        ],
    )


def _start(first: Claimants, side: Weights, what: str, named: bool) -> list[object]:
    where = f"homes {what} before"
    if isinstance(side, Mapping):
        if not named:
            raise UsageError("numbers by name need weights by name", where=where)
        by_name = {str(name): value for name, value in side.items()}
        if set(by_name) != set(first.names):
            raise RefusedError(
                "the names are not those of the weights",
                where=where,
                found=", ".join(sorted(by_name)),
                expected=", ".join(sorted(first.names)),
            )
        return [by_name[name] for name in first.names]
    values: list[object] = list(side)
    if len(values) != len(first):
        raise UsageError(
            "they do not match the weights",
            where=where,
            found=f"{len(values)} numbers for {len(first)} weights",
        )
    return values


def running_claim(series: Series) -> NDArray[np.int64]:
    """Split every year home by home to the largest claim still open (owed so far - received).

    Minima are given first; whoever stands at the year's maximum waits. Somebody without weight in
    the year gets a home only for what is still open from earlier years.

    Args:
        series: The years.

    Returns:
        int64 of shape (years, claimants).

    Raises:
        RefusedError: Ties are refused and the last home of a year hangs on one; bounds that a total
            cannot keep.
    """
    shares = series.shares()
    scale = lcm(*(share.denominator for row in [series.owed, *shares] for share in row))
    claims = [
        owed.numerator * (scale // owed.denominator) - received * scale
        for owed, received in zip(series.owed, series.received, strict=True)
    ]
    rows = np.zeros((len(series.totals), len(claims)), dtype=np.int64)
    for number, row in enumerate(shares):
        claims = [
            claim + share.numerator * (scale // share.denominator)
            for claim, share in zip(claims, row, strict=True)
        ]
        rows[number] = _give_year(series, number, claims, scale)
    return rows


def _give_year(series: Series, number: int, claims: list[int], scale: int) -> list[int]:
    """Give the homes of one year; `claims` (in 1 / scale homes) goes on with them."""
    year, bounds = series.years[number], series.bounds[number]
    given = [0] * len(year) if bounds is None else list(bounds.minimum)
    tops = [None] * len(year) if bounds is None else bounds.maximum
    for at, homes in enumerate(given):
        claims[at] -= homes * scale

    def may_get(at: int) -> bool:
        top = tops[at]
        return (year.weights[at] > 0 or claims[at] > 0) and (top is None or given[at] < top)

    queue = [(-claims[at], year.ranks[at], at) for at in range(len(year)) if may_get(at)]
    heapify(queue)
    left = series.totals[number] - sum(given)
    for home in range(left):
        claim, rank, at = heappop(queue)
        claims[at] -= scale
        given[at] += 1
        if home == left - 1:
            tied = [other for equal, _, other in queue if equal == claim]
            if tied:
                year.refuse_tie([at, *tied], f"the last home of year {number + 1}")
        if may_get(at):
            heappush(queue, (claim + scale, rank, at))
    return given
