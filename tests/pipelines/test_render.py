"""The whole report of a release: with a browser that is missing, dead or hangs it is still made."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from models.errors import UitstroomError
from pipelines.render import report_builder, report_builders
from reports import export
from reports.export import addresses
from reports.export.pictures import draw_pictures
from reports.labels import load_labels
from tests.reports import invented_release

KEPT = ("mart_run", "mart_demand__ten_year", "mart_demand__yearly_region")
KEPT_TOO = (
    "mart_quota__yearly_municipality",
    "mart_wait__yearly_region",
    "mart_municipality__tile",
)
HANGS = "#!/bin/sh\nexec sleep 300\n"
DIES = "#!/bin/sh\nexit 1\n"
HANGING_SECONDS = 1.0
"""A browser that hangs is given up after so long; one that dies is seen long before the limit."""

Release = Callable[[str], Path]


@pytest.fixture
def small(tmp_path: Path) -> Release:
    """Give a function that writes a release with few tables."""

    def write(name: str) -> Path:
        frames = invented_release.build_frames()
        for table in set(frames) - {*KEPT, *KEPT_TOO}:
            frames[table] = frames[table].clear()
        return invented_release.write_release(tmp_path / name, frames)

    return write


def _below() -> set[str]:
    """Give the processes that this one started and that have not ended."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return set(children.read_text(encoding="utf-8").split())


@pytest.mark.integration
@pytest.mark.parametrize(
    ("browser", "why", "limit"),
    [("", "no_browser", 1.0), (DIES, "dead", 60.0), (HANGS, "late", 1.0)],
)
def test_every_edition_is_made_without_a_browser_and_says_so(
    small: Release,
    browser: str,
    why: str,
    limit: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = tmp_path / "browser"
    if browser:
        script.write_text(browser, encoding="utf-8")
        script.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(script))
    if browser == HANGS:
        monkeypatch.setitem(draw_pictures.__kwdefaults__, "limit_seconds", HANGING_SECONDS)
    before, folder = _below(), tmp_path / "report"
    report_builder(small("release"))(folder)
    assert _below() <= before
    for address in addresses().values():
        assert (folder / address).is_file(), address
    assert len(list((folder / "gemeenten").iterdir())) == 2 * len(invented_release.MUNICIPALITIES)
    note = load_labels("nl").text(f"pictures.{why}")
    for name in ("rapport.pdf", "bestuur.pdf"):
        said = "".join(page.extract_text() for page in pypdf.PdfReader(folder / name).pages)
        assert "".join(note.split()) in "".join(said.split()), name
    report = "".join(page.extract_text() for page in pypdf.PdfReader(folder / "rapport.pdf").pages)
    assert "2030" in report
    with zipfile.ZipFile(folder / "presentatie.pptx") as deck:
        assert any(name.startswith("ppt/charts/chart") for name in deck.namelist())
    assert not list((folder / "charts").glob("*.svg"))


@pytest.mark.unit
def test_a_release_that_cannot_be_read_leaves_the_others_alone(
    small: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "FORMATS", {})
    good, bad = small("good"), small("bad")
    (bad / "mart_run.parquet").unlink()
    first, refused, second = report_builders([good, bad, good])
    first(tmp_path / "one")
    second(tmp_path / "two")
    assert (tmp_path / "one" / "index.html").read_bytes() == (
        tmp_path / "two" / "index.html"
    ).read_bytes()
    with pytest.raises(UitstroomError, match="file is gone"):
        refused(tmp_path / "three")
    assert not (tmp_path / "three").exists()


@pytest.mark.integration
def test_several_reports_share_one_browser(small: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def draw(charts: list[object]) -> tuple[object, ...]:
        asked.append(len(charts))
        return draw_pictures([() for _ in charts])

    monkeypatch.setattr("reports.export.pictures.draw_pictures", draw)
    release = small("release")
    assert len(report_builders([release, release, release])) == 3
    assert asked == [3]
