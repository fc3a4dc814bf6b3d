"""Writing so that a reader sees old or new, whole."""

import os
import stat
from pathlib import Path

import polars as pl
import pytest

from pipelines import faults, storage
from pipelines.storage import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    digest_folder,
    make_folder,
    parquet_bytes,
    publish_folder,
    remove_folder,
    remove_leftovers,
    replace_file,
    switch_pointer,
    write_file,
)

pytestmark = pytest.mark.unit


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_equal_frames_give_equal_parquet_bytes() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert parquet_bytes(frame) == parquet_bytes(frame.clone())
    assert parquet_bytes(frame) != parquet_bytes(frame.reverse())


def test_a_private_file_is_closed_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        folder = make_folder(tmp_path / "private", mode=PRIVATE_FOLDER)
        replace_file(folder / "a.parquet", b"rows", mode=PRIVATE_FILE)
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a.parquet").stat().st_mode) == 0o600


@pytest.mark.parametrize("fault", ["K4:enospc", "K5:enospc"])
def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.parquet"
    write_file(file, b"old")
    faults._passages.clear()
    monkeypatch.setenv(faults.VARIABLE, fault)
    with pytest.raises(OSError):
        replace_file(file, b"newer")
    assert file.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.parquet"]


def test_a_folder_takes_the_place_of_an_older_one_whole(tmp_path: Path) -> None:
    old, new = tmp_path / "report", tmp_path / ".draft"
    for folder, name in ((old, "old.html"), (new, "new.html")):
        folder.mkdir()
        (folder / name).touch()
    publish_folder(new, old)
    assert names_in(tmp_path) == ["report"]
    assert names_in(old) == ["new.html"]


def test_folders_are_swapped_by_renames_where_the_system_has_no_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.ctypes, "CDLL", lambda *args, **kwargs: object())
    old, new = tmp_path / "report", tmp_path / ".draft"
    for folder, name in ((old, "old.html"), (new, "new.html")):
        folder.mkdir()
        (folder / name).touch()
    publish_folder(new, old)
    assert names_in(tmp_path) == ["report"]
    assert names_in(old) == ["new.html"]


def test_files_reach_the_disk_before_the_rename_that_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Power loss: the file, then the rename, then the folder."""
    seen: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def spy_sync(handle: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def spy_rename(path: Path, target: Path) -> Path:
        seen.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", spy_sync)
    monkeypatch.setattr(Path, "replace", spy_rename)
    replace_file(tmp_path / "a.parquet", b"rows")
    assert seen == ["file", "rename", "folder"]


def test_the_pointer_is_relative_and_moves_by_one_rename(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    switch_pointer(tmp_path, "a")
    switch_pointer(tmp_path, "b")
    assert (tmp_path / "current").readlink() == Path("b")
    assert names_in(tmp_path) == ["a", "b", "current"]


def test_leftovers_are_hidden_entries_only(tmp_path: Path) -> None:
    (tmp_path / ".draft").mkdir()
    (tmp_path / ".draft" / "half.parquet").touch()
    (tmp_path / ".current.new").symlink_to("nowhere")
    (tmp_path / "kept").mkdir()
    remove_leftovers(tmp_path)
    remove_leftovers(tmp_path / "not there")
    assert names_in(tmp_path) == ["kept"]


def test_a_removed_folder_is_gone_and_a_missing_one_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    remove_folder(tmp_path / "a")
    remove_folder(tmp_path / "a")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_what_a_killed_removal_left_goes_with_the_next_one(tmp_path: Path, is_there: bool) -> None:
    (tmp_path / ".a.gone" / "b").mkdir(parents=True)
    if is_there:
        (tmp_path / "a").mkdir()
    remove_folder(tmp_path / "a")
    assert names_in(tmp_path) == []


def test_a_folder_is_known_by_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "b.csv").write_bytes(b"1")
    (tmp_path / "a.html").write_bytes(b"2")
    assert list(digest_folder(tmp_path)) == ["a.html", "charts/b.csv"]
