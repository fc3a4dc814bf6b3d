"""Many splits at once give, row by row, what the exact path gives; ties and near ties above all."""

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UitstroomError, UsageError
from models.quota import METHODS, apportion, apportion_years, homes_list
from models.quota.many import apportion_many, apportion_years_many, received_many, split_rows

VECTORISED = ("largest-remainder", "sainte-lague", "dhondt")
CASES, BATCHES = 10_000, 10
COVENANT = (1188, 446, 4337, 1008, 591, 1921, 510)


def small_cases(seed: int, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights of few different values and small totals, so that ties are frequent."""
    dice = np.random.default_rng(seed)
    weights = dice.integers(0, 5, (count, size))
    weights[weights.sum(axis=1) == 0, 0] = 1
    return weights, dice.integers(0, 4 * size, count)


@pytest.mark.properties
@pytest.mark.parametrize("method", VECTORISED)
@pytest.mark.parametrize("ties", ["code", "lot"])
def test_ten_thousand_cases_with_ties_are_split_as_by_the_exact_path(method, ties) -> None:
    seed = 3 if ties == "lot" else None
    sure, per_batch = 0, CASES // BATCHES
    for batch in range(BATCHES):
        size = 2 + batch % 6
        names = [f"GM{(7 * at + batch) % 10}{at}" for at in range(size)]
        weights, totals = small_cases(batch, per_batch, size)
        homes = apportion_many(weights, totals, method, ties=ties, seed=seed, names=names)
        exact = [
            apportion(row, total, method, ties=ties, seed=seed, names=names)
            for row, total in zip(weights.tolist(), totals.tolist(), strict=True)
        ]
        assert homes.tolist() == exact
        sure += int(split_rows(weights.astype(np.float64), totals, method)[1].sum())
    # Ties are frequent, and so are rows that the fast path decides alone.
    assert 0.3 * CASES < sure < 0.9 * CASES


@pytest.mark.properties
@pytest.mark.parametrize("method", VECTORISED)
def test_rows_that_count_as_certain_have_no_tie_and_the_exact_result(method: str) -> None:
    weights, totals = small_cases(99, 2_000, 5)
    homes, certain = split_rows(weights.astype(np.float64), totals, method)
    refused = 0
    for row, total, found, is_sure in zip(
        weights.tolist(), totals.tolist(), homes.tolist(), certain.tolist(), strict=True
    ):
        try:
            exact = apportion(row, total, method, ties="refuse")
        except RefusedError:
            refused += 1
            assert not is_sure
        else:
            assert not is_sure or found == exact
    assert refused > 200


@pytest.mark.properties
@pytest.mark.parametrize("method", VECTORISED)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_weights_of_any_size_are_split_as_by_the_exact_path(method, data) -> None:
    size = data.draw(st.integers(1, 6))
    kind = st.floats(1e-9, 1e9) | st.sampled_from([0.0, 1e-320, 1e250, 1.0, 0.1, 0.3])
    vector = st.lists(kind, min_size=size, max_size=size).filter(any)
    weights = data.draw(st.lists(vector, min_size=1, max_size=5))
    totals = [data.draw(st.integers(0, 300)) for _ in weights]
    homes = apportion_many(weights, totals, method)
    assert homes.dtype == np.int64
    for row, weight, total in zip(homes.tolist(), weights, totals, strict=True):
        assert row == apportion(weight, total, method)


@pytest.mark.properties
@pytest.mark.parametrize("method", VECTORISED)
def test_342_municipalities_are_split_as_by_the_exact_path(method: str) -> None:
    dice = np.random.default_rng(5)
    # Households in hundreds: many municipalities are of equal size.
    weights = np.round(np.exp(dice.normal(9.6, 0.9, (40, 342))), -2)
    totals = dice.integers(0, 5_000, 40)
    homes = apportion_many(weights, totals, method)
    for row, weight, total in zip(homes.tolist(), weights.tolist(), totals.tolist(), strict=True):
        assert row == apportion(weight, total, method)


@pytest.mark.unit
@pytest.mark.parametrize("method", VECTORISED)
def test_a_float_counts_as_its_shortest_decimal_in_many_splits_too(method: str) -> None:
    dice = random.Random(4)
    tenths = [[dice.randint(1, 6) / 10 for _ in range(4)] for _ in range(300)]
    totals = [dice.randint(1, 12) for _ in tenths]
    for kind in (np.float64, np.float32, np.float16):
        homes = apportion_many(np.array(tenths, dtype=kind), totals, method)
        for row, weights, total in zip(homes.tolist(), tenths, totals, strict=True):
            exact = [Fraction(round(10 * weight), 10) for weight in weights]
            assert row == apportion(exact, total, method)


@pytest.mark.unit
@pytest.mark.parametrize("method", VECTORISED)
def test_weights_that_differ_by_less_than_a_float_can_tell_are_told_apart(method: str) -> None:
    large = 10**17
    assert apportion_many([large, large + 1], [1, 3], method).tolist() == [[0, 1], [1, 2]]
    parts = np.array([Fraction(1, 3), Fraction(10**20, 3 * 10**20 - 1)], dtype=object)
    assert apportion_many(parts, 1, method).tolist() == [0, 1]
    assert apportion_many(np.array([Decimal("0.1"), Decimal("0.2")]), 3, method).tolist() == [1, 2]


@pytest.mark.unit
def test_keys_by_draw_and_totals_by_draw_and_year_are_broadcast() -> None:
    dice = np.random.default_rng(8)
    keys = dice.integers(1, 90, (6, 1, 5))
    totals = dice.integers(0, 40, (6, 3))
    homes = apportion_many(keys, totals, "sainte-lague")
    assert homes.shape == (6, 3, 5)
    for draw in range(6):
        for year in range(3):
            exact = apportion(keys[draw, 0].tolist(), int(totals[draw, year]), "sainte-lague")
            assert homes[draw, year].tolist() == exact
    assert apportion_many(COVENANT, 178).tolist() == apportion(COVENANT, 178)
    assert apportion_many(keys, 7).shape == (6, 1, 5)
    assert apportion_many(COVENANT, np.zeros((0, 4), dtype=int)).shape == (0, 4, 7)


@pytest.mark.unit
@pytest.mark.parametrize("method", [method for method in METHODS if method not in VECTORISED])
def test_the_other_methods_go_row_by_row(method: str) -> None:
    weights, totals = small_cases(2, 50, 4)
    totals += 4
    homes = apportion_many(weights, totals, method)
    for row, weight, total in zip(homes.tolist(), weights.tolist(), totals.tolist(), strict=True):
        assert row == apportion(weight, total, method)


@pytest.mark.unit
def test_equal_rows_among_many_are_the_same_and_ties_can_be_refused() -> None:
    totals = np.array([[3, 6, 3], [9, 3, 6]])
    homes = apportion_many([1, 1, 1], totals, ties="refuse")
    assert (homes == (totals // 3)[..., None]).all()
    with pytest.raises(RefusedError, match="tie of GM0375, GM0392 and GM0453"):
        apportion_many([1, 1, 1], [3, 4], ties="refuse", names=["GM0375", "GM0392", "GM0453"])


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(
    weights=st.lists(st.integers(0, 6), min_size=1, max_size=6).filter(any),
    totals=st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=1, max_size=4),
)
def test_the_looked_up_quota_method_is_that_of_every_draw_alone(weights, totals) -> None:
    yearly = apportion_years_many(weights, totals)
    running = received_many(weights, np.cumsum(totals, axis=1))
    for draw, total in enumerate(totals):
        alone = apportion_years(weights, total)
        assert yearly[draw].tolist() == alone.tolist()
        assert running[draw].tolist() == np.cumsum(alone, axis=0).tolist()


@pytest.mark.unit
def test_a_look_up_far_on_keeps_only_the_totals_that_occur() -> None:
    weights = {f"GM{1000 + at}": at + 1 for at in range(342)}
    received = received_many(weights, [[0, 100_000], [7, 100_000]])
    assert received.shape == (2, 2, 342)
    assert received.dtype == np.int32
    assert received.sum(axis=-1).tolist() == [[0, 100_000], [7, 100_000]]
    share = np.arange(1, 343) * 100_000 / sum(range(1, 343))
    assert np.abs(received[0, 1] - share).max() < 1
    first = homes_list(weights, 7)
    assert received[1, 0].tolist() == np.bincount(first, minlength=342).tolist()


@pytest.mark.unit
def test_a_tie_among_many_draws_is_refused_where_it_decides_one() -> None:
    weights = {"GM0375": 1, "GM0392": 1}
    assert received_many(weights, [[2, 4], [6, 8]], ties="refuse").tolist()[1] == [[3, 3], [4, 4]]
    with pytest.raises(RefusedError, match="home 3 hangs on a tie of GM0375 and GM0392"):
        received_many(weights, [[2, 4], [3, 8]], ties="refuse")


FAULTS = [
    (([1, 2], [3], "quota-method"), {}, UsageError, "several years has its own methods"),
    (([1, 2], [3, -1]), {}, UsageError, "totals: this is negative; found -1"),
    (([1, 2], [3, 1.5]), {}, UsageError, "totals: this is not a whole number; found 1.5"),
    (([1, 2], ["x"]), {}, UsageError, "totals: this is not a number"),
    (([[1, 2], [0, 0]], [3, 3]), {}, RefusedError, "all weights are 0"),
    (([[1, 2], [1, -2]], [3, 3]), {}, RefusedError, "weight 2: this is negative; found -2"),
    (([1, float("nan")], [3]), {}, RefusedError, "weight 2: this is not a finite number"),
    (([1, None], [3]), {}, RefusedError, "weight 2: this is not a number"),
    (([[1, 2], [1]], [3, 3]), {}, RefusedError, "weights: these are no weights to split by"),
    ((["a", "b"], [3]), {}, RefusedError, "weights: these are no weights to split by"),
    (([], [3]), {}, RefusedError, "weights: these are no weights to split by"),
    (([[1, 2], [2, 1]], [3, 3, 3]), {}, UsageError, "weights and totals do not match"),
    (([1, 2], [3]), {"names": ["a"]}, UsageError, "1 names, 2 weights"),
    (([1, 2], [3]), {"ties": "lot"}, UsageError, "need a seed"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("arguments", "options", "kind", "words"), FAULTS)
def test_what_cannot_be_split_many_times_is_said_in_one_sentence(
    arguments, options, kind, words
) -> None:
    with pytest.raises(UitstroomError) as caught:
        apportion_many(*arguments, **options)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.unit
def test_yearly_totals_of_many_draws_need_a_year() -> None:
    with pytest.raises(UsageError, match="not given per year"):
        apportion_years_many([1, 2], 3)
