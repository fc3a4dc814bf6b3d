"""One run at a time: who comes second is told who was first, and a dead holder holds nothing."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from models.errors import RefusedError
from pipelines.locks import locked, take_lock
from pipelines.paths import CHECKOUT

pytestmark = pytest.mark.unit

HOLDER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from pipelines.locks import take_lock
    held = take_lock(Path(sys.argv[1]), "zuid", wait_seconds=0)
    print("held", flush=True)
    time.sleep(60)
    """
)


def test_a_second_run_is_refused_with_pid_and_since(tmp_path: Path) -> None:
    file = tmp_path / "locks" / "zuid.lock"
    with locked(file, "zuid", wait_seconds=0), pytest.raises(RefusedError) as found:
        take_lock(file, "zuid", wait_seconds=0)
    text = str(found.value)
    assert f"a run of zuid is in progress: pid {os.getpid()}, since 20" in text
    assert found.value.exit_code == 3


def test_a_lock_that_was_given_back_can_be_taken(tmp_path: Path) -> None:
    file = tmp_path / "zuid.lock"
    for _ in range(3):
        with locked(file, "zuid", wait_seconds=0):
            pass


def test_a_lock_is_given_back_when_the_work_fails(tmp_path: Path) -> None:
    file = tmp_path / "zuid.lock"
    with pytest.raises(KeyError), locked(file, "zuid", wait_seconds=0):
        raise KeyError
    take_lock(file, "zuid", wait_seconds=0).release()


def test_regions_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "zuid.lock", "zuid", wait_seconds=0),
        locked(tmp_path / "noord.lock", "noord", wait_seconds=0),
    ):
        pass


def test_who_waits_gets_the_lock_when_its_holder_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "zuid.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RefusedError, match=f"pid {holder.pid}, since"):
            take_lock(file, "zuid", wait_seconds=0.1)
        holder.kill()
        take_lock(file, "zuid", wait_seconds=30).release()
    finally:
        holder.kill()
        holder.wait()


def test_a_holder_that_has_not_signed_yet_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "zuid.lock"
    with locked(file, "zuid", wait_seconds=0):
        file.write_text("")
        with pytest.raises(RefusedError, match="not written yet"):
            take_lock(file, "zuid", wait_seconds=0)
