"""What the example world comes to per year, counted from its records.

Belongs here: counts for the documentation and the tests. Does not belong here: anything that the
model computes; these are the figures that a report on the example should find again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from pipelines.example_data.clock import DAYS_PER_MONTH, day_of, month_of, year_of
from pipelines.example_data.people import OUTFLOW
from pipelines.example_data.world import World


@dataclass(frozen=True)
class YearFigures:
    """One calendar year of the world; a stock is that of its last day.

    Args:
        year: The calendar year; the last one ends with the last day of the law.
        referrals: Registrations for a place, returns included.
        returns: Registrations of people who came back from an own home.
        admissions: Stays begun.
        places: Places at the end.
        occupied: Persons in them.
        intake_list: People waiting for a place.
        straight_home: People who left the intake list for an application.
        applications: Applications filed.
        approvals: Applications approved.
        withdrawn: Approved applications that left the list without a home.
        lettings: Homes let to applicants, by day of moving in.
        housing_list: Approved applications without an accepted offer.
        blocked: Places held by them or by people about to move.
        in_time_share: Share of the year's approvals with an offer that was accepted within the
            law's `promise_months`; None where these have not passed for anybody.
        wait_months: Median months from approval to the accepted offer of those approvals whose
            months have passed; None where more than half of them still wait, or nobody counts.
    """

    year: int
    referrals: int
    returns: int
    admissions: int
    places: int
    occupied: int
    intake_list: int
    straight_home: int
    applications: int
    approvals: int
    withdrawn: int
    lettings: int
    housing_list: int
    blocked: int
    in_time_share: float | None
    wait_months: float | None


def referrals_of(world: World, group: str, year: int) -> int:
    """Count the new registrations of one target group in one year, returns left out."""
    return sum(
        item.person.group == group and not item.is_return and year_of(item.registered) == year
        for item in world.records.registrations
    )


def _waits(world: World, year: int) -> tuple[float | None, float | None]:
    last = world.law.dates["last_day"].toordinal()
    patience = world.law.promise_months * DAYS_PER_MONTH
    waits = [
        float("inf") if item.taken is None else item.taken - item.approved
        for item in world.records.applications
        if item.approved is not None
        and year_of(item.approved) == year
        and item.approved + patience <= last
    ]
    if not waits:
        return None, None
    middle = median(waits)
    share = sum(wait <= patience for wait in waits) / len(waits)
    return share, None if middle == float("inf") else middle / DAYS_PER_MONTH


def _is_in(year: int) -> Callable[[int | None], bool]:
    return lambda day: day is not None and year_of(day) == year


def year_figures(world: World, year: int) -> YearFigures:
    """Count one calendar year of the world."""
    records = world.records
    last = min(day_of(year + 1) - 1, world.law.dates["last_day"].toordinal())
    within = _is_in(year)
    listed = [item for item in records.applications if item.waits_on(last)]
    in_time, wait = _waits(world, year)
    month = month_of(last)
    return YearFigures(
        year=year,
        referrals=sum(within(item.registered) for item in records.registrations),
        returns=sum(item.is_return and within(item.registered) for item in records.registrations),
        admissions=sum(within(item.started) for item in records.stays),
        places=sum(world.places.at(item.id, month) for item in world.law.facilities),
        occupied=sum(world.occupied[item.id, month] for item in world.law.facilities),
        intake_list=sum(
            item.registered <= last
            and (item.admitted is None or item.admitted > last)
            and (item.left is None or item.left > last)
            for item in records.registrations
        ),
        straight_home=sum(
            within(item.left) and item.left_reason == "home_with_support"
            for item in records.registrations
        ),
        applications=sum(within(item.applied) for item in records.applications),
        approvals=sum(within(item.approved) for item in records.applications),
        withdrawn=sum(within(item.withdrawn) for item in records.applications),
        lettings=sum(within(item.moved) and item.ground == OUTFLOW for item in records.lettings),
        housing_list=sum(item.taken is None or item.taken > last for item in listed),
        blocked=sum(
            item.stay is not None and (item.stay.ended is None or item.stay.ended > last)
            for item in listed
        ),
        in_time_share=in_time,
        wait_months=wait,
    )


def all_years(world: World) -> list[YearFigures]:
    """Count every delivered year."""
    first, last = world.law.dates["delivered_from"].year, world.law.dates["last_day"].year
    return [year_figures(world, year) for year in range(first, last + 1)]


def figures_table(world: World) -> str:
    """Write the figures of every delivered year as a Markdown table, for the documentation."""
    names = (
        "year",
        "referrals",
        "of which back from a home",
        "admissions",
        "places",
        "occupied",
        "intake list",
        "straight to a home",
        "applications",
        "approvals",
        "left the list",
        "lettings",
        "housing list",
        "blocked places",
        f"offered in {world.law.promise_months} months",
        "median months to offer",
    )
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for item in all_years(world):
        *counts, share, wait = vars(item).values()
        cells = [str(count) for count in counts]
        cells.append("" if share is None else f"{share:.0%}")
        cells.append("" if wait is None else f"{wait:.1f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
