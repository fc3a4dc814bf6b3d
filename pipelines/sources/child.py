"""The process in which delivered files are taken apart: `python -m pipelines.sources.child`.

Belongs here: the limits of that process and its loop: a file in over standard input, its table or
the reason for refusing it out over standard output. Does not belong here: starting, watching and
ending it (`reading.py`), the reading itself (`raw.py`, `workbook.py`), secrets: it gets none.

A delivered file is the work of somebody else, and the libraries that take it apart are large. So
they run with limited memory and computing time, may write to no file, reach no network where the
system allows that, work in a folder that is already gone, and die with the product.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

MOST_MEMORY_BYTES = 1024**3
MOST_CPU_SECONDS = 60

REQUEST = struct.Struct("<IQ")
"""Before a file: bytes of the JSON that describes it, bytes of the file."""
ANSWER = struct.Struct("<cQ")
"""Before a part of the answer: its kind, its bytes."""
READY, BLOCK, FACTS, REFUSED = b"H", b"B", b"F", b"R"
"""Kinds of parts: once at the start; rows as an Arrow stream; the end; the end by a refusal."""

_PR_SET_PDEATHSIG = 1
_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000


def main() -> None:
    """Answer files until standard input ends."""
    parent = int(sys.argv[1])
    has_network = _close_in(parent)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(2, 1)  # what a library prints must not end up in the answer
    from pipelines.sources import raw, workbook  # under the limits; polars reads them as it starts

    _send(sink, READY, json.dumps({"network": has_network}).encode())
    scans = {"csv": raw.scan_delimited, "xlsx": workbook.scan_workbook}
    while head := source.read(REQUEST.size):
        words, size = REQUEST.unpack(head)
        request = json.loads(source.read(words))
        content = source.read(size)
        if len(content) != size:
            return
        _limit_cpu()
        form = raw.Form(**request["form"])
        _answer(scans[form.kind], content, form, request["where"], sink)
        del content


def _answer(
    scan: Callable[..., object], content: bytes, form: object, where: str, sink: BinaryIO
) -> None:
    from pipelines.sources.reasons import DeliveryRefusedError

    def on_block(rows: "object") -> None:
        _send(sink, BLOCK, _stream(rows))

    try:
        facts = scan(content, form, where, on_block)
    except DeliveryRefusedError as refusal:
        kept = ("what", "where", "found", "expected", "todo", "line", "column")
        told = {name: getattr(refusal, name) for name in kept}
        _send(sink, REFUSED, json.dumps({**told, "reason": refusal.reason.value}).encode())
    except Exception as error:  # the parent must hear of it whatever it is, and never its text
        _send(sink, REFUSED, json.dumps({"failure": type(error).__name__}).encode())
    else:
        _send(sink, FACTS, json.dumps(asdict(facts)).encode())  # type: ignore[call-overload]


def _stream(rows: "object") -> bytes:
    from io import BytesIO

    out = BytesIO()
    rows.write_ipc_stream(out)  # type: ignore[attr-defined]
    return out.getvalue()


def _send(sink: BinaryIO, kind: bytes, body: bytes) -> None:
    sink.write(ANSWER.pack(kind, len(body)))
    sink.write(body)
    sink.flush()


# --- limits --------------------------------------------------------------------------------------


def _close_in(parent: int) -> bool:
    """Take away what a reader of files does not need; say whether the network is still there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    folder = os.environ.get("TMPDIR", "")
    if folder:
        os.chdir(folder)
        Path(folder).rmdir()
    has_network = True
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        flags = (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
        has_network = all(library.unshare(flag) != 0 for flag in flags)
    if os.getppid() != parent:
        os._exit(1)
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    return has_network


def _limit_cpu() -> None:
    """Give the next file its own share of computing time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + MOST_CPU_SECONDS
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
