"""Making a release again: what it starts from, what is compared, what is said of a difference.

The run itself is played by a copy of what was stored; the real one is in `tests/integration`.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError
from pipelines.basis import BASIS
from pipelines.editions import MANIFEST, manifest_bytes
from pipelines.finals import make_final
from pipelines.locks import locked
from pipelines.paths import DataRoot
from pipelines.protecting import PROTECTION
from pipelines.publication_ledger import record_final, record_release
from pipelines.regions import read_region_folder
from pipelines.reproducing import reproduce_lines
from pipelines.sources.open_data import load_open_sources
from pipelines.sources.store import DELIVERIES
from pipelines.storage import digest_folder, parquet_bytes, sha256_of
from tests.invented import REGION_ID as REGION
from tests.invented import build_data_root
from tests.invented.publications import AT, FIRST, SECOND, deliver, store_report

pytestmark = pytest.mark.unit

EARLIER, EDITION, LATER = "a" * 16, "b" * 16, "c" * 16
TABLE = "mart_letting__yearly_municipality"


@dataclass
class Played:
    """A run that ends as a test says.

    Attributes:
        root: Where the stored release lies.
        manifest: What the manifest of the new edition says otherwise.
        dwellings: The figure that comes out; None for the stored one.
        code: The exit code.
        calls: What was asked.
        inputs: The names and hashes of what lay in the empty folder.
    """

    root: DataRoot
    manifest: dict[str, object] = field(default_factory=dict)
    dwellings: int | None = None
    code: int = 0
    calls: list[list[str]] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def __call__(self, arguments: Sequence[str], folder: Path) -> "CompletedProcess[str]":
        self.calls.append(list(arguments))
        fresh = DataRoot(folder)
        if arguments[0] == "report":
            store_report(fresh, REGION, fresh.releases(REGION) / SECOND)
            return CompletedProcess([], 0, "", "")
        self.inputs = digest_folder(folder)
        if self.code:
            said = "outflow failed\nuitstroom: proeftuin: the key is missing.\n"
            return CompletedProcess([], self.code, "", said)
        source = self.root.editions(REGION) / EDITION
        edition = fresh.editions(REGION) / str(self.manifest.get("edition_id", EDITION))
        shutil.copytree(source, edition)
        rewrite(edition, **self.manifest)
        release = fresh.releases(REGION) / SECOND
        shutil.copytree(self.root.releases(REGION) / SECOND, release)
        (release / "final.json").unlink(missing_ok=True)
        rewrite(release, edition_id=edition.name)
        if self.dwellings is not None:
            write_table(release, self.dwellings)
        store_report(fresh, REGION, release)
        return CompletedProcess([], 0, "", "")


def rewrite(folder: Path, **facts: object) -> None:
    told = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_bytes(manifest_bytes({**told, **facts}))


def write_table(folder: Path, dwellings: int) -> dict[str, object]:
    content = parquet_bytes(pl.DataFrame({"region_id": [REGION], "dwellings": [dwellings]}))
    (folder / f"{TABLE}.parquet").write_bytes(content)
    return {TABLE: {"rows": 1, "sha256": sha256_of(content)}}


def store_pair(root: DataRoot, edition_id: str, release_id: str, dwellings: int) -> Path:
    """Store an edition with the tables that name its inputs, and its release."""
    deliveries = root.region(REGION) / "deliveries"
    files = [path for path in sorted(deliveries.glob("*/*.csv")) if path.name != "later.csv"]
    facts = {
        "region_id": REGION,
        "edition_id": edition_id,
        "as_of": "2025-06",
        "default_scenario": "baseline",
        "scenarios": ["baseline", "longer-stays"],
        "draws": 64,
        "seed": 7,
        "code_sha256": "c" * 64,
        "inputs_sha256": "d" * 64,
        "options_sha256": "e" * 64,
        "key_id": "f" * 16,
    }
    edition, release = root.editions(REGION) / edition_id, root.releases(REGION) / release_id
    for folder in (edition, release):
        folder.mkdir(parents=True)
        tables = write_table(folder, dwellings)
        told = {"class": "openbaar", "protected": True} if folder == release else {}
        (folder / MANIFEST).write_bytes(manifest_bytes({**facts, **told, "tables": tables}))
    pl.DataFrame(
        {
            "contract": [file.parent.name for file in files],
            "file": [file.name for file in files],
            "sha256": [sha256_of(file.read_bytes()) for file in files],
        }
    ).write_parquet(edition / "mart_delivery.parquet")
    sources = load_open_sources(root.open_data)
    pl.DataFrame(
        {"source_id": [one.id for one in sources], "sha256": [one.sha256 for one in sources]}
    ).write_parquet(edition / "mart_source.parquet")
    return release


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    """A region with a final release, the release in question, and what came later."""
    root = DataRoot(build_data_root(tmp_path / "data"))
    private = root.private(REGION)
    deliver(root, REGION, "1" * 64)
    first = store_pair(root, EARLIER, FIRST, 5)
    (private / BASIS / EARLIER).mkdir(parents=True)
    (private / BASIS / EARLIER / "basis.json").write_text("{}")
    record_release(root, REGION, first, at=AT)
    make_final(first.parent, first, by="stuurgroep", at=AT)
    record_final(root, REGION, first, at=AT)
    deliver(root, REGION, "2" * 64)
    second = store_pair(root, EDITION, SECOND, 10)
    region = read_region_folder(root.region(REGION)).region.model_dump(mode="json")
    (private / BASIS / EDITION).mkdir()
    (private / BASIS / EDITION / "basis.json").write_text(json.dumps({"region": region}))
    record_release(root, REGION, second, at=AT)
    make_final(second.parent, second, by="stuurgroep", at=AT)
    record_final(root, REGION, second, at=AT)
    store_report(root, REGION, second)
    deliver(root, REGION, "3" * 64)
    later = root.region(REGION) / "deliveries" / "intake" / "later.csv"
    later.write_text("what nobody knew then\n")
    (private / PROTECTION).mkdir()
    for number, edition_id in enumerate((EARLIER, EDITION, LATER), start=1):
        record = {"number": number, "edition_id": edition_id, "base": 5, "cells": {}}
        (private / PROTECTION / f"{edition_id}.json").write_text(json.dumps(record))
    return root


def reproduce(root: DataRoot, played: Played) -> tuple[str, bool]:
    lines, is_same = reproduce_lines(root, REGION, SECOND, command=played)
    return "\n".join(lines), is_same


def test_it_starts_from_what_was_there_then_and_nothing_that_came_later(root: DataRoot) -> None:
    played = Played(root)
    reproduce(root, played)
    names = {name for name in played.inputs if not name.startswith("raw/open/")}
    assert f"raw/regions/{REGION}/deliveries/intake/intake.csv" in names
    assert f"raw/regions/{REGION}/deliveries/intake/intake.csv.toml" in names
    assert f"raw/regions/{REGION}/region.toml" in names
    assert not [name for name in names if "later.csv" in name]
    assert {name for name in names if name.startswith("marts/")} == {
        f"marts/private/{REGION}/{DELIVERIES}/ledger.jsonl",
        f"marts/private/{REGION}/{BASIS}/{EARLIER}/basis.json",
        f"marts/private/{REGION}/{PROTECTION}/{EARLIER}.json",
        f"marts/release/{REGION}/{FIRST}/{MANIFEST}",
        f"marts/release/{REGION}/{FIRST}/final.json",
        f"marts/release/{REGION}/{FIRST}/{TABLE}.parquet",
    }
    ledger = root.private(REGION) / DELIVERIES / "ledger.jsonl"
    then = b"".join(ledger.read_bytes().splitlines(keepends=True)[:2])
    assert played.inputs[f"marts/private/{REGION}/{DELIVERIES}/ledger.jsonl"] == sha256_of(then)


def test_the_run_is_asked_for_what_was_asked_then(root: DataRoot) -> None:
    played = Played(root)
    reproduce(root, played)
    assert played.calls[0] == [
        *("run", "--region", REGION, "--as-of", "2025-06", "--draws", "64", "--seed", "7"),
        *("--scenario", "longer-stays"),
    ]
    assert played.calls[1:] == [["report", "--region", REGION, "--release", SECOND]]


def test_nothing_of_the_stored_region_changes_and_nothing_is_left(root: DataRoot) -> None:
    before = digest_folder(root.path)
    reproduce(root, Played(root))
    lock = root.lock(REGION).relative_to(root.path).as_posix()
    after = {name: digest for name, digest in digest_folder(root.path).items() if name != lock}
    assert after == before


def test_it_does_not_gather_while_a_run_is_going(root: DataRoot) -> None:
    played = Played(root)
    with (
        locked(root.lock(REGION), REGION, wait_seconds=0),
        pytest.raises(RefusedError, match="in progress"),
    ):
        reproduce(root, played)
    assert not played.calls


def test_the_same_bytes_are_said_to_be_the_same(root: DataRoot) -> None:
    told, is_same = reproduce(root, Played(root))
    assert is_same
    assert "all 1 tables came out the same, byte for byte" in told
    assert "all 5 files of the report came out the same, byte for byte" in told
    assert "other" not in told


def test_other_figures_on_the_same_inputs_are_a_fault_of_the_product(root: DataRoot) -> None:
    told, is_same = reproduce(root, Played(root, dwellings=15))
    assert not is_same
    assert f"1 of 1 tables came out otherwise: {TABLE}.parquet" in told
    assert "report this as a fault" in told


def test_a_table_that_was_changed_after_it_was_published_is_seen(root: DataRoot) -> None:
    played = Played(root, dwellings=10)
    write_table(root.releases(REGION) / SECOND, 15)
    told, is_same = reproduce(root, played)
    assert not is_same
    assert "whether a file was changed" in told


def test_other_code_is_named_whether_or_not_the_figures_moved(root: DataRoot) -> None:
    other = {"code_sha256": "9" * 64, "edition_id": LATER}
    told, is_same = reproduce(root, Played(root, manifest=other))
    assert is_same
    assert "other code: cccccccccccc then, 999999999999 now" in told
    told, is_same = reproduce(root, Played(root, manifest=other, dwellings=15))
    assert not is_same
    assert "other code" in told
    assert "fault of the product" not in told


def write_run(folder: Path, code: str, region_name: str) -> None:
    run = {"region_name": [region_name], "code_sha256": [code], "inputs_sha256": ["d" * 64]}
    (folder / "mart_run.parquet").write_bytes(parquet_bytes(pl.DataFrame(run)))


@pytest.mark.parametrize(("name", "is_expected"), [("Proeftuin", True), ("Elders", False)])
def test_a_table_that_tells_of_the_code_may_differ_in_that_alone(
    root: DataRoot, name: str, is_expected: bool
) -> None:
    write_run(root.releases(REGION) / SECOND, "c" * 64, "Proeftuin")
    played = Played(root, manifest={"code_sha256": "9" * 64, "edition_id": LATER})

    def with_another_run(arguments: Sequence[str], folder: Path) -> "CompletedProcess[str]":
        done = played(arguments, folder)
        write_run(DataRoot(folder).releases(REGION) / SECOND, "9" * 64, name)
        return done

    lines, is_same = reproduce_lines(root, REGION, SECOND, command=with_another_run)
    told = "\n".join(lines)
    assert is_same is is_expected
    expected = "in all but the hashes of code and inputs" if is_expected else "came out otherwise"
    assert f"mart_run.parquet {expected}" in told or f"{expected}: mart_run.parquet" in told


def test_what_says_otherwise_than_then_is_named(root: DataRoot) -> None:
    file = root.region(REGION) / "region.toml"
    file.write_text(f"{file.read_text()}\n[retention]\nraw_months = 9\n")
    sources = root.editions(REGION) / EDITION / "mart_source.parquet"
    frame = pl.read_parquet(sources)
    moved = frame["source_id"][0]
    is_moved = pl.col("source_id") == moved
    digest = pl.when(is_moved).then(pl.lit("0" * 64)).otherwise("sha256")
    frame.with_columns(sha256=digest).write_parquet(sources)
    other = {"inputs_sha256": "9" * 64, "key_id": "9" * 16, "edition_id": LATER}
    told, _ = reproduce(root, Played(root, manifest=other))
    assert (
        f"other inputs: public source {moved}, region.toml, retention, the key of the pseudonyms"
        in told
    )


@pytest.mark.parametrize("change", ["gone", "other"])
def test_without_a_file_that_it_was_made_of_nothing_is_run(root: DataRoot, change: str) -> None:
    file = root.region(REGION) / "deliveries" / "intake" / "intake.csv"
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"\n")
    played = Played(root)
    with pytest.raises(RefusedError, match=r"no longer what they were; found intake/intake\.csv"):
        reproduce(root, played)
    assert not played.calls


@pytest.mark.parametrize(("code", "kind"), [(3, RefusedError), (1, UitstroomError)])
def test_a_run_that_ends_badly_is_told_with_its_last_sentence(
    root: DataRoot, code: int, kind: type[UitstroomError]
) -> None:
    with pytest.raises(kind, match=r"cannot be run again.*found proeftuin: the key is missing") as (
        caught
    ):
        reproduce(root, Played(root, code=code))
    assert caught.value.exit_code == code


def test_a_release_of_a_class_that_is_no_longer_made_is_told(root: DataRoot) -> None:
    played = Played(root)
    reproduce(root, played)
    rewrite(root.releases(REGION) / SECOND, **{"class": "concept"})

    def made_as_openbaar(arguments: Sequence[str], folder: Path) -> "CompletedProcess[str]":
        done = played(arguments, folder)
        for release in DataRoot(folder).releases(REGION).iterdir():
            rewrite(release, **{"class": "openbaar"})
        return done

    (root.releases(REGION) / SECOND / "final.json").unlink()
    with pytest.raises(UitstroomError, match="makes no release of this class; found class concept"):
        reproduce_lines(root, REGION, SECOND, command=made_as_openbaar)
