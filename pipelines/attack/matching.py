"""Finding out which cell a number belongs to, in files that do not say so themselves.

Belongs here: tables that are the same table, and words around a number that are the same words.
Does not belong here: reading files, what a number means (`knowledge`).

A number is only matched where the page says of just one cell the words around it; all others are
counted as unread. A match may be missing, and should not be wrong.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelines.attack.language import Language
from pipelines.attack.readings import (
    Cell,
    File,
    Reading,
    Table,
    Token,
    read_raw,
    same_heads,
    tidy,
)

_AROUND = ((6, 3), (5, 2), (4, 2), (3, 1))
"""How many words before and after a number must be the same, the surest first."""
_SURE = 5
"""So many words before a number are enough on another page, too."""
_LEAST_WORDS = 2
_LEAST_LETTERS = 3


@dataclass(frozen=True)
class Known:
    """A table of which each cell's place in the release is known.

    Attributes:
        table: The table.
        words: For each row, the words that are no numbers.
    """

    table: Table
    words: tuple[tuple[str, ...], ...]


def know_tables(pages: Iterable[File]) -> list[Known]:
    """Give the tables of pages that name their cells."""
    return [
        Known(
            table,
            tuple(
                tuple(text for text, cell in zip(row, cells, strict=True) if cell is None)
                for row, cells in zip(table.rows, table.cells, strict=True)
            ),
        )
        for page in pages
        for table in page.tables
        if table.heads and any(cell for cells in table.cells for cell in cells)
    ]


def match_data(
    files: Iterable[File], known: Sequence[Known], language: Language
) -> tuple[list[Known], list[File]]:
    """Name the cells of data files, which have one table each, by the tables of pages.

    Args:
        files: The data files.
        known: Tables of pages.
        language: Of both.

    Returns:
        The tables with their cells (those of their own where no page shows them), and the files
        that no page shows.
    """
    by_heads: dict[tuple[str, ...], list[Known]] = {}
    for one in known:
        by_heads.setdefault(same_heads(one.table.heads), []).append(one)
    found, alone = [], []
    for file in files:
        for table in file.tables:
            same = [
                one
                for one in by_heads.get(same_heads(table.heads), [])
                if len(one.table.rows) == len(table.rows)
            ]
            best = max(same, key=lambda one: _likeness(one.table, table, language), default=None)
            if best is None:
                alone.append(file)
                found.append(_by_itself(table, language))
            else:
                found.append(Known(replace(table, cells=best.table.cells), best.words))
    return found, alone


def _likeness(one: Table, other: Table, language: Language) -> int:
    """Count cells that read the same, and prefer the name."""
    same = sum(
        _alike(first, language) == _alike(second, language)
        for row, beside in zip(one.rows, other.rows, strict=True)
        for first, second in zip(row, beside, strict=False)
    )
    return 2 * same + (one.name == other.name)


def _alike(text: str, language: Language) -> str:
    """Write a text as a page and as a data file alike: these have a comma for decimals."""
    return tidy(text, language).strip().casefold().replace(language.decimal, ",")


def _by_itself(table: Table, language: Language) -> Known:
    """Name the cells of a table by its own words and heads."""
    words = tuple(
        tuple(text for text in row if text and read_raw(text, language) is None)
        for row in table.rows
    )
    cells = tuple(
        tuple(
            Cell(table.name, "|".join(label), head) if read_raw(text, language) else None
            for text, head in zip(row, table.heads, strict=False)
        )
        for row, label in zip(table.rows, words, strict=True)
    )
    return Known(replace(table, cells=cells), words)


def read_known(
    path: str, known: Known, rows: Sequence[Sequence[str]], language: Language
) -> Iterator[Reading]:
    """Give the numbers of rows whose cells are known."""
    for row, cells, words in zip(rows, known.table.cells, known.words, strict=False):
        for text, cell in zip(row, cells, strict=False):
            value = read_raw(text, language) if cell else None
            if cell and value:
                yield Reading(path, cell, value, words)


def find_tables(file: File, known: Sequence[Known], language: Language) -> Iterator[Reading]:
    """Find known tables on the sheets of a workbook and give their numbers."""
    by_heads: dict[tuple[str, ...], list[Known]] = {}
    for one in known:
        heads = same_heads(one.table.heads)
        for each in (heads, ("", *heads[1:])):  # the workbook behind a chart may leave one out
            by_heads.setdefault(each, []).append(one)
    widths = sorted({len(heads) for heads in by_heads}, reverse=True)
    for sheet in file.tables:
        at = 0
        while at < len(sheet.rows):
            heads = same_heads(sheet.rows[at])
            same = next((by_heads[heads[:w]] for w in widths if heads[:w] in by_heads), [])
            body = sheet.rows[at + 1 :]
            fits = [one for one in same if len(one.table.rows) <= len(body)]
            best = max(fits, key=lambda one: _overlap(one.table, body), default=None)
            if best is not None:
                yield from read_known(file.path, best, body[: len(best.table.rows)], language)
                at += len(best.table.rows)
            at += 1


def _overlap(table: Table, body: Sequence[Sequence[str]]) -> int:
    return sum(
        first == second
        for row, beside in zip(table.rows, body, strict=False)
        for first, second in zip(row, beside, strict=False)
    )


@dataclass
class Contexts:
    """Words around the numbers of pages, and the cells that they belong to."""

    cells: dict[tuple[int, tuple[str, ...]], set[Cell]] = field(default_factory=dict)

    def learn(self, tokens: Sequence[Token], *, only_named: bool = False) -> None:
        """Learn the words around every number that names its cell, or names none.

        Words that stand around a number again, in a heading say, are those of its cell there too;
        only another number makes them unclear.

        Args:
            tokens: Text of a page.
            only_named: Whether numbers that name no cell teach nothing: then the same words
                elsewhere are taken to say the same.
        """
        numbers = [(at, token) for at, token in enumerate(tokens) if token.is_number]
        shapes = [token.shape for token in tokens]
        shown: dict[tuple[int, tuple[str, ...]], set[str]] = {}
        for at, token in numbers:
            if token.cell:
                for key in _keys(shapes, token.form, at):
                    self.cells.setdefault(key, set()).add(token.cell)
                    shown.setdefault(key, set()).add(token.text)
        for at, token in numbers:
            if token.cell is None and not only_named:
                for key in _keys(shapes, token.form, at):
                    if shown.get(key) != {token.text}:
                        self.cells.setdefault(key, set()).add(_NONE)

    def find(self, tokens: Sequence[Token], *, only_sure: bool = False) -> dict[int, Cell]:
        """Find the cells of numbers in a text that name none, by their place in it.

        Args:
            tokens: A text.
            only_sure: Whether only many of the same words will do.
        """
        shapes = [token.shape for token in tokens]
        there: dict[tuple[int, tuple[str, ...]], set[str]] = {}
        keys: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for at, token in enumerate(tokens):
            if token.is_number and token.cell is None:
                keys[at] = list(_keys(shapes, token.form, at))
                for key in keys[at]:
                    there.setdefault(key, set()).add(token.text)
        found = {}
        for at, held in keys.items():
            for key in held:
                if only_sure and key[0] < _SURE:
                    continue
                cells = self.cells.get(key, set())
                if len(cells) == 1 and _NONE not in cells and len(there[key]) == 1:
                    found[at] = next(iter(cells))
                    break
        return found


_NONE = Cell("", "", "")


def _keys(shapes: Sequence[str], form: str, at: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give the words around a number, from many to few; none where there are too few words."""
    for before, after in _AROUND:
        around = (*shapes[max(0, at - before) : at], form, *shapes[at + 1 : at + 1 + after])
        words = {word for word in around if len(word) >= _LEAST_LETTERS}
        if len(words) >= _LEAST_WORDS:
            yield before, around


def values_of(readings: Iterable[Reading]) -> Mapping[Cell, list[Reading]]:
    """Group readings by cell."""
    found: dict[Cell, list[Reading]] = {}
    for one in readings:
        found.setdefault(one.cell, []).append(one)
    return found
