"""What is tried on a case, and how a trial breaks a law.

Belongs here: the shapes that every law uses. Does not belong here: the laws (`burden`, `homes`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from models.quota.lint.rules import KeyCase, Value

Told = str | int | float

MOST_TRIED = 60
"""Municipalities that are tried for each input; of more, the first by a hash of the code."""
FEWEST_TRIED = 5
"""Municipalities that are tried for each input however long a split takes."""
_BUDGET = 3e8
"""Homes x municipalities x trials that a search may take (some seconds)."""


class Severity(StrEnum):
    """How grave a finding is."""

    REFUSED = "refused"
    """Not defensible: another key is needed."""
    WARNING = "warning"
    """Defensible, and somebody at the table will bring it up."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True)
class Trial:
    """A case and the same case with one thing changed (or the same case twice).

    Attributes:
        before: The case before.
        after: The case after.
        what: What was changed: a factor, `PRESSURE`, "total", "order", "weights".
        code: Whose input it is, empty where it is nobody's.
        old: Its value before.
        new: Its value after.
        rank: Trials of a lower rank are told first.
    """

    before: KeyCase
    after: KeyCase
    what: str = ""
    code: str = ""
    old: Value = 0
    new: Value = 0
    rank: int = 0

    def inputs(self) -> dict[str, Told]:
        """Give what was changed, for a sentence."""
        return {"what": self.what, "old": self.old, "new": self.new}


@dataclass(frozen=True)
class Breach:
    """How a trial breaks a law.

    Attributes:
        severity: How grave it is.
        size: How much it is broken; of several trials the largest is told.
        code: Whose number it is, empty where it is everybody's.
        values: Numbers and words for the sentence.
    """

    severity: Severity
    size: float = 1.0
    code: str = ""
    values: dict[str, Told] = field(default_factory=dict)


def tried(case: KeyCase) -> list[int]:
    """Give the positions of the municipalities whose inputs are moved."""
    homes = max(sum(case.totals), 1)
    many = int(_BUDGET / (homes * len(case.codes) * 8))
    return case.chosen(min(max(many, FEWEST_TRIED), MOST_TRIED))


def affordable_draws(case: KeyCase, draws: int) -> int:
    """Give the number of perturbed cases that a table can rest on: fewer where splits are long."""
    homes = max(sum(case.totals), 1)
    return min(draws, max(int(_BUDGET / (homes * len(case.codes))), 20))


def same_case(case: KeyCase) -> Iterator[Trial]:
    """Look at the case as it is."""
    yield Trial(case, case)


def listed(values: tuple[Value, ...], most: int = 10) -> str:
    """Write some numbers beside each other, the first ones of many."""
    words = [f"{value:g}" for value in values[:most]]
    return " / ".join([*words, "..."] if len(values) > most else words)
