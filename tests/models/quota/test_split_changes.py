"""Splits whose key changes, that have bounds, or that settle the past: laws and worked cases."""

from collections.abc import Mapping
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UsageError
from models.quota import Past, Split, YearRules, apportion_years, same_rules, split_years


def shares(weights: Mapping[str, int]) -> dict[str, Fraction]:
    """Give exact shares."""
    return {code: Fraction(weight, sum(weights.values())) for code, weight in weights.items()}


OLD = shares({"GM0001": 6, "GM0002": 3, "GM0003": 1})
NEW = shares({"GM0001": 4, "GM0002": 3, "GM0003": 3})


def rows_of(split: Split, column: str) -> dict[int, list[int]]:
    """Give a column by year, in the order of codes."""
    years = split.quotas.partition_by("year", as_dict=True, maintain_order=True)
    return {int(year): part[column].to_list() for (year,), part in years.items()}


@pytest.mark.unit
def test_a_new_key_gives_nothing_out_anew_and_goes_on_from_what_was_given() -> None:
    years = range(2022, 2030)
    changed = {year: YearRules(OLD if year < 2026 else NEW) for year in years}
    caps, expected = dict.fromkeys(years, 7), dict.fromkeys(years, 7.0)
    before = split_years(same_rules(OLD, years), caps, expected, first_year=2022)
    after = split_years(changed, caps, expected, first_year=2022)
    for year in range(2022, 2026):
        assert rows_of(after, "quota")[year] == rows_of(before, "quota")[year]
    methods = dict(after.quotas.select("year", "method").iter_rows())
    assert methods[2025] == "quota-method"
    assert methods[2026] == methods[2029] == "running-claim"
    owed = {code: 28 * OLD[code] + 28 * NEW[code] for code in OLD}
    received = after.quotas.group_by("municipality_code").agg(pl.col("quota").sum())
    for code, homes in received.iter_rows():
        assert abs(homes - owed[code]) < 1


@pytest.mark.unit
def test_a_shortfall_is_not_owed_again_where_the_agreement_is_a_maximum() -> None:
    years = range(2024, 2028)
    past = Past(owed={2024: 10, 2025: 10}, received={2024: {"GM0001": 4}, 2025: {"GM0001": 3}})
    split = split_years(
        same_rules(OLD, years), dict.fromkeys(years, 10), {2026: 10.0, 2027: 10.0},
        first_year=2024, past=past,
    )  # fmt: skip
    assert [sum(homes) for homes in rows_of(split, "quota").values()] == [10, 10]
    # Seven homes went to the first, who was owed 4.2 of them: it is 2.8 ahead.
    carried = rows_of(split, "carried")[2026]
    assert carried == pytest.approx([-2.8, 2.1, 0.7])
    assert rows_of(split, "quota")[2026] == [3, 5, 2]


@pytest.mark.unit
def test_a_shortfall_that_is_carried_never_lifts_a_year_above_its_cap() -> None:
    years = range(2024, 2029)
    past = Past(
        owed={2024: 10, 2025: 10},
        received={2024: {"GM0001": 4}, 2025: {"GM0002": 3}},
        carries_shortfall=True,
    )
    split = split_years(
        same_rules(OLD, years), dict.fromkeys(years, 10), {2026: 6.0, 2027: 6.0, 2028: 6.0},
        first_year=2024, past=past,
    )  # fmt: skip
    totals = [sum(homes) for homes in rows_of(split, "quota").values()]
    assert totals == [10, 10, 10]  # 6 owed and 13 short: 4 of these come back each year
    everything = split_years(
        same_rules(OLD, years), dict.fromkeys(years, 30), {2026: 6.0, 2027: 6.0, 2028: 6.0},
        first_year=2024, past=past,
    )  # fmt: skip
    assert [sum(homes) for homes in rows_of(everything, "quota").values()] == [19, 6, 6]


@pytest.mark.unit
def test_a_person_led_override_comes_back_in_the_next_claim() -> None:
    years = range(2025, 2027)
    given = {"GM0001": 6, "GM0002": 3, "GM0003": 1}
    moved = given | {"GM0001": 7, "GM0003": 0}  # one home for the third's person, in the first
    plain, settled = (
        split_years(
            same_rules(OLD, years), dict.fromkeys(years, 10), {2026: 10.0},
            first_year=2025, past=Past({2025: 10}, {2025: received}),
        )
        for received in (given, moved)
    )  # fmt: skip
    assert rows_of(plain, "quota")[2026] == [6, 3, 1]
    assert rows_of(settled, "quota")[2026] == [5, 3, 2]


@st.composite
def cases(draw: st.DrawFn):
    """Draw rules that may change, with bounds that every total can keep, and totals."""
    count = draw(st.integers(2, 6))
    names = [f"GM{1000 + at}" for at in range(count)]
    years = range(2026, 2026 + draw(st.integers(1, 6)))
    total = draw(st.integers(4, 40))
    rules = {}
    for year in years:
        weights = draw(st.lists(st.integers(0, 20), min_size=count, max_size=count).filter(any))
        least = draw(st.lists(st.integers(0, total // count), min_size=count, max_size=count))
        most = draw(st.lists(st.integers(0, total), min_size=count, max_size=count))
        minimum = {
            name: low for name, low, weight in zip(names, least, weights, strict=True) if weight
        }
        maximum = {name: max(high, low) for name, high, low in zip(names, most, least, strict=True)}
        served = [name for name, weight in zip(names, weights, strict=True) if weight]
        if sum(maximum[name] for name in served) < total:
            maximum = {}
        rules[year] = YearRules(shares(dict(zip(names, weights, strict=True))), minimum, maximum)
    return rules, total


@pytest.mark.properties
@settings(deadline=None, max_examples=150)
@given(case=cases())
def test_bounds_are_kept_and_every_year_adds_up_and_is_explained_exactly(case) -> None:
    rules, total = case
    expected = dict.fromkeys(rules, float(total))
    split = split_years(rules, {}, expected)
    assert (split.quotas["method"] == "running-claim").any() or not any(
        rule.has_bounds for rule in rules.values()
    )
    carried: dict[str, float] = {}
    for year, part in split.quotas.partition_by("year", as_dict=True, maintain_order=True).items():
        rule = rules[int(year[0])]
        assert part["quota"].sum() == total
        assert part["exact"].sum() == pytest.approx(total)
        for row in part.iter_rows(named=True):
            code = row["municipality_code"]
            assert row["quota"] >= rule.minimum.get(code, 0)
            assert row["quota"] <= rule.maximum.get(code, total)
            if rule.shares[code] == 0:
                assert row["quota"] == 0
            assert row["carried"] == pytest.approx(carried.get(code, 0.0), abs=1e-9)
            carried[code] = row["exact"] + row["carried"] - row["quota"]


@pytest.mark.properties
@settings(deadline=None, max_examples=80)
@given(case=cases())
def test_the_list_of_homes_is_the_split_and_names_who_comes_next(case) -> None:
    rules, total = case
    split = split_years(rules, {}, dict.fromkeys(rules, float(total)))
    for year in rules:
        homes = split.homes.filter(pl.col("year") == year)
        assert homes["home"].to_list() == list(range(1, total + 2))
        assert homes["is_next"].to_list() == [False] * total + [True]
        given = homes.filter(~pl.col("is_next"))["municipality_code"].value_counts()
        quota = split.quotas.filter((pl.col("year") == year) & (pl.col("quota") > 0))
        assert dict(given.iter_rows()) == dict(
            quota.select("municipality_code", "quota").iter_rows()
        )


@pytest.mark.unit
def test_an_opt_out_is_taken_over_by_the_others_in_proportion() -> None:
    years = range(2026, 2030)
    out = YearRules(shares({"GM0001": 6, "GM0002": 3, "GM0003": 0}))
    split = split_years(dict.fromkeys(years, out), {}, dict.fromkeys(years, 9.0))
    assert set(split.quotas["method"]) == {"quota-method"}
    assert rows_of(split, "quota")[2026] == [6, 3, 0]
    by_hand = apportion_years([6, 3, 0], [9] * 4)
    assert list(rows_of(split, "quota").values()) == by_hand.tolist()


@pytest.mark.unit
def test_totals_that_cannot_keep_the_bounds_are_refused_in_one_sentence() -> None:
    rules = {2026: YearRules(OLD, minimum={"GM0003": 4, "GM0002": 3})}
    with pytest.raises(RefusedError, match="add up to 7, above the total of 5"):
        split_years(rules, {}, {2026: 5.0})
    rules = {2026: YearRules(OLD, maximum={"GM0001": 1, "GM0002": 1, "GM0003": 1})}
    with pytest.raises(RefusedError, match="below the total of 5"):
        split_years(rules, {}, {2026: 5.0})


@pytest.mark.unit
def test_years_without_a_key_or_with_other_municipalities_are_named() -> None:
    with pytest.raises(UsageError, match="no key is in force in 2027"):
        split_years(same_rules(OLD, [2026]), {}, {2026: 5.0, 2027: 5.0})
    other = {2026: YearRules(OLD), 2027: YearRules(shares({"GM0001": 1}))}
    with pytest.raises(UsageError, match="the municipalities of 2027 are not those of 2026"):
        split_years(other, {}, {2026: 5.0, 2027: 5.0})
