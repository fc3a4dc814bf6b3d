"""Households: they grow as dwellings do, from the last published number, checked on the country."""

import numpy as np
import polars as pl
import pytest

from models.forecast.households import (
    dwelling_paths,
    forecast_households,
    held_back_errors,
    yearly_width,
)
from models.months import month_of
from models.tables import shape_table

AS_OF = month_of(2026, 10)


def facts(places: int = 150, *, growth: float = 0.01, noise: float = 0.004) -> pl.DataFrame:
    dice = np.random.default_rng(1)
    rows = []
    for place in range(places):
        homes = float(dice.integers(5_000, 80_000))
        code = f"GM{place + 1:04d}"
        stock = {year: homes * (1 + growth) ** (year - 2012) for year in (*range(2012, 2022), 2024)}
        rows += [(code, year, "dwellings_1jan", round(value)) for year, value in stock.items()]
        off = float(np.exp(dice.normal(0, noise)))
        rows.append((code, 2021, "households", round(0.95 * stock[2021])))
        now = 0.95 * homes * (1 + growth) ** 13 * off
        rows.append((code, 2025, "households", round(now)))
    schema = {"municipality_code": pl.String, "year": pl.Int32, "measure": pl.String}
    return pl.DataFrame(rows, schema=schema | {"value": pl.Float64}, orient="row")


def mart(table: pl.DataFrame, as_of: int = AS_OF) -> pl.DataFrame:
    made = forecast_households(table, ["GM0001", "GM0002"], "proeftuin", as_of=as_of)
    return shape_table("mart_forecast__households", made)


@pytest.mark.unit
def test_published_years_stand_and_ten_years_follow() -> None:
    table = mart(facts())
    one = table.filter(municipality_code="GM0001")
    assert one["year"].to_list() == [2021, *range(2025, 2036)]
    assert one["is_forecast"].to_list() == [False, False] + [True] * 10
    width = ((one["hi80"] - one["lo80"]) / one["mean"]).to_list()[1:]
    assert width[0] == 0.0
    assert np.all(np.diff(width) > 0.0)


@pytest.mark.reference
def test_a_known_growth_goes_on_more_and_more_slowly() -> None:
    one = mart(facts(growth=0.012)).filter(municipality_code="GM0002")
    yearly = (one["mean"][-1] / one["mean"][1]) ** (1 / 10) - 1
    assert 0.006 < yearly < 0.012


@pytest.mark.unit
def test_the_width_is_that_of_the_errors_over_the_country() -> None:
    table = facts(noise=0.02)
    errors = held_back_errors(table)
    assert errors["years"].to_list() == [4] * 150
    inside = ((errors["forecast"] / errors["actual"] - 1).abs() / 4 <= yearly_width(table)).mean()
    assert inside == pytest.approx(0.8, abs=0.01)
    assert yearly_width(facts(noise=0.04)) > 1.5 * yearly_width(table)


@pytest.mark.unit
def test_later_figures_are_not_looked_at() -> None:
    then = mart(facts(), month_of(2021, 12))
    assert then.filter(~pl.col("is_forecast"))["year"].unique().to_list() == [2021]
    known = facts().filter(pl.col("year") <= 2021)
    assert then.equals(mart(known, month_of(2021, 12)))
    assert then["year"].max() == 2031


@pytest.mark.unit
def test_a_municipality_without_a_number_has_no_rows_and_one_without_dwellings_stays() -> None:
    table = facts().filter(
        ~((pl.col("municipality_code") == "GM0001") & (pl.col("measure") == "households"))
        & ~((pl.col("municipality_code") == "GM0002") & (pl.col("measure") == "dwellings_1jan"))
    )
    made = mart(table)
    assert made["municipality_code"].unique().to_list() == ["GM0002"]
    assert made.filter(pl.col("year") >= 2025)["mean"].n_unique() == 1


@pytest.mark.unit
def test_years_between_published_stocks_lie_on_a_line() -> None:
    path = dwelling_paths(facts(3), 2030)["GM0001"]
    assert path[2022] == pytest.approx((2 * path[2021] + path[2024]) / 3, rel=1e-9)
    assert set(path) == set(range(2012, 2031))
