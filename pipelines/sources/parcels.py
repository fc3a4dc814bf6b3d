"""Finding what lies in a region's `deliveries/` folder: each file with its envelope.

Belongs here: walking the folders, pairing files with envelopes, checking that a file lies in the
right box. Does not belong here: reading the delivered file itself (`receiving.py`).

Not taken are hidden files and what a transfer leaves while it is going on: `.part`, `.tmp`, `~$`,
and the marker `.ok`, which only tells that a file is whole.
"""

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import RefusedError
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.envelope import Envelope, parse_envelope
from pipelines.sources.reasons import DeliveryRefusedError, Reason

DELIVERIES = "deliveries"
ENVELOPE_SUFFIX = ".toml"
READY_SUFFIX = ".ok"
"""Of an empty file beside a delivered one, which says that it is whole."""

_UNFINISHED = (".part", ".tmp", READY_SUFFIX)
_NOT_TAKEN = (".", "~$")


@dataclass
class Parcel:
    """One delivered file and what is known of it before it is opened.

    Args:
        contract: The name of the folder it lies in.
        file: Its name.
        path: Where it lies.
        envelope: What the sender declares, or None when that is missing or faulty.
        refusals: Why it is refused already.
        envelope_sha256: The hash of the envelope's bytes, where there is one.
        content: The bytes of the file, once they were received.
        sha256: Their hash.
    """

    contract: str
    file: str
    path: Path
    envelope: Envelope | None = None
    refusals: list[RefusedError] = field(default_factory=list)
    envelope_sha256: str | None = None
    content: bytes | None = field(default=None, repr=False)
    sha256: str | None = None

    @property
    def is_file(self) -> bool:
        """Whether an ordinary file lies there, whatever else may be wrong."""
        return self.path.is_file() and not self.path.is_symlink()

    @property
    def envelope_path(self) -> Path:
        """Where its envelope lies."""
        return self.path.with_name(self.path.name + ENVELOPE_SUFFIX)

    @property
    def where(self) -> str:
        """How messages name the file."""
        return f"{DELIVERIES}/{self.contract}/{self.file}" if self.contract else self.file


def find_parcels(region_folder: Path) -> list[Parcel]:
    """List the deliveries of a region by contract and file name, unfinished files apart.

    A file without an envelope, an envelope without a file, an unknown folder and a file outside
    the folders come back as parcels that carry their refusal.

    Args:
        region_folder: The folder that holds `deliveries/`; without it there are no parcels.

    Raises:
        RefusedError: A folder cannot be opened.
    """
    root = region_folder / DELIVERIES
    parcels = [parcel for entry in _entries(root) for parcel in _in_box(entry)]
    rank = {name: place for place, name in enumerate(("", *CONTRACTS))}
    return sorted(parcels, key=lambda parcel: (rank[parcel.contract], parcel.file))


def check_box(parcel: Parcel, region_id: str, senders: frozenset[str] | None) -> list[RefusedError]:
    """Say what of an envelope does not fit the folder it lies in.

    Args:
        parcel: The file with its envelope.
        region_id: The region whose folder this is.
        senders: Who may deliver to this region, or None when that is not laid down.
    """
    envelope = parcel.envelope
    if envelope is None:
        return []
    wrong = [
        ("contract", envelope.contract, parcel.contract, envelope.contract != parcel.contract),
        ("region", envelope.region, region_id, envelope.region != region_id),
    ]
    if senders is not None:
        known = ", ".join(sorted(senders))
        wrong.append(("sender", envelope.sender, known, envelope.sender not in senders))
    return [
        DeliveryRefusedError(
            Reason.WRONG_BOX,
            f"the {name} of the envelope does not fit this folder",
            where=parcel.where,
            found=repr(found),
            expected=expected,
            todo="Move the file to the right folder, or ask the sender for the right envelope.",
        )
        for name, found, expected, is_wrong in wrong
        if is_wrong
    ]


def _entries(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise RefusedError(
            "the folder cannot be opened", where=folder.name, todo="Look at its rights."
        ) from error
    return [path for path in inside if is_taken(path.name)]


def is_taken(name: str) -> bool:
    """Say whether a name in the drop folder is one of a delivery or an envelope."""
    plain = name.casefold().removesuffix(ENVELOPE_SUFFIX)
    return not plain.startswith(_NOT_TAKEN) and not plain.endswith(_UNFINISHED)


def _in_box(entry: Path) -> Iterator[Parcel]:
    if not entry.is_dir():
        stray = Parcel("", f"{DELIVERIES}/{entry.name}", entry)
        yield _refused(stray, "a file lies outside the folders of the contracts", _boxes_todo())
    elif entry.name not in CONTRACTS:
        near = difflib.get_close_matches(entry.name, CONTRACTS, n=1, cutoff=0.0)
        box = Parcel("", f"{DELIVERIES}/{entry.name}", entry)
        yield _refused(box, "this folder is no contract", f"Did you mean {near[0]!r}?")
    else:
        for name in _names(entry):
            yield _parcel(entry.name, entry / name)


def _names(box: Path) -> list[str]:
    names = {path.name.removesuffix(ENVELOPE_SUFFIX) for path in _entries(box)}
    return sorted(names)


def _parcel(contract: str, path: Path) -> Parcel:
    shown = path.name.encode("utf-8", "backslashreplace").decode()
    parcel = Parcel(contract, shown, path)
    beside = parcel.envelope_path
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return _refuse(parcel, Reason.UNREADABLE, "this is no ordinary file", "Put the file here.")
    if not path.exists():
        todo = "Deliver the file, or take its envelope away."
        return _refuse(parcel, Reason.NO_FILE, "the envelope has no file beside it", todo)
    if not beside.is_file():
        todo = f"Put {beside.name} beside it."
        return _refuse(parcel, Reason.NO_ENVELOPE, "the file has no envelope", todo)
    try:
        content = beside.read_bytes()
    except OSError:
        todo = f"Look at the rights of {beside.name}."
        return _refuse(parcel, Reason.BAD_ENVELOPE, "the envelope cannot be opened", todo)
    parcel.envelope_sha256 = hashlib.sha256(content).hexdigest()
    parcel.envelope, faults = parse_envelope(content, where=f"{parcel.where}{ENVELOPE_SUFFIX}")
    parcel.refusals.extend(faults)
    return parcel


def _boxes_todo() -> str:
    return f"Put it in one of: {', '.join(CONTRACTS)}."


def _refused(parcel: Parcel, what: str, todo: str) -> Parcel:
    return _refuse(parcel, Reason.UNKNOWN_CONTRACT, what, todo)


def _refuse(parcel: Parcel, reason: Reason, what: str, todo: str) -> Parcel:
    parcel.refusals.append(DeliveryRefusedError(reason, what, where=parcel.where, todo=todo))
    return parcel
