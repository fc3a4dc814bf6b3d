"""Small synthetic regions whose people are counted in linked tables, release after release.

Belongs here: invented regions, their monthly releases as truths and sums, and what one organisation
knows. Does not belong here: the rounding, the attacker, any assertion.

Every person is counted once, at one month, in one municipality, group and organisation. Published
are municipality x year, municipality x group and group x year with all their margins, and the
months of the region where asked; never the cube, never an organisation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.protect import Sum

ALL = "all"
FIRST_YEAR = 2024
MONTHS = 12
Cube = NDArray[np.int64]


@dataclass(frozen=True)
class Published:
    """The cells of one release: true counts by name, and the sums that are published."""

    truths: Mapping[str, int]
    sums: tuple[Sum, ...]

    def small(self, base: int) -> list[str]:
        """Name the cells whose truth lies from 1 to base - 1."""
        return [cell for cell, truth in self.truths.items() if 0 < truth < base]


@dataclass(frozen=True)
class Region:
    """An invented region.

    Args:
        region_id: Its name.
        cube: People by municipality, group, organisation and month from January 2024.
        months_shown: Whether the months of the whole region are published as well.
    """

    region_id: str
    cube: Cube
    months_shown: bool = False

    @property
    def municipalities(self) -> list[str]:
        """Name the municipalities."""
        return [f"GM{1000 + number}" for number in range(self.cube.shape[0])]

    @property
    def groups(self) -> list[str]:
        """Name the groups."""
        return [f"group-{number}" for number in range(self.cube.shape[1])]

    @property
    def organisations(self) -> int:
        """Count the organisations."""
        return self.cube.shape[2]

    def published(self) -> Published:
        """Count everybody in the linked tables of one release."""
        return _linked(self, self.cube.sum(axis=2))

    def known_to(self, organisation: int) -> Published:
        """Count the clients of one organisation in the same cells."""
        return _linked(self, self.cube[:, :, organisation])


def name_of(municipality: str, group: str, period: str) -> str:
    """Name a cell of the linked tables."""
    return f"people/{municipality}/{group}/{period}"


def make_region(rng: np.random.Generator, number: int = 0, *, years: int = 3) -> Region:
    """Invent a region of 5 to 12 municipalities, 3 to 6 groups and 2 to 4 organisations.

    A region lets some 40 to 140 homes a year; its smallest municipalities two or three.
    """
    places, groups = int(rng.integers(5, 13)), int(rng.integers(3, 7))
    organisations, yearly = int(rng.integers(2, 5)), float(rng.uniform(40, 140))
    sizes = rng.dirichlet(np.full(places, 1.2))
    mixes = rng.dirichlet(np.full(groups, 1.5), size=places)
    owners = rng.dirichlet(np.full(organisations, 1.0), size=groups)
    mean = np.einsum("p,pg,go->pgo", sizes, mixes, owners)[..., None] * yearly / MONTHS
    cube = rng.poisson(np.repeat(mean, years * MONTHS, axis=3)).astype(np.int64)
    return Region(f"invented-{number:04d}", cube, months_shown=bool(rng.integers(2)))


def make_regions(seed: int, count: int, *, years: int = 3) -> Iterator[Region]:
    """Invent regions, each from a seed of its own."""
    for number in range(count):
        yield make_region(np.random.default_rng([seed, number]), number, years=years)


def monthly_releases(
    region: Region, rng: np.random.Generator, *, releases: int = 12, late: float = 0.01
) -> list[Region]:
    """Give the region as it was known month after month, the last one complete.

    Every month adds its own people; besides, a share of everybody known from the months before is
    first known a month late, as deliveries are.

    Args:
        region: The region as it ends.
        rng: Chance.
        releases: Number of months with a release.
        late: Share of the people who are first counted one release late.
    """
    months = region.cube.shape[3]
    held = rng.binomial(region.cube, late)
    known = []
    for last in range(months - releases + 1, months + 1):
        cube = region.cube[..., :last].copy()
        if last < months:
            cube[..., last - 1] -= held[..., last - 1]
        known.append(replace(region, cube=cube))
    return known


def _linked(region: Region, cube: Cube) -> Published:
    """Count a cube of municipality, group and month in tables of two sides."""
    months = cube.shape[2]
    years = [str(FIRST_YEAR + year) for year in range(-(-months // MONTHS))]
    padded = np.zeros((*cube.shape[:2], len(years) * MONTHS), np.int64)
    padded[..., :months] = cube
    yearly = padded.reshape(*cube.shape[:2], len(years), MONTHS).sum(axis=3)
    places, groups = region.municipalities, region.groups
    truths: dict[str, int] = {}
    sums: list[Sum] = []
    _add_table(truths, sums, yearly.sum(axis=1), places, years, lambda a, b: name_of(a, ALL, b))
    _add_table(truths, sums, yearly.sum(axis=2), places, groups, lambda a, b: name_of(a, b, ALL))
    _add_table(truths, sums, yearly.sum(axis=0), groups, years, lambda a, b: name_of(ALL, a, b))
    if region.months_shown:
        counts = padded.sum(axis=(0, 1))
        for number, year in enumerate(years):
            cells = [name_of(ALL, ALL, f"{year}-{month:02d}") for month in range(1, MONTHS + 1)]
            of_year = counts[number * MONTHS : (number + 1) * MONTHS].tolist()
            truths.update(zip(cells, of_year, strict=True))
            sums.append(Sum(name_of(ALL, ALL, year), tuple(cells)))
    return Published(truths, tuple(dict.fromkeys(sums)))


def _add_table(
    truths: dict[str, int],
    sums: list[Sum],
    table: Cube,
    rows: Sequence[str],
    columns: Sequence[str],
    name: Callable[[str, str], str],
) -> None:
    """Add a table of two sides with its margins and its total."""
    for row, values in zip(rows, table.tolist(), strict=True):
        truths[name(row, ALL)] = sum(values)
        truths.update({name(row, at): value for at, value in zip(columns, values, strict=True)})
        sums.append(Sum(name(row, ALL), tuple(name(row, at) for at in columns)))
    for at, value in zip(columns, table.sum(axis=0).tolist(), strict=True):
        truths[name(ALL, at)] = value
        sums.append(Sum(name(ALL, at), tuple(name(row, at) for row in rows)))
    truths[name(ALL, ALL)] = int(table.sum())
    sums.append(Sum(name(ALL, ALL), tuple(name(row, ALL) for row in rows)))
    sums.append(Sum(name(ALL, ALL), tuple(name(ALL, at) for at in columns)))
