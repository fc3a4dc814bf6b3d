"""The housing list of the example world: applications, assessment, offers and lettings.

Belongs here: from the day a person is ready for a home until the letting ends. Does not belong
here: places and stays (`world.py` says who is ready, and hears who moved).
"""

from collections.abc import Callable
from functools import partial
from math import log

from pipelines.example_data.clock import DAYS_PER_MONTH, DAYS_PER_YEAR, Clock, Event, day_of
from pipelines.example_data.dice import Dice
from pipelines.example_data.law import Law
from pipelines.example_data.people import OUTFLOW, Application, Letting, Person, Records, Stay


class Housing:
    """Applications and homes.

    Args:
        law: The law of the example.
        dice: The world's chance.
        clock: The world's calendar.
        records: Where what happens is kept.
        leave_stay: Called with (stay, day, destination or None) when a stay ends because of what
            happens here; None lets the world choose another destination than a home.
        relapse: Called with (person, day) when somebody in an own home comes back for a place.
    """

    def __init__(
        self,
        law: Law,
        dice: Dice,
        clock: Clock,
        records: Records,
        leave_stay: Callable[[Stay, int, str | None], None],
        relapse: Callable[[Person, int], None],
    ) -> None:
        self._law, self._dice, self._clock, self._records = law, dice, clock, records
        self._leave_stay, self._relapse = leave_stay, relapse
        self._list: list[Application] = []
        self._letting_of: dict[str, Letting] = {}

    def plan_homes(self, first_year: int, last_year: int) -> None:
        """Put the homes of every year on the calendar, evenly, in time to move in that year."""
        law = self._law
        notice = (law.days["move"].low + law.days["move"].high) // 2
        for year in range(first_year, last_year + 1):
            homes = int(law.sizes["lettings"].in_year(year))
            length = day_of(year + 1) - day_of(year)
            for position in range(homes):
                moment = (position + self._dice.uniform()) / homes * length
                municipality = self._dice.pick(law.weights["homes_by_municipality"])
                association = self._dice.pick(shares_of(law, municipality))
                event = partial(self._offer_home, municipality, association)
                self._clock.plan(day_of(year) + moment - notice, event)

    def apply(self, day: int, person: Person, stay: Stay | None) -> None:
        """Prepare an application for someone who is ready on `day`."""
        self._after("apply", day, partial(self._submit, person, stay, day))

    def let_on_other_grounds(self, letting: Letting) -> None:
        """Keep a letting on another ground than outflow."""
        self._records.lettings.append(letting)

    def drop_open_applications(self, stay: Stay, day: int) -> None:
        """Withdraw what is open for a stay whose person found a home in another way."""
        for application in self._records.applications:
            if application.stay is stay and application.is_open and application.taken is None:
                self._withdraw(application, day, "housed_elsewhere")

    def _draw(self, delay: str) -> int:
        days = self._law.days[delay]
        return self._dice.whole(days.low, days.high)

    def _after(self, delay: str, day: int, event: Event) -> None:
        self._clock.plan(day + self._draw(delay), event)

    def _submit(self, person: Person, stay: Stay | None, ready: int, day: int) -> None:
        if stay is not None and stay.ended is not None and stay.destination == "own_home":
            return
        application = Application(
            number=len(self._records.applications) + 1,
            person=person,
            applied=day,
            ready=ready,
            stay=stay,
            preferred=self._preferences(),
            network=person.origin if person.origin in self._homes() else None,
        )
        self._records.applications.append(application)
        self._after("decide", day, partial(self._decide, application))

    def _homes(self) -> dict[str, float]:
        return dict(self._law.weights["homes_by_municipality"])

    def _preferences(self) -> tuple[str, ...]:
        if self._dice.chance(self._law.value("no_preference_share")):
            return ()
        homes = self._homes()
        wanted = [self._dice.pick(homes)]
        while len(wanted) < min(3, len(homes)) and self._dice.chance(
            self._law.value("more_preferences_share")
        ):
            wanted.append(self._dice.pick({k: w for k, w in homes.items() if k not in wanted}))
        return tuple(wanted)

    def _decide(self, application: Application, day: int) -> None:
        if application.withdrawn is not None:
            return
        positive, returned = self._law.value("positive_share"), self._law.value("returned_share")
        weights = {
            "positive": positive,
            "returned": returned,
            "negative": 1 - positive - returned,
        }
        application.assessed, application.assessment = day, self._dice.pick(weights)
        person, stay = application.person, application.stay
        again = partial(self._submit, person, stay, application.ready)
        if application.assessment == "positive":
            self._after("approve", day, partial(self._approve, application))
        elif application.assessment == "returned":
            self._after("file_again", day, again)
        elif self._dice.chance(self._law.value("reapply_share")):
            self._after("apply_again", day, again)
        elif stay is not None:
            self._after("leave_otherwise", day, partial(self._leave_otherwise, stay))

    def _leave_otherwise(self, stay: Stay, day: int) -> None:
        if stay.ended is None:
            self._leave_stay(stay, day, None)

    def _approve(self, application: Application, day: int) -> None:
        if application.withdrawn is not None:
            return
        application.approved = day
        self._list.append(application)
        mean = -DAYS_PER_MONTH / log(1 - self._law.value("list_leave_share"))
        self._clock.plan(day + 1 + self._dice.exponential(mean), partial(self._tire, application))

    def _tire(self, application: Application, day: int) -> None:
        if application in self._list:
            reason = self._dice.pick(self._law.weights["list_leave_reasons"])
            self._withdraw(application, day, reason)

    def _withdraw(self, application: Application, day: int, reason: str) -> None:
        application.withdrawn, application.withdrawn_reason = day, reason
        if application in self._list:
            self._list.remove(application)
        stay = application.stay
        if stay is not None and stay.ended is None:
            known = {"died": "died", "housed_elsewhere": "own_network"}
            self._leave_stay(stay, day, known.get(reason))

    def _candidate(self, municipality: str, day: int) -> Application | None:
        """Choose from those who want this municipality, or from all when nobody does.

        Part of the homes go to the longest waiting; for the others the association looks for the
        client who fits the home and the stairwell best, whatever the wait.
        """
        ready = [item for item in self._list if item.paused_until <= day]
        fitting = [item for item in ready if not item.preferred or municipality in item.preferred]
        candidates = fitting or ready
        if not candidates:
            return None
        if self._dice.chance(self._law.value("longest_waiting_share")):
            return candidates[0]
        return candidates[self._dice.whole(0, len(candidates) - 1)]

    def _offer_home(self, municipality: str, association: str, day: int) -> None:
        application = self._candidate(municipality, day)
        if application is None:
            self._records.lost_homes.append(day)
            return
        accepted = self._dice.chance(self._law.value("accept_share"))
        answer = "accepted" if accepted else self._dice.pick(self._law.weights["refusals"])
        application.offered, application.answer = day, answer
        if not accepted:
            application.paused_until = day + self._draw("offer_pause")
            self._after("offer_again", day, partial(self._offer_home, municipality, association))
            return
        application.taken = day
        self._list.remove(application)
        said = day + self._draw("accept")
        event = partial(self._move, application, municipality, association, said)
        self._after("move", day, event)

    def _move(
        self, application: Application, municipality: str, association: str, said: int, day: int
    ) -> None:
        application.moved = day
        letting = Letting(
            number=len(self._records.lettings) + 1,
            application=application,
            municipality=municipality,
            association=association,
            ground=OUTFLOW,
            contract_form=self._contract_form(application.person),
            offered=application.taken,
            accepted=said,
            moved=day,
        )
        self._records.lettings.append(letting)
        self._letting_of[application.person.client_id] = letting
        if letting.contract_form == "provider_lease":
            self._after("flip", day, partial(self._flip, letting))
        years = self._dice.exponential(1 / self._law.value("letting_end_share"))
        self._clock.plan(day + 30 + years * DAYS_PER_YEAR, partial(self._end, letting, None))
        stay = application.stay
        if stay is not None and stay.ended is None:
            self._leave_stay(stay, day, "own_home")
        self.watch_relapse(application.person, day)

    def _contract_form(self, person: Person) -> str:
        if self._dice.chance(self._law.value("three_party_share")):
            return "three_party"
        youth = person.group == "youth" and self._dice.chance(
            self._law.value("youth_contract_share")
        )
        return "youth" if youth else "provider_lease"

    def watch_relapse(self, person: Person, day: int) -> None:
        """Decide whether somebody who moved into a home on `day` comes back, and when."""
        if self._dice.chance(self._law.value("relapse_share")):
            back = day + 1 + self._dice.uniform() * (self._law.value("relapse_window_days") - 2)
            self._clock.plan(back, partial(self._come_back, person))

    def _come_back(self, person: Person, day: int) -> None:
        letting = self._letting_of.get(person.client_id)
        if letting is not None and letting.ended is not None:
            return
        person.home_kept = self._dice.chance(self._law.value("home_kept_share"))
        if letting is not None and not person.home_kept:
            self._after("keys_back", day, partial(self._end, letting, "back_to_care"))
        self._relapse(person, day)

    def _flip(self, letting: Letting, day: int) -> None:
        if letting.ended is None:
            letting.flipped = day

    def _end(self, letting: Letting, reason: str | None, day: int) -> None:
        if letting.ended is None:
            letting.ended = day
            letting.end_reason = reason or self._dice.pick(self._law.weights["letting_end_reasons"])


def shares_of(law: Law, municipality: str) -> dict[str, float]:
    """Give the associations of a municipality with their share of the stock."""
    return next(dict(row["shares"]) for row in law.stock if row["municipality"] == municipality)
