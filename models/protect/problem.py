"""What is rounded together: counts, the sums that tie them, and figures given before.

Belongs here: the declaration of a joint rounding, its checks, and its division into parts that no
sum joins. Does not belong here: the rounding itself (`rounding`), the integer program (`program`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.errors import FaultList, UsageError

_SHOWN_FAULTS = 5


@dataclass(frozen=True)
class Sum:
    """A published sum: the total is exactly the parts together, before and after rounding.

    Args:
        total: Name of the cell that is the sum.
        parts: Names of the cells that add up to it.
    """

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Earlier:
    """What the latest release gave for a cell.

    Args:
        truth: The true count it was made from.
        figure: The figure that was published.
    """

    truth: int
    figure: int


@dataclass(frozen=True)
class Part:
    """Cells that sums join, directly or through others; no sum joins them to any other cell.

    Args:
        cells: Names, sorted.
        sums: Sums over these cells, sorted, each once.
    """

    cells: tuple[str, ...]
    sums: tuple[Sum, ...]


def check_problem(
    truths: Mapping[str, int], sums: Sequence[Sum], earlier: Mapping[str, Earlier], base: int
) -> None:
    """Refuse a problem whose names, counts or sums are wrong, all faults together.

    Raises:
        UitstroomError: A count is no whole number from 0, a sum names an unknown cell or one cell
            twice, a sum does not hold in the truths, or an earlier figure is no multiple of the
            base.
    """
    faults = FaultList()
    for cell, truth in truths.items():
        if not _is_count(truth):
            faults.add(_fault("a count is no whole number from 0", cell, repr(truth)))
    for one in sums:
        _check_sum(one, truths, faults)
    for cell, before in earlier.items():
        if not _is_count(before.truth):
            faults.add(_fault("an earlier count is no whole number from 0", cell, repr(before)))
        if not _is_count(before.figure) or before.figure % base:
            text = f"an earlier figure is no multiple of the base {base}"
            faults.add(_fault(text, cell, repr(before.figure)))
    faults.raise_if_any()


def parts_of(cells: Iterable[str], sums: Sequence[Sum]) -> list[Part]:
    """Divide cells into the parts that no sum joins, in the order of their first names.

    The division and the order within a part do not depend on the order of cells, sums or terms, nor
    on cells elsewhere.
    """
    root = {cell: cell for cell in cells}

    def find(cell: str) -> str:
        while root[cell] != cell:
            root[cell] = root[root[cell]]
            cell = root[cell]
        return cell

    once = sorted({(one.total, tuple(sorted(one.parts))) for one in sums})
    for total, terms in once:
        for cell in terms:
            root[find(cell)] = find(total)
    members: dict[str, list[str]] = {}
    for cell in sorted(root):
        members.setdefault(find(cell), []).append(cell)
    joined: dict[str, list[Sum]] = {}
    for total, terms in once:
        joined.setdefault(find(total), []).append(Sum(total, terms))
    return [Part(tuple(named), tuple(joined.get(key, ()))) for key, named in members.items()]


def _check_sum(one: Sum, truths: Mapping[str, int], faults: FaultList) -> None:
    """Collect what is wrong with one sum."""
    named = (one.total, *one.parts)
    if not one.parts:
        faults.add(_fault("a sum has no parts", one.total, "none"))
    elif len(set(named)) < len(named):
        faults.add(_fault("a sum names a cell twice", one.total, _listed(one.parts)))
    elif unknown := [cell for cell in named if cell not in truths]:
        faults.add(_fault("a sum names cells without a count", one.total, _listed(unknown)))
    elif (added := sum(truths[cell] for cell in one.parts)) != truths[one.total]:
        faults.add(
            UsageError(
                "a published total is not the sum of its parts",
                where=one.total,
                found=f"{truths[one.total]} against parts of {added} together",
                todo="Leave the sum out, or publish what is missing from it.",
            )
        )


def _is_count(value: object) -> bool:
    """Say whether this is a whole number from 0 (True and 3.0 are not)."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _fault(what: str, where: str, found: str) -> UsageError:
    """Make the fault of one cell or sum."""
    return UsageError(what, where=where, found=found)


def _listed(names: Iterable[str]) -> str:
    """Name a few cells."""
    named = list(names)
    rest = len(named) - _SHOWN_FAULTS
    return ", ".join(named[:_SHOWN_FAULTS]) + (f" and {rest} more" if rest > 0 else "")
