"""What the outflow model starts from: the state of a region at the end of the as-of month.

Belongs here: turning core tables into arrays, in the order of the region's target groups. Does not
belong here: reading files, cleaning (the core did that), randomness, places ahead (`places`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.errors import RefusedError
from models.months import MONTHS_PER_YEAR, month_of, parse_month
from models.outflow.keyed import I64
from models.outflow.places import Plan, read_plan
from models.outflow.projects import Project, read_projects
from models.outflow.state import PROJECT_KINDS
from models.quota import apportion
from models.registry import Resolved

Tables = Mapping[str, pl.DataFrame]

LETTING_MONTHS = 24
"""Months of past lettings that still count for support and relapse at the start."""
WAITING_MONTHS = 24
"""Months on the intake list that are told apart at the start."""
OUTFLOW_GROUND = "outflow"


@dataclass(frozen=True)
class Residents:
    """People in an open stay who are not ready, as rows; arrays of shape (rows,).

    Attributes:
        group: Position of the target group.
        complexity: 0 single, 1 complex, -1 unknown.
        months: Whole months since the stay began.
        birth_year: Year of birth, 0 where unknown or of no concern.
        persons: How many people.
    """

    group: I64
    complexity: I64
    months: I64
    birth_year: I64
    persons: I64


@dataclass(frozen=True)
class Backlog:
    """Applications on the housing list at the start, as rows; arrays of shape (rows,).

    Attributes:
        month: Absolute month in which their clock started (their own date).
        klass: Position of the priority class.
        blocking: 1 when the person keeps a place occupied, else 0.
        group: Position of the target group.
        applications: How many.
    """

    month: I64
    klass: I64
    blocking: I64
    group: I64
    applications: I64


@dataclass(frozen=True)
class OutflowInputs:
    """The start of a run.

    Attributes:
        as_of: Last month that counts as known; the run begins in the next.
        groups: Ids of the target groups (G of them).
        blocks: Whether someone ready keeps the place, shape (G,).
        places: Places at the end of the as-of month, shape (G,).
        plan: Planned changes of places after that.
        projects: In-between facilities and other projects.
        project_queue: Applications for a project, by kind, shape (F, 2, G); where the region has
            that kind, else they wait on the housing list.
        waiting: People on the intake list, shape (G,).
        waiting_since: Those of them who wait for 0, 1, ... full months, shape (24, G).
        residents: People in stays.
        preparing: People ready who have not applied yet, shape (2, G): without and with a place.
        assessing: People in assessment, likewise.
        backlog: The housing list.
        moving: Applications offered and not moved yet, likewise.
        lettings: Outflow lettings of the last 24 months, shape (24, G); row 0 is the as-of month.
        current_lettings: Mean lettings a year in the reference years (dwellings a year).
        let_this_year: Outflow lettings of the as-of calendar year so far (dwellings).
    """

    as_of: int
    groups: tuple[str, ...]
    blocks: np.ndarray
    places: I64
    plan: Plan
    projects: tuple[Project, ...]
    project_queue: I64
    waiting: I64
    waiting_since: I64
    residents: Residents
    preparing: I64
    assessing: I64
    backlog: Backlog
    moving: I64
    lettings: I64
    current_lettings: float
    let_this_year: int

    def undecided(self, divert_after: I64) -> I64:
        """Give who waits for a place and has not been decided about, by full months waited.

        Args:
            divert_after: Months after which a home is decided about, shape (G,).

        Returns:
            Persons, shape (largest of these months, G).
        """
        months = np.arange(int(divert_after.max(initial=0)))[:, None]
        recent: I64 = self.waiting_since[: months.size] * (months < divert_after)
        return recent


def read_inputs(resolved: Resolved, core: Tables, *, as_of: int) -> OutflowInputs:
    """Turn core tables into the start of a run.

    Args:
        resolved: The parameters in force.
        core: The core tables by name.
        as_of: Last month that counts as known.

    Raises:
        RefusedError: There is no capacity by the as-of month, or no letting in the reference years.
    """
    groups = resolved.region.target_groups
    where = {group: position for position, group in enumerate(groups)}
    places, plan = _capacity(core, where, as_of)
    stays = core["core_stay__open"].filter(pl.col("target_group").is_in(groups))
    kinds = {"single": 0, "complex": 1, "unknown": -1}
    projects = read_projects(resolved, core["core_project__places"], as_of=as_of)
    applications = core["core_application__open"]
    there = sorted({PROJECT_KINDS[item.kind] for item in projects})
    for_projects = pl.col("product").is_in(there)
    for_projects = for_projects & (pl.col("state") == "on_list")
    preparing, assessing, moving, backlog = _applications(
        resolved, applications.filter(~for_projects), where
    )
    lettings = core["core_letting__monthly"].filter(pl.col("ground") == OUTFLOW_GROUND)
    return OutflowInputs(
        as_of=as_of,
        groups=groups,
        blocks=np.array([resolved.target_groups[group].blocks_place for group in groups]),
        places=places,
        plan=plan,
        projects=projects,
        project_queue=_project_queue(applications.filter(for_projects), where),
        waiting=_by_group(core["core_intake__waiting"], "persons", where),
        waiting_since=_by_months(core["core_intake__waiting"], where),
        residents=Residents(
            group=np.array([where[group] for group in stays["target_group"]], dtype=np.int64),
            complexity=np.array([kinds[kind] for kind in stays["complexity"]], dtype=np.int64),
            months=stays["months_in_stay"].to_numpy().astype(np.int64),
            birth_year=stays["birth_year"].fill_null(0).to_numpy().astype(np.int64),
            persons=stays["persons"].to_numpy().astype(np.int64),
        ),
        preparing=preparing,
        assessing=assessing,
        backlog=backlog,
        moving=moving,
        lettings=_recent(lettings, where, as_of),
        current_lettings=_current_lettings(resolved, lettings),
        let_this_year=_between(lettings, month_of(as_of // MONTHS_PER_YEAR, 1), as_of),
    )


def _by_group(table: pl.DataFrame, column: str, where: Mapping[str, int]) -> I64:
    out = np.zeros(len(where), dtype=np.int64)
    for group, number in table.select("target_group", column).iter_rows():
        if group in where:
            out[where[group]] += number
    return out


def _by_months(table: pl.DataFrame, where: Mapping[str, int]) -> I64:
    """Count who waits for a place by the months that they wait; longer waits are left out."""
    out = np.zeros((WAITING_MONTHS, len(where)), dtype=np.int64)
    columns = ("target_group", "months_waiting", "persons")
    for group, months, number in table.select(columns).iter_rows():
        if group in where and months < WAITING_MONTHS:
            out[months, where[group]] += number
    return out


def _capacity(core: Tables, where: Mapping[str, int], as_of: int) -> tuple[I64, Plan]:
    history = core["core_capacity__quarterly"]
    if history.is_empty():
        raise RefusedError(
            "there is no capacity on or before the as-of month",
            where="capacity",
            expected="at least one quarter that ended by then",
            todo="Deliver the places per facility, or take a later as-of month.",
        )
    latest = history["month"].max()
    _check_whole_quarter(history)
    places = _by_group(history.filter(pl.col("month") == latest), "places", where)
    due, plan = read_plan(core["core_capacity__plan"], where, as_of=as_of)
    return np.maximum(places + due, 0), plan


def _check_whole_quarter(history: pl.DataFrame) -> None:
    """Refuse a last quarter in which facilities are missing: their places would silently be 0."""
    months = sorted(history["month"].unique())
    if len(months) == 1:
        return
    before, last = (
        dict(history.filter(month=month).select("target_group", "facilities").iter_rows())
        for month in months[-2:]
    )
    for group, facilities in sorted(before.items()):
        if last.get(group, 0) < facilities:
            raise RefusedError(
                f"facilities of target group {group!r} are missing from the last quarter",
                where=f"capacity, quarter that ends in {months[-1]}",
                found=f"{last.get(group, 0)} facilities",
                expected=f"the {facilities} of the quarter before",
                todo="Deliver the quarter of every sender; a closed facility has 0 places.",
            )


def _applications(
    resolved: Resolved, table: pl.DataFrame, where: Mapping[str, int]
) -> tuple[I64, I64, I64, Backlog]:
    counts = {
        state: np.zeros((2, len(where)), dtype=np.int64)
        for state in ("preparing", "in_assessment", "offered")
    }
    classes = [item.id for item in resolved.region.priority_classes]
    clock = "approval" if resolved.region.promise is None else resolved.region.promise.clock_start
    rows: list[tuple[int, int, int, int, int]] = []
    for row in table.iter_rows(named=True):
        if row["target_group"] not in where:
            continue
        group, blocking = where[row["target_group"]], int(row["blocks_place"])
        if row["state"] in counts:
            counts[row["state"]][blocking, group] += row["applications"]
        else:
            klass = row["priority_class"]
            at = classes.index(klass) if klass in classes else max(len(classes) - 1, 0)
            began = parse_month(_clock_month(row, clock))
            rows.append((began, at, blocking, group, row["applications"]))
    rows.sort()
    month, klass, block, group_at, count_of = (
        np.array([row[i] for row in rows], dtype=np.int64) for i in range(5)
    )
    backlog = Backlog(month, klass, block, group_at, count_of)
    return counts["preparing"], counts["in_assessment"], counts["offered"], backlog


def _project_queue(table: pl.DataFrame, where: Mapping[str, int]) -> I64:
    queue = np.zeros((len(PROJECT_KINDS), 2, len(where)), dtype=np.int64)
    columns = ("product", "blocks_place", "target_group", "applications")
    for product, blocking, group, count in table.select(columns).iter_rows():
        if group in where:
            queue[PROJECT_KINDS.index(product), int(blocking), where[group]] += count
    return queue


def _clock_month(row: Mapping[str, str | None], clock: str) -> str:
    """Give the month in which the clock of someone on the list started, as far as it is known."""
    known = {
        "approval": (),
        "application": ("clock_applied_month",),
        "ready": ("clock_ready_month", "clock_applied_month"),
    }
    dated = (row[name] for name in known[clock] if row[name] is not None)
    return str(next(dated, row["since_month"]))


def _recent(lettings: pl.DataFrame, where: Mapping[str, int], as_of: int) -> I64:
    """Give lettings per group over the last 24 months; unknown groups are shared out by size."""
    out = np.zeros((LETTING_MONTHS, len(where)), dtype=np.int64)
    unknown = np.zeros(LETTING_MONTHS, dtype=np.int64)
    columns = ("month", "target_group", "dwellings")
    for month, group, count in lettings.select(columns).iter_rows():
        age = as_of - parse_month(month)
        if not 0 <= age < LETTING_MONTHS:
            continue
        if group in where:
            out[age, where[group]] += count
        else:
            unknown[age] += count
    weights = [int(total) + 1 for total in out.sum(axis=0)]
    for row, count in enumerate(unknown.tolist()):
        out[row] += np.array(apportion(weights, count), dtype=np.int64)
    return out


def _between(lettings: pl.DataFrame, first: int, last: int) -> int:
    months = [parse_month(text) for text in lettings["month"]]
    return sum(
        count
        for month, count in zip(months, lettings["dwellings"], strict=True)
        if first <= month <= last
    )


def _current_lettings(resolved: Resolved, lettings: pl.DataFrame) -> float:
    reference = resolved.region.lettings_reference
    first, last = reference.first_year, reference.last_year
    total = _between(lettings, month_of(first, 1), month_of(last, 12))
    if total == 0:
        raise RefusedError(
            "there is no letting in the reference years, so the extra cannot be counted",
            where="lettings",
            expected=f"homes let in {first} to {last}",
            todo="Deliver those years, or change lettings_reference in region.toml.",
        )
    return total / (last - first + 1)
