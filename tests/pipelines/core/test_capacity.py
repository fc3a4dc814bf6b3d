"""Places and plans in the core: which count, from when, and in which group."""

import pytest

from models.errors import RefusedError
from tests.pipelines.core.rows import core


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


@pytest.mark.unit
def test_plans_are_kept_apart_by_how_far_they_are_decided() -> None:
    plan = [
        {"facility_id": f"F{number}", "effective_month": "2027-01", "status": status}
        for number, status in enumerate(("besloten", "voorgenomen", "verwacht", "besloten"))
    ]
    table = core(
        capacity=[{"facility_id": row["facility_id"], "period": "2026K3"} for row in plan],
        capacity_plan=plan,
    )["core_capacity__plan"]
    assert table.select("status", "places_change").rows() == [
        ("besloten", -4),
        ("verwacht", -2),
        ("voorgenomen", -2),
    ]


@pytest.mark.unit
def test_a_group_without_places_of_its_own_is_followed_all_the_same() -> None:
    tables = core(
        target_groups=("clinic", "night_shelter", "shelter"),
        capacity=[
            {"facility_id": "F1", "period": "2026K3"},
            {
                "facility_id": "F2",
                "period": "2026K3",
                "target_group": "night_shelter",
                "place_kind": "night_shelter",
            },
        ],
        capacity_plan=[{"facility_id": "F2", "effective_month": "2027-01"}],
        stays=[
            {"facility_id": "F2", "target_group": "night_shelter", "started_on": "2026-10-02"},
        ],
        intake=[{"client_id": "x", "target_group": "night_shelter", "registered_on": "2026-10-01"}],
        applications=[
            {"target_group": "clinic", "applied_on": "2026-09-01", "approved_on": "2026-10-01"}
        ],
    )
    assert tables["core_capacity__quarterly"]["target_group"].to_list() == ["shelter"]
    assert tables["core_capacity__plan"].is_empty()
    assert tables["core_stay__open"]["target_group"].to_list() == ["night_shelter"]
    applications = tables["core_application__open"].select("target_group", "state", "blocks_place")
    assert applications.rows() == [("clinic", "on_list", False)]
    assert tables["core_intake__waiting"].rows() == [("night_shelter", 0, 1)]
