"""The scorecard: known measures, origins that see no future, and a yardstick that can win."""

import numpy as np
import polars as pl
import pytest

from models.forecast import forecast_inflow
from models.forecast.scorecard import (
    Outcome,
    measures_of,
    score_households,
    score_inflow,
    score_supply,
)
from models.forecast.tables import forecast_tables
from models.tables import shape_table
from tests.models.forecast.test_households import facts
from tests.models.forecast.test_inflow import AS_OF, GROUP, history
from tests.models.forecast.test_supply import CELLS, SCHEMA, stock
from tests.models.invented import make_resolved


def inflow_scores(counts: np.ndarray) -> pl.DataFrame:
    found = forecast_inflow(history(counts), make_resolved(GROUP), as_of=AS_OF)
    return shape_table("mart_forecast__scorecard", score_inflow(found, "proeftuin"))


@pytest.mark.reference
def test_the_measures_of_a_worked_example() -> None:
    outcomes = [
        Outcome(1, 12.0, 10.0, 14.0, naive=8.0, scale=4.0, actual=10.0),
        Outcome(1, 9.0, 8.0, 10.0, naive=13.0, scale=2.0, actual=13.0),
    ]
    found = measures_of(outcomes)
    assert found["origins"] == 2
    assert found["mase"] == pytest.approx((2 / 4 + 4 / 2) / 2)
    assert found["skill"] == pytest.approx(1 - 3 / 1)
    assert found["coverage80"] == 0.5
    assert found["bias"] == pytest.approx(-1.0)
    assert found["beats_naive"] is False


@pytest.mark.unit
def test_what_has_no_yardstick_is_empty() -> None:
    found = measures_of([Outcome(1, 5.0, 5.0, 5.0, naive=5.0, scale=float("nan"), actual=5.0)])
    assert (found["mase"], found["skill"], found["beats_naive"]) == (None, None, False)


@pytest.mark.unit
def test_every_year_ahead_has_its_origins() -> None:
    scores = inflow_scores(np.random.default_rng(1).poisson(8.0, 96))
    assert scores["horizon_years"].to_list() == [1, 2, 3, 4, 5]
    assert scores["origins"].to_list() == [6, 5, 4, 3, 2]
    assert scores["series_id"].unique().to_list() == ["shelter"]


@pytest.mark.reference
def test_a_steady_level_beats_the_last_year_and_a_staircase_does_not() -> None:
    steady = inflow_scores(np.random.default_rng(2).poisson(6.0, 120))
    assert steady["skill"][0] > 0.1
    assert steady["beats_naive"][0]
    stairs = np.repeat([4, 4, 4, 4, 4, 4, 4, 4, 30, 30], 12)
    assert not inflow_scores(stairs)["beats_naive"][0]


@pytest.mark.properties
def test_an_origin_sees_no_future() -> None:
    """The last year moves only what was forecast for that year."""
    counts = np.random.default_rng(3).poisson(9.0, 72)
    other = counts.copy()
    other[-12:] = 0
    one, two = (
        forecast_inflow(history(x), make_resolved(GROUP), as_of=AS_OF) for x in (counts, other)
    )
    first, second = (score_inflow(found, "x") for found in (one, two))
    # From two known years on: of each horizon, one origin is held against the last year.
    known = {1: 4, 2: 3, 3: 2, 4: 1}
    assert dict(first.select("horizon_years", "origins").iter_rows()) == known
    change = counts[-12:].sum()
    for row, changed in zip(first.iter_rows(named=True), second.iter_rows(named=True), strict=True):
        moved = (changed["bias"] - row["bias"]) * row["origins"]
        assert moved == pytest.approx(change, abs=1e-6)


@pytest.mark.unit
def test_lettings_are_scored_by_municipality_and_for_the_region() -> None:
    scores = shape_table("mart_forecast__scorecard", score_supply(stock(CELLS), "proeftuin"))
    assert set(scores["series_id"]) == {"GM9001", "GM9002", "GM9003", "all"}
    region = scores.filter(series_id="all", series_kind="relets")
    assert region["origins"].to_list() == [5, 4, 3, 2, 1]
    assert region["beats_naive"].any()
    assert scores["coverage80"].mean() > 0.7


@pytest.mark.unit
def test_households_are_scored_over_the_published_years() -> None:
    made = score_households(facts(), ["GM0001"], "proeftuin", as_of=AS_OF + 12)
    row = shape_table("mart_forecast__scorecard", made).row(0, named=True)
    assert (row["horizon_years"], row["origins"], row["mase"]) == (4, 1, None)
    assert row["beats_naive"]


@pytest.mark.unit
def test_a_region_with_inflow_alone_has_all_tables() -> None:
    inflow = forecast_inflow(history(np.full(24, 5)), make_resolved(GROUP), as_of=AS_OF)
    nothing = pl.DataFrame(schema=SCHEMA)
    tables = forecast_tables(inflow, nothing, facts().clear(), ["GM0001"], "proeftuin")
    shaped = {name: shape_table(name, frame) for name, frame in tables.items()}
    assert shaped["mart_supply__yearly_municipality"].is_empty()
    assert shaped["mart_forecast__households"].is_empty()
    assert shaped["mart_forecast__inflow"].height > 0
    short = forecast_inflow(history(np.full(14, 5)), make_resolved(GROUP), as_of=AS_OF)
    tables = forecast_tables(short, nothing, facts().clear(), ["GM0001"], "proeftuin")
    assert shape_table("mart_forecast__scorecard", tables["mart_forecast__scorecard"]).is_empty()
