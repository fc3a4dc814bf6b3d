"""Minima and maxima: exact shares within them, kept by every method, or refused in a sentence."""

from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UitstroomError, UsageError
from models.quota import METHODS, YEAR_METHODS, apportion, apportion_years, largest_deviation
from models.quota.bounds import bounded_shares
from models.quota.years import owed_years

SERVING_EVERYONE = ("huntington-hill", "adams", "dean")


@st.composite
def bounded(draw: st.DrawFn) -> tuple[list[int], int, list[int | None], list[int | None]]:
    """Draw weights, a total and bounds, of which many bind and some cannot be kept."""
    weights = draw(st.lists(st.integers(0, 30), min_size=1, max_size=7).filter(any))
    total = draw(st.integers(0, 40))
    minimum = [draw(st.none() | st.integers(0, 6)) for _ in weights]
    maximum = [draw(st.none() | st.integers(low or 0, (low or 0) + 12)) for low in minimum]
    return weights, total, minimum, maximum


def tops(weights: list[int], minimum: list[int | None], maximum: list[int | None]) -> list[float]:
    """Give everybody's highest number of homes; without weight that is the minimum."""
    return [
        (low or 0) if not weight else float("inf") if high is None else high
        for weight, low, high in zip(weights, minimum, maximum, strict=True)
    ]


def can_be_kept(
    weights: list[int], total: int, minimum: list[int | None], maximum: list[int | None]
) -> bool:
    """Tell whether some numbers within the bounds add up to the total."""
    return sum(low or 0 for low in minimum) <= total <= sum(tops(weights, minimum, maximum))


@pytest.mark.properties
@settings(deadline=None, max_examples=200)
@given(case=bounded())
def test_bounded_shares_are_one_multiple_of_the_weights_between_the_bounds(case) -> None:
    weights, total, minimum, maximum = case
    if not can_be_kept(*case):
        with pytest.raises(RefusedError, match="add up to"):
            bounded_shares(weights, total, minimum, maximum)
        return
    shares = bounded_shares(weights, total, minimum, maximum)
    assert sum(shares) == total
    highest = tops(weights, minimum, maximum)
    # One multiplier: whoever could still give has no higher multiple than whoever could still take.
    gives = [
        share / weight
        for share, weight, low in zip(shares, weights, minimum, strict=True)
        if weight and share > (low or 0)
    ]
    takes = [
        share / weight
        for share, weight, high in zip(shares, weights, highest, strict=True)
        if weight and share < high
    ]
    assert not gives or not takes or max(gives) <= min(takes)
    for share, low, high in zip(shares, minimum, highest, strict=True):
        assert (low or 0) <= share <= high


@pytest.mark.properties
@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=120)
@given(case=bounded())
def test_every_method_keeps_bounds_exactly_or_refuses_them(method, case) -> None:
    weights, total, minimum, maximum = case
    if method in SERVING_EVERYONE:
        served = (
            min(max(low or 0, 1), high) if weight else low or 0
            for weight, low, high in zip(
                weights, minimum, tops(weights, minimum, maximum), strict=True
            )
        )
        assume(sum(served) <= total)
    if not can_be_kept(*case):
        with pytest.raises(RefusedError, match="add up to"):
            apportion(weights, total, method, minimum=minimum, maximum=maximum)
        return
    homes = apportion(weights, total, method, minimum=minimum, maximum=maximum)
    assert sum(homes) == total
    for number, low, high in zip(homes, minimum, tops(weights, minimum, maximum), strict=True):
        assert (low or 0) <= number <= high


DIVISORS = {
    "sainte-lague": lambda homes: Fraction(2 * homes + 1, 2),
    "dhondt": lambda homes: Fraction(homes + 1),
    "adams": lambda homes: Fraction(homes),
    "dean": lambda homes: Fraction(2 * homes * (homes + 1), 2 * homes + 1),
}


@pytest.mark.properties
@pytest.mark.parametrize("method", DIVISORS)
@settings(deadline=None, max_examples=120)
@given(case=bounded())
def test_a_divisor_method_gives_the_middle_of_minimum_rounding_and_maximum(method, case) -> None:
    # The min-max inequality of Balinski and Young among those whom no bound holds back: nobody's
    # last home has a weaker claim than anybody's next one.
    weights, total, minimum, maximum = case
    try:
        homes = apportion(weights, total, method, minimum=minimum, maximum=maximum)
    except UitstroomError:
        return
    divisor = DIVISORS[method]
    floor = [low or 0 for low in minimum]
    last = [
        (divisor(number - 1) and Fraction(weight) / divisor(number - 1)) or Fraction(10**9)
        for weight, number, low in zip(weights, homes, floor, strict=True)
        if weight and number > low
    ]
    following = [
        Fraction(weight) / divisor(number) if divisor(number) else Fraction(10**9)
        for weight, number, high in zip(
            weights, homes, tops(weights, minimum, maximum), strict=True
        )
        if weight and number < high
    ]
    assert not last or not following or min(last) >= max(following)


@pytest.mark.properties
@settings(deadline=None, max_examples=120)
@given(case=bounded())
def test_largest_remainder_stays_within_one_of_the_bounded_share(case) -> None:
    weights, total, minimum, maximum = case
    assume(can_be_kept(*case))
    shares = bounded_shares(weights, total, minimum, maximum)
    homes = apportion(weights, total, minimum=minimum, maximum=maximum)
    apart = [number - share for number, share in zip(homes, shares, strict=True)]
    # Largest remainder is the rounding whose errors lie closest together.
    assert max(apart) - min(apart) <= 1
    assert all(abs(gap) < 1 for gap in apart)


@pytest.mark.properties
@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_bounds_that_do_not_bind_change_nothing(method, data) -> None:
    weights = data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any))
    total = data.draw(st.integers(len(weights), 60))
    free = apportion(weights, total, method)
    shares = bounded_shares(weights, total)
    minimum = [min(number, int(share)) for number, share in zip(free, shares, strict=True)]
    maximum = [max(number, -int(-share // 1)) for number, share in zip(free, shares, strict=True)]
    assert apportion(weights, total, method, minimum=minimum, maximum=maximum) == free


@pytest.mark.properties
@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_the_order_of_named_rows_never_matters_within_bounds(method, data) -> None:
    weights = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=6))
    rows = [(f"GM{1000 + at}", weight) for at, weight in enumerate(weights)]
    minimum = {name: data.draw(st.integers(0, 2)) for name, _ in rows}
    maximum = {name: low + data.draw(st.integers(1, 5)) for name, low in minimum.items()}
    total = data.draw(st.integers(0, sum(maximum.values())))
    shuffled = data.draw(st.permutations(rows))
    results = []
    for order in (rows, shuffled):
        try:
            results.append(apportion(dict(order), total, method, minimum=minimum, maximum=maximum))
        except UitstroomError as error:
            results.append(type(error))
    assert results[0] == results[1]


@pytest.mark.unit
def test_homes_above_a_maximum_go_to_the_others_in_proportion() -> None:
    shares = bounded_shares({"a": 6, "b": 2, "c": 1}, 9, maximum={"a": 3})
    assert shares == {"a": 3, "b": 4, "c": 2}
    assert apportion({"a": 6, "b": 2, "c": 1}, 9, maximum={"a": 3}) == {"a": 3, "b": 4, "c": 2}
    assert bounded_shares([6, 2, 1], 9, [None, None, 3], [None, 1, None]) == [5, 1, 3]


@pytest.mark.unit
@pytest.mark.parametrize("method", METHODS)
def test_a_maximum_of_zero_leaves_somebody_out_under_every_method(method: str) -> None:
    homes = apportion({"a": 5, "b": 3, "c": 2}, 10, method, maximum={"a": 0})
    assert homes == {"a": 0, "b": 6, "c": 4}


@pytest.mark.unit
@pytest.mark.parametrize("method", SERVING_EVERYONE)
def test_who_is_left_out_does_not_count_among_those_who_must_be_served(method: str) -> None:
    assert apportion({"a": 5, "b": 3, "c": 2}, 2, method, maximum={"a": 0}) == {
        "a": 0,
        "b": 1,
        "c": 1,
    }
    with pytest.raises(UsageError, match="expected at least 4, one home or the minimum"):
        apportion({"a": 5, "b": 3, "c": 2}, 3, method, minimum={"a": 2})


@pytest.mark.unit
@pytest.mark.parametrize("method", METHODS)
def test_somebody_without_weight_gets_the_minimum_and_nothing_more(method: str) -> None:
    assert apportion([0, 1, 1], 8, method, minimum=[2, None, None]) == [2, 3, 3]


@pytest.mark.unit
def test_a_tie_within_bounds_follows_the_declared_rule() -> None:
    weights = {"GM0397": 1, "GM0375": 1, "GM0453": 1}
    assert apportion(weights, 4, maximum={"GM0375": 1}) == {"GM0397": 2, "GM0375": 1, "GM0453": 1}
    for method in ("largest-remainder", "sainte-lague"):
        with pytest.raises(RefusedError, match="tie of GM0397 and GM0453, and ties"):
            apportion(weights, 4, method, ties="refuse", maximum={"GM0375": 1})


FAULTS = [
    (
        {"minimum": {"a": 4, "b": 3}},
        RefusedError,
        "total: the minima of a (4) and b (3) add up to 7, above the total of 6.",
    ),
    (
        {"maximum": {"a": 1, "b": 2, "c": 2}},
        RefusedError,
        "total: the maxima of a (1), b (2) and c (2) add up to 5, below the total of 6.",
    ),
    (
        {"minimum": {"b": 3}, "maximum": {"b": 2}},
        RefusedError,
        "bounds of b: the minimum is above the maximum; found a minimum of 3 and a maximum of 2.",
    ),
    ({"minimum": {"d": 1}}, RefusedError, "minimum: there is no weight of d"),
    ({"maximum": {"a": 1.5}}, UsageError, "maximum of a: this is not a whole number"),
    ({"minimum": {"a": -1}}, UsageError, "minimum of a: this is negative"),
    ({"minimum": [1]}, UsageError, "1 bounds for 3 weights"),
    ({"maximum": 4}, UsageError, "a maximum is given per claimant"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("bounds", "kind", "words"), FAULTS)
@pytest.mark.parametrize("split", [apportion, bounded_shares])
def test_bounds_that_cannot_be_kept_are_said_in_one_sentence(bounds, kind, words, split) -> None:
    with pytest.raises(UitstroomError) as caught:
        split({"a": 1, "b": 2, "c": 3}, 6, **bounds)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.unit
def test_a_clash_of_many_names_a_few_and_counts_the_rest() -> None:
    names = [f"GM{1000 + at}" for at in range(342)]
    with pytest.raises(RefusedError) as caught:
        apportion(dict.fromkeys(names, 1), 100, minimum=dict.fromkeys(names, 1))
    assert "GM1004 (1) and 337 others add up to 342, above the total of 100" in str(caught.value)


@pytest.mark.unit
def test_bounds_by_name_need_names() -> None:
    with pytest.raises(UsageError, match="by name needs weights by name"):
        apportion([1, 2], 3, minimum={"1": 1})
    assert apportion([1, 2], 3, names=["a", "b"], minimum={"a": 2}) == [2, 1]


@st.composite
def bounded_years(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list, list]:
    """Draw weights, totals and bounds of some years that can be kept."""
    size = draw(st.integers(1, 5))
    years = draw(st.integers(1, 5))
    weights = [
        draw(st.lists(st.integers(0, 9), min_size=size, max_size=size).filter(any))
        for _ in range(years)
    ]
    minimum = [[draw(st.integers(0, 2)) for _ in range(size)] for _ in range(years)]
    maximum = [[low + draw(st.integers(0, 6)) for low in row] for row in minimum]
    totals = [
        draw(st.integers(sum(low), int(sum(tops(row, low, high)))))
        for row, low, high in zip(weights, minimum, maximum, strict=True)
    ]
    return weights, totals, minimum, maximum


@pytest.mark.properties
@settings(deadline=None, max_examples=120)
@given(case=bounded_years())
def test_the_running_claim_keeps_the_bounds_of_every_year(case) -> None:
    weights, totals, minimum, maximum = case
    rows = apportion_years(weights, totals, "running-claim", minimum=minimum, maximum=maximum)
    assert rows.sum(axis=1).tolist() == totals
    assert (rows >= np.array(minimum)).all()
    assert (rows <= np.array(maximum)).all()


@pytest.mark.properties
@settings(deadline=None, max_examples=80)
@given(case=bounded_years(), data=st.data())
def test_a_series_that_is_cut_goes_on_as_if_it_was_not(case, data) -> None:
    weights, totals, minimum, maximum = case
    cut = data.draw(st.integers(0, len(totals) - 1))
    whole = apportion_years(weights, totals, "running-claim", minimum=minimum, maximum=maximum)
    owed = [
        sum(column, Fraction(0))
        for column in zip(
            *owed_years(weights, totals, minimum=minimum, maximum=maximum)[:cut],
            *[[0] * len(weights[0])],
            strict=True,
        )
    ]
    rest = apportion_years(
        weights[cut:],
        totals[cut:],
        "running-claim",
        minimum=minimum[cut:],
        maximum=maximum[cut:],
        before=(owed, whole[:cut].sum(axis=0).tolist()),
    )
    assert rest.tolist() == whole[cut:].tolist()


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(case=bounded_years())
def test_owed_counts_after_the_bounds_and_deviations_add_up_to_zero(case) -> None:
    weights, totals, minimum, maximum = case
    owed = owed_years(weights, totals, minimum=minimum, maximum=maximum)
    assert [sum(row) for row in owed] == totals
    rows = apportion_years(weights, totals, "running-claim", minimum=minimum, maximum=maximum)
    cumulative = list(accumulate(owed, lambda a, b: [x + y for x, y in zip(a, b, strict=True)]))
    apart = [
        [received - share for received, share in zip(row, shares, strict=True)]
        for row, shares in zip(np.cumsum(rows, axis=0).tolist(), cumulative, strict=True)
    ]
    assert all(sum(row) == 0 for row in apart)
    worst = largest_deviation(weights, rows, minimum=minimum, maximum=maximum)
    assert abs(worst.dwellings) == max(abs(gap) for row in apart for gap in row)


@pytest.mark.unit
def test_somebody_who_opts_out_for_a_year_is_owed_nothing_for_it() -> None:
    weights = {"a": 2, "b": 1, "c": 1}
    maximum = [None, {"a": 0}, None]
    owed = owed_years(weights, [4, 4, 4], maximum=maximum)
    assert owed == [[2, 1, 1], [0, 2, 2], [2, 1, 1]]
    rows = apportion_years(weights, [4, 4, 4], "running-claim", maximum=maximum)
    assert rows.tolist() == owed


@pytest.mark.unit
def test_a_shortfall_from_before_comes_back_in_the_next_claim() -> None:
    rows = apportion_years(
        {"a": 1, "b": 1}, [4, 4], "running-claim", before=({"a": 3, "b": 3}, {"a": 1, "b": 5})
    )
    assert rows.tolist() == [[4, 0], [2, 2]]
    held = apportion_years(
        {"a": 1, "b": 1},
        [4, 4],
        "running-claim",
        maximum={"a": 3},
        before=([Fraction(3), Fraction(3)], [1, 5]),
    )
    assert held.tolist() == [[3, 1], [3, 1]]


@pytest.mark.unit
def test_nobody_without_weight_and_claim_gets_what_others_had_too_early() -> None:
    rows = apportion_years([1, 0], [3, 1], "running-claim", before=([0, 0], [5, 0]))
    assert rows.tolist() == [[3, 0], [1, 0]]
    # What is still open from before is given, also to somebody without weight by now.
    rows = apportion_years([1, 0], [3], "running-claim", before=([5, 2], [5, 0]))
    assert rows.tolist() == [[2, 1]]


@pytest.mark.unit
def test_the_quota_method_takes_bounds_that_do_not_bind_and_sends_others_away() -> None:
    weights = {"a": 3, "b": 2, "c": 1}
    free = apportion_years(weights, [6, 6])
    assert (apportion_years(weights, [6, 6], minimum={"c": 1}, maximum={"a": 3}) == free).all()
    with pytest.raises(UsageError, match=r"binds in year 1.*Take 'running-claim'"):
        apportion_years(weights, [6, 6], maximum={"a": 2})
    # The share of the second would be 2.5, though the method would give it 2 in this year.
    assert apportion_years([1, 1], [5]).tolist() == [[3, 2]]
    with pytest.raises(UsageError, match="binds in year 1"):
        apportion_years([1, 1], [5], maximum=[None, 2])
    # Every year's share of the second is 6/7, but in the sixth year it gets two homes.
    assert apportion_years([3, 2, 1, 1], [3] * 5, maximum=[None, 1, None, None])[:, 1].max() == 1
    with pytest.raises(UsageError, match="binds in year 6"):
        apportion_years([3, 2, 1, 1], [3] * 6, maximum=[None, 1, None, None])
    with pytest.raises(UsageError, match="counts from the first home of all"):
        apportion_years(weights, [6], before=([1, 0, 0], [0, 1, 0]))


YEAR_FAULTS = [
    ({"minimum": {"a": 4}}, RefusedError, "year 2: the minima of a (4) add up to 4, above"),
    ({"minimum": [{"a": 1}]}, UsageError, "bounds of 1 years for 2 years"),
    ({"before": ({"a": 1}, {"a": 1, "b": 0})}, RefusedError, "homes owed before: the names"),
    ({"before": ([1, 2], [1])}, UsageError, "homes received before: they do not match"),
    ({"before": ([1, 2], [1, 0.5])}, UsageError, "received before of b: this is not a whole"),
    ({"before": ([1, "x"], [1, 0])}, RefusedError, "owed before of b: this is not a number"),
    ({"before": [1, 2, 3]}, UsageError, "homes owed and homes received"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("options", "kind", "words"), YEAR_FAULTS)
def test_bounds_of_years_that_cannot_be_kept_are_said_in_one_sentence(options, kind, words) -> None:
    with pytest.raises(UitstroomError) as caught:
        apportion_years({"a": 1, "b": 1}, [5, 3], "running-claim", **options)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.unit
@pytest.mark.parametrize("method", YEAR_METHODS)
def test_total_below_the_minima_is_refused_by_every_method_over_years(method: str) -> None:
    with pytest.raises(RefusedError, match="above the total of 3"):
        apportion_years({"a": 1, "b": 1}, [5, 3], method, minimum={"a": 2, "b": 2})
