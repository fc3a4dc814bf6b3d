"""The page and its files: offline, the same every time, honest about what it is made of."""

import csv
import io
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError, UsageError
from models.tables import MARTS
from reports import municipal, progress_page, theme
from reports.blocks import Column, Form, Table
from reports.build import (
    ReportFiles,
    build_report,
    write_csv,
)
from reports.document import read_document, write_cell
from reports.labels import Labels
from reports.release import Release
from reports.sections import SECTIONS, base, summary
from tests.reports import invented_release

pytestmark = pytest.mark.unit

MOST_BYTES = 1_500_000


class Parts(HTMLParser):
    """Collects what a test asks of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.said: list[str] = []
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in {"meta", "link", "br", "rect", "circle", "line"}:
            self._inside.append(tag)
        self.addresses += [str(given[key]) for key in ("src", "href", "srcset") if key in given]
        self.said += [str(given[key]) for key in ("aria-label", "title") if key in given]
        if "id" in given:
            self.ids.append(str(given["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self._inside):
            self.said.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.said))


@pytest.fixture(scope="module")
def parts(page: str) -> Parts:
    return Parts(page)


def test_the_same_release_gives_the_same_bytes(
    release_folder: Path, report: ReportFiles, tmp_path: Path
) -> None:
    again = build_report(release_folder, tmp_path / "again")
    assert [file.name for file in again.files] == [file.name for file in report.files]
    for first, second in zip(report.files, again.files, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_page_library_font_and_data_lie_together(report: ReportFiles) -> None:
    folder = report.page.parent
    assert report.page.name == "index.html"
    assert report.page.stat().st_size < MOST_BYTES
    assert {file.name for file in folder.iterdir()} == {
        "index.html",
        "plotly.min.js",
        theme.FONT_FILE,
        theme.FONT_LICENCE_FILE,
        "charts",
        "uitleg",
    }
    assert sorted(report.charts.glob("*.csv")) + sorted(folder.glob("uitleg/*.html")) == sorted(
        report.files[4:]
    )
    assert all(file.is_file() for file in report.files)


def test_the_page_asks_for_nothing_outside_its_folder(report: ReportFiles, parts: Parts) -> None:
    folder = report.page.parent
    local = [address for address in parts.addresses if not address.startswith("#")]
    assert local
    for address in local:
        assert not re.match(r"[a-z]+:|//", address), address
        assert (folder / address).is_file(), address
    text = report.page.read_text(encoding="utf-8")
    for found in re.findall(r"url\((.*?)\)", text):
        assert (folder / found.strip("\"'")).is_file(), found
    assert not re.findall(r"https?://", text)


def test_nothing_on_the_page_speaks_in_codes_or_holes(parts: Parts) -> None:
    found = re.findall(r"\bP10\b|\bP90\b|\bP50\b|\bnan\b|\bNone\b|\bnull\b|\binf\b", parts.text)
    assert found == []
    assert not re.findall(r"\{[a-z_]+\}", parts.text)
    assert "belofte" not in parts.text.lower()


def test_what_is_synthetic_unprotected_or_unconfirmed_is_said(page: str, parts: Parts) -> None:
    charts = page.count('<figure class="chart"')
    assert charts > 12
    assert page.count('<p class="synthetic">Synthetische gegevens</p>') == charts
    assert "Synthetische gegevens. De leveringen achter dit rapport zijn verzonnen" in parts.text
    assert "Kleine aantallen zijn niet beveiligd" in parts.text
    assert "31 aannames in dit rapport zijn nog niet bevestigd" in parts.text
    assert "De gewichten van de verdeelsleutel zijn nog niet bevestigd." in parts.text
    assert "Welke telwijze dat is, is niet bevestigd" in parts.text


def test_real_and_protected_figures_carry_no_such_marks(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    for name in ("mart_run", "mart_delivery"):
        frames[name] = frames[name].with_columns(synthetic=pl.lit(False))
    folder = invented_release.write_release(
        tmp_path / "real", frames, synthetic=False, protected=True, base=5, **{"class": "openbaar"}
    )
    text = build_report(folder, tmp_path / "page").page.read_text(encoding="utf-8")
    assert "ynthetische" not in text
    assert "niet beveiligd" not in text
    assert "afgerond op vijftallen" in text


def test_one_synthetic_file_is_enough_for_the_mark(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    frames["mart_run"] = frames["mart_run"].with_columns(synthetic=pl.lit(False))
    folder = invented_release.write_release(tmp_path / "mixed", frames, synthetic=False)
    assert base.read_facts(Release(folder)).synthetic


def test_every_chart_has_a_table_an_alternative_a_source_and_a_file(
    page: str, report: ReportFiles
) -> None:
    figures = re.findall(r'<figure class="chart" id="chart-(.*?)">(.*?)</figure>', page, re.S)
    assert figures
    for name, inside in figures:
        assert re.search(r"<table[ >]", inside), name
        assert re.search(r'role="img" aria-label="[^"]{60,}"', inside), name
        assert re.search(r'class="source">Bron: .* Stand oktober 2026\.', inside), name
        assert (report.charts / f"{name}.csv").is_file()


def test_headings_descend_one_step_at_a_time_and_ids_are_unique(parts: Parts) -> None:
    assert parts.headings[0] == 1
    assert parts.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(parts.headings))
    assert len(parts.ids) == len(set(parts.ids))


def test_every_link_inside_the_page_has_a_place(parts: Parts) -> None:
    inside = {address[1:] for address in parts.addresses if address.startswith("#")}
    assert inside <= set(parts.ids)
    assert {"content", "demand", "quota"} <= inside


def test_data_never_becomes_markup_or_a_formula(page: str, report: ReportFiles) -> None:
    assert "<i>aan Zee" not in page
    assert "&lt;i&gt;aan Zee" in page
    files = (report.charts / "deliveries.csv").read_text(encoding="utf-8-sig")
    assert ";'=aanmeldingen.csv;" in files


def test_the_content_policy_allows_no_script_but_ours(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe-inline" not in policy[1].split("style-src")[0]
    assert "unsafe-eval" not in policy[1]


def test_csv_files_equal_the_tables_behind_the_charts(
    release_folder: Path, report: ReportFiles, words: Labels
) -> None:
    tables = read_document(release_folder).tables
    assert {f"{name}.csv" for name, _ in tables} == {file.name for file in report.charts.iterdir()}
    for name, table in tables:
        text = (report.charts / f"{name}.csv").read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert rows[0] == [column.head for column in table.columns]
        assert len(rows) == table.frame.height + 1
        for read, row in zip(rows[1:], table.shown.iter_rows(), strict=True):
            for cell, value in zip(read, row, strict=True):
                _assert_same(cell, value)


def _assert_same(cell: str, value: object) -> None:
    if value is None:
        assert cell == ""
    elif isinstance(value, int | float):
        assert float(cell.replace(",", ".")) == pytest.approx(value, abs=1e-6)
    else:
        assert cell.removeprefix("'") == value


def test_a_csv_file_has_semicolons_decimal_commas_and_no_thousands_mark() -> None:
    frame = pl.DataFrame(
        {"a": [1450.25, 0.1 + 0.2, -0.0000001, None], "b": ["=1+1", "x;y", "", None]}
    )
    table = Table(frame, (Column("a", "Kop; één", Form.WHOLE), Column("b", "B")))
    assert write_csv(table).decode("utf-8-sig") == (
        '"Kop; één";B\r\n1450,25;\'=1+1\r\n0,3;"x;y"\r\n0;\r\n;\r\n'
    )
    assert write_csv(table).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        (Form.WHOLE, 1449.6, "1.450"),
        (Form.TENTH, 6.54, "6,5"),
        (Form.HUNDREDTH, 1450.256, "1.450,26"),
        (Form.TENTH, 14.0, "14,0"),
        (Form.SHARE, 0.85, "85%"),
        (Form.PERCENT_TENTH, 0.49, "49,0%"),
        (Form.PERCENT_TENTH, 0.465, "46,5%"),
        (Form.SIGNED, 12.0, "+12"),
        (Form.YEAR, 2027, "2027"),
        (Form.MONTH, "2026-10", "oktober 2026"),
        (Form.DAY, "2026-11-05", "5 november 2026"),
        (Form.TEXT, "a", "a"),
        (Form.WHOLE, None, "onbekend"),
    ],
)
def test_cells_are_written_for_readers(
    words: Labels, form: Form, value: object, written: str
) -> None:
    assert write_cell(value, Column("x", "X", form, "onbekend"), words) == written


def test_every_table_that_is_read_is_declared_by_the_section_and_by_the_models() -> None:
    for spec in SECTIONS:
        assert set(spec.tables) <= set(MARTS), spec.section_id
    assert set(summary.TABLES) | set(base.FACT_TABLES) <= set(MARTS)
    read = {name for spec in SECTIONS for name in spec.tables} | set(summary.TABLES)
    read |= {*progress_page.TABLES, *municipal.TABLES}
    assert read == set(MARTS) - {"mart_run"} | {"mart_run"}


def test_a_section_cannot_read_what_it_did_not_declare(release_folder: Path) -> None:
    tables = base.Tables(Release(release_folder), ("mart_run",), "baseline")
    assert tables.frame("mart_run").height == 1
    with pytest.raises(UitstroomError, match="did not declare"):
        tables.frame("mart_quota__key")


@pytest.mark.parametrize("name", sorted(set(MARTS) - {"mart_run"}))
def test_every_part_of_the_report_can_do_without_a_table(
    release_folder: Path, words: Labels, name: str
) -> None:
    release = Release(release_folder)
    del release.manifest["tables"][name]
    facts = base.read_facts(release)
    front = summary.build_summary(
        base.Tables(release, summary.TABLES, facts.scenario_id), facts, words
    )
    assert front.headline == ("Onbekend" if name == "mart_demand__ten_year" else "Ongeveer 1.450")
    readers = [spec for spec in SECTIONS if name in spec.tables]
    for spec in readers:
        section = spec.build(base.Tables(release, spec.tables, facts.scenario_id), facts, words)
        assert section is None or section.finding
    assert readers or name in {*base.FACT_TABLES, *progress_page.TABLES, *municipal.TABLES}


def test_a_release_with_only_its_run_still_gives_a_page(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    folder = invented_release.write_release(tmp_path / "least", {"mart_run": frames["mart_run"]})
    parts = Parts(build_report(folder, tmp_path / "page").page.read_text(encoding="utf-8"))
    assert "Deze uitgave bevat geen uitkomst over tien jaar." in parts.text
    assert "Hoe lang de wachtlijst nu is, is niet geleverd." in parts.text
    assert not re.findall(r"\bnan\b|\bNone\b", parts.text)


def test_sections_without_data_are_named_as_missing(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    del frames["mart_forecast__inflow"], frames["mart_source"]
    folder = invented_release.write_release(tmp_path / "less", frames)
    text = build_report(folder, tmp_path / "page").page.read_text(encoding="utf-8")
    assert "Niet in dit rapport, omdat er geen gegevens voor zijn: " in text
    assert "De verwachte instroom en Bronnen<" in text
    assert 'id="inflow"' not in text


def test_a_region_without_ceiling_promise_or_key_is_lawful(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    invented_release.without_agreements(frames)
    folder = invented_release.write_release(tmp_path / "free", frames)
    parts = Parts(build_report(folder, tmp_path / "page").page.read_text(encoding="utf-8"))
    for sentence in (
        "Een plafond op het aantal woningen per jaar is niet afgesproken.",
        "Een termijn voor het aanbod is niet afgesproken",
        "Een verdeling over gemeenten is niet afgesproken",
    ):
        assert sentence in parts.text
    assert "ten hoogste 178" not in parts.text.lower()
    assert "streven" not in parts.text


def test_a_folder_that_is_not_empty_is_refused(release_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("old", encoding="utf-8")
    with pytest.raises(UitstroomError, match="not empty"):
        build_report(release_folder, tmp_path)


def test_an_unknown_language_is_refused_before_anything_is_written(
    release_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="labels"):
        build_report(release_folder, tmp_path / "page", language="fy")
    assert not (tmp_path / "page").exists()


def test_a_release_without_a_run_of_its_default_scenario_is_refused(
    tmp_path: Path, frames: invented_release.Frames
) -> None:
    folder = invented_release.write_release(
        tmp_path / "release", frames, default_scenario="another"
    )
    with pytest.raises(UitstroomError, match="no run of its default scenario"):
        build_report(folder, tmp_path / "page")
