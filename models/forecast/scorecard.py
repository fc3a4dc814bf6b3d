"""The scorecard: what our forecasts would have said in earlier years, beside what came.

Belongs here: rolling origins, the measures, the scorecard mart. Does not belong here: the forecasts
themselves (`inflow`, `supply`, `households`), hindcasts of the whole model (`models.outflow`).

Each origin cuts the history at the end of an earlier year and forecasts with what was known then,
in the same way as today's. `naive`, the yardstick, says that every year will be like the last.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.forecast.breaks import History
from models.forecast.households import held_back_errors, yearly_width
from models.forecast.inflow import InflowForecast, draw_counts, forecast_history
from models.forecast.levels import Belief
from models.forecast.supply import ALL, Cells, draw_supply, read_cells
from models.months import MONTHS_PER_YEAR, year_of
from models.units import Unit

F64 = npt.NDArray[np.float64]

LONGEST_YEARS = 5
"""Furthest year ahead that is scored: beyond it too few origins are left."""
LEAST_INFLOW_YEARS = 2
"""Years of registrations that an origin must have before it."""
LEAST_SUPPLY_YEARS = 4
"""Years of lettings that an origin must have before it."""
_DRAWS = 1024


@dataclass(frozen=True)
class Outcome:
    """One forecast that came to its test.

    Attributes:
        horizon: Years ahead.
        mean: What was forecast.
        low: Lower end of the 80 % interval.
        high: Upper end.
        naive: The last year known at the origin.
        scale: Mean absolute change from year to year over the whole history; not a number where
            that is not known.
        actual: What came.
    """

    horizon: int
    mean: float
    low: float
    high: float
    naive: float
    scale: float
    actual: float


def score_inflow(inflow: InflowForecast, region_id: str) -> pl.DataFrame:
    """Score the forecasts of registrations, group by group.

    Args:
        inflow: Today's forecast, with the histories it rests on.
        region_id: The region.

    Returns:
        Rows of `mart_forecast__scorecard`.
    """
    rows: list[dict[str, object]] = []
    for group, counts in sorted((inflow.history or {}).items()):
        outcomes = list(_inflow_outcomes(group, counts, inflow.series[group].believed))
        rows += _scores("inflow", group, Unit.PERSONS, outcomes)
    return _frame(rows, region_id)


def score_supply(core_stock__yearly: pl.DataFrame, region_id: str) -> pl.DataFrame:
    """Score the forecasts of lettings, of every municipality and the region.

    Args:
        core_stock__yearly: The delivered stock.
        region_id: The region.

    Returns:
        Rows of `mart_forecast__scorecard`.
    """
    cells = read_cells(core_stock__yearly)
    if cells is None:
        return _frame([], region_id)
    outcomes: dict[tuple[str, str], list[Outcome]] = {}
    for known in range(LEAST_SUPPLY_YEARS, len(cells.years)):
        ahead = min(LONGEST_YEARS, len(cells.years) - known)
        past = cells.until(known)
        drawn = draw_supply(past, ahead, seed=f"{region_id} {past.years[-1]}", draws=_DRAWS)
        goes_on = np.flatnonzero(np.isfinite(past.stock[:, -1]))
        for measure, paths in drawn.items():
            for code, members in _places(cells, goes_on):
                inner = np.searchsorted(goes_on, members)
                total, flow = paths[inner].sum(axis=0), cells.flows[measure][members]
                outcomes.setdefault((measure, code), []).extend(
                    _yearly_outcomes(total, flow.sum(axis=0), known)
                )
    rows: list[dict[str, object]] = []
    for (measure, code), found in sorted(outcomes.items()):
        rows += _scores(measure, code, Unit.DWELLINGS, found)
    return _frame(rows, region_id)


def score_households(
    facts: pl.DataFrame, codes: Collection[str], region_id: str, *, as_of: int
) -> pl.DataFrame:
    """Score the forecasts of households: the last published number from the one before.

    The interval's width is that of the whole country over the same years, so that its coverage over
    all municipalities is 80 % by construction.

    Args:
        facts: Public figures of all municipalities.
        codes: The region's municipalities.
        region_id: The region.
        as_of: Last month that counts as known.

    Returns:
        Rows of `mart_forecast__scorecard`.
    """
    known = facts.filter(pl.col("year") <= year_of(as_of))
    errors, width = held_back_errors(known), yearly_width(known)
    rows: list[dict[str, object]] = []
    for code, first, years, mean, actual in errors.iter_rows():
        if code not in codes or years > 10:
            continue
        half = width * years * mean
        outcome = Outcome(years, mean, mean - half, mean + half, first, float("nan"), actual)
        rows += _scores("households", code, Unit.HOUSEHOLDS, [outcome])
    return _frame(rows, region_id)


# --- rolling origins -----------------------------------------------------------------------------


def _inflow_outcomes(group: str, counts: F64, believed: Belief) -> Iterator[Outcome]:
    """Cut the history a whole number of years before its end, as often as there is enough left."""
    years = counts.size // MONTHS_PER_YEAR
    recent = counts[counts.size - years * MONTHS_PER_YEAR :]
    yearly = recent.reshape(years, MONTHS_PER_YEAR).sum(axis=1)
    for known in range(LEAST_INFLOW_YEARS, years):
        ahead = min(LONGEST_YEARS, years - known)
        past = counts[: counts.size - (years - known) * MONTHS_PER_YEAR]
        series = forecast_history(
            f"{group} {known}",
            History(counts=past, months=[], notes=()),
            {},
            ahead * 4,
            believed,
        )
        drawn = draw_counts(series, ahead * MONTHS_PER_YEAR, _DRAWS)
        totals = drawn.reshape(ahead, MONTHS_PER_YEAR, _DRAWS).sum(axis=1)
        yield from _yearly_outcomes(totals, yearly, known)


def _yearly_outcomes(totals: F64, yearly: F64, known: int) -> Iterator[Outcome]:
    """Hold drawn totals against what came.

    Args:
        totals: Shape (years ahead, draws).
        yearly: The whole history by year.
        known: Years of it that were known.
    """
    changes = np.abs(np.diff(yearly))
    scale = float(np.nanmean(changes)) if np.isfinite(changes).any() else float("nan")
    low, high = np.quantile(totals, (0.1, 0.9), axis=1)
    for at, mean in enumerate(totals.mean(axis=1)):
        actual = float(yearly[known + at])
        naive = float(yearly[known - 1])
        if np.isfinite(actual) and np.isfinite(naive):
            ends = min(float(low[at]), float(mean)), max(float(high[at]), float(mean))
            yield Outcome(at + 1, float(mean), *ends, naive, scale, actual)


def _places(cells: Cells, goes_on: npt.NDArray[np.int64]) -> Iterator[tuple[str, list[int]]]:
    members: dict[str, list[int]] = {}
    for at in goes_on.tolist():
        members.setdefault(cells.names[at][0], []).append(at)
    yield from sorted(members.items())
    yield ALL, goes_on.tolist()


# --- measures ------------------------------------------------------------------------------------


def _scores(
    kind: str, series_id: str, unit: Unit, outcomes: Iterable[Outcome]
) -> Iterator[dict[str, object]]:
    by_horizon: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        by_horizon.setdefault(outcome.horizon, []).append(outcome)
    for horizon, found in sorted(by_horizon.items()):
        yield {
            "series_kind": kind,
            "series_id": series_id,
            "horizon_years": horizon,
            "unit": unit.value,
            **measures_of(found),
        }


def measures_of(outcomes: list[Outcome]) -> Mapping[str, object]:
    """Give the measures of forecasts of one series and horizon.

    MASE divides errors by the mean change from year to year (Hyndman and Koehler 2006,
    International Journal of Forecasting 22), here of the whole history: one or two changes before
    an early origin would make a scale of chance.

    Args:
        outcomes: At least one.
    """
    errors = np.array([item.mean - item.actual for item in outcomes])
    naive = np.array([item.naive - item.actual for item in outcomes])
    scales = np.array([item.scale for item in outcomes])
    scaled = np.abs(errors[scales > 0.0]) / scales[scales > 0.0]
    inside = [item.low <= item.actual <= item.high for item in outcomes]
    ours, theirs = float(np.abs(errors).mean()), float(np.abs(naive).mean())
    return {
        "origins": len(outcomes),
        "mase": float(scaled.mean()) if scaled.size else None,
        "skill": 1.0 - ours / theirs if theirs > 0.0 else None,
        "coverage80": float(np.mean(inside)),
        "bias": float(errors.mean()),
        "beats_naive": ours < theirs,
    }


def _frame(rows: list[dict[str, object]], region_id: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").with_columns(
        region_id=pl.lit(region_id)
    )


_SCHEMA = {
    "series_kind": pl.String,
    "series_id": pl.String,
    "horizon_years": pl.Int32,
    "unit": pl.String,
    "origins": pl.Int32,
    "mase": pl.Float64,
    "skill": pl.Float64,
    "coverage80": pl.Float64,
    "bias": pl.Float64,
    "beats_naive": pl.Boolean,
}
