"""The small marts: what was used, delivered, agreed, let and split."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from models.months import parse_month
from models.registry import Resolved
from models.tables import MARTS, shape_table
from pipelines.marts import (
    RunFacts,
    agreement_table,
    delivery_table,
    empty_mart,
    join_scenarios,
    law_table,
    letting_table,
    notice_table,
    parameter_table,
    quarantine_table,
    quarantine_text,
    quota_years,
    run_table,
)
from pipelines.regions import read_region_folder
from tests.invented import build_region

pytestmark = pytest.mark.unit

AS_OF = parse_month("2025-06")
FACTS = RunFacts(
    as_of=AS_OF,
    draws=64,
    seed=1,
    inputs_sha256="1" * 64,
    code_sha256="2" * 64,
    synthetic=True,
    national_rates=False,
    current_lettings_yearly=12.5,
)


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resolved]:
    folder = read_region_folder(build_region(tmp_path_factory.mktemp("root") / "proeftuin"))
    return folder.resolve(["baseline", "longer-stays"])


@pytest.fixture
def resolved(scenarios: dict[str, Resolved]) -> Resolved:
    return scenarios["baseline"]


def without(resolved: Resolved, **parts: object) -> Resolved:
    region = resolved.region.model_copy(update=parts)
    return replace(resolved, region=region, cap_value=None)


def test_every_mart_without_rows_meets_its_declaration() -> None:
    for name in MARTS:
        assert shape_table(name, empty_mart(name)).is_empty()


def test_scenarios_stand_under_each_other() -> None:
    joined = join_scenarios([{"a": pl.DataFrame({"x": [1]})}, {"a": pl.DataFrame({"x": [2]})}])
    assert joined["a"]["x"].to_list() == [1, 2]


def test_parameters_are_listed_per_scenario_with_source_and_what_was_changed(
    scenarios: dict[str, Resolved],
) -> None:
    table = shape_table("mart_parameter", parameter_table(list(scenarios.values())))
    assert set(table["scenario_id"]) == {"baseline", "longer-stays"}
    changed = table.filter(pl.col("changed_by_scenario"))
    assert set(changed["parameter"]) == {"stay_years_single"}
    assert set(changed["scenario_id"]) == {"longer-stays"}
    stays = table.filter(parameter="stay_years_single", target_group="shelter")
    before, after = stays.sort("scenario_id")["value"].to_list()
    assert after == pytest.approx(1.2 * before)
    assert stays.sort("scenario_id")["source"][0].endswith("(Uitstroom, 2026)")


def test_agreements_are_listed_as_the_file_holds_them(resolved: Resolved) -> None:
    table = shape_table("mart_agreement", agreement_table(resolved.region))
    cap = table.row(by_predicate=pl.col("agreement_id") == "proef-cap", named=True)
    assert (cap["value"], cap["unit"], cap["commitment"]) == (10.0, "dwellings", "inspanning")
    assert cap["source"] == "Verzonnen convenant (Proeftuin, 2021)"
    key = table.row(by_predicate=pl.col("agreement_id") == "proef-sleutel", named=True)
    assert (key["value"], key["unit"]) == (None, None)


def test_a_region_without_agreements_has_a_lawful_empty_table(resolved: Resolved) -> None:
    region = resolved.region.model_copy(update={"agreements": ()})
    assert shape_table("mart_agreement", agreement_table(region)).is_empty()


def test_rows_set_apart_are_counted_once_for_each_reason_and_column() -> None:
    quarantine = pl.DataFrame(
        {
            "contract": ["intake"] * 4,
            "file": ["a.csv"] * 4,
            "row": [3, 3, 9, 9],
            "column": ["x", "x", "x", "y"],
            "reason": ["end", "end", "end", "unknown"],
            "found": ["secret"] * 4,
            "expected": [""] * 4,
        }
    )
    table = shape_table("mart_delivery__quarantine", quarantine_table("proeftuin", quarantine))
    assert table.select("reason", "column", "rows").rows() == [("end", "x", 2), ("unknown", "y", 1)]
    assert "secret" not in str(table.to_dicts())


def test_deliveries_are_told_with_what_became_of_their_rows() -> None:
    files = pl.DataFrame(
        {
            "file": ["a.csv"],
            "contract": ["intake"],
            "sender": ["Proefzorg"],
            "sha256": ["0" * 64],
            "delivered_on": ["2025-07-08"],
            "synthetic": [True],
            "rows_in": [10],
            "accepted": [8],
            "quarantined": [1],
            "non_data": [1],
            "verdict": ["accepted_with_quarantine"],
        }
    )
    schema = {"contract": pl.String, "file": pl.String, "row": pl.Int64, "column": pl.String}
    notices = pl.DataFrame(
        [("intake", "a.csv", 3, "x", "long_stay", "")] * 2,
        schema={**schema, "reason": pl.String, "found": pl.String},
        orient="row",
    )
    history = pl.DataFrame(
        [("intake", "a.csv", "2025-06-30", 2, "1" * 64)],
        schema=["contract", "file", "period_to", "version", "replaces"],
        orient="row",
    )
    (row,) = shape_table(
        "mart_delivery", delivery_table("proeftuin", files, notices, history)
    ).rows(named=True)
    assert (row["warnings"], row["version"], row["period_to"]) == (2, 2, "2025-06-30")
    told = shape_table(
        "mart_delivery__notice",
        notice_table("proeftuin", notices, {"intake/a.csv": {"long_stay"}}),
    )
    assert told.select("number", "line", "confirmed").rows() == [(1, 3, True), (2, 3, True)]
    assert quarantine_text(files) == (False, "1 of 10 delivered rows were set apart.")


def lettings(*rows: tuple[str, str, str, int]) -> pl.DataFrame:
    columns = ["month", "municipality_code", "ground", "dwellings"]
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(target_group=pl.lit("x"))


def test_homes_let_are_added_up_by_year_with_the_months_that_it_covers() -> None:
    table = letting_table(
        "proeftuin",
        lettings(
            ("2023-11", "GM0375", "outflow", 2),
            ("2023-12", "GM0375", "outflow", 3),
            ("2023-12", "GM0396", "outflow", 1),
            ("2024-01", "GM0375", "tailored", 1),
            ("2025-02", "GM0375", "outflow", 4),
        ).drop("target_group"),
        as_of=AS_OF,
    )
    shaped = shape_table("mart_letting__yearly_municipality", table)
    columns = ["year", "months_covered", "municipality_code", "ground", "dwellings"]
    assert shaped.select(columns).rows() == [
        (2023, 2, "GM0375", "outflow", 5),
        (2023, 2, "GM0396", "outflow", 1),
        (2024, 12, "GM0375", "tailored", 1),
        (2025, 6, "GM0375", "outflow", 4),
    ]


def test_a_region_that_let_nothing_has_a_lawful_empty_table() -> None:
    table = letting_table("proeftuin", lettings().clear(), as_of=AS_OF)
    assert shape_table("mart_letting__yearly_municipality", table).is_empty()


def test_a_run_is_told_per_scenario(scenarios: dict[str, Resolved]) -> None:
    table = shape_table("mart_run", run_table(list(scenarios.values()), FACTS))
    default = table.row(by_predicate=pl.col("is_default"), named=True)
    assert default["scenario_id"] == "baseline"
    assert (default["as_of"], default["first_month"], default["last_month"]) == (
        "2025-06",
        "2025-07",
        "2035-06",
    )
    assert default["current_lettings_yearly"] == 12.5
    parameters = parameter_table([scenarios["baseline"]])
    assert default["unconfirmed_parameters"] == (~parameters["confirmed"]).sum()
    assert table["parameters_sha256"].n_unique() == 2


def test_the_quota_runs_from_the_as_of_year_to_the_last_full_year() -> None:
    assert quota_years(parse_month("2025-06")) == range(2025, 2035)
    assert quota_years(parse_month("2025-11")) == range(2025, 2035)
    assert quota_years(parse_month("2021-12")) == range(2021, 2032)


def test_laws_are_those_of_the_regions_target_groups_and_a_region_may_know_better(
    tmp_path: Path,
) -> None:
    folder = read_region_folder(build_region(tmp_path / "proeftuin"))
    national, region = folder.national, folder.region
    groups = set(region.target_groups)
    table = law_table(national, region)
    expected = [
        item.id
        for item in national.laws
        if not item.target_groups or groups & set(item.target_groups)
    ]
    assert table["law_id"].to_list() == expected
    newer = national.laws[-1].model_copy(
        update={"legal_status": "in_force", "valid_from": "2027-01"}
    )
    told = law_table(national, region.model_copy(update={"laws": (newer,)}))
    row = told.row(by_predicate=pl.col("law_id") == newer.id, named=True)
    assert (row["legal_status"], row["valid_from"]) == ("in_force", "2027-01")
    assert shape_table("mart_agreement__law", told).height == len(expected)
