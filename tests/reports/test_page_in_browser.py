"""The page in a real browser: it draws, fits, and asks for nothing outside.

Whether it is accessible is tried with every other page, in `test_accessible.py`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.build import ReportFiles

pytestmark = pytest.mark.browser

OVERLAPS = """() => [...document.querySelectorAll('.plot')].flatMap(plot => {
  const texts = [...plot.querySelectorAll('.annotation-text, .xtick text, .ytick text')]
    .map(text => [text.textContent, text.getBoundingClientRect()])
    .filter(([said, box]) => said.trim() && box.width > 0);
  const found = [];
  texts.forEach(([one, a], place) => texts.slice(place + 1).forEach(([other, b]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 2 && down > 4) { found.push(plot.id + ': ' + one + ' / ' + other); }
  }));
  return found;
})"""
"""Finds pairs of labels in one chart that cover each other."""


@dataclass
class Opened:
    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("chrome")
    assert found, "no browser: install chromium, or name one in BROWSER_PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def _open(browser: Browser, file: Path, *, width: int = 1280, scripts: bool = True) -> Opened:
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 600 else 844},
        java_script_enabled=scripts,
    )
    opened = Opened(context.new_page())
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.on("console", lambda message: opened.complaints.append(message.text))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.goto(file.as_uri())
    if scripts:
        opened.page.wait_for_function("document.documentElement.dataset.charts !== undefined")
    return opened


@pytest.fixture(scope="module")
def opened_at(browser: Browser, report: ReportFiles) -> Callable[[int], Opened]:
    """Give the page at a width; it is opened once, for tests that leave it as it is."""
    pages: dict[int, Opened] = {}

    def at(width: int) -> Opened:
        if width not in pages:
            pages[width] = _open(browser, report.page, width=width)
        return pages[width]

    return at


@pytest.fixture(scope="module")
def wide(opened_at: Callable[[int], Opened]) -> Opened:
    return opened_at(1280)


def test_every_chart_is_drawn_without_a_complaint(wide: Opened) -> None:
    page = wide.page
    assert page.evaluate("document.documentElement.dataset.charts") == "ready"
    assert wide.complaints == []
    plots = page.locator(".plot").count()
    assert plots > 20
    assert page.locator(".plot .main-svg").count() >= plots
    assert page.locator(".fails:visible").count() == 0


def test_only_files_beside_the_page_are_asked_for(wide: Opened, report: ReportFiles) -> None:
    folder = report.page.parent.as_uri()
    assert len(wide.requests) >= 3
    assert [address for address in wide.requests if not address.startswith(folder)] == []
    assert any(address.endswith("ibm-plex-sans.ttf") for address in wide.requests)
    assert wide.page.evaluate("document.fonts.check('13px \"IBM Plex Sans\"')")


def test_the_answers_stand_on_the_first_screen(wide: Opened) -> None:
    page = wide.page
    page.evaluate("window.scrollTo(0, 0)")
    for selector in (".big", ".measures", ".this-year table", ".answer.cap .lead"):
        box = page.locator(selector).bounding_box()
        assert box is not None, selector
        assert box["y"] + box["height"] <= 900, selector
    box = page.locator(".answers .answer").last.bounding_box()
    assert box is not None
    assert box["y"] + 100 <= 900


@pytest.mark.parametrize("width", [1280, 768, 390, 360])
def test_no_width_scrolls_sideways(opened_at: Callable[[int], Opened], width: int) -> None:
    opened = opened_at(width)
    assert opened.complaints == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_labels_of_charts_stay_inside_their_chart(
    opened_at: Callable[[int], Opened], width: int
) -> None:
    opened = opened_at(width)
    outside = opened.page.evaluate(
        """() => [...document.querySelectorAll('.plot')].flatMap(plot => {
          const frame = plot.getBoundingClientRect();
          return [...plot.querySelectorAll('text')]
            .filter(text => text.textContent.trim() && getComputedStyle(text).opacity !== '0')
            .map(text => [plot.id, text.textContent, text.getBoundingClientRect()])
            .filter(([id, said, box]) => box.width > 0 &&
              (box.left < frame.left - 1 || box.right > frame.right + 1))
            .map(([id, said]) => id + ': ' + said);
        })"""
    )
    assert outside == []


@pytest.mark.parametrize("width", [1280, 390])
def test_labels_of_a_chart_do_not_lie_on_each_other(
    opened_at: Callable[[int], Opened], width: int
) -> None:
    opened = opened_at(width)
    assert opened.page.evaluate(OVERLAPS) == []


def test_labels_that_lie_on_each_other_are_found(wide: Opened) -> None:
    page, first = wide.page, "annotations[0]"
    was = page.evaluate(
        """() => {
          const label = document.getElementById('plot-demand-yearly-0').layout.annotations[0];
          return [label.text, label.y];
        }"""
    )
    move = "([text, y]) => window.Plotly.relayout('plot-demand-yearly-0', {%s})"
    move %= f"'{first}.text': text, '{first}.y': y"
    page.evaluate(move, ["Verhuurd en nog meer woorden", 0.2])
    try:
        assert page.evaluate(OVERLAPS) != []
    finally:
        page.evaluate(move, was)
    assert page.evaluate(OVERLAPS) == []


def test_a_reader_without_scripts_sees_the_tables(browser: Browser, report: ReportFiles) -> None:
    opened = _open(browser, report.page, scripts=False)
    page = opened.page
    charts = page.locator("figure.chart").count()
    assert page.locator("figure.chart table:visible").count() == charts
    assert page.locator(".plot:visible").count() == 0
    page.context.close()


def test_a_reader_whose_library_is_gone_sees_the_tables(
    browser: Browser, report: ReportFiles, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(report.page.parent, folder)
    (folder / "plotly.min.js").unlink()
    opened = _open(browser, folder / "index.html")
    page = opened.page
    charts = page.locator("figure.chart").count()
    assert page.locator("figure.chart table:visible").count() == charts
    assert page.locator(".fails:visible").count() == charts
    page.context.close()


def test_tables_and_links_can_be_reached_by_keyboard(wide: Opened) -> None:
    page = wide.page
    page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    summary = page.locator("figure.chart summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure.chart details").first.get_attribute("open") is not None
    page.keyboard.press("Enter")


def test_on_paper_charts_fit_the_sheet_and_tables_of_charts_stay_away(
    browser: Browser, report: ReportFiles
) -> None:
    opened = _open(browser, report.page)
    page = opened.page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    widths = page.evaluate(
        "[...document.querySelectorAll('.plot .main-svg')].map(svg => svg.clientWidth)"
    )
    assert widths
    assert max(widths) <= 627
    assert page.locator("figure.chart details:visible").count() == 0
    assert page.locator("details.folded table:visible").count() > 0
    page.context.close()
