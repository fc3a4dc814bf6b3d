"""The slides: the document's numbers and no others, nothing cut, native charts, the same bytes."""

import csv
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from reports.build import write_csv
from reports.document import Document, read_document
from reports.export import deck_template as template
from reports.export.deck import FILE, write_deck
from reports.export.pictures import Pictures
from reports.sections.summary import QuotaRow
from tests.reports import invented_release
from tests.reports.export import slides_read as read
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit

AGAIN = """
import sys
from dataclasses import replace
from pathlib import Path
from reports.document import read_document
from reports.export.deck import write_deck
from reports.export.pictures import Pictures
from reports.export.workbook import write_workbook
document = read_document(Path(sys.argv[1]))
write_deck(document, Pictures(), Path(sys.argv[2]))
write_workbook(document, Pictures(), Path(sys.argv[2]))
"""

SECTIONS = (
    "demand",
    "drivers",
    "sensitivity",
    "waiting",
    "promise",
    "places",
    "unmet",
    "quota",
    "progress",
    "agreements",
    "assumptions",
    "method",
    "sources",
)
"""Sections that slides are made of; scenarios are seen in the release that is not changed."""

HOSTILE = (
    '=HYPERLINK("http://evil.example","klik")',
    "<script>alert(1)</script> & <b>vet</b>",
    "{{7*7}} ${7*7} #{7*7}",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Een heel erg lange gemeentenaam die nergens past " * 4,
)


@pytest.fixture(scope="module")
def file(document: Document, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_deck(document, Pictures(), tmp_path_factory.mktemp("deck"))[0]


@pytest.fixture(scope="module")
def deck(file: Path):
    return read.open_deck(file)


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., tuple[Document, Path]]:
    """Make the slides of changed frames."""

    def make(frames: Frames, **manifest: object) -> tuple[Document, Path]:
        folder = invented_release.write_release(tmp_path / "release", frames, **manifest)
        document = read_document(folder)
        document.__dict__["sections"] = document.build(SECTIONS)
        return document, write_deck(document, Pictures(), tmp_path)[0]

    return make


def test_there_are_ten_to_fourteen_slides_with_the_findings_as_titles(deck, document) -> None:
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert 10 <= len(titles) <= 14
    assert titles[0] == document.region
    assert titles[1].startswith(document.front.headline)
    found = {chart.chart_id: chart.title for chart in document.charts}
    for chart_id in ("demand-yearly", "housing-list", "drivers", "places", "progress"):
        assert found[chart_id] in titles


def test_slides_are_wide_and_the_layouts_are_our_own(deck) -> None:
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=0.001)
    names = [one.name for one in deck.slide_layouts]
    assert len(names) == len(template.LAYOUTS)
    assert {slide.slide_layout.name for slide in deck.slides} <= set(names)


def test_every_number_on_the_slides_is_one_that_the_document_says(deck, document) -> None:
    assert read.foreign_numbers(deck, document) == []


def test_a_changed_digit_is_found_in_a_table_and_in_a_chart(
    file: Path, document, tmp_path: Path
) -> None:
    value, label = document.front.measures[1].value, document.front.measures[0].value
    planted = tmp_path / "planted.pptx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(planted, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "ppt/slides/slide2.xml":
                content = content.replace(f">{value}<".encode(), b">1.459<")
            if name.startswith("ppt/charts/chart"):
                content = content.replace(f">{label}<".encode(), b">2.031<")
            new.writestr(name, content)
    assert set(read.foreign_numbers(read.open_deck(planted), document)) == {"1.459", "2.031"}


def test_tables_on_slides_hold_the_cells_of_the_first_screen(deck, document) -> None:
    tables = [
        [[cell.text for cell in row.cells] for row in shape.table.rows]
        for _, shape in read.shapes(deck)
        if shape.has_table
    ]
    front = document.front
    assert tables[0][1:] == [[row.label, row.value, row.span] for row in front.measures]
    rows = [*front.quotas.rows, front.quotas.total]
    assert tables[1][1:] == [[row.name, row.at_most, row.owed] for row in rows]


def test_every_chart_is_native_and_its_workbook_begins_with_the_csv(deck, document) -> None:
    tables = dict(document.tables)
    found = read.charts(deck)
    assert len({chart.name for chart in found}) == len(found) >= 12
    for chart in found:
        table = tables.get(chart.name, tables["places"])
        rows = list(csv.reader(io.StringIO(write_csv(table).decode("utf-8-sig")), delimiter=";"))
        shown = [column[: len(rows)] for column in chart.cells[: len(table.columns)]]
        assert all(cell is None for column in chart.cells for cell in column[len(rows) :])
        written = [[_as_csv(cell) for cell in row] for row in zip(*shown, strict=True)]
        assert written == [[cell.removeprefix("'") for cell in row] for row in rows]


def _as_csv(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.6f}".rstrip("0").rstrip(".").replace(".", ",")
    return str(cell)


def test_what_a_chart_draws_is_what_stands_in_its_workbook(deck) -> None:
    for chart in read.charts(deck):
        references = list(chart.xml.iter(f"{read.CHART}f"))
        assert references
        for reference in references:
            cache = reference.getnext()
            count = int(cache.find(f"{read.CHART}ptCount").get("val"))
            drawn: list[object] = [None] * count
            for point in cache.iter(f"{read.CHART}pt"):
                drawn[int(point.get("idx"))] = point.find(f"{read.CHART}v").text
            cells = read.referred(chart, reference.text)
            if cache.tag.endswith("numCache"):
                assert [None if one is None else float(str(one)) for one in drawn] == cells
            else:
                assert drawn == [None if cell in (None, "") else str(cell) for cell in cells]


def test_ranges_are_drawn_from_the_lower_to_the_upper_end(deck, words) -> None:
    low, high = words.text("column.low"), words.text("column.high")
    band = words.text("deck.band")
    seen = 0
    for chart in read.charts(deck):
        columns = {str(column[0]): column[1:] for column in chart.cells}
        if band not in columns:
            continue
        for wide, start, end in zip(columns[band], columns[low], columns[high], strict=True):
            assert (wide is None) == (start is None)
            assert wide is None or wide == pytest.approx(end - start, abs=2e-6)
            seen += wide is not None
    assert seen > 50


def test_waterfalls_end_where_the_demand_is(deck, document, words) -> None:
    chart = next(one for one in read.charts(deck) if one.name == "drivers")
    columns = {str(column[0]): column[1:] for column in chart.cells}
    tops = [
        start + part
        for start, part in zip(
            columns[words.text("deck.unseen")], columns[words.text("deck.part_up")], strict=True
        )
    ]
    means = columns[words.text("column.mean")]
    assert tops[0] == pytest.approx(means[0])
    assert tops[-1] == pytest.approx(means[-1])
    level = sum(means[:-1])
    assert level == pytest.approx(means[-1], abs=0.01)


def test_nothing_leaves_its_slide_overlaps_or_is_cut(deck) -> None:
    assert read.misplaced(deck) == []


def test_a_box_that_is_moved_or_too_small_is_found(file: Path) -> None:
    planted = read.open_deck(file)
    title = planted.slides[2].shapes.title
    title.left, title.width, title.height = 0, 9_000_000, 200_000
    found = read.misplaced(planted)
    assert any("needs" in text for text in found)
    title.top = title.top + 1_500_000
    assert any("overlaps" in text for text in read.misplaced(planted))
    title.left = planted.slide_width - 100
    assert any("leaves" in text for text in read.misplaced(planted))


def test_no_type_is_smaller_than_fourteen_points_and_text_says_its_size(file: Path, deck) -> None:
    sizes = []
    with zipfile.ZipFile(file) as packed:
        for name in packed.namelist():
            if re.match(r"ppt/(slides|charts|slideLayouts|slideMasters)/[^/]+\.xml", name):
                sizes += [int(size) for size in re.findall(rb'\bsz="(\d+)"', packed.read(name))]
    assert min(sizes) == 100 * template.SMALL_PT >= 1400
    for _, shape in read.shapes(deck):
        if shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                assert all(run.font.size is not None for run in paragraph.runs)


def test_every_chart_and_table_has_a_text_alternative_and_there_are_no_pictures(deck) -> None:
    frames = [shape for _, shape in read.shapes(deck) if shape.has_chart or shape.has_table]
    for shape in frames:
        assert len(shape._element.nvGraphicFramePr.cNvPr.get("descr", "")) > 20
    with_pictures = [shape for _, shape in read.shapes(deck) if shape.shape_type == 13]
    assert with_pictures == []


def test_every_slide_has_foot_number_band_and_notes_with_the_source(deck, document) -> None:
    release = document.release.manifest["release_id"]
    band = document.words.text("synthetic")
    for number, slide in enumerate(deck.slides, start=1):
        said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert any(release in text and document.month in text for text in said)
        assert band in said
        assert str(number) in said
        assert slide.notes_slide.notes_text_frame.text.strip()
    sources = {chart.chart_id: chart.source for chart in document.charts}
    for number, shape in read.shapes(deck):
        name = shape._element.nvGraphicFramePr.cNvPr.get("name") if shape.has_chart else ""
        if name in sources:
            notes = deck.slides[number - 1].notes_slide.notes_text_frame.text
            assert sources[name] in notes


def test_colours_are_those_of_their_kind(deck) -> None:
    allowed = set(re.findall("[0-9A-F]{6}", " ".join(_palette())))
    for chart in read.charts(deck):
        used = {node.get("val") for node in chart.xml.iter(f"{read.DRAWING}srgbClr")}
        assert used <= allowed


def _palette() -> list[str]:
    from reports import theme

    solid = list(theme.COLOURS.values())
    tints = (theme.OUTER_TINT, theme.INNER_TINT, 0.45, 0.75)
    return [*solid, *(theme.blend(colour, strength) for colour in solid for strength in tints)]


def test_the_same_release_gives_the_same_bytes_in_another_process(
    file: Path, document: Document, release_folder: Path, tmp_path: Path
) -> None:
    from reports.export.workbook import write_workbook

    surroundings = {**os.environ, "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"}
    subprocess.run(
        [sys.executable, "-c", AGAIN, str(release_folder), str(tmp_path)],
        check=True,
        env=surroundings,
        timeout=120,
    )
    assert (tmp_path / FILE).read_bytes() == file.read_bytes()
    again = (tmp_path / "cijfers.xlsx").read_bytes()
    (tmp_path / "here").mkdir()
    assert write_workbook(document, Pictures(), tmp_path / "here")[0].read_bytes() == again


def test_hostile_names_stand_as_they_are_and_real_data_carry_no_band(frames, made) -> None:
    _rename(frames, HOSTILE)
    frames["mart_run"] = frames["mart_run"].with_columns(
        pl.lit("Duin\x0bstreek\x00").alias("region_name")
    )
    for name, frame in frames.items():
        if "synthetic" in frame.columns:
            frames[name] = frame.with_columns(pl.lit(False).alias("synthetic"))
    _, file = made(frames, synthetic=False)
    deck = read.open_deck(file)
    assert read.misplaced(deck) == []
    assert [shape for _, shape in read.shapes(deck) if shape.name == "band"] == []
    assert not set("\x00\x0b\x01") & set(deck.slides[0].shapes.title.text_frame.text)
    said = "\n".join(read.texts(deck))
    assert [name for name in HOSTILE[:4] if name not in said] == []
    with zipfile.ZipFile(file) as packed:
        for name in packed.namelist():
            content = packed.read(name)
            assert b"hlinkClick" not in content
            assert b'TargetMode="External"' not in content
    progress = next(one for one in read.charts(deck) if one.name == "progress")
    assert progress.cells[0][1:5] == list(HOSTILE[:4])


def _rename(frames: Frames, names: tuple[str, ...]) -> None:
    """Give the municipalities other names, in every table that names them."""
    codes = dict(zip(invented_release.MUNICIPALITIES, names, strict=True))
    for name, frame in frames.items():
        if {"municipality_code", "municipality_name"} <= set(frame.columns):
            frames[name] = frame.with_columns(
                pl.col("municipality_code")
                .replace_strict(codes, default=pl.col("municipality_name"))
                .alias("municipality_name")
            )


def test_a_region_without_agreements_gets_slides_without_a_ceiling(frames, made) -> None:
    invented_release.without_agreements(frames)
    document, file = made(frames)
    deck = read.open_deck(file)
    assert read.misplaced(deck) == []
    assert read.foreign_numbers(deck, document) == []
    names = {chart.name for chart in read.charts(deck)}
    assert "promise" not in names and "progress" not in names
    yearly = next(one for one in read.charts(deck) if one.name == "demand-yearly")
    at_most = document.words.text("column.at_most")
    assert at_most not in [node.text for node in yearly.xml.iter(f"{read.CHART}v")]
    said = "\n".join(read.texts(deck))
    assert document.words.text("summary.promise_none") in said


@pytest.mark.parametrize("count", [1, 13, 31])
def test_every_municipality_has_a_row_or_is_counted(document, tmp_path: Path, count: int) -> None:
    front = document.front
    rows = tuple(QuotaRow(f"Gemeente {place}a", "12", "11") for place in range(count))
    planted = Document(document.release, document.facts, document.words)
    planted.__dict__["front"] = replace(front, quotas=replace(front.quotas, rows=rows))
    wanted = {"quota", "method"}
    planted.__dict__["sections"] = tuple(
        one for one in document.sections if one.section_id in wanted
    )
    deck = read.open_deck(write_deck(planted, Pictures(), tmp_path)[0])
    assert read.misplaced(deck) == []
    said = read.texts(deck)
    shown = [row.name for row in rows if row.name in said]
    more = document.words.text("deck.more_rows", count=count - len(shown))
    assert len(shown) == count or more in " ".join(said)
    assert front.quotas.total.name in said
