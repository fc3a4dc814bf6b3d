"""The split under uncertainty: low, middle and high demand, the cap, and the homes that come free.

Belongs here: a region's totals over the draws turned into homes of a municipality. Does not belong
here: making the draws (`models.outflow`, `models.forecast`), the methods (`years`).

Under the quota method a larger total never takes a home away. So the quantile of a municipality's
homes over the draws is its homes of the quantile of the region's total, and one table to look up
serves every draw.
"""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.months import MONTHS_PER_YEAR
from models.quota.years import homes_list, received_after

LEVELS = {"demand_low": 0.1, "demand_middle": 0.5, "demand_high": 0.9}
"""What of the demand is split side by side: its quantiles over the draws."""

Counts = NDArray[np.integer]


def ten_year_ranges(
    shares: Mapping[str, Fraction],
    demand: Counts,
    caps: Mapping[int, int | None],
    months_covered: Mapping[int, int],
) -> pl.DataFrame:
    """Split the low, middle and high demand of ten years, and the caps of the same months.

    Args:
        shares: Share in the key by municipality.
        demand: Homes needed in the region in ten years, per draw.
        caps: Cap by calendar year; None where none is agreed.
        months_covered: Months of the ten years by calendar year.

    Returns:
        municipality_code, basis (`LEVELS`, and `cap` where every year has one), total (homes of the
        region), dwellings (homes of the municipality).
    """
    totals = {
        basis: int(np.quantile(demand, level, method="inverted_cdf"))
        for basis, level in LEVELS.items()
    }
    agreed = [(caps.get(year), months) for year, months in months_covered.items()]
    if all(cap is not None for cap, _ in agreed):
        homes = sum(Fraction((cap or 0) * months, MONTHS_PER_YEAR) for cap, months in agreed)
        totals["cap"] = int(homes + Fraction(1, 2))
    table = received_after(homes_list(shares, max(totals.values())), len(shares))
    return pl.DataFrame(
        [
            {"municipality_code": code, "basis": basis, "total": total, "dwellings": int(number)}
            for basis, total in totals.items()
            for code, number in zip(shares, table[total], strict=True)
        ]
    )


def compare_with_supply(
    shares: Mapping[str, Fraction], demand: Counts, supply: Mapping[str, Counts]
) -> pl.DataFrame:
    """Set a municipality's demand beside the suitable homes that come free in the same years.

    Demand and supply are drawn apart, so draw and path are paired by their number.

    Args:
        shares: Share in the key by municipality.
        demand: Homes needed in the region in these years, per draw.
        supply: Suitable homes that come free in them, per path, by municipality; a municipality of
            which nothing is known is left out.

    Returns:
        municipality_code, demand and suitable (means), share (mean of demand over suitable; empty
        where a path has none), chance_above (share of draws in which demand exceeds them).
    """
    table = received_after(homes_list(shares, int(demand.max(initial=0))), len(shares))
    rows = []
    for at, code in enumerate(shares):
        if code not in supply:
            continue
        needed = table[demand, at]
        free = np.resize(supply[code], needed.shape)
        ratio = needed / np.where(free > 0, free, 1)
        rows.append(
            {
                "municipality_code": code,
                "demand": float(needed.mean()),
                "suitable": float(free.mean()),
                "share": float(ratio.mean()) if (free > 0).all() else None,
                "chance_above": float((needed > free).mean()),
            }
        )
    return pl.DataFrame(rows, schema=SUPPLY_COLUMNS)


SUPPLY_COLUMNS = {
    "municipality_code": pl.String,
    "demand": pl.Float64,
    "suitable": pl.Float64,
    "share": pl.Float64,
    "chance_above": pl.Float64,
}
"""Columns of `compare_with_supply`."""
