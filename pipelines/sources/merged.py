"""Municipalities that were no more on the day of their row, read as what they went over into.

Belongs here: one file's typed rows after conversion (case 60 of the deliveries). Does not belong
here: single cells (`cells.py`), what happened to boundaries (`boundaries.py`), bringing rows to the
municipalities of the as-of date (`pipelines.compositions`).

Where it went over into one, the row goes on with that one, on record row by row; where it was split
over several, the row is set apart. Counts by municipality are left alone: those of two merged
municipalities belong to one row together and are added up, or split by addresses, in the core.
"""

from datetime import date

import polars as pl

from pipelines.sources.columns import Column, Contract, Kind
from pipelines.sources.convert import FAULTS, Change, Converted
from pipelines.sources.municipalities import Municipalities, Resolution
from pipelines.sources.reasons import Reason, Rule

_DAY, _STEP, _CODE, _READ = "_day", "_step", "_code", "_read"


def read_on_their_day(
    converted: Converted, contract: Contract, municipalities: Municipalities
) -> None:
    """Read the municipalities of a file's rows as of the day of each row; changes `converted`.

    A row without a day, and a municipality that is only there after it, stay as they are.

    Args:
        converted: The file's rows.
        contract: Their contract; one without `day`, or with the municipality in its key, is left.
        municipalities: All municipalities.
    """
    if not contract.day or converted.rows.is_empty():
        return
    for column in contract.columns:
        if column.kind is Kind.MUNICIPALITY and column.name not in contract.key:
            _read_column(converted, contract, column, municipalities)


def day_of(contract: Contract) -> pl.Expr:
    """Give the day that a row is about: that of a quarter is its last, of a year its first."""
    column = pl.col(contract.day)
    kind = contract.column(contract.day).kind
    if kind is Kind.QUARTER:
        year, quarter = column.str.slice(0, 4), column.str.slice(5, 1)
        first = pl.date(year.cast(pl.Int32), quarter.cast(pl.Int8) * 3, 1)
        return first.dt.month_end()
    return pl.date(column.cast(pl.Int32), 1, 1) if kind is Kind.YEAR else column


def _read_column(
    converted: Converted, contract: Contract, column: Column, municipalities: Municipalities
) -> None:
    codes = converted.rows[column.name].drop_nulls().unique()
    ends = {code: day for code in codes if (day := municipalities.boundaries.ends(code))}
    if not ends:
        return
    cells = converted.rows.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("place"),
        pl.col(column.name).alias(_CODE),
        day_of(contract).alias(_DAY),
    )
    ended = pl.col(_CODE).replace_strict(ends, default=None, return_dtype=pl.Date)
    cells = _since_step(cells.filter(pl.col(_DAY) >= ended), municipalities)
    found: list[tuple[str, date, Resolution]] = [
        (code, day, municipalities.resolve(code, day))
        for code, day in cells.select(_CODE, _STEP).unique().sort(_CODE, _STEP).iter_rows()
    ]
    if not found:
        return
    table = pl.DataFrame(
        [(code, day, read.code, read.suggestion) for code, day, read in found],
        schema={_CODE: pl.String, _STEP: pl.Date, _READ: pl.String, "into": pl.String},
        orient="row",
    )
    hit = cells.join(table, on=[_CODE, _STEP], how="inner", validate="m:1").sort("place")
    merged = hit.drop_nulls(_READ)
    values = converted.rows[column.name].scatter(merged["place"], merged[_READ])
    converted.rows = converted.rows.with_columns(values.alias(column.name))
    lines = converted.lines.gather(merged["place"])
    for line, code, read in zip(lines, merged[_CODE], merged[_READ], strict=True):
        told = (f"{code!r} -> {read}",)
        converted.changes.append(Change(column.name, Rule.MERGED_MUNICIPALITY, 1, told, line))
    split = hit.filter(pl.col(_READ).is_null())
    if split.is_empty():
        return
    converted.faulty = converted.faulty.scatter(split["place"], True)
    into = pl.when(pl.col("into") == "").then(pl.lit("the one it lies in now"))
    faults = split.select(
        "place",
        pl.lit(column.name).alias("column"),
        pl.lit(Reason.SPLIT_MUNICIPALITY.value).alias("reason"),
        pl.format("{} on {}", _CODE, pl.col(_DAY).dt.to_string("%Y-%m-%d")).alias("found"),
        into.otherwise(pl.format("one of {}", "into")).alias("expected"),
    )
    converted.faults = pl.concat([converted.faults, faults.select(list(FAULTS))])


def _since_step(cells: pl.DataFrame, municipalities: Municipalities) -> pl.DataFrame:
    """Add the day since which the boundaries of a cell's day held: what is read depends on that."""
    step = pl.col(_DAY)
    for change in municipalities.boundaries.steps:
        step = pl.when(pl.col(_DAY) >= change.day).then(pl.lit(change.day)).otherwise(step)
    return cells.with_columns(step.alias(_STEP))
