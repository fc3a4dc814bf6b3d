"""The files of one contract together: rules over rows and persons, and when a file loses too much.

Belongs here: bringing those rules to the state of the files, and the refusal of a file of which too
much would be set apart. Does not belong here: the rules themselves (`rows.py`, `persons.py`), one
file by itself (`checking.py`), ids of other contracts (`references.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from models.errors import RefusedError
from pipelines.sources.checking import fault_frame
from pipelines.sources.columns import Contract
from pipelines.sources.persons import PersonRows, rule_on_persons
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason
from pipelines.sources.results import DeliveredFile
from pipelines.sources.rows import rule_on_rows

MOST_QUARANTINED_SHARE = 0.05
FEWEST_QUARANTINED = 3
"""Up to this many rows are set apart without refusing the file, however short it is."""

_SHOWN = 5


def settle(contract: Contract, files: list[DeliveredFile]) -> None:
    """Apply the rules over several rows and refuse files of which too much would be set apart.

    Each file first stands for itself, then all stand together, until no further file is refused:
    a refused file adds nothing, so what its rows did to those of other files is looked at again.
    A waiting file adds nothing either; its rows are looked at by themselves.
    """
    told = [file for file in files if file.rows is not None and not file.is_refused]
    for file in told:
        _rule(contract, [file])
    counting = [file for file in told if file.counts]
    are_several = len(told) > 1
    while counting and (
        (are_several and _rule(contract, counting)) or _rule_persons(contract, counting)
    ):
        counting = [file for file in counting if file.counts]
    for file in counting:
        _warn_of_overlaps(file)


def _rule_persons(contract: Contract, files: list[DeliveredFile]) -> bool:
    """Apply the rules over persons to these files; say whether one is refused by that."""
    rulings = _over_persons(contract, files)
    for file, ruling in zip(files, rulings, strict=True):
        file.faults = file.faults.vstack(ruling.faults)
    refused = [_refuse_for_rows(contract, file) for file in files]
    if any(refused):
        return True
    for file, ruling in zip(files, rulings, strict=True):
        file.warnings.extend(ruling.warnings)
        file.waits.extend(ruling.waits)
    return False


def _rule(contract: Contract, files: list[DeliveredFile]) -> bool:
    """Apply the rules over several rows to these files; say whether one is refused by that."""
    rows = {file.parcel.file: file.rows for file in files if file.rows is not None}
    senders = {
        file.parcel.file: file.parcel.envelope.sender
        for file in files
        if file.parcel.envelope is not None
    }
    rulings = rule_on_rows(contract, rows, senders)
    for file in files:
        name = file.parcel.file
        file.faults = rows[name].faults.vstack(rulings.faults[name])
        file.repeats = rulings.repeats[name]
    refused = [_refuse_for_rows(contract, file) for file in files]
    return any(refused)


def _refuse_for_rows(contract: Contract, file: DeliveredFile) -> bool:
    """Refuse a file of which too much would be set apart; say whether it is."""
    if _refuse_series_twice(contract, file):
        return True
    if _has_too_many_apart(file):
        file.refusals.append(_too_many(file))
        return True
    return _refuse_lost_municipality(contract, file)


def _has_too_many_apart(file: DeliveredFile) -> bool:
    apart = int(file.apart.sum())
    return apart > FEWEST_QUARANTINED and apart > MOST_QUARANTINED_SHARE * file.apart.len()


def _too_many(file: DeliveredFile) -> RefusedError:
    apart = file.apart
    first = file.rows.lines.filter(apart).head(_SHOWN).to_list() if file.rows is not None else []
    reasons = ", ".join(sorted(set(file.faults["reason"])))
    return DeliveryRefusedError(
        Reason.TOO_MANY_QUARANTINED,
        "too many rows would be set apart",
        where=file.parcel.where,
        found=f"{int(apart.sum())} of {apart.len()} rows, from line {', '.join(map(str, first))} "
        f"on ({reasons})",
        expected=f"at most {MOST_QUARANTINED_SHARE:.0%}",
        todo="Check the number language and date formats in the envelope, then the rows.",
        line=first[0] if first else None,
    )


# --- rules over persons, and what a whole file may not lose ---------------------------------------


@dataclass(frozen=True)
class _OfPersons:
    """What the rules over persons say of one file.

    Args:
        faults: Rows that are set apart, in the columns of `convert.FAULTS`.
        warnings: What a reader should know.
        waits: What a person must confirm.
    """

    faults: pl.DataFrame
    warnings: list[Notice]
    waits: list[Notice]


def _over_persons(contract: Contract, files: Sequence[DeliveredFile]) -> list[_OfPersons]:
    """Apply the rules over persons to the files that count, in their order."""
    given: dict[str, PersonRows] = {}
    for at, file in enumerate(files):
        if file.rows is None or file.parcel.envelope is None:
            continue
        read = ~file.rows.faulty.clone().scatter(file.repeats["place"], True)
        places = read.arg_true()
        given[str(at)] = PersonRows(
            file.parcel.envelope.sender,
            file.rows.rows.filter(read),
            places,
            file.rows.lines.gather(places),
            (~file.apart).gather(places),
        )
    rulings = rule_on_persons(contract, given)
    found = []
    for name in map(str, range(len(files))):
        found.append(
            _OfPersons(
                fault_frame(rulings.findings.get(name, [])),
                rulings.warnings.get(name, []),
                rulings.waits.get(name, []),
            )
        )
    return found


def _refuse_series_twice(contract: Contract, file: DeliveredFile) -> bool:
    """Refuse a series that gives one period twice with other figures; say whether it does."""
    if not contract.series or file.rows is None:
        return False
    twice = file.faults.filter(pl.col("reason") == Reason.DUPLICATE_KEY.value).sort("place")
    if twice.is_empty():
        return False
    first = twice.row(0, named=True)
    file.refusals.append(
        DeliveryRefusedError(
            Reason.SAME_PERIOD_TWICE,
            "a series gives one period twice, with other figures",
            where=file.parcel.where,
            found=first["found"],
            expected=first["expected"],
            todo="Ask the sender which row is right.",
            line=int(file.rows.lines[first["place"]]),
            column=contract.series,
        )
    )
    return True


def _refuse_lost_municipality(contract: Contract, file: DeliveredFile) -> bool:
    """Refuse a file that would lose every row of a municipality; say whether it does."""
    owner = next((one.name for one in contract.columns if one.own_region), "")
    if not owner or file.rows is None or not file.apart.any():
        return False
    lost = (
        file.rows.rows.select(owner)
        .with_columns(file.apart.alias("_apart"))
        .drop_nulls(owner)
        .group_by(owner)
        .agg(pl.col("_apart").all(), pl.len().alias("rows"))
        .filter("_apart")
        .sort(owner)
    )
    if lost.is_empty():
        return False
    reasons = ", ".join(sorted(set(file.faults["reason"])))
    file.refusals.append(
        DeliveryRefusedError(
            Reason.WHOLE_MUNICIPALITY,
            "every row of a municipality would be set apart",
            where=file.parcel.where,
            found=f"{lost[owner][0]}, {lost['rows'][0]} row(s) ({reasons})",
            expected="rows of every municipality",
            todo="Mend the rows and deliver the file again.",
            column=owner,
        )
    )
    return True


def _warn_of_overlaps(file: DeliveredFile) -> None:
    """Tell of stays that overlap besides setting them apart: they say something of the sender."""
    overlapping = file.faults.filter(pl.col("reason") == Reason.OVERLAPPING_STAYS.value)
    if overlapping.is_empty() or file.rows is None:
        return
    first = overlapping.sort("place").row(0, named=True)
    file.warnings.append(
        Notice(
            Reason.OVERLAPPING_STAYS,
            "stays of one person overlap by more than a day",
            line=int(file.rows.lines[first["place"]]),
            column=first["column"],
            found=f"{overlapping.height} stays",
            expected="one stay at a time",
            todo="Ask the sender which of them are right; until then they do not count.",
        )
    )
