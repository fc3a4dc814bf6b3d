"""The English labels: complete, in order, English, and a whole report of them."""

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from reports.build import write_pages
from reports.document import Document, read_document
from reports.export.pictures import Pictures
from reports.export.workbook import write_workbook
from reports.labels import Labels, gaps, load_labels
from reports.numbers import MINUS, Estimate
from tests.reports.test_dutch_stays_in_labels import DUTCH

pytestmark = pytest.mark.unit

TELLTALE = re.compile(
    r"\b(een|het|van|voor|niet|wordt|worden|zijn|maar|naar|bij|deze|geen|ook|per jaar|gemiddeld|"
    r"woning\w*|gemeente\w*|plek\w*|wachtlijst|opgave|plafond|streven|doorrekening\w*|jaren|maand\w*|"
    r"verhuurd|nodig|corporatie\w*|begeleiding|aanvra\w+|levering\w*|afgesproken|bekend|onbekend)\b",
    re.IGNORECASE,
)
AMERICAN = re.compile(
    r"\b(center|color|program(?!s?\b)|labor|license[ds]?|organiz\w+|analyz\w+|percent|toward)\b",
    re.I,
)
FONT_LICENCE = "SIL Open Font License"
OWN_WORDS = {"promise_name", "ground", "product", "project_kind"}
"""Families with names of their own (Skaeve Huse, Domus)."""
SAME = 4
"""Longest text that may be the same in both languages without a look."""


@pytest.fixture(scope="module")
def english() -> Labels:
    return load_labels("en")


@pytest.fixture(scope="module")
def document(release_folder: Path) -> Document:
    return read_document(release_folder, language="en")


def test_the_english_file_lacks_no_label(words: Labels, english: Labels) -> None:
    assert [path for path in words.texts if path not in english.texts] == []
    assert [path for path in english.texts if path not in words.texts] == []


def test_every_english_label_has_the_gaps_of_the_dutch_one(words: Labels, english: Labels) -> None:
    known = [path for path in words.texts if path in english.texts]
    assert [path for path in known if gaps(english.texts[path]) != gaps(words.texts[path])] == []


def test_both_files_tell_families_in_the_same_order(words: Labels, english: Labels) -> None:
    assert list(english.texts) == list(words.texts)


def test_no_english_label_holds_dutch_words(english: Labels) -> None:
    dutch = {path: text for path, text in english.texts.items() if TELLTALE.search(_bare(text))}
    assert dutch == {}


def test_the_telltale_words_find_dutch(words: Labels) -> None:
    found = [text for text in words.texts.values() if TELLTALE.search(text)]
    assert len(found) > len(words.texts) / 4


def test_no_english_sentence_was_left_as_it_is_in_dutch(words: Labels, english: Labels) -> None:
    same = [
        path
        for path, text in english.texts.items()
        if words.texts.get(path) == text
        and len(re.findall(r"[^\W\d_]{2,}", _bare(text))) >= SAME
        and path.split(".")[0] not in OWN_WORDS
    ]
    assert same == []


def test_the_spelling_is_british(english: Labels) -> None:
    texts = {path: _bare(text).replace(FONT_LICENCE, "") for path, text in english.texts.items()}
    assert {path: text for path, text in texts.items() if AMERICAN.search(text)} == {}


def test_numbers_are_written_as_in_britain(english: Labels) -> None:
    numbers = english.numbers
    assert numbers.whole(1450) == "1,450"
    assert numbers.decimal(6.5) == "6.5"
    assert numbers.share(0.902, 1) == "90.2%"
    assert numbers.euro(1250) == "€1,250"
    assert numbers.signed(-310) == f"{MINUS}310"
    assert numbers.month("2026-10") == "October 2026"
    assert numbers.day("2026-11-03") == "3 November 2026"
    assert numbers.years(2027, 2036) == "2027 to 2036"
    assert numbers.months(1.0) == "1 month"
    assert numbers.months(6.5) == "6.5 months"
    assert numbers.join(["a", "b", "c"]) == "a, b and c"
    assert numbers.about(Estimate(1446, 1000, 1820)) == "about 1,450"
    assert numbers.inside(Estimate(1446, 1000, 1820)) == "between 1,000 and 1,820"
    assert numbers.separators == ".,"


def test_axes_write_numbers_as_the_language_does(document: Document) -> None:
    figures = [panel.figure for chart in document.charts for panel in chart.picture.panels]
    assert figures
    assert {figure.layout.separators for figure in figures} == {".,"}


def test_what_the_system_says_is_english_in_every_section(document: Document) -> None:
    said = [text for section in document.sections for text in _texts(section)]
    given = _given(document)
    dutch = []
    for text in said:
        bare = text
        for one in given:
            bare = bare.replace(one, " ")
        if _is_dutch(bare):
            dutch.append(text)
    assert len(said) > 200
    assert dutch == []


def test_texts_that_were_delivered_are_marked_as_dutch(document: Document, tmp_path: Path) -> None:
    page = write_pages(document, tmp_path / "page").page.read_text(encoding="utf-8")
    assert '<html lang="en-GB">' in page
    marked = re.findall(r'<(?:td|th)[^>]* lang="nl"[^>]*>([^<]+)<', page)
    assert any(DUTCH.search(text) for text in marked)
    given = set(_given(document))
    cells = re.findall(r"<t[dh](?![^>]*lang=)[^>]*>([^<]+)<", page)
    told = [text for text in map(html.unescape, cells) if not text.endswith((".csv", ".xlsx"))]
    assert [text for text in told if _is_dutch(text) and text in given] == []


def test_the_workbook_writes_numbers_and_months_in_english(
    document: Document, tmp_path: Path
) -> None:
    (file,) = write_workbook(document, Pictures(), tmp_path)
    styles = zipfile.ZipFile(file).read("xl/styles.xml").decode()
    assert "[$-809]mmmm yyyy" in styles
    assert "[$-413]" not in styles


def test_a_dutch_page_marks_no_cell(release_folder: Path, tmp_path: Path) -> None:
    page = write_pages(read_document(release_folder), tmp_path / "page").page
    text = page.read_text(encoding="utf-8")
    assert '<html lang="nl">' in text
    assert not re.search(r'<(?:td|th)[^>]* lang="', text)


def _is_dutch(text: str) -> bool:
    return len(TELLTALE.findall(text)) > 0


def _bare(text: str) -> str:
    return re.sub(r"\{[^}]*\}", " ", text)


def _texts(section: object) -> Iterator[str]:
    yield from (section.heading, section.finding, *section.paragraphs)  # type: ignore[attr-defined]
    for chart in section.charts:  # type: ignore[attr-defined]
        yield from (chart.title, chart.subtitle, chart.alternative, chart.source, *chart.notes)
        yield from (column.head for column in chart.picture.table.columns)
    for titled in section.tables:  # type: ignore[attr-defined]
        yield from (titled.title, *titled.notes)
        yield from (column.head for column in titled.table.columns)


def _given(document: Document) -> list[str]:
    """List every text of the release: what was delivered, not what the system says."""
    release, found = document.release, set()
    for name in release.table_names:
        for column in release.table(name).iter_columns():
            if column.dtype == pl.String:
                found |= {text for text in column.drop_nulls() if text.strip()}
    return sorted(found, key=len, reverse=True)
