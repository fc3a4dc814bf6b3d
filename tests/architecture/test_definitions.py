"""The Dagster definitions: a stored snapshot, names, groups, checks, and bodies that stay thin."""

import ast
from pathlib import Path

import dagster as dg
import pytest

from models.tables import DOMAINS, MARTS
from pipelines import defs as defs_package
from pipelines.catalog import DECLARED, REGIONS, STEPS, WAREHOUSE
from pipelines.definitions import defs
from tests.architecture.definitions_snapshot import read_snapshot, take_snapshot

pytestmark = pytest.mark.architecture

LAYERS = ("raw", "core", "mart", "release", "report")
MODULES = sorted(Path(defs_package.__file__).parent.glob("*.py"))
MOST_LINES = 15
FEWEST_ASSETS = 70
"""A module under `defs/` that is read wrongly loses its assets silently."""

SNAPSHOT = read_snapshot()
ASSETS = SNAPSHOT["assets"]


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return defs()


def test_the_definitions_are_the_stored_ones(definitions: dg.Definitions) -> None:
    """When this fails: `make snapshots`, and look at the difference."""
    assert take_snapshot(definitions) == SNAPSHOT


def test_no_asset_was_lost(definitions: dg.Definitions) -> None:
    assert len(definitions.resolve_asset_graph().get_all_asset_keys()) >= FEWEST_ASSETS
    assert SNAPSHOT["job"]["assets"] == len(ASSETS)


def test_names_follow_the_grammar() -> None:
    for name in ASSETS:
        if name == WAREHOUSE:
            continue
        layer, _, rest = name.partition("_")
        domain, separator, words = rest.partition("__")
        assert layer in LAYERS, name
        assert domain in DOMAINS, name
        assert bool(separator) == bool(words), name


def test_every_declared_mart_is_an_asset_and_no_other() -> None:
    assert {name for name in ASSETS if name.startswith("mart_")} == set(MARTS)


def test_every_asset_says_what_it_is_and_whose() -> None:
    for name, asset in ASSETS.items():
        assert len(asset["description"]) > 10, name
        assert asset["owners"], name
        assert asset["kinds"], name
        assert asset["group"] in STEPS, name


def test_the_data_way_has_one_direction() -> None:
    for name, asset in ASSETS.items():
        for origin in asset["deps"]:
            before, here = ASSETS[origin]["group"], asset["group"]
            assert STEPS.index(before) <= STEPS.index(here), (origin, name)


def test_every_table_has_the_blocking_check_of_its_declaration() -> None:
    for name, asset in ASSETS.items():
        if name.startswith(("raw_", "core_", "mart_")):
            assert asset["checks"][DECLARED] is True, name


def test_only_public_sources_and_the_warehouse_have_no_region() -> None:
    free = {name for name, asset in ASSETS.items() if not asset["partitioned"]}
    assert free == {name for name in ASSETS if name.startswith("raw_source__")} | {WAREHOUSE}


def test_there_is_one_axis_of_partitions(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    axes = {graph.get(key).partitions_def for key in graph.get_all_asset_keys()} - {None}
    assert axes == {REGIONS}


def test_the_job_holds_everything_and_is_the_only_one() -> None:
    assert SNAPSHOT["jobs"] == ["uitstroom"]
    assert SNAPSHOT["job"]["executor"] == "in_process"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_file_with_assets_puts_off_its_annotations(module: Path) -> None:
    assert "from __future__ import annotations" not in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_step_reads_calls_and_writes_and_does_no_more(module: Path) -> None:
    for function in functions_of(module):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        lines = body[-1].end_lineno - body[0].lineno + 1
        assert lines <= MOST_LINES, f"{function.name} has {lines} lines"
        nodes = [node for statement in body for node in ast.walk(statement)]
        assert not any(isinstance(node, ast.BinOp) for node in nodes), function.name
        texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
        assert not any("select " in str(text).lower() for text in texts), function.name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_helper_lives_among_the_definitions(module: Path) -> None:
    """Every file there is read as definitions; what helps belongs in a module beside them."""
    if module.stem in {"schedules", "sensors"}:
        return
    assert all(function.decorator_list for function in functions_of(module))


def functions_of(module: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]
