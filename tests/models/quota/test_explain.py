"""The explanation: steps that add up, the list of homes, one household more."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.quota.explain import explain_split
from models.quota.ranges import compare_with_supply, ten_year_ranges
from models.quota.region import RegionSharing
from models.quota.years import apportion_years
from tests.models.quota.declared import CODES, factor, key, rule

FIGURES = pl.DataFrame(
    {"municipality_code": CODES, "households": [50, 30, 15, 5], "population": [10, 20, 30, 40]}
)


@st.composite
def questions(draw: st.DrawFn) -> RegionSharing:
    """Draw a region's question: two keys perhaps, bounds perhaps, a cap perhaps."""
    figures = pl.DataFrame(
        {
            "municipality_code": CODES,
            "households": draw(st.lists(st.integers(1, 10**5), min_size=4, max_size=4)),
            "population": draw(st.lists(st.integers(1, 10**5), min_size=4, max_size=4)),
        }
    )
    rules = draw(st.sampled_from([(), (rule("GM0002", minimum=1),), (rule("GM0003", maximum=2),),
                                  (rule("GM0001", opted_out=True),)]))  # fmt: skip
    keys = [key(2022, factor("households", 0.5), factor("population", 0.5), municipalities=rules)]
    if draw(st.booleans()):
        keys.append(key(2028, transition_years=draw(st.integers(0, 2))))
    first = draw(st.one_of(st.none(), st.integers(2022, 2026)))
    caps = {} if first is None else {year: draw(st.integers(8, 30)) for year in range(first, 2032)}
    expected = {year: float(draw(st.integers(4, 40))) for year in range(2026, 2032)}
    return RegionSharing(keys, {item.id: figures for item in keys}, caps, expected, first)


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(asked=questions())
def test_the_steps_add_up_for_every_municipality_and_year(asked: RegionSharing) -> None:
    split = asked.split()
    rows = explain_split(asked, split)
    assert rows.height == 4 * 6
    carried: dict[str, float] = {}
    for row in rows.iter_rows(named=True):
        code = row["municipality_code"]
        if row["minimum"] is None and row["maximum"] is None and not _bound(rows, row["year"]):
            assert row["exact"] == pytest.approx(row["key_share"] * row["total"], abs=1e-6)
        assert row["claim"] == pytest.approx(row["exact"] + row["carried"], abs=1e-9)
        assert row["carried_on"] == pytest.approx(row["claim"] - row["quota"], abs=1e-9)
        if code in carried:
            assert row["carried"] == pytest.approx(carried[code], abs=1e-9)
        carried[code] = row["carried_on"]
        assert len([home for home in row["homes"].split(", ") if home]) == row["quota"]
    yearly = rows.group_by("year").agg(
        pl.col("exact", "quota").sum(), pl.col("total").first(), pl.col("gets_next_home").sum()
    )
    assert (yearly["exact"] - yearly["total"]).abs().max() < 1e-6
    assert yearly["quota"].equals(yearly["total"])
    assert set(yearly["gets_next_home"]) == {1}


def _bound(rows: pl.DataFrame, year: int) -> bool:
    same = rows.filter(pl.col("year") == year)
    return same["minimum"].null_count() + same["maximum"].null_count() < 2 * same.height


@pytest.mark.unit
def test_the_homes_of_a_year_are_numbered_without_gaps() -> None:
    asked = RegionSharing([key()], {"sleutel-2022": FIGURES}, {}, {2026: 20.0, 2027: 7.0})
    rows = explain_split(asked, asked.split())
    for (_,), part in rows.partition_by("year", as_dict=True).items():
        numbers = sorted(int(home) for homes in part["homes"] for home in homes.split(", ") if home)
        assert numbers == list(range(1, part["total"][0] + 1))


@pytest.mark.unit
def test_the_households_for_one_home_more_are_the_fewest_that_make_it() -> None:
    asked = RegionSharing([key()], {"sleutel-2022": FIGURES}, {}, {2026: 20.0, 2027: 20.0})
    rows = explain_split(asked, asked.split()).filter(municipality_code="GM0004", year=2026)
    more = rows["households_for_a_home"].item()
    # 40 homes in two years; 5 of 100 households have 2 of them.
    assert 40 * Fraction(5 + more, 100 + more) >= 3 > 40 * Fraction(5 + more - 1, 100 + more - 1)
    assert rows["extra_exact"].item() == pytest.approx(20 * (6 / 101 - 5 / 100))


@pytest.mark.unit
def test_one_household_more_says_nothing_where_no_factor_counts_households() -> None:
    asked = RegionSharing([key(2022, factor("population"))], {"sleutel-2022": FIGURES}, {},
                          {2026: 20.0})  # fmt: skip
    rows = explain_split(asked, asked.split())
    assert rows["extra_exact"].null_count() == rows["households_for_a_home"].null_count() == 4


@pytest.mark.unit
def test_an_opt_out_is_explained_by_its_reason() -> None:
    asked = RegionSharing(
        [key(municipalities=(rule("GM0002", opted_out=True),))], {"sleutel-2022": FIGURES}, {},
        {2026: 14.0},
    )  # fmt: skip
    rows = explain_split(asked, asked.split()).sort("municipality_code")
    assert rows["opted_out"].to_list() == [None, "Verzonnen reden", None, None]
    assert rows["base_share"].to_list() == [0.5, 0.3, 0.15, 0.05]
    assert rows["quota"].to_list() == [10, 0, 3, 1]


@pytest.mark.properties
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_quantiles_of_a_municipality_are_its_homes_of_the_regions_quantile(data) -> None:
    weights = data.draw(st.lists(st.integers(1, 30), min_size=2, max_size=6))
    shares = {f"GM{at:04d}": Fraction(w, sum(weights)) for at, w in enumerate(weights)}
    demand = np.array(data.draw(st.lists(st.integers(0, 300), min_size=1, max_size=60)))
    found = ten_year_ranges(shares, demand, {2026: 10, 2027: 11}, {2026: 6, 2027: 12})
    homes = np.array([apportion_years(shares, [int(total)])[0] for total in demand])
    for basis, level in (("demand_low", 0.1), ("demand_middle", 0.5), ("demand_high", 0.9)):
        quantile = np.quantile(homes, level, axis=0, method="inverted_cdf")
        assert found.filter(basis=basis)["dwellings"].to_list() == quantile.tolist()
    assert found.filter(basis="cap")["total"].unique().to_list() == [16]


@pytest.mark.unit
def test_the_chance_of_more_demand_than_homes_is_counted_draw_by_draw() -> None:
    shares = {"GM0001": Fraction(1, 2), "GM0002": Fraction(1, 2)}
    found = compare_with_supply(
        shares, np.array([4, 8, 12, 16]), {"GM0001": np.array([5, 5, 5, 9])}
    )
    assert found.rows() == [
        ("GM0001", 5.0, 6.0, pytest.approx((2 / 5 + 4 / 5 + 6 / 5 + 8 / 9) / 4), 0.25)
    ]


@pytest.mark.unit
def test_no_cap_in_one_year_leaves_the_cap_out() -> None:
    found = ten_year_ranges({"GM0001": Fraction(1)}, np.array([5]), {2026: None}, {2026: 12})
    assert set(found["basis"]) == {"demand_low", "demand_middle", "demand_high"}
