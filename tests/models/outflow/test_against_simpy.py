"""The month loop against people: a SimPy model of the same rules, one person at a time.

Both get the same numbers, told to each in its own way. In four small regions they must agree on
every total, and an error planted in a step must be seen.
"""

from functools import cache

import numpy as np
import pytest

from models.outflow import engine
from models.outflow.steps import STEPS
from tests.models.invented import Switches
from tests.models.outflow.people import live_many
from tests.models.outflow.people_compare import (
    HIGHEST_Z,
    Comparison,
    compare,
    totals_of_lives,
    totals_of_run,
)
from tests.models.outflow.people_specs import people_of
from tests.models.outflow.people_tables import model_of
from tests.models.outflow.people_worlds import WORLDS
from tests.models.outflow.planted_numbers import WRONG_NUMBERS
from tests.models.outflow.planted_steps import WRONG_STEPS

pytestmark = pytest.mark.reference

LIVES = 160
DRAWS = 2048
PLANTED_DRAWS = 256


@cache
def lives_of(world: str) -> np.ndarray:
    """Live a region; totals of shape (outputs, LIVES)."""
    twin = WORLDS[world]
    return totals_of_lives(live_many(people_of(twin.spec), range(LIVES)), twin.names)


def compare_run(world: str, draws: int) -> Comparison:
    twin = WORLDS[world]
    capped = Switches(capped=twin.spec.cap is not None)
    run = model_of(twin.spec).run(capped, draws=draws)
    return compare(twin.outputs, totals_of_run(run, twin.names), lives_of(world))


@pytest.mark.parametrize("world", WORLDS)
def test_the_model_agrees_with_people_on_every_output(world: str) -> None:
    found = compare_run(world, DRAWS)
    assert len(found.z) >= 30
    assert found.highest < HIGHEST_Z, str(found)
    assert found.distance < found.limit, str(found)


@pytest.mark.parametrize("error", WRONG_NUMBERS)
def test_a_wrong_number_in_a_step_is_seen(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, right = WRONG_NUMBERS[error], engine.make_setting
    monkeypatch.setattr(engine, "make_setting", lambda *args, **kw: wrong.plant(right(*args, **kw)))
    assert not compare_run(wrong.world, PLANTED_DRAWS).agrees


@pytest.mark.parametrize("error", WRONG_STEPS)
def test_a_wrong_step_is_seen(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = WRONG_STEPS[error]
    monkeypatch.setattr(engine, "STEPS", {**STEPS, wrong.name: wrong.step, **wrong.also})
    assert not compare_run(wrong.world, PLANTED_DRAWS).agrees


def test_an_error_is_planted_in_every_step() -> None:
    assert {wrong.name for wrong in WRONG_STEPS.values()} == set(STEPS)
    assert {wrong.step for wrong in WRONG_NUMBERS.values()} == set(STEPS)
