"""A collection of series as arrays: what is read, what is refused, what is too short.

Belongs here: from a table of series_id, t and value to the values of each series between its first
and last one. Does not belong here: a file (`pipelines`), a fit (`pool`).
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from models.errors import RefusedError, UsageError
from models.forecast.periods import PERIODS_A_YEAR, PeriodError, period_numbers

F64 = npt.NDArray[np.float64]

MINIMUM_POINTS = 6
"""A series with fewer points gets no forecast."""
MOST_GAPS = 0.75
"""A series with a larger share of gaps between its first and last point gets no forecast."""
LONGEST_HORIZON = 1000
"""Most periods ahead."""


def too_short(series: pl.DataFrame, freq: str) -> dict[str, str]:
    """Name the series that get no forecast, each with the reason in words.

    Args:
        series: As for `forecast`.
        freq: "Y", "Q" or "M".
    """
    check_request(1, freq)
    found = split_series(series, freq).items()
    return {name: reason for name, reason in found if isinstance(reason, str)}


def check_request(horizon: int, freq: str) -> None:
    """Refuse what no forecast can be made of.

    Raises:
        UsageError: The frequency or the horizon is none.
    """
    if freq not in PERIODS_A_YEAR:
        raise UsageError(
            "this is no frequency", where="--freq", found=repr(freq), expected="Y, Q or M"
        )
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise UsageError(
            "this is no horizon",
            where="--horizon",
            found=str(horizon),
            expected=f"1 to {LONGEST_HORIZON} periods",
        )


def split_series(series: pl.DataFrame, freq: str) -> dict[str, F64 | str]:
    """Split a collection by id into values, or the reason why a series gets no forecast."""
    missing = [name for name in ("series_id", "t", "value") if name not in series.columns]
    if missing:
        raise RefusedError(
            "a collection of series lacks columns",
            found=", ".join(series.columns),
            expected="series_id, t and value",
        )
    ids = series["series_id"].cast(pl.String)
    if ids.null_count():
        raise RefusedError("rows have no series_id", found=f"{ids.null_count()} rows")
    rows = pl.DataFrame(
        {"name": ids, "at": _periods(series["t"], freq), "value": _numbers(series["value"])}
    )
    doubles = rows.group_by("name", "at").len().filter(pl.col("len") > 1).sort("name", "at")
    if not doubles.is_empty():
        name = doubles["name"][0]
        raise RefusedError(
            f"series {name!r} has more than one value for a period",
            found=f"{doubles.height} such periods in the collection",
            expected="one row a series and period",
        )
    rows = rows.sort("name", "at")
    names, starts = np.unique(rows["name"].to_numpy(), return_index=True)
    order = np.argsort(starts)
    at, value = rows["at"].to_numpy(), rows["value"].to_numpy()
    ends = [*starts[order], rows.height][1:]
    return {
        str(names[position]): _spread(at[starts[position] : end], value[starts[position] : end])
        for position, end in zip(order, ends, strict=True)
    }


def _spread(at: npt.NDArray[np.int64], values: F64) -> F64 | str:
    """Lay values out from the first to the last one, gaps as not-a-number; or say why not."""
    known = np.isfinite(values)
    points = int(known.sum())
    if points < MINIMUM_POINTS:
        return f"{points} points, at least {MINIMUM_POINTS} are needed"
    at = at[known] - at[known][0]
    span = int(at[-1]) + 1
    if points < (1.0 - MOST_GAPS) * span:
        return f"{points} points in {span} periods, more than three in four are gaps"
    laid = np.full(span, np.nan)
    laid[at] = values[known]
    return laid


def _periods(column: pl.Series, freq: str) -> pl.Series:
    if column.dtype.is_integer() and not column.null_count():
        return column.cast(pl.Int64)
    distinct = column.unique(maintain_order=True)
    try:
        numbers = period_numbers(distinct.to_list(), freq)
    except PeriodError:
        numbers = period_numbers(column.to_list(), freq)  # names the first row that is wrong
    known = pl.DataFrame({"t": distinct, "at": pl.Series(numbers, dtype=pl.Int64)})
    return pl.DataFrame({"t": column}).join(known, on="t", how="left", maintain_order="left")["at"]


def _numbers(column: pl.Series) -> pl.Series:
    """Read values as numbers; not-a-number is a gap."""
    if not column.dtype.is_numeric() and column.dtype != pl.Null:
        raise RefusedError(
            "column value holds no numbers", found=str(column.dtype), expected="numbers"
        )
    values = column.cast(pl.Float64).fill_nan(None)
    if values.is_infinite().any():
        raise RefusedError("a value is infinite", found="column value", expected="finite numbers")
    return values
