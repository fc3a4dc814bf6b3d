"""A small region in plain numbers, and how it is told to people as their rules.

Belongs here: the shape of such a region and that translation. Does not belong here: the regions
(`people_worlds`), the same told to the model (`people_tables`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from models.outflow.housing_list import stream_ranks
from models.units import ALL_GROUPS
from tests.models.invented import AS_OF, HORIZON
from tests.models.outflow.people_rules import AtStart, GroupRules, ProjectRules, Rules

FIRST = AS_OF + 1
EARLIEST = 40
"""Months before the first in which a clock can have started."""
MORE_IN = (12, 6, 9, 3, 10, 4, 7, 1, 11, 5, 8, 2)
"""Calendar months that get one more, in this order, when a year's number is spread."""

Numbers = Mapping[str, float | Mapping[str, float]]
"""A number for all groups, or numbers by group, by the name of the parameter."""


@dataclass(frozen=True)
class GroupSpec:
    """A target group.

    Attributes:
        referrals: Mean number a month.
        places: Places at the start.
        changes: Rows of (months ahead, kind of change, change of places).
        path: How people come.
        keeps_place: Who is ready and waits keeps the place.
        by_age: An age limit ends stays too.
        maximum: Agreed longest stay in months and where it leads.
        start: Who is where on the first day.
    """

    referrals: float
    places: int
    changes: tuple[tuple[int, str, int], ...] = ()
    path: Literal["places", "people", "applications"] = "places"
    keeps_place: bool = True
    by_age: bool = False
    maximum: tuple[int, str] | None = None
    start: AtStart = field(default_factory=AtStart)


@dataclass(frozen=True)
class ProjectSpec:
    """A project: places from a month ahead on, with the mean stay in months and an age limit."""

    kind: str
    places: int
    opens: int
    stay_months: float
    age_limit: float | None = None


@dataclass(frozen=True)
class Spec:
    """A region.

    Attributes:
        groups: The target groups by id.
        numbers: Parameters.
        cap: Homes a year; None for a run without a limit.
        starts: Supports that can start a year.
        delay: Months by which closing comes later than planned.
        carried: Unused offers stay until the end of the year.
        refusal_counts: A refused offer is spent and stops the clock.
        clock: What starts the clock.
        classes: Shares of the priority classes.
        contingents: Groups with their homes a year.
        by_law: First month ahead from which a group is outside the cap.
        projects: Projects.
    """

    groups: Mapping[str, GroupSpec]
    numbers: Numbers
    cap: int | None = None
    starts: int | None = None
    delay: int = 0
    carried: bool = False
    refusal_counts: bool = False
    clock: Literal["approval", "application", "ready"] = "approval"
    classes: tuple[float, ...] = ()
    contingents: tuple[tuple[tuple[str, ...], int], ...] = ()
    by_law: Mapping[str, int] = field(default_factory=dict)
    projects: tuple[ProjectSpec, ...] = ()

    @property
    def promise(self) -> int:
        """Months of the promise."""
        return 6

    @property
    def months(self) -> int:
        """Months that are lived."""
        return HORIZON + (self.promise if self.cap is not None else 0)

    def number(self, name: str, group: str = ALL_GROUPS) -> float:
        """Give a parameter."""
        value = self.numbers[name]
        return value[group] if isinstance(value, Mapping) else value


# --- told to people ---


def spread(yearly: int, months: int) -> list[int]:
    """Spread a number a year over calendar months."""
    extra = MORE_IN[: yearly % 12]
    return [yearly // 12 + ((FIRST + ahead) % 12 + 1 in extra) for ahead in range(months)]


def places_by_month(spec: Spec, group: GroupSpec) -> tuple[list[int], list[int]]:
    """Give the places, and those that close with moving out, in every month."""
    places = [group.places] * spec.months
    closing = [0] * spec.months
    for ahead, kind, change in group.changes:
        since = ahead - 1 + spec.delay
        for month in range(since, spec.months):
            places[month] += change
        if kind == "closed_move_out":
            closing[since] -= change
    return places, closing


def _group_rules(spec: Spec, name: str) -> GroupRules:
    group = spec.groups[name]
    places, moved_out = places_by_month(spec, group)

    def number(parameter: str) -> float:
        return spec.number(parameter, name)

    def per_month(parameter: str) -> float:
        return 1.0 / max(number(parameter), 1.0)

    complex_years = spec.numbers.get("stay_years_complex", {})
    assert isinstance(complex_years, Mapping)
    single = number("stay_years_single")
    phases = int(number("stay_phases"))
    ends = [min(phases / (12 * years), 1.0) for years in (single, complex_years.get(name, single))]
    now = later = 0.0
    if name in complex_years:
        now, later = number("complex_share_now"), number("complex_share_future")
    way = [min((month + 1) / 120, 1.0) for month in range(spec.months)]
    return GroupRules(
        referrals=group.referrals * number("inflow_factor"),
        places=places,
        moved_out=moved_out,
        path=group.path,
        keeps_place=group.keeps_place,
        phases=phases,
        phase_end=(ends[0], ends[1]),
        complex_now=now,
        complex_share=[now + part * (later - now) for part in way] if name in complex_years else (),
        age_limit=round(12 * (number("exit_age_years") - number("entry_age_years")))
        if group.by_age
        else None,
        maximum=None
        if group.maximum is None
        else (group.maximum[0], group.maximum[1] == "own_home"),
        of_age=round(12 * number("exit_age_years")) - FIRST if group.by_age else 0,
        back_for=max(round(6 * single), 1),
        own_home=number("own_home_share"),
        in_between=number("in_between_share"),
        divert_door=number("divert_door_share"),
        divert_unplaced=number("divert_unplaced_share"),
        divert_after=int(number("divert_after_months")),
        leave_intake=number("intake_leave_share"),
        move_out_home=number("move_out_home_share"),
        applies=1.0 / (1.0 + number("ready_to_application_months")),
        decided=per_month("assessment_months"),
        positive=number("assessment_positive_share"),
        returned=number("assessment_returned_share"),
        homes=number("homes_per_person"),
        quota_region=number("quota_region_share"),
        products={
            project.kind: number(f"product_share_{project.kind}") for project in spec.projects
        },
        leave_list=number("housing_list_leave_share"),
        relapse=number("relapse_share"),
        time_out=number("time_out_share"),
        time_out_end=per_month("time_out_months"),
        passed_on=number("passed_on_share"),
        three_party=number("three_party_share"),
        support_end=per_month("support_extension_months"),
        start=group.start,
    )


def _project_rules(spec: Spec, kind: str) -> ProjectRules:
    projects = [project for project in spec.projects if project.kind == kind]
    limit, stay = projects[0].age_limit, projects[0].stay_months
    entry = 21.0
    if "youth" in spec.groups:
        entry = spec.number("entry_age_years", "youth") + spec.number("stay_years_single", "youth")
    full = sum(project.places for project in projects if project.opens <= 0)
    theirs = "sheltered_living" if limit is None else "youth"
    return ProjectRules(
        places=[
            sum(project.places for project in projects if project.opens <= month + 1)
            for month in range(spec.months)
        ],
        leave=1.0 / max(stay, 1.0),
        longest=None if limit is None else round(12 * (limit - entry)),
        own_home=spec.number("in_between_home_share") if kind == "in_between" else 0.0,
        open_now={list(spec.groups).index(theirs): full} if full else {},
    )


def people_of(spec: Spec) -> Rules:
    """Tell a region to people."""
    names = tuple(spec.groups)
    months = spec.months
    ends = [month for month in range(HORIZON) if (FIRST + month) % 12 == 11]
    return Rules(
        horizon=HORIZON,
        soon=12 - FIRST % 12,
        run_on=months - HORIZON,
        promise=spec.promise,
        census=sorted({*ends, HORIZON - 1}),
        years=[(FIRST + month) // 12 for month in range(months)],
        groups=tuple(_group_rules(spec, name) for name in names),
        turn=_turns(names, months),
        homes=None if spec.cap is None else spread(spec.cap, months),
        starts=None if spec.starts is None else spread(spec.starts, months),
        carried=spec.carried,
        accepts=spec.number("acceptance_share"),
        refusal_counts=spec.refusal_counts,
        clock=spec.clock,
        classes=spec.classes or (1.0,),
        contingents=[
            (tuple(names.index(name) for name in theirs), spread(yearly, months))
            for theirs, yearly in spec.contingents
        ],
        by_law={names.index(name): since - 1 for name, since in spec.by_law.items()},
        projects={
            kind: _project_rules(spec, kind) for kind in {item.kind for item in spec.projects}
        },
        relapse_window=int(spec.number("relapse_window_months")),
        support_minimum=int(spec.number("support_minimum_months")),
        flip=1.0 / spec.number("flip_months"),
    )


def _turns(names: tuple[str, ...], months: int) -> dict[tuple[int, int, bool], int]:
    """Read the place of every stream within each month: it is the region's choice, not a rule."""
    span = np.arange(FIRST - EARLIEST, FIRST + months)
    ranks = stream_ranks(names, span)
    return {
        (int(month) - FIRST, group, bool(keeps)): int(ranks[row, keeps * len(names) + group])
        for row, month in enumerate(span)
        for keeps in (0, 1)
        for group in range(len(names))
    }
