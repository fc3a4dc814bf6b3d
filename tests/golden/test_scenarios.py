"""Every shipped scenario gives the stored figures, and they move the way the scenario says."""

import polars as pl
import pytest

from tests.golden.scenarios import FIGURES, FILE, compute

pytestmark = pytest.mark.golden


@pytest.fixture(scope="module")
def now() -> pl.DataFrame:
    return compute()


def mean(table: pl.DataFrame, scenario: str, measure: str) -> float:
    return float(table.filter(scenario_id=scenario, measure=measure)["mean"].item())


def test_every_shipped_scenario_gives_the_stored_figures(now: pl.DataFrame) -> None:
    stored = pl.read_csv(FILE)
    assert now.drop(FIGURES).equals(stored.drop(FIGURES))
    for column in FIGURES:
        apart = (now[column] - stored[column]).abs()
        allowed = pl.when(pl.col("unit") == "share").then(0.001).otherwise(1.0) + 1e-9
        limit = now.select(allowed.alias("limit"))["limit"]
        wrong = apart > limit
        assert not wrong.any(), (column, now.filter(wrong), stored.filter(wrong))


def test_scenarios_that_touch_the_cap_or_the_promise_leave_demand_alone(now: pl.DataFrame) -> None:
    for scenario in ("higher-cap", "shorter-promise", "wet-regie"):
        for measure in ("gross", "unmet_persons"):
            assert mean(now, scenario, measure) == mean(now, "baseline", measure)


def test_scenarios_move_the_way_they_say(now: pl.DataFrame) -> None:
    def above(scenario: str, measure: str) -> bool:
        return mean(now, scenario, measure) > mean(now, "baseline", measure)

    assert above("more-inflow", "gross")
    assert above("all-diverted", "gross")
    assert not above("nobody-diverted", "gross")
    assert above("nobody-diverted", "unmet_persons")
    assert above("higher-cap", "let")
    assert above("wet-regie", "within_share")
    assert not above("shorter-promise", "within_share")
    assert above("faster-closing", "unmet_persons")
    assert not above("slower-closing", "unmet_persons")
