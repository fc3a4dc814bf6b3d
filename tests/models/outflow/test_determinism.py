"""One set of inputs, one set of bytes: whatever the chunks, the workers, the time zone."""

import hashlib
import io
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pytest

from models.outflow import OutflowAnswer, Task, answer
from models.outflow.answer import MapTasks, run_all
from models.outflow.engine import Run, join_runs, run_chunk
from models.outflow.sampler import Sample
from models.outflow.setting import Chunk, Switches
from models.tables import shape_table
from tests.models.invented import AS_OF, CAPPED, GROUPS, SEED, make_chunk, make_world
from tests.models.outflow.test_bookkeeping import WORLDS

pytestmark = pytest.mark.unit

TWO_GROUPS = GROUPS[:2]
RUNS_OF_AN_ANSWER = 10
"""Demand, constant capacity, base, five drivers (no project is planned), other luck, capped."""


def digest(found: OutflowAnswer) -> str:
    """Hash every mart as it goes to disk, and what is not a table."""
    whole = hashlib.sha256()
    for name in sorted(found.tables):
        buffer = io.BytesIO()
        shape_table(name, found.tables[name]).write_parquet(buffer)
        whole.update(name.encode() + buffer.getvalue())
    whole.update(repr((dict(found.expected_applications), found.current_lettings)).encode())
    return whole.hexdigest()


def make_answer(
    draws: int,
    chunk: int,
    map_tasks: MapTasks = map,
    *,
    seed: int = SEED,
    detailed: bool = True,
) -> OutflowAnswer:
    world = make_world(TWO_GROUPS)
    return answer(
        world.resolved,
        world.core,
        world.inflow,
        as_of=AS_OF,
        draws=draws,
        seed=seed,
        chunk=chunk,
        map_tasks=map_tasks,
        detailed=detailed,
    )


@dataclass
class Counting:
    """A map that notes the draws of every task, call by call."""

    calls: list[list[tuple[int, int]]] = field(default_factory=list)
    runner: Callable[..., Iterable[Run]] = map

    def __call__(self, run: Callable[[Task], Run], tasks: Iterable[Task]) -> Iterable[Run]:
        kept = list(tasks)
        self.calls.append([(task.chunk.first_draw, task.chunk.draws) for task in kept])
        return self.runner(run, kept)


def spans(draws: int, chunk: int, runs: int = RUNS_OF_AN_ANSWER) -> list[tuple[int, int]]:
    one = [(first, min(chunk, draws - first)) for first in range(0, draws, chunk)]
    return one * runs


FEW = 8


@pytest.fixture(scope="module")
def whole() -> str:
    return digest(make_answer(FEW, FEW))


def test_one_draw_at_a_time_in_two_processes_gives_the_same_bytes() -> None:
    whole = digest(make_answer(FEW, FEW, detailed=False))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        counting = Counting(runner=lambda run, tasks: pool.map(run, tasks, chunksize=8))
        assert digest(make_answer(FEW, 1, counting, detailed=False)) == whole
    # Demand, constant capacity, capped.
    assert counting.calls == [spans(FEW, 1, 3)]


def test_chunks_that_do_not_divide_the_draws_give_the_same_bytes_in_any_order(whole: str) -> None:
    counting = Counting(runner=lambda run, tasks: [run(task) for task in tasks[::-1]][::-1])
    assert digest(make_answer(FEW, 7, counting)) == whole
    assert counting.calls[0] == spans(FEW, 7)
    assert counting.calls[0][1] == (7, 1)
    # The few runs of the search of the smallest yearly number are halved, for two processes.
    assert len(counting.calls) > 1
    assert all(call == spans(FEW, FEW // 2, len(call) // 2) for call in counting.calls[1:])


def test_half_and_all_of_512_draws_give_the_same_numbers_in_one_and_two_processes() -> None:
    world = make_world(TWO_GROUPS)
    sample = make_chunk(world.resolved, 512).sample
    asked = {"demand": Switches(), "capped": CAPPED}
    spawn = multiprocessing.get_context("spawn")
    halves = Counting()
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        halves.runner = pool.map
        two = run_all(world.inputs, world.inflow, sample, SEED, asked, 256, halves)
    one = run_all(world.inputs, world.inflow, sample, SEED, asked, 512, map)
    assert halves.calls == [spans(512, 256, 2)]
    for name, run in one.items():
        assert same_bytes(run, two[name])


def same_bytes(one: Run, two: Run) -> bool:
    """Say whether two runs are the same to the last bit."""
    mine, theirs = vars(one), vars(two)
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        if isinstance(value, dict):
            assert all((part == theirs[name][key]).all() for key, part in value.items()), name
        else:
            np.testing.assert_array_equal(value, theirs[name], err_msg=name)
    return True


@pytest.mark.parametrize("name", ["agreements", "refusals", "projects, capped", "youth, unlimited"])
def test_chunks_change_nothing_in_worlds_with_every_feature(name: str) -> None:
    make, switches = WORLDS[name]
    world = make()
    inputs, points = world.inputs, make_chunk(world.resolved, 8).sample.points
    parts = [
        run_chunk(inputs, world.inflow, Chunk(SEED, at, Sample(world.resolved, some)), switches)
        for at, some in ((0, points[:1]), (1, points[1:4]), (4, points[4:]))
    ]
    assert same_bytes(join_runs(parts), world.run(switches, draws=8))


def test_another_seed_gives_other_figures(whole: str) -> None:
    assert digest(make_answer(FEW, FEW, seed=SEED + 1)) != whole


SCRIPT = """
import time
from tests.models.outflow.test_determinism import digest, make_answer
print(time.tzname[0], digest(make_answer(8, 8)))
"""


def test_another_time_zone_and_hash_seed_give_the_same_bytes(whole: str) -> None:
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7"}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    zone, found = done.stdout.split()
    assert zone == "+14"
    assert found == whole


@pytest.mark.parametrize("group", ["shelter", "sheltered_living"])
def test_one_draw_of_one_group_is_bitwise_a_column_of_all_draws(group: str) -> None:
    world = make_world((group,))
    inputs, points = world.inputs, make_chunk(world.resolved, 4).sample.points
    for switches in (CAPPED, Switches()):
        parts = [
            run_chunk(inputs, world.inflow, Chunk(SEED, at, Sample(world.resolved, row)), switches)
            for at, row in enumerate(np.split(points, 4))
        ]
        assert same_bytes(join_runs(parts), world.run(switches, draws=4))
