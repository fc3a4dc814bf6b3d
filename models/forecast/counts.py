"""The scale on which small counts have an even spread, there and back.

Counts y become x = 2 sqrt(y + 3/8) (Anscombe 1948), whose spread is about 1 whatever the mean.
Belongs here: that transform and its two ways back. Does not belong here: a fit.
"""

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

SMALL_COUNT = 60.0
"""Mean count of a period under which a series follows a local level on this scale."""


def to_even_spread(counts: F64) -> F64:
    """Anscombe's transform of counts: 2 sqrt(y + 3/8)."""
    return 2.0 * np.sqrt(counts + 0.375)


_LEVEL_OF_NOTHING = 2.0 * np.sqrt(0.375)
"""The level of a series without a single count."""


def from_even_spread(level: F64, variance: float = 0.0) -> F64:
    """Give the count at a place on the scale, as for quantiles; never below 0.

    Args:
        level: Places on the scale, or means of what is scattered there.
        variance: Variance on the scale of what is scattered around the mean: a square is that much
            larger than the square of its mean.
    """
    square = np.square(np.maximum(level, _LEVEL_OF_NOTHING)) + variance
    count: F64 = np.maximum(square / 4.0 - 0.375, 0.0)
    return count


def to_intensity(level: F64) -> F64:
    """Give the mean count whose transform has this mean level, never below 0.

    The unbiased inverse in closed form (Makitalo and Foi 2011). The usual (x/2)^2 - 1/8 is its
    limit for large counts; at small ones it is too high (a quarter of a person for none at all).
    """
    x = np.maximum(level, _LEVEL_OF_NOTHING)
    bend = np.sqrt(1.5) * (0.25 / x + 0.625 / x**3) - 1.375 / x**2
    count: F64 = np.maximum(np.square(x) / 4.0 - 0.125 + bend, 0.0)
    return count
