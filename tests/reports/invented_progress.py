"""The invented region's applications by month and stage.

Belongs here: this frame. Does not belong here: the other tables (`invented_release.py`).
"""

from collections.abc import Iterable
from typing import Any

import polars as pl

from models.marts.progress import FIRST_YEARS
from models.months import format_month, parse_month
from models.tables import MARTS, column_order

NAME = "mart_progress__monthly"
MONTHS = 24
FLOWS = {
    "applied": 17,
    "approved": 13,
    "rejected": 2,
    "returned": 1,
    "offered": 14,
    "moved": 12,
    "withdrawn": 1,
    "refused_client": 1,
    "refused_provider": 0,
    "refused_association": 0,
}
"""Applications a month, on average."""
STOCKS = {"in_assessment": 26, "on_list": 84, "home_in_sight": 15, "over_promise": 11}
WAITS = {"wait_decision": 1.5, "wait_offer": 6.2, "wait_move": 1.2}
Row = dict[str, Any]


def progress_frame(region: str, as_of: str, municipalities: Iterable[str]) -> pl.DataFrame:
    """Make the frame for the two years up to a month."""
    last = parse_month(as_of)
    rows = [row for month in range(last - MONTHS + 1, last + 1) for row in _month(month, last)]
    homes = {code: 60 - 11 * at for at, code in enumerate(municipalities)}
    homes["all"] = sum(homes.values())
    rows += [
        {**_row(last, FIRST_YEARS, "end", count), "municipality_code": code}
        for code, count in homes.items()
    ]
    schema = MARTS[NAME].create_empty().select(column_order(MARTS[NAME])).schema
    return pl.DataFrame([{"region_id": region, **row} for row in rows], schema=schema)


def _flow(measure: str, month: int) -> int:
    mean = FLOWS[measure]
    return (
        max(0, mean + (month * (len(measure) + 3)) % 5 - 2) if mean > 1 else month % 4 // 3 * mean
    )


def _month(month: int, last: int) -> list[Row]:
    rows = [_row(month, measure, "month", _flow(measure, month)) for measure in FLOWS]
    for measure, count in STOCKS.items():
        rows.append(_row(month, measure, "end", count + (month - last) // (2 if count > 50 else 4)))
    if month > last - MONTHS + 11 - 1:
        year = range(month - 11, month + 1)
        rows += [
            _row(month, measure, "year", sum(_flow(measure, item) for item in year))
            for measure in FLOWS
        ]
        rows += [
            {**_row(month, wait, "year", 120), "median_months": round(value, 1)}
            for wait, value in WAITS.items()
        ]
    return rows


def _row(month: int, measure: str, period: str, count: int) -> Row:
    return {
        "month": format_month(month),
        "municipality_code": "all",
        "measure": measure,
        "period": period,
        "dwellings": count,
        "median_months": None,
    }
