"""How fast the outflow model is.

Belongs here: the month loop beside a plain generator and beside people one by one. Does not belong
here: what common random numbers save (`luck`), whether the figures are right (the tests).
"""

import resource
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from models.outflow import setting as setting_module
from models.outflow.answer import CAPPED, RUNS
from models.outflow.engine import Run, run_chunk
from models.outflow.keyed import F64, I64, U64, Chance, Event, Keys
from models.outflow.sampler import Sample, sobol_points
from models.outflow.setting import Chunk, Switches
from models.quota import homes_list
from models.registry import Resolved
from pipelines.comparisons import read_region
from pipelines.history import Standing
from pipelines.paths import DataRoot
from tests.evidence import write_evidence
from tests.models.invented import SEED
from tests.models.outflow.people import live_many
from tests.models.outflow.people_specs import people_of
from tests.models.outflow.people_tables import model_of
from tests.models.outflow.people_worlds import WORLDS

DRAWS, SMALL_WORLD_DRAWS, REPEATS, LIVES = 2048, 4096, 3, 24
"""A chunk of each world: as many draws as stay within 200 MB (`..._chunk_megabytes` says so)."""
_REGION, _SCENARIO = "zk-ijmond", "baseline"


class PlainKeys(Keys):
    """The same steps on one plain NumPy generator: fast, and not comparable between scenarios."""

    generator = np.random.default_rng(SEED)

    def uniforms(
        self, event: Event, month: int, sub: I64 | int = 0, group: I64 | None = None
    ) -> F64:
        shape = (*np.shape(self.cells(event, month, sub, group)), self._draws.size)
        return self.generator.random(shape)

    def uniforms_at(self, cells: U64, draw: I64) -> F64:
        return self.generator.random(draw.shape)

    def binomial(
        self,
        event: Event,
        month: int,
        n: I64,
        chance: Chance,
        sub: I64 | int = 0,
        group: I64 | None = None,
    ) -> I64:
        if chance.always is not None:
            return n.copy() if chance.always else np.zeros_like(n)
        return self.generator.binomial(n, chance.plain())

    def poisson(self, event: Event, month: int, mean: F64) -> I64:
        return self.generator.poisson(mean)


def cpu_seconds(work: Callable[[], object], repeats: int) -> float:
    """Give the median CPU seconds of some work, after one warm-up."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def example_region() -> Standing:
    """Read the example region as it is delivered in the repository."""
    return read_region(DataRoot.from_environment(), _REGION, as_of=None).stand_at([_SCENARIO])


def chunk_of(resolved: Resolved, draws: int = DRAWS) -> Chunk:
    """Make the chunk of all draws."""
    return Chunk(SEED, 0, Sample(resolved, sobol_points(SEED, resolved.region.id, draws)))


def megabytes(work: Callable[[], object]) -> int:
    """Give the most memory that some work allocates at once."""
    tracemalloc.start()
    try:
        work()
        return round(tracemalloc.get_traced_memory()[1] / 1e6)
    finally:
        tracemalloc.stop()


@contextmanager
def with_keys(keys: type[Keys]) -> Iterator[None]:
    """Let runs take their luck from other keys for a while."""
    usual = setting_module.Keys
    setting_module.Keys = keys  # type: ignore[misc]
    try:
        yield
    finally:
        setting_module.Keys = usual  # type: ignore[misc]


def with_plain_generator(work: Callable[[], object]) -> Callable[[], object]:
    """Let some work run on the plain generator."""

    def plainly() -> object:
        with with_keys(PlainKeys):
            return work()

    return plainly


def bench_outflow() -> None:
    """The month loop per 1,000 draws: ours, a plain generator, people one by one."""
    region = example_region()
    case = region.case(_SCENARIO)
    inputs, per_thousand = case.inputs, 1000 / DRAWS
    chunk = chunk_of(case.resolved)
    results = {}
    for name, switches in {"demand": RUNS["demand"], "capped": CAPPED}.items():

        def work(switches: Switches = switches) -> Run:
            return run_chunk(inputs, case.inflow, chunk, switches)

        keyed = cpu_seconds(work, REPEATS) * per_thousand
        plain = cpu_seconds(with_plain_generator(work), REPEATS) * per_thousand
        results[f"five_groups_{name}_cpu_seconds_per_1000_draws"] = round(keyed, 3)
        results[f"five_groups_{name}_over_plain_generator_ratio"] = round(keyed / plain, 3)
        results[f"five_groups_{name}_chunk_megabytes"] = megabytes(work)
    spec = WORLDS["ordinary"].spec
    world = model_of(spec)
    small, start = chunk_of(world.resolved, SMALL_WORLD_DRAWS), world.inputs

    def small_work() -> Run:
        return run_chunk(start, world.inflow, small, CAPPED)

    model = cpu_seconds(small_work, REPEATS) * 1000 / SMALL_WORLD_DRAWS
    lives = people_of(spec)
    people = cpu_seconds(lambda: live_many(lives, range(LIVES)), 1) * 1000 / LIVES
    homes = cpu_seconds(lambda: homes_list([17] * 6 + [5] * 4, 2_000), REPEATS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write_evidence(
        "bench-outflow",
        seed=SEED,
        counts={
            "draws": DRAWS,
            "small_world_draws": SMALL_WORLD_DRAWS,
            "repeats": REPEATS,
            "lives": LIVES,
        },
        results={
            **results,
            "two_groups_capped_chunk_megabytes": megabytes(small_work),
            "two_groups_capped_cpu_seconds_per_1000_draws": round(model, 3),
            "people_cpu_seconds_per_1000_lives": round(people, 1),
            "people_over_model_ratio": round(people / model, 1),
            "process_peak_megabytes": round(peak),
            "homes_list_10_by_2000_milliseconds": round(homes * 1000, 2),
        },
    )
