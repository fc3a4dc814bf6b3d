"""Forecast: the inflow of people per target group, with its spread.

Belongs here: the step. Does not belong here: methods and weights (`models.forecast`).
"""

import dagster as dg

from pipelines.catalog import REGIONS, StepResults, declared_checks, describe_marts, put_marts
from pipelines.resources import RegionWork

_REGISTRATIONS = "core_intake__monthly"
_MARTS = ("mart_forecast__inflow",)


@dg.multi_asset(
    name="forecast",
    partitions_def=REGIONS,
    specs=describe_marts("forecast", _MARTS, deps=[_REGISTRATIONS]),
    check_specs=declared_checks(_MARTS),
)
def forecast(region_work: RegionWork) -> StepResults:
    """Forecast registrations; the paths go on to the outflow model."""
    from models.forecast import forecast_inflow

    run = region_work.run
    registrations = run.read_core(_REGISTRATIONS)[_REGISTRATIONS]
    run.inflow = forecast_inflow(registrations, run.default, as_of=run.as_of)
    yield from put_marts(run.draft, {_MARTS[0]: run.inflow.table(run.region_id)})
