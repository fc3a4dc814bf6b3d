"""Counts by inversion: from one uniform to one binomial or Poisson count.

Belongs here: chances prepared for inversion and the quantile functions. Does not belong here:
where the uniforms come from (`keyed`), what the events mean (`steps`).
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_Kind = TypeVar("_Kind", bound=np.generic)

_EXACT_LIMIT = 60.0
"""Largest n min(p, 1 - p), or Poisson mean, that is inverted term by term."""
_NEXT_TO_1 = 1.0 - 2.0**-20
"""Above this uniform every step of the walk is watched: rounding can keep a sum just under u."""
_NOTHING_LEFT = 2.0**-56
"""Below this chance, past the mode, the rest of the tail is less than any 1 - u can be. Without it
a sum that rounding keeps just under 1 would send a u next to 1 on to the last possible count."""
_MANY = 0.35
"""While more than this share of the cells goes on, all are walked; then only those that go on."""
_FEW, _BLOCK = 128, 8
"""So few cells take so many steps at once."""
_MOST_AT_ONCE = 100
"""Steps before counts that are kept in eight bits are written down."""


@dataclass(frozen=True)
class Chance:
    """Chances of success, with what their inversion needs worked out once.

    Attributes:
        flip: Where the chance is above a half, the failures are counted instead; None where that
            is so nowhere or everywhere.
        flips_all: Whether it is so everywhere.
        rare: The chance of what is counted, at most a half.
        odds: rare / (1 - rare).
        log_none: Logarithm of 1 - rare.
        most: The largest of `rare`.
        always: 0 or 1 where the chance is that everywhere, else None.
    """

    flip: Flags | None
    flips_all: bool
    rare: F64
    odds: F64
    log_none: F64
    most: float
    always: int | None

    @classmethod
    def of(cls, chance: F64 | float) -> "Chance":
        """Prepare chances; what lies beyond 0 and 1 counts as 0 and 1.

        Raises:
            ValueError: A chance is not a number.
        """
        given = np.asarray(chance, dtype=np.float64)
        if np.isnan(given).any():
            raise ValueError("a chance is not a number")
        given = np.minimum(np.maximum(given, 0.0), 1.0)
        above = given > 0.5
        nowhere, everywhere = not above.any(), bool(above.all())
        rare = given if nowhere else np.where(above, 1.0 - given, given)
        most = float(rare.max(initial=0.0))
        always = None if most else (0 if nowhere else 1 if everywhere else None)
        mixed = not (nowhere or everywhere)
        return cls(
            flip=above if mixed else None,
            flips_all=everywhere and not nowhere,
            rare=rare,
            odds=rare / (1.0 - rare),
            log_none=np.log1p(-rare),
            most=most,
            always=always,
        )

    @classmethod
    def both(cls, first: "Chance", second: "Chance") -> "Chance":
        """Put the chances of two events together, along a new first axis."""
        parts = (first, second)
        flips = np.stack([part.flips() for part in parts])
        everywhere, somewhere = bool(flips.all()), bool(flips.any())
        return cls(
            flip=flips if somewhere and not everywhere else None,
            flips_all=everywhere,
            rare=np.stack([part.rare for part in parts]),
            odds=np.stack([part.odds for part in parts]),
            log_none=np.stack([part.log_none for part in parts]),
            most=max(first.most, second.most),
            always=first.always if first.always == second.always else None,
        )

    def flips(self) -> Flags:
        """Say where the failures are counted."""
        return np.full(self.rare.shape, self.flips_all) if self.flip is None else self.flip

    def plain(self) -> F64:
        """Give the chances themselves."""
        if self.flips_all:
            return 1.0 - self.rare
        return self.rare if self.flip is None else np.where(self.flip, 1.0 - self.rare, self.rare)

    def along(self, shape: tuple[int, ...]) -> "Chance":
        """Lay the chances out so that their shape is that of the last axes of the people's.

        Args:
            shape: Shape of the people.

        Raises:
            ValueError: The chances do not fit the people.
        """
        own = self.rare.shape
        missing = len(shape) - len(own)
        if missing >= 0 and (self.rare.size == 1 or own == shape[missing:]):
            return self
        try:
            rare = np.broadcast_to(self.rare, shape)
        except ValueError:
            raise ValueError(f"chances of shape {own} do not fit people of shape {shape}") from None
        return Chance(
            flip=None if self.flip is None else np.broadcast_to(self.flip, shape),
            flips_all=self.flips_all,
            rare=rare,
            odds=np.broadcast_to(self.odds, shape),
            log_none=np.broadcast_to(self.log_none, shape),
            most=self.most,
            always=self.always,
        )

    def at(self, index: I64, cells: int | None = None) -> "Chance":
        """Pick flat positions among so many cells, counted along the last axes that this has."""
        if cells is None or cells > self.rare.size:
            index = index - index // self.rare.size * self.rare.size
        return Chance(
            flip=None if self.flip is None else self.flip.reshape(-1).take(index),
            flips_all=self.flips_all,
            rare=self.rare.reshape(-1).take(index),
            odds=self.odds.reshape(-1).take(index),
            log_none=self.log_none.reshape(-1).take(index),
            most=self.most,
            always=self.always,
        )


def _pick(part: npt.NDArray[_Kind], index: I64, cells: int) -> npt.NDArray[_Kind]:
    """Pick flat positions among so many cells, counted along the last axes that a part has."""
    if part.size < cells:
        index = index - index // part.size * part.size
    return part.reshape(-1).take(index)


def binomial_quantile(u: F64, n: I64, p: Chance | F64 | float) -> I64:
    """Invert the binomial distribution at u, one uniform a variate.

    Exact sequential inversion while n min(p, 1 - p) <= 60 (p > 1/2 as n - Q(1 - u; n, 1 - p));
    above that the third-order Cornish-Fisher quantile (never off by more than one person).

    Args:
        u: Uniforms in (0, 1).
        n: Trials, at least 0; of the shape of u.
        p: Chance of success, broadcasts to u; values at or beyond 0 and 1 are settled first.

    Returns:
        Counts of the shape of u.

    Raises:
        ValueError: A chance is not a number, or the chances do not fit u.
    """
    chance = (p if isinstance(p, Chance) else Chance.of(p)).along(u.shape)
    if chance.always is not None:
        return n.astype(np.int64) if chance.always else np.zeros(u.shape, dtype=np.int64)
    near = u
    if chance.flips_all:
        near = 1.0 - u
    elif chance.flip is not None:
        near = np.where(chance.flip, 1.0 - u, u)
    people = n.astype(np.float64)
    if float(people.max(initial=0.0)) * chance.most > _EXACT_LIMIT:
        count = _binomial_with_heavy(near, n, people, chance)
    else:
        count = _binomial_exact(near, people, chance)
    if chance.flips_all:
        return np.subtract(n, count, out=count)
    return count if chance.flip is None else np.where(chance.flip, n - count, count)


def _binomial_with_heavy(u: F64, n: I64, people: F64, chance: Chance) -> I64:
    """Invert where some cells are too heavy to be walked."""
    heavy = people * chance.rare > _EXACT_LIMIT
    count = _binomial_exact(u, np.where(heavy, 0.0, people), chance)
    at = np.nonzero(heavy)
    chances = np.broadcast_to(chance.rare, u.shape)[at]
    count[at] = _binomial_cornish_fisher(u[at], n[at], chances)
    return count


def _binomial_exact(u: F64, n: F64, chance: Chance) -> I64:
    """Walk up the distribution: all cells while many go on, then only those that do."""
    odds = chance.odds
    mass = n * chance.log_none
    np.exp(mass, out=mass)
    reached = mass.copy()
    over = u > reached
    steps = over.view(np.int8).copy()
    rest, step = n, np.empty_like(mass)
    k, many = 0, _MANY * u.size
    while np.count_nonzero(over) > many and k < _MOST_AT_ONCE:
        k += 1
        np.multiply(rest, odds if k == 1 else odds / k, out=step)
        mass *= step
        reached += mass
        np.greater(u, reached, out=over)
        steps += over.view(np.int8)
        rest = np.subtract(n, k, out=None if k == 1 else rest)
    count = steps.astype(np.int64)
    flat, luck, people = count.reshape(-1), u.reshape(-1), n.reshape(-1)
    next_to_1 = luck > _NEXT_TO_1 if float(u.max(initial=0.0)) > _NEXT_TO_1 else None
    if next_to_1 is not None:
        at = np.flatnonzero(next_to_1)
        none = np.exp(people[at] * _pick(chance.log_none, at, u.size))
        flat[at] = _binomial_watched(luck[at], people[at], _pick(odds, at, u.size), none)
        over &= ~next_to_1.reshape(u.shape)
    on = np.flatnonzero(over)
    if on.size:
        parts = np.empty((5, on.size))
        for row, part in enumerate((luck, people, None, mass, reached)):
            if part is not None:
                part.reshape(-1).take(on, out=parts[row], mode="clip")
        parts[2] = _pick(odds, on, u.size)
        _binomial_walk(flat, on, k, parts)
    return count


def _binomial_watched(u: F64, n: F64, odds: F64, mass: F64) -> I64:
    """Walk with every step watched, for uniforms next to 1; all of shape (cells,)."""
    count = np.zeros(u.shape, dtype=np.int64)
    reached = mass.copy()
    on = u > reached
    k = 0
    while on.any():
        count += on
        k += 1
        mass = mass * ((n - (k - 1)) * (odds / k))
        reached = reached + mass
        tail = (mass > _NOTHING_LEFT) | ((n - k) * odds > k)
        on &= (u > reached) & (n > k) & tail
    return count


def _binomial_walk(count: I64, todo: I64, k: int, parts: F64) -> None:
    """Go on for cells that are past step k; writes their counts.

    Args:
        count: Counts of all cells, flat.
        todo: Positions of the cells that go on.
        k: Steps taken.
        parts: Of each of these the uniform, people, odds, chance of k, and chance of at most k;
            shape (5, positions).
    """
    while todo.size > _FEW:
        u, n, odds, mass, reached = parts
        start, left, many = k, todo.size, _MANY * todo.size
        over, step, rest = np.empty(left, dtype=np.bool_), np.empty(left), n - k
        steps = np.zeros(left, dtype=np.int8)
        while left > many and k - start < _MOST_AT_ONCE:
            k += 1
            np.divide(odds, k, out=step)
            step *= rest
            mass *= step
            reached += mass
            np.greater(u, reached, out=over)
            steps += over.view(np.int8)
            rest -= 1.0
            left = int(np.count_nonzero(over))
        count[todo] = steps + np.int64(start + 1)
        on = over.nonzero()[0]
        todo, parts = todo.take(on), parts.take(on, axis=1)
    while todo.size:
        u, n, odds, mass, reached = parts
        ahead = np.arange(k + 1.0, k + 1.0 + _BLOCK)[:, None]
        masses = np.empty((_BLOCK + 1, todo.size))
        masses[0] = mass
        np.multiply(n - (ahead - 1.0), odds / ahead, out=masses[1:])
        masses = np.multiply.accumulate(masses, axis=0)
        mass[:] = masses[-1]
        masses[0] = reached
        sums = np.add.accumulate(masses, axis=0)
        over = u > sums[1:]
        count[todo] = np.add.reduce(over, axis=0, dtype=np.int64) + (k + 1)
        k += _BLOCK
        on = over[-1].nonzero()[0]
        if not on.size:
            return
        reached[:] = sums[-1]
        todo, parts = todo.take(on), parts.take(on, axis=1)


def _binomial_cornish_fisher(u: F64, n: I64, p: F64) -> I64:
    q = 1.0 - p
    variance = n * p * q
    return _cornish_fisher(
        u, n * p, variance, (q - p) / np.sqrt(variance), (1.0 - 6.0 * p * q) / variance, n
    )


def _cornish_fisher(u: F64, mean: F64, variance: F64, skew: F64, kurtosis: F64, most: I64) -> I64:
    """Third-order Cornish-Fisher quantile with the variance widened by 1/12 for whole numbers."""
    z = ndtri(u)
    z2 = z * z
    bend = (
        z
        + skew * (z2 - 1.0) / 6.0
        + kurtosis * z * (z2 - 3.0) / 24.0
        - skew * skew * z * (2.0 * z2 - 5.0) / 36.0
    )
    value = mean + np.sqrt(variance + 1.0 / 12.0) * bend
    rounded: I64 = np.clip(np.ceil(value - 0.5), 0, most).astype(np.int64)
    return rounded


def poisson_quantile(u: F64, mean: F64) -> I64:
    """Invert the Poisson distribution at u, one uniform a variate.

    Args:
        u: Uniforms in (0, 1).
        mean: Means, at least 0; of the shape of u.

    Returns:
        Counts of the shape of u.

    Raises:
        ValueError: A mean is not a number.
    """
    if np.isnan(mean).any():
        raise ValueError("a mean is not a number")
    if float(mean.max(initial=0.0)) <= _EXACT_LIMIT:
        return _poisson_exact(u, mean)
    large = mean > _EXACT_LIMIT
    count = _poisson_exact(u, np.where(large, 0.0, mean))
    at = np.nonzero(large)
    m = mean[at]
    far = np.full(m.shape, np.iinfo(np.int64).max // 2, dtype=np.int64)
    count[at] = _cornish_fisher(u[at], m, m, 1.0 / np.sqrt(m), 1.0 / m, far)
    return count


def _poisson_exact(u: F64, mean: F64) -> I64:
    """Walk up the distribution, always with those only who go on."""
    mass = np.exp(-mean)
    reached = mass.copy()
    over = u > reached
    count = over.astype(np.int64)
    flat = count.reshape(-1)
    todo = np.flatnonzero(over)
    parts = tuple(part.reshape(-1).take(todo) for part in (u, mean, mass, reached))
    k = 0
    while todo.size:
        u, mean, mass, reached = parts
        start, left = k, todo.size
        watched = float(u.max()) > _NEXT_TO_1
        many = left - 1 if watched else _MANY * left
        over = np.empty(left, dtype=np.bool_)
        steps = np.zeros(left, dtype=np.int8)
        while left > many and k - start < (1 if watched else _MOST_AT_ONCE):
            k += 1
            mass *= mean / k
            reached += mass
            np.greater(u, reached, out=over)
            steps += over.view(np.int8)
            left = int(np.count_nonzero(over))
        if watched:
            over &= (mass > _NOTHING_LEFT) | (k < mean)
        flat[todo] = steps + np.int64(start + 1)
        on = over.nonzero()[0]
        todo, parts = todo.take(on), tuple(part.take(on) for part in parts)
    return count
