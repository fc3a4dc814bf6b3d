"""What an edition is made of: nothing of the machine, the clock or the order of arrival."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import UitstroomError
from pipelines.options import Options
from pipelines.provenance import (
    Provenance,
    check_unchanged,
    code_sha256,
    inputs_sha256,
    region_files,
    release_id,
)
from tests.invented import build_region

pytestmark = pytest.mark.unit

MADE_OF = Provenance("proeftuin", "2025-06", ("baseline",), Options(), "1" * 64, "2" * 64)


def hashes(folder: Path) -> str:
    files = region_files(folder, ["baseline"])
    return inputs_sha256(files, open_sources={"a": "0" * 64, "b": "1" * 64}, key_id="k")


def test_the_same_inputs_have_one_hash_wherever_they_lie_and_whenever_they_came(
    tmp_path: Path,
) -> None:
    first = build_region(tmp_path / "one" / "proeftuin")
    second = tmp_path / "elsewhere" / "deeper" / "proeftuin"
    files = sorted((path for path in first.rglob("*") if path.is_file()), reverse=True)
    for file in files:
        target = second / file.relative_to(first)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        os.utime(target, (1_000_000_000, 1_000_000_000))
    assert hashes(first) == hashes(second)


def test_no_time_zone_and_no_language_reaches_a_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = build_region(tmp_path / "proeftuin")
    before = hashes(folder), MADE_OF.edition_id, code_sha256()
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("LC_ALL", "C")
    time.tzset()
    again = Provenance("proeftuin", "2025-06", ("baseline",), Options(), "1" * 64, "2" * 64)
    try:
        assert (hashes(folder), again.edition_id, code_sha256()) == before
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "name",
    [
        "region.toml",
        "scenarios/baseline.toml",
        "deliveries/intake/intake.csv",
        "deliveries/intake/intake.csv.toml",
    ],
)
def test_every_file_that_a_run_reads_counts(name: str, tmp_path: Path) -> None:
    folder = build_region(tmp_path / "proeftuin")
    before = hashes(folder)
    file = folder / name
    file.write_bytes(file.read_bytes() + b"\n")
    assert hashes(folder) != before


def test_what_a_run_does_not_read_does_not_count(tmp_path: Path) -> None:
    folder = build_region(tmp_path / "proeftuin")
    before = hashes(folder)
    (folder / "scenarios" / "longer-stays.toml").unlink()
    (folder / "deliveries" / "intake" / ".intake.csv.part").touch()
    assert hashes(folder) == before


def test_the_name_of_a_delivery_counts_as_it_stands_in_the_tables(tmp_path: Path) -> None:
    folder = build_region(tmp_path / "proeftuin")
    before = hashes(folder)
    box = folder / "deliveries" / "intake"
    (box / "intake.csv").rename(box / "other.csv")
    assert hashes(folder) != before


def test_another_key_or_public_source_makes_other_inputs() -> None:
    files = {"region.toml": "0" * 64}
    made = {
        inputs_sha256(files, open_sources={"a": digest * 64}, key_id=key)
        for digest in "01"
        for key in ("k", "l")
    }
    assert len(made) == 4


def test_the_last_final_release_is_an_input_and_none_changes_nothing() -> None:
    files = {"region.toml": "0" * 64}
    before = inputs_sha256(files, open_sources={}, key_id="k")
    assert inputs_sha256(files, open_sources={}, key_id="k", last_final="") == before
    made = {inputs_sha256(files, open_sources={}, key_id="k", last_final=one) for one in "ab"}
    assert len(made | {before}) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"region_id": "alkmaar"},
        {"as_of": "2025-05"},
        {"scenarios": ("baseline", "longer-stays")},
        {"options": Options(draws=64)},
        {"options": Options(seed=1)},
        {"inputs": "3" * 64},
        {"code": "3" * 64},
    ],
)
def test_every_part_makes_another_edition(change: dict[str, object]) -> None:
    assert replace(MADE_OF, **change).edition_id != MADE_OF.edition_id


def test_how_a_month_was_asked_for_makes_no_other_edition() -> None:
    asked = replace(MADE_OF, options=Options(as_of="2025-06", scenarios=("baseline",)))
    assert asked.edition_id == MADE_OF.edition_id


def test_an_edition_is_sixteen_characters() -> None:
    assert len(MADE_OF.edition_id) == 16
    assert set(MADE_OF.edition_id) <= set("0123456789abcdef")


def test_other_versions_of_the_libraries_make_another_edition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = MADE_OF.edition_id
    monkeypatch.setattr("pipelines.provenance.version", lambda name: f"{name} 0")
    assert replace(MADE_OF).edition_id != before


def test_the_code_is_its_files_and_nothing_compiled_or_hidden(tmp_path: Path) -> None:
    for package in ("models", "pipelines", "reports"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "a.py").write_text("a = 1\n")
    before = code_sha256(tmp_path)
    cache = tmp_path / "models" / "__pycache__"
    cache.mkdir()
    (cache / "a.cpython-311.pyc").touch()
    (tmp_path / "models" / ".a.py.swp").touch()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").touch()
    assert code_sha256(tmp_path) == before
    (tmp_path / "reports" / "labels.toml").write_text("x = 1\n")
    changed = code_sha256(tmp_path)
    (tmp_path / "reports" / "labels.toml").rename(tmp_path / "reports" / "words.toml")
    assert len({before, changed, code_sha256(tmp_path)}) == 3


def test_inputs_that_change_while_they_are_read_are_refused() -> None:
    before = {"region.toml": "0", "deliveries/intake/a.csv": "1"}
    check_unchanged(before, dict(before))
    for after in ({**before, "region.toml": "2"}, {"region.toml": "0"}, {**before, "new": "3"}):
        with pytest.raises(UitstroomError, match="changed while they were being read"):
            check_unchanged(before, after)


def test_a_release_has_its_own_id_for_each_class() -> None:
    ids = {
        release_id("0" * 16, release_class=name, protected=protected)
        for name in ("concept", "partijen")
        for protected in (False, True)
    }
    assert len(ids) == 4
    with pytest.raises(UitstroomError, match="no id of an edition"):
        release_id("../evil", release_class="concept", protected=False)
