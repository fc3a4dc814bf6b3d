"""The whole report of a release: with a browser that is missing, dead or hangs it is still made.

And one browser for all regions of a command.
"""

import os
import signal
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from pipelines import cli
from pipelines.paths import DATA_VARIABLE, DataRoot
from pipelines.release import store_report
from pipelines.render import report_builder
from pipelines.runs import RunOutcome
from reports import export
from reports.export import addresses, pictures_browser
from reports.export.pictures import draw_pictures
from reports.labels import load_labels
from tests.invented import build_data_root
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


@pytest.fixture(scope="module")
def few_tables() -> invented_release.Frames:
    frames = invented_release.build_frames()
    for table in set(frames) - {*KEPT, *KEPT_TOO}:
        frames[table] = frames[table].clear()
    return frames


@pytest.fixture
def small(tmp_path: Path, few_tables: invented_release.Frames) -> Release:
    """Give a function that writes a release with few tables."""

    def write(name: str) -> Path:
        return invented_release.write_release(tmp_path / name, few_tables)

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
    said = {
        name: "".join(page.extract_text() for page in pypdf.PdfReader(folder / name).pages)
        for name in ("rapport.pdf", "bestuur.pdf")
    }
    for name, text in said.items():
        assert "".join(note.split()) in "".join(text.split()), name
    assert "2030" in said["rapport.pdf"]
    with zipfile.ZipFile(folder / "presentatie.pptx") as deck:
        assert any(name.startswith("ppt/charts/chart") for name in deck.namelist())
    assert not list((folder / "charts").glob("*.svg"))


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Give a function that says how often the installed browser was started."""
    log, script = tmp_path / "starts.txt", tmp_path / "browser"
    log.touch()
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    real = pictures_browser.find_browser()
    script.write_text(f'#!/bin/sh\necho started >> "{log}"\nexec "{real}" "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(script))
    return lambda: len(log.read_text(encoding="utf-8").splitlines())


@pytest.fixture
def two_regions(tmp_path: Path, small: Release, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    """Make two regions that have a current release each."""
    root = DataRoot(build_data_root(tmp_path / "data", "noord", "zuid"))
    for region in ("noord", "zuid"):
        releases = root.releases(region)
        releases.mkdir(parents=True)
        small(f"data/marts/release/{region}/{'1' * 16}")
        (releases / "current").symlink_to("1" * 16)
    monkeypatch.setenv(DATA_VARIABLE, str(root.path))
    for name in ("DAGSTER_HOME", "UITSTROOM_STATE", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")  # a run sets them; they are set back after the test
    chosen = {"charts": export.FORMATS["charts"]}
    monkeypatch.setattr(export, "FORMATS", chosen)
    return root


@pytest.mark.browser
def test_reports_of_two_regions_are_drawn_by_one_browser(
    two_regions: DataRoot, starts: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _below()
    monkeypatch.setattr(sys, "argv", ["uitstroom", "report"])
    assert _code_of(cli.main) == 0
    assert starts() == 1
    assert _below() <= before
    _check_pictures(two_regions)


@pytest.mark.browser
def test_runs_of_two_regions_are_drawn_by_one_browser(
    two_regions: DataRoot, starts: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the report of each run is real here; it is stored by the same calls as in a run."""

    class OnlyReports:
        def run_region(self, region_id: str, options: object) -> RunOutcome:
            release, reports = (
                two_regions.releases(region_id) / ("1" * 16),
                two_regions.reports(region_id),
            )
            store_report(release, reports, report_builder(release), move_current=True)
            return RunOutcome("2026-10", release, release, reports / release.name, True)

    monkeypatch.setattr("pipelines.runs.Runner", OnlyReports)
    before = _below()
    monkeypatch.setattr(sys, "argv", ["uitstroom", "run"])
    assert _code_of(cli.main) == 0
    assert starts() == 1
    assert _below() <= before
    _check_pictures(two_regions)


@pytest.mark.unit
def test_a_release_that_cannot_be_read_leaves_the_others_alone(
    two_regions: DataRoot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(export, "FORMATS", {})
    (two_regions.releases("noord") / "current" / "mart_run.parquet").unlink()
    monkeypatch.setattr(sys, "argv", ["uitstroom", "report"])
    assert _code_of(cli.main) == 1
    assert "file is gone" in capsys.readouterr().err
    assert (two_regions.reports("zuid") / "current" / "index.html").is_file()
    assert not list(two_regions.reports("noord").iterdir())


def _code_of(command: Callable[[], object]) -> int:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(SystemExit) as ended:
            command()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return int(ended.value.code or 0)


def _check_pictures(root: DataRoot) -> None:
    noord, zuid = (
        [file.read_bytes() for file in sorted(root.reports(name).glob("current/charts/*.svg"))]
        for name in ("noord", "zuid")
    )
    assert noord
    assert noord == zuid
