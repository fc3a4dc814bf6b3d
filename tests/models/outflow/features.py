"""Worlds with one or more of the model's features, each made of the invented region.

Belongs here: small ways to give the invented region an agreement, a project, another path. Does not
belong here: a test, what must hold of a month (`bookkeeping`).
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from models.months import format_month
from models.outflow.engine import Run
from models.outflow.state import Setting, State
from models.params import (
    Agreement,
    Contingent,
    MaximumStay,
    PriorityClass,
    ProjectPlaces,
    StatutoryGroups,
)
from models.records import Parameter
from models.units import ALL_GROUPS
from tests.models.invented import (
    AS_OF,
    RATES,
    World,
    make_core,
    make_inflow,
    make_resolved,
    make_youth_stays,
)

SOURCE = {"title": "Verzonnen getal", "publisher": "Proeftuin", "year": 2021}
ENDLESS = 1e9
"""Years of a stay whose phases never end."""


def number(value: float, unit: str) -> Parameter:
    """Make a number with a source."""
    return Parameter.model_validate(
        {"value": value, "unit": unit, "kind": "assumption", "source": SOURCE}
    )


def with_region(world: World, **update: object) -> World:
    """Change what the region's file says."""
    region = world.resolved.region.model_copy(update=update)
    return replace(world, resolved=replace(world.resolved, region=region))


def with_cap(world: World, **update: object) -> World:
    """Change the rules of the cap."""
    assert world.resolved.region.cap is not None
    return with_region(world, cap=world.resolved.region.cap.model_copy(update=update))


def with_clock(world: World, start: str) -> World:
    """Let the clock of the promise start at another moment."""
    promise = world.resolved.region.promise
    assert promise is not None
    return with_region(world, promise=promise.model_copy(update={"clock_start": start}))


def with_rules(world: World, group: str, **update: object) -> World:
    """Change the rules of a target group's places."""
    groups = dict(world.resolved.target_groups)
    groups[group] = groups[group].model_copy(update=update)
    return replace(world, resolved=replace(world.resolved, target_groups=groups))


def with_parameter(world: World, name: str, value: float, unit: str) -> World:
    """Give the whole region a parameter that has no national value."""
    values = {**world.resolved.values, name: {ALL_GROUPS: number(value, unit)}}
    return replace(world, resolved=replace(world.resolved, values=values))


def with_classes(world: World, *shares: float) -> World:
    """Divide the housing list into priority classes."""
    classes = tuple(
        PriorityClass(id=f"class-{nth}", label="Klasse", share=number(share, "share"))
        for nth, share in enumerate(shares)
    )
    return with_region(world, priority_classes=classes)


def with_contingent(
    world: World, yearly: int, *groups: str, first: str = "2022-01", last: str | None = None
) -> World:
    """Agree on homes for some groups, apart from the cap."""
    region = world.resolved.region
    agreed = Agreement.model_validate(
        {
            "agreement_id": f"contingent-{len(region.contingents)}",
            "kind": "contingent",
            "scope": "Een verzonnen afspraak",
            "value": yearly,
            "unit": "dwellings",
            "valid_from": first,
            "valid_to": last,
            "commitment": "inspanning",
            "body": "Verzonnen overleg",
            "decided_on": "2021-10-07",
            "state": "vastgesteld",
            "source": SOURCE,
        }
    )
    more = Contingent(agreement_id=agreed.agreement_id, target_groups=groups)
    return with_region(
        world,
        agreements=(*region.agreements, agreed),
        contingents=(*region.contingents, more),
    )


def with_law(world: World, *groups: str, ahead: int = 1, status: str = "in_force") -> World:
    """Put groups outside the cap by law, so many months after the as-of month."""
    law = StatutoryGroups.model_validate(
        {
            "target_groups": groups,
            "valid_from": format_month(AS_OF + ahead),
            "legal_status": status,
            "source": SOURCE,
        }
    )
    return with_region(world, statutory=(*world.resolved.region.statutory, law))


def with_maximum(world: World, months: int, destination: str, *groups: str) -> World:
    """Agree on a longest stay."""
    stay = MaximumStay.model_validate(
        {"months": number(months, "months"), "destination": destination}
    )
    stays = {**world.resolved.region.maximum_stays, **dict.fromkeys(groups, stay)}
    return with_region(world, maximum_stays=stays)


def with_project(
    world: World,
    kind: str,
    places: int,
    stay_months: float,
    *,
    opens: int = 0,
    age_limit: float | None = None,
) -> World:
    """Add places in a project, from so many months after the as-of month on."""
    project = ProjectPlaces.model_validate(
        {
            "kind": kind,
            "places": places,
            "open_from": format_month(AS_OF + opens),
            "stay_months": number(stay_months, "months"),
            "age_limit_years": None if age_limit is None else number(age_limit, "years"),
        }
    )
    return with_region(world, projects=(*world.resolved.region.projects, project))


def with_plan(world: World, *rows: tuple[str, int, str, str, int]) -> World:
    """Plan changes of places: group, months ahead, kind, status, places."""
    schema = world.core["core_capacity__plan"].schema
    table = pl.DataFrame(
        [
            (group, format_month(AS_OF + ahead), kind, status, change)
            for group, ahead, kind, status, change in rows
        ],
        schema=schema,
        orient="row",
    )
    return world.with_table("core_capacity__plan", table)


def with_groups(
    groups: tuple[str, ...],
    *,
    rates: Mapping[str, float] = RATES,
    places: Mapping[str, int] | None = None,
    youth: Mapping[int | None, int] | None = None,
) -> World:
    """Make the invented region of any groups; those without a rate have no referrals.

    Args:
        groups: The target groups in order.
        rates: Registrations a month.
        places: Places of groups that the invented region does not know.
        youth: Residents of the group `youth`, by year of birth.
    """
    core = make_core(groups)
    quarters = core["core_capacity__quarterly"]
    months = quarters["month"].unique(maintain_order=True).to_list()
    more = pl.DataFrame(
        [(name, month, count, 1) for name, count in (places or {}).items() for month in months],
        schema=quarters.schema,
        orient="row",
    )
    core["core_capacity__quarterly"] = pl.concat([quarters, more])
    if youth:
        stays = core["core_stay__open"]
        core["core_stay__open"] = pl.concat([stays, make_youth_stays(youth)])
    series = {group: rates.get(group, 0.0) for group in groups}
    return World(make_resolved(groups), core, make_inflow(series))


def empty(world: World) -> World:
    """Take away everybody who is there at the start."""
    return world.without_rows("core_stay__open", "core_application__open", "core_intake__waiting")


class Diary:
    """Keeps flows and stocks of every month: by name, shape (months, G, D)."""

    def __init__(self) -> None:
        self.flows: dict[str, list] = {}
        self.stocks: dict[str, list] = {}
        self.queued: list = []
        self.setting: Setting | None = None

    def observe(self, ahead: int, setting: Setting, state: State, stocks: dict) -> None:
        """Write a month down."""
        self.setting = setting
        for name, flow in state.flows.items():
            self.flows.setdefault(name, []).append(flow.copy())
        for name, stock in stocks.items():
            self.stocks.setdefault(name, []).append(stock.copy())
        self.queued.append(state.queued.copy())


def same_flows(one: Run, two: Run) -> bool:
    """Say whether all flows and stocks of two runs are the same."""
    return all(
        (mine[name] == theirs[name]).all()
        for mine, theirs in ((one.flows, two.flows), (one.stocks, two.stocks))
        for name in mine
    )
