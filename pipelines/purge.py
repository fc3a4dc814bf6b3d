"""Taking away rows about clients whose time is over, with a report of what went and what stays.

Belongs here: which stored deliveries and tables of a region are past the period that it sets, and
removing them. Does not belong here: reading or storing deliveries (`door`, `sources.store`), marts,
editions and releases, which hold no rows about clients and stay.

Erasure is the removal of whole files, never of rows inside a file: tables that may hold a row whose
time is over go as a whole, and the next run makes them again without it. The ledger's line comes
first, the files after it: a purge that was killed half-way is ended by the next one.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from models.params import Retention
from pipelines.basis import BASIS, expired_bases
from pipelines.faults import fault_point
from pipelines.paths import DataRoot
from pipelines.private import open_private
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.ledger import Event, Ledger, stand
from pipelines.sources.parcels import find_parcels
from pipelines.sources.store import open_store, read_delivery
from pipelines.storage import remove_folder, remove_leftovers, sha256_of, sync_folder

_RAW, _CORE = "raw_*.parquet", "core_*.parquet"
_RAW_PREFIX = "raw_delivery__"
_MONTHS = 12


@dataclass(frozen=True)
class Kept:
    """A real delivery of rows about clients in the store.

    Attributes:
        sha256: Its hash.
        name: "contract/file".
        delivered_on: When it was delivered.
        rows: How many rows of it are stored.
        until: The day from which it is no longer kept.
    """

    sha256: str
    name: str
    delivered_on: date
    rows: int
    until: date


@dataclass(frozen=True)
class Purge:
    """What one purge of a region did.

    Attributes:
        expired: Deliveries whose stored rows were removed now.
        kept: Deliveries that are kept, with the day until which.
        raw_tables: How many tables of accepted rows of the latest run were removed.
        core_tables: How many core tables of the latest run were removed.
        in_drop_folder: Files of the drop folder whose time is over and that still lie there.
        removed_files: Files of the drop folder that were removed now.
        bases: How many editions lost what they were computed from.
    """

    expired: tuple[Kept, ...] = ()
    kept: tuple[Kept, ...] = ()
    raw_tables: int = 0
    core_tables: int = 0
    in_drop_folder: tuple[str, ...] = ()
    removed_files: tuple[str, ...] = ()
    bases: int = 0

    def lines(self, region_id: str) -> Iterator[str]:
        """Tell it in sentences."""
        rows = sum(one.rows for one in self.expired)
        yield f"{region_id}: {len(self.expired)} deliveries with {rows} rows removed"
        for one in self.expired:
            yield f"  removed: {one.name}, delivered on {one.delivered_on}, {one.rows} rows"
        if self.raw_tables or self.core_tables:
            yield (
                f"  removed: {self.raw_tables} raw and {self.core_tables} core tables of the "
                "latest run; run the region again to make them without these rows"
            )
        if self.bases:
            yield (
                f"  removed: what {self.bases} earlier editions were computed from; a change since "
                "one of them can no longer be split"
            )
        for name in self.removed_files:
            yield f"  removed from the drop folder: {name}"
        for name in self.in_drop_folder:
            yield (
                f"  still in the drop folder and passed over: {name}; take it away, or purge with "
                "--drop-folder"
            )
        for one in self.kept:
            yield f"  kept until {one.until}: {one.name}, {one.rows} rows"


def purge_region(
    root: DataRoot,
    region_id: str,
    retention: Retention,
    today: date,
    *,
    drop_folder: bool = False,
) -> Purge:
    """Remove what a region keeps about clients longer than it may. Call it under the region's lock.

    Synthetic deliveries are about nobody and stay.

    Args:
        root: The data root.
        region_id: The region.
        retention: The periods that the region sets.
        today: The day from which periods are counted.
        drop_folder: Remove the delivered files too, with their envelopes.

    Raises:
        UitstroomError: The ledger or a stored delivery is damaged.
    """
    private = root.private(region_id)
    if not private.is_dir():
        return Purge()
    store = open_store(open_private(private))
    ledger = Ledger(store)
    stored = list(_stored(store, retention.raw_months))
    known = stand(ledger).expired
    over = [one for one in stored if one.until <= today or one.sha256 in known]
    for one in over:
        if one.sha256 not in known:
            contract, _, file = one.name.partition("/")
            facts = {"contract": contract, "file": file, "rows": one.rows}
            told = {**facts, "delivered_on": one.delivered_on.isoformat()}
            ledger.append(Event.EXPIRED, at=today.isoformat(), sha256=one.sha256, **told)
        fault_point("K20")
        remove_folder(store / one.sha256)
    sync_folder(store)
    fault_point("K20")
    raw = _remove_raw(private, ledger)
    fault_point("K20")
    core = _remove_core(private, ledger, retention.core_months, today)
    fault_point("K20")
    bases = _remove_bases(private, retention.core_months, today)
    lying, removed = _drop_folder(root.region(region_id), ledger, drop_folder)
    kept = tuple(one for one in stored if one not in over)
    return Purge(tuple(over), kept, raw, core, lying, removed, bases)


def add_months(day: date, months: int) -> date:
    """Give the day so many months later; the last day of a shorter month where there is none."""
    count = day.year * _MONTHS + day.month - 1 + months
    year, month = divmod(count, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _stored(store: Path, months: int) -> Iterator[Kept]:
    """List the stored real deliveries of contracts about persons, by hash."""
    for folder in sorted(store.iterdir()):
        if not folder.is_dir():
            continue
        delivery = read_delivery(store, folder.name)
        if delivery is None or delivery.record["synthetic"]:
            continue
        contract = str(delivery.record["contract"])
        if not any(column.is_pseudonym for column in CONTRACTS[contract].columns):
            continue
        day = date.fromisoformat(str(delivery.record["delivered_on"]))
        name = f"{contract}/{delivery.record['file']}"
        yield Kept(folder.name, name, day, delivery.rows.height, add_months(day, months))


def _remove_raw(private: Path, ledger: Ledger) -> int:
    """Remove the accepted rows of the latest run when an expired delivery is among them.

    The tables that hold one go last: while one is there, the others are known to be of its run.
    """
    standing = stand(ledger)
    names = {name for name, chain in standing.chains.items() if chain[-1] in standing.expired}
    tables = sorted(private.glob(_RAW))
    holding = [table for table in tables if _held(table) & names]
    if not holding:
        return 0
    return _remove([*(table for table in tables if table not in holding), *holding])


def _held(table: Path) -> set[str]:
    """Name the deliveries of which a table of accepted rows holds rows, as "contract/file"."""
    contract = table.stem.removeprefix(_RAW_PREFIX)
    if contract not in CONTRACTS:
        return set()
    files = pl.read_parquet(table, columns=["_file"])["_file"].unique()
    return {f"{contract}/{file}" for file in files}


def _remove_core(private: Path, ledger: Ledger, months: int, today: date) -> int:
    """Remove the core tables when they may hold rows of a delivery that is older than allowed.

    A run writes raw and core tables together: while there are raw tables, and none of an expired
    delivery, the core was made after the expiry.
    """
    if any(private.glob(_RAW)):
        return 0
    days = (
        date.fromisoformat(str(entry.facts["delivered_on"]))
        for entry in ledger.entries
        if entry.event is Event.EXPIRED and "delivered_on" in entry.facts
    )
    is_over = any(add_months(day, months) <= today for day in days)
    return _remove(sorted(private.glob(_CORE))) if is_over else 0


def _remove_bases(private: Path, months: int, today: date) -> int:
    """Remove what editions were computed from when it holds rows that are older than allowed.

    What a killed removal left behind holds such rows too.
    """
    remove_leftovers(private / BASIS)
    over = expired_bases(private, lambda day: add_months(date.fromisoformat(day), months) <= today)
    for folder in over:
        remove_folder(folder)
        sync_folder(folder.parent)
        fault_point("K20")
    return len(over)


def _remove(files: list[Path]) -> int:
    for file in files:
        file.unlink()
        sync_folder(file.parent)
        fault_point("K20")
    return len(files)


def _drop_folder(
    region: Path, ledger: Ledger, remove: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find, and where asked remove, the delivered files whose time is over."""
    expired = stand(ledger).expired
    found = [
        parcel
        for parcel in find_parcels(region)
        if parcel.is_file and sha256_of(parcel.path.read_bytes()) in expired
    ]
    names = tuple(parcel.where for parcel in found)
    if not remove:
        return names, ()
    for parcel in found:
        parcel.path.unlink()
        parcel.envelope_path.unlink(missing_ok=True)
        sync_folder(parcel.path.parent)
        fault_point("K20")
    return (), names
