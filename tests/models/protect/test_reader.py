"""What a reader of one rounded table can find out, by trying every table that fits it."""

import numpy as np
import pytest

from models.protect import round_jointly
from tests.models.protect.brute import bounds, known_from_rounding, with_margins
from tests.models.protect.test_rounding import KEY, REGION, two_way


def rounded_table(inner: np.ndarray, base: int) -> np.ndarray:
    """Round a table and its margins, and lay it out again."""
    truths, sums = two_way(inner.tolist())
    found = round_jointly(truths, sums, key=KEY, region_id=REGION, base=base)
    whole = with_margins(inner)
    return np.array([found.figures[f"{i}/{j}"] for i, j in np.ndindex(whole.shape)]).reshape(
        whole.shape
    )


@pytest.mark.reference
@pytest.mark.parametrize(("base", "tables", "largest"), [(5, 25, 3), (10, 12, 2)])
def test_no_cell_or_margin_of_a_rounded_table_is_narrowed_below_the_base(
    base: int, tables: int, largest: int
) -> None:
    rng = np.random.default_rng(101)
    small = 0
    for _ in range(tables):
        shape = (int(rng.integers(2, largest + 1)), int(rng.integers(2, largest + 1)))
        inner = rng.integers(0, base + 2, size=shape)
        truths, figures = with_margins(inner), rounded_table(inner, base)
        least, most = bounds(*known_from_rounding(figures, base))
        assert np.all(least <= truths)
        assert np.all(most >= truths)
        assert np.all(most - least >= base - 1)
        assert np.all(most == figures + base - 1)
        small += int(np.sum((truths > 0) & (truths < base)))
    assert small > 40


@pytest.mark.reference
def test_rounding_every_cell_by_itself_would_narrow_some_of_them() -> None:
    # The margins of independent rounding are no sums, and what they differ by tells of the truths.
    rng = np.random.default_rng(102)
    narrowest = 5
    for _ in range(25):
        truths = with_margins(rng.integers(0, 7, size=(3, 3)))
        nearest = (truths + 2) // 5 * 5
        least, most = bounds(np.maximum(nearest - 2, 0), nearest + 2)
        narrowest = min(narrowest, int((most - least).min()))
    assert narrowest <= 2
