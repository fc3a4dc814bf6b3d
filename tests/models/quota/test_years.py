"""Splits of several years: the laws of the quota method and of the running claim."""

import random
from fractions import Fraction

import numpy as np
import pytest
from apportionment import methods as oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UitstroomError, UsageError
from models.quota import (
    YEAR_METHODS,
    apportion,
    apportion_years,
    homes_list,
    largest_deviation,
    received_after,
)
from models.quota.claims import read_claimants
from models.quota.years import next_in_line

HARD_CASES = [
    (4, (3, 3, 3, 3, 3, 1, 1, 1)),
    (5, (17,) * 6 + (5,) * 4),
    (15, (16,) * 8 + (1,) * 4),
    (20, (49,) * 6 + (1,) * 5),
]
"""Homes a year and weights on which other methods stray by a home and more."""

COVENANT = (1188, 446, 4337, 1008, 591, 1921, 510)
WEIGHTS = st.lists(st.integers(0, 60), min_size=1, max_size=8).filter(any)


def by_definition(weights: tuple[int, ...], total: int) -> list[int]:
    """Give the list of homes as Balinski and Young state it, in fractions."""
    received = [0] * len(weights)
    homes = []
    for home in range(1, total + 1):
        below = [
            at
            for at, weight in enumerate(weights)
            if received[at] < home * Fraction(weight, sum(weights))
        ]
        best = max(below, key=lambda at: (Fraction(weights[at], received[at] + 1), -at))
        received[best] += 1
        homes.append(best)
    return homes


def strays(weights: tuple[int, ...], homes: list[int]) -> Fraction:
    """Give the largest |received - owed| after any home of a list."""
    received = [0] * len(weights)
    worst = Fraction(0)
    for home, at in enumerate(homes, 1):
        received[at] += 1
        for weight, has in zip(weights, received, strict=True):
            worst = max(worst, abs(has - Fraction(home * weight, sum(weights))))
    return worst


@pytest.mark.reference
@pytest.mark.parametrize(("yearly", "weights"), HARD_CASES)
def test_the_quota_method_stays_within_one_after_every_home_of_the_hard_cases(
    yearly: int, weights: tuple[int, ...]
) -> None:
    homes = homes_list(weights, 40 * yearly).tolist()
    assert strays(weights, homes) < 1
    rows = apportion_years(weights, [yearly] * 40)
    assert abs(largest_deviation(weights, rows).dwellings) < 1
    cumulative = received_after(np.array(homes), len(weights))[::yearly]
    assert (np.diff(cumulative, axis=0) == rows).all()
    assert (rows >= 0).all()


@pytest.mark.properties
def test_the_guarantees_hold_for_fifteen_hundred_random_keys() -> None:
    dice = np.random.default_rng(20261122)
    worst = 0.0
    for _ in range(1500):
        size = int(dice.integers(2, 13))
        spread = dice.choice([3, 60, 100_000])
        weights = dice.integers(0, spread, size)
        weights[0] += 1
        totals = dice.integers(0, 21, 8)
        homes = homes_list(weights, int(totals.sum()) + 1)
        received = received_after(homes, size)
        # |received - owed| < 1 after every home, in whole numbers: the key's total is the unit.
        number = np.arange(len(received))[:, None]
        apart = received * weights.sum() - number * weights
        assert np.abs(apart).max() < weights.sum()
        worst = max(worst, float(np.abs(apart).max() / weights.sum()))
        # Nothing is taken back, and each home more goes to one claimant: the list is one list.
        assert (np.diff(received, axis=0) >= 0).all()
        assert (received.sum(axis=1) == number[:, 0]).all()
        ends = np.concatenate([[0], np.cumsum(totals)])
        rows = apportion_years(weights, totals)
        assert (rows == np.diff(received[ends], axis=0)).all()
        assert (rows.sum(axis=1) == totals).all()
    assert worst > 0.9


@pytest.mark.reference
@pytest.mark.parametrize(("size", "furthest"), [(4, 1.08), (20, 2.60)])
def test_no_method_that_does_not_know_the_future_stays_within_one(size, furthest) -> None:
    # One home a year, shared each time by those who have not been served yet.
    names, served, weights = range(size), set(), []
    for year in range(1, size):
        weights.append([0 if at in served else 1 for at in names])
        row = apportion_years(weights, [1] * year, "running-claim")[-1]
        served.add(int(row.argmax()))
    worst = largest_deviation(weights, apportion_years(weights, [1] * (size - 1), "running-claim"))
    assert round(float(abs(worst.dwellings)), 2) == furthest


@pytest.mark.reference
def test_the_running_claim_is_not_always_within_one() -> None:
    yearly, weights = HARD_CASES[1]
    rows = apportion_years(weights, [yearly] * 3, "running-claim")
    worst = largest_deviation(weights, rows)
    assert worst.year == 3
    assert round(float(abs(worst.dwellings)), 2) == 1.09


@pytest.mark.reference
def test_the_first_year_of_the_covenant_differs_from_largest_remainder_by_a_home() -> None:
    first = apportion_years(COVENANT, [178] * 10)[0].tolist()
    alone = apportion(COVENANT, 178)
    assert [b - a for a, b in zip(alone, first, strict=True)] == [0, 0, 1, 0, -1, 0, 0]
    assert first[2] == 78
    assert first[4] == 10


@pytest.mark.reference
def test_a_small_municipality_owed_two_and_a_half_homes_in_ten_years_gets_them() -> None:
    weights = (300, 200, 150, 120, 90, 60, 40, 24, 8, 8)
    alone = [apportion(weights, 30) for _ in range(10)]
    assert sum(row[8] for row in alone) == 0
    for method in YEAR_METHODS:
        ten_years = apportion_years(weights, [30] * 10, method).sum(axis=0)
        assert ten_years[8] in (2, 3), method
        assert ten_years[9] in (2, 3), method


@pytest.mark.reference
def test_the_quota_method_agrees_with_the_apportionment_package() -> None:
    dice = random.Random(20261121)
    for _ in range(40):
        weights = [dice.randint(1, 300) for _ in range(dice.randint(2, 8))]
        total = dice.randint(1, 50)
        ours = np.bincount(homes_list(weights, total), minlength=len(weights)).tolist()
        assert ours == oracle.quota(weights, total, fractions=True), (weights, total)


@pytest.mark.properties
@settings(deadline=None, max_examples=80)
@given(weights=WEIGHTS, total=st.integers(0, 120))
def test_the_fast_list_is_the_list_of_the_definition_and_within_one(weights, total) -> None:
    homes = homes_list(weights, total).tolist()
    assert homes == by_definition(tuple(weights), total)
    assert strays(tuple(weights), homes) < 1


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(weights=WEIGHTS, total=st.integers(0, 60))
def test_giving_one_home_after_another_follows_the_list(weights, total) -> None:
    claimants = read_claimants(weights)
    received = [0] * len(weights)
    walked = []
    for _ in range(total):
        allowed = [at for at, weight in enumerate(weights) if weight]
        at = next_in_line(claimants, received, allowed)[0][0]
        received[at] += 1
        walked.append(at)
    assert walked == homes_list(weights, total).tolist()


@pytest.mark.properties
@pytest.mark.parametrize("method", YEAR_METHODS)
@settings(deadline=None, max_examples=60)
@given(weights=WEIGHTS, totals=st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_every_year_adds_up_and_nothing_is_negative(method, weights, totals) -> None:
    rows = apportion_years(weights, totals, method)
    assert rows.dtype == np.int64
    assert rows.shape == (len(totals), len(weights))
    assert rows.sum(axis=1).tolist() == totals
    assert (rows >= 0).all()
    assert (rows[:, [weight == 0 for weight in weights]] == 0).all()


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(data=st.data(), totals=st.lists(st.integers(0, 20), min_size=1, max_size=5))
def test_a_larger_total_lowers_no_cumulative_number_of_the_quota_method(data, totals) -> None:
    weights = data.draw(WEIGHTS)
    year = data.draw(st.integers(0, len(totals) - 1))
    more = [total + (at == year) for at, total in enumerate(totals)]
    before, after = (np.cumsum(apportion_years(weights, each), axis=0) for each in (totals, more))
    assert (after >= before).all()


@pytest.mark.properties
@pytest.mark.parametrize("method", YEAR_METHODS)
@pytest.mark.parametrize("ties", ["code", "lot"])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_the_order_of_named_rows_never_matters_over_the_years(method, ties, data) -> None:
    weights = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=6).filter(any))
    totals = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    rows = [(f"GM{1000 + at}", weight) for at, weight in enumerate(weights)]
    shuffled = data.draw(st.permutations(rows))
    seed = 11 if ties == "lot" else None
    tables = [
        apportion_years(dict(order), totals, method, ties=ties, seed=seed)
        for order in (rows, shuffled)
    ]
    by_name = [
        {name: table[:, at].tolist() for at, (name, _) in enumerate(order)}
        for table, order in zip(tables, (rows, shuffled), strict=True)
    ]
    assert by_name[0] == by_name[1]


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(weights=WEIGHTS, total=st.integers(0, 100))
def test_the_running_claim_of_one_year_is_largest_remainder(weights, total) -> None:
    assert apportion_years(weights, [total], "running-claim")[0].tolist() == apportion(
        weights, total
    )


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_running_claim_is_within_one_while_every_yearly_claim_is_a_home(data) -> None:
    years = data.draw(st.integers(1, 5))
    vectors = [
        data.draw(st.lists(st.integers(5, 20), min_size=4, max_size=4)) for _ in range(years)
    ]
    totals = [data.draw(st.integers(13, 40)) for _ in range(years)]
    assert all(
        min(vector) * total >= sum(vector) for vector, total in zip(vectors, totals, strict=True)
    )
    rows = apportion_years(vectors, totals, "running-claim")
    assert abs(largest_deviation(vectors, rows).dwellings) < 1


@pytest.mark.unit
def test_shares_that_change_are_owed_year_by_year() -> None:
    rows = apportion_years(
        [{"a": 3, "b": 1}, {"b": 3, "a": 1}], [2, 2], "running-claim", ties="code"
    )
    # Owed 1.5 and 0.5, then 2 and 2 in all: the half home of year 1 is given back to b in year 2.
    assert rows.tolist() == [[2, 0], [0, 2]]


@pytest.mark.unit
def test_a_claim_below_zero_waits_and_is_not_taken_back() -> None:
    rows = apportion_years([[9, 1], [0, 1], [1, 0]], [10, 2, 1], "running-claim")
    assert rows.tolist() == [[9, 1], [0, 2], [1, 0]]
    skewed = apportion_years([[1, 1], [1, 99]], [1, 1], "running-claim")
    assert skewed.tolist() == [[1, 0], [0, 1]]


@pytest.mark.unit
def test_the_same_shares_in_other_numbers_are_fixed_shares() -> None:
    rows = apportion_years([[1, 2], [50, 100]], [4, 5])
    assert rows.tolist() == apportion_years([0.5, 1], [4, 5]).tolist()


@pytest.mark.unit
def test_a_year_without_homes_changes_nothing() -> None:
    rows = apportion_years(COVENANT, [178, 0, 178])
    assert rows[1].sum() == 0
    assert rows[[0, 2]].tolist() == apportion_years(COVENANT, [178, 178]).tolist()


@pytest.mark.unit
def test_the_table_of_received_homes_serves_draws_and_years_at_once() -> None:
    table = received_after(homes_list(COVENANT, 400), len(COVENANT))
    totals = np.array([[100, 178, 20], [50, 50, 178]])
    cumulative = np.cumsum(totals, axis=1)
    looked_up = np.diff(table[cumulative], axis=1, prepend=0)
    for draw, row in enumerate(totals):
        assert (looked_up[draw] == apportion_years(COVENANT, row)).all()


@pytest.mark.unit
def test_a_tie_is_refused_only_where_it_decides_a_year() -> None:
    weights = {"GM0377": 1, "GM0375": 1, "GM0392": 1}
    assert apportion_years(weights, [3, 3], ties="refuse").tolist() == [[1, 1, 1], [1, 1, 1]]
    with pytest.raises(RefusedError, match="home 2 hangs on a tie of GM0375, GM0377 and GM0392"):
        apportion_years(weights, [2, 4], ties="refuse")
    with pytest.raises(RefusedError, match="last home of year 1 hangs on a tie"):
        apportion_years(weights, [2, 4], "running-claim", ties="refuse")
    with pytest.raises(RefusedError, match="home 1 hangs on a tie"):
        homes_list(weights, 3, ties="refuse")


@pytest.mark.unit
def test_a_tie_that_somebody_else_interrupts_decides_nothing_once_it_is_settled() -> None:
    # 3 and 3 tie for home 2; home 3 goes to 7, whose share allows it by then, home 4 to the other.
    assert homes_list([3, 7, 3, 2], 4).tolist() == [1, 0, 1, 2]
    rows = apportion_years([3, 7, 3, 2], [4, 5], ties="refuse")
    assert rows.tolist() == apportion_years([3, 7, 3, 2], [4, 5]).tolist()
    with pytest.raises(RefusedError, match="home 3 hangs on a tie of 1 and 3"):
        apportion_years([3, 7, 3, 2], [3, 6], ties="refuse")


@pytest.mark.unit
def test_above_their_shares_the_largest_open_claim_goes_first() -> None:
    claimants = read_claimants([5, 3, 2])
    # Home 7: the second is 1.9 above its share, the third 0.6.
    assert next_in_line(claimants, [0, 4, 2], [1, 2]) == ([2], False)
    assert next_in_line(claimants, [0, 4, 2], [0, 1, 2]) == ([0], True)


@pytest.mark.properties
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_what_is_not_refused_is_the_same_for_every_order_of_the_ties(data) -> None:
    weights = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    totals = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=3))
    method = data.draw(st.sampled_from(sorted(YEAR_METHODS)))
    try:
        settled = apportion_years(weights, totals, method, ties="refuse")
    except RefusedError:
        return
    for seed in range(12):
        drawn = apportion_years(weights, totals, method, ties="lot", seed=seed)
        assert (drawn == settled).all()


FAULTS = [
    (([1, 2], [3], "quota"), {}, UsageError, "Did you mean 'quota-method'?"),
    (([1, 2], [3], "dhondt"), {}, UsageError, "A split of one total has its own methods"),
    (([1, 2], []), {}, UsageError, "there are no years"),
    (([1, 2], [3, -1]), {}, UsageError, "total of year 2: this is negative"),
    (([1, 2], [3, 1.5]), {}, UsageError, "total of year 2: this is not a whole number"),
    (([[1, 2], [2, 1]], [3, 3]), {}, UsageError, "needs the same shares in every year"),
    (([[1, 2], [2, 1]], [3]), {}, UsageError, "2 vectors of weights for 1 years"),
    (([[1, 2], [1]], [3, 3], "running-claim"), {}, RefusedError, "not those of year 1"),
    (
        ([{"a": 1}, {"b": 1}], [3, 3], "running-claim"),
        {},
        RefusedError,
        "found b; expected a",
    ),
    (([[1, 2], [0, 0]], [3, 3], "running-claim"), {}, RefusedError, "all weights are 0"),
    (([1, 2], [3]), {"ties": "row"}, UsageError, "tie rule 'row' is not known"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("arguments", "options", "kind", "words"), FAULTS)
def test_years_that_cannot_be_split_are_named_in_one_sentence(
    arguments, options, kind, words
) -> None:
    with pytest.raises(UitstroomError) as caught:
        apportion_years(*arguments, **options)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.unit
def test_the_largest_deviation_names_year_and_municipality() -> None:
    worst = largest_deviation({"x": 1, "y": 1}, np.array([[1, 0], [2, 0], [0, 1]]))
    assert (worst.dwellings, worst.year, worst.name) == (Fraction(3, 2), 2, "x")
    with pytest.raises(UsageError, match="2 columns for 3 weights"):
        largest_deviation([1, 1, 1], np.array([[1, 0]]))
    with pytest.raises(UsageError, match="not given per year"):
        largest_deviation([1, 1], np.array([1, 0]))
