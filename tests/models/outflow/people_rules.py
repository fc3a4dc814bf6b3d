"""The numbers by which people live in the independent model: plain, and none of the model's own.

Belongs here: what `people` has to be told about a region, a target group and a kind of project.
Does not belong here: a life, or where a number comes from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Turn = Mapping[tuple[int, int, bool], int]
"""Place of (month, group, keeps a place) among those of one month."""

IN_BETWEEN, SKAEVE_HUSE, DOMUS = "in_between", "skaeve_huse", "domus"
KINDS = (IN_BETWEEN, SKAEVE_HUSE, DOMUS)


@dataclass(frozen=True)
class AtStart:
    """Who of a target group is where at the end of the month before the first.

    Attributes:
        residents: Rows of (complex or None where unknown, months in stay, persons).
        by_birth: Rows of (months in stay, year of birth, persons), where an age limit ends stays.
        waiting: On the intake list, for longer than anything is decided after.
        lately: On it as well, by full months since they asked for a place: 0, 1, 2, ...
        preparing: Ready and not applied yet, without and with a place that they keep.
        assessing: Applied, likewise.
        moving: Offered a home, likewise.
        backlog: Rows of (months since the clock started, keeps a place, priority class, how many).
        for_projects: Rows of (kind of project, keeps a place, how many wait for it).
        let: Homes let 0, 1, 2, ... months before the first day.
    """

    residents: Sequence[tuple[bool | None, int, int]] = ()
    by_birth: Sequence[tuple[int, int, int]] = ()
    waiting: int = 0
    lately: Sequence[int] = ()
    preparing: tuple[int, int] = (0, 0)
    assessing: tuple[int, int] = (0, 0)
    moving: tuple[int, int] = (0, 0)
    backlog: Sequence[tuple[int, bool, int, int]] = ()
    for_projects: Sequence[tuple[str, bool, int]] = ()
    let: Sequence[int] = ()


@dataclass(frozen=True)
class GroupRules:
    """The numbers of one target group; chances are per month.

    Attributes:
        referrals: Mean number a month.
        places: Places per month.
        moved_out: Places that close with moving out, per month.
        path: How people come.
        keeps_place: Who is ready and waits keeps the place.
        phases: Phases of a stay.
        phase_end: Chance that a phase ends, of a single and of a complex stay.
        complex_now: Share complex among those who came before the first month.
        complex_share: Share complex among the admitted, per month.
        age_limit: Months from admission to the age limit, give or take; None where there is none.
        of_age: Month in which those born in January of the year 0 reach it.
        maximum: Agreed maximum of a stay in months, and whether it leads to an own home.
        back_for: Months that somebody refused stays on, where stays have an exit month.
        own_home: Share of leavers who are ready for an own home.
        in_between: Share of leavers who go to an in-between facility.
        divert_door: Share ready for a home at once, at the door.
        divert_unplaced: Share ready for a home, of those without a place when that is decided.
        divert_after: Months without a place after which it is decided; 0 is at once.
        leave_intake: Chance to give up the intake list.
        move_out_home: Share ready for a home of those who are moved out.
        applies: Chance to apply, once ready.
        decided: Chance that an application is decided.
        positive: Share approved.
        returned: Share returned for want of papers.
        homes: Homes per approved person.
        quota_region: Share of applications for a home in the quota region.
        products: Share of applications for a kind of project.
        leave_list: Chance to leave the housing list.
        relapse: Share who will relapse.
        time_out: Share of them who keep the home.
        time_out_end: Chance that a time-out ends.
        passed_on: Share of provider's homes passed on when somebody returns.
        three_party: Share of homes let that the resident leases.
        support_end: Chance that support ends after its minimum.
        start: Who is where on the first day.
    """

    referrals: float
    places: Sequence[int]
    phase_end: tuple[float, float]
    own_home: float
    phases: int = 2
    moved_out: Sequence[int] = ()
    path: Literal["places", "people", "applications"] = "places"
    keeps_place: bool = True
    complex_now: float = 0.0
    complex_share: Sequence[float] = ()
    age_limit: int | None = None
    of_age: int = 0
    maximum: tuple[int, bool] | None = None
    back_for: int = 1
    in_between: float = 0.0
    divert_door: float = 0.0
    divert_unplaced: float = 0.0
    divert_after: int = 0
    leave_intake: float = 0.0
    move_out_home: float = 0.0
    applies: float = 1.0
    decided: float = 1.0
    positive: float = 1.0
    returned: float = 0.0
    homes: float = 1.0
    quota_region: float = 1.0
    products: Mapping[str, float] = field(default_factory=dict)
    leave_list: float = 0.0
    relapse: float = 0.0
    time_out: float = 0.0
    time_out_end: float = 1.0
    passed_on: float = 0.0
    three_party: float = 1.0
    support_end: float = 1.0
    start: AtStart = field(default_factory=AtStart)


@dataclass(frozen=True)
class ProjectRules:
    """Places of one kind of project.

    Attributes:
        places: Places per month.
        leave: Chance to leave, from the month after entry on.
        longest: Longest stay in months; None without an age limit.
        own_home: Share of leavers who are ready for a home.
        open_now: People of a group who live there on the first day.
    """

    places: Sequence[int]
    leave: float
    longest: int | None = None
    own_home: float = 0.0
    open_now: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """The numbers of a region.

    Attributes:
        horizon: Months that count.
        soon: The first of them, which count apart as well: they tell of the first day.
        run_on: Months lived after them.
        promise: Months within which an offer keeps the promise.
        census: Months at whose end stocks are counted.
        years: Calendar year of each month.
        groups: The target groups.
        turn: Who goes first among those of one month.
        homes: Homes on offer per month; None without a limit.
        starts: Supports that can start per month; None without a limit.
        carried: Homes not used stay on offer until the end of the year.
        accepts: Share of offers under a cap that are accepted.
        refusal_counts: A refused offer is spent and stops the clock.
        clock: What starts the clock.
        classes: Shares of the priority classes, first served first.
        contingents: Groups with the homes per month that are only theirs.
        by_law: First month from which a group is outside the cap.
        projects: By kind.
        relapse_window: Months in which a relapse can come.
        support_minimum: Months that support lasts at least.
        flip: Chance that a provider's lease passes to the resident.
    """

    horizon: int
    soon: int
    run_on: int
    promise: int
    census: Sequence[int]
    years: Sequence[int]
    groups: tuple[GroupRules, ...]
    turn: Turn
    homes: Sequence[int] | None = None
    starts: Sequence[int] | None = None
    carried: bool = False
    accepts: float = 1.0
    refusal_counts: bool = False
    clock: Literal["approval", "application", "ready"] = "approval"
    classes: Sequence[float] = (1.0,)
    contingents: Sequence[tuple[tuple[int, ...], Sequence[int]]] = ()
    by_law: Mapping[int, int] = field(default_factory=dict)
    projects: Mapping[str, ProjectRules] = field(default_factory=dict)
    relapse_window: int = 24
    support_minimum: int = 24
    flip: float = 1.0
