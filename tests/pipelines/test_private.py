"""Rows about clients: stored closed, read back as they were, never left over."""

import stat
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError
from pipelines.private import open_private, read_private, write_private

pytestmark = pytest.mark.unit

ROWS = pl.DataFrame({"client_id": ["x"], "registered_on": ["2025-01-01"]}).with_columns(
    pl.col("registered_on").str.to_date()
)


def test_folder_and_files_are_closed_to_others(tmp_path: Path) -> None:
    folder = open_private(tmp_path / "private" / "zuid")
    write_private(folder, {"raw_delivery__intake": ROWS}, layer="raw")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "private").rglob("*")}
    assert set(modes.values()) == {0o700, 0o600}
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o700
    assert modes[folder / "raw_delivery__intake.parquet"] == 0o600


def test_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    folder = open_private(tmp_path / "zuid")
    write_private(folder, {"raw_delivery__intake": ROWS}, layer="raw")
    assert read_private(folder, ["raw_delivery__intake"])["raw_delivery__intake"].equals(ROWS)


def test_a_table_that_is_no_longer_made_does_not_stay(tmp_path: Path) -> None:
    folder = open_private(tmp_path / "zuid")
    write_private(folder, {"core_a": ROWS, "core_b": ROWS}, layer="core")
    write_private(folder, {"raw_a": ROWS}, layer="raw")
    write_private(folder, {"core_b": ROWS}, layer="core")
    assert sorted(file.stem for file in folder.iterdir()) == ["core_b", "raw_a"]


def test_what_a_killed_run_left_half_is_removed(tmp_path: Path) -> None:
    folder = open_private(tmp_path / "zuid")
    (folder / ".core_a.parquet.new").touch()
    open_private(folder)
    assert list(folder.iterdir()) == []


def test_a_table_that_was_not_made_is_told_as_such(tmp_path: Path) -> None:
    folder = open_private(tmp_path / "zuid")
    with pytest.raises(UitstroomError, match=r"zuid, core_a: the table is not there"):
        read_private(folder, ["core_a"])
