"""What the core counts of applications: class, product, clock, months, tables, products."""

from datetime import timedelta

import pytest

from models.months import parse_month
from tests.pipelines.core.rows import core, day, found


@pytest.mark.unit
def test_open_applications_are_told_apart_by_class_and_product() -> None:
    cases = [
        ("Spoed", "independent"),
        (" SPOED ", "independent"),
        ("Klasse  1", "independent"),
        (None, "skaeve_huse"),
        (None, "skaeve_huse"),
    ]
    tables = core(
        applications=[
            {"applied_on": "2026-03-01", "priority_class": word, "product": product}
            for word, product in cases
        ]
    )
    columns = ("priority_class", "product", "applications")
    assert tables["core_application__open"].select(columns).rows() == [
        ("", "skaeve_huse", 2),
        ("klasse-1", "independent", 1),
        ("spoed", "independent", 2),
    ]


@pytest.mark.unit
def test_who_is_on_the_list_keeps_the_months_of_being_ready_and_of_applying() -> None:
    approved = {"applied_on": "2026-03-31", "approved_on": "2026-05-01"}
    cases = [
        ({**approved, "ready_on": "2026-02-28"}, "2026-02"),
        ({**approved, "ready_on": "2026-11-01"}, None),
        (approved, None),
    ]
    for row, ready_month in cases:
        table = core(applications=[row])["core_application__open"]
        clock = table.select("state", "since_month", "clock_ready_month", "clock_applied_month")
        assert clock.rows() == [("on_list", "2026-05", ready_month, "2026-03")]


@pytest.mark.unit
def test_an_application_without_a_day_of_being_ready_takes_that_of_its_stay() -> None:
    stays = [
        {"client_id": "silent", "started_on": "2025-01-01", "ready_on": "2026-01-15"},
        {"client_id": "told", "started_on": "2025-01-01", "ready_on": "2026-01-15"},
    ]
    approved = {"applied_on": "2026-03-01", "approved_on": "2026-05-01"}
    table = core(
        stays=stays,
        applications=[
            {"client_id": "silent", **approved},
            {"client_id": "told", **approved, "ready_on": "2026-02-01"},
        ],
    )["core_application__open"]
    assert table["clock_ready_month"].to_list() == ["2026-01", "2026-02"]
    assert table["blocks_place"].to_list() == [True, True]


@pytest.mark.unit
def test_who_is_not_on_the_list_has_no_clock_months() -> None:
    applied = {"applied_on": "2026-03-01", "ready_on": "2026-02-01"}
    tables = core(
        applications=[
            applied,
            {**applied, "approved_on": "2026-05-01", "offered_on": "2026-10-01"},
        ]
    )
    table = tables["core_application__open"]
    assert table["state"].to_list() == ["in_assessment", "offered"]
    assert table["clock_ready_month"].to_list() == [None, None]
    assert table["clock_applied_month"].to_list() == [None, None]


@pytest.mark.unit
def test_assessments_of_the_last_24_months_are_counted_by_table() -> None:
    cases = [
        ("Haarlem", "2024-10-31"),
        ("Haarlem", "2024-11-01"),
        ("Haarlem", "2026-10-31"),
        ("Haarlem", "2026-11-01"),
        ("Velsen", None),
        (None, "2026-01-01"),
    ]
    table = core(
        applications=[
            {
                "applied_on": "2024-09-01",
                "assessment_table": name,
                "assessed_on": on,
                "assessment": "returned" if on else None,
            }
            for name, on in cases
        ]
    )["core_application__table"]
    assert table.rows() == [("Haarlem", 2), ("onbekend", 1)]


@pytest.mark.unit
def test_an_outcome_without_a_day_counts_as_assessed_on_the_day_of_applying() -> None:
    rows = [
        {"applied_on": on, "assessment_table": "Velsen", "assessment": "negative"}
        for on in ("2024-10-31", "2024-11-01")
    ]
    assert core(applications=rows)["core_application__table"].rows() == [("Velsen", 1)]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("as_of", "first"),
    [("2026-10", "2024-11-01"), ("2026-02", "2024-03-01"), ("2024-02", "2022-03-01")],
)
def test_24_months_are_24_whole_months_whatever_their_lengths(as_of: str, first: str) -> None:
    begins = day(first)
    rows = [
        {"applied_on": "2020-01-01", "assessed_on": on, "assessment": "positive"}
        for on in (begins - timedelta(days=1), begins)
    ]
    table = core(as_of=parse_month(as_of), applications=rows)["core_application__table"]
    assert table.rows() == [("onbekend", 1)]


@pytest.mark.unit
def test_approvals_of_the_last_36_months_are_counted_by_group_and_product() -> None:
    cases = [
        ("shelter", "independent", "2023-10-31"),
        ("shelter", "independent", "2023-11-01"),
        ("shelter", "independent", "2026-10-31"),
        ("shelter", "independent", "2026-11-01"),
        ("shelter", "housing_first", "2026-01-01"),
        ("youth", "in_between", "2026-01-01"),
        ("youth", "domus", None),
    ]
    table = core(
        applications=[
            {
                "applied_on": "2023-01-01",
                "target_group": group,
                "product": product,
                "approved_on": on,
                "withdrawn_on": "2026-10-31",
            }
            for group, product, on in cases
        ]
    )["core_application__product"]
    assert table.rows() == [
        ("shelter", "housing_first", 1),
        ("shelter", "independent", 2),
        ("youth", "in_between", 1),
    ]


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
