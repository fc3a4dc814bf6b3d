"""Measure forecasts: speed beside statsmodels, and coverage on generated series with known futures.

Belongs here: what is measured. Does not belong here: a bound (the tests), accuracy on public series
(that is scored blind), making the shipped factors (`forecast_factors`).
"""

import time
import warnings

import numpy as np
import pandas as pd
import polars as pl

from models.forecast import forecast
from tests.bench.forecast_factors import inside_shares
from tests.bench.generated import PERIODS, Generated, as_frame, generate, generate_inflow
from tests.evidence import write_evidence

SEED = 20_260_202
"""Another seed than that of the shipped factors."""
SERIES, FITTED, POOLS, SINGLE, WORLDS = 1000, 20, 2000, 300, 400
AHEAD = {"Y": 6, "Q": 8, "M": 18}


def bench_forecast() -> None:
    """Series a second on one core, beside statsmodels fits of the same series in the same run."""
    results: dict[str, float] = {}
    for freq, name in (("Y", "yearly"), ("Q", "quarterly"), ("M", "monthly")):
        worlds = generate(freq, SERIES, SEED)
        frame = as_frame(worlds)
        forecast(as_frame(worlds[:10]), AHEAD[freq], freq)
        ours = SERIES / _cpu_seconds(lambda frame=frame, freq=freq: _run(frame, freq))
        theirs = {
            method: FITTED / _cpu_seconds(lambda fit=fit, worlds=worlds: fit(worlds[:FITTED]))
            for method, fit in _fits(PERIODS[freq], AHEAD[freq]).items()
        }
        results[f"{name}_series_per_cpu_second"] = round(ours)
        for method, speed in theirs.items():
            results[f"{name}_statsmodels_{method}_series_per_cpu_second"] = round(speed, 1)
            results[f"{name}_ratio_to_statsmodels_{method}"] = round(ours / speed, 1)
    write_evidence(
        "bench-forecast",
        seed=SEED,
        counts={"series": SERIES, "statsmodels_fits": FITTED},
        results=results,
    )


def bench_forecast_coverage() -> None:
    """Shares of known futures inside the intervals: pools, single series, inflow by year."""
    results: dict[str, float | list[float]] = {}
    for freq in PERIODS:
        for small in (False, True):
            name = f"{freq}{'_count' if small else ''}"
            pool = generate(freq, POOLS, SEED, small_counts=small)
            inside = _inside(pool, _run(as_frame(pool), freq), AHEAD[freq])
            results[f"{name}_pool_inside_80"], results[f"{name}_pool_inside_95"] = inside
            alone = generate(freq, SINGLE, SEED + 1, small_counts=small)
            parts = [_run(as_frame([world]), freq) for world in alone]
            inside = _inside(alone, pl.concat(parts), AHEAD[freq])
            results[f"{name}_single_inside_80"], results[f"{name}_single_inside_95"] = inside
    found = inside_shares(generate_inflow(WORLDS, SEED))
    results["inflow_years_inside_80"] = round(float(found.mean()), 3)
    results["inflow_inside_80_by_year_ahead"] = [round(float(x), 3) for x in found.mean(axis=0)]
    write_evidence(
        "bench-forecast-coverage",
        seed=SEED,
        counts={"series_in_a_pool": POOLS, "single_series": SINGLE, "inflow_worlds": WORLDS},
        results=results,
    )


def _run(frame: pl.DataFrame, freq: str) -> pl.DataFrame:
    return forecast(frame, AHEAD[freq], freq)


def _inside(worlds: list[Generated], found: pl.DataFrame, ahead: int) -> tuple[float, float]:
    columns = ("lo80", "hi80", "lo95", "hi95")
    ends = found.select(columns).to_numpy().reshape(len(worlds), ahead, 4)
    actual = np.stack([world.future[:ahead] for world in worlds])
    narrow = (ends[:, :, 0] <= actual) & (actual <= ends[:, :, 1])
    wide = (ends[:, :, 2] <= actual) & (actual <= ends[:, :, 3])
    return round(float(narrow.mean()), 3), round(float(wide.mean()), 3)


def _cpu_seconds(work: object) -> float:
    """Give the CPU seconds of the calling thread, so that idle helper threads do not count."""
    start = time.thread_time()
    work()  # type: ignore[operator]
    return time.thread_time() - start


def _fits(period: int, ahead: int) -> dict[str, object]:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    from statsmodels.tsa.forecasting.theta import ThetaModel

    def theta(worlds: list[Generated]) -> None:
        for world in worlds:
            ThetaModel(world.past, period=period, deseasonalize=period > 1).fit().forecast(ahead)

    def damped(worlds: list[Generated]) -> None:
        for world in worlds:
            seasonal = {"seasonal": "add", "seasonal_periods": period} if period > 1 else {}
            model = ETSModel(
                pd.Series(world.past), error="add", trend="add", damped_trend=True, **seasonal
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.fit(disp=False).forecast(ahead)

    return {"theta": theta, "damped_trend": damped}


if __name__ == "__main__":
    bench_forecast()
    bench_forecast_coverage()
