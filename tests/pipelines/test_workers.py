"""Tasks over processes: the same results in the same order, and nobody left behind."""

import os
import time
from pathlib import Path

import pytest

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
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{process}").exists() for process in others):
        assert time.monotonic() < deadline
        time.sleep(0.05)
