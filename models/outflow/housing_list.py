"""The housing list: first come, first served, in monthly cohorts, for all draws at once.

A cohort is everybody whose clock started in the same month. Within a cohort the streams (with or
without a blocked place, by target group) stand in an order that rotates by month and group id, the
same in every draw and scenario. Belongs here: joining, leaving without a home, offers, and what
became of each cohort, for one priority class. Does not belong here: how many homes there are
(`offers`), who may take them (`offering`).
"""

from dataclasses import dataclass

import numpy as np

from models.outflow.inputs import Backlog
from models.outflow.keyed import (
    F64,
    I32,
    I64,
    WHOLE_REGION,
    Chance,
    Event,
    Keys,
    binomial_quantile,
    mix,
    word_of_name,
)

_CLASS_STRIDE = 1 << 20
"""Sub-index of a cohort = class x 2^20 + its month."""


@dataclass(frozen=True)
class Acceptance:
    """How offers are answered.

    Attributes:
        chance: Chance that somebody accepts an offer, of shape (D,).
        keys: The keyed uniforms.
        refusal_counts: A refused offer is spent and stops the clock.
    """

    chance: Chance
    keys: Keys
    refusal_counts: bool


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
        self._cells = np.zeros((self.cohort_month.size, streams, draws), dtype=np.int32)
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
            self._cells[cohort, self._rank[cohort, stream]] += int(count)
            self._used[stream] = True
        self._people = np.zeros((streams, draws), dtype=np.int64)
        np.add.at(self._people, mine_streams, backlog.applications[mine][:, None])
        self._totals = self._cells.sum(axis=1, dtype=np.int32)
        self._low, self._high = 0, own.size
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
        self._cells[cohort, self._rank[cohort, 0]] += applications
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
            self._cells[cohort, self._rank[cohort]] += flat.astype(np.int32)
            self._used |= flat.any(axis=1)
            self._people += flat
            total = flat.sum(axis=0).astype(np.int32)
            self.joined[cohort] += total
            self._totals[cohort] += total
            self._low = min(self._low, cohort)
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
        streams, draws = self._cells.shape[1:]
        gone = np.zeros((streams, draws), dtype=np.int64)
        same = bool((hazard == hazard[:1]).all())
        waiting = self._people.reshape(2, self._groups, draws).any(axis=0)
        highest = hazard[0] if same else np.where(waiting, hazard, 0.0).max(axis=0)
        low, high = self._low, self._high
        totals = self._totals[low:high].astype(np.int64)
        if totals.size and highest.any():
            sub = self._class * _CLASS_STRIDE + self.cohort_month[low:high]
            some = keys.binomial(
                Event.LIST_LEAVE, month, totals, Chance.of(highest), sub, WHOLE_REGION
            )
            share = None if same else hazard / np.maximum(highest, 1e-12)
            kept: list[tuple[I64, I64, I64]] = []
            for nth in range(int(some.max(initial=0))):
                cohort, draw = np.nonzero(some > nth)
                kept.append(self._leave_one(month, keys, nth, cohort + low, draw, share, gone))
            for cohort, place, draw in kept:
                np.add.at(self._cells, (cohort, place, draw), 1)
                np.add.at(self._totals, (cohort, draw), 1)
            self._people -= gone
            np.minimum(self._stopped, self._totals, out=self._stopped)
        return gone.reshape(2, self._groups, draws)

    def _leave_one(
        self,
        month: int,
        keys: Keys,
        nth: int,
        cohort: I64,
        draw: I64,
        share: F64 | None,
        gone: I64,
    ) -> tuple[I64, I64, I64]:
        """Pick one person of each of some cohorts, and let them leave.

        Returns:
            Who was picked and stays, as cohort, place and draw: nobody is picked twice in a month,
            so they are put back after the last pick.
        """
        sub = (self._class * _CLASS_STRIDE + self.cohort_month[cohort]) * 64 + nth
        words = keys.cells(Event.LIST_LEAVER, month, sub, WHOLE_REGION)
        uniform = keys.uniforms_at(words, draw)
        position = uniform * self._totals[cohort, draw]
        reached = np.cumsum(self._cells[cohort, :, draw], axis=1)
        place = np.argmax(reached > np.floor(position)[:, None], axis=1)
        stream = self._order[cohort, place]
        luck = position - np.floor(position)
        stays = np.zeros(draw.shape, dtype=bool)
        if share is not None:
            stays = luck >= share[stream % self._groups, draw]
        self._cells[cohort, place, draw] -= 1
        self._totals[cohort, draw] -= 1
        self.left[cohort, draw] += ~stays
        np.add.at(gone, (stream[~stays], draw[~stays]), 1)
        return cohort[stays], place[stays], draw[stays]

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
        draws = self._cells.shape[2]
        left = np.broadcast_to(homes, (draws,)).astype(np.int64)
        served, refused = (np.zeros((self._used.size, draws), dtype=np.int64) for _ in range(2))
        may = None if may_take is None else np.tile(may_take, 2)
        # Who waits, draw by draw: every draw goes through its own cohorts, oldest first.
        some = np.flatnonzero(left > 0)
        at, cohorts = np.nonzero(self._totals[self._low : self._high, some].T)
        cohorts = cohorts + self._low
        count = np.zeros(draws, dtype=np.int64)
        count[some] = np.bincount(at, minlength=some.size)
        first = np.cumsum(count) - count
        nth = 0
        active = np.flatnonzero((left > 0) & (count > 0))
        answers: list[tuple[I64, ...]] = []
        while active.size:
            cohort = cohorts[first[active] + nth]
            here = self._here(cohort, active, may)
            taken, told, spent = self._answers(month, cohort, active, here, left[active], answer)
            answers.append((cohort, active, taken, told))
            left[active] -= spent
            nth += 1
            active = active[(left[active] > 0) & (count[active] > nth)]
        if answers:
            cohort, draw, taken, told = (
                np.concatenate([part[at] for part in answers]) for at in range(4)
            )
            some = np.flatnonzero(told)
            cohort, draw, taken, told = cohort[some], draw[some], taken[some], told[some]
            self._serve(cohort, draw, taken, told, may, (served, refused))
            self._record(month, cohort, draw, taken, told, answer)
        while self._low < self._high and not self._totals[self._low].any():
            self._low += 1
        self._note_backlog(month)
        self._people -= served
        shape = (2, self._groups, draws)
        return served.reshape(shape), refused.reshape(shape), left

    def _note_backlog(self, month: int) -> None:
        if self._low < self.backlog_cohorts or (self.backlog_cleared > month).any():
            over = ~self._totals[: self.backlog_cohorts].any(axis=0)
            self.backlog_cleared[over] = np.minimum(self.backlog_cleared[over], month)

    def _here(self, cohort: I64, draw: I64, may: np.ndarray | None) -> I64:
        """Count who may take a home, of one cohort in each of some draws; shape (n,)."""
        if may is None:
            everyone: I64 = self._totals[cohort, draw].astype(np.int64)
            return everyone
        chosen = self._cells[cohort, :, draw] * may[self._order[cohort]]
        total: I64 = chosen.sum(axis=1, dtype=np.int64)
        return total

    def _serve(
        self,
        cohort: I64,
        draw: I64,
        taken: I64,
        told: I64,
        may: np.ndarray | None,
        counts: tuple[I64, I64],
    ) -> None:
        """Take people from cohorts, each cohort's streams in its own order; arrays of shape (n,).

        Who refused stands after who accepted. A pair of cohort and draw comes once.
        """
        served, refused = counts
        cells = self._cells[cohort, :, draw]
        order = self._order[cohort]
        if may is not None:
            cells = cells * may[order]
        before = np.cumsum(cells, axis=1) - cells
        gone = np.clip(taken[:, None] - before, 0, cells)
        self._cells[cohort, :, draw] -= gone.astype(np.int32)
        self._totals[cohort, draw] -= taken.astype(np.int32)
        place = order * served.shape[1] + draw[:, None]
        _add(served, place, gone)
        if (told > taken).any():
            _add(refused, place, np.clip(told[:, None] - before, 0, cells) - gone)

    def _answers(
        self,
        month: int,
        cohort: I64,
        draw: I64,
        here: I64,
        homes: I64,
        answer: Acceptance | None,
    ) -> tuple[I64, I64, I64]:
        """Give homes accepted, people who got an offer and homes spent; each of shape (n,)."""
        asked = np.minimum(here, homes)
        if answer is None:
            return asked, asked, asked
        sub = self._class * _CLASS_STRIDE + self.cohort_month[cohort]
        uniform = answer.keys.uniforms_at(
            answer.keys.cells(Event.ACCEPTANCE, month, sub, WHOLE_REGION), draw
        )
        if answer.refusal_counts:
            taken = binomial_quantile(uniform, asked, answer.chance.at(draw))
            return taken, asked, asked
        willing = binomial_quantile(uniform, here, answer.chance.at(draw))
        taken = np.minimum(willing, homes)
        # Of people in any order, so many are passed before the last home finds somebody.
        words = answer.keys.cells(Event.REFUSALS, month, sub, WHOLE_REGION)
        mean = homes * (here - willing) / (willing + 1.0)
        passed = np.floor(mean + answer.keys.uniforms_at(words, draw)).astype(np.int64)
        told = np.where(willing < homes, here, np.minimum(homes + passed, here))
        return taken, told, taken

    def _record(
        self,
        month: int,
        cohort: I64,
        draw: I64,
        taken: I64,
        told: I64,
        answer: Acceptance | None,
    ) -> None:
        """Note who was offered a home: on accepting, or at the first offer where refusals count."""
        heard = told if answer is not None and answer.refusal_counts else taken
        before = self._stopped[cohort, draw]
        noted = np.maximum(heard - before, 0)
        still = np.maximum(before - heard, 0) + (heard - taken)
        self._stopped[cohort, draw] = np.minimum(still, self._totals[cohort, draw])
        wait = month - self.cohort_month[cohort]
        self.offered[cohort, draw] += noted.astype(np.int32)
        self.waited[cohort, draw] += (noted * wait).astype(np.int32)
        self.offered_within[cohort, draw] += np.where(
            wait <= self._promise_months, noted, 0
        ).astype(np.int32)


def _add(counts: I64, place: I64, more: I64) -> None:
    """Add people to flat places, which may come more than once."""
    flat = np.flatnonzero(more)
    total = np.bincount(
        place.reshape(-1)[flat], weights=more.reshape(-1)[flat], minlength=counts.size
    )
    counts += total.astype(np.int64).reshape(counts.shape)


def stream_ranks(groups: tuple[str, ...], months: I64) -> I64:
    """Give the place of every stream in every cohort; shape (cohorts, 2 G).

    The order is by a hash of group id and month: it favours no group, and a group more or less
    leaves the order of the others as it was.
    """
    names = [word_of_name(f"{blocking}/{group}") for blocking in (0, 1) for group in groups]
    with np.errstate(over="ignore"):
        words = mix(np.array(names) + mix(months.astype(np.uint64))[:, None])
    return np.argsort(np.argsort(words, axis=1), axis=1)
