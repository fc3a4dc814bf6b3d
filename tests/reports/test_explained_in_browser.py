"""An explanation in a real browser: it fits and asks for nothing outside."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.build import ReportFiles

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("chrome")
    assert found, "no browser: install chromium, or name one in BROWSER_PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 390, 360])
def opened(
    browser: Browser, report: ReportFiles, request: pytest.FixtureRequest
) -> Iterator[tuple[Page, int, list[str]]]:
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda asked: said.append(asked.url))
    page.goto((report.page.parent / "uitleg" / "duinstad.html").as_uri())
    yield page, request.param, said
    page.close()


def test_it_fits_and_asks_only_for_the_font(opened: tuple[Page, int, list[str]]) -> None:
    page, width, said = opened
    assert page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [item.rpartition("/")[2] for item in said] == ["duinstad.html", "ibm-plex-sans.ttf"]


def test_no_label_of_a_drawing_covers_another_or_leaves_the_page(
    opened: tuple[Page, int, list[str]],
) -> None:
    page, width, _ = opened
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('svg')].map(svg =>
          [...svg.querySelectorAll('text')].map(text => {
            const box = text.getBoundingClientRect();
            return [text.textContent, box.left, box.right, box.top, box.bottom];
          }))"""
    )
    assert sum(map(len, boxes)) > 20
    for drawing in boxes:
        for place, (one, left, right, top, bottom) in enumerate(drawing):
            assert left >= 0, one
            assert right <= width, one
            for other, o_left, o_right, o_top, o_bottom in drawing[place + 1 :]:
                across = min(right, o_right) - max(left, o_left)
                down = min(bottom, o_bottom) - max(top, o_top)
                assert across <= 1 or down <= 4, (one, other)
