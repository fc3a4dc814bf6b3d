"""Invented regions with linked tables, rounded together and attacked in every way.

Belongs here: attacking regions by number and adding up what came of it, for a few of them in the
tests and for hundreds in the soak. Does not belong here: the regions (`tests.models.protect`), any
assertion.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.attack import (
    HISTORY,
    INSIDER,
    METHOD,
    NEIGHBOUR,
    OUTSIDER,
    ModeResult,
    Publication,
    Relation,
    attack_history,
    attack_insider,
    attack_method,
    attack_neighbour,
    attack_outsider,
    combine,
    rounded,
)
from models.protect import Earlier, round_jointly
from tests.models.protect.regions import (
    ALL,
    FIRST_YEAR,
    MONTHS,
    Region,
    make_region,
    monthly_releases,
    name_of,
)

CUBE = "outsider with the cube"
"""The outsider who also knows that there is a table of three sides behind the published ones."""
WAYS = (OUTSIDER, CUBE, INSIDER, NEIGHBOUR, METHOD, HISTORY)
KEY = b"a key for tests, of 40 bytes or somewhat so"


@dataclass
class Attacked:
    """What came of attacks on regions.

    Attributes:
        regions: How many regions.
        small: Cells with a count from 1 to base - 1.
        results: What each way gave, over all regions.
    """

    regions: int = 0
    small: int = 0
    results: dict[str, ModeResult] = field(default_factory=dict)


def attack_regions(
    numbers: Iterable[int], ways: Sequence[str] = WAYS, *, base: int = 5, seed: int = 77
) -> Attacked:
    """Round the tables of regions and attack them."""
    found = Attacked()
    for number in numbers:
        region = make_region(np.random.default_rng([seed, number]), number)
        found.regions += 1
        found.small += len(region.published().small(base))
        for way in ways:
            result = _WAYS[way](region, base)
            held = [found.results[way]] if way in found.results else []
            found.results[way] = combine(way, [*held, result])
    return found


def publication_of(
    region: Region,
    base: int,
    *,
    earlier: Mapping[str, Earlier] | None = None,
    more: Sequence[Relation] = (),
) -> Publication:
    """Round a region's tables together and publish them."""
    published = region.published()
    made = round_jointly(
        published.truths,
        published.sums,
        key=KEY,
        region_id=region.region_id,
        base=base,
        earlier=earlier,
    )
    sums = [Relation(one.total, one.parts) for one in published.sums]
    shown = [rounded(cell, figure, base) for cell, figure in made.figures.items()]
    return Publication(tuple(shown), (*sums, *more))


def cube_sums(region: Region) -> list[Relation]:
    """Give the sums over municipality, group and year, which nobody published."""
    years = [str(FIRST_YEAR + year) for year in range(-(-region.cube.shape[3] // MONTHS))]
    places, groups = region.municipalities, region.groups

    def cell(place: str, group: str, year: str) -> str:
        return f"cube/{place}/{group}/{year}"

    found = []
    for place in places:
        for year in years:
            parts = tuple(cell(place, group, year) for group in groups)
            found.append(Relation(name_of(place, ALL, year), parts))
        for group in groups:
            parts = tuple(cell(place, group, year) for year in years)
            found.append(Relation(name_of(place, group, ALL), parts))
    for group in groups:
        for year in years:
            parts = tuple(cell(place, group, year) for place in places)
            found.append(Relation(name_of(ALL, group, year), parts))
    return found


def _outsider(region: Region, base: int) -> ModeResult:
    return attack_outsider(publication_of(region, base))


def _cube(region: Region, base: int) -> ModeResult:
    return attack_outsider(publication_of(region, base, more=cube_sums(region)))


def _insiders(region: Region, base: int) -> ModeResult:
    own = {str(n): dict(region.known_to(n).truths) for n in range(region.organisations)}
    return attack_insider(publication_of(region, base), own)


def _neighbour(region: Region, base: int) -> ModeResult:
    return attack_neighbour(publication_of(region, base))


def _method(region: Region, base: int) -> ModeResult:
    return attack_method([publication_of(region, base)])


def _history(region: Region, base: int) -> ModeResult:
    """Attack twelve monthly releases, of which a few counts are revised a month later."""
    releases, open_cells = {}, {}
    earlier: dict[str, Earlier] = {}
    for place, known in enumerate(monthly_releases(region, np.random.default_rng(12))):
        releases[str(place)] = publication_of(known, base, earlier=earlier)
        truths = known.published().truths
        figures = {one.cell: one.figure or 0 for one in releases[str(place)].shown}
        earlier = {cell: Earlier(truths[cell], figure) for cell, figure in figures.items()}
        open_cells[str(place)] = frozenset(
            cell for cell in truths if is_open(cell, known.cube.shape[3])
        )
    return attack_history(releases, open_cells)


def is_open(cell: str, months: int) -> bool:
    """Say whether a cell's period goes on after so many months."""
    period = cell.rsplit("/", 1)[-1]
    if period == ALL:
        return True
    last = (int(period[:4]) - FIRST_YEAR) * MONTHS + int(period[5:] or MONTHS)
    return last > months


_WAYS: dict[str, Callable[[Region, int], ModeResult]] = {
    OUTSIDER: _outsider,
    CUBE: _cube,
    INSIDER: _insiders,
    NEIGHBOUR: _neighbour,
    METHOD: _method,
    HISTORY: _history,
}
