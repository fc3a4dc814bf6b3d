"""Every figure on a page names what it rests on, and is what it names.

A figure was read from a cell of the release, was worked out from cells that it names, or stands in
the CSV file beside the page; what is none of these is a kind that is declared to be no figure
(`figures_of_page.KINDS` and `PLACES`). The walk knows nothing of the sections.
"""

import re
import shutil
from pathlib import Path

import pytest

from reports.build import ReportFiles
from reports.document import Document, read_document
from reports.marked import marked, marked_pieces
from reports.municipal import write_municipal
from reports.progress_page import write_progress
from reports.told import HOWS, Made, Origin, tell
from tests.reports.figures_of_page import (
    DIGITS,
    KINDS,
    PLACES,
    Judge,
    Piece,
    named_cells,
    read_pieces,
)

pytestmark = pytest.mark.unit

LEAST_WORKED_OUT = 50
"""Least figures of the report's page that name what they were worked out from."""
MOST_WITHOUT = 0.08
"""Largest share of the groups of digits that may be of a declared kind."""


@pytest.fixture(scope="module")
def document(release_folder: Path) -> Document:
    return read_document(release_folder)


@pytest.fixture(scope="module")
def pages(
    document: Document, report: ReportFiles, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Every page of the report, by its path."""
    folder = tmp_path_factory.mktemp("every") / "report"
    shutil.copytree(report.page.parent, folder)
    write_progress(document, folder)
    write_municipal(document, folder)
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def judge(document: Document, report: ReportFiles) -> Judge:
    return Judge(document, report.charts)


def test_every_digit_is_named_or_of_a_declared_kind(pages: dict[str, str], judge: Judge) -> None:
    assert {path.partition("/")[0] for path in pages} == {
        "index.html",
        "voortgang.html",
        "uitleg",
        "gemeenten",
    }
    for path, text in pages.items():
        assert judge.nameless(text) == [], path


def test_every_figure_that_was_worked_out_is_what_its_cells_give(
    pages: dict[str, str], judge: Judge
) -> None:
    for path, text in pages.items():
        assert judge.wrong(text) == [], path
    assert judge.kinds(pages["index.html"])["worked out"] >= LEAST_WORKED_OUT


def test_few_groups_of_digits_are_no_figures(pages: dict[str, str], judge: Judge) -> None:
    found = judge.kinds(pages["index.html"])
    assert found["no figure"] / sum(found.values()) < MOST_WITHOUT


def test_one_changed_digit_of_what_was_worked_out_is_found(
    pages: dict[str, str], judge: Judge
) -> None:
    changed = 0
    for text in pages.values():
        for found in re.finditer(r'<(\w+) data-how="[^>]*>([^<]*)</\1>', text):
            digits = re.search(r"\d(?=\D*$)", found[2])
            if digits is None:
                continue
            other = "1" if digits[0] != "1" else "2"
            at = found.start(2) + digits.start()
            piece = f"{text[found.start() : at]}{other}{text[at + 1 : found.end()]}"
            assert len(judge.wrong(piece)) == 1, piece
            changed += 1
    assert changed >= LEAST_WORKED_OUT


def test_a_changed_digit_in_a_cell_of_a_file_is_found(
    pages: dict[str, str], judge: Judge, document: Document
) -> None:
    page = pages["index.html"]
    bare = [
        found
        for found in re.finditer(r"<td>([^<]*\d)[^<\d]*</td>", page)
        if 'data-file="' in page[page.rfind("<table", 0, found.start()) : found.start()]
    ]
    assert len(bare) > 20
    for found in bare[:: len(bare) // 20]:
        other = "1" if found[1][-1] != "1" else "2"
        at = found.end(1) - 1
        table = page.rfind("<table", 0, at)
        end = page.index("</table>", at)
        piece = f"{page[table:at]}{other}{page[at + 1 : end]}</table>"
        said = judge.nameless(piece)
        assert said == [] or f"{found[1][:-1]}{other}" in said[0]
        is_year = re.fullmatch(r".*\b(19|20)\d\d", f"{found[1][:-1]}{other}")
        assert said or is_year, piece[-200:]


@pytest.mark.parametrize(
    "said",
    ["Er zijn 12 woningen.", "2027 woningen", "9 van de 11", "85% haalt het", "1.450", "0,02"],
)
def test_a_planted_figure_is_found_in_running_text(said: str, judge: Judge) -> None:
    assert judge.nameless(f"<p>{said}</p>") == [said]


def test_a_kind_covers_only_what_it_names(judge: Judge) -> None:
    texts = {
        "a day or a month": "tot 3 maart 2027",
        "a year": "2027 t/m 2036",
        "so many of ten draws, the words of a range": "In 8 van de 10 doorrekeningen",
    }
    for text in texts.values():
        assert judge.nameless(f"<p>{text}</p>") == []
        assert judge.nameless(f"<p>{text} en 7</p>") == [f"{text} en 7"]
    assert texts.keys() <= KINDS.keys()
    assert judge.nameless("<p>Figuur 3</p>") == ["Figuur 3"]
    assert judge.nameless('<p class="figure-number">Figuur 3</p>') == []
    assert PLACES.keys() >= {"number of a figure"}


def test_every_way_of_working_out_is_one_that_the_test_can_redo(
    pages: dict[str, str], judge: Judge
) -> None:
    used = {
        piece.own("data-how")
        for text in pages.values()
        for piece in read_pieces(text)
        if piece.own("data-how")
    }
    assert used <= {*HOWS, "same"}
    assert {"sum", "count", "share", "per_year", "weighted", "size"} <= used


def test_cells_are_written_into_attributes_and_read_back() -> None:
    cell, other = Origin("mart_x", "2026/a", "n"), Origin("chart", "3", "mean")
    text = marked(tell("5", Made("share", (cell, other), (cell,))))
    (piece,) = read_pieces(text)
    assert (piece.text, piece.own("data-how")) == ("5", "share")
    assert piece.own("data-from") == "mart_x|2026/a|n;chart|3|mean"
    assert piece.own("data-of") == "mart_x|2026/a|n"
    rows = (cell, Origin("mart_x", "2026/b", "n"), Origin("mart_x", "2026/b", "m"))
    (many,) = read_pieces(marked(tell("5", Made("sum", rows))))
    assert many.own("data-from") == "mart_x|2026/a|n;|2026/b|;|2026/b|m"
    assert [Origin(*one) for one in named_cells(many.own("data-from"))] == list(rows)
    (read,) = read_pieces(marked(tell("5", cell)))
    assert (read.own("data-table"), read.own("data-row")) == ("mart_x", "2026/a")
    (own,) = read_pieces(marked(tell("5", other)))
    assert (own.own("data-how"), own.own("data-from")) == ("same", "chart|3|mean")
    hostile = marked_pieces([('<b>"', Origin("mart_x", '"><i>', "n"))])
    assert "<i>" not in hostile and "<b>" not in hostile


def test_no_key_of_the_release_holds_what_parts_cells_in_an_attribute(
    pages: dict[str, str],
) -> None:
    for text in pages.values():
        for piece in read_pieces(text):
            for name in ("data-from", "data-of"):
                for cell in filter(None, piece.own(name).split(";")):
                    assert len(cell.split("|")) == 3


def test_a_piece_without_digits_is_never_asked() -> None:
    assert DIGITS.search("geen") is None
    assert not Piece("geen", []).is_named
