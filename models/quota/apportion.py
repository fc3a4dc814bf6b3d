"""Splitting one total into whole homes by one of six methods, exactly.

Belongs here: the methods of one split and their registry. Does not belong here: several years
(`years`), many draws at once (`many`), keys (`keys`), reading minima and maxima (`bounds`).

Sources: Balinski & Young, "The quota method of apportionment", American Mathematical Monthly 82
(1975), 701-730, and "Fair Representation" (1982), for the divisors, the published examples and
divisor methods with minima and maxima (the middle one of minimum, rounding and maximum).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import overload

from models.errors import UsageError
from models.quota.bounds import Bounds, BoundValues, check_bounds, read_bounds, shares_within
from models.quota.claims import (
    Claimants,
    Number,
    TieRule,
    Weights,
    read_claimants,
    whole_homes,
)
from models.registry import nearest

Split = Callable[[Claimants, int, Bounds | None], list[int]]
"""A method: claimants, a total and bounds in, homes in the claimants' order out."""


def largest_remainder(claimants: Claimants, total: int, bounds: Bounds | None = None) -> list[int]:
    """Give everybody the whole part of the exact share, then the rest by largest remainder.

    Hamilton's method. Always within one of the exact share; a larger total can cost somebody a
    home (6, 6, 2: of 10 homes 4, 4, 2; of 11 homes 5, 5, 1). With bounds the shares are those
    within the bounds; whoever stands at a whole bound has no remainder, so that it is kept.

    Raises:
        RefusedError: Ties are refused and the last home hangs on one; bounds that the total cannot
            keep.
    """
    parts: list[tuple[int, int | Fraction]]
    if bounds is None:
        parts = [divmod(weight * total, claimants.total_weight) for weight in claimants.weights]
    else:
        parts = [divmod(share, 1) for share in shares_within(claimants, total, bounds)]
    homes = [whole for whole, _ in parts]
    left = total - sum(homes)
    order = sorted(range(len(homes)), key=lambda at: (-parts[at][1], claimants.ranks[at]))
    for at in order[:left]:
        homes[at] += 1
    if left:
        last = parts[order[left - 1]][1]
        tied = [at for at in order if parts[at][1] == last]
        if parts[order[left]][1] == last:
            claimants.refuse_tie(tied, "the last home")
    return homes


@dataclass(frozen=True)
class Divisor:
    """A divisor method: every home goes to the largest weight / divisor(homes received).

    Attributes:
        divisor: Homes received to the divisor of the next home, as numerator and denominator; its
            square where `squared`.
        squared: Whether the divisor is a square root, so that squares are compared.
        serves_everyone: Whether the first divisor is 0, so that every positive weight gets a home
            before anybody gets a second one.
    """

    divisor: Callable[[int], tuple[int, int]]
    squared: bool = False
    serves_everyone: bool = False

    def __call__(self, claimants: Claimants, total: int, bounds: Bounds | None = None) -> list[int]:
        """Split a total.

        Homes that surely belong to somebody (the whole part of the exact share of a total that is
        smaller by the number of claimants) are given at once, the few that are left one by one to
        those below their maximum.

        Raises:
            UsageError: The method serves everyone and the total is too small for that.
            RefusedError: Ties are refused and the last home hangs on one; bounds that the total
                cannot keep.
        """
        homes = self._sure_homes(claimants, total, bounds)
        power = 2 if self.squared else 1
        # Two different ratios with denominators below 2**bits differ by more than 2**-(2 bits):
        # their whole parts after that shift differ too, and equal ratios stay equal.
        shift = 2 * self.divisor(total + 1)[0].bit_length()

        def entry(at: int) -> tuple[int, int, int]:
            above, below = self.divisor(homes[at])
            ratio = (claimants.weights[at] ** power * below << shift) // above
            return -ratio, claimants.ranks[at], at

        tops = [None] * len(homes) if bounds is None else bounds.maximum
        open_to = [
            at
            for at, (weight, top) in enumerate(zip(claimants.weights, tops, strict=True))
            if weight and (top is None or homes[at] < top)
        ]
        queue = [entry(at) for at in open_to]
        heapify(queue)
        left = total - sum(homes)
        for home in range(left):
            ratio, _, at = heappop(queue)
            homes[at] += 1
            if home == left - 1:
                tied = [other for equal, _, other in queue if equal == ratio]
                if tied:
                    claimants.refuse_tie([at, *tied], "the last home")
            top = tops[at]
            if top is None or homes[at] < top:
                heappush(queue, entry(at))
        return homes

    def _sure_homes(self, claimants: Claimants, total: int, bounds: Bounds | None) -> list[int]:
        if bounds is not None:
            check_bounds(claimants, total, bounds)
        if self.serves_everyone:
            bounds = self._serving(claimants, total, bounds)
        sure = max(total - len(claimants), 0)
        if bounds is None:
            return [weight * sure // claimants.total_weight for weight in claimants.weights]
        sure = max(sure, sum(bounds.minimum))
        return [int(share) for share in shares_within(claimants, sure, bounds)]

    def _serving(self, claimants: Claimants, total: int, bounds: Bounds | None) -> Bounds | None:
        """Raise the minimum of every positive weight to one, unless its maximum is 0."""
        if bounds is None:
            bounds = Bounds((0,) * len(claimants), (None,) * len(claimants))
        least = tuple(
            max(low, 1) if weight and most != 0 else low
            for weight, low, most in zip(
                claimants.weights, bounds.minimum, bounds.maximum, strict=True
            )
        )
        if total < sum(least):
            served = sum(weight > 0 for weight in claimants.weights)
            only_weights = sum(least) == served
            raise UsageError(
                "this method gives every weight above 0 at least one home",
                where="total",
                found=str(total),
                expected=f"at least {served}, the number of weights above 0"
                if only_weights
                else f"at least {sum(least)}, one home or the minimum of everybody with a weight",
                todo="Take another method or a larger total.",
            )
        return Bounds(least, bounds.maximum)


METHODS: dict[str, Split] = {
    "largest-remainder": largest_remainder,
    "sainte-lague": Divisor(lambda received: (2 * received + 1, 2)),
    "dhondt": Divisor(lambda received: (received + 1, 1)),
    "huntington-hill": Divisor(
        lambda received: (received * (received + 1), 1), squared=True, serves_everyone=True
    ),
    "adams": Divisor(lambda received: (received, 1), serves_everyone=True),
    "dean": Divisor(
        lambda received: (2 * received * (received + 1), 2 * received + 1), serves_everyone=True
    ),
}
"""The methods of one split by name, in reading order."""


@overload
def apportion(
    weights: Mapping[str, Number],
    total: int,
    method: str = ...,
    *,
    ties: str = ...,
    seed: int | None = ...,
    names: None = ...,
    minimum: BoundValues | None = ...,
    maximum: BoundValues | None = ...,
) -> dict[str, int]: ...


@overload
def apportion(
    weights: Iterable[Number],
    total: int,
    method: str = ...,
    *,
    ties: str = ...,
    seed: int | None = ...,
    names: Iterable[str] | None = ...,
    minimum: BoundValues | None = ...,
    maximum: BoundValues | None = ...,
) -> list[int]: ...


def apportion(
    weights: Weights,
    total: int,
    method: str = "largest-remainder",
    *,
    ties: str = TieRule.CODE,
    seed: int | None = None,
    names: Iterable[str] | None = None,
    minimum: BoundValues | None = None,
    maximum: BoundValues | None = None,
) -> dict[str, int] | list[int]:
    """Split one total into whole homes.

    Weights are read without loss and compared exactly, so that a tie is a tie and nothing else is.
    A weight of 0 gets 0, or its minimum. With names (or a mapping) the result does not depend on
    the order.

    Within bounds, largest remainder rounds the exact shares within them (`bounded_shares`); a
    divisor method gives the middle one of minimum, rounded quotient and maximum.

    Args:
        weights: Weights of 0 or more, by name or as a list.
        total: Homes to split, a whole number.
        method: A name of `METHODS`.
        ties: How equal claims are decided: `code` (lowest name first), `lot` (with `seed`) or
            `refuse`. Without names the position stands for the name.
        seed: Seed of the lot, to be recorded beside the result.
        names: Names of the weights of a list.
        minimum: The fewest homes of each: by name (whoever is not named has none), or a list in
            the order of the weights with None for no bound.
        maximum: The most homes of each, likewise; 0 leaves somebody out.

    Returns:
        Homes by name for a mapping, else a list in the order of the weights; they add up to
        `total`.

    Raises:
        UsageError: An unknown method or tie rule, a total that is negative, not whole, or below
            the number of positive weights for a method that gives everybody one; bounds that are
            not whole or do not match the weights.
        RefusedError: Weights that are no numbers, negative or all 0; a tie where ties are refused;
            bounds that clash with each other or with the total.
    """
    if method not in METHODS:
        raise UsageError(
            f"method {method!r} does not split one total",
            todo=f"{nearest(method, METHODS)} A split over several years has its own methods.",
        )
    labels = None if names is None else list(names)
    claimants = read_claimants(weights, names=labels, ties=ties, seed=seed)
    named = isinstance(weights, Mapping) or labels is not None
    bounds = read_bounds(claimants, minimum, maximum, named=named)
    homes = METHODS[method](claimants, whole_homes(total, "total"), bounds)
    if isinstance(weights, Mapping):
        return dict(zip(weights, homes, strict=True))
    return homes
