"""Numbers as people and files write them, pages, and words around a number."""

import pytest

from pipelines.attack.matching import Contexts
from pipelines.attack.pages import read_page
from pipelines.attack.readings import Cell, Token, Value, cut, read_raw, read_value

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.450", Value(1450)),
        ("17,5", Value(17.5)),
        ("\u22122", Value(-2)),
        ("+23", Value(23)),
        ("<10", Value(10, is_below=True)),
        ("minder dan 10", Value(10, is_below=True)),
        ("ongeveer 70 personen", Value(70)),
        ("10,9%", Value(10.9)),
        ("1,74 (1,67 tot 1,82)", None),
        ("geen", None),
        ("", None),
    ],
)
def test_a_text_that_is_one_number_is_read(text: str, expected: Value | None) -> None:
    assert read_value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1450", 1450), ("6,666667", 6.666667), ("-5,5", -5.5), ("2026-10", None), ("1.450", 1.45)],
)
def test_a_number_of_a_data_file_is_read(text: str, expected: float | None) -> None:
    value = read_raw(text)
    assert (value and value.number) == expected


def test_a_text_is_cut_into_words_and_numbers() -> None:
    said = "Tot nu zijn er 1.450 woningen, minder dan 10 per ge\u00admeente; wacht-\nlijst: 17,5."
    assert [token.text for token in cut(said)] == [
        "Tot", "nu", "zijn", "er", "1.450", "woningen", "<10", "per", "gemeente", "wachtlijst",
        "17,5",
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
    )
    assert [(one.cell.name, one.value.number) for one in page.readings] == [
        ("claims/urgentie|2025/3", 5.8),
        ("mart_x/2025/n", 370),
    ]


def _tokens(text: str, cells: dict[str, Cell]) -> list[Token]:
    return [Token(one.text, cells.get(one.text)) for one in cut(text)]


def test_a_number_is_matched_by_the_words_around_it_and_only_where_they_are_clear() -> None:
    let, asked = Cell("mart_x", "2026", "let"), Cell("mart_x", "2026", "asked")
    contexts = Contexts()
    contexts.learn(
        _tokens(
            "In Duinstad zijn 25 woningen verhuurd van de 28 die gevraagd zijn. Bladzijde 1 van 2.",
            {"25": let, "28": asked},
        )
    )
    text = tuple(cut("In Duinstad zijn 24 woningen verhuurd van de 28 die gevraagd zijn."))
    assert contexts.find(text) == {3: let, 8: asked}
    assert contexts.find(text, only_sure=True) == {3: let, 8: asked}
    assert contexts.find(tuple(cut("Elders zijn 3 woningen gebouwd."))) == {}
    short = tuple(cut("Ook elders, want in Duinstad zijn 24 woningen."))
    assert list(contexts.find(short).values()) == [let]
    assert contexts.find(short, only_sure=True) == {}
    twice = tuple(cut((2 * "Want in Duinstad zijn {} woningen verhuurd. ").format(24, 25)))
    assert contexts.find(twice) == {}


def test_numbers_that_name_no_cell_make_their_words_unclear_unless_left_out() -> None:
    let = Cell("mart_x", "2026", "let")
    said = "In Duinstad zijn 25 woningen verhuurd. Want in Duinstad zijn 26 woningen verhuurd."
    text = tuple(cut("Dus in Duinstad zijn 24 woningen verhuurd."))
    for only_named, expected in ((False, []), (True, [let])):
        contexts = Contexts()
        contexts.learn(_tokens(said, {"25": let}), only_named=only_named)
        assert list(contexts.find(text).values()) == expected


def test_a_number_with_decimals_is_not_taken_for_a_count() -> None:
    """A table says "urgentie 370 11.544", and a chart "urgentie 5,8 370": the rate is no count."""
    count = Cell("mart_x", "2025/urgentie", "dwellings")
    contexts = Contexts()
    contexts.learn(_tokens("Mensen met urgentie 370 11.544", {"370": count}))
    assert contexts.find(list(cut("Mensen met urgentie 5,8 370 woningen"))) == {}
    assert contexts.find(list(cut("Mensen met urgentie 375 11.544"))) == {3: count}
