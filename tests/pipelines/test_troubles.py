"""From errors to sentences and exit codes."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from models.errors import FaultsError, RefusedError, UitstroomError, UsageError
from pipelines.troubles import Troubles, explain

pytestmark = pytest.mark.unit


class WrappingError(Exception):
    """As Dagster wraps an error of a resource."""

    def __init__(self, inner: BaseException) -> None:
        super().__init__("Error executing resource_fn")
        self.user_exception = inner


def test_a_sentence_is_given_as_it_is_with_its_code(tmp_path: Path) -> None:
    fault = RefusedError("the file has no envelope", where="a.csv", todo="Write one.")
    assert explain(fault, tmp_path / "log") == (3, ["a.csv: the file has no envelope. Write one."])
    assert not (tmp_path / "log").exists()


def test_several_sentences_are_several_lines(tmp_path: Path) -> None:
    faults = FaultsError([UsageError("one"), UsageError("two")])
    assert explain(faults, tmp_path / "log") == (2, ["one.", "two."])


def test_a_sentence_is_found_inside_what_wraps_it(tmp_path: Path) -> None:
    assert explain(WrappingError(RefusedError("busy")), tmp_path / "log") == (3, ["busy."])
    try:
        try:
            raise UsageError("no such region")
        except UsageError as inner:
            raise RuntimeError("step failed") from inner
    except RuntimeError as error:
        assert explain(error, tmp_path / "log") == (2, ["no such region."])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_line(number: int, tmp_path: Path) -> None:
    code, lines = explain(OSError(number, os.strerror(number)), tmp_path / "log")
    assert code == 1
    assert lines == ["the disk is full; what was there stays as it was. Free space and run again."]


def test_a_full_disk_under_dagster_is_one_line(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    code, lines = explain(WrappingError(error), tmp_path / "log")
    assert code == 1
    assert len(lines) == 1
    assert "where Dagster keeps its state" in lines[0]


def test_a_full_disk_stays_one_whatever_was_made_of_it_on_the_way(tmp_path: Path) -> None:
    try:
        try:
            raise RuntimeError("IO Error: Could not write file: No space left on device")
        except RuntimeError as inner:
            raise UitstroomError("the warehouse cannot be built") from inner
    except UitstroomError as error:
        _, lines = explain(error, tmp_path / "log")
    assert lines == ["the disk is full; what was there stays as it was. Free space and run again."]


def test_a_full_disk_is_told_once_in_the_end_whoever_found_it(tmp_path: Path) -> None:
    troubles = Troubles(tmp_path / "log")
    full = OSError(errno.ENOSPC, "No space left on device", "/data/marts/x")
    assert troubles.meet(full, "zuid") == []
    assert troubles.meet(UsageError("no such region"), "noord") == ["noord: no such region."]
    assert troubles.meet(sqlite3.OperationalError("disk I/O error"), "warehouse") == []
    assert troubles.exit_code == 1
    assert troubles.closing() == [
        "zuid, warehouse: the disk is full at /data/marts/x; what was there stays as it was. "
        "Free space and run again."
    ]
    assert Troubles(tmp_path / "log").closing() == []


def test_of_a_copy_the_place_is_the_one_that_is_written(tmp_path: Path) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/from", None, "/to")
    _, lines = explain(error, tmp_path / "log")
    assert lines[0].startswith("the disk is full at /to;")


def test_a_disk_that_refuses_is_one_line_with_the_place(tmp_path: Path) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/data/marts/x")
    _, lines = explain(error, tmp_path / "log")
    assert lines == [
        "the disk refuses at /data/marts/x (permission denied); what was there stays as it was."
    ]


def test_what_nobody_expected_is_one_line_and_its_traceback_goes_to_the_log(
    tmp_path: Path,
) -> None:
    log = tmp_path / "state" / "uitstroom.log"
    try:
        {}["secret name"]
    except KeyError as error:
        code, lines = explain(error, log)
    assert code == 1
    assert lines == [f"something unexpected went wrong (KeyError); the details are in {log}."]
    assert "Traceback" in log.read_text()


def test_a_log_that_cannot_be_written_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _, lines = explain(KeyError("x"), tmp_path / "file" / "log")
    assert len(lines) == 1
    assert "there is no log" in lines[0]


@pytest.mark.parametrize(
    ("met", "code"),
    [
        ([], 0),
        ([UsageError("x")], 2),
        ([UsageError("x"), RefusedError("x")], 3),
        ([RefusedError("x"), UitstroomError("x"), UsageError("x")], 1),
        ([UsageError("x"), KeyError("x")], 1),
    ],
)
def test_of_several_regions_one_beats_three_beats_two_beats_zero(
    met: list[Exception], code: int, tmp_path: Path
) -> None:
    troubles = Troubles(tmp_path / "log")
    for error in met:
        assert all(line.startswith("zuid: ") for line in troubles.meet(error, "zuid"))
    assert troubles.exit_code == code
