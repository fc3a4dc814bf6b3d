"""The real job on a small invented region: command and page, twice, broken, refused, killed."""

import importlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from models.tables import MARTS
from pipelines import faults, options
from pipelines.editions import is_sound, read_manifest
from pipelines.locks import locked
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot, current_folder
from pipelines.sources.ledger import Event, Ledger
from pipelines.storage import digest_folder
from reports import export
from reports.release import Release
from tests.invented import AS_OF, DRAWS, REGION_ID, build_data_root, disturbed, spoil_delivery
from tests.invented.region import raw_ids
from tests.pipelines.sources.conftest import Region
from tests.pipelines.sources.gate.finder import Finder
from tests.pipelines.sources.gate.planted import deliver_all, items, needles, plant, planted_files

pytestmark = pytest.mark.integration

Call = Callable[..., tuple[int, str, str]]

NEEDLE = "Zoë Achterveld-Çelik"
LISTS = {"reports/index.html", f"regions/{REGION_ID}/ledger.json"}
"""Files that list what there is."""
BOUND_TO_A_ROOT = ("pipelines.catalog", "pipelines.definitions", "pipelines.defs", "pipelines.runs")
"""Modules that read the regions when they are imported."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root on which the command ran once, in a process of its own."""
    path = build_data_root(tmp_path_factory.mktemp("made"))
    temporary = path.with_name("temporary")
    temporary.mkdir()
    done = start(path, "run", TMPDIR=str(temporary))
    assert (done.returncode, done.stdout) != (0, ""), done.stderr
    assert done.returncode == 0, done.stderr
    (path / "said.txt").write_text(done.stdout + done.stderr)
    return path


@pytest.fixture(scope="module")
def bound(made: Path) -> Iterator[None]:
    """Let this process load its definitions with the invented region, once for all tests."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if is_bound(name)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATA_VARIABLE, str(made))
        patch.setattr(options, "DEFAULT_DRAWS", DRAWS)
        patch.setattr(export, "FORMATS", {})
        importlib.import_module("pipelines.runs")
        yield
    forget_bound_modules()
    for name, module in before.items():
        sys.modules[name] = module
        set_on_package(name, module)


@pytest.fixture
def root(made: Path, bound: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    """A copy of what was made, which the command line of this process works on."""
    path = shutil.copytree(made, tmp_path / "copy", symlinks=True)
    monkeypatch.setenv(DATA_VARIABLE, str(path))
    faults._passages.clear()
    return DataRoot(path)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line; few draws are the usual number."""

    def run(*arguments: str) -> tuple[int, str, str]:
        from pipelines import cli

        monkeypatch.setattr(sys, "argv", ["uitstroom", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def forget_bound_modules() -> None:
    """Forget them where they are looked up: among the modules, and as attributes of their package.

    A patch by name goes by the attribute and an import by the modules: one that is forgotten in one
    of the two places only would let a later test patch a module that nobody uses.
    """
    for name in [name for name in sys.modules if is_bound(name)]:
        del sys.modules[name]
        set_on_package(name, None)


def set_on_package(name: str, module: ModuleType | None) -> None:
    parent, _, own = name.rpartition(".")
    package = sys.modules.get(parent)
    if package is None:
        return
    if module is not None:
        setattr(package, own, module)
    elif hasattr(package, own):
        delattr(package, own)


def is_bound(name: str) -> bool:
    return name.startswith(BOUND_TO_A_ROOT)


def start(path: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command, or the page's run, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.invented.command", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, DATA_VARIABLE: str(path), **environ},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def hashes(path: Path) -> dict[str, str]:
    """Hash all that was made, but for locks, the database file and ledgers with their moments."""
    return {
        name: digest
        for name, digest in digest_folder(path / "marts").items()
        if not name.startswith((".locks", "publications"))
        and not name.endswith((".duckdb", "ledger.jsonl"))
    }


def current(root: DataRoot) -> Path:
    folder = current_folder(root.editions(REGION_ID))
    assert folder is not None
    return folder


def test_a_run_makes_every_mart_a_release_a_report_and_the_warehouse(made: Path) -> None:
    root = DataRoot(made)
    edition = current(root)
    assert is_sound(edition)
    tables = read_manifest(edition)["tables"]
    assert set(tables) == set(MARTS)
    assert {name for name, entry in tables.items() if entry["rows"] == 0} == {
        "mart_delivery__quarantine",
        "mart_delivery__notice",
        "mart_delivery__version",
        "mart_demand__scenario_difference",  # one scenario
        "mart_wait__yearly_class",  # no priority classes
        "mart_project__yearly_region",  # no projects
        "mart_demand__eligibility",  # no rules for a home
        "mart_supply__yearly_municipality",  # no association stock
        "mart_quota__supply",
        "mart_quota__yearly_association",
        "mart_quota__association_clash",  # nothing clashes
        "mart_quota__project",  # no projects
        "mart_quota__bid",  # no bids
        "mart_quota__finding",  # the control of the key finds nothing
        "mart_quota__miss",  # no misses delivered
        "mart_agreement__realised",  # no agreement says what was realised
        "mart_municipality__tile",  # no map
        "mart_demand__changes",  # no final release before it
    }
    release = current_folder(root.releases(REGION_ID))
    assert release is not None
    assert Release(release).manifest["edition_id"] == edition.name
    report = current_folder(root.reports(REGION_ID))
    assert report is not None
    assert report.name == release.name
    assert "Proeftuin" in (report / "index.html").read_text()
    assert root.warehouse.is_file()


def test_a_run_tells_every_step_and_where_things_are(made: Path) -> None:
    said = (made / "said.txt").read_text()
    steps = ("open_data", "deliveries", "core", "forecast", "outflow", "quota", "edition")
    for step in (*steps, "release", "report"):
        assert f"\n{REGION_ID}  {step} " in f"\n{said}"
    assert "\nwarehouse  warehouse " in said
    assert f"{REGION_ID}, as of {AS_OF}\n" in said
    assert "current/index.html" in said
    assert "uitstroom.duckdb" in said
    assert "Traceback" not in said
    assert "dagster" not in said.replace(str(made), "").lower()


def test_client_rows_stay_in_a_closed_folder(made: Path) -> None:
    private = DataRoot(made).private(REGION_ID)
    assert private.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in private.rglob("*"))
    assert any(file.name == "rows.parquet" for file in private.rglob("*"))
    shown = [path for path in (made / "marts").rglob("*") if "private" not in path.parts]
    assert not any(path.name.startswith(("raw_", "core_")) for path in shown)


def test_no_raw_id_of_a_client_or_record_is_left_in_any_file(made: Path) -> None:
    folder = DataRoot(made).region(REGION_ID)
    every = sorted(raw_ids(folder))
    ids = {one for one in every if len(one) >= 8} | {*every[:3]}  # short ones take long to look for
    found = Finder(ids).in_folders([made, made.with_name("temporary")])
    delivered = {(one, path) for one, path in found if folder / "deliveries" in path.parents}
    assert {one for one, _ in delivered} == ids
    assert set(found) == delivered


def test_nothing_of_planted_personal_data_is_left_after_a_run(made: Path, tmp_path: Path) -> None:
    """A region with an edition and a report gets 60 files with 500 items: nothing is taken in.

    A file that is byte for byte as it was before they came holds nothing of them; every other one
    is searched, and so are the temporary folder and the home.
    """
    path = shutil.copytree(made, tmp_path / "copy", symlinks=True)
    root, temporary, home = DataRoot(path), tmp_path / "temporary", tmp_path / "home"
    for place in (temporary, home):
        place.mkdir()
    drop_folder = root.region(REGION_ID) / "deliveries"
    shutil.rmtree(drop_folder)
    deliver_all(Region(drop_folder.parent), planted_files(items()), region=REGION_ID)
    done = start(path, "run", TMPDIR=str(temporary), HOME=str(home))
    assert done.returncode == 3, done.stderr
    finder = Finder(needles(items()))
    assert finder.in_bytes((done.stdout + done.stderr).encode()) == set()
    assert finder.in_folders([drop_folder]), "the finder must find them there"
    shutil.rmtree(drop_folder)
    before = digest_folder(made)
    touched = [name for name, digest in digest_folder(path).items() if before.get(name) != digest]
    assert {Path(name).suffix for name in touched} >= {".jsonl", ".db"}
    assert finder.in_bytes("\n".join(touched).encode()) == set()
    assert {name: found for name in touched if (found := finder.in_file(path / name))} == {}
    assert finder.in_folders([temporary, home]) == []
    ledger = Ledger(root.private(REGION_ID) / "deliveries").entries
    refused = [entry for entry in ledger if entry.event is Event.REFUSED]
    assert len(refused) == 60
    told = {name for entry in refused for name in entry.facts}
    assert told == {"sender", "rules", "columns", "rows"}
    (temporary / "rest.tmp").write_bytes(b"rest")
    by_kind = {one.suffix: one for one in sorted(path.rglob("*")) if one.is_file()}
    assert {".parquet", ".duckdb", ".db", ".html", ".json", ".jsonl"} <= set(by_kind)
    for one in (*by_kind.values(), temporary / "rest.tmp"):
        plant(NEEDLE, one)
        assert Finder([NEEDLE]).in_file(one) == {NEEDLE}, "the search must find it in every store"


def test_the_page_ends_elsewhere_what_was_killed_in_a_forecast_and_gives_the_same_bytes(
    made: Path, tmp_path: Path
) -> None:
    path = build_data_root(tmp_path / "an other place")
    elsewhere = {"TZ": "America/New_York", "LC_ALL": "C"}
    died = start(path, "run", **elsewhere, **{disturbed.KILL_IN: disturbed.FORECAST})
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert current_folder(DataRoot(path).editions(REGION_ID)) is None
    assert not DataRoot(path).warehouse.exists()
    done = start(path, "page", REGION_ID, **elsewhere)
    assert done.returncode == 0, done.stderr
    assert hashes(path) == hashes(made)
    assert DataRoot(path).warehouse.is_file()


def test_other_scenarios_stand_beside_the_default_and_change_nothing_that_was_there(
    root: DataRoot, call: Call
) -> None:
    before, stored = current(root), hashes(root.path)
    code, out, err = call("run", "--draws", str(DRAWS), "--scenario", "all")
    assert code == 0, err
    assert current(root) == before
    after = hashes(root.path)
    assert {name for name, digest in stored.items() if after.get(name) != digest} <= LISTS
    (edition,) = (path for path in root.editions(REGION_ID).glob("[0-9a-f]" * 16) if path != before)
    assert str(edition) in out
    both = pl.read_parquet(edition / "mart_demand__ten_year.parquet")
    assert set(both["scenario_id"]) == {"baseline", "longer-stays"}
    alone = pl.read_parquet(before / "mart_demand__ten_year.parquet")
    assert both.filter(scenario_id="baseline").equals(alone)


def test_a_month_that_the_deliveries_do_not_reach_is_wrong_usage(
    root: DataRoot, call: Call
) -> None:
    before = hashes(root.path)
    code, _, err = call("run", "--draws", str(DRAWS), "--as-of", "2025-07")
    assert code == 2
    assert "found deliveries up to and including 2025-06; expected 2025-07" in err
    assert hashes(root.path) == before


def test_a_refused_delivery_leaves_the_last_good_edition(root: DataRoot, call: Call) -> None:
    before = current(root)
    spoil_delivery(root.region(REGION_ID))
    code, _, err = call("run", "--draws", str(DRAWS))
    assert code == 3
    assert "deliveries/intake/intake.csv" in err
    assert "Traceback" not in err
    assert current(root) == before
    assert is_sound(before)


def test_a_retracted_delivery_marks_what_used_it_and_the_next_run_does_without(
    root: DataRoot, call: Call
) -> None:
    before = current(root)
    page = root.reports(REGION_ID) / "current" / "index.html"
    decision = ("--region", REGION_ID, "--by", "bureau", "--why", "de afzender trok het in")
    code, out, err = call("retract", "capacity_plan.csv", *decision)
    assert code == 0, err
    assert "marked: 1 editions, 2 releases" in out
    assert "Ingetrokken bron" in page.read_text()
    assert is_sound(before)
    code, out, err = call("report")
    assert "retracted source: capacity_plan/capacity_plan.csv" in out, err
    code, _, err = call("run", "--draws", str(DRAWS))
    assert code == 0, err
    assert current(root) != before
    assert "Ingetrokken bron" not in page.read_text()
    assert "ingetrokken door de afzender" in page.read_text()


def test_a_second_run_is_refused_with_pid_and_since(root: DataRoot, call: Call) -> None:
    with locked(root.lock(REGION_ID), REGION_ID, wait_seconds=0):
        code, _, err = call("run", "--draws", str(DRAWS))
    assert code == 3
    assert f"a run of {REGION_ID} is in progress: pid {os.getpid()}, since" in err


def test_a_full_disk_is_one_line_and_the_old_edition_stays(
    root: DataRoot, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current(root)
    with monkeypatch.context() as patch:
        patch.setenv(faults.VARIABLE, "K4:20:enospc")
        code, _, err = call("run", "--draws", str(DRAWS), "--seed", "7")
    assert code == 1
    told = [line for line in err.splitlines() if line.startswith("uitstroom: ")]
    assert told == [
        f"uitstroom: {REGION_ID}: the disk is full; what was there stays as it was. "
        "Free space and run again."
    ]
    assert current(root) == before
    assert list((root.path / "marts").rglob(".draft")) == []


def test_a_report_is_made_again_of_the_current_release(root: DataRoot, call: Call) -> None:
    before = hashes(root.path)
    report = current_folder(root.reports(REGION_ID))
    assert report is not None
    (report / "index.html").unlink()
    code, out, err = call("report")
    assert code == 0, err
    assert f"{report.name}/index.html" in out
    assert hashes(root.path) == before
