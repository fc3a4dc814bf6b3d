"""Static pictures: every panel of every chart as an SVG, drawn by one installed browser a command.

Belongs here: what a picture is and how large, which browser draws it, the child process that does
and its end. Does not belong here: what runs inside that child (`pictures_child`), what stands
around a picture (`chart_files` and the other formats).
"""

import base64
import hashlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import plotly

from reports import theme
from reports.blocks import Chart, Panel
from reports.export import pictures_processes
from reports.export.pictures_svg import UnfitPictureError, clean_svg, png_of
from reports.labels import Labels

__all__ = ["Lack", "Pictures", "draw_pictures", "find_browser", "png_of", "size_px"]

WIDTH_PX = 720
"""Width of the picture of a chart with one panel: 13 px text is 8.5 pt on A4, 16 pt on a slide."""

GAP_PX = 24
COLUMNS = 2
LIMIT_SECONDS = 60.0
SEVERAL_WIDTH_PX = (WIDTH_PX - GAP_PX * (COLUMNS - 1)) // COLUMNS
"""Width of the picture of one panel out of several, which stand two by two."""


BROWSER_VARIABLE = "BROWSER_PATH"
BROWSERS = ("chromium", "google-chrome", "chromium-headless-shell")
"""Names under which a browser is looked for, when the variable does not name one."""

_CHILD = Path(__file__).with_name("pictures_child.py")
_DETAIL_CHARACTERS = 400
_LONGEST_FOLDER = 40
"""Characters of the temporary folder: the path of a socket has at most 107 (unix(7))."""


class Lack(StrEnum):
    """Why pictures are missing; the label for readers is `pictures.<value>`."""

    NO_BROWSER = "no_browser"
    """No browser is installed, or the one that was named is not there."""
    DEAD = "dead"
    """The browser did not start, or ended before it was done."""
    LATE = "late"
    """The browser did not finish a picture within the limit."""
    FAILED = "failed"
    """The browser drew, but not all of them."""


@dataclass(frozen=True)
class Pictures(Mapping[tuple[str, int], bytes]):
    """The pictures of one document: SVG bytes by chart id and place of the panel in its chart.

    A missing key means that there is no such picture: its table stands in the picture's place,
    under `note`.

    Attributes:
        drawn: SVG bytes by (chart id, place of the panel), in reading order.
        lack: Why there are none, or fewer than asked; None if all are here.
        detail: What the browser said of it, for the log (English, not for readers of a report).
    """

    drawn: Mapping[tuple[str, int], bytes] = field(default_factory=lambda: MappingProxyType({}))
    lack: Lack | None = None
    detail: str = ""

    def __getitem__(self, key: tuple[str, int]) -> bytes:
        """Give the SVG of a panel."""
        return self.drawn[key]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Go through the keys, in reading order."""
        return iter(self.drawn)

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.drawn)

    def of_chart(self, chart: Chart) -> tuple[bytes, ...]:
        """Give the pictures of a chart in order, or nothing if one of them is missing."""
        keys = [(chart.chart_id, place) for place in range(len(chart.picture.panels))]
        if any(key not in self.drawn for key in keys):
            return ()
        return tuple(self.drawn[key] for key in keys)

    def note(self, words: Labels) -> str:
        """Say in one sentence why tables stand where pictures should; empty if nothing lacks."""
        return "" if self.lack is None else words.text(f"pictures.{self.lack}")


def size_px(chart: Chart, panel: Panel) -> tuple[int, int]:
    """Give the width and height (pixels) in which a panel is drawn."""
    several = len(chart.picture.panels) > 1
    return (SEVERAL_WIDTH_PX if several else WIDTH_PX), panel.height


def draw_pictures(
    charts: Sequence[Iterable[Chart]], *, limit_seconds: float = LIMIT_SECONDS
) -> tuple[Pictures, ...]:
    """Draw the charts of several documents with one browser: one `Pictures` for each, in order.

    Never fails for want of a browser: what could not be drawn is missing, with the reason. When it
    returns, nothing of the browser runs and nothing of it is left on disk.

    Args:
        charts: The charts of each document (`document.charts`).
        limit_seconds: How long the browser may take for any one picture, its start included.
    """
    asked: list[dict[tuple[str, int], str]] = []
    figures: dict[str, dict[str, Any]] = {}
    for document_charts in charts:
        keys = {}
        for chart in document_charts:
            for place, panel in enumerate(chart.picture.panels):
                name, figure = _figure(panel, *size_px(chart, panel))
                keys[chart.chart_id, place] = name
                figures[name] = figure
        asked.append(keys)
    drawn, lack, detail = _draw(figures, limit_seconds) if figures else ({}, None, "")
    return tuple(_pictures(keys, drawn, lack, detail) for keys in asked)


def find_browser() -> str:
    """Give the path of the browser that draws: the one that is named, else the first installed.

    An empty text means that there is none; a named one that is not there is not replaced.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        return shutil.which(named) or ""
    return next(filter(None, map(shutil.which, BROWSERS)), "")


def _pictures(
    keys: Mapping[tuple[str, int], str], drawn: Mapping[str, bytes], lack: Lack | None, detail: str
) -> Pictures:
    found = {key: drawn[name] for key, name in keys.items() if name in drawn}
    if len(found) == len(keys):
        return Pictures(MappingProxyType(found))
    return Pictures(MappingProxyType(found), lack, detail)


def _figure(panel: Panel, width: int, height: int) -> tuple[str, dict[str, Any]]:
    """Give what the child draws, and its name: a hash of all that the picture depends on."""
    drawn = {"figure": json.loads(panel.figure.to_json()), "width": width, "height": height}
    name = hashlib.sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()
    return name, {**drawn, "seed": int(name[:8], 16)}


def _draw(
    figures: Mapping[str, dict[str, Any]], limit_seconds: float
) -> tuple[dict[str, bytes], Lack | None, str]:
    """Draw figures in a child process; give the pictures by name, and what went wrong."""
    browser = find_browser()
    if not browser:
        named = os.environ.get(BROWSER_VARIABLE)
        where = f"{BROWSER_VARIABLE}={named}" if named else ", ".join(BROWSERS)
        return {}, Lack.NO_BROWSER, f"there is no browser: {where}"
    folder = _own_folder()
    try:
        job = {"browser": browser, "page": _page(), "figures": list(figures.values())}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        with pictures_processes.adopting_orphans():
            child = _start(folder)
            try:
                return _follow(child, folder, figures, limit_seconds)
            finally:
                pictures_processes.end_all(child, folder)
                for end in (child.stdin, child.stdout):
                    if end is not None:
                        end.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own_folder() -> Path:
    """Make a folder for the child; near the root, because a browser's sockets bear no long path."""
    usual, short = Path(tempfile.gettempdir()), Path("/tmp")
    fits = len(str(usual)) <= _LONGEST_FOLDER or not os.access(short, os.W_OK)
    return Path(tempfile.mkdtemp(prefix="uitstroom-", dir=usual if fits else short))


def _page() -> dict[str, str]:
    """Give what the page of the browser holds: plotly.js and the font, both from packages."""
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    font = base64.b64encode(theme.font_file().read_bytes()).decode()
    return {"name": theme.FONT_NAME, "font": font, "library": library.as_uri()}


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-P", str(_CHILD), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,
            env={**os.environ, "TMPDIR": str(folder), "HOME": str(folder)},
        )


def _follow(
    child: "subprocess.Popen[bytes]",
    folder: Path,
    figures: Mapping[str, dict[str, Any]],
    limit_seconds: float,
) -> tuple[dict[str, bytes], Lack | None, str]:
    """Take the pictures as they are finished, until the last or until none comes any more."""
    names = list(figures)
    drawn: dict[str, bytes] = {}
    lack: Lack | None = None
    detail = ""
    for message in _messages(child, limit_seconds):
        if message is None:
            return drawn, Lack.LATE, f"no finished picture within {limit_seconds:g} s"
        if "done" in message:
            return drawn, lack, detail
        if "dead" in message:
            return (
                drawn,
                Lack.DEAD,
                f"{message['dead'][:_DETAIL_CHARACTERS]} {_log(folder)}".strip(),
            )
        name = names[message["place"]]
        try:
            if "failed" in message:
                raise UnfitPictureError(message["failed"])
            drawn[name] = clean_svg((folder / f"{message['place']}.svg").read_bytes())
        except UnfitPictureError as error:
            lack, detail = Lack.FAILED, str(error)[:_DETAIL_CHARACTERS]
    return drawn, Lack.DEAD, _log(folder) or "the child process ended"


def _log(folder: Path) -> str:
    """Give the end of what the child and the browser wrote as errors."""
    said = (folder / "log.txt").read_text(encoding="utf-8", errors="replace")
    return " ".join(said.split())[-_DETAIL_CHARACTERS:]


def _messages(
    child: "subprocess.Popen[bytes]", limit_seconds: float
) -> Iterator[dict[str, Any] | None]:
    """Read what the child says, line by line; None when it says nothing for too long."""
    assert child.stdout is not None
    pending = b""
    while True:
        if not select.select([child.stdout], [], [], limit_seconds)[0]:
            yield None
            return
        read = os.read(child.stdout.fileno(), 65536)
        if not read:
            return
        *lines, pending = (pending + read).split(b"\n")
        yield from (json.loads(line) for line in lines)
