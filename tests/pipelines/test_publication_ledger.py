"""The ledger of publications: what is entered once, what every time, and what never."""

import json
from pathlib import Path

import pytest

from models.errors import RefusedError, UitstroomError
from pipelines.finals import make_final
from pipelines.marks import MARKS
from pipelines.paths import DataRoot
from pipelines.publication_ledger import (
    Event,
    Publications,
    publications_folder,
    record_attack,
    record_final,
    record_published,
    record_release,
    record_report,
    record_retraction,
)
from pipelines.storage import digest_folder, sha256_of
from tests.invented.publications import (
    AT,
    FIRST,
    SECOND,
    deliver,
    publish,
    store_release,
    store_report,
)

pytestmark = pytest.mark.unit

REGION = "proeftuin"
LATER = "2027-01-01T09:00:00+00:00"


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(tmp_path)


def events(root: DataRoot) -> list[str]:
    return [entry.event.value for entry in Publications(root, REGION).entries]


def test_every_step_of_a_publication_is_one_line_with_the_hash_of_the_manifest(
    root: DataRoot,
) -> None:
    release, report = publish(root, REGION)
    record_published(root, REGION, release, at=AT, pointer="current-openbaar")
    found = Publications(root, REGION).entries
    assert events(root) == ["released", "reported", "attacked", "finalised", "published"]
    digest = sha256_of((release / "manifest.json").read_bytes())
    assert {entry.manifest_sha256 for entry in found} == {digest}
    assert {(entry.release_id, entry.release_class) for entry in found} == {(FIRST, "openbaar")}
    assert Publications(root, REGION).reports() == {report.name: digest_folder(report)}
    assert found[3].facts["by"] == "stuurgroep"
    assert found[2].facts["findings"] == 0


def test_the_same_again_enters_nothing_but_for_an_attack(root: DataRoot) -> None:
    release, report = publish(root, REGION)
    before = events(root)
    record_release(root, REGION, release, at=LATER)
    record_report(root, REGION, report, at=LATER)
    record_final(root, REGION, release, at=LATER)
    assert events(root) == before
    record_attack(root, REGION, release, report, at=LATER, modes=["history"], cells=9, findings=0)
    assert events(root) == [*before, "attacked"]


def test_a_manifest_that_an_attack_was_entered_in_is_known_from_its_own_line_on(
    root: DataRoot,
) -> None:
    release, report = publish(root, REGION, final=False, findings=None)
    manifest = release / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"class"', b'"attack": 0,\n "class"'))
    record_attack(root, REGION, release, report, at=AT, modes=["outsider"], cells=9, findings=0)
    before = events(root)
    assert before[-1] == "attacked"
    record_release(root, REGION, release, at=LATER)
    assert events(root) == before


def test_nothing_rests_on_a_manifest_that_changed_without_an_attack(root: DataRoot) -> None:
    release, report = publish(root, REGION, final=False)
    before = events(root)
    manifest = release / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    record_release(root, REGION, release, at=LATER)
    record_report(root, REGION, report, at=LATER)
    make_final(release.parent, release, by="stuurgroep", at=AT)
    for record in (
        lambda: record_final(root, REGION, release, at=LATER),
        lambda: record_published(root, REGION, release, at=LATER, pointer="current"),
    ):
        with pytest.raises(RefusedError, match="not the one that the ledger knows"):
            record()
    assert events(root) == before


def test_a_report_that_was_made_anew_is_entered_and_the_last_one_counts(root: DataRoot) -> None:
    release, report = publish(root, REGION, final=False)
    store_report(root, REGION, release, "another text")
    record_report(root, REGION, report, at=LATER)
    english = report.with_name(f"{report.name}-en")
    english.mkdir()
    (english / "index.html").write_text("in English")
    record_report(root, REGION, english, at=LATER)
    record_report(root, REGION, report, at=LATER)
    assert events(root)[-2:] == ["reported", "reported"]
    assert Publications(root, REGION).reports() == {
        report.name: digest_folder(report),
        english.name: digest_folder(english),
    }


def test_what_lay_there_before_the_ledger_began_is_entered_as_found(root: DataRoot) -> None:
    old = store_release(root, REGION, FIRST)
    store_report(root, REGION, old)
    release = store_release(root, REGION, SECOND)
    record_release(root, REGION, release, at=AT)
    found = Publications(root, REGION)
    assert [(entry.event, entry.release_id) for entry in found.entries] == [
        (Event.FOUND, FIRST),
        (Event.RELEASED, SECOND),
    ]
    assert set(found.reports()) == {FIRST}


def test_releases_that_were_made_together_are_each_entered_as_made(root: DataRoot) -> None:
    pair = [store_release(root, REGION, FIRST), store_release(root, REGION, SECOND)]
    record_release(root, REGION, *pair, at=AT)
    assert events(root) == ["released", "released"]


def test_a_line_says_how_far_the_ledger_of_deliveries_reached(root: DataRoot) -> None:
    deliver(root, REGION, "a" * 64, "b" * 64)
    publish(root, REGION)
    deliver(root, REGION, "c" * 64)
    publish(root, REGION, SECOND)
    reached = [entry.deliveries for entry in Publications(root, REGION).entries]
    assert reached == [2, 2, 2, 2, 3, 3, 3, 3]


def test_the_marks_beside_a_release_are_known_by_their_hashes(root: DataRoot) -> None:
    release, _ = publish(root, REGION)
    assert set(Publications(root, REGION).marks(FIRST)) == {"final.json"}
    (release / MARKS).write_text('{"retracted": []}')
    record_retraction(root, REGION, [release], at=AT, what="intake/a.csv", by="bureau")
    assert set(Publications(root, REGION).marks(FIRST)) == {"final.json", MARKS}


def test_a_concept_is_not_entered_as_final(root: DataRoot) -> None:
    release, _ = publish(root, REGION, final=False)
    with pytest.raises(UitstroomError, match="not final"):
        record_final(root, REGION, release, at=AT)


def test_it_lies_closed_and_apart_from_the_releases(root: DataRoot) -> None:
    publish(root, REGION)
    folder = publications_folder(root, REGION)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert not folder.is_relative_to(root.releases(REGION))
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        assert set(json.loads(line)) >= {"sequence", "before", "event", "at", "manifest_sha256"}
