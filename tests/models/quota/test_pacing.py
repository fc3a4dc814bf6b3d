"""Pacing within the year: the norm after k months, half-years, and what is on course."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UitstroomError
from models.quota.pacing import Course, pace_year, paced


@pytest.mark.reference
def test_the_status_holders_of_the_first_half_of_2017() -> None:
    """13,000 persons and a backlog of 6,082: after k of 6 months k/6 of 19,082."""
    assert paced(13_000, 6, 6, backlog=6_082) == 19_082
    for months in range(7):
        assert paced(13_000, months, 6, backlog=6_082) == Fraction(19_082 * months, 6)


@pytest.mark.unit
def test_the_norm_is_exact_and_not_rounded() -> None:
    assert paced(34, 10, 12) == Fraction(340, 12)
    assert paced(0, 12, 12) == 0


@pytest.mark.unit
@pytest.mark.parametrize(("months", "length"), [(13, 12), (-1, 12), (7, 6), (3, 4)])
def test_months_outside_the_period_are_refused(months: int, length: int) -> None:
    with pytest.raises(UitstroomError):
        paced(10, months, length)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("realised", "course"),
    [(8, Course.BEHIND), (9, Course.ON_COURSE), (10, Course.ON_COURSE), (11, Course.ON_COURSE),
     (12, Course.AHEAD)],
)  # fmt: skip
def test_within_one_home_of_the_norm_is_on_course(realised: int, course: Course) -> None:
    pace = pace_year(12, [realised, *[0] * 9])
    assert pace.norm == 10
    assert pace.course == course


@pytest.mark.unit
def test_a_half_year_makes_up_for_the_one_before() -> None:
    pace = pace_year(25, [1] * 6 + [2, 2], pacing_months=6)
    assert (pace.months_passed, pace.of_months) == (2, 6)
    assert pace.backlog == 13 - 6
    assert pace.task == 12 + 7
    assert pace.norm == Fraction(19 * 2, 6)
    assert pace.realised == 4
    assert pace.course == Course.BEHIND


@pytest.mark.unit
def test_the_end_of_june_closes_the_first_half_year_and_a_lead_lowers_the_second() -> None:
    june = pace_year(25, [3] * 6, pacing_months=6)
    assert (june.months_passed, june.norm, june.realised) == (6, 13, 18)
    later = pace_year(25, [3] * 6 + [0], pacing_months=6)
    assert (later.backlog, later.task) == (-5, 7)
    assert pace_year(4, [9] * 7, pacing_months=6).task == 0


@pytest.mark.unit
def test_a_year_has_one_to_twelve_months() -> None:
    for months in ([], [0] * 13):
        with pytest.raises(UitstroomError):
            pace_year(10, months)


@pytest.mark.properties
@given(st.integers(0, 400), st.lists(st.integers(0, 40), min_size=12, max_size=12))
def test_at_the_end_of_the_year_both_ways_of_pacing_miss_the_same(
    quota: int, realised: list[int]
) -> None:
    whole = pace_year(quota, realised)
    half = pace_year(quota, realised, pacing_months=6)
    assert whole.norm == quota
    if half.task:
        assert half.difference == whole.difference
