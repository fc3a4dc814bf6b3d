"""Words live in the label files: no other file of the reports holds words for readers."""

import ast
import re
from pathlib import Path

import pytest

import reports
from tests.reports import literals

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

NOT_FOR_READERS = {
    "MMMM yyyy": "a pattern of a date",
    "d MMMM yyyy": "a pattern of a date",
    "[$-413]mmmm yyyy": "a pattern of a date",
    "[$-413]d mmmm yyyy": "a pattern of a date",
    "IBM Plex Sans": "the name of the font",
    "the care pressure": "what a stored finding says, which a label replaces",
    "Did you mean '": "a part of an error of the command",
    "there is no browser: ": "told to the log",
    "no finished picture within ": "told to the log",
    "the child process ended": "told to the log",
    "width=device-width, initial-scale=1": "the size of the page",
}


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


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: file.name)
def test_no_python_file_holds_words_for_readers(file: Path) -> None:
    found = literals.in_python(file.read_text(encoding="utf-8"))
    assert [text for text in found if text not in NOT_FOR_READERS] == []


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.j2")), ids=lambda file: file.name)
def test_no_template_holds_words_for_readers(file: Path) -> None:
    found = literals.in_template(file.read_text(encoding="utf-8"))
    assert [text for text in found if text not in NOT_FOR_READERS] == []


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.typ")), ids=lambda file: file.name)
def test_no_layout_of_a_pdf_holds_words_for_readers(file: Path) -> None:
    found = literals.in_layout(file.read_text(encoding="utf-8"))
    assert [text for text in found if text not in NOT_FOR_READERS] == []


def test_every_allowed_literal_is_still_there() -> None:
    text = "\n".join(
        file.read_text(encoding="utf-8") for end in ("py", "j2") for file in ROOT.rglob(f"*.{end}")
    )
    assert [allowed for allowed in NOT_FOR_READERS if allowed not in text] == []


@pytest.mark.parametrize(
    "planted",
    [
        'said = "Homes per year"',
        'said = f"{count} homes"',
        'said = f"up to {count}"',
        'said = f"{first} and {last}"',
        'Chart("quota", "The largest quota", "")',
        'words = {"up": "it goes up"}',
    ],
)
def test_a_planted_literal_is_found_in_any_language(planted: str) -> None:
    assert literals.in_python(planted) != []


@pytest.mark.parametrize(
    "harmless",
    [
        'words.text("quota.finding", year=year)',
        'raise UitstroomError("the release holds no run", todo="Make the release again.")',
        'def build() -> None:\n    """Build the section."""',
        'style = f"color: {colour}; width: {width}px"',
        'frame.sort("municipality_code", "year")',
    ],
)
def test_code_errors_and_docstrings_are_no_words_for_readers(harmless: str) -> None:
    assert literals.in_python(harmless) == []


def test_planted_words_of_a_template_are_found() -> None:
    assert literals.in_template('<p class="note">Table {{ t("page.table") }}</p>') == ["Table"]
    assert literals.in_template('<svg aria-label="A chart"></svg>') == ["A chart"]
    assert literals.in_template('<p class="big note">{{ text }}</p>{% if x %}{% endif %}') == []
    assert literals.in_layout("#text(size: 9pt)[Page #counter(page).display()]") != []
    assert literals.in_layout("#text(size: 9pt)[#view.title]") == []
