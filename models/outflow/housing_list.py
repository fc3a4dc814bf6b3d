"""The housing list: first come, first served, in monthly cohorts, for all draws at once.

A cohort is everybody whose clock started in the same month. Within a cohort the streams (with or
without a blocked place, by target group) stand in an order that rotates by month and group id, the
same in every draw and scenario. Belongs here: joining, leaving without a home, offers, and what
became of each cohort, for one priority class. Does not belong here: how offers are answered
(`answering`), how many homes there are (`offers`), who may take them (`offering`).
"""

import numpy as np

from models.outflow.answering import Acceptance, Asked, added_up, answers, first_of
from models.outflow.inputs import Backlog
from models.outflow.keyed import (
    F64,
    I32,
    I64,
    U64,
    WHOLE_REGION,
    Chance,
    Event,
    Keys,
    mix,
    word_of_name,
)

__all__ = ["Acceptance", "HousingList", "stream_ranks"]

_CLASS_STRIDE = 1 << 20
"""Sub-index of a cohort = class x 2^20 + its month."""


_NEXT = 4
"""So many cohorts of a draw are looked at together for who is offered a home."""


class HousingList:
    """The list of one priority class in one chunk of draws.

    Args:
        groups: Ids of the target groups (G).
        backlog: Applications on the list at the start, with their own month.
        first: First absolute month of the run.
        months: Months of the run.
        draws: Draws (D).
        promise_months: Months within which an offer keeps the promise.
        earlier: Months before the first in which the clock of a newcomer can have started.
        klass: Position of the priority class.

    Attributes:
        cohort_month: Month of each cohort; those before the first are the backlog.
        backlog_cohorts: How many these are.
        joined: Applications per cohort, shape (cohorts, D).
        offered_within: Offered within the promise, likewise.
        offered: Offered at all in the run, likewise.
        waited: Months waited by those offered, summed, likewise.
        left: Left without a home, likewise.
        backlog_cleared: Month in which nobody of the backlog waits any more, shape (D,); the month
            after the run where that never comes.
    """

    def __init__(
        self,
        groups: tuple[str, ...],
        backlog: Backlog,
        first: int,
        months: int,
        draws: int,
        promise_months: int,
        *,
        earlier: int = 0,
        klass: int = 0,
    ) -> None:
        self._groups, self._class, self._first = len(groups), klass, first
        own = np.union1d(backlog.month, np.arange(first - earlier, first))
        self.cohort_month: I64 = np.concatenate([own, np.arange(first, first + months)])
        self.backlog_cohorts = own.size
        streams = 2 * len(groups)
        self._rank = stream_ranks(groups, self.cohort_month)
        self._order = np.argsort(self._rank, axis=1)
        self._cells = np.zeros((self.cohort_month.size, draws, streams), dtype=np.int32)
        self._used = np.zeros(streams, dtype=bool)
        mine = backlog.klass == klass
        mine_streams = backlog.blocking[mine] * len(groups) + backlog.group[mine]
        for month, blocking, group, count in zip(
            backlog.month[mine],
            backlog.blocking[mine],
            backlog.group[mine],
            backlog.applications[mine],
            strict=True,
        ):
            cohort, stream = int(np.searchsorted(own, month)), blocking * len(groups) + group
            self._cells[cohort, :, self._rank[cohort, stream]] += int(count)
            self._used[stream] = True
        self._people = np.zeros((streams, draws), dtype=np.int64)
        np.add.at(self._people, mine_streams, backlog.applications[mine][:, None])
        # Nobody is ever in the cohorts beyond the last; who looks ahead may look at them.
        self._beyond = np.zeros((self.cohort_month.size + _NEXT, draws), dtype=np.int32)
        self._totals = self._beyond[: self.cohort_month.size]
        self._cells.sum(axis=2, dtype=np.int32, out=self._totals)
        self._low, self._high = 0, own.size
        # Of each draw a cohort before which nobody waits.
        self._front = np.zeros(draws, dtype=np.int64)
        self._refusals = False
        # The chances to leave that were prepared last.
        self._leaving: tuple[F64, Chance] | None = None
        self._promise_months = promise_months
        shape = (self.cohort_month.size, draws)
        self._stopped = np.zeros(shape, dtype=np.int32)
        self.joined = self._totals.copy()
        self.offered_within = np.zeros(shape, dtype=np.int32)
        self.offered = np.zeros(shape, dtype=np.int32)
        self.waited = np.zeros(shape, dtype=np.int32)
        self.left = np.zeros(shape, dtype=np.int32)
        self.backlog_cleared = np.full(draws, first + months, dtype=np.int64)

    def start(self, month: int, applications: I32) -> None:
        """Put people on the list who stand there at the start, another number in every draw.

        Args:
            month: Absolute month in which their clock started, before the first.
            applications: Per draw, shape (D,); of the first group, without a place.
        """
        cohort = int(np.searchsorted(self.cohort_month, month))
        self._cells[cohort, :, self._rank[cohort, 0]] += applications
        np.minimum(self._front, cohort, out=self._front)
        self._used[0] = True
        self._people[0] += applications
        self._totals[cohort] += applications
        self.joined[cohort] += applications

    def join(self, month: int, joining: I64) -> None:
        """Put a month's new applications on the list.

        Args:
            month: Absolute month; months come one after the other.
            joining: Applications by months since their clock started, shape (A, 2, G, D).
        """
        newest = self._high
        if self.cohort_month[newest] != month:
            raise ValueError("cohorts join in the order of the months")
        for age in range(joining.shape[0]):
            flat = joining[age].reshape(2 * self._groups, -1)
            if age and not flat.any():
                continue
            cohort = int(np.searchsorted(self.cohort_month, month - age))
            self._cells[cohort] += flat[self._order[cohort]].T.astype(np.int32)
            self._used |= flat.any(axis=1)
            self._people += flat
            total = flat.sum(axis=0).astype(np.int32)
            self.joined[cohort] += total
            self._totals[cohort] += total
            self._low = min(self._low, cohort)
            if age:
                np.minimum(self._front, cohort, out=self._front)
        self._high += 1

    def leave(self, month: int, keys: Keys, hazard: F64) -> I64:
        """Let people leave the list without a home.

        Of every cohort a binomial number leaves at the highest chance of any group on the list,
        each of whom is anybody in it; in a group with a lower chance as many less. Where all groups
        have the same chance, more offers never make a cohort wait longer, in any draw.

        Args:
            month: Absolute month.
            keys: The keyed uniforms.
            hazard: Chance per month, by group and draw, shape (G, D).

        Returns:
            Leavers by stream, shape (2, G, D).
        """
        draws, streams = self._cells.shape[1:]
        gone = np.zeros((streams, draws), dtype=np.int64)
        same = bool((hazard == hazard[:1]).all())
        highest = hazard[0]
        if not same:
            waiting = self._people.reshape(2, self._groups, draws).any(axis=0)
            highest = np.where(waiting, hazard, 0.0).max(axis=0)
        low, high = self._low, self._high
        totals = self._totals[low:high].astype(np.int64)
        if totals.size and highest.any():
            sub = self._class * _CLASS_STRIDE + self.cohort_month[low:high]
            if self._leaving is None or not np.array_equal(self._leaving[0], highest):
                self._leaving = highest, Chance.of(highest)
            some = keys.binomial(
                Event.LIST_LEAVE, month, totals, self._leaving[1], sub, WHOLE_REGION
            )
            share = None if same else hazard / np.maximum(highest, 1e-12)
            kept = []
            at = np.flatnonzero(some != 0)
            many, at = some.reshape(-1).take(at), at + low * draws
            for nth in range(int(many.max(initial=0))):
                chosen = at if nth == 0 else at.compress(many > nth)
                kept.append(self._leave_one(month, keys, nth, chosen, share, gone))
            for pairs, places in kept:
                np.add.at(self._cells.reshape(-1), places, 1)
                np.add.at(self._totals.reshape(-1), pairs, 1)
            self._people -= gone
            if self._refusals:
                np.minimum(self._stopped, self._totals, out=self._stopped)
        return gone.reshape(2, self._groups, draws)

    def _leave_one(
        self, month: int, keys: Keys, nth: int, at: I64, share: F64 | None, gone: I64
    ) -> tuple[I64, I64]:
        """Pick one person of each of some cohorts, and let them leave.

        Returns:
            Who was picked and stays, as flat positions of cohort and draw, and of cohort, draw and
            place: nobody is picked twice in a month, so they are put back after the last pick.
        """
        draws, streams = self._cells.shape[1:]
        cohort = at // draws
        draw = at - cohort * draws
        sub = (self._class * _CLASS_STRIDE + self.cohort_month) * 64 + nth
        words = keys.cells(Event.LIST_LEAVER, month, sub, WHOLE_REGION)
        totals = self._totals.reshape(-1)
        position = keys.uniforms_at(words.take(cohort), draw) * totals.take(at)
        whole = np.floor(position)
        place = np.count_nonzero(added_up(self._rows(at)) <= whole, axis=0)
        stream = self._order[cohort, place]
        place += at * streams
        self._cells.reshape(-1)[place] -= 1
        totals[at] -= 1
        stays = np.zeros(at.shape, dtype=np.bool_)
        if share is not None:
            stays = position - whole >= share[stream % self._groups, draw]
        self.left.reshape(-1)[at] += ~stays
        np.add.at(gone.reshape(-1), (stream * draws + draw)[~stays], 1)
        return at[stays], place[stays]

    def _rows(self, at: I64) -> I32:
        """Give who waits by place, at flat positions of cohort and draw; shape (2 G, n)."""
        rows = self._cells.reshape(-1, self._cells.shape[2]).take(at, axis=0)
        return np.ascontiguousarray(rows.T)

    def offer(
        self,
        month: int,
        homes: I64,
        *,
        may_take: np.ndarray | None = None,
        answer: Acceptance | None = None,
    ) -> tuple[I64, I64, I64]:
        """Offer homes to the front of the list.

        Args:
            month: Absolute month.
            homes: Homes on offer per draw, shape (D,) or one number.
            may_take: Which groups may take them, shape (G,); all when left out.
            answer: How offers are answered; everybody accepts when left out.

        Returns:
            Homes accepted and offers refused by stream, each of shape (2, G, D), and the homes that
            are left, shape (D,).
        """
        draws = self._cells.shape[1]
        left = np.broadcast_to(homes, (draws,)).astype(np.int64)
        served, refused = (np.zeros((self._used.size, draws), dtype=np.int64) for _ in range(2))
        may = None if may_take is None else np.tile(may_take, 2)
        words = None if answer is None else self._words(month, answer)
        np.maximum(self._front, self._low, out=self._front)
        # Every draw goes through its own cohorts, oldest first.
        draw = np.flatnonzero((left > 0) & (self._front < self._high))
        cohort, homes = self._front.take(draw), left.take(draw)
        found: list[tuple[I64, ...]] = []
        while draw.size:
            waiting = self._waiting(cohort, draw, may)
            if not found:
                self._come_past(draw, waiting, may)
            asked = Asked.of(waiting, cohort, draw, homes)
            taken, told, spent = answers(asked, words, answer)
            found.append((asked.cohort * draws + asked.draw, taken, told))
            homes, cohort = homes - spent, cohort + asked.passed
            left[draw] = homes
            on = (homes > 0) & (cohort < self._high)
            draw, cohort, homes = draw.compress(on), cohort.compress(on), homes.compress(on)
        if found:
            at, taken, told = (np.concatenate([part[nth] for part in found]) for nth in range(3))
            some = np.flatnonzero(told != 0)
            at, taken, told = at.take(some), taken.take(some), told.take(some)
            self._serve(at, taken, told, may, (served, refused))
            self._record(month, at, taken, told, answer)
        while self._low < self._high and not self._totals[self._low].any():
            self._low += 1
        self._note_backlog(month)
        self._people -= served
        shape = (2, self._groups, draws)
        return served.reshape(shape), refused.reshape(shape), left

    def _come_past(self, draw: I64, waiting: I64, may: np.ndarray | None) -> None:
        """Let draws leave cohorts at their front behind in which nobody waits any more."""
        if may is not None:
            waiting = self._waiting(self._front.take(draw), draw, None)
        empty = np.ones(draw.shape, dtype=np.bool_)
        for row in waiting:
            empty &= row == 0
            if not empty.any():
                break
            self._front[draw] += empty
        np.minimum(self._front, self._high, out=self._front)

    def _words(self, month: int, answer: Acceptance) -> tuple[U64, U64]:
        """Give the words of acceptance and of refusals, of every cohort."""
        sub = self._class * _CLASS_STRIDE + self.cohort_month
        accepts, refuses = (
            answer.keys.cells(event, month, sub, WHOLE_REGION)
            for event in (Event.ACCEPTANCE, Event.REFUSALS)
        )
        return accepts, refuses

    def _note_backlog(self, month: int) -> None:
        if self._low < self.backlog_cohorts or (self.backlog_cleared > month).any():
            over = ~self._totals[: self.backlog_cohorts].any(axis=0)
            self.backlog_cleared[over] = np.minimum(self.backlog_cleared[over], month)

    def _waiting(self, cohort: I64, draw: I64, may: np.ndarray | None) -> I64:
        """Count who may take a home in the next cohorts of some draws; shape (rows, n)."""
        at = cohort * self._front.size + draw
        if may is None:
            ahead = np.arange(_NEXT)[:, None] * self._front.size
            everyone: I64 = self._beyond.reshape(-1).take(at + ahead).astype(np.int64)
            return everyone
        chosen = self._rows(at) * may[self._order[cohort]].T
        total: I64 = chosen.sum(axis=0, dtype=np.int64)
        return total[None]

    def _serve(
        self, at: I64, taken: I64, told: I64, may: np.ndarray | None, counts: tuple[I64, I64]
    ) -> None:
        """Take people from cohorts, each cohort's streams in its own order; arrays of shape (n,).

        Who refused stands after who accepted. A pair of cohort and draw comes once.
        """
        draws, streams = self._cells.shape[1:]
        cohort = at // draws
        rows = self._rows(at)
        reached = added_up(rows if may is None else rows * may[self._order[cohort]].T)
        gone = first_of(reached, taken)
        self._cells.reshape(-1, streams)[at] = (rows - gone).T
        self._totals.reshape(-1)[at] -= taken.astype(np.int32)
        self._add(counts[0], gone, at, cohort)
        if (told > taken).any():
            self._add(counts[1], first_of(reached, told) - gone, at, cohort)

    def _add(self, counts: I64, more: I32, at: I64, cohort: I64) -> None:
        """Add people by place of some cohorts and draws to counts by stream and draw."""
        draws, streams = self._cells.shape[1:]
        flat = np.flatnonzero(more != 0)
        place = flat // at.size
        pair = flat - place * at.size
        of = cohort.take(pair)
        stream = self._order.reshape(-1).take(of * streams + place)
        where = stream * draws + at.take(pair) - of * draws
        np.add.at(counts.reshape(-1), where, more.reshape(-1).take(flat).astype(np.int64))

    def _record(
        self, month: int, at: I64, taken: I64, told: I64, answer: Acceptance | None
    ) -> None:
        """Note who was offered a home: on accepting, or at the first offer where refusals count."""
        noted = taken
        counts = answer is not None and answer.refusal_counts
        if counts or self._refusals:
            self._refusals = True
            heard = told if counts else taken
            stopped = self._stopped.reshape(-1)
            before = stopped.take(at)
            noted = np.maximum(heard - before, 0)
            still = np.maximum(before - heard, 0) + (heard - taken)
            stopped[at] = np.minimum(still, self._totals.reshape(-1).take(at))
        wait = month - self.cohort_month.take(at // self._front.size)
        self.offered.reshape(-1)[at] += noted.astype(np.int32)
        self.waited.reshape(-1)[at] += (noted * wait).astype(np.int32)
        within = np.flatnonzero(wait <= self._promise_months)
        self.offered_within.reshape(-1)[at.take(within)] += noted.take(within).astype(np.int32)


def stream_ranks(groups: tuple[str, ...], months: I64) -> I64:
    """Give the place of every stream in every cohort; shape (cohorts, 2 G).

    The order is by a hash of group id and month: it favours no group, and a group more or less
    leaves the order of the others as it was.
    """
    names = [word_of_name(f"{blocking}/{group}") for blocking in (0, 1) for group in groups]
    with np.errstate(over="ignore"):
        words = mix(np.array(names) + mix(months.astype(np.uint64))[:, None])
    return np.argsort(np.argsort(words, axis=1), axis=1)
