"""Dagster's state: where it lies, and that everybody gets there the same way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import UitstroomError
from pipelines.instance import main, prepare_instance, state_folder
from pipelines.paths import CHECKOUT, DATA_VARIABLE

pytestmark = pytest.mark.unit


def test_the_values_that_dagster_reads_are_set_and_absolute(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    folder = prepare_instance(state=tmp_path / "state", environ=environ)
    assert folder == tmp_path / "state"
    assert environ["DAGSTER_HOME"] == str(CHECKOUT)
    assert environ["UITSTROOM_STATE"] == str(folder)
    paths = [environ[name] for name in environ if name != "DAGSTER_DISABLE_TELEMETRY"]
    assert all(Path(path).is_absolute() and Path(path).is_dir() for path in paths)


def test_every_value_that_dagster_yaml_names_is_set(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    prepare_instance(state=tmp_path, environ=environ)
    text = (CHECKOUT / "dagster.yaml").read_text()
    named = [line.split(":")[1].strip() for line in text.splitlines() if "env:" in line]
    assert named
    assert set(named) <= set(environ)


def test_state_lies_in_the_checkout_or_in_the_data_root_never_in_both(tmp_path: Path) -> None:
    assert state_folder({}) == CHECKOUT / ".dagster"
    assert state_folder({DATA_VARIABLE: str(tmp_path)}) == tmp_path / ".dagster"


def test_a_home_without_dagster_yaml_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(UitstroomError, match=r"dagster\.yaml is not there"):
        prepare_instance(home=tmp_path, state=tmp_path, environ={})


def test_a_state_folder_that_cannot_be_made_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UitstroomError, match="cannot be made"):
        prepare_instance(state=tmp_path / "file" / "state", environ={})


def test_the_module_sets_the_environment_without_importing_dagster(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipelines.instance import prepare_instance; "
        "prepare_instance(state=Path(sys.argv[1])); sys.exit('dagster' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=CHECKOUT, check=False)
    assert done.returncode == 0


def test_dagster_keeps_its_state_there_and_asks_nobody_for_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = dict(os.environ)
    prepare_instance(state=tmp_path, environ=environ)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    import dagster as dg
    from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager

    with dg.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert isinstance(instance.compute_log_manager, NoOpComputeLogManager)
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert Path(instance.storage_directory()).is_relative_to(tmp_path)
    assert (tmp_path / "history").is_dir()


def test_a_command_that_is_not_there_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    for command in ([], ["no-such-program"]):
        with pytest.raises(SystemExit) as found:
            main(command)
        assert found.value.code == 2
    assert "'no-such-program' is not installed" in capsys.readouterr().err
