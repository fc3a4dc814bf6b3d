"""The housing list: first come, first served, in monthly cohorts, for all draws at once.

A cohort is everybody whose clock started in the same month. Within a cohort the streams (with or
without a blocked place, by target group) stand in an order that rotates by month and group id, the
same in every draw and scenario. Belongs here: joining, leaving without a home, offers, and what
became of each cohort. Does not belong here: how many homes there are (`offers`).
"""

import numpy as np

from models.outflow.inputs import Backlog
from models.outflow.keyed import (
    F64,
    I32,
    I64,
    U64,
    Event,
    Keys,
    binomial_quantile,
    mix,
    word_of_name,
)


class HousingList:
    """The list of one chunk of draws.

    Args:
        groups: Ids of the target groups (G).
        backlog: Applications on the list at the start, with their own month.
        first: First absolute month of the run.
        months: Months of the run.
        draws: Draws (D).
        promise_months: Months within which an offer keeps the promise.

    Attributes:
        offered_within: Offered within the promise, per cohort, shape (cohorts, D).
        offered: Offered at all in the run, per cohort.
        waited: Months waited by those offered, summed, per cohort.
        left: Left without a home, per cohort.
    """

    def __init__(
        self,
        groups: tuple[str, ...],
        backlog: Backlog,
        first: int,
        months: int,
        draws: int,
        promise_months: int,
    ) -> None:
        self._groups = len(groups)
        own = np.unique(backlog.month)
        self.cohort_month: I64 = np.concatenate([own, np.arange(first, first + months)])
        self.backlog_cohorts = own.size
        streams = 2 * len(groups)
        self._rank = _stream_ranks(groups, self.cohort_month)
        self._cells = np.zeros((self.cohort_month.size, streams, draws), dtype=np.int32)
        for month, blocking, group, count in zip(
            backlog.month, backlog.blocking, backlog.group, backlog.applications, strict=True
        ):
            cohort = int(np.searchsorted(own, month))
            self._cells[cohort, self._rank[cohort, blocking * len(groups) + group]] += int(count)
        self._totals = self._cells.sum(axis=1, dtype=np.int32)
        self._used = np.zeros(streams, dtype=bool)
        self._used[backlog.blocking * len(groups) + backlog.group] = True
        self._low, self._high = 0, own.size
        self._promise_months = promise_months
        shape = (self.cohort_month.size, draws)
        self.joined = np.zeros(shape, dtype=np.int32)
        self.joined[: own.size] = self._totals[: own.size]
        self.offered_within = np.zeros(shape, dtype=np.int32)
        self.offered = np.zeros(shape, dtype=np.int32)
        self.waited = np.zeros(shape, dtype=np.int32)
        self.left = np.zeros(shape, dtype=np.int32)

    def join(self, month: int, joining: I64) -> None:
        """Put a month's new applications on the list; shape (2, G, D)."""
        cohort = self._high
        if self.cohort_month[cohort] != month:
            raise ValueError("cohorts join in the order of the months")
        flat = joining.reshape(2 * self._groups, -1)
        self._cells[cohort, self._rank[cohort]] = flat
        self._used |= flat.any(axis=1)
        self.joined[cohort] = self._totals[cohort] = flat.sum(axis=0)
        self._high += 1

    def leave(self, month: int, keys: Keys, hazard: F64) -> I64:
        """Let people leave the list without a home, cell by cell.

        Args:
            month: Absolute month.
            keys: The keyed uniforms.
            hazard: Chance per month, by group and draw, shape (G, D).

        Returns:
            Leavers by stream, shape (2, G, D).
        """
        window = self._cells[self._low : self._high]
        streams, draws = window.shape[1:]
        left = np.zeros((streams, draws), dtype=np.int64)
        flat = window.reshape(-1)
        held = np.flatnonzero(flat)
        if held.size:
            cell, draw = np.divmod(held, draws)
            stream_at = self._stream_at()
            stream = stream_at.reshape(-1)[cell]
            words = self._words(month, keys, stream_at).reshape(-1)[cell]
            people = flat[held]
            chance = hazard[stream % self._groups, draw]
            uniform = keys.uniforms_at(words, draw)
            some = np.flatnonzero(uniform > np.exp(people * np.log1p(-chance)))
            count = binomial_quantile(uniform[some], people[some].astype(np.int64), chance[some])
            flat[held[some]] -= count.astype(np.int32)
            where = (self._low + cell[some] // streams, draw[some])
            np.add.at(self._totals, where, -count)
            np.add.at(self.left, where, count)
            np.add.at(left, (stream[some], draw[some]), count)
        return left.reshape(2, self._groups, -1)

    def offer(self, month: int, homes: I64) -> I64:
        """Offer homes to the front of the list.

        Args:
            month: Absolute month.
            homes: Homes on offer per draw, shape (D,).

        Returns:
            Offers by stream, shape (2, G, D).
        """
        streams, draws = self._cells.shape[1:]
        served = np.zeros((streams, draws), dtype=np.int64)
        left = homes.astype(np.int32) if homes.ndim else np.full(draws, homes, dtype=np.int32)
        for cohort in range(self._low, self._high):
            taken = np.minimum(left, self._totals[cohort])
            if taken.any():
                self._take(cohort, taken, served)
                self._record(cohort, taken, month - int(self.cohort_month[cohort]))
                left -= taken
                if not left.any():
                    break
        while self._low < self._high and not self._totals[self._low].any():
            self._low += 1
        return served.reshape(2, self._groups, draws)

    def _take(self, cohort: int, taken: I32, served: I64) -> None:
        """Take people from a cohort, stream by stream in the cohort's own order."""
        self._totals[cohort] -= taken
        due = taken.copy()
        for place, stream in enumerate(np.argsort(self._rank[cohort])):
            if self._used[stream]:
                here = np.minimum(self._cells[cohort, place], due)
                self._cells[cohort, place] -= here
                served[stream] += here
                due -= here

    def _record(self, cohort: int, taken: I32, wait: int) -> None:
        self.offered[cohort] += taken
        self.waited[cohort] += taken * np.int32(wait)
        if wait <= self._promise_months:
            self.offered_within[cohort] += taken

    def _stream_at(self) -> I64:
        """Give the stream at each place of each cohort in the window."""
        return np.argsort(self._rank[self._low : self._high], axis=1)

    def _words(self, month: int, keys: Keys, stream: I64) -> U64:
        cohorts = self.cohort_month[self._low : self._high, None]
        sub = cohorts * 2 + stream // self._groups
        return keys.cells(Event.LIST_LEAVE, month, sub, stream % self._groups)


def _stream_ranks(groups: tuple[str, ...], months: I64) -> I64:
    """Give the place of every stream in every cohort; shape (cohorts, 2 G).

    The order is by a hash of group id and month: it favours no group, and a group more or less
    leaves the order of the others as it was.
    """
    names = [word_of_name(f"{blocking}/{group}") for blocking in (0, 1) for group in groups]
    with np.errstate(over="ignore"):
        words = mix(np.array(names) + mix(months.astype(np.uint64))[:, None])
    return np.argsort(np.argsort(words, axis=1), axis=1)
