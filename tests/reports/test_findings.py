"""What may be said: truth tables."""

import pytest

from reports.findings import Against, Trend, against, certain_trend, largest, spans_zero, trend
from reports.numbers import Estimate

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [
        ((100, 90, 110), (200, 111, 250), Trend.UP),
        ((100, 90, 110), (200, 110, 250), Trend.UNCLEAR),
        ((100, 90, 110), (60, 40, 89), Trend.DOWN),
        ((100, 90, 110), (60, 40, 90), Trend.UNCLEAR),
        ((100, 90, 110), (100, 90, 110), Trend.UNCLEAR),
        ((84, 84, 84), (470, 345, 820), Trend.UP),
        ((84, 84, 84), (470, 60, 820), Trend.UNCLEAR),
        ((84, 84, 84), (20, 0, 60), Trend.DOWN),
        ((84, 84, 84), (84, 84, 84), Trend.LEVEL),
        ((0, 0, 0), (0, 0, 0), Trend.LEVEL),
        ((0, 0, 0), (1, 0, 4), Trend.UNCLEAR),
    ],
)
def test_a_rise_is_said_only_where_no_number_lies_in_both_ranges(first, last, verdict) -> None:
    assert trend(Estimate(*first), Estimate(*last)) is verdict


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [(10, 11, Trend.UP), (11, 10, Trend.DOWN), (10, 10.4, Trend.LEVEL), (0, 0, Trend.LEVEL)],
)
def test_a_change_of_less_than_half_a_step_is_level(first, last, verdict) -> None:
    assert certain_trend(first, last) is verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(179, 300, Against.ABOVE), (178, 300, Against.UNCLEAR), (100, 177, Against.BELOW)],
)
def test_an_estimate_lies_beyond_a_limit_only_with_its_whole_range(low, high, verdict) -> None:
    assert against(Estimate((low + high) / 2, low, high), 178) is verdict


def test_a_range_that_touches_zero_includes_nothing_at_all() -> None:
    assert spans_zero(Estimate(5, -1, 9))
    assert spans_zero(Estimate(5, 0, 9))
    assert not spans_zero(Estimate(5, 1, 9))
    assert not spans_zero(Estimate(-5, -9, -1))


def test_the_largest_part_counts_by_size_and_nothing_is_no_part() -> None:
    small, fall = Estimate(10, 5, 15), Estimate(-30, -40, -20)
    assert largest([("a", small), ("b", fall)]) == ("b", fall)
    assert largest([("a", Estimate(0, 0, 0))]) is None
    assert largest([]) is None
