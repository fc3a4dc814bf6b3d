"""From the received files of a region to accepted rows, quarantine and the fate of every file.

Belongs here: the way of a file through the door. Does not belong here: taking files in
(`receiving.py`), taking them apart (`reading.py`), the files of a contract together
(`settling.py`), the shape of the result (`results.py`), storage, joins.

A stage says what it finds in one of three ways: a `DeliveryRefusedError` in `file.refusals`
(nothing of the file goes on), a `Notice` in `file.waits` (nothing goes on until a person confirmed
these very bytes; then it is a warning), a `Notice` in `file.warnings` (the file counts). Single
rows are set apart by the conversion and by the rules over rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from models.errors import RefusedError
from pipelines.sources.cell import Setting
from pipelines.sources.checking import check_hash, check_whole, prepare
from pipelines.sources.columns import Contract
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.convert import convert
from pipelines.sources.corrections import Corrected
from pipelines.sources.envelope import Envelope
from pipelines.sources.gate import (
    check_envelope,
    check_file_name,
    check_privacy,
    masked_name,
    without_free_fields,
)
from pipelines.sources.gate.findings import PrivacyRefusedError, PrivacyRule
from pipelines.sources.gate.secret import cut_secret_locations
from pipelines.sources.header import match_header
from pipelines.sources.keys import is_example_key
from pipelines.sources.merged import read_on_their_day
from pipelines.sources.municipalities import Municipalities
from pipelines.sources.parcels import DELIVERIES, Parcel, check_box
from pipelines.sources.raw import Form, RawTable
from pipelines.sources.reading import read_table
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason
from pipelines.sources.references import warn_of_references
from pipelines.sources.results import DeliveredFile, Deliveries, Verdict, gather
from pipelines.sources.settling import settle

Correct = Callable[[Parcel, pl.DataFrame], Corrected]
Examine = Callable[[Sequence[DeliveredFile]], None]

_KINDS = {".csv": "csv", ".xlsx": "xlsx"}


def read_deliveries(
    parcels: Sequence[Parcel],
    *,
    region_id: str,
    municipality_codes: AbstractSet[str],
    known_codes: AbstractSet[str],
    key: bytes,
    senders: AbstractSet[str] | None = None,
    confirmed: Mapping[str, AbstractSet[str]] = MappingProxyType({}),
    passed_over: Mapping[str, Verdict] = MappingProxyType({}),
    municipalities: Municipalities | None = None,
    correct: Correct | None = None,
    examine: Examine | None = None,
) -> Deliveries:
    """Check and type everything that a region was sent; change nothing there.

    Args:
        parcels: What was received; see `receiving.receive`.
        region_id: The region whose folder this is.
        municipality_codes: CBS codes of the region, those of merged predecessors included.
        known_codes: Every code that ever was a municipality.
        key: The secret of the pseudonyms; see `keys.key_for_region`.
        senders: Who may deliver to this region, or None when that is not laid down.
        confirmed: Hash of a file -> the reasons to wait that a person confirmed for it.
        passed_over: Hash of a file that no longer counts -> why.
        municipalities: Which municipality a name means; without it only codes are read.
        correct: Puts corrections into the typed rows of a file; see `corrections.Corrections`.
        examine: Adds what the files' periods and earlier deliveries say; see `examine.Examiner`.

    Returns:
        The accepted rows and what became of the others. A refused or waiting file adds no rows and
        is told in `files`, `refusals` and `waits`; whether the region goes on is for the caller to
        decide.

    Raises:
        RefusedError: The key is empty.
    """
    if not key:
        raise RefusedError("the key of the pseudonyms is empty", where=region_id)
    files = [_file(parcel, passed_over) for parcel in parcels]
    taken = [file for file in files if file.passed is None]
    region_refusals = _check_together(taken, key)
    allowed = None if senders is None else frozenset(senders)
    codes, known = frozenset(municipality_codes), frozenset(known_codes)
    for file in taken:
        file.refusals.extend(check_box(file.parcel, region_id, allowed))
        _check_names(file)
        if file.parcel.envelope is not None and not file.is_refused:
            setting = Setting(file.parcel.envelope, region_id, codes, known, key, municipalities)
            _open(file, setting, taken)
            _correct(file, correct)
        _confirm(file, confirmed)
    for contract in CONTRACTS.values():
        of_contract = [file for file in taken if file.parcel.contract == contract.name]
        settle(contract, of_contract)
    for file in taken:
        _confirm(file, confirmed)
    cut_secret_locations(taken)
    if examine is not None:
        examine(files)
        for file in taken:
            _confirm(file, confirmed)
    warn_of_references(files)
    return gather(files, region_refusals)


def _correct(file: DeliveredFile, correct: Correct | None) -> None:
    """Put corrections into the rows of a file; the fault of a cell that is corrected goes."""
    if correct is None or file.rows is None:
        return
    rows = file.rows
    done = correct(file.parcel, rows.rows.with_columns(rows.lines.alias("_row")))
    rows.rows = done.rows.drop("_row")
    rows.changes.extend(done.changes)
    file.refusals.extend(done.refusals)
    cells = pl.DataFrame(
        [(change.line, change.column) for change in done.changes],
        schema={"_row": pl.Int64, "column": pl.String},
        orient="row",
    )
    places = pl.DataFrame({"place": pl.int_range(rows.height, eager=True), "_row": rows.lines})
    mended = cells.join(places.cast(pl.Int64), on="_row")
    rows.faults = rows.faults.join(
        mended, on=["place", "column"], how="anti", maintain_order="left"
    )
    left = (
        mended.select("place")
        .unique()
        .with_columns(pl.col("place").is_in(rows.faults["place"].implode()).alias("is_faulty"))
    )
    rows.faulty = rows.faulty.scatter(left["place"], left["is_faulty"])
    file.faults = rows.faults


def _file(parcel: Parcel, passed_over: Mapping[str, Verdict]) -> DeliveredFile:
    file = DeliveredFile(parcel, sha256=parcel.sha256, refusals=list(parcel.refusals))
    file.passed = passed_over.get(parcel.sha256 or "")
    return file


def _confirm(file: DeliveredFile, confirmed: Mapping[str, AbstractSet[str]]) -> None:
    """Turn into warnings what a person confirmed for these bytes."""
    settled = confirmed.get(file.sha256 or "", frozenset())
    file.warnings.extend(one for one in file.waits if one.reason in settled)
    file.waits = [one for one in file.waits if one.reason not in settled]


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


def _check_names(file: DeliveredFile) -> None:
    """Refuse a file whose own name or envelope may point at a person; then nothing repeats it."""
    parcel = file.parcel
    found = check_file_name(parcel.file, parcel.envelope)
    if any(one.rule is PrivacyRule.FILE_NAME for one in found):
        parcel.file = masked_name(parcel.file)
        file.refusals = []
    if parcel.envelope is not None:
        told = check_envelope(parcel.envelope)
        if told:
            parcel.envelope = without_free_fields(parcel.envelope)
        found += told
    file.refusals.extend(PrivacyRefusedError(one, where=parcel.where) for one in found)


def _open(file: DeliveredFile, setting: Setting, files: list[DeliveredFile]) -> None:
    """Bring one file from its bytes to typed rows, as far as it gets."""
    parcel = file.parcel
    contract = CONTRACTS[parcel.contract]
    if _is_known(file, files):
        file.is_known = True
        return
    check_hash(file, setting.envelope.sha256)
    try:
        table = _table(parcel, setting.envelope)
    except RefusedError as refusal:
        file.refusals.append(refusal)
        return
    file.non_data = table.blank + len(table.titles)
    file.rows_in = table.height + file.non_data
    envelope = setting.envelope
    header = match_header(table, contract, envelope.separator, envelope.header_row, parcel.where)
    is_one_column = len(table.header) == 1 and bool(header.refusals)  # cells never divided
    private = (
        []
        if is_one_column
        else check_privacy(
            table, contract, setting.envelope, parcel.file, table.package, where=parcel.where
        )
    )
    if private:  # nothing more is said of such a file: a message could repeat what it holds
        file.refusals.extend(private)
        return
    _check_end(file, table, setting.envelope)
    file.refusals.extend(header.refusals)
    file.warnings.extend(header.warnings)
    file.refusals.extend(_check_units(envelope.units or {}, contract, parcel.where))
    if header.refusals:
        file.refusals.extend(_check_rows(table, setting, parcel.where))
        return
    if table.package is not None:
        setting = replace(setting, dates_1904=table.package.dates_1904)
    sheetful = prepare(file, table, header.names, contract, setting)
    file.refusals.extend(_check_rows(sheetful.table, setting, parcel.where))
    names = [name if ":" not in name else "" for name in header.names]
    file.rows = convert(sheetful.table, names, contract, setting, parcel.where)
    check_whole(file, sheetful, contract, setting)
    if setting.municipalities is not None:
        read_on_their_day(file.rows, contract, setting.municipalities)
    file.refusals.extend(file.rows.refusals)
    file.waits.extend(file.rows.waits)
    file.warnings.extend(file.rows.warnings)
    file.faults = file.rows.faults


def _is_known(file: DeliveredFile, files: list[DeliveredFile]) -> bool:
    """Whether these bytes came in under another name, before this file."""
    for other in files:
        if other is file:
            return False
        is_same = other.sha256 == file.sha256 and other.parcel.contract == file.parcel.contract
        if is_same and not other.is_refused:
            return True
    return False


def _table(parcel: Parcel, envelope: Envelope) -> RawTable:
    """Have the bytes of a file taken apart; afterwards they are not needed any more."""
    suffix = parcel.path.suffix.casefold()
    if suffix not in _KINDS or parcel.content is None:
        raise DeliveryRefusedError(
            Reason.UNREADABLE,
            "this kind of file is not read",
            where=parcel.where,
            found=repr(suffix),
            expected=".csv or .xlsx",
            todo="Save it as one of those.",
        )
    form = Form(
        kind=_KINDS[suffix],
        encoding=envelope.encoding,
        separator=envelope.separator,
        sheet=envelope.sheet,
        header_row=envelope.header_row,
    )
    content, parcel.content = parcel.content, None
    return read_table(content, form, parcel.where)


def _check_end(file: DeliveredFile, table: RawTable, envelope: Envelope) -> None:
    """See whether the file may have been cut: "178" without a line end may have been "1785".

    The hash in the envelope proves a file whole. A sender who counts the rows ends the last one
    too; where nothing is said of the file, it comes in with a warning.
    """
    if not table.ends_open or envelope.sha256 is not None:
        return
    what, expected = "the last row has no line end", "a line end after every row"
    todo = "The file may have been cut: compare its last row with the sender's."
    line = int(table.lines[-1]) if table.height else 1
    if envelope.has_manifest:
        refusal = DeliveryRefusedError(
            Reason.INCOMPLETE_END,
            what,
            where=file.parcel.where,
            expected=expected,
            todo=todo,
            line=line,
        )
        file.refusals.append(refusal)
    else:
        notice = Notice(Reason.INCOMPLETE_END, what, line=line, expected=expected, todo=todo)
        file.warnings.append(notice)


def _check_rows(table: RawTable, setting: Setting, where: str) -> Iterable[RefusedError]:
    envelope, count = setting.envelope, table.height
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
