"""Forecasting a file: series in from CSV or Parquet, forecasts out to CSV or Parquet.

Belongs here: reading a collection of series with faults named by line and column, and writing the
forecasts whole or not at all. Does not belong here: forecasting (`models.forecast`), flags and
exit codes (`cli`), deliveries of a region (`sources`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models.errors import FaultList, RefusedError
from models.forecast import forecast, too_short
from models.forecast.collection import check_request
from models.forecast.periods import PeriodError, period_numbers
from pipelines.table_file import (
    MOST_FAULTS,
    check_source,
    check_target,
    column_places,
    csv_rows,
    finite_number,
    read_parquet,
    write_frame,
    wrong_width,
)

COLUMNS = ("series_id", "t", "value")
"""Columns that a collection of series must have; others are read past."""

_GAPS = frozenset({"", "nan", "na", "null"})
"""What a cell without a value may say, in small letters."""


@dataclass(frozen=True)
class FileForecast:
    """What came of a file.

    Attributes:
        series: Series with a forecast.
        left_out: Series without one, with the reason in words.
    """

    series: int
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class _Rows:
    """The rows of a file as they stand in it.

    Attributes:
        ids: Ids of the series.
        periods: What stands in `t`.
        values: Numbers; None is a gap.
        places: Where each row stands: "line 7" or "row 7".
    """

    ids: list[str]
    periods: list[object]
    values: list[float | None]
    places: list[str]


def forecast_file(source: Path, target: Path, *, horizon: int, freq: str) -> FileForecast:
    """Forecast the series of a file; the target is written whole, and only with a forecast in it.

    Args:
        source: CSV or Parquet with series_id, t, value.
        target: CSV or Parquet, by its suffix.
        horizon: Periods ahead.
        freq: "Y", "Q" or "M".

    Raises:
        UsageError: A file that is not there, a suffix that is neither, no such frequency or
            horizon.
        RefusedError: What the source holds cannot be read; line, column, found and expected.
    """
    check_source(source)
    check_target(target, [source], "the forecast would overwrite the series")
    check_request(horizon, freq)
    series = read_series(source, freq)
    left_out = too_short(series, freq)
    frame = forecast(series, horizon, freq)
    if not frame.is_empty():
        write_frame(frame, target)
    return FileForecast(series=frame["series_id"].n_unique(), left_out=left_out)


def read_series(source: Path, freq: str) -> pl.DataFrame:
    """Read a collection of series.

    Args:
        source: CSV (comma or semicolon between cells, point as decimal mark) or Parquet.
        freq: "Y", "Q" or "M": what a date in `t` is read as.

    Returns:
        series_id, t (whole number of the period) and value (null is a gap), as in the file.

    Raises:
        RefusedError: A fault in the file; several together, up to `MOST_FAULTS`.
    """
    content = source.read_bytes()
    is_table = source.suffix.lower() == ".parquet"
    rows = _parquet_rows(content, source.name) if is_table else _csv_rows(content, source.name)
    try:
        numbers = period_numbers(rows.periods, freq)
    except PeriodError as fault:
        raise RefusedError(
            fault.reason,
            where=f"{source.name}, {rows.places[fault.position]}, column t",
            found=repr(fault.value),
            expected=fault.expected,
            todo="Correct this cell.",
        ) from None
    _check_doubles(rows, numbers, source.name)
    return pl.DataFrame(
        {"series_id": rows.ids, "t": numbers, "value": rows.values},
        schema={"series_id": pl.String, "t": pl.Int64, "value": pl.Float64},
    )


# --- CSV -----------------------------------------------------------------------------------------


def _csv_rows(content: bytes, name: str) -> _Rows:
    rows = _Rows([], [], [], [])
    faults = FaultList()
    columns: dict[str, int] = {}
    width = 0
    for place, cells in csv_rows(content, name):
        if not columns:
            columns, width = column_places(cells, COLUMNS, name), len(cells)
            continue
        _read_row(cells, columns, width, place, name, rows, faults)
        if len(faults.faults) >= MOST_FAULTS:
            break
    if not columns:
        raise RefusedError("the file is empty", where=name, expected=", ".join(COLUMNS))
    faults.raise_if_any()
    return rows


def _read_row(
    cells: Sequence[str],
    columns: Mapping[str, int],
    width: int,
    place: str,
    name: str,
    rows: _Rows,
    faults: FaultList,
) -> None:
    fault = wrong_width(cells, width, place, name)
    if fault is not None:
        faults.add(fault)
        return
    series, period, value = (cells[columns[column]] for column in COLUMNS)
    if not series:
        faults.add(_no_id(name, place))
        return
    number: float | None = None
    if value.lower() not in _GAPS:
        number = finite_number(value)
        if number is None:
            faults.add(_no_number(name, place, value))
            return
    rows.ids.append(series)
    rows.periods.append(period)
    rows.values.append(number)
    rows.places.append(place)


def _no_id(name: str, place: str) -> RefusedError:
    return RefusedError(
        "the series has no id", where=f"{name}, {place}, column series_id", found="nothing"
    )


def _no_number(name: str, place: str, found: object) -> RefusedError:
    return RefusedError(
        "this is no number",
        where=f"{name}, {place}, column value",
        found=repr(found)[:80],
        expected="a number such as 12.5, or nothing for a gap",
    )


# --- Parquet -------------------------------------------------------------------------------------


def _parquet_rows(content: bytes, name: str) -> _Rows:
    frame = read_parquet(content, name)
    column_places(frame.columns, COLUMNS, name)
    ids = frame["series_id"].cast(pl.String, strict=False)
    value = frame["value"]
    places = [f"row {at + 1}" for at in range(frame.height)]
    if not (value.dtype.is_numeric() or value.dtype == pl.Null):
        found = value.drop_nulls().head(1).to_list()
        raise _no_number(name, "row 1", found[0] if found else str(value.dtype))
    numbers = value.cast(pl.Float64).fill_nan(None)
    faults = FaultList()
    for at in _first(ids.is_null() | (ids.str.strip_chars() == "")):
        faults.add(_no_id(name, places[at]))
    for at in _first(numbers.is_infinite().fill_null(value=False)):
        faults.add(_no_number(name, places[at], numbers[at]))
    faults.raise_if_any()
    return _Rows(ids.to_list(), frame["t"].to_list(), numbers.to_list(), places)


def _first(flags: pl.Series) -> list[int]:
    return flags.arg_true().head(MOST_FAULTS).to_list()


def _check_doubles(rows: _Rows, numbers: Sequence[int], name: str) -> None:
    """Refuse a second value for the same series and period."""
    seen: dict[tuple[str, int], int] = {}
    faults = FaultList()
    for at, key in enumerate(zip(rows.ids, numbers, strict=True)):
        first = seen.setdefault(key, at)
        if first != at and len(faults.faults) < MOST_FAULTS:
            faults.add(
                RefusedError(
                    f"series {key[0]!r} has a second value for a period",
                    where=f"{name}, {rows.places[at]}, column t",
                    found=f"{rows.periods[at]}, which is also on {rows.places[first]}",
                    expected="one row a series and period",
                )
            )
    faults.raise_if_any()
