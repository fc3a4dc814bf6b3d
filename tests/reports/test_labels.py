"""Labels: complete, used, and neutral about codes that they do not know."""

import re
import string
import tomllib
from pathlib import Path

import pytest

import reports
from models.errors import UitstroomError, UsageError
from models.marts.demand import DemandDrivers, DemandTenYear
from models.units import Commitment, DecisionState, SourceKind, Unit
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.reasons import Reason
from pipelines.sources.results import Verdict
from reports.figures import Figure, say
from reports.labels import Labels, capital, gaps, languages, load_labels, uncapital

pytestmark = pytest.mark.unit

ROOT = Path(reports.__file__).parent
NATIONAL = ROOT.parent / "models" / "parameters" / "national.toml"


DATA_COLUMNS = sorted(
    {column.name for contract in CONTRACTS.values() for column in contract.columns}
)


def _national() -> dict[str, dict[str, object]]:
    return tomllib.loads(NATIONAL.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("group", list(_national()["target_groups"])),
        ("parameter", list(_national()["parameters"])),
        ("unit", [unit.value for unit in Unit]),
        ("source_kind", [kind.value for kind in SourceKind]),
        ("commitment", [item.value for item in Commitment]),
        ("state", [item.value for item in DecisionState]),
        ("reason", [item.value for item in Reason]),
        ("data_column", DATA_COLUMNS),
        ("verdict", [item.value for item in Verdict]),
        ("measure", list(DemandTenYear.measure.categories)),
        ("driver", list(DemandDrivers.driver.categories)),
    ],
)
def test_every_declared_code_has_a_label(words: Labels, family: str, codes: list[str]) -> None:
    assert codes
    assert [code for code in codes if not words.has(f"{family}.{code}")] == []


def test_an_unknown_code_gets_a_neutral_sentence_that_names_it(words: Labels) -> None:
    assert words.code("reason", "a_new_one") == "Een andere reden (code 'a_new_one')"
    assert words.code("group", "a_new_one") == "doelgroep 'a_new_one'"


def test_a_missing_label_or_gap_is_an_error_with_its_path(words: Labels) -> None:
    with pytest.raises(UitstroomError, match=r"nothing\.here"):
        words.text("nothing.here")
    with pytest.raises(UitstroomError, match="year"):
        words.text("promise.broken", promise="het streven", months="6 maanden")


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ("0", "zijn 0 woningen"),
        ("1", "is 1 woning "),
        ("11", "zijn 11 woningen"),
        (1, "is 1 woning "),
    ],
)
def test_one_home_is_not_called_homes(words: Labels, count: object, said: str) -> None:
    finding = words.text("misses.single", year=2026, missed=count, reason="geen kandidaat")
    assert said in finding
    shown = say(words, "progress.on_course", month="mei", realised=Figure(str(count)), quota="9")
    assert said in str(shown)
    assert [figure.text for figure in shown.figures] == [str(count)]


def test_every_choice_between_one_and_more_has_both_words(words: Labels) -> None:
    for language in languages():
        for path, text in load_labels(language).texts.items():
            for _, name, choice, _ in string.Formatter().parse(text):
                assert not choice or (name and choice.count("|") == 1), (language, path)


def test_an_unknown_language_is_a_usage_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="nl"):
        load_labels("fy")


def test_capitals_touch_only_the_first_letter() -> None:
    assert capital("beschermd Wonen") == "Beschermd Wonen"
    assert uncapital("Plekken IJmond") == "plekken IJmond"


def test_every_language_has_the_same_paths_and_gaps(words: Labels) -> None:
    for language in languages():
        other = load_labels(language)
        assert set(other.texts) == set(words.texts)
        for path, text in words.texts.items():
            assert gaps(other.texts[path]) == gaps(text), path


def test_every_label_that_the_code_names_exists(words: Labels) -> None:
    named = set(re.findall(r'\.text\(\s*"([a-z_.]+)"', _code()))
    named |= set(re.findall(r'\bt\("([a-z_.]+)"', _code()))
    named |= set(re.findall(r'\bfinding\(\s*words,\s*"([a-z_.]+)"', _code()))
    assert len(named) > 100
    assert sorted(path for path in named if path not in words.texts) == []


def test_every_label_is_used(words: Labels) -> None:
    code = _code()
    families = set(re.findall(r'\.code\(\s*"([a-z_]+)"', code)) | {"number", "promise_name"}
    unused = [
        path
        for path in words.texts
        if path.split(".")[0] not in families and not any(part in code for part in _names(path))
    ]
    assert unused == []


def _code() -> str:
    files = sorted([*ROOT.rglob("*.py"), *ROOT.rglob("*.j2")])
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _names(path: str) -> list[str]:
    """List how code can name a path: whole, or its start with a gap for the rest."""
    starts = [path[: found.end()] for found in re.finditer(r"[._]", path)]
    opened = [f"{start}{{" for start in starts]
    passed = [f'"{start}"' for start in starts if len(start) > len(path.split(".")[0]) + 1]
    sections = [f'"{start}"' for start in starts if start.endswith(".")]
    cut = [f'"{start[:-1]}"' for start in starts if "." in start[:-1]]
    head = "{section_id}." if path.endswith(".heading") else path
    return [f'"{path}"', *opened, *passed, *sections, *cut, head]
