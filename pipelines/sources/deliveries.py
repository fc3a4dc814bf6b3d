"""From a region's `deliveries/` folder to accepted rows, quarantine and the fate of every file.

Belongs here: the way of a file through the door. Does not belong here: the shape of the result
(`results.py`), storage, and anything that joins one contract with another.
"""

import hashlib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from models.errors import RefusedError
from pipelines.sources.cell import Setting
from pipelines.sources.columns import Contract
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.convert import convert
from pipelines.sources.header import match_header
from pipelines.sources.keys import is_example_key
from pipelines.sources.parcels import DELIVERIES, check_box, find_parcels
from pipelines.sources.raw import RawTable, read_content, read_delimited
from pipelines.sources.reasons import DeliveryRefusedError, Reason
from pipelines.sources.results import DeliveredFile, Deliveries, gather
from pipelines.sources.rows import rule_on_rows
from pipelines.sources.workbook import read_workbook

MOST_QUARANTINED_SHARE = 0.05
FEWEST_QUARANTINED = 3
"""Up to this many rows are set apart without refusing the file, however short it is."""

_SHOWN = 5


def read_deliveries(
    region_folder: Path,
    *,
    region_id: str,
    municipality_codes: AbstractSet[str],
    known_codes: AbstractSet[str],
    key: bytes,
    senders: AbstractSet[str] | None = None,
) -> Deliveries:
    """Read, check and type everything in a region's `deliveries/` folder; change nothing there.

    Args:
        region_folder: The folder that holds `deliveries/`.
        region_id: The region whose folder this is.
        municipality_codes: CBS codes of the region, those of merged predecessors included.
        known_codes: Every code that ever was a municipality.
        key: The secret of the pseudonyms; see `keys.key_for_region`.
        senders: Who may deliver to this region, or None when that is not laid down.

    Returns:
        The accepted rows and what became of the others. A refused file adds no rows and is told in
        `files` and `refusals`; whether the region goes on is for the caller to decide.

    Raises:
        RefusedError: The key is empty, or a folder cannot be opened.
    """
    if not key:
        raise RefusedError("the key of the pseudonyms is empty", where=region_id)
    files = [
        DeliveredFile(parcel, refusals=list(parcel.refusals))
        for parcel in find_parcels(region_folder)
    ]
    region_refusals = _check_together(files, key)
    allowed = None if senders is None else frozenset(senders)
    codes, known = frozenset(municipality_codes), frozenset(known_codes)
    for file in files:
        file.refusals.extend(check_box(file.parcel, region_id, allowed))
        if file.parcel.envelope is not None and not file.is_refused:
            _open(file, Setting(file.parcel.envelope, region_id, codes, known, key), files)
    for contract in CONTRACTS.values():
        _settle(contract, [file for file in files if file.parcel.contract == contract.name])
    return gather(files, region_refusals)


# --- the region as a whole ---------------------------------------------------------------------


def _check_together(files: list[DeliveredFile], key: bytes) -> list[RefusedError]:
    declared = [(file, file.parcel.envelope) for file in files if file.parcel.envelope is not None]
    real = [file for file, envelope in declared if envelope and not envelope.synthetic]
    refusals: list[RefusedError] = []
    if real and len(real) < len(declared):
        refusals.append(
            DeliveryRefusedError(
                Reason.MIXED_SYNTHETIC,
                "synthetic and real deliveries lie in one region",
                where=DELIVERIES,
                found=f"{len(real)} real and {len(declared) - len(real)} synthetic",
                expected="one of the two",
                todo="Take the synthetic deliveries out before the first real one.",
            )
        )
    if real and is_example_key(key):
        refusals.append(
            DeliveryRefusedError(
                Reason.WRONG_KEY,
                "real deliveries may not be read with the openly known example key",
                where=DELIVERIES,
                todo="Give the region a key of its own with UITSTROOM_KEY_FILE.",
            )
        )
    if refusals:
        for file, _ in declared:
            file.refusals.extend(refusals)
    return refusals


# --- one file ----------------------------------------------------------------------------------


def _open(file: DeliveredFile, setting: Setting, files: list[DeliveredFile]) -> None:
    parcel = file.parcel
    contract = CONTRACTS[parcel.contract]
    try:
        content = read_content(parcel.path, parcel.where)
        file.sha256 = hashlib.sha256(content).hexdigest()
        if _is_known(file, files):
            file.is_known = True
            return
        file.table = _table(content, file, setting)
    except RefusedError as refusal:
        file.refusals.append(refusal)
        return
    separator = setting.envelope.separator
    names, faults = match_header(file.table.header, contract, separator, parcel.where)
    file.refusals.extend(faults)
    file.refusals.extend(_check_rows(file.table, setting, parcel.where))
    units = setting.envelope.units or {}
    file.refusals.extend(_check_units(units, contract, parcel.where))
    if not faults:
        file.rows = convert(file.table, names, contract, setting, parcel.where)
        file.refusals.extend(file.rows.refusals)
        file.faults = list(file.rows.faults)


def _is_known(file: DeliveredFile, files: list[DeliveredFile]) -> bool:
    return any(
        other.sha256 == file.sha256
        and other.parcel.contract == file.parcel.contract
        and not other.is_refused
        for other in files
        if other is not file
    )


def _table(content: bytes, file: DeliveredFile, setting: Setting) -> RawTable:
    suffix = file.parcel.path.suffix.casefold()
    if suffix == ".xlsx":
        return read_workbook(content, setting.envelope, file.parcel.where)
    if suffix == ".csv":
        return read_delimited(content, setting.envelope, file.parcel.where)
    raise DeliveryRefusedError(
        Reason.UNREADABLE,
        "this kind of file is not read",
        where=file.parcel.where,
        found=repr(suffix),
        expected=".csv or .xlsx",
        todo="Save it as one of those.",
    )


def _check_rows(table: RawTable, setting: Setting, where: str) -> Iterable[RefusedError]:
    envelope, count = setting.envelope, len(table.rows)
    if count == 0 and envelope.no_rows_reason is None:
        yield DeliveryRefusedError(
            Reason.NO_ROWS,
            "the file holds a header and no rows",
            where=where,
            expected="rows, or no_rows_reason in the envelope",
            todo="Ask the sender whether there is nothing to deliver.",
        )
    if count > 0 and envelope.no_rows_reason is not None:
        yield DeliveryRefusedError(
            Reason.NO_ROWS,
            "the envelope says why there are no rows, but there are",
            where=where,
            found=f"{count} rows",
            expected="none",
            todo="Take no_rows_reason out, or deliver the right file.",
        )
    if envelope.rows is not None and envelope.rows != count:
        yield DeliveryRefusedError(
            Reason.ROW_COUNT,
            "the number of rows is not the one in the envelope",
            where=where,
            found=str(count),
            expected=str(envelope.rows),
            todo="Part of the file may be lost: ask for it again.",
        )


def _check_units(
    units: Mapping[str, str], contract: Contract, where: str
) -> Iterable[RefusedError]:
    names = {column.name for column in contract.columns}
    for name in sorted(set(units) - names):
        yield DeliveryRefusedError(
            Reason.BAD_ENVELOPE,
            "the envelope gives the unit of a column that the contract does not have",
            where=where,
            found=repr(name),
            expected=", ".join(sorted(names)),
            todo="Mend the envelope.",
        )


# --- the files of one contract -----------------------------------------------------------------


def _settle(contract: Contract, files: list[DeliveredFile]) -> None:
    """Apply the rules over several rows and refuse files of which too much would be set apart.

    Each file first stands for itself, then all stand together, until no further file is refused:
    a refused file adds nothing, so what its rows did to those of other files is looked at again.
    """
    for file in files:
        _rule(contract, [file])
    while _rule(contract, files):
        pass


def _rule(contract: Contract, files: list[DeliveredFile]) -> bool:
    """Apply the rules over several rows to these files; say whether one is refused by that."""
    open_files = {file.parcel.file: file for file in files if not file.is_refused}
    rows = {name: file.rows for name, file in open_files.items() if file.rows is not None}
    senders = {
        name: file.parcel.envelope.sender
        for name, file in open_files.items()
        if file.parcel.envelope is not None
    }
    rulings = rule_on_rows(contract, rows, senders)
    for name, converted in rows.items():
        open_files[name].faults = [*converted.faults, *rulings.faults[name]]
        open_files[name].repeats = rulings.repeats[name]
    too_bad = [file for file in open_files.values() if _has_too_many_apart(file)]
    for file in too_bad:
        file.refusals.append(_too_many(file))
    return bool(too_bad)


def _has_too_many_apart(file: DeliveredFile) -> bool:
    count = len(file.rows.lines) if file.rows is not None else 0
    apart = len(file.apart)
    return apart > FEWEST_QUARANTINED and apart > MOST_QUARANTINED_SHARE * count


def _too_many(file: DeliveredFile) -> RefusedError:
    rows = file.rows.lines if file.rows is not None else []
    reasons = sorted({fault.reason.value for fault in file.faults})
    lines = [str(rows[place]) for place in sorted(file.apart)[:_SHOWN]]
    return DeliveryRefusedError(
        Reason.TOO_MANY_QUARANTINED,
        "too many rows would be set apart",
        where=file.parcel.where,
        found=f"{len(file.apart)} of {len(rows)} rows, from line {', '.join(lines)} on "
        f"({', '.join(reasons)})",
        expected=f"at most {MOST_QUARANTINED_SHARE:.0%}",
        todo="Check the number language and date formats in the envelope, then the rows.",
    )
