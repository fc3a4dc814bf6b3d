"""What an attack found: findings, and one result for each way of attacking.

Belongs here: these shapes and when an interval is too narrow. Does not belong here: the attacks
(`modes`, `posterior`), sentences for a reader (`pipelines.attack`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

NARROW = 2
"""An interval of this width or less tells too much: three neighbouring values at most."""

CERTAIN = 0.95
"""Share of belief on at most two values from which on a cell counts as known."""


class Flaw(StrEnum):
    """What is wrong with a cell."""

    PINNED = "pinned"
    NARROW = "narrow"
    TWO_VALUES = "two-values"
    NOT_ADDITIVE = "not-additive"
    CONTRADICTION = "contradiction"
    UNROUNDED = "unrounded"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Bounds:
    """Between which numbers a count must lie.

    Attributes:
        least: Least number that fits all that is known.
        most: Most; None for no limit.
        is_exact: Whether both ends were worked out; else the interval is at least this wide.
    """

    least: int
    most: int | None
    is_exact: bool = True

    @property
    def width(self) -> int | None:
        """Give most minus least, None for no limit."""
        return None if self.most is None else self.most - self.least


@dataclass(frozen=True)
class Finding:
    """A cell that the publication says too much about.

    Attributes:
        mode: Way of attacking that found it.
        flaw: What is wrong.
        cell: Name of the cell, or of the total of a sum.
        least: Least number that the attacker derived, where there is one.
        most: Most number that the attacker derived.
        by: Who can know it, or in which files it stands; empty for anybody.
    """

    mode: str
    flaw: Flaw
    cell: str
    least: int | None = None
    most: int | None = None
    by: str = ""


@dataclass(frozen=True)
class ModeResult:
    """What one way of attacking gave.

    Attributes:
        mode: Way of attacking.
        cells: Hidden cells that were judged (of all attackers together).
        pinned: Of these, cells of which the count is known.
        within_two: Cells whose interval has a width of two or less, pinned ones included.
        narrowest: Smallest width that was met; None where no cell has an upper limit.
        two_values: Cells with 95 % of the belief on at most two values.
        relaxed: Groups of cells in which some figure must lie one step further from its count.
        findings: What is wrong, cell by cell.
    """

    mode: str
    cells: int
    pinned: int = 0
    within_two: int = 0
    narrowest: int | None = None
    two_values: int = 0
    relaxed: int = 0
    findings: tuple[Finding, ...] = ()


def judge(
    mode: str,
    bounds: Iterable[tuple[str, Bounds]],
    *,
    by: str = "",
    floor: int = 0,
) -> ModeResult:
    """Judge intervals: which are pinned, which are too narrow.

    Args:
        mode: Way of attacking.
        bounds: Cells with their intervals.
        by: Who can know them.
        floor: An interval that is too narrow is a finding only if its least number is this or
            more. 1 for somebody who subtracts what he knows: that nobody else is there, or
            perhaps, tells of no one.
    """
    held = list(bounds)
    widths = [(cell, one, one.width) for cell, one in held if one.width is not None]
    narrow = [(cell, one, wide) for cell, one, wide in widths if wide <= NARROW]
    narrow = [(cell, one, wide) for cell, one, wide in narrow if one.least >= floor]
    findings = tuple(
        Finding(mode, Flaw.NARROW if wide else Flaw.PINNED, cell, one.least, one.most, by)
        for cell, one, wide in narrow
    )
    counted = [wide for _, one, wide in widths if one.least >= floor or wide > NARROW]
    return ModeResult(
        mode,
        cells=len(held),
        pinned=sum(not wide for *_, wide in narrow),
        within_two=len(narrow),
        narrowest=min(counted, default=None),
        findings=findings,
    )


def combine(mode: str, results: Iterable[ModeResult]) -> ModeResult:
    """Add results of one way of attacking up: several attackers, several releases."""
    held = list(results)
    narrowest = [one.narrowest for one in held if one.narrowest is not None]
    return ModeResult(
        mode,
        cells=sum(one.cells for one in held),
        pinned=sum(one.pinned for one in held),
        within_two=sum(one.within_two for one in held),
        narrowest=min(narrowest, default=None),
        two_values=sum(one.two_values for one in held),
        relaxed=sum(one.relaxed for one in held),
        findings=tuple(dict.fromkeys(found for one in held for found in one.findings)),
    )
