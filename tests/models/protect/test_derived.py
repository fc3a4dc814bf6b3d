"""What is said beside rounded figures follows from them alone, and only from ten up."""

import pytest

from models.errors import RefusedError, UsageError
from models.protect import (
    Row,
    group_disclosures,
    mean_from_ten,
    refuse_group_disclosures,
    share_of_rounded,
    shown,
)

FIGURES = {
    "north": 25, "north/care": 25, "north/own": 0,
    "south": 25, "south/care": 20, "south/own": 5,
    "east": 5, "east/care": 5, "east/own": 0,
    "west": 0, "west/care": 0, "west/own": 0,
    "far": 10, "far/care": 0, "far/own": 10,
}  # fmt: skip
ROWS = [
    Row(name, {"care": f"{name}/care", "own": f"{name}/own"})
    for name in ("north", "south", "east", "west", "far")
]


@pytest.mark.unit
def test_nothing_below_ten_is_shown_and_a_zero_looks_like_any_other() -> None:
    assert [shown(figure) for figure in (0, 5, 10, 15, 120)] == ["<10", "<10", "10", "15", "120"]


@pytest.mark.unit
def test_a_share_follows_from_rounded_figures_of_ten_or_more() -> None:
    assert share_of_rounded(5, 20, 5) == 0.25
    assert share_of_rounded(0, 10, 10) == 0.0
    assert share_of_rounded(10, 10, 5) == 1.0
    assert share_of_rounded(5, 5, 5) is None
    assert share_of_rounded(0, 0, 5) is None


@pytest.mark.unit
@pytest.mark.parametrize(
    ("part", "total", "base"), [(3, 20, 5), (5, 12, 5), (5, 20, 10), (-5, 5, 5)]
)
def test_a_share_of_an_unrounded_count_is_refused(part: int, total: int, base: int) -> None:
    with pytest.raises(UsageError, match="not rounded"):
        share_of_rounded(part, total, base)


@pytest.mark.unit
def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(UsageError, match="found 15 of 10"):
        share_of_rounded(15, 10, 5)


@pytest.mark.unit
def test_a_mean_rests_on_ten_people_or_is_left_out() -> None:
    assert mean_from_ten(4.26, 10, 5, 1) == 4.3
    assert mean_from_ten(4.26, 15, 5, 0) == 4.0
    assert mean_from_ten(4.26, 5, 5, 1) is None
    assert mean_from_ten(4.26, 0, 10, 1) is None
    with pytest.raises(UsageError, match="not rounded"):
        mean_from_ten(4.26, 12, 5, 1)


@pytest.mark.unit
def test_a_row_of_one_category_is_found_but_for_harmless_ones_and_totals_of_one_step() -> None:
    found = group_disclosures(ROWS, FIGURES, 5)
    assert [(one.total, one.category, one.figure) for one in found] == [
        ("north", "care", 25),
        ("far", "own", 10),
    ]
    harmless = group_disclosures(ROWS, FIGURES, 5, harmless=frozenset({"own"}))
    assert [one.total for one in harmless] == ["north"]


@pytest.mark.unit
def test_tables_that_place_a_whole_row_in_a_category_are_refused_by_name() -> None:
    with pytest.raises(RefusedError, match=r"found north \(care\), far \(own\)"):
        refuse_group_disclosures(ROWS, FIGURES, 5)
    refuse_group_disclosures(ROWS, FIGURES, 5, harmless=frozenset({"care", "own"}))
    refuse_group_disclosures(ROWS[1:4], FIGURES, 5)
