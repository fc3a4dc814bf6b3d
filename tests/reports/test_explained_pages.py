"""The pages of the explanation: one a municipality, offline, linked, the same every time."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.build import ReportFiles, build_report
from reports.explained_pages import page_addresses
from tests.reports import invented_release
from tests.reports.conftest import Reader
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit

PAGES = {"duinstad", "havendorp", "polderwijk", "zandoever", "klein-fijn-i-aan-zee-i"}


class Parts(HTMLParser):
    """Collects addresses and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.text = ""
        self._is_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        self.addresses += [str(value) for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.text += data


@pytest.fixture(scope="module")
def pages(report: ReportFiles) -> dict[str, Path]:
    return {file.stem: file for file in (report.page.parent / "uitleg").iterdir()}


def test_every_municipality_has_a_page_that_the_report_leads_to(
    report: ReportFiles, pages: dict[str, Path], page: str
) -> None:
    assert set(pages) == PAGES
    assert set(pages.values()) <= set(report.files)
    section = page.partition('<section class="part" id="explained"')[2].partition("</section>")[0]
    assert set(re.findall(r'href="uitleg/([a-z-]+)\.html"', section)) == PAGES


def test_pages_lead_only_to_files_of_the_report(pages: dict[str, Path]) -> None:
    for file in pages.values():
        text = file.read_text(encoding="utf-8")
        assert not re.findall(r"https?://|<script", text)
        local = [item for item in Parts(text).addresses if not item.startswith("#")]
        local += re.findall(r'url\("?([^")]*)"?\)', text)
        assert any("ibm-plex-sans.ttf" in item for item in local)
        for item in local:
            target = (file.parent / item.partition("#")[0]).resolve()
            assert target.is_file(), item
        anchors = [item.partition("#") for item in local if "#" in item]
        for address, _, anchor in anchors:
            assert f'id="{anchor}"' in (file.parent / address).read_text(encoding="utf-8")


def test_pages_say_what_they_are_made_of_and_hold_no_holes(pages: dict[str, Path]) -> None:
    for file in pages.values():
        said = Parts(file.read_text(encoding="utf-8")).text
        assert "Synthetische gegevens." in said
        assert "De gewichten (" in said
        assert not re.findall(r"\bnan\b|\bNone\b|\bnull\b|\binf\b|\{[a-z_]+\}", said)


def test_a_page_shows_quota_and_ceiling_apart_and_every_home(pages: dict[str, Path]) -> None:
    text = pages["duinstad"].read_text(encoding="utf-8")
    said = Parts(text).text
    assert "Duinstad in 2026: waarom 80 woningen?" in said
    assert "Ten hoogste 84: dat is het deel van het plafond." in said
    assert text.count('<i class="own">') == 80
    assert text.count('<i class="next">') == 1
    assert text.count("<i") == 171 + 1


def test_a_name_that_holds_markup_is_harmless(pages: dict[str, Path]) -> None:
    text = pages["klein-fijn-i-aan-zee-i"].read_text(encoding="utf-8")
    assert "<i>aan Zee" not in text
    assert "Klein &amp; Fijn &lt;i&gt;aan Zee&lt;/i&gt;" in text


def test_names_give_addresses_of_plain_letters_and_never_the_same_one() -> None:
    names = {
        "GM1900": "Súdwest-Fryslân",
        "GM0518": "'s-Gravenhage",
        "GM0001": "Bergen",
        "GM0002": "Bergen",
        "GM0003": "???",
    }
    assert page_addresses(names) == {
        "GM1900": "uitleg/sudwest-fryslan.html",
        "GM0518": "uitleg/s-gravenhage.html",
        "GM0001": "uitleg/bergen-gm0001.html",
        "GM0002": "uitleg/bergen-gm0002.html",
        "GM0003": "uitleg/gm0003.html",
    }


def test_the_same_release_gives_the_same_pages(
    release_folder: Path, pages: dict[str, Path], tmp_path: Path
) -> None:
    again = build_report(release_folder, tmp_path / "again").page.parent / "uitleg"
    for file in pages.values():
        assert (again / file.name).read_bytes() == file.read_bytes()


def test_a_region_without_a_split_has_no_pages_and_no_section(
    tmp_path: Path, frames: Frames, reader: Reader
) -> None:
    invented_release.without_agreements(frames)
    assert reader.section("explained", frames) is None
    folder = invented_release.write_release(tmp_path / "none", frames)
    files = build_report(folder, tmp_path / "page")
    assert not (files.page.parent / "uitleg").exists()
    assert 'href="uitleg/' not in files.page.read_text(encoding="utf-8")


def test_the_table_of_all_municipalities_adds_up_to_the_region(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("explained", frames)
    table = section.tables[0].table
    rows, total = table.shown[:-1], table.shown[-1]
    assert [column.key for column in table.columns] == [
        "municipality_name", "key_share", "exact", "carried", "claim", "quota", "carried_on",
    ]  # fmt: skip
    assert (total["quota"][0], total["key_share"][0], total["exact"][0]) == (171, 1.0, 171.0)
    assert rows["quota"].sum() == 171
    assert abs(total["carried_on"][0]) < 1e-6
    assert len(table.row_links) == rows.height


def test_a_correction_shows_the_share_before_it(reader: Reader, frames: Frames) -> None:
    name = "mart_quota__explanation"
    frame = frames[name]
    frames[name] = frame.with_columns(correction=frame["key_share"] * 0 + 1.5)
    keys = [column.key for column in reader.section("explained", frames).tables[0].table.columns]
    assert keys[1:4] == ["base_share", "correction", "key_share"]
