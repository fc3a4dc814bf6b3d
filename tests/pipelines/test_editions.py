"""Editions: visible together or not at all, the same bytes or an error, pruned by number."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError
from models.tables import MARTS
from pipelines import editions, faults
from pipelines.editions import (
    is_sound,
    open_draft,
    publish_edition,
    read_manifest,
)
from pipelines.paths import CHECKOUT, current_folder
from pipelines.storage import digest_folder, sha256_of
from tests.invented.harness import FACTS, FEW_MARTS, put_invented, store_all

pytestmark = pytest.mark.unit

OLD, NEW = "0" * 16, "1" * 16

POINTS = [
    "K4:1",
    f"K4:{len(FEW_MARTS)}",
    "K12:1",
    "K13:1",
    "K5:1",
    "K5:2",
    "K14:1",
    f"K4:{len(FEW_MARTS) + 3}",
    "K12:2",
    "K13:2",
    "K14:2",
    "K18:1",
    "K18:2",
    "K13:3",
    "K14:3",
]
"""Every point that storing an edition, its release and its report passes, in order."""


def note_of(folder: Path) -> str:
    """Read what an edition or release says, after checking that it is whole."""
    assert is_sound(folder)
    return pl.read_parquet(folder / "mart_source.parquet")["title"].item()


def check_old_or_new(folder: Path) -> None:
    """See what a reader sees: an old or a new edition, release and report, each whole."""
    for name in ("editions", "releases"):
        current = current_folder(folder / name)
        assert current is not None
        assert note_of(current) in ("old", "new")
        visible = [path for path in (folder / name).iterdir() if not path.name.startswith(".")]
        assert all(is_sound(path) for path in visible if path.is_dir())
    report = current_folder(folder / "reports")
    assert report is not None
    pages = {(report / name).read_text() for name in ("index.html", "charts/a.csv")}
    assert pages in ({"old"}, {"new"})


def state_of(folder: Path) -> dict[str, str]:
    """Give what is stored and where the pointers point."""
    pointers = {
        str(path.relative_to(folder)): str(path.readlink()) for path in folder.rglob("current")
    }
    return {name: sha for name, sha in digest_folder(folder).items()} | pointers


@pytest.fixture(autouse=True, scope="module")
def _small_editions() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(editions, "MARTS", FEW_MARTS)
        yield


@pytest.fixture(autouse=True)
def _no_passages() -> None:
    faults._passages.clear()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the old edition, release and report stand."""
    folder = tmp_path_factory.mktemp("old")
    store_all(folder, OLD, "old")
    return folder


@pytest.fixture(scope="module")
def undisturbed(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = copy(stored, tmp_path_factory.mktemp("both") / "both")
    store_all(folder, NEW, "new")
    return state_of(folder)


def copy(stored: Path, folder: Path) -> Path:
    return shutil.copytree(stored, folder, symlinks=True)


def check_recovered(folder: Path, undisturbed: dict[str, str]) -> None:
    store_all(folder, NEW, "new")
    assert state_of(folder) == undisturbed


@pytest.mark.parametrize("point", POINTS)
def test_a_full_disk_at_any_point_leaves_old_or_new_whole_and_nothing_half(
    point: str,
    stored: Path,
    tmp_path: Path,
    undisturbed: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = copy(stored, tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setenv(faults.VARIABLE, f"{point}:enospc")
        with pytest.raises(OSError, match="No space left"):
            store_all(folder, NEW, "new")
    check_old_or_new(folder)
    assert [path.name for path in folder.rglob(".*")] == []
    check_recovered(folder, undisturbed)


def test_a_kill_at_any_point_leaves_old_or_new_whole_and_the_next_run_mends_it(
    stored: Path, tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    killed = {}
    for point in POINTS[1::3]:
        folder = copy(stored, tmp_path / point.replace(":", "-"))
        killed[folder] = subprocess.Popen(
            [sys.executable, "-m", "tests.invented.harness", str(folder), NEW, "new"],
            cwd=CHECKOUT,
            env={**os.environ, faults.VARIABLE: f"{point}:kill"},
        )
    for folder, process in killed.items():
        assert process.wait(timeout=60) == -9, folder.name
        check_old_or_new(folder)
        check_recovered(folder, undisturbed)


def test_a_table_that_does_not_meet_its_declaration_is_not_written(tmp_path: Path) -> None:
    draft = open_draft(tmp_path)
    with pytest.raises(UitstroomError, match="mart_source"):
        draft.put("mart_source", pl.DataFrame({"region_id": ["proeftuin"]}))
    assert list(draft.folder.iterdir()) == []


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    draft = put_invented(tmp_path, "old")
    assert draft.read("mart_source")["title"].to_list() == ["old"]
    with pytest.raises(UitstroomError, match="this run has not made the table"):
        open_draft(tmp_path).read("mart_source")


def test_an_edition_without_all_declared_tables_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "MARTS", MARTS)
    draft = put_invented(tmp_path, "old")
    with pytest.raises(UitstroomError, match="the edition is not complete; found no mart_run"):
        publish_edition(draft, OLD, FACTS, move_current=True)
    assert not (tmp_path / OLD).exists()


def test_the_manifest_holds_rows_and_hash_of_every_table(tmp_path: Path) -> None:
    edition, _, _ = store_all(tmp_path, OLD, "old")
    manifest = read_manifest(edition)
    assert manifest["edition_id"] == OLD
    assert set(manifest["tables"]) == set(FEW_MARTS)
    for name, entry in manifest["tables"].items():
        content = (edition / f"{name}.parquet").read_bytes()
        assert entry == {"rows": pl.read_parquet(content).height, "sha256": sha256_of(content)}


def test_the_same_edition_again_changes_nothing(tmp_path: Path) -> None:
    store_all(tmp_path, OLD, "old")
    before = state_of(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "editions" / OLD).iterdir()}
    store_all(tmp_path, OLD, "old")
    assert state_of(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_the_same_edition_with_other_bytes_is_an_error_and_the_earlier_one_stays(
    tmp_path: Path,
) -> None:
    store_all(tmp_path, OLD, "old")
    with pytest.raises(UitstroomError, match=r"not reproducible.*mart_source\.parquet"):
        store_all(tmp_path, OLD, "other")
    assert note_of(tmp_path / "editions" / OLD) == "old"


def test_a_damaged_edition_is_made_anew(tmp_path: Path) -> None:
    edition, _, _ = store_all(tmp_path, OLD, "old")
    file = edition / "mart_source.parquet"
    file.write_bytes(file.read_bytes()[:-7])
    assert not is_sound(edition)
    store_all(tmp_path, OLD, "old")
    assert note_of(edition) == "old"


def test_a_run_that_is_not_the_usual_one_never_moves_current(tmp_path: Path) -> None:
    store_all(tmp_path, OLD, "old")
    edition, release, report = store_all(tmp_path, NEW, "new", move_current=False)
    assert all(folder.is_dir() for folder in (edition, release, report))
    for name in ("editions", "releases", "reports"):
        current = current_folder(tmp_path / name)
        assert current is not None
        assert current not in (edition, release, report)


def publish_many(folder: Path, count: int, released: frozenset[str] = frozenset()) -> None:
    for number in range(count):
        draft = put_invented(folder, str(number))
        publish_edition(draft, f"{number:016x}", FACTS, move_current=number == 0, released=released)


def test_editions_are_pruned_by_number_but_never_current_or_released_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "KEPT_EDITIONS", 2)
    publish_many(tmp_path, 6, released=frozenset({f"{1:016x}"}))
    left = sorted(path.name for path in tmp_path.iterdir() if len(path.name) == 16)
    assert left == [f"{number:016x}" for number in (0, 1, 4, 5)]
    ledger = json.loads((tmp_path / "ledger.json").read_text())["editions"]
    assert [entry["sequence"] for entry in ledger] == [1, 2, 5, 6]


def test_the_clock_has_no_say_in_which_edition_is_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_many(tmp_path, 3)
    for number in range(3):
        stamp = 2_000_000_000 - number
        os.utime(tmp_path / f"{number:016x}", (stamp, stamp))
    monkeypatch.setattr(editions, "KEPT_EDITIONS", 1)
    editions.prune_editions(tmp_path, frozenset())
    left = sorted(path.name for path in tmp_path.iterdir() if len(path.name) == 16)
    assert left == [f"{0:016x}", f"{2:016x}"]


def test_a_ledger_that_cannot_be_read_loses_no_edition(tmp_path: Path) -> None:
    publish_many(tmp_path, 2)
    (tmp_path / "ledger.json").write_text("half a li")
    draft = put_invented(tmp_path, "2")
    publish_edition(draft, f"{2:016x}", FACTS, move_current=True)
    ledger = json.loads((tmp_path / "ledger.json").read_text())["editions"]
    assert [entry["edition_id"] for entry in ledger] == [f"{number:016x}" for number in range(3)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tables": 1}'])
def test_a_manifest_that_is_none_is_told_as_such(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UitstroomError, match="the manifest"):
        read_manifest(tmp_path)
    assert not is_sound(tmp_path)
