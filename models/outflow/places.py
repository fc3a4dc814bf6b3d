"""Places month by month: the plan of closing and opening, its delays and its profile.

Belongs here: from planned changes to places per draw. Does not belong here: what happens to people
when places close (`steps`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.months import HORIZON_MONTHS, parse_month
from models.outflow.keyed import F64, I64
from models.registry import Resolved
from models.units import CLOSES_OR_OPENS, ChangeKind

STATUSES = {"besloten": "decided", "voorgenomen": "intended", "verwacht": "expected"}
"""How firm a plan is, as delivered, and the name of its delay's parameter."""


@dataclass(frozen=True)
class Plan:
    """Planned changes by the end of month 1, 2, ..., cumulative; S statuses, G groups.

    Attributes:
        closed: Places closed, moving out included, shape (S, 120, G).
        moved_out: Those of them that close with moving out, likewise.
        opened: Places opened, likewise.
    """

    closed: I64
    moved_out: I64
    opened: I64


def read_plan(plan: pl.DataFrame, where: Mapping[str, int], *, as_of: int) -> tuple[I64, Plan]:
    """Read planned changes; only closing and opening change the demand for homes.

    Args:
        plan: `core_capacity__plan`.
        where: Position of each target group.
        as_of: Last month that counts as known.

    Returns:
        What should have changed by the as-of month already, shape (G,), and the plan after it.
    """
    shape = (len(STATUSES), HORIZON_MONTHS, len(where))
    made = Plan(*(np.zeros(shape, dtype=np.int64) for _ in range(3)))
    due = np.zeros(len(where), dtype=np.int64)
    columns = ("target_group", "effective_month", "change_kind", "status", "places_change")
    for group, month, kind, status, change in plan.select(columns).iter_rows():
        ahead = parse_month(month) - as_of - 1
        if group not in where or ChangeKind(kind) not in CLOSES_OR_OPENS:
            continue
        at, of = where[group], list(STATUSES).index(status)
        if ahead < 0:
            due[at] += change
        elif ahead < HORIZON_MONTHS:
            (made.closed if change < 0 else made.opened)[of, ahead:, at] += abs(change)
            if kind == ChangeKind.CLOSED_MOVE_OUT and change < 0:
                made.moved_out[of, ahead:, at] += -change
    return due, made


def places_ahead(
    places: I64, plan: Plan, resolved: Resolved, closing: F64, delay: F64, *, kept: bool
) -> tuple[I64, I64]:
    """Give places at the end of every month ahead, and how many close with moving out in it.

    Args:
        places: Places now, shape (G,).
        plan: The planned changes.
        resolved: The parameters in force (the scenario's speed and profile).
        closing: Share of the planned closing that comes true, per draw, shape (D,).
        delay: Months by which a plan comes later, by status and draw, shape (S, D).
        kept: Keep all places as they are.

    Returns:
        Two arrays of shape (120, G, D).
    """
    shape = (HORIZON_MONTHS, places.size, closing.size)
    if kept or resolved.scenario.kept_open:
        return np.broadcast_to(places[:, None], shape).copy(), np.zeros(shape, dtype=np.int64)
    change = resolved.scenario.capacity
    profile = "as_planned" if change is None else change.profile
    ahead = np.arange(1, HORIZON_MONTHS + 1)[:, None]
    at = []
    for lag in np.floor(delay + 0.5):
        month = np.floor((ahead - lag) * resolved.scenario.speed).astype(np.int64)
        at.append(np.clip(month, 0, HORIZON_MONTHS))
    ahead_of, now = np.empty(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for group, there in enumerate(places.tolist()):
        closed, moved_out, opened = (
            _come_true(part[..., group], at, profile)
            for part in (plan.closed, plan.moved_out, plan.opened)
        )
        if closed is not None:
            closed = np.floor(closed * closing + 0.5).astype(np.int64)
        if moved_out is not None:
            moved_out = np.floor(moved_out * closing + 0.5).astype(np.int64)
            now[:, group] = np.maximum(np.diff(moved_out, axis=0, prepend=0), 0)
        left = there + (0 if opened is None else opened) - (0 if closed is None else closed)
        ahead_of[:, group] = np.maximum(left, 0)
    return ahead_of, now


def _come_true(planned: I64, at: list[I64], profile: str) -> I64 | None:
    """Give what of one group's plan has come by each month and draw; None where nothing is planned.

    Args:
        planned: By status the plan by the end of each month, cumulative, shape (S, 120).
        at: By status which month of the plan each month and draw has come to; 0 is before it.
        profile: How the plan is spread.
    """
    total = None
    for status, path in enumerate(planned):
        if path.any():
            known = np.concatenate([[0], _reshape(path[:, None], profile)[:, 0]])
            part = known.take(at[status])
            total = part if total is None else total + part
    return total


def _reshape(path: I64, profile: str) -> I64:
    """Spread each group's total over the months from its first change to its last.

    Two thirds come in the first half with `front_loaded`, in the second with `back_loaded`.
    """
    if profile == "as_planned":
        return path
    out = np.zeros_like(path)
    for group in range(path.shape[1]):
        total = path[-1, group]
        if total == 0:
            continue
        first = int(np.argmax(path[:, group] > 0))
        last = int(np.argmax(path[:, group] == total))
        months = np.arange(path.shape[0])
        way = np.clip((months - first + 1) / (last - first + 1), 0.0, 1.0)
        share = {
            "step": (months >= first).astype(np.float64),
            "linear": way,
            "front_loaded": np.interp(way, (0.0, 0.5, 1.0), (0.0, 2.0 / 3.0, 1.0)),
            "back_loaded": np.interp(way, (0.0, 0.5, 1.0), (0.0, 1.0 / 3.0, 1.0)),
        }[profile]
        out[:, group] = np.floor(total * share + 0.5).astype(np.int64)
    return out
