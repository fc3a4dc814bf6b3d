"""Tables on paper: how many rows are printed, how wide a column is, how small the text.

Belongs here: from a table to the plain values that the typst files set. Does not belong here: what
a cell says (`document.write_cell`), how wide a letter is (`pdf_font`).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from models.months import MONTHS_PER_YEAR, parse_month
from reports.blocks import Column, Form, Table
from reports.document import write_cell
from reports.export import pdf_font
from reports.export.wrapping import count_lines
from reports.labels import Labels

MOST_ROWS = 25
"""Rows of a longer table are left to the workbook: a steering group prints this."""
MARGIN_PT = 62.4
"""Margin of a page (points): 22 mm."""
PAGE_PT = 470.5
"""Width between the margins of A4 (points): 210 mm less twice 22 mm."""
LANDSCAPE_PT = 717.0
"""The same on a page on its side."""
FRAME_PT = PAGE_PT
"""The same inside the frame of a chart."""
SIZES_PT = (8.5, 7.0)
"""Sizes of the text of a table: the largest that fits, and so the least only where it must be."""
_SMALL_PAGE_PT = (8.5, 8.0, 7.5, 7.0)
"""The same of a small page, which has columns of half its width."""
_GAP_PT = 12.0
_LONGEST_WORD = 16
"""Letters of a word that stay together; longer ones are hyphenated."""
_FILE_NAME = re.compile(r"\w\.\w")
"""A word with a full stop inside, which is never hyphenated."""
_HEAD_LINES = 3
_SHORT = 9.0
"""Width (in text sizes) that every cell gets before long texts share what is left."""
_MOST_TOGETHER = 18
"""Lines of rows of a table that stays on one page."""
_MOST_LINES = 7
_LOOSE_FROM = 1.5
"""Lines a row, on average, from which rows stand further apart."""
_LEAST = 1.6
"""Least width of a column (in text sizes), so that a head of one letter stays apart."""


@dataclass(frozen=True)
class Fit:
    """How a table stands on paper.

    Attributes:
        size: Size of its text (points).
        gap: Room between two columns (points).
        widths: Widths of the columns with their share of the gaps (points).
        breaks: Whether a word of the column must be hyphenated to fit.
        is_wide: Whether it needs a page on its side.
    """

    size: float
    gap: float
    widths: tuple[float, ...]
    breaks: tuple[bool, ...]
    is_wide: bool = False


def table_view(
    table: Table,
    words: Labels,
    *,
    workbook: str,
    room: float = PAGE_PT,
    may_turn: bool = False,
) -> dict[str, Any]:
    """Give a table as the typst files set it.

    Args:
        table: The table.
        words: Labels.
        workbook: File name of the workbook that holds the rows that are not printed.
        room: Width that it may take (points).
        may_turn: Whether it may have a page on its side.

    Returns:
        Heads, rows of texts, place of the first total, widths and size in points, notes.
    """
    places = printed_rows(table)
    columns = table.columns
    shown = table.shown.rows()
    texts = [
        [write_cell(value, column, words) for value, column in zip(shown[at], columns, strict=True)]
        for at in places
    ]
    texts = pdf_font.printable(texts)
    heads = [pdf_font.printable_text(column.head) for column in columns]
    total = table.frame.height
    notes = []
    if len(places) < total:
        notes.append(
            words.text(
                "pdf.cut",
                shown=words.numbers.whole(len(places)),
                total=words.numbers.whole(total),
                workbook=workbook,
            )
        )
    made = fit(heads, texts, columns, room, may_turn=may_turn)
    return {
        "heads": [
            {"text": head, "number": column.form.is_number, "breaks": breaks}
            for head, column, breaks in zip(heads, columns, made.breaks, strict=True)
        ],
        "rows": texts,
        "total_from": len(texts) - table.total_rows,
        **_fitted(made),
        "breakable": _lines(texts, made) > _MOST_TOGETHER,
        "loose": _is_loose(texts, made),
        "notes": notes,
    }


def _lines(texts: Sequence[Sequence[str]], made: Fit) -> int:
    """Estimate how many lines of text the rows take."""
    return sum(
        max(
            count_lines(cell, width / made.size, pdf_font.width)
            for cell, width in zip(row, made.widths, strict=True)
        )
        for row in texts
    )


def _is_loose(texts: Sequence[Sequence[str]], made: Fit) -> bool:
    """Say whether rows of more than one line need more room to be told apart."""
    return _lines(texts, made) > _LOOSE_FROM * len(texts)


def _fitted(made: Fit) -> dict[str, Any]:
    return {
        "widths": list(made.widths),
        "size": made.size,
        "gap": made.gap,
        "is_wide": made.is_wide,
    }


def printed_rows(table: Table) -> list[int]:
    """List the places of the rows that are printed: all, one month a year, or the first ones.

    Totals are always printed.
    """
    height = table.frame.height
    places = list(range(height - table.total_rows))
    if height > MOST_ROWS:
        places = _one_month_a_year(table, places)
    room = max(MOST_ROWS - table.total_rows, 1)
    return places[:room] + list(range(height - table.total_rows, height))


def _one_month_a_year(table: Table, places: list[int]) -> list[int]:
    column = next((one.key for one in table.columns if one.form is Form.MONTH), None)
    if column is None or table.frame[column].null_count():
        return places
    months = [parse_month(text) for text in table.frame[column].to_list()]
    last = max(months, default=0)
    kept = [at for at in places if (last - months[at]) % MONTHS_PER_YEAR == 0]
    return kept if len(kept) > 1 else places


def fit(
    heads: Sequence[str],
    texts: Sequence[Sequence[str]],
    columns: Sequence[Column],
    room: float,
    *,
    may_turn: bool = False,
    sizes: Sequence[float] = SIZES_PT,
) -> Fit:
    """Choose size, gap and column widths so that a table fills its room.

    The first of these that breaks no figure and no common word and leaves no cell of many lines:
    the sizes on an upright page, then (with `may_turn`) the same on a page on its side. Where
    nothing does, the last one, squeezed in proportion.
    """
    wishes = [
        _wish(head, [row[at] for row in texts], column)
        for at, (head, column) in enumerate(zip(heads, columns, strict=True))
    ]
    tries = [(size, room) for size in (sizes[:-1] if may_turn else sizes)]
    tries += [(size, LANDSCAPE_PT) for size in sizes] if may_turn else []
    for size, width in tries:
        gap = _GAP_PT * size / SIZES_PT[0]
        inside = width - gap * (len(heads) - 1)
        shares = _share(wishes, size, inside)
        if sum(wish.least for wish in wishes) * size <= inside and not _is_tall(
            texts, shares, size
        ):
            break
    edges = [gap / 2 if at in {0, len(heads) - 1} else gap for at in range(len(heads))]
    if len(heads) == 1:
        edges = [0.0]
    breaks = tuple(
        wish.longest_word * size > share for wish, share in zip(wishes, shares, strict=True)
    )
    widths = tuple(round(one + edge, 2) for one, edge in zip(shares, edges, strict=True))
    return Fit(size, gap, widths, breaks, width > room)


@dataclass(frozen=True)
class _Wish:
    """Widths of a column in text sizes: what it needs, what its cells and its head would like."""

    least: float
    cells: float
    head: float
    longest_word: float


def _wish(head: str, cells: Sequence[str], column: Column) -> _Wish:
    longest = max((pdf_font.width(cell, semibold=True) for cell in cells), default=0.0)
    is_figure = column.form is not Form.TEXT
    words = [longest] if is_figure else [_word(cell) for cell in cells]
    least = max([_LEAST, _word(head), *words])
    whole_words = [longest] if is_figure else [_word(cell, most=None) for cell in cells]
    return _Wish(
        least,
        max(least, longest),
        max(least, pdf_font.width(head) / _HEAD_LINES + 1.0),
        max([_word(head, most=None), *whole_words]),
    )


def _word(text: str, *, most: int | None = _LONGEST_WORD) -> float:
    """Give the width of the longest word, or of as much of it as stays together."""
    parts = [part for word in text.split(" ") for part in word.replace("-", "- ").split(" ")]
    kept = (part if _FILE_NAME.search(part) else part[:most] for part in parts)
    return max((pdf_font.width(part, semibold=True) for part in kept), default=0.0)


def _share(wishes: Sequence[_Wish], size: float, room: float) -> list[float]:
    """Share the room: what columns need, short cells, long cells, heads, and the rest evenly."""
    shares = [wish.least * size for wish in wishes]
    slack = room - sum(shares)
    if slack < 0:
        return [one * room / sum(shares) for one in shares]

    def more(wanted: list[float]) -> list[float]:
        return [max(one * size - had, 0.0) for one, had in zip(wanted, shares, strict=True)]

    for wanted, share in (
        ([min(wish.cells, _SHORT) for wish in wishes], _pour),
        ([wish.cells for wish in wishes], _in_proportion),
        ([wish.head for wish in wishes], _pour),
    ):
        given = share(more(wanted), slack)
        shares = [had + one for had, one in zip(shares, given, strict=True)]
        slack = max(room - sum(shares), 0.0)
    whole = sum(shares)
    return [one + slack * one / whole for one in shares]


def _pour(wanted: Sequence[float], amount: float) -> list[float]:
    """Share an amount: nobody gets more than it wants, and those who want little get it whole."""
    given = [0.0] * len(wanted)
    left = max(amount, 0.0)
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], at))
    for place, at in enumerate(order):
        given[at] = min(wanted[at], left / (len(order) - place))
        left -= given[at]
    return given


def _in_proportion(wanted: Sequence[float], amount: float) -> list[float]:
    whole = sum(wanted)
    part = min(1.0, amount / whole) if whole else 0.0
    return [one * part for one in wanted]


def _is_tall(texts: Sequence[Sequence[str]], shares: Sequence[float], size: float) -> bool:
    """Say whether a cell would run over many lines."""
    return any(
        count_lines(cell, share / size, pdf_font.width) > _MOST_LINES
        for row in texts
        for cell, share in zip(row, shares, strict=True)
    )


def plain_view(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    room: float,
    total_rows: int = 0,
    kinds: Mapping[int, str] = MappingProxyType({}),
    texts: Collection[int] = (0,),
) -> dict[str, Any]:
    """Give a table whose cells are already words, as the typst files set it.

    Args:
        heads: What stands above the columns.
        rows: The cells.
        room: Width that it may take (points).
        total_rows: How many rows at the end are totals.
        kinds: Kind of number (its colour) by place of the column.
        texts: Places of the columns that hold text; the others are right-aligned.
    """
    columns = [
        Column(str(at), head, Form.TEXT if at in texts else Form.WHOLE)
        for at, head in enumerate(heads)
    ]
    written = pdf_font.printable([list(row) for row in rows])
    shown = [pdf_font.printable_text(head) for head in heads]
    made = fit(shown, written, columns, room, sizes=_SMALL_PAGE_PT)
    return {
        "heads": [
            {
                "text": head,
                "number": at not in texts,
                "breaks": made.breaks[at],
                **({"kind": kinds[at]} if at in kinds else {}),
            }
            for at, head in enumerate(shown)
        ],
        "rows": written,
        "total_from": len(written) - total_rows,
        **_fitted(made),
        "breakable": _lines(written, made) > _MOST_TOGETHER,
        "loose": False,
        "notes": [],
    }
