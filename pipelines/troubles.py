"""From an error to sentences and an exit code: no traceback ever reaches a user.

Belongs here: what is said of an error, and the rule for several regions. Does not belong here:
raising, deciding what is an error.
"""

import errno
import os
import sqlite3
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import UitstroomError
from pipelines.paths import shown

DONE, FAILED, WRONG_USAGE, REFUSED = 0, 1, 2, 3
_GRAVEST_FIRST = (FAILED, REFUSED, WRONG_USAGE, DONE)
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_SQLITE_FULL = ("database or disk is full", "disk I/O error")
_NO_SPACE = os.strerror(errno.ENOSPC)
"""What engines that wrap the error of the system repeat of it."""


@dataclass
class Troubles:
    """What went wrong in a command over several regions.

    Attributes:
        log: The file that takes the tracebacks.
        codes: The exit codes so far.
        full: Who found the disk full -> the line of it; told once, in the end.
    """

    log: Path
    codes: list[int] = field(default_factory=list)
    full: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """The code of the command: 1 beats 3 beats 2 beats 0."""
        return next(code for code in _GRAVEST_FIRST if code in self.codes or code == DONE)

    def meet(self, error: BaseException, where: str) -> list[str]:
        """Take an error up and give the lines that a user reads now.

        Args:
            error: What was raised.
            where: The region, or what else was worked on.
        """
        code, lines = explain(error, self.log)
        self.codes.append(code)
        if _full_disk(error) is not None:
            self.full[where] = lines[0]
            return []
        return [f"{where}: {line}" for line in lines]

    def closing(self) -> list[str]:
        """Give what is told in the end: one line of a full disk, whoever found it."""
        return [f"{', '.join(self.full)}: {line}" for line in list(self.full.values())[:1]]


def explain(error: BaseException, log: Path) -> tuple[int, list[str]]:
    """Give the exit code of an error and the lines that a user reads.

    A full disk is one line, whatever was made of it on the way. Sentences are given as they are. A
    broken disk is one line. Anything else is one line with the place of the log, which takes the
    traceback.
    """
    full = _full_disk(error)
    if full is not None:
        return FAILED, [full]
    for found in chain_of(error):
        if isinstance(found, UitstroomError):
            return found.exit_code, str(found).splitlines()
        disk = _disk_line(found)
        if disk is not None:
            return FAILED, [disk]
    return FAILED, [_unexpected(error, log)]


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Give an error, what caused it, and what that wraps, the outermost first."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        found = waiting.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inner = (getattr(found, "user_exception", None), found.__cause__, found.__context__)
        waiting.extend(item for item in inner if isinstance(item, BaseException))


def _full_disk(error: BaseException) -> str | None:
    """Give the line of a full disk, if that is what it was."""
    for found in chain_of(error):
        if isinstance(found, OSError) and found.errno in _DISK_FULL:
            place = _place(found)
        elif isinstance(found, sqlite3.OperationalError) and str(found).startswith(_SQLITE_FULL):
            place = " or broken where Dagster keeps its state"
        elif not isinstance(found, UitstroomError) and _NO_SPACE in str(found):
            place = ""
        else:
            continue
        return f"the disk is full{place}; what was there stays as it was. Free space and run again."
    return None


def _disk_line(error: BaseException) -> str | None:
    if isinstance(error, OSError) and error.errno in (errno.EIO, errno.EROFS, errno.EACCES):
        reason = (error.strerror or "input/output error").lower()
        return f"the disk refuses{_place(error)} ({reason}); what was there stays as it was."
    return None


def _place(error: OSError) -> str:
    """Name the file that was written, which stands second where one is copied to another."""
    name = error.filename2 or error.filename
    return f" at {shown(Path(str(name)))}" if name else ""


def _unexpected(error: BaseException, log: Path) -> str:
    name = type(error).__name__
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write("".join(traceback.format_exception(error)) + "\n")
    except OSError as fault:
        reason = (fault.strerror or "it cannot be written").lower()
        return f"something unexpected went wrong ({name}); there is no log, because {reason}."
    return f"something unexpected went wrong ({name}); the details are in {shown(log)}."
