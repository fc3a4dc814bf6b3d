"""What steps share: options, the region's run under its lock, the lock of the warehouse."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import dagster as dg
import pytest

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines.locks import locked
from pipelines.paths import DATA_VARIABLE, DataRoot
from pipelines.resources import RegionWork, RunOptions, WarehouseLock
from pipelines.troubles import chain_of
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.unit

REGIONS = dg.StaticPartitionsDefinition([REGION_ID, "nowhere"])
seen: list[tuple[str, bool]] = []


@dg.asset(partitions_def=REGIONS)
def look(region_work: RegionWork) -> None:
    run = region_work.run
    seen.append((run.region_id, run.draft.folder.is_dir()))
    with pytest.raises(RefusedError, match=f"pid {os.getpid()}"), lock_of(run.root):
        pass


@dg.asset(partitions_def=REGIONS)
def fail(region_work: RegionWork) -> None:
    raise UitstroomError("broken")


@dg.asset
def lonely(region_work: RegionWork) -> None: ...


def lock_of(root: DataRoot) -> AbstractContextManager[None]:
    return locked(root.lock(REGION_ID), REGION_ID, wait_seconds=0)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataRoot]:
    monkeypatch.setenv(DATA_VARIABLE, str(build_data_root(tmp_path)))
    seen.clear()
    yield DataRoot(tmp_path)


def execute(asset: dg.AssetsDefinition, region: str | None = REGION_ID, **config: object) -> None:
    options = RunOptions.configure_at_launch()
    dg.materialize(
        [asset],
        partition_key=region,
        resources={
            "run_options": options,
            "region_work": RegionWork(options=options, wait_seconds=0),
        },
        run_config={"resources": {"run_options": {"config": config}}},
    )


def faults_of(error: BaseException) -> list[UitstroomError]:
    return [found for found in chain_of(error) if isinstance(found, UitstroomError)]


def test_a_run_holds_its_region_and_gives_it_back(root: DataRoot) -> None:
    execute(look)
    assert seen == [(REGION_ID, True)]
    with lock_of(root):
        pass
    assert list(root.editions(REGION_ID).iterdir()) == []


def test_a_run_that_fails_gives_the_region_back_and_leaves_no_draft(root: DataRoot) -> None:
    with pytest.raises(UitstroomError, match="broken"):
        execute(fail)
    with lock_of(root):
        pass
    assert list(root.editions(REGION_ID).iterdir()) == []


def test_a_run_that_cannot_begin_gives_the_region_back(root: DataRoot) -> None:
    (root.region(REGION_ID) / "region.toml").write_text("no toml")
    with pytest.raises(Exception) as found:
        execute(look)
    assert "not valid TOML" in str(faults_of(found.value)[0])
    with lock_of(root):
        pass


def test_a_second_run_of_a_region_is_refused(root: DataRoot) -> None:
    with lock_of(root), pytest.raises(Exception) as found:
        execute(look)
    (fault, *_) = faults_of(found.value)
    assert f"a run of {REGION_ID} is in progress: pid {os.getpid()}, since" in str(fault)
    assert fault.exit_code == 3
    assert seen == []


def test_a_run_without_a_region_is_refused_in_a_sentence(root: DataRoot) -> None:
    with pytest.raises(Exception) as found:
        execute(lonely, region=None)
    assert "Choose a partition (a region)" in str(faults_of(found.value)[0])


def test_a_region_whose_folder_went_away_is_wrong_usage(root: DataRoot) -> None:
    with pytest.raises(Exception) as found:
        execute(look, region="nowhere")
    assert isinstance(faults_of(found.value)[0], UsageError)


def test_options_of_the_page_are_checked_like_those_of_the_command(root: DataRoot) -> None:
    with pytest.raises(Exception) as found:
        execute(look, draws=100)
    assert "not a power of two" in str(faults_of(found.value)[0])


def test_an_empty_month_of_the_page_is_the_last_complete_one() -> None:
    assert RunOptions(as_of="").asked().as_of is None


def test_a_run_that_has_not_begun_is_told_as_such() -> None:
    with pytest.raises(UitstroomError, match="has not begun"):
        _ = RegionWork(options=RunOptions()).run


def test_the_queue_waits_ten_minutes_for_a_region_and_the_command_does_not() -> None:
    assert RegionWork(options=RunOptions()).wait_seconds == 600
    assert WarehouseLock().wait_seconds == 600


def test_the_warehouse_is_held_only_while_it_is_built(root: DataRoot) -> None:
    lock = WarehouseLock(wait_seconds=0)
    with (
        lock.held(root),
        pytest.raises(RefusedError, match="the warehouse is in progress"),
        lock.held(root),
    ):
        pass
    with lock.held(root):
        pass
