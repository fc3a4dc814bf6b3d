"""Municipalities whose counts are published as one: the code and the name under which they stand.

Belongs here: writing and reading that code and that name. Does not belong here: which ones a region
chose (`params`), adding up their counts (`pipelines.together`), what a reader is told (`reports`).

The code says which municipalities it stands for, so that another choice is another count under
another name, in every later release too.
"""

from collections.abc import Iterable

PLACES = r"GM\d{4}(?:\+GM\d{4})*"
"""Pattern of the code of a municipality, or of some that are published as one."""

_AND = "+"
_NAMES_APART = " + "


def code_of(codes: Iterable[str]) -> str:
    """Give the code under which municipalities are published as one.

    Args:
        codes: Their CBS codes, in any order.
    """
    return _AND.join(sorted(codes))


def members(code: str) -> tuple[str, ...]:
    """Give the CBS codes behind a code: one for a municipality by itself."""
    return tuple(code.split(_AND))


def are_together(code: str) -> bool:
    """Say whether a code stands for several municipalities."""
    return _AND in code


def name_of(names: Iterable[str]) -> str:
    """Give the name under which municipalities stand in a table, from their own names."""
    return _NAMES_APART.join(names)


def names_in(name: str) -> tuple[str, ...]:
    """Give the names behind a name: one for a municipality by itself."""
    return tuple(name.split(_NAMES_APART))
