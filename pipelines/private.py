"""Rows about clients: the raw and core tables of a region, readable by their owner only.

Belongs here: storing and reading them in a closed folder. Does not belong here: marts, and any path
by which these rows could reach the warehouse, a release or a report.

The folder holds the tables of the region's latest run. They are written anew by every run, one file
at a time, and nothing but that run reads them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from models.errors import UitstroomError
from pipelines.storage import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    make_folder,
    parquet_bytes,
    remove_leftovers,
    replace_file,
)


def open_private(folder: Path) -> Path:
    """Make a region's closed folder, without what a killed run left in it."""
    make_folder(folder.parent, mode=PRIVATE_FOLDER)
    make_folder(folder, mode=PRIVATE_FOLDER)
    remove_leftovers(folder)
    return folder


def write_private(folder: Path, tables: Mapping[str, pl.DataFrame], *, layer: str) -> None:
    """Write all tables of a layer, and remove those of it that are no longer made.

    Args:
        folder: The closed folder.
        tables: The tables by name.
        layer: `raw` or `core`, with which every name begins.
    """
    for name, frame in tables.items():
        replace_file(folder / f"{name}.parquet", parquet_bytes(frame), mode=PRIVATE_FILE)
    for file in folder.glob(f"{layer}_*.parquet"):
        if file.stem not in tables:
            file.unlink()


def read_private(folder: Path, names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Read tables that this run wrote.

    Raises:
        UitstroomError: One of them is not there.
    """
    tables = {}
    for name in names:
        file = folder / f"{name}.parquet"
        if not file.is_file():
            raise UitstroomError(
                "the table is not there",
                where=f"{folder.name}, {name}",
                todo="Run the whole job; its steps only work together.",
            )
        tables[name] = pl.read_parquet(file)
    return tables
