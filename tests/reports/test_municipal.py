"""The pages of municipalities: true, traced to their tables, plain, safe."""

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from reports.document import Document, read_document
from reports.explained_pages import page_addresses
from reports.labels import Labels
from reports.municipal import (
    FOLDER,
    MunicipalView,
    municipal_pages,
    municipal_views,
    write_municipal,
)
from reports.municipal_sentences import (
    headline,
    pace_ruler,
    project_sentence,
    vacated_row,
    vacated_sentence,
)
from tests.reports.invented_release import (
    MUNICIPALITIES,
    Frames,
    build_frames,
    without_agreements,
)
from tests.reports.small_pages import cells_of, hold, read_number, read_page

pytestmark = pytest.mark.unit

CODE = "GM9001"
NAMES = {code: name for code, (name, _) in MUNICIPALITIES.items()}
CLAIMS = "mart_quota__claim"


@pytest.fixture(scope="module")
def built() -> Frames:
    return build_frames()


@pytest.fixture
def frames(built: Frames) -> Frames:
    return dict(built)


@pytest.fixture(scope="module")
def document(release_folder: Path) -> Document:
    return read_document(release_folder)


@pytest.fixture(scope="module")
def pages(document: Document) -> dict[str, str]:
    return municipal_pages(document)


def part_of(view: MunicipalView, part_id: str) -> str:
    part = next(part for part in view.parts if part.part_id == part_id)
    return " ".join([str(part.finding), *(str(said) for said in part.sentences)])


def first_view(frames: Frames, words: Labels) -> MunicipalView:
    return municipal_views(hold(frames, words))[0]


# --- numbers -------------------------------------------------------------------------------------


def test_every_municipality_has_its_page_with_the_slug_of_its_explanation(
    document: Document, pages: dict[str, str]
) -> None:
    explained = [address.partition("/")[2] for address in page_addresses(NAMES).values()]
    assert list(pages) == [f"{FOLDER}/{name}" for name in explained]
    assert [view.code for view in municipal_views(document)] == list(NAMES)


def test_every_traced_number_is_the_one_in_its_table(
    document: Document, pages: dict[str, str]
) -> None:
    for page in pages.values():
        seen = list(cells_of(page, document.release))
        assert len(seen) >= 10
        for column, value, text in seen:
            tolerance = 0.0001 if column == "key_share" else 0.051
            assert read_number(text) == pytest.approx(value, abs=tolerance), column


def test_a_page_holds_the_figures_of_its_view_and_of_no_other_municipality(
    document: Document, pages: dict[str, str]
) -> None:
    for view, page in zip(municipal_views(document), pages.values(), strict=True):
        shown = [tuple(one) for one in read_page(page).found]
        held = [(one.table, one.row, one.column, one.text) for one in view.figures if one.table]
        assert sorted(shown) == sorted(held)
        assert {code for code in NAMES if any(code in row for _, row, _, _ in shown)} == {view.code}


def test_the_numbers_that_were_asked_for_are_there(pages: dict[str, str]) -> None:
    found = {(table, column) for table, _, column, _ in read_page(next(iter(pages.values()))).found}
    assert found >= {
        ("mart_quota__yearly_municipality", "at_most"),
        ("mart_quota__yearly_municipality", "quota"),
        (CLAIMS, "per_100_suitable"),
        ("mart_progress__monthly", "dwellings"),
        ("mart_quota__progress", "realised"),
        ("mart_quota__explanation", "key_share"),
    }


# --- sentences -----------------------------------------------------------------------------------


def quota_row(at_most: int | None, quota: int) -> dict:
    return {"year": 2026, "municipality_code": CODE, "at_most": at_most, "quota": quota}


@pytest.mark.parametrize(
    ("row", "contingent", "big", "label", "kind", "said"),
    [
        (quota_row(34, 31), None, "34", "woningen ten hoogste in 2026", "cap", "is 31 woningen"),
        (quota_row(1, 1), None, "1", "woning ten hoogste in 2026", "cap", "is 1 woning:"),
        (quota_row(0, 0), None, "0", "woningen ten hoogste", "cap", "is 0 woningen"),
        (quota_row(None, 3), None, "3", "woningen: de opgave van X", "owed", "is niet afgesproken"),
        (quota_row(None, 1), "Maatwerk", "1", "woning: de opgave", "owed", "afgesproken: Maatwerk"),
        (None, None, "Niet afgesproken", "hoeveel woningen X per jaar", "none", "geen aantal"),
    ],
)
def test_the_number_of_the_year(
    words: Labels,
    row: dict | None,
    contingent: str | None,
    big: str,
    label: str,
    kind: str,
    said: str,
) -> None:
    found = headline(row, "X", contingent, words)
    assert (found[0].text, found[2]) == (big, kind)
    assert label in found[1]
    assert said in str(found[3])


def claim(is_expected: bool, suitable: float | None, relets: float | None = 5.0) -> dict:
    return {
        "year": 2027 if is_expected else 2025,
        "municipality_code": CODE,
        "claim": "outflow",
        "is_expected": is_expected,
        "per_100_suitable": suitable,
        "per_100_relets": relets,
    }


@pytest.mark.parametrize(
    ("row", "measure", "expected"),
    [
        (
            claim(True, 7.91),
            "per_100_suitable",
            "Van elke 100 passende woningen die in 2027 in X vri",
        ),
        (claim(True, 7.91), "per_100_suitable", "zijn er 7,9 nodig voor de opgave"),
        (claim(True, 0.0), "per_100_suitable", "is er 0 nodig voor de opgave"),
        (claim(True, 130.0), "per_100_suitable", "vraagt de opgave er 130: meer dan er vrijkomen"),
        (claim(False, 9.12), "per_100_suitable", "vrijkwamen, gingen er 9,1 naar uitstromers"),
        (claim(False, None), "per_100_relets", "Van elke 100 woningen die in 2025 in X vrijkwamen"),
        (claim(False, 0.0), "per_100_suitable", "ging er 0 naar uitstromers"),
        (claim(False, 101.0), "per_100_suitable", "gingen in X 101 woningen naar uitstromers"),
    ],
)
def test_the_sentence_on_homes_that_come_free(
    words: Labels, row: dict, measure: str, expected: str
) -> None:
    assert expected in str(vacated_sentence(row, measure, "X", "uitstromers", words))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([claim(False, 7.0), claim(True, 8.0)], (2027, "per_100_suitable")),
        ([claim(False, 7.0), claim(True, None, 3.0)], (2027, "per_100_relets")),
        ([claim(False, 7.0), claim(True, None, None)], (2025, "per_100_suitable")),
        ([claim(False, None), claim(True, None, None)], (2025, "per_100_relets")),
        ([claim(False, None, None)], None),
    ],
)
def test_the_coming_year_goes_before_the_past_and_suitable_homes_before_all(
    frames: Frames, rows: list[dict], expected: tuple[int, str] | None
) -> None:
    columns = list(rows[0])
    table = pl.DataFrame(rows, schema=frames[CLAIMS].select(columns).schema)
    found = vacated_row(table)
    assert (None if found is None else (found[0]["year"], found[1])) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (57, "In 57 woningen in Duinstad wonen mensen die korter dan twee jaar geleden"),
        (1, "In 1 woning in Duinstad woont iemand die korter dan twee jaar geleden"),
        (0, "In Duinstad woont nu niemand die korter dan twee jaar geleden"),
        (None, "Hoeveel mensen hier korter dan twee jaar wonen, is niet geleverd"),
    ],
)
def test_the_sentence_on_the_first_two_years(
    frames: Frames, words: Labels, count: int | None, expected: str
) -> None:
    name = "mart_progress__monthly"
    here = (pl.col("measure") == "first_two_years") & (pl.col("municipality_code") == CODE)
    if count is None:
        frames[name] = frames[name].filter(~here)
    else:
        value = pl.when(here).then(pl.lit(count, dtype=pl.Int64)).otherwise("dwellings")
        frames[name] = frames[name].with_columns(dwellings=value)
    assert expected in part_of(first_view(frames, words), "first-years")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Project Domus, 24 plekken. Nu: in aanbouw; nog open: begeleiding en budget."),
        ({"gate_support": "met", "gate_budget": None}, "Nu: in aanbouw; alles geregeld."),
        ({"name": None}, "Project Domus, 24 plekken."),
        ({"status": "idee"}, "Nu: idee;"),
    ],
)
def test_the_sentence_on_a_project(words: Labels, changes: dict, expected: str) -> None:
    gates = {"gate_priority": "met", "gate_support": "open", "gate_budget": "open"}
    row = {
        "project_id": "P1",
        "name": "Domus",
        "kind": "domus",
        "places": 24,
        "status": "in_aanbouw",
    }
    said = str(project_sentence({**row, **gates, "gate_tender": "met", **changes}, words))
    assert expected in said


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["vastgesteld", "vastgesteld"], "Er ligt nu geen besluit voor"),
        (["vastgesteld", "concept"], "Er staat nog 1 zaak open"),
        (["colleges", "concept"], "Er staan nog 2 zaken open"),
        ([], "Er zijn geen afspraken geleverd"),
    ],
)
def test_what_is_still_to_be_decided(
    frames: Frames, words: Labels, states: list[str], expected: str
) -> None:
    frames["mart_quota__project"] = frames["mart_quota__project"].clear()
    agreements = frames["mart_agreement"].head(1)
    frames["mart_agreement"] = pl.concat(
        [
            agreements.with_columns(state=pl.lit(state), agreement_id=pl.lit(f"a{at}"))
            for at, state in enumerate(states)
        ]
        or [agreements.clear()]
    )
    assert part_of(first_view(frames, words), "decide").startswith(expected)


@pytest.mark.parametrize(
    ("realised", "norm", "at_most", "ends"),
    [
        (23, 28.3, 34, (23 / 34, 28.3 / 34, 1.0)),
        (40, 20.0, 30, (1.0, 0.5, 0.75)),
        (0, 0.0, None, (0.0, 0.0, None)),
    ],
)
def test_the_ruler_has_one_scale_from_zero(
    words: Labels, realised: int, norm: float, at_most: int | None, ends: tuple
) -> None:
    row = {"year": 2026, "municipality_code": CODE, "realised": realised, "norm": norm}
    drawn = pace_ruler({**row, "at_most": at_most}, words)
    shown = (drawn.bullet.bar, drawn.bullet.norm, drawn.bullet.most)
    wanted = [None if end is None else pytest.approx(100 * end, abs=0.001) for end in ends]
    assert list(shown) == wanted
    assert (drawn.most is None) == (at_most is None)


# --- the page ------------------------------------------------------------------------------------


def test_what_was_never_agreed_is_called_that(frames: Frames, words: Labels) -> None:
    without_agreements(frames)
    page = next(iter(municipal_pages(hold(frames, words)).values()))
    text = read_page(page).text
    assert "Niet afgesproken" in text
    assert "Een opgave is niet afgesproken" in text
    assert "Er is geen verdeelsleutel afgesproken" in text
    assert "ten hoogste" not in text
    assert "uitleg/" not in page


def test_what_was_never_delivered_is_called_that(frames: Frames, words: Labels) -> None:
    without_agreements(frames)
    for name in (CLAIMS, "mart_progress__monthly", "mart_letting__yearly_municipality"):
        frames[name] = frames[name].clear()
    text = read_page(next(iter(municipal_pages(hold(frames, words)).values()))).text
    assert "Hoeveel woningen zijn verhuurd, is niet geleverd" in text
    assert "Hoeveel woningen er vrijkomen en voor wie, is niet geleverd" in text
    assert "Hoeveel mensen hier korter dan twee jaar wonen, is niet geleverd" in text


def test_a_region_that_names_nobody_has_no_pages(frames: Frames, words: Labels) -> None:
    without_agreements(frames)
    frames["mart_quota__override"] = frames["mart_quota__override"].clear()
    assert municipal_pages(hold(frames, words)) == {}


def test_one_municipality_has_a_page_without_neighbours(frames: Frames, words: Labels) -> None:
    for name, frame in frames.items():
        if {"municipality_code", "municipality_name"} <= set(frame.columns):
            frames[name] = frame.filter(pl.col("municipality_code") == CODE)
    (page,) = municipal_pages(hold(frames, words)).values()
    assert "Andere gemeenten" not in page


def test_the_same_release_gives_the_same_bytes(
    document: Document, pages: dict[str, str], tmp_path: Path
) -> None:
    files = write_municipal(document, tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in files] == list(pages)
    assert [file.read_bytes().decode() for file in files] == list(pages.values())


def test_hostile_names_stay_text(frames: Frames, words: Labels) -> None:
    evil = "<script>alert(1)</script>{{7*7}}\"'><img src=x onerror=alert(1)>"
    for name, frame in frames.items():
        if "municipality_name" in frame.columns:
            here = pl.col("municipality_code") == CODE
            frames[name] = frame.with_columns(
                municipality_name=pl.when(here).then(pl.lit(evil)).otherwise("municipality_name")
            )
    frames["mart_quota__project"] = frames["mart_quota__project"].with_columns(name=pl.lit(evil))
    frames["mart_agreement"] = frames["mart_agreement"].with_columns(
        scope=pl.lit(evil), body=pl.lit(evil), state=pl.lit("concept")
    )
    pages = municipal_pages(hold(frames, words))
    for address, page in pages.items():
        read = read_page(page)
        assert not {"script", "img"} & set(read.tags)
        assert address.isascii()
        assert not set(address) & set("<>\"'{} ")
    assert read_page(next(iter(pages.values()))).text.count(evil) > 10


def test_the_pages_are_ones_that_everybody_can_read(pages: dict[str, str]) -> None:
    for page in pages.values():
        read = read_page(page)
        assert '<html lang="nl">' in page
        assert read.headings.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(read.headings))
        assert len(read.ids) == len(set(read.ids))
        assert "script" not in read.tags
        assert page.count("<svg") == page.count('role="img"') + page.count(
            '<svg aria-hidden="true"'
        )
        inside = [link for link in read.links if link.startswith("#")]
        assert {link[1:] for link in inside} <= set(read.ids)
        near = {link for link in read.links if link.endswith(".html") and "/" not in link}
        assert {f"{FOLDER}/{link}" for link in near} <= set(pages)
