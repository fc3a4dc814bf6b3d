"""The run as of 2021-12, the only one that the published 1,450 may be compared with."""

import polars as pl
import pytest

from tests.golden.covenant_window import FILE, compute

pytestmark = pytest.mark.golden


def test_the_covenants_window_gives_the_stored_figures() -> None:
    now, stored = compute(), pl.read_csv(FILE)
    assert now.drop("mean", "p10", "p50", "p90").equals(stored.drop("mean", "p10", "p50", "p90"))
    for column in ("mean", "p10", "p50", "p90"):
        apart = (now[column] - stored[column]).abs()
        assert apart.max() <= 1, (column, now.filter(apart > 1), stored.filter(apart > 1))
