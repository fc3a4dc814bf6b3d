"""Numbers that know the cell they came from, and what the small pages are made of.

Belongs here: the plain shapes that the progress page and the pages of municipalities share with
their PDF: figures, sentences with figures in them, grids, bars. Does not belong here: what they
say, HTML, the charts of the report (`blocks`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from models.tables import MARTS
from reports import findings
from reports.labels import Gap, Labels
from reports.told import Made, Origin, Source, pieces_of

_MARK = "\0"
OUTER_KEYS = ("region_id", "scenario_id")
"""Keys that are no part of the name of a row: they are the same on every page."""
_WHOLE_TABLE = "region"

EVERY_ROW = "*"
"""Stands in a row's name for every value of a part of its key: the number is their sum."""


@dataclass(frozen=True)
class Figure:
    """A number as a reader sees it, and the cell that it was read from.

    Attributes:
        text: The number in the reader's language, or why there is none.
        table: Name of the mart; empty where there is no number.
        row: Values of the row's key without region and scenario, joined by slashes.
        column: Column of the mart.
        made: Cells that it was worked out from, instead.
    """

    text: str
    table: str = ""
    row: str = ""
    column: str = ""
    made: Made | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Sentence:
    """A sentence in pieces: words, and figures that know their cell."""

    parts: tuple[str | Figure, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Give the figures of the sentence, in order."""
        return tuple(part for part in self.parts if isinstance(part, Figure))


@dataclass(frozen=True)
class Bullet:
    """A bar with marks on it; all in percent of the width, on one scale within a grid.

    Attributes:
        bar: End of the bar: what is there.
        norm: Where the bar should be by now.
        most: The ceiling; None where none is agreed.
    """

    bar: float
    norm: float
    most: float | None


@dataclass(frozen=True)
class Line:
    """A row of a grid: what it is about, its cells, and a drawing of them where there is one."""

    label: str
    cells: tuple[Figure, ...]
    is_total: bool = False
    bullet: Bullet | None = None


@dataclass(frozen=True)
class Grid:
    """A small table.

    Attributes:
        caption: What it holds.
        heads: Heads of the columns, that of the labels first.
        lines: The rows.
        texts: Places of columns (from 1) that hold words.
        bullet_head: What the drawings show; empty without drawings.
    """

    caption: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    texts: tuple[int, ...] = ()
    bullet_head: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar of a small chart: both heights between 0 and 1 of the tallest.

    Attributes:
        label: What stands under it.
        year: A second line under it; empty for most bars.
        figure: Its number.
        height: Its height.
        part: Height of the part of it that stands out.
    """

    label: str
    year: str
    figure: Figure
    height: float
    part: float = 0.0


@dataclass(frozen=True)
class Bars:
    """A small chart of bars.

    Attributes:
        unit: What, unit and period.
        alternative: What somebody who does not see it should know.
        bars: The bars, in order.
    """

    unit: str
    alternative: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Hundred:
    """A hundred squares of which some are filled (the last one in part)."""

    filled: float
    alternative: str


@dataclass(frozen=True)
class Ruler:
    """A single bullet with its marks named.

    Attributes:
        bullet: The bar and its marks.
        bar: What the bar is.
        norm: What the first mark is.
        most: What the ceiling is; None where none is agreed.
        alternative: What somebody who does not see it should know.
    """

    bullet: Bullet
    bar: Sentence
    norm: Sentence
    most: Sentence | None
    alternative: str


@dataclass(frozen=True)
class Part:
    """A part of a page: its question, what is found, and what stands under it.

    Attributes:
        part_id: Its place in the page.
        heading: The question or subject.
        finding: What the numbers say.
        kind: Kind of number, which gives the colour of its rule.
        sentences: What a reader must know besides.
        grid: Its table.
        bars: Its chart of bars.
        ruler: A single bullet with its marks named.
        hundred: A hundred squares.
        notes: Small print.
        link: Address of the page that says more; empty for none.
        link_text: What the link is called.
    """

    part_id: str
    heading: str
    finding: Sentence
    kind: str = "reference"
    sentences: tuple[Sentence, ...] = ()
    grid: Grid | None = None
    bars: Bars | None = None
    ruler: Ruler | None = None
    hundred: Hundred | None = None
    notes: tuple[str, ...] = ()
    link: str = ""
    link_text: str = ""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Give every figure of the part, in reading order."""
        said = [figure for one in (self.finding, *self.sentences) for figure in one.figures]
        drawn = [bar.figure for bar in self.bars.bars] if self.bars else []
        if self.ruler:
            marks = (self.ruler.bar, self.ruler.norm, self.ruler.most)
            drawn += [figure for mark in marks if mark for figure in mark.figures]
        written = (*self.notes, *((self.bars.unit,) if self.bars else ()))
        drawn += [one for text in written for one in _pieces(text) if isinstance(one, Figure)]
        lines = self.grid.lines if self.grid else ()
        return (*said, *drawn, *(cell for line in lines for cell in line.cells))


def read_figure(
    table: str, row: Mapping[str, Any], column: str, write: Callable[[Any], str], missing: str = ""
) -> Figure:
    """Read a figure from a row of a mart; an empty cell gives what is said instead."""
    value = row[column]
    if value is None:
        return Figure(missing)
    return Figure(write(value), table, row_key(table, row), column)


def row_key(table: str, row: Mapping[str, Any]) -> str:
    """Name a row of a mart by the values of its key, without region and scenario."""
    return "/".join(str(row[key]) for key in _keys_of(table)) or _WHOLE_TABLE


@cache
def _keys_of(table: str) -> tuple[str, ...]:
    return tuple(key for key in MARTS[table].primary_key() if key not in OUTER_KEYS)


def _pieces(text: str) -> list[str | Figure]:
    return [_figure(piece, source) for piece, source in pieces_of(text) if piece]


def _figure(text: str, source: Source) -> str | Figure:
    if isinstance(source, Origin):
        return Figure(text, source.table, source.row, source.column)
    return Figure(text, made=source) if isinstance(source, Made) else text


def say(words: Labels, path: str, **values: object) -> Sentence:
    """Give the text of a label as a sentence; figures and sentences in its gaps stay what they are.

    Raises:
        UitstroomError: There is no such text, or a gap has no value.
    """
    marks = {name: Gap(f"{_MARK}{name}{_MARK}", value) for name, value in values.items()}
    text = findings.whole(words.text(path, **marks))
    parts: list[str | Figure] = []
    for at, piece in enumerate(text.split(_MARK)):
        found = values[piece] if at % 2 else piece
        if isinstance(found, Sentence):
            parts += found.parts
        elif isinstance(found, Figure):
            parts.append(found)
        elif isinstance(found, str):
            parts += _pieces(found)
        elif str(found):
            parts.append(str(found))
    return Sentence(tuple(parts))
