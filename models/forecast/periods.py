"""Periods of a series as whole numbers, from integers, days and texts.

Belongs here: reading the column `t` of a collection of series. Does not belong here: files.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime

from models.errors import RefusedError

PERIODS_A_YEAR = {"Y": 1, "Q": 4, "M": 12}
"""Periods in a year by frequency: yearly, quarterly, monthly."""

WORDS = "a whole number or a date such as 2020, 2020-01, 2020Q1 or 2020-03-31"
"""What may stand in `t`, in words."""

_WHOLE = re.compile(r"[+-]?\d{1,9}")
_QUARTER = re.compile(r"(\d{4})[- ]?[QqKk]([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?")


class PeriodError(RefusedError):
    """A value of `t` is no period.

    Attributes:
        position: Its place in the column, from 0.
        reason: What is wrong, in words.
        value: What stands there.
    """

    def __init__(self, position: int, reason: str, value: object) -> None:
        self.position, self.reason, self.value = position, reason, value
        super().__init__(
            f"row {position + 1}, column t: {reason}", found=repr(value), expected=WORDS
        )


def period_numbers(values: Sequence[object], freq: str) -> list[int]:
    """Give the number of the period of each value; consecutive periods differ by 1.

    Whole numbers, all of them, are periods as they stand. Otherwise every value is a date: a day
    or a month lies in its quarter or year, and a coarser text than the frequency is refused.

    Args:
        values: Integers, days or texts.
        freq: "Y", "Q" or "M".

    Raises:
        PeriodError: A value is empty or no period, or too coarse.
    """
    texts = [_text(at, value) for at, value in enumerate(values)]
    if all(_WHOLE.fullmatch(text) for text in texts):
        return [int(text) for text in texts]
    return [_dated(at, text, freq) for at, text in enumerate(texts)]


def _text(at: int, value: object) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise PeriodError(at, "the period is empty", value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _dated(at: int, text: str, freq: str) -> int:
    year, month, finest = _parts(at, text)
    a_year = PERIODS_A_YEAR[freq]
    if finest < a_year:
        raise PeriodError(at, f"this period is too coarse for frequency {freq}", text)
    return year * a_year + (month - 1) * a_year // 12


def _parts(at: int, text: str) -> tuple[int, int, int]:
    """Read year, month and how many such periods a year has."""
    if match := _QUARTER.fullmatch(text):
        return int(match[1]), 3 * int(match[2]) - 2, 4
    if match := _MONTH.fullmatch(text):
        if not 1 <= int(match[2]) <= 12:
            raise PeriodError(at, "there is no such month", text)
        return int(match[1]), int(match[2]), 12
    if match := _DAY.fullmatch(text):
        try:
            day = date.fromisoformat(match[1])
        except ValueError:
            raise PeriodError(at, "there is no such day", text) from None
        return day.year, day.month, 12
    if re.fullmatch(r"\d{4}", text):
        return int(text), 1, 1
    raise PeriodError(at, "this is no period", text)
