"""Giving the homes of one year one by one, from what was owed and received before.

Belongs here: the running totals, and who gets each home of a year under either method. Does not
belong here: caps, expected applications and tables (`split`), whole series at once (`years`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from models.quota.bounds import Bounds
from models.quota.claims import Claimants
from models.quota.years import TieWatch, next_in_line


@dataclass
class Books:
    """What everybody was owed and has received since the first year, in the claimants' order.

    Attributes:
        owed: Exact homes.
        received: Whole homes.
    """

    owed: list[Fraction]
    received: list[int]

    @property
    def claims(self) -> list[Fraction]:
        """What is still open: owed minus received; below 0 for who is ahead."""
        return [owed - homes for owed, homes in zip(self.owed, self.received, strict=True)]

    def enter(self, exact: Sequence[Fraction], order: Sequence[int]) -> None:
        """Enter a year: what was owed, and who received its homes."""
        self.owed = [sofar + share for sofar, share in zip(self.owed, exact, strict=True)]
        for at in order:
            self.received[at] += 1


def count_homes(order: Sequence[int], claimants: int) -> list[int]:
    """Count the homes of each in a list of receivers."""
    homes = [0] * claimants
    for at in order:
        homes[at] += 1
    return homes


def give_by_list(
    claimants: Claimants,
    received: Sequence[int],
    total: int,
    *,
    year: int,
    ceiling: Sequence[int] | None = None,
) -> list[int]:
    """Give the homes of a year by the quota method, home by home.

    A tie at or above the share is refused at once where ties are refused: who goes first then
    changes who stands below the share next.

    Args:
        claimants: Who shares.
        received: Homes that each has received before.
        total: Homes to give, at most those of `ceiling`.
        year: The year, for errors.
        ceiling: Who gets the homes of the year's cap, in order: nobody gets more than that. None
            without a cap.

    Returns:
        The receivers, home by home; those of the ceiling itself where the total reaches it.

    Raises:
        RefusedError: Ties are refused and one decides something.
    """
    if ceiling is not None and total == len(ceiling):
        return list(ceiling)
    room = None if ceiling is None else count_homes(ceiling, len(claimants))
    standing = list(received)
    given = [0] * len(claimants)
    watch = TieWatch(claimants)
    order = []
    for home in range(1, total + 1):
        allowed = [
            at
            for at, weight in enumerate(claimants.weights)
            if weight and (room is None or given[at] < room[at])
        ]
        best, is_below_share = next_in_line(claimants, standing, allowed)
        watch.give(best)
        if home == total or not is_below_share:
            watch.read(f"home {home} of {year}")
        given[best[0]] += 1
        standing[best[0]] += 1
        order.append(best[0])
    return order


def give_by_claims(
    claimants: Claimants,
    claims: Sequence[Fraction],
    total: int,
    *,
    year: int,
    bounds: Bounds | None = None,
    ceiling: Sequence[int] | None = None,
) -> list[int]:
    """Give the homes of a year to the largest claims, home by home; minima go first.

    Args:
        claimants: Who shares.
        claims: What is owed to each with this year's share, minus what was received before.
        total: Homes to give, within what the bounds and the ceiling allow.
        year: The year, for errors.
        bounds: Minima and maxima of the year.
        ceiling: Who gets the homes of the year's cap: nobody gets more than that. None: no limit.

    Returns:
        The receivers, home by home.

    Raises:
        RefusedError: Ties are refused and the last home hangs on one.
    """
    if ceiling is not None and total == len(ceiling):
        return list(ceiling)
    tops = _tops(claimants, bounds, ceiling)
    still = list(claims)
    given = [0] * len(claimants)
    order: list[int] = []
    least = [0] * len(claimants) if bounds is None else list(bounds.minimum)
    for limits in (least, tops):
        while len(order) < total:
            open_to = [at for at, limit in enumerate(limits) if limit is None or given[at] < limit]
            if not open_to:
                break
            best = max(still[at] for at in open_to)
            tied = sorted(
                (at for at in open_to if still[at] == best), key=claimants.ranks.__getitem__
            )
            if len(order) == total - 1 and len(tied) > 1:
                claimants.refuse_tie(tied, f"the last home of {year}")
            given[tied[0]] += 1
            still[tied[0]] -= 1
            order.append(tied[0])
    return order


def _tops(
    claimants: Claimants, bounds: Bounds | None, ceiling: Sequence[int] | None
) -> list[int | None]:
    """Give the most that each may get: bound, ceiling, and 0 without weight."""
    room = None if ceiling is None else count_homes(ceiling, len(claimants))
    tops: list[int | None] = []
    for at, weight in enumerate(claimants.weights):
        top = (None if weight else 0) if bounds is None else bounds.highest(at, weight)
        if room is not None:
            top = room[at] if top is None else min(top, room[at])
        tops.append(top)
    return tops
