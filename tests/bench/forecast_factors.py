"""Make the shipped factors of intervals: `python -m tests.bench.forecast_factors`.

Belongs here: factors from generated series, written to models/forecast/factors.toml. Does not
belong here: any public series.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from models.forecast import SeriesForecast, forecast_inflow, pool
from models.forecast.calibration import LEVELS
from models.forecast.inflow import draw_counts
from models.months import format_month, month_of
from tests.bench.generated import (
    HORIZONS,
    PERIODS,
    InflowWorld,
    generate,
    generate_inflow,
)
from tests.models.invented import make_resolved

SEED, SERIES, GROUPS = 20_260_101, 4000, 600
AIM = 0.80
"""Coverage that the widening of inflow aims at: what its intervals say of themselves."""
GROUP, AS_OF = "shelter", month_of(2025, 12)
INFLOW_HEAD = f"""# Factor on the spread of inflow paths where methods are combined (large
# counts), so that yearly counts lie in their 80 % interval as often as meant (unit: factor); from
# those among {GROUPS} generated target groups (seed {SEED}; no world of the coverage study).
# The level alone, of small counts, has no factor: its spread follows from belief and series."""
TARGET = Path(__file__).resolve().parents[2] / "models" / "forecast" / "factors.toml"
HEAD = f"""# Half-widths of intervals in standard deviations of a series' own error one step
# ahead, by step ahead. Made by `python -m tests.bench.forecast_factors`: quantiles of the errors
# of our own forecasts on {SERIES} generated series a table (seed {SEED}). The numbers come from no
# public series; that the generated ones break as often as they do was settled after a check on the
# M1 competition had shown errors about twice as wide as those of generated series without breaks.
# A single series takes them as they stand; they give way to a pool's own errors at 100 series.
[source]
title = "Gegenereerde reeksen met bekende toekomst"
publisher = "Uitstroom"
year = 2026
unit = "standaardafwijkingen van de fout een stap vooruit"
kind = "study"
"""


def factors_of(freq: str, *, small_counts: bool) -> np.ndarray:
    """Give the factors of one table; shape (2, horizon), never falling with the horizon."""
    horizon = HORIZONS[freq]
    worlds = generate(freq, SERIES, SEED, small_counts=small_counts)
    prepared = [pool.prepare(world.past.astype(float), PERIODS[freq]) for world in worlds]
    sizes = []
    groups: dict[tuple[bool, int], list[int]] = {}
    for at, item in enumerate(prepared):
        if item.is_count == small_counts:
            groups.setdefault((item.is_count, item.values.size), []).append(at)
    for (is_count, _), members in sorted(groups.items()):
        windows = [prepared[at].values for at in members]
        fits = pool.fit_windows(windows, horizon, freq, is_count=is_count)
        for at, fit in zip(members, fits, strict=True):
            future = worlds[at].future
            scaled = pool.to_scale(future.astype(float), prepared[at])
            flat = (scaled - fit.term) / fit.factor
            if fit.sigma > 0.0:
                sizes.append(np.abs(flat - fit.path) / fit.sigma)
    return np.maximum.accumulate(np.quantile(np.stack(sizes), LEVELS, axis=0), axis=1)


def inside_shares(
    worlds: list[InflowWorld], widening: float | None = None, *, draws: int = 512
) -> np.ndarray:
    """Tell for each world and year ahead whether the count lay in its 80 % interval.

    Args:
        worlds: Generated target groups.
        widening: Factor on the spread of paths; None for the shipped one.
        draws: Paths.

    Returns:
        0 or 1, shape (worlds, 10).
    """
    rows = []
    for at, world in enumerate(worlds):
        series = inflow_of(at, world)
        if widening is not None:
            series = replace(series, widening=widening)
        yearly = draw_counts(series, 120, draws).reshape(10, 12, draws).sum(axis=1)
        low, high = np.quantile(yearly, (0.1, 0.9), axis=1)
        future = world.future.reshape(10, 12).sum(axis=1)
        rows.append((low <= future) & (future <= high))
    return np.array(rows, dtype=float)


@cache
def _fitted(name: str, past: bytes) -> SeriesForecast:
    counts = np.frombuffer(past, dtype=np.float64)
    months = [format_month(AS_OF - age) for age in range(counts.size)][::-1]
    table = pl.DataFrame({"target_group": GROUP, "month": months, "registrations": counts})
    found = forecast_inflow(table, make_resolved((GROUP,)), as_of=AS_OF).series[GROUP]
    return replace(found, series_id=name)


def inflow_of(at: int, world: InflowWorld) -> SeriesForecast:
    """Forecast a generated group; its number seeds its paths."""
    return _fitted(f"world-{at}", world.past.astype(np.float64).tobytes())


def widening_of(worlds: list[InflowWorld]) -> float:
    """Give the factor with which coverage is nearest to the middle of what is asked."""
    tried = np.round(np.arange(0.80, 1.41, 0.05), 2)
    gaps = [abs(inside_shares(worlds, float(factor)).mean() - AIM) for factor in tried]
    return float(tried[int(np.argmin(gaps))])


def main() -> None:
    """Write the factors."""
    lines = [HEAD]
    for freq in PERIODS:
        for small_counts in (False, True):
            found = factors_of(freq, small_counts=small_counts)
            lines.append(f"[factors.{freq}{'_count' if small_counts else ''}]")
            for level, row in zip(LEVELS, found, strict=True):
                values = ", ".join(f"{value:.3f}" for value in row)
                lines.append(f"half_width_{round(100 * level)} = [{values}]")
            lines.append("")
    fresh = "\n".join([*lines, "[inflow_widening]", "combined_methods = 1.0", ""])
    TARGET.write_text(fresh, encoding="utf-8")
    worlds = generate_inflow(GROUPS, SEED)
    combined = [world for at, world in enumerate(worlds) if len(inflow_of(at, world).models) > 1]
    factor = f"combined_methods = {widening_of(combined):.2f}"
    lines += [INFLOW_HEAD, "[inflow_widening]", factor, ""]
    TARGET.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
