"""The first state: phases and classes given how long people stay, and what past lettings mean."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError
from models.months import format_month
from models.outflow.setting import Switches, make_setting
from models.outflow.start import make_state
from models.outflow.state import Setting, State
from tests.models.invented import (
    AS_OF,
    CAPPED,
    World,
    fix_all,
    make_chunk,
    make_world,
)

GROUP = ("sheltered_living",)
DRAWS = 2048


def begin(world: World, draws: int = DRAWS) -> tuple[Setting, State]:
    chunk = make_chunk(world.resolved, draws)
    setting = make_setting(world.inputs, world.inflow, chunk, CAPPED)
    return setting, make_state(world.inputs, setting, chunk.sample, CAPPED)


def with_stays(world: World, *rows: tuple[str, int, int]) -> World:
    stays = world.core["core_stay__open"]
    table = pl.DataFrame(
        [("sheltered_living", kind, months, None, persons) for kind, months, persons in rows],
        schema=stays.schema,
        orient="row",
    )
    return world.with_table("core_stay__open", table)


def certain_world() -> World:
    world = make_world(GROUP)
    return replace(world, resolved=fix_all(world.resolved))


@pytest.mark.reference
@pytest.mark.parametrize("months", [0, 3, 14, 40])
def test_phases_of_residents_follow_from_how_long_they_stay(months: int) -> None:
    world = with_stays(certain_world(), ("single", months, 200))
    setting, state = begin(world)
    assert (state.stay.sum(axis=(0, 1)) == 200).all()
    # Two phases of the same chance: the first still goes on with odds (1 - p) / (m p).
    p = 2 / (12 * 1.8)
    share = months * p / (months * p + 1 - p)
    found = state.stay[setting.pair_of[0, 0], 1] / 200
    error = np.sqrt(share * (1 - share) / 200 / DRAWS)
    assert abs(found.mean() - share) <= 4 * error
    assert found.var() == pytest.approx(share * (1 - share) / 200, rel=0.15)


@pytest.mark.reference
def test_residents_of_unknown_class_are_complex_as_long_stayers_would_be() -> None:
    months, share = 20, 0.6
    world = with_stays(certain_world(), ("unknown", months, 300))
    setting, state = begin(world)

    def alive(years: float) -> float:
        p = 2 / (12 * years)
        return (1 - p) ** months + months * p * (1 - p) ** (months - 1)

    expected = share * alive(4.0) / (share * alive(4.0) + (1 - share) * alive(1.8))
    found = state.stay[setting.pair_of[0, 1]].sum(axis=0) / 300
    assert abs(found.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / 300 / DRAWS)
    assert (state.stay.sum(axis=(0, 1)) == 300).all()


@pytest.mark.unit
def test_rows_of_one_class_and_length_of_stay_are_one_crowd() -> None:
    apart = with_stays(certain_world(), ("single", 9, 40), ("single", 4, 10), ("single", 9, 25))
    together = with_stays(certain_world(), ("single", 4, 10), ("single", 9, 65))
    np.testing.assert_array_equal(begin(apart, 64)[1].stay, begin(together, 64)[1].stay)


@pytest.mark.unit
def test_next_month_finds_the_same_people_in_nearly_the_same_phases() -> None:
    """The luck of residents belongs to the month in which they entered, not to the run."""
    world = with_stays(certain_world(), ("single", 9, 200))
    later = with_stays(certain_world(), ("single", 10, 200))
    setting, now = begin(world, 512)
    chunk = make_chunk(later.resolved, 512)
    inputs = replace(later.inputs, as_of=AS_OF + 1)
    moved = make_setting(inputs, replace(later.inflow, as_of=AS_OF + 1), chunk, CAPPED)
    then = make_state(inputs, moved, chunk.sample, CAPPED)
    pair = setting.pair_of[0, 0]
    assert np.corrcoef(now.stay[pair, 1], then.stay[pair, 1])[0, 1] > 0.95


@pytest.mark.reference
def test_past_lettings_are_in_support_less_who_came_back_already() -> None:
    window, chance, homes = 24, 0.4, 12
    world = certain_world().with_values(relapse_share=chance)
    lettings = world.core["core_letting__monthly"].filter(pl.col("ground") == "outflow")
    lettings = lettings.filter(pl.col("target_group") == "sheltered_living")
    world = world.with_table(
        "core_letting__monthly", lettings.with_columns(dwellings=pl.lit(homes, dtype=pl.Int64))
    )
    _, state = begin(world)
    ages = np.arange(24)
    # Of a home let `age` months ago, `age` months of the window are over.
    still_there = homes * (1 - chance * ages / window)
    to_come = homes * chance * (window - ages) / window

    def near(found: np.ndarray, expected: float) -> bool:
        return abs(found.mean() - expected) < 4 * found.std() / np.sqrt(DRAWS)

    assert near(state.supported[0], still_there.sum())
    assert near(state.relapse_due.sum(axis=0)[0], to_come.sum())
    # Relapse is even over the window: month m of the run sees the cohorts whose window reaches it.
    for ahead in (0, 1, 11, 22, 23):
        expected = homes * chance / window * np.count_nonzero(window - ages > ahead)
        assert near(state.relapse_due[ahead, 0], expected)
    assert not state.relapse_due[24].any()
    # The oldest cohort reaches the end of its minimum in the first month of the run.
    assert near(state.graduates[0, 0], homes - homes * chance)
    np.testing.assert_array_equal(
        state.supported, state.graduates.sum(axis=0) + state.relapse_due.sum(axis=0)
    )


@pytest.mark.unit
def test_a_window_of_relapse_longer_than_support_is_refused() -> None:
    world = make_world(GROUP).with_values(relapse_window_months=30.0)
    with pytest.raises(UitstroomError, match="found 30 and 24 months"):
        begin(world, 8)


@pytest.mark.unit
def test_switches_leave_out_what_they_are_about() -> None:
    world = make_world()
    chunk = make_chunk(world.resolved, 8)
    inputs = world.inputs
    off = Switches(backlog=False, inflow=False, longer_stays=False, closing=False)
    setting = make_setting(inputs, world.inflow, chunk, off)
    state = make_state(inputs, setting, chunk.sample, off)
    assert not state.queued.any()
    assert not state.moving.any()
    assert setting.offers.homes is None
    assert (setting.places == inputs.places[:, None]).all()
    assert (setting.complex_share == setting.complex_share[:1]).all()
    rates = [world.inflow.series[group].base_rate for group in inputs.groups]
    assert (setting.intensity == np.array(rates)[:, None]).all()
    on = make_setting(inputs, world.inflow, chunk, CAPPED)
    assert on.months == 126
    assert on.offers.homes is not None
    assert make_state(inputs, on, chunk.sample, CAPPED).queued.sum() == 8 * 27


@pytest.mark.unit
def test_a_change_before_the_as_of_month_that_the_quarters_do_not_show_is_made_at_once() -> None:
    world = make_world()
    plan = world.core["core_capacity__plan"]
    late = pl.DataFrame(
        [("shelter", format_month(AS_OF - 1), "closed_attrition", "besloten", -7)],
        schema=plan.schema,
        orient="row",
    )
    assert world.with_table("core_capacity__plan", late).inputs.places.tolist() == [70, 33, 11]


@pytest.mark.unit
def test_a_last_quarter_with_facilities_missing_is_refused() -> None:
    world = make_world()
    quarters = world.core["core_capacity__quarterly"]
    fewer = quarters.with_columns(
        facilities=pl.when((pl.col("target_group") == "shelter") & (pl.col("month") == "2025-06"))
        .then(1)
        .otherwise("facilities")
    )
    gone = quarters.filter((pl.col("target_group") != "shelter") | (pl.col("month") == "2025-03"))
    for table, found in ((fewer, "found 1 facilities"), (gone, "found 0 facilities")):
        with pytest.raises(RefusedError, match=found) as caught:
            _ = world.with_table("core_capacity__quarterly", table).inputs
        assert caught.value.exit_code == 3


@pytest.mark.unit
def test_a_start_without_places_or_reference_lettings_is_refused() -> None:
    for table, words in (
        ("core_capacity__quarterly", "no capacity"),
        ("core_letting__monthly", "no letting in the reference years"),
    ):
        with pytest.raises(RefusedError, match=words):
            _ = make_world().without_rows(table).inputs


@pytest.mark.unit
def test_what_is_known_of_lettings_and_applications_is_read_as_it_stands() -> None:
    inputs = make_world().inputs
    # Two homes a month of the first group and one of a group that is not known.
    assert (inputs.lettings.sum(axis=1) == 3).all()
    assert (inputs.lettings[:, 0] == 3).all()
    assert inputs.current_lettings == 36.0
    assert inputs.let_this_year == 18
    assert inputs.assessing.tolist() == [[1, 1, 1], [2, 2, 2]]
    assert inputs.moving.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert inputs.backlog.month.tolist() == sorted(inputs.backlog.month.tolist())
    assert inputs.backlog.applications.sum() == 27
    assert (AS_OF - inputs.backlog.month.min(), AS_OF - inputs.backlog.month.max()) == (7, 0)


@pytest.mark.unit
def test_who_waits_shorter_than_agreed_has_not_been_decided_about_at_the_start() -> None:
    groups = ("sheltered_living", "shelter", "refuge")
    world = make_world(groups).with_values(
        divert_after_months={"sheltered_living": 3, "shelter": 1, "refuge": 0}
    )
    waiting = world.core["core_intake__waiting"]
    rows = [(group, months, 1 + months) for group in groups for months in (0, 1, 2, 3, 30)]
    table = pl.DataFrame(rows, schema=waiting.schema, orient="row")
    _, state = begin(world.with_table("core_intake__waiting", table), draws=8)
    expected = np.array([[1, 1, 0], [2, 0, 0], [3, 0, 0]])
    np.testing.assert_array_equal(state.undecided, np.repeat(expected[..., None], 8, axis=-1))
    assert (state.intake == 1 + 2 + 3 + 4 + 31).all()


@pytest.mark.unit
@pytest.mark.parametrize("months", [2.5, 25.0])
def test_months_after_which_a_home_is_decided_about_are_whole_and_few(months: float) -> None:
    with pytest.raises(UitstroomError, match="divert_after_months"):
        begin(make_world(GROUP).with_values(divert_after_months=months), draws=8)
