"""Shares that are a policy: what counts as evidence, and how much it weighs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.estimation import Estimates, estimate
from models.estimation.beliefs import persons_worth
from models.months import month_of
from models.registry import load_national, load_region
from tests.models.estimation.worlds import AS_OF
from tests.models.invented import region_toml

pytestmark = pytest.mark.unit

NATIONAL = load_national()
DIVERTED, USED = "divert_unplaced_share", "cap_use_share"
PRIOR = NATIONAL.parameters[DIVERTED]["sheltered_living"]
LAST = AS_OF - 6
"""The last month of registrations that had the time to show."""
DECIDED = AS_OF - 5
"""The last month of indications about which was decided after three months, and was seen."""
USE_TOML = """
[parameters.cap_use_share.all]
value = 0.9
low = 0.8
high = 0.96
unit = "share"
kind = "assumption"
source = { title = "Verzonnen deel van het maximum", publisher = "Proeftuin", year = 2025 }
"""
AFTER_TOML = """
[parameters.divert_after_months.all]
value = 3
unit = "months"
kind = "assumption"
source = { title = "Verzonnen termijn", publisher = "Proeftuin", year = 2025 }
"""
Event = tuple[str, int]
"""What became of a registration ("placed", "home", "left", "" for still waiting), months later."""


def day(month: int) -> date:
    """Give the tenth of a month."""
    return date(month // 12, month % 12 + 1, 10)


def intake(
    events: Mapping[int, Sequence[Event]], *, reasons: bool = True, indicated_after: int = 0
) -> dict[str, Any]:
    """Lay registrations of sheltered living out by the month in which they came."""
    rows: list[dict[str, object]] = []
    for month, fates in events.items():
        for fate, later in fates:
            then = day(month + later)
            reason = {"home": "home_with_support", "left": "withdrawn"}.get(fate)
            rows.append(
                {
                    "registration_id": f"A-{len(rows)}",
                    "target_group": "sheltered_living",
                    "registered_on": day(month - indicated_after),
                    "indicated_on": day(month) if indicated_after else None,
                    "admitted_on": then if fate == "placed" else None,
                    "left_on": then if reason else None,
                    "left_reason": reason if reasons else None,
                    "gone_on": then if fate else None,
                }
            )
    days = ("registered_on", "indicated_on", "admitted_on", "left_on", "gone_on")
    dates = dict.fromkeys(days, pl.Date)
    frame = pl.DataFrame(rows, schema_overrides={**dates, "left_reason": pl.String})
    first = min(events)
    return {
        "core_intake__as_of": frame.drop("gone_on"),
        "core_intake__dated": frame.select("registration_id", "target_group", "gone_on"),
        "core_intake__list_monthly": pl.DataFrame(
            {"month": [f"{first // 12:04d}-{first % 12 + 1:02d}"], "persons": [1]}
        ),
    }


def found(core: Mapping[str, pl.DataFrame], more: str = "") -> Estimates:
    """Estimate the invented region."""
    region = load_region(region_toml(more=more), "region.toml", NATIONAL)
    return estimate(NATIONAL, region, core, as_of=AS_OF)


def diverted(core: Mapping[str, pl.DataFrame], more: str = "") -> tuple[float, float, float] | None:
    """Give value, low and high of the estimated share of sheltered living; None without one."""
    record = found(core, more).parameters.get(DIVERTED, {}).get("sheltered_living")
    return None if record is None else (record.value, record.low or 0.0, record.high or 1.0)


def every_month(
    fates: Sequence[Event], months: int = 24, last: int = LAST
) -> dict[int, Sequence[Event]]:
    """Give every month of the window the same registrations."""
    return {month: fates for month in range(last - months + 1, last + 1)}


def test_a_year_weighs_as_much_as_what_was_believed_whatever_the_number_of_persons() -> None:
    few = diverted(intake(every_month([("home", 3), *[("left", 2)] * 9])))
    many = diverted(intake(every_month([*[("home", 3)] * 4, *[("left", 2)] * 36])))
    assert few is not None
    assert few[0] == pytest.approx((PRIOR.value + 2 * 0.1) / 3)
    assert few == pytest.approx(many)
    assert few[1] < few[0] < few[2] < 0.5
    one_year = diverted(intake(every_month([("home", 3), *[("left", 2)] * 9], months=12)))
    assert one_year is not None
    assert one_year[0] == pytest.approx((PRIOR.value + 0.1) / 2)


def test_data_never_weigh_more_than_there_are_persons() -> None:
    months = every_month([])
    months[LAST - 3] = [("left", 2)]
    value = diverted(intake(months))
    worth = persons_worth(PRIOR)
    assert value is not None
    assert value[0] == pytest.approx(PRIOR.value * worth / (worth + 1))


def test_who_is_placed_in_the_own_month_was_never_without_a_place() -> None:
    fates: list[Event] = [("home", 4), ("placed", 2), ("left", 1), ("left", 0)]
    alone = diverted(intake(every_month(fates)))
    beside = diverted(intake(every_month([*fates, *[("placed", 0)] * 6])))
    assert alone is not None
    assert alone == pytest.approx(beside)
    assert alone[0] == pytest.approx((PRIOR.value + 2 * 0.25) / 3)


def test_registrations_that_had_no_time_to_show_and_those_before_the_window_do_not_count() -> None:
    window = every_month([("home", 3), *[("left", 2)] * 9])
    lately = {month: [("", 0)] * 50 for month in range(LAST + 1, AS_OF + 1)}
    long_ago = {month: [("home", 3)] * 50 for month in range(LAST - 60, LAST - 24)}
    assert diverted(intake({**long_ago, **window, **lately})) == pytest.approx(
        diverted(intake(window))
    )
    assert diverted(intake(lately)) is None


def test_without_reasons_a_home_at_once_cannot_be_seen() -> None:
    core = intake(every_month([("home", 3), *[("left", 2)] * 9]), reasons=False)
    core["core_intake__as_of"] = core["core_intake__as_of"].with_columns(
        left_reason=pl.lit(None, pl.String)
    )
    assert diverted(core) is None


def test_the_next_year_lies_within_the_interval_about_as_often_as_it_says() -> None:
    """Regions differ as was believed, and years within a region half as much (in sd)."""
    dice, worth = np.random.default_rng(1), persons_worth(PRIOR)
    inside = []
    for _ in range(200):
        middle = dice.beta(worth * PRIOR.value, worth * (1 - PRIOR.value))
        years = dice.beta(4 * worth * middle, 4 * worth * (1 - middle), 3)
        fates = {
            month: [("home" if luck < years[at // 12] else "left", 3) for luck in dice.random(5)]
            for at, month in enumerate(range(LAST - 23, LAST + 1))
        }
        value = diverted(intake(fates))
        assert value is not None
        inside.append(value[1] <= years[2] <= value[2])
    assert 0.65 < float(np.mean(inside)) < 0.95


# --- a home that is decided about after some months ---


def by_person(some: int, persons: int) -> float:
    """Give the share that so many persons make of what was believed."""
    worth = persons_worth(PRIOR)
    return (worth * PRIOR.value + some) / (worth + persons)


def test_after_some_months_each_who_is_still_without_a_place_counts_as_one() -> None:
    fates: list[Event] = [("home", 3), ("left", 4), ("placed", 5), ("", 0)]
    value = diverted(intake(every_month(fates, last=DECIDED)), AFTER_TOML)
    assert value is not None
    assert value[0] == pytest.approx(by_person(24, 4 * 24))
    assert value[1] < value[0] < value[2]


def test_who_was_placed_or_gave_up_before_was_never_decided_about() -> None:
    fates: list[Event] = [("home", 3), ("left", 4), ("placed", 6)]
    early: list[Event] = [("placed", 0), ("placed", 2), ("left", 1), ("left", 2)]
    alone, beside = (
        diverted(intake(every_month(some, last=DECIDED)), AFTER_TOML)
        for some in (fates, [*fates, *early])
    )
    assert alone is not None
    assert alone == pytest.approx(beside)


def test_a_home_that_came_sooner_counts_and_one_that_came_much_later_does_not() -> None:
    fates: list[Event] = [("home", 2), ("home", 4), ("home", 7), ("left", 5)]
    value = diverted(intake(every_month(fates, last=DECIDED)), AFTER_TOML)
    assert value is not None
    assert value[0] == pytest.approx(by_person(2 * 24, 4 * 24))


def test_the_months_run_from_the_indication() -> None:
    fates: list[Event] = [("home", 3), ("left", 2), ("placed", 2), ("left", 4)]
    value, later = (
        diverted(intake(every_month(fates, last=DECIDED), indicated_after=months), AFTER_TOML)
        for months in (0, 4)
    )
    assert value is not None
    assert value[0] == pytest.approx(by_person(24, 2 * 24))
    assert later == pytest.approx(value)


def test_who_was_indicated_too_lately_to_show_it_does_not_count() -> None:
    lately = {month: [("", 0)] * 50 for month in range(DECIDED + 1, AS_OF + 1)}
    window = {month: [("home", 3), ("left", 4)] for month in range(DECIDED - 15, DECIDED + 1)}
    assert diverted(intake({**window, **lately}), AFTER_TOML) == pytest.approx(
        diverted(intake(window), AFTER_TOML)
    )
    assert diverted(intake(lately), AFTER_TOML) is None


def test_the_share_of_a_region_lies_within_the_interval_as_often_as_it_says() -> None:
    """However many are placed before it is decided: that is no news of the share."""
    dice, worth = np.random.default_rng(1), persons_worth(PRIOR)
    inside = []
    for _ in range(200):
        share = dice.beta(worth * PRIOR.value, worth * (1 - PRIOR.value))
        placed = [("placed", 1)] * int(dice.integers(6))
        fates = {
            month: [("home" if luck < share else "left", 3) for luck in dice.random(2)] + placed
            for month in range(DECIDED - 23, DECIDED + 1)
        }
        value = diverted(intake(fates), AFTER_TOML)
        assert value is not None
        inside.append(value[1] <= share <= value[2])
    assert 0.72 < float(np.mean(inside)) < 0.88


# --- the use of a cap -----------------------------------------------------------------------------


def offers(monthly: int, waiting: int, first: int) -> dict[str, pl.DataFrame]:
    """Offer as many homes in every month up to the as-of month, with as many on the list."""
    months = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, AS_OF + 1)]
    return {
        "core_application__offered_monthly": pl.DataFrame(
            {"month": months, "applications": [monthly] * len(months)}
        ),
        "core_application__list_monthly": pl.DataFrame(
            {"month": months, "applications": [waiting] * len(months)}
        ),
    }


def use_of(core: Mapping[str, pl.DataFrame], more: str = USE_TOML) -> float | None:
    """Give the estimated use of the invented cap of 30 homes a year; None without one."""
    record = found(core, more).parameters.get(USED, {}).get("all")
    return None if record is None else record.value


def test_the_use_of_a_cap_is_what_was_offered_of_what_it_allowed_a_year_as_one_observation() -> (
    None
):
    two_years = offers(2, 50, first=AS_OF - 24)
    assert use_of(two_years) == pytest.approx((0.9 + 2 * 0.8) / 3)
    assert use_of(offers(9, 50, first=AS_OF - 24)) == pytest.approx((0.9 + 2 * 1.0) / 3)


def test_homes_that_nobody_waited_for_say_nothing_of_the_use_of_a_cap() -> None:
    assert use_of(offers(2, 2, first=AS_OF - 24)) is None


def test_months_of_the_ramp_say_nothing_of_the_use_of_a_cap() -> None:
    ramp = "".join(
        f"""
[[cap.ramp]]
year = {year}

[cap.ramp.dwellings]
value = 20
unit = "dwellings"
kind = "assumption"
source = {{ title = "Verzonnen aanloop", publisher = "Proeftuin" }}
"""
        for year in (2023, 2024)
    )
    first = month_of(2023, 1)
    region = load_region(region_toml(promise=False, more=ramp + USE_TOML), "region.toml", NATIONAL)
    known = estimate(NATIONAL, region, offers(2, 50, first), as_of=AS_OF).parameters[USED]["all"]
    assert known.value == pytest.approx((0.9 + 0.5 * 0.8) / 1.5)


def test_without_a_cap_or_a_belief_of_its_use_nothing_is_estimated() -> None:
    core = offers(2, 50, first=AS_OF - 24)
    assert use_of(core, more="") is None
    region = load_region(region_toml(cap=False, more=USE_TOML), "region.toml", NATIONAL)
    assert USED not in estimate(NATIONAL, region, core, as_of=AS_OF).parameters
