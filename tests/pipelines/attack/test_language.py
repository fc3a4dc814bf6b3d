"""The words by which an edition is read are those that the pages are written with.

The label files say what stands on the pages: a label that is changed breaks a test here, and does
not make the attack miss what it says.
"""

import re
from string import Formatter

import pytest

from models.errors import RefusedError
from models.months import parse_month
from pipelines.attack.knowledge import read_issue
from pipelines.attack.language import (
    CALCULATED,
    EXPECTED,
    KNOWN,
    LANGUAGES,
    OWED,
    Language,
    language_named,
    language_of,
)
from pipelines.attack.pages import read_page
from pipelines.attack.readings import Value, cut, read_value
from pipelines.release import LANGUAGES as RENDERED
from reports.labels import Labels, load_labels
from reports.numbers import Estimate

pytestmark = pytest.mark.unit

CODES = pytest.mark.parametrize("code", LANGUAGES)


def words_of(code: str) -> tuple[Language, Labels]:
    return LANGUAGES[code], load_labels(code)


def said_in(text: str, language: Language) -> str:
    return " ".join(token.text for token in cut(text, language)).casefold()


def filled(text: str, figure: str) -> str:
    """Fill every gap of a label with one figure, or with the first of two words."""
    pieces = []
    for before, name, form, _ in Formatter().parse(text):
        word = form.split("|")[0] if form and "|" in form else figure
        pieces += [before, word if name else ""]
    return "".join(pieces)


def test_every_language_that_a_report_is_rendered_in_is_read() -> None:
    assert set(LANGUAGES) == set(RENDERED)


@CODES
def test_the_pages_name_the_language_as_it_is_known_here(code: str) -> None:
    language, labels = words_of(code)
    source = f'<!doctype html>\n<html lang="{labels.text("html_lang")}">\n<head>'
    assert language_of({"index.html": source, "gemeenten/a.html": source}) is language


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ({"index.html": '<html lang="de"><body>1.450'}, "lang='de'"),
        ({"index.html": '<html class="x"><body>1.450'}, "no language"),
        ({"index.html": '<html lang=""><body>1.450'}, "no language"),
        ({"index.html": '<html lang="nl">', "b.html": "<html>"}, "b.html"),
        ({"index.html": '<html lang="nl">', "b.html": '<html lang="en-GB">'}, "en (b.html)"),
        ({}, "no page"),
    ],
)
def test_an_edition_of_no_known_language_or_of_several_is_refused(
    pages: dict[str, str], found: str
) -> None:
    with pytest.raises(RefusedError, match=re.escape(found)):
        language_of(pages)


def test_a_part_of_a_page_in_a_language_that_is_not_known_is_refused() -> None:
    with pytest.raises(RefusedError, match="lang='fr'"):
        read_page("index.html", '<p lang="fr">1 450 logements</p>', LANGUAGES["nl"])


@CODES
def test_numbers_are_read_as_the_pages_write_them(code: str) -> None:
    language, labels = words_of(code)
    assert labels.numbers.separators == language.decimal + language.thousands
    for number in (0, 7, 40, 999, 1450, 12345, 1234567):
        written = labels.numbers.whole(number)
        assert read_value(written, language) == read_value(f"x {written}.", language)
        assert [token.text for token in cut(written, language)] == [str(number)]
    for length in (0.5, 6.5, 1234.5, -17.5):
        assert read_value(labels.numbers.decimal(length), language) == Value(length)
    few = read_value(labels.numbers.spoken(5), language)
    assert few == read_value(labels.numbers.count(5), language)
    assert few == Value(10, is_below=True)
    about = labels.numbers.about(Estimate(1450, 1000, 1900))
    assert read_value(about, language) == Value(1450)
    assert read_value(labels.numbers.span(Estimate(1450, 1000, 1900)), language) is None


def test_the_same_labels_say_less_than_in_every_language() -> None:
    """What only says a limit in one language would be read as a figure in another."""
    found = {}
    for code, language in LANGUAGES.items():
        texts = load_labels(code).texts
        tokens = {path: cut(filled(text, "10"), language) for path, text in texts.items()}
        found[code] = {p for p, cuts in tokens.items() if any(one.text == "<10" for one in cuts)}
    assert found["en"] == found["nl"]
    with_limit = {path for path, text in load_labels("nl").texts.items() if "{least}" in text}
    assert with_limit - found["nl"] == {"progress_page.too_few", "deliveries.closed"}


@CODES
def test_every_month_of_the_pages_has_its_name(code: str) -> None:
    language, labels = words_of(code)
    written = [labels.numbers.month(f"2026-{number:02d}") for number in range(1, 13)]
    assert written == [f"{name} 2026" for name in language.months]


@CODES
@pytest.mark.parametrize("month", ["2026-01", "2026-08", "2026-10", "2027-12"])
def test_the_title_of_a_report_says_up_to_which_month_it_knows(code: str, month: str) -> None:
    """Also where a later line names another month, as the line on the next edition does."""
    language, labels = words_of(code)
    later = labels.text("page.next_edition", day="8", month=labels.numbers.month("2028-04"))
    for path in ("page.title", "pdf.description"):
        title = labels.text(path, region="Duinstreek", month=labels.numbers.month(month))
        page = read_page("index.html", f"<title>{title}</title><p>{later}</p>", language)
        assert read_issue([page], language).as_of == parse_month(month)


@CODES
@pytest.mark.parametrize("steps", [5, 10])
def test_the_line_of_a_class_says_what_it_is_and_how_it_is_rounded(code: str, steps: int) -> None:
    language, labels = words_of(code)
    for release_class, line in (
        ("partijen", "banner.partijen"),
        ("openbaar", "banner.openbaar"),
        ("openbaar", "banner.rounded"),
    ):
        said = labels.text(line, steps=labels.text(f"banner.steps_{steps}"))
        issue = read_issue([read_page("index.html", f"<p>{said}</p>", language)], language)
        assert (issue.release_class, issue.base) == (release_class, steps)


@CODES
def test_only_reports_for_the_parties_say_that_they_are(code: str) -> None:
    """The same words on a page for everybody would have it held to less."""
    language, labels = words_of(code)
    found = {
        path for path, text in labels.texts.items() if language.parties in said_in(text, language)
    }
    assert found == {"parties_only", "banner.partijen"}


@CODES
def test_the_foot_of_a_page_names_its_release_and_class(code: str) -> None:
    language, labels = words_of(code)
    number, edition = "66b345badf0caa6d", "d240060721f46679"
    for foot in (
        labels.text("footer.protected", release=number, release_class="x"),
        labels.text("footer.release", release=number, edition=edition, **{"class": "partijen"}),
    ):
        assert language.edition.findall(foot) == [number]
    assert language.named_class.findall(said_in(foot, language)) == ["partijen"]


@CODES
def test_words_of_rows_are_those_of_the_pages_and_all_of_them(code: str) -> None:
    language, labels = words_of(code)
    names = {
        labels.text("known.yes"): KNOWN,
        labels.text("forecast_word.no"): KNOWN,
        labels.text("forecast_word.yes"): EXPECTED,
        labels.text("known.no"): CALCULATED,
        labels.text("claims.known_no"): OWED,
        **{labels.text(f"group.{group}"): group for group in labels.codes("group")},
    }
    assert dict(language.rows) == names
    for word, name in names.items():
        assert language.common(word) == language.common(f" {word.capitalize()} ") == name
    others = {text.casefold() for text in labels.texts.values()} - set(names)
    assert others.isdisjoint({KNOWN, EXPECTED, CALCULATED, OWED})


def test_a_row_has_one_name_in_every_language() -> None:
    dutch, english = LANGUAGES["nl"], LANGUAGES["en"]
    name = "sheltered_living|2025|known"
    assert dutch.common_row("Beschermd wonen|2025|bekend") == name
    assert english.common_row("Sheltered living|2025|known") == name
    assert dutch.common_row("Duinstad|verwacht#2") == "Duinstad|expected#2"
    assert english.common_row("Beschermd wonen|2025|bekend") == "Beschermd wonen|2025|bekend"


def test_a_language_is_known_by_its_code_before_the_hyphen() -> None:
    assert language_named("en-GB", "x") is language_named("EN", "x") is LANGUAGES["en"]
