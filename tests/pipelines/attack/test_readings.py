"""Numbers as people and files write them, pages, and words around a number."""

import pytest

from models.errors import RefusedError
from pipelines.attack.books import read_csv
from pipelines.attack.language import DUTCH, ENGLISH, LANGUAGES, Language
from pipelines.attack.matching import Contexts, know_tables, match_data
from pipelines.attack.pages import read_page
from pipelines.attack.readings import Cell, Token, Value, cut, read_raw, read_value

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("dutch", "english", "expected"),
    [
        ("1.450", "1,450", Value(1450)),
        ("1.234.567", "1,234,567", Value(1234567)),
        ("1.450,5", "1,450.5", Value(1450.5)),
        ("17,5", "17.5", Value(17.5)),
        ("\u22122", "\u22122", Value(-2)),
        ("\u22121.450", "\u22121,450", Value(-1450)),
        ("+23", "+23", Value(23)),
        ("<10", "<10", Value(10, is_below=True)),
        ("< 10", "< 10", Value(10, is_below=True)),
        ("minder dan 10", "less than 10", Value(10, is_below=True)),
        ("Minder dan 10", "Fewer than 10", Value(10, is_below=True)),
        ("ongeveer 70 personen", "about 70 persons", Value(70)),
        ("10,9%", "10.9%", Value(10.9)),
        ("1,74 (1,67 tot 1,82)", "1.74 (1.67 to 1.82)", None),
        ("1.000 tot 1.450", "1,000 to 1,450", None),
        ("geen", "none", None),
        ("", "", None),
    ],
)
def test_a_text_that_is_one_number_is_read(
    dutch: str, english: str, expected: Value | None
) -> None:
    assert read_value(dutch, DUTCH) == expected
    assert read_value(english, ENGLISH) == expected


@pytest.mark.parametrize("language", LANGUAGES.values())
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1450", 1450),
        ("6,666667", 6.666667),
        ("-5,5", -5.5),
        ("2026-10", None),
        ("1.450", 1.45),
        ("1,450", 1.45),
        ("<10", 10),
    ],
)
def test_a_number_of_a_data_file_is_read_alike_in_every_language(
    text: str, expected: float | None, language: Language
) -> None:
    value = read_raw(text, language)
    assert (value and value.number) == expected


def test_words_in_a_data_file_are_those_of_its_language() -> None:
    below = Value(10, is_below=True)
    assert read_raw("minder dan 10", DUTCH) == read_raw("fewer than 10", ENGLISH) == below
    assert read_raw("fewer than 10", DUTCH) is None


def test_a_text_is_cut_into_words_and_numbers() -> None:
    """Numbers are alike in every language."""
    said = "Tot nu zijn er 1.450 woningen, minder dan 10 per ge\u00admeente; wacht-\nlijst: 17,5."
    assert [token.text for token in cut(said, DUTCH)] == [
        "Tot", "nu", "zijn", "er", "1450", "woningen", "<10", "per", "gemeente", "wachtlijst",
        "17.5",
    ]  # fmt: skip
    said = "So far 1,450 homes were let, fewer than 10 in a pl\u00adace; waiting-\nlist: 17.5."
    assert [token.text for token in cut(said, ENGLISH)] == [
        "So", "far", "1450", "homes", "were", "let", "<10", "in", "a", "place", "waitinglist",
        "17.5",
    ]  # fmt: skip


def test_a_page_names_its_figures_and_the_rows_of_its_own_tables() -> None:
    page = read_page(
        "index.html",
        '<p>Nu <data value="7" data-table="mart_x" data-row="2026" data-column="n">5</data>.</p>'
        "<table><tr><th>Groep</th><th>Jaar</th><th>Aantal</th></tr>"
        '<tr><th>a</th><td>2026</td><td data-table="own" data-row="1" data-column="n">&lt;10</td>'
        '</tr><tr><th>a</th><td>2026</td><td data-table="own" data-row="2" data-column="n">3</td>'
        '</tr></table><svg aria-label="van 12"><tspan data-table="mart_x" data-row="2025"'
        ' data-column="n">8</tspan></svg>'
        '<script type="application/json">{"data": [{"x": [4, 5.5], "line": {"width": 9}}]}</script>'
        "<script>var a = 99;</script>",
        DUTCH,
    )
    assert [(one.cell.name, one.value.number) for one in page.readings] == [
        ("mart_x/2026/n", 5),
        ("mart_x/2026/n", 7),
        ("mart_x/2025/n", 8),
        ("own/a|2026/n", 10),
        ("own/a|2026#2/n", 3),
    ]
    assert page.loose == [4.0, 5.5]
    said = {token.text for text in page.texts for token in text}
    assert "12" in said
    assert "99" not in said


def test_a_number_of_a_table_with_a_file_is_its_cell_of_that_file() -> None:
    """Years and words of a row are none, and a number that names its own cell keeps it."""
    page = read_page(
        "index.html",
        '<table data-file="claims"><tr><th>Wie</th><th>Jaar</th><th>Per 100</th><th>N</th></tr>'
        '<tr><th>urgentie</th><td>2025</td><td class="number">5,8</td><td class="number" '
        'data-table="mart_x" data-row="2025" data-column="n">370</td></tr></table>',
        DUTCH,
    )
    assert [(one.cell.name, one.value.number) for one in page.readings] == [
        ("claims/urgentie|2025/3", 5.8),
        ("mart_x/2025/n", 370),
    ]


def test_a_part_in_another_language_is_read_in_that_language_and_no_more_than_it() -> None:
    """A region writes its own remarks in Dutch, in an English report too."""
    figure = '<span data-table="mart_x" data-row="{}" data-column="n">{}</span>'
    page = read_page(
        "index.html",
        f'<html lang="en-GB"><table><tr><td>{figure.format(1, "1,450")}</td>'
        f'<td lang="nl"><em>{figure.format(2, "1.450")}</em> van minder dan 10<br>1.700</td>'
        f"<td>{figure.format(3, '1,450')}, 2.5</td></tr></table>"
        '<p lang="nl" title="1.900">x</p><p title="1,900">y</p></html>',
        ENGLISH,
    )
    assert {one.value.number for one in page.readings} == {1450}
    said = [token.text for text in page.texts for token in text if token.is_number]
    assert said == ["1450", "1450", "<10", "1700", "1450", "2.5", "1900", "1900"]


def test_a_part_in_another_language_that_does_not_end_is_refused() -> None:
    """All that follows it would be read in the wrong language."""
    with pytest.raises(RefusedError, match="not closed"):
        read_page(
            "index.html",
            '<html lang="en"><td lang="nl"><b>1.450</td><p>1,450</p></html>',
            ENGLISH,
        )


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_a_data_file_is_the_table_whose_numbers_it_has_in_any_language(language: Language) -> None:
    """Pages write decimals as people do, files with a comma."""
    table = (
        "<table><tr><th>Wie</th><th>Duur</th></tr><tr><th>Duinstad</th>"
        '<td data-table="mart_x" data-row="{}" data-column="n">{}</td></tr></table>'
    )
    tables = "".join(
        table.format(row, length.replace(",", language.decimal))
        for row, length in (("first", "7,5"), ("second", "6,5"))
    )
    shown = know_tables([read_page("index.html", tables, language)])
    file = read_csv("charts/x.csv", b"Wie;Duur\r\nDuinstad;6,5\r\n")
    ((found,), alone) = match_data([file], shown, language)
    assert alone == []
    assert [cell.row for row in found.table.cells for cell in row if cell] == ["second"]


def _tokens(text: str, cells: dict[str, Cell]) -> list[Token]:
    return [Token(one.text, cells.get(one.text)) for one in cut(text, DUTCH)]


def test_a_number_is_matched_by_the_words_around_it_and_only_where_they_are_clear() -> None:
    let, asked = Cell("mart_x", "2026", "let"), Cell("mart_x", "2026", "asked")
    contexts = Contexts()
    contexts.learn(
        _tokens(
            "In Duinstad zijn 25 woningen verhuurd van de 28 die gevraagd zijn. Bladzijde 1 van 2.",
            {"25": let, "28": asked},
        )
    )
    text = tuple(cut("In Duinstad zijn 24 woningen verhuurd van de 28 die gevraagd zijn.", DUTCH))
    assert contexts.find(text) == {3: let, 8: asked}
    assert contexts.find(text, only_sure=True) == {3: let, 8: asked}
    assert contexts.find(tuple(cut("Elders zijn 3 woningen gebouwd.", DUTCH))) == {}
    short = tuple(cut("Ook elders, want in Duinstad zijn 24 woningen.", DUTCH))
    assert list(contexts.find(short).values()) == [let]
    assert contexts.find(short, only_sure=True) == {}
    twice = tuple(cut((2 * "Want in Duinstad zijn {} woningen verhuurd. ").format(24, 25), DUTCH))
    assert contexts.find(twice) == {}


def test_numbers_that_name_no_cell_make_their_words_unclear_unless_left_out() -> None:
    let = Cell("mart_x", "2026", "let")
    said = "In Duinstad zijn 25 woningen verhuurd. Want in Duinstad zijn 26 woningen verhuurd."
    text = tuple(cut("Dus in Duinstad zijn 24 woningen verhuurd.", DUTCH))
    for only_named, expected in ((False, []), (True, [let])):
        contexts = Contexts()
        contexts.learn(_tokens(said, {"25": let}), only_named=only_named)
        assert list(contexts.find(text).values()) == expected


def test_the_same_number_again_that_names_no_cell_leaves_its_words_clear() -> None:
    """A heading stands in the list of contents too, where its number names no cell."""
    let = Cell("mart_x", "2026", "let")
    named = Token("25", let)
    said = list(cut("In Duinstad zijn 25 woningen verhuurd. Want in Duinstad zijn", DUTCH))
    again = [*said, named, *cut("woningen verhuurd.", DUTCH)]
    contexts = Contexts()
    contexts.learn(again)
    text = tuple(cut("Dus in Duinstad zijn 24 woningen verhuurd.", DUTCH))
    assert list(contexts.find(text).values()) == [let]


def test_a_number_with_decimals_is_not_taken_for_a_count() -> None:
    """A table says "urgentie 370 11.544", and a chart "urgentie 5,8 370": the rate is no count."""
    count = Cell("mart_x", "2025/urgentie", "dwellings")
    contexts = Contexts()
    contexts.learn(_tokens("Mensen met urgentie 370 11.544", {"370": count}))
    assert contexts.find(list(cut("Mensen met urgentie 5,8 370 woningen", DUTCH))) == {}
    assert contexts.find(list(cut("Mensen met urgentie 375 11.544", DUTCH))) == {3: count}
