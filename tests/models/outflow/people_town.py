"""The town in which the people of the independent model live: who is where, and what it does.

Belongs here: people and groups, dice, counting, and what the town does every month: giving free
places, moving people out, filling projects, offering homes. Does not belong here: a life
(`people`), the numbers (`people_rules`).
"""

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from random import Random

import simpy

from tests.models.outflow.people_rules import GroupRules, Rules

(
    MOVE, RELAPSE, END_SUPPORT, MOVE_OUT, REFER, ADMIT, END_STAY, DECIDE, APPLY, FILL, LEAVE, OFFER
) = (nth / 16 for nth in range(12))  # fmt: skip
"""Moments of a month: its steps in their order. Sixteenths add up without rounding."""
CENSUS = 15 / 16
JUST_AFTER = 1 / 64
NEVER = 10**6

Life = Generator[simpy.Event, object, None]


@dataclass(eq=False)
class Person:
    """Somebody: what they wait for is an event that the town lets happen.

    Attributes:
        group: Position of the target group.
        keeps: Is ready for a home, or waits for a project, and came from a place.
        clock: Month in which the clock of the promise started.
        rank: Priority class.
        stopped: The clock has stopped.
        stays: How many stays have begun or were broken off; a stay of an older number is over.
        looked_at: Month in which it is decided whether somebody without a place gets a home.
        called: What somebody who waits waits for.
    """

    group: int
    keeps: bool = False
    clock: int = -1
    rank: int = 0
    stopped: bool = False
    stays: int = 0
    looked_at: int = -NEVER
    called: simpy.Event | None = None


@dataclass(eq=False)
class Group:
    """Who is where in one target group.

    Attributes:
        rules: The group's numbers.
        in_stay: In a place and not ready.
        keeping: Not in a stay any more, with a place all the same.
        intake: On the intake list.
        arrivals: Asks for a place this month.
        here: Numbers of people in other situations, and of homes.
        leases: Provider's homes.
        leased_share: Share of those in support's first period who live in one, this month.
        occupied: Residents after the month's admissions.
    """

    rules: GroupRules
    in_stay: list[Person] = field(default_factory=list)
    keeping: int = 0
    intake: list[Person] = field(default_factory=list)
    arrivals: list[Person] = field(default_factory=list)
    here: dict[str, int] = field(default_factory=dict)
    leases: dict[object, None] = field(default_factory=dict)
    leased_share: float = 0.0
    occupied: int = 0

    def enter(self, where: str) -> None:
        """Count one more somewhere."""
        self.here[where] = self.here.get(where, 0) + 1

    def leave(self, where: str) -> None:
        """Count one less somewhere."""
        self.here[where] -= 1


class Town:
    """Everybody and everything at one moment; `people.Region` adds the lives."""

    def __init__(self, rules: Rules, seed: int) -> None:
        self.rules, self.dice = rules, Random(seed)
        self.env = simpy.Environment()
        self.groups = [Group(group) for group in rules.groups]
        self.waiting: list[Person] = []
        self.queues: dict[str, list[Person]] = {kind: [] for kind in rules.projects}
        self.living: dict[str, int] = dict.fromkeys(rules.projects, 0)
        self.passed_homes = 0
        self.unused = self.started = 0
        self.count: dict[tuple[str, int], int] = {}
        self.in_time = self.cohort = self.waited = self.served = 0
        for at in range(len(self.groups)):
            self.start(self._gate(at))
        for kind in rules.projects:
            self.start(self._project(kind))
        self.start(self._desk())
        self.start(self._census())

    # --- small things ---

    def start(self, life: Life) -> None:
        """Let a life, or a doing of the town, begin."""
        self.env.process(life)

    def tally(self, name: str, group: int) -> None:
        """Count something that happens within the horizon; what happens soon also apart."""
        if self.env.now < self.rules.horizon:
            self.count[name, group] = self.count.get((name, group), 0) + 1
        if self.env.now < self.rules.soon:
            soon = f"{name}#soon", group
            self.count[soon] = self.count.get(soon, 0) + 1

    def month(self) -> int:
        """Give the month that it is."""
        return math.floor(self.env.now)

    def until(self, month: int, moment: float) -> simpy.Event:
        """Wait for a moment."""
        return self.env.timeout(max(month + moment - self.env.now, 0.0))

    def chance(self, share: float) -> bool:
        """Throw a coin."""
        return self.dice.random() < share

    def tries(self, chance: float) -> int:
        """Months until something of this chance a month happens, at least 1."""
        if chance <= 0.0:
            return NEVER
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

    def call(self, person: Person, answer: str) -> None:
        """Let what somebody waits for happen."""
        assert person.called is not None
        person.called.succeed(answer)

    def newcomer(self, person: Person) -> Life:
        """Come to the town's door; `people` says how."""
        raise NotImplementedError

    def moved_out(self, person: Person) -> Life:
        """Lose the place; `people` says how it goes on."""
        raise NotImplementedError

    # --- places ---

    def _gate(self, at: int) -> Life:
        """Move people out, let referrals come in, and give free places, the intake list first."""
        group, rules = self.groups[at], self.rules.groups[at]
        while True:
            month = self.month()
            yield self.until(month, MOVE + JUST_AFTER)
            first = group.here.get("first_period", 0)
            group.leased_share = min(1.0, len(group.leases) / first) if first else 0.0
            yield self.until(month, MOVE_OUT)
            self._close_places(group, month)
            yield self.until(month, REFER)
            for _ in range(self._poisson(rules.referrals)):
                self.tally("referred", at)
                self.start(self.newcomer(Person(at)))
            yield self.until(month, ADMIT)
            self._give_places(at, month)
            yield self.until(month, ADMIT + JUST_AFTER)
            group.occupied = len(group.in_stay) + group.keeping
            yield self.until(month + 1, MOVE)

    def _close_places(self, group: Group, month: int) -> None:
        closing = group.rules.moved_out[month] if group.rules.moved_out else 0
        if not closing:
            return
        above = len(group.in_stay) + group.keeping - group.rules.places[month]
        going = min(max(above, 0), closing, len(group.in_stay))
        for person in self.dice.sample(group.in_stay, going):
            group.in_stay.remove(person)
            person.stays += 1
            self.tally("moved_out", person.group)
            self.start(self.moved_out(person))

    def _give_places(self, at: int, month: int) -> None:
        group, rules = self.groups[at], self.rules.groups[at]
        free = rules.places[month] - len(group.in_stay) - group.keeping
        free = NEVER if rules.path == "people" else max(free, 0)
        waiting, newcomers = group.intake, group.arrivals
        group.intake, group.arrivals = [], []
        for person in newcomers:
            person.looked_at = month + rules.divert_after
        came_now = set(map(id, newcomers))
        for person in [*sorted(waiting, key=lambda who: who.looked_at), *newcomers]:
            if free > 0:
                free -= 1
                self._answer(person, "place", "admitted")
            elif id(person) not in came_now and self.chance(rules.leave_intake):
                self._answer(person, "nothing", "left_intake")
            elif person.looked_at == month and self.chance(rules.divert_unplaced):
                self._answer(person, "home", "diverted_unplaced")
            else:
                group.intake.append(person)

    def _answer(self, person: Person, answer: str, name: str) -> None:
        self.tally(name, person.group)
        self.call(person, answer)

    # --- projects ---

    def _project(self, kind: str) -> Life:
        """Give the places of a project that are free to who waits for it."""
        rules = self.rules.projects[kind]
        turn = self.rules.turn
        while True:
            month = self.month()
            yield self.until(month, FILL + JUST_AFTER)
            free = max(rules.places[month] - self.living[kind], 0)
            queue = self.queues[kind]
            queue.sort(key=lambda who: turn[month, who.group, who.keeps])
            for person in queue[:free]:
                self.living[kind] += 1
                self.call(person, "place")
            del queue[:free]
            yield self.until(month + 1, MOVE)

    # --- homes ---

    def _desk(self) -> Life:
        """Offer the month's homes to who stands in front of the housing list."""
        turn = self.rules.turn
        while True:
            month = self.month()
            yield self.until(month, OFFER)
            self.waiting.sort(
                key=lambda who: (who.rank, who.clock, turn[who.clock, who.group, who.keeps])
            )
            self.started = 0
            self._pass_homes_on(month)
            if self.rules.homes is None:
                self._serve(list(self.waiting), month)
            else:
                self._offer_outside_the_cap(month)
                self._offer_under_the_cap(month)
            yield self.until(month + 1, MOVE)

    def _serve(self, people: Iterable[Person], month: int, answer: str = "home") -> int:
        """Let people have a home; how many."""
        chosen = list(people)
        for person in chosen:
            self.tally("offered" if answer == "home" else "offered_passed", person.group)
            self._stop_clock(person, month)
            self.call(person, answer)
        self.started += len(chosen)
        gone = set(map(id, chosen))
        self.waiting = [person for person in self.waiting if id(person) not in gone]
        return len(chosen)

    def _stop_clock(self, person: Person, month: int) -> None:
        if not person.stopped and 0 <= person.clock < self.rules.horizon:
            self.in_time += month - person.clock <= self.rules.promise
            self.served += 1
            self.waited += month - person.clock
        person.stopped = True

    def _pass_homes_on(self, month: int) -> None:
        self.passed_homes -= self._serve(self.waiting[: self.passed_homes], month, "passed home")

    def _offer_outside_the_cap(self, month: int) -> None:
        for groups, homes in self.rules.contingents:
            theirs = [person for person in self.waiting if person.group in groups]
            self._serve(theirs[: homes[month]], month)
        law = self.rules.by_law
        self._serve([who for who in self.waiting if law.get(who.group, NEVER) <= month], month)

    def _offer_under_the_cap(self, month: int) -> None:
        rules = self.rules
        assert rules.homes is not None
        if month == 0 or rules.years[month] != rules.years[month - 1]:
            self.unused = 0
        homes = rules.homes[month] + self.unused
        spent, accepting = 0, []
        most = homes
        if rules.starts is not None:
            most = min(homes, max(rules.starts[month] - self.started, 0))
        for person in self.waiting:
            if spent == most:
                break
            accepts = self.chance(rules.accepts)
            if accepts:
                accepting.append(person)
            else:
                self.tally("refused", person.group)
            if rules.refusal_counts:
                self._stop_clock(person, month)
            spent += accepts or rules.refusal_counts
        self._serve(accepting, month)
        if rules.carried:
            self.unused = homes - spent

    # --- counting ---

    def _census(self) -> Life:
        """Count who is where at the end of some months."""
        for month in self.rules.census:
            yield self.until(month, CENSUS)
            for at, group in enumerate(self.groups):
                stocks = {
                    **group.here,
                    "intake": len(group.intake),
                    "residents": group.occupied,
                    "blocked": group.keeping,
                    "leased": len(group.leases),
                }
                for name, number in stocks.items():
                    self.count[name, at] = self.count.get((name, at), 0) + number
            for person in self.waiting:
                key = "housing_list", person.group
                self.count[key] = self.count.get(key, 0) + 1
