"""Core tables that the estimation reads, by hand, and the example's known truth found."""

import math
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from models.estimation import estimate
from models.months import parse_month
from pipelines.delivered import build_region_core, find_key, last_month, read_region_deliveries
from pipelines.estimates import default_at, estimate_region, use_estimates
from pipelines.example_data.law import read_law
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder, read_region_folder
from tests.pipelines.core.rows import core

ROOT = Path(__file__).parents[2]

FIRST_END = {
    "client_id": "first", "started_on": "2016-01-01", "ready_on": "2016-12-01",
    "ended_on": "2017-01-01", "destination": "left",
}  # fmt: skip
"""The first end that the facility delivers: history begins on 1 January 2017."""


def lengths(*stays: dict[str, Any], **more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the rows of `core_stay__length` of some stays, in their order."""
    tables = core(stays=[FIRST_END, *stays], **more)
    return tables["core_stay__length"].sort("stay_id").to_dicts()


def basis_and_days(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give basis, entry and length of a row."""
    return row["basis"], row["entry_days"], row["length_days"]


# --- stays ---------------------------------------------------------------------------------------


@pytest.mark.unit
def test_a_stay_runs_from_entry_to_readiness() -> None:
    known = {"started_on": "2020-01-01", "ready_on": "2020-07-01", "ended_on": "2021-03-01"}
    (row,) = lengths({**known, "destination": "own_home"})
    assert basis_and_days(row) == ("ready", 0, 182)
    assert row["waited_days"] == 243


@pytest.mark.unit
def test_without_a_day_of_readiness_the_application_tells_it() -> None:
    stay = {"client_id": "c", "started_on": "2020-01-01", "ended_on": "2021-03-01"}
    applied = {"client_id": "c", "applied_on": "2020-08-01", "moved_on": "2021-03-01"}
    (row,) = lengths({**stay, "destination": "own_home"}, applications=[applied])
    assert basis_and_days(row) == ("application", 0, 213)
    written = {**applied, "ready_on": "2020-07-01"}
    (row,) = lengths({**stay, "destination": "own_home"}, applications=[written])
    assert basis_and_days(row) == ("application", 0, 182)


@pytest.mark.unit
def test_an_application_of_an_earlier_stay_says_nothing_of_this_one() -> None:
    stay = {"client_id": "c", "started_on": "2020-01-01"}
    applied = {"client_id": "c", "applied_on": "2019-08-01", "withdrawn_on": "2019-09-01"}
    (row,) = lengths(stay, applications=[applied])
    assert row["basis"] == "open"


@pytest.mark.unit
def test_who_goes_elsewhere_was_ready_at_the_end() -> None:
    gone = {"started_on": "2020-01-01", "ended_on": "2020-07-01", "destination": "own_network"}
    assert [basis_and_days(row) for row in lengths(gone)] == [("end", 0, 182)]


@pytest.mark.unit
def test_who_goes_home_without_any_day_waited_an_unknown_time() -> None:
    gone = {"started_on": "2020-01-01", "ended_on": "2020-07-01", "destination": "own_home"}
    assert [basis_and_days(row) for row in lengths(gone)] == [("unknown", 0, 182)]


@pytest.mark.unit
def test_an_open_stay_is_cut_off_at_the_as_of_month() -> None:
    (row,) = lengths({"started_on": "2026-10-01"})
    assert basis_and_days(row) == ("open", 0, 30)


@pytest.mark.unit
def test_who_leaves_with_the_place_did_not_become_ready() -> None:
    stay = {"started_on": "2020-01-01", "ended_on": "2024-07-01", "destination": "other_care"}
    plan = {"facility_id": "F1", "effective_month": "2024-07", "change_kind": "relabelled_wlz"}
    capacity = {"facility_id": "F1", "period": "2024K2"}
    (row,) = lengths(stay, capacity_plan=[plan], capacity=[capacity])
    assert basis_and_days(row) == ("open", 0, 1643)
    other = {**plan, "change_kind": "closed_attrition"}
    (row,) = lengths(stay, capacity_plan=[other], capacity=[capacity])
    assert row["basis"] == "end"


@pytest.mark.unit
def test_what_happened_before_history_is_out_of_sight() -> None:
    older = {"started_on": "2016-07-01", "ready_on": "2017-03-01", "ended_on": "2017-04-01"}
    ready_before = {**older, "ready_on": "2016-12-20"}
    rows = lengths({**older, "destination": "left"}, {**ready_before, "destination": "own_home"})
    assert [basis_and_days(row) for row in rows] == [("ready", 184, 243)]


@pytest.mark.unit
def test_a_facility_that_delivers_no_end_tells_nothing() -> None:
    assert core(stays=[{"started_on": "2020-01-01"}])["core_stay__length"].is_empty()
    rows = lengths({"started_on": "2020-01-01", "facility_id": "F2"})
    assert rows == []


# --- destinations --------------------------------------------------------------------------------


@pytest.mark.unit
def test_who_applied_became_ready_for_a_home_whatever_came_of_it() -> None:
    stays = [
        FIRST_END,
        {"client_id": "a", "started_on": "2020-01-01", "ready_on": "2021-01-01",
         "ended_on": "2021-09-01", "destination": "own_home"},
        {"client_id": "b", "started_on": "2020-01-01", "ready_on": "2021-01-01",
         "ended_on": "2021-09-01", "destination": "own_network"},
        {"client_id": "c", "started_on": "2020-01-01", "ended_on": "2021-09-01",
         "destination": "left"},
        {"client_id": "d", "started_on": "2020-01-01"},
        {"client_id": "e", "started_on": "2020-01-01", "ready_on": "2026-10-01"},
    ]  # fmt: skip
    applications = [
        {"client_id": "b", "applied_on": "2021-02-01", "withdrawn_on": "2021-09-01"},
    ]
    table = core(stays=stays, applications=applications)["core_stay__destination"]
    assert table.rows() == [("shelter", "left", 1), ("shelter", "own_home", 2)]


@pytest.mark.unit
def test_who_is_refused_finishes_once_more() -> None:
    refused = {"applied_on": "2021-02-01", "assessed_on": "2021-03-15", "assessment": "negative"}
    stay = {"started_on": "2020-01-01", "ready_on": "2021-01-15"}
    stays = [
        FIRST_END,
        {**stay, "client_id": "a", "ended_on": "2022-09-01", "destination": "own_home"},
        {**stay, "client_id": "b", "ended_on": "2021-05-01", "destination": "left"},
        {**stay, "client_id": "c"},
    ]
    applications = [
        {**refused, "client_id": "a"},
        {"client_id": "a", "applied_on": "2021-09-01", "assessed_on": "2021-10-01",
         "assessment": "positive", "moved_on": "2022-09-01"},
        {**refused, "client_id": "b"},
        {**refused, "client_id": "c"},
    ]  # fmt: skip
    table = core(stays=stays, applications=applications)["core_stay__destination"]
    assert dict(table.drop("target_group").iter_rows()) == {"own_home": 4, "left": 1}


@pytest.mark.unit
def test_a_time_out_with_the_home_kept_leads_nowhere() -> None:
    back = {"client_id": "a", "started_on": "2021-01-01", "ready_on": "2021-05-01",
            "ended_on": "2021-05-01", "destination": "own_home"}  # fmt: skip
    moved = {"client_id": "a", "applied_on": "2019-01-01", "approved_on": "2019-02-01",
             "moved_on": "2019-06-01"}  # fmt: skip
    kept = core(stays=[FIRST_END, back], applications=[moved])["core_stay__destination"]
    other = core(stays=[FIRST_END, back])["core_stay__destination"]
    assert (kept.height, other.height) == (0, 1)


# --- relapse, lists, decisions -------------------------------------------------------------------


@pytest.mark.unit
def test_relapse_counts_days_of_the_window_that_are_on_record() -> None:
    moves = [
        {"client_id": "a", "applied_on": "2018-01-01", "moved_on": "2019-01-01"},
        {"client_id": "b", "applied_on": "2018-01-01", "moved_on": "2026-10-01"},
        {"client_id": "c", "applied_on": "2016-01-01", "moved_on": "2016-07-01"},
        {"client_id": "d", "applied_on": "2018-01-01", "moved_on": "2018-06-01"},
        {"client_id": "e", "applied_on": "2018-01-01"},
    ]
    intake = [
        {"client_id": "a", "registered_on": "2020-05-01"},
        {"client_id": "d", "registered_on": "2020-06-02"},
        {"client_id": "z", "registered_on": "2017-01-10"},
    ]
    table = core(applications=moves, intake=intake)["core_relapse__window"].sort("application_id")
    assert table.select("exposure_days", "has_returned").rows() == [
        (731, True), (30, False), (546, False), (731, False),
    ]  # fmt: skip
    assert core(applications=moves)["core_relapse__window"].is_empty()


@pytest.mark.unit
def test_who_leaves_the_housing_list_is_counted_from_month_end_to_month_end() -> None:
    base = {"applied_on": "2026-01-05", "approved_on": "2026-02-10"}
    applications = [
        {**base, "withdrawn_on": "2026-05-20"},
        {**base, "offered_on": "2026-04-03", "moved_on": "2026-06-01"},
        {**base, "offered_on": "2026-02-20", "offer_answer": "refused_client"},
        {**base, "withdrawn_on": "2026-02-20"},
        {"applied_on": "2026-01-05"},
    ]
    table = core(applications=applications)["core_application__leaving"].sort("application_id")
    assert table.select("exposure_months", "has_left").rows() == [
        (3, True), (2, False), (8, False),
    ]  # fmt: skip


@pytest.mark.unit
def test_who_gives_up_waiting_for_a_place_is_told_from_who_gets_one() -> None:
    base = {"registered_on": "2026-01-05"}
    intake = [
        {**base, "left_on": "2026-05-20", "left_reason": "withdrawn"},
        {**base, "admitted_on": "2026-04-03", "left_reason": "admitted"},
        {**base, "left_on": "2026-04-03", "left_reason": "home_with_support"},
        {**base, "admitted_on": "2026-01-20"},
        base,
    ]
    table = core(intake=intake)["core_intake__leaving"].sort("registration_id")
    assert table.select("exposure_months", "has_left").rows() == [
        (4, True), (2, False), (2, False), (9, False),
    ]  # fmt: skip


@pytest.mark.unit
def test_decisions_say_how_long_they_took_and_what_came_next() -> None:
    applications = [
        {"client_id": "a", "ready_on": "2026-01-01", "applied_on": "2026-01-31",
         "assessed_on": "2026-03-02", "assessment": "returned"},
        {"client_id": "a", "ready_on": "2026-01-01", "applied_on": "2026-04-01",
         "approved_on": "2026-05-01", "offered_on": "2026-06-01", "moved_on": "2026-07-06"},
        {"client_id": "b", "applied_on": "2026-10-01"},
        {"client_id": "c", "applied_on": "2026-10-01", "stage": "interested"},
    ]  # fmt: skip
    table = core(applications=applications)["core_application__decision"].sort("application_id")
    assert table.select("outcome", "days_to_decision", "days_to_apply", "days_to_move").rows() == [
        ("returned", 30, 30, None), ("positive", 30, None, 35), (None, 30, None, None),
    ]  # fmt: skip
    assert str(table["next_applied_on"][0]) == "2026-04-01"


@pytest.mark.unit
def test_decisions_before_the_delivered_months_do_not_count() -> None:
    applications = [
        {"ready_on": "2025-11-20", "applied_on": "2025-12-01", "assessed_on": "2025-12-20",
         "assessment": "positive", "approved_on": "2025-12-20", "moved_on": "2026-05-01"},
        {"ready_on": "2025-11-20", "applied_on": "2025-12-01", "assessed_on": "2026-01-31",
         "assessment": "negative"},
    ]  # fmt: skip
    months = {"applications": parse_month("2026-01")}
    table = core(applications=applications, first_months=months)["core_application__decision"]
    assert table.sort("application_id").select(
        "is_covered", "days_to_decision", "days_to_apply"
    ).rows() == [(False, -12, None), (True, 30, None)]


@pytest.mark.unit
def test_contracts_and_new_residents_are_counted() -> None:
    tables = core(
        lettings=[
            {"moved_on": "2026-01-01"},
            {"moved_on": "2026-02-01", "contract_form": "own_lease"},
            {"moved_on": "2026-02-01", "ground": "status_holder"},
        ],
        stays=[
            {"started_on": "2026-01-01", "complexity": "complex"},
            {"started_on": "2026-01-01"},
            {"started_on": "2024-10-31"},
        ],
    )
    assert tables["core_letting__contract"].rows() == [("own_lease", 1), ("three_party", 1)]
    assert tables["core_stay__admitted"].rows() == [
        ("shelter", "complex", 1), ("shelter", "unknown", 1),
    ]  # fmt: skip


# --- the example's known truth -------------------------------------------------------------------


@pytest.fixture(scope="module")
def example() -> tuple[RegionFolder, dict[str, pl.DataFrame], int]:
    """Read the example's deliveries and build the core as of their last month."""
    root = DataRoot(ROOT / "data")
    folder = read_region_folder(root.region("zk-ijmond"))
    accepted = read_region_deliveries(root, folder, find_key(root, "zk-ijmond")).accepted
    as_of = last_month(folder, accepted)
    return folder, build_region_core(root, folder, accepted, as_of=as_of), as_of


@pytest.mark.integration
def test_the_law_of_the_example_is_found_in_its_deliveries(
    example: tuple[RegionFolder, dict[str, pl.DataFrame], int],
) -> None:
    folder, tables, as_of = example
    law = read_law("zk-ijmond")
    truth = {
        **{("stay_years_single", name): group.sizes["stay_single"].value
           for name, group in law.groups.items()},
        ("stay_years_complex", "sheltered_living"):
            law.groups["sheltered_living"].sizes["stay_complex"].value,
        ("assessment_positive_share", "all"): law.value("positive_share"),
        ("assessment_returned_share", "all"): law.value("returned_share"),
        ("housing_list_leave_share", "all"): law.value("list_leave_share"),
        ("three_party_share", "all"): law.value("three_party_share"),
        ("assessment_months", "all"): 42 / 30.4375,
    }  # fmt: skip
    table = estimate(folder.national, folder.region, tables, as_of=as_of).table
    for (name, group), expected in truth.items():
        one = table.row(
            by_predicate=(pl.col("parameter") == name) & (pl.col("target_group") == group),
            named=True,
        )
        spread = math.log(one["own_high"] / one["own_low"]) / 2 / 1.2816
        # Senders write readiness up to two weeks early for those who go elsewhere.
        early = 0.02 if name.startswith("stay") else 0.0
        assert abs(math.log(one["own_value"] / expected)) < 3.5 * spread + early, (name, group)
        assert not one["is_thin"]


@pytest.mark.integration
def test_a_run_uses_the_estimates_in_every_scenario_and_an_earlier_month_its_own(
    example: tuple[RegionFolder, dict[str, pl.DataFrame], int],
) -> None:
    folder, tables, as_of = example
    names = ["baseline", "longer-stays"]
    run: Any = SimpleNamespace(
        folder=folder,
        region=folder.region,
        as_of=as_of,
        scenarios=folder.resolve(names),
        national_rates=False,
        declared=folder.read_scenarios(names),
        read_core=lambda: tables,
    )
    before = run.scenarios
    estimates = use_estimates(run)
    assert list(run.scenarios) == names
    own = estimates.parameters["stay_years_complex"]["sheltered_living"]
    assert run.scenarios["baseline"].values["stay_years_complex"]["sheltered_living"] == own
    factor = (
        before["longer-stays"].values["stay_years_complex"]["sheltered_living"].value
        / before["baseline"].values["stay_years_complex"]["sheltered_living"].value
    )
    longer = run.scenarios["longer-stays"].values["stay_years_complex"]["sheltered_living"]
    assert factor > 1.0
    assert longer.value == pytest.approx(factor * own.value)
    none = {name: frame.clear() for name, frame in tables.items()}
    earlier = default_at(run, none, as_of=as_of - 60)
    assert earlier.values == before["baseline"].values
    assert estimate_region(folder, none, as_of=as_of - 60).parameters == {}
