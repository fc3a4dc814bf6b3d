"""The month loop against people: a SimPy model of the same rules, one person at a time.

Both get the same numbers, told to each in its own way. In four small regions they must agree on
every total, and an error planted in a step must be seen: one number and one rule of every step
here, all of them in `make soak`.
"""

import pytest

from models.outflow.steps import STEPS
from tests.models.outflow.people_compare import HIGHEST_Z
from tests.models.outflow.people_worlds import WORLDS
from tests.models.outflow.planted import (
    compare_run,
    is_number_seen,
    is_step_seen,
    one_for_each_step,
)
from tests.models.outflow.planted_numbers import WRONG_NUMBERS
from tests.models.outflow.planted_steps import WRONG_STEPS

pytestmark = pytest.mark.reference

DRAWS = 2048


@pytest.mark.parametrize("world", WORLDS)
def test_the_model_agrees_with_people_on_every_output(world: str) -> None:
    found = compare_run(world, DRAWS)
    assert len(found.z) >= 30
    assert found.highest < HIGHEST_Z, str(found)
    assert found.distance < found.limit, str(found)


@pytest.mark.parametrize("error", one_for_each_step(WRONG_NUMBERS))
def test_a_wrong_number_in_a_step_is_seen(error: str) -> None:
    assert is_number_seen(WRONG_NUMBERS[error])


@pytest.mark.parametrize("error", one_for_each_step(WRONG_STEPS))
def test_a_wrong_step_is_seen(error: str) -> None:
    assert is_step_seen(WRONG_STEPS[error])


def test_an_error_is_planted_in_every_step() -> None:
    assert {wrong.name for wrong in WRONG_STEPS.values()} == set(STEPS)
    assert {wrong.step for wrong in WRONG_NUMBERS.values()} == set(STEPS)
