"""The core tables: hand-made deliveries with known answers, the as-of cut, and what is refused."""

import random
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError
from models.months import format_month, parse_month
from models.params import Region
from pipelines.core import (
    SQL_FOLDER,
    build_core,
    check_agreements,
    first_complete_month,
    last_complete_month,
)
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.results import schema_of

AS_OF = parse_month("2026-10")
GROUPS = ("shelter", "youth")
MUNICIPALITIES = pl.DataFrame(
    {
        "municipality_code": ["GM0392", "GM0375"],
        "municipality_name": ["Haarlem", "Beverwijk"],
        "households": [77_000, 19_000],
        "association_dwellings": [20_000, 6_000],
        "population": [165_000, 42_000],
        "dwellings": [79_000, 19_500],
    }
)
DEFAULTS: dict[str, dict[str, Any]] = {
    "capacity": {
        "provider": "A",
        "municipality_code": "GM0392",
        "target_group": "shelter",
        "law": "Wmo",
        "place_kind": "intramural",
        "places": 10,
        "occupied_persons": 8,
        "secret_address": False,
    },
    "capacity_plan": {
        "change_kind": "closed_attrition",
        "places_change": -2,
        "status": "besloten",
    },
    "intake": {"target_group": "shelter"},
    "stays": {"facility_id": "F1", "target_group": "shelter"},
    "applications": {"provider": "A", "target_group": "shelter", "product": "independent"},
    "lettings": {
        "municipality_code": "GM0392",
        "association": "Ymere",
        "ground": "outflow",
        "contract_form": "three_party",
    },
    "agreements": {
        "kind": "cap",
        "scope": "regio",
        "value": 178.0,
        "unit": "dwellings_per_year",
        "from": date(2022, 1, 1),
        "to": date(9999, 12, 31),
        "commitment": "inspanning",
        "body": "Bestuurlijk overleg",
        "decided_on": date(2021, 10, 7),
        "state": "vastgesteld",
    },
}
Row = dict[str, Any]


def day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def frame(contract: str, *rows: Row) -> pl.DataFrame:
    """Make accepted rows of a contract; days as text, the rest by default, ids numbered."""
    numbers = count(1)
    key, schema = CONTRACTS[contract].key[0], schema_of(CONTRACTS[contract])
    filled = []
    for row in rows:
        number = next(numbers)
        ids = {key: f"{contract}-{number}", "client_id": f"client-{number}", "_row": number}
        full = {**ids, "_file": "file.csv", **DEFAULTS[contract], **row}
        filled.append(
            {
                name: day(full[name])
                if isinstance(kind, pl.Date) and isinstance(full.get(name), str)
                else full.get(name)
                for name, kind in schema.items()
            }
        )
    return pl.DataFrame(filled, schema=schema, orient="row")


def core(
    *, as_of: int = AS_OF, first_months: dict[str, int] | None = None, **rows: list[Row]
) -> dict[str, pl.DataFrame]:
    """Build the core from rows per contract."""
    accepted = {name: frame(name, *given) for name, given in rows.items()}
    return build_core(
        accepted, MUNICIPALITIES, as_of=as_of, target_groups=GROUPS, first_months=first_months
    )


def found(table: pl.DataFrame, **where: object) -> list[tuple[Any, ...]]:
    """Give the rows of a table that meet a condition, without the columns of the condition."""
    return table.filter(**where).drop(*where).rows()


# --- capacity ------------------------------------------------------------------------------------


@pytest.mark.unit
@pytest.mark.parametrize(
    ("kind", "counted"),
    [("intramural", 10), ("own_front_door", 10), ("ambulant", 0), ("pgb", 0), ("night_shelter", 0)],
)
def test_only_places_that_somebody_lives_in_are_places(kind: str, counted: int) -> None:
    tables = core(
        capacity=[
            {"facility_id": "F1", "period": "2026K3", "places": 7},
            {"facility_id": "F2", "period": "2026K3", "places": 10, "place_kind": kind},
        ],
        capacity_plan=[{"facility_id": "F2", "effective_month": "2027-01", "places_change": -3}],
    )
    assert tables["core_capacity__quarterly"]["places"].sum() == 7 + counted
    planned = tables["core_capacity__plan"]["places_change"].sum()
    assert planned == (-3 if counted else 0)


@pytest.mark.unit
def test_places_are_counted_per_group_in_quarters_that_have_ended() -> None:
    tables = core(
        capacity=[
            {"facility_id": "F1", "period": "2026K2", "places": 12},
            {"facility_id": "F1", "period": "2026K3", "places": 10},
            {"facility_id": "F2", "period": "2026K3", "places": 5, "occupied_persons": 5},
            {"facility_id": "F2", "period": "2026K4", "places": 1},
        ]
    )
    assert tables["core_capacity__quarterly"].rows() == [
        ("shelter", "2026-06", 12, 8, 1),
        ("shelter", "2026-09", 15, 13, 2),
    ]


@pytest.mark.unit
def test_the_plan_holds_what_the_last_quarter_does_not_show_yet() -> None:
    tables = core(
        capacity=[
            {"facility_id": "F1", "period": "2026K3"},
            {"facility_id": "F2", "period": "2026K3"},
            {"facility_id": "F3", "period": "2026K3", "target_group": "youth"},
        ],
        capacity_plan=[
            {"facility_id": "F1", "effective_month": "2026-09", "places_change": -9},
            {"facility_id": "F1", "effective_month": "2026-10", "places_change": -1},
            {"facility_id": "F1", "effective_month": "2027-01", "places_change": -2},
            {"facility_id": "F2", "effective_month": "2027-01", "places_change": -3},
            {"facility_id": "F2", "effective_month": "2027-01", "change_kind": "opened"},
            {"facility_id": "F3", "effective_month": "2030-01", "status": "verwacht"},
        ],
    )
    assert tables["core_capacity__plan"].rows() == [
        ("shelter", "2026-10", "closed_attrition", "besloten", -1),
        ("shelter", "2027-01", "closed_attrition", "besloten", -5),
        ("shelter", "2027-01", "opened", "besloten", -2),
        ("youth", "2030-01", "closed_attrition", "verwacht", -2),
    ]


@pytest.mark.unit
def test_a_planned_facility_takes_the_group_that_it_had_last_or_will_have_first() -> None:
    capacity = [
        {"facility_id": "F1", "period": "2026K2", "target_group": "youth"},
        {"facility_id": "F1", "period": "2026K3", "target_group": "shelter"},
        {"facility_id": "F1", "period": "2026K4", "target_group": "youth"},
        {"facility_id": "new", "period": "2027K1", "target_group": "youth"},
        {"facility_id": "new", "period": "2027K2", "target_group": "shelter"},
    ]
    plan = [
        {"facility_id": "F1", "effective_month": "2027-02"},
        {"facility_id": "new", "effective_month": "2027-03", "change_kind": "opened"},
    ]
    table = core(capacity=capacity, capacity_plan=plan)["core_capacity__plan"]
    assert table.select("target_group", "effective_month").rows() == [
        ("shelter", "2027-02"),
        ("youth", "2027-03"),
    ]


@pytest.mark.unit
def test_a_plan_for_an_unknown_facility_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        core(
            capacity=[{"facility_id": "F1", "period": "2026K3"}],
            capacity_plan=[{"facility_id": "F9", "effective_month": "2027-01"}],
        )
    assert str(caught.value) == (
        "core_capacity__plan: raw_capacity_plan.facility_id holds values that are not in "
        "core_capacity__facility.facility_id; found 1 row, such as F9; "
        "expected every value in core_capacity__facility. "
        "Deliver the facility in the contract capacity (with 0 places while it is not open yet), "
        "so that its target group is known."
    )


# --- the intake list -----------------------------------------------------------------------------


@pytest.mark.unit
def test_registrations_are_counted_every_month_with_zeros() -> None:
    tables = core(
        intake=[
            {"registered_on": "2026-07-31"},
            {"registered_on": "2026-09-01", "client_id": "back"},
            {"registered_on": "2026-09-30", "client_id": "back", "admitted_on": "2026-09-30"},
            {"registered_on": "2026-10-31", "target_group": "youth"},
        ]
    )
    table = tables["core_intake__monthly"]
    assert found(table, target_group="shelter") == [
        ("2026-07", 1),
        ("2026-08", 0),
        ("2026-09", 2),
        ("2026-10", 0),
    ]
    assert [number for _, number in found(table, target_group="youth")] == [0, 0, 0, 1]


@pytest.mark.unit
def test_who_comes_back_within_two_years_of_moving_out_is_not_a_first_registration() -> None:
    moved = {"applied_on": "2024-01-01", "approved_on": "2024-02-01", "moved_on": "2024-06-15"}
    registered = {
        "back": "2026-05-01",
        "back-late": "2026-07-01",
        "same-day": "2024-06-15",
        "never-moved": "2026-05-02",
    }
    tables = core(
        intake=[
            {"client_id": client, "registered_on": registered_on}
            for client, registered_on in registered.items()
        ],
        applications=[{"client_id": client, **moved} for client in registered][:3],
    )
    counted = found(tables["core_intake__monthly"], target_group="shelter")
    assert {month: number for month, number in counted if number} == {
        "2024-06": 1,
        "2026-05": 1,
        "2026-07": 1,
    }


@pytest.mark.unit
def test_a_series_begins_in_the_given_first_month_whoever_waited_before() -> None:
    tables = core(
        intake=[{"registered_on": "2019-03-01"}, {"registered_on": "2026-10-01"}],
        applications=[
            {"client_id": "other", "applied_on": "2020-01-01", "approved_on": "2020-02-01"}
        ],
        first_months={"intake": parse_month("2026-09"), "applications": parse_month("2026-10")},
    )
    assert found(tables["core_intake__monthly"], target_group="shelter") == [
        ("2026-09", 0),
        ("2026-10", 1),
    ]
    assert tables["core_intake__list_monthly"].rows() == [("2026-09", 1), ("2026-10", 2)]
    assert tables["core_application__list_monthly"].rows() == [("2026-10", 1)]


@pytest.mark.unit
def test_who_comes_back_within_two_years_of_moving_to_a_home_is_no_first_registration() -> None:
    tables = core(
        intake=[
            {"registered_on": "2026-09-01", "client_id": "back"},
            {"registered_on": "2026-09-02", "client_id": "later"},
            {"registered_on": "2026-09-03", "client_id": "before"},
            {"registered_on": "2026-09-04", "client_id": "never moved"},
        ],
        applications=[
            {"client_id": "back", "applied_on": "2024-01-01", "moved_on": "2024-09-01"},
            {"client_id": "later", "applied_on": "2024-01-01", "moved_on": "2024-09-01"},
            {"client_id": "before", "applied_on": "2024-01-01", "moved_on": "2026-09-03"},
            {"client_id": "never moved", "applied_on": "2024-01-01"},
        ],
    )
    assert found(tables["core_intake__monthly"], target_group="shelter")[0] == ("2026-09", 3)


@pytest.mark.unit
def test_who_registered_waits_until_admitted_or_gone() -> None:
    cases = [
        ({}, True),
        ({"admitted_on": "2026-10-31"}, False),
        ({"admitted_on": "2026-11-01"}, True),
        ({"left_on": "2026-05-01", "left_reason": "home_with_support"}, False),
        ({"left_on": "2026-05-01"}, False),
        ({"left_on": "2026-11-02", "left_reason": "home_with_support"}, True),
        ({"left_reason": "withdrawn"}, False),
        ({"admitted_on": "2026-11-02", "left_reason": "admitted"}, True),
    ]
    tables = core(intake=[{"registered_on": "2026-04-01", **row} for row, _ in cases])
    gone = dict(tables["core_intake__dated"].select("registration_id", "gone_on").iter_rows())
    for number, (row, waits) in enumerate(cases, start=1):
        assert (gone[f"intake-{number}"] is None) == waits, row
    waiting = sum(waits for _, waits in cases)
    assert tables["core_intake__waiting"].rows() == [("shelter", waiting), ("youth", 0)]


@pytest.mark.unit
def test_who_was_sent_to_a_home_instead_waits_for_the_home_and_not_for_a_place() -> None:
    waits = [
        {"applied_on": "2026-05-01"},
        {"applied_on": "2026-05-01", "approved_on": "2026-11-01"},
        {"approved_on": "2026-06-01", "withdrawn_on": "2026-09-01"},
        {"approved_on": "2026-03-01"},
        {"approved_on": "2026-03-01", "moved_on": "2026-03-15"},
    ]
    gone = [
        {"applied_on": "2026-05-01", "approved_on": "2026-06-01"},
        {"approved_on": "2026-06-01", "withdrawn_on": "2026-11-01"},
        {"approved_on": "2026-06-01", "moved_on": "2026-09-01"},
        {"approved_on": "2026-03-01", "moved_on": "2026-04-01"},
    ]
    for cases, persons in ((waits, len(waits)), (gone, 0)):
        tables = core(
            intake=[{"registered_on": "2026-04-01"} for _ in cases],
            applications=[{"applied_on": "2026-02-01", **row} for row in cases],
        )
        assert found(tables["core_intake__waiting"], target_group="shelter") == [(persons,)]


@pytest.mark.unit
def test_a_stay_that_began_since_ends_the_wait_in_its_own_group_only() -> None:
    cases = [
        ({"started_on": "2026-04-01"}, False),
        ({"started_on": "2026-03-31", "ended_on": "2026-04-01"}, True),
        ({"started_on": "2026-05-01", "target_group": "youth"}, True),
        ({"started_on": "2026-11-01"}, True),
    ]
    intake = [{"registered_on": "2026-04-01"} for _ in cases]
    table = core(intake=intake, stays=[row for row, _ in cases])["core_intake__dated"]
    assert [day is None for day in table["gone_on"]] == [waits for _, waits in cases]


@pytest.mark.unit
def test_the_intake_list_of_the_past_follows_the_same_definition() -> None:
    tables = core(
        intake=[
            {"registered_on": "2026-06-15", "client_id": "one", "admitted_on": "2026-08-01"},
            {"registered_on": "2026-06-20", "client_id": "two"},
            {"registered_on": "2026-08-20", "client_id": "two"},
        ],
        applications=[
            {
                "client_id": "two",
                "applied_on": "2026-07-01",
                "approved_on": "2026-07-20",
                "withdrawn_on": "2026-10-01",
            }
        ],
    )
    assert tables["core_intake__list_monthly"].rows() == [
        ("2026-06", 2),
        ("2026-07", 1),
        ("2026-08", 1),
        ("2026-09", 1),
        ("2026-10", 1),
    ]
    assert found(tables["core_intake__waiting"], target_group="shelter") == [(1,)]


# --- open stays and open applications ------------------------------------------------------------


@pytest.mark.unit
def test_open_stays_are_counted_by_complexity_and_whole_months() -> None:
    tables = core(
        stays=[
            {"started_on": "2026-10-01", "complexity": "single"},
            {"started_on": "2026-10-31", "complexity": "single"},
            {"started_on": "2026-09-30", "complexity": "complex"},
            {"started_on": "2025-10-15", "target_group": "youth"},
            {"started_on": "2025-10-15", "ended_on": "2026-10-31"},
            {"started_on": "2025-10-15", "ended_on": "2026-11-01"},
            {"started_on": "2026-11-01"},
        ]
    )
    assert tables["core_stay__open"].rows() == [
        ("shelter", "complex", 1, 1),
        ("shelter", "single", 0, 2),
        ("shelter", "unknown", 12, 1),
        ("youth", "unknown", 12, 1),
    ]


@pytest.mark.unit
def test_who_is_ready_for_a_home_counts_as_in_assessment_before_applying() -> None:
    ready = [
        {"ready_on": "2026-08-01", "destination": "own_home"},
        {"ready_on": "2026-08-02"},
        {"ready_on": "2026-08-03", "ended_on": "2026-11-09", "destination": "other_care"},
    ]
    care = [
        {},
        {"ready_on": "2026-08-01", "destination": "other_care"},
        {"ready_on": "2026-11-01", "destination": "own_home"},
    ]
    tables = core(stays=[{"started_on": "2025-01-01", **row} for row in (*ready, *care)])
    expected = [("shelter", "in_assessment", True, "2026-08", len(ready))]
    assert tables["core_application__open"].rows() == expected
    assert tables["core_stay__open"].rows() == [("shelter", "unknown", 21, len(care))]


STATES: list[tuple[Row, tuple[str, str] | None]] = [
    ({}, ("in_assessment", "2026-03")),
    ({"stage": "applied"}, ("in_assessment", "2026-03")),
    ({"stage": "interested"}, None),
    ({"stage": "interested", "approved_on": "2026-05-01"}, ("on_list", "2026-05")),
    ({"assessed_on": "2026-04-01", "assessment": "positive"}, ("in_assessment", "2026-03")),
    ({"assessed_on": "2026-04-01", "assessment": "returned"}, ("in_assessment", "2026-03")),
    ({"assessed_on": "2026-04-01", "assessment": "negative"}, None),
    ({"assessment": "negative"}, None),
    ({"assessed_on": "2026-11-01", "assessment": "negative"}, ("in_assessment", "2026-03")),
    ({"approved_on": "2026-05-01"}, ("on_list", "2026-05")),
    ({"approved_on": "2026-11-01"}, ("in_assessment", "2026-03")),
    ({"approved_on": "2026-05-01", "withdrawn_on": "2026-10-31"}, None),
    ({"approved_on": "2026-05-01", "withdrawn_reason": "expired"}, None),
    (
        {
            "approved_on": "2026-05-01",
            "withdrawn_on": "2026-11-01",
            "withdrawn_reason": "expired",
        },
        ("on_list", "2026-05"),
    ),
    ({"approved_on": "2026-05-01", "offered_on": "2026-09-01"}, ("offered", "2026-09")),
    ({"approved_on": "2026-05-01", "offered_on": "2026-11-01"}, ("on_list", "2026-05")),
    (
        {
            "approved_on": "2026-05-01",
            "offered_on": "2026-09-01",
            "offer_answer": "accepted",
        },
        ("offered", "2026-09"),
    ),
    (
        {
            "approved_on": "2026-05-01",
            "offered_on": "2026-09-01",
            "offer_answer": "refused_client",
        },
        ("on_list", "2026-05"),
    ),
    (
        {
            "approved_on": "2026-05-01",
            "offered_on": "2026-09-01",
            "offer_answer": "accepted",
            "moved_on": "2026-10-31",
        },
        None,
    ),
    (
        {
            "approved_on": "2026-05-01",
            "offered_on": "2026-09-01",
            "offer_answer": "accepted",
            "moved_on": "2026-11-01",
        },
        ("offered", "2026-09"),
    ),
    ({"applied_on": "2026-11-01"}, None),
]
"""Application -> its state and since when, at the end of October 2026."""


@pytest.mark.unit
def test_the_state_of_an_application_follows_from_its_dates() -> None:
    tables = core(applications=[{"applied_on": "2026-03-01", **row} for row, _ in STATES])
    placed = {row["application_id"]: row for row in tables["core_application__placed"].to_dicts()}
    for number, (row, state) in enumerate(STATES, start=1):
        seen = placed.get(f"applications-{number}")
        if state is None:
            assert seen is None, row
        else:
            assert seen is not None, row
            assert (seen["state"], seen["since_on"].strftime("%Y-%m")) == state, row
    counted = tables["core_application__open"].filter(~pl.col("blocks_place"))
    assert counted["applications"].sum() == sum(state is not None for _, state in STATES)
    on_list = sum(state is not None and state[0] == "on_list" for _, state in STATES)
    assert tables["core_application__list_monthly"]["applications"].to_list()[-1] == on_list


@pytest.mark.unit
def test_a_returned_application_gives_way_to_the_next_one_of_the_same_person() -> None:
    first = {"applied_on": "2026-03-01", "assessed_on": "2026-04-01", "assessment": "returned"}
    again = {"applied_on": "2026-05-10"}
    tables = core(
        applications=[
            {"client_id": "one", **first},
            {"client_id": "one", **again},
            {"client_id": "approved all the same", **first, "approved_on": "2026-04-20"},
            {"client_id": "approved all the same", **again},
            {"client_id": "another group", **first},
            {"client_id": "another group", **again, "target_group": "youth"},
            {"client_id": "later", **first},
            {"client_id": "later", "applied_on": "2026-11-01"},
        ]
    )
    open_ids = tables["core_application__placed"]["application_id"].to_list()
    assert open_ids == [f"applications-{number}" for number in (2, 3, 4, 5, 6, 7)]


@pytest.mark.unit
def test_an_application_blocks_the_place_of_its_own_group() -> None:
    tables = core(
        stays=[
            {"client_id": "one", "started_on": "2025-01-01", "ready_on": "2026-01-01"},
            {"client_id": "two", "started_on": "2025-01-01", "target_group": "youth"},
            {"client_id": "three", "started_on": "2025-01-01", "ended_on": "2026-09-01"},
        ],
        applications=[
            {"client_id": "one", "applied_on": "2026-02-01"},
            {"client_id": "two", "applied_on": "2026-02-01"},
            {"client_id": "three", "applied_on": "2026-02-01"},
        ],
    )
    assert tables["core_application__open"].rows() == [
        ("shelter", "in_assessment", False, "2026-02", 2),
        ("shelter", "in_assessment", True, "2026-02", 1),
    ]
    assert tables["core_stay__open"].rows() == [("youth", "unknown", 21, 1)]


@pytest.mark.unit
def test_two_applications_of_one_person_block_one_place() -> None:
    tables = core(
        stays=[{"client_id": "one", "started_on": "2025-01-01"}],
        applications=[
            {"client_id": "one", "applied_on": "2026-01-01"},
            {"client_id": "one", "applied_on": "2026-02-01", "approved_on": "2026-03-01"},
        ],
    )
    assert tables["core_application__open"].rows() == [
        ("shelter", "in_assessment", False, "2026-01", 1),
        ("shelter", "on_list", True, "2026-03", 1),
    ]
    assert tables["core_stay__open"].is_empty()


@pytest.mark.unit
def test_who_was_turned_down_since_ready_is_back_in_care() -> None:
    back = [
        {"assessed_on": "2026-04-01", "assessment": "negative"},
        {"withdrawn_on": "2026-04-01"},
        {"applied_on": "2026-01-01", "withdrawn_on": "2026-02-01"},
    ]
    ready = [
        {"withdrawn_on": "2026-11-01"},
        {"applied_on": "2025-01-01", "withdrawn_on": "2026-01-31"},
        {"withdrawn_on": "2026-04-01", "target_group": "youth"},
    ]
    for cases, in_care in ((back, len(back)), (ready, 0)):
        stays = [{"started_on": "2025-01-01", "ready_on": "2026-02-01"} for _ in cases]
        tables = core(
            stays=stays, applications=[{"applied_on": "2026-03-01", **row} for row in cases]
        )
        assert tables["core_stay__care"].height == in_care
        assert tables["core_application__open"]["applications"].sum() == len(cases) - in_care


@pytest.mark.unit
def test_who_has_moved_into_a_home_has_left_the_place_until_a_new_stay_begins() -> None:
    started = ["2025-01-01", "2026-09-01", "2026-10-05"]
    moved = {"applied_on": "2026-03-01", "moved_on": "2026-09-01"}
    tables = core(
        stays=[{"started_on": text} for text in started], applications=[moved for _ in started]
    )
    assert tables["core_stay__current"]["stay_id"].to_list() == ["stays-2", "stays-3"]


@pytest.mark.unit
def test_two_open_stays_of_one_person_are_refused_before_the_join() -> None:
    stays = [
        {"client_id": "pseudonym", "started_on": "2025-01-01"},
        {"client_id": "pseudonym", "started_on": "2025-06-01"},
    ]
    with pytest.raises(RefusedError) as caught:
        core(stays=stays, applications=[{"client_id": "other", "applied_on": "2026-01-01"}])
    message = str(caught.value)
    assert message.startswith(
        "core_application__placed: joining core_application__dated to core_stay__current on "
        "client_id, target_group would multiply rows; found 1 key on several rows of "
        "core_stay__current, such as shelter; "
    )
    assert "pseudonym" not in message
    stays[0]["ended_on"] = "2025-06-01"
    assert core(stays=stays)["core_stay__open"].height == 1


@pytest.mark.unit
def test_approvals_and_offers_are_counted_every_month() -> None:
    tables = core(
        applications=[
            {"applied_on": "2026-08-01", "approved_on": "2026-08-31", "offered_on": "2026-10-01"},
            {
                "applied_on": "2026-08-01",
                "approved_on": "2026-10-01",
                "offered_on": "2026-10-02",
                "offer_answer": "refused_provider",
            },
            {"applied_on": "2026-08-01", "target_group": "youth", "approved_on": "2026-11-01"},
        ]
    )
    approved = tables["core_application__approved_monthly"]
    assert found(approved, target_group="shelter") == [
        ("2026-08", 1),
        ("2026-09", 0),
        ("2026-10", 1),
    ]
    assert found(approved, target_group="youth") == [("2026-08", 0), ("2026-09", 0), ("2026-10", 0)]
    assert tables["core_application__offered_monthly"].rows() == [
        ("2026-08", 0),
        ("2026-09", 0),
        ("2026-10", 1),
    ]
    assert tables["core_application__list_monthly"].rows() == [
        ("2026-08", 1),
        ("2026-09", 1),
        ("2026-10", 1),
    ]


# --- lettings, agreements, municipalities --------------------------------------------------------


@pytest.mark.unit
def test_lettings_take_the_group_of_their_application() -> None:
    tables = core(
        applications=[
            {"application_id": "a1", "applied_on": "2026-01-01", "target_group": "youth"},
            {"application_id": "a2", "applied_on": "2026-01-01"},
        ],
        lettings=[
            {"application_id": "a1", "moved_on": "2026-09-01"},
            {"application_id": "a1", "moved_on": "2026-09-30"},
            {"application_id": "a2", "moved_on": "2026-09-15", "municipality_code": "GM0375"},
            {"application_id": "gone", "moved_on": "2026-10-31"},
            {"ground": "status_holder", "moved_on": "2026-10-01"},
            {"application_id": "a2", "offered_on": "2026-10-01", "moved_on": "2026-11-01"},
        ],
    )
    assert tables["core_letting__monthly"].rows() == [
        ("2026-09", "GM0375", "outflow", "shelter", 1),
        ("2026-09", "GM0392", "outflow", "youth", 2),
        ("2026-10", "GM0392", "outflow", "unknown", 1),
        ("2026-10", "GM0392", "status_holder", "unknown", 1),
    ]
    assert found(tables["core_letting__as_of"], letting_id="lettings-6")[0][5] == day("2026-10-01")


@pytest.mark.unit
def test_a_letting_outside_the_region_is_refused() -> None:
    lettings = [
        {"moved_on": "2026-09-01", "municipality_code": code} for code in ("GM0363", "GM0392")
    ]
    with pytest.raises(RefusedError) as caught:
        core(lettings=lettings)
    assert str(caught.value) == (
        "core_letting__monthly: core_letting__as_of.municipality_code holds values that are not in "
        "core_municipality.municipality_code; found 1 row, such as GM0363; "
        "expected every value in core_municipality. Correct the municipality in the delivery of "
        "the contract lettings, or add it to the region."
    )


@pytest.mark.unit
@pytest.mark.parametrize(
    ("contract", "row"),
    [
        ("capacity", {"facility_id": "F1", "period": "2026K1"}),
        ("intake", {"registration_id": "x", "registered_on": "2026-01-01"}),
        ("stays", {"stay_id": "x", "started_on": "2026-01-01"}),
        ("applications", {"application_id": "x", "applied_on": "2026-01-01"}),
        ("lettings", {"letting_id": "x", "moved_on": "2026-01-01"}),
        ("agreements", {"agreement_id": "x"}),
    ],
)
def test_a_row_delivered_twice_is_refused(contract: str, row: Row) -> None:
    core(**{contract: [row]})
    with pytest.raises(RefusedError, match=r"the key .* is not unique; found 1 key on several"):
        core(**{contract: [row, row]})


@pytest.mark.unit
@pytest.mark.parametrize(
    ("contract", "row"),
    [
        ("capacity", {"facility_id": "F1", "period": "2026K1"}),
        ("intake", {"registered_on": "2026-01-01"}),
        ("stays", {"started_on": "2026-01-01"}),
        ("applications", {"applied_on": "2026-01-01"}),
    ],
)
def test_a_group_that_the_region_does_not_follow_is_refused(contract: str, row: Row) -> None:
    with pytest.raises(RefusedError, match=r"found 1 row, such as forensic"):
        core(**{contract: [{**row, "target_group": "forensic"}]})


@pytest.mark.unit
def test_a_municipality_stands_once() -> None:
    table = core()["core_municipality"]
    assert table.equals(MUNICIPALITIES.sort("municipality_code"))
    twice = pl.concat([MUNICIPALITIES, MUNICIPALITIES.head(1)])
    with pytest.raises(
        RefusedError, match="not unique; found 1 key on several rows, such as GM0392"
    ):
        build_core({}, twice, as_of=AS_OF, target_groups=GROUPS)
    with pytest.raises(UitstroomError, match="lacks columns; found no households"):
        build_core({}, MUNICIPALITIES.drop("households"), as_of=AS_OF, target_groups=GROUPS)


@pytest.mark.unit
def test_agreements_look_ahead_and_are_not_cut() -> None:
    tables = core(
        as_of=parse_month("2020-01"),
        agreements=[
            {"agreement_id": "b", "to": "2031-12-31", "value": 6.0, "unit": "months"},
            {"agreement_id": "a"},
        ],
    )
    assert tables["core_agreement"].rows() == [
        ("a", "cap", 178.0, "dwellings_per_year", "2022-01", None, "inspanning"),
        ("b", "cap", 6.0, "months", "2022-01", "2031-12", "inspanning"),
    ]


@pytest.mark.unit
def test_without_deliveries_every_table_is_there_and_empty() -> None:
    tables = build_core({}, MUNICIPALITIES, as_of=AS_OF, target_groups=GROUPS)
    assert set(tables) == {path.stem for path in SQL_FOLDER.glob("*.sql")}
    assert [name for name, table in tables.items() if not table.is_empty()] == ["core_municipality"]


@pytest.mark.unit
def test_columns_that_are_missing_or_empty_against_the_contract_are_told() -> None:
    stays = frame("stays", {"started_on": "2026-01-01"})

    def build(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
        return build_core({"stays": table}, MUNICIPALITIES, as_of=AS_OF, target_groups=GROUPS)

    optional = ["complexity", "ready_on", "_file", "_row"]
    assert build(stays.drop(optional))["core_stay__open"].height == 1
    with pytest.raises(UitstroomError, match=r"stays: the accepted rows lack .* no started_on"):
        build(stays.drop("started_on"))
    with pytest.raises(RefusedError, match=r"stays: cells are empty .* found 1 in started_on"):
        build(stays.with_columns(started_on=pl.lit(None, dtype=pl.Date)))


# --- the as-of month -----------------------------------------------------------------------------

FIRST, LAST = day("2024-01-01"), day("2026-10-31")


class _Chance:
    """Random deliveries of a small region, coherent as the door would let them through."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def day(self, after: date = FIRST, *, share: float = 1.0, within: int = 400) -> date | None:
        if self.random.random() >= share:
            return None
        later = after + timedelta(days=self.random.randrange(within))
        return later if later <= LAST else None

    def one_of(self, *values: Any) -> Any:
        return self.random.choice(values)

    def deliveries(self) -> dict[str, pl.DataFrame]:
        persons = range(80)
        stays, intake, applications, lettings = [], [], [], []
        for person in persons:
            who = {"client_id": f"client-{person}", "target_group": self.one_of(*GROUPS)}
            started = self.day(within=600)
            while started is not None and self.random.random() < 0.8:
                ended = self.day(started, share=0.7)
                ready = self.day(started, share=0.5)
                ready = ready if ready is None or ended is None else min(ready, ended)
                stays.append(
                    {
                        **who,
                        "started_on": started,
                        "ready_on": ready,
                        "ended_on": ended,
                        "complexity": self.one_of("single", "complex", None),
                        "destination": self.one_of(None, "own_home", "own_home", "other_care"),
                    }
                )
                started = None if ended is None else self.day(ended, share=0.5)
            for _ in range(self.random.randrange(3)):
                intake.append(self._registration(who))
                applications.append(self._application(who))
        for number, row in enumerate(applications, start=1):
            if row["moved_on"] is not None:
                lettings.append(self._letting(row["moved_on"], f"applications-{number}"))
        return {
            "capacity": frame("capacity", *self._capacity()),
            "capacity_plan": frame(
                "capacity_plan", {"facility_id": "F1", "effective_month": "2027-01"}
            ),
            "stays": frame("stays", *stays),
            "intake": frame("intake", *intake),
            "applications": frame("applications", *applications),
            "lettings": frame("lettings", *lettings),
            "agreements": frame("agreements", {"agreement_id": "a"}),
        }

    def _capacity(self) -> list[Row]:
        return [
            {
                "facility_id": facility,
                "period": f"{year}K{quarter}",
                "places": self.random.randrange(20),
                "target_group": group,
            }
            for facility, group in (("F1", "shelter"), ("F2", "youth"))
            for year in (2024, 2025, 2026)
            for quarter in (1, 2, 3, 4)
        ]

    def _registration(self, who: Row) -> Row:
        registered = self.day(within=900) or FIRST
        left = self.day(registered, share=0.4)
        return {
            **who,
            "registered_on": registered,
            "indicated_on": self.day(registered),
            "admitted_on": self.day(registered, share=0.4) if left is None else None,
            "left_on": left,
            "left_reason": self.one_of("withdrawn", "home_with_support", None) if left else None,
        }

    def _application(self, who: Row) -> Row:
        applied = self.day(within=900) or FIRST
        assessed = self.day(applied, share=0.9, within=60)
        outcome = self.one_of("positive", "positive", "positive", "negative", "returned")
        is_positive = assessed is not None and outcome == "positive"
        approved = self.day(assessed, within=30) if is_positive and assessed else None
        offered = self.day(approved, share=0.7) if approved else None
        answer = self.one_of("accepted", "accepted", "refused_client", None) if offered else None
        moved = self.day(offered, within=90) if offered and answer == "accepted" else None
        withdrawn = self.day(applied, share=0.2) if moved is None else None
        return {
            **who,
            "applied_on": applied,
            "stage": self.one_of("applied", "applied", None, "interested"),
            "ready_on": applied,
            "assessed_on": assessed,
            "assessment": outcome if assessed else None,
            "approved_on": approved,
            "offered_on": offered,
            "offer_answer": answer,
            "moved_on": moved,
            "withdrawn_on": withdrawn,
            "withdrawn_reason": self.one_of("expired", None) if withdrawn else None,
        }

    def _letting(self, moved: date, application: str) -> Row:
        return {
            "application_id": application,
            "municipality_code": self.one_of("GM0392", "GM0375"),
            "moved_on": moved,
            "flip_on": self.day(moved, share=0.3),
            "ended_on": self.day(moved, share=0.3),
            "end_reason": self.one_of("given_up", "evicted"),
        }


EXPLAINS = {
    "left_reason": ("left_on", "admitted_on"),
    "destination": ("ended_on", "ready_on"),
    "assessment": ("assessed_on",),
    "offer_answer": ("offered_on",),
    "withdrawn_reason": ("withdrawn_on",),
    "end_reason": ("ended_on",),
}
"""Column -> the day that it belongs to: the first of these that is there."""

STARTS = {
    "stays": ("started_on",),
    "intake": ("registered_on",),
    "applications": ("applied_on",),
    "lettings": ("offered_on", "accepted_on", "moved_on"),
}


def forget(table: pl.DataFrame, contract: str, last: date, what: Callable[[], Any]) -> pl.DataFrame:
    """Rewrite everything after a day: later rows go, later dates become what `what` says."""
    if contract == "capacity":
        quarter = f"{last.year}K{last.month // 3}"
        return table.filter(pl.col("period") <= quarter)
    if contract not in STARTS:
        return table
    rows = []
    for row in table.iter_rows(named=True):
        starts = [row[name] for name in STARTS[contract] if row[name] is not None]
        if min(starts) > last:
            continue
        new = dict(row)
        for name, value in row.items():
            if isinstance(value, date) and value > last:
                new[name] = what() if name not in STARTS[contract] else value + timedelta(days=9)
        for name, days in EXPLAINS.items():
            if name in row:
                told = next((row[one] for one in days if row.get(one) is not None), None)
                if told is not None and told > last:
                    new[name] = None
        rows.append(new)
    return pl.DataFrame(rows, schema=table.schema, orient="row")


def build(accepted: dict[str, pl.DataFrame], as_of: int) -> dict[str, pl.DataFrame]:
    """Build the core of the random region."""
    first = {"intake": parse_month("2024-01"), "applications": parse_month("2024-01")}
    return build_core(
        accepted, MUNICIPALITIES, as_of=as_of, target_groups=GROUPS, first_months=first
    )


@pytest.mark.properties
@pytest.mark.parametrize(("seed", "text"), [(1, "2024-09"), (2, "2025-06"), (3, "2026-03")])
def test_nothing_that_happened_after_the_as_of_month_changes_anything(seed: int, text: str) -> None:
    as_of = parse_month(text)
    last = day(f"{format_month(as_of + 1)}-01") - timedelta(days=1)
    accepted = _Chance(seed).deliveries()
    seen = build(accepted, as_of)
    for what in (lambda: None, lambda: last + timedelta(days=1), lambda: day("2030-01-01")):
        rewritten = {name: forget(table, name, last, what) for name, table in accepted.items()}
        assert any(not rewritten[name].equals(accepted[name]) for name in STARTS)
        again = build(rewritten, as_of)
        for name, table in seen.items():
            assert table.equals(again[name]), name


@pytest.mark.properties
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_what_is_said_of_a_month_stays_the_same_in_later_months(seed: int) -> None:
    accepted = _Chance(seed).deliveries()
    today = build(accepted, AS_OF)
    series = [name for name in today if name.endswith(("monthly", "quarterly", "__list"))]
    assert len(series) == 8
    for text in ("2024-09", "2025-06", "2026-03"):
        then = build(accepted, parse_month(text))
        for name in series:
            assert today[name].filter(pl.col("month") <= text).equals(then[name]), name


@pytest.mark.properties
@pytest.mark.parametrize(("seed", "text"), [(7, "2025-01"), (8, "2026-10"), (9, "2026-10")])
def test_every_open_stay_is_counted_once_and_lists_agree(seed: int, text: str) -> None:
    tables = build(_Chance(seed).deliveries(), parse_month(text))
    applications, stays = tables["core_application__open"], tables["core_stay__open"]
    blocked = applications.filter("blocks_place")["applications"].sum()
    assert stays["persons"].sum() + blocked == tables["core_stay__current"].height
    on_list = applications.filter(state="on_list")["applications"].sum()
    listed = tables["core_application__list_monthly"]["applications"].to_list()
    assert on_list == listed[-1]
    waiting = tables["core_intake__waiting"]["persons"].sum()
    assert waiting == tables["core_intake__list_monthly"]["persons"].to_list()[-1]


@pytest.mark.unit
def test_the_order_of_the_rows_delivered_changes_nothing() -> None:
    accepted = _Chance(7).deliveries()
    mixed = {
        name: table.sample(fraction=1, shuffle=True, seed=3) for name, table in accepted.items()
    }
    seen, again = build(accepted, AS_OF), build(mixed, AS_OF)
    assert all(table.equals(again[name]) for name, table in seen.items())


@pytest.mark.unit
def test_the_last_complete_month_follows_the_envelopes() -> None:
    assert last_complete_month({}, period_to=[day("2026-09-30"), day("2026-10-31")]) == AS_OF
    assert last_complete_month({}, period_to=[day("2026-10-30")]) == AS_OF - 1
    accepted = {"intake": frame("intake", {"registered_on": "2026-12-01"})}
    assert last_complete_month(accepted, period_to=[day("2026-10-31")]) == AS_OF


@pytest.mark.unit
def test_without_envelopes_a_month_is_complete_once_its_last_day_is_known() -> None:
    intake = frame("intake", {"registered_on": "2026-01-01", "admitted_on": "2026-10-30"})
    capacity = frame("capacity", {"facility_id": "F1", "period": "2026K3"})
    agreements = frame("agreements", {"agreement_id": "a"})
    known = {"intake": intake, "capacity": capacity, "agreements": agreements}
    assert last_complete_month(known) == parse_month("2026-09")
    stays = frame("stays", {"started_on": "2026-10-31"})
    assert last_complete_month({**known, "stays": stays}) == AS_OF
    assert last_complete_month({"capacity": capacity}) == parse_month("2026-09")
    with pytest.raises(RefusedError, match="do not say up to which month"):
        last_complete_month({"agreements": agreements})


@pytest.mark.unit
def test_the_first_complete_month_is_covered_from_its_first_day() -> None:
    assert first_complete_month([day("2018-05-01"), day("2017-01-01")]) == parse_month("2017-01")
    assert first_complete_month([day("2017-12-02")]) == parse_month("2018-01")


# --- one truth -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def region() -> Region:
    """The region of the pact."""
    path = Path(__file__).parents[2] / "data" / "raw" / "regions" / "zk-ijmond" / "region.toml"
    return Region.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def agreement(**row: Any) -> pl.DataFrame:
    """Make the core table of one delivered agreement, by default as the region holds it."""
    rows = [{"agreement_id": "zkij-cap-178", **row}, {"agreement_id": "elsewhere", "value": 1.0}]
    return core(agreements=rows)["core_agreement"]


@pytest.mark.unit
def test_a_delivered_agreement_that_says_the_same_is_fine(region: Region) -> None:
    check_agreements(region, agreement())
    check_agreements(region, agreement(unit="dwellings"))
    check_agreements(region, core()["core_agreement"])


@pytest.mark.unit
@pytest.mark.parametrize(
    ("row", "both"),
    [
        ({"value": 180.0}, "zkij-cap-178 value: delivered 180, region.toml 178"),
        ({"unit": "months"}, "zkij-cap-178 unit: delivered months, region.toml dwellings"),
        (
            {"commitment": "garantie"},
            "zkij-cap-178 commitment: delivered garantie, region.toml inspanning",
        ),
    ],
)
def test_a_delivered_agreement_that_differs_is_refused_with_both_values(
    region: Region, row: Row, both: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        check_agreements(region, agreement(**row))
    assert caught.value.found == both
    assert caught.value.where == "zk-ijmond/region.toml"


@pytest.mark.unit
def test_all_differences_are_told_together(region: Region) -> None:
    with pytest.raises(RefusedError) as caught:
        check_agreements(region, agreement(value=180.0, commitment="garantie"))
    assert caught.value.found.count("delivered") == 2
