"""Names of tables, queries, steps and files: one grammar, known domains."""

import ast
import re
from pathlib import Path

import pytest

from models.outflow.state import FLOWS, STOCKS
from models.outflow.steps import STEPS
from models.tables import DOMAINS, MARTS
from tests.architecture.imports import modules

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
GRAMMAR = re.compile(r"(raw|core|mart|release|report)_([a-z]+)(?:__([a-z]+(?:_[a-z]+)*))?")
QUERIES = sorted((ROOT / "pipelines" / "sql").glob("*.sql"))


def fault_in(name: str) -> str | None:
    """Say what is wrong with a table's name, or nothing."""
    match = GRAMMAR.fullmatch(name)
    if match is None:
        return "does not follow {layer}_{domain}[__{words}]"
    return None if match[2] in DOMAINS else f"has the unknown domain {match[2]}"


@pytest.mark.parametrize("name", MARTS)
def test_every_mart_follows_the_grammar(name: str) -> None:
    assert fault_in(name) is None
    assert name.startswith("mart_")


def test_every_query_follows_the_grammar_and_makes_the_table_of_its_name() -> None:
    assert len(QUERIES) > 20
    for query in QUERIES:
        assert fault_in(query.stem) is None, query.name
        assert query.stem.startswith("core_"), query.name
        assert f"-- table: {query.stem}\n" in query.read_text(encoding="utf-8"), query.name


@pytest.mark.parametrize(
    "name",
    ["mart_demands", "mart_demand_yearly", "marts_demand", "mart_demand__", "mart_Demand",
     "mart__demand", "demand", "core_wait__a__b"],
)  # fmt: skip
def test_a_name_outside_the_grammar_is_found(name: str) -> None:
    assert fault_in(name) is not None


def test_domains_are_told_once() -> None:
    assert len(set(DOMAINS)) == len(DOMAINS)
    used = {GRAMMAR.fullmatch(name)[2] for name in [*MARTS, *(query.stem for query in QUERIES)]}  # type: ignore[index]
    assert used == set(DOMAINS)


def test_steps_are_functions_of_their_own_name() -> None:
    assert list(STEPS) == [step.__name__ for step in STEPS.values()]
    assert len(set(FLOWS)) == len(FLOWS)
    assert not set(FLOWS) & set(STOCKS)


def test_every_module_says_what_it_is() -> None:
    """A longer module says what belongs in it and what does not."""
    for module in modules(ROOT, "models", "reports", "pipelines"):
        said = " ".join((ast.get_docstring(module.tree) or "").split())
        assert said, module.path
        if not module.path.endswith("__init__.py"):
            assert "elongs here:" in said, module.path
            assert "not belong here:" in said, module.path


def test_nothing_is_called_by_the_name_of_a_helper_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    for module in modules(ROOT, "models", "reports", "pipelines"):
        assert not drawers & set(Path(module.path).with_suffix("").parts), module.path
