"""The attack by belief against all tables weighed one by one, and against the method itself."""

import numpy as np
import pytest

from models.attack import Flaw, Publication, Relation, attack_method, below, exact, rounded
from models.attack.kernel import find_steps
from models.attack.posterior import believe, likelihood
from models.attack.replay import draw_targets, share_off_target
from models.attack.system import build_system
from tests.models.attack import brute
from tests.models.attack.tables import BASE, publish, sums, truths

MISSED = 0.2


def published(chance: np.random.Generator, table: np.ndarray) -> Publication:
    """Publish a table with figures next to its counts that add up: its parts lead."""
    while True:
        inner = {
            cell: int(BASE * ((n + chance.integers(0, BASE)) // BASE))
            for cell, n in truths(table).items()
            if "all" not in cell
        }
        figures = truths(np.array(list(inner.values())).reshape(table.shape))
        counts = truths(table)
        if all(
            abs(figures[cell] - n) < BASE and (n % BASE or figures[cell] == n)
            for cell, n in counts.items()
        ):
            return publish(figures, sums(*table.shape), BASE)


@pytest.mark.unit
def test_alone_a_figure_leaves_the_belief_that_offsets_give_by_counting_them() -> None:
    """Of five offsets, 5 - |x - f| give the figure f."""
    counted = [
        sum(BASE * ((x + offset) // BASE) == 10 for offset in range(BASE)) for x in range(6, 15)
    ]
    assert counted == [1, 2, 3, 4, 5, 4, 3, 2, 1]
    found = likelihood(np.arange(6, 15), {10}, BASE, 0.0)
    assert found * BASE == pytest.approx(counted)
    (belief,) = believe([Publication((rounded("a", 10, 5),))])[0].values()
    assert belief.values == (10, 9)
    assert belief.share == pytest.approx(9 / 25)


@pytest.mark.unit
def test_a_moved_figure_leaves_a_flat_belief_between_both() -> None:
    first, second = Publication((rounded("a", 5, 5),)), Publication((rounded("a", 10, 5),))
    (belief,) = believe([first, second])[0].values()
    assert belief.share == pytest.approx(2 / 4)
    (same,) = believe([first, first])[0].values()
    (once,) = believe([first])[0].values()
    assert same == once


@pytest.mark.unit
def test_less_than_ten_leaves_the_belief_of_both_figures_together() -> None:
    (belief,) = believe([Publication((below("a", 10, 5),))])[0].values()
    assert belief.share < 0.4


@pytest.mark.properties
def test_beliefs_are_those_of_all_tables_weighed_one_by_one() -> None:
    chance = np.random.default_rng(5)
    far = []
    for case in range(4):
        table = chance.poisson(4.0, (2, 2))
        publication = published(chance, table)
        figures = {one.cell: one.figure for one in publication.shown}

        def weigh(counts: dict[str, int], figures: dict[str, int] = figures) -> float:
            each = [
                likelihood(np.array([n]), {figures[cell]}, BASE, MISSED)[0]
                for cell, n in counts.items()
            ]
            return float(np.prod(each))

        expected = brute.shares(publication, 2, 2, weigh)
        beliefs, relaxed = believe([publication], seed=case, missed=MISSED, to_the_end=True)
        assert relaxed == 0
        assert beliefs.keys() == expected.keys()
        for cell, belief in beliefs.items():
            best = sorted(expected[cell].values(), reverse=True)[:2]
            far.append(belief.share - sum(best))
    assert np.abs(far).max() < 0.05
    assert abs(np.mean(far)) < 0.02


@pytest.mark.unit
def test_counts_that_are_all_but_known_are_found_where_no_interval_is_narrow() -> None:
    """Twenty cells shown as 0 in a total shown as 0: each is 0 to 4, and nearly surely 0 or 1."""
    parts = tuple(f"p{n:02d}" for n in range(20))
    publication = Publication(
        tuple(rounded(cell, 0, 5) for cell in ("all", *parts)), (Relation("all", parts),)
    )
    result = attack_method([publication])
    assert result.two_values == 20
    assert {(one.flaw, one.least, one.most) for one in result.findings} == {(Flaw.TWO_VALUES, 0, 1)}


@pytest.mark.unit
def test_a_few_cells_in_a_total_are_not_found() -> None:
    parts = ("a", "b", "c")
    publication = Publication(
        (*(rounded(cell, 5, 5) for cell in parts), rounded("all", 15, 5)),
        (Relation("all", parts),),
    )
    result = attack_method([publication])
    assert (result.cells, result.two_values, result.findings) == (4, 0, ())


@pytest.mark.unit
def test_the_same_seed_gives_the_same_beliefs() -> None:
    publication = published(np.random.default_rng(3), np.full((3, 3), 4))
    assert believe([publication], seed=4) == believe([publication], seed=4)


@pytest.mark.unit
def test_steps_keep_every_sum_and_reach_every_direction() -> None:
    publication = publish(truths(np.full((3, 4), 5)), sums(3, 4), BASE)
    (group,) = build_system([publication])[0].groups()
    rows = group.rows[np.flatnonzero(group.sums)].toarray().astype(np.int64)
    steps = find_steps(rows, np.random.default_rng(1))
    assert not (rows @ np.array(steps).T).any()
    free = rows.shape[1] - np.linalg.matrix_rank(rows)
    assert free == 12
    assert np.linalg.matrix_rank(np.array(steps)) == free


@pytest.mark.unit
def test_targets_are_right_on_average_and_next_to_their_count() -> None:
    counts = np.full(20_000, 7)
    targets = draw_targets(counts, BASE, np.random.default_rng(1))
    assert set(targets.tolist()) == {5, 10}
    assert targets.mean() == pytest.approx(7, abs=0.1)


@pytest.mark.unit
def test_replaying_says_how_often_sums_move_a_figure_from_its_target() -> None:
    """Alone none is moved; in a table with margins some are, and never most of them."""
    table = np.random.default_rng(2).poisson(7.0, (5, 4))
    publication = publish(
        {cell: n // BASE * BASE for cell, n in truths(table).items()}, sums(5, 4), BASE
    )
    (group,) = build_system([publication])[0].groups()
    counts = np.array([truths(table)[name] for name in group.names])
    bases = dict.fromkeys(group.names, BASE)
    shares = [
        share_off_target(group, counts, bases, np.random.default_rng(seed)) for seed in range(10)
    ]
    assert all(share is not None and 0 < share < 0.5 for share in shares)
    alone = build_system([Publication((rounded("a", 5, 5), exact("b", 3)))])[0]
    assert share_off_target(alone, np.array([7]), {"a": 5}, np.random.default_rng(1)) == 0.0
