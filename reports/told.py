"""Text that remembers where its numbers came from.

Belongs here: the text, writing a number into it, filling a template with such texts. Does not
belong here: which cell an estimate was read from (`origins`), HTML, words.

Such a text is a text like any other; whoever does not ask for its pieces never sees them, and what
is made of it by other means (an f-string, `replace`) is a plain text without them.
"""

import string
from collections.abc import Callable, Mapping
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


Source = Origin | End | None
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

    def __getnewargs__(self) -> Any:
        return (self.pieces,)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return Told, (self.pieces,)


def tell(text: str, source: Source) -> str:
    """Give a written number with its source; without one it is a plain text."""
    return text if source is None else Told(((text, source),))


def pieces_of(text: str) -> tuple[Piece, ...]:
    """Give the pieces of a text; a plain one is a single piece without a source."""
    return text.pieces if isinstance(text, Told) else ((text, None),)


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
