"""When a row counts, which periods a file should cover, and which of them are not there.

Belongs here: the period of a row, missing periods, rows outside the period of the envelope. Does
not belong here: comparing with an earlier delivery (`versions.py`), what becomes of the file.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from types import MappingProxyType

import polars as pl

from models.months import format_month, month_of
from pipelines.sources.columns import Contract, Kind

MOMENT: Mapping[str, str] = MappingProxyType(
    {
        "capacity": "period",
        "capacity_plan": "effective_month",
        "intake": "registered_on",
        "stays": "started_on",
        "applications": "applied_on",
        "lettings": "moved_on",
        "association_stock": "year",
        "misses": "period",
        "agreements": "decided_on",
    }
)
"""Contract -> the column that puts a row into its period; the others have no period."""

OPEN_UNTIL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "intake": ("admitted_on", "left_on"),
        "stays": ("ended_on",),
        "applications": ("moved_on", "withdrawn_on"),
        "lettings": ("ended_on",),
    }
)
"""Contract -> the days that end what a row tells of; until then it goes on."""

FIGURES = frozenset({"capacity", "association_stock"})
"""Contracts with a figure for every period: there a period without a row is a gap."""

EVENTS = frozenset({"intake", "stays", "applications", "lettings"})
"""Contracts of events: there a month without a row is a gap when the months around it are full."""

WINDOW = 12
MOST_MISSING = 2
"""More missing periods than this in any `WINDOW` after each other are for a person to judge."""

FULL_MONTH = 8.0
"""Rows a month from which a month without any is a gap: by chance it is one in three thousand."""


@dataclass(frozen=True)
class Gaps:
    """Periods that are not there.

    Attributes:
        periods: Their names, in order, each once.
        most: The most of them in any twelve periods after each other.
    """

    periods: tuple[str, ...] = ()
    most: int = 0


def moment(contract: Contract) -> pl.Expr | None:
    """Give the day from which a row is known: the end of its period, or the day itself.

    A row of a year stands for 1 January. None where rows of the contract have no period.
    """
    name = MOMENT.get(contract.name)
    if name is None:
        return None
    kind, column = contract.column(name).kind, pl.col(name)
    if kind is Kind.QUARTER:
        month = column.str.slice(5, 1).cast(pl.Int32) * 3
        return pl.date(column.str.slice(0, 4).cast(pl.Int32), month, 1).dt.month_end()
    if kind is Kind.MONTH:
        return (column + "-01").str.to_date("%Y-%m-%d").dt.month_end()
    if kind is Kind.YEAR:
        return pl.date(column, 1, 1)
    return column


def missing_periods(rows: pl.DataFrame, contract: Contract, first: date, last: date) -> Gaps:
    """Find the periods of a series that a file should cover and does not.

    Args:
        rows: Its accepted rows.
        contract: Its contract.
        first: First day that the envelope declares.
        last: Last day that it declares.

    Returns:
        For figures: periods without a row between the first and the last of a facility, or of an
        association in a municipality, and between `first` and `last` for the file as a whole. For
        events: months without a row, from the first month with one up to `last`, in a file whose
        months mostly hold `FULL_MONTH` rows.
    """
    if rows.is_empty():
        return Gaps()
    if contract.name in FIGURES:
        return _figure_gaps(rows, contract, first, last)
    if contract.name in EVENTS:
        return _event_gaps(rows, contract, first, last)
    return Gaps()


def outside(rows: pl.DataFrame, contract: Contract, first: date, last: date) -> pl.DataFrame:
    """Give the rows that have nothing to do with the period of the envelope.

    A figure lies outside when its period ends before or begins after it; a row of a year counts for
    the whole year, because stock of 1 January comes with what was let before. An event lies outside
    when it ended before the period or begins after it. Plans and agreements look ahead and back.
    """
    name = MOMENT.get(contract.name)
    if name is None or contract.name not in FIGURES | EVENTS | {"misses"}:
        return rows.clear()
    known = moment(contract)
    assert known is not None
    if contract.name in EVENTS:
        ends = pl.max_horizontal(*OPEN_UNTIL[contract.name])
        return rows.filter((known > last) | (ends < first))
    if contract.column(name).kind is Kind.YEAR:
        return rows.filter((pl.col(name) > last.year + 1) | (pl.col(name) < first.year))
    starts = known.dt.month_start().dt.offset_by("-2mo")
    return rows.filter((starts > last) | (known < first))


# --- gaps ----------------------------------------------------------------------------------------


def _figure_gaps(rows: pl.DataFrame, contract: Contract, first: date, last: date) -> Gaps:
    name = MOMENT[contract.name]
    step = 1 if contract.column(name).kind is Kind.YEAR else 4
    owners = [key for key in contract.key if key != name]
    places = rows.select(*owners, at=_place(name, step)).drop_nulls().unique()
    missing: dict[int, None] = {}
    most = 0
    for group in places.partition_by(owners, include_key=False):
        gone = _absent(group["at"].to_list())
        most = max(most, _densest(gone))
        missing |= dict.fromkeys(gone)
    every = set(places["at"].to_list())
    covered = range(_first_place(first, step), _last_place(last, step) + 1)
    whole = [at for at in covered if at not in every]
    most = max(most, _densest(whole))
    found = sorted({*missing, *whole})
    return Gaps(tuple(_named(at, step) for at in found), most)


def _place(name: str, step: int) -> pl.Expr:
    if step == 1:
        return pl.col(name).cast(pl.Int64)
    column = pl.col(name)
    quarter = column.str.slice(5, 1).cast(pl.Int64)
    return column.str.slice(0, 4).cast(pl.Int64) * step + quarter - 1


def _first_place(first: date, step: int) -> int:
    """Give the first period that begins on a day or later; of a year, its 1 January."""
    if step == 1:
        return first.year + (first > date(first.year, 1, 1))
    month = first.month - 1 + (1 if first.day > 1 else 0)
    return first.year * step + (month + 2) // 3


def _last_place(last: date, step: int) -> int:
    """Give the last period that has ended by a day; of a year, the one whose 1 January has come."""
    if step == 1:
        return last.year
    day_after = last + timedelta(days=1)
    return day_after.year * step + (day_after.month - 1) // 3 - 1


def _named(at: int, step: int) -> str:
    return str(at) if step == 1 else f"{at // step}K{at % step + 1}"


def _absent(present: Iterable[int]) -> list[int]:
    known = set(present)
    return [at for at in range(min(known), max(known)) if at not in known]


def _event_gaps(rows: pl.DataFrame, contract: Contract, first: date, last: date) -> Gaps:
    days = rows[MOMENT[contract.name]].drop_nulls().to_list()
    counted = Counter(month_of(day.year, day.month) for day in days)
    if not counted:
        return Gaps()
    begin = max(min(counted), month_of(first.year, first.month))
    after = last + timedelta(days=1)
    months = range(begin, month_of(after.year, after.month))
    full = [counted[month] for month in months if month in counted]
    if not full or median(full) < FULL_MONTH:
        return Gaps()
    gone = [month for month in months if month not in counted]
    return Gaps(tuple(format_month(month) for month in gone), _densest(gone))


def _densest(gone: list[int]) -> int:
    """Give the most of some periods in any `WINDOW` periods after each other."""
    return max((sum(0 <= other - one < WINDOW for other in gone) for one in gone), default=0)
