"""The rules of the month, lived by one person at a time: an independent model in SimPy.

It shares no code with the model and imports nothing of it: numbers come in, totals go out. A month
is one unit of time; what happens in a month happens at fixed moments of it, in the order in which
the rules are told. Chances per month become whole waiting times (geometric), so nothing here is
drawn the way the model draws it. Belongs here: a life, from stage to stage, and the first day.

What `docs/model.md` leaves open is lived in the simplest way. A time-out lasts at least to the next
month's relapses. Somebody returned for papers can apply again in the same month. A stay that ends
by itself in the month of the agreed maximum is an ordinary one. A home is given up whoever leased
it, unless it is passed on. Whoever gets a home starts a support, so those of homes passed on, of
contingents and by law count before those of the cap. Who is refused a home and goes back to the
intake list is not asked again whether to go straight to one, and stands before those who have not
been asked. On the first day, people have lived their past months by the rules of a month.
"""

from collections.abc import Iterable

from tests.models.outflow.people_rules import IN_BETWEEN, KINDS, GroupRules, Rules
from tests.models.outflow.people_town import (
    APPLY,
    DECIDE,
    END_STAY,
    END_SUPPORT,
    FILL,
    JUST_AFTER,
    LEAVE,
    MOVE,
    NEVER,
    REFER,
    RELAPSE,
    Life,
    Person,
    Town,
)


class Region(Town):
    """One life of the region."""

    def __init__(self, rules: Rules, seed: int) -> None:
        super().__init__(rules, seed)
        self._begin()

    def run(self) -> dict[str, float]:
        """Live all months and give the totals: by name, and by name and group."""
        self.env.run(until=self.rules.horizon + self.rules.run_on)
        totals: dict[str, float] = {}
        for (name, group), number in self.count.items():
            totals[name] = totals.get(name, 0) + number
            totals[f"{name}@{group}"] = number
        totals["share_in_time"] = self.in_time / max(self.cohort, 1)
        totals["mean_wait"] = self.waited / max(self.served, 1)
        totals["cohort"] = self.cohort
        return totals

    # --- in a place ---

    def newcomer(self, person: Person) -> Life:
        """Ask for a place, or be ready for a home at the door."""
        group = self.groups[person.group]
        if group.rules.path == "applications" or self.chance(group.rules.divert_door):
            self.tally("diverted_door", person.group)
            yield from self._get_ready(person, keeps=False)
            return
        group.arrivals.append(person)
        yield from self._wait_for_place(person)

    def _wait_for_place(self, person: Person) -> Life:
        """Wait until the gate says: a place, a home, or given up."""
        person.called = self.env.event()
        answer = yield person.called
        if answer == "place":
            finish, at_maximum = self._exit(self.groups[person.group].rules, self.month())
            yield from self._stay(person, finish, at_maximum=at_maximum)
        elif answer == "home":
            yield from self._get_ready(person, keeps=False)

    def _exit(self, rules: GroupRules, month: int) -> tuple[int, bool]:
        """Give the month in which a stay ends that begins now, and whether at the maximum."""
        is_complex = self.chance(rules.complex_share[month]) if rules.complex_share else False
        months = sum(self.tries(rules.phase_end[is_complex]) for _ in range(rules.phases))
        finish = month + months - 1
        if rules.age_limit is not None:
            limit = month + rules.age_limit + self.dice.randint(-6, 5)
            finish = max(min(finish, limit), month)
        if rules.maximum is not None and finish > month + rules.maximum[0]:
            return month + rules.maximum[0], True
        return finish, False

    def _stay(self, person: Person, finish: int, *, at_maximum: bool = False) -> Life:
        """Live in a place until the month in which the stay is over, or until moved out."""
        group = self.groups[person.group]
        rules = group.rules
        group.in_stay.append(person)
        person.stays += 1
        this = person.stays
        yield self.until(finish, END_STAY)
        if person.stays != this:
            return
        group.in_stay.remove(person)
        if at_maximum:
            own_home, in_between = float(rules.maximum is not None and rules.maximum[1]), 0.0
        else:
            own_home, in_between = rules.own_home, rules.in_between
        if self.chance(own_home):
            self.tally("ready", person.group)
            yield from self._get_ready(person, keeps=True)
        elif IN_BETWEEN in self.rules.projects and self.chance(in_between / (1.0 - own_home)):
            self.tally("to_in_between", person.group)
            self._keep(person, keeps=True)
            yield from self._wait_for_project(person, IN_BETWEEN)
        else:
            self.tally("left_elsewhere", person.group)

    def moved_out(self, person: Person) -> Life:
        """Lose the place: ready for a home, or gone."""
        if self.chance(self.groups[person.group].rules.move_out_home):
            self.tally("ready", person.group)
            yield from self._get_ready(person, keeps=False)
        else:
            self.tally("left_elsewhere", person.group)

    def _keep(self, person: Person, *, keeps: bool) -> None:
        """Keep the place while waiting, or give it up."""
        group = self.groups[person.group]
        if group.rules.keeps_place:
            group.keeping += keeps - person.keeps
        person.keeps = keeps

    # --- an application ---

    def _get_ready(self, person: Person, *, keeps: bool) -> Life:
        """Be ready for a home from now on: prepare an application."""
        self._keep(person, keeps=keeps)
        if self.rules.clock == "ready":
            person.clock = self.month()
        person.stopped = False
        yield from self._prepare(person)

    def _prepare(self, person: Person) -> Life:
        """Prepare an application, from now on."""
        group = self.groups[person.group]
        group.enter("preparing")
        now = self.env.now
        first = self.month() + (now > self.month() + APPLY)
        yield self.until(first + self.tries(group.rules.applies) - 1, APPLY)
        group.leave("preparing")
        self.tally("applied", person.group)
        if self.rules.clock == "application":
            person.clock = self.month()
        yield from self._be_assessed(person, self.month() + 1)

    def _be_assessed(self, person: Person, first_try: int) -> Life:
        """Be assessed, from a month on."""
        group = self.groups[person.group]
        rules = group.rules
        group.enter("assessing")
        yield self.until(first_try + self.tries(rules.decided) - 1, DECIDE)
        group.leave("assessing")
        self.tally("decided", person.group)
        if self.chance(rules.positive):
            self.tally("approved", person.group)
            yield from self._be_approved(person)
        elif self.chance(rules.returned / (1.0 - rules.positive)):
            self.tally("returned_papers", person.group)
            yield from self._prepare(person)
        else:
            self.tally("rejected", person.group)
            yield from self._be_refused(person)

    def _be_refused(self, person: Person) -> Life:
        """Go back to where one came from, as far as there is such a place."""
        group = self.groups[person.group]
        rules = group.rules
        if person.keeps:
            self._keep(person, keeps=False)
            has_exit = rules.age_limit is not None or rules.maximum is not None
            more = rules.back_for if has_exit else self.tries(rules.phase_end[0])
            yield from self._stay(person, self.month() + more)
        elif rules.path == "places":
            person.looked_at = -NEVER
            group.intake.append(person)
            yield from self._wait_for_place(person)
        else:
            self.tally("left_elsewhere", person.group)

    def _be_approved(self, person: Person) -> Life:
        """Become an application of some kind."""
        rules = self.groups[person.group].rules
        if self.rules.clock == "approval":
            person.clock = self.month()
        for name, share in (("companions", rules.homes), ("other_quota", rules.quota_region)):
            if not self.chance(share):
                self.tally(name, person.group)
                self._keep(person, keeps=False)
                return
        lot = self.dice.random()
        for kind in KINDS:
            share = rules.products.get(kind, 0.0) if kind in self.rules.projects else 0.0
            if lot < share:
                self.tally("to_projects", person.group)
                if kind != IN_BETWEEN:
                    self.tally(f"to_{kind}", person.group)
                yield from self._wait_for_project(person, kind)
                return
            lot -= share
        yield self.until(self.month(), LEAVE + JUST_AFTER)
        self.tally("joined", person.group)
        person.rank = self.dice.choices(range(len(self.rules.classes)), self.rules.classes)[0]
        yield from self._wait_for_home(person, self.month())

    # --- a project ---

    def _wait_for_project(self, person: Person, kind: str) -> Life:
        """Wait for a place in a project and live there."""
        group = self.groups[person.group]
        person.called = self.env.event()
        self.queues[kind].append(person)
        group.enter("project_queue")
        yield person.called
        group.leave("project_queue")
        self._keep(person, keeps=False)
        self.tally("project_entered", person.group)
        yield from self._live_in_project(person, kind, self.month())

    def _live_in_project(self, person: Person, kind: str, since: int) -> Life:
        group, rules = self.groups[person.group], self.rules.projects[kind]
        group.enter("project_residents")
        months = self.tries(rules.leave)
        if rules.longest is not None:
            months = min(months, rules.longest)
        yield self.until(since + months, FILL)
        group.leave("project_residents")
        self.living[kind] -= 1
        self.tally("project_left", person.group)
        if self.chance(rules.own_home):
            self.tally("ready", person.group)
            yield from self._get_ready(person, keeps=False)
        else:
            self.tally("left_elsewhere", person.group)

    # --- a home ---

    def _wait_for_home(self, person: Person, month: int) -> Life:
        """Wait on the housing list; `month` is the last one without a chance to leave it."""
        group = self.groups[person.group]
        person.called = self.env.event()
        if 0 <= person.clock < self.rules.horizon:
            self.cohort += 1
        self.waiting.append(person)
        called = person.called
        if self.rules.homes is None or group.rules.leave_list <= 0.0:
            answer = yield called
        else:
            gives_up = self.until(month + self.tries(group.rules.leave_list), LEAVE)
            yield called | gives_up
            if not called.triggered:
                self.waiting.remove(person)
                self._keep(person, keeps=False)
                self.tally("left_list", person.group)
                return
            answer = called.value
        yield from self._move(person, self.month() + 1, passed=answer == "passed home")

    def _move(self, person: Person, month: int, *, passed: bool) -> Life:
        """Move in, and live there until support ends or a relapse."""
        group = self.groups[person.group]
        group.enter("moving")
        yield self.until(month, MOVE)
        group.leave("moving")
        self._keep(person, keeps=False)
        self.tally("moved_passed" if passed else "let", person.group)
        if passed or not self.chance(group.rules.three_party):
            self.start(self._lease(person.group))
        back = self.dice.randint(1, self.rules.relapse_window)
        relapses = self.chance(group.rules.relapse)
        yield from self._live(person, month, back if relapses else None)

    def _lease(self, at: int) -> Life:
        """Be a provider's home, until the resident takes over the lease or the home is empty."""
        leases, lease = self.groups[at].leases, object()
        leases[lease] = None
        yield self.until(self.month() + self.tries(self.rules.flip) - 1, END_SUPPORT)
        if lease in leases:
            del leases[lease]
            self.tally("flipped", at)

    def _live(self, person: Person, month: int, back: int | None) -> Life:
        """Live in a home since a month: without relapse, or with one after some months."""
        group = self.groups[person.group]
        group.enter("support")
        group.enter("first_period")
        if back is None:
            yield self.until(month + self.rules.support_minimum, MOVE)
            group.leave("first_period")
            yield from self._be_supported_longer(person)
            return
        yield self.until(month + back, RELAPSE)
        group.leave("support")
        group.leave("first_period")
        if self.chance(group.rules.time_out):
            self.tally("time_out", person.group)
            group.enter("away")
            yield self.until(self.month() + self.tries(group.rules.time_out_end), RELAPSE)
            group.leave("away")
            group.enter("support")
            yield from self._be_supported_longer(person)
            return
        self.tally("relapsed", person.group)
        self._empty_home(person.group)
        yield self.until(self.month(), REFER)
        self.tally("returned", person.group)
        yield from self.newcomer(person)

    def _be_supported_longer(self, person: Person) -> Life:
        group = self.groups[person.group]
        yield self.until(self.month() + self.tries(group.rules.support_end) - 1, END_SUPPORT)
        group.leave("support")
        self.tally("support_ended", person.group)

    def _empty_home(self, at: int) -> None:
        """Leave a home: a provider's may be passed on to a next client."""
        group = self.groups[at]
        if group.leases and self.chance(group.leased_share):
            del group.leases[next(iter(group.leases))]
            if self.chance(group.rules.passed_on):
                self.tally("passed_on", at)
                self.passed_homes += 1
                return
        self.tally("given_up", at)

    # --- the first day ---

    def _begin(self) -> None:
        for at, group in enumerate(self.groups):
            start = group.rules.start
            for is_complex, months, persons in start.residents:
                for _ in range(persons):
                    self.start(self._stay_on(Person(at), is_complex, months))
            for months, born, persons in start.by_birth:
                for _ in range(persons):
                    self.start(self._stay_on(Person(at), False, months, born))
            joined = [-NEVER] * start.waiting
            joined += [-1 - age for age, many in enumerate(start.lately) for _ in range(many)]
            for month in joined:
                person = Person(at, looked_at=month + group.rules.divert_after)
                group.intake.append(person)
                self.start(self._wait_for_place(person))
            for keeps in (False, True):
                for _ in range(start.preparing[keeps]):
                    self.start(self._prepare(self._somebody(at, keeps=keeps)))
                for _ in range(start.assessing[keeps]):
                    self.start(self._be_assessed(self._somebody(at, keeps=keeps), 0))
                for _ in range(start.moving[keeps]):
                    self.start(self._move(self._somebody(at, keeps=keeps), 0, passed=False))
            for age, keeps, rank, applications in start.backlog:
                for _ in range(applications):
                    person = self._somebody(at, keeps=keeps)
                    person.clock, person.rank = -1 - age, rank
                    self.start(self._wait_for_home(person, -1))
            for kind, keeps, applications in start.for_projects:
                for _ in range(applications):
                    self.start(self._wait_for_project(self._somebody(at, keeps=keeps), kind))
            for age, homes in enumerate(start.let):
                for _ in range(homes):
                    self._begin_tenancy(at, age)

        for kind, project in self.rules.projects.items():
            for at, persons in project.open_now.items():
                self.living[kind] += persons
                for _ in range(persons):
                    self.start(self._live_in_project(Person(at), kind, -1))

    def _somebody(self, at: int, *, keeps: bool) -> Person:
        person = Person(at)
        self._keep(person, keeps=keeps)
        return person

    def _stay_on(
        self, person: Person, is_complex: bool | None, months: int, born: int | None = None
    ) -> Life:
        """Live on in a place after some months: try whole stays until one lasts so long."""
        rules = self.groups[person.group].rules
        while True:
            drawn = self.chance(rules.complex_now) if is_complex is None else is_complex
            whole = sum(self.tries(rules.phase_end[drawn]) for _ in range(rules.phases))
            if whole > months:
                break
        finish, at_maximum = whole - months - 1, False
        if born is not None:
            finish = min(finish, 12 * born + rules.of_age + self.dice.randint(0, 11))
        elif rules.age_limit is not None:
            finish = min(finish, rules.age_limit - months + self.dice.randint(-6, 5))
        if rules.maximum is not None and finish > rules.maximum[0] - months:
            finish, at_maximum = rules.maximum[0] - months, True
        yield from self._stay(person, max(finish, 0), at_maximum=at_maximum)

    def _begin_tenancy(self, at: int, age: int) -> None:
        """Somebody moved in before the first month, and may have come back before it as well."""
        rules = self.groups[at].rules
        back = self.dice.randint(1, self.rules.relapse_window)
        relapses = self.chance(rules.relapse)
        if relapses and back <= age:
            return
        if not self.chance(rules.three_party) and self.tries(self.rules.flip) > age + 1:
            self.start(self._lease(at))
        self.start(self._live(Person(at), -1 - age, back if relapses else None))


def live_many(rules: Rules, seeds: Iterable[int]) -> list[dict[str, float]]:
    """Live the region once per seed."""
    return [Region(rules, seed).run() for seed in seeds]
