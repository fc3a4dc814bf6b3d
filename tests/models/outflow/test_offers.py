"""A year's homes over its months: exact, and nested in every larger year."""

from dataclasses import replace

import numpy as np
import pytest

from models.months import month_of
from models.outflow.offers import EXTRA_MONTH_ORDER, capped_offers, spread_year, used_offers
from models.params import RampYear
from models.records import Parameter
from models.registry import Resolved
from tests.models.invented import make_resolved

pytestmark = pytest.mark.unit


def with_ramp(resolved: Resolved, **update: object) -> Resolved:
    """Give the invented region a ramp year 2026 of 18 homes, and other months of validity."""
    region = resolved.region
    assert region.cap is not None
    ramp = RampYear.model_validate(
        {
            "year": 2026,
            "dwellings": {
                "value": 18,
                "unit": "dwellings",
                "kind": "assumption",
                "source": {"title": "Verzonnen", "publisher": "Proeftuin"},
            },
        }
    )
    cap = region.cap.model_copy(update={"ramp": (ramp,)})
    agreements = tuple(
        item.model_copy(update=update) if item.agreement_id == "cap" else item
        for item in region.agreements
    )
    changed = region.model_copy(update={"cap": cap, "agreements": agreements})
    return replace(resolved, region=changed)


def test_every_year_adds_up_and_no_larger_year_gives_fewer_homes_in_any_month() -> None:
    before = spread_year(0)
    assert before == (0,) * 12
    for homes in range(1, 1001):
        months = spread_year(homes)
        assert len(months) == 12
        assert sum(months) == homes
        assert all(more - fewer in (0, 1) for more, fewer in zip(months, before, strict=True))
        assert max(months) - min(months) <= 1
        before = months


def test_the_months_that_get_one_more_are_those_of_the_law() -> None:
    assert EXTRA_MONTH_ORDER == (12, 6, 9, 3, 10, 4, 7, 1, 11, 5, 8, 2)
    assert spread_year(26) == (2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2, 3)


def test_offers_follow_calendar_years_the_ramp_and_the_validity_of_the_cap() -> None:
    resolved = with_ramp(make_resolved(), valid_from="2025-01", valid_to="2028-12")
    first = month_of(2024, 7)
    offers = capped_offers(resolved, first, 66)
    assert offers is not None
    by_year = np.split(offers, np.arange(6, 66, 12))
    assert [int(year.sum()) for year in by_year] == [0, 30, 18, 30, 30, 0]
    assert tuple(by_year[1]) == spread_year(30)


def test_another_number_of_homes_comes_after_the_ramp_and_not_before_the_agreement() -> None:
    resolved = with_ramp(make_resolved(), valid_from="2025-01")
    offers = capped_offers(resolved, month_of(2024, 1), 48, 60)
    assert offers is not None
    assert [int(year.sum()) for year in np.split(offers, 4)] == [0, 60, 18, 60]


def test_without_a_cap_there_is_no_number_of_offers() -> None:
    assert capped_offers(make_resolved(cap=False), month_of(2025, 7), 12) is None


def test_a_cap_of_nothing_offers_nothing_and_can_still_be_searched_from() -> None:
    none = replace(make_resolved(), cap_value=0)
    offers = capped_offers(none, month_of(2025, 1), 12)
    assert offers is not None
    assert not offers.any()
    searched = capped_offers(none, month_of(2025, 1), 12, 24)
    assert searched is not None
    assert searched.sum() == 24


LUCK = np.linspace(0.001, 0.999, 401)


def with_use(resolved: Resolved, value: float, low: float, high: float) -> Resolved:
    """Believe that only a part of the cap is used."""
    share = Parameter.model_validate(
        {
            "value": value,
            "low": low,
            "high": high,
            "unit": "share",
            "kind": "assumption",
            "source": {"title": "Verzonnen", "publisher": "Proeftuin"},
        }
    )
    return replace(resolved, values={**resolved.values, "cap_use_share": {"all": share}})


def test_where_nothing_is_said_of_its_use_the_whole_cap_is_offered_in_every_draw() -> None:
    resolved = with_ramp(make_resolved(), valid_from="2025-01", valid_to="2028-12")
    agreed = capped_offers(resolved, month_of(2024, 7), 66)
    used = used_offers(resolved, month_of(2024, 7), 66, LUCK)
    assert agreed is not None
    assert used is not None
    np.testing.assert_array_equal(used, np.broadcast_to(agreed[:, None], used.shape))


def test_so_much_of_the_cap_is_offered_as_is_believed_and_in_the_ramp_its_own_number() -> None:
    resolved = with_use(with_ramp(make_resolved(), valid_from="2025-01"), 0.9, 0.6, 0.97)
    used = used_offers(resolved, month_of(2025, 1), 36, np.array([0.1, 0.5, 0.9]))
    assert used is not None
    by_year = np.stack([part.sum(axis=0) for part in np.split(used, 3)])
    np.testing.assert_array_equal(by_year, [[18, 27, 29], [18, 18, 18], [18, 27, 29]])


def test_a_larger_cap_never_gives_fewer_homes_in_any_month_of_any_draw() -> None:
    resolved = with_use(make_resolved(), 0.9, 0.6, 0.97)
    before = used_offers(resolved, month_of(2025, 7), 24, LUCK, 0)
    assert before is not None
    assert not before.any()
    for homes in range(1, 200):
        now = used_offers(resolved, month_of(2025, 7), 24, LUCK, homes)
        agreed = capped_offers(resolved, month_of(2025, 7), 24, homes)
        assert now is not None
        assert agreed is not None
        assert (now >= before).all()
        assert (now <= agreed[:, None]).all()
        before = now
