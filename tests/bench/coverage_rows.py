"""What senders deliver of a generated town: accepted rows by contract.

Belongs here: from lives to rows, with labels and days that senders forget. Does not belong here:
the lives (`coverage_town`), the study (`coverage`).
"""

from calendar import monthrange
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from models.months import format_month
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.results import schema_of
from tests.bench.coverage_town import AS_OF, BURN_IN, GROUPS, NEVER, Town, plan_of

MUNICIPALITY = "GM9001"
UNLABELLED, FORGOTTEN = 0.1, 0.1
"""Shares of stays without a label, and without a day of readiness."""
EARLY, MIDDLE, BEFORE_LATE, LATE = 1, 15, 26, 31
"""Days of the month: places are taken at its beginning and come free at its end (its last day)."""


def deliver(town: Town, dice: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Write the rows of the town that touch its delivered history, as accepted rows by contract."""
    return {
        "capacity": _capacity(town),
        "capacity_plan": _plan(town),
        "intake": _intake(town),
        "stays": _stays(town, dice),
        "applications": _applications(town),
        "lettings": _lettings(town, dice),
    }


def _month(town: Town, month: int) -> int:
    return AS_OF - town.now + int(month)


def _day(town: Town, month: int, day: int) -> date | None:
    if month == NEVER or month > town.now:
        return None
    absolute = _month(town, month)
    year, of_year = absolute // 12, absolute % 12 + 1
    return date(year, of_year, min(day, monthrange(year, of_year)[1]))


def _frame(contract: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = schema_of(CONTRACTS[contract])
    filled = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(filled, schema=schema, orient="row")


def _capacity(town: Town) -> pl.DataFrame:
    return _frame(
        "capacity",
        [
            {"facility_id": f"{group}-1", "period": f"{AS_OF // 12}K4", "provider": "A",
             "municipality_code": MUNICIPALITY, "target_group": group, "law": "Wmo",
             "place_kind": "intramural", "places": places, "occupied_persons": places,
             "secret_address": False}
            for group, places in zip(GROUPS, town.truth.places, strict=True)
        ],
    )  # fmt: skip


def _plan(town: Town) -> pl.DataFrame:
    rows = []
    for group, closing in zip(GROUPS, town.truth.closing, strict=True):
        for ahead, change in plan_of(closing):
            rows.append(
                {"facility_id": f"{group}-1", "effective_month": format_month(AS_OF + ahead),
                 "change_kind": "closed_attrition", "places_change": -change, "status": "besloten"}
            )  # fmt: skip
    return _frame("capacity_plan", rows)


def _seen(town: Town, first: np.ndarray, *ends: np.ndarray) -> np.ndarray:
    """Tell which rows touch the delivered history: known by now, and not over before it."""
    over = np.max([np.where(end > town.now, NEVER, end) for end in ends], axis=0)
    return (first <= town.now) & (first != NEVER) & ((over == NEVER) | (over >= BURN_IN))


def _intake(town: Town) -> pl.DataFrame:
    people = town.people
    reasons = ("withdrawn", "home_with_support", "other")
    rows = []
    for at in np.flatnonzero(_seen(town, people["registered"], people["admitted"], people["left"])):
        left = _day(town, people["left"][at], MIDDLE)
        reason = None if left is None else reasons[people["reason"][at]]
        rows.append(
            {"registration_id": f"r{at}", "client_id": f"c{people['client'][at]}",
             "target_group": GROUPS[people["group"][at]],
             "registered_on": _day(town, people["registered"][at], EARLY),
             "admitted_on": _day(town, people["admitted"][at], EARLY),
             "left_on": left, "left_reason": reason}
        )  # fmt: skip
    return _frame("intake", rows)


def _stays(town: Town, dice: np.random.Generator) -> pl.DataFrame:
    """Write stays, from the day of admission to the last day of the month in which they end."""
    people = town.people
    where = ("own_home", "left", "own_network")
    rows = []
    for at in np.flatnonzero(_seen(town, people["admitted"], people["ended"])):
        ended = _day(town, people["ended"][at], LATE)
        group = GROUPS[people["group"][at]]
        label = None if dice.random() < UNLABELLED else ("single", "complex")[people["klass"][at]]
        ready = None if dice.random() < FORGOTTEN else _day(town, people["ready"][at], LATE)
        rows.append(
            {"stay_id": f"s{at}", "client_id": f"c{people['client'][at]}",
             "facility_id": f"{group}-1", "target_group": group,
             "complexity": label if group == GROUPS[0] else None,
             "started_on": _day(town, people["admitted"][at], EARLY), "ready_on": ready,
             "ended_on": ended,
             "destination": None if ended is None else where[people["destination"][at]]}
        )  # fmt: skip
    return _frame("stays", rows)


def _applications(town: Town) -> pl.DataFrame:
    papers, people = town.papers, town.people
    over = np.where(papers["outcome"] > 0, papers["assessed"], NEVER)
    words = ("positive", "returned", "negative")
    rows = []
    for at in np.flatnonzero(
        _seen(town, papers["applied"], over, papers["moved"], papers["withdrawn"])
    ):
        person = papers["person"][at]
        assessed = _day(town, papers["assessed"][at], LATE)
        offered = _day(town, papers["offered"][at], LATE)
        withdrawn = _day(town, papers["withdrawn"][at], BEFORE_LATE)
        rows.append(
            {"application_id": f"a{at}", "client_id": f"c{people['client'][person]}",
             "provider": "A", "target_group": GROUPS[people["group"][person]],
             "product": "independent", "ready_on": _day(town, papers["ready"][at], LATE),
             "applied_on": _day(town, papers["applied"][at], LATE), "assessed_on": assessed,
             "assessment": None if assessed is None else words[papers["outcome"][at]],
             "approved_on": _day(town, papers["approved"][at], LATE), "offered_on": offered,
             "offer_answer": None if offered is None else "accepted",
             "moved_on": _day(town, papers["moved"][at], LATE), "withdrawn_on": withdrawn,
             "withdrawn_reason": None if withdrawn is None else "housed_elsewhere"}
        )  # fmt: skip
    return _frame("applications", rows)


def _lettings(town: Town, dice: np.random.Generator) -> pl.DataFrame:
    moved = town.papers["moved"]
    three_party = town.truth("three_party_share", 0)
    return _frame(
        "lettings",
        [
            {"letting_id": f"l{at}", "application_id": f"a{at}",
             "municipality_code": MUNICIPALITY, "association": "Duinwonen", "ground": "outflow",
             "contract_form": "three_party" if dice.random() < three_party else "provider_lease",
             "moved_on": _day(town, moved[at], LATE)}
            for at in np.flatnonzero((moved >= BURN_IN) & (moved <= town.now))
        ],
    )  # fmt: skip
