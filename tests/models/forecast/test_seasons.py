"""Seasons: found where they are, not where they are not, and put back as taken out."""

import numpy as np
import pytest

from models.forecast.seasons import SIGNIFICANCE, find_seasons

DICE = np.random.default_rng(6)
YEAR = np.array([-8.0, -5.0, 0.0, 3.0, 6.0, 9.0, 7.0, 4.0, 0.0, -4.0, -6.0, -6.0])


@pytest.mark.unit
def test_no_seasons_are_called_seasons_about_as_often_as_said() -> None:
    noise = 100.0 + DICE.normal(0, 3, (600, 60))
    called = (find_seasons(noise, 12, may_multiply=False).terms != 0.0).any(axis=1)
    assert called.mean() < 3 * SIGNIFICANCE


@pytest.mark.reference
def test_known_terms_are_recovered() -> None:
    series = 100.0 + 0.5 * np.arange(96) + np.tile(YEAR, 8) + DICE.normal(0, 1, (20, 96))
    found = find_seasons(series, 12, may_multiply=False)
    assert np.abs(found.terms - YEAR).max() < 1.5
    assert (found.factors == 1.0).all()
    assert np.abs(np.diff(found.taken_out(series)[:, 12:-12], axis=1)).mean() < 2.0


@pytest.mark.reference
def test_known_factors_are_recovered_and_told_from_terms() -> None:
    growing = 100.0 * 1.02 ** np.arange(96)
    series = growing * np.tile(1.0 + YEAR / 40.0, 8) * (1 + DICE.normal(0, 0.005, (20, 96)))
    found = find_seasons(series, 12)
    assert (found.terms == 0.0).all()
    assert np.abs(found.factors - (1.0 + YEAR / 40.0)).max() < 0.03


@pytest.mark.unit
def test_seasons_ahead_follow_the_last_point() -> None:
    series = 50.0 + np.tile([5.0, -1.0, 2.0, -6.0], 6)[None, :22] + DICE.normal(0, 0.1, (1, 22))
    found = find_seasons(series, 4, may_multiply=False)
    factor, term = found.ahead(22, 5)
    assert (factor == 1.0).all()
    assert term[0] == pytest.approx([2.0, -6.0, 5.0, -1.0, 2.0], abs=0.7)


@pytest.mark.unit
@pytest.mark.parametrize("points", [4, 8])
def test_two_years_are_too_few(points: int) -> None:
    found = find_seasons(np.tile([1.0, 9.0, 2.0, 7.0], 2)[None, :points], 4)
    assert (found.factors == 1.0).all()
    assert (found.terms == 0.0).all()
