"""The chart package: every file carries its finding, notes, source and band, and stands alone."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree

import pytest
from PIL import Image
from pypdf import PdfReader

from reports.blocks import Chart
from reports.document import Document
from reports.export import chart_files
from reports.export.chart_files import MOST_PANELS, write_chart_files
from reports.export.pictures import Lack, Pictures, size_px
from reports.export.pictures_svg import typeset
from reports.labels import languages, load_labels

pytestmark = pytest.mark.unit

MARK = "in beeld"


def _drawn(charts: tuple[Chart, ...]) -> Pictures:
    """Make a picture for every panel without a browser: a bar with a text."""
    found = {}
    for chart in charts:
        for place, panel in enumerate(chart.picture.panels):
            width, height = size_px(chart, panel)
            found[chart.chart_id, place] = (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="0 0 {width} {height}"><rect width="{width}" height="{height}" '
                'style="fill: rgb(10, 94, 168)"/><text x="9" y="20" style="font-family: '
                f'IBM Plex Sans; fill: white">{MARK} {place}</text></svg>'
            ).encode()
    return Pictures(MappingProxyType(found))


class Only:
    """A document with some charts only."""

    def __init__(self, document: Document, *charts: Chart, synthetic: bool = True) -> None:
        self.charts, self.words, self.release = charts, document.words, document.release
        self.region, self.facts = document.region, replace(document.facts, synthetic=synthetic)
        self.band = replace(document, facts=self.facts).band


def _chart(document: Document, *, several: bool = False) -> Chart:
    return next(item for item in document.charts if (len(item.picture.panels) > 1) == several)


def _said(document: Only, monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """Read the words of the first file, by typesetting the same view as a PDF."""
    views: list[Mapping[str, str]] = []

    def listen(source: str, inputs: Mapping[str, str], kind: str, **more: float) -> bytes:
        views.append(inputs)
        return typeset(source, inputs, kind, **more)

    monkeypatch.setattr(chart_files, "typeset", listen)
    write_chart_files(document, _drawn(document.charts), folder)
    pdf = typeset(chart_files._template(), views[0], "pdf")
    return _bare(PdfReader(io.BytesIO(pdf)).pages[0].extract_text())


def _bare(text: str) -> str:
    """Leave out white space and the hyphens of broken lines."""
    return "".join(text.split()).replace("-", "").replace("\N{SOFT HYPHEN}", "")


def test_every_chart_has_an_svg_and_a_png(document: Document, tmp_path: Path) -> None:
    files = write_chart_files(document, _drawn(document.charts), tmp_path)
    names = [file.relative_to(tmp_path).as_posix() for file in files]
    assert names == [
        f"charts/{chart.chart_id}.{kind}" for chart in document.charts for kind in ("svg", "png")
    ]
    assert all(file.is_file() for file in files)


def test_a_file_says_all_that_its_chart_says(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = replace(_chart(document, several=True), notes=("Een noot.", "Nog een noot."))
    said = _said(Only(document, chart), monkeypatch, tmp_path)
    labels = [panel.label for panel in chart.picture.panels]
    marks = [f"{MARK} {place}" for place in range(len(labels))]
    for text in (
        chart.title, chart.subtitle, chart.source, *chart.notes, *labels, *marks,
        document.region, document.words.text("synthetic"), document.release.manifest["release_id"],
    ):  # fmt: skip
        assert _bare(text) in said
    assert len(labels) > 1


def test_the_band_is_there_only_while_the_figures_are_synthetic(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Only(document, _chart(document), synthetic=False)
    band = _bare(document.words.text("synthetic"))
    assert band not in _said(real, monkeypatch, tmp_path / "real")
    assert band in _said(Only(document, _chart(document)), monkeypatch, tmp_path / "invented")


def test_the_svg_tells_a_screen_reader_what_it_shows(document: Document, tmp_path: Path) -> None:
    chart = replace(_chart(document), title="Zorg & <wonen>", alternative='Een "lijn" < 3')
    svg, _ = write_chart_files(Only(document, chart), _drawn((chart,)), tmp_path)
    root = ElementTree.fromstring(svg.read_bytes())
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.findtext(f"{space}title") == chart.title
    assert root.findtext(f"{space}desc") == chart.alternative
    assert not list(root.iter(f"{space}script"))


def test_the_png_has_two_pixels_for_each_of_the_svg(document: Document, tmp_path: Path) -> None:
    chart = _chart(document)
    svg, png = write_chart_files(Only(document, chart), _drawn((chart,)), tmp_path)
    _, _, wide, high = (
        float(side) for side in ElementTree.fromstring(svg.read_bytes()).attrib["viewBox"].split()
    )
    image = Image.open(png)
    assert (image.width, image.height) == pytest.approx((2 * wide, 2 * high), abs=1)
    blue = sum(n for n, (r, _, b) in image.convert("RGB").getcolors(1 << 24) if b > r + 100)
    width, height = size_px(chart, chart.picture.panels[0])
    assert blue > 0.8 * 4 * width * height


def test_many_panels_are_split_over_files(document: Document, tmp_path: Path) -> None:
    chart = _chart(document, several=True)
    panels = (chart.picture.panels[0],) * (MOST_PANELS + 1)
    chart = replace(chart, picture=replace(chart.picture, panels=panels))
    files = write_chart_files(Only(document, chart), _drawn((chart,)), tmp_path)
    assert [file.name for file in files] == [
        f"{chart.chart_id}-{n}.{kind}" for n in (1, 2) for kind in ("svg", "png")
    ]


def test_a_chart_without_pictures_has_no_files(document: Document, tmp_path: Path) -> None:
    assert write_chart_files(document, Pictures(), tmp_path) == []


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("lack", Lack)
def test_every_reason_for_missing_pictures_is_a_sentence(language: str, lack: Lack) -> None:
    words = load_labels(language)
    assert Pictures(lack=lack).note(words).endswith(".")
    assert Pictures().note(words) == ""


def test_words_from_data_are_never_markup(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = '#panic("x") *dik* $x$ `y` \\ @z <a> [b] //c #read("/etc/hosts") </title><script>'
    chart = replace(_chart(document), title=hostile, subtitle=hostile, source=hostile)
    assert _bare(hostile) in _said(Only(document, chart), monkeypatch, tmp_path)


def test_the_same_pictures_give_the_same_bytes(document: Document, tmp_path: Path) -> None:
    few = Only(document, *document.charts[:2])
    first, again = (
        [file.read_bytes() for file in write_chart_files(few, _drawn(few.charts), tmp_path / name)]
        for name in ("first", "again")
    )
    assert first == again
