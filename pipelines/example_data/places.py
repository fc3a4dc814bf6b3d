"""Places of every facility month by month: what stood in 2017, every change, and the plan.

Belongs here: spreading the law's changes over quarters and reading places off them. Does not belong
here: who lives there (`world.py`). History and plan come from the same steps, so that a planned
change whose month has passed equals what the history shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.example_data.law import Change, Facility, Law

CLOSING = "closed_attrition"
"""The kind of change for which a facility stops admitting beforehand."""


@dataclass(frozen=True)
class Step:
    """One change of one facility in one month ("YYYY-MM")."""

    facility: str
    month: str
    kind: str
    places: int


def month_number(text: str) -> int:
    """Number a month ("YYYY-MM") so that the next month is one more."""
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def month_text(number: int) -> str:
    """Write a month number as "YYYY-MM"."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _steps_of(change: Change) -> list[Step]:
    """Spread a change evenly over its quarters, in whole places that add up exactly."""
    months = range(month_number(change.first), month_number(change.last) + 1, 3)
    sign = 1 if change.places > 0 else -1
    size = abs(change.places)
    steps = []
    for position, month in enumerate(months):
        done, due = size * position // len(months), size * (position + 1) // len(months)
        if due > done:
            places = sign * (due - done)
            steps.append(Step(change.facility, month_text(month), change.kind, places))
    return steps


def steps_of(law: Law) -> tuple[Step, ...]:
    """Give every step of every change, by month and facility."""
    steps = [step for change in law.changes for step in _steps_of(change)]
    return tuple(sorted(steps, key=lambda step: (step.month, step.facility, step.kind)))


class Places:
    """Looks up places by facility and month."""

    def __init__(self, law: Law) -> None:
        self.facilities: Mapping[str, Facility] = {item.id: item for item in law.facilities}
        self.steps = steps_of(law)
        self._look_ahead = int(law.value("look_ahead_months"))
        first, last = month_number("2000-01"), month_number(law.plan_to) + 1
        self._first = first
        self._places = {item.id: [item.places] * (last - first) for item in law.facilities}
        self._open = {item.id: [item.places] * (last - first) for item in law.facilities}
        for step in self.steps:
            month = month_number(step.month)
            self._add(self._places[step.facility], month, step.places)
            early = self._look_ahead if step.kind == CLOSING else 0
            self._add(self._open[step.facility], month - early, step.places)

    def _add(self, row: list[int], month: int, places: int) -> None:
        for index in range(month - self._first, len(row)):
            row[index] += places

    def at(self, facility: str, month: int) -> int:
        """Give the places of a facility in a month, changes of that month included."""
        return self._places[facility][month - self._first]

    def admitting(self, facility: str, month: int) -> int:
        """Give the places that are still filled: those that will stand after the look-ahead."""
        index = month - self._first
        return min(self._places[facility][index], self._open[facility][index])

    def of_group(self, group: str, month: int) -> int:
        """Give the places of a target group in a month."""
        return sum(
            self.at(item.id, month) for item in self.facilities.values() if item.group == group
        )
