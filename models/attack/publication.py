"""What a reader holds: published cells, and the sums that everybody knows.

Belongs here: these plain shapes and what a figure says of the true count behind it. Does not
belong here: reading files (`pipelines.attack`), solving (`bounds`), how figures were protected:
nothing of the attack knows the protecting code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from models.errors import FaultList, UitstroomError


class Kind(StrEnum):
    """How a cell was published."""

    EXACT = "exact"
    ROUNDED = "rounded"
    BELOW = "below"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Shown:
    """What was published of one cell, once.

    Attributes:
        cell: Name of the true count behind it; the same name is the same count.
        kind: How it was published.
        figure: The number (people or homes); None where only a range was shown.
        base: What it is a multiple of; 1 for an exact number.
        least: Least number that it can be, where a range was shown.
        most: Most; None for no limit.
    """

    cell: str
    kind: Kind
    figure: int | None = None
    base: int = 1
    least: int = 0
    most: int | None = None

    def truths(self, steps: int = 1) -> tuple[int, int | None]:
        """Give the least and most true count that this leaves, None for no limit.

        Args:
            steps: How many multiples of the base a figure may lie beside its count: 1, or 2 where
                a cell had to be rounded one step further.
        """
        reach = steps * self.base - 1
        if self.kind is Kind.EXACT and self.figure is not None:
            return self.figure, self.figure
        if self.kind is Kind.ROUNDED and self.figure is not None:
            return max(0, self.figure - reach), self.figure + reach
        if self.kind is Kind.BELOW and self.most is not None:
            return 0, self.most + reach
        return self.least, self.most

    @property
    def figures(self) -> tuple[int, ...]:
        """Give the rounded numbers that may stand behind what was shown."""
        if self.kind is Kind.BELOW and self.most is not None:
            return tuple(range(0, self.most + 1, self.base))
        return (self.figure,) if self.figure is not None else ()


def exact(cell: str, figure: int) -> Shown:
    """Say that a cell was published as it is."""
    return Shown(cell, Kind.EXACT, figure)


def rounded(cell: str, figure: int, base: int) -> Shown:
    """Say that a cell was published as a multiple of a base next to its count."""
    return Shown(cell, Kind.ROUNDED, figure, base)


def below(cell: str, limit: int, base: int) -> Shown:
    """Say that a cell was published as "less than a limit": its rounded number is less.

    Args:
        cell: Name of the cell.
        limit: The limit, ten for "<10".
        base: What rounded numbers are multiples of.
    """
    return Shown(cell, Kind.BELOW, base=base, most=(limit - 1) // base * base)


def suppressed(cell: str, least: int = 0, most: int | None = None) -> Shown:
    """Say that a cell was left out, and between which numbers the rule leaves cells out."""
    return Shown(cell, Kind.SUPPRESSED, least=least, most=most)


@dataclass(frozen=True)
class Relation:
    """A sum that everybody knows: the total is the parts together.

    Attributes:
        total: Name of a cell.
        parts: Names of the cells that add up to it; they may be hidden themselves.
    """

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Publication:
    """All that was published, and the sums between its cells.

    Attributes:
        shown: What was published; a cell may occur more than once.
        relations: Sums; they may name cells that were never published.
    """

    shown: tuple[Shown, ...]
    relations: tuple[Relation, ...] = ()

    def __post_init__(self) -> None:
        faults = FaultList()
        for one in self.shown:
            is_whole = one.figure is None or (one.figure >= 0 and one.figure % one.base == 0)
            if one.base < 1 or not is_whole or (one.most is not None and one.least > one.most):
                faults.add(
                    UitstroomError(
                        "A published cell cannot be read",
                        where=one.cell,
                        found=f"{one.kind}, {one.figure}, base {one.base}",
                        expected="a multiple of the base, 0 or more, and a range from low to high",
                        todo="Give a figure that is no multiple of the base as an exact one.",
                    )
                )
        for relation in self.relations:
            if not relation.parts or relation.total in relation.parts:
                faults.add(
                    UitstroomError(
                        "A sum has no parts, or is a part of itself",
                        where=relation.total,
                        found=", ".join(relation.parts),
                        expected="a total and other cells",
                        todo="Correct the sum where it is declared.",
                    )
                )
        faults.raise_if_any()

    @property
    def cells(self) -> tuple[str, ...]:
        """Name every cell, published or only part of a sum, once and in order."""
        named = [one.cell for one in self.shown]
        for relation in self.relations:
            named += [relation.total, *relation.parts]
        return tuple(dict.fromkeys(named))

    @property
    def hidden(self) -> tuple[str, ...]:
        """Name the cells whose count was meant to stay unknown: not only published exactly."""
        protected = {one.cell for one in self.shown if one.kind is not Kind.EXACT}
        open_cells = {one.cell for one in self.shown} - protected
        return tuple(cell for cell in self.cells if cell not in open_cells)


def rename(publication: Publication, names: Mapping[str, str]) -> Publication:
    """Give a publication in which some cells have another name."""
    return Publication(
        tuple(replace(one, cell=names.get(one.cell, one.cell)) for one in publication.shown),
        tuple(
            Relation(
                names.get(one.total, one.total), tuple(names.get(part, part) for part in one.parts)
            )
            for one in publication.relations
        ),
    )


def unite(publications: Iterable[Publication]) -> Publication:
    """Lay publications side by side; cells of the same name are the same count."""
    held = list(publications)
    shown = dict.fromkeys(one for publication in held for one in publication.shown)
    relations = dict.fromkeys(one for publication in held for one in publication.relations)
    return Publication(tuple(shown), tuple(relations))
