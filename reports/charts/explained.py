"""The small drawings of an explanation: a ruler around the whole number, what each year leaves.

Belongs here: where their marks stand, in percent of the width and pixels of the height; the
template draws them as SVG. Does not belong here: words, sums.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_EDGE = 7.0
"""Percent of the width that stays free at both ends of the ruler."""
_SIDE = 30.0
"""Labels nearer to an end than this many percent are written inwards."""
_HOME_PX = 48.0
"""Height of one home in the balance; where a year leaves more, everything shrinks to fit."""
_MOST_PX = 96.0
_NUMBER_PX = 22
"""Pixels above and below the bars, for their numbers."""


@dataclass(frozen=True)
class Mark:
    """A place on the ruler.

    Attributes:
        x: Percent of the width.
        anchor: How a label at it is written: start, middle or end.
    """

    x: float
    anchor: str


@dataclass(frozen=True)
class Ruler:
    """Whole homes around a number: the exact one, the one with what was carried, the whole one."""

    ticks: tuple[tuple[int, float], ...]
    exact: Mark
    claim: Mark
    quota: Mark


@dataclass(frozen=True)
class Bar:
    """What one year leaves.

    Attributes:
        x: Middle of its slot, percent of the width.
        left: Left edge, percent.
        width: Width, percent.
        y: Top edge, pixels.
        height: Height, pixels.
        text_y: Where its number stands, pixels.
    """

    x: float
    left: float
    width: float
    y: float
    height: float
    text_y: float


@dataclass(frozen=True)
class Balance:
    """What every year leaves: bars above zero are still owed, bars below were too much."""

    bars: tuple[Bar, ...]
    zero: float
    height: float


def draw_ruler(exact: float, claim: float, quota: int) -> Ruler:
    """Place the three numbers among whole homes, one home apart."""
    low = math.floor(min(exact, claim, quota))
    high = math.ceil(max(exact, claim, quota))
    if quota == low:
        low = max(low - 1, min(low, 0))
    if quota == high or high == low:
        high += 1
    step = max(1, math.ceil((high - low) / 8))

    def place(value: float) -> float:
        return round(_EDGE + (100 - 2 * _EDGE) * (value - low) / (high - low), 3)

    def mark(value: float) -> Mark:
        x = place(value)
        anchor = "start" if x < _SIDE else "end" if x > 100 - _SIDE else "middle"
        return Mark(x, anchor)

    ticks = tuple((value, place(value)) for value in range(low, high + 1, step))
    return Ruler(ticks, mark(exact), mark(claim), mark(quota))


def draw_balance(values: Sequence[float]) -> Balance:
    """Place a bar for what every year leaves (homes), on one scale up and down."""
    up, down = max([0.0, *values]), max([0.0, *(-value for value in values)])
    home = min(_HOME_PX, _MOST_PX / max(up, down, 1.0))
    zero, slot = round(_NUMBER_PX + home * up, 2), 100 / max(len(values), 1)
    bars = []
    for at, value in enumerate(values):
        height = round(home * abs(value), 2)
        top = zero - height if value > 0 else zero
        text = top - 6 if value >= 0 else zero + height + 15
        bars.append(
            Bar(
                x=round(slot * (at + 0.5), 3),
                left=round(slot * (at + 0.2), 3),
                width=round(slot * 0.6, 3),
                y=round(top, 2),
                height=height,
                text_y=round(text, 2),
            )
        )
    return Balance(tuple(bars), zero, round(zero + home * down + _NUMBER_PX, 2))
