"""The section on deliveries: how each file stands, what was remarked, what a version changed."""

import json

import polars as pl
import pytest

from models.errors import UitstroomError
from reports.document import read_document
from reports.release import RETRACTED
from tests.reports.conftest import Reader
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit


def test_every_file_adds_up_and_says_its_stand_version_and_verdict(
    reader: Reader, frames: Frames
) -> None:
    shown = reader.section("deliveries", frames).tables[0].table.shown
    assert shown.height == frames["mart_delivery"].height + 1
    counted = shown.select(
        pl.col("rows_in") == pl.col("accepted") + pl.col("quarantined") + pl.col("non_data")
    )
    assert counted.to_series().all()
    assert set(shown["period_to"].drop_nulls()) == {"2026-10-31"}
    (letting,) = frames["mart_delivery"].filter(contract="lettings").rows(named=True)
    assert letting["version"] in shown["version"].to_list()


def test_remarks_are_told_by_file_with_what_was_found(reader: Reader, frames: Frames) -> None:
    section = reader.section("deliveries", frames)
    tables = {table.table_id: table.table for table in section.tables}
    (row,) = tables["deliveries-notices"].frame.rows(named=True)
    assert row["said"] == "Er ontbreken perioden in een reeks"
    assert (row["found"], row["settled"]) == ("2026-03, 2026-04, 2026-05", "ja")
    assert "Bij 1 van de 4 bestanden hoort een opmerking." in section.paragraphs


def test_a_new_version_is_told_with_its_difference(reader: Reader, frames: Frames) -> None:
    section = reader.section("deliveries", frames)
    tables = {table.table_id: table.table for table in section.tables}
    (row,) = tables["deliveries-versions"].frame.rows(named=True)
    assert (row["rows_added"], row["rows_removed"], row["rows_changed"]) == (11, 2, 4)
    assert any(
        "1 van de 4 bestanden vervangt een eerdere versie" in remark
        for remark in section.paragraphs
    )


def test_a_region_without_remarks_and_versions_has_no_such_tables(
    reader: Reader, frames: Frames
) -> None:
    for name in ("mart_delivery__notice", "mart_delivery__version"):
        frames[name] = frames[name].clear()
    ids = {table.table_id for table in reader.section("deliveries", frames).tables}
    assert ids == {"deliveries", "deliveries-reasons", "deliveries-reasons-files"}


def test_a_retracted_source_stands_above_the_page(reader: Reader, frames: Frames) -> None:
    release = reader.release(frames)
    assert not any("Ingetrokken" in text for text in read_document(release.path).banners)
    mark = {"what": "stays/x.csv", "sha256": "0" * 64, "by": "bureau", "why": "verkeerd bestand"}
    (release.path / RETRACTED).write_text(json.dumps({"retracted": [mark]}))
    first = read_document(release.path).banners[0]
    assert first.startswith("Ingetrokken bron. Dit rapport gebruikt stays/x.csv")
    assert "verkeerd bestand." in first


def test_marks_that_cannot_be_read_are_no_clean_page(reader: Reader, frames: Frames) -> None:
    release = reader.release(frames)
    (release.path / RETRACTED).write_text("not json")
    with pytest.raises(UitstroomError, match="marks of this release"):
        _ = release.retracted
