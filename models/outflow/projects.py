"""In-between facilities and other projects: how many places there are, how long people stay.

Belongs here: reading projects, and the step in which people leave and enter them. Does not belong
here: the choice for a product (`applying`), need beside bids (a table of its own).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.months import MONTHS_PER_YEAR, parse_month
from models.outflow.keyed import I64, Event
from models.outflow.state import PROJECT_KINDS, Setting, State
from models.registry import Resolved

_PLANNED = {"besluit": "decided", "in_aanbouw": "building", "open": "open"}


@dataclass(frozen=True)
class Project:
    """Places of one project.

    Attributes:
        kind: Position in `PROJECT_KINDS`.
        places: Places.
        opens: Absolute month of opening.
        is_open: Whether it was open at the end of the as-of month.
        is_decided: Decided and not being built yet: it may come later.
        stay_months: Mean stay (months).
        age_limit_years: Age at which a stay ends at the latest, None without one.
    """

    kind: int
    places: int
    opens: int
    is_open: bool
    is_decided: bool
    stay_months: float
    age_limit_years: float | None


def read_projects(resolved: Resolved, table: pl.DataFrame, *, as_of: int) -> tuple[Project, ...]:
    """Read delivered projects and those of the region's file and the scenario.

    Args:
        resolved: The parameters in force.
        table: `core_project__places`.
        as_of: Last month that counts as known.
    """
    found = []
    for row in table.iter_rows(named=True):
        opens = parse_month(row["expected_open_month"])
        found.append(
            Project(
                kind=PROJECT_KINDS.index(row["kind"]),
                places=row["places"],
                opens=opens,
                is_open=row["status"] == "open" and opens <= as_of,
                is_decided=row["status"] == "besluit",
                stay_months=float(row["stay_months_mean"]),
                age_limit_years=row["age_max"],
            )
        )
    for item in resolved.region.projects:
        limit = None if item.age_limit_years is None else item.age_limit_years.value
        opens = parse_month(item.open_from)
        found.append(_declared(item.kind, item.places, opens, item.stay_months.value, limit, as_of))
    for change in resolved.scenario.projects:
        opens = parse_month(change.open_from)
        found.append(_declared(change.kind, change.places, opens, change.stay_months, None, as_of))
    return tuple(sorted(found, key=lambda item: (item.kind, item.opens, item.places)))


def _declared(
    kind: str, places: int, opens: int, stay: float, limit: float | None, as_of: int
) -> Project:
    at = PROJECT_KINDS.index(kind)
    return Project(at, places, opens, opens <= as_of, is_decided=False, stay_months=stay,
                   age_limit_years=limit)  # fmt: skip


def fill_projects(setting: Setting, state: State, ahead: int) -> None:
    """People leave projects, some of them for an ordinary home; free places go to who waits."""
    shape = state.intake.shape
    state.flows["project_left"] = np.zeros(shape, dtype=np.int64)
    state.flows["project_entered"] = np.zeros(shape, dtype=np.int64)
    if not setting.has_projects:
        return
    month = setting.first + ahead
    left = state.project_exits[ahead].astype(np.int64)
    state.project_residents -= left
    homeward = setting.keys.binomial(
        Event.PROJECT_HOME, month, left[0], setting.rates.in_between_home
    )
    state.preparing[0, 0] += homeward
    state.flows["ready"] = state.flows["ready"] + homeward
    gone = left.sum(axis=0) - homeward
    state.flows["left_elsewhere"] = state.flows["left_elsewhere"] + gone
    state.flows["project_left"] = left.sum(axis=0)
    for kind in range(len(PROJECT_KINDS)):
        free = setting.project_places[ahead, kind] - state.project_residents[kind].sum(axis=0)
        entered = _enter(setting, state, kind, np.maximum(free, 0), month)
        if entered.any():
            _stay(setting, state, kind, entered, ahead)
        state.flows["project_entered"] = state.flows["project_entered"] + entered


def _enter(setting: Setting, state: State, kind: int, free: I64, month: int) -> I64:
    """Give free places to who waits for the kind, stream by stream in the month's rotation."""
    groups = state.intake.shape[0]
    entered = np.zeros_like(state.intake)
    left = free
    for stream in setting.turn(month):
        blocking, group = divmod(int(stream), groups)
        here = np.minimum(state.project_queue[kind, blocking, group], left)
        state.project_queue[kind, blocking, group] -= here
        entered[group] += here
        left = left - here
    return entered


def _stay(setting: Setting, state: State, kind: int, entered: I64, ahead: int) -> None:
    """Give everybody who enters the month in which they leave; one uniform a person."""
    state.project_residents[kind] += entered
    every = np.arange(entered.shape[0])
    month = setting.first + ahead
    for nth in range(int(entered.max(initial=0))):
        group, draw = np.nonzero(entered > nth)
        words = setting.keys.cells(Event.PROJECT_STAY, month, kind * 4096 + nth, every)
        stay = project_stay(setting, kind, setting.keys.uniforms_at(words[group], draw))
        note_exits(state.project_exits, ahead + stay, kind, group, draw)


def project_stay(setting: Setting, kind: int, uniform: np.ndarray) -> I64:
    """Give geometric stays of at least a month, cut at the age limit; shape of `uniform`."""
    chance = 1.0 / max(setting.project_stay_months[kind], 1.0)
    if chance >= 1.0:
        return np.ones(uniform.shape, dtype=np.int64)
    stay = np.ceil(np.log1p(-uniform) / np.log1p(-chance)).astype(np.int64)
    cut: I64 = np.clip(stay, 1, setting.project_limit_months[kind])
    return cut


def note_exits(exits: np.ndarray, when: I64, kind: int, group: I64, draw: I64) -> None:
    """Note exits in their month; those after the run are of no concern."""
    _, kinds, groups, draws = exits.shape
    inside = when < exits.shape[0]
    place = ((when * kinds + kind) * groups + group) * draws + draw
    np.add.at(exits.reshape(-1), place[inside], np.int32(1))


def limit_months(limit_years: float | None, entry_years: float) -> int:
    """Give the months from entry to an age limit; a very long stay where there is none."""
    if limit_years is None:
        return 10_000
    return max(round((limit_years - entry_years) * MONTHS_PER_YEAR), 1)
