"""Open stays and open applications in the core: state, place, and who is still in care."""

import polars as pl
import pytest

from models.errors import RefusedError
from tests.pipelines.core.rows import Row, core

PLACES = ("target_group", "state", "blocks_place", "since_month", "applications")


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
        ("shelter", "complex", 1, None, 1),
        ("shelter", "single", 0, None, 2),
        ("shelter", "unknown", 12, None, 1),
        ("youth", "unknown", 12, None, 1),
    ]


@pytest.mark.unit
def test_years_of_birth_are_kept_only_where_an_age_limit_ends_stays() -> None:
    years = [2006, 2007, 2007, None]
    groups = ("shelter", "youth")
    stays = [
        {"started_on": "2026-05-01", "target_group": group, "birth_year": year}
        for group in groups
        for year in years
    ]
    assert core(stays=stays)["core_stay__open"].rows() == [
        ("shelter", "unknown", 5, None, 4),
        ("youth", "unknown", 5, 2006, 1),
        ("youth", "unknown", 5, 2007, 2),
        ("youth", "unknown", 5, None, 1),
    ]


@pytest.mark.unit
def test_who_is_ready_for_a_home_is_preparing_before_applying() -> None:
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
    expected = [("shelter", "preparing", True, "2026-08", "", "", None, None, len(ready))]
    assert tables["core_application__open"].rows() == expected
    assert tables["core_stay__open"].rows() == [("shelter", "unknown", 21, None, len(care))]


@pytest.mark.unit
def test_who_has_applied_is_in_assessment_and_no_longer_preparing() -> None:
    stays = [{"started_on": "2025-01-01", "ready_on": "2026-08-01"} for _ in range(2)]
    tables = core(stays=stays, applications=[{"applied_on": "2026-09-01"}])
    states = tables["core_application__open"].select("state", "since_month", "applications")
    assert states.rows() == [("in_assessment", "2026-09", 1), ("preparing", "2026-08", 1)]


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
    assert tables["core_application__open"].select(PLACES).rows() == [
        ("shelter", "in_assessment", False, "2026-02", 2),
        ("shelter", "in_assessment", True, "2026-02", 1),
    ]
    assert tables["core_stay__open"].rows() == [("youth", "unknown", 21, None, 1)]


@pytest.mark.unit
def test_two_applications_of_one_person_block_one_place() -> None:
    tables = core(
        stays=[{"client_id": "one", "started_on": "2025-01-01"}],
        applications=[
            {"client_id": "one", "applied_on": "2026-01-01"},
            {"client_id": "one", "applied_on": "2026-02-01", "approved_on": "2026-03-01"},
        ],
    )
    assert tables["core_application__open"].select(PLACES).rows() == [
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
