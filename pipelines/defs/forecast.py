"""Forecast: inflow of people, homes that come free, households, and how earlier forecasts did.

Belongs here: the step. Does not belong here: methods and weights (`models.forecast`).
"""

import dagster as dg

from pipelines.catalog import (
    FIGURES,
    REGIONS,
    StepResults,
    declared_checks,
    describe_marts,
    put_marts,
)
from pipelines.compositions import region_facts
from pipelines.resources import RegionWork

_REGISTRATIONS = "core_intake__monthly"
_ADMISSIONS = "core_stay__admitted_monthly"
_STOCK = "core_stock__yearly"
_MARTS = (
    "mart_forecast__inflow",
    "mart_forecast__scorecard",
    "mart_forecast__households",
    "mart_supply__yearly_municipality",
)


@dg.multi_asset(
    name="forecast",
    partitions_def=REGIONS,
    specs=describe_marts("forecast", _MARTS, deps=[_REGISTRATIONS, _ADMISSIONS, _STOCK, *FIGURES]),
    check_specs=declared_checks(_MARTS),
)
def forecast(region_work: RegionWork) -> StepResults:
    """Forecast registrations, whose paths go on to the outflow model, homes and households."""
    from models.forecast import forecast_inflow
    from models.forecast.tables import forecast_tables

    run = region_work.run
    core = run.read_core(_REGISTRATIONS, _ADMISSIONS, _STOCK)
    run.inflow = forecast_inflow(
        core[_REGISTRATIONS], run.default, as_of=run.as_of, admissions=core[_ADMISSIONS]
    )
    facts, codes = region_facts(run.root, run.region, as_of=run.as_of)
    tables = forecast_tables(run.inflow, core[_STOCK], facts, codes, run.region_id)
    yield from put_marts(run.draft, tables)
