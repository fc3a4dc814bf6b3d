"""Homes that come free: sums in the same paths, rates that are shrunk, futures inside."""

import numpy as np
import polars as pl
import pytest

from models.forecast.supply import ALL, draw_supply, forecast_supply, read_cells
from models.months import month_of
from models.tables import shape_table

AS_OF = month_of(2026, 10)
SCHEMA = {
    "association": pl.String,
    "municipality_code": pl.String,
    "stock_year": pl.Int64,
    "flow_year": pl.Int64,
    "dwellings": pl.Int64,
    "relets": pl.Int64,
    "suitable_relets": pl.Int64,
    "new_lettings": pl.Int64,
}


def stock(
    cells: dict[tuple[str, str], int], *, years: int = 9, rate: float = 0.07, seed: int = 1
) -> pl.DataFrame:
    dice = np.random.default_rng(seed)
    rows = []
    for (code, association), dwellings in cells.items():
        for year in range(2026 - years + 1, 2027):
            let = int(dice.poisson(rate * dwellings))
            suitable = int(dice.binomial(let, 0.55))
            new = int(dice.poisson(0.005 * dwellings))
            rows.append((association, code, year, year - 1, dwellings, let, suitable, new))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


CELLS = {
    ("GM9001", "Ymere"): 9000,
    ("GM9001", "Elan"): 5000,
    ("GM9002", "Ymere"): 2000,
    ("GM9003", "Duin"): 150,
}


def mart(frame: pl.DataFrame) -> pl.DataFrame:
    made = forecast_supply(frame, "proeftuin", as_of=AS_OF)
    return shape_table("mart_supply__yearly_municipality", made)


@pytest.mark.unit
def test_ten_years_follow_the_delivered_ones_for_every_part_and_sum() -> None:
    table = mart(stock(CELLS))
    for measure in ("relets", "suitable_relets", "new_lettings"):
        rows = table.filter(measure=measure, association="Duin")
        assert rows["year"].to_list() == list(range(2017, 2036))
        assert rows.filter("is_forecast")["year"].to_list() == list(range(2026, 2036))
    assert set(table["municipality_code"]) == {"GM9001", "GM9002", "GM9003", ALL}
    assert (table["lo80"] <= table["mean"]).all()
    assert (table["mean"] <= table["hi80"]).all()


@pytest.mark.properties
@pytest.mark.parametrize("measure", ["relets", "suitable_relets", "new_lettings"])
def test_parts_add_up_to_municipality_and_region(measure: str) -> None:
    table = mart(stock(CELLS)).filter(measure=measure)
    cells = table.filter(pl.col("association") != ALL)
    region = table.filter(municipality_code=ALL).sort("year")
    places = table.filter((pl.col("association") == ALL) & (pl.col("municipality_code") != ALL))
    for parts in (cells, places):
        total = parts.group_by("year").agg(pl.col("mean").sum()).sort("year")
        assert np.allclose(total["mean"], region["mean"], atol=1e-4)


@pytest.mark.properties
def test_suitable_homes_never_exceed_homes_in_any_path() -> None:
    cells = read_cells(stock(CELLS))
    assert cells is not None
    drawn = draw_supply(cells, 10, seed="x", draws=300)
    assert drawn["relets"].shape == (4, 10, 300)
    assert (drawn["suitable_relets"] <= drawn["relets"]).all()
    share = drawn["suitable_relets"].sum() / drawn["relets"].sum()
    assert share == pytest.approx(0.55, abs=0.02)


@pytest.mark.unit
def test_a_small_part_is_drawn_to_the_regional_rate_and_a_large_one_is_not() -> None:
    frame = stock(CELLS)
    odd = frame.with_columns(
        relets=pl.when(pl.col("association") == "Duin").then(0)
        .when(pl.col("municipality_code") == "GM9002").then(pl.col("relets") * 2)
        .otherwise("relets")
    )  # fmt: skip
    first = mart(odd).filter(measure="relets", year=2026)
    duin = first.filter(association="Duin")["mean"][0]
    ymere = first.filter(municipality_code="GM9002", association="Ymere")["mean"][0]
    assert 0.0 < duin < 0.07 * 150
    assert ymere == pytest.approx(0.14 * 2000, rel=0.12)


@pytest.mark.reference
def test_intervals_cover_generated_years() -> None:
    """Thirty regions whose rate wanders by 5 % a year: about 80 % of outcomes lie inside."""
    inside = []
    for seed in range(30):
        dice = np.random.default_rng(seed)
        rates = 0.07 * np.exp(np.cumsum(dice.normal(0, 0.05, 14)))
        sizes = dice.integers(200, 9000, 6)
        multiples = dice.gamma(20, 1 / 20, 6)
        let = dice.poisson(rates * (sizes * multiples)[:, None])
        rows = [
            (
                "A",
                f"GM{cell:04d}",
                2017 + at,
                2016 + at,
                int(sizes[cell]),
                int(let[cell, at]),
                None,
                0,
            )
            for cell in range(6)
            for at in range(9)
        ]
        cells = read_cells(pl.DataFrame(rows, schema=SCHEMA, orient="row"))
        assert cells is not None
        drawn = draw_supply(cells, 5, seed=str(seed), draws=400)["relets"]
        low, high = np.quantile(drawn, (0.1, 0.9), axis=2)
        inside.append((low <= let[:, 9:]) & (let[:, 9:] <= high))
        total = drawn.sum(axis=0)
        low, high = np.quantile(total, (0.1, 0.9), axis=1)
        inside.append((low <= let[:, 9:].sum(axis=0)) & (let[:, 9:].sum(axis=0) <= high))
    share = np.concatenate([found.ravel() for found in inside]).mean()
    assert 0.68 <= share <= 0.93


@pytest.mark.unit
def test_without_a_delivery_there_are_no_rows() -> None:
    assert forecast_supply(pl.DataFrame(schema=SCHEMA), "proeftuin", as_of=AS_OF).is_empty()


@pytest.mark.unit
def test_two_years_are_observed_only() -> None:
    table = mart(stock(CELLS, years=2))
    assert not table["is_forecast"].any()


@pytest.mark.unit
def test_a_measure_that_was_never_delivered_has_no_rows() -> None:
    frame = stock(CELLS).with_columns(suitable_relets=pl.lit(None, pl.Int64))
    assert set(mart(frame)["measure"].cast(pl.String)) == {"relets", "new_lettings"}


@pytest.mark.unit
def test_an_association_that_left_is_observed_and_not_forecast() -> None:
    frame = stock(CELLS).filter(
        ~((pl.col("association") == "Elan") & (pl.col("stock_year") > 2024))
    )
    table = mart(frame).filter(association="Elan", measure="relets")
    assert table["year"].max() == 2023
    assert not table["is_forecast"].any()


@pytest.mark.unit
def test_the_same_delivery_gives_the_same_paths_in_any_order() -> None:
    frame = stock(CELLS)
    assert mart(frame).equals(mart(frame.sample(fraction=1.0, shuffle=True, seed=2)))
