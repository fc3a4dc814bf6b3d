"""Every page in a real browser: nothing against the guideline, and every doubt judged by somebody.

Belongs here: what machines find. What they cannot judge stands in `docs/accessibility.md`, which
these tests hold against what axe leaves undecided.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from reports import theme
from reports.build import write_pages
from reports.document import read_document
from reports.export import addresses
from reports.municipal import municipal_addresses, write_municipal
from reports.progress_page import write_progress
from reports.site import EditionEntry, write_site

JUDGEMENTS = Path(__file__).parents[2] / "docs" / "accessibility.md"
GUIDELINE = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "EN-301-549", "best-practice")
PAGES = {
    "index": "index.html",
    "voortgang": "voortgang.html",
    "gemeente": "gemeenten/duinstad.html",
    "uitleg": "uitleg/duinstad.html",
    "overzicht": "site/index.html",
}
"""One page of every kind, by the name that it has in the table of judgements."""

WIDTHS = (1280, 390)

FOCUSABLE = """() => [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
  .filter(item => item.checkVisibility({visibilityProperty: true})).length"""
FOCUSED = """() => {
  const item = document.activeElement;
  if (!item || item === document.body) { return null; }
  const all = [...document.querySelectorAll('*')];
  const style = getComputedStyle(item);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return [all.indexOf(item), ring || style.boxShadow !== 'none', item.tagName];
}"""


COLOURS = """() => {
  const solid = colour => !/rgba\\(.*, 0\\)|transparent/.test(colour);
  const found = new Map();
  for (const item of document.querySelectorAll('body *')) {
    const own = [...item.childNodes].some(one => one.nodeType === 3 && one.data.trim());
    if (!own || !item.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (item.closest('script, style, noscript, .hidden, .skip')) continue;
    const style = getComputedStyle(item);
    let ground = item.closest('svg') ? item.closest('svg').parentElement : item;
    while (ground && !solid(getComputedStyle(ground).backgroundColor)) {
      ground = ground.parentElement;
    }
    const colour = item.closest('svg') ? style.fill : style.color;
    const under = ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)';
    const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
    const large = size >= 24 || (bold && size >= 18.66);
    found.set([colour, under, large].join(';'), item.textContent.trim().slice(0, 40));
  }
  return [...found].map(([key, text]) => [...key.split(';'), text]);
}"""
"""Gives every pair of text colour and ground, whether the text is large, and an example."""


def _hex(colour: str) -> str:
    channels = re.findall(r"[\d.]+", colour)
    assert len(channels) == 3 or float(channels[3]) == 1, colour
    return "#" + "".join(f"{int(float(one)):02X}" for one in channels[:3])


@pytest.fixture(scope="module")
def pages(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write every page, and none of the other formats."""
    folder = tmp_path_factory.mktemp("pages") / "report"
    document = read_document(release_folder)
    write_pages(document, folder, formats=addresses(), places=municipal_addresses(document))
    write_progress(document, folder)
    write_municipal(document, folder)
    (folder / "site").mkdir()
    shared = {"region_id": "duinstreek", "region_name": document.region, "as_of": "2026-10"}
    entries = [
        EditionEntry(
            **shared,
            release_id=str(number) * 16,
            release_class="concept",
            is_final=number == 1,
            is_current=number == 2,
            synthetic=True,
            retracted=number == 1,
            folder=f"duinstreek/{number}",
            files=[*addresses().values(), "index.html", "gemeenten/duinstad.html"],
            municipalities={"duinstad": "Duinstad"},
        )
        for number in (1, 2)
    ]
    write_site(entries, folder / "site")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("chrome")
    assert found, "no browser: install chromium, or name one in BROWSER_PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(browser: Browser, pages: Path) -> Callable[[str, int], Page]:
    """Give a page at a width; each is opened once, for tests that leave it as it is."""
    known: dict[tuple[str, int], Page] = {}

    def open_page(name: str, width: int) -> Page:
        if (name, width) not in known:
            known[name, width] = _open(browser, pages / PAGES[name], width)
        return known[name, width]

    return open_page


@pytest.fixture(scope="module")
def judged(opened: Callable[[str, int], Page]) -> Callable[[str, int], dict[str, Any]]:
    """Give what axe says of a page at a width."""
    known: dict[tuple[str, int], dict[str, Any]] = {}

    def judge(name: str, width: int) -> dict[str, Any]:
        if (name, width) not in known:
            options = {
                "runOnly": list(GUIDELINE),
                "resultTypes": ["violations", "incomplete"],
                "selectors": False,
            }
            known[name, width] = Axe().run(opened(name, width), options=options).response
        return known[name, width]

    return judge


def _open(browser: Browser, file: Path, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(file.as_uri())
    if page.locator("#figures").count():
        page.wait_for_function("document.documentElement.dataset.charts !== undefined")
    return page


def table_of_judgements() -> list[list[str]]:
    """Read the rows of the table of what axe leaves undecided."""
    text = JUDGEMENTS.read_text(encoding="utf-8").partition("<!-- incomplete -->")[2]
    text = text.partition("<!-- end -->")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_against_any_page(
    judged: Callable[[str, int], dict[str, Any]], name: str, width: int
) -> None:
    found = judged(name, width)
    assert [(item["id"], len(item["nodes"])) for item in found["violations"]] == []
    assert len(found["passes"]) > 15


@pytest.mark.browser
def test_every_doubt_of_axe_is_judged_and_no_other(
    judged: Callable[[str, int], dict[str, Any]],
) -> None:
    found = {
        (item["id"], name)
        for name in PAGES
        for width in WIDTHS
        for item in judged(name, width)["incomplete"]
    }
    rows = table_of_judgements()
    assert {(row[0].strip("`"), row[1]) for row in rows} == found
    for row in rows:
        rule, page, what, by, why = row
        assert all((rule, page, what, by)), row
        assert len(why) > 40, row


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_every_text_stands_out_from_the_ground_under_it(
    opened: Callable[[str, int], Page], name: str
) -> None:
    pairs = opened(name, 1280).evaluate(COLOURS)
    assert len(pairs) >= 3
    for colour, under, large, text in pairs:
        least = 3 if large == "true" else 4.5
        assert theme.contrast(_hex(colour), _hex(under)) >= least, (colour, under, text)


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything_in_reading_order_and_shows_where_it_is(
    opened: Callable[[str, int], Page], name: str
) -> None:
    page = opened(name, 1280)
    page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
    expected = page.evaluate(FOCUSABLE)
    order: list[int] = []
    for _ in range(expected + 5):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None or found[0] in order:
            break
        assert found[1], f"no visible focus on {found[2]}"
        order.append(found[0])
    assert order == sorted(order)
    assert len(order) == expected
    assert expected > 5


@pytest.mark.browser
def test_planted_faults_are_found(browser: Browser, pages: Path) -> None:
    page = _open(browser, pages / PAGES["voortgang"], 1280)
    before = page.evaluate(COLOURS)
    page.evaluate(
        """() => {
          document.querySelector('main').insertAdjacentHTML('beforeend',
            '<img src="x.png"><table><tr><td></td></tr></table><a href="#content"></a>');
          document.querySelector('.note').style.color = '#CCCCCC';
          document.querySelector('a').style.outline = 'none';
          document.querySelector('h1').insertAdjacentHTML('afterend', '<h5>x</h5>');
        }"""
    )
    found = {item["id"] for item in Axe().run(page).response["violations"]}
    assert {"image-alt", "link-name", "color-contrast", "heading-order"} <= found
    (faint,) = [
        pair for pair in page.evaluate(COLOURS) if pair[:3] not in [one[:3] for one in before]
    ]
    assert theme.contrast(_hex(faint[0]), _hex(faint[1])) < 4.5
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_on_paper_a_page_loses_nothing_that_it_says(
    opened: Callable[[str, int], Page], name: str
) -> None:
    page = opened(name, 1280)
    page.emulate_media(media="print")
    try:
        hidden = page.evaluate(
            """() => [...document.querySelectorAll('h1, h2:not(.hidden), .big, .found, .lead, td')]
              .filter(item => !item.closest('nav, figure.chart details, details, .hidden')
                && !item.checkVisibility({visibilityProperty: true}))
              .map(item => item.outerHTML.slice(0, 80))"""
        )
        assert hidden == []
        assert page.locator(".skip:visible").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    finally:
        page.emulate_media(media="screen")


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_a_page_twice_as_large_reads_without_scrolling_sideways(
    opened: Callable[[str, int], Page], name: str
) -> None:
    """320 pixels wide is 1280 pixels at 400 % (WCAG 2.1, 1.4.10)."""
    page = opened(name, 390)
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 390, "height": 900})


@pytest.mark.unit
def test_the_document_says_what_machines_cannot_judge() -> None:
    text = JUDGEMENTS.read_text(encoding="utf-8")
    assert len(re.findall(r"^## ", text, flags=re.MULTILINE)) >= 4
    assert "PDF/UA-1" in text
