"""What came through the door of one region, as tables: accepted rows, quarantine, files, changes.

Belongs here: the shape of the result, the state of one file on its way, and the law that no row is
lost. Does not belong here: deciding what happens to a file (`deliveries.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from models.errors import FaultList, RefusedError, UitstroomError
from pipelines.sources.columns import Contract
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.convert import FAULTS, TYPES, Change, Converted
from pipelines.sources.parcels import Parcel
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Rule
from pipelines.sources.rows import REPEATS

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
NOTICES_SCHEMA: Mapping[str, pl.DataType] = {
    "contract": pl.String(),
    "file": pl.String(),
    "kind": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "reason": pl.String(),
    "what": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
    "todo": pl.String(),
}
"""What is told of a file without refusing it; `kind` is "warning" or "waits"."""


class Verdict(StrEnum):
    """What became of a file."""

    ACCEPTED = "accepted"
    WITH_WARNING = "accepted_with_warning"
    WITH_QUARANTINE = "accepted_with_quarantine"
    REFUSED = "refused"
    WAITING = "waiting"
    """A person must confirm it first; until then nothing of it goes on."""
    KNOWN = "known"
    """The same bytes lie in the same folder under another name; this copy adds nothing."""
    RETRACTED = "retracted"
    """The sender took it back; it is passed over."""
    EXPIRED = "expired"
    """The period for which the region keeps it is over; it is passed over."""


PASSED_OVER = frozenset({Verdict.RETRACTED, Verdict.EXPIRED})
"""Verdicts under which a file is not even read."""


@dataclass(frozen=True, eq=False)
class Deliveries:
    """What came through the door of one region.

    Args:
        accepted: Contract name -> typed rows, with `_file` and `_row` last; every contract is
            there, also when nothing came in.
        quarantine: One line per fault of a row that was set apart.
        files: One line per file with its counts and its fate.
        refusals: Why files, or the region as a whole, are refused.
        changes: What was read otherwise than it was written.
        waits: What a person must confirm, as refusals that say so.
        notices: Warnings and what waits, in the columns of `NOTICES_SCHEMA`.
    """

    accepted: Mapping[str, pl.DataFrame]
    quarantine: pl.DataFrame
    files: pl.DataFrame
    refusals: list[RefusedError]
    changes: pl.DataFrame
    waits: list[RefusedError] = field(default_factory=list)
    notices: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NOTICES_SCHEMA))

    def raise_if_refused(self) -> None:
        """Raise every refusal together, and what waits for a person.

        Raises:
            RefusedError: The only refusal.
            FaultsError: Several, with the exit code of a refusal.
        """
        faults = FaultList()
        for refusal in (*self.refusals, *self.waits):
            faults.add(refusal)
        faults.raise_if_any()


@dataclass
class DeliveredFile:
    """One file on its way through the door.

    Args:
        parcel: Where it lies and what its envelope says.
        sha256: The hash of its bytes, once it was received.
        rows_in: How many rows it holds, those without data included.
        non_data: How many of them are no data: empty ones, titles, totals.
        rows: Its typed rows, once its header was understood.
        refusals: Why it is refused.
        faults: Faults of its rows, those of the rules over several rows included.
        repeats: Rows that repeat another one.
        warnings: What is told of it although it counts.
        waits: What a person must confirm before it counts.
        is_known: The same bytes came in before it under another name.
        passed: Why it is passed over, where it is.
    """

    parcel: Parcel
    sha256: str | None = None
    rows_in: int = 0
    non_data: int = 0
    rows: Converted | None = None
    refusals: list[RefusedError] = field(default_factory=list)
    faults: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FAULTS))
    repeats: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REPEATS))
    warnings: list[Notice] = field(default_factory=list)
    waits: list[Notice] = field(default_factory=list)
    is_known: bool = False
    passed: Verdict | None = None

    @property
    def is_refused(self) -> bool:
        """Whether nothing of the file goes on."""
        return bool(self.refusals)

    @property
    def counts(self) -> bool:
        """Whether the rows of the file go on, those that are set apart excepted."""
        return self.rows is not None and not (self.refusals or self.waits)

    @property
    def apart(self) -> pl.Series:
        """Say of each row whether it is set apart."""
        if self.rows is None:
            return pl.Series([], dtype=pl.Boolean)
        apart = self.rows.faulty.clone()
        return apart.scatter(self.faults["place"].unique(), True)

    def accepted_rows(self) -> pl.DataFrame:
        """Give the rows that count when the file does: the contract's columns, and `_row`."""
        if self.rows is None:
            return pl.DataFrame(schema={"_row": pl.Int64})
        out = self.apart.scatter(self.repeats["place"], True)
        return self.rows.rows.with_columns(self.rows.lines.alias("_row")).filter(~out)

    @property
    def verdict(self) -> Verdict:
        """What becomes of the file, as things stand."""
        if self.passed is not None:
            return self.passed
        if self.is_refused:
            return Verdict.REFUSED
        if self.is_known:
            return Verdict.KNOWN
        if self.waits:
            return Verdict.WAITING
        if not self.faults.is_empty():
            return Verdict.WITH_QUARANTINE
        return Verdict.WITH_WARNING if self.warnings else Verdict.ACCEPTED


def schema_of(contract: Contract) -> dict[str, pl.DataType]:
    """Give the columns and types of a contract's accepted rows, `_file` and `_row` included."""
    columns = {column.name: TYPES.get(column.kind, pl.String()) for column in contract.columns}
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
        quarantine=_quarantine(files),
        files=_frame(FILES_SCHEMA, (_file_row(file, accepted) for file in files)),
        refusals=refusals,
        changes=_frame(CHANGES_SCHEMA, _change_rows(files)),
        waits=[_as_refusal(file, one) for file in files if _is_waiting(file) for one in file.waits],
        notices=_frame(NOTICES_SCHEMA, _notice_rows(files)),
    )


def _frame(schema: Mapping[str, pl.DataType], rows: Iterable[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(schema), orient="row")


def _is_waiting(file: DeliveredFile) -> bool:
    return file.verdict is Verdict.WAITING


def _as_refusal(file: DeliveredFile, notice: Notice) -> RefusedError:
    return DeliveryRefusedError(
        notice.reason,
        notice.what,
        where=file.parcel.where,
        found=notice.found,
        expected=notice.expected,
        todo=notice.todo,
        line=notice.line,
        column=notice.column,
    )


def _accepted(contract: Contract, files: list[DeliveredFile]) -> pl.DataFrame:
    schema = schema_of(contract)
    frames = [pl.DataFrame(schema=schema)]
    for file in files:
        if file.rows is None or not file.counts:
            continue
        rows = file.accepted_rows().with_columns(pl.lit(file.parcel.file).alias("_file"))
        frames.append(rows.select(list(schema)))
    return pl.concat(frames).sort(*contract.key, "_file", "_row")


def _quarantine(files: list[DeliveredFile]) -> pl.DataFrame:
    frames = [pl.DataFrame(schema=QUARANTINE_SCHEMA)]
    for file in files:
        if file.rows is None or file.faults.is_empty():
            continue
        told = file.faults.sort("place", "column", "reason", maintain_order=True)
        frames.append(
            told.select(
                pl.lit(file.parcel.contract).alias("contract"),
                pl.lit(file.parcel.file).alias("file"),
                file.rows.lines.gather(told["place"]).alias("row"),
                "column",
                "reason",
                "found",
                "expected",
            )
        )
    return pl.concat(frames)


def _change_rows(files: list[DeliveredFile]) -> Iterable[tuple[object, ...]]:
    for file in files:
        if file.rows is None or not file.counts:
            continue
        key = CONTRACTS[file.parcel.contract].key[0]
        lines = file.rows.lines
        repeats = [
            Change(key, Rule.IDENTICAL_ROW, 1, (f"repeats {name} line {line}",), lines[place])
            for place, name, line in file.repeats.sort("place").iter_rows()
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


def _notice_rows(files: list[DeliveredFile]) -> Iterable[tuple[object, ...]]:
    for file in files:
        told = [("warning", one) for one in file.warnings] + [("waits", one) for one in file.waits]
        for kind, one in told:
            yield (
                file.parcel.contract,
                file.parcel.file,
                kind,
                one.line,
                one.column,
                one.reason.value,
                one.what,
                one.found,
                one.expected,
                one.todo,
            )


def _file_row(file: DeliveredFile, accepted_rows: Mapping[str, pl.DataFrame]) -> tuple[object, ...]:
    envelope = file.parcel.envelope
    non_data = file.non_data + (file.repeats.height if file.counts else 0)
    quarantined = int(file.apart.sum()) if file.counts else file.rows_in - file.non_data
    frame = accepted_rows.get(file.parcel.contract)
    accepted = 0 if frame is None else int((frame["_file"] == file.parcel.file).sum())
    if file.rows_in != accepted + quarantined + non_data:
        raise UitstroomError(
            "rows got lost at the door",
            where=file.parcel.where,
            found=f"{accepted} accepted, {quarantined} set apart, {non_data} no data",
            expected=f"{file.rows_in} together",
            todo="This is a fault of the product: report it.",
        )
    return (
        file.parcel.file,
        file.parcel.contract,
        envelope.sender if envelope is not None else None,
        file.sha256,
        envelope.delivered_on.isoformat() if envelope is not None else None,
        envelope.synthetic if envelope is not None else None,
        file.rows_in,
        accepted,
        quarantined,
        non_data,
        file.verdict.value,
    )
