"""The command line: exit codes, sentences, help; the work itself is tested where it lives."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.errors import RefusedError, UitstroomError
from pipelines import cli
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot
from tests.invented import REGION_ID, build_data_root, build_region, spoil_delivery

pytestmark = pytest.mark.unit

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    monkeypatch.setenv(DATA_VARIABLE, str(build_data_root(tmp_path)))
    return DataRoot(tmp_path)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Call the command line as the shell does: exit code, standard output, standard error."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["uitstroom", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_help_names_every_command_and_the_exit_codes(call: Call) -> None:
    code, out, _ = call("--help")
    assert code == 0
    for word in (*cli.COMMANDS, "Exit codes"):
        assert word in out


def test_a_new_key_is_made_once_outside_the_checkout_for_its_owner_only(
    call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    code, out, _ = call("new-key", str(file))
    assert (code, file.stat().st_mode & 0o777) == (0, 0o600)
    secret = file.read_text(encoding="utf-8")
    assert secret.strip() not in out
    code, _, complaint = call("new-key", str(file))
    assert (code, file.read_text(encoding="utf-8")) == (3, secret)
    assert "never overwritten" in complaint
    code, _, complaint = call("new-key", str(CHECKOUT / "key"))
    assert code == 3 and not (CHECKOUT / "key").exists()
    assert "inside the checkout" in complaint


def test_help_of_run_names_every_flag(call: Call) -> None:
    code, out, _ = call("run", "--help")
    assert code == 0
    for flag in ("--region", "--scenario", "--as-of", "--draws", "--seed"):
        assert flag in out


def test_help_imports_neither_dagster_nor_the_models_nor_polars() -> None:
    code = (
        "import sys; from pipelines import cli\n"
        "sys.argv = ['uitstroom', '--help']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'dagster', 'polars', 'statsmodels', 'plotly', 'duckdb', 'scipy'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_check_imports_neither_dagster_nor_the_models(root: DataRoot) -> None:
    code = (
        "import sys; from pipelines.checks import check_region\n"
        "heavy = {'dagster', 'statsmodels', 'plotly', 'models.outflow', 'models.forecast'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--drws", "64"], "--draws"),
        (["run", "--draws", "100"], "Take 128"),
        (["run", "--draws", "many"], "'--draws'"),
        (["run", "--as-of", "2025-13"], "this is not a month"),
        (["run", "--seed", "-1"], "the seed is out of range"),
        (["run", "--region", "proeftuyn"], "Did you mean 'proeftuin'"),
        (["run", "--scenario", "longer-stay"], "Did you mean 'longer-stays'"),
        (["report", "--lang", "de"], "expected nl or en"),
        (["check", "--region", "x"], "does not exist"),
        (["rnu"], "No such command"),
    ],
)
def test_wrong_usage_exits_2_with_a_hint(
    arguments: list[str], words: str, root: DataRoot, call: Call
) -> None:
    code, _, err = call(*arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert not root.marts.exists()


def test_a_data_folder_that_is_not_there_exits_2(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, "/nowhere/at/all")
    for command in ("run", "check", "report", "example-data"):
        code, _, err = call(command)
        assert (code, err.count("\n")) == (2, 1)
        assert "the data folder is not there" in err


def test_a_data_folder_without_regions_exits_2(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    code, _, err = call("check")
    assert code == 2
    assert "there is no region" in err


def test_check_of_a_region_in_order_exits_0(root: DataRoot, call: Call) -> None:
    code, out, err = call("check")
    assert (code, err) == (0, "")
    assert out.startswith(f"{REGION_ID}\n")
    assert out.endswith("  accepted\n")


def test_check_of_a_refused_region_exits_3_and_the_others_are_checked(
    root: DataRoot, call: Call
) -> None:
    other = build_region(root.regions / "noord")
    spoil_delivery(other)
    code, out, err = call("check")
    assert code == 3
    assert "uitstroom: noord: " in err
    assert "  accepted" in out.partition(REGION_ID)[2]


def test_one_wrong_region_does_not_keep_the_others_back(root: DataRoot, call: Call) -> None:
    code, out, err = call("check", "--region", "nowhere", "--region", REGION_ID)
    assert code == 2
    assert "region 'nowhere' does not exist" in err
    assert "  accepted" in out


def test_a_folder_with_an_unlawful_name_is_told(root: DataRoot, call: Call) -> None:
    (root.regions / "Noord West").mkdir()
    (root.regions / "Noord West" / "region.toml").touch()
    code, out, err = call("check")
    assert code == 2
    assert "the folder's name is no id of a region" in err
    assert "  accepted" in out


def test_a_report_without_a_release_says_how_to_make_one(root: DataRoot, call: Call) -> None:
    code, _, err = call("report")
    assert code == 1
    assert f"uitstroom run --region {REGION_ID}" in err


def test_any_stored_release_is_rendered_again_and_the_index_names_it(
    root: DataRoot, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.reports import invented_release

    frames = invented_release.build_frames()
    frames = {"mart_run": frames["mart_run"]}
    for release in ("0" * 16, "1" * 16):
        folder = root.releases(REGION_ID) / release
        invented_release.write_release(folder, frames, region_id=REGION_ID, release_id=release)
    (root.releases(REGION_ID) / "current").symlink_to("1" * 16)

    def builder(release: Path, *, language: str) -> object:
        return lambda folder: (folder / "index.html").write_text(language)

    monkeypatch.setattr("pipelines.render.report_builder", builder)
    code, out, err = call("report", "--region", REGION_ID, "--release", "0" * 16)
    assert (code, err) == (0, "")
    reports = root.reports(REGION_ID)
    assert [item.name for item in reports.iterdir()] == ["0" * 16]
    assert "marts/reports/index.html" in out
    assert f"{REGION_ID}/{'0' * 16}/index.html" in (reports.parent / "index.html").read_text()
    assert call("report")[0] == 0
    assert (reports / "current").readlink().name == "1" * 16
    assert call("report", "--region", REGION_ID, "--release", "2" * 16)[0] == 2
    assert call("report", "--release", "0" * 16)[0] == 2


def test_a_report_while_a_run_is_going_is_refused(root: DataRoot, call: Call) -> None:
    from pipelines.locks import locked

    with locked(root.lock(REGION_ID), REGION_ID, wait_seconds=0):
        code, _, err = call("report")
    assert code == 3
    assert "in progress: pid" in err


def test_example_data_never_take_the_place_of_real_deliveries(root: DataRoot, call: Call) -> None:
    envelope = root.region(REGION_ID) / "deliveries" / "intake" / "intake.csv.toml"
    envelope.write_text(envelope.read_text().replace("synthetic = true", "synthetic = false"))
    before = envelope.with_suffix("").read_bytes()
    code, _, err = call("example-data", "--region", REGION_ID)
    assert code == 3
    assert "does not say it is synthetic" in err
    assert envelope.with_suffix("").read_bytes() == before


def test_what_nobody_expected_is_one_line_with_the_log(
    root: DataRoot, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("pipelines.checks.read_region_folder", burst)
    code, _, err = call("check")
    assert code == 1
    assert err.count("\n") == 1
    log = root.path / ".dagster" / "uitstroom.log"
    assert f"(ZeroDivisionError); the details are in {log}" in err
    assert "Traceback" in log.read_text()


def test_being_stopped_is_one_line(
    root: DataRoot, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("pipelines.checks.read_region_folder", stop)
    code, _, err = call("check")
    assert (code, err) == (1, "uitstroom: stopped; what was there stays as it was.\n")


class FakeRunner:
    """A runner whose regions end as their names say."""

    built = 0

    def run_region(self, region_id: str, options: object) -> object:
        if region_id == "refused":
            raise RefusedError("a delivery is refused")
        if region_id == "failed":
            raise UitstroomError("a step failed")
        from pipelines.runs import RunOutcome

        folder = DataRoot.from_environment().reports(region_id) / ("0" * 16)
        return RunOutcome("2025-06", folder, folder, folder, is_current=region_id != "other")

    def build_warehouse(self) -> None:
        type(self).built += 1


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> type[FakeRunner]:
    monkeypatch.setattr("pipelines.runs.Runner", FakeRunner)
    monkeypatch.setattr(FakeRunner, "built", 0)
    return FakeRunner


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["done"], 0),
        (["done", "refused"], 3),
        (["failed", "refused", "done"], 1),
    ],
)
def test_several_regions_give_the_gravest_code_and_all_are_run(
    names: list[str],
    code: int,
    tmp_path: Path,
    call: Call,
    runner: type[FakeRunner],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = DataRoot(build_data_root(tmp_path, *names))
    monkeypatch.setenv(DATA_VARIABLE, str(root.path))
    edition = root.editions("done") / ("0" * 16)
    edition.mkdir(parents=True)
    (root.editions("done") / "current").symlink_to(edition.name)
    found, out, err = call("run")
    assert found == code
    assert "done, as of 2025-06" in out
    assert runner.built == 1, "the warehouse is built even if a region failed"
    assert all(f"uitstroom: {name}: " in err for name in names if name != "done")


def test_without_any_edition_there_is_no_warehouse_to_build(
    tmp_path: Path, call: Call, runner: type[FakeRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(build_data_root(tmp_path, "refused")))
    assert call("run")[0] == 3
    assert runner.built == 0


def test_the_end_tells_where_things_are(
    tmp_path: Path, call: Call, runner: type[FakeRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = DataRoot(build_data_root(tmp_path, "done", "other"))
    monkeypatch.setenv(DATA_VARIABLE, str(root.path))
    monkeypatch.chdir(tmp_path)
    for name in ("done", "other"):
        folder = root.reports(name) / ("0" * 16)
        (folder / "charts").mkdir(parents=True)
        (folder / "index.html").touch()
        (root.reports(name) / "current").symlink_to(folder.name)
    root.warehouse.touch()
    _, out, _ = call("run")
    assert "report:  marts/reports/done/current/index.html" in out
    assert "charts:  marts/reports/done/current/charts" in out
    assert f"report:  marts/reports/other/{'0' * 16}/index.html" in out
    assert "`current` stays where it was" in out.partition("other")[2]
    assert out.endswith("DuckDB file of all regions: marts/uitstroom.duckdb\n")
