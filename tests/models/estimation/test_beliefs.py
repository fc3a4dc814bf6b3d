"""Shrinking by hand: precision on the log scale, events and persons as weights."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from models.estimation.beliefs import (
    PRIOR_EVENTS,
    PRIOR_PERSONS,
    Range,
    believed_sd,
    events_worth,
    own_rate,
    own_share,
    persons_worth,
    shrink_mean,
    shrink_rate,
    shrink_share,
)
from models.estimation.lengths import Fit, fit_mean
from models.records import Parameter
from models.registry import load_national
from tests.models.estimation.worlds import live_stays

Z80 = 1.2815515655446004


def believed(value: float, low: float | None, high: float | None, unit: str) -> Parameter:
    """Make a record of what was believed."""
    source = {"title": "Verzonnen waarde", "publisher": "Proeftuin", "year": 2025}
    record = {"value": value, "low": low, "high": high, "unit": unit, "source": source}
    return Parameter.model_validate({**record, "kind": "expert_judgement"})


@pytest.mark.unit
def test_a_mean_is_weighed_by_precision_on_the_log_scale() -> None:
    prior = believed(2.0, 2.0 * np.exp(-0.2 * Z80), 2.0 * np.exp(0.4 * Z80), "years")
    assert believed_sd(prior) == pytest.approx((0.2, 0.4))
    longer = shrink_mean(prior, Fit(4.0, 0.4))
    assert longer.value == pytest.approx(np.sqrt(2.0 * 4.0))
    assert longer.high / longer.value == pytest.approx(np.exp(Z80 * 0.4 / np.sqrt(2)))
    shorter = shrink_mean(prior, Fit(1.0, 0.4))
    assert np.log2(shorter.value) == pytest.approx((25 * 1 + 6.25 * 0) / 31.25)


@pytest.mark.unit
def test_the_weight_of_a_range_in_events_and_in_persons_gives_the_range_back() -> None:
    rate = believed(0.01, 0.005, 0.02, "months")
    worth = events_worth(rate)
    assert worth == pytest.approx((2 * Z80 / np.log(4)) ** 2)
    share = believed(0.85, 0.78, 0.90, "share")
    back = shrink_share(0.85, persons_worth(share), 0, 0)
    assert (back.low, back.high) == pytest.approx((0.78, 0.90), abs=0.012)


@pytest.mark.unit
def test_relapse_is_eight_national_events_and_what_was_seen() -> None:
    found = shrink_rate(0.1, PRIOR_EVENTS, 12, 100.0)
    assert found.value == pytest.approx((8 + 12) / (8 / 0.1 + 100))
    law = scipy_stats.gamma(20, scale=1 / 180)
    assert (found.low, found.high) == pytest.approx((law.ppf(0.1), law.ppf(0.9)))
    assert shrink_rate(0.1, PRIOR_EVENTS, 0, 0).value == pytest.approx(0.1)


@pytest.mark.unit
def test_a_destination_is_a_margin_of_twenty_national_persons_and_those_seen() -> None:
    found = shrink_share(0.4, PRIOR_PERSONS, 30, 60)
    assert found.value == pytest.approx((20 * 0.4 + 30) / 80)
    law = scipy_stats.beta(38, 42)
    assert (found.low, found.high) == pytest.approx((law.ppf(0.1), law.ppf(0.9)))


@pytest.mark.unit
def test_the_margins_of_all_destinations_add_up_to_one() -> None:
    national = [0.4, 0.03, 0.2, 0.2, 0.17]
    seen = [7, 0, 11, 2, 1]
    shares = [
        shrink_share(share, PRIOR_PERSONS, some, sum(seen)).value
        for share, some in zip(national, seen, strict=True)
    ]
    assert sum(shares) == pytest.approx(1.0)


@pytest.mark.unit
def test_the_data_alone_hold_their_own_value_at_the_edges_too() -> None:
    for some, persons in ((0, 12), (12, 12), (3, 12)):
        found = own_share(some, persons)
        assert found is not None
        assert found.low <= found.value == some / persons <= found.high
    assert own_share(0, 0) is None
    assert own_rate(0, 0.0) is None
    none = own_rate(0, 50.0)
    assert none is not None
    assert none.value == 0.0 < none.high


@pytest.mark.unit
def test_a_range_turns_over_with_its_ends() -> None:
    assert Range(2.0, 1.0, 4.0).inverted() == Range(0.5, 0.25, 1.0)


@pytest.mark.properties
@pytest.mark.parametrize("count", [15, 300])
def test_eight_of_ten_intervals_hold_a_truth_that_the_belief_was_right_about(count: int) -> None:
    prior = load_national().parameters["stay_years_complex"]["sheltered_living"]
    below, above = believed_sd(prior)
    dice = np.random.default_rng([11, count])
    held = []
    for _ in range(400):
        normal = dice.normal()
        truth = prior.value * np.exp(normal * (above if normal > 0 else below))
        fit = fit_mean(live_stays(dice, 12 * truth, count, window_months=72), 2)
        if fit is None:
            continue
        after = shrink_mean(prior, Fit(fit.mean / 12, fit.log_sd))
        held.append(after.low <= truth <= after.high)
    assert len(held) > 390
    assert 0.70 <= np.mean(held) <= 0.90


@pytest.mark.properties
@pytest.mark.parametrize("count", [10, 400])
def test_eight_of_ten_intervals_of_relapse_hold_the_truth(count: int) -> None:
    dice = np.random.default_rng([12, count])
    truth = dice.gamma(PRIOR_EVENTS, 0.1 / PRIOR_EVENTS, 500)
    windows = 0.6 * count
    held = [
        found.low <= share <= found.high
        for share in truth
        for found in (shrink_rate(0.1, PRIOR_EVENTS, dice.poisson(share * windows), windows),)
    ]
    assert 0.70 <= np.mean(held) <= 0.90
