"""Forecast of inflow: what others may use.

`forecast_inflow` turns monthly registrations into intensity paths per target group.
"""

from models.forecast.inflow import EXTRA_MONTHS, InflowForecast, SeriesForecast, forecast_inflow

__all__ = ["EXTRA_MONTHS", "InflowForecast", "SeriesForecast", "forecast_inflow"]
