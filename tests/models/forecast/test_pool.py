"""Any collection of series: rows for all that can be, intervals that cover, and no nonsense."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UsageError
from models.forecast import forecast, too_short
from models.forecast.calibration import LEVELS, PoolErrors, factors, shipped
from models.forecast.collection import MINIMUM_POINTS
from models.forecast.pool import COLUMNS, held_back
from tests.bench.generated import as_frame, generate

FREQUENCIES = ("Y", "Q", "M")
AHEAD = {"Y": 6, "Q": 8, "M": 18}


def series(values: list[float | None], name: str = "a", first: int = 2000) -> pl.DataFrame:
    return pl.DataFrame(
        {"series_id": name, "t": range(first, first + len(values)), "value": values},
        schema={"series_id": pl.String, "t": pl.Int64, "value": pl.Float64},
    )


@pytest.mark.reference
@pytest.mark.parametrize("small_counts", [False, True])
@pytest.mark.parametrize("freq", FREQUENCIES)
def test_intervals_of_a_pool_cover_known_futures(freq: str, small_counts: bool) -> None:
    worlds = generate(freq, 400, 31, small_counts=small_counts)
    ahead = AHEAD[freq]
    found = forecast(as_frame(worlds), ahead, freq).select("lo80", "hi80", "lo95", "hi95")
    ends = found.to_numpy().reshape(400, ahead, 4)
    actual = np.stack([world.future[:ahead] for world in worlds])
    assert 0.75 <= ((ends[..., 0] <= actual) & (actual <= ends[..., 1])).mean() <= 0.87
    assert 0.92 <= ((ends[..., 2] <= actual) & (actual <= ends[..., 3])).mean() <= 0.98


@pytest.mark.reference
@pytest.mark.parametrize("freq", FREQUENCIES)
def test_intervals_of_single_series_cover_known_futures(freq: str) -> None:
    worlds = generate(freq, 150, 32)
    inside = []
    for world in worlds:
        found = forecast(as_frame([world]), 6, freq)
        inside.append((found["lo80"].to_numpy() <= world.future[:6])
                      & (world.future[:6] <= found["hi80"].to_numpy()))  # fmt: skip
    assert 0.70 <= np.mean(inside) <= 0.90


@pytest.mark.reference
def test_the_combination_beats_the_last_value_where_there_are_trends_and_seasons() -> None:
    worlds = generate("M", 200, 33)
    mean = forecast(as_frame(worlds), 18, "M")["mean"].to_numpy().reshape(200, 18)
    actual = np.stack([world.future[:18] for world in worlds])
    last = np.stack([np.repeat(world.past[-1], 18) for world in worlds])
    ours, naive = (np.abs(path / actual - 1.0).mean() for path in (mean, last))
    assert ours < 0.85 * naive


@pytest.mark.unit
def test_the_table_is_as_declared_and_the_same_again() -> None:
    frame = as_frame(generate("Q", 12, 34))
    found = forecast(frame, 5, "Q")
    assert tuple(found.columns) == COLUMNS
    assert found["horizon"].to_list() == [1, 2, 3, 4, 5] * 12
    assert found["series_id"].is_sorted()
    ordered = found.select(
        (pl.col("lo95") <= pl.col("lo80"))
        & (pl.col("lo80") <= pl.col("mean"))
        & (pl.col("mean") <= pl.col("hi80"))
        & (pl.col("hi80") <= pl.col("hi95"))
    )
    assert ordered.to_series().all()
    assert found.equals(forecast(frame.sample(fraction=1.0, shuffle=True, seed=1), 5, "Q"))


@pytest.mark.unit
def test_dates_give_what_whole_numbers_give() -> None:
    values = [5.2, 6.1, 7.3, 8.2, 8.8, 10.4, 11.1]
    whole = series(values)
    dates = whole.with_columns(t=pl.Series([date(2000 + at, 12, 31) for at in range(7)]))
    texts = whole.with_columns(t=pl.Series([f"{2000 + at}-06-30" for at in range(7)]))
    assert forecast(whole, 3, "Y").equals(forecast(dates, 3, "Y"))
    assert forecast(whole, 3, "Y").equals(forecast(texts, 3, "Y"))


@pytest.mark.unit
def test_short_series_have_no_rows_and_are_named() -> None:
    short = series([1.0, 2.0, 3.0, None, 4.0, 5.0], "short")
    enough = series([1.0, 2.0, 4.0, 3.0, 5.0, 6.0], "enough")
    frame = pl.concat([short, enough])
    assert forecast(frame, 2, "Y")["series_id"].unique().to_list() == ["enough"]
    assert too_short(frame, "Y") == {"short": "5 points, at least 6 are needed"}
    assert forecast(short, 2, "Y").is_empty()
    assert forecast(short, 2, "Y").columns == list(COLUMNS)
    sparse = pl.DataFrame({"series_id": "s", "t": [0, 10, 20, 30, 40, 50], "value": 1.5})
    assert "gaps" in too_short(sparse, "Y")["s"]


@pytest.mark.unit
def test_a_gap_is_the_same_left_out_or_empty_and_hardly_moves_a_line() -> None:
    line = [100.0 + 3.0 * at for at in range(20)]
    full = series(line)
    empty = full.with_columns(value=pl.when(pl.col("t") == 2007).then(None).otherwise("value"))
    gone = full.filter(pl.col("t") != 2007)
    assert forecast(empty, 4, "Y").equals(forecast(gone, 4, "Y"))
    assert np.allclose(forecast(gone, 4, "Y")["mean"], forecast(full, 4, "Y")["mean"], rtol=0.01)


@pytest.mark.unit
def test_gaps_in_a_seasonal_series_are_filled_with_its_seasons() -> None:
    shape = np.array([30.0, -10.0, 0.0, -20.0])
    values: list[float | None] = list(200.0 + np.tile(shape, 8) + 0.1 * np.arange(32))
    full = forecast(series(values), 4, "Q")
    for gap in (8, 9, 19):
        values[gap] = None
    holed = forecast(series(values), 4, "Q")
    assert np.allclose(full["mean"], holed["mean"], atol=3.0)
    assert full["mean"].to_numpy() - full["mean"].mean() == pytest.approx(shape, abs=5.0)


@pytest.mark.unit
def test_small_counts_stay_above_nothing_and_large_ones_may_trend() -> None:
    dice = np.random.default_rng(9)
    small = forecast(series([float(x) for x in dice.poisson(1.2, 30)]), 6, "Y")
    assert (small["lo95"] >= 0.0).all()
    assert (small["hi95"] > small["mean"]).all()
    assert small["mean"].n_unique() == 1
    falling = forecast(series([float(500 - 30 * at) for at in range(15)]), 20, "Y")
    assert (falling.select("mean", "lo80", "lo95").to_numpy() >= 0.0).all()
    assert falling["mean"][3] < falling["mean"][0]


@pytest.mark.unit
@pytest.mark.parametrize("value", [0.0, 7.0, -3.5, 1e12])
def test_a_constant_stays_where_it_is(value: float) -> None:
    found = forecast(series([value] * 12), 4, "M")
    for column in COLUMNS[2:]:
        assert found[column].to_numpy() == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.properties
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 3)), min_size=6, max_size=30
    ),
    st.sampled_from(FREQUENCIES),
    st.integers(1, 30),
)
def test_no_forecast_leaves_ten_times_the_range(
    values: list[float], freq: str, horizon: int
) -> None:
    found = forecast(series(values), horizon, freq)
    assert found.height == horizon
    numbers = found.select(COLUMNS[2:]).to_numpy()
    assert np.isfinite(numbers).all()
    spread = max(np.ptp(values), abs(values[-1]), 1.0)
    assert np.abs(found["mean"].to_numpy() - np.mean(values)).max() <= 40.0 * spread
    if min(values) >= 0.0:
        assert numbers.min() >= 0.0


@pytest.mark.unit
def test_what_cannot_be_asked_is_refused() -> None:
    good = series([1.0] * 8)
    with pytest.raises(UsageError, match="no frequency"):
        forecast(good, 3, "W")
    with pytest.raises(UsageError, match="no horizon"):
        forecast(good, 0, "Y")
    with pytest.raises(RefusedError, match="lacks columns"):
        forecast(good.drop("t"), 3, "Y")
    with pytest.raises(RefusedError, match="more than one value"):
        forecast(pl.concat([good, good]), 3, "Y")
    with pytest.raises(RefusedError, match="infinite"):
        forecast(series([1.0] * 6 + [float("inf")]), 3, "Y")
    with pytest.raises(RefusedError, match="no numbers"):
        forecast(good.with_columns(value=pl.lit("x")), 3, "Y")


@pytest.mark.unit
@pytest.mark.parametrize("horizon", [1, 6, 18])
@pytest.mark.parametrize("points", [6, 7, 14, 40, 120])
def test_enough_points_are_left_where_the_last_are_held_back(points: int, horizon: int) -> None:
    cuts = held_back(points, horizon)
    assert len(cuts) <= 3
    assert all(points - cut >= MINIMUM_POINTS for cut in cuts)
    assert bool(cuts) == (points > MINIMUM_POINTS)


@pytest.mark.unit
def test_a_large_pool_takes_its_own_factors_and_a_small_one_mostly_the_shipped() -> None:
    def pooled(count: int) -> np.ndarray:
        sizes = np.random.default_rng(1).exponential(1.0, (count, 4))
        return factors("Y", PoolErrors(sizes=sizes, series=np.arange(count)), 4)

    own = np.quantile(np.random.default_rng(1).exponential(1.0, (400, 4)), LEVELS, axis=0)
    assert pooled(400) == pytest.approx(np.maximum.accumulate(own, axis=1))
    nothing = PoolErrors(sizes=np.zeros((0, 4)), series=np.zeros(0, dtype=np.int64))
    assert factors("Y", nothing, 4) == pytest.approx(shipped("Y", 4))
    assert np.abs(np.log(pooled(5) / shipped("Y", 4))).max() < 0.12


@pytest.mark.unit
@pytest.mark.parametrize("kind", [*FREQUENCIES, *(f"{freq}_count" for freq in FREQUENCIES)])
def test_shipped_factors_grow_with_the_horizon_and_go_on(kind: str) -> None:
    table = shipped(kind, 60)
    assert table.shape == (2, 60)
    assert (np.diff(table, axis=1) >= -1e-9).all()
    assert (table[1] > table[0]).all()
    assert table[0, 0] > 1.2
