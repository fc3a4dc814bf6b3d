"""Dutch lives in the label file: no other file of the reports holds words for readers."""

import ast
import re
from pathlib import Path

import pytest

import reports

pytestmark = pytest.mark.architecture

ROOT = Path(reports.__file__).parent
DUTCH = re.compile(
    r"\b(de|het|een|van|voor|niet|wordt|worden|zijn|met|tot|naar|bij|aan|om|dan|deze|geen|wel|ook|"
    r"per jaar|ongeveer|gemiddeld|woning|woningen|gemeente|gemeenten|plek|plekken|wachtlijst|"
    r"opgave|plafond|streven|mensen|personen|doorrekening|doorrekeningen|bron|stand|jaar|jaren|"
    r"maand|maanden|tabel|grafiek|ten hoogste|onbekend|nodig|verhuurd)\b",
    re.IGNORECASE,
)

ADDRESSES = {"gemeenten"}
"""Names of folders of a report: addresses, the same in every language."""


def dutch_in_python(text: str) -> list[str]:
    """List the string literals (docstrings left out) of a module that hold Dutch."""
    tree = ast.parse(text)
    said = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for item in body if isinstance(body, list) else []:
            if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant):
                said.add(id(item.value))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in said
        and node.value not in ADDRESSES
        and DUTCH.search(node.value)
    ]


def dutch_in_template(text: str) -> list[str]:
    """List the text between the tags and marks of a template that holds Dutch."""
    bare = re.sub(r"\{[{%#].*?[}%#]\}", " ", text, flags=re.S)
    bare = re.sub(r"<[^>]*>", "\n", bare)
    return [line for line in bare.splitlines() if DUTCH.search(line)]


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: file.name)
def test_no_python_file_says_anything_in_dutch(file: Path) -> None:
    assert dutch_in_python(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.j2")), ids=lambda file: file.name)
def test_no_template_says_anything_in_dutch(file: Path) -> None:
    assert dutch_in_template(file.read_text(encoding="utf-8")) == []


def test_a_planted_dutch_literal_is_found_and_a_docstring_is_not() -> None:
    planted = 'def build():\n    """Over de wachtlijst."""\n    return "De wachtlijst groeit"\n'
    assert dutch_in_python(planted) == ["De wachtlijst groeit"]
    assert dutch_in_python('text = f"nodig: {value} woningen"') == ["nodig: ", " woningen"]
    assert dutch_in_template('<p class="de">Nodig</p>{{ t("het.pad") }}') == ["Nodig"]
