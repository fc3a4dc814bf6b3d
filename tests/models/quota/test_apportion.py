"""Splits of one total: published examples, laws, and sentences for what cannot be split."""

import random
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from apportionment import methods as oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UitstroomError, UsageError
from models.quota import METHODS, apportion

SERVING_EVERYONE = ("huntington-hill", "adams", "dean")
COVENANT_SHARES = {
    "Beverwijk": Decimal("21.14"),
    "Bloemendaal": Decimal("7.93"),
    "Haarlem": Decimal("77.20"),
    "Heemskerk": Decimal("17.94"),
    "Heemstede": Decimal("10.52"),
    "Velsen": Decimal("34.19"),
    "Zandvoort": Decimal("9.08"),
}

PUBLISHED = [
    # Balinski & Young (1975), tables of section 2.
    (
        (5117, 4400, 162, 161, 160),
        100,
        {
            "largest-remainder": [51, 44, 2, 2, 1],
            "dhondt": [52, 45, 1, 1, 1],
            "sainte-lague": [51, 43, 2, 2, 2],
            "huntington-hill": [51, 43, 2, 2, 2],
            "adams": [51, 43, 2, 2, 2],
            "dean": [51, 43, 2, 2, 2],
        },
    ),
    (
        (9061, 7179, 5259, 3319, 1182),
        26,
        {
            "largest-remainder": [9, 7, 5, 4, 1],
            "dhondt": [10, 7, 5, 3, 1],
            "sainte-lague": [9, 8, 5, 3, 1],
            "huntington-hill": [9, 7, 6, 3, 1],
            "adams": [9, 7, 5, 3, 2],
            "dean": [9, 7, 5, 4, 1],
        },
    ),
    ((14, 28, 7, 35), 12, {method: [2, 4, 1, 5] for method in METHODS}),
    ((0, 14, 28, 0, 0), 6, {method: [0, 2, 4, 0, 0] for method in METHODS}),
]
PUBLISHED_CASES = [
    (weights, total, method, homes)
    for weights, total, table in PUBLISHED
    for method, homes in table.items()
]

WEIGHTS = st.lists(st.integers(0, 500), min_size=1, max_size=9).filter(any)


def total_for(method: str, weights: list[int], total: int) -> int:
    """Lift a total to the least that a method can split."""
    least = sum(weight > 0 for weight in weights) if method in SERVING_EVERYONE else 0
    return max(total, least)


@pytest.mark.reference
@pytest.mark.parametrize(("weights", "total", "method", "homes"), PUBLISHED_CASES)
def test_published_tables_are_reproduced_by_every_method(weights, total, method, homes) -> None:
    assert apportion(weights, total, method) == homes


@pytest.mark.reference
def test_the_illustration_of_the_covenant_splits_178_by_largest_remainder() -> None:
    assert apportion(COVENANT_SHARES, 178) == {
        "Beverwijk": 21,
        "Bloemendaal": 8,
        "Haarlem": 77,
        "Heemskerk": 18,
        "Heemstede": 11,
        "Velsen": 34,
        "Zandvoort": 9,
    }


@pytest.mark.reference
def test_largest_remainder_has_the_published_paradox_and_divisor_methods_do_not() -> None:
    assert apportion([6, 6, 2], 10) == [4, 4, 2]
    assert apportion([6, 6, 2], 11) == [5, 5, 1]
    for method in METHODS:
        if method != "largest-remainder":
            smaller, larger = (apportion([6, 6, 2], total, method) for total in (10, 11))
            assert all(a <= b for a, b in zip(smaller, larger, strict=True)), method


ORACLE = {
    "largest-remainder": oracle.largest_remainder,
    "sainte-lague": lambda w, n, **how: oracle.divisor(w, n, "saintelague", **how),
    "dhondt": lambda w, n, **how: oracle.divisor(w, n, "dhondt", **how),
    "huntington-hill": lambda w, n, **how: oracle.divisor(w, n, "huntington", **how),
    "adams": lambda w, n, **how: oracle.divisor(w, n, "adams", **how),
    "dean": lambda w, n, **how: oracle.divisor(w, n, "dean", **how),
}


@pytest.mark.reference
@pytest.mark.parametrize("method", METHODS)
def test_random_splits_without_ties_agree_with_the_apportionment_package(method: str) -> None:
    dice = random.Random(20261121)
    compared = 0
    for _ in range(180):
        weights = [dice.randint(1, 40_000) for _ in range(dice.randint(2, 9))]
        total = dice.randint(len(weights), 60)
        try:
            ours = apportion(weights, total, method, ties="refuse")
        except RefusedError:
            continue
        compared += 1
        assert ours == ORACLE[method](weights, total, fractions=True), (weights, total)
    # With six methods more than a thousand cases.
    assert compared > 170


@pytest.mark.properties
@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=60)
@given(weights=WEIGHTS, total=st.integers(0, 400))
def test_homes_add_up_and_nobody_without_weight_gets_any(method, weights, total) -> None:
    wanted = total_for(method, weights, total)
    homes = apportion(weights, wanted, method)
    assert sum(homes) == wanted
    assert min(homes) >= 0
    assert all(home == 0 for home, weight in zip(homes, weights, strict=True) if weight == 0)
    if method in SERVING_EVERYONE:
        assert all(home > 0 for home, weight in zip(homes, weights, strict=True) if weight > 0)


@pytest.mark.properties
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ties", ["code", "lot"])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_the_order_of_named_rows_never_matters(method, ties, data) -> None:
    # Few distinct weights, so that ties are frequent.
    weights = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=7).filter(any))
    total = total_for(method, weights, data.draw(st.integers(0, 20)))
    rows = [(f"GM{1000 + at}", weight) for at, weight in enumerate(weights)]
    shuffled = data.draw(st.permutations(rows))
    seed = 7 if ties == "lot" else None
    assert apportion(dict(rows), total, method, ties=ties, seed=seed) == apportion(
        dict(shuffled), total, method, ties=ties, seed=seed
    )


@pytest.mark.properties
@pytest.mark.parametrize("method", [method for method in METHODS if method != "largest-remainder"])
@settings(deadline=None, max_examples=40)
@given(weights=WEIGHTS, total=st.integers(0, 200))
def test_a_larger_total_takes_no_home_away_under_a_divisor_method(method, weights, total) -> None:
    least = total_for(method, weights, total)
    smaller, larger = (apportion(weights, homes, method) for homes in (least, least + 1))
    assert all(a <= b for a, b in zip(smaller, larger, strict=True))


@pytest.mark.properties
@pytest.mark.parametrize("method", [method for method in METHODS if method != "largest-remainder"])
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_who_grows_faster_never_loses_a_home_to_who_grows_slower(method, data) -> None:
    before = data.draw(st.lists(st.integers(1, 40), min_size=2, max_size=7))
    after = [data.draw(st.integers(1, 40)) for _ in before]
    total = data.draw(st.integers(len(before), 40))
    old, new = (apportion(weights, total, method) for weights in (before, after))
    change = [Fraction(b, a) for a, b in zip(before, after, strict=True)]
    losers = [at for at, (a, b) in enumerate(zip(old, new, strict=True)) if b < a]
    winners = [at for at, (a, b) in enumerate(zip(old, new, strict=True)) if b > a]
    assert not any(change[loser] > change[winner] for loser in losers for winner in winners)


@pytest.mark.unit
def test_largest_remainder_can_take_a_home_from_who_grows_to_who_does_not() -> None:
    # The population paradox; no divisor method has it.
    before, after, total = [6, 11, 1], [7, 15, 1], 11
    assert apportion(before, total, ties="refuse") == [4, 7, 0]
    assert apportion(after, total, ties="refuse") == [3, 7, 1]


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(weights=WEIGHTS, total=st.integers(0, 400))
def test_largest_remainder_stays_within_one_of_the_exact_share(weights, total) -> None:
    for weight, homes in zip(weights, apportion(weights, total), strict=True):
        assert abs(homes - Fraction(weight * total, sum(weights))) < 1


@pytest.mark.properties
@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=40)
@given(weights=WEIGHTS, total=st.integers(0, 100))
def test_the_jump_to_the_sure_homes_gives_what_home_by_home_gives(method, weights, total) -> None:
    wanted = total_for(method, weights, total)
    if method == "largest-remainder":
        parts = [Fraction(weight * wanted, sum(weights)) for weight in weights]
        order = sorted(range(len(weights)), key=lambda at: (int(parts[at]) - parts[at], at))
        slow = [int(part) for part in parts]
        for at in order[: wanted - sum(slow)]:
            slow[at] += 1
    else:
        slow = [0] * len(weights)
        for _ in range(wanted):
            claims = {
                at: _claim(method, weight, slow[at]) for at, weight in enumerate(weights) if weight
            }
            slow[max(claims, key=lambda at: (claims[at], -at))] += 1
    assert apportion(weights, wanted, method) == slow


def _claim(method: str, weight: int, received: int) -> Fraction | float:
    if received == 0 and method in SERVING_EVERYONE:
        return float("inf")
    return {
        "sainte-lague": lambda: Fraction(weight, 2 * received + 1),
        "dhondt": lambda: Fraction(weight, received + 1),
        "huntington-hill": lambda: Fraction(weight * weight, received * (received + 1)),
        "adams": lambda: Fraction(weight, received),
        "dean": lambda: Fraction(weight * (2 * received + 1), 2 * received * (received + 1)),
    }[method]()


@pytest.mark.unit
def test_a_float_counts_as_its_shortest_decimal_so_that_a_tie_is_a_tie() -> None:
    # In binary 0.1 + 0.2 is above 0.3; as decimals the three remainders are equal.
    tenths = [0.1, 0.1, 0.1]
    assert apportion(tenths, 4, names=["c", "b", "a"]) == [1, 1, 2]
    assert apportion([np.float32(0.1), Decimal("0.1"), Fraction(1, 10)], 4) == [2, 1, 1]
    with pytest.raises(RefusedError, match="tie of 1, 2 and 3"):
        apportion(tenths, 4, ties="refuse")


@pytest.mark.unit
def test_numbers_of_every_kind_split_alike() -> None:
    expected = apportion([25, 50, 125], 9)
    for weights in (
        [0.25, 0.5, 1.25],
        [Decimal("2.5"), Decimal(5), Decimal("12.50")],
        [Fraction(1, 8), Fraction(1, 4), Fraction(5, 8)],
        np.array([25, 50, 125]),
        np.array([0.25, 0.5, 1.25], dtype=np.float32),
        (weight for weight in (25, 50, 125)),
    ):
        assert apportion(weights, 9) == expected


@pytest.mark.unit
def test_a_huge_total_of_tiny_and_huge_weights_is_split_exactly() -> None:
    homes = apportion([1e-12, 1, 1e12], 10**15, "sainte-lague")
    assert sum(homes) == 10**15
    assert homes[1] == 1000
    assert homes[0] == 0


@pytest.mark.unit
def test_ties_go_to_the_lowest_code_whatever_the_order() -> None:
    rows = [("GM0397", 11), ("GM0375", 11), ("GM0453", 11)]
    for order in permutations(rows):
        assert apportion(dict(order), 4)["GM0375"] == 2
        names, weights = zip(*order, strict=True)
        homes = apportion(weights, 4, names=names)
        assert dict(zip(names, homes, strict=True))["GM0375"] == 2


@pytest.mark.unit
def test_ties_by_lot_repeat_for_a_seed_and_differ_between_seeds() -> None:
    weights = {"GM0375": 11, "GM0397": 11, "GM0453": 11}
    winners = set()
    for seed in range(20):
        first = apportion(weights, 4, ties="lot", seed=seed)
        assert first == apportion(weights, 4, ties="lot", seed=seed)
        winners.add(max(first, key=first.__getitem__))
    assert winners == set(weights)


@pytest.mark.unit
def test_a_tie_that_decides_nothing_is_not_refused() -> None:
    assert apportion([11, 11, 11], 3, ties="refuse") == [1, 1, 1]
    for method in METHODS:
        assert apportion([11, 11, 22], 4, method, ties="refuse") == [1, 1, 2]


@pytest.mark.unit
@pytest.mark.parametrize("method", METHODS)
def test_a_tie_for_the_last_home_is_refused_by_every_method(method: str) -> None:
    with pytest.raises(RefusedError) as caught:
        apportion({"GM0397": 11, "GM0375": 11, "GM0453": 11}, 4, method, ties="refuse")
    assert "tie of GM0375, GM0397 and GM0453" in str(caught.value)


@pytest.mark.unit
def test_nothing_to_split_gives_everybody_nothing() -> None:
    assert apportion([3, 4], 0) == [0, 0]
    assert apportion({"a": 3, "b": 4}, 0, "sainte-lague") == {"a": 0, "b": 0}


FAULTS = [
    (([], 3), {}, RefusedError, "no weights"),
    (([0, 0.0], 3), {}, RefusedError, "all weights are 0"),
    (([5, -1], 3), {}, RefusedError, "weight 2: this is negative; found -1"),
    (({"GM0392": -1.5, "GM0375": 2}, 3), {}, RefusedError, "weight of GM0392: this is negative"),
    (([5, float("nan")], 3), {}, RefusedError, "not a finite number; found nan"),
    (([float("inf"), 5], 3), {}, RefusedError, "not a finite number; found inf"),
    (([Decimal("NaN"), 5], 3), {}, RefusedError, "not a finite number; found NaN"),
    ((["7", 5], 3), {}, RefusedError, "weight 1: this is not a number; found '7'"),
    (([True, 5], 3), {}, RefusedError, "not a number; found True"),
    (("75", 3), {}, RefusedError, "the weights are text"),
    (([5, 3], -1), {}, UsageError, "total: this is negative; found -1"),
    (([5, 3], 2.5), {}, UsageError, "total: this is not a whole number; found 2.5"),
    (([5, 3], float("nan")), {}, UsageError, "total: this is not a finite number"),
    (([5, 3], True), {}, UsageError, "total: this is not a number"),
    (([5, 3], 2, "largest-remainders"), {}, UsageError, "Did you mean 'largest-remainder'?"),
    (([5, 3], 2, "quota-method"), {}, UsageError, "several years has its own methods"),
    (([5, 3, 0, 1], 2, "adams"), {}, UsageError, "expected at least 3"),
    (([5, 3, 0, 1], 2, "dean"), {}, UsageError, "expected at least 3"),
    (([5, 3, 0, 1], 0, "huntington-hill"), {}, UsageError, "expected at least 3"),
    (([5, 3], 2), {"ties": "cod"}, UsageError, "Did you mean 'code'?"),
    (([5, 3], 2), {"ties": "lot"}, UsageError, "need a seed"),
    (([5, 3], 2), {"ties": "lot", "seed": -4}, UsageError, "need a seed"),
    (([5, 3], 2), {"seed": 4}, UsageError, "a seed has no meaning"),
    (([5, 3], 2), {"names": ["a"]}, UsageError, "1 names, 2 weights"),
    (([5, 3], 2), {"names": ["a", "a"]}, RefusedError, "a stands more than once"),
    (({"a": 5}, 2), {"names": ["a"]}, UsageError, "names are given twice"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("arguments", "options", "kind", "words"), FAULTS)
def test_what_cannot_be_split_is_said_in_one_sentence(arguments, options, kind, words) -> None:
    with pytest.raises(UitstroomError) as caught:
        apportion(*arguments, **options)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.unit
def test_all_faulty_weights_are_named_at_once() -> None:
    with pytest.raises(UitstroomError) as caught:
        apportion({"a": -1, "b": float("nan"), "c": "3"}, 5)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "weight of a",
        "weight of b",
        "weight of c",
    ]
