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
from models.outflow.answer import MapTasks
from models.outflow.engine import Run, join_runs, run_chunk
from models.outflow.sampler import Sample
from models.outflow.setting import Chunk, Switches
from models.tables import shape_table
from tests.models.invented import AS_OF, CAPPED, GROUPS, SEED, make_chunk, make_world

pytestmark = pytest.mark.unit

TWO_GROUPS = GROUPS[:2]
RUNS_OF_AN_ANSWER = 8


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
    draws: int, chunk: int, map_tasks: MapTasks = map, *, seed: int = SEED
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
    )


@dataclass
class Counting:
    """A map that notes the draws of every task."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    runner: Callable[..., Iterable[Run]] = map

    def __call__(self, run: Callable[[Task], Run], tasks: Iterable[Task]) -> Iterable[Run]:
        kept = list(tasks)
        self.spans += [(task.chunk.first_draw, task.chunk.draws) for task in kept]
        return self.runner(run, kept)


def spans(draws: int, chunk: int) -> list[tuple[int, int]]:
    one = [(first, min(chunk, draws - first)) for first in range(0, draws, chunk)]
    return one * RUNS_OF_AN_ANSWER


@pytest.fixture(scope="module")
def whole() -> str:
    return digest(make_answer(64, 64))


def test_one_draw_at_a_time_in_two_processes_gives_the_same_bytes(whole: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        counting = Counting(runner=lambda run, tasks: pool.map(run, tasks, chunksize=8))
        assert digest(make_answer(64, 1, counting)) == whole
    assert counting.spans == spans(64, 1)
    assert len(counting.spans) == 64 * RUNS_OF_AN_ANSWER


def test_chunks_that_do_not_divide_the_draws_give_the_same_bytes_in_any_order(whole: str) -> None:
    counting = Counting(runner=lambda run, tasks: [run(task) for task in tasks[::-1]][::-1])
    assert digest(make_answer(64, 7, counting)) == whole
    assert counting.spans == spans(64, 7)
    assert counting.spans[9] == (63, 1)


def test_half_and_all_of_512_draws_give_the_same_bytes_in_one_and_two_processes() -> None:
    at_once, halves = Counting(), Counting()
    expected = digest(make_answer(512, 512, at_once))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        halves.runner = pool.map
        assert digest(make_answer(512, 256, halves)) == expected
    assert at_once.spans == spans(512, 512)
    assert halves.spans == spans(512, 256)


def test_another_seed_gives_other_figures(whole: str) -> None:
    assert digest(make_answer(64, 64, seed=SEED + 1)) != whole


SCRIPT = """
import time
from tests.models.outflow.test_determinism import digest, make_answer
print(time.tzname[0], digest(make_answer(64, 64)))
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
    inputs, points = world.inputs, make_chunk(world.resolved, 8).sample.points
    for switches in (CAPPED, Switches()):
        parts = [
            run_chunk(inputs, world.inflow, Chunk(SEED, at, Sample(world.resolved, row)), switches)
            for at, row in enumerate(np.split(points, 8))
        ]
        joined, together = join_runs(parts), world.run(switches, draws=8)
        for name in ("intensity_mean", "places", "housing_list", "intake_list", "waited", "left"):
            np.testing.assert_array_equal(getattr(joined, name), getattr(together, name))
        for name, flow in together.flows.items():
            np.testing.assert_array_equal(joined.flows[name], flow)
