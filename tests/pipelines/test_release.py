"""Releases and reports: copied exactly, said to be unprotected, replaced whole."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import UitstroomError
from pipelines import editions
from pipelines.paths import current_folder
from pipelines.release import (
    current_release,
    make_release,
    release_manifest,
    released_editions,
    store_report,
)
from pipelines.storage import digest_folder
from reports.release import Release
from tests.invented.harness import FEW_MARTS, store_all

pytestmark = pytest.mark.unit

EDITION = "0" * 16


@pytest.fixture(autouse=True)
def _small_editions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(editions, "MARTS", FEW_MARTS)
    yield


def test_a_release_says_what_it_is_and_that_nothing_is_protected(tmp_path: Path) -> None:
    _, folder, _ = store_all(tmp_path, EDITION, "old")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {name: manifest[name] for name in sorted(manifest) if name != "tables"} == {
        "as_of": "2025-06",
        "class": "concept",
        "default_scenario": "baseline",
        "edition_id": EDITION,
        "protected": False,
        "region_id": "proeftuin",
        "release_id": folder.name,
        "scenarios": ["baseline"],
        "synthetic": True,
    }
    assert all(set(entry) == {"rows", "sha256"} for entry in manifest["tables"].values())


def test_the_reader_of_reports_accepts_a_release(tmp_path: Path) -> None:
    _, folder, _ = store_all(tmp_path, EDITION, "old")
    release = Release(folder)
    assert not release.is_protected
    assert release.table("mart_source")["title"].to_list() == ["old"]


def test_a_release_holds_the_bytes_of_its_edition(tmp_path: Path) -> None:
    edition, release, _ = store_all(tmp_path, EDITION, "old")
    made, copied = digest_folder(edition), digest_folder(release)
    del made["manifest.json"], copied["manifest.json"]
    assert made == copied


def test_no_clock_and_no_path_stands_in_a_manifest(tmp_path: Path) -> None:
    _, one, _ = store_all(tmp_path / "one", EDITION, "old")
    _, other, _ = store_all(tmp_path / "other", EDITION, "old")
    assert digest_folder(one) == digest_folder(other)


def test_a_damaged_edition_is_not_released(tmp_path: Path) -> None:
    edition, _, _ = store_all(tmp_path, EDITION, "old")
    file = edition / "mart_source.parquet"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(UitstroomError, match="not what its manifest says"):
        make_release(edition, tmp_path / "others", move_current=True)
    assert current_folder(tmp_path / "others") is None


def test_a_release_of_the_same_id_with_other_tables_is_an_error(tmp_path: Path) -> None:
    _, release, _ = store_all(tmp_path / "one", EDITION, "old")
    edition, _, _ = store_all(tmp_path / "other", EDITION, "new")
    with pytest.raises(UitstroomError, match="a release of this id holds other tables"):
        make_release(edition, release.parent, move_current=True)
    assert Release(release).table("mart_source")["title"].to_list() == ["old"]


def test_released_editions_are_known_by_their_manifests(tmp_path: Path) -> None:
    assert released_editions(tmp_path / "releases") == frozenset()
    store_all(tmp_path, EDITION, "old")
    assert released_editions(tmp_path / "releases") == {EDITION}


def test_a_region_without_a_release_is_told_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UitstroomError, match="uitstroom run --region proeftuin"):
        current_release(tmp_path, "proeftuin")


def test_only_declared_tables_enter_a_release() -> None:
    facts = dict.fromkeys(("region_id", "default_scenario", "scenarios", "as_of", "synthetic"), "x")
    tables = {name: {"rows": 0, "sha256": "0" * 64} for name in ("mart_run", "core_stay__open")}
    manifest = release_manifest({**facts, "edition_id": EDITION, "tables": tables})
    assert set(manifest["tables"]) == {"mart_run"}


def page(text: str, *more: str) -> object:
    def build(folder: Path) -> None:
        for name in ("index.html", *more):
            (folder / name).write_text(text)

    return build


def test_a_report_that_is_made_again_takes_the_place_of_the_older_one_whole(
    tmp_path: Path,
) -> None:
    _, release, first = store_all(tmp_path, EDITION, "old")
    again = store_report(release, tmp_path / "reports", page("new"), move_current=True)
    assert again == first
    assert list(digest_folder(again)) == ["index.html"]


def test_the_same_report_again_touches_nothing(tmp_path: Path) -> None:
    _, release, _ = store_all(tmp_path, EDITION, "old")
    folder = store_report(release, tmp_path / "reports", page("a"), move_current=True)
    before = (folder / "index.html").stat().st_ino
    store_report(release, tmp_path / "reports", page("a"), move_current=True)
    assert (folder / "index.html").stat().st_ino == before


def test_a_report_that_fails_leaves_the_older_one(tmp_path: Path) -> None:
    _, release, folder = store_all(tmp_path, EDITION, "old")
    before = digest_folder(folder)

    def build(target: Path) -> None:
        (target / "index.html").write_text("half")
        raise UitstroomError("no page")

    with pytest.raises(UitstroomError, match="no page"):
        store_report(release, tmp_path / "reports", build, move_current=True)
    assert digest_folder(folder) == before
    assert [path.name for path in (tmp_path / "reports").glob(".*")] == []


def test_another_language_has_a_folder_and_a_pointer_of_its_own(tmp_path: Path) -> None:
    _, release, dutch = store_all(tmp_path, EDITION, "old")
    reports = tmp_path / "reports"
    english = store_report(release, reports, page("x"), language="en", move_current=True)
    assert english.name == f"{release.name}-en"
    assert (reports / "current").readlink() == Path(dutch.name)
    assert (reports / "current-en").readlink() == Path(english.name)
