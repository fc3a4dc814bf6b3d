"""What charts over years and charts of rows share on a slide: room, axes, words, helper columns.

Belongs here: small pieces that both need. Does not belong here: any single chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from babel.numbers import get_group_symbol

from reports.charts import anatomy
from reports.export.deck_sheet import Sheet
from reports.labels import Labels
from reports.numbers import Estimate


@dataclass(frozen=True)
class Size:
    """Room for a chart (inches)."""

    wide: float
    high: float


def every(rows: Sequence[int], wide: float, room: float) -> int:
    """Give of how many categories one is written, where each label takes so much width."""
    return max(1, -(-int(len(rows) * wide * 100) // max(int(room * 100), 1)))


def axis_format(axis: anatomy.Scale, words: Labels) -> str:
    """Give the number format of an axis: the language's sign in thousands on every computer."""
    if axis.tick < 1:
        return "0.0"
    return f'[>=1000]0"{get_group_symbol(words.numbers.locale)}"000;0'


def known(frame: pl.DataFrame, *keys: str) -> list[float]:
    """Give every number of some columns that is known."""
    return [float(value) for key in keys for value in frame[key].to_list() if value is not None]


def said(path: str, whole: Estimate, words: Labels) -> str:
    """Write an end label with its range on a line of its own."""
    numbers = words.numbers
    said = on_lines(words.text(path, value=numbers.value(whole)))
    return said if whole.low == whole.high else f"{said}\n({numbers.span(whole)})"


def within(value: str, span: str, words: Labels) -> str:
    """Write a value with its range, where they differ."""
    return value if span == value else words.text("number.within", value=value, span=span)


def on_lines(text: str) -> str:
    """Put a label of the report's charts on lines of its own."""
    return text.replace("<br>", "\n")


def width_of(sheet: Sheet, frame: pl.DataFrame, words: Labels) -> int:
    """Add how wide the range is."""
    wide = [
        None if low is None else high - low for low, high in frame.select("p10", "p90").iter_rows()
    ]
    return sheet.add(words.text("deck.band"), wide)


def reach_of(sheet: Sheet, found: Sequence[Estimate | None], words: Labels) -> tuple[int, int]:
    """Add how far the range reaches below and above the mean; give both columns."""
    below = [None if one is None else one.mean - one.low for one in found]
    above = [None if one is None else one.high - one.mean for one in found]
    return (
        sheet.add(words.text("deck.reach_below"), below),
        sheet.add(words.text("deck.reach_above"), above),
    )
