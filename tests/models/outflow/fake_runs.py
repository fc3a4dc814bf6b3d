"""Runs that cost nothing, for tests of what is made of runs rather than of the runs.

Belongs here: a map of tasks that runs none of them. Does not belong here: a test.
"""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import cast

import numpy as np

from models.outflow.answer import Task
from models.outflow.engine import Run
from models.outflow.figures import covered
from models.outflow.state import FLOWS, STOCKS

Gross = Callable[[Task], float]


def few_homes(task: Task) -> float:
    """Gross demand of a run that shows its share of own homes and its month."""
    largest = task.inputs.groups[int(np.argmax(task.inputs.places))]
    share = task.chunk.sample.resolved.middle("own_home_share", largest)
    return 600.0 + 200.0 * share + task.inputs.as_of % 12


def fake_map(gross: Gross = few_homes) -> Callable[..., list[Run]]:
    """Give a map of tasks whose runs have that gross demand, and one of everything else a year."""

    def map_tasks(_work: object, tasks: Iterable[Task]) -> list[Run]:
        return [fake_run(task, gross(task)) for task in tasks]

    return map_tasks


def fake_run(task: Task, gross: float) -> Run:
    """Make a run with a gross demand over the ten years, the same in every draw."""
    years = len(covered(task.inputs))
    shape = (years, len(task.inputs.groups), task.chunk.draws)
    flows = {name: np.ones(shape) for name in FLOWS}
    flows["offered"] = np.full(shape, gross / (shape[0] * shape[1]))
    made = SimpleNamespace(
        flows=flows,
        stocks={name: np.ones(shape) for name in STOCKS},
        places=np.ones(shape),
        cohort_month=np.zeros(0, dtype=np.int64),
        backlog_cohorts=0,
    )
    return cast(Run, made)
