"""Numbers in files: each has unit, kind and source, and somebody reads it."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.registry import OPTIONAL, REGION_WIDE, load_national, load_region, load_scenario
from models.units import ALL_GROUPS, SourceKind, Unit
from tests.architecture.imports import modules

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
NATIONAL = ROOT / "models" / "parameters" / "national.toml"
REGIONS = sorted((ROOT / "data" / "raw" / "regions").glob("*/region.toml"))
SCENARIOS = sorted((ROOT / "data" / "raw" / "regions").glob("*/scenarios/*.toml"))
PLAIN = frozenset({"agreements", "published"})
"""Records with a number that say what they are by their place, and not by a kind of source."""


def numbers(node: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict]]:
    """Find every table with a value in a file, with the way to it."""
    if isinstance(node, dict):
        if isinstance(node.get("value"), (int, float)):
            yield place, node
        for key, inner in node.items():
            yield from numbers(inner, (*place, key))
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            yield from numbers(inner, (*place, str(at)))


def faults_of(text: str) -> list[str]:
    """List what numbers in a file lack."""
    found = []
    for place, number in numbers(tomllib.loads(text)):
        where = ".".join(place)
        if number.get("unit") not in set(Unit):
            found.append(f"{where}: unit {number.get('unit')!r}")
        source = number.get("source", {})
        if len(source.get("title", "")) < 10 or len(source.get("publisher", "")) < 2:
            found.append(f"{where}: source {source!r}")
        if place[0] not in PLAIN and number.get("kind") not in set(SourceKind):
            found.append(f"{where}: kind {number.get('kind')!r}")
        firm = number.get("kind") in {"statistic", "study", "agreement"}
        if firm and not ("year" in source or "address" in source):
            found.append(f"{where}: a {number['kind']} without year or address")
    return found


@pytest.mark.parametrize("path", [NATIONAL, *REGIONS], ids=lambda path: path.parent.name)
def test_every_number_has_unit_kind_and_source(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(list(numbers(tomllib.loads(text)))) > 2
    assert faults_of(text) == []


def test_a_number_that_lacks_something_is_found() -> None:
    nameless = '[parameters.x.all]\nvalue = 1\nunit = "percent"\nkind = "statistic"\n'
    assert len(faults_of(nameless)) == 3
    assert faults_of('[a]\nvalue = 1\nunit = "share"\nkind = "guess"\nsource = {}') != []


@pytest.mark.parametrize("path", REGIONS, ids=lambda path: path.parent.name)
def test_every_region_and_scenario_can_be_read(path: Path) -> None:
    national = load_national()
    region = load_region(path.read_text(encoding="utf-8"), path.name, national)
    assert region.id == path.parent.name
    names = {scenario.stem for scenario in SCENARIOS if scenario.parents[1] == path.parent}
    assert region.default_scenario in names
    for name in sorted(names):
        text = (path.parent / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")
        scenario = load_scenario(text, f"{name}.toml", national, region)
        assert scenario.id == name
        assert scenario.extends is None or scenario.extends in names


def names_read() -> set[str]:
    """Give every text that the models look something up by."""
    return {
        node.value
        for module in modules(ROOT, "models")
        if module.path.startswith(("models/outflow/", "models/forecast/", "models/estimation/"))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_parameter_is_read_by_a_model() -> None:
    assert sorted(set(load_national().parameters) - names_read()) == []


def test_every_group_of_a_parameter_is_a_target_group() -> None:
    national = load_national()
    for name, groups in national.parameters.items():
        assert set(groups) <= {*national.target_groups, ALL_GROUPS}, name
        if name in OPTIONAL:
            assert groups == {}, name
        elif name in REGION_WIDE:
            assert set(groups) == {ALL_GROUPS}, name
    assert set(national.parameters) >= REGION_WIDE


def test_every_parameter_of_one_group_exists_for_all_groups_or_is_about_classes() -> None:
    national = load_national()
    of_age = {
        name
        for name, groups in national.parameters.items()
        if set(groups)
        == {key for key, group in national.target_groups.items() if group.stay_ends == "age"}
    }
    assert of_age == {"exit_age_years", "entry_age_years"}
    of_classes = {"stay_years_complex", "complex_share_now", "complex_share_future"}
    for name, groups in national.parameters.items():
        if ALL_GROUPS not in groups and name not in of_classes | OPTIONAL | of_age:
            assert set(groups) == set(national.target_groups), name
    assert len({frozenset(national.parameters[name]) for name in of_classes}) == 1
