"""Forecast of inflow: what others may use.

`forecast_inflow` turns monthly registrations into intensity paths per target group.
"""

from models.forecast.inflow import InflowForecast, SeriesForecast, forecast_inflow

__all__ = ["InflowForecast", "SeriesForecast", "forecast_inflow"]
