"""The attacker against what is known: all tables tried one by one, and weak ways of publishing."""

import numpy as np
import pytest

from models.attack import (
    Flaw,
    Publication,
    Relation,
    attack_outsider,
    below,
    exact,
    rounded,
    suppressed,
)
from models.attack.bounds import find_bounds
from models.attack.system import build_system
from models.errors import UitstroomError
from tests.models.attack import brute
from tests.models.attack.tables import (
    BASE,
    draw_table,
    is_small,
    publish,
    publish_nearest,
    publish_with_holes,
    sums,
    truths,
)

NO_LIMIT = 10**9


def all_bounds(publication: Publication) -> dict[str, tuple[int, int | None]]:
    """Give the worked-out interval of every hidden cell."""
    system, clashes = build_system([publication])
    assert not clashes
    return {
        cell: (one.least, one.most)
        for group in system.groups()
        for cell, one in find_bounds(group, wide=NO_LIMIT).items()
    }


@pytest.mark.properties
def test_every_pin_that_trying_all_tables_finds_is_found_and_no_other() -> None:
    chance = np.random.default_rng(200)
    pinned = 0
    for _ in range(200):
        rows, columns = (int(n) for n in chance.integers(2, 4, 2))
        table = chance.poisson(chance.uniform(1, 6), (rows, columns))
        publication = publish_with_holes(table)
        expected = brute.intervals(publication, rows, columns)
        hidden = set(publication.hidden)
        found = all_bounds(publication)
        assert found == {cell: expected[cell] for cell in hidden}
        pins = {cell for cell in hidden if expected[cell][0] == expected[cell][1]}
        result = attack_outsider(publication)
        assert {one.cell for one in result.findings if one.flaw is Flaw.PINNED} == pins
        assert result.pinned == len(pins)
        assert all(truths(table)[cell] == expected[cell][0] for cell in pins)
        pinned += len(pins)
    assert pinned > 100


@pytest.mark.properties
def test_intervals_of_rounded_tables_are_those_of_all_tables_that_fit() -> None:
    """Figures are chosen at random next to their counts, so that they need not add up."""
    chance = np.random.default_rng(201)
    for _ in range(60):
        table = chance.poisson(chance.uniform(1, 6), (2, 2))
        figures = {
            cell: int(BASE * ((n + chance.integers(0, BASE)) // BASE))
            for cell, n in truths(table).items()
        }
        publication = publish(figures, sums(2, 2), BASE)
        assert all_bounds(publication) == brute.intervals(publication, 2, 2)


@pytest.mark.properties
def test_primary_suppression_alone_gives_hundreds_of_people_away() -> None:
    chance = np.random.default_rng(60)
    pinned = within = 0
    for _ in range(60):
        table = draw_table(chance)
        result = attack_outsider(publish_with_holes(table))
        assert result.cells == sum(map(is_small, truths(table).values()))
        pinned += result.pinned
        within += result.within_two
        for found in result.findings:
            assert found.least is not None and found.most is not None
            assert found.least <= truths(table)[found.cell] <= found.most
    assert pinned >= 200
    assert within > pinned


@pytest.mark.properties
def test_rounding_cells_apart_is_flagged() -> None:
    chance = np.random.default_rng(61)
    for _ in range(10):
        result = attack_outsider(publish_nearest(draw_table(chance)))
        assert {found.flaw for found in result.findings} >= {Flaw.NOT_ADDITIVE}


@pytest.mark.properties
def test_rounding_to_the_nearest_leaves_narrow_intervals_where_that_is_known() -> None:
    table = draw_table(np.random.default_rng(62))
    shown = tuple(
        suppressed(one.cell, max(0, (one.figure or 0) - 2), (one.figure or 0) + 2)
        for one in publish_nearest(table).shown
    )
    result = attack_outsider(Publication(shown, sums(*table.shape)))
    assert result.within_two > 10


@pytest.mark.unit
def test_figures_behind_less_than_ten_are_given_back_by_their_sum() -> None:
    """10 shown over two cells of "<10" means 5 and 5: one to nine each, and together six or more.

    Taken by itself "<10" says 0 to 9.
    """
    shown = (rounded("all", 10, 5), below("a", 10, 5), below("b", 10, 5))
    assert all_bounds(Publication(shown, (Relation("all", ("a", "b")),))) == {
        "all": (6, 14),
        "a": (1, 9),
        "b": (1, 9),
    }
    assert all_bounds(Publication((below("a", 10, 5),))) == {"a": (0, 9)}
    assert all_bounds(Publication((below("a", 10, 10),))) == {"a": (0, 9)}


@pytest.mark.unit
def test_a_cell_that_another_file_shows_exactly_is_pinned() -> None:
    result = attack_outsider(Publication((rounded("a", 5, 5), exact("a", 7))))
    assert (result.pinned, result.narrowest) == (1, 0)
    assert [(one.flaw, one.least, one.most) for one in result.findings] == [(Flaw.PINNED, 7, 7)]


@pytest.mark.unit
def test_files_that_cannot_both_be_true_are_a_finding() -> None:
    result = attack_outsider(Publication((rounded("a", 5, 5), exact("a", 27))))
    assert Flaw.CONTRADICTION in {one.flaw for one in result.findings}


@pytest.mark.unit
def test_cells_that_were_never_published_are_judged_too() -> None:
    publication = Publication(
        (exact("all", 9), exact("a", 5), rounded("b", 0, 5)), (Relation("all", ("a", "b", "c")),)
    )
    assert all_bounds(publication) == {"b": (0, 4), "c": (0, 4)}
    whole = Publication((exact("all", 9), exact("a", 5)), (Relation("all", ("a", "c")),))
    assert all_bounds(whole) == {"c": (4, 4)}


@pytest.mark.unit
def test_a_sum_that_is_no_sum_of_two_ways_is_solved_in_whole_numbers() -> None:
    """Three pairs of three cells: halves would fit a total of three, whole numbers do not."""
    pairs = {"ab": ("a", "b"), "bc": ("b", "c"), "ac": ("a", "c")}
    shown = [suppressed(cell, 0, 1) for cell in "abc"] + [suppressed(cell, 1, 1) for cell in pairs]
    added = [Relation(total, parts) for total, parts in pairs.items()]
    publication = Publication(tuple(shown), tuple(added))
    result = attack_outsider(publication)
    assert Flaw.CONTRADICTION in {one.flaw for one in result.findings}


@pytest.mark.unit
def test_figures_one_step_further_are_counted_and_given_wider_ranges() -> None:
    """A total shown as 10 is 6 or more; parts shown as 0 and exactly 0 are 4 at most."""
    shown = (rounded("all", 10, 5), rounded("a", 0, 5), exact("b", 0))
    result = attack_outsider(Publication(shown, (Relation("all", ("a", "b")),)))
    assert result.relaxed == 1
    assert result.pinned == 0


@pytest.mark.unit
def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(UitstroomError, match="multiple of the base"):
        Publication((rounded("a", 7, 5),))
    with pytest.raises(UitstroomError, match="a total and other cells"):
        Publication((exact("a", 7),), (Relation("a", ("a",)),))
