"""What can be asked of a run."""

import pytest

from models.errors import FaultsError, UsageError
from pipelines.options import DEFAULT_DRAWS, DEFAULT_SEED, MOST_SEED, read_options

pytestmark = pytest.mark.unit


def test_nothing_asked_is_the_usual_run() -> None:
    options = read_options()
    assert (options.as_of, options.scenarios) == (None, ())
    assert (options.draws, options.seed) == (DEFAULT_DRAWS, DEFAULT_SEED)
    assert options.has_usual_draws


def test_scenarios_count_once_and_their_order_does_not() -> None:
    assert read_options(scenarios=["b", "a", "b"]) == read_options(scenarios=["a", "b"])


@pytest.mark.parametrize("draws", [16, 64, 2048, 1 << 20])
def test_a_power_of_two_is_a_number_of_draws(draws: int) -> None:
    assert read_options(draws=draws).draws == draws


@pytest.mark.parametrize(
    ("draws", "better"),
    [(100, 128), (65, 64), (0, 16), (-2048, 16), (8, 16), (3000, 2048), (1 << 30, 1 << 20)],
)
def test_another_number_of_draws_is_refused_with_the_nearest_that_is_one(
    draws: int, better: int
) -> None:
    with pytest.raises(UsageError, match=rf"found {draws};.* Take {better}\."):
        read_options(draws=draws)


@pytest.mark.parametrize("seed", [-1, MOST_SEED + 1])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(UsageError, match="the seed is out of range"):
        read_options(seed=seed)


@pytest.mark.parametrize("month", ["2025-13", "2025", "06-2025", "2025-6", ""])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(UsageError, match="this is not a month"):
        read_options(as_of=month)


def test_all_faults_are_told_together() -> None:
    with pytest.raises(FaultsError) as found:
        read_options(as_of="x", draws=3, seed=-1)
    assert found.value.exit_code == 2
    assert len(found.value.faults) == 3
