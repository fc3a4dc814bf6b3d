"""The reader of a release: what it gives, and what it refuses."""

import json
from pathlib import Path

import pytest

from models.errors import UitstroomError
from models.tables import MARTS, column_order
from reports.release import Release
from tests.reports import invented_release

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path, frames: invented_release.Frames) -> Path:
    del frames["mart_demand__published"]
    return invented_release.write_release(tmp_path / "release", frames)


def test_it_gives_the_tables_of_the_manifest_in_reading_order(folder: Path) -> None:
    release = Release(folder)
    assert release.manifest["region_id"] == invented_release.REGION
    assert release.default_scenario == "baseline"
    assert not release.is_protected
    assert release.table_names == [name for name in MARTS if name != "mart_demand__published"]
    assert release.table("mart_run").height == 2


def test_a_table_that_is_not_there_is_empty_with_its_declared_columns(folder: Path) -> None:
    empty = Release(folder).table("mart_demand__published")
    assert empty.is_empty()
    assert empty.columns == column_order(MARTS["mart_demand__published"])
    assert (
        empty.schema == MARTS["mart_demand__published"].create_empty().select(empty.columns).schema
    )


def test_a_changed_file_is_refused(folder: Path) -> None:
    file = folder / "mart_run.parquet"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(UitstroomError, match="not the one that was released"):
        Release(folder).table("mart_run")


def test_a_file_that_is_gone_is_refused(folder: Path) -> None:
    (folder / "mart_run.parquet").unlink()
    with pytest.raises(UitstroomError, match="file is gone"):
        Release(folder).table("mart_run")


def test_a_wrong_number_of_rows_is_refused(folder: Path) -> None:
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["tables"]["mart_run"]["rows"] = 3
    file.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UitstroomError, match="2 rows; expected 3 rows"):
        Release(folder).table("mart_run")


def test_an_undeclared_table_cannot_be_asked_for(folder: Path) -> None:
    with pytest.raises(UitstroomError, match="not declared"):
        Release(folder).table("raw_stays")


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "cannot be read"), ("{}", "incomplete"), (None, "holds no release")],
)
def test_a_folder_without_a_whole_manifest_is_no_release(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(UitstroomError, match=message):
        Release(tmp_path)
