"""The intake list in the core: who registers, who waits, and since when."""

import pytest

from models.months import parse_month
from tests.pipelines.core.rows import core, found


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
    assert tables["core_intake__waiting"].rows() == [("shelter", 6, waiting)]


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
        assert tables["core_intake__waiting"]["persons"].sum() == persons


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
    assert tables["core_intake__waiting"].rows() == [("shelter", 4, 1)]


@pytest.mark.unit
def test_the_wait_for_a_place_runs_from_the_month_of_the_indication() -> None:
    rows = [
        {"registered_on": "2026-10-31"},
        {"registered_on": "2026-07-31", "indicated_on": "2026-09-01"},
        {"registered_on": "2026-09-30"},
        {"registered_on": "2026-09-30", "indicated_on": "2026-11-01"},
        {"registered_on": "2025-10-01", "target_group": "youth"},
    ]
    assert core(intake=rows)["core_intake__waiting"].rows() == [
        ("shelter", 0, 1),
        ("shelter", 1, 3),
        ("youth", 12, 1),
    ]


@pytest.mark.unit
def test_who_left_the_list_for_a_home_and_has_not_applied_prepares_without_a_place() -> None:
    sent = {"registered_on": "2026-04-01", "left_on": "2026-09-10"}
    sent |= {"left_reason": "home_with_support"}
    cases: list[tuple[dict[str, object], dict[str, object], int]] = [
        (sent, {}, 1),
        ({**sent, "left_reason": "withdrawn"}, {}, 0),
        ({**sent, "left_on": "2026-11-05"}, {}, 0),
        ({**sent, "registered_on": "2025-03-01", "left_on": "2025-10-20"}, {}, 0),
        (sent, {"applications": [{"applied_on": "2026-10-01"}]}, 0),
        (sent, {"applications": [{"applied_on": "2026-03-01", "moved_on": "2026-03-20"}]}, 1),
        (sent, {"applications": [{"applied_on": "2026-11-02"}]}, 1),
        (sent, {"stays": [{"started_on": "2026-10-02"}]}, 0),
    ]
    for registration, others, persons in cases:
        rows = {
            name: [{"client_id": "somebody", **row} for row in given]
            for name, given in others.items()
        }
        tables = core(intake=[{"client_id": "somebody", **registration}], **rows)
        ready = tables["core_application__open"].filter(state="preparing", blocks_place=False)
        assert ready["applications"].sum() == persons, (registration, others)
