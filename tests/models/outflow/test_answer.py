"""The answers of a scenario: figures that follow from each other, and lawful states of a region."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.errors import UsageError
from models.months import HORIZON_MONTHS, months_covered
from models.outflow import OutflowAnswer, Task, answer, published
from models.outflow.answer import RUNS
from models.outflow.demand import DRIVERS
from models.outflow.engine import Run
from models.outflow.sampler import DIMENSIONS
from models.params import PublishedNumber
from models.tables import MARTS, shape_table
from tests.models.invented import (
    AS_OF,
    GROUPS,
    RATES,
    SEED,
    World,
    make_core,
    make_inflow,
    make_resolved,
    make_world,
    total,
)

pytestmark = pytest.mark.unit

DRAWS = 32
FEW = 16
MADE = [name for name in RUNS if name != "in_between"]
"""Without planned projects that driver is the base run."""
MEASURES = {"gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons"}


def ask(world: World, *, draws: int = DRAWS) -> tuple[OutflowAnswer, dict[str, Run]]:
    """Answer, and keep the runs that were made for it."""
    kept: list[Run] = []

    def keep(run: Callable[[Task], Run], tasks: Iterable[Task]) -> Iterable[Run]:
        made = [run(task) for task in tasks]
        kept.extend(made)
        return made

    found = answer(
        world.resolved,
        world.core,
        world.inflow,
        as_of=AS_OF,
        draws=draws,
        seed=SEED,
        map_tasks=keep,
    )
    return found, dict(zip([*MADE, "other_luck", "capped"], kept, strict=False))


@pytest.fixture(scope="module")
def usual() -> tuple[OutflowAnswer, dict[str, Run]]:
    return ask(make_world())


def of(found: OutflowAnswer, name: str, **where: object) -> pl.DataFrame:
    return found.tables[name].filter(**where)


def one(found: OutflowAnswer, name: str, **where: object) -> dict[str, object]:
    return of(found, name, **where).row(0, named=True)


def test_every_table_has_its_declared_shape(usual: tuple[OutflowAnswer, dict[str, Run]]) -> None:
    for name, table in usual[0].tables.items():
        shaped = shape_table(name, table)
        assert shaped.height == table.height
        # The invented region has no projects, no priority classes and no rules for a home.
        absent = (
            "mart_project__yearly_region",
            "mart_wait__yearly_class",
            "mart_demand__eligibility",
        )
        assert (table.height > 0) == (name not in absent)
        assert (shaped["region_id"] == "proeftuin").all()
        assert (shaped["scenario_id"] == "baseline").all()


def test_years_cover_ten_years_of_months(usual: tuple[OutflowAnswer, dict[str, Run]]) -> None:
    expected = months_covered(AS_OF + 1, HORIZON_MONTHS)
    assert sum(expected.values()) == 120
    for name in ("mart_demand__yearly_region", "mart_wait__yearly_region"):
        rows = usual[0].tables[name].select("year", "months_covered").unique()
        assert dict(rows.iter_rows()) == expected


@pytest.mark.parametrize("group", [*GROUPS, "all"])
@pytest.mark.parametrize("measure", ["gross", "extra_constant_capacity"])
def test_years_add_up_to_ten_years_on_the_mean_and_not_in_quantiles(
    usual: tuple[OutflowAnswer, dict[str, Run]], group: str, measure: str
) -> None:
    where = {"target_group": group, "measure": measure}
    years = of(usual[0], "mart_demand__yearly_region", **where)
    whole = one(usual[0], "mart_demand__ten_year", **where)
    assert years["mean"].sum() == pytest.approx(whole["mean"], abs=1e-9)
    if measure == "gross":
        assert years["p90"].sum() > whole["p90"]


def test_groups_add_up_to_all(usual: tuple[OutflowAnswer, dict[str, Run]]) -> None:
    table = usual[0].tables["mart_demand__ten_year"].filter(pl.col("measure") == "gross")
    parts = table.filter(pl.col("target_group") != "all")["mean"].sum()
    assert table.filter(target_group="all")["mean"][0] == pytest.approx(parts)


def test_ten_year_figures_are_those_of_the_draws(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    found, runs = usual
    gross = total(runs["demand"], "offered").astype(float)
    row = one(found, "mart_demand__ten_year", target_group="all", measure="gross")
    assert row["mean"] == pytest.approx(gross.mean())
    assert [row["p10"], row["p50"], row["p90"]] == np.quantile(gross, (0.1, 0.5, 0.9)).tolist()
    unmet = total(runs["demand"], "left_intake") + runs["demand"].stocks["intake"][-1].sum(axis=0)
    row = one(found, "mart_demand__ten_year", target_group="all", measure="unmet_persons")
    assert row["mean"] == pytest.approx(unmet.mean())
    assert row["unit"] == "persons"


def test_gross_less_extra_is_the_reference(usual: tuple[OutflowAnswer, dict[str, Run]]) -> None:
    found, runs = usual
    rows = {
        row["measure"]: row
        for row in of(found, "mart_demand__ten_year", target_group="all").iter_rows(named=True)
    }
    assert set(rows) == MEASURES
    for measure in ("extra_current_lettings", "extra_constant_capacity"):
        apart = rows["gross"]["mean"] - rows[measure]["mean"]
        assert apart == pytest.approx(rows[measure]["reference"])
    assert rows["extra_current_lettings"]["reference"] == 360.0
    kept = total(runs["constant_capacity"], "offered").mean()
    assert rows["extra_constant_capacity"]["reference"] == pytest.approx(kept)
    assert rows["gross"]["reference"] is None
    # A constant reference moves every quantile by the same number of homes.
    for key in ("p10", "p50", "p90"):
        apart = rows["gross"][key] - rows["extra_current_lettings"][key]
        assert apart == pytest.approx(360.0)


def test_what_is_added_up_ends_at_the_ten_years(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    rows = usual[0].tables["mart_demand__cumulative_region"]
    assert rows["mean"].is_sorted()
    whole = one(usual[0], "mart_demand__ten_year", target_group="all", measure="gross")
    last = rows.row(-1, named=True)
    assert [last[key] for key in ("mean", "p10", "p50", "p90")] == [
        whole[key] for key in ("mean", "p10", "p50", "p90")
    ]


def test_quantiles_ascend_in_every_table(usual: tuple[OutflowAnswer, dict[str, Run]]) -> None:
    for table in usual[0].tables.values():
        for prefix in ("", "list_end_", "within_share_"):
            present = [f"{prefix}{key}" for key in ("p10", "p50", "p90")]
            present = [column for column in present if column in table.columns]
            for low, high in pairwise(present):
                assert (table[low] <= table[high]).all()


def test_waits_follow_the_run_under_the_cap(usual: tuple[OutflowAnswer, dict[str, Run]]) -> None:
    found, runs = usual
    capped = runs["capped"]
    table = found.tables["mart_wait__yearly_region"]
    assert table["cap_dwellings"].to_list() == [15, *[30] * 9, 15]
    assert (table["offered_mean"] <= table["cap_dwellings"] + 1e-9).all()
    first = capped.backlog_cohorts
    joined = capped.joined[first : first + 6].sum(axis=0)
    within = capped.offered_within[first : first + 6].sum(axis=0)
    share = np.where(joined == 0, 1.0, within / np.maximum(joined, 1))
    row = table.row(0, named=True)
    assert row["year"] == 2025
    assert row["cohort_mean"] == pytest.approx(joined.mean())
    assert row["within_share_mean"] == pytest.approx(share.mean())
    assert row["kept_probability"] == pytest.approx((share >= 0.9).mean())
    assert table["cohort_mean"].sum() == pytest.approx(total(capped, "joined").mean())
    assert row["list_end_mean"] == pytest.approx(capped.housing_list[5].mean())


def test_the_promise_row_says_when_it_breaks_and_how_the_backlog_fares(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    found, runs = usual
    row = found.tables["mart_promise__region"].row(0, named=True)
    years = found.tables["mart_wait__yearly_region"].filter(months_covered=12)
    broken = years.filter(pl.col("kept_probability") < 0.5)["year"].min()
    assert row["first_year_broken"] == broken
    assert row["joint_probability"] <= years["kept_probability"].min()
    assert row["backlog_persons"] == 27
    capped = runs["capped"]
    backlog = slice(0, capped.backlog_cohorts)
    share = capped.offered_within[backlog].sum(axis=0) / 27
    assert row["backlog_within_share"] == pytest.approx(share.mean())
    assert (row["cap_dwellings"], row["promise_months"]) == (30, 6)


def test_observed_and_computed_lists_follow_each_other(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    found, runs = usual
    table = found.tables["mart_wait__monthly_list"]
    housing = table.filter(pl.col("measure") == "housing_list").sort("month")
    assert housing["is_observed"].to_list() == [True, True, *[False] * 120]
    assert housing["month"].to_list()[1:3] == ["2025-06", "2025-07"]
    assert housing["unit"].unique().to_list() == ["dwellings"]
    assert housing["mean"][2] == pytest.approx(runs["capped"].housing_list[0].mean())
    intake = table.filter(pl.col("measure") == "intake_list").sort("month")
    assert intake["unit"].unique().to_list() == ["persons"]
    assert intake["mean"][-1] == pytest.approx(runs["capped"].intake_list[-1].mean())


def test_places_and_support_are_those_of_the_years_end(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    found, runs = usual
    capped = runs["capped"]
    row = one(found, "mart_capacity__yearly_region", year=2028, target_group="shelter")
    assert row["places_mean"] == pytest.approx(capped.places[3, 1].mean())
    assert row["occupied_mean"] == pytest.approx(capped.stocks["residents"][3, 1].mean())
    assert row["blocked_mean"] <= row["occupied_mean"]
    whole = one(found, "mart_support__yearly_region", year=2028)
    # A time-out is support too.
    caseload = (capped.stocks["support"][3] + capped.stocks["away"][3]).sum(axis=0)
    assert whole["mean"] == pytest.approx(caseload.mean())


def test_applications_expected_add_up_to_backlog_offered_and_joined(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    found, runs = usual
    capped = runs["capped"]
    expected = found.expected_applications
    joined = capped.flows["joined"].sum(axis=1).mean(axis=1)
    waiting = capped.stocks["housing_list"].sum(axis=1).mean(axis=1)
    assert list(expected) == list(range(2025, 2036))
    # On the list, already offered, let this year, and joining in the rest of the year.
    assert expected[2025] == pytest.approx(27 + 3 + 18 + joined[0])
    assert expected[2027] == pytest.approx(waiting[1] + joined[2])
    assert found.current_lettings == 36.0


def test_sensitivity_ranks_every_uncertain_parameter_and_the_inflow(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    found, _ = usual
    table = found.tables["mart_sensitivity__region"]
    assert table["rank"].to_list() == list(range(1, table.height + 1))
    moved = (table["headline_high"] - table["headline_low"]).abs()
    assert moved.is_sorted(descending=True)
    values = make_resolved().values
    uncertain = {
        (name, group)
        for name, groups in values.items()
        for group, item in groups.items()
        if item.is_uncertain
    }
    uncertain |= {("inflow", group) for group in GROUPS}
    assert set(table.select("parameter", "target_group").iter_rows()) == uncertain
    assert uncertain - {("inflow", group) for group in GROUPS} <= set(DIMENSIONS)
    assert (table["low"] < table["high"]).all()
    share = table["variance_share"]
    assert ((share >= 0) & (share <= 1)).all()


@pytest.mark.parametrize("promise", [True, False])
def test_a_region_without_a_cap_is_a_lawful_state(promise: bool) -> None:
    found, runs = ask(make_world(cap=False, promise=promise), draws=FEW)
    assert list(runs) == [*MADE, "other_luck"]
    for name, table in found.tables.items():
        shape_table(name, table)
    waits = found.tables["mart_wait__yearly_region"]
    assert waits["cap_dwellings"].null_count() == waits.height
    assert (waits["kept_probability"] == 1.0).all()
    assert (waits["list_end_mean"] == 0.0).all()
    row = found.tables["mart_promise__region"].row(0, named=True)
    assert row["cap_dwellings"] is None
    assert row["promise_months"] == (6 if promise else None)
    assert row["first_year_broken"] is None
    joined = runs["demand"].flows["joined"].sum(axis=1).mean(axis=1)
    assert waits["cohort_mean"].to_list() == pytest.approx(joined.tolist())


def test_a_region_with_a_cap_and_no_promise_is_a_lawful_state() -> None:
    found, runs = ask(make_world(promise=False), draws=FEW)
    assert list(runs) == [*MADE, "other_luck", "capped"]
    for name, table in found.tables.items():
        shape_table(name, table)
    row = found.tables["mart_promise__region"].row(0, named=True)
    assert row["cap_dwellings"] == 30
    missing = ("promise_months", "share_norm", "certainty", "first_year_broken")
    assert [row[name] for name in missing] == [None] * 4
    assert row["joint_probability"] is None


def test_half_the_people_need_about_half_the_homes() -> None:
    half_rates = {group: rate / 2 for group, rate in RATES.items()}
    half = World(make_resolved(), make_core(scale=0.5), make_inflow(half_rates))
    medians = [
        np.median(total(world.run(RUNS["demand"], draws=DRAWS), "offered"))
        for world in (make_world(), half)
    ]
    assert 0.30 <= 1.0 - medians[1] / medians[0] <= 0.60


def test_a_number_of_draws_that_is_no_power_of_two_is_refused() -> None:
    with pytest.raises(UsageError, match="power of two"):
        ask(make_world(), draws=100)


def test_a_group_without_anybody_leaves_every_other_row_as_it_was(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    wider = ("youth", *GROUPS)
    more = World(make_resolved(wider), make_core(wider), make_inflow({"youth": 0.0, **RATES}))
    found, _ = ask(more)
    for name, table in usual[0].tables.items():
        with_it = found.tables[name]
        if "target_group" in with_it.columns:
            with_it = with_it.filter(pl.col("target_group") != "youth")
        if name == "mart_sensitivity__region":
            # Ranks shift as the new group's parameters, which move nothing, take the last ones.
            with_it, table = with_it.drop("rank"), table.drop("rank")
        assert_frame_equal(with_it, table, check_exact=True, check_row_order=True)
    assert found.expected_applications == usual[0].expected_applications


def test_a_published_number_stands_beside_our_own_run(
    usual: tuple[OutflowAnswer, dict[str, Run]],
) -> None:
    world = make_world()
    number = PublishedNumber.model_validate(
        {
            "value": 450,
            "unit": "dwellings",
            "as_of": "2025-06",
            "definition": "Extra woningen in tien jaar",
            "source": {"title": "Verzonnen bericht", "publisher": "Proeftuin"},
        }
    )
    region = world.resolved.region.model_copy(update={"published": number})
    resolved = replace(world.resolved, region=region)
    table = published(resolved, world.core, world.inflow, as_of=AS_OF, draws=DRAWS, seed=SEED)
    shape_table("mart_demand__published", table)
    assert table["measure"].to_list() == [
        "gross",
        "extra_constant_capacity",
        "extra_current_lettings",
    ]
    ours = of(usual[0], "mart_demand__ten_year", target_group="all").select("measure", "mean")
    both = table.join(ours, on="measure", suffix="_answer")
    assert both["mean"].to_list() == both["mean_answer"].to_list()
    with pytest.raises(ValueError, match="no published number"):
        published(world.resolved, world.core, world.inflow, as_of=AS_OF, draws=DRAWS, seed=SEED)


def test_drivers_of_the_declaration_are_those_that_are_run() -> None:
    bars = MARTS["mart_demand__drivers"].columns()["driver"].categories  # type: ignore[attr-defined]
    assert set(DRIVERS) < set(bars)
    assert set(DRIVERS) < set(RUNS)
