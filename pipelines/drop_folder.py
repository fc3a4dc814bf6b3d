"""Watching a region's drop folder: which files are whole, and whether there is anything new.

Belongs here: the rule by which a file counts as whole, and the key of a run for what lies there.
Does not belong here: the sensors themselves (`defs/sensors`), reading a delivery (`sources`), a
clock (the moment of the tick comes in).
"""

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.paths import DataRoot
from pipelines.sources.parcels import DELIVERIES, ENVELOPE_SUFFIX, READY_SUFFIX, is_taken
from pipelines.storage import sha256_of

REST_SECONDS = 60.0
"""A file that nobody touched for so long counts as whole, without a marker beside it."""


@dataclass(frozen=True)
class Watched:
    """What a look at the drop folder found.

    Attributes:
        run_key: Region and a hash over names and contents; None when there is nothing to ask.
        cursor: What the next look needs to know.
        why: Why nothing is asked, "" when something is.
    """

    run_key: str | None
    cursor: str
    why: str = ""


def watch(root: DataRoot, region_id: str, *, now: float, cursor: str = "") -> Watched:
    """Look whether a region's drop folder holds something new that is whole.

    A file is whole when nothing about it changed for `REST_SECONDS`, or when a file of its name and
    `.ok` lies beside it; the marker speaks for the envelope too. As long as one file is not whole
    nothing is asked: a run reads the folder as it lies.

    Args:
        root: The data root.
        region_id: The region.
        now: The moment of the look (seconds, as the file system counts them).
        cursor: The cursor of the look before. It only saves hashing files that lie there untouched;
            the key holds names and contents and no moment.
    """
    folder = root.region(region_id) / DELIVERIES
    files = _files(folder)
    if not files:
        return Watched(None, cursor, "nothing was delivered")
    unfinished = [name for name, path in files.items() if not _is_whole(path, now)]
    if unfinished:
        return Watched(None, cursor, f"{len(unfinished)} of {len(files)} files are being written")
    states = sha256_of(json.dumps([_state(name, path) for name, path in files.items()]).encode())
    if cursor.startswith(f"{states}:"):
        return Watched(None, cursor, "nothing new")
    listed = "".join(f"{name}\0{sha256_of(path.read_bytes())}\n" for name, path in files.items())
    key = f"{region_id}:{sha256_of(listed.encode())}"
    if cursor.endswith(f":{key}"):
        return Watched(None, f"{states}:{key}", "nothing new")
    return Watched(key, f"{states}:{key}")


def _files(folder: Path) -> dict[str, Path]:
    """List what a run would take, sorted by name inside the folder."""
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and all(is_taken(part) for part in path.relative_to(folder).parts)
    }
    return dict(sorted(found.items()))


def _is_whole(path: Path, now: float) -> bool:
    delivered = path.with_name(path.name.removesuffix(ENVELOPE_SUFFIX))
    if delivered.with_name(delivered.name + READY_SUFFIX).is_file():
        return True
    try:
        return now - path.stat().st_ctime >= REST_SECONDS
    except OSError:
        return False


def _state(name: str, path: Path) -> tuple[str, int, int, int]:
    found = path.stat()
    return name, found.st_ino, found.st_size, found.st_ctime_ns
