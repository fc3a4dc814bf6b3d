"""The coverage study's town: known truth is found in its deliveries, and its sums are right."""

import numpy as np
import polars as pl
import pytest

from models.estimation import estimate
from models.registry import load_national, load_region
from pipelines.core import build_core
from tests.bench.coverage import _municipalities, covered, draw_truth, summarise
from tests.bench.coverage_rows import deliver
from tests.bench.coverage_town import AS_OF, GROUPS, LISTED, MOVING, Town, plan_of
from tests.models.invented import region_toml

NATIONAL = load_national()
SHARED = frozenset({"elsewhere_share_left"})
"""Shares that the town does not follow: everybody who goes elsewhere leaves."""


@pytest.fixture(scope="module")
def town() -> Town:
    """Live a large town."""
    dice = np.random.default_rng(3)
    return Town(draw_truth(NATIONAL, "rich", dice), dice).live()


@pytest.mark.integration
def test_the_truth_of_a_generated_region_is_found_in_what_its_senders_deliver(town: Town) -> None:
    months = dict.fromkeys(("intake", "applications"), AS_OF - town.truth.history + 1)
    core = build_core(
        deliver(town, np.random.default_rng(4)),
        _municipalities(),
        as_of=AS_OF,
        target_groups=GROUPS,
        first_months=months,
    )
    region = load_region(region_toml(GROUPS, cap=False, promise=False), "region.toml", NATIONAL)
    table = estimate(NATIONAL, region, core, as_of=AS_OF).table
    z = {}
    for one in table.filter(pl.col("events") >= 8).iter_rows(named=True):
        pair = (one["parameter"], one["target_group"])
        if one["is_estimated"] and one["own_high"] and pair[0] not in SHARED:
            spread = np.log(one["own_high"] / one["own_low"]) / 2 / 1.2816
            z[pair] = float(np.log(one["own_value"] / town.truth.values[pair]) / spread)
    assert len(z) >= 12
    assert max(abs(value) for value in z.values()) < 3.5, z


@pytest.mark.properties
def test_nobody_in_the_town_is_in_two_places_and_no_group_has_more_people_than_places(
    town: Town,
) -> None:
    people, papers = town.people, town.papers
    assert not town.people["blocks"][people["ended"] >= 0].any()
    listed = np.flatnonzero((people["state"] == LISTED) | (people["state"] == MOVING))
    assert (papers["approved"][people["application"][listed]] >= 0).all()
    assert (people["ready"][people["ready"] >= 0] >= 0).all()
    done = people["admitted"] >= 0
    assert (people["admitted"][done] >= people["registered"][done]).all()
    assert len(town.needed) == 120
    for group, places in enumerate(town.truth.places):
        mine = (people["group"] == group) & done
        ended = np.where(people["ended"] < 0, 10_000, people["ended"])
        at_once = [
            int((mine & (people["admitted"] <= month) & (ended > month)).sum())
            for month in range(0, town.now, 12)
        ]
        assert max(at_once) <= places


@pytest.mark.unit
def test_the_plan_closes_whole_places_evenly() -> None:
    for closing in (0, 7, 40, 95):
        steps = plan_of(closing)
        assert sum(change for _, change in steps) == closing
        assert all(change >= 1 and 1 <= month <= 118 for month, change in steps)


@pytest.mark.unit
def test_coverage_counts_the_worlds_whose_need_lies_inside() -> None:
    def world(number: int, kind: str, needed: int) -> dict[str, object]:
        span = {"needed": needed, "p10": 80.0, "p50": 100.0, "p90": 120.0}
        return {"world": number, "kind": kind, "5": span, "10": span}

    results = [world(0, "thin", 80), world(1, "rich", 130), world(2, "thin", 79)]
    assert covered(results, 5) == pytest.approx(1 / 3)
    found = summarise(results)
    assert found["covered_share_10_years_thin"] == 0.5
    assert found["below_share_10_years_thin"] == 0.5
    assert found["above_share_10_years_rich"] == 1.0
