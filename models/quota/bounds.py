"""The least and the most homes that a claimant may get, and exact shares within them.

Belongs here: reading minima and maxima, proportional shares between them, the sentences for bounds
that cannot be kept. Does not belong here: whole homes (`apportion`, `years`), bounds of a two-way
table and their clashes (`clash`), why somebody has a bound (an opt-out is a maximum of 0; its
reason stands in the key).

Source: proportional shares within bounds as in Balinski & Young, "Fair Representation" (1982),
on quotas with minimum requirements: min(max(multiplier x weight, minimum), maximum).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

from models.errors import FaultList, RefusedError, UsageError
from models.quota.claims import Claimants, Number, Weights, read_claimants, whole_homes

BoundValues = Mapping[str, int | None] | Iterable[int | None]
"""Homes by name (whoever is not named has no bound), or in the order of the weights."""

_NAMED_AT_MOST = 6


@dataclass(frozen=True)
class Bounds:
    """Bounds of every claimant, in the claimants' order.

    Attributes:
        minimum: The fewest homes that each must get.
        maximum: The most homes that each may get, None without a limit.
    """

    minimum: tuple[int, ...]
    maximum: tuple[int | None, ...]

    def highest(self, at: int, weight: int) -> int | None:
        """Give the most homes of a claimant; without weight that is its minimum."""
        return self.maximum[at] if weight else self.minimum[at]

    def allow(self, homes: Sequence[int]) -> bool:
        """Tell whether everybody's homes are within the bounds."""
        return all(
            least <= number and (most is None or number <= most)
            for least, number, most in zip(self.minimum, homes, self.maximum, strict=True)
        )


def read_bounds(
    claimants: Claimants,
    minimum: BoundValues | None,
    maximum: BoundValues | None,
    *,
    named: bool,
) -> Bounds | None:
    """Read minima and maxima.

    Args:
        claimants: Whose bounds these are.
        minimum: The fewest homes of each (None or not named: 0).
        maximum: The most homes of each (None or not named: no limit).
        named: Whether the claimants have names, so that bounds may stand by name.

    Returns:
        The bounds, or None where neither is given.

    Raises:
        UitstroomError: Bounds that are no whole numbers of 0 or more, of somebody who is not among
            the weights, in another number than the weights, or a minimum above the maximum.
    """
    if minimum is None and maximum is None:
        return None
    least = _read_side(claimants, minimum, "minimum", named)
    most = _read_side(claimants, maximum, "maximum", named)
    faults = FaultList()
    for name, low, high in zip(claimants.names, least, most, strict=True):
        if low is not None and high is not None and low > high:
            faults.add(
                RefusedError(
                    "the minimum is above the maximum",
                    where=f"bounds of {name}",
                    found=f"a minimum of {low} and a maximum of {high}",
                )
            )
    faults.raise_if_any()
    return Bounds(tuple(low or 0 for low in least), most)


def _read_side(
    claimants: Claimants, values: BoundValues | None, side: str, named: bool
) -> tuple[int | None, ...]:
    if values is None:
        return (None,) * len(claimants)
    given: list[int | None]
    if isinstance(values, Mapping):
        if not named:
            raise UsageError(f"a {side} by name needs weights by name", where=side)
        by_name = {str(name): value for name, value in values.items()}
        unknown = sorted(set(by_name) - set(claimants.names))
        if unknown:
            raise RefusedError(
                f"there is no weight of {', '.join(unknown)}",
                where=side,
                expected="names that stand among the weights",
            )
        given = [by_name.get(name) for name in claimants.names]
    elif isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise UsageError(
            f"a {side} is given per claimant",
            where=side,
            found=repr(values),
            expected="homes by name, or a list in the order of the weights",
        )
    else:
        given = list(values)
        if len(given) != len(claimants):
            raise UsageError(
                "bounds and weights do not match",
                where=side,
                found=f"{len(given)} bounds for {len(claimants)} weights",
                todo="Say None for whoever has no bound.",
            )
    return tuple(
        None if value is None else whole_homes(value, f"{side} of {name}")
        for name, value in zip(claimants.names, given, strict=True)
    )


def check_bounds(claimants: Claimants, total: int, bounds: Bounds, where: str = "total") -> None:
    """Refuse bounds that a total cannot keep.

    Raises:
        RefusedError: The minima add up to more than the total, or the maxima to less.
    """
    asked = sum(bounds.minimum)
    if asked > total:
        held = [
            f"{name} ({low})"
            for name, low in zip(claimants.names, bounds.minimum, strict=True)
            if low
        ]
        raise RefusedError(
            f"the minima of {_listed(held)} add up to {asked}, above the total of {total}",
            where=where,
        )
    tops = [bounds.highest(at, weight) for at, weight in enumerate(claimants.weights)]
    room = 0
    for top in tops:
        if top is None:
            return
        room += top
    if room < total:
        held = [
            f"{name} ({top})"
            for name, top, weight in zip(claimants.names, tops, claimants.weights, strict=True)
            if weight or top
        ]
        raise RefusedError(
            f"the maxima of {_listed(held)} add up to {room}, below the total of {total}",
            where=where,
        )


def _listed(parts: list[str]) -> str:
    """Name a few, and how many more there are."""
    if len(parts) > _NAMED_AT_MOST:
        parts = [*parts[: _NAMED_AT_MOST - 1], f"{len(parts) - _NAMED_AT_MOST + 1} others"]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def shares_within(
    claimants: Claimants, total: int, bounds: Bounds | None, where: str = "total"
) -> list[Fraction]:
    """Give everybody's exact share of a total within the bounds.

    The sum of the shares rises with the multiplier along straight pieces that bend where somebody
    leaves the minimum or reaches the maximum; the piece that holds the total is found by walking
    along the bends.

    Args:
        claimants: Who shares.
        total: Homes to share.
        bounds: Minima and maxima, or None.
        where: What the total is, for errors.

    Returns:
        The shares in the claimants' order; they add up to `total`.

    Raises:
        RefusedError: See `check_bounds`.
    """
    if bounds is None:
        return [Fraction(weight * total, claimants.total_weight) for weight in claimants.weights]
    check_bounds(claimants, total, bounds, where)
    bends: list[tuple[Fraction, int]] = []
    tops: list[int | None] = []
    for at, weight in enumerate(claimants.weights):
        top = bounds.highest(at, weight)
        tops.append(top)
        if weight:
            bends.append((Fraction(bounds.minimum[at], weight), weight))
            if top is not None:
                bends.append((Fraction(top, weight), -weight))
    bends.sort()
    given, slope, multiplier = Fraction(sum(bounds.minimum)), 0, Fraction(0)
    for bend, change in bends:
        step = slope * (bend - multiplier)
        if given + step >= total:
            break
        given, slope, multiplier = given + step, slope + change, bend
    if given < total:
        multiplier += (total - given) / slope
    return [
        _within(multiplier * weight, least, top)
        for weight, least, top in zip(claimants.weights, bounds.minimum, tops, strict=True)
    ]


def _within(share: Fraction, least: int, top: int | None) -> Fraction:
    raised = max(share, Fraction(least))
    return raised if top is None else min(raised, Fraction(top))


@overload
def bounded_shares(
    weights: Mapping[str, Number],
    total: int,
    minimum: BoundValues | None = ...,
    maximum: BoundValues | None = ...,
    *,
    names: None = ...,
) -> dict[str, Fraction]: ...


@overload
def bounded_shares(
    weights: Iterable[Number],
    total: int,
    minimum: BoundValues | None = ...,
    maximum: BoundValues | None = ...,
    *,
    names: Iterable[str] | None = ...,
) -> list[Fraction]: ...


def bounded_shares(
    weights: Weights,
    total: int,
    minimum: BoundValues | None = None,
    maximum: BoundValues | None = None,
    *,
    names: Iterable[str] | None = None,
) -> dict[str, Fraction] | list[Fraction]:
    """Share a total exactly in proportion to weights, within minima and maxima.

    Everybody gets one multiplier x weight, raised to the minimum and lowered to the maximum; the
    multiplier is the one with which all shares add up to the total. A weight of 0 gets its minimum.

    Args:
        weights: Weights of 0 or more, by name or as a list.
        total: Homes to share, a whole number.
        minimum: The fewest homes of each: by name (whoever is not named has none), or a list in
            the order of the weights with None for no bound.
        maximum: The most homes of each, likewise; 0 leaves somebody out.
        names: Names of the weights of a list.

    Returns:
        Exact shares by name for a mapping, else a list in the order of the weights.

    Raises:
        UsageError: A total or bound that is negative or not whole; bounds that do not match.
        RefusedError: Weights that `apportion` refuses; a minimum above its maximum; minima that add
            up to more than the total; maxima that add up to less.
    """
    labels = None if names is None else list(names)
    claimants = read_claimants(weights, names=labels)
    named = isinstance(weights, Mapping) or labels is not None
    bounds = read_bounds(claimants, minimum, maximum, named=named)
    shares = shares_within(claimants, whole_homes(total, "total"), bounds)
    return dict(zip(weights, shares, strict=True)) if isinstance(weights, Mapping) else shares
