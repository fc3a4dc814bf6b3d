"""The laws of a core SQL file, checked on the tables themselves before and after it runs.

Belongs here: keys, cardinalities, required matches, row counts and totals; the sentence that a
breach becomes. Does not belong here: the header's grammar (`header.py`), or running the query.

No message shows a value of a column that may point at a person.
"""

from collections.abc import Mapping, Sequence
from math import prod

import polars as pl

from models.errors import RefusedError
from pipelines.sources.contracts import CONTRACTS
from pipelines.sql.header import Cardinality, CountLaw, Header, Requirement

PERSONAL_COLUMNS = frozenset(
    column.name
    for contract in CONTRACTS.values()
    for column in contract.columns
    if column.is_personal
)
"""Columns whose values are never shown."""

EXAMPLES = 3
"""Most examples in one message."""

_TODO = "Correct the deliveries that these tables come from and deliver again."


def check_before(header: Header, tables: Mapping[str, pl.DataFrame]) -> None:
    """Check what must hold before a file's joins: required matches and unique join keys.

    Args:
        header: The file's header.
        tables: The tables that it reads or names, by name.

    Raises:
        RefusedError: A value has no match, or a join would multiply rows.
    """
    for requirement in header.requirements:
        _check_requirement(header, requirement, tables)
    for cardinality in header.cardinalities:
        for side in cardinality.unique_sides:
            _check_unique_side(header, cardinality, side, tables[side])


def check_after(header: Header, result: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> None:
    """Check a file's result: its key, its number of rows and its totals.

    Args:
        header: The file's header.
        result: The table that the file made.
        tables: The tables that it read, by name.

    Raises:
        RefusedError: A key is empty or double, or there are more or fewer rows than stated.
    """
    _check_key(header, result)
    _check_count(header, "rows", result.height, header.rows, tables)
    for column, law in header.totals:
        _check_count(header, f"{column} in all", int(result[column].sum()), law, tables)


def _check_requirement(
    header: Header, law: Requirement, tables: Mapping[str, pl.DataFrame]
) -> None:
    values = tables[law.table].select(law.column).drop_nulls()
    known = tables[law.in_table].select(pl.col(law.in_column).alias(law.column))
    strays = values.join(known.unique(), on=law.column, how="anti")
    if strays.is_empty():
        return
    raise RefusedError(
        f"{law.table}.{law.column} holds values that are not in {law.in_table}.{law.in_column}",
        where=header.table,
        found=f"{_rows(strays.height)}{_examples(strays)}",
        expected=f"every value in {law.in_table}",
        todo=header.todo or _TODO,
    )


def _check_unique_side(header: Header, law: Cardinality, side: str, table: pl.DataFrame) -> None:
    doubles = _doubles(table.drop_nulls(list(law.columns)), law.columns)
    if doubles.is_empty():
        return
    other = law.left if side == law.right else law.right
    raise RefusedError(
        f"joining {other} to {side} on {', '.join(law.columns)} would multiply rows",
        where=header.table,
        found=f"{_keys(doubles.height)} on several rows of {side}{_examples(doubles)}",
        expected=f"each once ({law.left} {law.kind} {law.right})",
        todo=header.todo or _TODO,
    )


def _check_key(header: Header, result: pl.DataFrame) -> None:
    key = list(header.key)
    filled = [name for name in key if name not in header.nullable]
    empty = result.filter(pl.any_horizontal(pl.col(name).is_null() for name in filled))
    if not empty.is_empty():
        raise RefusedError(
            f"the key {', '.join(filled)} is not filled",
            where=header.table,
            found=f"{_rows(empty.height)} with an empty key",
            expected="a value in every row",
            todo=header.todo or _TODO,
        )
    doubles = _doubles(result, header.key)
    if not doubles.is_empty():
        raise RefusedError(
            f"the key {', '.join(key)} is not unique",
            where=header.table,
            found=f"{_keys(doubles.height)} on several rows{_examples(doubles)}",
            expected="each once",
            todo=header.todo or _TODO,
        )


def _check_count(
    header: Header, what: str, number: int, law: CountLaw, tables: Mapping[str, pl.DataFrame]
) -> None:
    stated = sum(
        prod(_size(tables[term.table], term.columns) for term in product) for product in law.sums
    )
    if number == stated or (number < stated and not law.exact):
        return
    raise RefusedError(
        f"the join does not keep its stated number of {what}",
        where=header.table,
        found=str(number),
        expected=f"{law.text} ({stated})",
        todo=header.todo or _TODO,
    )


def _size(table: pl.DataFrame, columns: Sequence[str]) -> int:
    if not columns:
        return table.height
    return table.select(columns).drop_nulls().n_unique()


def _doubles(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    counted = table.group_by(list(columns)).len().filter(pl.col("len") > 1)
    return counted.drop("len").sort(list(columns))


def _rows(number: int) -> str:
    return f"{number} row" if number == 1 else f"{number} rows"


def _keys(number: int) -> str:
    return f"{number} key" if number == 1 else f"{number} keys"


def _examples(frame: pl.DataFrame) -> str:
    """Write up to three examples, without the columns that may point at a person."""
    shown = [name for name in frame.columns if name not in PERSONAL_COLUMNS]
    if not shown:
        return ""
    values = frame.select(shown).unique().sort(shown).head(EXAMPLES)
    texts = ["/".join(str(value) for value in row) for row in values.iter_rows()]
    return f", such as {', '.join(texts)}"
