"""A joint rounding is declared without gaps: unknown names and wrong sums never go by silently."""

import pytest

from models.errors import FaultsError, UsageError
from models.protect import Earlier, Sum, round_jointly
from models.protect.problem import Part, parts_of

KEY = b"a fixed key that nobody uses for real"
TRUTHS = {"all": 7, "a": 3, "b": 4}


def refused(truths: dict, sums: list[Sum], **others: object) -> str:
    with pytest.raises((UsageError, FaultsError)) as found:
        round_jointly(truths, sums, key=KEY, region_id="alkmaar", **others)
    return str(found.value)


@pytest.mark.unit
@pytest.mark.parametrize("truth", [-1, 3.0, True, None, "3"])
def test_a_count_is_a_whole_number_from_zero(truth: object) -> None:
    text = refused({"all": truth}, [])
    assert text == f"all: a count is no whole number from 0; found {truth!r}."


@pytest.mark.unit
@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Sum("all", ()), "all: a sum has no parts; found none."),
        (Sum("all", ("a", "c")), "all: a sum names cells without a count; found c."),
        (Sum("x", ("a", "b")), "x: a sum names cells without a count; found x."),
        (Sum("all", ("a", "a", "b")), "all: a sum names a cell twice; found a, a, b."),
        (Sum("all", ("all", "b")), "all: a sum names a cell twice; found all, b."),
        (Sum("a", ("b",)), "a: a published total is not the sum of its parts; found 3 against"),
    ],
)
def test_a_wrong_sum_is_refused(one: Sum, text: str) -> None:
    assert refused(TRUTHS, [one]).startswith(text)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("before", "text"),
    [
        (Earlier(3, 4), "a: an earlier figure is no multiple of the base 5; found 4."),
        (Earlier(3, -5), "a: an earlier figure is no multiple of the base 5; found -5."),
        (Earlier(-3, 5), "a: an earlier count is no whole number from 0"),
    ],
)
def test_a_wrong_earlier_figure_is_refused(before: Earlier, text: str) -> None:
    assert refused(TRUTHS, [], earlier={"a": before}).startswith(text)


@pytest.mark.unit
def test_all_faults_are_told_at_once() -> None:
    text = refused({**TRUTHS, "b": -4}, [Sum("all", ("a", "c"))], earlier={"a": Earlier(3, 4)})
    assert len(text.splitlines()) == 3


@pytest.mark.unit
@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_time_limit_is_more_than_nothing(seconds: float) -> None:
    assert "more than 0 seconds" in refused(TRUTHS, [], time_limit_seconds=seconds)


@pytest.mark.unit
def test_parts_are_what_sums_join_in_whatever_order_they_are_named() -> None:
    joined = [
        Part(("a", "all", "b", "c"), (Sum("all", ("a", "b")), Sum("b", ("c",)))),
        Part(("alone",), ()),
        Part(("x", "y"), (Sum("y", ("x",)),)),
    ]
    cells = ["y", "c", "alone", "b", "x", "all", "a"]
    sums = [Sum("b", ("c",)), Sum("all", ("b", "a")), Sum("y", ("x",)), Sum("all", ("a", "b"))]
    assert parts_of(cells, sums) == joined
    assert parts_of(cells[::-1], sums[::-1]) == joined
