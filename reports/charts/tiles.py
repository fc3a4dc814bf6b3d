"""A tile map: every municipality a square of the same size, roughly where it lies.

Belongs here: drawing squares with a name and a number. Does not belong here: where they stand, what
the number is. The number is written in the square; the tint only helps to find the large ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from reports import theme
from reports.blocks import Panel
from reports.charts import anatomy

_TILE_PX = 104
_NARROW_PX = 344
_NARROW_COLUMNS = 3
_NARROW_TEXT_PX = 11
_GAP = 0.06
_NAME_CHARACTERS = 12
_PALEST, _STRONGEST = 0.08, 0.34
_NAME_RISE_PX = 14
_VALUE_DROP_PX = -18


@dataclass(frozen=True)
class Tile:
    """A square.

    Attributes:
        name: What stands in it, from data.
        text: The number, in words.
        value: The number, for the tint; None where there is none.
        column: From the left, from 1.
        row: From the top, from 1.
        hover: What a pointer shows.
    """

    name: str
    text: str
    value: float | None
    column: int
    row: int
    hover: str = ""


def draw_tiles(tiles: Sequence[Tile], *, colour: str = theme.DEMAND) -> Panel:
    """Draw squares as filled outlines; no map of the ground, no distances."""
    columns, rows = max(tile.column for tile in tiles), max(tile.row for tile in tiles)
    height = _TILE_PX * rows
    figure = anatomy.new_figure("", height=height, l=0, r=0, t=0, b=0)
    most = max([tile.value or 0.0 for tile in tiles] + [1e-9])
    for tile in tiles:
        left, right = tile.column - 1 + _GAP, tile.column - _GAP
        top, bottom = tile.row - 1 + _GAP, tile.row - _GAP
        strength = _PALEST + (_STRONGEST - _PALEST) * (tile.value or 0.0) / most
        figure.add_trace(
            go.Scatter(
                x=[left, right, right, left, left],
                y=[top, top, bottom, bottom, top],
                mode="lines",
                fill="toself",
                fillcolor=theme.PAPER if tile.value is None else theme.tint(colour, strength),
                line={"color": theme.REFERENCE if tile.value is None else colour, "width": 1},
                hoveron="fills",
                text=tile.hover,
                hoverinfo="text",
            )
        )
        middle = ((left + right) / 2, (top + bottom) / 2)
        name = anatomy.wrap(tile.name.replace("-", "- "), _NAME_CHARACTERS).replace("- ", "-")
        anatomy.write(figure, *middle, name, colour=theme.INK, anchor="center", rise=_NAME_RISE_PX)
        anatomy.write(
            figure,
            *middle,
            f"<b>{anatomy.safe(tile.text)}</b>",
            colour=theme.INK,
            anchor="center",
            rise=_VALUE_DROP_PX,
        )
    figure.update_xaxes(range=[0, max(columns, 1)], visible=False, constrain="domain")
    figure.update_yaxes(
        range=[rows, 0], visible=False, scaleanchor="x", scaleratio=1, constrain="domain"
    )
    notes = range(len(figure.layout.annotations) if columns > _NARROW_COLUMNS else 0)
    narrow = {f"annotations[{place}].font.size": _NARROW_TEXT_PX for place in notes}
    narrow_tile = min(_TILE_PX, _NARROW_PX // columns)
    return Panel(figure, height=height, narrow=narrow, narrow_height=narrow_tile * rows)
