"""One browser for a whole command: started for the first picture, ended with the command.

Belongs here: which browser draws, the child process that drives it, what is asked of it, its limit
and its end. Does not belong here: what runs inside that child (`pictures_child`), charts and
documents (`pictures`).
"""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import plotly

from reports import theme
from reports.export import pictures_processes
from reports.export.pictures_svg import UnfitPictureError, clean_svg

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


class Drawn(NamedTuple):
    """What came of a job: clean SVG bytes by name, why some are missing, what was said of it."""

    pictures: dict[str, bytes]
    lack: Lack | None = None
    detail: str = ""


@dataclass
class _Child:
    """The process that drives the browser.

    Attributes:
        process: The process.
        folder: Its own folder.
        given: How many figures it was given so far.
        family: The processes that it had started by the end of its last job.
        sessions: The sessions that these had begun.
    """

    process: "subprocess.Popen[bytes]"
    folder: Path
    given: int = 0
    family: set[int] = field(default_factory=set)
    sessions: set[int] = field(default_factory=set)


class Browser:
    """A browser in a child process: it starts for the first job and stays for the next ones.

    One that ended is started again for the next job. One that let the limit go by is not: every
    region of a command would wait for it again.
    """

    def __init__(self) -> None:
        self._child: _Child | None = None
        self._closing = contextlib.ExitStack()
        self._hung = ""

    def draw(self, figures: Mapping[str, Mapping[str, Any]], limit_seconds: float) -> Drawn:
        """Draw figures by name; what could not be drawn is missing, with the reason.

        Args:
            figures: What the child draws, by name.
            limit_seconds: How long it may take for any one picture, its start included.
        """
        if self._hung:
            return Drawn({}, Lack.LATE, self._hung)
        path = find_browser()
        if not path:
            named = os.environ.get(BROWSER_VARIABLE)
            where = f"{BROWSER_VARIABLE}={named}" if named else ", ".join(BROWSERS)
            return Drawn({}, Lack.NO_BROWSER, f"there is no browser: {where}")
        was_idle = self._child is not None
        drawn = self._draw(path, figures, limit_seconds)
        if was_idle and drawn.lack is Lack.DEAD and not drawn.pictures:
            drawn = self._draw(path, figures, limit_seconds)  # it had ended since its last job
        return drawn

    def end(self) -> None:
        """End the browser: nothing of it runs any more, and nothing of it is left on disk."""
        self._child = None
        self._closing.close()

    def _draw(
        self, path: str, figures: Mapping[str, Mapping[str, Any]], limit_seconds: float
    ) -> Drawn:
        try:
            child = self._child or self._start(path)
            first = child.given
            _ask(child, figures)
            drawn = _follow(child, first, list(figures), limit_seconds)
        except BaseException:
            self.end()
            raise
        if drawn.lack is Lack.LATE:
            self._hung = drawn.detail
        if drawn.lack in (Lack.LATE, Lack.DEAD):
            self.end()
        else:
            child.family |= pictures_processes.family(child.process, child.folder)
            child.sessions |= pictures_processes.sessions(child.family)
        return drawn

    def _start(self, path: str) -> _Child:
        with contextlib.ExitStack() as stack:
            folder = _own_folder()
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            setup = json.dumps({"browser": path, "page": _page()})
            (folder / "setup.json").write_text(setup, encoding="utf-8")
            stack.enter_context(pictures_processes.adopting_orphans())
            child = _Child(_process(folder), folder)
            stack.callback(_close, child.process)
            ending = (child.process, folder, child.family, child.sessions)
            stack.callback(pictures_processes.end_all, *ending)
            self._closing = stack.pop_all()
        self._child = child
        return child


_OPEN: ContextVar[Browser | None] = ContextVar("browser", default=None)


@contextlib.contextmanager
def one_browser() -> Iterator[Browser]:
    """Let everything that is drawn inside this block be drawn by one browser.

    It starts when the first picture is asked for. A block inside another one has the browser of
    that one. When the outermost ends, nothing of the browser runs or is left on disk.
    """
    outer = _OPEN.get()
    if outer is not None:
        yield outer
        return
    browser = Browser()
    token = _OPEN.set(browser)
    try:
        yield browser
    finally:
        _OPEN.reset(token)
        browser.end()


def find_browser() -> str:
    """Give the path of the browser that draws: the one that is named, else the first installed.

    An empty text means that there is none; a named one that is not there is not replaced.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        return shutil.which(named) or ""
    return next(filter(None, map(shutil.which, BROWSERS)), "")


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


def _process(folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-P", str(_CHILD), str(folder)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,
            env={**os.environ, "TMPDIR": str(folder), "HOME": str(folder)},
        )


def _close(process: "subprocess.Popen[bytes]") -> None:
    for end in (process.stdin, process.stdout):
        if end is not None:
            end.close()


def _ask(child: _Child, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Give the child a job: a file of figures, and a line that names it."""
    name = f"job-{child.given}.json"
    job = {"first": child.given, "figures": list(figures.values())}
    (child.folder / name).write_text(json.dumps(job), encoding="utf-8")
    child.given += len(figures)
    assert child.process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it has ended, which its silence will tell
        child.process.stdin.write(f"{name}\n".encode())


def _follow(child: _Child, first: int, names: list[str], limit_seconds: float) -> Drawn:
    """Take the pictures as they are finished, until the last or until none comes any more."""
    drawn: dict[str, bytes] = {}
    lack: Lack | None = None
    detail = ""
    for message in _messages(child.process, limit_seconds):
        if message is None:
            return Drawn(drawn, Lack.LATE, f"no finished picture within {limit_seconds:g} s")
        if "done" in message:
            return Drawn(drawn, lack, detail)
        if "dead" in message:
            said = f"{message['dead'][:_DETAIL_CHARACTERS]} {_log(child.folder)}".strip()
            return Drawn(drawn, Lack.DEAD, said)
        try:
            if "failed" in message:
                raise UnfitPictureError(message["failed"])
            file = child.folder / f"{message['place']}.svg"
            drawn[names[message["place"] - first]] = clean_svg(file.read_bytes())
        except UnfitPictureError as error:
            lack, detail = Lack.FAILED, str(error)[:_DETAIL_CHARACTERS]
    return Drawn(drawn, Lack.DEAD, _log(child.folder) or "the child process ended")


def _log(folder: Path) -> str:
    """Give the end of what the child and the browser wrote as errors."""
    said = (folder / "log.txt").read_text(encoding="utf-8", errors="replace")
    return " ".join(said.split())[-_DETAIL_CHARACTERS:]


def _messages(
    process: "subprocess.Popen[bytes]", limit_seconds: float
) -> Iterator[dict[str, Any] | None]:
    """Read what the child says, line by line; None when it says nothing for too long."""
    assert process.stdout is not None
    pending = b""
    while True:
        if not select.select([process.stdout], [], [], limit_seconds)[0]:
            yield None
            return
        read = os.read(process.stdout.fileno(), 65536)
        if not read:
            return
        *lines, pending = (pending + read).split(b"\n")
        yield from (json.loads(line) for line in lines)
