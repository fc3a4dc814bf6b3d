"""The law of a stay's length: the fit finds known means behind cut-off histories."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from models.estimation.lengths import Lengths, fit_mean, log_survival
from tests.models.estimation.worlds import live_stays

Z80 = 1.2815515655446004


def standardised(lived: Lengths, mean: float, phases: int = 2) -> float:
    """Give how many standard errors a fit lies from the truth."""
    fit = fit_mean(lived, phases)
    assert fit is not None
    return (np.log(fit.mean) - np.log(mean)) / fit.log_sd


@pytest.mark.properties
@pytest.mark.parametrize("count", [300, 3000])
@pytest.mark.parametrize("years", [1.0, 2.0, 4.0])
def test_a_known_mean_is_found_behind_censoring_and_late_entry(years: float, count: int) -> None:
    dice = np.random.default_rng([7, int(10 * years), count])
    z = [standardised(live_stays(dice, 12 * years, count), 12 * years) for _ in range(40)]
    assert max(abs(value) for value in z) < 3.5
    assert abs(np.mean(z)) < 3.5 / np.sqrt(len(z))


@pytest.mark.properties
@pytest.mark.parametrize(("count", "phases"), [(40, 2), (300, 2), (300, 1), (300, 3)])
def test_eight_of_ten_intervals_hold_the_truth(count: int, phases: int) -> None:
    dice = np.random.default_rng([8, count, phases])
    z = [
        standardised(live_stays(dice, 24.0, count, phases=phases, window_months=72), 24.0, phases)
        for _ in range(400)
    ]
    assert 0.70 <= np.mean(np.abs(z) < Z80) <= 0.90


@pytest.mark.properties
def test_leaving_out_the_entry_or_the_censoring_would_miss_the_truth() -> None:
    lived = live_stays(np.random.default_rng(9), 36.0, 3000, window_months=60)
    assert abs(standardised(lived, 36.0)) < 3.5
    no_entry = Lengths(np.zeros_like(lived.entry), lived.length, lived.finished)
    done = lived.finished
    only_ended = Lengths(lived.entry[done], lived.length[done], done[done])
    assert standardised(no_entry, 36.0) > 3.5
    assert standardised(only_ended, 36.0) < -3.5


@pytest.mark.reference
def test_without_late_entry_the_fit_is_that_of_scipy_for_censored_data() -> None:
    lived = live_stays(np.random.default_rng(10), 20.0, 800)
    fresh = lived.entry == 0.0
    own = Lengths(lived.entry[fresh], lived.length[fresh], lived.finished[fresh])
    data = scipy_stats.CensoredData.right_censored(own.length, ~own.finished)
    _, _, scale = scipy_stats.gamma.fit(data, f0=2, floc=0)
    fit = fit_mean(own, 2)
    assert fit is not None
    assert fit.mean == pytest.approx(2 * scale, rel=1e-4)


@pytest.mark.reference
@pytest.mark.parametrize("phases", [1, 2, 5])
def test_survival_is_that_of_a_gamma_law(phases: int) -> None:
    months = np.array([0.0, 0.3, 5.0, 24.0, 200.0])
    expected = scipy_stats.gamma.logsf(months, phases, scale=24.0 / phases)
    np.testing.assert_allclose(log_survival(months, 24.0, phases), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.unit
def test_of_ended_stays_alone_the_mean_is_the_plain_mean() -> None:
    lengths = np.array([4.0, 8.0, 12.0, 30.0])
    fit = fit_mean(Lengths(np.zeros(4), lengths, np.ones(4, dtype=bool)), 2)
    assert fit is not None
    assert fit.mean == pytest.approx(13.5, rel=1e-5)
    # The information of n stays of k phases on the log of the mean is n k.
    assert fit.log_sd == pytest.approx(8**-0.5, rel=1e-3)


@pytest.mark.unit
def test_without_an_ended_stay_there_is_no_fit() -> None:
    going_on = Lengths(np.zeros(3), np.array([5.0, 6.0, 7.0]), np.zeros(3, dtype=bool))
    assert fit_mean(going_on, 2) is None
