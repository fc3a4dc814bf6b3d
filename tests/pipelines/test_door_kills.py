"""Kills at the door: whatever the moment, the next pass ends where an undisturbed one does."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.invented.door import (
    WAITS_SECONDS,
    build_two_deliveries,
    events_of,
    pass_door,
    rows_of,
    start_door,
    state_of,
)

pytestmark = pytest.mark.unit

POINTS = ["K1:2", "K2:1", "K3:1", "K4:1", "K5:2", "K5:3", "K6:2", "K7:2"]
"""Every point that a second delivery passes at the door, in order: K5 before and after a rename."""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_two_deliveries(tmp_path_factory.mktemp("before") / "data")


@pytest.fixture(scope="module")
def undisturbed(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(before, tmp_path_factory.mktemp("undisturbed") / "data")
    pass_door(folder)
    return folder


def test_the_second_delivery_is_worth_a_kill(before: Path, undisturbed: Path) -> None:
    assert state_of(before) != state_of(undisturbed)
    told = [event.partition(":")[0] for event in events_of(undisturbed)]
    assert told == ["accepted"] * 3 + ["replaced", "accepted"] * 2
    assert rows_of(undisturbed) == {
        "capacity/capacity.csv": 29,
        "capacity_plan/capacity_plan.csv": 1,
        "intake/intake.csv": 269,
    }


def test_the_same_pass_again_leaves_the_same(undisturbed: Path) -> None:
    state = state_of(undisturbed)
    pass_door(undisturbed)
    assert state_of(undisturbed) == state


@pytest.mark.parametrize("point", POINTS)
def test_after_a_kill_the_next_pass_ends_as_if_nothing_had_happened(
    point: str, before: Path, undisturbed: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(before, tmp_path / "data")
    process = start_door(folder, f"{point}:kill")
    process.join(WAITS_SECONDS)
    assert process.exitcode == -signal.SIGKILL, "the point was not reached"
    assert rows_of(folder)  # what is there can be read, whole
    pass_door(folder)
    assert state_of(folder) == state_of(undisturbed)
    assert events_of(folder) == events_of(undisturbed)
    assert rows_of(folder) == rows_of(undisturbed)
