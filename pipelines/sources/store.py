"""The accepted rows of every delivery, under the hash of the file that they came from.

Belongs here: one closed folder a delivery, with its rows and its record, made visible whole. Does
not belong here: what happened when (`ledger.py`), comparing deliveries (`versions.py`).

Rows are typed and carry pseudonyms; the delivered bytes themselves are never stored. The same rows
again change nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import UitstroomError
from pipelines.faults import fault_point
from pipelines.storage import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    digest_folder,
    make_folder,
    parquet_bytes,
    publish_folder,
    remove_folder,
    remove_leftovers,
    sha256_of,
    write_file,
)

DELIVERIES = "deliveries"
"""Name of the folder of deliveries inside a region's closed folder."""

ROWS = "rows.parquet"
RECORD = "record.json"
_DRAFT = ".draft"


@dataclass(frozen=True)
class Stored:
    """A delivery as it was accepted.

    Attributes:
        rows: Its accepted rows: the columns of its contract, and `_row`.
        record: What was said of it then.
    """

    rows: pl.DataFrame
    record: Mapping[str, Any]


def open_store(private: Path) -> Path:
    """Make the folder of a region's deliveries, without what a killed run left in it.

    Args:
        private: The region's closed folder.
    """
    make_folder(private.parent, mode=PRIVATE_FOLDER)
    make_folder(private, mode=PRIVATE_FOLDER)
    folder = make_folder(private / DELIVERIES, mode=PRIVATE_FOLDER)
    remove_leftovers(folder)
    return folder


def store_delivery(
    folder: Path, sha256: str, rows: pl.DataFrame, record: Mapping[str, Any]
) -> Path:
    """Store what was accepted of a delivery, in one rename.

    Args:
        folder: The folder of the region's deliveries.
        sha256: The hash of the delivered file.
        rows: Its accepted rows.
        record: What is to be known beside them; text, numbers, lists and mappings of these.

    Returns:
        The folder of the delivery.
    """
    content = parquet_bytes(rows)
    told = {**record, "sha256": sha256, "rows_sha256": sha256_of(content)}
    text = f"{json.dumps(told, sort_keys=True, indent=1, ensure_ascii=False)}\n".encode()
    target = folder / sha256
    if target.is_dir() and digest_folder(target) == {
        RECORD: sha256_of(text),
        ROWS: sha256_of(content),
    }:
        return target
    draft = make_folder(folder / _DRAFT, mode=PRIVATE_FOLDER)
    try:
        write_file(draft / ROWS, content, mode=PRIVATE_FILE)
        write_file(draft / RECORD, text, mode=PRIVATE_FILE)
        fault_point("K5")
        publish_folder(draft, target)
        fault_point("K5")
    finally:
        remove_folder(draft)
    return target


def read_delivery(folder: Path, sha256: str) -> Stored | None:
    """Read what was accepted of a delivery; None when it is not there (any more).

    Raises:
        UitstroomError: It is not what was stored.
    """
    place = folder / sha256
    if not place.is_dir():
        return None
    try:
        record = json.loads((place / RECORD).read_text(encoding="utf-8"))
        content = (place / ROWS).read_bytes()
        is_sound = record["rows_sha256"] == sha256_of(content)
    except (OSError, ValueError, KeyError, TypeError):
        is_sound = False
    if not is_sound:
        raise UitstroomError(
            "the stored rows of a delivery are not what was stored",
            where=f"{DELIVERIES}/{sha256[:12]}",
            todo="Restore this folder, or remove it: a delivery that still lies in the region's "
            "folder is stored anew, with an earlier one nothing is compared then.",
        )
    return Stored(pl.read_parquet(BytesIO(content)), record)
