"""Keyed uniforms and counts by inversion: every event's random number has an address.

The key of a number is (seed, absolute draw, region id, group or facility id, absolute calendar
month, event, sub-index). Because the address is of the calendar and the id, not of the run, two
scenarios, two chunk sizes and next month's edition share their luck. Belongs here: the hash, the
uniforms and the quantile functions. Does not belong here: what the events mean (`steps`).
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = (np.uint64(shift) for shift in (30, 27, 31, 12))
_SCALE = 2.0**-52
_EXACT_LIMIT = 60.0
"""Largest n min(p, 1 - p), or Poisson mean, that is inverted term by term."""
_NO_GROUP = "*"
WHOLE_REGION: npt.NDArray[np.int64] = np.array([-1], dtype=np.int64)
"""In the place of a group's position: what is decided for all groups together."""
_DENSE_SHARE = 0.7
"""From this share of cells with somebody in them on, all are worked out at once."""
_FIRST_STRIDE, _WALK_STRIDE = 2, 6
"""Steps between two moments at which cells that are there are dropped from the walk."""
_NOTHING_LEFT = 2.0**-56
"""Below this chance, past the mode, the rest of the tail is less than any 1 - u can be. Without it
a sum that rounding keeps just under 1 would send a u next to 1 on to the last possible count."""


class Event(IntEnum):
    """What a random number decides. Numbers are never reused; new events take a new number."""

    INTENSITY = 1
    REFERRAL = 2
    DIVERT_DOOR = 3
    DIVERT_UNPLACED = 4
    INTAKE_LEAVE = 5
    COMPLEX = 6
    STAY = 7
    OWN_HOME = 8
    ASSESSMENT_DONE = 9
    ASSESSMENT_POSITIVE = 10
    HOUSEHOLD = 11
    LIST_LEAVE = 12
    RELAPSE = 13
    RELAPSE_MONTH = 14
    SUPPORT_END = 15
    START_PHASE = 16
    START_COMPLEX = 17
    START_RELAPSE = 18
    START_RELAPSED = 19
    EXIT_MONTH = 20
    AGE_LIMIT = 21
    START_EXIT = 22
    START_AGE_LIMIT = 23
    TIME_OUT = 24
    TIME_OUT_END = 25
    PROVIDERS_HOME = 26
    PASSED_ON = 27
    THREE_PARTY = 28
    FLIP = 29
    MOVE_OUT = 30
    MOVE_OUT_HOME = 31
    IN_BETWEEN = 32
    RETURNED_PAPERS = 33
    QUOTA_REGION = 34
    PRODUCT = 35
    APPLY = 36
    PROJECT_STAY = 37
    PROJECT_HOME = 38
    PRIORITY_CLASS = 39
    ACCEPTANCE = 40
    STEADY_RETURNS = 41
    START_PROJECT = 42
    LIST_LEAVER = 43
    START_LEASED = 44
    REFUSALS = 45


def mix(x: U64) -> U64:
    """Apply the splitmix64 finaliser (Steele, Lea and Flood 2014) to an array of 64-bit words.

    Arrays wrap around without a warning; a single number would give one.
    """
    z = x + _GOLDEN
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    mixed: U64 = z ^ (z >> _S31)
    return mixed


def word_of_name(name: str) -> np.uint64:
    """Turn an id into a 64-bit word by hash of its name, never by its position."""
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


def draw_words(seed: int, first: int, count: int) -> U64:
    """Give the word of each absolute draw `first` .. `first + count - 1`; shape (count,)."""
    draws = np.arange(first, first + count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        return mix(mix(np.full(1, seed, dtype=np.uint64)) + mix(draws))


@dataclass(frozen=True)
class Chance:
    """Chances of success, with what their inversion needs worked out once.

    Attributes:
        flip: Where the chance is above a half, the failures are counted instead; None for nowhere.
        rare: The chance of what is counted, at most a half.
        odds: rare / (1 - rare).
        log_none: Logarithm of 1 - rare.
        always: 0 or 1 where the chance is that everywhere, else None.
    """

    flip: npt.NDArray[np.bool_] | None
    rare: F64
    odds: F64
    log_none: F64
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
        given = np.clip(given, 0.0, 1.0)
        above = given > 0.5
        rare = np.where(above, 1.0 - given, given)
        nowhere = not above.any()
        always = None if rare.any() else (0 if nowhere else 1 if above.all() else None)
        flip = None if nowhere else above
        return cls(flip, rare, rare / (1.0 - rare), np.log1p(-rare), always)

    def plain(self) -> F64:
        """Give the chances themselves."""
        return self.rare if self.flip is None else np.where(self.flip, 1.0 - self.rare, self.rare)

    def at(self, index: I64) -> "Chance":
        """Pick flat positions, counted along the last axes that this has."""
        flat = index % self.rare.size
        flip = None if self.flip is None else self.flip.reshape(-1)[flat]
        rare, odds, log_none = (
            part.reshape(-1)[flat] for part in (self.rare, self.odds, self.log_none)
        )
        return Chance(flip, rare, odds, log_none, always=None)


class Keys:
    """Addresses of one region's events, broadcast against the words of the draws.

    Args:
        draws: Words of the draws, shape (D,).
        region_id: The region.
        groups: Ids of the groups (or facilities) in order, hashed by name.
    """

    def __init__(self, draws: U64, region_id: str, groups: tuple[str, ...]) -> None:
        self._draws = draws
        region = mix(np.array([word_of_name(region_id)]))
        names = np.array([word_of_name(name) for name in (*groups, _NO_GROUP)], dtype=np.uint64)
        with np.errstate(over="ignore"):
            self._prefix = mix(region + mix(names))
        self._cached: dict[Event, U64] = {}

    def cells(self, event: Event, month: int, sub: I64 | int = 0, group: I64 | None = None) -> U64:
        """Give the word of each cell (group x sub-index) of an event in a calendar month.

        Args:
            event: What is decided.
            month: Absolute calendar month.
            sub: Sub-index: class, phase, cohort; broadcasts against the groups.
            group: Positions of the groups of the cells; all groups in order when left out;
                `WHOLE_REGION` for what is decided for all groups together.
        """
        if event not in self._cached:
            self._cached[event] = mix(self._prefix + np.uint64(event))
        prefix = self._cached[event][:-1] if group is None else self._cached[event][group]
        dated = mix(prefix + np.uint64(month))
        return mix(dated + np.asarray(sub, dtype=np.uint64))

    def uniforms(
        self, event: Event, month: int, sub: I64 | int = 0, group: I64 | None = None
    ) -> F64:
        """Give one uniform per cell and draw, strictly between 0 and 1; shape (cells..., D)."""
        cells = self.cells(event, month, sub, group)
        return to_uniform(mix(cells[..., None] ^ self._draws))

    def uniforms_at(self, cells: U64, draw: I64) -> F64:
        """Give uniforms for paired cells and draws (sparse); both of shape (n,)."""
        return to_uniform(mix(cells ^ self._draws[draw]))

    def binomial(
        self,
        event: Event,
        month: int,
        n: I64,
        chance: Chance,
        sub: I64 | int = 0,
        group: I64 | None = None,
    ) -> I64:
        """Draw a binomial count for every cell and draw, one keyed uniform each.

        Only what has somebody in it is worked out: the others are 0 whatever their luck.

        Args:
            event: What is decided.
            month: Absolute calendar month.
            n: People, shape (cells..., D).
            chance: Chance of each; its shape is that of n, or of the last axes of n.
            sub: Sub-index of the cells.
            group: Positions of the groups of the cells; all groups in order when left out.
        """
        if chance.always is not None:
            return n.copy() if chance.always else np.zeros_like(n)
        held = np.flatnonzero(n)
        if held.size > _DENSE_SHARE * n.size:
            return binomial_quantile(self.uniforms(event, month, sub, group), n, chance)
        count = np.zeros_like(n)
        if held.size:
            draws = n.shape[-1]
            cells = np.broadcast_to(self.cells(event, month, sub, group), n.shape[:-1]).reshape(-1)
            cell, draw = np.divmod(held, draws)
            uniform = self.uniforms_at(cells[cell], draw)
            count.reshape(-1)[held] = binomial_quantile(
                uniform, n.reshape(-1)[held], chance.at(held)
            )
        return count

    def poisson(self, event: Event, month: int, mean: F64) -> I64:
        """Draw a Poisson count for every group and draw; shape of `mean`, (G, D)."""
        return poisson_quantile(self.uniforms(event, month), mean)


def to_uniform(words: U64) -> F64:
    """Map 64-bit words into (0, 1): ((w >> 12) + 1/2) 2^-52, never 0 and never 1."""
    uniform: F64 = ((words >> _S12).astype(np.float64) + 0.5) * _SCALE
    return uniform


def binomial_quantile(u: F64, n: I64, p: Chance | F64 | float) -> I64:
    """Invert the binomial distribution at u, one uniform a variate.

    Exact sequential inversion while n min(p, 1 - p) <= 60 (p > 1/2 as n - Q(1 - u; n, 1 - p));
    above that the third-order Cornish-Fisher quantile (never off by more than one person).

    Args:
        u: Uniforms in (0, 1).
        n: Trials, at least 0; of the shape of u.
        p: Chance of success, broadcasts with u; values at or beyond 0 and 1 are settled first.

    Returns:
        Counts of the shape of u.

    Raises:
        ValueError: A chance is not a number.
    """
    chance = p if isinstance(p, Chance) else Chance.of(p)
    near = u if chance.flip is None else np.where(chance.flip, 1.0 - u, u)
    people = n.astype(np.float64)
    heavy = people * chance.rare > _EXACT_LIMIT
    some_heavy = bool(heavy.any())
    count = _binomial_exact(near, np.where(heavy, 0.0, people) if some_heavy else people, chance)
    if some_heavy:
        at = np.nonzero(heavy)
        chances = np.broadcast_to(chance.rare, u.shape)[at]
        count[at] = _binomial_cornish_fisher(near[at], n[at], chances)
    return count if chance.flip is None else np.where(chance.flip, n - count, count)


def _binomial_exact(u: F64, n: F64, chance: Chance) -> I64:
    """Walk up the distribution: the chance of none for all cells at once, then only who is left."""
    none = np.exp(n * chance.log_none).reshape(-1)
    luck, people = u.reshape(-1), n.reshape(-1)
    count = np.zeros(luck.size, dtype=np.int64)
    left = np.flatnonzero(luck > none)
    if left.size:
        odds = chance.odds.reshape(-1)[left % chance.odds.size]
        count[left] = _binomial_walk(luck[left], people[left], odds, none[left])
    return np.minimum(count, people.astype(np.int64)).reshape(u.shape)


def _binomial_walk(u: F64, n: F64, odds: F64, mass: F64) -> I64:
    """Go on from none for the cells that have some; all of shape (cells,)."""
    count = np.ones(u.shape, dtype=np.int64)
    todo = np.arange(u.size)
    reached = mass.copy()
    k = 0
    while todo.size:
        here = np.zeros(todo.size, dtype=np.int64)
        for _ in range(_WALK_STRIDE if k else _FIRST_STRIDE):
            k += 1
            mass *= (n - (k - 1)) * (odds / k)
            reached += mass
            here += u > reached
        count[todo] += here
        tail = (mass > _NOTHING_LEFT) | ((n - k) * odds > k)
        on = np.flatnonzero((u > reached) & (n > k) & tail)
        todo, u, n = todo[on], u[on], n[on]
        odds, mass, reached = odds[on], mass[on], reached[on]
    return count


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
    count = np.zeros(u.shape, dtype=np.int64)
    large = mean > _EXACT_LIMIT
    small = np.nonzero((mean > 0.0) & ~large)
    count[small] = _poisson_walk(u[small], mean[small])
    if large.any():
        at = np.nonzero(large)
        m = mean[at]
        far = np.full(m.shape, np.iinfo(np.int64).max // 2, dtype=np.int64)
        count[at] = _cornish_fisher(u[at], m, m, 1.0 / np.sqrt(m), 1.0 / m, far)
    return count


def _poisson_walk(u: F64, mean: F64) -> I64:
    mass = np.exp(-mean)
    reached = mass.copy()
    count = (u > reached).astype(np.int64)
    todo = np.flatnonzero(count)
    u, mean, mass, reached = u[todo], mean[todo], mass[todo], reached[todo]
    k = 0
    while todo.size:
        here = np.zeros(todo.size, dtype=np.int64)
        for _ in range(_WALK_STRIDE):
            k += 1
            mass *= mean / k
            reached += mass
            here += u > reached
        count[todo] += here
        on = np.flatnonzero((u > reached) & ((mass > _NOTHING_LEFT) | (k < mean)))
        todo, u, mean, mass, reached = todo[on], u[on], mean[on], mass[on], reached[on]
    return count
