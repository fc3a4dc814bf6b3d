"""Lines that are added to a file and never changed, each with the hash of the line before it.

Belongs here: reading and adding such lines, and finding that one was changed or taken away. Does
not belong here: what a line says (`publication_ledger`, `sources.ledger`), a clock.

Order is the sequence number. A last line that a kill cut short is passed over by a reader and taken
away by the next writer. Lines that were taken off the end leave a sound chain: only a count that is
kept in another file can tell, so a chain may have one (`counted=True`). The count is written after
the line: after a kill between the two it is one behind, and the next writer sets it right.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.errors import RefusedError
from pipelines.faults import fault_point
from pipelines.storage import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    make_folder,
    replace_file,
    sync_folder,
)

COUNT = "count.json"
"""The file beside the lines that says how many there are, and the hash of the last one."""

_START = "0" * 64
_TODO = "Restore it from a backup; a line is never changed by hand."


class Chain:
    """The lines of one file.

    Args:
        path: The file; it need not be there yet.
        what: What the lines are, for a message: "the ledger of deliveries".
        where: Which file it is, for a message.
        counted: Whether a count is kept beside the file.

    Raises:
        RefusedError: A line was changed, or lines are missing.
    """

    def __init__(self, path: Path, *, what: str, where: str, counted: bool = False) -> None:
        self.path = path
        self._what, self._where, self._counted = what, where, counted
        content = path.read_bytes() if path.is_file() else b""
        whole = content[: content.rfind(b"\n") + 1]
        self._torn = len(whole) != len(content)
        self.hashes: list[str] = []
        self.lines: list[dict[str, Any]] = list(self._read(whole))
        if counted:
            self._check_count()

    @property
    def last(self) -> str:
        """The hash of the last line; 64 zeros where there is none."""
        return self.hashes[-1] if self.hashes else _START

    def append(self, fields: Mapping[str, Any]) -> int:
        """Add a line and bring it to the disk before returning.

        Args:
            fields: What it says: text, whole numbers, and lists and mappings of these. The number
                of the line (`sequence`) and the hash of the one before (`before`) are added.

        Returns:
            Its number, from 1.
        """
        self._make_ready()
        told = {**fields, "sequence": len(self.lines) + 1, "before": self.last}
        line = f"{json.dumps(told, sort_keys=True, ensure_ascii=False)}\n".encode()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
        with os.fdopen(handle, "ab", buffering=0) as file:
            half = len(line) // 2
            self._torn = True
            _write_all(file.fileno(), line[:half])
            fault_point("K7")
            _write_all(file.fileno(), line[half:])
            os.fsync(file.fileno())
        self._torn = False
        self.hashes.append(_hash(line))
        self.lines.append(told)
        if self._counted:
            count = {"lines": len(self.lines), "last": self.last}
            content = f"{json.dumps(count, sort_keys=True)}\n".encode()
            replace_file(self._count_file, content, mode=PRIVATE_FILE)
        return len(self.lines)

    def fault(self, number: int) -> RefusedError:
        """Give the error that a line is not what was written."""
        return RefusedError(
            f"{self._what} is not what was written",
            where=f"{self._where}, line {number}",
            todo=_TODO,
        )

    @property
    def _count_file(self) -> Path:
        return self.path.with_name(COUNT)

    def _make_ready(self) -> None:
        """Make the folder and the file, and take away what a kill left of a last line."""
        if not self.path.is_file():
            make_folder(self.path.parent, mode=PRIVATE_FOLDER)
            replace_file(self.path, b"", mode=PRIVATE_FILE)
            sync_folder(self.path.parent)
        elif self._torn:
            content = self.path.read_bytes()
            replace_file(self.path, content[: content.rfind(b"\n") + 1], mode=PRIVATE_FILE)
        self._torn = False

    def _read(self, content: bytes) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(content.splitlines(keepends=True), start=1):
            try:
                fields = json.loads(line)
                is_sound = fields["before"] == self.last and fields["sequence"] == number
            except (ValueError, KeyError, TypeError):
                is_sound = False
            if not is_sound:
                raise self.fault(number)
            self.hashes.append(_hash(line))
            yield fields

    def _check_count(self) -> None:
        counted, last = self._count()
        found = len(self.lines)
        if found < counted:
            raise RefusedError(
                f"the last lines of {self._what} are missing",
                where=self._where,
                found=f"{found} lines",
                expected=f"{counted} lines",
                todo=_TODO,
            )
        if counted and self.hashes[counted - 1] != last:
            raise self.fault(counted)
        if found > counted + 1:
            raise RefusedError(
                f"the count beside {self._what} is not what was written",
                where=self._where,
                found=f"{counted} lines",
                expected=f"{found} lines",
                todo=_TODO,
            )

    def _count(self) -> tuple[int, str]:
        if not self._count_file.is_file():
            return 0, _START
        try:
            count = json.loads(self._count_file.read_bytes())
            return int(count["lines"]), str(count["last"])
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError(
                f"the count beside {self._what} cannot be read", where=self._where, todo=_TODO
            ) from error


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
