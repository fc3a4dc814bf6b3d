"""One pass of a region's deliveries through the door: received, read, compared, put on record.

Belongs here: what a run, a check and the commands `confirm` and `retract` share of it. Does not
belong here: how a file is read (`sources`), the core, an import of the models.

Only a run puts anything on record, and only when every file of the region came through: a refused
or waiting file ends the run and leaves the last edition.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import RefusedError, UitstroomError
from pipelines.faults import fault_point
from pipelines.marts import empty_mart
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder
from pipelines.sources.corrections import FILE as CORRECTIONS
from pipelines.sources.corrections import Corrections
from pipelines.sources.deliveries import read_deliveries
from pipelines.sources.examine import Examiner, Past
from pipelines.sources.ledger import Event, Ledger, Standing, stand
from pipelines.sources.open_data import municipalities
from pipelines.sources.parcels import Parcel
from pipelines.sources.receiving import receive, received_digests
from pipelines.sources.results import DeliveredFile, Deliveries, Verdict
from pipelines.sources.store import DELIVERIES, open_store, store_delivery
from pipelines.storage import sha256_of

_HISTORY: dict[str, Any] = {
    "contract": pl.String,
    "file": pl.String,
    "period_to": pl.String,
    "version": pl.Int64,
    "replaces": pl.String,
}
_STOPS = frozenset({Verdict.REFUSED, Verdict.WAITING})
_STOPPED = frozenset({Event.REFUSED, Event.WAITING})
_COUNTS = frozenset(
    verdict.value for verdict in Verdict if verdict.value.startswith(Verdict.ACCEPTED.value)
)


@dataclass
class Door:
    """A region's deliveries, frozen when the door was opened.

    Attributes:
        root: The data root.
        folder: The region's folder.
        parcels: What lay in `deliveries/`, with its bytes.
        corrections: The bytes of `corrections.toml`, b"" where there is none.
        standing: What the ledger said.
        pasts: What the files have behind them, by "contract/file"; filled by `read`.
        files: What became of every file; filled by `read`.
    """

    root: DataRoot
    folder: RegionFolder
    parcels: list[Parcel]
    corrections: bytes
    standing: Standing
    pasts: Mapping[str, Past] = field(default_factory=dict)
    files: list[DeliveredFile] = field(default_factory=list)

    @property
    def store(self) -> Path:
        """The folder of the stored deliveries."""
        return self.root.private(self.folder.region.id) / DELIVERIES

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of all that was received, by name inside the region's folder."""
        found = received_digests(self.parcels)
        if self.corrections:
            found[CORRECTIONS] = sha256_of(self.corrections)
        return found

    @property
    def counted(self) -> list[Parcel]:
        """The parcels that were neither retracted nor expired."""
        gone = self.passed_over
        return [parcel for parcel in self.parcels if parcel.sha256 not in gone]

    @property
    def passed_over(self) -> dict[str, Verdict]:
        """The hashes that no longer count, with the verdict that says why."""
        expired = dict.fromkeys(self.standing.expired, Verdict.EXPIRED)
        return expired | dict.fromkeys(self.standing.retracted, Verdict.RETRACTED)

    def read(self, key: bytes) -> Deliveries:
        """Read, check and type what was received; refusals are for the caller to raise."""
        region = self.folder.region.id
        known = municipalities(self.root.open_data)
        codes = frozenset(known.predecessors_inside(self.folder.municipality_codes()))
        corrections = Corrections(
            self.corrections, region_id=region, codes=codes, known_codes=known.codes, key=key
        )
        examiner = Examiner(self.standing, self.store)
        deliveries = read_deliveries(
            self.parcels,
            region_id=region,
            municipality_codes=codes,
            known_codes=known.codes,
            municipalities=known,
            key=key,
            confirmed=self.standing.confirmed,
            passed_over=self.passed_over,
            correct=corrections.apply,
            examine=examiner.examine,
        )
        fault_point("K3")
        deliveries.refusals.extend(corrections.faults)
        if not deliveries.refusals:
            deliveries.refusals.extend(corrections.unmet())
        self.pasts, self.files = examiner.pasts, examiner.files
        return deliveries

    def history(self) -> dict[str, str]:
        """Hash what the record of the region adds to its files, by name.

        Nothing for a file that came in first, once: a fresh copy of the region gives the same.
        """
        found: dict[str, str] = {}
        gone = self.passed_over
        for parcel in self.parcels:
            name = f"{parcel.contract}/{parcel.file}"
            past = self.pasts.get(name, Past())
            confirmed = sorted(self.standing.confirmed.get(parcel.sha256 or "", ()))
            passed = gone.get(parcel.sha256 or "")
            told = {"past": past.as_record(), "confirmed": confirmed, "passed": passed}
            if not past.is_first or confirmed or passed:
                found[f"history/{name}"] = sha256_of(json.dumps(told, sort_keys=True).encode())
        return found

    @property
    def confirmed(self) -> dict[str, frozenset[str]]:
        """The reasons that a person confirmed for what lies there now, by "contract/file"."""
        return {
            f"{one.contract}/{one.file}": self.standing.confirmed[one.sha256]
            for one in self.parcels
            if one.sha256 is not None and one.sha256 in self.standing.confirmed
        }

    def history_table(self) -> pl.DataFrame:
        """Tell of every file how far it reaches, and which version it is."""
        rows = []
        for parcel in self.parcels:
            past = self.pasts.get(f"{parcel.contract}/{parcel.file}", Past())
            until = None if parcel.envelope is None else parcel.envelope.period_to.isoformat()
            rows.append((parcel.contract, parcel.file, until, past.version, past.replaces))
        return pl.DataFrame(rows, schema=_HISTORY, orient="row")

    def version_table(self, region_id: str) -> pl.DataFrame:
        """Tell what every new version says otherwise (`mart_delivery__version`)."""
        rows = []
        for parcel in self.parcels:
            past = self.pasts.get(f"{parcel.contract}/{parcel.file}", Past())
            if past.difference is None:
                continue
            told = past.difference
            rows.append(
                {
                    "region_id": region_id,
                    "contract": parcel.contract,
                    "file": parcel.file,
                    "version": past.version,
                    "sha256": parcel.sha256,
                    "replaces": past.replaces,
                    "rows_before": told.rows_before,
                    "rows_added": told.added,
                    "rows_removed": told.removed,
                    "rows_changed": told.changed,
                    "cells_changed": told.cells_changed,
                    "closed_cells": told.closed_cells,
                    "closed_changed": told.closed_changed,
                }
            )
        return pl.DataFrame(rows) if rows else empty_mart("mart_delivery__version")

    def put_on_record(self, deliveries: Deliveries, *, at: str) -> None:
        """Store the accepted rows and enter what became of every file in the ledger.

        The same again enters nothing. Called under the region's lock.

        Args:
            deliveries: What `read` gave.
            at: When, as the ledger shall say it.
        """
        store = open_store(self.root.private(self.folder.region.id))
        ledger = Ledger(store)
        if deliveries.refusals or any(file.verdict in _STOPS for file in self.files):
            for file in self.files:
                _enter_stopped(file, ledger, at)
            return
        counted = [
            row
            for row in deliveries.files.iter_rows(named=True)
            if row["verdict"] in _COUNTS and self._parcel(row).sha256
        ]
        fresh = [row for row in counted if not self._is_on_record(row)]
        number = self.standing.round
        done = _entered(ledger, number)
        for row in counted:
            self._store(row, deliveries, store)
            fault_point("K6")
            if row in fresh:
                nth = done + fresh.index(row) + 1
                told = {"round": number, "nth": nth, "of": done + len(fresh)}
                self._enter_accepted(row, ledger, at, told)

    def _store(self, row: Mapping[str, Any], deliveries: Deliveries, store: Path) -> None:
        envelope = self._parcel(row).envelope
        rows = deliveries.accepted[row["contract"]].filter(pl.col("_file") == row["file"])
        record = {
            **_facts(row),
            "synthetic": row["synthetic"],
            "delivered_on": row["delivered_on"],
            "period_to": None if envelope is None else envelope.period_to.isoformat(),
            "past": {_name(row): self.pasts.get(_name(row), Past()).as_record()},
        }
        store_delivery(store, row["sha256"], rows.drop("_file"), record)

    def _enter_accepted(
        self, row: Mapping[str, Any], ledger: Ledger, at: str, told: Mapping[str, int]
    ) -> None:
        past = self.pasts.get(_name(row), Past())
        where = {"contract": row["contract"], "file": row["file"]}
        if past.replaces is not None and not _is_replaced(ledger, _name(row), past.replaces):
            ledger.append(Event.REPLACED, at=at, sha256=past.replaces, **where, by=row["sha256"])
        facts = {**_facts(row), **told, "version": past.version}
        ledger.append(Event.ACCEPTED, at=at, sha256=row["sha256"], **facts)

    def _is_on_record(self, row: Mapping[str, Any]) -> bool:
        return self.standing.chains.get(_name(row), ())[-1:] == (row["sha256"],)

    def _parcel(self, row: Mapping[str, Any]) -> Parcel:
        return next(
            one
            for one in self.parcels
            if (one.contract, one.file) == (row["contract"], row["file"])
        )


def open_door(root: DataRoot, folder: RegionFolder) -> Door:
    """Freeze what lies in a region's folder, and read what the ledger says of it.

    Raises:
        RefusedError: A folder cannot be opened, or the ledger was changed.
    """
    region = folder.region.id
    standing = stand(Ledger(root.private(region) / DELIVERIES))
    parcels = receive(folder.folder)
    file = folder.folder / CORRECTIONS
    try:
        corrections = file.read_bytes() if file.is_file() else b""
    except OSError as error:
        raise UitstroomError("the file cannot be opened", where=CORRECTIONS) from error
    return Door(root, folder, parcels, corrections, standing)


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['contract']}/{row['file']}"


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("contract", "file", "sender", "verdict")
    return {name: row[name] for name in (*names, "rows_in", "accepted", "quarantined", "non_data")}


def _entered(ledger: Ledger, number: int) -> int:
    """Count the acceptances of a round that are in the ledger already."""
    return sum(
        entry.event is Event.ACCEPTED and entry.facts.get("round") == number
        for entry in ledger.entries
    )


def _is_replaced(ledger: Ledger, name: str, sha256: str) -> bool:
    """Whether a content was entered as replaced after it was last accepted under a name."""
    events = [one.event for one in ledger.entries if (one.name, one.sha256) == (name, sha256)]
    return events[-1:] == [Event.REPLACED]


def _enter_stopped(file: DeliveredFile, ledger: Ledger, at: str) -> None:
    """Enter that a file was refused or waits; of a refused one no name and nothing of its content.

    What the ledger said last of the same content is not said twice.
    """
    envelope, sha256 = file.parcel.envelope, file.parcel.sha256 or ""
    sender = None if envelope is None else envelope.sender
    if file.verdict is Verdict.REFUSED:
        event = Event.REFUSED
        facts: dict[str, Any] = {
            "sender": sender,
            "rules": sorted({_rule(one) for one in file.refusals}),
            "columns": sorted({getattr(one, "column", "") for one in file.refusals} - {""}),
            "rows": file.rows_in,
        }
    elif file.verdict is Verdict.WAITING:
        event = Event.WAITING
        facts = {
            "contract": file.parcel.contract,
            "file": file.parcel.file,
            "sender": sender,
            "reasons": sorted({one.reason.value for one in file.waits}),
        }
    else:
        return
    said = [one for one in ledger.entries if one.sha256 == sha256 and one.event in _STOPPED]
    if not said or said[-1].event is not event or dict(said[-1].facts) != facts:
        ledger.append(event, at=at, sha256=sha256, **facts)


def _rule(refusal: RefusedError) -> str:
    """Name why a file was refused: the code, and for personal data the rule that found it."""
    reason = str(getattr(refusal, "reason", "refused"))
    rule = getattr(refusal, "rule", "")
    return f"{reason}: {rule}" if rule else reason
