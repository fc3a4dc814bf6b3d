"""The smallest yearly number of homes that keeps the promise: what it says is so in full runs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.outflow.answer import Variant, run_all
from models.outflow.engine import Run
from models.outflow.sampler import Sample, sobol_points
from models.outflow.smallest import Kept, Smallest, counted_years, find_smallest, kept_of_run
from tests.models.invented import CAPPED, SEED, World, make_world

pytestmark = pytest.mark.unit

DRAWS = 256


class Search:
    """A search in a world, with how many full runs it made."""

    def __init__(self, world: World) -> None:
        self.world, self.asked = world, list[int]()
        points = sobol_points(SEED, world.resolved.region.id, DRAWS)
        self.sample = Sample(world.resolved, points)

    def run_with(self, numbers: Sequence[int]) -> list[Run]:
        self.asked += numbers
        wanted = {str(number): Variant(CAPPED, number) for number in numbers}
        world = self.world
        made = run_all(world.inputs, world.inflow, self.sample, SEED, wanted, DRAWS, map)
        return [made[str(number)] for number in numbers]

    def find(self) -> Smallest | None:
        agreed = self.world.run(draws=DRAWS)
        return find_smallest(self.world.inputs, self.sample, agreed, self.run_with, seed=SEED)

    def lowest(self, homes: int) -> float:
        (run,) = self.run_with([homes])
        return kept_of_run(self.world.inputs, self.sample, run, homes).lowest


@pytest.fixture(scope="module")
def found() -> tuple[Search, Smallest]:
    search = Search(make_world())
    answer = search.find()
    assert answer is not None
    return search, answer


def test_the_answer_is_certain_and_one_home_less_is_not(found: tuple[Search, Smallest]) -> None:
    search, answer = found
    assert answer.homes is not None
    assert answer.is_exact
    assert search.lowest(answer.homes) >= 0.9
    assert search.lowest(answer.homes - 1) < 0.9


def test_at_most_four_full_runs_are_made() -> None:
    search = Search(make_world())
    search.find()
    assert len(search.asked) <= 4
    assert len(set(search.asked)) == len(search.asked)


def test_what_was_tried_is_read_from_full_runs(found: tuple[Search, Smallest]) -> None:
    search, answer = found
    for item in answer.tried:
        assert item.lowest == search.lowest(item.homes)
        assert item.joint <= item.lowest
        assert list(item.by_year) == sorted(item.by_year)


def test_more_homes_are_needed_for_a_shorter_promise(found: tuple[Search, Smallest]) -> None:
    _, usual = found
    world = make_world()
    promise = next(item for item in world.resolved.region.agreements if item.kind == "promise")
    shorter = [
        item.model_copy(update={"value": 2.0}) if item is promise else item
        for item in world.resolved.region.agreements
    ]
    region = world.resolved.region.model_copy(update={"agreements": tuple(shorter)})
    other = Search(replace(world, resolved=replace(world.resolved, region=region))).find()
    assert other is not None
    assert other.homes is not None
    assert usual.homes is not None
    assert other.homes > usual.homes


def test_without_a_promise_or_a_cap_there_is_nothing_to_search() -> None:
    for world in (make_world(promise=False), make_world(cap=False)):
        search = Search(world)
        agreed = world.run(draws=DRAWS, switches=replace(CAPPED, capped=False))
        assert find_smallest(world.inputs, search.sample, agreed, search.run_with, seed=1) is None
    assert search.asked == []


def test_years_count_from_the_first_full_one_after_the_backlog_is_gone() -> None:
    search = Search(make_world())
    inputs, sample = search.world.inputs, search.sample
    # The run begins in July 2025: the first full year is 2026.
    gone = {2026: 2025 * 12 + 11, 2027: 2026 * 12, 2029: 2028 * 12 + 5}
    for first, month in gone.items():
        assert counted_years(inputs, sample, np.full(5, month))[0] == first
    never = counted_years(inputs, sample, np.full(5, inputs.as_of + 1 + 126))
    assert never == []
    declared = search.world.resolved.region.promise
    assert declared is not None
    region = search.world.resolved.region.model_copy(
        update={"promise": declared.model_copy(update={"counted_after_years": 3})}
    )
    later = replace(sample, resolved=replace(sample.resolved, region=region))
    assert counted_years(inputs, later, np.full(5, 2026 * 12))[0] == 2029


def test_a_number_without_a_counted_year_is_never_certain() -> None:
    assert Kept(5, {}, 0.0, None).lowest == 0.0
