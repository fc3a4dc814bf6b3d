"""The calendar of the example world: a heap of coming events, handed out day by day.

Belongs here: putting something on the calendar and taking off what is due. Does not belong here:
what the events do. A day is an ordinal of `datetime.date`; equal days keep the order of planning.
"""

import heapq
from collections.abc import Callable
from datetime import date

DAYS_PER_MONTH = 365.25 / 12
DAYS_PER_YEAR = 365.25

Event = Callable[[int], None]


def day_of(year: int, month: int = 1, day: int = 1) -> int:
    """Give the ordinal of a day."""
    return date(year, month, day).toordinal()


def year_of(day: int) -> int:
    """Give the calendar year of a day."""
    return date.fromordinal(day).year


def month_of(day: int) -> int:
    """Give the month number of a day (year * 12 + month - 1)."""
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


class Clock:
    """Coming events by day."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Event]] = []
        self._planned = 0

    def plan(self, day: float, event: Event) -> None:
        """Put an event on the calendar; it gets the day on which it happens."""
        heapq.heappush(self._heap, (int(day), self._planned, event))
        self._planned += 1

    def run_until(self, day: int) -> None:
        """Let everything happen that is due up to and including a day."""
        while self._heap and self._heap[0][0] <= day:
            due, _, event = heapq.heappop(self._heap)
            event(due)
