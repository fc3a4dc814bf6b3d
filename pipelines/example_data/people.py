"""The records of the example world: a person, a registration, a stay, an application, a letting.

Belongs here: what is kept of each, with dates as days (proleptic ordinals of `datetime.date`) that
stay None until the event has happened. Does not belong here: when things happen (`world.py`,
`housing.py`) or how they are written down (`rows.py`). Records of the long lists are equal only to
themselves, so that a list finds one of them quickly.
"""

from dataclasses import dataclass, field

OUTFLOW = "outflow"


@dataclass
class Person:
    """A synthetic person, or a household in the refuge, as one provider knows it."""

    number: int
    provider: str
    group: str
    birth_year: int
    origin: str
    household_size: int
    complexity: str
    home_kept: bool = False
    """Whether a home waits while the person is back in care for a while."""

    @property
    def client_id(self) -> str:
        """The provider's own number of this client."""
        return f"{self.provider}-{self.number:06d}"


@dataclass(eq=False)
class Registration:
    """A registration for a place."""

    number: int
    person: Person
    registered: int
    is_return: bool
    """Whether the person comes back from an own home."""
    indicated: int | None = None
    admitted: int | None = None
    left: int | None = None
    left_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the person still waits for a place."""
        return self.admitted is None and self.left is None


@dataclass(eq=False)
class Stay:
    """A stay in a facility; the place is taken until `ended`."""

    number: int
    person: Person
    facility: str
    started: int
    ready: int | None = None
    ended: int | None = None
    destination: str | None = None


@dataclass(eq=False)
class Application:
    """An application for a home; on the housing list from `approved` to `moved` or `withdrawn`.

    `offered` and `answer` are about the latest offer: a register of the service point overwrites
    an offer that was refused with the next one.
    """

    number: int
    person: Person
    applied: int
    ready: int
    stay: Stay | None
    preferred: tuple[str, ...]
    network: str | None
    assessed: int | None = None
    assessment: str | None = None
    approved: int | None = None
    offered: int | None = None
    answer: str | None = None
    paused_until: int = 0
    taken: int | None = None
    """The day of the offer that was accepted."""
    moved: int | None = None
    withdrawn: int | None = None
    withdrawn_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still lead to a home."""
        is_refused = self.assessment in ("negative", "returned")
        return not is_refused and self.moved is None and self.withdrawn is None

    def waits_on(self, day: int) -> bool:
        """Whether it is on the housing list at the end of a day; the weeks before a move count."""
        if self.approved is None or self.approved > day:
            return False
        gone = (self.moved, self.withdrawn)
        return all(end is None or end > day for end in gone)


@dataclass
class Letting:
    """A home let."""

    number: int
    application: Application | None
    municipality: str
    association: str
    ground: str
    contract_form: str
    offered: int | None
    accepted: int | None
    moved: int
    flipped: int | None = None
    ended: int | None = None
    end_reason: str | None = None


@dataclass
class Records:
    """Everything that has happened in the world, in order of happening."""

    persons: list[Person] = field(default_factory=list)
    registrations: list[Registration] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    lettings: list[Letting] = field(default_factory=list)
    lost_homes: list[int] = field(default_factory=list)
    """Days on which a home found nobody on the list."""
