"""Texts that try to become code do no harm in any format: they are read, and nothing else.

The release of this module holds them in every text field, past the gate that would refuse them.
"""

import csv
import io
import os
import re
import shutil
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pypdf
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.build import write_pages
from reports.document import Document, read_document
from reports.export import addresses, write_all
from reports.export.pdf_font import printable_text
from reports.export.pictures import draw_pictures
from reports.visible import HIDDEN, visible
from tests.reports import hostile, invented_release

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NUMBER = re.compile(r"-?[0-9]+(,[0-9]+)?")
ESCAPED_IMAGE = r"&lt;img .*?&gt;"
POINTS = re.compile(r"#|url\(#|data:image/svg\+xml;base64,")
DRAWN = {"svg", "title", "desc", "g", "defs", "clipPath", "rect", "path", "line", "circle"}
DRAWN |= {"symbol", "use", "image", "linearGradient", "stop"}
"""Elements of a drawing of ours."""
SCRIPTS = {"index.html": 3}
"""Script elements of a page that are ours: the figures, the library, our own script."""

HARM = """([mark, outside]) => [
  ...(window[mark] === undefined ? [] : ['ran']),
  ...[...document.querySelectorAll(
    `#${mark}, [onload], [onerror], [onclick], [onfocus], [onmouseover], [autofocus],
     iframe, object, embed, form, base, link, img, foreignObject,
     [href^="javascript:" i]`)].map(item => item.outerHTML.slice(0, 80)),
  ...[...document.querySelectorAll('*')].flatMap(item => [...item.attributes])
    .filter(one => ['href', 'src', 'xlink:href', 'style', 'srcset', 'action'].includes(one.name)
      && one.value.includes(outside)).map(one => one.name + '=' + one.value.slice(0, 80)),
]"""
"""Gives what a payload did to a page: a script that ran, an element or an address that it made."""


@dataclass(frozen=True)
class Hostile:
    document: Document
    folder: Path
    texts: dict[str, list[str]]

    def files(self, *suffixes: str) -> list[Path]:
        return sorted(file for file in self.folder.rglob("*") if file.suffix in suffixes)


@dataclass
class Seen:
    page: Page
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    home = tmp_path_factory.mktemp("hostile")
    frames = invented_release.build_frames()
    texts = hostile.poison(frames)
    short = " ".join(text for text in hostile.PAYLOADS.values() if text != hostile.LONG_WORD)
    release = invented_release.write_release(home / "release", frames, edition_id=short)
    hostile.retract(release, short)
    document = read_document(release)
    folder = home / "report"
    write_pages(document, folder, formats=addresses())
    write_all(document, draw_pictures([document.charts])[0], folder)
    return Hostile(document, folder, texts)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("chrome")
    assert found, "no browser: install chromium, or name one in BROWSER_PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def seen(browser: Browser) -> Iterator[Seen]:
    context = browser.new_context()
    seen = Seen(context.new_page())
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    yield seen
    context.close()


def _harm(page: Page) -> list[str]:
    return list(page.evaluate(HARM, [hostile.MARK, hostile.OUTSIDE]))


def _bare(text: str) -> str:
    """Leave out what a line break in a PDF may change: white space and hyphens."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


@pytest.mark.unit
def test_every_text_field_holds_every_payload() -> None:
    assert len(hostile.PAYLOADS) >= 25
    assert len(hostile.LONG_WORD) == 4000
    frames = invented_release.build_frames()
    texts = hostile.poison(frames)
    for name, tables in hostile.text_columns().items():
        held = "\n".join(
            text for table in tables for text in frames[table][name].drop_nulls().unique()
        )
        lacking = [payload for payload, text in hostile.PAYLOADS.items() if text not in held]
        allowed = ["long word"] if name in hostile.EVERYWHERE else []
        assert lacking == allowed or name not in texts, name
    fields = {"region_name", "municipality_name", "association", "sender", "title", "body", "scope"}
    assert fields | {"scenario_label", "file", "source", "label"} <= set(texts)


@pytest.mark.unit
def test_no_printable_character_steers_or_hides() -> None:
    """A text of printable characters is not looked at one by one: this Python's say so rightly."""
    every = map(chr, range(sys.maxunicode + 1))
    steers = [char for char in every if unicodedata.category(char) in HIDDEN]
    assert len(steers) > 100
    assert [char for char in steers if char.isprintable()] == []


@pytest.mark.integration
def test_every_format_is_made_in_its_folder_under_a_safe_name(hostile_report: Hostile) -> None:
    folder = hostile_report.folder
    assert {item.name for item in folder.parent.iterdir()} == {"release", "report"}
    for item in folder.rglob("*"):
        assert SAFE_NAME.fullmatch(item.name), item
    for address in addresses().values():
        assert (folder / address).is_file()
    assert len(hostile_report.files(".pdf")) == 3 + len(invented_release.MUNICIPALITIES)


@pytest.mark.browser
def test_no_page_runs_makes_or_asks_for_anything(hostile_report: Hostile, seen: Seen) -> None:
    pages = hostile_report.files(".html")
    assert len(pages) == 2 + 2 * len(invented_release.MUNICIPALITIES)
    held = ""
    for file in pages:
        seen.page.goto(file.as_uri())
        if file.name == "index.html":
            seen.page.wait_for_function("document.documentElement.dataset.charts !== undefined")
            assert seen.page.evaluate("document.documentElement.dataset.charts") == "ready"
        assert _harm(seen.page) == [], file.name
        assert seen.page.locator("script").count() == SCRIPTS.get(file.name, 0)
        held += seen.page.evaluate("document.body.textContent")
    inside = hostile_report.folder.as_uri()
    assert [address for address in seen.requests if not address.startswith(inside)] == []
    assert seen.dialogs == []
    for name, text in hostile.PAYLOADS.items():
        assert visible(text) in held, name


@pytest.mark.browser
def test_no_drawing_runs_makes_or_asks_for_anything(hostile_report: Hostile, seen: Seen) -> None:
    drawings = hostile_report.files(".svg")
    assert len(drawings) > 20
    for file in drawings:
        for element in ElementTree.parse(file).iter():
            assert element.tag.rpartition("}")[2] in DRAWN, (file.name, element.tag)
            for name, value in element.attrib.items():
                assert not name.startswith("on"), (file.name, name)
                points = name.rpartition("}")[2] == "href" or "url(" in value
                assert not points or POINTS.match(value), (file.name, name, value[:80])
    seen.page.goto(drawings[0].as_uri())
    assert (seen.dialogs, len(seen.requests)) == ([], 1)


@pytest.mark.browser
def test_a_payload_that_is_not_escaped_is_found(
    hostile_report: Hostile, seen: Seen, tmp_path: Path
) -> None:
    page = (hostile_report.folder / "voortgang.html").read_text(encoding="utf-8")
    head, body = page.split("<main", 1)
    made = f"{head}<main{re.sub(ESCAPED_IMAGE, _raw, body, count=1)}"
    assert made != page
    (tmp_path / "voortgang.html").write_text(made, encoding="utf-8")
    seen.page.goto((tmp_path / "voortgang.html").as_uri())
    assert _harm(seen.page) != []
    trusting = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", made)
    (tmp_path / "trusting.html").write_text(trusting, encoding="utf-8")
    seen.page.goto((tmp_path / "trusting.html").as_uri())
    seen.page.wait_for_function(f"window.{hostile.MARK} === 1")
    assert any(hostile.OUTSIDE in address for address in seen.requests)


def _raw(found: re.Match[str]) -> str:
    return found[0].replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')


@pytest.mark.integration
def test_pdfs_hold_the_texts_as_they_are_and_do_nothing(hostile_report: Hostile) -> None:
    held = ""
    for file in hostile_report.files(".pdf"):
        reader = pypdf.PdfReader(file)
        assert reader.attachments == {}
        assert "/OpenAction" not in reader.trailer["/Root"]
        content = file.read_bytes()
        for action in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/GoToR"):
            assert not re.search(action + rb"[\s(/<]", content), (file.name, action)
        if file.parent.name == "gemeenten":
            held += "".join(page.extract_text() for page in reader.pages)
    for name, text in hostile.PAYLOADS.items():
        assert _bare(printable_text(visible(text))) in _bare(held), name
    assert "root:x" not in held


@pytest.mark.integration
def test_slides_and_workbook_hold_no_formula_link_or_macro(hostile_report: Hostile) -> None:
    deck = hostile_report.folder / "presentatie.pptx"
    books = [(hostile_report.folder / "cijfers.xlsx").read_bytes()]
    with zipfile.ZipFile(deck) as package:
        assert _outside(package) == []
        names = package.namelist()
        books += [package.read(name) for name in names if name.endswith(".xlsx")]
        said = "".join(
            "".join(ElementTree.fromstring(package.read(name)).itertext())
            for name in names
            if name.startswith("ppt/slides/slide")
        )
    assert len(books) > 5
    for book in books:
        with zipfile.ZipFile(io.BytesIO(book)) as package:
            assert _outside(package) == []
            assert _formulas(package) == 0
    for name in ("script", "hyperlink", "command"):
        assert hostile.PAYLOADS[name] in said, name


def _outside(package: zipfile.ZipFile) -> list[str]:
    """List what a package points at outside itself, and parts that could act."""
    found = []
    for name in package.namelist():
        content = package.read(name)
        if name.endswith(".rels"):
            for one in ElementTree.fromstring(content):
                kind = one.attrib["Type"].rpartition("/")[2]
                if one.get("TargetMode") == "External" or kind in ("hyperlink", "oleObject"):
                    found.append(f"{name}: {kind} {one.attrib['Target']}")
        if re.search(r"vba|externalLink|activeX|\.bin$|connections|\.\.", name):
            found.append(name)
        if name.endswith(".xml"):
            ElementTree.fromstring(content)
    return found


def _formulas(package: zipfile.ZipFile) -> int:
    count = 0
    for name in package.namelist():
        if name.startswith("xl/worksheets/"):
            root = ElementTree.fromstring(package.read(name))
            count += len(list(root.iter(f"{SPREADSHEET}f")))
    return count


@pytest.mark.unit
def test_a_formula_and_a_link_in_a_workbook_are_found() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.active["A2"].hyperlink = f"https://{hostile.OUTSIDE}/"
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as package:
        assert _formulas(package) == 1
        assert len(_outside(package)) == 1


@pytest.mark.integration
def test_the_workbook_holds_the_texts_as_they_are(hostile_report: Hostile) -> None:
    with zipfile.ZipFile(hostile_report.folder / "cijfers.xlsx") as package:
        strings = ElementTree.fromstring(package.read("xl/sharedStrings.xml"))
    held = "\n".join({"".join(item.itertext()) for item in strings})
    for name in ("region_name", "municipality_name", "sender", "title", "association", "body"):
        for text in hostile_report.texts[name]:
            assert visible(text) in held, name


@pytest.mark.integration
def test_no_cell_of_a_csv_file_starts_a_formula(hostile_report: Hostile) -> None:
    files = hostile_report.files(".csv")
    assert len(files) > 30
    escaped, held = 0, []
    for file in files:
        for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig")), delimiter=";"):
            for cell in row:
                assert NUMBER.fullmatch(cell) or not cell.strip().startswith(hostile.STARTS), cell
                escaped += cell.startswith("'")
                held.append(cell.removeprefix("'"))
    assert escaped > 50
    assert {visible(text) for text in hostile_report.texts["municipality_name"]} <= set(held)
