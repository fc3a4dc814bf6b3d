"""The small drawings of an explanation: every mark where its number belongs, inside the drawing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.explained import draw_balance, draw_ruler

pytestmark = pytest.mark.properties

number = st.floats(min_value=0, max_value=5000, allow_nan=False)


@given(exact=number, carried=st.floats(min_value=-3, max_value=3), more=st.integers(-1, 1))
def test_marks_of_the_ruler_stand_in_the_order_of_their_numbers(
    exact: float, carried: float, more: int
) -> None:
    claim = exact + carried
    quota = max(round(claim) + more, 0)
    ruler = draw_ruler(exact, claim, quota)
    marks = [(exact, ruler.exact.x), (claim, ruler.claim.x), (float(quota), ruler.quota.x)]
    marks += [(float(value), x) for value, x in ruler.ticks]
    assert all(0 <= x <= 100 for _, x in marks)
    marks.sort()
    assert all(b[1] - a[1] >= -1e-3 for a, b in pairwise(marks))
    places = dict(ruler.ticks)
    if quota in places:
        assert places[quota] == ruler.quota.x
    assert len(ruler.ticks) >= 2


@given(values=st.lists(st.floats(min_value=-4, max_value=4), min_size=1, max_size=15))
def test_bars_of_the_balance_hang_from_its_line_and_are_as_high_as_their_numbers(
    values: list[float],
) -> None:
    drawn = draw_balance(values)
    scale = [bar.height / abs(value) for bar, value in zip(drawn.bars, values, strict=True)
             if abs(value) > 0.5]  # fmt: skip
    assert all(abs(one - scale[0]) < 0.05 for one in scale)
    for bar, value in zip(drawn.bars, values, strict=True):
        edge = bar.y + bar.height if value > 0 else bar.y
        assert abs(edge - drawn.zero) < 0.02
        assert 0 <= bar.y <= drawn.height
        assert 8 <= bar.text_y <= drawn.height
        assert 0 <= bar.left < bar.left + bar.width <= 100
