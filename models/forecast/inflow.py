"""Forecast of registrations per target group as intensity paths.

The outflow model takes intensities, not counts, and draws the count itself. Belongs here: blocks of
three months, the combination of methods, the spread of paths, the inflow mart. Does not belong
here: the methods (`members`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtri

from models.errors import RefusedError
from models.forecast.members import (
    F64,
    MINIMUM_POINTS,
    fit_local_level,
    run_method,
    to_even_spread,
    to_intensity,
)
from models.months import HORIZON_MONTHS, months_covered, parse_month, year_of
from models.registry import Resolved
from models.units import Unit

BLOCK_MONTHS = 3
"""Registrations are added up in blocks of three months, counted back from the as-of month."""
SMALL_COUNT = 60.0
"""Mean count of a block under which the local level alone is used."""
PRIOR_BLOCKS = 40.0
"""Weight, in blocks, of the believed yearly drift against the drift that a series shows itself."""
EXTRA_MONTHS = 24
"""Months that paths run on past the ten years, so that the last promises can be followed."""
_PATHS = 4096


@dataclass(frozen=True)
class SeriesForecast:
    """The forecast of one target group.

    Attributes:
        series_id: The target group.
        centre: Combined path of the level per block ahead (Anscombe scale), shape (blocks,).
        level_sd: Standard deviation of the level now.
        disagreement: Standard deviation between the combined methods, shape (blocks,).
        own_step_sd: Step of the level per block that the series shows itself.
        points: Blocks of history.
        yearly: Observed registrations per calendar year: (registrations, months covered).
        base_rate: Mean registrations a month over the last twelve months.
        models: Methods combined.
        weights: Their weights.
    """

    series_id: str
    centre: F64
    level_sd: float
    disagreement: F64
    own_step_sd: float
    points: int
    yearly: Mapping[int, tuple[int, int]]
    base_rate: float
    models: tuple[str, ...]
    weights: tuple[float, ...]

    def step_sd(self, drift: F64) -> F64:
        """Give the step of the level per block, own and believed drift weighed; shape of `drift`.

        Args:
            drift: Standard deviation of the yearly relative change of inflow.
        """
        rate = to_intensity(self.centre[:1])[0]
        believed = drift * np.sqrt(rate) * np.sqrt(BLOCK_MONTHS / 12.0)
        own = self.points / (self.points + PRIOR_BLOCKS)
        step: F64 = np.sqrt(own * self.own_step_sd**2 + (1.0 - own) * np.square(believed))
        return step

    def paths(self, level: F64, shocks: F64, drift: F64) -> F64:
        """Give intensity paths, registrations a month.

        Args:
            level: Standard normal of the level's error, shape (D,).
            shocks: Standard normals of the monthly steps, shape (months, D).
            drift: Yearly relative drift per draw, shape (D,).

        Returns:
            Shape (months, D).
        """
        months = shocks.shape[0]
        centre = np.repeat(self.centre, BLOCK_MONTHS)[:months]
        spread = np.sqrt(self.level_sd**2 + np.square(np.repeat(self.disagreement, BLOCK_MONTHS)))
        walk = np.cumsum(shocks, axis=0) * (self.step_sd(drift) / np.sqrt(BLOCK_MONTHS))
        x = centre[:, None] + spread[:months, None] * level + walk
        return to_intensity(x) / BLOCK_MONTHS


@dataclass(frozen=True)
class InflowForecast:
    """The forecasts of a region's target groups.

    Attributes:
        as_of: Last month that counts as known.
        series: By target group.
        drift: Central yearly relative drift, for the mart.
    """

    as_of: int
    series: Mapping[str, SeriesForecast]
    drift: float

    def table(self, region_id: str) -> pl.DataFrame:
        """Make `mart_forecast__inflow`: observed and forecast registrations per year."""
        rows = [
            row
            for group in sorted(self.series)
            for row in _rows(self.series[group], self.as_of, self.drift)
        ]
        return pl.DataFrame(rows).with_columns(region_id=pl.lit(region_id))


def forecast_inflow(
    core_intake__monthly: pl.DataFrame, resolved: Resolved, *, as_of: int
) -> InflowForecast:
    """Forecast the registrations of every target group.

    Args:
        core_intake__monthly: target_group, month, registrations; every month present.
        resolved: The parameters in force.
        as_of: Last month that counts as known.

    Raises:
        RefusedError: A target group has no complete year of registrations.
    """
    horizon = (HORIZON_MONTHS + EXTRA_MONTHS) // BLOCK_MONTHS
    series = {}
    for group in resolved.region.target_groups:
        rows = core_intake__monthly.filter(pl.col("target_group") == group).sort("month")
        counts = rows["registrations"].to_numpy().astype(np.float64)
        months = [parse_month(text) for text in rows["month"]]
        if len(months) < 12 or months[-1] != as_of:
            raise RefusedError(
                f"target group {group!r} has too short a history of registrations",
                where="intake",
                found=f"{len(months)} months",
                expected="at least 12 months up to the as-of month",
                todo="Deliver earlier registrations, or take the group out of region.toml.",
            )
        series[group] = _forecast_one(group, counts, months, horizon)
    return InflowForecast(as_of=as_of, series=series, drift=resolved.middle("inflow_drift_share"))


def _forecast_one(group: str, counts: F64, months: Sequence[int], horizon: int) -> SeriesForecast:
    blocks = counts.size // BLOCK_MONTHS
    sums = counts[counts.size - blocks * BLOCK_MONTHS :].reshape(blocks, BLOCK_MONTHS).sum(axis=1)
    x = to_even_spread(sums)
    small = sums.mean() < SMALL_COUNT or blocks < MINIMUM_POINTS
    asked = ("local_level",) if small else ("local_level", "theta", "damped_trend", "drift")
    runs = {name: run_method(name, x, horizon) for name in asked}
    found = {name: path for name, path in runs.items() if path is not None}
    local = fit_local_level(x)
    paths = np.stack(list(found.values())) if found else np.full((1, horizon), local.level)
    names = tuple(found) if found else ("local_level",)
    yearly: dict[int, tuple[int, int]] = {}
    for month, count in zip(months, counts, strict=True):
        total, covered = yearly.get(year_of(month), (0, 0))
        yearly[year_of(month)] = (total + int(count), covered + 1)
    return SeriesForecast(
        series_id=group,
        centre=paths.mean(axis=0),
        level_sd=local.level_sd,
        disagreement=paths.std(axis=0),
        own_step_sd=local.step_sd,
        points=blocks,
        yearly=yearly,
        base_rate=float(counts[-12:].mean()),
        models=names,
        weights=tuple(1.0 / len(names) for _ in names),
    )


def _rows(series: SeriesForecast, as_of: int, drift: float) -> list[dict[str, object]]:
    """Rows of the mart: observed years as they are, forecast years from 4,096 seeded paths."""
    seed = int.from_bytes(hashlib.sha256(series.series_id.encode()).digest()[:8], "big")
    generator = np.random.default_rng(seed)
    normals = ndtri(generator.random((HORIZON_MONTHS + 1, _PATHS)))
    paths = series.paths(normals[0], normals[1:], np.full(_PATHS, drift))
    counts = generator.poisson(paths)
    shared = {
        "series_id": series.series_id,
        "unit": Unit.PERSONS.value,
        "models": ", ".join(series.models),
        "weights": ", ".join(f"{weight:.3f}" for weight in series.weights),
    }
    rows: list[dict[str, object]] = [
        {"year": year, "is_forecast": False, "months_covered": covered, **shared}
        | {"mean": float(total), "lo80": float(total), "hi80": float(total)}
        for year, (total, covered) in sorted(series.yearly.items())
    ]
    start = 0
    for year, covered in months_covered(as_of + 1, HORIZON_MONTHS).items():
        total = counts[start : start + covered].sum(axis=0)
        low, high = np.quantile(total, (0.1, 0.9))
        start += covered
        rows.append(
            {"year": year, "is_forecast": True, "months_covered": covered, **shared}
            | {"mean": float(total.mean()), "lo80": float(low), "hi80": float(high)}
        )
    return rows
