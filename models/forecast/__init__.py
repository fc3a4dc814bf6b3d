"""Forecasts: what others may use.

`forecast` forecasts any collection of series, `forecast_inflow` turns monthly registrations into
intensity paths per target group.
"""

from models.forecast.collection import too_short
from models.forecast.inflow import EXTRA_MONTHS, InflowForecast, SeriesForecast, forecast_inflow
from models.forecast.pool import forecast

__all__ = [
    "EXTRA_MONTHS",
    "InflowForecast",
    "SeriesForecast",
    "forecast",
    "forecast_inflow",
    "too_short",
]
