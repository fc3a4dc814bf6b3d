"""Ids of another contract that nobody delivered: a stay in a facility that no file names.

Belongs here: the relations between contracts (`Contract.references`), once all files were settled.
Does not belong here: relations inside one file (`relations.py`), joins (`pipelines/sql`).

Such a row counts: what it says of itself is true, and what the other row would have told is
unknown in the core. It is told as a warning, since a slip in an id looks just like that. Where
nothing of the other contract was delivered, or part of it was refused or waits, nothing is told.
"""

from collections.abc import Sequence

import polars as pl

from pipelines.sources.columns import Contract
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.reasons import Notice, Reason
from pipelines.sources.results import DeliveredFile

_SHOWN = 5


def warn_of_references(files: Sequence[DeliveredFile]) -> None:
    """Add a warning to every file that counts and names ids of another contract that are nowhere.

    Args:
        files: All files of a region.
    """
    for file in files:
        if not file.counts or file.passed is not None:
            continue
        contract = CONTRACTS[file.parcel.contract]
        for name, other, column in contract.references:
            known = _ids(other, column, files)
            if known is not None:
                _warn(file, contract, name, other, known)


def _ids(contract: str, column: str, files: Sequence[DeliveredFile]) -> pl.Series | None:
    """Give the accepted ids of a contract; None where they are not all known."""
    taken = [
        file
        for file in files
        if file.parcel.contract == contract and file.passed is None and not file.is_known
    ]
    if not taken or not all(file.counts for file in taken):
        return None
    return pl.concat([file.accepted_rows()[column] for file in taken]).unique()


def _warn(file: DeliveredFile, contract: Contract, name: str, other: str, known: pl.Series) -> None:
    rows = file.accepted_rows()
    lost = rows.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(known.implode()))
    if lost.is_empty():
        return
    ids = lost[name].unique(maintain_order=True)
    shown = ", ".join(ids.head(_SHOWN)) if not contract.column(name).is_personal else ""
    found = f"{lost.height} of {rows.height} rows"
    file.warnings.append(
        Notice(
            Reason.UNKNOWN_REFERENCE,
            f"rows name an id that no accepted row of {other} has",
            line=int(lost["_row"].min()),  # type: ignore[arg-type]
            column=name,
            found=f"{found} ({shown})" if shown else found,
            expected=f"an id of the contract {other}",
            todo="Look for a slip in the id, or ask for the rows that are missing there.",
        )
    )
