"""Tasks over processes: the same results in the same order, and nobody left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.paths import CHECKOUT
from pipelines.workers import WORTHWHILE_DRAWS, task_map

pytestmark = pytest.mark.unit


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def test_few_draws_stay_in_this_process() -> None:
    with task_map(WORTHWHILE_DRAWS - 1, workers=2) as map_tasks:
        found = list(map_tasks(square, range(3)))
    assert found == [(0, os.getpid()), (1, os.getpid()), (4, os.getpid())]


def test_one_processor_stays_in_this_process() -> None:
    with task_map(WORTHWHILE_DRAWS, workers=1) as map_tasks:
        assert list(map_tasks(square, [2])) == [(4, os.getpid())]


def test_several_processes_give_the_same_in_the_same_order_and_end() -> None:
    with task_map(WORTHWHILE_DRAWS, workers=2) as map_tasks:
        found = list(map_tasks(square, range(20)))
    assert [number for number, _ in found] == [number * number for number in range(20)]
    others = {process for _, process in found}
    assert os.getpid() not in others
    wait_until(lambda: not any(is_alive(process) for process in others))


def is_alive(process: int) -> bool:
    """Say whether a process runs (one that only waits to be reaped does not)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start_pool(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.invented.pool", str(folder)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_ctrl_c_is_the_parents_and_a_starting_process_says_nothing(tmp_path: Path) -> None:
    process = start_pool(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    told, errors = process.communicate(timeout=60)
    assert (told, errors) == ("KeyboardInterrupt", "")


def test_who_stops_waits_for_no_running_task(tmp_path: Path) -> None:
    process = start_pool(tmp_path)
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    os.killpg(process.pid, signal.SIGINT)
    told, errors = process.communicate(timeout=60)
    assert (told, errors) == ("KeyboardInterrupt", "")
    assert not any(is_alive(int(file.name)) for file in tmp_path.iterdir())


def test_who_kills_the_parent_kills_the_workers_too(tmp_path: Path) -> None:
    process = start_pool(tmp_path)
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    workers = [int(file.name) for file in tmp_path.iterdir()]
    process.kill()
    process.wait()
    wait_until(lambda: not any(is_alive(worker) for worker in workers))
