"""The rules of the month, lived by one person at a time: an independent model in SimPy.

It shares no code with the model and imports nothing of it: numbers come in, totals go out. A month
is one unit of time; what happens in a month happens at fixed moments of it, in the order in which
the rules are told. Chances per month become whole waiting times (geometric), so nothing here is
drawn the way the model draws it.
"""

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import simpy

MOVE, RELAPSE, END_SUPPORT, REFER, ADMIT, END_STAY, DECIDE, LEAVE, JOIN, OFFER = (
    nth / 10 for nth in range(10)
)
"""Moments of a month."""

Life = Generator[simpy.Event, object, None]


@dataclass(frozen=True)
class GroupRules:
    """The numbers of one target group; chances are per month.

    `residents` are (complex, months in stay, persons) with complex None where unknown, `waiting`
    the intake list, `assessing` and `moving` (without, with a place), `backlog` rows of (months on
    the list, with a place, applications), `let` homes let 0, 1, 2, ... months before the first.
    """

    referrals: float
    places: Sequence[int]
    phases: int
    phase_end: tuple[float, float]
    complex_now: float
    complex_share: Sequence[float]
    own_home: float
    divert_door: float
    divert_unplaced: float
    leave_intake: float
    decided: float
    positive: float
    homes: float
    leave_list: float
    relapse: float
    support_end: float
    residents: Sequence[tuple[bool | None, int, int]] = ()
    waiting: int = 0
    assessing: tuple[int, int] = (0, 0)
    moving: tuple[int, int] = (0, 0)
    backlog: Sequence[tuple[int, bool, int]] = ()
    let: Sequence[int] = ()


@dataclass(frozen=True)
class Rules:
    """The numbers of a region.

    `homes` are on offer per month; `turn` gives the place of (month, group, with a place) within
    the applications of one month.
    """

    horizon: int
    run_on: int
    promise: int
    homes: Sequence[int]
    relapse_window: int
    support_minimum: int
    groups: tuple[GroupRules, ...]
    turn: dict[tuple[int, int, bool], int]


@dataclass
class Person:
    """Somebody: what they wait for is an event that the region lets happen."""

    group: int
    blocks: bool = False
    joined: int = 0
    called: simpy.Event | None = None


@dataclass
class Group:
    """Who is where in one target group."""

    rules: GroupRules
    in_stay: int = 0
    blocking: int = 0
    intake: list[Person] = field(default_factory=list)
    arrivals: list[Person] = field(default_factory=list)
    supported: int = 0
    occupied: int = 0


class Region:
    """One life of the region."""

    def __init__(self, rules: Rules, seed: int) -> None:
        self.rules, self.dice = rules, Random(seed)
        self.env = simpy.Environment()
        self.groups = [Group(group) for group in rules.groups]
        self.list: list[Person] = []
        self.count: dict[str, int] = {}
        self.in_time = self.cohort = self.waited = self.served = 0
        self._begin()
        for at in range(len(self.groups)):
            self.env.process(self._gate(at))
        self.env.process(self._desk())
        self.env.process(self._census())

    def run(self) -> dict[str, float]:
        """Live all months and give the totals."""
        self.env.run(until=self.rules.horizon + self.rules.run_on)
        self.count["share_in_time"] = self.in_time / max(self.cohort, 1)
        self.count["mean_wait"] = self.waited / max(self.served, 1)
        return dict(self.count)

    # --- small things ---

    def _tally(self, name: str) -> None:
        if self.env.now < self.rules.horizon:
            self.count[name] = self.count.get(name, 0) + 1

    def _month(self) -> int:
        return math.floor(self.env.now + 1e-9)

    def _until(self, month: int, moment: float) -> simpy.Event:
        return self.env.timeout(max(month + moment - self.env.now, 0.0))

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _tries(self, chance: float) -> int:
        """Months until something of this chance a month happens, at least 1."""
        if chance <= 0.0:
            return 10**9
        if chance >= 1.0:
            return 1
        return max(math.ceil(math.log(1.0 - self.dice.random()) / math.log(1.0 - chance)), 1)

    def _poisson(self, mean: float) -> int:
        left, count = math.exp(-mean), 0
        product = self.dice.random()
        while product > left:
            count += 1
            product *= self.dice.random()
        return count

    # --- a life, from stage to stage ---

    def _stay(self, person: Person, finish: int) -> Life:
        """Live in a place until the month in which the stay is over."""
        group = self.groups[person.group]
        group.in_stay += 1
        yield self._until(finish, END_STAY)
        group.in_stay -= 1
        if not self._chance(group.rules.own_home):
            self._tally("left_elsewhere")
            return
        self._tally("ready")
        person.blocks = True
        group.blocking += 1
        yield from self._apply(person, self._month() + 1)

    def _apply(self, person: Person, first_try: int) -> Life:
        """Be assessed, from a month on."""
        group = self.groups[person.group]
        rules = group.rules
        yield self._until(first_try + self._tries(rules.decided) - 1, DECIDE)
        if not self._chance(rules.positive):
            self._tally("rejected")
            if person.blocks:
                person.blocks = False
                group.blocking -= 1
                finish = self._month() + self._tries(rules.phase_end[0])
                yield from self._stay(person, finish)
            else:
                group.intake.append(person)
                yield from self._wait_for_place(person)
            return
        self._tally("approved")
        if not self._chance(rules.homes):
            group.blocking -= person.blocks
            return
        yield self._until(self._month(), JOIN)
        self._tally("joined")
        yield from self._wait_for_home(person, self._month(), self._month())

    def _wait_for_home(self, person: Person, clock: int, month: int) -> Life:
        """Wait on the housing list; `month` is the last one without a chance to leave it."""
        group = self.groups[person.group]
        person.joined, person.called = clock, self.env.event()
        if 0 <= clock < self.rules.horizon:
            self.cohort += 1
        self.list.append(person)
        gives_up = self._until(month + self._tries(group.rules.leave_list), LEAVE)
        yield person.called | gives_up
        if not person.called.triggered:
            self.list.remove(person)
            group.blocking -= person.blocks
            self._tally("left_list")
            return
        yield from self._move(person, self._month() + 1)

    def _move(self, person: Person, month: int) -> Life:
        """Move in, and live there until support ends or a relapse."""
        group = self.groups[person.group]
        yield self._until(month, MOVE)
        group.blocking -= person.blocks
        person.blocks = False
        self._tally("let")
        back = self.dice.randint(1, self.rules.relapse_window)
        relapses = self._chance(group.rules.relapse)
        yield from self._live(person, month, back if relapses else None)

    def _live(self, person: Person, month: int, back: int | None) -> Life:
        group = self.groups[person.group]
        group.supported += 1
        if back is None:
            last = month + self.rules.support_minimum + self._tries(group.rules.support_end) - 1
            yield self._until(last, END_SUPPORT)
            group.supported -= 1
            self._tally("support_ended")
            return
        yield self._until(month + back, RELAPSE)
        group.supported -= 1
        self._tally("relapsed")
        yield from self._ask(person)

    def _ask(self, person: Person) -> Life:
        """Ask for a place, or be sent to a home at the door."""
        group = self.groups[person.group]
        yield self._until(self._month(), REFER)
        if self._chance(group.rules.divert_door):
            self._tally("diverted_door")
            yield from self._apply(person, self._month())
            return
        group.arrivals.append(person)
        yield from self._wait_for_place(person)

    def _wait_for_place(self, person: Person) -> Life:
        """Wait until the gate says: a place, a home, or given up."""
        group = self.groups[person.group]
        person.called = self.env.event()
        answer = yield person.called
        if answer == "place":
            month = self._month()
            is_complex = self._chance(group.rules.complex_share[month])
            chance = group.rules.phase_end[is_complex]
            months = sum(self._tries(chance) for _ in range(group.rules.phases))
            yield from self._stay(person, month + months - 1)
        elif answer == "home":
            yield from self._apply(person, self._month())

    # --- the region's own doings, every month ---

    def _gate(self, at: int) -> Life:
        """Referrals come in and free places are given, the intake list first."""
        group, rules = self.groups[at], self.rules.groups[at]
        while True:
            month = self._month()
            yield self._until(month, REFER)
            for _ in range(self._poisson(rules.referrals)):
                self._tally("referred")
                self.env.process(self._ask(Person(at)))
            yield self._until(month, ADMIT)
            free = max(rules.places[month] - group.in_stay - group.blocking, 0)
            waiting, newcomers = group.intake, group.arrivals
            group.intake, group.arrivals = [], []
            for person in waiting:
                if free > 0:
                    free -= 1
                    self._call(person, "place", "admitted")
                elif self._chance(rules.leave_intake):
                    self._call(person, "nothing", "left_intake")
                else:
                    group.intake.append(person)
            for person in newcomers:
                if free > 0:
                    free -= 1
                    self._call(person, "place", "admitted")
                elif self._chance(rules.divert_unplaced):
                    self._call(person, "home", "diverted_unplaced")
                else:
                    group.intake.append(person)
            yield self.env.timeout(0.01)
            group.occupied = group.in_stay + group.blocking
            yield self._until(month + 1, MOVE)

    def _call(self, person: Person, answer: str, name: str) -> None:
        self._tally(name)
        assert person.called is not None
        person.called.succeed(answer)

    def _desk(self) -> Life:
        """Offer the month's homes to who stands in front of the housing list."""
        while True:
            month = self._month()
            yield self._until(month, OFFER)
            turn = self.rules.turn
            self.list.sort(key=lambda who: (who.joined, turn[who.joined, who.group, who.blocks]))
            for person in self.list[: self.rules.homes[month]]:
                self._tally("offered")
                if 0 <= person.joined < self.rules.horizon:
                    self.in_time += month - person.joined <= self.rules.promise
                    self.served += 1
                    self.waited += month - person.joined
                assert person.called is not None
                person.called.succeed()
            del self.list[: self.rules.homes[month]]
            yield self._until(month + 1, MOVE)

    def _census(self) -> Life:
        """Count who is where at the end of the horizon."""
        yield self.env.timeout(self.rules.horizon - 0.05)
        self.count["list_end"] = len(self.list)
        self.count["intake_end"] = sum(len(group.intake) for group in self.groups)
        self.count["residents_end"] = sum(group.occupied for group in self.groups)
        self.count["support_end"] = sum(group.supported for group in self.groups)

    # --- the first day ---

    def _begin(self) -> None:
        for at, group in enumerate(self.groups):
            rules = group.rules
            for is_complex, months, persons in rules.residents:
                for _ in range(persons):
                    self._start(self._stay(Person(at), self._rest(rules, is_complex, months) - 1))
            for _ in range(rules.waiting):
                person = Person(at)
                group.intake.append(person)
                self._start(self._wait_for_place(person))
            for blocks in (False, True):
                group.blocking += rules.assessing[blocks] + rules.moving[blocks] if blocks else 0
                for _ in range(rules.assessing[blocks]):
                    self._start(self._apply(Person(at, blocks), 0))
                for _ in range(rules.moving[blocks]):
                    self._start(self._move(Person(at, blocks), 0))
            for age, blocks, applications in rules.backlog:
                group.blocking += applications * blocks
                for _ in range(applications):
                    self._start(self._wait_for_home(Person(at, blocks), -1 - age, -1))
            for age, homes in enumerate(rules.let):
                for _ in range(homes):
                    self._begin_tenancy(at, -1 - age)

    def _begin_tenancy(self, at: int, month: int) -> None:
        """Somebody moved in before the first month, and may have come back before it as well."""
        back = self.dice.randint(1, self.rules.relapse_window)
        relapses = self._chance(self.groups[at].rules.relapse)
        if not relapses or month + back >= 0:
            self._start(self._live(Person(at), month, back if relapses else None))

    def _start(self, life: Life) -> None:
        self.env.process(life)

    def _rest(self, rules: GroupRules, is_complex: bool | None, months: int) -> int:
        """Months that a stay still takes, given that it goes on after some: try until it does."""
        while True:
            drawn = self._chance(rules.complex_now) if is_complex is None else is_complex
            whole = sum(self._tries(rules.phase_end[drawn]) for _ in range(rules.phases))
            if whole > months:
                return whole - months


def live_many(rules: Rules, seeds: Iterable[int]) -> list[dict[str, float]]:
    """Live the region once per seed."""
    return [Region(rules, seed).run() for seed in seeds]
