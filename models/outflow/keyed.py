"""Keyed uniforms and counts by inversion: every event's random number has an address.

The key of a number is (seed, absolute draw, region id, group or facility id, absolute calendar
month, event, sub-index). Because the address is of the calendar and the id, not of the run, two
scenarios, two chunk sizes and next month's edition share their luck. Belongs here: the hash, the
uniforms and counts at an address. Does not belong here: the quantile functions (`inversion`), what
the events mean (`steps`).
"""

import hashlib
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from models.outflow.inversion import F64, I64, Chance, binomial_quantile, poisson_quantile

__all__ = [
    "F64",
    "I32",
    "I64",
    "U64",
    "WHOLE_REGION",
    "Chance",
    "Event",
    "Keys",
    "binomial_quantile",
    "draw_words",
    "mix",
    "poisson_quantile",
    "to_uniform",
    "word_of_name",
]

U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = (np.uint64(shift) for shift in (30, 27, 31, 12))
_ONE = np.uint64(0x3FF0000000000000)
"""The bits of 1.0: with 52 bits of luck below them a number from 1 up to 2."""
_BELOW_ONE = 1.0 - 2.0**-53
_NO_GROUP = "*"
WHOLE_REGION: npt.NDArray[np.int64] = np.array([-1], dtype=np.int64)
"""In the place of a group's position: what is decided for all groups together."""
_MONTHS_AT_ONCE = 64
"""Months of an event whose words are worked out together."""
_SMALL = 1 << 15
"""Up to so many cells two events are worked out in one go: the calls cost more than the work."""
_DENSE_SHARE = 0.4
"""From this share of cells with somebody in them on, all are worked out at once."""


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
    ELIGIBILITY = 46


Events = Event | tuple[Event, Event]
"""One event, or two that are decided together."""


def mix(x: U64) -> U64:
    """Apply the splitmix64 finaliser (Steele, Lea and Flood 2014) to an array of 64-bit words.

    Arrays wrap around without a warning; a single number would give one.
    """
    z: U64 = x + _GOLDEN
    shifted = z >> _S30
    z ^= shifted
    z *= _MIX_1
    np.right_shift(z, _S27, out=shifted)
    z ^= shifted
    z *= _MIX_2
    np.right_shift(z, _S31, out=shifted)
    z ^= shifted
    return z


def word_of_name(name: str) -> np.uint64:
    """Turn an id into a 64-bit word by hash of its name, never by its position."""
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


def draw_words(seed: int, first: int, count: int) -> U64:
    """Give the word of each absolute draw `first` .. `first + count - 1`; shape (count,)."""
    draws = np.arange(first, first + count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        return mix(mix(np.full(1, seed, dtype=np.uint64)) + mix(draws))


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
        self._cached: dict[tuple[Events, int], tuple[U64, U64]] = {}
        self._steady: dict[tuple[Events, int, bytes, bytes], U64] = {}

    def cells(self, event: Events, month: int, sub: I64 | int = 0, group: I64 | None = None) -> U64:
        """Give the word of each cell (group x sub-index) of an event in a calendar month.

        Args:
            event: What is decided; several events stand on an axis before that of the groups.
            month: Absolute calendar month.
            sub: Sub-index: class, phase, cohort; broadcasts against the groups.
            group: Positions of the groups of the cells; all groups in order when left out;
                `WHOLE_REGION` for what is decided for all groups together.
        """
        block, at = divmod(month, _MONTHS_AT_ONCE)
        if (event, block) not in self._cached:
            self._cached[event, block] = self._months(event, block)
        dated, without_sub = (part[at] for part in self._cached[event, block])
        if isinstance(sub, int) and sub == 0:
            words: U64 = without_sub[..., :-1] if group is None else without_sub[..., group]
            return words
        if np.ndim(sub) < 2:
            dated = dated[..., :-1] if group is None else dated[..., group]
            return mix(dated + np.asarray(sub, dtype=np.uint64))
        # Sub-indices on several axes, as of phases or ages and streams, are so every month.
        axes = b"" if group is None else group.tobytes()
        address = (event, block, np.asarray(sub).tobytes(), axes)
        if address not in self._steady:
            self._steady[address] = self._with_sub(event, block, np.asarray(sub), group)
        steady: U64 = self._steady[address][at]
        return steady

    def _with_sub(self, event: Events, block: int, sub: I64, group: I64 | None) -> U64:
        """Give the words of cells with a sub-index, by month."""
        dated = self._cached[event, block][0]
        dated = dated[..., :-1] if group is None else dated[..., group]
        index = sub.astype(np.uint64)
        if isinstance(event, tuple):
            index = index[..., None]
        months, *cells = dated.shape
        before = (1,) * (index.ndim - len(cells))
        return mix(dated.reshape(months, *before, *cells) + index)

    def _months(self, event: Events, block: int) -> tuple[U64, U64]:
        """Give the words of an event by month and group, without and with sub-index 0."""
        first = block * _MONTHS_AT_ONCE
        months = np.arange(first, first + _MONTHS_AT_ONCE, dtype=np.uint64)
        words = mix(self._prefix + np.array(event, dtype=np.uint64)[..., None])
        dated = mix(words + months.reshape(-1, *(1,) * words.ndim))
        return dated, mix(dated)

    def uniforms(
        self, event: Events, month: int, sub: I64 | int = 0, group: I64 | None = None
    ) -> F64:
        """Give one uniform per cell and draw, strictly between 0 and 1; shape (cells..., D)."""
        cells = self.cells(event, month, sub, group)
        return to_uniform(mix(cells[..., None] ^ self._draws))

    def uniforms_at(self, cells: U64, draw: I64) -> F64:
        """Give uniforms for paired cells and draws (sparse); both of shape (n,)."""
        return to_uniform(mix(cells ^ self._draws.take(draw)))

    def binomial(
        self,
        event: Events,
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
            chance: Chance of each; broadcasts to n.
            sub: Sub-index of the cells.
            group: Positions of the groups of the cells; all groups in order when left out.

        Raises:
            ValueError: The chances do not fit the people.
        """
        chance = chance.along(n.shape)
        if chance.always is not None:
            return n.copy() if chance.always else np.zeros_like(n)
        there = n != 0
        if np.count_nonzero(there) > _DENSE_SHARE * n.size:
            return binomial_quantile(self.uniforms(event, month, sub, group), n, chance)
        count = np.zeros_like(n)
        held = np.flatnonzero(there)
        if held.size:
            cells = self.cells(event, month, sub, group)
            if cells.shape != n.shape[:-1]:
                cells = np.broadcast_to(cells, n.shape[:-1])
            cell = held // n.shape[-1]
            uniform = self.uniforms_at(cells.reshape(-1).take(cell), held - cell * n.shape[-1])
            count.reshape(-1)[held] = binomial_quantile(
                uniform, n.reshape(-1).take(held), chance.at(held, n.size)
            )
        return count

    def binomial_both(
        self,
        events: tuple[Event, Event],
        month: int,
        people: tuple[I64, I64],
        chances: tuple[Chance, Chance, Chance],
        sub: I64 | int = 0,
    ) -> tuple[I64, I64]:
        """Draw counts of two events, neither of which depends on the other; all groups in order.

        Args:
            events: What is decided.
            month: Absolute calendar month.
            people: People of each, of one shape (cells..., G, D).
            chances: Chance of each, shape (G, D), and of both together, shape (2, G, D).
            sub: Sub-index of the cells.
        """
        first, second, both = chances
        together = first.always is None and second.always is None
        if together and people[0].size <= _SMALL:
            count = self.binomial(events, month, np.stack(people, axis=-3), both, sub)
            return count[..., 0, :, :], count[..., 1, :, :]
        return (
            self.binomial(events[0], month, people[0], first, sub),
            self.binomial(events[1], month, people[1], second, sub),
        )

    def poisson(self, event: Event, month: int, mean: F64) -> I64:
        """Draw a Poisson count for every group and draw.

        Args:
            event: What is decided.
            month: Absolute calendar month, the first one where there are several.
            mean: Means, shape (G, D), or (months, G, D) for months one after the other.

        Returns:
            Counts of the shape of `mean`.
        """
        if mean.ndim == 2:
            return poisson_quantile(self.uniforms(event, month), mean)
        several = [self.uniforms(event, month + later) for later in range(mean.shape[0])]
        return poisson_quantile(np.stack(several), mean)


def to_uniform(words: U64) -> F64:
    """Map 64-bit words into (0, 1): ((w >> 12) + 1/2) 2^-52, never 0 and never 1.

    The 52 bits are put below a 1; taking 1 - 2^-53 off is exact.
    """
    bits = words >> _S12
    bits |= _ONE
    uniform: F64 = bits.view(np.float64)
    uniform -= _BELOW_ONE
    return uniform
