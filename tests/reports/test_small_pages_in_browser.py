"""The small pages in a real browser: they fit, are accessible, ask for nothing outside."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from reports.document import read_document
from reports.municipal import write_municipal
from reports.progress_page import write_progress
from reports.site import write_site
from tests.reports.test_site import ENTRIES

pytestmark = pytest.mark.browser

JUDGED_BY_HAND = {"color-contrast"}
"""Rules that may stay undecided here: contrast is computed from the theme in `test_theme.py`."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("chrome")
    assert found, "no browser: install chromium, or name one in BROWSER_PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-pages")
    document = read_document(release_folder)
    write_site(ENTRIES, folder)
    write_progress(document, folder)
    write_municipal(document, folder)
    return folder


@pytest.mark.parametrize("name", ["voortgang.html", "gemeenten/duinstad.html", "index.html"])
def test_a_small_page_fits_is_accessible_and_asks_only_for_the_font(
    browser: Browser, folder: Path, name: str
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda asked: said.append(asked.url.rpartition("/")[2]))
    page.goto((folder / name).as_uri())
    assert page.evaluate("document.fonts.ready.then(() => true)")
    assert said == [name.rpartition("/")[2], "ibm-plex-sans.ttf"]
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    result = Axe().run(page).response
    assert [(item["id"], len(item["nodes"])) for item in result["violations"]] == []
    assert {item["id"] for item in result["incomplete"]} <= JUDGED_BY_HAND
    page.keyboard.press("Tab")
    focused = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate(focused) == "solid"
    page.close()
