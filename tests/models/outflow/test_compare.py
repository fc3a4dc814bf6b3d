"""Two scenarios on the same luck: what must be equal is equal, and pairing is worth its while."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.outflow import answer
from models.outflow.compare import (
    COMPARED,
    MEASURES,
    Case,
    DrawFigures,
    Luck,
    difference_table,
    differences,
    draw_figures,
    run_cases,
)
from models.tables import shape_table
from tests.models.invented import (
    AS_OF,
    RATES,
    SEED,
    World,
    make_inflow,
    make_scenario,
    make_world,
    set_cap,
    total,
)

pytestmark = pytest.mark.unit

DRAWS = 64
LUCK = Luck(SEED, DRAWS)


def case_of(world: World) -> Case:
    return Case(world.resolved, world.core, world.inflow, AS_OF)


def figures_of(world: World, name: str = "baseline", luck: Luck = LUCK) -> DrawFigures:
    capped = world.resolved.cap_value is not None
    asked = {key: item for key, item in COMPARED.items() if capped or not item.capped}
    cases = {key: replace(case_of(world), switches=item) for key, item in asked.items()}
    return draw_figures(name, world.inputs, run_cases(cases, luck))


@pytest.fixture(scope="module")
def usual() -> DrawFigures:
    return figures_of(make_world())


@pytest.fixture(scope="module")
def diverted() -> DrawFigures:
    return figures_of(make_world().with_values(divert_unplaced_share=1.0), "all-diverted")


def test_a_scenario_beside_itself_differs_in_nothing(usual: DrawFigures) -> None:
    table = differences(usual, figures_of(make_world(), "again"))
    assert set(table["measure"]) == set(MEASURES)
    for column in ("mean", "p10", "p90", "share_above"):
        assert (table[column] == 0.0).all()


def test_a_difference_is_taken_within_every_draw(usual: DrawFigures, diverted: DrawFigures) -> None:
    table = differences(usual, diverted)
    for row in table.iter_rows(named=True):
        assert row["mean"] == pytest.approx(row["second_mean"] - row["first_mean"], abs=1e-9)
        assert row["p10"] <= row["p90"]
    row = table.filter(pl.col("year").is_null()).row(0, named=True)
    assert row["measure"] == "gross"
    apart = diverted.totals["gross"] - usual.totals["gross"]
    assert row["share_above"] == (apart > 0).mean()
    assert (row["p10"], row["p90"]) == tuple(np.quantile(apart, (0.1, 0.9)))


def test_the_years_add_up_to_the_ten_years(usual: DrawFigures, diverted: DrawFigures) -> None:
    table = differences(usual, diverted)
    yearly = table.filter(pl.col("year").is_not_null())
    assert yearly["measure"].unique().to_list() == ["gross"]
    whole = table.filter(pl.col("year").is_null() & (pl.col("measure") == "gross"))
    assert yearly["mean"].sum() == pytest.approx(whole["mean"].item())
    assert yearly["year"].to_list() == list(range(2025, 2036))


def test_turning_round_a_comparison_turns_its_signs(
    usual: DrawFigures, diverted: DrawFigures
) -> None:
    there, back = differences(usual, diverted), differences(diverted, usual)
    assert there["mean"].to_list() == pytest.approx([-value for value in back["mean"]])
    assert there["p10"].to_list() == pytest.approx([-value for value in back["p90"]])


def test_who_is_sent_to_a_home_at_once_needs_one_and_waits_for_no_place(
    usual: DrawFigures, diverted: DrawFigures
) -> None:
    table = {row["measure"]: row for row in differences(usual, diverted).iter_rows(named=True)
             if row["year"] is None}  # fmt: skip
    assert table["gross"]["p10"] > 0
    assert table["unmet_persons"]["p90"] < 0


def test_a_constant_reference_leaves_the_difference_alone(
    usual: DrawFigures, diverted: DrawFigures
) -> None:
    found = differences(usual, diverted).filter(pl.col("year").is_null())
    rows = found.select("measure", "mean", "p10", "p90").rows()
    gross, extra = rows[0], rows[1]
    assert (gross[0], extra[0]) == ("gross", "extra_current_lettings")
    assert gross[1:] == pytest.approx(extra[1:])


def test_a_higher_cap_lets_more_homes_and_changes_no_demand(usual: DrawFigures) -> None:
    world = make_world()
    higher = figures_of(replace(world, resolved=set_cap(world.resolved, 60)), "higher")
    table = differences(usual, higher).filter(pl.col("year").is_null())
    rows = {row["measure"]: row for row in table.iter_rows(named=True)}
    for measure in ("gross", "extra_constant_capacity", "unmet_persons"):
        assert (rows[measure]["p10"], rows[measure]["p90"]) == (0.0, 0.0)
    assert rows["let"]["p10"] > 0
    assert rows["list_end"]["p90"] < 0
    assert rows["within_share"]["mean"] > 0


def test_places_in_between_send_more_people_to_a_home_and_later(usual: DrawFigures) -> None:
    """No example region published such places, so the scenario is tried on the invented one."""
    places = {
        "kind": "in_between",
        "places": 20,
        "open_from": "2025-07",
        "stay_months": 18.0,
        "source": "Een verzonnen vraag",
    }
    share = {"all": {"value": 0.2, "source": "Een verzonnen vraag"}}
    scenario = make_scenario(
        "in-between",
        extends="baseline",
        projects=[places],
        parameters={"in_between_share": share},
    )
    found = figures_of(make_world(scenario=scenario), "in-between")
    table = differences(usual, found)
    gross = table.filter(measure="gross")
    yearly = dict(gross.drop_nulls("year").select("year", "mean").iter_rows())
    assert yearly[2034] > max(yearly[2025], 0.0)
    assert gross.filter(pl.col("year").is_null())["mean"].item() > 0.0


def test_without_a_cap_everybody_is_offered_a_home_in_time() -> None:
    found = figures_of(make_world(cap=False))
    assert (found.totals["within_share"] == 1.0).all()
    assert (found.totals["list_end"] == 0.0).all()


def test_pairing_narrows_a_difference_at_least_twentyfold() -> None:
    """5 % more inflow: variance of the difference, paired against two runs of their own."""
    world = make_world(cap=False)
    more = replace(world, inflow=make_inflow({key: 1.05 * rate for key, rate in RATES.items()}))
    luck, other = Luck(SEED, 512), Luck(SEED + 1, 512)
    base = total(run_cases({"a": case_of(world)}, luck)["a"], "joined")
    same = total(run_cases({"a": case_of(more)}, luck)["a"], "joined")
    apart = total(run_cases({"a": case_of(more)}, other)["a"], "joined")
    ratio = float(np.var(apart - base) / np.var(same - base))
    assert ratio >= 20.0, ratio
    assert same.mean() > base.mean()


def test_neither_chunks_nor_company_change_a_case() -> None:
    world = make_world()
    whole = run_cases({"only": case_of(world)}, LUCK)["only"]
    other = replace(case_of(world), switches=COMPARED["capped"])
    parts = run_cases({"other": other, "only": case_of(world)}, replace(LUCK, chunk=32))["only"]
    for name, flow in whole.flows.items():
        assert (parts.flows[name] == flow).all(), name


def test_the_runs_of_an_answer_are_the_runs_a_comparison_would_make(usual: DrawFigures) -> None:
    world = make_world()
    made = answer(
        world.resolved,
        world.core,
        world.inflow,
        as_of=AS_OF,
        draws=DRAWS,
        seed=SEED,
        detailed=False,
    )
    found = draw_figures("baseline", world.inputs, made.compared)
    for measure in MEASURES:
        assert (found.totals[measure] == usual.totals[measure]).all(), measure


def test_the_table_of_differences_is_as_declared_with_and_without_scenarios(
    usual: DrawFigures, diverted: DrawFigures
) -> None:
    for others in ([], [diverted]):
        table = difference_table(usual, others).with_columns(region_id=pl.lit("proeftuin"))
        shaped = shape_table("mart_demand__scenario_difference", table)
        assert shaped.height == len(MEASURES) * len(others)
