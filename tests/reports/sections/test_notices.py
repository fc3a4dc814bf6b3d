"""What was found in a file is told in the reader's language, whatever form the check gave it."""

import ast
import re
from pathlib import Path

import polars as pl
import pytest

import pipelines.sources
from pipelines.sources.reasons import Reason
from reports.labels import Labels, load_labels
from reports.sections.notices import FORMS, noted
from tests.reports.conftest import Reader
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit

NOTES = [
    ("occupancy", "10 people, 9 places; 2 rows", "10 mensen op 9 plekken; in 2 rijen"),
    ("occupancy", "1 people, 0 places; 1 rows", "1 mens op 0 plekken; in 1 rij"),
    ("long_stay", "1 stays", "1 verblijf"),
    ("long_stay", "1200 stays", "1.200 verblijven"),
    ("overlapping_stays", "2 stays", "2 verblijven"),
    ("hidden_rows", "3 rows by a filter, 1 columns", "3 rijen door een filter, en 1 kolom"),
    ("hidden_rows", "0 rows, 2 columns", "0 rijen en 2 kolommen"),
    ("outside_period", "4 of 180 rows", "4 van de 180 rijen"),
    ("unknown_reference", "2 of 90 rows", "2 van de 90 rijen"),
    ("unknown_reference", "2 of 90 rows (loc-1, loc-2)", "2 van de 90 rijen (loc-1, loc-2)"),
    (
        "closed_periods_changed",
        "31 of 240 cells up to and including 2026-06-30",
        "31 van de 240 cellen tot en met 30 juni 2026",
    ),
    ("capacity_jump", "12 at loc-7 (Zuid)", "12 plekken bij loc-7 (Zuid)"),
    ("missing_words", "1 cells", "1 cel"),
    ("unknown_column", "column 9", "kolom 9"),
    ("different_persons", "2 rows", "2 rijen"),
    ("person_at_two_senders", "14 numbers", "14 nummers"),
    ("periods_missing", "2026-03, 2026-04 and 3 more", "2026-03, 2026-04 en nog 3"),
]
ENGLISH = re.compile(
    r"\b(people|places|rows|stays|columns?|cells|numbers|filter|of|at|and|more|up to)\b"
)


@pytest.mark.parametrize(("reason", "found", "said"), NOTES)
def test_a_note_is_told_in_dutch(words: Labels, reason: str, found: str, said: str) -> None:
    told = noted(reason, found, words)
    assert told.startswith(said)
    assert not ENGLISH.search(told.replace("filter", ""))


@pytest.mark.parametrize(("reason", "found", "said"), NOTES)
def test_a_note_keeps_its_numbers_in_every_language(reason: str, found: str, said: str) -> None:
    told = noted(reason, found, load_labels("en"))
    if reason == "closed_periods_changed":
        assert told.endswith("cells up to and including 30 June 2026")
        return
    numbers = sorted(re.findall(r"\d+", found))
    assert sorted(re.findall(r"\d+", told.replace(",", "") if "1200" in found else told)) == numbers


@pytest.mark.parametrize("found", ["'onbekend', '<5'", "ISO, dd-mm-jjjj", "", "10 people"])
def test_the_words_of_a_sender_stay_as_they_are(words: Labels, found: str) -> None:
    assert noted("mixed_dates", found, words) == found


def test_a_release_that_leaves_out_what_was_found_says_nothing(words: Labels) -> None:
    assert noted("occupancy", None, words) == ""


def test_every_note_with_words_of_ours_has_a_form() -> None:
    unread = {
        (file.name, reason, said)
        for file in sorted(Path(pipelines.sources.__file__).parent.rglob("*.py"))
        for reason, said in _notes(file)
        if not any(pattern.fullmatch(said) for _, pattern in FORMS.get(reason, ()))
    }
    assert unread == set()
    assert {reason for reason, *_ in NOTES} >= set(FORMS)


def test_a_form_for_a_reason_that_is_not_there_is_found() -> None:
    assert set(FORMS) <= {reason.value for reason in Reason}


def _notes(file: Path) -> list[tuple[str, str]]:
    """List the notes of a file that hold words of ours, their gaps filled with a number."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = []
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Notice"):
            continue
        given = {item.arg: item.value for item in call.keywords}
        reason = given.get("reason", call.args[0] if call.args else None)
        said = given.get("found")
        if isinstance(said, ast.JoinedStr) and isinstance(reason, ast.Attribute):
            found.append((Reason[reason.attr].value, _filled(said)))
    return found


def _filled(said: ast.JoinedStr) -> str:
    texts = []
    for part in said.values:
        if isinstance(part, ast.Constant):
            texts.append(str(part.value))
            continue
        code = ast.unparse(part.value)  # type: ignore[attr-defined]
        known = {
            "by_filter": "",
            "closed_until.isoformat()": "2026-06-30",
            "_pair(rows.values, places[0])": "10 people, 9 places",
        }
        texts.append(known.get(code, "7"))
    return "".join(texts)


def test_the_table_of_remarks_holds_no_english(reader: Reader, frames: Frames) -> None:
    name = "mart_delivery__notice"
    frames[name] = frames[name].with_columns(
        reason=pl.lit("occupancy"), found=pl.lit("10 people, 9 places; 2 rows")
    )
    tables = {one.table_id: one.table for one in reader.section("deliveries", frames).tables}
    (row,) = tables["deliveries-notices"].frame.rows(named=True)
    assert row["found"].startswith("10 mensen op 9 plekken")
