"""All files of the cabinet in order of their case.

Belongs here: the list. Does not belong here: the files (`cases_*.py`, `odd.py`).
"""

from tests.pipelines.sources.cabinet import (
    cases_bytes,
    cases_days,
    cases_figures,
    cases_numbers,
    cases_shape,
    cases_text,
    odd,
)
from tests.pipelines.sources.cabinet.papers import Case

NUMBERED: list[Case] = sorted(
    [
        *cases_numbers.CASES,
        *cases_shape.CASES,
        *cases_bytes.CASES,
        *cases_days.CASES,
        *cases_figures.CASES,
        *cases_text.CASES,
    ],
    key=lambda case: case.number,
)
"""Files of the 72 cases."""

ODD: list[Case] = odd.CASES
"""Good but odd files."""
