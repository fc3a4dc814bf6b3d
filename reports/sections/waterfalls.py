"""Waterfalls: parts that follow on each other between two levels, with their table.

Belongs here: the one picture that drivers, bridge and definitions share. Does not belong here:
which parts there are, or what they are called.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports import theme
from reports.blocks import Column, Picture, Table
from reports.charts import rows as row_charts
from reports.charts.anatomy import quiet
from reports.labels import Labels
from reports.sections import base


@dataclass(frozen=True)
class Step:
    """A bar: its words, its numbers (mean, p10, p90) and the colour of its kind."""

    name: str
    row: base.Row
    is_level: bool = False
    colour: str = theme.DEMAND


def draw_steps(
    steps: Sequence[Step], head: str, words: Labels, *, more: Collection[Column] = ()
) -> Picture:
    """Draw steps as a waterfall, with the table of their numbers.

    Args:
        steps: The bars in order; levels begin at zero, other bars where the last one ended.
        head: What stands above the names in the table.
        words: Labels.
        more: Further columns of the table, by their keys in the rows.
    """
    shown, level = [], 0.0
    for step in steps:
        base_at = 0.0 if step.is_level else level
        level = step.row["mean"] if step.is_level else level + step.row["mean"]
        shown.append(_bar(step, base_at, level, words))
    solid = [place for place, step in enumerate(steps) if step.is_level]
    kept = [column.key for column in more]
    rows: list[dict[str, Any]] = [
        {"name": step.name, **{key: step.row[key] for key in ("mean", "p10", "p90", *kept)}}
        for step in steps
    ]
    columns = (Column("name", head), *base.range_columns(words), *more)
    table = Table(pl.DataFrame(rows, infer_schema_length=None), columns)
    return Picture((row_charts.waterfall(shown, solid=solid),), table)


def _bar(step: Step, base_at: float, level: float, words: Labels) -> row_charts.Row:
    numbers = words.numbers
    part = base.estimate(step.row)
    value = numbers.value(part) if step.is_level else numbers.signed_value(part)
    span = numbers.span(part)
    has_range = part.low != part.high
    return row_charts.Row(
        step.name,
        level,
        f"{value} {quiet(f'({span})')}" if has_range else value,
        step.colour,
        words.text("hover.row_range", value=value, span=span),
        base=base_at,
        low=base_at + part.low if has_range else None,
        high=base_at + part.high if has_range else None,
        narrow_text=value,
    )
