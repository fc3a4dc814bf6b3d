"""The DuckDB engine: it runs the core's SQL files and builds the warehouse of all regions.

Belongs here: every use of DuckDB; nothing else in the product imports it. Does not belong here: SQL
text (the files in `sql/`), what the core tables mean (`core.py`), what the marts hold
(`models.tables`), or locks between runs: who calls `build_warehouse` holds the lock.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from models.errors import RefusedError, UitstroomError
from models.tables import MARTS, shape_table
from pipelines.faults import fault_point
from pipelines.sql.header import Cardinality, Header, read_header
from pipelines.sql.laws import check_after, check_before

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "1GB",
    "preserve_insertion_order": True,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
    "temp_directory": "",
}
_CLOSING = (
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""After this a query reaches the registered tables and nothing else."""


# --- The core ------------------------------------------------------------------------------------


def run_core(
    sql_folder: Path, inputs: dict[str, pl.DataFrame], *, parameters: dict[str, Any]
) -> dict[str, pl.DataFrame]:
    """Run a folder of SQL files, each after the tables that it reads, and check what each states.

    Args:
        sql_folder: Folder of `.sql` files; `pipelines/sql/header.py` tells what each must state.
        inputs: The tables to start from, by name.
        parameters: Values for the `$names` in the files, bound by the engine; a file takes those
            that it names.

    Returns:
        The table of every file by name, in the order in which they ran.

    Raises:
        RefusedError: A key, a cardinality, a required match, a row count or a total does not hold.
        UitstroomError: A file does not do what its header says, or the engine cannot run it.
    """
    files = {path.stem: path for path in sorted(sql_folder.glob("*.sql"))}
    headers = {name: read_header(path) for name, path in files.items()}
    tables: dict[str, pl.DataFrame] = dict(inputs)
    made: dict[str, pl.DataFrame] = {}
    with duckdb.connect(":memory:", config=_SETTINGS) as engine:
        _close(engine)
        for name, frame in inputs.items():
            engine.register(name, frame)
        for name in _running_order(headers, set(inputs)):
            made[name] = tables[name] = _run_file(
                engine, files[name], headers[name], tables, parameters
            )
            engine.register(name, made[name])
    return made


def _close(engine: duckdb.DuckDBPyConnection) -> None:
    """Let a connection reach nothing but its own tables, for good."""
    for statement in _CLOSING:
        engine.execute(statement)


def _running_order(headers: Mapping[str, Header], inputs: set[str]) -> list[str]:
    """Order the files so that each comes after what it reads; among equals by name."""
    for name, header in headers.items():
        unknown = sorted(header.needs - inputs - set(headers))
        if unknown or name in inputs:
            raise UitstroomError(
                "the file reads tables that nobody makes" if unknown else "the table is an input",
                where=f"{name}.sql",
                found=", ".join(unknown) or name,
            )
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, header in headers.items():
        sorter.add(name, *sorted(header.needs - inputs))
    order: list[str] = []
    try:
        sorter.prepare()
    except CycleError as error:
        loop = ", ".join(error.args[1])
        raise UitstroomError("core tables read each other in a ring", found=loop) from error
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return order


def _run_file(
    engine: duckdb.DuckDBPyConnection,
    path: Path,
    header: Header,
    tables: Mapping[str, pl.DataFrame],
    parameters: Mapping[str, Any],
) -> pl.DataFrame:
    text = path.read_text(encoding="utf-8")
    try:
        names = _named_parameters(engine, text, path)
        _check_query(engine, text, header, path)
        missing = sorted(names - set(parameters))
        if missing:
            raise UitstroomError(
                "the query asks for unknown parameters", where=path.name, found=", ".join(missing)
            )
        check_before(header, tables)
        bound = {name: parameters[name] for name in sorted(names)}
        result: pl.DataFrame = engine.sql(text, params=bound).pl()
    except duckdb.Error as error:
        about_text = isinstance(
            error, duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException
        )
        raise UitstroomError(
            "the engine cannot run the query",
            where=path.name,
            found=str(error).splitlines()[0] if about_text else type(error).__name__,
        ) from error
    absent = sorted({*header.key, *(column for column, _ in header.totals)} - set(result.columns))
    if absent:
        raise UitstroomError(
            "the result lacks columns of its header", where=path.name, found=", ".join(absent)
        )
    check_after(header, result, tables)
    return result


def _named_parameters(engine: duckdb.DuckDBPyConnection, text: str, path: Path) -> set[str]:
    statements = engine.extract_statements(text)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise UitstroomError(
            "a core file holds one query", where=path.name, found=f"{len(statements)} statements"
        )
    return set(statements[0].named_parameters)


def _check_query(engine: duckdb.DuckDBPyConnection, text: str, header: Header, path: Path) -> None:
    """Hold the header against the query itself: tables read, joins stated, rows ordered."""
    query = _read_query(engine, text, path)
    if query.reads != set(header.reads):
        raise UitstroomError(
            "the query reads other tables than the header says",
            where=path.name,
            found=", ".join(sorted(query.reads)),
            expected=", ".join(sorted(header.reads)),
        )
    stated = tuple(sorted(_stated(item) for item in header.cardinalities))
    if query.joins != stated:
        raise UitstroomError(
            "the query joins otherwise than the header states",
            where=path.name,
            found="; ".join(query.joins) or "no join",
            expected="; ".join(stated) or "no join",
            todo="Write every JOIN as JOIN table USING (columns) with its line cardinality.",
        )
    if not set(header.key) <= query.ordered:
        raise UitstroomError(
            "the query must order by its key",
            where=path.name,
            found=", ".join(sorted(query.ordered)) or "no order",
            expected=", ".join(header.key),
        )


@dataclass(frozen=True)
class _Query:
    """What a query says of itself: the tables it reads, its joins, the columns that order it."""

    reads: frozenset[str]
    joins: tuple[str, ...]
    ordered: frozenset[str]


_QUERIES: dict[str, _Query] = {}
"""Queries that were taken apart, by their text, which says it all."""


def _read_query(engine: duckdb.DuckDBPyConnection, text: str, path: Path) -> _Query:
    if text not in _QUERIES:
        rows = engine.execute("SELECT json_serialize_sql($text)", {"text": text}).fetchall()
        tree = json.loads(rows[0][0])
        if tree["error"]:
            raise UitstroomError(
                "the query cannot be read", where=path.name, found=str(tree.get("error_message"))
            )
        nodes = list(_nodes(tree))
        maps = [item["cte_map"]["map"] for item in nodes if "cte_map" in item]
        named = {node["key"] for one in maps for node in one}
        read = {node["table_name"] for node in nodes if node.get("type") == "BASE_TABLE"}
        joins = sorted(_join(node) for node in nodes if node.get("type") == "JOIN")
        ordered = _ordered_columns(tree["statements"][0]["node"])
        _QUERIES[text] = _Query(frozenset(read - named), tuple(joins), frozenset(ordered))
    return _QUERIES[text]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _join(node: dict[str, Any]) -> str:
    kind, right = node["ref_type"].lower(), node["right"].get("table_name") or "a query"
    columns = ", ".join(node["using_columns"])
    return f"{kind} {right} ({columns})" if columns else f"{kind} {right}"


def _stated(law: Cardinality) -> str:
    if law.kind == "cross":
        return f"cross {law.right}"
    return f"regular {law.right} ({', '.join(law.columns)})"


def _ordered_columns(node: dict[str, Any]) -> set[str]:
    return {
        item["expression"]["column_names"][-1]
        for modifier in node.get("modifiers", ())
        for item in modifier.get("orders", ())
        if item["expression"].get("column_names")
    }


# --- The warehouse -------------------------------------------------------------------------------


def build_warehouse(regions: dict[str, Path], target: Path) -> dict[str, int]:
    """Build one DuckDB file from every region's edition beside the old one, and swap it in.

    Only declared mart tables enter, whatever else lies in the folders; a region that lacks a table
    adds no rows to it. Readers of the old file keep it until they open the path again. After a
    failure the old file stands and nothing lies beside it.

    Args:
        regions: Region id -> folder of its edition with one `<table>.parquet` per mart.
        target: The file to make or replace; its folder is there.

    Returns:
        Rows per table, in the order of the declarations.

    Raises:
        RefusedError: A program has the old file open to write in it.
        UitstroomError: A table does not meet its declaration, or holds another region's rows; the
            disk is full or may not be written to.
    """
    building = target.with_name(f".{target.name}.building")
    try:
        _remove(building)
        frames = _mart_frames(regions)
        _write(building, frames)
        _refuse_journals(building, target)
        _flush(building)
        fault_point("K11")
        building.replace(target)
        _flush(target.parent)
    except (OSError, duckdb.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise UitstroomError(
            "the warehouse cannot be built",
            where=target.name,
            found=reason or type(error).__name__,
            todo="The old warehouse still stands; free the disk or the folder and run again.",
        ) from error
    finally:
        _remove(building)
    return {name: frame.height for name, frame in frames.items()}


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse to read it; a query reaches this file and nothing else.

    Raises:
        UitstroomError: There is no such file, somebody writes to it, or it is no warehouse.
    """
    try:
        engine = duckdb.connect(str(path), read_only=True, config=_SETTINGS)
    except duckdb.Error as error:
        raise UitstroomError(
            "the warehouse cannot be opened",
            where=path.name,
            found=type(error).__name__,
            todo="Run uitstroom run, which builds it again.",
        ) from error
    with engine:
        _close(engine)
        yield engine


def _mart_frames(regions: Mapping[str, Path]) -> dict[str, pl.DataFrame]:
    """Read, join and check every mart; text instead of enums, sorted by key."""
    frames: dict[str, pl.DataFrame] = {}
    for name, schema in MARTS.items():
        parts = [
            _region_frame(name, region, regions[region] / f"{name}.parquet")
            for region in sorted(regions)
            if (regions[region] / f"{name}.parquet").exists()
        ]
        if parts:
            shaped = shape_table(name, pl.concat(parts))
            texts = [key for key, dtype in shaped.schema.items() if isinstance(dtype, pl.Enum)]
            plain = shaped.with_columns(pl.col(texts).cast(pl.String))
            frames[name] = plain.sort(schema.primary_key())
    return frames


def _region_frame(name: str, region: str, path: Path) -> pl.DataFrame:
    try:
        frame = shape_table(name, pl.read_parquet(path))
    except pl.exceptions.PolarsError as error:
        raise UitstroomError(
            "the table cannot be read",
            where=f"{region}/{path.name}",
            todo="Run the region again.",
        ) from error
    others = sorted(set(frame["region_id"]) - {region})
    if others:
        raise UitstroomError(
            "the edition holds rows of another region",
            where=f"{region}/{path.name}",
            found=", ".join(others),
            expected=region,
            todo="Run the region again.",
        )
    return frame


def _write(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    with duckdb.connect(str(path), config=_SETTINGS) as engine:
        engine.begin()
        for name, frame in frames.items():
            engine.register("incoming", frame)
            engine.table("incoming").create(name)
            engine.unregister("incoming")
            for statement in _comments(name):
                engine.execute(statement)
            fault_point("K9")
        engine.commit()
        fault_point("K10")
        engine.execute("CHECKPOINT")


def _comments(name: str) -> Iterator[str]:
    """Write the declared descriptions as comments, which cannot take bound values."""
    schema = MARTS[name]
    about = " ".join((schema.__doc__ or "").split())
    yield f"COMMENT ON TABLE {_identifier(name)} IS {_literal(about)}"
    for column, declared in schema.columns().items():
        place = f"{_identifier(name)}.{_identifier(column)}"
        description = (declared.metadata or {}).get("description", "")
        yield f"COMMENT ON COLUMN {place} IS {_literal(description)}"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _refuse_journals(building: Path, target: Path) -> None:
    """A journal left beside a file would be played into whatever file has that name."""
    for path in (building, target):
        if _journal(path).exists():
            raise RefusedError(
                "a journal lies beside the warehouse: a program has it open to write in it",
                where=_journal(path).name,
                todo="Close that program, remove the journal and run again; the warehouse itself "
                "is made anew by every run.",
            )


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(building: Path) -> None:
    building.unlink(missing_ok=True)
    _journal(building).unlink(missing_ok=True)
