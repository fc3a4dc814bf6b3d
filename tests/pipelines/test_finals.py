"""Final releases: made once, kept with their hashes, in an order that no clock decides."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines import editions
from pipelines.classes import OPENBAAR, PARTIJEN
from pipelines.editions import is_sound
from pipelines.finals import (
    final_releases,
    last_final_release,
    make_final,
    read_final,
    seal_report,
)
from pipelines.marks import MARKS
from pipelines.release import make_releases, release_of, store_report
from reports.release import Release
from tests.invented.harness import FEW_MARTS, protection_in, store_all

pytestmark = pytest.mark.unit

OFFICE = "stuurgroep"
AT = "2026-11-22T09:00:00+00:00"


@pytest.fixture(autouse=True)
def _small_editions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(editions, "MARTS", FEW_MARTS)
    yield


def final_of(root: Path, edition_id: str, text: str) -> Path:
    """Make a release, and make it final."""
    _, release, report = store_all(root, edition_id, text)
    make_final(release.parent, release, by=OFFICE, at=AT)
    seal_report(release, report)
    return release


def test_a_concept_carries_no_mark_and_a_final_release_does(tmp_path: Path) -> None:
    _, release, _ = store_all(tmp_path, "0" * 16, "old")
    assert read_final(release) is None
    assert not Release(release).is_final
    make_final(release.parent, release, by=OFFICE, at=AT)
    assert Release(release).is_final
    assert is_sound(release)


def test_the_last_one_is_the_last_that_was_made_final_whatever_the_clock_says(
    tmp_path: Path,
) -> None:
    first = final_of(tmp_path, "0" * 16, "old")
    _, second, _ = store_all(tmp_path, "1" * 16, "new")
    make_final(second.parent, second, by=OFFICE, at="1999-01-01T00:00:00+00:00")
    assert last_final_release(first.parent) == second
    assert [final.number for final, _ in final_releases(first.parent)] == [1, 2]


def test_making_it_final_again_changes_nothing(tmp_path: Path) -> None:
    release = final_of(tmp_path, "0" * 16, "old")
    before = read_final(release)
    again = make_final(release.parent, release, by="regiosecretariaat", at="2027-01-01")
    assert again == before


def test_a_manifest_that_was_changed_afterwards_is_found(tmp_path: Path) -> None:
    release = final_of(tmp_path, "0" * 16, "old")
    manifest = release / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes() + b" ")
    with pytest.raises(UitstroomError, match="not the one that was made final"):
        read_final(release)


def test_a_report_of_a_final_release_never_becomes_another_one(tmp_path: Path) -> None:
    release = final_of(tmp_path, "0" * 16, "old")
    reports = next(tmp_path.rglob(f"reports/**/{release.name}")).parent

    def build(folder: Path) -> None:
        (folder / "index.html").write_text("another text")

    with pytest.raises(RefusedError, match="never changes"):
        store_report(release, reports, build, move_current=True)
    assert "another text" not in (reports / release.name / "index.html").read_text()


def test_a_release_that_used_a_retracted_source_is_refused(tmp_path: Path) -> None:
    _, release, _ = store_all(tmp_path, "0" * 16, "old")
    mark = '{"what": "intake/a.csv", "sha256": "ab", "by": "x", "why": "y"}'
    (release / MARKS).write_text(f'{{"retracted": [{mark}]}}')
    with pytest.raises(RefusedError, match=r"intake/a\.csv"):
        make_final(release.parent, release, by=OFFICE, at=AT)


def test_an_office_decides_and_the_release_survives_being_made_again(tmp_path: Path) -> None:
    edition, release, _ = store_all(tmp_path, "0" * 16, "old")
    with pytest.raises(UsageError, match="not a person"):
        make_final(release.parent, release, by="", at=AT)
    make_final(release.parent, release, by=OFFICE, at=AT)
    again = make_releases(edition, release.parent, protection_in(tmp_path), move_current=True)
    assert again[PARTIJEN] == release
    assert read_final(release) is not None


def test_a_final_release_for_everybody_is_none_that_a_run_compares_itself_with(
    tmp_path: Path,
) -> None:
    first = final_of(tmp_path, "0" * 16, "old")
    _, release, _ = store_all(tmp_path, "1" * 16, "new")
    public = release_of(release.parent, "1" * 16, OPENBAAR)
    made = make_final(release.parent, public, by=OFFICE, at=AT)
    assert made.number == 1
    assert last_final_release(release.parent) == first
    assert last_final_release(release.parent, OPENBAAR) == public
    assert [path for _, path in final_releases(release.parent)] == [first, public]


def test_an_old_final_release_without_protection_still_counts(tmp_path: Path) -> None:
    release = final_of(tmp_path, "0" * 16, "old")
    file = release / "manifest.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "class": "concept", "protected": False}))
    (release / "final.json").unlink()
    make_final(release.parent, release, by=OFFICE, at=AT)
    assert last_final_release(release.parent) == release
