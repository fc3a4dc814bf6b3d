"""What every method of the quota model takes in, made exact: weights, totals, names and ties.

Belongs here: reading weights of any numeric kind without loss, whole totals, the declared tie
rules. Does not belong here: the methods themselves (`apportion`, `years`), keys (`keys`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from numbers import Rational

import numpy as np

from models.errors import FaultList, RefusedError, UitstroomError, UsageError
from models.registry import nearest

Number = int | float | Decimal | Fraction
"""What a weight may be; a float counts as its shortest decimal (0.1 is one tenth)."""

Weights = Mapping[str, Number] | Iterable[Number]
"""Weights by name, or in a fixed order."""


class TieRule(StrEnum):
    """How equal claims to one home are decided; never by the order of the rows.

    Without names the position in the list stands for the name.
    """

    CODE = "code"
    """The lowest code (name) goes first."""
    LOT = "lot"
    """By lot: the order of a hash of seed and name, so that a recorded seed repeats the lot."""
    REFUSE = "refuse"
    """A tie that would decide anything is refused."""


def exact_number(value: object, what: str) -> Fraction:
    """Give a number as an exact fraction.

    Args:
        value: An int, float, Decimal or Fraction, or a NumPy number of these kinds.
        what: What the number is, as the place in an error.

    Raises:
        RefusedError: The value is no number, or not a finite one.
    """
    if type(value) is Fraction:
        return value
    if isinstance(value, float | np.floating | Decimal):
        if not math.isfinite(value):
            raise RefusedError(
                "this is not a finite number", where=what, found=str(value), expected="a number"
            )
        return Fraction(Decimal(str(value)))
    if isinstance(value, Rational) and not isinstance(value, bool):
        return Fraction(int(value.numerator), int(value.denominator))
    raise RefusedError(
        "this is not a number",
        where=what,
        found=repr(value),
        expected="an int, float, Decimal or Fraction",
    )


def exact_weight(value: object, what: str) -> Fraction:
    """Give a number of 0 or more as an exact fraction.

    Raises:
        RefusedError: The value is no number, not finite, or negative.
    """
    number = exact_number(value, what)
    if number < 0:
        raise RefusedError("this is negative", where=what, found=str(value), expected="0 or more")
    return number


def whole_homes(value: object, what: str) -> int:
    """Give a number of homes as an int.

    Raises:
        UsageError: The value is no number, negative, or not whole.
    """
    try:
        number = exact_number(value, what)
    except RefusedError as error:
        raise UsageError(
            error.what, where=what, found=error.found, expected="a whole number of 0 or more"
        ) from error
    if number < 0 or number.denominator != 1:
        wrong = "this is negative" if number < 0 else "this is not a whole number"
        raise UsageError(
            wrong, where=what, found=str(value), expected="a whole number of 0 or more"
        )
    return int(number)


@dataclass(frozen=True)
class Claimants:
    """Who shares in a total, in the caller's order.

    Attributes:
        names: Names, or positions from 1 where none were given.
        weights: Whole numbers in the proportion of the weights, without a common divisor.
        ranks: The order of the tie rule: of two equal claims the lower rank goes first.
        refuses_ties: Whether a tie that decides is refused instead.
    """

    names: tuple[str, ...]
    weights: tuple[int, ...]
    ranks: tuple[int, ...]
    refuses_ties: bool = False
    total_weight: int = field(init=False)

    def __post_init__(self) -> None:
        """Add the weights up once."""
        object.__setattr__(self, "total_weight", sum(self.weights))

    def __len__(self) -> int:
        """Count the claimants."""
        return len(self.names)

    def refuse_tie(self, tied: Iterable[int], what: str) -> None:
        """Raise for a tie that decides something, where the tie rule asks for that.

        Args:
            tied: Positions of those with an equal claim.
            what: What hangs on the tie, as the start of a sentence.

        Raises:
            RefusedError: Ties are refused and this one decides.
        """
        if self.refuses_ties:
            order = sorted(tied, key=lambda at: self.ranks[at])
            *others, last = [self.names[at] for at in order]
            raise RefusedError(
                f"{what} hangs on a tie of {', '.join(others)} and {last}, and ties are refused",
                todo="Choose the tie rule 'code' or 'lot' (with a seed), or other weights.",
            )


def read_claimants(
    weights: Weights,
    *,
    names: Iterable[str] | None = None,
    ties: str = TieRule.CODE,
    seed: int | None = None,
) -> Claimants:
    """Read weights, names and the tie rule.

    Args:
        weights: Weights of 0 or more, in any unit; a mapping brings its own names.
        names: Names of the weights of a list, each once.
        ties: A `TieRule`.
        seed: Seed of the lot, a whole number of 0 or more; only for ties by lot.

    Raises:
        UitstroomError: No weights, a weight that is no number or negative, nothing but zeros,
            names that do not match or are not unique, an unknown tie rule, a lot without a seed.
    """
    if isinstance(weights, str | bytes):
        raise RefusedError(
            "the weights are text", found=repr(weights), expected="a list of numbers"
        )
    if isinstance(weights, Mapping):
        if names is not None:
            raise UsageError("names are given twice", where="names", todo="A mapping has its own.")
        given: tuple[str, ...] | None = tuple(str(name) for name in weights)
        values: list[object] = list(weights.values())
    else:
        given = None if names is None else tuple(str(name) for name in names)
        values = list(weights)
    _check_names(given, len(values))
    labels = given or tuple(str(position) for position in range(1, len(values) + 1))
    kind = "weight of " if given else "weight "
    faults = FaultList()
    exact: list[Fraction] = []
    for label, value in zip(labels, values, strict=True):
        try:
            exact.append(exact_weight(value, f"{kind}{label}"))
        except UitstroomError as fault:
            faults.add(fault)
    faults.raise_if_any()
    ranks, refuses = _tie_order(labels, given is not None, ties, seed)
    return Claimants(labels, _whole_proportions(exact), ranks, refuses)


def _check_names(names: tuple[str, ...] | None, count: int) -> None:
    if count == 0:
        raise RefusedError("there are no weights", expected="at least one weight above 0")
    if names is None:
        return
    if len(names) != count:
        raise UsageError(
            "names and weights do not match", found=f"{len(names)} names, {count} weights"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RefusedError(
            f"{', '.join(twice)} stands more than once among the names",
            expected="every name once",
        )


def _whole_proportions(exact: Sequence[Fraction]) -> tuple[int, ...]:
    if not any(exact):
        raise RefusedError("all weights are 0", expected="at least one weight above 0")
    scale = math.lcm(*(weight.denominator for weight in exact))
    whole = [weight.numerator * (scale // weight.denominator) for weight in exact]
    divisor = math.gcd(*whole)
    return tuple(weight // divisor for weight in whole)


def _tie_order(
    labels: tuple[str, ...], named: bool, ties: str, seed: int | None
) -> tuple[tuple[int, ...], bool]:
    known = [rule.value for rule in TieRule]
    if ties not in known:
        raise UsageError(f"tie rule {ties!r} is not known", where="ties", todo=nearest(ties, known))
    positions = range(len(labels))
    if ties != TieRule.LOT:
        if seed is not None:
            raise UsageError(
                f"a seed has no meaning under the tie rule '{ties}'",
                where="seed",
                todo="Leave it out.",
            )
        order = sorted(positions, key=lambda at: labels[at]) if named else list(positions)
    else:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise UsageError(
                "ties by lot need a seed that is recorded",
                where="seed",
                found=repr(seed),
                expected="a whole number of 0 or more",
            )
        order = sorted(positions, key=lambda at: (_lot(seed, labels[at]), labels[at]))
    ranks = [0] * len(labels)
    for rank, at in enumerate(order):
        ranks[at] = rank
    return tuple(ranks), ties == TieRule.REFUSE


def _lot(seed: int, label: str) -> bytes:
    return sha256(f"{seed}/{label}".encode()).digest()
