"""The parties' marts: made of a run's tables, adding up, beside the quotas and never in them."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from models.months import parse_month
from models.params import Region
from models.tables import shape_table
from pipelines.marts import empty_mart
from pipelines.quota_parties import (
    CORE_READ,
    LETTINGS,
    MARTS_READ,
    MONTHLY,
    ORIGINS,
    PRODUCTS,
    PROJECTS,
    QUEUES,
    QUOTAS,
    STOCK,
    SUPPLY,
    TABLES,
    bid_rows,
    make_tables,
)
from pipelines.regions import read_region_folder
from tests.invented import build_region
from tests.pipelines.core.rows import core as build_rows

pytestmark = pytest.mark.unit

AS_OF = parse_month("2025-06")
A, B = "GM0375", "GM0396"
SOURCE = {"title": "Een verslag", "publisher": "Proeftuin"}
PROJECT = {
    "project_id": "P1",
    "name": "Kade",
    "kind": "studio",
    "municipality_code": A,
    "places": 38,
    "status": "open",
    "expected_open_month": "2024-09",
    "gate_priority": "met",
    "gate_support": "met",
    "gate_budget": "met",
    "gate_tender": "open",
}
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return read_region_folder(build_region(tmp_path_factory.mktemp("regions") / "proeftuin")).region


@pytest.fixture
def core() -> Tables:
    empty = build_rows()
    tables = {name: empty[name] for name in CORE_READ}
    stock = [(A, "Woon", 2025, 600, 300), (A, "Klein", 2025, 400, 100), (B, "Woon", 2025, 9, None)]
    tables[STOCK] = pl.DataFrame(stock, schema=tables[STOCK].schema, orient="row")
    let = [
        ("2025-03", A, "outflow", "shelter", 4),
        ("2025-06", A, "outflow", "youth", 2),
        ("2025-06", B, "urgent", "shelter", 9),
        ("2024-12", B, "outflow", "shelter", 9),
    ]
    tables[MONTHLY] = pl.DataFrame(let, schema=tables[MONTHLY].schema, orient="row")
    moves = [(2024, A, B, 3, 2, 0), (2024, B, B, 5, 0, 0)]
    tables[ORIGINS] = pl.DataFrame(moves, schema=tables[ORIGINS].schema, orient="row")
    return tables


@pytest.fixture
def marts() -> Tables:
    tables = {name: empty_mart(name) for name in MARTS_READ}
    quotas = [
        {"region_id": "proeftuin", "scenario_id": scenario, "year": year, "municipality_code": code,
         "municipality_name": name, "key_share": 0.5, "exact": float(homes), "carried": 0.0,
         "at_most": homes + 1, "quota": homes, "cumulative": homes}
        for scenario in ("baseline", "more")
        for year in range(2025, 2035)
        for code, name, homes in ((A, "Beverwijk", 8), (B, "Heemskerk", 2))
    ]  # fmt: skip
    tables[QUOTAS] = filled(tables[QUOTAS], quotas)
    asked = [
        {"region_id": "proeftuin", "scenario_id": "baseline", "year": year,
         "months_covered": months, "target_group": "all", "product": product,
         "unit": "persons", "mean": mean, "p10": mean, "p50": mean, "p90": mean}
        for year, months in ((2025, 6), (2026, 12), (2027, 12))
        for product, mean in (("independent", 90.0), ("in_between", 12.0), ("domus", 3.0))
    ]  # fmt: skip
    tables[PRODUCTS] = filled(tables[PRODUCTS], asked)
    tables[QUEUES] = filled(
        tables[QUEUES],
        [{"region_id": "proeftuin", "scenario_id": "baseline", "year": 2026, "months_covered": 12,
          "kind": "in_between", "places_mean": 38.0, "residents_mean": 35.0, "waiting_mean": 6.0}],
    )  # fmt: skip
    return tables


def filled(empty: pl.DataFrame, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides=empty.schema)


def made(region: Region, core: Tables, marts: Tables, **options: Any) -> Tables:
    tables = make_tables(region, core, marts, as_of=AS_OF, **options)
    assert tuple(tables) == TABLES
    return {name: shape_table(name, frame) for name, frame in tables.items()}


def with_projects(core: Tables, *changes: dict[str, Any]) -> Tables:
    rows = [{**PROJECT, "project_id": f"P{at}", **change} for at, change in enumerate(changes)]
    return {**core, PROJECTS: pl.DataFrame(rows, schema=core[PROJECTS].schema)}


def test_associations_add_up_to_the_quota_of_every_scenario_year_and_municipality(
    region: Region, core: Tables, marts: Tables
) -> None:
    split = made(region, core, marts)["mart_quota__yearly_association"]
    keys = ["scenario_id", "year", "municipality_code"]
    sums = split.group_by(keys).agg(pl.col("quota").sum()).sort(keys)
    assert sums.rows() == marts[QUOTAS].select(*keys, "quota").sort(keys).rows()
    shares = split.filter(municipality_code=A, year=2025, scenario_id="baseline")
    assert shares.select("association", "share").rows() == [("Klein", 0.25), ("Woon", 0.75)]
    assert split.filter(municipality_code=B)["share"].unique().to_list() == [1.0]
    assert split["allocation_system"].unique().to_list() == ["Proefsysteem"]


def test_bounds_come_from_the_supply_and_a_clash_stops_the_split_there(
    region: Region, core: Tables, marts: Tables
) -> None:
    rows = [
        {"region_id": "proeftuin", "year": year, "municipality_code": code, "association": "Woon",
         "measure": measure, "is_forecast": True, "unit": "dwellings", "mean": mean, "lo80": mean,
         "hi80": mean}
        for year, code, mean in ((2026, A, 2.6), (2027, B, 0.6))
        for measure in ("suitable_relets", "new_lettings")
    ]  # fmt: skip
    tables = made(region, core, {**marts, SUPPLY: filled(marts[SUPPLY], rows)})
    split = tables["mart_quota__yearly_association"].filter(scenario_id="baseline")
    bounded = split.filter(year=2026, municipality_code=A, association="Woon").row(0, named=True)
    assert (bounded["bound"], bounded["quota"], bounded["is_bound"]) == (5, 5, True)
    assert split.filter(municipality_code=B)["year"].to_list() == [2025, 2026]
    clash = tables["mart_quota__association_clash"].filter(scenario_id="baseline")
    assert clash.select(
        "year", "municipality_name", "association", "homes", "short_homes"
    ).rows() == [
        (2027, "Heemskerk", "Woon", 1, 1),
        (2027, "Heemskerk", "all", 2, 1),
    ]


def test_a_project_changes_no_quota_of_anybody(region: Region, core: Tables, marts: Tables) -> None:
    without = made(region, core, marts)
    there = made(region, with_projects(core, {}, {"kind": "domus", "status": "besluit"}), marts)
    changed = {name for name in TABLES if not without[name].equals(there[name])}
    assert changed == {"mart_quota__project", "mart_quota__project_need"}


def test_places_are_counted_by_kind_state_and_municipality(
    region: Region, core: Tables, marts: Tables
) -> None:
    projects = with_projects(
        core,
        {"places": 38},
        {"places": 20, "kind": "mixed_living", "status": "bod", "municipality_code": B},
        {"places": 24, "kind": "domus", "status": "in_aanbouw", "municipality_code": B},
        {"places": 99, "status": "idee"},
        {"places": 99, "status": "gestopt"},
    )
    needs = made(region, projects, marts)["mart_quota__project_need"]
    columns = ("kind", "municipality_code", "asked_mean", "needed_places", "bid_places",
               "decided_places", "building_places", "open_places")  # fmt: skip
    assert sorted(needs.select(columns).rows(), key=lambda row: row[:2]) == [
        ("domus", B, None, None, 0, 0, 24, 0),
        ("domus", "all", 3.0, None, 0, 0, 24, 0),
        ("in_between", A, None, None, 0, 0, 0, 38),
        ("in_between", B, None, None, 20, 0, 0, 0),
        ("in_between", "all", 12.0, 41.0, 20, 0, 0, 38),
    ]
    assert needs["year"].unique().to_list() == [2026]


def test_projects_of_the_regions_file_have_no_municipality_and_no_state_until_they_are_there(
    region: Region, core: Tables, marts: Tables
) -> None:
    months = {"value": 18, "unit": "months", "kind": "assumption", "source": SOURCE}
    added = [
        {"kind": "in_between", "places": 38, "open_from": start, "stay_months": months}
        for start in ("2024-01", "2026-01")
    ]
    file = Region.model_validate({**region.model_dump(), "projects": added})
    tables = made(file, core, marts)
    columns = ("project_id", "name", "municipality_code", "status", "source", "gate_budget")
    assert tables["mart_quota__project"].select(columns).rows() == [
        ("region-file-1", None, None, "open", "region_file", None),
        ("region-file-2", None, None, None, "region_file", None),
    ]
    needs = tables["mart_quota__project_need"].filter(
        kind="in_between", municipality_code="unknown"
    )
    assert needs.select("open_places", "unknown_places").rows() == [(38, 38)]


def test_bids_are_listed_once(region: Region) -> None:
    def agreement(name: str, value: float) -> dict[str, Any]:
        return {
            "agreement_id": name,
            "kind": "bod",
            "scope": "Woningen per jaar",
            "value": value,
            "unit": "dwellings",
            "valid_from": "2024-01",
            "commitment": "inspanning",
            "body": "Raad",
            "decided_on": date(2023, 1, 1),
            "state": "vastgesteld",
            "source": SOURCE,
        }

    own = {"agreement_id": "bod-b", "municipality_code": B, "first_year": 2024, "dwellings": 7}
    agreements = [*region.model_dump()["agreements"], agreement("bod-b", 7), agreement("bod-r", 40)]
    file = Region.model_validate({**region.model_dump(), "agreements": agreements, "bids": [own]})
    found = [(row["municipality_code"], row["amount"], row["first_year"]) for row in bid_rows(file)]
    assert found == [(B, 7.0, 2024), (None, 40.0, 2024)]
    assert bid_rows(region) == []


def test_progress_holds_homes_let_on_the_ground_outflow_against_the_months_of_the_year(
    region: Region, core: Tables, marts: Tables
) -> None:
    progress = made(region, core, marts)["mart_quota__progress"].filter(scenario_id="baseline")
    columns = ("municipality_code", "at_most", "quota", "norm", "realised", "difference", "state")
    assert progress.select(columns).rows() == [
        (A, 9, 8, 4.0, 6, 2.0, "ahead"),
        (B, 3, 2, 1.0, 0, -1.0, "on_course"),
        ("all", 12, 10, 5.0, 6, 1.0, "on_course"),
    ]
    assert set(progress["months_passed"]) == {6}
    half = made(region, core, marts, pacing_months=6)["mart_quota__progress"]
    assert set(half["of_months"]) == {6}
    assert half.filter(scenario_id="baseline", municipality_code=A)["norm"].to_list() == [4.0]


def test_a_cap_that_is_not_agreed_stays_empty(region: Region, core: Tables, marts: Tables) -> None:
    open_ended = marts[QUOTAS].with_columns(at_most=pl.lit(None, pl.Int64))
    progress = made(region, core, {**marts, QUOTAS: open_ended})["mart_quota__progress"]
    assert progress["at_most"].null_count() == progress.height


def test_origins_become_accounts_of_the_municipalities_that_share_the_quota(
    region: Region, core: Tables, marts: Tables
) -> None:
    accounts = made(region, core, marts)["mart_quota__override"]
    shown = accounts.filter(pl.col("net") != 0).select(
        "municipality_name", "housed", "net", "network_net"
    )
    assert shown.rows() == [("Beverwijk", 0, -3, -2), ("Heemskerk", 8, 3, 2)]
    assert accounts["network_net"].sum() == 0


def test_people_of_a_municipality_that_joined_later_move_no_account(
    region: Region, core: Tables, marts: Tables
) -> None:
    accounts = made(region, core, marts, members={2024: {B}})["mart_quota__override"]
    assert accounts.select("year", "municipality_name", "housed", "net", "network_net").rows() == [
        (2024, "Heemskerk", 8, 0, 0)
    ]


def test_claims_of_the_coming_year_are_the_quotas_of_the_default_scenario(
    region: Region, core: Tables, marts: Tables
) -> None:
    let = [
        {"region_id": "proeftuin", "year": 2024, "months_covered": 12, "municipality_code": A,
         "ground": "status_holder", "dwellings": 5}
    ]  # fmt: skip
    tables = made(region, core, {**marts, LETTINGS: filled(marts[LETTINGS], let)})
    claims = tables["mart_quota__claim"].filter(municipality_code="all")
    known = claims.filter(pl.col("dwellings").is_not_null())
    assert known.select("year", "claim", "is_expected", "dwellings").rows() == [
        (2024, "status_holder", False, 5),
        (2026, "outflow", True, 10),
    ]


def test_a_region_without_key_or_deliveries_has_lawful_tables(
    region: Region, marts: Tables
) -> None:
    empty = build_rows()
    nothing = {name: empty_mart(name) for name in marts}
    tables = made(region, {name: empty[name] for name in CORE_READ}, nothing)
    filled_ones = [name for name, frame in tables.items() if frame.height]
    assert filled_ones == ["mart_quota__claim"]
    assert (
        tables["mart_quota__claim"]["dwellings"].null_count() == tables["mart_quota__claim"].height
    )
