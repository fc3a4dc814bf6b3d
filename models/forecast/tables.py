"""The tables of a region's forecasts, all of them.

Belongs here: which table is made of what, and tables without rows. Does not belong here: a
forecast.
"""

from collections.abc import Collection

import polars as pl

from models.forecast.households import forecast_households
from models.forecast.inflow import InflowForecast
from models.forecast.scorecard import score_households, score_inflow, score_supply
from models.forecast.supply import forecast_supply
from models.tables import MARTS, column_order


def forecast_tables(
    inflow: InflowForecast,
    core_stock__yearly: pl.DataFrame,
    facts: pl.DataFrame,
    codes: Collection[str],
    region_id: str,
) -> dict[str, pl.DataFrame]:
    """Make the marts of the forecast step.

    Args:
        inflow: The forecast of registrations; its as-of month holds for all.
        core_stock__yearly: Associations' stock; without rows the region has no supply.
        facts: Public figures of all municipalities: municipality_code, year, measure, value.
        codes: The region's municipalities.
        region_id: The region.

    Returns:
        Frames by mart; one without rows where there is nothing to forecast.
    """
    as_of = inflow.as_of
    scores = [
        score_inflow(inflow, region_id),
        score_supply(core_stock__yearly, region_id),
        score_households(facts, codes, region_id, as_of=as_of),
    ]
    tables = {
        "mart_forecast__inflow": inflow.table(region_id),
        "mart_forecast__scorecard": pl.concat(scores),
        "mart_forecast__households": forecast_households(facts, codes, region_id, as_of=as_of),
        "mart_supply__yearly_municipality": forecast_supply(
            core_stock__yearly, region_id, as_of=as_of
        ),
    }
    return {name: frame if frame.height else _empty(name) for name, frame in tables.items()}


def _empty(name: str) -> pl.DataFrame:
    return MARTS[name].create_empty().select(column_order(MARTS[name]))
