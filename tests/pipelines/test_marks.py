"""Marks: what used a retracted source says so, and stays what it was."""

import json
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError
from pipelines import editions
from pipelines.editions import is_sound
from pipelines.marks import MARKS, Mark, mark_uses, read_marks, uses
from pipelines.paths import DataRoot
from pipelines.storage import digest_folder
from tests.invented.harness import FEW_MARTS, store_all

pytestmark = pytest.mark.unit

USED = "0" * 64
MARK = Mark("invented", USED, "bureau", "the maker took the edition back")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    """A root with two editions and releases of one region, both made of one source."""
    monkeypatch.setattr(editions, "MARTS", FEW_MARTS)
    root = DataRoot(tmp_path)
    for number, note in enumerate(("old", "new")):
        edition, release, _ = store_all(tmp_path / "made", str(number) * 16, note)
        for made, parent in ((edition, root.editions("noord")), (release, root.releases("noord"))):
            parent.mkdir(parents=True, exist_ok=True)
            made.rename(parent / made.name)
    return root


def folders(root: DataRoot) -> list[Path]:
    return [
        path
        for parent in (root.editions("noord"), root.releases("noord"))
        for path in sorted(parent.iterdir())
    ]


def test_everything_that_used_the_source_is_marked_and_nothing_else_of_it_changes(
    root: DataRoot,
) -> None:
    before = digest_folder(root.marts)
    made, released = mark_uses(root, "noord", MARK)
    assert sorted([*made, *released]) == sorted(folders(root))
    for folder in folders(root):
        assert read_marks(folder) == [MARK]
        assert is_sound(folder)
    after = {name: sha for name, sha in digest_folder(root.marts).items() if MARKS not in name}
    assert after == before


def test_the_same_mark_again_changes_nothing_and_a_second_one_joins_the_first(
    root: DataRoot,
) -> None:
    mark_uses(root, "noord", MARK)
    before = digest_folder(root.marts)
    mark_uses(root, "noord", Mark("invented", USED, "other", "another reason given"))
    assert digest_folder(root.marts) == before
    assert before != {}


def test_what_did_not_use_the_source_is_left_alone(root: DataRoot) -> None:
    other = Mark("other", "1" * 64, "bureau", "the maker took the edition back")
    assert mark_uses(root, "noord", other) == ([], [])
    assert all(not (folder / MARKS).exists() for folder in folders(root))


@pytest.mark.parametrize(
    ("verdict", "counted"),
    [
        ("accepted", True),
        ("accepted_with_quarantine", True),
        ("known", False),
        ("retracted", False),
    ],
)
def test_a_delivery_was_used_when_its_rows_counted(
    tmp_path: Path, verdict: str, counted: bool
) -> None:
    pl.DataFrame({"sha256": [USED], "verdict": [verdict]}).write_parquet(
        tmp_path / "mart_delivery.parquet"
    )
    assert uses(tmp_path, USED) is counted


def test_storing_the_same_edition_and_release_again_still_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "MARTS", FEW_MARTS)
    edition, release, _ = store_all(tmp_path, "0" * 16, "old")
    for folder in (edition, release):
        (folder / MARKS).write_text(json.dumps({"retracted": []}))
    assert store_all(tmp_path, "0" * 16, "old")[:2] == (edition, release)
    assert (edition / MARKS).is_file()


def test_a_mark_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / MARKS).write_text("{}")
    with pytest.raises(UitstroomError, match="marks cannot be read"):
        read_marks(tmp_path)
