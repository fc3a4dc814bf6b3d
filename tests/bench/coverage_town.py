"""A generated region, person by person: the rules of the model, month by month, with known truth.

Its own simple simulation: nothing of the outflow engine is in it. Belongs here: the life of the
people. Does not belong here: what senders deliver of it (`coverage_rows`), the study (`coverage`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.months import month_of

GROUPS = ("sheltered_living", "shelter")
AS_OF = month_of(2025, 12)
FUTURE = 120
BURN_IN = 96
PHASES, WINDOW = 2, 24

NOWHERE, WAITING, STAYING, PREPARING, ASSESSING, LISTED, MOVING, HOUSED = range(8)
NEVER = -1


@dataclass(frozen=True)
class Truth:
    """The truth of a region; names and units as the parameters, by name and group.

    Attributes:
        values: Parameter by name and group (region-wide ones under each group as well).
        places: Places now, by group.
        closing: Places that the plan closes over ten years, by group.
        intensity: Referrals a month, shape (months, groups).
        homes: Homes a month in the past.
        history: Months of history that are delivered.
    """

    values: Mapping[tuple[str, str], float]
    places: tuple[int, ...]
    closing: tuple[int, ...]
    intensity: np.ndarray
    homes: float
    history: int

    def __call__(self, name: str, group: int) -> float:
        """Give a value for a group."""
        own = (name, GROUPS[group])
        return self.values[own] if own in self.values else self.values[name, "all"]


class _Rows:
    """Columns of whole numbers that grow; what never happened is -1."""

    def __init__(self, *names: str) -> None:
        self.size = 0
        self._columns = {name: np.full(1024, NEVER, dtype=np.int64) for name in names}

    def add(self, count: int, **values: Any) -> np.ndarray:
        """Add rows; give their numbers."""
        rows = np.arange(self.size, self.size + count)
        self.size += count
        for name, column in self._columns.items():
            if self.size > column.size:
                more = np.full(max(column.size, count), NEVER, dtype=np.int64)
                self._columns[name] = np.concatenate([column, more])
            if name in values:
                self._columns[name][rows] = values[name]
        return rows

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name][: self.size]


class Town:
    """The people of a region while they live."""

    def __init__(self, truth: Truth, dice: np.random.Generator) -> None:
        self.truth, self.dice = truth, dice
        self.people = _Rows(
            "group", "state", "klass", "pace", "phase", "client", "blocks", "registered",
            "admitted", "ready", "ended", "destination", "left", "reason", "application", "timeout",
        )  # fmt: skip
        self.papers = _Rows(
            "person", "ready", "applied", "assessed", "outcome", "approved", "offered", "moved",
            "withdrawn",
        )  # fmt: skip
        self.due: dict[int, list[np.ndarray]] = {}
        self.clients = 0
        self.unused = 0.0
        self.needed: list[int] = []
        self.now = BURN_IN + truth.history - 1
        """The as-of month, counted from the beginning of the burn-in."""

    def live(self) -> "Town":
        """Let all months go by: burn-in, history and the ten years that the model has to tell."""
        self._fill()
        for month in range(self.now + 1 + FUTURE):
            self._move_in(month)
            self._come(month)
            for group in range(len(GROUPS)):
                self._admit(month, group)
            self._end_stays(month)
            self._decide(month)
            self._apply(month)
            self._offer(month)
        return self

    def _chance(self, rows: np.ndarray, name: str) -> np.ndarray:
        shares = np.array([self.truth(name, group) for group in range(len(GROUPS))])
        return self.dice.random(rows.size) < shares[self.people["group"][rows]]

    def _in(self, state: int) -> np.ndarray:
        return np.flatnonzero(self.people["state"] == state)

    def _new(self, month: int, group: int, count: int, client: Any = None) -> np.ndarray:
        if client is None:
            client = np.arange(self.clients, self.clients + count)
            self.clients += count
        return self.people.add(
            count, group=group, state=WAITING, client=client, registered=month, blocks=0
        )

    def _fill(self) -> None:
        for group, places in enumerate(self.truth.places):
            rows = self._new(0, group, places)
            self._start(0, group, rows)

    def _start(self, month: int, group: int, rows: np.ndarray) -> None:
        people, share = self.people, self._complex_share(month, group)
        people["state"][rows], people["blocks"][rows] = STAYING, 1
        people["admitted"][rows], people["phase"][rows] = month, 0
        klass = (self.dice.random(rows.size) < share).astype(np.int64)
        people["klass"][rows] = people["pace"][rows] = klass

    def _complex_share(self, month: int, group: int) -> float:
        if ("stay_years_complex", GROUPS[group]) not in self.truth.values:
            return 0.0
        now = self.truth("complex_share_now", group)
        way = min(max(month - self.now, 0) / FUTURE, 1.0)
        return now + way * (self.truth("complex_share_future", group) - now)

    def _places(self, month: int, group: int) -> int:
        """Places in a month: the plan closes evenly, later and less or more than planned."""
        places, closing = self.truth.places[group], self.truth.closing[group]
        ahead = month - self.now - round(self.truth("plan_delay_months_decided", group))
        planned = sum(change for at, change in plan_of(closing) if at <= ahead)
        return places - int(planned * self.truth("closing_share", group) + 0.5)

    def _move_in(self, month: int) -> None:
        rows = self._in(MOVING)
        self.people["state"][rows] = HOUSED
        self.papers["moved"][self.people["application"][rows]] = month
        self._leave(month, rows, 0)
        back = rows[self._chance(rows, "relapse_share")]
        for row, lag in zip(back, self.dice.integers(1, WINDOW + 1, back.size), strict=True):
            self.due.setdefault(month + int(lag), []).append(row)

    def _leave(self, month: int, rows: np.ndarray, destination: int) -> None:
        staying = rows[self.people["blocks"][rows] == 1]
        self.people["ended"][staying], self.people["destination"][staying] = month, destination
        self.people["blocks"][rows] = 0

    def _come(self, month: int) -> None:
        back = np.array(self.due.pop(month, []), dtype=np.int64)
        kept = self._chance(back, "time_out_share")
        for row, stays_home in zip(back, kept, strict=True):
            client = self.people["client"][row]
            new = self._new(month, self.people["group"][row], 1, client)
            if stays_home:
                self.people["state"][new], self.people["left"][new] = NOWHERE, month
                self.people["reason"][new], self.people["timeout"][new] = 2, 1
        for group in range(len(GROUPS)):
            self._new(month, group, int(self.dice.poisson(self.truth.intensity[month, group])))

    def _admit(self, month: int, group: int) -> None:
        people = self.people
        mine = people["group"] == group
        waiting = np.flatnonzero(mine & (people["state"] == WAITING))
        free = max(self._places(month, group) - int((mine & (people["blocks"] == 1)).sum()), 0)
        self._start(month, group, waiting[:free])
        others = waiting[free:]
        unplaced = others[people["registered"][others] == month]
        unplaced = unplaced[people["left"][unplaced] == NEVER]
        home = unplaced[self._chance(unplaced, "divert_unplaced_share")]
        people["state"][home], people["ready"][home] = PREPARING, month
        people["left"][home], people["reason"][home] = month, 1
        still = others[people["registered"][others] < month]
        gone = still[self._chance(still, "intake_leave_share")]
        people["state"][gone], people["left"][gone] = NOWHERE, month
        people["reason"][gone] = 0

    def _end_stays(self, month: int) -> None:
        people, rows = self.people, self._in(STAYING)
        years = np.array(
            [[self.truth("stay_years_single", group), self._complex_years(group)]
             for group in range(len(GROUPS))]
        )  # fmt: skip
        mean = 12.0 * years[people["group"][rows], people["pace"][rows]]
        ended = rows[self.dice.random(rows.size) < np.minimum(PHASES / np.maximum(mean, PHASES), 1)]
        people["phase"][ended] += 1
        finished = ended[people["phase"][ended] == PHASES]
        home = self._chance(finished, "own_home_share")
        ready, away = finished[home], finished[~home]
        people["state"][ready] = PREPARING
        first = ready[people["ready"][ready] == NEVER]
        people["ready"][first] = month
        people["state"][away] = NOWHERE
        self._leave(month, away, 1)

    def _complex_years(self, group: int) -> float:
        own = ("stay_years_complex", GROUPS[group])
        return self.truth.values.get(own, self.truth("stay_years_single", group))

    def _decide(self, month: int) -> None:
        people, papers, rows = self.people, self.papers, self._in(ASSESSING)
        speed = np.array([1 / max(self.truth("assessment_months", g), 1.0)
                          for g in range(len(GROUPS))])  # fmt: skip
        rows = rows[self.dice.random(rows.size) < speed[people["group"][rows]]]
        luck = self.dice.random(rows.size)
        positive = self.truth("assessment_positive_share", 0)
        returned = min(self.truth("assessment_returned_share", 0), 1.0 - positive)
        outcome = np.select([luck < positive, luck < positive + returned], [0, 1], 2)
        mine = people["application"][rows]
        papers["assessed"][mine], papers["outcome"][mine] = month, outcome
        people["state"][rows[outcome == 1]] = PREPARING
        self._refuse(month, rows[outcome == 2])
        good = rows[outcome == 0]
        papers["approved"][people["application"][good]] = month
        alone = self._chance(good, "homes_per_person")
        people["state"][good[alone]] = LISTED
        self._go_elsewhere(month, good[~alone])

    def _refuse(self, month: int, rows: np.ndarray) -> None:
        """Send people back: to the last phase of a stay, as the single, or to the intake list.

        Who goes back to the list registers anew.
        """
        people = self.people
        stay, others = (rows[people["blocks"][rows] == at] for at in (1, 0))
        people["state"][stay], people["phase"][stay], people["pace"][stay] = STAYING, 1, 0
        people["state"][others], people["left"][others] = WAITING, NEVER
        people["reason"][others], people["registered"][others] = NEVER, month
        people["ready"][others] = NEVER

    def _go_elsewhere(self, month: int, rows: np.ndarray) -> None:
        self.papers["withdrawn"][self.people["application"][rows]] = month
        self.people["state"][rows] = NOWHERE
        self._leave(month, rows, 2)

    def _apply(self, month: int) -> None:
        people, rows = self.people, self._in(PREPARING)
        speed = 1.0 / (1.0 + self.truth("ready_to_application_months", 0))
        rows = rows[self.dice.random(rows.size) < speed]
        people["state"][rows] = ASSESSING
        people["application"][rows] = self.papers.add(
            rows.size, person=rows, ready=people["ready"][rows], applied=month
        )

    def _offer(self, month: int) -> None:
        """Let some leave the list, and offer: as many homes as there were, later to everybody."""
        people, papers, rows = self.people, self.papers, self._in(LISTED)
        old = rows[papers["approved"][people["application"][rows]] < month]
        leaving = self._chance(old, "housing_list_leave_share")
        if month <= self.now:
            self._go_elsewhere(month, old[leaving])
            rows = self._in(LISTED)
            self.unused = min(self.unused + self.truth.homes, self.truth.homes + 1)
            homes = int(self.unused)
            since = papers["approved"][people["application"][rows]]
            rows = rows[np.argsort(since, kind="stable")][:homes]
            self.unused -= homes
        else:
            self.needed.append(rows.size)
        people["state"][rows] = MOVING
        papers["offered"][people["application"][rows]] = month


def plan_of(closing: int) -> list[tuple[int, int]]:
    """Spread planned closing over forty quarters: (months ahead, places), whole places each."""
    steps = [closing * (at + 1) // 40 - closing * at // 40 for at in range(40)]
    return [(3 * at + 1, step) for at, step in enumerate(steps) if step]
