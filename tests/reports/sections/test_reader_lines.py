"""Whom to ask and when the next edition comes: told where the region told it, else left out."""

from pathlib import Path

import polars as pl
import pytest

from models.params import Calendar
from reports.build import write_pages
from reports.document import read_document
from reports.labels import Labels, load_labels
from reports.municipal import municipal_addresses, write_municipal
from reports.sections.provenance import reader_lines
from tests.reports import invented_release
from tests.reports.invented_release import Frames
from tests.reports.sections.truth import facts

pytestmark = pytest.mark.unit

CONTACT = {"office": "Bureau Uitstroom", "mailbox": "uitstroom@voorbeeld.nl"}
NEXT = {"as_of": "2027-04", "day": "2027-05-08"}


def test_what_a_region_did_not_tell_is_left_out(words: Labels) -> None:
    assert reader_lines(facts(), words) == ()
    assert reader_lines(facts(contact={"office": "Bureau Uitstroom"}), words) == (
        "Vragen over dit rapport: Bureau Uitstroom.",
    )


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "nl",
            (
                "Vragen over dit rapport: Bureau Uitstroom, uitstroom@voorbeeld.nl.",
                "Volgende uitgave voor de stuurgroep: 8 mei 2027, met de stand van april 2027.",
            ),
        ),
        (
            "en",
            (
                "Questions about this report: Bureau Uitstroom, uitstroom@voorbeeld.nl.",
                "Next edition for the steering group: 8 May 2027, as of April 2027.",
            ),
        ),
    ],
)
def test_both_lines_are_told_in_every_language(language: str, lines: tuple[str, ...]) -> None:
    told = facts(contact=CONTACT, next_edition=NEXT)
    assert reader_lines(told, load_labels(language)) == lines


@pytest.mark.parametrize(
    ("months", "as_of", "expected"),
    [
        ((4, 10), "2026-10", ("2027-04", "2027-05-08")),
        ((4, 10), "2026-09", ("2026-10", "2026-11-08")),
        ((12,), "2026-12", ("2027-12", "2028-01-08")),
        ((12,), "2026-11", ("2026-12", "2027-01-08")),
    ],
)
def test_the_next_edition_is_the_first_later_month_of_the_steering_group(
    months: tuple[int, ...], as_of: str, expected: tuple[str, str]
) -> None:
    calendar = Calendar(steering_months=months)
    month = calendar.next_steering(as_of)
    assert (month, calendar.day_of(month)) == expected
    assert month > as_of


def test_the_lines_stand_on_page_one_and_in_the_section_on_the_source(
    frames: Frames, tmp_path: Path
) -> None:
    more = {"contact": CONTACT, "next_edition": NEXT, "places": {"GM9999": "Verweg"}}
    folder = invented_release.write_release(tmp_path / "release", frames, **more)
    document = read_document(folder)
    page = write_pages(document, tmp_path / "page").page.read_text(encoding="utf-8")
    assert page.index("Vragen over dit rapport: Bureau Uitstroom") < page.index("<main")
    assert page.count("8 mei 2027") == 2
    section = next(one for one in document.sections if one.section_id == "provenance")
    assert section.paragraphs[-2:] == reader_lines(document.facts, document.words)


def test_a_municipality_on_page_one_leads_to_its_own_page_only_where_that_is_made(
    release_folder: Path, tmp_path: Path
) -> None:
    document = read_document(release_folder)
    addresses = municipal_addresses(document)
    folder = tmp_path / "page"
    page = write_pages(document, folder, places=addresses).page.read_text(encoding="utf-8")
    write_municipal(document, folder)
    rows = document.front.quotas.rows
    assert rows
    for row in rows:
        assert f'<th scope="row"><a href="{addresses[row.code]}">' in page
        assert (folder / addresses[row.code]).is_file()
    bare = write_pages(document, tmp_path / "bare").page.read_text(encoding="utf-8")
    assert "gemeenten/" not in bare
    assert 'href="gemeenten/' in page


def test_a_municipality_in_no_table_is_called_by_the_name_that_the_release_tells(
    frames: Frames, tmp_path: Path
) -> None:
    name = "mart_forecast__households"
    first = frames[name]["municipality_code"][0]
    elsewhere = frames[name].filter(pl.col("municipality_code") == first)
    frames[name] = pl.concat(
        [frames[name], elsewhere.with_columns(municipality_code=pl.lit("GM9999"))]
    )
    for at, told, said in (
        (1, {"GM9999": "Verweg"}, "Verweg"),
        (2, {}, "gemeente met code GM9999"),
    ):
        folder = invented_release.write_release(tmp_path / str(at), frames, places=told)
        (section,) = read_document(folder).build(["supply"])
        table = next(one for one in section.tables if one.table_id == "households").table
        assert said in table.frame["place"].to_list()
