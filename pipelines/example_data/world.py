"""The example world, person by person and day by day: referrals, intake list, places, stays.

Belongs here: who registers, who gets a place, how long care takes and where it ends. Does not
belong here: the road to a home (`housing.py`), the files (`rows.py`, `write.py`), and anything of
the outflow model: this world follows its own law.
"""

from dataclasses import dataclass, replace
from functools import partial
from math import cos, exp, log, pi

from pipelines.example_data.background import other_lettings
from pipelines.example_data.clock import (
    DAYS_PER_MONTH,
    DAYS_PER_YEAR,
    Clock,
    day_of,
    month_of,
    year_of,
)
from pipelines.example_data.dice import Dice, Stream
from pipelines.example_data.housing import Housing
from pipelines.example_data.law import GroupLaw, Law
from pipelines.example_data.people import Person, Records, Registration, Stay
from pipelines.example_data.places import Places, month_text

OWN_HOME = "own_home"
DRIFT_FROM_YEAR, DRIFT_TO_YEAR = 2021, 2031
BASE_GROUP, LAST_RESORT = "sheltered_living", "shelter"


@dataclass(frozen=True)
class World:
    """What happened, and the places in which it happened."""

    law: Law
    places: Places
    records: Records
    occupied: dict[tuple[str, int], int]
    """Persons in a facility at the end of the last day of a month, by (facility, month number)."""


class _Care:
    """The care side of the world while it runs."""

    def __init__(self, law: Law, seed: int) -> None:
        self.law, self.dice = law, Dice(seed, law.world_stream)
        self.clock, self.records = Clock(), Records()
        self.places = Places(law)
        self.queues: dict[tuple[str, str], list[Registration]] = {}
        self.residents: dict[str, list[Stay]] = {item.id: [] for item in law.facilities}
        self.clients: dict[str, int] = {}
        self.occupied: dict[tuple[str, int], int] = {}
        self.housing = Housing(
            law, self.dice, self.clock, self.records, self.leave_for_list, self.relapse
        )

    # --- referrals ---------------------------------------------------------------------------

    def plan_referrals(self, first_year: int, last_year: int) -> None:
        """Put the new registrations of every year on the calendar."""
        law = self.law
        for group in law.groups.values():
            level, memory = 0.0, law.value("referral_year_memory")
            spread = law.value("referral_year_sd") * (1 - memory**2) ** 0.5
            for year in range(first_year, last_year + 1):
                level = memory * level + spread * self.dice.normal()
                trend = (1 + law.value("referral_trend")) ** (year - DRIFT_FROM_YEAR)
                mean = group.sizes["referrals"].in_year(year) * trend * exp(level) / 12
                for month in range(1, 13):
                    season = 1 + group.season * cos(2 * pi * (month - 1) / 12)
                    self._plan_month(group, year, month, mean * season)

    def _plan_month(self, group: GroupLaw, year: int, month: int, mean: float) -> None:
        first = day_of(year, month)
        for _ in range(self.dice.poisson(mean)):
            moment = first + (1 - self.dice.uniform()) * DAYS_PER_MONTH
            self.clock.plan(moment, partial(self._refer, group))

    def _provider_of(self, group: str, day: int) -> str:
        month = month_of(day)
        weights: dict[str, float] = {}
        for item in self.law.facilities:
            if item.group == group:
                places = self.places.admitting(item.id, month)
                weights[item.provider] = weights.get(item.provider, 0) + places
        return self.dice.pick(weights)

    def _new_person(self, group: GroupLaw, provider: str, day: int) -> Person:
        person = Person(
            number=self._next_client(provider),
            provider=provider,
            group=group.name,
            birth_year=year_of(day) - self.dice.whole(*group.first_age),
            origin=self.dice.pick(self.law.weights["origins"]),
            household_size=int(self.dice.pick(group.household_sizes)),
            complexity=self._complexity(group, year_of(day)),
        )
        self.records.persons.append(person)
        return person

    def _next_client(self, provider: str) -> int:
        self.clients[provider] = self.clients.get(provider, 0) + 1
        return self.clients[provider]

    def _complexity(self, group: GroupLaw, year: int) -> str:
        if "stay_complex" not in group.sizes:
            return ""
        before = self.law.value("complex_share_before")
        after = self.law.value("complex_share_after")
        way = (year - DRIFT_FROM_YEAR) / (DRIFT_TO_YEAR - DRIFT_FROM_YEAR)
        share = before + min(max(way, 0.0), 1.0) * (after - before)
        return "complex" if self.dice.chance(share) else "single"

    def _refer(self, group: GroupLaw, day: int) -> None:
        if group.straight_to is not None:
            self._go_straight(self._new_person(group, group.straight_to, day), day)
            return
        provider = self._provider_of(group.name, day)
        self._register(self._new_person(group, provider, day), day, is_return=False)

    def _go_straight(self, person: Person, day: int) -> None:
        """Register somebody who never waits for a place, and applies for a home at once."""
        number = len(self.records.registrations) + 1
        registration = Registration(number, person, day, is_return=False)
        registration.indicated = registration.left = day
        registration.left_reason = "home_with_support"
        self.records.registrations.append(registration)
        self.housing.apply(day, person, None)

    def _register(self, person: Person, day: int, *, is_return: bool) -> None:
        number = len(self.records.registrations) + 1
        registration = Registration(number, person, day, is_return)
        self.records.registrations.append(registration)
        delay = self.dice.whole(*self.law.groups[person.group].indication_days)
        self.clock.plan(day + delay, partial(self._indicate, registration))

    # --- intake list -------------------------------------------------------------------------

    def _indicate(self, registration: Registration, day: int) -> None:
        registration.indicated = day
        person = registration.person
        self.queues.setdefault((person.group, person.provider), []).append(registration)
        mean = -DAYS_PER_MONTH / log(1 - self.law.value("intake_leave_share"))
        self.clock.plan(day + 1 + self.dice.exponential(mean), partial(self._give_up, registration))
        months = self.law.value("unplaced_after_months")
        self.clock.plan(day + months * DAYS_PER_MONTH, partial(self._look_again, registration))

    def _give_up(self, registration: Registration, day: int) -> None:
        if registration.is_open:
            reason = self.dice.pick(self.law.weights["intake_leave_reasons"])
            self._leave_intake(registration, reason, day)

    def _look_again(self, registration: Registration, day: int) -> None:
        """Decide, once, whether somebody still without a place goes straight to a home."""
        person = registration.person
        if not registration.is_open or person.home_kept:
            return
        share = self.law.groups[person.group].sizes["unplaced_home_share"].value
        forward = self.law.sizes["put_forward_share"].in_year(year_of(day))
        if self.dice.chance(share * forward):
            self._leave_intake(registration, "home_with_support", day)
            self.housing.apply(day, person, None)

    def _leave_intake(self, registration: Registration, reason: str, day: int) -> None:
        person = registration.person
        self.queues[person.group, person.provider].remove(registration)
        registration.left, registration.left_reason = day, reason

    def admit(self, day: int) -> None:
        """Fill the free places of a day from the intake lists, longest waiting first."""
        month = month_of(day)
        for (group, provider), queue in self.queues.items():
            while queue:
                free = {
                    item.id: self.places.admitting(item.id, month) - len(self.residents[item.id])
                    for item in self.law.facilities
                    if item.group == group and item.provider == provider
                }
                facility = max(free, key=lambda name: free[name])
                if free[facility] <= 0:
                    break
                registration = queue.pop(0)
                registration.admitted = day
                self._start_stay(registration.person, facility, day, day)

    # --- stays -------------------------------------------------------------------------------

    def _start_stay(self, person: Person, facility: str, started: int, day: int) -> None:
        stay = Stay(len(self.records.stays) + 1, person, facility, started)
        self.records.stays.append(stay)
        self.residents[facility].append(stay)
        group = self.law.groups[person.group]
        name = "stay_complex" if person.complexity == "complex" else "stay_single"
        years = self._in_phases(group.sizes[name].value)
        ready = started + max(years * DAYS_PER_YEAR, 2)
        if group.last_age is not None:
            ready = min(ready, day_of(person.birth_year + group.last_age, 12, 31))
        self.clock.plan(max(ready, day + 1), partial(self._end_care, stay))

    def _in_phases(self, mean: float) -> float:
        return self.dice.erlang(mean, int(self.law.value("stay_phases")))

    def fill_at_start(self, day: int) -> None:
        """Fill the places at the start of the burn-in with people who have been there a while."""
        law = self.law
        for item in law.facilities:
            group = law.groups[item.group]
            for _ in range(int(item.places * law.value("filled_at_start"))):
                person = self._new_person(group, item.provider, day)
                past = self.dice.uniform() * group.sizes["stay_single"].value * DAYS_PER_YEAR
                self._start_stay(person, item.id, day - int(past), day)

    def _end_care(self, stay: Stay, day: int) -> None:
        if stay.ended is not None:
            return
        person = stay.person
        group = self.law.groups[person.group]
        if person.home_kept:
            person.home_kept = False
            stay.ready = day
            self._leave(stay, day, OWN_HOME)
            return
        destination = self.dice.pick(group.destinations)
        if destination != OWN_HOME:
            if destination in ("own_network", "in_between", "other_region"):
                notice = self.law.days["notice_ready"]
                stay.ready = max(day - self.dice.whole(notice.low, notice.high), stay.started)
            self._leave(stay, day, destination)
            return
        stay.ready = day
        forward = self.law.sizes["put_forward_share"].in_year(year_of(day))
        shares = person.group != "refuge" and not self.dice.chance(
            self.law.value("homes_per_person")
        )
        if not shares and self.dice.chance(forward):
            self.housing.apply(day, person, stay)
        else:
            months = self._in_phases(self.law.value("own_search_months"))
            self.clock.plan(day + months * DAYS_PER_MONTH, partial(self._find_home, stay))

    def _find_home(self, stay: Stay, day: int) -> None:
        if stay.ended is None:
            self._leave(stay, day, OWN_HOME)
            self.housing.watch_relapse(stay.person, day)

    def leave_for_list(self, stay: Stay, day: int, destination: str | None) -> None:
        """End a stay because of what happened on the housing list (see `Housing`)."""
        if destination is None:
            group = self.law.groups[stay.person.group]
            others = {k: v for k, v in group.destinations.items() if k not in (OWN_HOME, "died")}
            destination = self.dice.pick(others)
        self._leave(stay, day, destination)

    def _leave(self, stay: Stay, day: int, destination: str) -> None:
        stay.ended, stay.destination = day, destination
        self.residents[stay.facility].remove(stay)
        if destination == "in_between" and self.dice.chance(
            self.law.value("in_between_next_share")
            * self.law.sizes["put_forward_share"].in_year(year_of(day))
        ):
            months = self._in_phases(self.law.value("in_between_months"))
            event = partial(self._leave_in_between, stay.person)
            self.clock.plan(day + months * DAYS_PER_MONTH, event)

    def _leave_in_between(self, person: Person, day: int) -> None:
        self.housing.apply(day, person, None)

    def relapse(self, person: Person, day: int) -> None:
        """Register somebody who comes back from an own home."""
        is_linked = self.dice.chance(self.law.value("relapse_linked_share"))
        if not is_linked or self.law.groups[person.group].straight_to is not None:
            group, provider = self._elsewhere(person)
            complexity = "complex" if group == BASE_GROUP else ""
            person = replace(
                person,
                number=self._next_client(provider),
                provider=provider,
                group=group,
                complexity=complexity,
                home_kept=False,
            )
            self.records.persons.append(person)
        self._register(person, day, is_return=True)

    def _elsewhere(self, person: Person) -> tuple[str, str]:
        """Say where somebody comes back who does not come back to the own provider.

        From sheltered living to another provider of it, from the shelter to sheltered living, and
        from everywhere else to the shelter.
        """
        if person.group == BASE_GROUP:
            providers = self.law.providers_of(BASE_GROUP)
            return BASE_GROUP, next(name for name in providers if name != person.provider)
        group = BASE_GROUP if person.group == LAST_RESORT else LAST_RESORT
        return group, self.law.providers_of(group)[0]

    # --- places ------------------------------------------------------------------------------

    def hand_over(self, month: int) -> None:
        """End the stays whose places leave the scheme with the people in them."""
        day = day_of(month // 12, month % 12 + 1)
        endings = {"relabelled_wlz": "other_care", "converted_in_place": OWN_HOME}
        for step in self.places.steps:
            destination = endings.get(step.kind)
            if destination is None or step.month != month_text(month):
                continue
            surplus = len(self.residents[step.facility]) - self.places.at(step.facility, month)
            for stay in self.residents[step.facility][: max(surplus, 0)]:
                self._leave(stay, day, destination)
                if destination == OWN_HOME:
                    self.housing.drop_open_applications(stay, day)

    def note_occupancy(self, day: int) -> None:
        """Write down who lives where at the end of a month."""
        for facility, stays in self.residents.items():
            self.occupied[facility, month_of(day)] = len(stays)


def make_world(law: Law, seed: int) -> World:
    """Let the world run from the burn-in to the law's last day.

    Args:
        law: The law of the example.
        seed: Seed of all chance; the same seed gives the same world.
    """
    care = _Care(law, seed)
    first = law.dates["burn_in_from"].toordinal()
    last = law.dates["last_day"].toordinal()
    care.fill_at_start(first)
    care.plan_referrals(year_of(first), year_of(last))
    care.housing.plan_homes(year_of(first), year_of(last))
    for day in range(first, last + 1):
        month = month_of(day)
        if month != month_of(day - 1):
            care.hand_over(month)
        care.clock.run_until(day)
        care.admit(day)
        if month != month_of(day + 1):
            care.note_occupancy(day)
    dice = Dice(seed, Stream.OTHER_LETTINGS)
    for letting in other_lettings(law, dice, first=len(care.records.lettings) + 1):
        care.housing.let_on_other_grounds(letting)
    return World(law, care.places, care.records, care.occupied)
