"""Tests of the example's law: complete, within its own ranges, and independent of the model."""

import ast
from pathlib import Path

import pytest

import pipelines.example_data
from models.errors import UsageError
from pipelines.example_data.law import (
    COMMON,
    LAWS,
    Law,
    extend,
    known_laws,
    own_names,
    read_law,
    size_table,
)
from pipelines.example_data.places import Places, month_number, steps_of

pytestmark = pytest.mark.unit

PACKAGE = Path(pipelines.example_data.__file__).parent


def test_every_size_has_a_unit_a_reason_and_a_source(law: Law) -> None:
    for size in law.all_sizes():
        assert size.unit, size.name
        assert len(size.why) > 5, size.name
        assert size.source, size.name


def _broken(folder: Path, name: str, good: str, bad: str) -> Path:
    """Copy the common law and that of a region, with one text replaced in one of the files."""
    for file in (f"{COMMON}.toml", "zk-ijmond.toml"):
        text = (LAWS / file).read_text(encoding="utf-8")
        if file == name:
            assert good in text
            text = text.replace(good, bad, 1)
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_a_size_without_a_unit_is_refused(tmp_path: Path) -> None:
    folder = _broken(tmp_path, "common.toml", 'unit = "phases"\n', "")

    with pytest.raises(KeyError, match="unit"):
        read_law("zk-ijmond", folder)


def test_a_value_outside_its_own_range_is_refused(tmp_path: Path) -> None:
    folder = _broken(tmp_path, "zk-ijmond.toml", "value = 440\n", "value = 500\n")

    with pytest.raises(ValueError, match="places_2021: 500"):
        read_law("zk-ijmond", folder)


@pytest.mark.parametrize("region_id", ["nergens", COMMON])
def test_a_region_without_a_law_is_refused_with_those_that_have_one(region_id: str) -> None:
    with pytest.raises(UsageError, match="there is no law") as refusal:
        read_law(region_id)
    assert "zk-ijmond" in str(refusal.value.expected)


def test_a_region_replaces_whole_records_and_names_its_own_groups() -> None:
    common = {
        "size": {"a": {"value": 1, "low": 0}, "b": {"value": 2}},
        "days": {},
        "groups": {"x": {"law": "Wmo", "destinations": {"left": 1.0}}, "y": {"law": "Wfz"}},
        "refusals": {"client": 1.0},
    }
    own = {
        "size": {"a": {"value": 3}},
        "groups": {"x": {"destinations": {"died": 1.0}}, "z": {"law": "Zvw"}},
    }
    joined = extend(common, own)

    assert joined["size"] == {"a": {"value": 3}, "b": {"value": 2}}
    assert joined["groups"] == {
        "x": {"law": "Wmo", "destinations": {"died": 1.0}},
        "z": {"law": "Zvw"},
    }
    assert joined["refusals"] == {"client": 1.0}


def test_a_size_that_differs_per_year_gives_the_value_in_force(law: Law) -> None:
    lettings = law.sizes["lettings"]

    assert [lettings.in_year(year) for year in (2012, 2021, 2022, 2025)] == [56, 59, 105, 168]
    with pytest.raises(ValueError, match="differs per year"):
        _ = lettings.value
    with pytest.raises(ValueError, match="nothing about 2001"):
        lettings.in_year(2001)


def test_destinations_of_a_group_add_up_to_everybody(law: Law) -> None:
    for group in law.groups.values():
        assert sum(group.destinations.values()) == pytest.approx(1), group.name


def test_shares_of_a_municipality_add_up_to_its_stock(law: Law) -> None:
    for row in law.stock:
        assert sum(row["shares"].values()) == pytest.approx(1), row["municipality"]


@pytest.mark.parametrize(
    ("month", "size"), [("2021-12", "places_2021"), ("2031-12", "places_2031")]
)
def test_facilities_and_changes_come_to_the_places_of_the_law(
    law: Law, month: str, size: str
) -> None:
    places = Places(law)

    for group in law.groups.values():
        assert places.of_group(group.name, month_number(month)) == group.sizes[size].value


def test_the_steps_of_a_change_add_up_to_it_and_lie_in_its_quarters(law: Law) -> None:
    steps = steps_of(law)

    for change in law.changes:
        own = [
            step.places
            for step in steps
            if (step.facility, step.kind) == (change.facility, change.kind)
            and change.first <= step.month <= change.last
        ]
        assert sum(own) == change.places, change
        assert all(places * change.places > 0 for places in own)


def test_no_facility_ever_has_fewer_than_no_places(law: Law) -> None:
    places = Places(law)

    for facility in law.facilities:
        for month in range(month_number("2008-01"), month_number("2031-12") + 1):
            assert 0 <= places.admitting(facility.id, month) <= places.at(facility.id, month)


def test_a_closing_facility_stops_filling_places_before_they_go(law: Law) -> None:
    places = Places(law)
    first = month_number("2022-04")

    assert places.at("voorbeeld-locatie-05", first - 1) == 50
    assert places.admitting("voorbeeld-locatie-05", first - 1) < 50
    assert places.admitting("voorbeeld-locatie-05", first - 5) == 50


def test_the_generator_imports_nothing_of_the_model() -> None:
    allowed = {"models.errors"}
    found = set()
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}

    assert {name for name in found if name.split(".")[0] == "models"} <= allowed


def test_the_published_demand_is_nowhere_in_the_law(law: Law) -> None:
    values = {value for size in law.all_sizes() for _, value in size.steps}

    assert 1450 not in values
    assert {item["agreement_id"] for item in law.agreements} == {
        "zkij-cap-178",
        "zkij-belofte-6",
        "zkij-driehoek-85",
        "zkij-begeleiding-24",
    }


@pytest.mark.parametrize("region_id", known_laws())
def test_the_documentation_shows_every_size_of_the_laws(region_id: str, law: Law) -> None:
    text = (PACKAGE.parents[1] / "docs" / "example-data.md").read_text(encoding="utf-8")
    own = own_names(region_id)

    assert size_table(read_law(region_id), own) in text
    every = {size.name for size in law.all_sizes()} | {f"days.{name}" for name in law.days}
    shared = frozenset(every - own_names("zk-ijmond"))
    assert size_table(law, shared) in text
