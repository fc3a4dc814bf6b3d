"""A table read whole and believed, or not read at all.

Belongs here: which version of the service is asked, the checks on every cell, the tidy table of
figures. Does not belong here: where it is kept (`storing`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from models.errors import UitstroomError
from pipelines.sources.cbs import odata3, odata4
from pipelines.sources.cbs.client import (
    AnswerRefusedError,
    Client,
    GoneError,
    UnreachableError,
)
from pipelines.sources.cbs.declarations import Measure, Table
from pipelines.sources.cbs.odata3 import Odata3
from pipelines.sources.cbs.odata4 import Odata4
from pipelines.sources.cbs.pages import PageFolder
from pipelines.sources.cbs.rawcells import Edition, RawCell
from pipelines.sources.cbs.schema import GIVEN, IMPOSSIBLE, Wanted

FIGURE_COLUMNS: dict[str, str] = {
    "table_id": "CBS table",
    "edition": "when CBS changed the table last; never join figures of two editions",
    "region_code": "CBS code of the region; NL01 is the country",
    "region_name": "its name as CBS writes it",
    "period": "CBS code of the period: 2024JJ00 is the year 2024, 2025HJ01 its first half",
    "period_status": "final, further_provisional, provisional or not_stated",
    "category": "our word for the code of a further dimension, empty where there is none",
    "measure": "what is counted",
    "unit": "unit of the value",
    "value": "the figure as published, empty where there is none",
    "value_status": "given; unknown, secret, nil, unreliable or not_given: none of these is 0",
    "symbol": "what stood there instead of a value",
}
"""Columns of `figures.csv` and what they hold."""

FIGURE_KEY = ("region_code", "period", "category", "measure")


@dataclass(frozen=True)
class Hosts:
    """Addresses of the services."""

    v4: str = odata4.HOST
    feed: str = odata3.FEED
    api: str = odata3.API


@dataclass(frozen=True)
class ReadTable:
    """A table that was read whole.

    Attributes:
        edition: Which edition.
        figures: FIGURE_COLUMNS as text, sorted by FIGURE_KEY; blanks (no figure can exist) have no
            row.
        blank_cells: How many cells were blank.
        notes: What a reader should know of how it was read.
    """

    edition: Edition
    figures: pl.DataFrame
    blank_cells: int
    notes: tuple[str, ...] = ()


def read_table(
    client: Client, hosts: Hosts, table: Table, pages: PageFolder, *, known: str = ""
) -> ReadTable | None:
    """Read a table from the fourth version of the service, else from the third.

    The third version is asked where the fourth has nothing at the address (tables that are no
    longer kept up lose their observations there first) or cannot be reached; never because an
    answer was refused, nor when the service asks us to slow down.

    Args:
        client: Who asks.
        hosts: Whom.
        table: What is wanted.
        pages: Where the pages are kept meanwhile.
        known: Name of the edition that is stored already.

    Returns:
        The table; None where the published edition is the known one.

    Raises:
        UnreachableError: No version of the service answers.
        GoneError: No version has the table.
        AnswerRefusedError: An answer is not what was declared, or is not whole.
    """
    client.begin_table()
    readers = (
        Odata4(client, hosts.v4, table),
        Odata3(client, hosts.feed, table),
        Odata3(client, hosts.api, table),
    )
    faults: list[UitstroomError] = []
    for reader in readers:
        try:
            found = _read_with(reader, pages, known)
        except UnreachableError as fault:
            faults.append(fault)
            if fault.is_throttled:
                break
        except GoneError as fault:
            faults.append(fault)
        else:
            if found is not None and faults:
                why = str(faults[0]).splitlines()[0]
                found = replace(found, notes=(f"{odata4.NAME} could not be used: {why}",))
            return found
    worst = next((fault for fault in faults if isinstance(fault, UnreachableError)), faults[-1])
    raise worst


def _read_with(reader: Odata4 | Odata3, pages: PageFolder, known: str) -> ReadTable | None:
    edition = reader.read_edition()
    if edition.name == known:
        return None
    wanted = reader.read_wanted()
    expected = reader.download(wanted, pages)
    if reader.read_edition().name != edition.name:
        raise UnreachableError(
            "CBS changed the table while it was read", where=wanted.table.table, todo="Fetch again."
        )
    rows = [_row(cell, wanted, edition) for cell in reader.cells(wanted, pages)]
    if len(rows) != expected:
        raise AnswerRefusedError(
            "cells are missing", where=wanted.table.table, found=str(len(rows))
        )
    return _tidy(rows, wanted, edition)


def _row(cell: RawCell, wanted: Wanted, edition: Edition) -> dict[str, Any]:
    """Write a cell as a row of the figures.

    Raises:
        AnswerRefusedError: A code that no list knows, or a value that is no number.
    """
    table = wanted.table
    region = cell.keys[table.region_dimension] if table.region_dimension else "NL01"
    period = cell.keys[table.period_dimension] if table.period_dimension else table.period
    categories = {name: wanted.categories[name].get(cell.keys[name]) for name in wanted.categories}
    name = wanted.region_names.get(region, "" if table.region_dimension else "Nederland")
    unknown = [f"{key} {cell.keys[key]!r}" for key, found in categories.items() if found is None]
    if period not in wanted.period_status:
        unknown.append(f"{table.period_dimension} {period!r}")
    if not name or not region.startswith(table.region_prefixes):
        unknown.append(f"{table.region_dimension} {region!r}")
    if unknown:
        raise AnswerRefusedError(
            "a code stands in no code list", where=table.table, found=", ".join(unknown)
        )
    return {
        "table_id": table.table,
        "edition": edition.name,
        "region_code": region,
        "region_name": name,
        "period": period,
        "period_status": wanted.period_status[period],
        "category": "".join(found for found in categories.values() if found),
        "measure": cell.measure.name,
        "unit": cell.measure.unit,
        "value": "" if cell.value is None else _text(cell.value, cell.measure, table),
        "value_status": cell.status,
        "symbol": cell.symbol,
    }


def _text(value: Any, measure: Measure, table: Table) -> str:
    """Write a value the same way from both versions of the service."""
    if measure.is_text:
        return str(value).strip()
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or isinstance(value, bool):
        raise AnswerRefusedError(
            f"a value of {measure.title!r} is no number", where=table.table, found=repr(value)
        )
    return f"{number.normalize():f}" if number else "0"


def _tidy(rows: list[dict[str, Any]], wanted: Wanted, edition: Edition) -> ReadTable:
    table = wanted.table
    frame = pl.DataFrame(rows, schema=dict.fromkeys(FIGURE_COLUMNS, pl.String))
    twice = frame.filter(pl.struct(FIGURE_KEY).is_duplicated())
    if not twice.is_empty():
        raise AnswerRefusedError(
            "a figure came twice",
            where=table.table,
            found=", ".join(twice.select(FIGURE_KEY).row(0)),
            expected="every region, period and measure once",
        )
    frame = frame.filter(pl.col("period").str.slice(4, 2).is_in(table.period_kinds))
    blank = pl.col("value_status") == IMPOSSIBLE
    figures = frame.filter(~blank).sort(FIGURE_KEY)
    for measure in table.measures:
        _check_size(measure, figures, table)
    return ReadTable(edition, figures, blank_cells=frame.height - figures.height)


def _check_size(measure: Measure, figures: pl.DataFrame, table: Table) -> None:
    """Refuse a measure without figures, or whose largest figure cannot be one of its unit."""
    given = figures.filter((pl.col("measure") == measure.name) & (pl.col("value_status") == GIVEN))[
        "value"
    ]
    if given.is_empty():
        raise AnswerRefusedError(f"there is no figure of {measure.title!r}", where=table.table)
    if measure.largest is None or measure.is_text:
        return
    low, high = measure.largest
    largest = given.cast(pl.Float64).max()
    if not isinstance(largest, float) or not low <= largest <= high:
        raise AnswerRefusedError(
            f"the largest figure of {measure.title!r} cannot be one in {measure.unit}",
            where=table.table,
            found=str(largest),
            expected=f"{low:g} to {high:g}",
            todo="Look whether its unit has changed.",
        )


def stock_and_flow(figures: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Put stock, inflow and outflow side by side, each from one table in one edition.

    Two editions of a table differ by much (Alkmaar 2020: 450 against 550), so stock of one is never
    set beside flows of another: table and edition are part of the key.

    Args:
        figures: `figures.csv` of one or more tables with the measures stock, inflow and outflow.

    Returns:
        table_id, edition, region_code, period, category, stock, inflow, outflow (null where no
        number is given), sorted.
    """
    key = ["table_id", "edition", "region_code", "period", "category"]
    flows = ("stock", "inflow", "outflow")
    rows = pl.concat(figures, how="vertical").filter(pl.col("measure").is_in(flows))
    number = pl.when(pl.col("value_status") == GIVEN).then(pl.col("value").cast(pl.Float64))
    wide = rows.with_columns(number.alias("value")).group_by(key).agg(
        pl.col("value").filter(pl.col("measure") == name).first().alias(name) for name in flows
    )  # fmt: skip
    return wide.sort(key)
