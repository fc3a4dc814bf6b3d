"""Tables on paper: what is printed, how wide, how small; and what the font can write."""

import math

import polars as pl
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import theme
from reports.blocks import Column, Form, Table
from reports.export import pdf_font, pdf_tables
from reports.labels import Labels


def table(rows: int, totals: int = 0, months: bool = False) -> Table:
    first = [f"{2020 + at // 12}-{at % 12 + 1:02d}" for at in range(rows)]
    frame = pl.DataFrame({"a": first, "b": [float(at) for at in range(rows)]})
    columns = (
        Column("a", "Maand", Form.MONTH if months else Form.TEXT),
        Column("b", "Woningen", Form.WHOLE),
    )
    return Table(frame, columns, totals)


@pytest.mark.unit
def test_a_short_table_is_printed_whole() -> None:
    assert pdf_tables.printed_rows(table(25, 1)) == list(range(25))
    assert pdf_tables.printed_rows(table(0)) == []


@pytest.mark.unit
def test_a_long_table_keeps_its_first_rows_and_all_its_totals() -> None:
    kept = pdf_tables.printed_rows(table(100, 2))
    assert kept == [*range(23), 98, 99]


@pytest.mark.unit
def test_of_a_long_row_of_months_one_a_year_is_printed_up_to_the_last() -> None:
    assert pdf_tables.printed_rows(table(40, months=True)) == [3, 15, 27, 39]


@pytest.mark.unit
def test_the_note_says_how_many_of_how_many_rows_are_printed(words: Labels) -> None:
    view = pdf_tables.table_view(table(100), words, workbook="cijfers.xlsx")
    assert view["notes"] == ["Hier staan 25 van de 100 rijen. Alle rijen staan in cijfers.xlsx."]
    assert pdf_tables.table_view(table(9), words, workbook="cijfers.xlsx")["notes"] == []


TEXTS = st.text("abcdeW 0123456789-", max_size=60)


@pytest.mark.properties
@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 12).flatmap(
        lambda count: st.tuples(
            st.lists(TEXTS, min_size=count, max_size=count),
            st.lists(st.lists(TEXTS, min_size=count, max_size=count), max_size=6),
            st.lists(st.sampled_from([Form.TEXT, Form.WHOLE]), min_size=count, max_size=count),
        )
    )
)
def test_every_table_fills_its_room_and_no_column_is_lost(
    made: tuple[list[str], list[list[str]], list[Form]],
) -> None:
    heads, texts, forms = made
    columns = [
        Column(str(at), head, form)
        for at, (head, form) in enumerate(zip(heads, forms, strict=True))
    ]
    fit = pdf_tables.fit(heads, texts, columns, pdf_tables.PAGE_PT, may_turn=True)
    room = pdf_tables.LANDSCAPE_PT if fit.is_wide else pdf_tables.PAGE_PT
    assert math.isclose(sum(fit.widths), room, abs_tol=0.1)
    assert min(fit.widths) > 0
    assert fit.size in pdf_tables.SIZES_PT


@pytest.mark.unit
def test_a_figure_fits_its_column_and_a_wide_table_turns_its_page() -> None:
    figures = ["1.450 (1.000 tot 1.820)"] * 9
    columns = [Column(str(at), f"Kop {at}", Form.WHOLE) for at in range(9)]
    heads = [column.head for column in columns]
    fit = pdf_tables.fit(heads, [figures], columns, pdf_tables.PAGE_PT, may_turn=True)
    assert fit.is_wide
    for width in fit.widths:
        assert pdf_font.width(figures[0]) * fit.size < width
    few = pdf_tables.fit(heads[:3], [figures[:3]], columns[:3], pdf_tables.PAGE_PT, may_turn=True)
    assert not few.is_wide
    assert few.size == max(pdf_tables.SIZES_PT)


@pytest.mark.unit
def test_a_table_turns_its_page_by_the_lines_that_its_words_really_take() -> None:
    """Words that leave half a line empty each take twice the lines that their width says."""
    words = " ".join(["samenwerkingsverband"] * 9)
    row = ["Titel van een bron", "21 november 2026", "3 december 2026", words, "Nog een titel"]
    columns = [Column(str(at), f"Kop {at}", Form.TEXT) for at in range(5)]
    heads = [column.head for column in columns]
    fit = pdf_tables.fit(heads, [row] * 3, columns, pdf_tables.PAGE_PT, may_turn=True)
    assert fit.is_wide
    upright = pdf_tables.fit(heads, [row] * 3, columns, pdf_tables.PAGE_PT)
    assert pdf_font.width(words) * upright.size < 7 * upright.widths[3]


@pytest.mark.unit
def test_a_character_without_a_glyph_is_written_as_its_code_point() -> None:
    assert pdf_font.printable_text("a\U0001f600b") == "a\u2039U+1F600\u203ab"
    assert pdf_font.printable_text("\u202etxt") == "\u2039U+202E\u203atxt"
    assert pdf_font.printable_text("a\x00\u200b") == "a\u2039U+0000\u203a\u2039U+200B\u203a"
    plain = "Zuid-Súdwest-Fryslân € ≥ \N{MINUS SIGN}"
    assert pdf_font.printable_text(plain) == plain
    assert pdf_font.printable({"a": ["e\u0301", 1, None]}) == {"a": ["é", 1, None]}


OWN = typst.Fonts(
    include_system_fonts=False,
    include_embedded_fonts=False,
    font_paths=[theme.font_file().parent],
)


def _compile(text: str) -> None:
    typst.compile(
        b"#set document(title: [T])\n#set text(font: sys.inputs.font)\n= Kop\n#sys.inputs.text",
        font_paths=OWN,
        ignore_system_fonts=True,
        sys_inputs={"text": text, "font": theme.FONT_NAME},
        pdf_standards="ua-1",
    )


@pytest.mark.reference
def test_the_glyphs_that_are_read_from_the_font_are_those_that_typst_sets() -> None:
    codes = [code for code in sorted(pdf_font.glyphs()) if code > 0x20]
    assert len(codes) > 500
    _compile(" ".join(pdf_font.printable_text(chr(code)) for code in codes))
    absent = [code for code in (0x4E2D, 0x1F600, 0x627, 0xE000) if code not in pdf_font.glyphs()]
    assert len(absent) == 4
    for code in absent:
        with pytest.raises(typst.TypstError, match="could not be displayed"):
            _compile(chr(code))


@pytest.mark.reference
def test_widths_are_the_ones_that_typst_measures() -> None:
    for text in ("1.450", "Maatschappelijke opvang", "WWWiii", "€ 1.250"):
        found = typst.query(
            b"#set text(font: sys.inputs.font, size: 100pt, kerning: false, ligatures: false)\n"
            b"#context [#metadata(measure(sys.inputs.text).width.pt()) <w>]",
            "<w>",
            field="value",
            one=True,
            font_paths=OWN,
            ignore_system_fonts=True,
            sys_inputs={"text": text, "font": theme.FONT_NAME},
        )
        assert math.isclose(100 * pdf_font.width(text), float(found), rel_tol=0.02), text
