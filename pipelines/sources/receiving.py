"""Taking what lies in a region's `deliveries/`: one frozen list, every file's bytes read once.

Belongs here: reading bytes, hashing them, and noticing that a file changes under our hands. Does
not belong here: which files lie where (`parcels.py`), what is in them (`reading.py`), storage.

The bytes in memory are the copy: they are hashed and parsed, and nothing of an unchecked file is
written to a disk of ours. What arrives after the list was made is the next run's.
"""

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from models.errors import RefusedError
from pipelines.faults import fault_point
from pipelines.sources.parcels import Parcel, find_parcels
from pipelines.sources.reasons import DeliveryRefusedError, Reason

MOST_BYTES = 50_000_000
"""Larger files are refused before they are opened."""

_SAME_TICK_SECONDS = 0.02
"""Two writes so close together can carry one time stamp: the clock of a file system is coarse."""

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Seen:
    """What tells one state of a file from another.

    Attributes:
        node: Which file it is on its disk.
        size: Its bytes.
        changed: When its content last changed (nanoseconds).
    """

    node: int
    size: int
    changed: int

    @property
    def is_fresh(self) -> bool:
        """Whether it was written so lately that a next write could carry the same time."""
        return abs(time.time_ns() - self.changed) < _SAME_TICK_SECONDS * 1e9

    @classmethod
    def of(cls, found: os.stat_result) -> "Seen":
        """Take the state from what the system tells."""
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)


def receive(region_folder: Path) -> list[Parcel]:
    """Freeze the list of a region's deliveries and read each of its files once.

    Args:
        region_folder: The folder that holds `deliveries/`; without it there are no parcels.

    Returns:
        The parcels by contract and file name, with `content` and `sha256`. A file that cannot be
        read, is too large or changes meanwhile carries its refusal and has no content.

    Raises:
        RefusedError: A folder cannot be opened.
    """
    parcels = find_parcels(region_folder)
    seen = {place: _take(one) for place, one in enumerate(parcels) if one.is_file}
    fresh = [place for place, state in seen.items() if state is not None and state.is_fresh]
    if fresh:
        time.sleep(_SAME_TICK_SECONDS)
    for place, state in seen.items():
        if state is not None:
            _look_again(parcels[place], state, reread=place in fresh)
    return parcels


def received_digests(parcels: list[Parcel]) -> dict[str, str]:
    """Give the SHA-256 of every file and envelope that was received, by name in the region."""
    found: dict[str, str] = {}
    for parcel in parcels:
        if parcel.sha256 is not None:
            found[parcel.where] = parcel.sha256
        if parcel.envelope_sha256 is not None:
            found[f"{parcel.where}.toml"] = parcel.envelope_sha256
    return dict(sorted(found.items()))


def _take(parcel: Parcel) -> Seen | None:
    """Read and hash one file; None when it is refused."""
    try:
        content, seen = _read_whole(parcel.path, parcel.where)
    except RefusedError as refusal:
        parcel.refusals.append(refusal)
        return None
    fault_point("K1")
    parcel.content = content
    parcel.sha256 = hashlib.sha256(content).hexdigest()
    fault_point("K2")
    return seen


def _look_again(parcel: Parcel, seen: Seen, *, reread: bool) -> None:
    """Refuse a file that is not what it was when it was read, or whose envelope is another."""
    try:
        _check_still(parcel.path, seen, parcel.where)
        if reread:
            content, _ = _read_whole(parcel.path, parcel.where)
            if content != parcel.content:
                raise _changed(parcel.where)
        _check_envelope(parcel)
    except RefusedError as refusal:
        parcel.refusals.append(refusal)
        parcel.content = parcel.sha256 = None


def _read_whole(path: Path, where: str) -> tuple[bytes, Seen]:
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise _unreadable(where, "something that is no file", "an ordinary file")
            if before.st_size > MOST_BYTES:
                raise _unreadable(where, f"{before.st_size} bytes", f"at most {MOST_BYTES} bytes")
            content = file.read(MOST_BYTES + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise _unreadable(where, "a file that cannot be opened", "a readable file") from error
    seen = Seen.of(before)
    if seen != Seen.of(after) or len(content) != seen.size:
        raise _changed(where)
    return content, seen


def _check_still(path: Path, seen: Seen, where: str) -> None:
    """See that the name still stands for the file that was read."""
    try:
        now = Seen.of(path.lstat())
    except OSError as error:
        raise _changed(where) from error
    if now != seen:
        raise _changed(where)


def _check_envelope(parcel: Parcel) -> None:
    """See that the envelope that belongs to these bytes is the one that was read before them."""
    if parcel.envelope_sha256 is None:
        return
    where = f"{parcel.where}.toml"
    content, _ = _read_whole(parcel.envelope_path, where)
    if hashlib.sha256(content).hexdigest() != parcel.envelope_sha256:
        raise _changed(where)


def _changed(where: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.CHANGED_WHILE_READ,
        "the file changed while it was being read",
        where=where,
        todo="Nothing was made of it; wait until it is written and run again.",
    )


def _unreadable(where: str, found: str, expected: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.UNREADABLE,
        "the file cannot be read",
        where=where,
        found=found,
        expected=expected,
        todo="Ask the sender for the file again.",
    )
