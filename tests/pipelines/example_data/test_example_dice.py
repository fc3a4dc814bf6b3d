"""Tests of the example's chance: the transforms have the moments that they promise."""

from statistics import fmean, pvariance

import pytest

from pipelines.example_data.dice import Dice, Stream

pytestmark = pytest.mark.unit

DRAWS = 20_000


@pytest.fixture
def dice() -> Dice:
    return Dice(7, Stream.OTHER_LETTINGS)


def test_the_same_seed_gives_the_same_draws_and_streams_differ() -> None:
    first, again = Dice(7, Stream.OTHER_LETTINGS), Dice(7, Stream.OTHER_LETTINGS)
    other = Dice(7, Stream.STOCK)

    draws = [first.uniform() for _ in range(5)]
    assert draws == [again.uniform() for _ in range(5)]
    assert draws != [other.uniform() for _ in range(5)]


def test_an_erlang_time_has_its_mean_and_the_variance_of_its_phases(dice: Dice) -> None:
    draws = [dice.erlang(3.0, 2) for _ in range(DRAWS)]

    assert fmean(draws) == pytest.approx(3.0, abs=0.06)
    assert pvariance(draws) == pytest.approx(4.5, rel=0.08)


def test_a_poisson_count_has_its_mean_as_variance(dice: Dice) -> None:
    draws = [dice.poisson(2.5) for _ in range(DRAWS)]

    assert fmean(draws) == pytest.approx(2.5, abs=0.05)
    assert pvariance(draws) == pytest.approx(2.5, rel=0.06)
    assert dice.poisson(0.0) == 0


def test_a_normal_number_has_mean_zero_and_variance_one(dice: Dice) -> None:
    draws = [dice.normal() for _ in range(DRAWS)]

    assert fmean(draws) == pytest.approx(0, abs=0.03)
    assert pvariance(draws) == pytest.approx(1, rel=0.05)


def test_a_whole_number_takes_both_ends_and_nothing_outside(dice: Dice) -> None:
    draws = [dice.whole(3, 6) for _ in range(DRAWS)]

    assert set(draws) == {3, 4, 5, 6}
    assert fmean(draws) == pytest.approx(4.5, abs=0.04)


def test_a_pick_follows_the_weights_and_never_takes_weight_zero(dice: Dice) -> None:
    picks = [dice.pick({"a": 3.0, "b": 0.0, "c": 1.0}) for _ in range(DRAWS)]

    assert set(picks) == {"a", "c"}
    assert picks.count("a") / DRAWS == pytest.approx(0.75, abs=0.015)
    with pytest.raises(ValueError, match="above zero"):
        dice.pick({"a": 0.0})
