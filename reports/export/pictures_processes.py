"""Processes of the browser: every descendant of a child, found and ended, whoever adopted it.

Belongs here: adopting orphans, finding by tree and by mark what a child left behind, ending and
waiting for it. Does not belong here: why a child is ended (`pictures_browser`). The browser starts
helpers in sessions of their own and leaves them to whoever adopts orphans, so that ending a process
group does not reach them.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
_GET_CHILD_SUBREAPER = 37
_PROCESSES = Path("/proc")
_ENDED = ("", "Z", "X")
_ROUNDS = 500
_PAUSE_SECONDS = 0.02


@contextlib.contextmanager
def adopting_orphans() -> Iterator[None]:
    """Make this process adopt the orphans among its descendants (prctl(2), Linux), as long as open.

    On a system that has no such call, orphans go elsewhere and only the child itself is ended.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    library = ctypes.CDLL(None, use_errno=True)
    before = ctypes.c_int()
    library.prctl(_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    library.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        library.prctl(_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)


def family(child: "subprocess.Popen[bytes]", folder: Path) -> set[int]:
    """Give the processes that a child started, whoever adopted them; `folder` as in `end_all`."""
    return (_below({child.pid}) | _marked(folder)) - {child.pid}


def sessions(numbers: Collection[int]) -> set[int]:
    """Give the sessions of processes, but for the session of this one."""
    return {_session(number) for number in numbers} - {0, os.getsid(0)}


def end_all(
    child: "subprocess.Popen[bytes]",
    folder: Path,
    earlier: Collection[int] = frozenset(),
    started: Collection[int] = frozenset(),
) -> None:
    """End a child and everything that it started, and wait until all of it is gone.

    Args:
        child: The child.
        folder: The child's own working and temporary folder: what runs in it, names it or has it as
            TMPDIR is the child's, even when this process adopted it.
        earlier: Its family at an earlier moment: those that ended by themselves are waited for,
            because whoever has ended has no marks any more; nothing else happens to them.
        started: Sessions that its family began: what this process adopted of them is ended and
            waited for, also where it was started later or is ending and bears no mark any more.
    """
    known: set[int] = set()
    for _ in range(_ROUNDS):
        roots = known | ({child.pid} if child.poll() is None else set())
        known = (roots | _below(roots) | _marked(folder)) - {child.pid}
        child.kill()
        child.wait()
        for number in known:
            _end(number)
        known = {number for number in known if _status(number)[0]}
        adopted = _adopted(started)
        for number in adopted:
            _end(number)
        if not known and not adopted and not _marked(folder):
            break
        time.sleep(_PAUSE_SECONDS)
    for number in earlier:
        if _status(number) == ("Z", os.getpid()):
            _wait(number)


def _adopted(started: Collection[int]) -> set[int]:
    """Give the children of this process, ended or not, that belong to some sessions."""
    if not started:
        return set()
    own = os.getpid()
    return {
        number for number in _numbers() if _status(number)[1] == own and _session(number) in started
    }


def _session(number: int) -> int:
    """Give the session of a process, also of one that has ended; 0 if there is none."""
    fields = _stat(number)
    return int(fields[3]) if fields else 0


def _end(number: int) -> None:
    """End a process, and wait for it where this process has adopted it by now."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)
    _wait(number)


def _wait(number: int) -> None:
    """Take note of the end of a process, if this process has adopted it and it has ended."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(number, os.WNOHANG)


def _below(roots: set[int]) -> set[int]:
    """Give the processes below some processes."""
    children: dict[int, list[int]] = {}
    for number in _numbers():
        children.setdefault(_status(number)[1], []).append(number)
    found: set[int] = set()
    todo = list(roots)
    while todo:
        below = set(children.get(todo.pop(), ())) - found
        found |= below
        todo += below
    return found


def _marked(folder: Path) -> set[int]:
    """Give the processes that run in a folder, name it, or have it as their temporary folder."""
    sign, own = str(folder).encode(), os.getpid()
    found = set()
    for number in _numbers():
        if number == own or _status(number)[0] in _ENDED:
            continue
        place = _PROCESSES / str(number)
        with contextlib.suppress(OSError):
            if (
                str((place / "cwd").readlink()).encode().startswith(sign)
                or sign in (place / "environ").read_bytes()
                or sign in (place / "cmdline").read_bytes()
            ):
                found.add(number)
    return found


def _numbers() -> list[int]:
    if not _PROCESSES.is_dir():
        return []
    return [int(item.name) for item in _PROCESSES.iterdir() if item.name.isdigit()]


def _status(number: int) -> tuple[str, int]:
    """Give the state of a process ("" if there is none; Z has ended) and its parent."""
    fields = _stat(number)
    return (fields[0], int(fields[1])) if fields else ("", 0)


def _stat(number: int) -> list[str]:
    """Give what stands behind the name of a process in its status (proc(5)); empty without one."""
    try:
        text = (_PROCESSES / str(number) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
