"""Hundreds of invented regions rounded month after month, and attacked in every way.

Belongs here: more of what `tests/models/attack` and `tests/models/protect` do with a few regions.
Does not belong here: the regions, the rounding, the attack, weak ways of publishing (`weak_ways`).
"""

import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace

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
    join_releases,
    rounded,
)
from models.protect import Earlier, Sum, round_jointly
from tests.evidence import write_evidence
from tests.models.attack.attacked_regions import CUBE, KEY, cube_sums, is_open
from tests.models.protect.regions import (
    ALL,
    FIRST_YEAR,
    MONTHS,
    Published,
    Region,
    make_region,
    monthly_releases,
    name_of,
)
from tests.soak.weak_ways import attack_weak_ways

SEED = 20261122
BASE = 5
REGIONS = 380
CUBE_EVERY, SO_FAR_EVERY, METHOD_EVERY, LONG_EVERY = 2, 2, 4, 20
"""Of how many regions one is attacked in the ways that take long: an outsider who knows of the
table behind the published ones, twelve releases that leave months to come out, by belief, by belief
over all releases together."""
TABLES, BRUTE_TABLES, APART = 60, 200, 30

LEAST_REGIONS, LEAST_SMALL = 300, 10_000
LEAST_WIDTH, MOST_CHANGE, MOST_MOVED, MOST_SECONDS = 4, 1.9, 0.03, 2.0
"""Laws: of an interval, people on average, share of unchanged figures, seconds for a release."""

SO_FAR = "history of months until now"
RELEASES = "method over twelve releases"
_PROCESSES = 2


@dataclass(frozen=True)
class Release:
    """One monthly release of an invented region.

    Attributes:
        truths: The counts behind it.
        publication: What was published.
        open_cells: Cells whose period was not over.
        stayed: Counts that were the same in the release before.
        moved: Of these, those of which the figure changed all the same.
        further: Figures one step further from their count.
        seconds: How long the rounding took.
    """

    truths: Mapping[str, int]
    publication: Publication
    open_cells: frozenset[str]
    stayed: int
    moved: int
    further: int
    seconds: float


@dataclass
class Tally:
    """What came of some regions.

    Attributes:
        regions: How many.
        small: Cells of their last releases with a count from 1 to base - 1.
        releases: How many releases were rounded.
        cells: Figures in them.
        change: Sum of absolute changes, people.
        stayed: Counts that were the same in the release before.
        moved: Of these, those of which the figure changed all the same.
        further: Releases without a strict solution.
        sums_that_fail: Published sums of which the figures do not add up.
        far: Figures a base or more from their count.
        so_far: Regions that were attacked without months to come.
        stopped: Regions of which the attack stops the publication as it is, by way.
        together: Regions that publish their smallest municipalities together for that.
        most_together: The most municipalities that one had to publish together.
        longest: Seconds that the longest rounding took.
        results: What each way of attacking gave.
    """

    regions: int = 0
    small: int = 0
    releases: int = 0
    cells: int = 0
    change: int = 0
    stayed: int = 0
    moved: int = 0
    further: int = 0
    sums_that_fail: int = 0
    far: int = 0
    so_far: int = 0
    stopped: dict[str, int] = field(default_factory=dict)
    together: int = 0
    most_together: int = 0
    longest: float = 0.0
    results: dict[str, ModeResult] = field(default_factory=dict)

    @property
    def mean_change(self) -> float:
        """Give the mean absolute change of a figure."""
        return self.change / max(self.cells, 1)

    @property
    def share_moved(self) -> float:
        """Give the share of figures that moved though their count did not."""
        return self.moved / max(self.stayed, 1)

    def add(self, release: Release) -> None:
        """Add what the rounding of one release did."""
        figures = {one.cell: one.figure or 0 for one in release.publication.shown}
        changes = [abs(figures[cell] - truth) for cell, truth in release.truths.items()]
        self.releases += 1
        self.cells += len(changes)
        self.change += sum(changes)
        self.stayed += release.stayed
        self.moved += release.moved
        self.further += release.further > 0
        self.far += sum(change >= BASE for change in changes)
        self.sums_that_fail += sum(
            figures[one.total] != sum(figures[part] for part in one.parts)
            for one in release.publication.relations
        )
        self.longest = max(self.longest, release.seconds)

    def join(self, other: "Tally") -> None:
        """Add other regions."""
        most = max(self.most_together, other.most_together)
        for name, value in vars(other).items():
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)
        self.longest = max(self.longest, other.longest)
        self.most_together = most
        for way, number in other.stopped.items():
            self.stopped[way] = self.stopped.get(way, 0) + number
        for way, result in other.results.items():
            held = [self.results[way]] if way in self.results else []
            self.results[way] = combine(way, [*held, result])


def soak_protection(
    *,
    regions: int = REGIONS,
    tables: int = TABLES,
    brute_tables: int = BRUTE_TABLES,
    apart: int = APART,
) -> None:
    """Round and attack regions, and see that the attack finds what is to be found.

    Raises:
        SystemExit: A law does not hold, or fewer cases were seen than asked.
    """
    weak = attack_weak_ways(tables, brute_tables, apart, seed=SEED)
    tally = Tally()
    for one in _by_processes(range(regions)):
        tally.join(one)
    if broken := [*broken_laws(tally), *weak.broken(), *_missing(tally)]:
        raise SystemExit("; ".join(broken))
    write_evidence(
        "soak-protection",
        seed=SEED,
        counts={
            "regions": tally.regions,
            "small_cells": tally.small,
            "releases_rounded": tally.releases,
            "figures": tally.cells,
            **{f"cells_{_key(way)}": one.cells for way, one in tally.results.items()},
            "regions_with_the_cube": len(range(0, regions, CUBE_EVERY)),
            "regions_with_months_until_now": tally.so_far,
            "regions_method": len(range(0, regions, METHOD_EVERY)),
            "regions_method_over_twelve_releases": len(range(0, regions, LONG_EVERY)),
            "weak_tables": tables,
            "brute_force_tables": brute_tables,
            "regions_rounded_apart": apart,
        },
        results={
            **{_key(way): _told(one) for way, one in tally.results.items()},
            "mean_absolute_change_people": round(tally.mean_change, 3),
            "unchanged_figures_moved_share": round(tally.share_moved, 4),
            "longest_release_seconds": round(tally.longest, 3),
            "regions_stopped_as_they_are": dict(sorted(tally.stopped.items())),
            "regions_published_with_municipalities_together": tally.together,
            "most_municipalities_together": tally.most_together,
            "releases_without_strict_solution": tally.further,
            "sums_that_fail": tally.sums_that_fail,
            **weak.told(),
        },
    )


def attack_region(number: int) -> Tally:
    """Round twelve monthly releases of one region and attack them in every way.

    Where the attack stops them, the region does what it is told to do: it publishes its smallest
    municipalities together, two, then three and so on, until nothing is found.
    """
    region = make_region(np.random.default_rng([SEED, number]), number)
    tally = _attack_all(region, number)
    stopped = {_key(way): 1 for way, one in tally.results.items() if one.findings}
    together = 1
    while _is_stopped(tally) and together < len(region.municipalities) - 1:
        together += 1
        tally = _attack_all(_with_smallest_together(region, together), number)
    tally.stopped = stopped
    tally.together = int(together > 1)
    tally.most_together = together if together > 1 else 0
    return tally


def _is_stopped(tally: Tally) -> bool:
    return any(one.findings for one in tally.results.values())


def _with_smallest_together(region: Region, count: int) -> Region:
    """Give a region of which the smallest municipalities are one."""
    order = np.argsort(region.cube.sum(axis=(1, 2, 3)), kind="stable")
    apart, smallest = np.sort(order[count:]), order[:count]
    cube = np.concatenate([region.cube[apart], region.cube[smallest].sum(axis=0, keepdims=True)])
    return replace(region, cube=cube)


def _attack_all(region: Region, number: int) -> Tally:
    releases = list(_releases(region))
    last = releases[-1].publication
    tally = Tally(regions=1, small=len(region.published().small(BASE)))
    for release in releases:
        tally.add(release)
    own = {str(n): dict(region.known_to(n).truths) for n in range(region.organisations)}
    tally.results = {
        OUTSIDER: attack_outsider(last),
        INSIDER: attack_insider(last, own),
        NEIGHBOUR: attack_neighbour(last),
        HISTORY: attack_history(*_by_name(releases)),
    }
    if number % SO_FAR_EVERY == 0 or number % LONG_EVERY == 0:
        so_far = _by_name(list(_releases(region, so_far=True)))
        tally.results[SO_FAR] = attack_history(*so_far)
        tally.so_far = 1
        if number % LONG_EVERY == 0:
            tally.results[RELEASES] = attack_method(join_releases(*so_far))
    if number % CUBE_EVERY == 0:
        behind = Publication(last.shown, (*last.relations, *cube_sums(region)))
        tally.results[CUBE] = attack_outsider(behind)
    if number % METHOD_EVERY == 0:
        tally.results[METHOD] = attack_method([last])
    return tally


def broken_laws(tally: Tally) -> Iterator[str]:
    """Say which laws do not hold."""
    for way, one in tally.results.items():
        if one.pinned or one.two_values or one.within_two or one.findings:
            yield f"{way}: {_told(one)}, {[str(found) for found in one.findings[:5]]}"
    for way in (OUTSIDER, CUBE):
        narrowest = tally.results[way].narrowest
        if narrowest is None or narrowest < LEAST_WIDTH:
            yield f"{way}: the narrowest interval is {narrowest}"
    if tally.mean_change > MOST_CHANGE:
        yield f"figures change by {tally.mean_change:.2f} on average"
    if tally.share_moved > MOST_MOVED:
        yield f"{tally.share_moved:.1%} of unchanged figures moved"
    if tally.longest > MOST_SECONDS:
        yield f"a release took {tally.longest:.1f} seconds"
    if tally.sums_that_fail or tally.far > tally.further:
        yield f"{tally.sums_that_fail} sums fail, {tally.far} figures lie a base from their count"


def _by_name(
    releases: Sequence[Release],
) -> tuple[dict[str, Publication], dict[str, frozenset[str]]]:
    """Give publications and open cells by the number of the release."""
    numbered = {str(place): one for place, one in enumerate(releases)}
    return (
        {name: one.publication for name, one in numbered.items()},
        {name: one.open_cells for name, one in numbered.items()},
    )


def _releases(region: Region, *, so_far: bool = False) -> Iterator[Release]:
    """Round the region month after month, each time from the figures of the month before.

    Args:
        region: The region.
        so_far: Leave months that are still to come out, instead of counting nobody in them: the
            months that are over then add up to the year until now.
    """
    earlier: dict[str, Earlier] = {}
    chance = np.random.default_rng([SEED, int(region.cube.sum())])
    for known in monthly_releases(region, chance):
        published = _without_months_to_come(known) if so_far else known.published()
        started = time.process_time()
        made = round_jointly(
            published.truths,
            published.sums,
            key=KEY,
            region_id=region.region_id,
            base=BASE,
            earlier=earlier,
        )
        seconds = time.process_time() - started
        cells, months = published.truths, known.cube.shape[3]
        yield Release(
            truths=cells,
            publication=Publication(
                tuple(rounded(cell, figure, BASE) for cell, figure in made.figures.items()),
                tuple(Relation(one.total, one.parts) for one in published.sums),
            ),
            open_cells=frozenset(cell for cell in cells if is_open(cell, months)),
            stayed=sum(cells.get(cell) == was.truth for cell, was in earlier.items()),
            moved=len(made.moved),
            further=len(made.further),
            seconds=seconds,
        )
        earlier = {cell: Earlier(cells[cell], figure) for cell, figure in made.figures.items()}


def _without_months_to_come(known: Region) -> Published:
    """Count what is published by now: no month that is still to come."""
    published, months = known.published(), known.cube.shape[3]
    to_come = {
        name_of(ALL, ALL, f"{FIRST_YEAR + month // MONTHS}-{month % MONTHS + 1:02d}")
        for month in range(months, months + MONTHS)
    }
    sums = (
        Sum(one.total, tuple(part for part in one.parts if part not in to_come))
        for one in published.sums
    )
    truths = {cell: n for cell, n in published.truths.items() if cell not in to_come}
    return Published(truths, tuple(sums))


def _by_processes(numbers: Iterable[int]) -> Iterator[Tally]:
    """Attack regions two at a time, in order of their numbers."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    before = {name: os.environ.get(name) for name in single}
    os.environ.update(single)
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
            yield from pool.map(attack_region, numbers)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _missing(tally: Tally) -> Iterator[str]:
    """Say what there is too little of."""
    if tally.regions < LEAST_REGIONS or tally.small < LEAST_SMALL:
        yield f"only {tally.regions} regions with {tally.small} small cells were attacked"


def _key(way: str) -> str:
    return way.replace(" ", "_")


def _told(one: ModeResult) -> dict[str, int | None]:
    """Give what a way found, in words of the evidence."""
    if one.mode in (METHOD, RELEASES):
        return {"cells_on_two_values": one.two_values, "relaxed_groups": one.relaxed}
    return {
        "pinned": one.pinned,
        "within_width_two": one.within_two,
        "narrowest_width": one.narrowest,
        "relaxed_groups": one.relaxed,
    }
