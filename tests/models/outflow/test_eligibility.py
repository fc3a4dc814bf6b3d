"""Who falls outside a rule: shares of approved applications, and independence of other rules."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.outflow import eligibility
from models.outflow.setting import Switches
from models.params import EligibilityRule
from tests.models.invented import World, make_world

pytestmark = pytest.mark.unit

DRAWS = 64
SOURCE = {"title": "Verzonnen regel", "publisher": "Uitstroom", "year": 2026}


def rule(rule_id: str, share: float, **more: object) -> EligibilityRule:
    """Make a rule that leaves a share of the applicants out."""
    parameter = {"value": share, "unit": "share", "kind": "assumption", "source": SOURCE}
    if more.pop("uncertain", False):
        parameter |= {"low": share / 2, "high": min(share * 2, 0.95)}
    return EligibilityRule.model_validate(
        {"id": rule_id, "label": "Een verzonnen regel", "why": "Alleen voor deze toets"}
        | {"outside_share": parameter, "source": SOURCE, **more}
    )


def world_with(*rules: EligibilityRule) -> World:
    """Give the invented world with rules."""
    world = make_world()
    region = world.resolved.region.model_copy(update={"eligibility": rules})
    return replace(world, resolved=replace(world.resolved, region=region))


def outside(world: World) -> pl.DataFrame:
    """Count who falls outside, in a run without a limit on offers."""
    run = world.run(Switches(), draws=DRAWS)
    return eligibility.outside(world.resolved, world.inputs, run, seed=7)


def test_a_firm_share_leaves_out_that_share_of_approved_applications() -> None:
    world = world_with(rule("binding", 0.25))
    joined = world.run(Switches(), draws=DRAWS).flows["joined"].sum(axis=1).mean(axis=1)
    assert outside(world)["mean"].to_list() == pytest.approx((0.25 * joined).tolist())


def test_a_rule_about_one_group_counts_that_group_alone() -> None:
    group = make_world().inputs.groups[0]
    world = world_with(rule("binding", 1.0, target_groups=[group]))
    joined = world.run(Switches(), draws=DRAWS).flows["joined"][:, 0].mean(axis=1)
    assert outside(world)["mean"].to_list() == pytest.approx(joined.tolist())


def test_a_second_rule_changes_no_count_of_the_first() -> None:
    first = rule("binding", 0.25, uncertain=True)
    alone = outside(world_with(first))
    beside = outside(world_with(rule("another", 0.5, uncertain=True), first))
    assert beside.filter(rule_id="binding").equals(alone)
    assert alone["p10"].max() < alone["p90"].max()  # type: ignore[operator]


def test_rules_take_nobody_out_of_the_demand() -> None:
    free, bound = make_world(), world_with(rule("binding", 0.9))
    runs = [world.run(Switches(), draws=DRAWS).flows["offered"] for world in (free, bound)]
    assert np.array_equal(*runs)


def test_a_region_without_rules_has_no_rows() -> None:
    assert outside(make_world()).is_empty()


@pytest.mark.parametrize(
    ("year", "holds"), [(2020, False), (2021, True), (2022, True), (2023, False)]
)
def test_a_rule_is_in_force_in_a_year_of_which_it_covers_a_month(year: int, *, holds: bool) -> None:
    dated = rule("binding", 0.25, valid_from="2021-12", valid_to="2022-01")
    assert dated.in_force(year) is holds
