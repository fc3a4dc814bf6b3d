"""Inflow: methods that are named, spreads that cover, and histories that are too short."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtri
from scipy.stats import poisson

from models.errors import RefusedError
from models.forecast import InflowForecast, SeriesForecast, forecast_inflow, members
from models.forecast.members import (
    METHODS,
    run_method,
    to_even_spread,
    to_intensity,
)
from models.months import format_month, month_of
from models.params import StructuralBreak
from models.records import Source
from models.tables import shape_table
from tests.models.invented import fix, make_resolved

AS_OF = month_of(2025, 12)
GROUP = ("shelter",)


def history(counts: np.ndarray, group: str = "shelter") -> pl.DataFrame:
    months = [format_month(AS_OF - age) for age in range(counts.size)][::-1]
    return pl.DataFrame(
        {"target_group": group, "month": months, "registrations": counts.astype(np.int64)}
    )


def forecast(counts: np.ndarray) -> SeriesForecast:
    return forecast_inflow(history(counts), make_resolved(GROUP), as_of=AS_OF).series["shelter"]


def mart(counts: np.ndarray) -> pl.DataFrame:
    found = forecast_inflow(history(counts), make_resolved(GROUP), as_of=AS_OF)
    return shape_table("mart_forecast__inflow", found.table("proeftuin"))


def counts_at(mean: float, months: int = 60, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, size=months)


def poisson_mean_of_transform(mean: float) -> float:
    counts = np.arange(0, int(mean + 20 * np.sqrt(mean + 1)) + 20)
    return float(poisson.pmf(counts, mean) @ to_even_spread(counts.astype(float)))


@pytest.mark.reference
@pytest.mark.parametrize(
    ("mean", "tolerance"), [(0.05, 0.01), (0.5, 0.01), (2.0, 0.01), (9.0, 0.03), (400.0, 0.03)]
)
def test_the_count_of_a_mean_level_is_the_mean_of_the_counts(mean: float, tolerance: float) -> None:
    level = poisson_mean_of_transform(mean)
    assert to_intensity(np.array([level]))[0] == pytest.approx(mean, abs=tolerance)


@pytest.mark.unit
def test_a_history_without_anybody_forecasts_nobody_at_its_centre() -> None:
    found = forecast(np.zeros(48))
    assert to_intensity(found.centre).max() == 0.0
    assert found.base_rate == 0.0
    ahead = mart(np.zeros(48)).filter(is_forecast=True)
    assert ahead["mean"].max() < 1.0


@pytest.mark.unit
def test_levels_below_nothing_are_nothing_and_counts_rise_with_the_level() -> None:
    levels = np.linspace(-3.0, 6.0, 2001)
    counts = to_intensity(levels)
    assert (counts[levels < 1.22] == 0.0).all()
    assert (np.diff(counts) >= 0.0).all()


@pytest.mark.unit
@pytest.mark.parametrize("mean", [4.0, 40.0])
def test_twice_the_history_is_twice_the_forecast(mean: float) -> None:
    counts = counts_at(mean)
    once, twice = mart(counts), mart(2 * counts)
    for one, two in zip(
        once.filter(is_forecast=True)["mean"], twice.filter(is_forecast=True)["mean"], strict=True
    ):
        assert two / one == pytest.approx(2.0, rel=0.10)


@pytest.mark.unit
@pytest.mark.parametrize("mean", [0.3, 3.0, 30.0])
def test_a_steady_history_goes_on_at_its_level(mean: float) -> None:
    counts = counts_at(mean, months=84)
    table = mart(counts).filter(is_forecast=True)
    error = 4 * np.sqrt(counts.mean() / counts.size)
    for monthly in table["mean"] / table["months_covered"]:
        assert abs(monthly - counts.mean()) < error + 0.12 * counts.mean()


@pytest.mark.unit
def test_large_series_combine_four_methods_and_small_ones_use_the_level_alone() -> None:
    large, small = mart(counts_at(40.0)), mart(counts_at(4.0))
    assert large["models"].unique().to_list() == ["local_level, theta, damped_trend, drift"]
    assert large["weights"].unique().to_list() == ["0.250, 0.250, 0.250, 0.250"]
    assert small["models"].unique().to_list() == ["local_level"]
    assert small["weights"].unique().to_list() == ["1.000"]
    assert list(METHODS) == ["theta", "damped_trend", "drift"]


@pytest.mark.unit
def test_observed_years_are_printed_as_they_are() -> None:
    counts = counts_at(4.0, months=30)
    table = mart(counts)
    observed = table.filter(is_forecast=False)
    assert observed["year"].to_list() == [2023, 2024, 2025]
    assert observed["months_covered"].to_list() == [6, 12, 12]
    assert observed["mean"].to_list() == [
        float(counts[:6].sum()),
        float(counts[6:18].sum()),
        float(counts[18:].sum()),
    ]
    ahead = table.filter(is_forecast=True)
    assert ahead["year"].to_list() == list(range(2026, 2036))
    assert (ahead["lo80"] <= ahead["mean"]).all()
    assert (ahead["mean"] <= ahead["hi80"]).all()
    width = ahead["hi80"] - ahead["lo80"]
    assert width[9] > width[0]


def draws_of(series: SeriesForecast, drift: float, months: int, draws: int) -> np.ndarray:
    dice = np.random.default_rng(11)
    level, shocks = ndtri(dice.random(draws)), ndtri(dice.random((months, draws)))
    return dice.poisson(series.paths(level, shocks, np.full(draws, drift)))


@pytest.mark.reference
@pytest.mark.parametrize(("mean", "drift"), [(2.0, 0.05), (40.0, 0.05)])
def test_intervals_cover_generated_futures(mean: float, drift: float) -> None:
    """Forty worlds whose level walks by `drift` a year: about 80 % of futures lie inside.

    A wide net for gross errors; the coverage study with its hundreds of worlds is a bench.
    """
    dice = np.random.default_rng(42)
    past, ahead, inside = 72, (12, 36, 120), []
    for _ in range(40):
        walk = np.cumsum(dice.normal(0.0, drift / np.sqrt(12.0), past + 120))
        counts = dice.poisson(mean * np.exp(walk - walk[past - 1]))
        series = forecast(counts[:past])
        drawn = draws_of(series, 0.05, 120, 512)
        for months in ahead:
            low, high = np.quantile(drawn[:months].sum(axis=0), (0.1, 0.9))
            inside.append(low <= counts[past : past + months].sum() <= high)
    assert 0.65 <= np.mean(inside) <= 0.95


@pytest.mark.unit
def test_paths_spread_with_time_and_keep_their_middle() -> None:
    series = forecast(counts_at(10.0))
    dice = np.random.default_rng(5)
    level, shocks = ndtri(dice.random(4096)), ndtri(dice.random((144, 4096)))
    paths = series.paths(level, shocks, np.full(4096, 0.05))
    assert paths.shape == (144, 4096)
    assert (paths >= 0.0).all()
    spread = paths.std(axis=1) / paths.mean(axis=1)
    assert spread[119] > spread[11] > spread[0]
    middle = to_intensity(series.centre[:1])[0] / 3
    assert np.median(paths[119]) == pytest.approx(middle, rel=0.03)
    wild = series.paths(level, shocks, np.full(4096, 0.20))
    assert wild[119].std() > 1.5 * paths[119].std()


@pytest.mark.unit
@pytest.mark.parametrize("months", [0, 5, 11])
def test_a_history_of_less_than_a_year_is_refused_with_a_sentence(months: int) -> None:
    with pytest.raises(RefusedError, match=f"found {months} months") as caught:
        forecast(counts_at(4.0, months=months))
    assert "'shelter' has too short a history" in str(caught.value)
    assert "Deliver earlier registrations" in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.unit
def test_a_history_that_stops_before_the_as_of_month_is_refused() -> None:
    with pytest.raises(RefusedError, match="up to the as-of month"):
        forecast_inflow(history(counts_at(4.0)), make_resolved(GROUP), as_of=AS_OF + 1)


@pytest.mark.unit
def test_a_year_of_history_is_enough() -> None:
    series = forecast(counts_at(6.0, months=12))
    assert (series.models, series.points) == (("local_level",), 4)
    assert 0.5 < series.level_sd < 0.6


def fail_with(problem: Exception) -> Callable[[np.ndarray, int], np.ndarray]:
    def method(series: np.ndarray, horizon: int) -> np.ndarray:
        raise problem

    return method


@pytest.mark.unit
@pytest.mark.parametrize(
    "method",
    [
        fail_with(ValueError("no")),
        fail_with(np.linalg.LinAlgError("no")),
        lambda series, horizon: np.full(horizon, np.nan),
        lambda series, horizon: series[-1] + 100.0 * np.arange(horizon),
    ],
    ids=["raises", "singular", "not a number", "runs away"],
)
def test_a_method_that_fails_is_dropped_and_the_others_share_its_weight(
    method: Callable[[np.ndarray, int], np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METHODS, "theta", method)
    assert run_method("theta", to_even_spread(counts_at(40.0).astype(float)), 48) is None
    series = forecast(counts_at(40.0))
    assert series.models == ("local_level", "damped_trend", "drift")
    assert sum(series.weights) == pytest.approx(1.0)
    assert np.isfinite(series.centre).all()


@pytest.mark.unit
def test_the_same_history_gives_the_same_bytes() -> None:
    assert mart(counts_at(40.0)).equals(mart(counts_at(40.0)))


@pytest.mark.unit
def test_a_believed_drift_widens_the_mart() -> None:
    table = history(counts_at(6.0))
    low, high = (
        forecast_inflow(table, fix(make_resolved(GROUP), inflow_drift_share=drift), as_of=AS_OF)
        for drift in (0.01, 0.20)
    )

    def width(found: InflowForecast) -> float:
        last = found.table("proeftuin").filter(is_forecast=True).row(-1, named=True)
        return float(last["hi80"] - last["lo80"])

    assert width(high) > 1.5 * width(low)


def admissions(
    counts: np.ndarray, waiting: list[int | None], group: str = "shelter"
) -> pl.DataFrame:
    months = history(counts)["month"]
    return pl.DataFrame(
        {"target_group": group, "month": months, "admissions": counts, "waiting": waiting}
    )


@pytest.mark.unit
def test_admissions_and_the_intake_list_stand_in_for_registrations_that_are_not_there() -> None:
    came = np.full(24, 3)
    waiting: list[int | None] = [None] * 12 + list(range(2, 26, 2))
    found = forecast_inflow(
        history(np.zeros(24)),
        make_resolved(GROUP),
        as_of=AS_OF,
        admissions=admissions(came, waiting),
    )
    series = found.series["shelter"]
    assert series.bounded_by_places
    assert series.yearly == {2024: (36, 12), 2025: (36 + 24, 12)}
    assert series.base_rate == 5.0
    table = shape_table("mart_forecast__inflow", found.table("proeftuin"))
    assert table["bounded_by_places"].all()


@pytest.mark.unit
def test_admissions_do_not_count_where_there_are_registrations() -> None:
    counts = counts_at(4.0)
    came = admissions(np.full(60, 9), [0] * 60)
    one = forecast_inflow(history(counts), make_resolved(GROUP), as_of=AS_OF, admissions=came)
    other = forecast_inflow(history(counts), make_resolved(GROUP), as_of=AS_OF)
    assert one.table("proeftuin").equals(other.table("proeftuin"))
    assert not one.table("proeftuin")["bounded_by_places"].any()


@pytest.mark.unit
def test_a_declared_break_moves_the_forecast_and_is_said_in_the_mart() -> None:
    dice = np.random.default_rng(4)
    counts = np.concatenate([dice.poisson(40.0, 48), dice.poisson(20.0, 24)])
    broken = StructuralBreak(
        id="law",
        month="2024-01",
        target_groups=("shelter",),
        why="Een verzonnen wet neemt de helft over",
        source=Source(title="Verzonnen wet", publisher="Proeftuin"),
    )
    plain = make_resolved(GROUP)
    told = replace(plain, structural_breaks=(broken,))
    with_break, without = (
        forecast_inflow(history(counts), resolved, as_of=AS_OF) for resolved in (told, plain)
    )
    table = shape_table("mart_forecast__inflow", with_break.table("proeftuin"))
    assert table["structural_breaks"].unique().to_list()[0].startswith("law (2024-01): months")
    assert (table.filter(is_forecast=False)["mean"].to_numpy() > 30 * 12).sum() == 4
    ahead = table.filter(is_forecast=True)["mean"]
    assert abs(ahead[0] - 258.0) < 20.0  # the level of the two years since
    worse = without.table("proeftuin").filter(is_forecast=True)["mean"]
    assert worse.to_list() != ahead.to_list()


@pytest.mark.unit
def test_a_national_break_waits_until_a_region_takes_it_over() -> None:
    resolved = make_resolved(("sheltered_living",))
    law = {item.id: item for item in resolved.structural_breaks}["wlz-ggz-2021"]
    assert (law.month, law.applies) == ("2021-01", False)
    table = history(counts_at(30.0, months=84), "sheltered_living")
    series = forecast_inflow(table, resolved, as_of=AS_OF).series["sheltered_living"]
    assert series.breaks == ()


@pytest.mark.architecture
def test_the_heavy_libraries_are_imported_only_when_a_series_is_fitted() -> None:
    script = (
        "import sys, models.forecast, models.outflow\n"
        "print([name for name in ('statsmodels', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert members.__name__ == "models.forecast.members"
