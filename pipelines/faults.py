"""The one door through which tests break a run: named points at the edges of storage.

Belongs here: the points and what can be made to happen there. Does not belong here: any handling of
the faults; the product must survive them without knowing this module.

Inert unless the environment holds `FAULT=point[:nth]:kill|enospc|eio|hang`, where nth counts the
passages of the point in one process, from 1.
"""

import errno
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from models.errors import UsageError
from models.registry import nearest

VARIABLE = "FAULT"

POINTS: Mapping[str, str] = MappingProxyType(
    {
        "K1": "after a delivered file was copied into memory",
        "K2": "after that copy was hashed",
        "K3": "after the delivered files were parsed",
        "K4": "half-way a Parquet file",
        "K5": "before and after the rename of a file",
        "K6": "after the rows of a delivery were stored, before its line in the ledger",
        "K7": "half-way a line of the ledger",
        "K8": "after each page of a statistic was stored",
        "K9": "in the middle of a DuckDB transaction",
        "K10": "after the commit, before the checkpoint",
        "K11": "after the checkpoint, before the rename of the warehouse",
        "K12": "after the tables of an edition or release, before the manifest",
        "K13": "after the rename of a folder, before `current` is switched",
        "K14": "after `current` is switched, before Dagster's event",
        "K17": "after a report for everybody was rendered, before it is attacked",
        "K18": "before each file of a report is stored",
        "K20": "between the removals of a purge",
    }
)
"""The points that exist, in the order in which a run passes them."""

_passages: Counter[str] = Counter()


def fault_point(name: str) -> None:
    """Mark a place where a test may break the run; does nothing unless FAULT names it.

    Raises:
        OSError: FAULT asks for a full disk (`enospc`) or a broken one (`eio`) here.
        UsageError: FAULT cannot be read.
    """
    setting = os.environ.get(VARIABLE)
    if not setting:
        return
    point, nth, happen = _read(setting)
    if point != name:
        return
    _passages[name] += 1
    if _passages[name] == nth:
        happen()


def _read(setting: str) -> tuple[str, int, Callable[[], None]]:
    before, _, kind = setting.rpartition(":")
    point, *middle = before.split(":")
    count = middle[0] if middle else "1"
    if kind not in _KINDS or len(middle) > 1 or not count.isdecimal() or int(count) < 1:
        raise UsageError(
            "this fault cannot be read",
            where=VARIABLE,
            found=repr(setting),
            expected=f"point[:nth]:{'|'.join(_KINDS)}",
        )
    if point not in POINTS:
        raise UsageError(
            f"fault point {point!r} does not exist", where=VARIABLE, todo=nearest(point, POINTS)
        )
    return point, int(count), _KINDS[kind]


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _disk_broken() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def _hang() -> None:
    threading.Event().wait()


_KINDS: Mapping[str, Callable[[], None]] = MappingProxyType(
    {"kill": _kill, "enospc": _disk_full, "eio": _disk_broken, "hang": _hang}
)
