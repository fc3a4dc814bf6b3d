"""Tests of the other regions' examples: laws that add up, files that are accepted, no person."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipelines.delivered import find_key, read_region_deliveries
from pipelines.example_data.figures import all_years, figures_table
from pipelines.example_data.law import Law, known_laws, read_law
from pipelines.example_data.places import Places, month_number
from pipelines.example_data.rows import RECORD_IDS, Deliveries, make_deliveries
from pipelines.example_data.world import World, make_world
from pipelines.example_data.write import senders_of, write_deliveries
from pipelines.paths import DataRoot
from pipelines.regions import read_region_folder
from pipelines.sources import Verdict
from pipelines.sources.results import Deliveries as Read
from tests.pipelines.example_data.test_example_write import _content, _files

ROOT = Path(__file__).parents[3]
REGIONS = ROOT / "data" / "raw" / "regions"
DOCUMENT = ROOT / "docs" / "example-data.md"
OTHERS = ("alkmaar", "amsterdam", "drechtsteden-alblasserwaard")
SMALL = ("alkmaar", "drechtsteden-alblasserwaard")
MOST_BYTES = {
    "alkmaar": 1_000_000,
    "amsterdam": 2_800_000,
    "drechtsteden-alblasserwaard": 1_700_000,
}
HOMES = {
    "alkmaar": (60, 120),
    "amsterdam": (1_800, 1_950),
    "drechtsteden-alblasserwaard": (100, 200),
}
"""Homes let a year that the region's example may show, in its last full years."""
MERGED = {"alkmaar": {"GM0398", "GM0416"}, "amsterdam": {"GM0457"}}
MERGED_ON = {"alkmaar": date(2022, 1, 1), "amsterdam": date(2022, 3, 24)}
FREE_TEXT = ("provider", "association", "assessment_table", "name")


@cache
def _world(region_id: str) -> World:
    """Make a region's world once for all tests of this file."""
    law = read_law(region_id)
    return make_world(law, law.seed)


@cache
def _deliveries(region_id: str) -> Deliveries:
    return make_deliveries(_world(region_id), _world(region_id).law.seed)


@pytest.fixture(scope="module", params=OTHERS)
def door(request: pytest.FixtureRequest) -> Iterator[tuple[str, Read]]:
    """What the door makes of a region's committed files."""
    root = DataRoot(ROOT / "data")
    folder = read_region_folder(root.region(request.param))
    yield request.param, read_region_deliveries(root, folder, find_key(root, request.param))


# --- laws ----------------------------------------------------------------------------------------


@pytest.mark.unit
def test_every_region_of_the_repository_has_a_law() -> None:
    assert set(known_laws()) == {"zk-ijmond", *OTHERS}
    assert set(known_laws()) <= {folder.name for folder in REGIONS.iterdir()}


@pytest.mark.unit
@pytest.mark.parametrize("region_id", OTHERS)
def test_the_sizes_of_a_law_add_up(region_id: str) -> None:
    law = read_law(region_id)
    places = Places(law)
    for size in law.all_sizes():
        assert size.unit and len(size.why) > 5 and size.source, size.name
    for group in law.groups.values():
        assert sum(group.destinations.values()) == pytest.approx(1), group.name
        for year in (2021, 2031):
            found = places.of_group(group.name, month_number(f"{year}-12"))
            assert found == group.sizes[f"places_{year}"].value, (group.name, year)
    for row in law.stock:
        assert sum(row["shares"].values()) == pytest.approx(1), row["municipality"]
    assert {row["municipality"] for row in law.stock} == set(law.weights["homes_by_municipality"])
    for facility in law.facilities:
        assert facility.municipality in law.weights["homes_by_municipality"]
        for month in range(month_number("2008-01"), month_number("2031-12") + 1):
            assert 0 <= places.admitting(facility.id, month) <= places.at(facility.id, month)


@pytest.mark.unit
def test_what_was_published_stands_in_the_laws() -> None:
    lettings = read_law("amsterdam").sizes["lettings"]
    shelter = Places(read_law("alkmaar"))
    drechtsteden = read_law("drechtsteden-alblasserwaard")

    assert (lettings.in_year(2017), lettings.in_year(2020)) == (1823, 1785)
    assert max(value for _, value in lettings.steps) <= 1950
    assert read_law("amsterdam").stock[0]["dwellings"] == 185_342
    assert shelter.at("voorbeeld-locatie-06", month_number("2023-05")) == 26
    assert shelter.at("voorbeeld-locatie-06", month_number("2023-06")) == 46
    assert drechtsteden.value("housing_first") + drechtsteden.value("tailored") == 50
    assert len(drechtsteden.weights["homes_by_municipality"]) == 9


@pytest.mark.unit
def test_a_law_shares_how_care_goes_and_not_how_large_a_region_is() -> None:
    laws = [read_law(name) for name in known_laws()]
    for name in ("stay_single", "stay_complex"):
        values = {
            group.sizes[name].value
            for law in laws
            for group in law.groups.values()
            if group.name == "sheltered_living"
        }
        assert len(values) == 1, name
    assert len({law.value("relapse_share") for law in laws}) == 1
    assert len({law.groups["sheltered_living"].sizes["referrals"].steps for law in laws}) == 4
    assert len({law.seed for law in laws}) == 4


# --- worlds --------------------------------------------------------------------------------------


@pytest.mark.unit
@pytest.mark.parametrize("region_id", SMALL)
def test_a_world_lets_as_many_homes_as_the_region_would(region_id: str) -> None:
    _lets_as_many(region_id)


def _lets_as_many(region_id: str) -> None:
    low, high = HOMES[region_id]
    years = {item.year: item for item in all_years(_world(region_id))}
    for year in (2023, 2024, 2025):
        assert low <= years[year].lettings <= high, year
        assert years[year].occupied >= 0.95 * years[year].places
        assert 0 < years[year].housing_list < years[year].lettings
    assert figures_table(_world(region_id)) in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.unit
@pytest.mark.parametrize("region_id", SMALL)
def test_nobody_is_lost_or_in_two_places(region_id: str) -> None:
    records = _world(region_id).records
    present = Counter(item.person.client_id for item in records.stays if item.ended is None)
    at_start = sum(
        int(item.places * _world(region_id).law.value("filled_at_start"))
        for item in _world(region_id).law.facilities
    )
    admitted = sum(item.admitted is not None for item in records.registrations)

    assert max(present.values()) == 1
    assert len(records.stays) == at_start + admitted
    for item in records.registrations:
        assert (item.admitted is None) or (item.left is None)
    for stay in records.stays:
        assert (stay.ended is None) == (stay.destination is None)


@pytest.mark.unit
@pytest.mark.parametrize("region_id", SMALL)
def test_the_committed_files_are_what_the_generator_writes_now(
    region_id: str, tmp_path: Path
) -> None:
    _is_committed(region_id, tmp_path)


def _is_committed(region_id: str, folder: Path) -> None:
    law = read_law(region_id)
    write_deliveries(_deliveries(region_id), folder / region_id / "deliveries", law)
    made = {path.relative_to(folder / region_id) for path in _files(folder / region_id)}

    assert {path.relative_to(REGIONS / region_id) for path in _files(REGIONS / region_id)} == made
    for name in sorted(made):
        assert _content(REGIONS / region_id / name) == _content(folder / region_id / name), name


@pytest.mark.integration
def test_amsterdam_is_what_its_law_makes(tmp_path: Path) -> None:
    """The largest example takes seconds, so that one test looks at its world, files and words."""
    _lets_as_many("amsterdam")
    _is_committed("amsterdam", tmp_path)
    _names_nobody("amsterdam")
    records, law = _world("amsterdam").records, read_law("amsterdam")
    straight = [item for item in records.applications if item.person.group == "clinic"]
    assert len(straight) > 1_000
    assert all(item.stay is None for item in straight)
    let = [item for item in records.lettings if item.application is not None]
    lease = [item for item in let if item.contract_form == "provider_lease"]
    assert len(lease) > 0.85 * len(let)
    flips = [item.flipped - item.moved for item in lease if item.flipped is not None]
    assert (law.days["flip"].low, law.days["flip"].high) == (min(flips), max(flips))


@pytest.mark.unit
@pytest.mark.parametrize("region_id", SMALL)
def test_nothing_in_the_rows_points_at_a_person(region_id: str) -> None:
    _names_nobody(region_id)


def _names_nobody(region_id: str) -> None:
    law = read_law(region_id)
    streak = re.compile(r"\d{8,}")
    named = {
        *(f"Voorbeeldaanbieder {letter}" for letter in "ABCD"),
        *(name for row in law.stock for name in row["shares"]),
        *law.assessment_tables.values(),
        *(str(row["name"]) for row in law.projects),
    }
    for (contract, _), rows in _deliveries(region_id).items():
        assert not set(rows[0]) & {"first_name", "birth_date", "bsn", "address", "remarks"}
        for row in rows:
            for column, value in row.items():
                if isinstance(value, str):
                    assert "@" not in value
                    assert not streak.search(value), (contract, column)
                    assert column not in FREE_TEXT or value in named, (contract, column, value)


@pytest.mark.unit
def test_a_row_from_before_a_merger_carries_the_old_code_and_a_later_one_the_new() -> None:
    rows = _deliveries("alkmaar")
    lettings = [row for row in rows["lettings", "service_point"]]
    old, new = MERGED["alkmaar"], "GM1980"
    for row in lettings:
        moved = row["moved_on"]
        assert isinstance(moved, date)
        assert not (moved >= MERGED_ON["alkmaar"] and row["municipality_code"] in old)
        assert not (moved < MERGED_ON["alkmaar"] and row["municipality_code"] == new)
    assert {row["municipality_code"] for row in lettings} >= {*old, new}
    stock = rows["association_stock", "associations"]
    codes = {year: {row["municipality_code"] for row in stock if row["year"] == year}
             for year in (2021, 2022)}  # fmt: skip
    assert old <= codes[2021] and new not in codes[2021]
    assert new in codes[2022] and not old & codes[2022]
    keys = Counter((row["association"], row["municipality_code"], row["year"]) for row in stock)
    assert set(keys.values()) == {1}


# --- at the door ---------------------------------------------------------------------------------


@pytest.mark.integration
def test_every_committed_file_is_accepted_with_its_planted_rows_set_apart(
    door: tuple[str, Read],
) -> None:
    region_id, read = door
    law: Law = read_law(region_id)

    assert not read.refusals
    accepted = {Verdict.ACCEPTED, Verdict.WITH_QUARANTINE, "accepted_with_warning"}
    assert {str(name) for name in read.files["verdict"]} <= {str(name) for name in accepted}
    assert read.files["synthetic"].all()
    assert set(read.files["sender"]) <= {sender.name for sender in senders_of(law).values()}
    for contract, kinds in law.bad_rows.items():
        files = read.files.filter(pl.col("contract") == contract)
        assert files["quarantined"].sum() == kinds["end_before_start"] + kinds["unknown_value"]
    assert set(RECORD_IDS) == set(law.bad_rows)


@pytest.mark.unit
@pytest.mark.parametrize("region_id", OTHERS)
def test_files_are_small_enough_to_keep(region_id: str) -> None:
    together = sum(path.stat().st_size for path in _files(REGIONS / region_id))
    assert 100_000 < together <= MOST_BYTES[region_id]
