"""Planting an error in the model and seeing whether the people live otherwise then.

Belongs here: comparing a run, right or wrong, with lives. Does not belong here: the errors
(`planted_numbers`, `planted_steps`), what must hold.
"""

from functools import cache
from typing import TypeVar
from unittest.mock import patch

import numpy as np

from models.outflow import engine
from models.outflow.steps import STEPS
from tests.models.invented import Switches
from tests.models.outflow.people import live_many
from tests.models.outflow.people_compare import (
    Comparison,
    compare,
    totals_of_lives,
    totals_of_run,
)
from tests.models.outflow.people_specs import people_of
from tests.models.outflow.people_tables import model_of
from tests.models.outflow.people_worlds import WORLDS
from tests.models.outflow.planted_numbers import WrongNumber
from tests.models.outflow.planted_steps import WrongStep

LIVES = 160
PLANTED_DRAWS = 256

Wrong = TypeVar("Wrong", WrongNumber, WrongStep)


def compare_run(world: str, draws: int) -> Comparison:
    """Run a small region and compare it with the lives of its people."""
    twin = WORLDS[world]
    capped = Switches(capped=twin.spec.cap is not None)
    run = model_of(twin.spec).run(capped, draws=draws)
    return compare(twin.outputs, totals_of_run(run, twin.names), _lives_of(world))


def is_number_seen(wrong: WrongNumber) -> bool:
    """Say whether a wrong number shows."""
    right = engine.make_setting
    with patch.object(engine, "make_setting", lambda *args, **kw: wrong.plant(right(*args, **kw))):
        return not compare_run(wrong.world, PLANTED_DRAWS).agrees


def is_step_seen(wrong: WrongStep) -> bool:
    """Say whether a wrong step shows."""
    with patch.object(engine, "STEPS", {**STEPS, wrong.name: wrong.step, **wrong.also}):
        return not compare_run(wrong.world, PLANTED_DRAWS).agrees


def one_for_each_step(errors: dict[str, Wrong]) -> list[str]:
    """Name the first error of every step."""
    first: dict[str, str] = {}
    for name, wrong in errors.items():
        first.setdefault(wrong.step if isinstance(wrong, WrongNumber) else wrong.name, name)
    return list(first.values())


@cache
def _lives_of(world: str) -> np.ndarray:
    """Live a region; totals of shape (outputs, LIVES)."""
    twin = WORLDS[world]
    return totals_of_lives(live_many(people_of(twin.spec), range(LIVES)), twin.names)
