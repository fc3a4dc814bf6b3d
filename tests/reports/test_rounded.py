"""Rounded releases in words: small counts are never told, nothing is called none, and for whom."""

import csv
import io
import re
from typing import Any

import polars as pl
import pytest

from models.tables import MARTS
from pipelines.classes import CLASSES, OPENBAAR, PARTIJEN
from reports.blocks import Column, Form
from reports.document import Document, read_document, write_cell
from reports.export.workbook import cell_value
from reports.labels import load_labels
from reports.municipal import municipal_pages
from reports.numbers import is_clear
from reports.progress_counts import COUNTS, Counts
from reports.progress_page import render_progress
from reports.release import Release
from tests.reports import invented_release
from tests.reports.protected_release import write_protected
from tests.reports.small_pages import Traced, read_page

pytestmark = pytest.mark.unit

NOTHING = r"\b([Gg]een (aanvraag|aanvragen|verhuizingen|aanbiedingen)|niemand weigerde)\b"
NO_HOME = r"\b(woont nu niemand|geen woning verhuurd|is er geen woning aangeboden)\b"
"""What is said of homes let: the parties see these exactly, also where there are none."""


def thin(frames: invented_release.Frames) -> invented_release.Frames:
    """Make a region in which hardly anything happens: counts from 0 to 9."""
    small = {
        name: frames[name].with_columns((pl.col("dwellings") % 10).alias("dwellings"))
        for name in ("mart_letting__yearly_municipality", COUNTS)
    }
    few = pl.when(pl.col("dwellings") >= 10).then(pl.col("median_months"))
    small[COUNTS] = small[COUNTS].with_columns(few.alias("median_months"))
    return {**frames, **small}


@pytest.fixture(scope="module", params=["usual", "thin"])
def documents(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Document]:
    """Give the documents by class; each is read, built and written once for all tests."""
    frames = invented_release.build_frames()
    if request.param == "thin":
        frames = thin(frames)
    folders = write_protected(tmp_path_factory.mktemp("rounded"), frames)
    return {name: read_document(folder) for name, folder in folders.items()}


@pytest.fixture(params=CLASSES)
def document(request: pytest.FixtureRequest, documents: dict[str, Document]) -> Document:
    return documents[request.param]


@pytest.fixture(scope="module")
def written(documents: dict[str, Document]) -> dict[str, list[Traced]]:
    """Give the small pages of every class, read."""
    return {
        name: [read_page(page) for page in (render_progress(one), *municipal_pages(one).values())]
        for name, one in documents.items()
    }


@pytest.fixture
def pages(document: Document, written: dict[str, list[Traced]]) -> list[Traced]:
    return written[document.release.release_class]


def row_of(release: Release, table: str, row: str) -> dict[str, Any]:
    keys = [key for key in MARTS[table].primary_key() if key not in ("region_id", "scenario_id")]
    frame = release.table(table)
    if "scenario_id" in frame.columns:
        frame = frame.filter(pl.col("scenario_id") == release.default_scenario)
    for key, value in zip(keys, row.split("/"), strict=False):
        frame = frame.filter(pl.col(key).cast(pl.String) == value)
    return frame.row(0, named=True)


def test_every_rounded_count_on_the_small_pages_is_a_multiple_or_below_ten(
    document: Document, pages: list[Traced]
) -> None:
    release, checked = document.release, 0
    for page in pages:
        for table, row, column, text in page.found:
            found = row_of(release, table, row)
            if not release.is_rounded(table, found, column):
                continue
            checked += 1
            if found[column] < 10:
                assert text in ("<10", "minder dan 10"), (table, row, column, text)
            else:
                assert text == document.words.numbers.whole(found[column])
                assert found[column] % 5 == 0
    assert checked > 30


def test_no_page_says_that_nothing_happened_or_calls_a_small_count_none(
    document: Document, pages: list[Traced]
) -> None:
    said = NOTHING if document.release.release_class == PARTIJEN else f"{NOTHING}|{NO_HOME}"
    for page in pages:
        assert not re.search(said, page.text)


def test_every_page_says_for_whom_it_is_and_how_it_is_rounded(
    document: Document, pages: list[Traced]
) -> None:
    is_parties = document.release.release_class == PARTIJEN
    for page in pages:
        assert "niet beveiligd" not in page.text
        assert "afgerond op vijftallen" in page.text
        assert ("Alleen voor partijen bij de afspraken" in page.text) == is_parties
    assert ("Alleen voor partijen bij de afspraken" in document.band) == is_parties


def test_a_footer_names_the_release_and_its_class_and_no_hash(document: Document) -> None:
    text = " ".join(document.footer)
    assert invented_release.RELEASE_ID in text
    assert document.words.code("release_class", document.release.release_class) in text
    assert "ed-0123456789ab" not in text
    assert not re.search(r"\b[0-9a-f]{12,}\b", text)


def test_what_stays_behind_is_named_apart_from_what_nobody_delivered(
    documents: dict[str, Document],
) -> None:
    public = documents[OPENBAAR]
    heading = public.words.text("origin.heading")
    assert heading in public.withheld
    assert heading not in public.missing
    assert public.words.text("changed.heading") in public.withheld
    assert public.words.text("claims.heading") not in public.withheld


def test_the_first_screen_for_everybody_compares_with_no_edition_that_only_parties_read(
    documents: dict[str, Document],
) -> None:
    headings = {
        name: [answer.heading for answer in documents[name].front.answers] for name in CLASSES
    }
    changed = load_labels("nl").text("changed.heading")
    assert changed in headings[PARTIJEN]
    assert changed not in headings[OPENBAAR]


def test_no_table_of_any_section_tells_a_rounded_count_below_ten(document: Document) -> None:
    checked = 0
    for _, table in document.tables:
        for column in table.columns:
            if column.form is Form.ROUNDED:
                for value in table.frame[column.key].drop_nulls():
                    checked += value < 10
                    if value < 10:
                        assert write_cell(value, column, document.words) == "<10"
                        assert cell_value(value, column) == "<10"
    assert checked > 0


def test_a_file_of_a_table_tells_no_more_than_the_page(document: Document) -> None:
    from reports.build import write_csv

    for _, table in document.tables:
        places = [at for at, one in enumerate(table.columns) if one.form is Form.ROUNDED]
        rows = list(csv.reader(io.StringIO(write_csv(table).decode("utf-8-sig")), delimiter=";"))
        for row in rows[1:]:
            for at in places:
                number = row[at].replace(",", ".")
                assert number in ("", "<10") or float(number) >= 10


@pytest.mark.parametrize(
    ("value", "written"), [(0, "<10"), (5, "<10"), (10, "10"), (1445, "1.445")]
)
def test_zero_and_five_are_written_alike(value: int, written: str) -> None:
    words = load_labels("nl")
    assert words.numbers.count(value) == written
    assert write_cell(value, Column("x", "x", Form.ROUNDED), words) == written


@pytest.mark.parametrize("base", [5, 10])
def test_a_difference_is_told_only_where_it_is_one_whatever_the_truth(base: int) -> None:
    for one in range(0, 60, base):
        for other in range(0, 60, base):
            truths = [
                (first, second)
                for first in range(max(one - base + 1, 0), one + base)
                for second in range(max(other - base + 1, 0), other + base)
            ]
            always = all(a > b for a, b in truths) or all(a < b for a, b in truths)
            assert always or not is_clear(one, other, base)


def test_counts_that_differ_by_one_step_are_about_the_same() -> None:
    row = {"municipality_code": "all", "measure": "moved", "period": "year", "median_months": None}
    frame = pl.DataFrame(
        [{**row, "month": month, "dwellings": n} for month, n in (("2025-10", 20), ("2026-10", 25))]
    )
    words = load_labels("nl")
    assert Counts(frame, "2026-10", words, base=5).verdict("moved", "year", 12) == "about"
    assert Counts(frame, "2026-10", words).verdict("moved", "year", 12) == "up"
