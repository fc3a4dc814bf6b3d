"""The typed tables that contracts promise, as dataframely schemas derived from them.

Belongs here: what a contract says of its typed rows, as rules with names, and what each broken rule
is called in our codes. Does not belong here: notation (`cells.py`), what becomes of the rows that
break a rule (`rows.py`).

Every rule of a contract stands here: which columns are filled, bounds, allowed words, the form of
codes and pseudonyms, the key, the order of days, stays of one person. The readers of cells already
told of most of it in the sender's own words; for those rules the schema is the second lock, through
which no accepted row passes unseen.
"""

import types
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

import dataframely as dy
import polars as pl

from pipelines.sources.columns import EARLIEST_YEAR, LATEST_YEAR, Column, Contract, Kind
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.days import OPEN_END
from pipelines.sources.reasons import Reason

FILE, PLACE, SENDER = "_file", "_place", "_sender"
"""Columns beside those of the contract: which file, which row of it (from 0), who sent it."""

KEY_RULE, STAY_RULE = "primary_key", "stays_follow_each_other"
_ORDER_RULE = "order"
_FIRST, _LAST = date(EARLIEST_YEAR, 1, 1), date(LATEST_YEAR, 12, 31)
_FORMS: Mapping[Kind, str] = {
    Kind.RECORD: r"^[0-9a-f]{32}$",
    Kind.CLIENT: r"^[0-9a-f]{32}$",
    Kind.MONTH: r"^[0-9]{4}-(?:0[1-9]|1[0-2])$",
    Kind.QUARTER: r"^[0-9]{4}K[1-4]$",
    Kind.MUNICIPALITY: r"^GM[0-9]{4}$",
    Kind.MUNICIPALITIES: r"^GM[0-9]{4}(?:\|GM[0-9]{4})*$",
}
_BROKEN: Mapping[str, Reason] = {
    "nullability": Reason.MISSING_VALUE,
    "min": Reason.OUT_OF_RANGE,
    "max": Reason.OUT_OF_RANGE,
    "max_length": Reason.BAD_TEXT,
    "regex": Reason.BAD_ID,
    "check": Reason.UNKNOWN_VALUE,
}
"""Rule of a column -> our code. Two rules of rows are not here: order and stays."""


@cache
def row_schema(name: str) -> type[dy.Schema]:
    """Give the schema of a contract's typed rows: columns, key and the order of its days.

    Args:
        name: The name of the contract.
    """
    contract = CONTRACTS[name]
    members: dict[str, Any] = {}
    for at, column in enumerate(contract.columns):
        members[f"column_{at}"] = _column(column, is_key=column.name in contract.key)
    members |= _beside()
    for at, (earlier, later) in enumerate(contract.ordered):
        members[f"{_ORDER_RULE}_{at}"] = dy.rule()(_in_order(earlier, later))
    return _schema(f"{name}_rows", members)


@cache
def stay_schema(name: str) -> type[dy.Schema]:
    """Give the schema of the stays of a contract: of one person at one sender they follow on.

    A stay may start on the day on which another ends, which is the day of the move.

    Args:
        name: The name of a contract with stays.

    Raises:
        ValueError: The contract has none.
    """
    stay = CONTRACTS[name].stay
    if stay is None:
        raise ValueError(f"{name} has no stays")
    client, start, end = stay
    members: dict[str, Any] = {
        "client": dy.String(nullable=False, alias=client),
        "start": dy.Date(nullable=False, alias=start),
        "end": dy.Date(nullable=True, alias=end),
        **_beside(),
        STAY_RULE: dy.rule()(_follow(client, start, end)),
    }
    return _schema(f"{name}_stays", members)


def ordered_pair(contract: Contract, rule: str) -> tuple[str, str] | None:
    """Give the two days that a rule of the row schema orders, None for another rule."""
    head, _, number = rule.rpartition("_")
    return contract.ordered[int(number)] if head == _ORDER_RULE else None


def broken_rule(rule: str) -> tuple[str, Reason]:
    """Give the column and our code of a broken rule of a column, as "places|max"."""
    column, _, kind = rule.rpartition("|")
    return column, _BROKEN.get(kind, Reason.UNKNOWN_VALUE)


def _schema(name: str, members: dict[str, Any]) -> type[dy.Schema]:
    made: type[dy.Schema] = types.new_class(
        name, (dy.Schema,), exec_body=lambda space: space.update(members)
    )
    return made


def _beside() -> dict[str, dy.Column]:
    return {
        "file": dy.UInt32(nullable=False, alias=FILE),
        "place": dy.Int64(nullable=False, alias=PLACE),
        "sender": dy.String(nullable=False, alias=SENDER),
    }


def _column(column: Column, *, is_key: bool) -> dy.Column:
    common: dict[str, Any] = {"nullable": not column.required and not is_key, "alias": column.name}
    common["primary_key"] = is_key
    whole: dict[str, Any] = {
        "min": None if column.low is None else int(column.low),
        "max": None if column.high is None else int(column.high),
    }
    if column.kind is Kind.DATE:
        return dy.Date(**common, min=_FIRST, max=OPEN_END if column.open_end else _LAST)
    if column.kind in {Kind.WHOLE, Kind.YEAR}:
        return dy.Int64(**common, **whole)
    if column.kind is Kind.DECIMAL:
        return dy.Float64(**common, min=column.low, max=column.high)
    if column.kind is Kind.BOOLEAN:
        return dy.Bool(**common)
    if column.kind is Kind.ENUM:
        return dy.String(**common, check=_one_of(tuple(column.values)))
    longest = int(column.high or 80) if column.kind is Kind.TEXT else None
    return dy.String(**common, max_length=longest, regex=_FORMS.get(column.kind))


def _one_of(values: tuple[str, ...]) -> Callable[[pl.Expr], pl.Expr]:
    return lambda value: value.is_in(values)


def _in_order(earlier: str, later: str) -> Callable[[type[dy.Schema]], pl.Expr]:
    def in_order(_schema: type[dy.Schema]) -> pl.Expr:
        return pl.col(later) >= pl.col(earlier)

    return in_order


def _follow(client: str, start: str, end: str) -> Callable[[type[dy.Schema]], pl.Expr]:
    def follow(_schema: type[dy.Schema]) -> pl.Expr:
        until = pl.col(end).fill_null(date.max)
        person, order = [SENDER, client], [start, until, FILE, PLACE]
        before = until.cum_max().shift(1).over(person, order_by=order)
        after = pl.col(start).shift(-1).over(person, order_by=order)
        overlaps = (pl.col(start) < before).fill_null(False) | (after < until).fill_null(False)
        return ~overlaps

    return follow
