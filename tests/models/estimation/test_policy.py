"""Shares that are decided anew every year: what counts as evidence, and how much it weighs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.estimation import Estimates, estimate
from models.estimation.beliefs import persons_worth
from models.registry import load_national, load_region
from tests.models.estimation.worlds import AS_OF
from tests.models.invented import region_toml

pytestmark = pytest.mark.unit

NATIONAL = load_national()
DIVERTED = "divert_unplaced_share"
PRIOR = NATIONAL.parameters[DIVERTED]["sheltered_living"]
LAST = AS_OF - 6
"""The last month of registrations that had the time to show."""
Event = tuple[str, int]
"""What became of a registration ("placed", "home", "left", "" for still waiting), months later."""


def day(month: int) -> date:
    """Give the tenth of a month."""
    return date(month // 12, month % 12 + 1, 10)


def intake(events: Mapping[int, Sequence[Event]], *, reasons: bool = True) -> dict[str, Any]:
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
                    "registered_on": day(month),
                    "admitted_on": then if fate == "placed" else None,
                    "left_on": then if reason else None,
                    "left_reason": reason if reasons else None,
                    "gone_on": then if fate else None,
                }
            )
    dates = dict.fromkeys(("registered_on", "admitted_on", "left_on", "gone_on"), pl.Date)
    frame = pl.DataFrame(rows, schema_overrides={**dates, "left_reason": pl.String})
    first = min(events)
    return {
        "core_intake__as_of": frame.drop("gone_on"),
        "core_intake__dated": frame.select("registration_id", "target_group", "gone_on"),
        "core_intake__list_monthly": pl.DataFrame(
            {"month": [f"{first // 12:04d}-{first % 12 + 1:02d}"], "persons": [1]}
        ),
    }


def found(core: Mapping[str, pl.DataFrame]) -> Estimates:
    """Estimate the invented region."""
    region = load_region(region_toml(), "region.toml", NATIONAL)
    return estimate(NATIONAL, region, core, as_of=AS_OF)


def diverted(core: Mapping[str, pl.DataFrame]) -> tuple[float, float, float] | None:
    """Give value, low and high of the estimated share of sheltered living; None without one."""
    record = found(core).parameters.get(DIVERTED, {}).get("sheltered_living")
    return None if record is None else (record.value, record.low or 0.0, record.high or 1.0)


def every_month(fates: Sequence[Event], months: int = 24) -> dict[int, Sequence[Event]]:
    """Give every month of the window the same registrations."""
    return {month: fates for month in range(LAST - months + 1, LAST + 1)}


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
