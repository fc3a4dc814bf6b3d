"""Tests of the example world: nobody is lost, nothing comes too late, sizes lie in their ranges."""

from collections import Counter
from pathlib import Path
from statistics import fmean

import pytest

from pipelines.example_data.clock import DAYS_PER_YEAR, day_of, month_of, year_of
from pipelines.example_data.figures import YearFigures, all_years, figures_table, referrals_of
from pipelines.example_data.law import Law
from pipelines.example_data.people import OUTFLOW
from pipelines.example_data.places import CLOSING, month_number
from pipelines.example_data.world import World

pytestmark = pytest.mark.unit

DOCUMENT = Path(__file__).parents[3] / "docs" / "example-data.md"


@pytest.fixture(scope="module")
def years(world: World) -> dict[int, YearFigures]:
    return {item.year: item for item in all_years(world)}


# --- conservation --------------------------------------------------------------------------------


def test_every_registration_ends_in_one_way_or_is_still_open(world: World) -> None:
    for item in world.records.registrations:
        assert (item.admitted is None) or (item.left is None)
        assert (item.left is None) == (item.left_reason is None)
    admitted = sum(item.admitted is not None for item in world.records.registrations)
    at_start = sum(
        int(item.places * world.law.value("filled_at_start")) for item in world.law.facilities
    )
    assert len(world.records.stays) == at_start + admitted


def test_residents_are_those_who_came_minus_those_who_left_in_every_month(world: World) -> None:
    first, last = month_number("2017-01"), month_number("2026-10")
    came: Counter[tuple[str, int]] = Counter()
    gone: Counter[tuple[str, int]] = Counter()
    before: Counter[str] = Counter()
    for stay in world.records.stays:
        if month_of(stay.started) < first:
            before[stay.facility] += 1
        else:
            came[stay.facility, month_of(stay.started)] += 1
        if stay.ended is not None and month_of(stay.ended) < first:
            before[stay.facility] -= 1
        elif stay.ended is not None:
            gone[stay.facility, month_of(stay.ended)] += 1
    for facility in world.law.facilities:
        stock = before[facility.id]
        for month in range(first, last + 1):
            stock += came[facility.id, month] - gone[facility.id, month]
            assert stock == world.occupied[facility.id, month], (facility.id, month)


def test_nobody_is_in_two_places_or_on_the_list_twice(world: World) -> None:
    last = world.law.dates["last_day"].toordinal()
    present = Counter(item.person.client_id for item in world.records.stays if item.ended is None)
    listed = Counter(
        item.person.client_id for item in world.records.applications if item.waits_on(last)
    )

    assert max(present.values()) == 1
    assert max(listed.values()) == 1


def test_every_application_that_moved_has_one_letting_and_ends_the_stay(world: World) -> None:
    lettings = Counter(
        item.application.number for item in world.records.lettings if item.application is not None
    )
    moved = {item.number: item for item in world.records.applications if item.moved is not None}

    assert set(lettings) == set(moved)
    assert set(lettings.values()) == {1}
    for item in moved.values():
        assert item.stay is None or (item.stay.ended or 0) <= (item.moved or 0)


def test_the_housing_list_is_who_joined_minus_who_left(world: World) -> None:
    for day in (day_of(2021, 12, 31), world.law.dates["last_day"].toordinal()):
        items = world.records.applications
        joined = sum(item.approved is not None and item.approved <= day for item in items)
        moved = sum(item.moved is not None and item.moved <= day for item in items)
        withdrawn = sum(
            item.approved is not None
            and item.approved <= day
            and item.withdrawn is not None
            and item.withdrawn <= day
            for item in items
        )
        assert sum(item.waits_on(day) for item in items) == joined - moved - withdrawn


def test_dates_of_one_person_run_forward(world: World) -> None:
    for item in world.records.applications:
        days = [item.ready, item.applied, item.assessed, item.approved, item.taken, item.moved]
        known = [day for day in days if day is not None]
        assert known == sorted(known)
    for stay in world.records.stays:
        known = [day for day in (stay.started, stay.ready, stay.ended) if day is not None]
        assert known == sorted(known)


def test_nothing_happens_after_the_last_day(world: World) -> None:
    last = world.law.dates["last_day"].toordinal()
    records = world.records
    for item in (
        *records.registrations,
        *records.stays,
        *records.applications,
        *records.lettings,
    ):
        days = [
            value
            for name, value in vars(item).items()
            if isinstance(value, int) and value > day_of(1990) and name != "paused_until"
        ]
        assert max(days) <= last


def test_a_home_kept_waiting_never_needs_a_second_home(world: World) -> None:
    assert not [
        item.person.client_id
        for item in world.records.applications
        if item.person.home_kept and item.is_open
    ]


# --- places --------------------------------------------------------------------------------------


def test_a_facility_is_never_fuller_than_its_places_but_for_a_slow_closing(world: World) -> None:
    closing = {step.facility for step in world.places.steps if step.kind == CLOSING}
    for (facility, month), residents in world.occupied.items():
        surplus = residents - world.places.at(facility, month)
        assert surplus <= (2 if facility in closing else 0), (facility, month)


def test_places_that_pass_to_the_wlz_take_their_people_with_them(world: World) -> None:
    day = day_of(2024, 7, 1)
    gone = [
        item
        for item in world.records.stays
        if item.facility == "voorbeeld-locatie-07" and item.ended == day
    ]

    assert {item.destination for item in gone} == {"other_care"}
    assert len(gone) >= 15
    assert world.occupied["voorbeeld-locatie-07", month_number("2024-07")] == 0


def test_places_converted_where_they_stand_need_no_letting(world: World) -> None:
    day = day_of(2025, 10, 1)
    stays = [
        item
        for item in world.records.stays
        if item.facility == "voorbeeld-locatie-08" and item.ended == day
    ]
    ids = {id(item) for item in stays}

    assert {item.destination for item in stays} == {"own_home"}
    assert not [
        item
        for item in world.records.applications
        if item.moved is not None
        and item.moved >= day
        and id(item.stay) in ids
        and item.taken is not None
        and item.taken > day
    ]


def test_the_refuge_has_a_secret_address(law: Law) -> None:
    assert {item.group for item in law.facilities if item.secret_address} == {"refuge"}


# --- sizes ---------------------------------------------------------------------------------------


def test_referrals_of_a_group_lie_in_the_range_of_the_law(world: World, law: Law) -> None:
    for group in law.groups.values():
        size = group.sizes["referrals"]
        counts = [referrals_of(world, group.name, year) for year in range(2017, 2026)]
        assert size.low is not None
        assert size.high is not None
        assert size.low <= fmean(counts) <= size.high, (group.name, counts)


def test_there_are_about_six_hundred_referrals_a_year(years: dict[int, YearFigures]) -> None:
    counts = [years[year].referrals for year in range(2017, 2026)]

    assert 560 <= fmean(counts) <= 640
    assert all(500 <= count <= 700 for count in counts)


def test_about_three_thousand_stays_touch_five_years(world: World) -> None:
    first, last = day_of(2017), day_of(2022) - 1
    touching = sum(
        item.started <= last and (item.ended is None or item.ended >= first)
        for item in world.records.stays
    )

    assert 2_800 <= touching <= 3_500


def test_lettings_per_year_are_those_of_the_law(years: dict[int, YearFigures], law: Law) -> None:
    for year in range(2017, 2026):
        assert abs(years[year].lettings - law.sizes["lettings"].in_year(year)) <= 4, year
    assert abs(years[2026].lettings - law.sizes["lettings"].in_year(2026) * 10 / 12) <= 5


def test_the_housing_list_is_near_eighty_when_the_covenant_starts(
    years: dict[int, YearFigures],
) -> None:
    assert 60 <= years[2021].housing_list <= 120


def test_applications_after_the_start_year_are_about_two_hundred_a_year(
    years: dict[int, YearFigures],
) -> None:
    """Between 180 and 220 in the mean; a single year may lie a few outside by chance."""
    counts = [years[year].applications for year in (2023, 2024, 2025)]

    assert 180 <= fmean(counts) <= 220
    assert all(165 <= count <= 235 for count in counts)


def test_the_promise_is_not_kept_and_waiting_has_shortened(
    years: dict[int, YearFigures],
) -> None:
    shares = [years[year].in_time_share for year in (2022, 2023, 2024, 2025)]

    assert all(share is not None and 0.2 <= share <= 0.7 for share in shares)
    assert (years[2019].wait_months or 0) > 12 > (years[2024].wait_months or 99)


def test_places_are_full_and_the_intake_list_is_never_empty(
    years: dict[int, YearFigures],
) -> None:
    for item in years.values():
        assert 0.95 <= item.occupied / item.places <= 1.01
        assert item.intake_list > 50


def test_the_shares_who_reach_a_home_lie_in_their_ranges(world: World) -> None:
    ranges = {
        "sheltered_living": (0.32, 0.50),
        "shelter": (0.10, 0.22),
        "refuge": (0.20, 0.40),
        "youth": (0.20, 0.40),
        "forensic": (0.20, 0.40),
    }
    ended = [item for item in world.records.stays if (item.ended or 0) >= day_of(2017)]
    for group, (low, high) in ranges.items():
        own = [item.destination == "own_home" for item in ended if item.person.group == group]
        assert low <= fmean(own) <= high, group


def test_the_single_stay_shorter_than_the_complex(world: World, law: Law) -> None:
    cohort = [
        item
        for item in world.records.stays
        if 2009 <= year_of(item.started) <= 2013 and item.ready is not None
    ]
    group = law.groups["sheltered_living"].sizes
    for kind, size in (("single", "stay_single"), ("complex", "stay_complex")):
        years_to_ready = [
            (item.ready - item.started) / DAYS_PER_YEAR
            for item in cohort
            if item.person.complexity == kind and item.ready is not None
        ]
        assert fmean(years_to_ready) == pytest.approx(group[size].value, rel=0.15)


def test_about_a_tenth_come_back_within_two_years(world: World) -> None:
    moved = [
        item
        for item in world.records.applications
        if item.moved is not None and 2017 <= year_of(item.moved) <= 2023
    ]
    back = {
        (item.person.client_id, item.registered)
        for item in world.records.registrations
        if item.is_return
    }
    seen = sum(
        any(
            client == item.person.client_id and 0 < day - (item.moved or 0) <= 731
            for client, day in back
        )
        for item in moved
    )

    assert 0.05 <= seen / len(moved) <= 0.13


def test_most_lettings_have_a_three_party_contract(world: World) -> None:
    forms = [item.contract_form for item in world.records.lettings if item.ground == OUTFLOW]

    assert 0.80 <= fmean(form == "three_party" for form in forms) <= 0.90


def test_the_documentation_shows_the_figures_of_the_default_seed(world: World) -> None:
    assert figures_table(world) in DOCUMENT.read_text(encoding="utf-8")
