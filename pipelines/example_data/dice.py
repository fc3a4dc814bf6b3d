"""Chance for the example world: a handful of draws made from plain uniform numbers.

Belongs here: the transforms from uniforms to waiting times, counts and choices. Does not belong
here: what they are used for. Only `Generator.random` is asked for, whose stream for a seed is the
most stable promise of NumPy, so that the committed files do not move with a library version.
"""

from collections.abc import Mapping
from enum import IntEnum
from math import log

import numpy as np


class Stream(IntEnum):
    """The independent streams of one seed, so that one part never disturbs another.

    The world's own stream is a number of the region's law, other than these.
    """

    OTHER_LETTINGS = 2
    STOCK = 3
    SENDERS = 4
    MISSES = 5


class Dice:
    """One seeded stream of draws.

    Args:
        seed: Any whole number from 0; the same seed gives the same draws in the same order.
        stream: What the draws are for: a `Stream`, or the world stream of a law.
    """

    def __init__(self, seed: int, stream: int) -> None:
        self._generator = np.random.default_rng([seed, stream])

    def uniform(self) -> float:
        """Draw from (0, 1], so that its logarithm exists."""
        return 1.0 - float(self._generator.random())

    def chance(self, share: float) -> bool:
        """Say yes with probability `share`."""
        return self.uniform() <= share

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + min(int((1.0 - self.uniform()) * (high - low + 1)), high - low)

    def exponential(self, mean: float) -> float:
        """Draw an exponential waiting time, in the unit of `mean`."""
        return -mean * log(self.uniform())

    def erlang(self, mean: float, phases: int) -> float:
        """Draw a sum of `phases` equal exponential times with this mean in total."""
        return sum(self.exponential(mean / phases) for _ in range(phases))

    def poisson(self, mean: float) -> int:
        """Draw a count: the exponential steps of mean 1 that fit in `mean`."""
        count, reached = 0, self.exponential(1.0)
        while reached <= mean:
            count += 1
            reached += self.exponential(1.0)
        return count

    def normal(self) -> float:
        """Draw a standard normal number as twelve uniforms minus six (tails end at six)."""
        return sum(self.uniform() for _ in range(12)) - 6.0

    def pick(self, weights: Mapping[str, float]) -> str:
        """Draw one of the names with probability proportional to its weight.

        Raises:
            ValueError: No weight is above zero.
        """
        total = sum(weights.values())
        if total <= 0:
            raise ValueError("no weight is above zero")
        left = self.uniform() * total
        for name, weight in weights.items():
            left -= weight
            if left <= 0:
                return name
        return max(weights, key=lambda name: weights[name])
