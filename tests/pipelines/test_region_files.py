"""The four regions as they are shipped: their files load, hold what was published, and differ."""

import csv
from pathlib import Path

import pytest

from models.units import Commitment
from pipelines.regions import RegionFolder, read_region_folder

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
REGIONS = ROOT / "data" / "raw" / "regions"
PUBLISHED = ROOT / "data" / "raw" / "open" / "regional_agreements" / "agreements.csv"
IDS = ("alkmaar", "amsterdam", "drechtsteden-alblasserwaard", "zk-ijmond")


def _folder(region_id: str) -> RegionFolder:
    return read_region_folder(REGIONS / region_id)


def _published(region_id: str, kind: str) -> dict[str, float]:
    """Give what was published of a kind, the largest number by year."""
    found: dict[str, float] = {}
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if (row["region_id"], row["kind"]) == (region_id, kind):
                found[row["year"]] = max(float(row["value"]), found.get(row["year"], 0.0))
    return found


@pytest.mark.parametrize("region_id", IDS)
def test_a_region_loads_and_every_scenario_of_it_resolves(region_id: str) -> None:
    folder = _folder(region_id)
    resolved = folder.resolve(folder.scenario_ids)

    assert folder.region.id == region_id
    assert 4 <= len(folder.scenario_ids) <= 10
    assert {"baseline", "longer-stays", "more-inflow", "faster-closing"} <= set(resolved)
    for name, item in resolved.items():
        assert item.scenario.id == name
        assert item.promise_months is None or item.region.promise is not None


@pytest.mark.parametrize("region_id", IDS)
def test_every_number_of_a_region_says_whether_it_was_confirmed(region_id: str) -> None:
    region = _folder(region_id).region
    for name, groups in region.parameters.items():
        for parameter in groups.values():
            assert parameter.source.title, name
            if parameter.kind == "assumption":
                assert not parameter.confirmed, name
                assert "anname" in parameter.source.title, name


def test_only_regions_that_agreed_on_a_cap_or_a_promise_have_one() -> None:
    have = {
        name: (item.cap is not None, item.promise is not None, item.published is not None)
        for name in IDS
        for item in (_folder(name).region,)
    }
    assert have == {
        "alkmaar": (False, False, False),
        "amsterdam": (True, True, False),
        "drechtsteden-alblasserwaard": (False, False, False),
        "zk-ijmond": (True, True, True),
    }
    for name in ("alkmaar", "drechtsteden-alblasserwaard"):
        folder = _folder(name)
        for item in folder.resolve(folder.scenario_ids).values():
            assert item.cap_value is None and item.promise_months is None


def test_the_drechtsteden_have_nine_municipalities_in_two_systems_and_fifty_homes_beside() -> None:
    folder = _folder("drechtsteden-alblasserwaard")
    region = folder.region
    (contingent,) = region.contingents
    baseline = folder.resolve(["baseline"])["baseline"]

    assert len(region.municipalities) == _published(region.id, "composition")[""] == 9
    systems = [item.allocation_system for item in region.municipalities]
    assert sorted(systems.count(name) for name in set(systems)) == [3, 6]
    assert region.agreement(contingent.agreement_id).value == _published(region.id, "target")[""]
    assert set(contingent.grounds) == {"tailored", "housing_first"}
    assert [baseline.contingent_of_year(year) for year in (2021, 2022, 2030)] == [None, 50, 50]
    (key,) = region.keys
    assert [item.factor for item in key.factors] == ["households"] and key.correction is None
    corrected = [item for item in region.alternative_keys if item.correction is not None]
    assert corrected and all(
        item.correction is not None and not item.correction.confirmed for item in corrected
    )


def test_alkmaar_has_three_associations_a_merger_and_a_step_of_38_studios() -> None:
    region = _folder("alkmaar").region
    (project,) = region.projects
    care = {item.valid_to: item.municipalities for item in region.compositions
            if item.purpose == "care"}  # fmt: skip

    assert len(region.associations) == 3
    assert len(care["2021-12"]) == _published(region.id, "composition")[""] == 7
    assert len(care[None]) == len(region.municipalities) == 6
    assert set(care["2021-12"]) - set(care[None]) == {"GM0398", "GM0416"}
    assert (project.name, project.kind) == ("Start Me Up", "in_between")
    assert project.places == _published(region.id, "project")[""] == 38
    assert project.age_limit_years is not None and project.age_limit_years.value == 28
    assert not region.keys and not region.contingents
    assert {item.commitment for item in region.agreements} == {Commitment.EFFORT}


def test_amsterdam_holds_the_published_series() -> None:
    folder = _folder("amsterdam")
    region = folder.region
    caps = {item.valid_from[:4]: item.value for item in region.agreements if item.kind == "cap"}
    targets = {item.valid_from[:4]: item for item in region.agreements if item.kind == "target"}

    assert caps == _published(region.id, "cap") == {"2020": 1800, "2021": 1950}
    assert targets["2017"].value == _published(region.id, "target")["2017"] == 1850
    assert "1.823" in targets["2017"].scope
    baseline = folder.resolve(["baseline"])["baseline"]
    assert baseline.promise_months == _published(region.id, "promise")["2017"] == 3
    assert baseline.cap_of_year(2027) == 1950
    assert len(region.municipalities) == 1 and len(region.associations) == 6
    merged = {code for item in region.compositions for code in item.municipalities}
    assert merged == {"GM0363", "GM0457"}
    assert folder.resolve(["higher-cap"])["higher-cap"].cap_of_year(2027) == 2200


def test_each_region_names_rules_of_its_own() -> None:
    kinds = {name: {item.kind for item in _folder(name).region.agreements} for name in IDS}
    ids = [item.agreement_id for name in IDS for item in _folder(name).region.agreements]

    assert len(set(ids)) == len(ids)
    assert len({frozenset(found) for found in kinds.values()}) == 4
    assert "contingent" in kinds["drechtsteden-alblasserwaard"]
    assert not kinds["alkmaar"] & {"cap", "promise", "key", "contingent"}
