"""Verification: one changed byte in anything that was published is found and named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import UsageError
from pipelines.chain import COUNT
from pipelines.marks import MARKS
from pipelines.paths import DataRoot
from pipelines.publication_ledger import (
    LEDGER,
    publications_folder,
    record_attack,
    record_release,
    record_report,
)
from pipelines.release import put_attack
from pipelines.sources.store import DELIVERIES
from pipelines.verifying import published_regions, verify_lines, verify_region
from tests.invented import build_data_root
from tests.invented.publications import (
    AT,
    EDITION,
    FIRST,
    SECOND,
    deliver,
    publish,
    store_release,
    store_report,
)

pytestmark = pytest.mark.unit

REGION = "proeftuin"


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    """A region that received, released and made final, twice."""
    root = DataRoot(tmp_path)
    deliver(root, REGION, "a" * 64, "b" * 64)
    publish(root, REGION, FIRST)
    publish(root, REGION, SECOND)
    return root


def faults(root: DataRoot) -> tuple[str, ...]:
    return verify_region(root, REGION).faults


def flip(file: Path, place: int = -1) -> None:
    """Change one bit."""
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def published(root: DataRoot) -> list[Path]:
    """List all that was published or says what was: everything but locks and pointers."""
    parts = (
        root.releases(REGION),
        root.reports(REGION),
        root.editions(REGION),
        publications_folder(root, REGION),
        root.private(REGION) / DELIVERIES,
    )
    return [file for part in parts for file in sorted(part.rglob("*")) if file.is_file()]


def test_what_was_not_touched_is_well(root: DataRoot) -> None:
    lines, is_well = verify_lines(root, [REGION])
    assert is_well
    assert "  nothing was changed" in lines
    assert any("2 releases, 2 reports" in line for line in lines)


def test_a_changed_byte_in_any_file_is_found_wherever_it_stands(root: DataRoot) -> None:
    files = published(root)
    assert len(files) > 20
    for file in files:
        whole = file.read_bytes()
        for place in (0, len(whole) // 2, -1):
            flip(file, place)
            found = faults(root)
            assert found, f"{file}, byte {place}"
            file.write_bytes(whole)
    assert not faults(root)


def test_a_file_that_is_gone_is_found_whichever_it_is(root: DataRoot) -> None:
    for file in published(root):
        whole = file.read_bytes()
        file.unlink()
        assert faults(root), file
        file.write_bytes(whole)
    assert not faults(root)


def test_the_fault_names_the_file(root: DataRoot) -> None:
    flip(root.reports(REGION) / FIRST / "charts" / "a.csv")
    flip(root.releases(REGION) / SECOND / "mart_source.parquet")
    assert [fault.partition(":")[0] for fault in faults(root)] == [
        f"release {SECOND}, mart_source.parquet",
        f"report {FIRST}, charts/a.csv",
    ]


def cut_tail(root: DataRoot) -> None:
    file = publications_folder(root, REGION) / LEDGER
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))


def cut_deliveries(root: DataRoot) -> None:
    file = root.private(REGION) / DELIVERIES / "ledger.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))


def forge_last_delivery(root: DataRoot) -> None:
    file = root.private(REGION) / DELIVERIES / "ledger.jsonl"
    file.write_bytes(file.read_bytes().replace(b"b" * 64, b"c" * 64))


def forget_it_all(root: DataRoot) -> None:
    for file in publications_folder(root, REGION).iterdir():
        file.unlink()


def plant_release(root: DataRoot) -> None:
    store_release(root, REGION, "3" * 16)


def plant_report(root: DataRoot) -> None:
    (root.reports(REGION) / f"{FIRST}-fr").mkdir()


def plant_file(root: DataRoot) -> None:
    (root.reports(REGION) / FIRST / "extra.html").touch()


def plant_mark(root: DataRoot) -> None:
    (root.releases(REGION) / FIRST / MARKS).write_text('{"retracted": []}')


def point_nowhere(root: DataRoot) -> None:
    (root.releases(REGION) / "current-openbaar").symlink_to("9" * 16)


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (cut_tail, "the last lines of the ledger of publications are missing"),
        (cut_deliveries, "the last lines of the ledger of deliveries are missing"),
        (forge_last_delivery, "the ledger of deliveries is not what was written"),
        (forget_it_all, "there are releases and no ledger of publications"),
        (plant_release, f"release {'3' * 16}: no line of the ledger names it"),
        (plant_report, f"report {FIRST}-fr: no line of the ledger names it"),
        (plant_file, f"report {FIRST}, extra.html: the ledger does not name it"),
        (plant_mark, f"release {FIRST}, {MARKS}: the ledger does not name it"),
        (point_nowhere, "current-openbaar: it points at no release"),
    ],
)
def test_what_was_done_is_told_in_a_sentence(
    root: DataRoot, tamper: Callable[[DataRoot], None], words: str
) -> None:
    tamper(root)
    lines, is_well = verify_lines(root, [REGION])
    assert not is_well
    assert [line for line in lines if words in line and line.startswith("  WRONG ")]


def test_a_line_that_tells_of_a_release_keeps_it_from_going_unseen(root: DataRoot) -> None:
    import shutil

    shutil.rmtree(root.releases(REGION) / FIRST)
    shutil.rmtree(root.reports(REGION) / FIRST)
    shutil.rmtree(root.editions(REGION) / EDITION)
    assert [fault.partition(":")[0] for fault in faults(root)] == [
        f"release {FIRST}",
        f"edition {EDITION}",
        f"report {FIRST}",
    ]


def test_what_an_attack_found_stands_in_the_manifest_once_it_is_entered(root: DataRoot) -> None:
    release, report = publish(root, REGION, "3" * 16, findings=None, final=False)
    put_attack(release, {"releases": 1})
    assert [fault.partition(":")[0] for fault in faults(root)] == [
        f"release {'3' * 16}, manifest.json"
    ]
    record_attack(root, REGION, release, report, at=AT, modes=["outsider"], cells=9, findings=0)
    assert not faults(root)


def test_a_kill_before_the_count_was_written_is_no_fault(root: DataRoot) -> None:
    count = publications_folder(root, REGION) / COUNT
    before = count.read_bytes()
    release = store_release(root, REGION, "3" * 16)
    record_release(root, REGION, release, at=AT)
    count.write_bytes(before)
    assert not faults(root)
    report = store_report(root, REGION, release)
    record_report(root, REGION, report, at=AT)
    assert not faults(root)


def test_a_region_that_never_published_is_well_and_one_that_is_none_is_told(
    tmp_path: Path,
) -> None:
    root = DataRoot(build_data_root(tmp_path))
    assert verify_lines(root, [REGION])[1]
    with pytest.raises(UsageError, match="does not exist"):
        verify_lines(root, ["nergens"])


def test_a_region_whose_own_folder_is_gone_can_still_be_verified(root: DataRoot) -> None:
    assert published_regions(root) == [REGION]
    assert verify_lines(root, published_regions(root))[1]
