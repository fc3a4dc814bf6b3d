"""The fault points: inert by default, exact when asked."""

import errno

import pytest

from models.errors import UsageError
from pipelines import faults
from pipelines.faults import VARIABLE, fault_point

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _no_passages() -> None:
    faults._passages.clear()


def test_a_point_does_nothing_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    for name in faults.POINTS:
        fault_point(name)


def test_a_full_disk_happens_at_the_named_point_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "K13:enospc")
    fault_point("K12")
    with pytest.raises(OSError) as found:
        fault_point("K13")
    assert found.value.errno == errno.ENOSPC
    fault_point("K13")


def test_the_nth_passage_is_counted_from_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "K4:3:eio")
    fault_point("K4")
    fault_point("K4")
    with pytest.raises(OSError) as found:
        fault_point("K4")
    assert found.value.errno == errno.EIO


@pytest.mark.parametrize(
    "setting", ["K4", "K4:burn", "K4:0:kill", "K4:x:kill", "K4:1:2:kill", ":kill"]
)
def test_a_setting_that_cannot_be_read_is_refused(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, setting)
    with pytest.raises(UsageError):
        fault_point("K4")


def test_an_unknown_point_brings_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "K99:kill")
    with pytest.raises(UsageError, match=r"K99.* does not exist"):
        fault_point("K4")
