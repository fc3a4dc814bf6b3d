"""Places month by month: the plan, its speed, its delays, its profile and what comes true of it."""

import numpy as np
import polars as pl
import pytest

from models.months import HORIZON_MONTHS, format_month
from models.outflow.places import STATUSES, places_ahead, read_plan
from models.outflow.setting import Switches, make_setting
from tests.models.invented import AS_OF, GROUPS, make_chunk, make_scenario, make_world
from tests.models.outflow.features import with_plan

pytestmark = pytest.mark.unit

NO_DELAY = np.zeros((len(STATUSES), 1))


def ahead_of(
    *rows: tuple[str, int, str, str, int],
    share: float = 1.0,
    delay: tuple[float, float, float] = (0.0, 0.0, 0.0),
    **capacity: object,
) -> tuple[np.ndarray, np.ndarray]:
    """Give places and what closes with moving out, by month and group, of a plan of some rows."""
    scenario = make_scenario(capacity={"source": "Een verzonnen vraag", **capacity})
    world = make_world(scenario=scenario)
    inputs = (with_plan(world, *rows) if rows else world).inputs
    delays = np.array(delay)[:, None]
    places, moving = places_ahead(
        inputs.places, inputs.plan, world.resolved, np.array([share]), delays, kept=False
    )
    return places[:, :, 0], moving[:, :, 0]


def test_places_follow_the_plan_its_speed_and_the_share_that_comes_true() -> None:
    plan = ahead_of()[0]
    assert plan[[8, 9, 32, 33, 119], 0].tolist() == [70, 64, 64, 52, 52]
    assert plan[[20, 21, 58, 59], 1].tolist() == [40, 35, 35, 39]
    assert (plan[:, 2] == 11).all()
    assert ahead_of(share=0.5)[0][119].tolist() == [70 - 9, 40 - 3 + 4, 11]
    faster, slower = ahead_of(speed=2.0)[0], ahead_of(speed=0.5)[0]
    assert faster[[3, 4, 15, 16], 0].tolist() == [70, 64, 64, 52]
    assert slower[[18, 19, 66, 67], 0].tolist() == [70, 64, 64, 52]
    assert (ahead_of(kept_open=True)[0] == make_world().inputs.places).all()
    assert (ahead_of(share=10.0)[0][119] == [0, 0, 11]).all()


def test_what_closes_with_moving_out_is_told_in_the_month_in_which_it_closes() -> None:
    rows = [
        ("shelter", 6, "closed_move_out", "besloten", -5),
        ("shelter", 9, "closed_attrition", "besloten", -7),
        ("shelter", 9, "closed_move_out", "voorgenomen", -3),
        ("refuge", 9, "opened", "besloten", 4),
        ("refuge", 12, "relabelled_wlz", "besloten", -4),
    ]
    places, moving = ahead_of(*rows)
    assert places[[4, 5, 7, 8, 119], 1].tolist() == [40, 35, 35, 25, 25]
    assert places[[7, 8, 119], 2].tolist() == [11, 15, 15]
    assert np.flatnonzero(moving[:, 1]).tolist() == [5, 8]
    assert moving[[5, 8], 1].tolist() == [5, 3]
    assert moving.sum() == 8
    half = ahead_of(*rows, share=0.5)[1]
    assert half[[5, 8], 1].tolist() == [3, 1]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("months", [0, 1, 5, 17])
def test_a_delay_shifts_the_plan_of_its_own_status_by_so_many_months(
    status: str, months: int
) -> None:
    rows = [("shelter", 6, "closed_move_out", kind, -5) for kind in STATUSES]
    rows += [("shelter", 8, "opened", status, 2)]
    delay = tuple(float(months * (kind == status)) for kind in STATUSES)
    at_once, moved_at_once = ahead_of(*rows)
    late, moved_late = ahead_of(*rows, delay=delay)
    assert late[5, 1] == at_once[5, 1] + (5 if months else 0)
    others = [row for row in rows if row[3] != status]
    without, own = ahead_of(*others)[0], ahead_of(*[row for row in rows if row[3] == status])[0]
    shifted = np.concatenate([np.repeat(own[:1], months, axis=0), own])[:HORIZON_MONTHS]
    np.testing.assert_array_equal(late, without + shifted - make_world().inputs.places)
    assert moved_late.sum() == moved_at_once.sum() == 15
    assert moved_late[5 + months, 1] == (5 if months else 15)
    assert late[-1].tolist() == at_once[-1].tolist()


@pytest.mark.parametrize("profile", ["as_planned", "step", "linear", "front_loaded", "back_loaded"])
def test_every_profile_starts_with_the_first_change_and_ends_at_the_same_total(
    profile: str,
) -> None:
    rows = [
        ("sheltered_living", 13, "closed_attrition", "besloten", -10),
        ("sheltered_living", 20, "closed_move_out", "besloten", -5),
        ("sheltered_living", 36, "closed_attrition", "besloten", -15),
    ]
    places, moving = ahead_of(*rows, profile=profile)
    closed = 70 - places[:, 0]
    assert closed[11] == 0
    assert (np.diff(closed) >= 0).all()
    assert (closed[35:] == 30).all()
    assert moving.sum() == 5
    # Twelve of 24 months after the first change.
    halfway = {"as_planned": 15, "step": 30, "linear": 15, "front_loaded": 20, "back_loaded": 10}
    assert closed[23] == halfway[profile]
    assert closed[12] == {"as_planned": 10, "step": 30}.get(profile, closed[12])
    if profile == "linear":
        assert np.diff(closed[11:36]).tolist() == [1, 2, 1, 1, 1] * 0 + [
            int(step) for step in np.diff(np.floor(30 * np.arange(25) / 24 + 0.5))
        ]


def test_relabelling_and_what_lies_past_the_horizon_change_no_places() -> None:
    rows = [
        ("shelter", 30, "relabelled_wlz", "besloten", -9),
        ("shelter", 121, "closed_attrition", "besloten", -9),
    ]
    places, moving = ahead_of(*rows)
    assert (places[:, 1] == 40).all()
    assert not moving.any()


def test_a_plan_is_read_by_status_and_what_is_overdue_is_told_apart() -> None:
    where = {group: at for at, group in enumerate(GROUPS)}
    table = pl.DataFrame(
        {
            "target_group": ["shelter", "shelter", "refuge", "somebody"],
            "effective_month": [format_month(AS_OF + ahead) for ahead in (0, 1, 3, 3)],
            "change_kind": ["closed_move_out", "closed_move_out", "opened", "opened"],
            "status": ["besloten", "voorgenomen", "verwacht", "verwacht"],
            "places_change": [-2, -3, 5, 9],
        }
    )
    due, plan = read_plan(table, where, as_of=AS_OF)
    assert due.tolist() == [0, -2, 0]
    assert plan.closed[:, -1].tolist() == [[0, 0, 0], [0, 3, 0], [0, 0, 0]]
    assert plan.moved_out[:, 0].tolist() == [[0, 0, 0], [0, 3, 0], [0, 0, 0]]
    assert plan.opened[2, :4, 2].tolist() == [0, 0, 5, 5]


def test_delays_of_a_run_are_those_of_its_draws() -> None:
    world = with_plan(make_world(), ("shelter", 10, "closed_move_out", "verwacht", -6))
    world = world.with_values(closing_share=1.0)
    chunk = make_chunk(world.resolved, 64)
    setting = make_setting(world.inputs, world.inflow, chunk, Switches())
    delay = np.floor(chunk.sample.values("plan_delay_months_expected") + 0.5).astype(int)
    assert delay.min() < delay.max()
    closing = np.argmax(setting.places[:, 1] < 40, axis=0)
    np.testing.assert_array_equal(closing, 9 + delay)
    np.testing.assert_array_equal(np.argmax(setting.moving_out[:, 1] > 0, axis=0), closing)
    assert (setting.moving_out.sum(axis=(0, 1)) == 6).all()
