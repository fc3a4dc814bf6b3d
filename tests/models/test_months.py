"""Months as whole numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UsageError
from models.months import format_month, month_of, months_covered, parse_month, year_of


@pytest.mark.properties
@given(st.integers(1000, 9999), st.integers(1, 12))
def test_a_month_and_its_text_are_each_others_inverse(year: int, month: int) -> None:
    number = month_of(year, month)
    assert format_month(number) == f"{year}-{month:02d}"
    assert parse_month(format_month(number)) == number
    assert year_of(number) == year
    assert number + 1 == (month_of(year, month + 1) if month < 12 else month_of(year + 1, 1))


@pytest.mark.properties
@given(st.integers(20_000, 26_000), st.integers(0, 200))
def test_years_of_a_span_hold_all_its_months_in_order(first: int, count: int) -> None:
    covered = months_covered(first, count)
    assert sum(covered.values()) == count
    assert list(covered) == sorted(covered)
    assert all(1 <= months <= 12 for months in covered.values())
    if count:
        assert (min(covered), max(covered)) == (year_of(first), year_of(first + count - 1))


@pytest.mark.unit
@pytest.mark.parametrize(
    "text", ["", "2025", "2025-0", "2025-13", "2025-00", "25-01", "2025-1", "2025-01 ", "2025/01"]
)
def test_what_is_no_month_is_refused_with_what_was_found(text: str) -> None:
    with pytest.raises(UsageError, match="this is not a month") as caught:
        parse_month(text, where="--as-of")
    assert str(caught.value).startswith("--as-of: ")
    assert f"found {text!r}" in str(caught.value)
    assert "expected YYYY-MM" in str(caught.value)
