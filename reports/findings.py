"""Verdicts: what may truthfully be said about numbers that have a range.

Belongs here: the few comparisons on which every generated sentence rests, each with its truth
table in the tests; how a finding falls into a title and what follows it. Does not belong here:
words (label files) or tables.

A finding is one text. Its first line is the title; what does not fit in a title stands on the
lines below it and is shown under the title, so that nothing that was found is left out.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from reports.numbers import Estimate, round_to
from reports.told import Piece, Told, pieces_of

MOST_WORDS = 15
"""Most words of a title, numbers and units counted."""
_NEXT_LINE = "\n"
_NEXT_SENTENCE = ". "


class Trend(StrEnum):
    """What may be said about the way from one number to another."""

    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    UNCLEAR = "unclear"


class Against(StrEnum):
    """Where an estimate lies against a number that is certain."""

    ABOVE = "above"
    BELOW = "below"
    UNCLEAR = "unclear"


def trend(first: Estimate, last: Estimate) -> Trend:
    """Say whether a number rises from one estimate to another.

    A rise is said only where the two ranges have no number in common; the ranges of two years say
    nothing about the range of their difference, so anything else is unclear. Two estimates
    without width that are equal are level.
    """
    if first.high == first.low == last.low == last.high:
        return Trend.LEVEL
    if last.low > first.high:
        return Trend.UP
    if last.high < first.low:
        return Trend.DOWN
    return Trend.UNCLEAR


def certain_trend(first: float, last: float, *, step: float = 1.0) -> Trend:
    """Say whether a number without a range rises, by less than half a step counting as level."""
    if abs(last - first) < step / 2:
        return Trend.LEVEL
    return Trend.UP if last > first else Trend.DOWN


def seen(verdict: Trend, first: str, last: str) -> Trend:
    """Take a rise or a fall for level where a reader sees the same number twice."""
    return Trend.LEVEL if verdict is not Trend.UNCLEAR and first == last else verdict


def against(estimate: Estimate, limit: float) -> Against:
    """Say where an estimate lies against a limit: beyond it only with its whole range."""
    if estimate.low > limit:
        return Against.ABOVE
    if estimate.high < limit:
        return Against.BELOW
    return Against.UNCLEAR


def spans_zero(estimate: Estimate) -> bool:
    """Say whether the range of a part includes nothing at all."""
    return estimate.low <= 0 <= estimate.high


def largest(parts: Sequence[tuple[str, Estimate]]) -> tuple[str, Estimate] | None:
    """Give the part with the largest mean by size, the first of equals.

    A part that is nothing in whole homes with all of its range is no part; None where all are.
    """
    counted = [part for part in parts if not _is_nothing(part[1])]
    ranked = sorted(counted, key=lambda part: -abs(part[1].mean))
    return ranked[0] if ranked else None


def most(parts: Iterable[tuple[str, float]]) -> list[str]:
    """Name the parts with the largest number, in order: several where they have as much."""
    listed = list(parts)
    largest_number = max((number for _, number in listed), default=0.0)
    return [name for name, number in listed if number == largest_number]


def split(finding: str) -> tuple[str, str]:
    """Cut a finding into its title and what follows it; the numbers keep their sources.

    Returns:
        The title without a full stop, and the sentences below it without the last full stop;
        the latter is empty where the title says all.
    """
    title: list[Piece] = []
    rest: list[Piece] = []
    is_title = True
    for text, source in pieces_of(finding):
        first, mark, others = text.partition(_NEXT_LINE) if is_title else ("", "", text)
        title += [(first, source)] if first else []
        is_title &= not mark
        others = others.replace(_NEXT_LINE, _NEXT_SENTENCE)
        rest += [(others, source)] if others else []
    return _joined(title), _joined(rest)


def whole(finding: str) -> str:
    """Give a finding as running text without its last full stop; the numbers keep their sources."""
    return _joined(
        (text.replace(_NEXT_LINE, _NEXT_SENTENCE), of) for text, of in pieces_of(finding)
    )


def is_short(finding: str) -> bool:
    """Say whether the title of a finding is not too long."""
    return len(split(finding)[0].split()) <= MOST_WORDS


def _joined(pieces: Iterable[Piece]) -> str:
    kept = tuple(pieces)
    if any(source is not None for _, source in kept):
        return Told(kept)
    return "".join(text for text, _ in kept)


def _is_nothing(part: Estimate) -> bool:
    return not any(round_to(number) for number in (part.low, part.mean, part.high))
