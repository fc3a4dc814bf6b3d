"""What is read in one cell, and what a reader needs to know besides its text.

Belongs here: the shape of a reader and the helpers all readers share. Does not belong here: the
readers (`numbers.py`, `days.py`, `cells.py`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from pipelines.sources.envelope import Envelope
from pipelines.sources.municipalities import Municipalities
from pipelines.sources.reasons import Reason, Rule

Value = str | int | float | bool | date | None

STAMP = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}) [0-9:.]+")
"""How a day reads that a workbook holds as a day."""

_INVISIBLE = {code: None for code in (0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)}
_SPACES = {code: " " for code in (0x00A0, 0x2007, 0x2009, 0x202F)}
_CLEANING = {**_INVISIBLE, **_SPACES}


@dataclass(frozen=True, slots=True)
class Cell:
    """What was read in a cell: a value, or the reason why there is none.

    Args:
        value: The value; None when the cell is empty or was not understood.
        reason: Why it was not understood.
        expected: What should have stood there.
        rule: What was only notation.
        wait: Why a person must confirm the value before it counts.
        shown: What the record of a change shows in the place of the value.
    """

    value: Value = None
    reason: Reason | None = None
    expected: str = ""
    rule: Rule | None = None
    wait: Reason | None = None
    shown: str = ""


@dataclass(frozen=True)
class Setting:
    """What a reader needs to know besides the cell.

    Args:
        envelope: What the sender declares.
        region_id: The region whose folder this is.
        municipality_codes: The municipalities of the region, merged predecessors included.
        known_codes: Every code that ever was a municipality.
        key: The secret of the pseudonyms.
        municipalities: Which municipality a name means; without it only codes are read.
        dates_1904: The workbook counts its days from 1904.
    """

    envelope: Envelope
    region_id: str
    municipality_codes: frozenset[str]
    known_codes: frozenset[str]
    key: bytes = field(repr=False)
    municipalities: Municipalities | None = None
    dates_1904: bool = False


Reader = Callable[[str, bool], Cell]
"""(text, whether a workbook holds a number or date there) -> what it means."""


def clean(text: str) -> str:
    """Take away what nobody sees: spaces around the text, zero-width and unusual spaces."""
    return text.translate(_CLEANING).strip()


def fails(reason: Reason, expected: str) -> Cell:
    """Give a cell that was not understood."""
    return Cell(reason=reason, expected=expected)


def changed(value: Value, text: str, rule: Rule) -> Cell:
    """Give a value that was written otherwise, with the rule unless it was written just so."""
    return Cell(value=value, rule=None if str(value) == text else rule)
