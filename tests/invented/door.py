"""A process that takes an invented region through the door, so that a test can kill it on the way.

Belongs here: the region with an earlier and a later delivery, that process, and what it leaves.
Does not belong here: a test.
"""

import json
import multiprocessing
import os
import shutil
from multiprocessing.process import BaseProcess
from pathlib import Path

import polars as pl

from pipelines import faults
from pipelines.door import open_door
from pipelines.paths import DataRoot
from pipelines.regions import read_region_folder
from pipelines.sources.keys import read_example_key
from pipelines.sources.ledger import LEDGER, Ledger
from pipelines.storage import digest_folder
from tests.invented.region import REGION_ID, build_data_root

WAITS_SECONDS = 120
_PRELOADED = ["tests.invented.door"]


def build_two_deliveries(folder: Path) -> Path:
    """Make a region whose first deliveries are on record and of which one was delivered anew."""
    root = DataRoot(build_data_root(folder))
    boxes = root.region(REGION_ID) / "deliveries"
    for contract in ("applications", "lettings", "stays"):
        shutil.rmtree(boxes / contract)
    pass_door(folder)
    for contract in ("intake", "capacity"):
        file = boxes / contract / f"{contract}.csv"
        lines = file.read_text().splitlines(keepends=True)[:-1]
        file.write_text("".join(lines))
        envelope = file.with_name(f"{file.name}.toml")
        told = envelope.read_text().replace(f"rows = {len(lines)}", f"rows = {len(lines) - 1}")
        envelope.write_text(told)
    return folder


def pass_door(folder: Path, fault: str = "") -> None:
    """Do what a run does at the door; the moment is always the same."""
    if fault:
        os.environ[faults.VARIABLE] = fault
    root = DataRoot(folder)
    door = open_door(root, read_region_folder(root.region(REGION_ID)))
    deliveries = door.read(read_example_key())
    door.put_on_record(deliveries, at="2026-11-05T12:00:00+00:00")
    deliveries.raise_if_refused()


def start_door(folder: Path, fault: str = "") -> BaseProcess:
    """Begin to pass the door in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    process = context.Process(target=pass_door, args=(folder, fault))
    process.start()
    return process


def store_of(folder: Path) -> Path:
    """Give the folder of the stored deliveries."""
    return DataRoot(folder).private(REGION_ID) / "deliveries"


def state_of(folder: Path) -> dict[str, str]:
    """Hash all that the door left, the ledger included."""
    return digest_folder(store_of(folder))


def rows_of(folder: Path) -> dict[str, int]:
    """Count the stored rows of what counts now, by file, as the ledger names them."""
    counted: dict[str, int] = {}
    for entry in Ledger(store_of(folder)).entries:
        if entry.event.value == "accepted":
            place = store_of(folder) / entry.sha256
            counted[entry.name] = pl.read_parquet(place / "rows.parquet").height
            record = json.loads((place / "record.json").read_text())
            assert record["accepted"] == counted[entry.name] == entry.facts["accepted"]
    return counted


def events_of(folder: Path) -> list[str]:
    """List the events of the ledger with what they happened to."""
    assert (store_of(folder) / LEDGER).is_file()
    return [f"{one.event}:{one.sha256}" for one in Ledger(store_of(folder)).entries]
