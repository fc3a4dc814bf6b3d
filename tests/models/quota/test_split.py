"""Cap and owed homes side by side: sums, ceilings, and what no split can keep."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UitstroomError, UsageError
from models.quota import (
    KeyShares,
    apportion_years,
    homes_list,
    key_shares,
    largest_deviation,
    next_home,
    same_rules,
    split_years,
)
from models.quota.claims import read_claimants
from models.quota.ledger import give_by_list
from models.tables import MARTS

COVENANT = {
    "GM0375": 1188,
    "GM0377": 446,
    "GM0392": 4337,
    "GM0396": 1008,
    "GM0397": 591,
    "GM0453": 1921,
    "GM0473": 510,
}


def key_of(weights: Mapping[str, int]) -> KeyShares:
    """Make a key of one factor."""
    table = pl.DataFrame({"municipality_code": list(weights), "homes": list(weights.values())})
    return key_shares(table, {"homes": 1})


def split_table(key, caps, expected, **options) -> pl.DataFrame:
    """Split with one key for all years."""
    years = {*caps, *expected}
    rules = same_rules(key, range(min(years, default=2026), max(years, default=2026) + 1))
    return split_years(rules, caps, expected, **options).quotas


def wide(table: pl.DataFrame, column: str) -> np.ndarray:
    """Give a column as an array (years, municipalities)."""
    years = table["year"].n_unique()
    return table[column].to_numpy().reshape(years, -1)


@pytest.mark.unit
def test_a_cap_that_is_reached_every_year_is_owed_as_it_is_split() -> None:
    caps = {2022: 60, **dict.fromkeys(range(2023, 2036), 178)}
    expected = dict.fromkeys(range(2026, 2036), 190.0)
    table = split_table(key_of(COVENANT), caps, expected, first_year=2022)
    by_hand = apportion_years(COVENANT, [60] + [178] * 13)[4:]
    assert (wide(table, "at_most") == by_hand).all()
    assert (wide(table, "quota") == by_hand).all()
    assert (wide(table, "cumulative") == np.cumsum(by_hand, axis=0)).all()


@pytest.mark.unit
def test_the_split_counts_from_the_first_year_of_the_agreement() -> None:
    key = key_of(COVENANT)
    alone = split_table(key, {2026: 178}, {2026: 178}, first_year=2026)
    later = split_table(key, {2025: 178, 2026: 178}, {2026: 178}, first_year=2025)
    assert alone["at_most"].to_list() == [21, 8, 78, 18, 10, 34, 9]
    assert later["at_most"].to_list() == apportion_years(COVENANT, [178, 178])[1].tolist()
    assert alone["at_most"].to_list() != later["at_most"].to_list()


@pytest.mark.unit
def test_the_columns_are_those_of_the_quota_table() -> None:
    table = split_table(key_of(COVENANT), {2026: 178}, {2026: 100.5}, first_year=2026)
    declared = set(MARTS["mart_quota__yearly_municipality"].column_names())
    added = {"region_id", "scenario_id", "municipality_name", "bid"}
    assert declared - set(table.columns) == added
    assert set(table.columns) <= declared
    first = table.row(0, named=True)
    assert first["municipality_code"] == "GM0375"
    assert first["key_share"] == pytest.approx(1188 / 10001)
    assert first["exact"] == pytest.approx(101 * 1188 / 10001)
    assert first["carried"] == 0


@pytest.mark.unit
def test_without_a_cap_the_expected_applications_are_split_by_the_quota_method() -> None:
    expected = {2027: 41.4, 2026: 30.5, 2028: 0.2}
    table = split_table(key_of(COVENANT), {}, expected)
    assert table["at_most"].null_count() == table.height
    assert (wide(table, "quota") == apportion_years(COVENANT, [31, 41, 0])).all()
    agreed_nothing = split_table(
        key_of(COVENANT), dict.fromkeys(expected), expected, first_year=2026
    )
    assert agreed_nothing.equals(table)


@pytest.mark.unit
def test_a_cap_never_lifts_the_owed_homes_above_it_after_a_poor_year() -> None:
    caps = dict.fromkeys(range(2026, 2029), 50)
    table = split_table(
        key_of(COVENANT), caps, {2026: 10.0, 2027: 90.0, 2028: 50.0}, first_year=2026
    )
    assert wide(table, "quota").sum(axis=1).tolist() == [10, 50, 50]
    assert (wide(table, "quota")[1:] == wide(table, "at_most")[1:]).all()


@st.composite
def regions(draw: st.DrawFn) -> tuple[dict[str, int], dict[int, int | None], dict[int, float], int]:
    """Draw weights, caps, expected applications and the agreement's first year."""
    weights = draw(st.lists(st.integers(0, 60), min_size=1, max_size=7).filter(any))
    first = draw(st.integers(2020, 2026))
    years = range(2024, 2024 + draw(st.integers(1, 7)))
    cap = st.one_of(st.none(), st.integers(0, 30))
    caps = {year: draw(cap) for year in range(first, years[-1] + 1)}
    expected = {year: draw(st.floats(0, 40)) for year in years}
    return {f"GM{1000 + at}": w for at, w in enumerate(weights)}, caps, expected, first


@pytest.mark.properties
@settings(deadline=None, max_examples=150)
@given(region=regions())
def test_years_add_up_and_nobody_is_owed_more_than_at_most(region) -> None:
    weights, caps, expected, first = region
    table = split_table(key_of(weights), caps, expected, first_year=first)
    quota, at_most = wide(table, "quota"), wide(table, "at_most")
    for row, year in enumerate(sorted(expected)):
        rounded = int(Fraction(str(expected[year])) + Fraction(1, 2))
        cap = caps.get(year)
        owed = rounded if cap is None else min(rounded, cap)
        assert quota[row].sum() == owed
        if cap is None:
            assert table.filter(pl.col("year") == year)["at_most"].null_count() == len(weights)
        else:
            assert at_most[row].sum() == cap
            assert (quota[row] <= at_most[row]).all()
    assert (quota >= 0).all()
    assert (wide(table, "cumulative") == np.cumsum(quota, axis=0)).all()
    assert (quota[:, [weight == 0 for weight in weights.values()]] == 0).all()


@pytest.mark.properties
@settings(deadline=None, max_examples=80)
@given(region=regions())
def test_at_most_is_within_one_of_all_caps_since_the_first_year(region) -> None:
    weights, caps, _, first = region
    agreed = {year: cap or 0 for year, cap in caps.items()}
    if not agreed:
        return
    table = split_table(key_of(weights), agreed, dict.fromkeys(agreed, 0.0), first_year=first)
    assert abs(largest_deviation(weights, wide(table, "at_most")).dwellings) < 1


@pytest.mark.properties
@settings(deadline=None, max_examples=80)
@given(region=regions())
def test_the_order_of_the_key_and_of_the_years_never_matters(region) -> None:
    weights, caps, expected, first = region
    turned = dict(reversed(weights.items()))
    table = split_table(key_of(weights), caps, expected, first_year=first)
    again = split_table(
        key_of(turned),
        dict(reversed(caps.items())),
        dict(reversed(expected.items())),
        first_year=first,
    )
    assert table.equals(again)


@pytest.mark.properties
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_what_is_not_refused_is_the_same_for_every_order_of_the_ties(data) -> None:
    weights = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    key = key_of({f"GM{1000 + at}": weight for at, weight in enumerate(weights)})
    years = range(2026, 2026 + data.draw(st.integers(1, 4)))
    caps = {year: data.draw(st.integers(0, 9)) for year in years}
    expected = {year: data.draw(st.integers(0, 9)) for year in years}
    try:
        settled = split_table(key, caps, expected, first_year=2026, ties="refuse")
    except RefusedError:
        return
    for seed in range(8):
        drawn = split_table(key, caps, expected, first_year=2026, ties="lot", seed=seed)
        assert drawn.equals(settled)


@pytest.mark.reference
def test_no_split_keeps_the_ceiling_and_stays_within_one_in_every_case() -> None:
    """Two equal municipalities, one home a year, applications in every second year."""
    key = key_of({"GM0001": 1, "GM0002": 1})
    years = range(2026, 2032)
    caps = dict.fromkeys(years, 1)
    expected = {year: float(year % 2) for year in years}
    table = split_table(key, caps, expected, first_year=2026)
    at_most = wide(table, "at_most")
    assert at_most.tolist() == [[1, 0], [0, 1]] * 3
    allowed = []
    for rows in product(((0, 0), (1, 0), (0, 1)), repeat=len(years)):
        quota = np.array(rows)
        adds_up = (quota.sum(axis=1) == [expected[year] for year in years]).all()
        if adds_up and (quota <= at_most).all():
            allowed.append(abs(largest_deviation(list(key.shares), quota).dwellings))
    assert allowed == [Fraction(3, 2)]
    ours = largest_deviation(list(key.shares), wide(table, "quota"))
    assert (ours.dwellings, ours.name) == (Fraction(-3, 2), "1")


@pytest.mark.unit
def test_a_first_year_below_the_cap_goes_on_where_the_list_of_homes_stands() -> None:
    table = split_table(key_of(COVENANT), {2025: 178, 2026: 178}, {2026: 20.0}, first_year=2025)
    following = homes_list(COVENANT, 198)[178:]
    assert table["quota"].to_list() == np.bincount(following, minlength=7).tolist()
    assert table["quota"].to_list() != apportion_years(COVENANT, [20])[0].tolist()


@pytest.mark.unit
def test_who_was_held_back_by_the_ceiling_is_served_first_afterwards() -> None:
    key = key_of({"GM0001": 1, "GM0002": 1})
    caps = dict.fromkeys(range(2026, 2030), 1) | {2030: 10}
    expected = {2026: 0.0, 2027: 1.0, 2028: 0.0, 2029: 1.0, 2030: 3.0}
    table = split_table(key, caps, expected, first_year=2026)
    assert wide(table, "quota").tolist() == [[0, 0], [0, 1], [0, 0], [0, 1], [3, 0]]


@pytest.mark.unit
def test_the_next_home_is_the_next_of_the_list() -> None:
    codes = sorted(COVENANT)
    homes = homes_list(COVENANT, 400)
    key = key_of(COVENANT)
    for total in (0, 1, 177, 178, 356, 399):
        assert next_home(key, total) == codes[homes[total]]
    assert next_home(key, 178) == "GM0453"


@pytest.mark.unit
def test_ties_follow_the_declared_rule() -> None:
    equal = key_of({"GM0002": 1, "GM0001": 1, "GM0003": 1})
    table = split_table(equal, {2026: 1}, {2026: 1.0}, first_year=2026)
    assert table["quota"].to_list() == [1, 0, 0]
    assert next_home(equal, 1) == "GM0002"
    winners = {next_home(equal, 0, ties="lot", seed=seed) for seed in range(20)}
    assert winners == {"GM0001", "GM0002", "GM0003"}
    with pytest.raises(RefusedError, match="tie of GM0001, GM0002 and GM0003"):
        next_home(equal, 0, ties="refuse")
    with pytest.raises(RefusedError, match="tie of GM0001, GM0002 and GM0003"):
        split_table(equal, {2026: 3}, {2026: 2.0}, first_year=2026, ties="refuse")
    settled = split_table(equal, {2026: 6}, {2026: 3.0}, first_year=2026, ties="refuse")
    assert settled["quota"].to_list() == [1, 1, 1]


@pytest.mark.unit
def test_a_tie_of_those_at_their_share_is_refused_at_once() -> None:
    # Home 4 of weights 1, 1, 2 belongs to the third, who has no room; the others have their share.
    ceiling = [0, 1, 0]
    claimants = read_claimants([1, 1, 2], ties="code")
    assert give_by_list(claimants, [1, 1, 1], 2, year=2026, ceiling=ceiling) == [0, 1]
    claimants = read_claimants([1, 1, 2], ties="refuse")
    with pytest.raises(RefusedError, match="home 1 of 2026 hangs on a tie of 1 and 2"):
        give_by_list(claimants, [1, 1, 1], 2, year=2026, ceiling=ceiling)


FAULTS = [
    (({2026: 5}, {}), {"first_year": 2026}, UsageError, "there are no years"),
    (({2026: 5}, {2026: 3.0}), {}, UsageError, "a cap is given for 2026, outside the agreement"),
    (
        ({2025: 5, 2026: 5}, {2026: 3.0}),
        {"first_year": 2026},
        UsageError,
        "a cap is given for 2025, outside the agreement; expected caps from 2026 on",
    ),
    (
        ({2024: 5, 2026: 5}, {2026: 3.0}),
        {"first_year": 2024},
        UsageError,
        "no cap is given for 2025",
    ),
    (({2026: -5}, {2026: 3.0}), {"first_year": 2026}, UsageError, "cap of 2026: this is negative"),
    (
        ({2026: 5.5}, {2026: 3.0}),
        {"first_year": 2026},
        UsageError,
        "cap of 2026: this is not a whole number",
    ),
    (({}, {2026: -3.0}), {}, RefusedError, "expected applications of 2026: this is negative"),
    (({}, {2026: float("nan")}), {}, RefusedError, "2026: this is not a finite number"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("arguments", "options", "kind", "words"), FAULTS)
def test_years_that_cannot_be_split_are_named(arguments, options, kind, words) -> None:
    with pytest.raises(UitstroomError) as caught:
        split_table(key_of(COVENANT), *arguments, **options)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
