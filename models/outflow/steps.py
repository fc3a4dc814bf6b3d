"""The steps of a month, in the order in which they are read aloud (docs/model.md).

Each step takes the setting, the state, the lists and the month ahead (0 is the first of the run),
moves people between stocks and writes its flows. Every number of people is one keyed uniform,
inverted. Belongs here: the chain. Does not belong here: what a step does (`tenancy`, `care`,
`applying`, `projects`, `offering`), the loop (`engine`).
"""

from collections.abc import Callable
from functools import wraps

from models.outflow import applying, care, offering, projects, tenancy
from models.outflow.offering import Lists
from models.outflow.state import Setting, State

Step = Callable[[Setting, State, Lists, int], None]


def _plain(step: Callable[[Setting, State, int], None]) -> Step:
    """Let a step that needs no list be called like the others."""

    @wraps(step)
    def of_month(setting: Setting, state: State, _lists: Lists, ahead: int) -> None:
        step(setting, state, ahead)

    return of_month


STEPS: dict[str, Step] = {
    "move_in": _plain(tenancy.move_in),
    "relapse": _plain(tenancy.relapse),
    "end_support": _plain(tenancy.end_support),
    "move_out": _plain(care.move_out),
    "refer": _plain(care.refer),
    "admit": _plain(care.admit),
    "end_stays": _plain(care.end_stays),
    "decide": _plain(applying.decide),
    "apply": _plain(applying.apply),
    "fill_projects": _plain(projects.fill_projects),
    "join_list": offering.join_list,
    "offer": offering.offer,
}
"""The chain of a month."""
