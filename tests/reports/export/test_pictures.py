"""Pictures by a real browser: ink, labels, font, sizes, the same bytes, nothing that acts."""

import html
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import plotly.graph_objects as go
import polars as pl
import pytest
from PIL import Image

from reports import theme
from reports.blocks import Chart, Column, Panel, Picture, Table
from reports.document import Document
from reports.export.pictures import Lack, Pictures, draw_pictures, png_of, size_px
from reports.export.pictures_svg import size_of
from reports.labels import Labels

pytestmark = pytest.mark.browser

LEAST_INK = 0.002
"""Share of a picture that is not paper: less than one line of text has."""

AROUND_PX = 60
FAINT = 200

AGAIN = """
import sys
from pathlib import Path
from reports.document import read_document
from reports.export.pictures import draw_pictures
sections = read_document(Path(sys.argv[1])).build(["stays", "demand"])
charts = [chart for section in reversed(sections) for chart in section.charts]
for (chart_id, place), svg in draw_pictures([charts])[0].items():
    (Path(sys.argv[2]) / f"{chart_id}-{place}.svg").write_bytes(svg)
"""


def _chart(chart_id: str, *figures: go.Figure) -> Chart:
    table = Table(pl.DataFrame({"year": [2026]}), (Column("year", "Jaar"),))
    panels = tuple(Panel(figure, height=200) for figure in figures)
    return Chart(chart_id, "Titel", "Wat", "Wat te zien is", Picture(panels, table), "bron")


def _figure(said: str = "zoveel", **layout: object) -> go.Figure:
    figure = go.Figure(go.Scatter(x=[2026, 2027, 2028], y=[1, 3, 2]))
    figure.update_layout(template=theme.plotly_template(), **layout)
    figure.add_annotation(x=2027, y=3, text=said, showarrow=False)
    return figure


@pytest.fixture(scope="module")
def invented() -> tuple[Pictures, Pictures]:
    """Draw two documents at once: some that go wrong, hostile words, charts of the same name."""
    hostile = (
        '<a href="https://uit.example/">Dorp</a> <img src=x onerror=alert(1)> <script>x</script>'
    )
    foreign = {"source": "data:image/png;base64,iVBORw0KGgo=", "x": 0, "y": 1}
    half = _chart("half", _figure("heel"), _figure())
    flat = replace(half.picture.panels[1], height=0)
    half = replace(half, picture=replace(half.picture, panels=(half.picture.panels[0], flat)))
    first = [
        _chart("good", _figure()),
        _chart("hostile", _figure(hostile)),
        _chart("foreign", _figure(images=[foreign])),
        half,
    ]
    blank = go.Figure(layout={"template": theme.plotly_template()})
    blank.update_xaxes(visible=False)
    blank.update_yaxes(visible=False)
    second = [
        _chart("good", _figure("anders")),
        _chart("same", _figure()),
        _chart("blank", blank),
    ]
    one, other = draw_pictures([first, second])
    return one, other


def _texts(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(item.itertext()) for item in root.iter("{http://www.w3.org/2000/svg}text")]


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _words_in(panel: Panel) -> Iterator[str]:
    yield from (item.text for item in panel.figure.layout.annotations if item.text)


def _ink(svg: bytes) -> float:
    image = Image.open(io.BytesIO(png_of(svg, scale=0.5))).convert("L")
    paper = image.histogram()[250:]
    return 1 - sum(paper) / (image.width * image.height)


def _ink_outside(svg: bytes) -> bool:
    """Say whether something of a picture lies outside its own edges, and would be cut off."""
    width, height = size_of(svg)
    own = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    wide, high = width + 2 * AROUND_PX, height + 2 * AROUND_PX
    box = f'viewBox="{-AROUND_PX} {-AROUND_PX} {wide} {high}"'
    wider = svg.decode().replace(own, f'width="{wide}" height="{high}" {box}', 1)
    assert wider != svg.decode()
    image = Image.open(io.BytesIO(png_of(wider.encode(), scale=1))).convert("L")
    inner = Image.new("L", (width + 2, height + 2), 255)
    image.paste(inner, (AROUND_PX - 1, AROUND_PX - 1))
    return image.getextrema()[0] < FAINT


def _panels(document: Document) -> Iterator[tuple[tuple[str, int], Chart, Panel]]:
    for chart in document.charts:
        for place, panel in enumerate(chart.picture.panels):
            yield (chart.chart_id, place), chart, panel


def test_every_panel_has_its_picture_and_nothing_lacks(
    document: Document, pictures: Pictures, words: Labels
) -> None:
    assert list(pictures) == [key for key, _, _ in _panels(document)]
    assert (pictures.lack, pictures.note(words)) == (None, "")
    for chart in document.charts:
        assert len(pictures.of_chart(chart)) == len(chart.picture.panels)


def test_every_picture_has_ink(pictures: Pictures) -> None:
    assert [key for key, svg in pictures.items() if _ink(svg) < LEAST_INK] == []


def test_a_blank_picture_has_no_ink(invented: tuple[Pictures, Pictures]) -> None:
    assert _ink(invented[1]["blank", 0]) < LEAST_INK


def test_every_label_of_a_figure_stands_in_its_picture(
    document: Document, pictures: Pictures
) -> None:
    found, missing = 0, []
    for key, _, panel in _panels(document):
        bare = "".join(" ".join(_texts(pictures[key])).split())
        for label in _words_in(panel):
            found += 1
            if _plain(label).replace(" ", "") not in bare:
                missing.append((key, label))
    assert found > 50
    assert missing == []


def test_text_is_text_in_the_font_of_the_theme(pictures: Pictures) -> None:
    for key, svg in pictures.items():
        root = ElementTree.fromstring(svg)
        for item in root.iter("{http://www.w3.org/2000/svg}text"):
            assert theme.FONT_NAME in item.get("style", ""), key


def test_a_picture_has_the_size_that_its_chart_asks_for(
    document: Document, pictures: Pictures
) -> None:
    for key, chart, panel in _panels(document):
        assert size_of(pictures[key]) == size_px(chart, panel)


def test_nothing_is_cut_off_at_the_edge_of_a_picture(pictures: Pictures) -> None:
    assert [key for key, svg in pictures.items() if _ink_outside(svg)] == []


def test_a_label_that_is_cut_off_is_found() -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30" viewBox="0 0 60 30">'
        b'<text x="20" y="20" style="font-family: IBM Plex Sans; font-size: 13px">te lang nu</text>'
        b"</svg>"
    )
    assert _ink_outside(svg)
    assert not _ink_outside(svg.replace(b"te lang nu", b"te"))


def test_another_process_in_another_order_gives_the_same_bytes(
    release_folder: Path, pictures: Pictures, tmp_path: Path
) -> None:
    subprocess.run(
        [sys.executable, "-c", AGAIN, str(release_folder), str(tmp_path)], check=True, timeout=120
    )
    again = {file.stem: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(again) > 4
    for name, svg in again.items():
        chart_id, _, place = name.rpartition("-")
        assert svg == pictures[chart_id, int(place)]


def test_png_has_twice_the_pixels_and_the_same_bytes_each_time(pictures: Pictures) -> None:
    svg = pictures["drivers", 0]
    first = png_of(svg)
    assert Image.open(io.BytesIO(first)).size == tuple(2 * side for side in size_of(svg))
    assert png_of(svg) == first


def test_a_figure_that_fails_leaves_the_others(
    invented: tuple[Pictures, Pictures], words: Labels
) -> None:
    one, other = invented
    assert set(one) == {("good", 0), ("hostile", 0), ("half", 0)}
    assert one.lack is Lack.FAILED
    assert one.note(words)
    assert other.lack is None


def test_a_chart_with_one_panel_missing_has_no_pictures_at_all(
    invented: tuple[Pictures, Pictures],
) -> None:
    assert invented[0].of_chart(_chart("half", _figure("heel"), _figure())) == ()


def test_charts_of_the_same_name_in_two_documents_keep_their_own_picture(
    invented: tuple[Pictures, Pictures],
) -> None:
    one, other = invented
    assert "zoveel" in _texts(one["good", 0])
    assert "anders" in _texts(other["good", 0])
    assert other["same", 0] == one["good", 0]


def test_hostile_words_stay_words(invented: tuple[Pictures, Pictures]) -> None:
    svg = invented[0]["hostile", 0]
    assert "Dorp" in " ".join(_texts(svg))
    tags = {item.tag.rpartition("}")[2] for item in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "defs", "clipPath", "rect", "path", "text", "tspan"}
    assert b"href" not in svg
    assert not re.search(rb"<[^>]*\son\w+=", svg)
