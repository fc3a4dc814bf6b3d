"""Hindcasts: what the model would have said years ago, beside what was observed since.

The state, the parameters' estimates and the forecast are those of then; what a region's file holds
is of today. Belongs here: the comparison with later deliveries. Does not belong here: rebuilding a
region as of then (the pipelines do), the scorecard of forecasts alone (`models.forecast`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.months import MONTHS_PER_YEAR, format_month, month_of, parse_month, year_of
from models.outflow.answer import CAPPED, RUNS
from models.outflow.engine import Run
from models.outflow.figures import covered, spread
from models.outflow.inputs import OUTFLOW_GROUND, OutflowInputs, Tables
from models.outflow.setting import Switches
from models.units import Unit


def hindcast_switches(*, capped: bool) -> Switches:
    """Give the run that the past is held against: under the cap, where there is one.

    What would have been let without a limit cannot be observed.
    """
    return CAPPED if capped else RUNS["demand"]


YEARS_BACK = (2, 4)
"""How many years before the as-of month the past is rebuilt."""


@dataclass(frozen=True)
class _Measure:
    """Where a measure is read in a run and in the deliveries.

    Attributes:
        name: The flow of a year, or the stock at its end.
        is_stock: Whether it is a stock.
        table: Core table with one column of numbers by `month`.
        column: That column.
        unit: What is counted.
    """

    name: str
    is_stock: bool
    table: str
    column: str
    unit: Unit


MEASURES: dict[str, _Measure] = {
    "registrations": _Measure(
        "referred", False, "core_intake__monthly", "registrations", Unit.PERSONS
    ),
    "approved": _Measure(
        "joined", False, "core_application__approved_monthly", "applications", Unit.DWELLINGS
    ),
    "offered": _Measure(
        "offered", False, "core_application__offered_monthly", "applications", Unit.DWELLINGS
    ),
    "let": _Measure("let", False, "core_letting__monthly", "dwellings", Unit.DWELLINGS),
    "housing_list": _Measure(
        "housing_list", True, "core_application__list_monthly", "applications", Unit.DWELLINGS
    ),
    "intake_list": _Measure("intake", True, "core_intake__list_monthly", "persons", Unit.PERSONS),
}
"""What is held against the deliveries, in reading order. An approved application is one home."""


def hindcast_months(as_of: int, published: int | None) -> list[int]:
    """List the months as of which the past is rebuilt, the earliest first.

    Args:
        as_of: Last month that counts as known.
        published: Month of the region's published number, None without one.
    """
    months = {as_of - MONTHS_PER_YEAR * years for years in YEARS_BACK}
    if published is not None and published < as_of:
        months.add(published)
    return sorted(months)


def hindcast(inputs: OutflowInputs, run: Run, known: Tables, *, until: int) -> pl.DataFrame:
    """Hold a run of an earlier month against what is known now (`mart_forecast__hindcast`).

    Args:
        inputs: The start of the run, years ago.
        run: The run of `hindcast_switches`.
        known: The core tables of today.
        until: Last month that counts as known today.

    Returns:
        A row a year and measure, up to the year of `until`, without region. A year of which
        months are still to come has nothing observed.
    """
    rows: list[dict[str, object]] = []
    for at, (year, months) in enumerate(covered(inputs).items()):
        if year > year_of(until):
            break
        first = max(month_of(year, 1), inputs.as_of + 1)
        for measure, item in MEASURES.items():
            kept = run.stocks if item.is_stock else run.flows
            found = spread(kept[item.name][at].sum(axis=0))
            seen = None
            if first + months - 1 <= until:
                seen = _observed(known[item.table], item, first, first + months - 1)
            rows.append(
                {
                    "as_of": format_month(inputs.as_of),
                    "year": year,
                    "months_covered": months,
                    "measure": measure,
                    "unit": item.unit.value,
                    **{key: found[key] for key in ("mean", "p10", "p90")},
                    "observed": seen,
                    "inside": None if seen is None else found["p10"] <= seen <= found["p90"],
                }
            )
    return pl.DataFrame(rows, schema_overrides={"observed": pl.Float64, "inside": pl.Boolean})


def _observed(table: pl.DataFrame, item: _Measure, first: int, last: int) -> float | None:
    """Read a flow of some months, or a stock at their end; None where months are missing.

    Homes are counted where one was let, so that a month without any has no row.
    """
    if "ground" in table.columns:
        table = table.filter(pl.col("ground") == OUTFLOW_GROUND)
    month = np.array([parse_month(text) for text in table["month"]], dtype=np.int64)
    number = table[item.column].to_numpy()
    if item.is_stock:
        there = month == last
        return float(number[there].sum()) if there.any() else None
    if month.size == 0 or month.min() > first:
        return None
    return float(number[(month >= first) & (month <= last)].sum())
