"""Tests of the example's law: complete, within its own ranges, and independent of the model."""

import ast
from pathlib import Path

import pytest

import pipelines.example_data
from pipelines.example_data.law import LAW_FILE, Law, read_law, size_table
from pipelines.example_data.places import Places, month_number, steps_of

pytestmark = pytest.mark.unit

PACKAGE = Path(pipelines.example_data.__file__).parent


def test_every_size_has_a_unit_a_reason_and_a_source(law: Law) -> None:
    for size in law.all_sizes():
        assert size.unit, size.name
        assert len(size.why) > 5, size.name
        assert size.source, size.name


def test_a_size_without_a_unit_is_refused(tmp_path: Path) -> None:
    text = LAW_FILE.read_text(encoding="utf-8")
    broken = tmp_path / "law.toml"
    broken.write_text(text.replace('unit = "phases"\n', "", 1), encoding="utf-8")

    with pytest.raises(KeyError, match="unit"):
        read_law(broken)


def test_a_value_outside_its_own_range_is_refused(tmp_path: Path) -> None:
    text = LAW_FILE.read_text(encoding="utf-8")
    broken = tmp_path / "law.toml"
    broken.write_text(text.replace("value = 440\n", "value = 500\n", 1), encoding="utf-8")

    with pytest.raises(ValueError, match="places_2021: 500"):
        read_law(broken)


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
    for file in PACKAGE.glob("*.py"):
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


def test_the_documentation_shows_every_size_of_the_law(law: Law) -> None:
    text = (PACKAGE.parents[1] / "docs" / "example-data.md").read_text(encoding="utf-8")

    assert size_table(law) in text
