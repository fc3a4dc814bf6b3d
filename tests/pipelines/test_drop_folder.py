"""The drop folder: only whole files, a key of names and contents, nothing asked twice."""

import os
import time
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.drop_folder import REST_SECONDS, watch
from pipelines.paths import DATA_VARIABLE, DataRoot
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.unit


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(build_data_root(tmp_path / "data"))


def later(seconds: float = REST_SECONDS + 1) -> float:
    return time.time() + seconds


def box(root: DataRoot) -> Path:
    return root.region(REGION_ID) / "deliveries" / "intake"


def test_a_file_that_was_just_written_is_left_alone(root: DataRoot) -> None:
    found = watch(root, REGION_ID, now=time.time())
    assert found.run_key is None
    assert "12 of 12 files are being written" in found.why


def test_files_at_rest_for_a_minute_are_asked_for(root: DataRoot) -> None:
    found = watch(root, REGION_ID, now=later())
    assert found.run_key is not None
    assert found.run_key.startswith(f"{REGION_ID}:")


def test_a_marker_beside_each_file_stands_for_the_minute(root: DataRoot) -> None:
    for file in (root.region(REGION_ID) / "deliveries").rglob("*.csv"):
        file.with_name(f"{file.name}.ok").touch()
    assert (
        watch(root, REGION_ID, now=time.time()).run_key
        == watch(root, REGION_ID, now=later()).run_key
    )


def test_one_file_that_is_being_written_holds_up_all(root: DataRoot) -> None:
    for file in (root.region(REGION_ID) / "deliveries").rglob("*.csv"):
        file.with_name(f"{file.name}.ok").touch()
    (box(root) / "more.csv").write_text("half a he")
    assert watch(root, REGION_ID, now=time.time()).run_key is None


def test_what_a_transfer_leaves_lying_holds_up_nothing(root: DataRoot) -> None:
    key = watch(root, REGION_ID, now=later()).run_key
    for name in ("more.csv.part", ".more.csv", "~$book.xlsx", "more.tmp", "more.csv.PART"):
        (box(root) / name).write_text("half")
    assert watch(root, REGION_ID, now=later()).run_key == key


def test_the_key_holds_names_and_contents_and_no_moment(root: DataRoot, tmp_path: Path) -> None:
    key = watch(root, REGION_ID, now=later()).run_key
    file = box(root) / "intake.csv"
    os.utime(file, (1, 1))
    assert watch(root, REGION_ID, now=later(4000)).run_key == key
    elsewhere = DataRoot(build_data_root(tmp_path / "an other place"))
    assert watch(elsewhere, REGION_ID, now=later()).run_key == key
    file.write_bytes(file.read_bytes() + b"\n")
    changed = watch(root, REGION_ID, now=later()).run_key
    file.rename(file.with_name("renamed.csv"))
    assert len({key, changed, watch(root, REGION_ID, now=later()).run_key}) == 3


def test_the_same_folder_is_asked_for_once(root: DataRoot) -> None:
    first = watch(root, REGION_ID, now=later())
    assert watch(root, REGION_ID, now=later(), cursor=first.cursor).why == "nothing new"
    os.utime(box(root) / "intake.csv", (1, 1))
    assert watch(root, REGION_ID, now=later(), cursor=first.cursor).why == "nothing new"


def test_an_empty_folder_asks_for_nothing(tmp_path: Path) -> None:
    assert watch(DataRoot(tmp_path), "nergens", now=0.0).why == "nothing was delivered"


def test_the_sensor_of_a_region_runs_and_asks_once(
    root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The definitions name the checkout's regions; the first of them looks at another folder."""
    region_id = DataRoot.from_environment().region_ids()[0]
    definitions = defs()
    sensor = definitions.get_sensor_def(f"deliveries__{region_id.replace('-', '_')}")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    build_data_root(root.path, region_id)
    monkeypatch.setenv(DATA_VARIABLE, str(root.path))
    with dg.build_sensor_context(definitions=definitions) as context:
        assert isinstance(sensor(context), dg.SkipReason)
    for file in (root.region(region_id) / "deliveries").rglob("*.csv"):
        file.with_name(f"{file.name}.ok").touch()
    with dg.build_sensor_context(definitions=definitions) as context:
        asked = sensor(context)
        assert isinstance(asked, dg.SensorResult)
        (request,) = asked.run_requests or []
        assert request.partition_key == region_id
        assert request.run_key == watch(root, region_id, now=later()).run_key
    with dg.build_sensor_context(definitions=definitions, cursor=asked.cursor) as context:
        again = sensor(context)
        assert isinstance(again, dg.SkipReason)
        assert again.skip_message == "nothing new"
