"""Sentences of the one-pagers are short and plain: what an alderman reads in three minutes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.document import read_document
from reports.labels import Labels, languages, load_labels
from reports.municipal import municipal_views
from reports.progress_page import progress_view

pytestmark = pytest.mark.unit

ONE_PAGERS = ("municipal", "progress_page")
MOST_ON_AVERAGE = 20
"""Most words of a sentence, on average."""
MOST_AT_ALL = 25
"""Most words of any one sentence."""
STIFF = {
    "nl": re.compile(
        r"\b(middels|teneinde|inzake|derhalve|alsmede|conform|betreffende|dient te|dienen te|"
        r"ten behoeve van|met betrekking tot|aangaande|omtrent|teruggekoppeld|implementeren|"
        r"faciliteren|significant|variantie|spreiding|percentiel|casus|casuïstiek|cliënten|"
        r"doelgroepenbeleid|uitstroomopgave)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(utili[sz]e|facilitate|in respect of|with regard to|pursuant|aforementioned|"
        r"significant|variance|percentile|commence|terminate|in order to|cases?|clients)\b",
        re.IGNORECASE,
    ),
}


def sentences(text: str) -> list[list[str]]:
    """Split a text into sentences of words; a gap counts as one word."""
    plain = re.sub(r"\{[^}]*\}", "gap", text)
    parts = re.split(r"(?<=[.!?])\s+", plain)
    found = [re.findall(r"[^\W_]+(?:[-'.,][^\W_]+)*", part) for part in parts]
    return [words for words in found if words]


def own_labels(words: Labels) -> dict[str, str]:
    """Give the labels of the one-pagers that are whole sentences (no heads of columns)."""
    own = {path: text for path, text in words.texts.items() if path.split(".")[0] in ONE_PAGERS}
    return {path: text for path, text in own.items() if len(sentences(text)[0]) > 3}


def average(texts: list[str]) -> float:
    """Give the mean number of words of the sentences of some texts."""
    lengths = [len(one) for text in texts for one in sentences(text)]
    return sum(lengths) / len(lengths)


@pytest.mark.parametrize("language", languages())
def test_sentences_of_the_one_pagers_are_short_on_average(language: str) -> None:
    labels = own_labels(load_labels(language))
    assert len(labels) > 60
    assert average(list(labels.values())) <= MOST_ON_AVERAGE


@pytest.mark.parametrize("language", languages())
def test_no_sentence_of_a_one_pager_is_long(language: str) -> None:
    labels = own_labels(load_labels(language))
    long = {
        path: len(one)
        for path, text in labels.items()
        for one in sentences(text)
        if len(one) > MOST_AT_ALL
    }
    assert long == {}


@pytest.mark.parametrize("language", languages())
def test_one_pagers_use_no_stiff_words(language: str) -> None:
    labels = own_labels(load_labels(language))
    assert {path for path, text in labels.items() if STIFF[language].search(text)} == set()


@pytest.mark.parametrize("language", languages())
def test_the_pages_as_they_are_read_are_short(release_folder: Path, language: str) -> None:
    document = read_document(release_folder, language=language)
    for view in (progress_view(document), *municipal_views(document)):
        said = list(_said(view))
        assert len(said) > 5
        assert average(said) <= MOST_ON_AVERAGE


def test_long_and_stiff_sentences_are_found() -> None:
    assert [len(one) for one in sentences("Een twee drie. Vier {gap} zes?")] == [3, 3]
    assert average(["een " * 30 + "."]) == 30
    assert STIFF["nl"].search("Middels deze opgave") is not None
    assert STIFF["en"].search("in order to agree") is not None


def _said(view: object) -> Iterator[str]:
    for part in view.parts:  # type: ignore[attr-defined]
        yield f"{part.finding}."
        yield from (str(one) for one in part.sentences)
        yield from part.notes
