"""Text that remembers where its numbers came from.

Belongs here: the text, writing a number into it, filling a template with such texts. Does not
belong here: which cell an estimate was read from (`origins`), HTML, words.

Such a text is a text like any other; whoever does not ask for its pieces never sees them, and what
is made of it by other means (an f-string, `replace`) is a plain text without them.
"""

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

if TYPE_CHECKING:
    from reports.numbers import Estimate


@dataclass(frozen=True)
class Origin:
    """A cell.

    Attributes:
        table: Name of a table of the release, or of a CSV file of the report.
        row: Key of the row without region and scenario, or number of the row in the CSV file.
        column: Name of the column; two ends of a range are joined by a space.
    """

    table: str
    row: str
    column: str


@dataclass(frozen=True)
class End:
    """The mean of an estimate or an end of its range, whose row is yet to be found."""

    estimate: "Estimate"
    name: Literal["mean", "low", "high"]


@dataclass(frozen=True)
class Made:
    """Cells that a number was worked out from, and how.

    Attributes:
        how: What was done with them, one of `HOWS`.
        cells: The cells, added up; a row with `*` for a part of its key stands for every row that
            has the other parts.
        of: The cells that they are set beside, added up too, where there are any.
    """

    how: str
    cells: tuple[Origin, ...]
    of: tuple[Origin, ...] = ()


HOWS = (
    "sum",
    "count",
    "size",
    "share",
    "difference",
    "apart",
    "whole_apart",
    "points_apart",
    "months_since",
    "per_year",
    "one_less",
    "eight_of_ten",
    "of_ten",
    "weighted",
    "less_weighted",
    "corrected",
    "corrected_less_points",
    "less_corrected_points",
    "difference_points",
)
"""What may be done with cells.

`sum`, `count` (how many rows they are), `size` (their sum without a sign), `share` (of the others),
`difference` (their sum less that of the others), `apart` (the same without a sign), `whole_apart`
(the same of whole numbers), `points_apart` (the same in percentage points, rounded up),
`months_since` (from the first of the others), `per_year` (a tenth, as of ten years), `one_less`,
`eight_of_ten` (eight tenths of how many rows they are), `of_ten` (a share as so many of ten),
`weighted` (their product, row by row, added up), `less_weighted` (their sum less the product of the
others), `corrected` (their product as a share of the weighted others), `corrected_less` (that less
the first of them), `less_corrected` (the first of them less that of the rest). What ends in
`_points` is written in percentage points.
"""

Source = Origin | End | Made | None
Piece = tuple[str, Source]


class Told(str):
    """A text in pieces: words, and numbers with their source."""

    __slots__ = ("pieces",)

    pieces: tuple[Piece, ...]

    def __new__(cls, pieces: tuple[Piece, ...]) -> "Told":
        """Join the pieces."""
        made = super().__new__(cls, "".join(text for text, _ in pieces))
        made.pieces = pieces
        return made

    def __add__(self, other: str) -> "Told":
        """Give the text with another one behind it; the pieces of both stay."""
        return Told((*self.pieces, *pieces_of(other)))

    def __radd__(self, other: str) -> "Told":
        """Give the text behind another one; the pieces stay."""
        return Told((*pieces_of(other), *self.pieces))

    def __getnewargs__(self) -> Any:
        return (self.pieces,)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return Told, (self.pieces,)


def tell(text: str, source: Source) -> str:
    """Give a written number with its source; without one it is a plain text."""
    return text if source is None else Told(((text, source),))


def from_ends(text: str, sources: Mapping[str, Source]) -> str:
    """Give the numbers of an estimate that was worked out their sources.

    Args:
        text: What a writer of estimates gave.
        sources: What mean, low and high rest on.
    """
    return Told(
        tuple(
            (piece, sources.get(source.name) if isinstance(source, End) else source)
            for piece, source in pieces_of(text)
        )
    )


def pieces_of(text: str) -> tuple[Piece, ...]:
    """Give the pieces of a text; a plain one is a single piece without a source."""
    return text.pieces if isinstance(text, Told) else ((text, None),)


def join(between: str, parts: Iterable[str]) -> str:
    """Join texts as `str.join` does; what is told in them keeps its pieces."""
    texts = list(parts)
    if not any(isinstance(text, Told) for text in texts):
        return between.join(texts)
    pieces: list[Piece] = []
    for place, text in enumerate(texts):
        if place:
            pieces.append((between, None))
        pieces += pieces_of(text)
    return Told(tuple(pieces))


def fill(template: str, values: Mapping[str, object], formatter: string.Formatter) -> str:
    """Fill the gaps of a template; what is told in its gaps keeps its pieces.

    Args:
        template: Text with gaps, as `str.format` has them.
        values: What stands in them.
        formatter: Writes a value where a gap says how (`{count:one|many}`).

    Raises:
        KeyError: A gap has no value.
    """
    pieces: list[Piece] = []
    for words, name, how, conversion in formatter.parse(template):
        if words:
            pieces.append((words, None))
        if name is None:
            continue
        value, _ = formatter.get_field(name, (), values)
        if isinstance(value, Told) and not how:
            pieces += value.pieces
        else:
            value = formatter.convert_field(value, conversion)
            pieces.append((str(formatter.format_field(value, how or "")), None))
    if any(source is not None for _, source in pieces):
        return Told(tuple(pieces))
    return "".join(text for text, _ in pieces)


def with_start(text: str, change: Callable[[str], str]) -> str:
    """Change the first letter of a text; its pieces stay."""
    if not isinstance(text, Told):
        return change(text[:1]) + text[1:]
    (first, source), *others = text.pieces
    return Told(((change(first[:1]) + first[1:], source), *others))
