"""Browsers that are missing, dead or hang: the reason is told, and nothing is left running.

And the browser of a whole command: one for all its reports, whatever becomes of it between them.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
import polars as pl
import pytest

from reports.blocks import Chart, Column, Panel, Picture, Table
from reports.export import pictures_browser as drawing
from reports.export.pictures import Lack, draw_pictures, one_browser
from reports.labels import Labels

pytestmark = pytest.mark.browser

LIMIT_SECONDS = 1.5
PATIENCE_SECONDS = 15.0
"""How long a busy computer may take to notice the limit and to end everything."""

HANGS = "#!/bin/sh\nexec sleep 300\n"
LEAVES_HELPERS = """#!/bin/sh
setsid sh -c 'sleep 301 & cd /; exec sleep 302' &
env -i /bin/sleep 303 &
cd /
exec sleep 304
"""
"""As a browser does: helpers in sessions of their own, one without its environment."""
DRAWS_ONE = """
import os, sys, time
from pathlib import Path
svg = '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><path d="M0,0h5"/></svg>'
(Path(sys.argv[1]) / "0.svg").write_text(svg)
print('{"place": 0}', flush=True)
"""
DRAWS_FOR_EVER = """
import plotly.graph_objects as go
import polars as pl
from reports.blocks import Chart, Panel, Picture, Table
from reports.export.pictures import draw_pictures
picture = Picture((Panel(go.Figure()),), Table(pl.DataFrame(), ()))
draw_pictures([[Chart("one", "", "", "", picture, "")]], limit_seconds=300)
"""
SPEAKS_NONSENSE = "#!/bin/sh\necho nonsense\nexit 3\n"


@pytest.fixture
def charts() -> list[Chart]:
    table = Table(pl.DataFrame({"year": [2026]}), (Column("year", "Jaar"),))
    panel = Panel(go.Figure(go.Scatter(x=[1, 2], y=[3, 4])))
    return [Chart("one", "Titel", "Wat", "Iets", Picture((panel,), table), "bron")]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the place of temporary folders; pytest has made its own by then, elsewhere."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        monkeypatch.setattr(drawing.tempfile, "tempdir", folder)
        yield Path(folder)


def _script(folder: Path, text: str) -> str:
    file = folder / "browser"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def _children() -> dict[int, str]:
    """Give every process below this one, ended ones that nobody waited for included."""
    parents, names = {}, {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                text = (place / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            name, _, rest = text.partition("(")[2].rpartition(")")
            parents[int(place.name)] = int(rest.split()[1])
            names[int(place.name)] = name
    found = {os.getpid()}
    for _ in parents:
        found |= {number for number, parent in parents.items() if parent in found}
    return {number: names[number] for number in found - {os.getpid()}}


def _sleepers() -> list[str]:
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                said = (place / "cmdline").read_bytes()
            except OSError:
                continue
            if any(f"sleep\0{number}\0".encode() in said for number in range(300, 305)):
                found.append(place.name)
    return found


@pytest.mark.parametrize(
    ("script", "lack"),
    [
        pytest.param("/bin/false", Lack.DEAD, id="dead"),
        pytest.param("/nowhere/browser", Lack.NO_BROWSER, id="missing path"),
        pytest.param(HANGS, Lack.LATE, id="hangs"),
        pytest.param(LEAVES_HELPERS, Lack.LATE, id="hangs and leaves helpers"),
        pytest.param(SPEAKS_NONSENSE, Lack.DEAD, id="speaks nonsense"),
    ],
)
def test_a_faulty_browser_gives_its_reason_in_time_and_leaves_nothing(
    charts: list[Chart],
    script: str,
    lack: Lack,
    temporary: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: Labels,
) -> None:
    path = script if script.startswith("/") else _script(tmp_path, script)
    monkeypatch.setenv("BROWSER_PATH", path)
    before = _children()
    limit = LIMIT_SECONDS if lack is Lack.LATE else PATIENCE_SECONDS
    start = time.monotonic()
    (drawn,) = draw_pictures([charts], limit_seconds=limit)
    assert time.monotonic() - start < limit + PATIENCE_SECONDS
    assert (len(drawn), drawn.lack) == (0, lack)
    assert drawn.of_chart(charts[0]) == ()
    assert drawn.note(words).endswith(".")
    assert drawn.detail
    assert set(_children()) <= set(before)
    assert _sleepers() == []
    assert list(temporary.iterdir()) == []


def test_without_any_browser_there_are_no_pictures_and_a_reason(
    charts: list[Chart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    (drawn,) = draw_pictures([charts])
    assert (len(drawn), drawn.lack) == (0, Lack.NO_BROWSER)


@pytest.mark.parametrize(
    ("end", "lack"),
    [("time.sleep(300)", Lack.LATE), ("sys.exit(1)", Lack.DEAD), ("os.abort()", Lack.DEAD)],
)
def test_what_was_drawn_before_the_browser_failed_is_kept(
    charts: list[Chart],
    end: str,
    lack: Lack,
    temporary: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    child = tmp_path / "child.py"
    child.write_text(DRAWS_ONE + end, encoding="utf-8")
    monkeypatch.setattr(drawing, "_CHILD", child)
    monkeypatch.setenv("BROWSER_PATH", "/bin/false")
    other = go.Figure(go.Scatter(x=[1], y=[1]))
    picture = Picture((Panel(other),), charts[0].picture.table)
    before = _children()
    (drawn,) = draw_pictures(
        [[*charts, replace(charts[0], chart_id="other", picture=picture)]], limit_seconds=2.0
    )
    assert (set(drawn), drawn.lack) == ({("one", 0)}, lack)
    assert set(_children()) <= set(before)
    assert list(temporary.iterdir()) == []


def test_a_browser_that_hangs_ends_when_the_command_itself_is_killed(
    temporary: Path, tmp_path: Path
) -> None:
    command = subprocess.Popen(
        [sys.executable, "-c", DRAWS_FOR_EVER],
        env={
            **os.environ,
            "BROWSER_PATH": _script(tmp_path, HANGS),
            "TMPDIR": str(temporary),
        },
    )
    try:
        _wait_until(lambda: bool(_sleepers()))
    finally:
        command.kill()
        command.wait()
    _wait_until(lambda: not _sleepers())


def _wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_temporary_folder_deep_down_does_not_hinder_the_browser(
    charts: list[Chart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("deep" * 20)
    deep.mkdir()
    monkeypatch.setattr(drawing.tempfile, "tempdir", str(deep))
    made: list[str] = []
    make = tempfile.mkdtemp
    monkeypatch.setattr(
        drawing.tempfile, "mkdtemp", lambda **how: made.append(make(**how)) or made[0]
    )
    before = _children()
    (drawn,) = draw_pictures([charts])
    assert (len(drawn), drawn.lack) == (1, None)
    assert set(_children()) <= set(before)
    assert [Path(folder).exists() for folder in made] == [False]


def test_nothing_to_draw_starts_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/browser")
    (drawn,) = draw_pictures([[]])
    assert (len(drawn), drawn.lack) == (0, None)
    assert draw_pictures([]) == ()


def test_the_first_installed_browser_is_taken_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    for name in reversed(drawing.BROWSERS):
        file = tmp_path / name
        file.write_text(HANGS, encoding="utf-8")
        file.chmod(0o755)
        assert drawing.find_browser() == str(file)
    other = _script(tmp_path, HANGS)
    monkeypatch.setenv("BROWSER_PATH", other)
    assert drawing.find_browser() == other


COUNTS = """#!/bin/sh
echo started >> "{log}"
exec "{browser}" "$@"
"""


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Give a function that says how often the browser was started."""
    log = tmp_path / "starts.txt"
    log.touch()
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    script = _script(tmp_path, COUNTS.format(log=log, browser=drawing.find_browser()))
    monkeypatch.setenv("BROWSER_PATH", script)
    return lambda: len(log.read_text(encoding="utf-8").splitlines())


def _other(charts: list[Chart]) -> list[Chart]:
    picture = Picture((Panel(go.Figure(go.Bar(x=[1], y=[1]))),), charts[0].picture.table)
    return [*charts, replace(charts[0], chart_id="other", picture=picture)]


def test_one_browser_draws_all_reports_of_a_command_with_the_same_bytes(
    charts: list[Chart], starts: Callable[[], int], temporary: Path
) -> None:
    before = _children()
    apart = [draw_pictures([charts])[0], draw_pictures([_other(charts)])[0]]
    assert starts() == 2
    with one_browser():
        together = [draw_pictures([charts])[0]]
        with one_browser():
            together += draw_pictures([_other(charts)])
        together += draw_pictures([charts])
        assert starts() == 3
        assert set(_children()) > set(before)
    assert [dict(one) for one in together] == [dict(one) for one in [*apart, apart[0]]]
    assert [one.lack for one in together] == [None] * 3
    assert set(_children()) <= set(before)
    assert list(temporary.iterdir()) == []


def test_without_a_picture_to_draw_a_command_starts_no_browser(
    starts: Callable[[], int], temporary: Path
) -> None:
    with one_browser():
        assert draw_pictures([[]])[0].lack is None
        assert list(temporary.iterdir()) == []
    assert starts() == 0


def test_a_browser_that_ended_between_two_reports_is_started_again(
    charts: list[Chart], starts: Callable[[], int], temporary: Path
) -> None:
    before = _children()
    with one_browser():
        first = draw_pictures([charts])[0]
        for number in set(_children()) - set(before):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        second = draw_pictures([charts])[0]
    assert (dict(second), second.lack) == (dict(first), None), second.detail
    assert starts() == 2
    assert set(_children()) <= set(before)
    assert list(temporary.iterdir()) == []


def test_only_the_browser_ending_between_two_reports_is_noticed_too(
    charts: list[Chart], starts: Callable[[], int], temporary: Path
) -> None:
    """The child that drives it lives on; it says so when it is asked again."""
    before = _children()
    with one_browser():
        first = draw_pictures([charts])[0]
        for number, name in _children().items():
            if number not in before and "python" not in name:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
        second = draw_pictures([charts], limit_seconds=PATIENCE_SECONDS)[0]
    assert (dict(second), second.lack) == (dict(first), None), second.detail
    assert starts() == 2
    assert set(_children()) <= set(before)
    assert list(temporary.iterdir()) == []


def test_a_command_waits_for_a_hanging_browser_once(
    charts: list[Chart], temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", _script(tmp_path, LEAVES_HELPERS))
    before = _children()
    with one_browser():
        first = draw_pictures([charts], limit_seconds=LIMIT_SECONDS)[0]
        assert set(_children()) <= set(before)
        assert list(temporary.iterdir()) == []
        start = time.monotonic()
        second = draw_pictures([_other(charts)], limit_seconds=300)[0]
        assert time.monotonic() - start < PATIENCE_SECONDS
    assert (first.lack, second.lack) == (Lack.LATE, Lack.LATE)
    assert second.detail
    assert _sleepers() == []


def test_what_goes_wrong_inside_a_command_leaves_no_browser(
    charts: list[Chart], temporary: Path
) -> None:
    before = _children()
    with pytest.raises(KeyboardInterrupt), one_browser():
        draw_pictures([charts])
        raise KeyboardInterrupt
    assert set(_children()) <= set(before)
    assert list(temporary.iterdir()) == []


def test_a_fault_while_a_job_is_written_does_not_mix_it_up_with_the_next(
    charts: list[Chart], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_: object) -> None:
        raise OSError("no space left on device")

    with one_browser():
        first = draw_pictures([charts])[0]
        with monkeypatch.context() as patch:
            patch.setattr(drawing, "_ask", burst)
            with pytest.raises(OSError, match="no space"):
                draw_pictures([_other(charts)])
        assert dict(draw_pictures([charts])[0]) == dict(first)
    assert list(temporary.iterdir()) == []
