"""Releases and reports: made once a class, said to be protected, replaced whole."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import RefusedError, UitstroomError
from pipelines import editions
from pipelines.classes import CLASSES, METHOD, OPENBAAR, PARTIJEN
from pipelines.editions import is_sound, read_manifest
from pipelines.finals import make_final
from pipelines.paths import current_folder
from pipelines.release import (
    current_release,
    make_releases,
    put_attack,
    release_manifest,
    release_of,
    released_editions,
    store_report,
)
from pipelines.storage import digest_folder
from reports.release import Release
from tests.invented.harness import FEW_MARTS, protection_in, store_all

pytestmark = pytest.mark.unit

EDITION = "0" * 16


@pytest.fixture(autouse=True)
def _small_editions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(editions, "MARTS", FEW_MARTS)
    yield


def test_a_release_says_what_it_is_and_how_it_is_protected(tmp_path: Path) -> None:
    _, folder, _ = store_all(tmp_path, EDITION, "old")
    manifest = json.loads((folder / "manifest.json").read_text())
    source = manifest["sources"][0]
    assert (source["source_id"], source["sha256"]) == ("invented", "0" * 64)
    assert {
        name: manifest[name] for name in sorted(manifest) if name not in ("tables", "sources")
    } == {
        "as_of": "2025-06",
        "attack": None,
        "base": 5,
        "class": "partijen",
        "default_scenario": "baseline",
        "dropped": [],
        "edition_id": EDITION,
        "exact_rows": {},
        "method": METHOD,
        "parameters_sha256": None,
        "protected": True,
        "region_id": "proeftuin",
        "release_id": folder.name,
        "rounded": {},
        "scenarios": ["baseline"],
        "synthetic": True,
    }
    assert all(set(entry) == {"rows", "sha256"} for entry in manifest["tables"].values())


def test_an_edition_is_released_in_both_classes_and_only_the_parties_have_a_pointer_yet(
    tmp_path: Path,
) -> None:
    _, folder, _ = store_all(tmp_path, EDITION, "old")
    releases = folder.parent
    public = release_of(releases, EDITION, OPENBAAR)
    assert public is not None and public != folder
    assert release_of(releases, EDITION, PARTIJEN) == folder
    assert current_release(releases, "proeftuin") == folder
    with pytest.raises(UitstroomError, match="nothing was published for everybody"):
        current_release(releases, "proeftuin", OPENBAAR)


def test_the_reader_of_reports_accepts_both_releases(tmp_path: Path) -> None:
    _, folder, _ = store_all(tmp_path, EDITION, "old")
    for release_class in CLASSES:
        release = Release(release_of(folder.parent, EDITION, release_class))
        assert release.is_protected
        assert release.release_class == release_class
        assert release.table("mart_source")["title"].to_list() == ["old"]


def test_tables_about_nobody_keep_the_bytes_of_their_edition(tmp_path: Path) -> None:
    edition, release, _ = store_all(tmp_path, EDITION, "old")
    made, copied = digest_folder(edition), digest_folder(release)
    del made["manifest.json"], copied["manifest.json"]
    assert made == copied


def test_what_an_attack_found_is_in_the_manifest_and_the_release_can_be_made_again(
    tmp_path: Path,
) -> None:
    edition, release, _ = store_all(tmp_path, EDITION, "old")
    put_attack(release, {"pinned": 0})
    assert read_manifest(release)["attack"] == {"pinned": 0}
    assert is_sound(release)
    again = make_releases(edition, release.parent, protection_in(tmp_path), move_current=True)
    assert again[PARTIJEN] == release
    assert read_manifest(release)["attack"] == {"pinned": 0}


def test_what_an_attack_found_never_changes_a_final_release(tmp_path: Path) -> None:
    _, release, _ = store_all(tmp_path, EDITION, "old")
    make_final(release.parent, release, by="stuurgroep", at="2026-11-22")
    with pytest.raises(RefusedError, match="final release never changes"):
        put_attack(release, {"pinned": 0})


def test_no_clock_and_no_path_stands_in_a_manifest(tmp_path: Path) -> None:
    _, one, _ = store_all(tmp_path / "one", EDITION, "old")
    _, other, _ = store_all(tmp_path / "other", EDITION, "old")
    assert digest_folder(one) == digest_folder(other)


def test_a_damaged_edition_is_not_released(tmp_path: Path) -> None:
    edition, _, _ = store_all(tmp_path, EDITION, "old")
    file = edition / "mart_source.parquet"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(UitstroomError, match="not what its manifest says"):
        make_releases(edition, tmp_path / "others", protection_in(tmp_path), move_current=True)
    assert current_folder(tmp_path / "others") is None


def test_a_release_of_the_same_id_with_other_tables_is_an_error(tmp_path: Path) -> None:
    _, release, _ = store_all(tmp_path / "one", EDITION, "old")
    edition, _, _ = store_all(tmp_path / "other", EDITION, "new")
    with pytest.raises(UitstroomError, match="a release of this id holds other tables"):
        make_releases(edition, release.parent, protection_in(tmp_path / "other"), move_current=True)
    assert Release(release).table("mart_source")["title"].to_list() == ["old"]


def test_released_editions_are_known_by_their_manifests(tmp_path: Path) -> None:
    assert released_editions(tmp_path / "releases") == frozenset()
    store_all(tmp_path, EDITION, "old")
    assert released_editions(tmp_path / "releases") == {EDITION}


def test_a_region_without_a_release_is_told_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UitstroomError, match="uitstroom run --region proeftuin"):
        current_release(tmp_path, "proeftuin")


def test_nothing_of_the_deliveries_is_in_a_manifest() -> None:
    facts = dict.fromkeys(("region_id", "default_scenario", "scenarios", "as_of", "synthetic"), "x")
    closed = {"inputs_sha256": "a" * 64, "key_id": "b" * 16}
    told = release_manifest({**facts, **closed, "edition_id": EDITION}, {}, PARTIJEN, base=5)
    assert not set(closed) & set(told)
    assert "a" * 64 not in json.dumps(told)


def test_what_readers_are_told_goes_into_every_class_and_nothing_is_made_up() -> None:
    facts = dict.fromkeys(("region_id", "default_scenario", "scenarios", "as_of", "synthetic"), "x")
    edition = {**facts, "edition_id": EDITION}
    told = {
        "places": {"GM0394": "Haarlemmermeer"},
        "contact": {"office": "Bureau Uitstroom"},
        "next_edition": {"as_of": "2027-04", "day": "2027-05-08"},
    }
    for name in CLASSES:
        made = release_manifest({**edition, **told}, {}, name, base=5)
        assert {key: made[key] for key in told} == told
        assert not set(told) & set(release_manifest(edition, {}, name, base=5))


def test_another_base_or_class_is_another_release() -> None:
    facts = dict.fromkeys(("region_id", "default_scenario", "scenarios", "as_of", "synthetic"), "x")
    edition = {**facts, "edition_id": EDITION}
    ids = {
        release_manifest(edition, {}, name, base=base)["release_id"]
        for name in CLASSES
        for base in (5, 10)
    }
    assert len(ids) == 4


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


def test_a_report_for_everybody_has_a_pointer_of_its_own(tmp_path: Path) -> None:
    _, release, parties = store_all(tmp_path, EDITION, "old")
    reports = tmp_path / "reports"
    public = release_of(release.parent, EDITION, OPENBAAR)
    with pytest.raises(RefusedError, match="only once its release was attacked"):
        store_report(public, reports, page("x"), move_current=True)
    assert not (reports / public.name).exists()
    put_attack(public, {"pinned": 0})
    dutch = store_report(public, reports, page("x"), move_current=True)
    english = store_report(public, reports, page("y"), language="en", move_current=True)
    assert (reports / "current").readlink() == Path(parties.name)
    assert (reports / "current-openbaar").readlink() == Path(dutch.name)
    assert (reports / "current-openbaar-en").readlink() == Path(english.name)
