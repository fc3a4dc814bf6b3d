"""Having a delivered file taken apart by a process of its own, and getting its table back.

Belongs here: starting, asking, watching and ending that process. Does not belong here: its limits
and its loop (`child.py`), what a table means.

One process serves all files, because its start takes half a second; it is replaced when it dies and
after it has taken much in. Whatever it dies of, the file it was at is refused with a sentence and
the next file gets a new one. It ends with the product, also when that is killed.
"""

import atexit
import contextlib
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import polars as pl

from models.errors import RefusedError
from pipelines.sources import child
from pipelines.sources.package import PackageFacts, SheetFacts
from pipelines.sources.raw import Form, RawFacts, RawTable, table_of
from pipelines.sources.reasons import DeliveryRefusedError, Reason

MOST_WALL_SECONDS = 180
MOST_BYTES_OF_ONE = 200_000_000
"""After so many bytes of files a process is replaced; nothing builds up in it."""

_CHECKOUT = Path(__file__).resolve().parents[2]
_LOG = logging.getLogger(__name__)
_PIECE = 1024 * 1024
_LAST_BREATH_SECONDS = 1


class _DiedError(Exception):
    """The process ended, or was ended, before its answer was whole."""

    def __init__(self, code: int, *, was_slow: bool = False) -> None:
        self.code, self.was_slow = code, was_slow
        super().__init__(code)


class ParsingProcess:
    """One running process that takes files apart."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="uitstroom-read-")  # the process removes it as it starts
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pipelines.sources.child", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(folder),
        )
        self._folder = folder
        self._is_ready = False
        self.taken = 0

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def read(self, content: bytes, form: Form, where: str) -> RawTable:
        """Have one file taken apart.

        Args:
            content: The bytes of the file.
            form: What the sender declares.
            where: How to name the file in a message.

        Raises:
            DeliveryRefusedError: The file is refused.
            _DiedError: The process died at it.
        """
        self.taken += len(content)
        until = time.monotonic() + MOST_WALL_SECONDS
        try:
            self._await_ready(until)
            request = json.dumps({"form": asdict(form), "where": where}).encode()
            self._write(child.REQUEST.pack(len(request), len(content)) + request)
            self._write(content)
            blocks: list[pl.DataFrame] = []
            while True:
                kind, body = self._part(until)
                if kind == child.BLOCK:
                    blocks.append(pl.read_ipc_stream(BytesIO(body)))
                elif kind == child.FACTS:
                    return table_of(_facts(json.loads(body)), blocks)
                else:
                    raise _refusal(json.loads(body), where)
        except BrokenPipeError as error:
            raise self._died() from error
        except RefusedError:
            raise
        except BaseException:
            self.stop()  # half an answer may be under way: nobody may take it for the next one
            raise

    def stop(self) -> None:
        """End the process and wait for it."""
        if self.is_alive:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _await_ready(self, until: float) -> None:
        if not self._is_ready:
            _, body = self._part(until)
            self._is_ready = True
            if json.loads(body)["network"]:
                _LOG.info("deliveries are read by a process that could not be cut off the network")

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def _part(self, until: float) -> tuple[bytes, bytes]:
        kind, size = child.ANSWER.unpack(self._bytes(child.ANSWER.size, until))
        return kind, self._bytes(size, until)

    def _bytes(self, count: int, until: float) -> bytes:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        found = bytearray()
        while len(found) < count:
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                self._process.kill()
                raise self._died(was_slow=True)
            piece = os.read(pipe, min(count - len(found), _PIECE))
            if not piece:
                raise self._died()
            found += piece
        return bytes(found)

    def _died(self, *, was_slow: bool = False) -> _DiedError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_BREATH_SECONDS)  # what it died of, not that we ended it
        self.stop()
        return _DiedError(self._process.returncode, was_slow=was_slow)


class _Keeper:
    """Keeps the one process that serves this program."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: ParsingProcess | None = None

    def running(self) -> ParsingProcess:
        """Give a process that can take a file."""
        now = self.process
        if now is not None and (not now.is_alive or now.taken > MOST_BYTES_OF_ONE):
            self.stop()
        if self.process is None:
            self.process = ParsingProcess()
        return self.process

    def stop(self) -> None:
        """End the process, where there is one."""
        if self.process is not None:
            self.process.stop()
        self.process = None

    def forget(self) -> None:
        """In a copy of this program: the process belongs to the original."""
        self.lock, self.process = threading.Lock(), None


_KEEPER = _Keeper()
atexit.register(_KEEPER.stop)
os.register_at_fork(after_in_child=_KEEPER.forget)


def start_parsing() -> None:
    """Start the process ahead of the first file, which then need not wait for it."""
    with _KEEPER.lock:
        _KEEPER.running()


def stop_parsing() -> None:
    """End the process; the next file starts a new one."""
    with _KEEPER.lock:
        _KEEPER.stop()


def parsing_pid() -> int | None:
    """Give the number of the running process, None where there is none."""
    process = _KEEPER.process
    return process.pid if process is not None and process.is_alive else None


def read_table(content: bytes, form: Form, where: str) -> RawTable:
    """Have a delivered file taken apart by the process that serves this program.

    A process that somebody else killed is tried once more; one that broke a limit is not.

    Args:
        content: The bytes of the file.
        form: What the sender declares.
        where: How to name the file in a message.

    Raises:
        DeliveryRefusedError: The file is refused, or the process broke off at it.
    """
    with _KEEPER.lock:
        for may_try_again in (True, False):
            try:
                return _KEEPER.running().read(content, form, where)
            except _DiedError as death:
                was_killed = death.code == -signal.SIGKILL and not death.was_slow
                if not (may_try_again and was_killed):
                    raise _broken_off(death, where) from death
    raise AssertionError("unreachable")


def _environment(folder: str) -> dict[str, str]:
    """Give the process what it needs to start, and nothing of ours besides."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_CHECKOUT),
        "PYTHONHASHSEED": "0",
        "TMPDIR": folder,
        "POLARS_MAX_THREADS": "1",
        "RAYON_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _facts(told: dict[str, object]) -> RawFacts:
    facts = RawFacts(**told)  # type: ignore[arg-type]
    if isinstance(facts.package, dict):
        package = PackageFacts(**facts.package)
        sheets = [SheetFacts(**sheet) for sheet in facts.package["sheets"]]
        for sheet in sheets:
            sheet.hidden_columns = [(first, last) for first, last in sheet.hidden_columns]
        package.sheets = sheets
        facts.package = package
    return facts


def _refusal(told: dict[str, object], where: str) -> DeliveryRefusedError:
    if "failure" in told:
        is_large = told["failure"] == "MemoryError"
        found = "more than fits in 1 GB of memory" if is_large else "a damaged file"
        return _unreadable(where, found)
    return DeliveryRefusedError(Reason(told.pop("reason")), **told)  # type: ignore[arg-type]


def _broken_off(death: _DiedError, where: str) -> DeliveryRefusedError:
    if death.was_slow or death.code == -signal.SIGXCPU:
        return _unreadable(where, f"that reading it takes over {child.MOST_CPU_SECONDS} seconds")
    return _unreadable(where, "that reading it broke off, by its size or by damage")


def _unreadable(where: str, found: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(
        Reason.UNREADABLE,
        "the file cannot be read",
        where=where,
        found=found,
        expected="a file that can be read with 1 GB of memory",
        todo="Save it anew as .csv or .xlsx, in parts where it is large, and deliver it again.",
    )
