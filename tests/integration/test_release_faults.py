"""Publishing that is killed on the way or finds the disk full: old or new, whole, mended later.

K9 to K11 are in `tests/pipelines/test_warehouse.py`, K15 in `test_run_job.py`, a browser that is
left behind in `tests/reports/export/test_pictures_faults.py`; the same on the real job, more often
and at random moments, is `tests/soak/release_faults.py`.
"""

import multiprocessing
import os
import shutil
import signal
from datetime import date
from pathlib import Path

import pytest

from models.params import Retention
from pipelines import faults
from pipelines.paths import DataRoot
from pipelines.purge import purge_region
from pipelines.storage import digest_folder
from pipelines.troubles import FAILED, explain
from tests.invented.disturbed import (
    ROOM,
    check_readers,
    left_in_the_end,
    seen_by_readers,
    small_disk,
)
from tests.invented.small_way import WAITS_SECONDS, start, store_and_publish
from tests.pipelines import test_purge as purges

pytestmark = pytest.mark.integration

OLD, NEW = "0" * 16, "1" * 16
POINTS = ("K12:1", "K12:2", "K13:1", "K14:2", "K16", "K17", "K18:1", "K19")
"""K12: after the tables of an edition, of a release; K13 and K14: around a pointer; K16: in the
rounding; K17: before the attack; K18: before a file of the report; K19: the report half drawn."""
SIZES = (0.1, 0.5, 0.9)
PURGED = "2027-11-30"

Ends = tuple[dict[str, str], dict[str, str]]


@pytest.fixture(autouse=True)
def _no_passages() -> None:
    faults._passages.clear()


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root in which the old edition is published."""
    folder = tmp_path_factory.mktemp("old")
    store_and_publish(folder, OLD, "old")
    return folder


@pytest.fixture(scope="module")
def ends(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Ends:
    """What readers see when the new one was published undisturbed, and all that is left then."""
    folder = copy(old, tmp_path_factory.mktemp("both") / "both")
    store_and_publish(folder, NEW, "new")
    return seen_by_readers(DataRoot(folder)), left_in_the_end(DataRoot(folder))


def copy(folder: Path, target: Path) -> Path:
    return shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)


def check(folder: Path, old: Path, ends: Ends) -> None:
    """See that readers see old or new, and that the next time ends as if nothing had happened."""
    check_readers(DataRoot(folder), seen_by_readers(DataRoot(old)), ends[0])
    store_and_publish(folder, NEW, "new")
    assert left_in_the_end(DataRoot(folder)) == ends[1]


def test_old_and_new_differ_for_every_reader(old: Path, ends: Ends) -> None:
    before = seen_by_readers(DataRoot(old))
    assert len(before) == 4
    assert before.keys() == ends[0].keys()
    assert all(before[name] != ends[0][name] for name in before)


def test_a_kill_at_any_point_leaves_old_or_new_and_the_next_time_mends_it(
    old: Path, ends: Ends, tmp_path: Path
) -> None:
    killed = {}
    for point in POINTS:
        folder = copy(old, tmp_path / point.replace(":", "-"))
        killed[point] = folder, start(folder, NEW, "new", point)
    for point, (folder, process) in killed.items():
        process.join(WAITS_SECONDS)
        assert process.exitcode == -signal.SIGKILL, point
        check(folder, old, ends)


@pytest.mark.parametrize("share", SIZES)
def test_a_full_disk_is_one_line_and_old_or_new_stays(
    share: float, old: Path, ends: Ends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no small disk can be mounted, writing a table tells that the disk is full."""
    with small_disk(tmp_path / "disk") as disk, monkeypatch.context() as patch:
        folder = copy(old, tmp_path / "disk")
        if disk is None:
            patch.setenv(faults.VARIABLE, f"K4:{1 + int(share * 6)}:enospc")
        else:
            before = disk.used
            store_and_publish(folder, NEW, "new")
            needed = disk.used - before
            shutil.rmtree(folder / "marts")
            copy(old, folder)
            disk.resize(disk.used + int(share * needed))
        with pytest.raises(OSError, match="No space left") as full:
            store_and_publish(folder, NEW, "new")
        code, lines = explain(full.value, tmp_path / "log")
        assert (code, len(lines)) == (FAILED, 1)
        assert lines[0].startswith("the disk is full")
        patch.delenv(faults.VARIABLE, raising=False)
        if disk is not None:
            disk.resize(ROOM)
        check(folder, old, ends)


def purge(folder: Path, fault: str = "") -> None:
    if fault:
        os.environ[faults.VARIABLE] = fault
    purge_region(DataRoot(folder), purges.REGION, Retention(), date.fromisoformat(PURGED))


@pytest.mark.parametrize("passage", [1, 4])
def test_a_killed_purge_is_ended_by_the_next_one(passage: int, tmp_path: Path) -> None:
    root = DataRoot(tmp_path / "root")
    purges.deliver(root, purges.OLD, "oud.csv", "2025-10-31")
    purges.deliver(root, purges.NEW, "nieuw.csv", "2026-11-05")
    purges.run_tables(root, "oud.csv", "nieuw.csv")
    whole = DataRoot(copy(root.path, tmp_path / "whole"))
    before = digest_folder(root.private(purges.REGION))
    purge(whole.path)
    process = multiprocessing.get_context("forkserver").Process(
        target=purge, args=(root.path, f"K20:{passage}:kill")
    )
    process.start()
    process.join(WAITS_SECONDS)
    assert process.exitcode == -signal.SIGKILL
    private = root.private(purges.REGION)
    assert digest_folder(private) not in (before, digest_folder(whole.private(purges.REGION)))
    purge(root.path)
    assert digest_folder(private) == digest_folder(whole.private(purges.REGION))
