"""The outflow model: how many homes, when, and how long people wait for them.

`simulate` runs the model once; `answer` gives the marts of a scenario, `published` a published
number beside our own run of its month. The chain of a month is `STEPS` in `models.outflow.steps`.
"""

from models.outflow.answer import (
    DEFAULT_CHUNK,
    DEFAULT_DRAWS,
    OutflowAnswer,
    Task,
    answer,
    published,
    run_task,
    simulate,
)

__all__ = [
    "DEFAULT_CHUNK",
    "DEFAULT_DRAWS",
    "OutflowAnswer",
    "Task",
    "answer",
    "published",
    "run_task",
    "simulate",
]
