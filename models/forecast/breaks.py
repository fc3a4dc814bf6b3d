"""Structural breaks: months before a declared break are brought to the level after it, or left out.

Belongs here: what a declared break does to a monthly history. Does not belong here: finding breaks
in data (a break is declared with its reason and source, see `models.params.StructuralBreak`), or
the declarations themselves (`national.toml`, a region's `region.toml`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.months import parse_month
from models.params import StructuralBreak

F64 = npt.NDArray[np.float64]

WINDOW_MONTHS = 24
"""Months on either side of a break that its ratio is estimated from."""
LEAST_BEFORE = 12
"""Months before a break under which they are left out rather than scaled."""
LEAST_AFTER = 6
"""Months after a break under which nothing can be said of it yet."""
HISTORY_KEPT = 12
"""Months that must be left when others are left out."""
_PRIOR_SD = 0.4
"""Standard deviation, on the log scale, of the ratios of breaks: most lie between 0.6 and 1.7. A
judgement; with 50 registrations on either side the data weigh eight tenths."""


@dataclass(frozen=True)
class History:
    """A monthly history after its breaks.

    Attributes:
        counts: Registrations a month; whole numbers only where no break scaled them.
        months: Their months.
        notes: What was done at each break, in words for the mart.
    """

    counts: F64
    months: list[int]
    notes: tuple[str, ...]


def apply_breaks(
    counts: F64, months: Sequence[int], breaks: Iterable[StructuralBreak], group: str
) -> History:
    """Bring a history to the level after its breaks.

    Args:
        counts: Registrations a month, shape (months,).
        months: The months, one after the other.
        breaks: Declared breaks; those of other groups, of other times and those that do not apply
            do nothing.
        group: The target group of the history.
    """
    counts, months = counts.astype(np.float64), list(months)
    notes: list[str] = []
    known = [item for item in breaks if item.applies and group in item.target_groups]
    for item in sorted(known, key=lambda found: (found.month, found.id)):
        before = parse_month(item.month) - months[0] if months else 0
        after = len(months) - before
        if before <= 0 or after <= 0:
            continue
        later = [parse_month(other.month) - months[0] for other in known]
        until = min((end for end in later if end >= before + LEAST_AFTER), default=len(months))
        name = f"{item.id} ({item.month})"
        if after < LEAST_AFTER:
            notes.append(f"{name}: too few months after it, nothing done")
        elif before < LEAST_BEFORE and after >= HISTORY_KEPT:
            counts, months = counts[before:], months[before:]
            notes.append(f"{name}: months before it left out")
        else:
            ratio = shrunk_ratio(counts[:before], counts[before:until])
            counts = np.concatenate([counts[:before] * ratio, counts[before:]])
            notes.append(f"{name}: months before it x {ratio:.2f}")
    return History(counts=counts, months=months, notes=tuple(notes))


def shrunk_ratio(before: F64, after: F64) -> float:
    """Give the ratio of the level after a break to that before it, shrunk towards 1.

    The log of the ratio of two Poisson rates has variance 1/a + 1/b; the prior on it is normal
    around 0.

    Args:
        before: Counts a month before the break.
        after: Counts a month after it.
    """
    before, after = before[-WINDOW_MONTHS:], after[:WINDOW_MONTHS]
    b, a = float(before.sum()) + 0.5, float(after.sum()) + 0.5
    log_ratio = np.log((a / after.size) / (b / before.size))
    weight = _PRIOR_SD**2 / (_PRIOR_SD**2 + 1.0 / a + 1.0 / b)
    return float(np.exp(weight * log_ratio))
