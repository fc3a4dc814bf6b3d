"""Calendar months as whole numbers (year * 12 + month - 1), and their text form "YYYY-MM".

Belongs here: arithmetic on months. Does not belong here: the clock; a month always comes in from
outside.
"""

import re
from itertools import groupby

from models.errors import UsageError

MONTHS_PER_YEAR = 12
HORIZON_MONTHS = 120
"""Ten years, the horizon of every answer (months)."""

_TEXT = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def month_of(year: int, month: int) -> int:
    """Give the number of a calendar month (month 1 to 12)."""
    return year * MONTHS_PER_YEAR + month - 1


def parse_month(text: str, *, where: str = "month") -> int:
    """Read "YYYY-MM".

    Raises:
        UsageError: The text is not a month.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise UsageError("this is not a month", where=where, found=repr(text), expected="YYYY-MM")
    return month_of(int(match[1]), int(match[2]))


def format_month(month: int) -> str:
    """Write a month as "YYYY-MM"."""
    return f"{month // MONTHS_PER_YEAR:04d}-{month % MONTHS_PER_YEAR + 1:02d}"


def year_of(month: int) -> int:
    """Give the calendar year of a month."""
    return month // MONTHS_PER_YEAR


def months_covered(first: int, count: int) -> dict[int, int]:
    """Count, per calendar year, the months of a span of `count` months from `first` on."""
    years = groupby(range(first, first + count), key=year_of)
    return {year: len(list(months)) for year, months in years}
