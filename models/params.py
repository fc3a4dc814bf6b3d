"""What a region and a scenario declare: the shapes of the parameter, region and scenario files.

Belongs here: these shapes (frozen, extra keys forbidden). Does not belong here: what sharing homes
asks (`models.distribution`), the record itself (`models.records`), reading files
(`models.registry`), the values (TOML).
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.contact import Contact, MailAddress
from models.distribution import Accounting, AlternativeKey, Bid, DistributionKey
from models.months import MONTHS_PER_YEAR, format_month, parse_month
from models.records import Identifier, MonthText, MunicipalityCode, Parameter, Record, Source
from models.units import Commitment, DecisionState, Unit


class TargetGroup(Record):
    """A group of people that the model follows, with the rules of its places."""

    definition: str
    law: str
    place_unit: Literal["persons", "households"]
    blocks_place: bool
    """Whether someone who is ready and waits for a home keeps the place occupied."""
    path: Literal["places", "people", "applications"] = "places"
    """How people come: for a place; without ever lacking one; or with an application at once."""
    stay_ends: Literal["phases", "age"] = "phases"
    """Whether an age limit ends a stay too."""


class Municipality(Record):
    """A municipality of the region."""

    code: MunicipalityCode
    name: str
    assessment_table: str
    allocation_system: str


class Association(Record):
    """A housing association that is party to the agreement."""

    id: Identifier
    name: str


class Provider(Record):
    """A care or welfare organisation that is party to the agreement."""

    id: Identifier
    name: str
    role: Literal["care", "welfare", "other"]


class Composition(Record):
    """Which municipalities form the region, for one purpose and one period."""

    purpose: Literal["care", "quota"]
    valid_from: MonthText
    valid_to: MonthText | None = None
    municipalities: tuple[MunicipalityCode, ...] = Field(min_length=1)


class Agreement(Record):
    """What bodies decided, as the region's file holds it (a delivered agreement must agree)."""

    agreement_id: Identifier
    kind: Literal[
        "cap", "target", "promise", "quota", "bod", "contingent", "support", "contract", "key"
    ]
    scope: str
    value: float | None = None
    unit: Unit | None = None
    valid_from: MonthText
    valid_to: MonthText | None = None
    commitment: Commitment
    body: str
    decided_on: date | None = None
    """None where the day of the decision was not published."""
    state: DecisionState
    source: Source
    confirmed: bool = True
    realised: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """What was published to have come of it, in its unit, where its time is over."""


class RampYear(Record):
    """The number of a year in which the cap is not reached yet."""

    year: int = Field(ge=2000, le=2100)
    dwellings: Parameter


class Cap(Record):
    """The agreed ceiling on homes a year, with its ramp by calendar year."""

    agreement_id: Identifier
    ramp: tuple[RampYear, ...] = ()
    unused_offers: Literal["lost_at_month_end", "carried_to_year_end"] = "lost_at_month_end"
    refusal_counts: bool = False
    """Whether a refused offer is spent and stops the clock; else the next person gets the home."""


class PriorityClass(Record):
    """A class of the housing list; classes are served in the order of the file."""

    id: Identifier
    label: str
    share: Parameter
    """Share of new applications that join this class; all classes add up to 1."""


class Contingent(Record):
    """Homes a year for some target groups, apart from the cap."""

    agreement_id: Identifier
    target_groups: tuple[Identifier, ...] = Field(min_length=1)
    grounds: tuple[
        Literal["outflow", "tailored", "housing_first", "status_holder", "urgent", "other"], ...
    ] = ("outflow",)
    """Grounds of lettings that count as homes of it."""


class StatutoryGroups(Record):
    """Target groups whom a law puts outside the cap, from a date, with the law's status."""

    target_groups: tuple[Identifier, ...] = Field(min_length=1)
    valid_from: MonthText
    legal_status: Literal["in_force", "adopted", "bill", "intention"]
    source: Source


class EligibilityRule(Record):
    """A condition for a home, and the share of applicants who do not meet it.

    The rule is counted, never applied: demand holds everybody who needs a home, and the report says
    how many of them fall outside the rule.
    """

    id: Identifier
    label: str = Field(min_length=5)
    why: str = Field(min_length=10)
    target_groups: tuple[Identifier, ...] = ()
    """Groups that it is about; none means all of the region's."""
    valid_from: MonthText | None = None
    """First month in which it is in force; None where that was not published."""
    valid_to: MonthText | None = None
    """Last month; None while it is in force."""
    outside_share: Parameter
    source: Source

    @model_validator(mode="after")
    def _share_of_applicants(self) -> Self:
        if self.outside_share.unit is not Unit.SHARE:
            raise ValueError('outside_share is a share of applicants: unit = "share"')
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    def in_force(self, year: int) -> bool:
        """Say whether it is in force in some month of a calendar year."""
        return (self.valid_from or "") <= f"{year}-12" and f"{year}-01" <= (
            self.valid_to or "9999-12"
        )


class MaximumStay(Record):
    """The longest stay of a target group and where it sends people."""

    months: Parameter
    destination: Literal["own_home", "own_network", "other_care", "other_region", "left"]


class ProjectPlaces(Record):
    """Places of an in-between facility or other project that the region's file adds."""

    name: str | None = None
    kind: Literal["in_between", "skaeve_huse", "domus"]
    places: int = Field(ge=0, le=10_000)
    open_from: MonthText
    stay_months: Parameter
    age_limit_years: Parameter | None = None


class Promise(Record):
    """The agreed time to an offer; see the law book's definitions of clock, cohort and kept."""

    agreement_id: Identifier
    clock_start: Literal["ready", "application", "approval"] = "approval"
    clock_confirmed: bool = False
    share_norm: Parameter
    """A year's promise is kept when at least this share of its cohort is offered in time."""
    certainty: float = Field(default=0.9, gt=0, lt=1)
    """The share of draws in which a promise must be kept to be called certain."""
    counted_after_years: int | None = Field(default=None, ge=0, le=9)
    """Full years left out before the promise must be kept; else those until the backlog is gone."""


class LettingsReference(Record):
    """The years whose mean lettings are the reference of the headline ("extra")."""

    first_year: int
    last_year: int
    why: str


class PublishedNumber(Record):
    """A published number that a report compares itself with, on the moment it was made."""

    value: float
    unit: Unit
    as_of: MonthText
    definition: str
    source: Source
    definition_confirmed: bool = False


class Calendar(Record):
    """When the region's report is made, and of which months it is the steering group's.

    A run makes every file in every month. Of a month that is not the steering group's, the progress
    page and the pages of municipalities are what is handed round.
    """

    day_of_month: int = Field(default=8, ge=1, le=28)
    """Day on which the report of the month before is made (hour: Europe/Amsterdam)."""
    hour: int = Field(default=6, ge=0, le=23)
    steering_months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(
        default=(4, 10), min_length=1
    )
    """As-of months (1 to 12) of which the full edition goes to the steering group: in time for the
    associations' bid (1 July) and the yearly agreements (15 December)."""

    @model_validator(mode="after")
    def _each_month_once(self) -> Self:
        if len(set(self.steering_months)) < len(self.steering_months):
            raise ValueError("a month stands twice in steering_months")
        return self

    def is_steering(self, month_text: str) -> bool:
        """Say whether the edition of an as-of month ("YYYY-MM") is the steering group's."""
        return parse_month(month_text) % MONTHS_PER_YEAR + 1 in self.steering_months

    def next_steering(self, month_text: str) -> str:
        """Give the first later as-of month than one ("YYYY-MM") that is the steering group's."""
        month = parse_month(month_text) + 1
        while not self.is_steering(format_month(month)):
            month += 1
        return format_month(month)

    def day_of(self, month_text: str) -> str:
        """Give the day ("YYYY-MM-DD") on which the report of an as-of month is made."""
        return f"{format_month(parse_month(month_text) + 1)}-{self.day_of_month:02d}"


class Retention(Record):
    """How long rows about clients are kept (months after the day of delivery).

    The defaults are choices of the product; a region sets what its processing register says.
    """

    raw_months: int = Field(default=13, ge=1, le=120)
    """Accepted rows of a delivery: a year, and a month to compare with the delivery before."""
    core_months: int = Field(default=24, ge=1, le=120)
    """Tables of a run in which rows of a delivery were joined with others."""


class Mail(Record):
    """Who gets the region's final editions by e-mail, by class of release.

    Take mailboxes of offices, not of persons. How the mail server is reached is no matter of the
    region: it stands in the environment of the machine.
    """

    sender: MailAddress
    partijen: tuple[MailAddress, ...] = Field(default=(), max_length=200)
    """Parties to the agreements: they get editions with exact numbers of homes let."""
    openbaar: tuple[MailAddress, ...] = Field(default=(), max_length=200)
    """Everybody else: they get attacked editions in which small numbers are protected."""
    address: str | None = Field(default=None, pattern=r"^https://[^\s<>\"']{3,200}$")
    """Where the reports can be read; the folder of the edition is added to it."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name in ("partijen", "openbaar"):
            given = [address.casefold() for address in getattr(self, name)]
            if len(set(given)) != len(given):
                raise ValueError(f"an address stands twice in {name}")
        return self

    def recipients(self, release_class: str) -> tuple[str, ...]:
        """Give the addresses for a class of release; none for a class that is not mailed."""
        return {"partijen": self.partijen, "openbaar": self.openbaar}.get(release_class, ())


class StructuralBreak(Record):
    """A month from which registrations of some groups count something else than before.

    A national one that does not apply by itself is taken over by a region that declares it again,
    under the same id, with `applies = true`.
    """

    id: Identifier
    month: MonthText
    """First month after the break."""
    target_groups: tuple[Identifier, ...] = Field(min_length=1)
    why: str = Field(min_length=10)
    applies: bool = True
    source: Source


class Law(Record):
    """A law that the work rests on, with its status on the day on which that was read."""

    id: Identifier
    name: str = Field(min_length=3)
    about: str = Field(min_length=10)
    target_groups: tuple[Identifier, ...] = ()
    """Groups that it is about; none means every region."""
    legal_status: Literal["in_force", "adopted", "bill", "intention"]
    valid_from: MonthText | None = None
    """First month in which it is in force; None where that is not known."""
    status_on: date
    """Day on which the status was read."""
    status_note: str | None = None
    source: Source

    @model_validator(mode="after")
    def _a_law_in_force_has_a_date(self) -> Self:
        if self.legal_status == "in_force" and self.valid_from is None:
            raise ValueError("a law in force has a month from which it holds: valid_from")
        return self


GroupValues = dict[Identifier, Parameter]
"""Parameter by target group; a region-wide parameter stands under the name `all`."""


class Protection(Record):
    """How counts of people are protected before they are released."""

    base: Literal[5, 10] = 5
    """What they are rounded to; 10 suits a region of small municipalities."""
    together: tuple[str, ...] = Field(default=(), max_length=100)
    """CBS codes of small municipalities whose counts are one figure in releases for everybody."""


class Region(Record):
    """One region: a folder with this file, scenarios and deliveries."""

    id: Identifier
    name: str
    person_word: Literal["uitstromer", "instromer"]
    default_scenario: Identifier
    target_groups: tuple[Identifier, ...] = Field(min_length=1)
    municipalities: tuple[Municipality, ...] = Field(min_length=1)
    associations: tuple[Association, ...]
    providers: tuple[Provider, ...]
    compositions: tuple[Composition, ...] = Field(min_length=1)
    agreements: tuple[Agreement, ...] = ()
    cap: Cap | None = None
    promise: Promise | None = None
    keys: tuple[DistributionKey, ...] = ()
    """In the order of their dates; the last that is in force splits."""
    alternative_keys: tuple[AlternativeKey, ...] = ()
    bids: tuple[Bid, ...] = ()
    accounting: Accounting = Accounting()
    priority_classes: tuple[PriorityClass, ...] = ()
    contingents: tuple[Contingent, ...] = ()
    statutory: tuple[StatutoryGroups, ...] = ()
    laws: tuple[Law, ...] = ()
    """Laws beside the national ones; one with the same id stands in the place of that one."""
    eligibility: tuple[EligibilityRule, ...] = ()
    maximum_stays: dict[Identifier, MaximumStay] = Field(default_factory=dict)
    projects: tuple[ProjectPlaces, ...] = ()
    lettings_reference: LettingsReference
    published: PublishedNumber | None = None
    calendar: Calendar = Calendar()
    retention: Retention = Retention()
    protection: Protection = Protection()
    mail: Mail | None = None
    """None where nothing is mailed."""
    contact: Contact | None = None
    """None where the reports name nobody to ask."""
    structural_breaks: tuple[StructuralBreak, ...] = ()
    parameters: dict[Identifier, GroupValues] = Field(default_factory=dict)

    def agreement(self, agreement_id: str) -> Agreement:
        """Give the agreement of an id (the registry has checked that it is there)."""
        return next(item for item in self.agreements if item.agreement_id == agreement_id)

    def quota_municipalities(self, month_text: str) -> tuple[str, ...]:
        """Give the codes of the municipalities that share the quota in a month."""
        for item in self.compositions:
            ends = item.valid_to or "9999-12"
            if item.purpose == "quota" and item.valid_from <= month_text <= ends:
                return item.municipalities
        return ()


class ScenarioChange(Record):
    """What a scenario changes of one parameter: a new value, or a factor on the one in force."""

    value: float | None = Field(default=None, allow_inf_nan=False)
    factor: float | None = Field(default=None, allow_inf_nan=False, gt=0)
    source: str = Field(min_length=5)
    """Where the change comes from, in words: a document, a person's judgement, a question."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.value is None) == (self.factor is None):
            raise ValueError("give either value or factor")
        return self


class CapacityChange(Record):
    """What a scenario changes of the planned closing and opening of places."""

    speed: float = Field(default=1.0, gt=0, le=10, allow_inf_nan=False)
    """How fast the plan runs: 2 means that every planned change comes in half the time."""
    profile: Literal["as_planned", "step", "linear", "front_loaded", "back_loaded"] = "as_planned"
    """How the plan's total is spread from the first month to its last: as planned; all at once in
    the first month; evenly; two thirds in the first half; or two thirds in the second half."""
    kept_open: bool = False
    """All places stay as they are at the as-of month."""
    source: str = Field(min_length=5)


class CapChange(Record):
    """What a scenario changes of the cap: another number, or numbers by calendar year."""

    value: int | None = Field(default=None, ge=0, le=100_000)
    by_year: dict[str, int] = Field(default_factory=dict)
    """Homes by calendar year; a year that is not listed has the number in force."""
    source: str = Field(min_length=5)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.value is None and not self.by_year:
            raise ValueError("give value, by_year or both")
        for year, homes in self.by_year.items():
            if not year.isdigit() or not 2000 <= int(year) <= 2100 or not 0 <= homes <= 100_000:
                raise ValueError(f"by_year {year} = {homes}: give a year and a number of homes")
        return self


class PromiseChange(Record):
    """What a scenario changes of the promise."""

    months: int = Field(ge=0, le=24)
    source: str = Field(min_length=5)


class StatutoryChange(Record):
    """Target groups that a scenario puts outside the cap, as a law would."""

    target_groups: tuple[Identifier, ...] = Field(min_length=1)
    valid_from: MonthText
    legal_status: Literal["in_force", "adopted", "bill", "intention"]
    source: str = Field(min_length=5)


class ProjectChange(Record):
    """Places in projects that a scenario adds."""

    kind: Literal["in_between", "skaeve_huse", "domus"]
    places: int = Field(ge=1, le=10_000)
    open_from: MonthText
    stay_months: float = Field(gt=0, le=240, allow_inf_nan=False)
    source: str = Field(min_length=5)


class Scenario(Record):
    """A diff with a reason."""

    id: Identifier
    extends: Identifier | None = None
    label: str
    why: str = Field(min_length=10)
    author: str
    date: date
    parameters: dict[Identifier, dict[Identifier, ScenarioChange]] = Field(default_factory=dict)
    capacity: CapacityChange | None = None
    cap: CapChange | None = None
    promise: PromiseChange | None = None
    statutory: StatutoryChange | None = None
    projects: tuple[ProjectChange, ...] = ()

    @property
    def speed(self) -> float:
        """How fast the plan of capacity runs (1 as planned)."""
        return 1.0 if self.capacity is None else self.capacity.speed

    @property
    def kept_open(self) -> bool:
        """Whether all places stay as they are."""
        return self.capacity is not None and self.capacity.kept_open


class National(Record):
    """The national defaults: target groups and parameters by name and group."""

    target_groups: dict[Identifier, TargetGroup]
    parameters: dict[Identifier, GroupValues]
    rates: dict[Identifier, GroupValues] = Field(default_factory=dict)
    """What stands in for deliveries in a region that has not delivered anything yet."""
    structural_breaks: tuple[StructuralBreak, ...] = ()
    laws: tuple[Law, ...] = ()
