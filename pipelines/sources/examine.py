"""Holding the files of a region against their envelopes' periods and against what came before.

Belongs here: which findings of `series.py` and `versions.py` refuse a file, let it wait for a
person, or only warn; the version of a file. Does not belong here: the counting itself, the ledger.

What is found of an earlier delivery is kept in the record of the delivery that it was found for, so
that a second run says the same when the earlier rows are no longer there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.sources.columns import Contract
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.envelope import Envelope
from pipelines.sources.ledger import Standing
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason
from pipelines.sources.results import DeliveredFile
from pipelines.sources.series import MOST_MISSING, missing_periods, outside
from pipelines.sources.store import Stored, read_delivery
from pipelines.sources.versions import MOST_CLOSED_CHANGED, Difference, capacity_jumps, compare

MOST_OUTSIDE = 0.05
FEWEST_OUTSIDE = 3
"""Up to this many rows outside the period of the envelope are a warning, however short the file."""

_SHOWN = 12


@dataclass(frozen=True)
class Past:
    """What a file has behind it.

    Attributes:
        version: Which content under this name it is, from 1.
        replaces: The hash of the content before it under this name.
        difference: What it says otherwise than that one.
        names: Other names under which the same content came in before.
        notices: What a person must look at because of an earlier delivery.
    """

    version: int = 1
    replaces: str | None = None
    difference: Difference | None = None
    names: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def is_first(self) -> bool:
        """Whether nothing of this content or name came in before."""
        return self == Past()

    def as_record(self) -> dict[str, Any]:
        """Give all of it as text, numbers, lists and mappings."""
        return {
            "version": self.version,
            "replaces": self.replaces,
            "difference": None if self.difference is None else self.difference.as_record(),
            "names": list(self.names),
            "notices": [{**asdict(one), "reason": one.reason.value} for one in self.notices],
        }

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Past":
        """Take it back from what `as_record` gave."""
        told = record["difference"]
        return cls(
            version=record["version"],
            replaces=record["replaces"],
            difference=None if told is None else Difference.of_record(told),
            names=tuple(record["names"]),
            notices=tuple(
                Notice(**{**one, "reason": Reason(one["reason"])}) for one in record["notices"]
            ),
        )


@dataclass
class Examiner:
    """Looks at the files of one region after their rows were settled.

    Args:
        standing: What the ledger says.
        store: The folder of the stored deliveries.

    Attributes:
        pasts: "contract/file" -> what was found behind it, filled by `examine`.
        files: The files that were looked at.
    """

    standing: Standing
    store: Path
    pasts: dict[str, Past] = field(default_factory=dict)
    files: list[DeliveredFile] = field(default_factory=list)

    def examine(self, files: Sequence[DeliveredFile]) -> None:
        """Add to every file what refuses it, makes it wait, or is worth a warning."""
        self.files = list(files)
        for file in files:
            envelope = file.parcel.envelope
            is_read = file.rows is not None and file.passed is None and not file.is_refused
            if not is_read or envelope is None:
                continue
            contract = CONTRACTS[file.parcel.contract]
            rows = file.accepted_rows()
            _examine_period(file, rows, contract, envelope)
            past = self._look_back(file, rows, contract, envelope)
            self.pasts[_name(file)] = past
            file.waits.extend(past.notices)
            if past.names:
                file.warnings.append(_known_content(past.names))

    def _look_back(
        self, file: DeliveredFile, rows: pl.DataFrame, contract: Contract, envelope: Envelope
    ) -> Past:
        sha256 = file.parcel.sha256 or ""
        name = _name(file)
        before, version = self.standing.before(name, sha256)
        names = tuple(one for one in self.standing.names.get(sha256, ()) if one != name)
        chain = self.standing.chains.get(name, ())
        if chain and chain[-1] == sha256:
            stored = read_delivery(self.store, sha256)
            told = None if stored is None else stored.record.get("past", {}).get(name)
            if told is not None and told["replaces"] == before and told["version"] == version:
                return Past.of_record(told)
        if before is None:
            last = self.standing.last_of(contract.name, envelope.sender, sha256)
            earlier = None if last is None else read_delivery(self.store, last)
            return Past(version, names=names, notices=tuple(_jumps(contract, earlier, rows)))
        earlier = read_delivery(self.store, before)
        if earlier is None:
            return Past(version, before, names=names)
        closed_until = date.fromisoformat(str(earlier.record["period_to"]))
        difference = compare(earlier.rows, rows, contract, closed_until)
        notices = [*_revised(difference, closed_until), *_jumps(contract, earlier, rows)]
        return Past(version, before, difference, names, tuple(notices))


def _name(file: DeliveredFile) -> str:
    return f"{file.parcel.contract}/{file.parcel.file}"


def _examine_period(
    file: DeliveredFile, rows: pl.DataFrame, contract: Contract, envelope: Envelope
) -> None:
    first, last = envelope.period_from, envelope.period_to
    declared = f"rows from {first.isoformat()} up to and including {last.isoformat()}"
    strays = outside(rows, contract, first, last)
    if strays.height:
        found = f"{strays.height} of {rows.height} rows"
        lines = [int(line) for line in strays["_row"].sort().to_list()]
        if strays.height > FEWEST_OUTSIDE and strays.height > MOST_OUTSIDE * rows.height:
            refusal = DeliveryRefusedError(
                Reason.OUTSIDE_PERIOD,
                "rows lie outside the period of the envelope",
                where=f"{file.parcel.where}, line {lines[0]}",
                found=found,
                expected=declared,
                todo="Is this the right file? Mend the period in the envelope, or deliver the "
                "file of this period.",
                line=lines[0],
            )
            file.refusals.append(refusal)
        else:
            about = "rows lie outside the period of the envelope"
            todo = "Ask the sender whether they belong in this delivery."
            file.warnings.append(
                Notice(Reason.OUTSIDE_PERIOD, about, lines[0], "", found, declared, todo)
            )
    gaps = missing_periods(rows, contract, first, last)
    if gaps.periods:
        told = file.waits if gaps.most > MOST_MISSING else file.warnings
        told.append(
            Notice(
                Reason.PERIODS_MISSING,
                "periods are missing from the series",
                column=contract.series,
                found=_listed(gaps.periods),
                expected=f"at most {MOST_MISSING} missing of any twelve",
                todo="Ask the sender for these periods; nothing is filled in.",
            )
        )


def _revised(difference: Difference, closed_until: date) -> list[Notice]:
    if difference.closed_share <= MOST_CLOSED_CHANGED:
        return []
    return [
        Notice(
            Reason.CLOSED_PERIODS_CHANGED,
            "much of the closed past differs from the delivery before under this name",
            found=f"{difference.closed_changed} of {difference.closed_cells} cells up to and "
            f"including {closed_until.isoformat()}",
            expected=f"at most {MOST_CLOSED_CHANGED:.0%}",
            todo="Ask the sender what was revised, then confirm or ask for another file.",
        )
    ]


def _jumps(contract: Contract, earlier: Stored | None, rows: pl.DataFrame) -> list[Notice]:
    if contract.name != "capacity" or earlier is None:
        return []
    return [
        Notice(
            Reason.CAPACITY_JUMP,
            "the places of a facility jumped since the last delivery",
            column="places",
            found=f"{jump.now} at {jump.facility}",
            expected=f"near the {jump.before} of the last delivery",
            todo="Ask the sender; confirm when the facility really closed or grew.",
        )
        for jump in capacity_jumps(earlier.rows, rows)
    ]


def _known_content(names: tuple[str, ...]) -> Notice:
    return Notice(
        Reason.KNOWN_CONTENT,
        "the same content came in before under another name",
        found=_listed(names),
        todo="Nothing; it counts once.",
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
