"""Quotas over associations: sums, bounds, turns of the small ones, and bounds that clash."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.quota.associations import (
    AssociationSplit,
    association_shares,
    expected_bounds,
    find_clash,
    split_over_associations,
)
from models.quota.within import clashing_bounds, split_within

TOWN, VILLAGE = "GM0392", "GM0377"
SHARES = {
    TOWN: {"Elan": Fraction(22, 100), "Pré": Fraction(38, 100), "Ymere": Fraction(40, 100)},
    VILLAGE: {"Brederode": Fraction(9, 10), "Pré": Fraction(1, 10)},
}


def quotas(by_code: dict[str, list[int]], scenario: str = "baseline") -> pl.DataFrame:
    rows = [
        (scenario, 2026 + at, code, homes)
        for code, years in by_code.items()
        for at, homes in enumerate(years)
    ]
    columns = ("scenario_id", "year", "municipality_code", "quota")
    return pl.DataFrame(rows, schema=columns, orient="row")


def homes(split: AssociationSplit, code: str, name: str) -> list[int]:
    own = split.frame.filter(municipality_code=code, association=name)
    return own.sort("year")["quota"].to_list()


@pytest.mark.unit
def test_shares_are_those_of_social_homes_where_all_of_a_municipality_deliver_them() -> None:
    rows = [
        (TOWN, "A", 300, 100),
        (TOWN, "B", 100, 300),
        (VILLAGE, "A", 300, 100),
        (VILLAGE, "B", 100, None),
        ("GM0001", "A", 0, 0),
    ]
    columns = ("municipality_code", "association", "dwellings", "social_dwellings")
    shares = association_shares(pl.DataFrame(rows, schema=columns, orient="row"))
    assert shares == {
        TOWN: {"A": Fraction(1, 4), "B": Fraction(3, 4)},
        VILLAGE: {"A": Fraction(3, 4), "B": Fraction(1, 4)},
    }


@pytest.mark.unit
def test_a_bound_is_the_floor_of_suitable_relets_and_new_homes_and_unknown_is_no_bound() -> None:
    rows = [
        (2027, TOWN, "A", "suitable_relets", 10.7),
        (2027, TOWN, "A", "new_lettings", 2.2),
        (2027, TOWN, "A", "relets", 900.0),
        (2027, TOWN, "B", "suitable_relets", 10.0),
        (2027, TOWN, "all", "suitable_relets", 20.7),
        (2027, "all", "all", "new_lettings", 2.2),
    ]
    columns = ("year", "municipality_code", "association", "measure", "mean")
    supply = pl.DataFrame(rows, schema=columns, orient="row")
    assert expected_bounds(supply) == {(2027, TOWN, "A"): 12}
    assert expected_bounds(supply, part=0.5) == {(2027, TOWN, "A"): 6}


@pytest.mark.unit
def test_a_small_association_gets_its_turn() -> None:
    split = split_over_associations(quotas({VILLAGE: [3] * 10}), SHARES, {})
    assert sum(homes(split, VILLAGE, "Pré")) == 3
    assert homes(split, VILLAGE, "Pré") != [0] * 10
    last = split.frame.filter(municipality_code=VILLAGE, association="Pré", year=2035)
    assert last["cumulative"].to_list() == [3]
    assert last["exact"].to_list() == pytest.approx([0.3])
    assert split.clashes.is_empty()


@pytest.mark.unit
def test_who_stands_at_the_bound_gets_no_more_and_the_others_take_it_over() -> None:
    bounds = {(2027, TOWN, "Ymere"): 2}
    split = split_over_associations(quotas({TOWN: [50, 50]}), SHARES, bounds)
    assert homes(split, TOWN, "Ymere") == [20, 2]
    second = split.frame.filter(year=2027).sort("association")
    assert second["quota"].sum() == 50
    assert second["bound"].to_list() == [None, None, 2]
    assert second["is_bound"].to_list() == [False, False, True]


@pytest.mark.unit
def test_a_municipality_without_stock_is_left_out_and_the_others_are_not_moved() -> None:
    both = split_over_associations(quotas({TOWN: [7, 8], "GM0001": [3, 3]}), SHARES, {})
    alone = split_over_associations(quotas({TOWN: [7, 8]}), SHARES, {})
    assert both.frame.equals(alone.frame)


@pytest.mark.unit
def test_a_clash_names_the_quota_and_every_bound_and_leaves_the_years_before() -> None:
    bounds = {(2027, TOWN, "Elan"): 3, (2027, TOWN, "Pré"): 2, (2027, TOWN, "Ymere"): 4}
    split = split_over_associations(quotas({TOWN: [10, 12, 10], VILLAGE: [2] * 3}), SHARES, bounds)
    assert split.frame.filter(municipality_code=TOWN)["year"].unique().to_list() == [2026]
    assert split.frame.filter(municipality_code=VILLAGE)["year"].n_unique() == 3
    assert split.clashes.select("year", "association", "kind", "homes", "short_homes").rows() == [
        (2027, "all", "row-total", 12, 3),
        (2027, "Elan", "maximum", 3, 3),
        (2027, "Pré", "maximum", 2, 3),
        (2027, "Ymere", "maximum", 4, 3),
    ]


@pytest.mark.unit
def test_an_unknown_bound_never_clashes() -> None:
    bounds = {(2026, TOWN, "Elan"): 0, (2026, TOWN, "Pré"): 0}
    assert find_clash(2026, TOWN, 9, SHARES[TOWN], bounds) == []
    split = split_over_associations(quotas({TOWN: [9]}), SHARES, bounds)
    assert homes(split, TOWN, "Ymere") == [9]


tops = st.one_of(st.none(), st.integers(0, 9))
cases = st.integers(2, 5).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(1, 900), min_size=size, max_size=size),
        st.lists(st.integers(0, 15), min_size=1, max_size=6),
        st.lists(st.lists(tops, min_size=size, max_size=size), min_size=6, max_size=6),
    )
)


@pytest.mark.properties
@given(cases)
def test_every_year_adds_up_within_the_bounds_or_is_a_clash(
    case: tuple[list[int], list[int], list[list[int | None]]],
) -> None:
    stock, totals, limits = case
    names = [f"A{at}" for at in range(len(stock))]
    shares = {
        TOWN: {name: Fraction(own, sum(stock)) for name, own in zip(names, stock, strict=True)}
    }
    bounds = {
        (2026 + year, TOWN, name): top
        for year in range(len(totals))
        for name, top in zip(names, limits[year], strict=True)
        if top is not None
    }
    split = split_over_associations(quotas({TOWN: totals}), shares, bounds)
    clashing = [
        bool(clashing_bounds([stock], [total], upper=[limits[year]]))
        for year, total in enumerate(totals)
    ]
    held = clashing.index(True) if True in clashing else len(totals)
    yearly = split.frame.group_by("year").agg(pl.col("quota").sum()).sort("year")["quota"].to_list()
    assert yearly == totals[:held]
    assert split.clashes.is_empty() == (held == len(totals))
    assert (split.frame["quota"] >= 0).all()
    bounded = split.frame.filter(pl.col("bound").is_not_null())
    assert (bounded["quota"] <= bounded["bound"]).all()


@pytest.mark.properties
@given(cases)
def test_a_clash_is_the_smallest_that_the_two_way_split_finds(
    case: tuple[list[int], list[int], list[list[int | None]]],
) -> None:
    stock, totals, limits = case
    shares = {f"A{at}": Fraction(own, sum(stock)) for at, own in enumerate(stock)}
    given_bounds = {
        (2026, TOWN, name): top
        for name, top in zip(shares, limits[0], strict=True)
        if top is not None
    }
    found = find_clash(2026, TOWN, totals[0], shares, given_bounds)
    oracle = clashing_bounds(
        {TOWN: dict(zip(shares, stock, strict=True))},
        {TOWN: totals[0]},
        upper={TOWN: dict(zip(shares, limits[0], strict=True))},
    )
    assert {str(bound) for bound in found} == {str(bound) for bound in oracle}


@pytest.mark.properties
@given(cases)
def test_the_first_year_is_that_of_the_two_way_split_and_order_does_not_matter(
    case: tuple[list[int], list[int], list[list[int | None]]],
) -> None:
    stock, totals, _ = case
    names = [f"A{at}" for at in range(len(stock))]
    shares = {name: Fraction(own, sum(stock)) for name, own in zip(names, stock, strict=True)}
    split = split_over_associations(quotas({TOWN: totals[:1]}), {TOWN: shares}, {})
    oracle = split_within({TOWN: dict(zip(names, stock, strict=True))}, {TOWN: totals[0]})
    assert isinstance(oracle, dict)
    assert dict(split.frame.select("association", "quota").iter_rows()) == oracle[TOWN]
    turned = {TOWN: dict(reversed(shares.items()))}
    again = split_over_associations(quotas({TOWN: totals[:1]}).reverse(), turned, {})
    assert again.frame.equals(split.frame)


@pytest.mark.properties
@given(st.lists(st.integers(40, 900), min_size=2, max_size=5), st.integers(30, 90))
def test_without_bounds_nobody_strays_a_home_from_the_share_while_all_are_owed_one_a_year(
    stock: list[int], total: int
) -> None:
    shares = {TOWN: {f"A{at}": Fraction(own, sum(stock)) for at, own in enumerate(stock)}}
    frame = split_over_associations(quotas({TOWN: [total] * 10}), shares, {}).frame
    wide = frame.sort("association", "year")["quota"].to_numpy().reshape(len(stock), 10)
    owed = np.array([[float(share) * total] * 10 for share in shares[TOWN].values()])
    if owed.min() >= 1:
        assert np.abs(np.cumsum(wide - owed, axis=1)).max() < 1
