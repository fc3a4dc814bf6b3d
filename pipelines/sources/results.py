"""What came through the door of one region, as tables: accepted rows, quarantine, files, changes.

Belongs here: the shape of the result, the state of one file on its way, and the law that no row is
lost. Does not belong here: deciding what happens to a file (`deliveries.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from models.errors import FaultList, RefusedError, UitstroomError
from pipelines.sources.columns import Contract, Kind
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.convert import Change, Converted, RowFault
from pipelines.sources.parcels import Parcel
from pipelines.sources.raw import RawTable
from pipelines.sources.reasons import Rule

_TYPES: Mapping[Kind, pl.DataType] = {
    Kind.DATE: pl.Date(),
    Kind.YEAR: pl.Int64(),
    Kind.WHOLE: pl.Int64(),
    Kind.DECIMAL: pl.Float64(),
    Kind.BOOLEAN: pl.Boolean(),
}

FILES_SCHEMA: Mapping[str, pl.DataType] = {
    "file": pl.String(),
    "contract": pl.String(),
    "sender": pl.String(),
    "sha256": pl.String(),
    "delivered_on": pl.String(),
    "synthetic": pl.Boolean(),
    "rows_in": pl.Int64(),
    "accepted": pl.Int64(),
    "quarantined": pl.Int64(),
    "non_data": pl.Int64(),
    "verdict": pl.String(),
}
QUARANTINE_SCHEMA: Mapping[str, pl.DataType] = {
    "contract": pl.String(),
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "reason": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
}
CHANGES_SCHEMA: Mapping[str, pl.DataType] = {
    "contract": pl.String(),
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "rule": pl.String(),
    "count": pl.Int64(),
    "examples": pl.String(),
}


class Verdict(StrEnum):
    """What became of a file."""

    ACCEPTED = "accepted"
    WITH_QUARANTINE = "accepted_with_quarantine"
    REFUSED = "refused"
    KNOWN = "known"
    """The same bytes lie in the same folder under another name; this copy adds nothing."""


@dataclass(frozen=True, eq=False)
class Deliveries:
    """What came through the door of one region.

    Args:
        accepted: Contract -> its rows over all files, sorted by key, with `_file` and `_row`
            (line or row number); every contract is there, empty where nothing came.
        quarantine: One row per fault of a row that was set apart.
        files: One row per delivered file, with its counts and verdict.
        refusals: Every reason for which a file, or the region, is refused.
        changes: What was only notation (per file, column and rule, with up to three examples), and
            row by row each repeated row that counts once.
    """

    accepted: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    files: pl.DataFrame
    refusals: list[RefusedError]
    changes: pl.DataFrame

    def raise_if_refused(self) -> None:
        """Raise the refusals together.

        Raises:
            UitstroomError: A `RefusedError`, or a `FaultsError` that holds several.
        """
        faults = FaultList()
        for refusal in self.refusals:
            faults.add(refusal)
        faults.raise_if_any()


@dataclass
class DeliveredFile:
    """One file on its way through the door.

    Args:
        parcel: Where it lies and what its envelope says.
        sha256: The hash of its bytes, once it was opened.
        table: Its cells, once it was read.
        rows: Its typed rows, once its header was understood.
        refusals: Why it is refused.
        faults: Faults of its rows, those of the rules over several rows included.
        repeats: Place of a row that repeats another -> (file, line) of that one.
        is_known: The same bytes came in before it under another name.
    """

    parcel: Parcel
    sha256: str | None = None
    table: RawTable | None = None
    rows: Converted | None = None
    refusals: list[RefusedError] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    repeats: dict[int, tuple[str, int]] = field(default_factory=dict)
    is_known: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether nothing of the file goes on."""
        return bool(self.refusals)

    @property
    def apart(self) -> set[int]:
        """Places of the rows that are set apart."""
        return {fault.place for fault in self.faults}

    @property
    def verdict(self) -> Verdict:
        """What becomes of the file, as things stand."""
        if self.is_refused:
            return Verdict.REFUSED
        if self.is_known:
            return Verdict.KNOWN
        return Verdict.WITH_QUARANTINE if self.faults else Verdict.ACCEPTED


def schema_of(contract: Contract) -> dict[str, pl.DataType]:
    """Give the columns and types of a contract's accepted rows, `_file` and `_row` included."""
    columns = {column.name: _TYPES.get(column.kind, pl.String()) for column in contract.columns}
    return {**columns, "_file": pl.String(), "_row": pl.Int64()}


def gather(files: list[DeliveredFile], region_refusals: list[RefusedError]) -> Deliveries:
    """Put the outcome of all files together.

    Args:
        files: The files after all rules, by contract and name.
        region_refusals: Refusals of the region as a whole; the files carry them too.

    Raises:
        UitstroomError: A row got lost, which is a fault of the product.
    """
    refusals = [*region_refusals]
    for file in files:
        refusals.extend(one for one in file.refusals if one not in region_refusals)
    accepted = {
        contract.name: _accepted(contract, [f for f in files if f.parcel.contract == contract.name])
        for contract in CONTRACTS.values()
    }
    return Deliveries(
        accepted=accepted,
        quarantine=_frame(QUARANTINE_SCHEMA, _quarantine_rows(files)),
        files=_frame(FILES_SCHEMA, (_file_row(file, accepted) for file in files)),
        refusals=refusals,
        changes=_frame(CHANGES_SCHEMA, _change_rows(files)),
    )


def _frame(schema: Mapping[str, pl.DataType], rows: Iterable[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(schema), orient="row")


def _accepted(contract: Contract, files: list[DeliveredFile]) -> pl.DataFrame:
    schema = schema_of(contract)
    frames = [pl.DataFrame(schema=schema)]
    for file in files:
        if file.rows is None or file.is_refused:
            continue
        out = file.apart | set(file.repeats)
        kept = [place for place in range(len(file.rows.lines)) if place not in out]
        columns: dict[str, list[object]] = {
            name: [values[place] for place in kept] for name, values in file.rows.values.items()
        }
        columns["_file"] = [file.parcel.file] * len(kept)
        columns["_row"] = [file.rows.lines[place] for place in kept]
        frames.append(pl.DataFrame(columns, schema=schema))
    return pl.concat(frames).sort(*contract.key, "_file", "_row")


def _quarantine_rows(files: list[DeliveredFile]) -> Iterable[tuple[object, ...]]:
    for file in files:
        lines = file.rows.lines if file.rows is not None else []
        order = sorted(file.faults, key=lambda fault: (fault.place, fault.column, fault.reason))
        for fault in order:
            yield (
                file.parcel.contract,
                file.parcel.file,
                lines[fault.place],
                fault.column,
                fault.reason.value,
                fault.found,
                fault.expected,
            )


def _change_rows(files: list[DeliveredFile]) -> Iterable[tuple[object, ...]]:
    for file in files:
        if file.rows is None or file.is_refused:
            continue
        key = CONTRACTS[file.parcel.contract].key[0]
        repeats = [
            Change(
                key,
                Rule.IDENTICAL_ROW,
                1,
                (f"repeats {name} line {line}",),
                file.rows.lines[place],
            )
            for place, (name, line) in sorted(file.repeats.items())
        ]
        for change in (*file.rows.changes, *repeats):
            yield (
                file.parcel.contract,
                file.parcel.file,
                change.line,
                change.column,
                change.rule.value,
                change.count,
                "; ".join(change.examples),
            )


def _file_row(file: DeliveredFile, accepted_rows: Mapping[str, pl.DataFrame]) -> tuple[object, ...]:
    envelope = file.parcel.envelope
    blank = file.table.blank if file.table is not None else 0
    rows_in = blank + (len(file.table.rows) if file.table is not None else 0)
    non_data = blank + (0 if file.is_refused else len(file.repeats))
    quarantined = rows_in - blank if file.is_refused else len(file.apart)
    frame = accepted_rows.get(file.parcel.contract)
    accepted = 0 if frame is None else int((frame["_file"] == file.parcel.file).sum())
    if rows_in != accepted + quarantined + non_data:
        raise UitstroomError(
            "rows got lost at the door",
            where=file.parcel.where,
            found=f"{accepted} accepted, {quarantined} set apart, {non_data} no data",
            expected=f"{rows_in} together",
            todo="This is a fault of the product: report it.",
        )
    return (
        file.parcel.file,
        file.parcel.contract,
        envelope.sender if envelope is not None else None,
        file.sha256,
        envelope.delivered_on.isoformat() if envelope is not None else None,
        envelope.synthetic if envelope is not None else None,
        rows_in,
        accepted,
        quarantined,
        non_data,
        file.verdict.value,
    )
