"""Projects in their simplest closed form: how many move on, for how long, from when, of whom."""

import numpy as np
import polars as pl
import pytest

from models.months import format_month
from models.outflow.setting import Switches
from tests.models.invented import AS_OF, PROJECT_COLUMNS, World, make_world
from tests.models.outflow.features import Diary, with_groups, with_project

pytestmark = pytest.mark.unit

UNLIMITED = Switches()
DRAWS = 16
EVERYBODY = {"product_share_in_between": 1.0, "in_between_share": 0.0}


def live(world: World, draws: int = DRAWS) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Run a world without a cap; give its flows and stocks by month, shape (months, G, D)."""
    diary = Diary()
    world.run(UNLIMITED, draws=draws, observe=diary.observe)
    return (
        {name: np.stack(rows) for name, rows in diary.flows.items()},
        {name: np.stack(rows) for name, rows in diary.stocks.items()},
    )


def test_ten_places_of_five_months_move_two_people_a_month_on() -> None:
    world = with_project(make_world(), "in_between", 10, 5.0, opens=-12).with_values(**EVERYBODY)
    flows, stocks = live(world, draws=32)
    # Somebody waits from the third month on: every place that comes free is given at once.
    assert (stocks["project_residents"][6:].sum(axis=1) == 10).all()
    assert (stocks["project_queue"][6:].sum(axis=1) > 0).all()
    moved = flows["project_entered"][12:].sum(axis=1)
    # Ten times a chance of a fifth: mean 2, variance 1.6.
    assert abs(moved.mean() - 2.0) < 4 * np.sqrt(1.6 / moved.size)
    assert moved.var() == pytest.approx(1.6, rel=0.1)
    np.testing.assert_array_equal(flows["project_left"][12:].sum(axis=1), moved)


def test_nobody_lives_in_a_project_past_its_age_limit() -> None:
    # A region without youth care: people are taken to come at 21.
    world = with_project(make_world(), "in_between", 10, 50.0, age_limit=21.25)
    flows, stocks = live(world.with_values(**EVERYBODY))
    entered = np.cumsum(flows["project_entered"].sum(axis=1), axis=0)
    left = np.cumsum(flows["project_left"].sum(axis=1), axis=0)
    # Ten were there at the start, and are gone after three months.
    assert (left[3:] >= 10 + entered[:-3]).all()
    stay = stocks["project_residents"][12:].sum() / flows["project_entered"][12:].sum()
    assert stay == pytest.approx(1 + 0.98 + 0.98**2, rel=0.03)


def test_the_age_limit_counts_from_the_age_at_which_youth_care_ends() -> None:
    world = with_groups(("youth", "shelter"), rates={"youth": 4.0, "shelter": 6.0})
    world = world.with_values(entry_age_years=19.0, stay_years_single=1.5, exit_age_years=23.0)
    flows, _ = live(with_project(world, "in_between", 6, 500.0, age_limit=20.75).with_values(
        **EVERYBODY
    ))  # fmt: skip
    entered, left = (
        np.cumsum(flows[name].sum(axis=1), axis=0) for name in ("project_entered", "project_left")
    )
    assert (left[3:] >= 6 + entered[:-3]).all()


@pytest.mark.parametrize("opens", [1, 12, 60])
def test_a_project_fills_in_the_month_in_which_it_opens(opens: int) -> None:
    world = with_project(make_world(), "domus", 4, 300.0, opens=opens)
    flows, stocks = live(world.with_values(product_share_domus=0.9))
    entered = flows["project_entered"].sum(axis=1)
    assert not entered[: opens - 1].any()
    if opens > 6:
        assert (entered[opens - 1] == 4).all()
    assert (stocks["project_residents"].sum(axis=1) <= 4).all()


@pytest.mark.parametrize(("status", "late"), [("besluit", 7), ("in_aanbouw", 0), ("open", 0)])
def test_a_project_that_is_only_decided_opens_later(status: str, late: int) -> None:
    table = pl.DataFrame(
        [("P1", "domus", 5, None, 300.0, format_month(AS_OF + 20), status)],
        schema=PROJECT_COLUMNS,
        orient="row",
    )
    world = make_world().with_table("core_project__places", table)
    world = world.with_values(product_share_domus=0.9, plan_delay_months_decided=float(late))
    entered = live(world)[0]["project_entered"].sum(axis=1)
    assert not entered[: 19 + late].any()
    assert (entered[19 + late] == 5).all()


def test_leavers_of_an_in_between_facility_go_home_by_share_and_of_the_others_nobody_does() -> None:
    world = make_world().without_rows("core_application__open").with_values(
        own_home_share=0.0, divert_door_share=0.0, divert_unplaced_share=0.0,
        move_out_home_share=0.0, in_between_share=1.0, relapse_share=0.0,
    )  # fmt: skip
    for share in (0.0, 1.0):
        in_between = with_project(world, "in_between", 9, 4.0)
        flows, _ = live(in_between.with_values(in_between_home_share=share))
        np.testing.assert_array_equal(flows["ready"], flows["project_left"] * int(share))
        assert flows["project_left"].sum() > 500
    domus = with_project(make_world(), "domus", 9, 4.0).with_values(
        product_share_domus=1.0, in_between_home_share=1.0, move_out_home_share=0.0,
        own_home_share=0.0,
    )  # fmt: skip
    flows, _ = live(domus)
    assert not flows["ready"].any()
    assert flows["project_left"].sum() > 500


def test_who_waits_for_a_project_keeps_the_place_and_who_enters_one_does_not() -> None:
    world = with_project(make_world(), "domus", 1, 500.0).with_values(
        product_share_domus=1.0, divert_door_share=0.0, divert_unplaced_share=0.0,
        ready_to_application_months=0.0, assessment_months=1.0, in_between_share=0.0,
        stay_years_single=0.5, stay_years_complex=0.5, assessment_positive_share=1.0,
        homes_per_person=1.0, own_home_share=1.0,
    )  # fmt: skip
    flows, stocks = live(world.without_rows("core_application__open", "core_capacity__plan"))
    # In the end nearly everybody in a place is ready and waits for the one place of the project.
    places = np.array([70, 40, 11])[:, None]
    assert (stocks["residents"][-1] <= places).all()
    assert stocks["blocked"][-1].mean() > 0.9 * places.mean()
    assert flows["admitted"][-12:].sum() < 0.2 * flows["admitted"][:12].sum()


def test_every_kind_takes_its_share_of_what_the_kinds_before_left() -> None:
    shares = {"product_share_in_between": 0.2, "product_share_skaeve_huse": 0.3,
              "product_share_domus": 0.1}  # fmt: skip
    world = make_world().with_values(quota_region_share=1.0, homes_per_person=1.0, **shares)
    kinds = ("in_between", "skaeve_huse", "domus")
    for chosen, share in ((kinds, 0.6), (("domus",), 0.1), (("in_between", "domus"), 0.3)):
        these = world
        for kind in chosen:
            these = with_project(these, kind, 3, 9.0)
        flows, _ = live(these)
        approved, went = flows["approved"].sum(), flows["to_projects"].sum()
        error = np.sqrt(share * (1 - share) / approved)
        assert abs(went / approved - share) < 4 * error
