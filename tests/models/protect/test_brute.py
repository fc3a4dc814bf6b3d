"""The oracle of small tables against plain trial of every table."""

from collections import Counter

import numpy as np
import pytest

from tests.models.protect.brute import (
    bounds,
    count_values,
    every_table,
    known_from_rounding,
    known_from_suppression,
    pins,
    with_margins,
)


def tallied(tables: list[np.ndarray]) -> dict[tuple[int, int], dict[int, int]]:
    places = list(np.ndindex(tables[0].shape))
    counts = {place: Counter(int(table[place]) for table in tables) for place in places}
    return {place: dict(sorted(found.items())) for place, found in counts.items()}


@pytest.mark.reference
def test_counts_of_suppressed_tables_are_those_of_trying_every_table() -> None:
    rng = np.random.default_rng(81)
    for _ in range(12):
        shape = (int(rng.integers(2, 4)), int(rng.integers(2, 4)))
        truths = with_margins(rng.integers(0, 4, size=shape))
        low, high = known_from_suppression(truths, 3)
        tables = every_table(low, high)
        assert any(np.array_equal(table, truths) for table in tables)
        assert count_values(low, high) == tallied(tables)


@pytest.mark.reference
def test_counts_of_rounded_tables_are_those_of_trying_every_table() -> None:
    rng = np.random.default_rng(82)
    for _ in range(6):
        figures = with_margins(5 * rng.integers(0, 3, size=(2, 2)))
        low, high = known_from_rounding(figures, 5)
        assert count_values(low, high) == tallied(every_table(low, high))


@pytest.mark.unit
def test_a_lone_hidden_cell_is_pinned_by_its_row() -> None:
    truths = with_margins(np.array([[2, 9, 9], [7, 8, 9], [9, 7, 6]]))
    low, high = known_from_suppression(truths, 5)
    assert pins(low, high) == [(0, 0)]
    least, most = bounds(low, high)
    assert least[0, 0] == most[0, 0] == 2
    assert np.array_equal(np.delete(least, (0, 0)), np.delete(truths, (0, 0)))


@pytest.mark.unit
def test_a_square_of_hidden_cells_is_not_pinned() -> None:
    truths = with_margins(np.array([[2, 2, 9], [2, 2, 9], [9, 7, 6]]))
    low, high = known_from_suppression(truths, 5)
    assert pins(low, high) == []
    assert count_values(low, high)[0, 0] == {1: 1, 2: 1, 3: 1}


@pytest.mark.unit
def test_rounding_leaves_a_zero_figure_from_nothing_to_a_base_less_one() -> None:
    low, high = known_from_rounding(with_margins(np.array([[0, 5], [5, 10]])), 5)
    assert (low[0, 0], high[0, 0]) == (0, 4)
    assert (low[1, 1], high[1, 1]) == (6, 14)


@pytest.mark.unit
def test_figures_that_no_table_fits_are_told() -> None:
    low = high = np.array([[1, 1, 2], [1, 1, 2], [2, 2, 5]])
    with pytest.raises(ValueError, match="no table fits"):
        bounds(low, high)
