"""Households per municipality, ten years ahead.

Belongs here: the forecast and its hold-back, the households mart. Does not belong here: reading
public figures, the key over municipalities (`models.quota`).

Households are published for few years, dwellings for many. The dwelling stock of all municipalities
of the country is forecast as one pool, and households grow from their last published number as the
dwellings do. How far that is off is taken from the country too: the years between the two published
numbers of households were forecast in the same way from the first.
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import polars as pl

from models.forecast.pool import forecast
from models.months import HORIZON_MONTHS, year_of
from models.units import Unit

F64 = npt.NDArray[np.float64]

HOUSEHOLDS = "households"
DWELLINGS = "dwellings_1jan"
LEAST_CHECKED = 100
"""Municipalities that a hold-back must have to set the width of intervals."""
_LEVEL = 0.80
_YEARLY_WIDTH = 0.01
"""Half-width of the 80 % interval a year ahead where there is nothing to check against; a
judgement, near the 0.009 that the check over 2021 to 2025 gives."""


def forecast_households(
    facts: pl.DataFrame, codes: Collection[str], region_id: str, *, as_of: int
) -> pl.DataFrame:
    """Make `mart_forecast__households`: published and forecast households on 1 January.

    A municipality without a published number has no rows.

    Args:
        facts: Public figures of all municipalities: municipality_code, year, measure, value.
        codes: The region's municipalities.
        region_id: The region.
        as_of: Last month that counts as known; later figures are not looked at.

    Returns:
        The mart's columns, to the last full year of the ten; no rows without any figure.
    """
    known = facts.filter(pl.col("year") <= year_of(as_of))
    households = known.filter(
        (pl.col("measure") == HOUSEHOLDS) & pl.col("municipality_code").is_in(sorted(codes))
    ).sort("municipality_code", "year")
    if households.is_empty():
        return pl.DataFrame()
    last_year = year_of(as_of + HORIZON_MONTHS + 1) - 1
    width = yearly_width(known)
    growth = dwelling_paths(known, last_year)
    rows: list[dict[str, object]] = []
    for code, year, value in households.select("municipality_code", "year", "value").iter_rows():
        rows.append(_row(code, year, False, value, value, value))
    for (code,), part in households.group_by("municipality_code", maintain_order=True):
        base, value = int(part["year"][-1]), float(part["value"][-1])
        path = growth.get(str(code), {})
        for year in range(base + 1, last_year + 1):
            mean = value * _grown(path, base, year)
            half = min(width * (year - base), 0.9) * mean
            rows.append(_row(str(code), year, True, mean, mean - half, mean + half))
    return pl.DataFrame(rows).with_columns(
        region_id=pl.lit(region_id), unit=pl.lit(Unit.HOUSEHOLDS.value)
    )


def dwelling_paths(facts: pl.DataFrame, last_year: int) -> dict[str, dict[int, float]]:
    """Give the dwelling stock by municipality and year, published, then forecast.

    Args:
        facts: Public figures that count as known.
        last_year: Last year to forecast.
    """
    stock = facts.filter((pl.col("measure") == DWELLINGS) & (pl.col("value") > 0))
    paths: dict[str, dict[int, float]] = {}
    ends: dict[str, int] = {}
    for code, year, value in stock.select("municipality_code", "year", "value").iter_rows():
        paths.setdefault(code, {})[year] = value
        ends[code] = max(year, ends.get(code, year))
    if not paths or (horizon := last_year - min(ends.values())) < 1:
        return paths
    series = stock.select(series_id="municipality_code", t="year", value="value")
    ahead = forecast(series, horizon, "Y")
    for code, step, mean in ahead.select("series_id", "horizon", "mean").iter_rows():
        paths[code][ends[code] + step] = mean
    for path in paths.values():  # the years between two published ones
        years = sorted(path)
        for year in range(years[0], years[-1] + 1):
            path.setdefault(year, float(np.interp(year, years, [path[item] for item in years])))
    return paths


def yearly_width(facts: pl.DataFrame) -> float:
    """Give the half-width of the 80 % interval a year ahead, as a share of the forecast.

    Every municipality with two published numbers of households is forecast from the first, with
    what was known then; errors are taken to grow with the years.

    Args:
        facts: Public figures that count as known.
    """
    errors = held_back_errors(facts)
    if errors.height < LEAST_CHECKED:
        return _YEARLY_WIDTH
    yearly = (errors["forecast"] / errors["actual"] - 1.0).abs() / errors["years"]
    return float(np.quantile(yearly.to_numpy(), _LEVEL))


def held_back_errors(facts: pl.DataFrame) -> pl.DataFrame:
    """Forecast the last published number of households from the one before, by what was known.

    Returns:
        municipality_code, first (the number before), years (between the two), forecast, actual.
    """
    households = facts.filter(pl.col("measure") == HOUSEHOLDS).sort("municipality_code", "year")
    pairs = (
        households.group_by("municipality_code", maintain_order=True)
        .agg(pl.col("year").tail(2), pl.col("value").tail(2))
        .filter(pl.col("year").list.len() == 2)
    )
    shape = {"first": pl.Float64, "years": pl.Int64, "forecast": pl.Float64, "actual": pl.Float64}
    rows: list[dict[str, object]] = []
    cache: dict[int, dict[str, dict[int, float]]] = {}
    for code, years, values in pairs.iter_rows():
        base, year = int(years[0]), int(years[1])
        if base not in cache:
            until = max(int(pair[1]) for pair in pairs["year"])
            cache[base] = dwelling_paths(facts.filter(pl.col("year") <= base), until)
        grown = _grown(cache[base].get(code, {}), base, year)
        rows.append(
            {
                "municipality_code": code,
                "first": float(values[0]),
                "years": year - base,
                "forecast": float(values[0]) * grown,
                "actual": float(values[1]),
            }
        )
    return pl.DataFrame(rows, schema={"municipality_code": pl.String, **shape})


def _grown(path: dict[int, float], base: int, year: int) -> float:
    """Give the growth of the dwelling stock between two years; 1 where it is not known."""
    if path.get(base, 0.0) <= 0.0 or year not in path:
        return 1.0
    return path[year] / path[base]


def _row(
    code: str, year: int, is_forecast: bool, mean: float, low: float, high: float
) -> dict[str, object]:
    return {
        "municipality_code": code,
        "year": year,
        "is_forecast": is_forecast,
        "mean": mean,
        "lo80": low,
        "hi80": high,
    }
