"""The PDFs: the document's own figures, accessible, the same every time, harmless."""

import io
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pytest

from models.errors import UitstroomError
from reports.document import Document, read_document, write_cell
from reports.export import pdf, pdf_tables
from reports.export.pdf_font import printable_text
from reports.export.pdf_pages import page_view, row
from reports.export.pdf_views import Report, View, state
from reports.export.pictures import Lack, Pictures, size_px
from reports.labels import languages
from reports.municipal import municipal_views
from reports.progress_page import progress_view
from reports.release import FINAL
from tests.reports import invented_release

pytestmark = pytest.mark.unit

MOST_BYTES = 2_000_000
MOST_PAGES = 45
LEAST_PT = 8.5
"""Least size of the text of a table (points)."""

HOSTILE = (
    "#panic()",
    '#read("/etc/passwd")',
    '#image("/etc/passwd")',
    '#link("https://example.org")[klik]',
    "#set page(width: 1pt)",
    "$ 1/0 $",
    "*vet* _schuin_ `code`",
    "= Kop\n== Kop",
    "- punt\n+ punt\n/ term: uitleg",
    "<etiket> @verwijzing",
    "// weg\n/* weg */",
    "]] #} )) {{ [[",
    "\\u{41} \\n \\",
    '"; sys.inputs; "',
    '"}, "theme": {"font": "x"}',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b>vet</b> &amp; &lt;",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "=HYPERLINK('https://example.org')",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*2",
    "'; DROP TABLE mart_run; --",
    "https://example.org/~x?y=1",
    "../../../etc/passwd",
)


def compact(text: str) -> str:
    """Leave out what lines of a page add to a text: spaces, and hyphens after a letter."""
    return re.sub(r"[\s\u00ad]|(?<=[^\W\d])-", "", text)


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


@cache
def pages_of(content: bytes) -> tuple[str, ...]:
    return tuple(page.extract_text() for page in read(content).pages)


@cache
def text_of(content: bytes) -> str:
    return compact("".join(pages_of(content)))


def square(width: int, height: int) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<rect width="{width - 9}" height="{height - 9}" fill="#0A5EA8"/></svg>'
    ).encode()


def stand_ins(document: Document) -> Pictures:
    """Give a coloured rectangle in the size of every picture, so that no browser is needed."""
    return Pictures(
        {
            (chart.chart_id, place): square(*size_px(chart, panel))
            for chart in document.charts
            for place, panel in enumerate(chart.picture.panels)
        }
    )


def make(document: Document, pictures: Pictures, folder: Path) -> bytes:
    return pdf.write_report_pdf(document, pictures, folder)[0].read_bytes()


@pytest.fixture(scope="module")
def drawn(document: Document, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(document, stand_ins(document), tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="module")
def undrawn(document: Document, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    lack = Pictures(lack=Lack.NO_BROWSER)
    return make(document, lack, tmp_path_factory.mktemp("undrawn"))


def expected_rows(document: Document) -> list[str]:
    """Write every row that the report without pictures owes its reader, from the document."""
    folded = {
        titled.table_id
        for section in document.sections
        for titled in section.tables
        if titled.folded and titled.table.frame.height > pdf_tables.MOST_ROWS
    }
    found = []
    for name, table in document.tables:
        if name in folded:
            continue
        rows = table.shown.rows()
        if len(rows) > pdf_tables.MOST_ROWS:
            rows = rows[len(rows) - table.total_rows :]
        for values in rows:
            cells = zip(values, table.columns, strict=True)
            said = (write_cell(value, column, document.words) for value, column in cells)
            found.append(compact(printable_text("".join(said))))
    return found


def missing(rows: list[str], text: str) -> list[str]:
    return [one for one in rows if one not in text]


# --- figures -------------------------------------------------------------------------------------


def test_the_first_page_says_the_headline_and_every_municipality_as_the_document_does(
    document: Document, drawn: bytes
) -> None:
    front = document.front
    page = compact(pages_of(drawn)[1])
    rows = [front.headline + front.headline_label, front.range_sentence, front.definition]
    rows += [f"{row.label}{row.value}{row.span}" for row in front.measures]
    assert front.quotas.total is not None
    quotas = (*front.quotas.rows, front.quotas.total)
    rows += [f"{row.name}{row.at_most}{row.owed}" for row in quotas]
    rows += [answer.lead for answer in front.answers]
    rows += [text for answer in front.answers for text in answer.sentences]
    assert missing([compact(one) for one in rows], page) == []


def test_every_row_and_total_of_every_printed_table_is_the_documents(
    document: Document, undrawn: bytes
) -> None:
    rows = expected_rows(document)
    assert len(rows) > 200
    assert missing(rows, text_of(undrawn)) == []


def test_one_changed_digit_is_found(document: Document, tmp_path: Path) -> None:
    report = Report(document, Pictures())
    view = {**report.view(), "wide": [], "annex": []}
    view["sections"] = [one for one in view["sections"] if one["id"] == "demand"]
    table = view["sections"][0]["parts"][0]["table"]
    honest = [compact("".join(cells)) for cells in table["rows"]]
    changed = honest[3]
    assert honest[3] in expected_rows(document)
    table["rows"][3][1] = "9" + table["rows"][3][1][1:]
    content = pdf.compile_pdf("report", view, report.drawn, month=document.facts.as_of)
    assert missing(honest, text_of(content)) == [changed]


def test_no_table_of_the_report_is_small(document: Document) -> None:
    view = Report(document, Pictures()).view()
    parts = [part for section in view["sections"] for part in section["parts"]]
    tables = [one["table"] for one in (*parts, *view["annex"], *view["wide"]) if "table" in one]
    assert len(tables) > 20
    assert min(one["size"] for one in tables) >= LEAST_PT


def test_every_finding_paragraph_and_source_is_printed(document: Document, drawn: bytes) -> None:
    text = text_of(drawn)
    for section in document.sections:
        if section.is_missing:
            assert compact(section.heading) in text
            continue
        said = [section.heading, section.finding.rstrip("."), *section.paragraphs]
        for chart in section.charts:
            said += [chart.title, chart.subtitle, chart.source, *chart.notes]
        assert missing([compact(one) for one in said], text) == [], section.section_id


def test_every_page_says_its_release_month_state_and_number(
    document: Document, drawn: bytes
) -> None:
    pages = pages_of(drawn)
    release = str(document.release.manifest["release_id"])
    for number, text in enumerate(pages, 1):
        assert f"Uitgave {release}. Stand {document.month}. Concept." in text
        assert f"pagina {number} van {len(pages)}" in text
        assert number == 1 or "Synthetische gegevens" in text


def test_long_tables_are_cut_and_say_where_the_rest_is(document: Document, undrawn: bytes) -> None:
    text = text_of(undrawn)
    long = [table for _, table in document.tables if table.frame.height > pdf_tables.MOST_ROWS]
    assert long
    assert text.count(compact("Alle rijen staan in cijfers.xlsx.")) >= 3
    assert compact("Alleen in cijfers.xlsx") in text


# --- form ----------------------------------------------------------------------------------------


def test_the_report_is_small_short_and_dated_by_its_month(drawn: bytes, undrawn: bytes) -> None:
    for content in (drawn, undrawn):
        made = read(content)
        assert len(content) < MOST_BYTES
        assert 20 < len(made.pages) < MOST_PAGES
        assert made.metadata is not None
        assert str(made.metadata.creation_date)[:10] == "2026-10-31"


def test_the_same_document_gives_the_same_bytes(
    document: Document, drawn: bytes, tmp_path: Path
) -> None:
    assert make(document, stand_ins(document), tmp_path) == drawn


def test_the_pdf_is_tagged_named_dutch_and_says_that_it_is_ua_1(drawn: bytes) -> None:
    made = read(drawn)
    root: Any = made.trailer["/Root"]
    assert root["/Lang"] == "nl"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert made.metadata is not None
    assert made.metadata.title == "Uitstroom naar woningen: Duinstreek, stand oktober 2026"
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data().replace(b" ", b"")


def test_the_bookmarks_are_the_sections_in_order(document: Document, drawn: bytes) -> None:
    outline = [item.title for item in read(drawn).outline if not isinstance(item, list)]
    headings = [section.heading for section in document.sections if not section.is_missing]
    assert [title for title in outline if title in headings] == headings


def test_only_the_reports_own_font_is_embedded(drawn: bytes) -> None:
    names = set(re.findall(r"/BaseFont/[A-Z]{6}\+([A-Za-z]+)", drawn.decode("latin-1")))
    fonts = set()
    for page in read(drawn).pages:
        resources: Any = page["/Resources"]
        for font in resources.get("/Font", {}).values():
            fonts.add(str(font.get_object()["/BaseFont"]))
    assert fonts
    assert all("IBMPlexSans" in font for font in fonts | names)


def test_a_picture_without_an_alternative_text_is_refused(document: Document) -> None:
    report = Report(document, stand_ins(document))
    view = report.view()
    parts = [part for section in view["sections"] for part in section["parts"]]
    chart = next(part for part in parts if part["kind"] == "chart")
    chart["panels"][0]["alternative"] = None
    with pytest.raises(UitstroomError, match=r"PDF/UA-1.*alt"):
        pdf.compile_pdf("report", view, report.drawn, month=document.facts.as_of)


def test_every_picture_carries_its_alternative_text(document: Document, drawn: bytes) -> None:
    made = read(drawn)
    said = []
    for place in made.xref[0]:
        item = made.get_object(place)
        if isinstance(item, pypdf.generic.DictionaryObject) and "/Alt" in item:
            said.append(compact(str(item["/Alt"])))
    for chart in document.charts:
        assert any(compact(chart.alternative) in one for one in said), chart.chart_id


def test_without_pictures_every_chart_says_so_and_shows_its_table(
    document: Document, undrawn: bytes
) -> None:
    note = compact(Pictures(lack=Lack.NO_BROWSER).note(document.words))
    assert note
    assert text_of(undrawn).count(note) >= len(document.charts)


# --- the single pages ----------------------------------------------------------------------------


@pytest.mark.parametrize("has_pictures", [True, False])
def test_the_boards_page_is_one_page_with_the_headline_and_this_years_numbers(
    document: Document, tmp_path: Path, has_pictures: bool
) -> None:
    pictures = stand_ins(document) if has_pictures else Pictures(lack=Lack.NO_BROWSER)
    content = pdf.write_board_pdf(document, pictures, tmp_path)[0].read_bytes()
    assert len(read(content).pages) == 1
    front, text = document.front, text_of(content)
    quotas = [f"{row.name}{row.at_most}{row.owed}" for row in front.quotas.rows]
    asked = [front.headline, front.headline_label, front.range_sentence, *quotas]
    asked += [item.lead for item in front.answers if item.target in {"sensitivity", "decision"}]
    assert missing([compact(one) for one in asked], text) == []


def test_the_months_progress_and_every_municipality_hold_their_figures(
    document: Document, tmp_path: Path
) -> None:
    (progress,) = pdf.write_progress_pdf(document, Pictures(), tmp_path)
    text = text_of(progress.read_bytes())
    assert len(read(progress.read_bytes()).pages) == 1
    figures = progress_view(document).figures
    assert figures
    assert missing([compact(str(figure)) for figure in figures], text) == []
    views = municipal_views(document)
    files = pdf.write_municipal_pdfs(document, Pictures(), tmp_path)
    assert [file.name for file in files] == [f"{view.slug}.pdf" for view in views]
    for view, file in zip(views, files, strict=True):
        content = file.read_bytes()
        assert len(read(content).pages) == 1
        text = text_of(content)
        asked = [view.title, *(str(figure) for figure in view.figures)]
        assert missing([compact(printable_text(one)) for one in asked], text) == []


# --- hostile text --------------------------------------------------------------------------------


def harmless(content: bytes) -> None:
    """Assert that nothing in a PDF runs, opens or leaves it."""
    made = read(content)
    root: Any = made.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert "/EmbeddedFiles" not in root.get("/Names", {})
    for page in made.pages:
        for link in page.get("/Annots", []):
            action = link.get_object().get("/A", {})
            assert action.get("/S", "/GoTo") == "/GoTo"


def hostile_page(document: Document) -> View:
    """Put every payload in a heading, a sentence, a head, a cell and the running head."""
    parts: list[View] = [
        {"part": "text", "heading": text, "strong": text, "texts": [text]} for text in HOSTILE
    ]
    table = pdf_tables.plain_view(
        ("Wat", *HOSTILE[:2]), [[text, text, "1"] for text in HOSTILE], room=470.0, texts=(0, 1)
    )
    parts.append({"part": "table", "title": HOSTILE[0], "table": table, "notes": list(HOSTILE)})
    return page_view(
        document,
        kind=HOSTILE[3],
        heading=HOSTILE[0],
        rows=[row(parts)],
        until=HOSTILE[5],
        lead=HOSTILE[6],
    )


def test_hostile_text_comes_out_letter_by_letter_and_does_nothing(document: Document) -> None:
    content = pdf.compile_pdf("onepage", hostile_page(document), {}, month="2026-10")
    harmless(content)
    text = text_of(content)
    for payload in HOSTILE:
        assert text.count(compact(payload)) >= 4, payload
    assert "root:" not in text


def test_a_region_of_hostile_names_gives_a_report_and_nothing_else(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    names = frames["mart_quota__yearly_municipality"]["municipality_name"].unique().sort().to_list()
    new = dict(zip(names, HOSTILE, strict=False))
    for key, frame in frames.items():
        if "municipality_name" in frame.columns:
            frames[key] = frame.with_columns(pl.col("municipality_name").replace(new))
    frames["mart_run"] = frames["mart_run"].with_columns(
        region_name=pl.lit('#read("/etc/passwd") \u202e\U0001f600')
    )
    folder = invented_release.write_release(tmp_path / "release", frames)
    document = read_document(folder)
    content = make(document, Pictures(), tmp_path)
    harmless(content)
    page = compact(read(content).pages[1].extract_text())
    for name in new.values():
        assert compact(name) in page
    cover = compact(read(content).pages[0].extract_text())
    assert compact('#read("/etc/passwd")') in cover
    assert "U+202E" in cover
    assert "U+1F600" in cover


# --- every region --------------------------------------------------------------------------------


def test_a_region_without_agreements_has_its_pdfs(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    invented_release.without_agreements(frames)
    document = read_document(invented_release.write_release(tmp_path / "free", frames))
    view = {**Report(document, Pictures()).view(), "sections": [], "annex": [], "wide": []}
    text = text_of(pdf.compile_pdf("report", view, {}, month=document.facts.as_of))
    assert compact("Een plafond op het aantal woningen per jaar is niet afgesproken.") in text
    board = text_of(pdf.write_board_pdf(document, Pictures(), tmp_path)[0].read_bytes())
    assert compact("Een verdeling over gemeenten is niet afgesproken") in board


def test_a_release_with_only_its_run_still_has_its_pdfs(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    folder = invented_release.write_release(tmp_path / "least", {"mart_run": frames["mart_run"]})
    document = read_document(folder)
    for write in (pdf.write_report_pdf, pdf.write_board_pdf, pdf.write_progress_pdf):
        text = text_of(write(document, Pictures(), tmp_path)[0].read_bytes())
        assert not re.findall(r"\bnan\b|\bNone\b", text)


@pytest.mark.parametrize("count", [14, 20, 30])
def test_however_many_municipalities_page_one_and_the_boards_page_are_one_page(
    document: Document, tmp_path: Path, count: int
) -> None:
    front, quotas = document.front, document.front.quotas
    rows = tuple(replace(quotas.rows[0], name=f"Gemeente {at} aan Zee") for at in range(count))
    many = Document(document.release, document.facts, document.words)
    many.__dict__["front"] = replace(front, quotas=replace(quotas, rows=rows))
    many.__dict__["sections"] = document.sections  # they say nothing of the first page's rows
    content = pdf.write_board_pdf(many, Pictures(), tmp_path)[0].read_bytes()
    text = text_of(content)
    assert quotas.total is not None
    asked = [f"{one.name}{one.at_most}{one.owed}" for one in (*rows, quotas.total)]
    assert len(pages_of(content)) == 1
    assert missing([compact(one) for one in asked], text) == []
    assert text.count(compact(f"{quotas.total.name}{quotas.total.at_most}")) == 1

    made = read(pdf.write_report_pdf(many, Pictures(), tmp_path)[0].read_bytes())
    first, second = (compact(made.pages[at].extract_text()) for at in (1, 2))
    assert missing([compact(answer.lead) for answer in front.answers], first) == []
    assert missing([compact(one) for one in asked], first + second) == []


def test_every_language_has_its_pdfs(release_folder: Path, tmp_path: Path) -> None:
    for language in languages():
        document = read_document(release_folder, language=language)
        content = pdf.write_board_pdf(document, Pictures(), tmp_path)[0].read_bytes()
        assert compact(document.front.headline) in text_of(content)
        root: Any = read(content).trailer["/Root"]
        assert root["/Lang"] == document.words.text("html_lang")


def test_a_final_edition_says_that_it_is(tmp_path: Path, frames: invented_release.Frames) -> None:
    folder = invented_release.write_release(tmp_path / "final", frames)
    assert state(read_document(folder)) == "Concept"
    (folder / FINAL).write_text("{}", encoding="utf-8")
    assert state(read_document(folder)) == "Definitief"
