"""Periods: whole numbers and dates of every spelling, and refusals that name the row."""

from datetime import date, datetime

import pytest

from models.forecast.periods import PeriodError, period_numbers


@pytest.mark.unit
@pytest.mark.parametrize(
    ("values", "freq", "expected"),
    [
        ([3, 4, 7], "Y", [3, 4, 7]),
        (["2020", "2022"], "Y", [2020, 2022]),
        ([1.0, 2.0], "M", [1, 2]),
        (["2020-03-31", "2021-12-31"], "Y", [2020, 2021]),
        (["2020-01", "2020-02", "2021-01"], "M", [24240, 24241, 24252]),
        (["2020-01-31", "2020-02-29"], "M", [24240, 24241]),
        (["2020Q1", "2020-Q4", "2021K1", "2021 q2"], "Q", [8080, 8083, 8084, 8085]),
        (["2020-02-01", "2020-12-31"], "Q", [8080, 8083]),
        ([date(2020, 5, 1), datetime(2021, 5, 1, 13, 0)], "Y", [2020, 2021]),
        (["2020-01-01T00:00:00", "2020-02-01 00:00"], "M", [24240, 24241]),
    ],
)
def test_periods_are_read(values: list[object], freq: str, expected: list[int]) -> None:
    assert period_numbers(values, freq) == expected


@pytest.mark.unit
@pytest.mark.parametrize(
    ("values", "freq", "position", "reason"),
    [
        (["2020-01", "May 2020"], "M", 1, "no period"),
        (["2020-13"], "M", 0, "no such month"),
        (["2021-02-30"], "M", 0, "no such day"),
        (["2020Q1"], "M", 0, "too coarse"),
        (["2020-01", "2020"], "Q", 1, "too coarse"),
        (["2020", None], "Y", 1, "empty"),
        ([" "], "Y", 0, "empty"),
        ([1.5], "Y", 0, "no period"),
    ],
)
def test_what_is_no_period_is_named(
    values: list[object], freq: str, position: int, reason: str
) -> None:
    with pytest.raises(PeriodError, match=reason) as caught:
        period_numbers(values, freq)
    assert caught.value.position == position
    assert caught.value.exit_code == 3
