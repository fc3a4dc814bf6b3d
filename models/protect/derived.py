"""What may be said beside rounded figures: how they are shown, shares, means, lone categories.

Belongs here: rules for figures that are already rounded. Does not belong here: the rounding
(`rounding`), which column is derived from which (the caller's).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.errors import RefusedError, UsageError
from models.protect.offsets import check_base

LEAST_SHOWN = 10
"""Smallest figure that is shown as a number, or that a share or mean may rest on."""
_LISTED = 5


@dataclass(frozen=True)
class Row:
    """A row of a table that divides people over categories.

    Args:
        total: Name of the cell that counts everybody in the row.
        cells: Name of the cell of every category.
    """

    total: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Disclosure:
    """A row that seems to say that everybody in it is of one category.

    Args:
        total: Name of the row's total.
        category: The category.
        figure: The rounded figure of both.
    """

    total: str
    category: str
    figure: int


def shown(figure: int) -> str:
    """Write a rounded figure: below ten, zero included, only that it is below ten.

    A true zero is never shown as zero. Source of ten: the smallest count that Statistics
    Netherlands (CBS) shows.
    """
    return str(figure) if figure >= LEAST_SHOWN else f"<{LEAST_SHOWN}"


def share_of_rounded(part: int, total: int, base: int) -> float | None:
    """Give a share (0 to 1) that follows from published figures alone.

    Args:
        part: Rounded figure of the part, at most the total.
        total: Rounded figure of the whole.
        base: What both are multiples of: a guard against an unrounded count.

    Returns:
        The share, or None where the total is below ten.

    Raises:
        UsageError: A figure is no multiple of the base from 0, or the part exceeds the total.
    """
    _check_rounded(base, part, total)
    if part > total:
        raise UsageError("a part exceeds its total", found=f"{part} of {total}")
    return part / total if total >= LEAST_SHOWN else None


def mean_from_ten(value: float, figure: int, base: int, decimals: int) -> float | None:
    """Give a mean or median of something about people, only where it rests on ten or more.

    Args:
        value: Mean or median over the people counted.
        figure: Their rounded count.
        base: What it is a multiple of.
        decimals: Decimals that are kept.

    Returns:
        The rounded value, or None where the figure is below ten.

    Raises:
        UsageError: The figure is no multiple of the base from 0.
    """
    _check_rounded(base, figure)
    return round(value, decimals) if figure >= LEAST_SHOWN else None


def group_disclosures(
    rows: Sequence[Row],
    figures: Mapping[str, int],
    base: int,
    *,
    harmless: frozenset[str] = frozenset(),
) -> list[Disclosure]:
    """Find rows in which one rounded cell equals its total, of a category that is not harmless.

    A total of one step of the base always lies in one cell, whatever the people in it are: only
    larger totals say something.

    Args:
        rows: Rows of published tables.
        figures: Rounded figures.
        base: What they are multiples of.
        harmless: Categories of which it harms nobody to be known to be in.

    Returns:
        The disclosures, in the order of the rows and their categories.
    """
    return [
        Disclosure(row.total, category, figures[cell])
        for row in rows
        for category, cell in row.cells.items()
        if category not in harmless and figures[cell] == figures[row.total] > base
    ]


def refuse_group_disclosures(
    rows: Sequence[Row],
    figures: Mapping[str, int],
    base: int,
    *,
    harmless: frozenset[str] = frozenset(),
) -> None:
    """Refuse tables that say of a whole row which category it is in.

    Raises:
        RefusedError: Names the rows and categories.
    """
    found = group_disclosures(rows, figures, base, harmless=harmless)
    if not found:
        return
    listed = ", ".join(f"{one.total} ({one.category})" for one in found[:_LISTED])
    rest = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    raise RefusedError(
        "all people of a row seem to be of one category",
        found=f"{listed}{rest}",
        todo="Join the row to another, leave the table out, or declare the category harmless.",
    )


def _check_rounded(base: int, *figures: int) -> None:
    """Refuse figures that cannot have been rounded.

    Raises:
        UsageError: One is no multiple of the base from 0.
    """
    check_base(base)
    for figure in figures:
        if figure < 0 or figure % base:
            raise UsageError(f"this figure is not rounded to {base}", found=str(figure))
