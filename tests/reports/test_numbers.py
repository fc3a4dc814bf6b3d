"""Numbers as a Dutch reader expects them."""

import pytest

from models.errors import UitstroomError
from reports.labels import Labels
from reports.numbers import Estimate, round_to

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("width", "step"), [(0, 1), (49, 1), (249, 1), (250, 5), (499, 5), (500, 10), (820, 10)]
)
def test_the_width_of_the_range_sets_the_step(width: float, step: int) -> None:
    assert Estimate(1000.0, 1000.0 - width / 2, 1000.0 + width / 2).step == step


@pytest.mark.parametrize(
    ("value", "step", "rounded"),
    [
        (1445.0, 10, 1450.0),
        (-1445.0, 10, -1450.0),
        (2.5, 1, 3.0),
        (-0.2, 1, 0.0),
        (0.145, 0.01, 0.15),
    ],
)
def test_halves_are_rounded_away_from_zero(value: float, step: float, rounded: float) -> None:
    assert round_to(value, step) == pytest.approx(rounded)
    assert str(round_to(-0.2)) == "0.0"


def test_a_headline_is_written_with_what_its_range_supports(words: Labels) -> None:
    numbers = words.numbers
    headline = Estimate(1446.4, 1002.0, 1796.0)
    assert numbers.about(headline) == "ongeveer 1.450"
    assert numbers.span(headline) == "1.000 tot 1.800"
    assert numbers.inside(headline) == "tussen 1.000 en 1.800"


def test_a_narrow_range_leaves_the_number_exact(words: Labels) -> None:
    narrow = Estimate(203.2, 170.0, 240.0)
    assert words.numbers.about(narrow) == "203"
    assert words.numbers.span(Estimate(84.0, 84.0, 84.0)) == "84"
    assert words.numbers.inside(Estimate(84.0, 84.0, 84.0)) == "op 84"


def test_gross_and_extra_stay_consistent_when_both_are_rounded(words: Labels) -> None:
    gross, extra = Estimate(2026.4, 1582, 2404), Estimate(1446.4, 1002, 1824)
    assert words.numbers.value(gross) == "2.030"
    assert words.numbers.value(extra) == "1.450"
    assert gross.step == extra.step


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0.85, "85%"),
        (0.0, "0%"),
        (1.0, "100%"),
        (0.004, "minder dan 1%"),
        (0.996, "meer dan 99%"),
        (0.995, "meer dan 99%"),
        (0.994, "99%"),
        (0.005, "1%"),
    ],
)
def test_a_share_is_never_called_none_or_all_when_it_is_not(
    words: Labels, share: float, written: str
) -> None:
    assert words.numbers.share(share) == written


def test_signs_months_years_and_lists_are_dutch(words: Labels) -> None:
    numbers = words.numbers
    assert numbers.signed(310.2) == "+310"
    assert numbers.signed(-120.4) == "\N{MINUS SIGN}120"
    assert numbers.signed(-0.4) == "0"
    assert numbers.months(6.5) == "6,5 maanden"
    assert numbers.months(1) == "1 maand"
    assert numbers.month("2026-10") == "oktober 2026"
    assert numbers.day("2021-10-07") == "7 oktober 2021"
    assert numbers.day("najaar 2021") == "najaar 2021"
    assert numbers.years(2027, 2036) == "2027 t/m 2036"
    assert numbers.years(2027, 2027) == "2027"
    assert numbers.join(["a", "b", "c"]) == "a, b en c"
    assert numbers.decimal(1450.25, 2) == "1.450,25"
    assert numbers.share(0.465, 1) == "46,5%"
    assert numbers.share_span(0.62, 0.91) == "62% tot 91%"


def test_what_is_no_number_is_never_shown(words: Labels) -> None:
    with pytest.raises(UitstroomError, match="finite"):
        words.numbers.whole(float("inf"))
