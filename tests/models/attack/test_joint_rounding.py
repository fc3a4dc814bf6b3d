"""The attack on tables that the product rounded together: nothing is known, nothing is narrow."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from models.attack import (
    Publication,
    Relation,
    attack_history,
    attack_insider,
    attack_method,
    attack_neighbour,
    attack_outsider,
)
from models.protect import Earlier, Sum, round_jointly
from tests.models.attack.tables import BASE, draw_table, publish, sums, truths

pytestmark = pytest.mark.properties

KEY = b"a key for tests, of 32 bytes or so"
REGION = "voorbeeld"
ALL = "all"


def protect(
    counts: dict[str, int], relations: tuple[Relation, ...], base: int = BASE, **more: object
) -> dict[str, int]:
    """Round counts together and give their figures."""
    added = [Sum(one.total, one.parts) for one in relations]
    made = round_jointly(counts, added, key=KEY, region_id=REGION, base=base, **more)  # type: ignore[arg-type]
    return dict(made.figures)


def linked(cube: NDArray[np.int64]) -> tuple[dict[str, int], tuple[Relation, ...]]:
    """Give the tables in two ways of a cube, all margins, and the sums of them."""
    counts, relations = {}, []
    sides = [[*range(size), ALL] for size in cube.shape]
    for place in itertools.product(*sides):
        if ALL in place:
            at = tuple(slice(None) if one == ALL else one for one in place)
            counts["/".join(map(str, place))] = int(cube[at].sum())
            for side, size in enumerate(cube.shape):
                if place[side] == ALL and place.count(ALL) > 1:
                    parts = [
                        "/".join(map(str, (*place[:side], one, *place[side + 1 :])))
                        for one in range(size)
                    ]
                    relations.append(Relation("/".join(map(str, place)), tuple(parts)))
    return counts, tuple(relations)


def with_cube(shape: tuple[int, ...]) -> tuple[Relation, ...]:
    """Give the sums over the cube itself, which nobody published."""

    def named(place: tuple[int, ...], side: int, one: int | str) -> str:
        return "/".join(map(str, (*place[:side], one, *place[side:])))

    return tuple(
        Relation(
            named(place, side, ALL), tuple(named(place, side, one) for one in range(shape[side]))
        )
        for side in range(3)
        for place in itertools.product(*(range(n) for at, n in enumerate(shape) if at != side))
    )


@pytest.mark.parametrize(("base", "narrowest"), [(5, 4), (10, 9)])
def test_nothing_is_known_of_tables_that_were_rounded_together(base: int, narrowest: int) -> None:
    chance = np.random.default_rng(base)
    cells = 0
    for _ in range(8):
        table = draw_table(chance)
        relations = sums(*table.shape)
        figures = protect(truths(table), relations, base)
        result = attack_outsider(publish(figures, relations, base))
        assert (result.pinned, result.within_two, result.findings) == (0, 0, ())
        assert result.narrowest is not None and result.narrowest >= min(narrowest, 6)
        cells += result.cells
    assert cells == 8 * 70


def test_nothing_is_known_of_linked_tables_with_the_cube_behind_them() -> None:
    chance = np.random.default_rng(3)
    for _ in range(4):
        cube = chance.poisson(chance.gamma(0.6, 2.0, (5, 3, 4)))
        counts, relations = linked(cube)
        publication = publish(protect(counts, relations), relations, BASE)
        behind = Publication(publication.shown, (*relations, *with_cube(cube.shape)))
        for each in (publication, behind):
            result = attack_outsider(each)
            assert (result.pinned, result.within_two, result.findings) == (0, 0, ())
            assert result.narrowest is not None and result.narrowest >= 4
        assert attack_outsider(behind).cells == cube.size + len(counts)


def test_no_organisation_and_no_neighbour_learns_of_others() -> None:
    chance = np.random.default_rng(4)
    for _ in range(3):
        table = draw_table(chance)
        relations = sums(*table.shape)
        publication = publish(protect(truths(table), relations), relations, BASE)
        parts = chance.multinomial(table.ravel(), [0.4, 0.3, 0.2, 0.1])
        own = {f"organisation {n}": truths(parts[:, n].reshape(table.shape)) for n in range(4)}
        insider = attack_insider(publication, own)
        assert (insider.cells, insider.pinned, insider.findings) == (4 * 70, 0, ())
        neighbour = attack_neighbour(publication)
        assert (neighbour.pinned, neighbour.findings) == (0, ())
        assert neighbour.cells > 70


def test_twelve_monthly_releases_together_tell_no_more() -> None:
    """A few people come in a month; cells that did not change keep their figures."""
    chance = np.random.default_rng(12)
    months = 24
    monthly = chance.poisson(1.2, (5, months))
    releases, open_cells = {}, {}
    earlier: dict[str, Earlier] = {}
    for last in range(12, months):
        counts: dict[str, int] = {}
        relations: list[Relation] = []
        for month in range(last - 11, last + 1):
            for row in range(5):
                counts[f"{month}/{row}"] = int(monthly[row, month])
            counts[f"{month}/all"] = int(monthly[:, month].sum())
            parts = tuple(f"{month}/{row}" for row in range(5))
            relations.append(Relation(f"{month}/all", parts))
        counts[f"year {last}"] = int(monthly[:, last - 11 : last + 1].sum())
        window = tuple(f"{month}/all" for month in range(last - 11, last + 1))
        relations.append(Relation(f"year {last}", window))
        figures = protect(counts, tuple(relations), earlier=earlier)
        earlier = {cell: Earlier(counts[cell], figure) for cell, figure in figures.items()}
        releases[str(last)] = publish(figures, tuple(relations), BASE)
        open_cells[str(last)] = frozenset[str]()
    result = attack_history(releases, open_cells)
    assert (result.pinned, result.within_two, result.findings) == (0, 0, ())
    assert result.cells == 23 * 6 + 12


def test_the_method_tells_no_count_apart() -> None:
    chance = np.random.default_rng(9)
    table = draw_table(chance, 5, 4)
    relations = sums(*table.shape)
    result = attack_method([publish(protect(truths(table), relations), relations, BASE)])
    assert (result.cells, result.two_values, result.findings) == (30, 0, ())
