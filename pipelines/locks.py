"""One run at a time: a lock per region, and one for the warehouse, held on a file.

Belongs here: taking and giving back. Does not belong here: who holds it how long (`resources`). The
system frees the lock of a process that dies; the text in the file only tells others who holds it.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from models.errors import RefusedError
from pipelines.storage import PRIVATE_FILE, make_folder

_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class HeldLock:
    """A lock that this process holds until `release`.

    Attributes:
        file: The open file that carries it.
    """

    file: IO[str]

    def release(self) -> None:
        """Give the lock back."""
        self.file.close()


def take_lock(path: Path, what: str, *, wait_seconds: float) -> HeldLock:
    """Take a lock, waiting for it at most so long.

    Args:
        path: The file that carries it.
        what: What it guards, for the message.
        wait_seconds: How long to wait for another holder; 0 asks once.

    Raises:
        RefusedError: Somebody else holds it: which process, since when.
    """
    make_folder(path.parent)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE), "r+")
    limit = time.monotonic() + wait_seconds
    while not _try(file):
        left = limit - time.monotonic()
        if left <= 0:
            holder = _holder(file)
            file.close()
            raise RefusedError(
                f"a run of {what} is in progress: {holder}",
                todo="Wait until it has ended, then run again.",
            )
        time.sleep(min(_PAUSE_SECONDS, left))
    _sign(file)
    return HeldLock(file)


@contextmanager
def locked(path: Path, what: str, *, wait_seconds: float) -> Iterator[None]:
    """Hold a lock for the length of a block.

    Raises:
        RefusedError: Somebody else holds it.
    """
    held = take_lock(path, what, wait_seconds=wait_seconds)
    try:
        yield
    finally:
        held.release()


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(file: IO[str]) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    file.seek(0)
    file.truncate()
    json.dump({"pid": os.getpid(), "since": since}, file)
    file.flush()


def _holder(file: IO[str]) -> str:
    """Tell who signed the file; between taking and signing it can still be empty."""
    file.seek(0)
    try:
        signed = json.loads(file.read())
        return f"pid {int(signed['pid'])}, since {signed['since']}"
    except (ValueError, KeyError, TypeError):
        return "pid and start not written yet"
