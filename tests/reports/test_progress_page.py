"""The monthly progress page: true, traced to its tables, the same twice, safe."""

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from models.marts.progress import FLOWS, REFUSALS
from models.quota.pacing import Course
from reports.document import Document, read_document
from reports.figures import Figure, Sentence
from reports.labels import Labels
from reports.progress_counts import Counts, verdict
from reports.progress_page import (
    FILE,
    late_sentence,
    progress_view,
    refusal_finding,
    render_progress,
    wait_finding,
    write_progress,
)
from reports.standing import behind_sentence, decisions_part, pace_part, pace_sentence
from tests.reports.invented_release import AS_OF, Frames, build_frames, without_agreements
from tests.reports.small_pages import cells_of, hold, read_number, read_page

pytestmark = pytest.mark.unit

NAME = "mart_progress__monthly"


@pytest.fixture(scope="module")
def built() -> Frames:
    return build_frames()


@pytest.fixture
def frames(built: Frames) -> Frames:
    return dict(built)


@pytest.fixture(scope="module")
def document(release_folder: Path) -> Document:
    return read_document(release_folder)


def set_count(frames: Frames, measure: str, period: str, value: int, month: str = AS_OF) -> None:
    """Change one count of the region."""
    here = (
        (pl.col("measure") == measure) & (pl.col("period") == period) & (pl.col("month") == month)
    )
    frames[NAME] = frames[NAME].with_columns(
        dwellings=pl.when(here & (pl.col("municipality_code") == "all"))
        .then(pl.lit(value, dtype=pl.Int64))
        .otherwise("dwellings")
    )


def counts_of(frames: Frames, words: Labels) -> Counts:
    return Counts(frames[NAME], AS_OF, words)


# --- numbers -------------------------------------------------------------------------------------


def test_every_traced_number_is_the_one_in_its_table(document: Document) -> None:
    seen = list(cells_of(render_progress(document), document.release))
    assert len(seen) > 80
    for column, value, text in seen:
        assert read_number(text) == pytest.approx(value, abs=0.051), column


def test_a_number_that_differs_from_its_table_is_found(document: Document) -> None:
    page = render_progress(document)
    figure = progress_view(document).stages[0].figure
    wrong = page.replace(f">{figure.text}</data>", ">991</data>", 1)
    assert wrong != page
    with pytest.raises(AssertionError):
        for column, value, text in cells_of(wrong, document.release):
            assert read_number(text) == pytest.approx(value, abs=0.051), column


def test_the_view_and_the_page_hold_the_same_figures(document: Document) -> None:
    shown = sorted((*rest, text) for *rest, text in read_page(render_progress(document)).found)
    held = sorted(
        (one.table, one.row, one.column, one.text)
        for one in progress_view(document).figures
        if one.table
    )
    # The year of a stage stands in the view twice: as a figure and in the text under it.
    assert set(shown) == set(held)
    assert len(shown) == len(held)


def test_every_count_of_the_month_and_the_year_is_on_the_page(document: Document) -> None:
    shown = {(row, column) for _, row, column, _ in read_page(render_progress(document)).found}
    for measure in (*FLOWS, *REFUSALS):
        for period in ("month", "year"):
            assert (f"{AS_OF}/all/{measure}/{period}", "dwellings") in shown


# --- sentences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "said"), [(5, 4, "up"), (3, 4, "down"), (4, 4, "same"), (4, None, "alone")]
)
def test_counts_are_exact_and_so_is_the_verdict(now: int, before: int | None, said: str) -> None:
    assert verdict(now, before) == said


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (170, 161, "In twaalf maanden 170 verhuizingen naar een eigen woning: meer dan de 161 "),
        (150, 161, "In twaalf maanden 150 verhuizingen naar een eigen woning: minder dan de 161"),
        (161, 161, "verhuizingen naar een eigen woning: evenveel als in"),
        (1, 0, "In twaalf maanden 1 verhuizing naar een eigen woning: meer dan de 0 "),
        (0, 12, "In twaalf maanden geen verhuizingen naar een eigen woning: minder dan de 12"),
    ],
)
def test_the_sentence_on_moves(
    frames: Frames, words: Labels, now: int, before: int, expected: str
) -> None:
    set_count(frames, "moved", "year", now)
    set_count(frames, "moved", "year", before, month="2025-10")
    assert expected in str(progress_view(hold(frames, words)).parts[0].finding)


def test_without_twelve_months_the_sentence_is_about_the_month(
    frames: Frames, words: Labels
) -> None:
    frames[NAME] = frames[NAME].filter(pl.col("period") != "year")
    view = progress_view(hold(frames, words))
    assert "twaalf hele maanden zijn nog niet geleverd" in str(view.parts[0].finding)
    assert "onbekend" in {cell.text for line in view.parts[0].grid.lines for cell in line.cells}


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (70, 65, "telt 70 aanvragen: meer dan de 65 van een jaar geleden"),
        (60, 65, "telt 60 aanvragen: minder dan de 65 van een jaar geleden"),
        (1, 1, "telt 1 aanvraag: evenveel als een jaar geleden"),
        (0, 3, "telt geen aanvragen: minder dan de 3 van een jaar geleden"),
    ],
)
def test_the_sentence_on_the_list(
    frames: Frames, words: Labels, now: int, before: int, expected: str
) -> None:
    set_count(frames, "on_list", "end", now)
    set_count(frames, "on_list", "end", before, month="2025-10")
    assert expected in str(progress_view(hold(frames, words)).parts[1].finding)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (0, "Geen aanvraag staat langer open dan het streven van 6 maanden."),
        (1, "1 aanvraag staat langer open dan het streven van 6 maanden."),
        (9, "9 aanvragen staan langer open dan het streven van 6 maanden."),
    ],
)
def test_the_sentence_on_late_applications(
    document: Document, frames: Frames, words: Labels, late: int, expected: str
) -> None:
    set_count(frames, "over_promise", "end", late)
    said = late_sentence(counts_of(frames, words), document.facts, words)
    assert str(said).startswith(expected)


def test_without_a_promise_nothing_is_called_late(frames: Frames, words: Labels) -> None:
    without_agreements(frames)
    frames[NAME] = frames[NAME].filter(pl.col("measure") != "over_promise")
    document = hold(frames, words)
    said = late_sentence(counts_of(frames, words), document.facts, words)
    assert str(said) == "Een termijn voor het aanbod is niet afgesproken."
    assert "Donker" not in render_progress(document)


@pytest.mark.parametrize(
    ("median", "expected"),
    [
        (6.9, "dat is langer dan het streven van 6 maanden"),
        (6.0, "dat is precies het streven van 6 maanden"),
        (5.9, "dat is korter dan het streven van 6 maanden"),
        (None, "is niet te zeggen: minder dan 10 aanvragen"),
    ],
)
def test_the_sentence_on_the_wait(
    document: Document, words: Labels, median: float | None, expected: str
) -> None:
    figure = Figure("" if median is None else words.numbers.months(median))
    assert expected in str(wait_finding(median, figure, document.facts, words))


def test_the_wait_without_a_promise_is_only_told(frames: Frames, words: Labels) -> None:
    without_agreements(frames)
    facts = hold(frames, words).facts
    said = str(wait_finding(4.9, Figure("4,9 maanden"), facts, words))
    assert said == "De helft kreeg binnen 4,9 maanden een aanbod; een termijn is niet afgesproken"


@pytest.mark.parametrize(
    ("offered", "client", "provider", "association", "expected"),
    [
        (172, 2, 1, 0, "172 aanbiedingen: de kandidaat weigerde 2 keer en de zorgaanbieder"),
        (172, 2, 1, 4, "2 keer, de zorgaanbieder weigerde 1 keer en de corporatie weigerde 4 keer"),
        (1, 0, 0, 0, "In twaalf maanden 1 aanbod: niemand weigerde"),
        (0, 0, 0, 0, "In twaalf maanden is er geen woning aangeboden"),
    ],
)
def test_the_sentence_on_refusals(
    frames: Frames,
    words: Labels,
    offered: int,
    client: int,
    provider: int,
    association: int,
    expected: str,
) -> None:
    given = dict(zip(("offered", *REFUSALS), (offered, client, provider, association), strict=True))
    for measure, value in given.items():
        set_count(frames, measure, "year", value)
    assert expected in str(refusal_finding(counts_of(frames, words), "year", words))


def pace_row(**facts: object) -> dict:
    same = {"year": 2026, "municipality_code": "all", "municipality_name": "Duinstad"}
    numbers = {"quota": 34, "at_most": 34, "realised": 30, "norm": 28.33, "of_months": 12}
    return {**same, **numbers, "state": "ahead", **facts}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"state": "ahead"}, "zijn 30 woningen verhuurd: meer dan de norm (28,3). De opgave is 34"),
        ({"state": "behind", "realised": 9}, "9 woningen verhuurd: minder dan de norm (28,3)"),
        ({"state": "on_course", "realised": 28}, "dat is op koers. De opgave is 34"),
        ({"quota": 0, "state": "on_course"}, "In 2026 is er geen opgave"),
        ({"of_months": 6}, "In dit halfjaar zijn"),
    ],
)
def test_the_sentence_on_the_pace(words: Labels, facts: dict, expected: str) -> None:
    assert expected in str(pace_sentence(pace_row(**facts), "oktober 2026", words))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["ahead", "on_course"], "Geen van de 2 gemeenten loopt achter op de norm"),
        (["behind", "on_course"], "1 van de 2 gemeenten loopt achter op de norm: G0"),
        (["behind", "ahead", "behind"], "2 van de 3 gemeenten lopen achter op de norm: G0 en G2"),
        (["behind"], "G0 loopt achter op de norm"),
        (["on_course"], "G0 loopt niet achter op de norm"),
        (["ahead"], "G0 loopt niet achter op de norm"),
    ],
)
def test_who_is_behind(words: Labels, states: list[str], expected: str) -> None:
    assert set(states) <= {course.value for course in Course}
    rows = [{"municipality_name": f"G{at}", "state": state} for at, state in enumerate(states)]
    assert str(behind_sentence(rows, words)) == expected


def test_one_municipality_has_one_row_and_no_total(frames: Frames, words: Labels) -> None:
    progress = frames["mart_quota__progress"]
    one = progress.filter(pl.col("municipality_code").is_in(["GM9001", "all"]))
    assert [line.label for line in pace_part(one, "", words).grid.lines] == ["Duinstad"]
    many = pace_part(progress, "", words).grid.lines
    assert [line.is_total for line in many] == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "Er zijn geen afspraken geleverd"),
        (["vastgesteld"], "Er staat geen besluit open: de enige afspraak is vastgesteld"),
        (["vastgesteld"] * 3, "Er staat geen besluit open: alle 3 afspraken zijn vastgesteld"),
        (["vastgesteld", "concept"], "1 afspraak is nog niet vastgesteld"),
        (["colleges", "stuurgroep", "concept"], "3 afspraken zijn nog niet vastgesteld"),
    ],
)
def test_open_decisions(frames: Frames, words: Labels, states: list[str], expected: str) -> None:
    agreements = pl.concat([frames["mart_agreement"].head(1)] * len(states)) if states else None
    table = frames["mart_agreement"].clear()
    if agreements is not None:
        table = agreements.with_columns(
            state=pl.Series(states), agreement_id=pl.Series([f"a{at}" for at in range(len(states))])
        )
    part = decisions_part(table, words)
    assert str(part.finding) == expected
    shown = [] if part.grid is None else [line.cells[1].text for line in part.grid.lines]
    order = ["concept", "akkoord stuurgroep", "akkoord colleges"]
    assert shown == [state for state in order if state in shown]
    assert len(shown) == len([state for state in states if state != "vastgesteld"])


# --- the page ------------------------------------------------------------------------------------


def test_a_region_that_agreed_and_delivered_nothing_says_so(frames: Frames, words: Labels) -> None:
    without_agreements(frames)
    frames[NAME] = frames[NAME].clear()
    document = hold(frames, words)
    page = render_progress(document)
    for said in (
        "Over aanvragen is niets geleverd",
        "Een verdeling over gemeenten is niet afgesproken",
        "Er zijn geen afspraken geleverd",
    ):
        assert said in page
    assert read_page(page).found == []


def test_the_same_release_gives_the_same_bytes(document: Document, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (file,) = write_progress(read_document(document.release.path), folder)
        assert file.name == FILE
        written.append(file.read_bytes())
    assert written[0] == written[1]


def test_hostile_names_stay_text(frames: Frames, words: Labels) -> None:
    evil = "<script>alert(1)</script>{{7*7}}\"'><img src=x onerror=alert(1)>"
    frames["mart_run"] = frames["mart_run"].with_columns(region_name=pl.lit(evil))
    for name, column in (
        ("mart_agreement", "scope"),
        ("mart_agreement", "body"),
        ("mart_quota__progress", "municipality_name"),
    ):
        frames[name] = frames[name].with_columns(pl.lit(evil).alias(column))
    frames["mart_agreement"] = frames["mart_agreement"].with_columns(state=pl.lit("concept"))
    read = read_page(render_progress(hold(frames, words)))
    assert not {"script", "img"} & set(read.tags)
    assert read.text.count(evil) > 10


def test_the_page_is_one_that_everybody_can_read(document: Document) -> None:
    page = render_progress(document)
    read = read_page(page)
    assert '<html lang="nl">' in page
    assert read.headings[0] == 1
    assert read.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(read.headings))
    assert len(read.ids) == len(set(read.ids))
    assert [
        link[1:] for link in read.links if link.startswith("#") and link[1:] not in read.ids
    ] == []
    assert read.tags.count("caption") == read.tags.count("table")
    assert "script" not in read.tags
    assert "default-src &#39;none&#39;" in page


def test_a_sentence_keeps_its_figures(document: Document) -> None:
    lead = progress_view(document).lead
    assert isinstance(lead, Sentence)
    assert [figure.column for figure in lead.figures] == ["realised", "norm", "quota"]
    assert str(lead) == "".join(str(part) for part in lead.parts)
