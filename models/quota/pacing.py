"""Pacing within a year: what should have been let by now, beside what was.

Belongs here: the norm after so many months, the shortfall that rolls on to the next half-year, the
state of being ahead, on course or behind. Does not belong here: the quota (`split`), next year's
claim (`running`).

Source: the half-yearly norm of the status holders' scheme (Huisvestingswet 2014, articles 28 and
29): a half-year's number plus the shortfall of the one before; after k of 6 months k/6 of that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from models.errors import UsageError
from models.quota.claims import Number, exact_number, whole_homes

MONTHS = 12
LENGTHS = (6, 12)
"""Months over which an agreement may pace: half-years, or the year."""
ON_COURSE_DWELLINGS = 1
"""Homes above or below the norm that still count as on course."""


class Course(StrEnum):
    """Where realised homes stand beside the norm."""

    AHEAD = "ahead"
    ON_COURSE = "on_course"
    BEHIND = "behind"


@dataclass(frozen=True)
class Pace:
    """Where a municipality stands in the current year or half-year.

    Attributes:
        months_passed: Months of the period that have passed.
        of_months: Length of the period: 6 or 12.
        task: What the whole period asks: its part of the quota and the backlog (homes).
        backlog: Shortfall of the half-year before, below 0 where it was ahead; 0 in a whole year.
        norm: What should have been let by now (exact homes).
        realised: Homes let in these months.
    """

    months_passed: int
    of_months: int
    task: int
    backlog: int
    norm: Fraction
    realised: int

    @property
    def difference(self) -> Fraction:
        """Give realised minus norm (homes)."""
        return self.realised - self.norm

    @property
    def course(self) -> Course:
        """Say where this stands; within one home of the norm is on course."""
        if abs(self.difference) <= ON_COURSE_DWELLINGS:
            return Course.ON_COURSE
        return Course.AHEAD if self.difference > 0 else Course.BEHIND


def paced(
    quota: Number, months_passed: int, of_months: int = MONTHS, *, backlog: Number = 0
) -> Fraction:
    """Give what should have been let after some months of a period.

    Args:
        quota: Homes (or persons) of the whole period.
        months_passed: Months that have passed, 0 to `of_months`.
        of_months: Length of the period, 6 or 12.
        backlog: Shortfall of the period before, which the period makes up for.

    Returns:
        (quota + backlog) x months passed / length, exact.

    Raises:
        UsageError: Another length, or months outside the period.
    """
    if of_months not in LENGTHS:
        raise UsageError(
            "a quota is paced over 6 or 12 months", where="of_months", found=repr(of_months)
        )
    if not 0 <= months_passed <= of_months:
        raise UsageError(
            "the months that have passed lie outside the period",
            where="months_passed",
            found=repr(months_passed),
            expected=f"0 to {of_months}",
        )
    task = exact_number(quota, "quota") + exact_number(backlog, "backlog")
    return task * months_passed / of_months


def pace_year(quota: int, realised: Sequence[int], *, pacing_months: int = MONTHS) -> Pace:
    """Say where a municipality stands in the current year, or in its current half-year.

    Over half-years the quota is halved, the odd home in the first half; what the first half fell
    short (or was ahead) rolls on to the second.

    Args:
        quota: Homes of the calendar year.
        realised: Homes let per month, from January to the last month known: 1 to 12 numbers.
        pacing_months: 12 to pace over the year, 6 over half-years.

    Raises:
        UsageError: No months or more than 12, a number that is not whole, another length.
    """
    months = len(realised)
    if not 1 <= months <= MONTHS:
        raise UsageError("give homes for 1 to 12 months", where="realised", found=str(months))
    homes = [whole_homes(number, "homes of a month") for number in realised]
    task, backlog, before = whole_homes(quota, "quota"), 0, 0
    if pacing_months != MONTHS:
        first, second = task - task // 2, task // 2
        before = pacing_months if months > pacing_months else 0
        backlog = first - sum(homes[:before]) if before else 0
        task = second + backlog if before else first
    passed = months - before
    norm = paced(max(task, 0), passed, pacing_months)
    return Pace(passed, pacing_months, max(task, 0), backlog, norm, sum(homes[before:]))
