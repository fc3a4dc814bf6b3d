"""The key: exact shares, their parts, and sentences for tables that make no key."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UitstroomError, UsageError
from models.quota import key_shares

FACTORS = pl.DataFrame(
    {
        "municipality_code": ["GM0453", "GM0375", "GM0392"],
        "municipality_name": ["Velsen", "Beverwijk", "Haarlem"],
        "households": [30, 20, 50],
        "social_stock": [0.5, 0.3, 0.2],
    }
)


@pytest.mark.unit
def test_shares_are_weighted_means_of_factor_shares() -> None:
    key = key_shares(FACTORS, {"households": 1, "social_stock": 3})
    assert key.municipality_codes == ("GM0375", "GM0392", "GM0453")
    assert key.weights == {"households": Fraction(1, 4), "social_stock": Fraction(3, 4)}
    assert key.factor_shares["households"] == (Fraction(1, 5), Fraction(1, 2), Fraction(3, 10))
    assert key.shares == (Fraction(11, 40), Fraction(11, 40), Fraction(9, 20))
    assert key.by_code()["GM0453"] == Fraction(9, 20)


@pytest.mark.unit
def test_the_explanation_table_holds_every_part() -> None:
    table = key_shares(FACTORS, {"households": 0.5, "social_stock": 0.5}).frame()
    assert table.columns == ["municipality_code", "factor", "weight", "value", "factor_share"]
    assert table.row(4) == ("GM0453", "households", 0.5, 30.0, 0.3)
    assert table.height == 6


@pytest.mark.unit
def test_a_factor_of_weight_zero_stays_in_the_explanation_and_out_of_the_key() -> None:
    key = key_shares(FACTORS, {"households": 1, "social_stock": 0})
    assert key.shares == key.factor_shares["households"]
    assert set(key.frame()["factor"]) == {"households", "social_stock"}


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_shares_add_up_exactly_and_do_not_depend_on_rows_or_columns(data) -> None:
    count = data.draw(st.integers(1, 6))
    values = st.lists(
        st.one_of(st.integers(0, 10**6), st.floats(0, 1e6)), min_size=count, max_size=count
    )
    columns = {name: data.draw(values.filter(any)) for name in ("a", "b", "c")}
    weights = {name: data.draw(st.integers(1, 9)) for name in columns}
    codes = [f"GM{1000 + at}" for at in range(count)]
    rows = data.draw(st.permutations(range(count)))
    names = data.draw(st.permutations(["municipality_code", *columns]))
    table = pl.DataFrame({"municipality_code": codes, **columns}, strict=False)
    key = key_shares(table, weights)
    assert sum(key.shares) == 1
    assert all(sum(shares) == 1 for shares in key.factor_shares.values())
    assert key_shares(table[rows].select(names), weights).by_code() == key.by_code()


def changed(**columns: list[object]) -> pl.DataFrame:
    """Give the table with some columns replaced."""
    return FACTORS.with_columns(
        *(pl.Series(name, values, strict=False) for name, values in columns.items())
    )


HALVES = {"households": 0.5, "social_stock": 0.5}
FAULTS = [
    (FACTORS, {"households": 1}, UsageError, "factor 'social_stock' has no weight"),
    (FACTORS, {**HALVES, "houshold": 1}, UsageError, "Did you mean 'households'?"),
    (FACTORS, {**HALVES, "households": -1}, UsageError, "weight of households: this is negative"),
    (FACTORS, {**HALVES, "households": "1"}, UsageError, "weight of households: this is not a"),
    (FACTORS, dict.fromkeys(HALVES, 0), UsageError, "all weights are 0"),
    (FACTORS.clear(), HALVES, RefusedError, "the table of factors is empty"),
    (FACTORS.drop("municipality_code"), HALVES, RefusedError, "no column municipality_code"),
    (
        changed(municipality_code=["GM0375", "GM0375", "GM0392"]),
        HALVES,
        RefusedError,
        "GM0375 stands more than once",
    ),
    (
        changed(municipality_code=["GM0375", None, "GM0392"]),
        HALVES,
        RefusedError,
        "row 2 has no code",
    ),
    (
        changed(households=[30, -20, 50]),
        HALVES,
        RefusedError,
        "households of GM0375: this is negative; found -20",
    ),
    (
        changed(households=[30, None, 50]),
        HALVES,
        RefusedError,
        "households of GM0375: the value is missing",
    ),
    (
        changed(social_stock=[0.5, float("nan"), 0.2]),
        HALVES,
        RefusedError,
        "social_stock of GM0375: this is not a finite number",
    ),
    (
        changed(households=["30", "20", "50"]),
        {"households": 1, "social_stock": 1},
        RefusedError,
        "households of GM0375: this is not a number; found '20'",
    ),
    (
        changed(households=[0, 0, 0]),
        HALVES,
        RefusedError,
        "households: the values are 0 for every municipality",
    ),
]


@pytest.mark.unit
@pytest.mark.parametrize(("table", "weights", "kind", "words"), FAULTS)
def test_a_table_that_makes_no_key_is_refused_with_its_place(table, weights, kind, words) -> None:
    with pytest.raises(UitstroomError) as caught:
        key_shares(table, weights)
    faults = getattr(caught.value, "faults", [caught.value])
    assert all(type(fault) is kind for fault in faults)
    assert caught.value.exit_code == kind.exit_code
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == len(faults)
