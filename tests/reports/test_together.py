"""Municipalities as one line, in words: the pages name them together, and none of them alone."""

import re
from pathlib import Path

import polars as pl
import pytest

from pipelines.classes import OPENBAAR, PARTIJEN
from pipelines.protected_counts import CLAIMS, LETTINGS, PACE, PROGRESS
from reports.document import Document, read_document
from reports.labels import load_labels
from reports.municipal import municipal_pages
from reports.progress_page import render_progress
from reports.sections import base
from reports.sections.claims import build_claims
from reports.sections.progress import build_progress
from reports.standing import behind_sentence
from reports.together import as_heads, lines_about, named
from tests.reports import invented_release
from tests.reports.protected_release import write_protected
from tests.reports.small_pages import read_page

pytestmark = pytest.mark.unit

SMALL = ("GM9002", "GM9004")
GROUP = "GM9002+GM9004"
NAMES = "Havendorp en Zandoever"
OTHERS = f"overige gemeenten ({NAMES})"
COUNTED = {LETTINGS: "dwellings", PACE: "realised", PROGRESS: "dwellings", CLAIMS: "dwellings"}


def build(folder: Path, frames: invented_release.Frames) -> dict[str, Path]:
    return write_protected(folder, frames, together=SMALL)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return build(tmp_path_factory.mktemp("together"), invented_release.build_frames())


@pytest.fixture(scope="module")
def public(folders: dict[str, Path]) -> Document:
    return read_document(folders[OPENBAAR])


def small_pages(document: Document) -> dict[str, str]:
    return {"voortgang.html": render_progress(document), **municipal_pages(document)}


def page_of(document: Document, name: str) -> str:
    return next(page for address, page in municipal_pages(document).items() if name in address)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_page_has_a_count_of_a_single_one(folders: dict[str, Path], language: str) -> None:
    document = read_document(folders[OPENBAAR], language=language)
    seen = set()
    for address, page in small_pages(document).items():
        for table, row, column, _ in read_page(page).found:
            if COUNTED.get(table) == column:
                seen |= {code for code in row.split("/") if code.startswith("GM")}
        assert not seen & set(SMALL), address
    assert seen == {"GM9001", "GM9003", "GM9005", GROUP}


@pytest.mark.parametrize("name", ["havendorp", "zandoever"])
def test_the_page_of_each_says_that_its_counts_are_published_together(
    public: Document, name: str
) -> None:
    page = read_page(page_of(public, name))
    own, other = ("Havendorp", "Zandoever") if name == "havendorp" else ("Zandoever", "Havendorp")
    assert f"De aantallen van {own} worden samen met die van {other} gepubliceerd." in page.text
    assert f"In {NAMES} samen zijn tot en met oktober 2026, afgerond," in page.text
    assert f"woningen in {NAMES} samen wonen mensen" in page.text
    counts = {
        (table, row.split("/")[1], text)
        for table, row, column, text in page.found
        if COUNTED.get(table) == column
    }
    release = public.release
    realised = release.table(PACE).filter(pl.col("municipality_code") == GROUP)["realised"][0]
    years = release.table(PROGRESS).filter(pl.col("municipality_code") == GROUP)["dwellings"][0]
    assert counts == {(PACE, GROUP, str(realised)), (PROGRESS, GROUP, str(years))}


def test_small_sums_are_below_ten_and_never_nothing(tmp_path: Path) -> None:
    frames = invented_release.build_frames()
    none = {
        table: frames[table].with_columns(
            pl.when(pl.col("municipality_code").is_in(SMALL))
            .then(0)
            .otherwise(pl.col(column))
            .alias(column)
        )
        for table, column in COUNTED.items()
        if table != CLAIMS
    }
    document = read_document(build(tmp_path, {**frames, **none})[OPENBAAR])
    text = read_page(page_of(document, "havendorp")).text
    assert f"In {NAMES} samen zijn tot en met oktober 2026, afgerond, minder dan 10" in text
    assert f"In minder dan 10 woningen in {NAMES} samen wonen mensen" in text
    assert not re.search(r"geen woning verhuurd|woont nu niemand|niet geleverd", text)


def test_without_an_agreed_quota_the_page_says_what_was_let_in_all_of_them(tmp_path: Path) -> None:
    frames = invented_release.build_frames()
    frames[PACE] = frames[PACE].clear()
    document = read_document(build(tmp_path, frames)[OPENBAAR])
    text = read_page(page_of(document, "havendorp")).text
    assert re.search(rf"Dit jaar zijn tot en met oktober 2026 in {NAMES} samen \d+ woningen", text)
    assert "De aantallen van Havendorp worden samen met die van Zandoever gepubliceerd" in text


def test_where_the_coming_quota_stays_behind_the_past_of_all_of_them_is_told(
    tmp_path: Path,
) -> None:
    frames = invented_release.build_frames()
    ahead = pl.col("is_expected")
    frames[CLAIMS] = frames[CLAIMS].with_columns(
        pl.when(~ahead).then(name).alias(name)
        for name in ("dwellings", "per_100_relets", "per_100_suitable")
    )
    document = read_document(build(tmp_path, frames)[OPENBAAR])
    text = read_page(page_of(document, "havendorp")).text
    assert re.search(rf"die in 2025 in {NAMES} samen vrijkwamen, gingen er [\d,]+ naar", text)


def test_the_page_of_another_municipality_is_as_it_was(public: Document) -> None:
    text = read_page(page_of(public, "duinstad")).text
    assert "samen" not in text.split("Wie woont hier")[0]
    assert "worden samen met" not in text


def test_the_parties_read_every_municipality_by_itself(folders: dict[str, Path]) -> None:
    document = read_document(folders[PARTIJEN])
    for page in small_pages(document).values():
        assert "verige gemeenten" not in read_page(page).text
        assert "worden samen met" not in read_page(page).text
        assert not any(GROUP in row for _, row, _, _ in read_page(page).found)


def section_tables(document: Document, names: tuple[str, ...]) -> base.Tables:
    return base.Tables(document.release, names, document.facts.scenario_id)


def test_claims_stand_beside_the_name_of_their_own_municipality(public: Document) -> None:
    tables = section_tables(
        public,
        (CLAIMS, "mart_quota__key", "mart_quota__yearly_municipality", "mart_quota__override"),
    )
    section = build_claims(tables, public.facts, public.words)
    (shown,) = [
        one.table.frame for one in section.tables if one.table_id == "claims-municipalities"
    ]
    names = invented_release.MUNICIPALITIES
    wanted = {code: name for code, (name, _) in names.items() if code not in SMALL}
    wanted[GROUP] = OTHERS[0].upper() + OTHERS[1:]
    pairs = dict(shown.select("municipality_code", "place").unique().iter_rows())
    assert pairs == wanted
    assert shown["place"][-1] == wanted[GROUP]


def test_the_section_on_progress_puts_the_line_last_and_names_them(public: Document) -> None:
    tables = section_tables(public, (PACE, "mart_agreement"))
    section = build_progress(tables, public.facts, public.words)
    assert section is not None
    names = section.charts[0].picture.table.frame["municipality_name"].to_list()
    assert names[-2:] == [OTHERS[0].upper() + OTHERS[1:], "Regio"]
    assert any(OTHERS in sentence for sentence in section.paragraphs)


def rows(*states: str | None) -> list[dict]:
    codes = ("GM9001", GROUP)
    return [
        {
            "municipality_code": code,
            "municipality_name": name,
            "state": state,
            "difference": None,
        }
        for code, name, state in zip(codes, ("Duinstad", OTHERS), states, strict=True)
    ]


@pytest.mark.parametrize(
    ("states", "nl", "en"),
    [
        (("on_course", "behind"), f"achter op de opgave: {OTHERS}", "behind on the task: "),
        (("behind", "behind"), f"achter op de opgave: Duinstad en {OTHERS}", "behind on the task"),
        (("on_course", "on_course"), "overige gemeenten samen ook niet", "nor are the other"),
        ((None, None), "nog niet te zeggen", "cannot be said yet"),
    ],
)
def test_a_line_of_several_is_never_counted_as_one_of_so_many(
    states: tuple[str | None, ...], nl: str, en: str
) -> None:
    for language, said in (("nl", nl), ("en", en)):
        found = str(behind_sentence(rows(*states), load_labels(language)))
        assert said in found
        assert not re.search(r"\d", found)


def test_names_are_put_together_in_both_languages() -> None:
    frame = pl.DataFrame(
        {
            "municipality_code": ["GM9001", GROUP, "all"],
            "municipality_name": ["Duinstad", "Havendorp + Zandoever", None],
        }
    )
    for language, said in (
        ("nl", OTHERS),
        ("en", "other municipalities (Havendorp and Zandoever)"),
    ):
        found = named(frame, load_labels(language))
        assert found["municipality_name"].to_list() == ["Duinstad", said, None]
        assert as_heads(found)["municipality_name"][1] == said[0].upper() + said[1:]


def test_lines_about_a_municipality_are_those_that_hold_it() -> None:
    frame = pl.DataFrame({"municipality_code": ["GM9001", GROUP, "all", "GM9003"]})
    assert lines_about(frame, "GM9002")["municipality_code"].to_list() == [GROUP]
    assert lines_about(frame, "GM9001").is_empty()
    assert lines_about(frame.clear(), "GM9002").is_empty()
