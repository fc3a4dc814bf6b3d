"""The child process that drives the browser: figures in, one SVG file each, a line when it is done.

Belongs here: what runs between `pictures_browser` and the browser: open the page once, draw job
after job in it, write each figure, say so. Does not belong here: which browser, limits, ending
processes or cleaning pictures (`pictures_browser`). It is run as a file by its path and imports
nothing of ours, so that it starts at once; it never closes the browser, because its parent ends
every process of it.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from choreographer import Browser
from choreographer.browsers import BrowserClosedError, BrowserFailedError
from choreographer.channels import ChannelClosedError

SETUP_FILE = "setup.json"
PAGE_FILE = "page.html"

_NOWHERE = "http://127.0.0.1:9"
"""Proxy of the browser: nothing listens there, so nothing is ever fetched from a network."""

_MOMENT_SECONDS = 0.02

_ENDED = (BrowserClosedError, BrowserFailedError, ChannelClosedError, OSError)

_PAGE = """<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src file:;
  style-src 'unsafe-inline'; font-src data:; img-src data: blob:">
<style>@font-face {{ font-family: "{name}"; src: url("data:font/ttf;base64,{font}");
  font-weight: 100 700; font-stretch: 85% 100%; }}</style>
<script src="{library}"></script>
"""

_PREPARE = """
window.drawFigure = function (text) {
  var job = JSON.parse(text), state = job.seed >>> 0;
  Math.random = function () {
    state = (state + 0x6D2B79F5) >>> 0;
    var mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return window.Plotly.toImage(job.figure,
    { format: "svg", width: job.width, height: job.height, imageDataOnly: true });
};
document.fonts.load('13px "FONT"').then(function (found) { return found.length; })
"""
"""Plotly names parts of a picture by chance; the seed makes the names a property of the figure."""


async def open_page(browser: Browser, folder: Path, setup: dict[str, Any]) -> Any:
    """Open the browser on our page; give its tab.

    Raises:
        RuntimeError: The page has no font.
    """
    await browser.open()
    tab = browser.get_tab() or await browser.create_tab()
    page = folder / PAGE_FILE
    page.write_text(_PAGE.format(**setup["page"]), encoding="utf-8")
    await tab.send_command("Page.navigate", {"url": page.as_uri()})
    while not await _is_ready(tab, page):
        await asyncio.sleep(_MOMENT_SECONDS)
    if not await _evaluate(tab, _PREPARE.replace("FONT", setup["page"]["name"])):
        raise RuntimeError("the page of the browser has no font")
    return tab


async def _is_ready(tab: Any, page: Path) -> bool:
    """Say whether our page is there; a slow machine first shows, and ends, an empty one.

    The event of a page that was loaded may be that of the empty one, so the page itself is asked.
    """
    ours = f"location.href === {json.dumps(page.as_uri())} && window.Plotly !== undefined"
    try:
        return bool(await _evaluate(tab, f"document.readyState === 'complete' && {ours}"))
    except RuntimeError:  # between two pages there is none
        return False


async def draw_all(tab: Any, folder: Path, job_file: str) -> None:
    """Draw the figures of a job into `<place>.svg`, and report each on standard output."""
    job = json.loads((folder / job_file).read_text(encoding="utf-8"))
    for place, figure in enumerate(job["figures"], start=job["first"]):
        try:
            text = json.dumps(json.dumps(figure))
            picture = await _evaluate(tab, f"window.drawFigure({text})")
        except RuntimeError as error:
            _say(place=place, failed=str(error))
            continue
        (folder / f"{place}.svg").write_text(picture, encoding="utf-8", newline="\n")
        _say(place=place)
    _say(done=True)


async def _evaluate(tab: Any, expression: str) -> Any:
    """Evaluate an expression in the page and wait for what it promises.

    Raises:
        RuntimeError: The page threw.
    """
    asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = await tab.send_command("Runtime.evaluate", asked)
    if "error" in answer:
        raise RuntimeError(str(answer["error"].get("message")))
    result = answer["result"]
    if "exceptionDetails" in result:
        thrown = result["exceptionDetails"]
        said = thrown.get("exception", {}).get("description") or thrown.get("text")
        raise RuntimeError(str(said).splitlines()[0])
    return result["result"].get("value")


def _say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _listen(browser: Browser, loop: asyncio.AbstractEventLoop, jobs: "asyncio.Queue[str]") -> None:
    """Take the names of jobs from standard input; when the parent is gone, end the browser too."""
    for line in sys.stdin:
        loop.call_soon_threadsafe(jobs.put_nowait, line.strip())
    with contextlib.suppress(AttributeError, ProcessLookupError):
        os.killpg(browser.subprocess.pid, signal.SIGKILL)
    os._exit(1)


async def _main(folder: Path) -> None:
    setup = json.loads((folder / SETUP_FILE).read_text(encoding="utf-8"))
    browser = Browser(setup["browser"], proxy_server=_NOWHERE, enable_extensions=False)
    jobs: asyncio.Queue[str] = asyncio.Queue()
    ears = (browser, asyncio.get_running_loop(), jobs)
    threading.Thread(target=_listen, args=ears, daemon=True).start()
    try:
        tab = await open_page(browser, folder, setup)
        while True:
            await draw_all(tab, folder, await jobs.get())
    except (*_ENDED, RuntimeError) as error:
        _say(dead=f"{type(error).__name__}: {error}")
    await asyncio.Event().wait()  # the parent ends this process


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
