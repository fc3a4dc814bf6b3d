"""Reading of every figure on a rendered page: what it rests on, or which kind it declares to be.

Belongs here: the walk over visible text, the short list of kinds that are no figures, working out
a number from the cells that it names. Does not belong here: a test.
"""

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl

from models.months import parse_month
from models.tables import MARTS
from reports.blocks import Form
from reports.document import Document, write_cell

DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_OUTER = ("region_id", "scenario_id")
_VOID = frozenset({"area", "base", "br", "circle", "col", "hr", "img", "input", "line", "link"})
_VOIDS = _VOID | {"meta", "rect", "source", "wbr"}
_UNSEEN = ("script", "style", "title")

_MONTHS = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
KINDS = {
    "a day or a month": rf"(?:\b\d{{1,2}} )?\b(?:{_MONTHS}) \d{{4}}",
    "a year": r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)(?! (?:woningen|mensen|aanvragen|plekken))",
    "so many of ten draws, the words of a range": r"\b[89] van de 10\b",
    "an interval by name": r"\b80% (?:marge|interval)\b",
    "of ten draws, behind its own figure": r"^ van de 10 doorrekeningen\b",
    "nearly none or all of the draws": r"\b(?:minder dan 1|meer dan 9) van de 10\b",
    "so many of every hundred, a unit": r"\b(?:[Pp]er|elke|van de) 100\b",
    "the least that is told": r"(?:<|minder dan |vanaf )10\b|\b10 of meer\b",
    "steps of rounding": r"\bvijftallen\b|\bveelvoud(?:en)? van \d+\b|\b0,01\b",
    "decimals in use": r"\b\d bij de procenten en \d bij de woningen\b",
    "a standard or licence": r"\bUTF-8\b|\bWCAG 2\.1\b|\bCC BY 4\.0\b",
}
"""What is no figure, by pattern; each is one that a reader would call so."""

PLACES = {
    "number of a figure": ("p", "figure-number", r"Figuur \d+"),
    "a tick of an axis": ("text", "tick", r"\d[\d.]*"),
    "a mark of an edition": ("div", "sheet", r"\b[0-9a-f]{12,16}\b|\b\d{4}-\d\d-[a-z]+-\d\b"),
}
"""What is no figure where it stands: tag and class of an element around it, and the pattern."""

FAMILIES = ("group", "contract", "parameter", "driver", "definition", "source_kind", "law")
"""Families of labels that are names with a figure in them: "Jeugd 18+"."""


@dataclass
class Piece:
    """A piece of visible text with the elements around it, the outermost first."""

    text: str
    around: list[tuple[str, dict[str, str]]]
    cell: tuple[str, int, int, str] | None = None

    def own(self, name: str) -> str:
        """Give an attribute of the nearest element that has it."""
        return next((given[name] for _, given in reversed(self.around) if name in given), "")

    @property
    def is_named(self) -> bool:
        return bool(self.own("data-table") or self.own("data-how"))


@dataclass
class Page(HTMLParser):
    """Collects the visible text of a page, piece by piece."""

    pieces: list[Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, dict[str, str]]] = []
        self._file, self._row, self._column = "", -1, -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in _VOIDS:
            return
        self._open.append((tag, given))
        if tag == "table":
            self._file, self._row = given.get("data-file", ""), -1
        elif tag == "tr":
            self._row, self._column = self._row + 1, -1
        elif tag in ("td", "th"):
            self._column += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag, attrs

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOIDS:
            return
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "table":
            self._file = ""

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self._open}
        if tags.intersection(_UNSEEN) or not data.strip():
            return
        cell = None
        if self._file and tags.intersection({"td", "th"}):
            cell = (self._file, self._row, self._column, data)
        self.pieces.append(Piece(data, list(self._open), cell))


def read_pieces(text: str) -> list[Piece]:
    """Read the visible text of a page."""
    page = Page()
    page.feed(text)
    return page.pieces


class Judge:
    """Says of every digit on a page what it rests on.

    Args:
        document: The document of the page.
        charts: The folder of the CSV files beside it.
    """

    def __init__(self, document: Document, charts: Path) -> None:
        self._document, self._charts = document, charts
        self._tables = dict(document.tables)
        self._marts: dict[str, dict[str, dict[str, Any]]] = {}
        self._files: dict[str, list[list[str]]] = {}
        names = {
            text
            for path, text in document.words.texts.items()
            if path.partition(".")[0] in FAMILIES and DIGITS.search(text)
        }
        self._names = sorted(names, key=lambda text: (-len(text), text))

    # --- every digit ---------------------------------------------------------------------------

    def nameless(self, text: str) -> list[str]:
        """Give every piece of a page with a digit that is neither named nor of a declared kind."""
        pieces = read_pieces(text)
        titles = {
            "".join(one.text for one in pieces if one.around[: len(path)] == path)
            for path in (
                piece.around[: place + 1]
                for piece in pieces
                for place, (tag, _) in enumerate(piece.around)
                if tag == "h3"
            )
        }
        return [
            piece.text.strip()
            for piece in pieces
            if DIGITS.search(piece.text)
            and not piece.is_named
            and not self._stands_in_file(piece)
            and not self._repeats(piece, titles)
            and DIGITS.search(self.without_kinds(piece))
        ]

    def kinds(self, text: str) -> dict[str, int]:
        """Count the groups of digits of a page: read, worked out, in its own file, no figure."""
        found = dict.fromkeys(("release", "worked out", "own file", "no figure", "nameless"), 0)
        bare = set(self.nameless(text))
        for piece in read_pieces(text):
            count = len(DIGITS.findall(piece.text))
            if piece.own("data-table").startswith("mart_"):
                found["release"] += count
            elif piece.own("data-how") not in ("", "same"):
                found["worked out"] += count
            elif piece.is_named or self._stands_in_file(piece):
                found["own file"] += count
            elif piece.text.strip() in bare:
                left = len(DIGITS.findall(self.without_kinds(piece)))
                found["nameless"] += left
                found["no figure"] += count - left
            else:
                found["no figure"] += count
        return found

    def without_kinds(self, piece: Piece) -> str:
        """Give a piece of text without what is declared to be no figure."""
        left = piece.text
        for name in self._names:
            left = re.sub(re.escape(name), "_", left, flags=re.IGNORECASE)
        for tag, kind, pattern in PLACES.values():
            if any(
                name == tag and kind in given.get("class", "").split()
                for name, given in piece.around
            ):
                left = re.sub(pattern, "_", left)
        for pattern in KINDS.values():
            left = re.sub(pattern, "_", left)
        return left

    def _stands_in_file(self, piece: Piece) -> bool:
        """Say whether a cell without a name is the cell in the same place of the page's file."""
        if piece.cell is None:
            return False
        file, row, place, text = piece.cell
        written = self._file(file)[row][place].removeprefix("'")
        column = self._tables[file].columns[place]
        if row == 0:
            return text.strip() == written
        if not written:
            return text.strip() == column.missing
        writes = {Form.MONTH, Form.DAY}
        words = self._document.words
        shown = write_cell(written, column, words) if column.form in writes else written
        return " ".join(text.split()) == " ".join(shown.split())

    def _repeats(self, piece: Piece, titles: set[str]) -> bool:
        """Say whether a text for screen readers is a title over again, whose figures are named."""
        is_hidden = any("hidden" in given.get("class", "").split() for _, given in piece.around)
        return is_hidden and piece.text.removeprefix(": ") in titles

    # --- what a figure names -------------------------------------------------------------------

    def wrong(self, text: str) -> list[str]:
        """Give every figure that was worked out and is not what its cells give."""
        return [
            f"{piece.own('data-how')} {piece.own('data-from')} {piece.own('data-of')}: {piece.text}"
            for piece in read_pieces(text)
            if piece.own("data-how")
            and DIGITS.search(piece.text)
            and piece.text.strip() not in self.sayings(piece)
        ]

    def sayings(self, piece: Piece) -> set[str]:
        """Give the ways in which the outcome may be written."""
        numbers, words = self._document.words.numbers, self._document.words
        value = self.outcome(piece.own("data-how"), piece.own("data-from"), piece.own("data-of"))
        said: set[str] = {numbers.spoken(value), numbers.count(value)}
        for step in (1, 5, 10, 50, 100, 500):
            said |= {numbers.whole(value, step), numbers.signed(value, step)}
        for digits in range(5):
            said |= {numbers.share(value, digits), numbers.decimal(value, digits)}
            for shown in (value, 100 * value):
                written = numbers.decimal(shown, digits, fixed=True)
                plus = "+" if shown > 0 else ""
                said |= {written, f"{plus}{written}"}
                said |= {words.text("explained.percent", value=written)}
        return said

    def outcome(self, how: str, cells: str, of: str) -> float:
        """Work a figure out from the cells that it names."""
        one = [list(self._values(*cell)) for cell in named_cells(cells)]
        two = [list(self._values(*cell)) for cell in named_cells(of)]
        if how == "months_since":
            days = [value for column in two for value in column]
            return float(parse_month(one[0][0]) - parse_month(str(min(days))[:7]))
        if how in ("count", "eight_of_ten"):
            count = sum(len(column) for column in one)
            return float(round(0.8 * count) if how == "eight_of_ten" else count)
        total, other = (sum(sum(column) for column in side) for side in (one, two))
        outcomes = {
            "same": lambda: total,
            "sum": lambda: total,
            "size": lambda: abs(total),
            "share": lambda: total / other,
            "difference": lambda: total - other,
            "difference_points": lambda: 100 * (total - other),
            "apart": lambda: abs(total - other),
            "whole_apart": lambda: abs(_whole(total) - _whole(other)),
            "points_apart": lambda: math.ceil(round(100 * abs(total - other), 6)),
            "per_year": lambda: total / 10,
            "one_less": lambda: total - 1,
            "of_ten": lambda: math.floor(10 * total + 0.5),
            "weighted": lambda: _weighted(one),
            "less_weighted": lambda: total - _weighted(two),
            "corrected": lambda: _weighted(one) / _weighted(two),
            "corrected_less_points": lambda: 100 * (_weighted(one) / _weighted(two) - one[0][0]),
            "less_corrected_points": lambda: (
                100 * (one[0][0] - _weighted(one[1:]) / _weighted(two))
            ),
        }
        return float(outcomes[how]())

    def _values(self, table: str, row: str, column: str) -> Iterator[Any]:
        if not table.startswith("mart_"):
            keys = [item.key for item in self._tables[table].columns]
            written = self._file(table)[int(row)][keys.index(column)]
            yield float(written.replace(",", "."))
            return
        named = row.split("/")
        for name, found in self._mart(table).items():
            parts = name.split("/")
            if name == row or (
                len(parts) == len(named)
                and all(one in ("*", two) for one, two in zip(named, parts, strict=True))
            ):
                yield found[column]

    def _mart(self, name: str) -> dict[str, dict[str, Any]]:
        if name not in self._marts:
            frame = pl.read_parquet(self._document.release.path / f"{name}.parquet")
            keys = [key for key in MARTS[name].primary_key() if key not in _OUTER]
            scenario = self._document.facts.scenario_id
            self._marts[name] = {
                "/".join(str(row[key]) for key in keys) or "region": row
                for row in frame.to_dicts()
                if row.get("scenario_id", scenario) == scenario
            }
        return self._marts[name]

    def _file(self, name: str) -> list[list[str]]:
        if name not in self._files:
            text = (self._charts / f"{name}.csv").read_text(encoding="utf-8-sig")
            self._files[name] = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        return self._files[name]


def named_cells(written: str) -> Iterator[tuple[str, str, str]]:
    """Read the cells of an attribute; what is left out is that of the cell before."""
    table = column = ""
    for cell in filter(None, written.split(";")):
        first, row, last = cell.split("|")
        table, column = first or table, last or column
        yield table, row, column


def _whole(value: float) -> int:
    return math.floor(value + 0.5)


def _weighted(columns: list[list[Any]]) -> float:
    return sum(math.prod(row) for row in zip(*columns, strict=True))
