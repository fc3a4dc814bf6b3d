"""Forecast of registrations per target group as intensity paths.

The outflow model takes intensities, not counts, and draws the count itself. Belongs here: blocks of
three months, the combination of methods, the spread of paths, the inflow mart. Does not belong
here: the level and its drift (`levels`), the other methods (`members`), declared breaks (`breaks`),
the scorecard (`scorecard`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtri

from models.errors import RefusedError, UitstroomError
from models.forecast.breaks import History, apply_breaks
from models.forecast.calibration import inflow_widening
from models.forecast.counts import SMALL_COUNT, to_even_spread, to_intensity
from models.forecast.levels import BLOCK_MONTHS, Belief, find_level, moved, step_of
from models.forecast.members import METHODS, MINIMUM_POINTS, run_method
from models.forecast.smoothing import F64
from models.months import HORIZON_MONTHS, months_covered, parse_month, year_of
from models.registry import Resolved
from models.units import Unit

EXTRA_MONTHS = 24
"""Months that paths run on past the ten years, so that the last promises can be followed."""
LEAST_MONTHS = 12
"""Months of registrations that a group must have."""
_PATHS = 4096


@dataclass(frozen=True)
class SeriesForecast:
    """The forecast of one target group.

    Attributes:
        series_id: The target group.
        centre: Combined path of the level per block ahead (Anscombe scale), shape (blocks,).
        level_sd: Standard deviation of the level now.
        disagreement: Standard deviation between the combined methods, shape (blocks,).
        believed: What was believed of the yearly drift before this series was seen.
        after: What is believed of it since.
        points: Blocks of history.
        yearly: Observed registrations per calendar year: (registrations, months covered).
        base_rate: Mean registrations a month over the last twelve months.
        models: Methods combined.
        weights: Their weights.
        widening: Factor on the spread of paths where methods are combined, from generated groups
            with known futures.
        bounded_by_places: Whether there are no registrations, so that admissions and the change of
            the intake list stand in for them: those are bounded by the places that there were.
        breaks: What was done at declared structural breaks, in words.
    """

    series_id: str
    centre: F64
    level_sd: float
    disagreement: F64
    believed: Belief
    after: Belief
    points: int
    yearly: Mapping[int, tuple[int, int]]
    base_rate: float
    models: tuple[str, ...]
    weights: tuple[float, ...]
    widening: float = 1.0
    bounded_by_places: bool = False
    breaks: tuple[str, ...] = ()

    def step_sd(self, drift: F64) -> F64:
        """Give the step of the level per block; shape of `drift`.

        Args:
            drift: Standard deviations of the yearly relative change of inflow, drawn from what was
                believed before: each takes its place in what is believed since.
        """
        rate = to_intensity(self.centre[:1])[0]
        return step_of(moved(drift, self.believed, self.after), rate)

    def paths(self, level: F64, shocks: F64, drift: F64) -> F64:
        """Give intensity paths, registrations a month.

        Args:
            level: Standard normal of the level's error, shape (D,).
            shocks: Standard normals of the monthly steps, shape (months, D).
            drift: Yearly relative drift per draw, as believed before, shape (D,).

        Returns:
            Shape (months, D).
        """
        months = shocks.shape[0]
        centre = np.repeat(self.centre, BLOCK_MONTHS)[:months]
        spread = np.sqrt(self.level_sd**2 + np.square(np.repeat(self.disagreement, BLOCK_MONTHS)))
        walk = np.cumsum(shocks, axis=0) * (self.step_sd(drift) / np.sqrt(BLOCK_MONTHS))
        x = centre[:, None] + self.widening * (spread[:months, None] * level + walk)
        return to_intensity(x) / BLOCK_MONTHS


@dataclass(frozen=True)
class InflowForecast:
    """The forecasts of a region's target groups.

    Attributes:
        as_of: Last month that counts as known.
        series: By target group.
        drift: Central yearly relative drift as believed, whatever the series.
        history: The monthly histories that the forecasts rest on, by target group.
    """

    as_of: int
    series: Mapping[str, SeriesForecast]
    drift: float
    history: Mapping[str, F64] | None = None

    def table(self, region_id: str) -> pl.DataFrame:
        """Make `mart_forecast__inflow`: observed and forecast registrations per year."""
        rows = [
            row for group in sorted(self.series) for row in _rows(self.series[group], self.as_of)
        ]
        return pl.DataFrame(rows).with_columns(region_id=pl.lit(region_id))


def forecast_inflow(
    core_intake__monthly: pl.DataFrame,
    resolved: Resolved,
    *,
    as_of: int,
    admissions: pl.DataFrame | None = None,
) -> InflowForecast:
    """Forecast the registrations of every target group.

    Args:
        core_intake__monthly: target_group, month, registrations; every month present.
        resolved: The parameters in force, with declared structural breaks.
        as_of: Last month that counts as known.
        admissions: `core_stay__admitted_monthly` (target_group, month, admissions, waiting): what
            stands in for a group without registrations whose stays are delivered.

    Raises:
        RefusedError: A target group has no complete year of registrations or admissions.
    """
    horizon = (HORIZON_MONTHS + EXTRA_MONTHS) // BLOCK_MONTHS
    series, histories = {}, {}
    for group in resolved.region.target_groups:
        counts, months = _monthly(core_intake__monthly, group)
        bounded = False
        if counts.sum() == 0.0 and admissions is not None:
            stand_in, their_months = _from_admissions(admissions, group)
            if stand_in.sum() > 0.0:
                counts, months, bounded = stand_in, their_months, True
        if len(months) < LEAST_MONTHS or months[-1] != as_of:
            raise RefusedError(
                f"target group {group!r} has too short a history of registrations",
                where="intake",
                found=f"{len(months)} months",
                expected="at least 12 months up to the as-of month",
                todo="Deliver earlier registrations, or take the group out of region.toml.",
            )
        history = apply_breaks(counts, months, resolved.structural_breaks, group)
        histories[group] = history.counts
        yearly = _by_year(counts, months)
        believed = _believed_drift(resolved, group)
        series[group] = forecast_history(
            group, history, yearly, horizon, believed, is_bounded=bounded
        )
    return InflowForecast(
        as_of=as_of,
        series=series,
        drift=resolved.middle("inflow_drift_share"),
        history=histories,
    )


def block_sums(counts: F64) -> F64:
    """Add months up in blocks, counted back from the last month; a first part of one is dropped."""
    blocks = counts.size // BLOCK_MONTHS
    whole = counts[counts.size - blocks * BLOCK_MONTHS :]
    sums: F64 = whole.reshape(blocks, BLOCK_MONTHS).sum(axis=1)
    return sums


def _believed_drift(resolved: Resolved, group: str) -> Belief:
    record = resolved.parameter("inflow_drift_share", group)
    if record is None:
        raise UitstroomError(f"parameter 'inflow_drift_share' has no value for {group!r}")
    return Belief.of(record)


def _monthly(table: pl.DataFrame, group: str) -> tuple[F64, list[int]]:
    rows = table.filter(pl.col("target_group") == group).sort("month")
    counts = rows["registrations"].to_numpy().astype(np.float64)
    return counts, [parse_month(text) for text in rows["month"]]


def _from_admissions(table: pl.DataFrame, group: str) -> tuple[F64, list[int]]:
    """Add the change of the intake list to admissions; who left the list unplaced is not seen."""
    rows = table.filter(pl.col("target_group") == group).sort("month")
    waiting = rows["waiting"].fill_null(0).to_numpy().astype(np.float64)
    change = np.diff(waiting, prepend=waiting[:1])
    came = rows["admissions"].to_numpy().astype(np.float64) + change
    return np.maximum(came, 0.0), [parse_month(text) for text in rows["month"]]


def _by_year(counts: F64, months: Sequence[int]) -> dict[int, tuple[int, int]]:
    yearly: dict[int, tuple[int, int]] = {}
    for month, count in zip(months, counts, strict=True):
        total, covered = yearly.get(year_of(month), (0, 0))
        yearly[year_of(month)] = (total + int(count), covered + 1)
    return yearly


def forecast_history(
    group: str,
    history: History,
    yearly: Mapping[int, tuple[int, int]],
    horizon: int,
    believed: Belief,
    *,
    is_bounded: bool = False,
) -> SeriesForecast:
    """Forecast one group from its history.

    Args:
        group: The target group.
        history: Registrations a month after declared breaks.
        yearly: Observed registrations by calendar year, for the mart.
        horizon: Blocks ahead.
        believed: What is believed of the yearly drift.
        is_bounded: Whether admissions stand in for registrations.
    """
    sums = block_sums(history.counts)
    x = to_even_spread(sums)
    small = sums.mean() < SMALL_COUNT or sums.size < MINIMUM_POINTS
    local = find_level(x, believed)
    runs = {name: run_method(name, x, horizon) for name in (() if small else METHODS)}
    found = {"local_level": np.full(horizon, local.level)}
    found |= {name: path for name, path in runs.items() if path is not None}
    paths = np.stack(list(found.values()))
    return SeriesForecast(
        series_id=group,
        centre=paths.mean(axis=0),
        level_sd=local.level_sd,
        disagreement=paths.std(axis=0),
        believed=believed,
        after=local.after,
        points=sums.size,
        yearly=yearly,
        base_rate=float(history.counts[-12:].mean()),
        models=tuple(found),
        weights=tuple(1.0 / len(found) for _ in found),
        widening=inflow_widening() if len(found) > 1 else 1.0,
        bounded_by_places=is_bounded,
        breaks=history.notes,
    )


def _rows(series: SeriesForecast, as_of: int) -> list[dict[str, object]]:
    """Rows of the mart: observed years as they are, forecast years from 4,096 seeded paths."""
    shared = {
        "series_id": series.series_id,
        "unit": Unit.PERSONS.value,
        "models": ", ".join(series.models),
        "weights": ", ".join(f"{weight:.3f}" for weight in series.weights),
        "bounded_by_places": series.bounded_by_places,
        "structural_breaks": "; ".join(series.breaks),
    }
    rows: list[dict[str, object]] = [
        {"year": year, "is_forecast": False, "months_covered": covered, **shared}
        | {"mean": float(total), "lo80": float(total), "hi80": float(total)}
        for year, (total, covered) in sorted(series.yearly.items())
    ]
    counts = draw_counts(series, HORIZON_MONTHS)
    start = 0
    for year, covered in months_covered(as_of + 1, HORIZON_MONTHS).items():
        total = counts[start : start + covered].sum(axis=0)
        low, high = np.quantile(total, (0.1, 0.9))
        start += covered
        mean = float(total.mean())
        rows.append(
            {"year": year, "is_forecast": True, "months_covered": covered, **shared}
            | {"mean": mean, "lo80": min(float(low), mean), "hi80": max(float(high), mean)}
        )
    return rows


def draw_counts(series: SeriesForecast, months: int, draws: int = _PATHS) -> F64:
    """Draw monthly counts along seeded paths, for the mart and the scorecard.

    Args:
        series: The forecast.
        months: Months ahead.
        draws: Number of paths.

    Returns:
        Shape (months, draws).
    """
    seed = int.from_bytes(hashlib.sha256(series.series_id.encode()).digest()[:8], "big")
    generator = np.random.default_rng(seed)
    normals = ndtri(generator.random((months + 1, draws)))
    drift = series.believed.quantiles(generator.random(draws))
    paths = series.paths(normals[0], normals[1:], drift)
    return generator.poisson(paths).astype(np.float64)
