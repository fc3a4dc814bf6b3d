"""Asking the quota model: figures of keys, caps and owed homes, what comes back, the tables."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from models.distribution import Accounting, AlternativeKey, Bid, DistributionKey
from models.errors import RefusedError
from models.months import parse_month
from models.params import Composition
from models.registry import Resolved
from models.tables import MARTS, shape_table
from pipelines import quotas
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.quota_parties import quota_codes
from pipelines.region_run import RegionRun, open_run
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.unit

AS_OF = parse_month("2025-06")
STOCK = pl.DataFrame(
    {
        "association": ["A", "A", "B"],
        "municipality_code": ["GM0375", "GM0396", "GM0396"],
        "stock_year": [2022, 2022, 2022],
        "flow_year": [2021, 2021, 2021],
        "dwellings": [100, 50, 50],
        "social_dwellings": [90, 30, 30],
        "relets": [9, 5, 5],
        "suitable_relets": [3, 1, None],
        "new_lettings": [0, 0, 0],
    }
)
LETTINGS = pl.DataFrame(
    {
        "month": ["2023-04", "2024-01", "2024-02"],
        "municipality_code": ["GM0375", "GM0375", "GM0396"],
        "ground": ["outflow", "outflow", "regular"],
        "target_group": ["all"] * 3,
        "dwellings": [4, 6, 50],
    }
)
ORIGINS = pl.DataFrame(
    {
        "year": [2024],
        "origin_code": ["GM0396"],
        "home_code": ["GM0375"],
        "network_led": [2],
        "dwellings": [2],
    }
)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Give a run of the invented region as far as its answers."""
    found = open_run(DataRoot(build_data_root(tmp_path)), REGION_ID, Options(draws=16))
    yield fake_run(found)
    found.close()


def fake_run(found: RegionRun, **parts: object) -> SimpleNamespace:
    """Make a run of what the quota asks, with parts of the region's file replaced."""
    region = found.region.model_copy(update=parts)
    scenarios = {name: replace(item, region=region) for name, item in found.scenarios.items()}
    core = {
        "core_stock__yearly": STOCK,
        "core_letting__monthly": LETTINGS,
        "core_letting__origin": ORIGINS,
    }
    months = {year: 12 for year in range(2026, 2035)} | {2025: 6, 2035: 6}
    answer = SimpleNamespace(
        expected_applications={year: 40.0 for year in range(2025, 2030)} | {2030: 4.0},
        months_covered=dict(sorted(months.items())),
        joined_by_group={year: {"shelter": 7.5, "refuge": 2.5} for year in months},
        gross_by_year=np.arange(11 * 16).reshape(11, 16) % 7 + 5,
    )
    return SimpleNamespace(
        found=found,
        region=region,
        region_id=region.id,
        scenarios=scenarios,
        default=scenarios[region.default_scenario],
        answers={name: answer for name in scenarios},
        as_of=AS_OF,
        root=found.root,
        options=found.options,
        read_core=lambda *names: {name: core[name] for name in names},
    )


def default_of(run: SimpleNamespace) -> Resolved:
    return run.default


def sharing(run: SimpleNamespace, **options: object) -> quotas.RegionSharing:
    """Put the question of the default scenario together."""
    figures = {key.id: quotas.formula_figures(run, key, quota_codes(run.region, AS_OF))
               for key in run.region.keys}  # fmt: skip
    expected = run.answers[run.region.default_scenario].expected_applications
    return quotas.sharing_of(default_of(run), figures, expected, as_of=AS_OF, **options)


def test_all_tables_of_a_region_meet_their_declarations(run: SimpleNamespace) -> None:
    tables = quotas.split_quotas(run)
    for name, frame in tables.items():
        shaped = shape_table(name, frame)
        assert shaped.height > 0 or name in ("mart_quota__supply", "mart_quota__finding")
    shares = tables["mart_quota__key_share"]
    assert set(shares["municipality_name"]) == {"Beverwijk", "Heemskerk"}
    assert shares["year_homes"].sum() == shares["year_total"][0]
    assert shares["ten_year_homes"].sum() == shares["ten_year_total"][0]


def test_a_region_without_a_key_or_before_its_composition_has_empty_tables(
    run: SimpleNamespace,
) -> None:
    for frame in quotas.split_quotas(fake_run(run.found, keys=())).values():
        assert frame.is_empty()
    run.as_of = parse_month("2021-11")
    tables = quotas.split_quotas(run)
    assert all(frame.is_empty() for frame in tables.values())
    assert set(tables) <= set(MARTS)


def test_owed_homes_stay_under_the_cap_and_a_missing_year_owes_none(run: SimpleNamespace) -> None:
    table = sharing(run).split().quotas
    yearly = table.group_by("year").agg(pl.col("at_most", "quota").sum()).sort("year")
    assert yearly["year"].to_list() == list(range(2025, 2035))
    assert yearly["at_most"].to_list() == [10] * 10
    assert yearly["quota"].to_list() == [10] * 5 + [4] + [0] * 4


def test_a_region_without_a_cap_owes_all_that_is_expected(run: SimpleNamespace) -> None:
    uncapped = replace(run.default, region=run.region.model_copy(update={"cap": None}),
                       cap_value=None)  # fmt: skip
    run.default = uncapped
    table = sharing(run).split().quotas
    assert table["at_most"].null_count() == table.height
    assert table.filter(year=2025)["quota"].sum() == 40


def test_a_delivered_factor_is_added_up_by_municipality(run: SimpleNamespace) -> None:
    key = with_factor(run.region.keys[0], "social_dwellings", 2022)
    figures = quotas.formula_figures(run, key, ("GM0375", "GM0396"))
    assert figures["social_dwellings"].to_list() == [90, 60]


def test_a_delivered_factor_that_is_unknown_in_one_part_is_refused_by_name(
    run: SimpleNamespace,
) -> None:
    key = with_factor(run.region.keys[0], "suitable_relets", 2021)
    with pytest.raises(RefusedError, match="suitable_relets of 2021 was not delivered for GM0396"):
        quotas.formula_figures(run, key, ("GM0375", "GM0396"))


def test_bids_stand_beside_the_quota_and_change_nothing(run: SimpleNamespace) -> None:
    plain = quotas.split_quotas(run)["mart_quota__yearly_municipality"]
    bids = (
        Bid(agreement_id="proef-cap", municipality_code="GM0375", first_year=2026, dwellings=9),
        Bid(agreement_id="proef-cap", municipality_code="GM0375", first_year=2027, last_year=2027,
            dwellings=1),
    )  # fmt: skip
    table = quotas.split_quotas(fake_run(run.found, bids=bids))["mart_quota__yearly_municipality"]
    assert table.drop("bid").equals(plain.drop("bid"))
    default = table.filter(scenario_id=run.region.default_scenario, municipality_code="GM0375")
    assert default["bid"].to_list() == [None, 9, 10, *[9] * 7]


def test_an_alternative_key_stands_beside_the_one_in_force(run: SimpleNamespace) -> None:
    own = run.region.keys[0]
    other = AlternativeKey(
        id="inwoners",
        label="Alleen inwoners",
        why="Een andere weging ter vergelijking",
        statistics_year=own.statistics_year,
        factors=(own.factors[0].model_copy(update={"factor": "population"}),),
    )
    tables = quotas.split_quotas(fake_run(run.found, alternative_keys=(other,)))
    shares = tables["mart_quota__key_share"]
    assert dict(shares.select("key_id", "is_in_force").unique().iter_rows()) == {
        own.id: True,
        "inwoners": False,
    }
    plain = quotas.split_quotas(run)["mart_quota__yearly_municipality"]
    assert tables["mart_quota__yearly_municipality"].equals(plain)


def test_lettings_that_are_settled_come_back_in_the_next_years(run: SimpleNamespace) -> None:
    settled = fake_run(run.found, accounting=Accounting(settles="lettings"))
    table = quotas.split_quotas(settled)["mart_quota__yearly_municipality"].filter(
        scenario_id=run.region.default_scenario, year=2025
    )
    # All ten homes were let in Beverwijk: Heemskerk's share of them comes first.
    behind = 10 * table.filter(municipality_code="GM0396")["key_share"][0]
    assert table.sort("municipality_code")["carried"].to_list() == pytest.approx([-behind, behind])
    assert table["quota"].sum() == 10


def test_overrides_that_are_settled_come_back_and_the_total_stays(run: SimpleNamespace) -> None:
    asked = {
        "plain": run,
        "settled": fake_run(run.found, accounting=Accounting(settles="overrides")),
    }
    rows = {
        name: quotas.split_quotas(each)["mart_quota__yearly_municipality"]
        .filter(scenario_id=run.region.default_scenario, year=2025)
        .sort("municipality_code")
        for name, each in asked.items()
    }
    moved = rows["settled"]["carried"] - rows["plain"]["carried"]
    assert moved.to_list() == pytest.approx([-2, 2])
    assert rows["settled"]["quota"].sum() == rows["plain"]["quota"].sum() == 10


def test_homes_let_before_a_municipality_shared_the_quota_settle_nothing(
    run: SimpleNamespace,
) -> None:
    """A letting of 2023 in a municipality that joins in 2024: only 2024 comes back."""
    from_2024 = (
        ("2017-01", "2023-12", ("GM0396",)),
        ("2024-01", None, ("GM0375", "GM0396")),
    )
    changing = tuple(
        Composition(purpose="quota", valid_from=first, valid_to=last, municipalities=codes)
        for first, last, codes in from_2024
    )
    settled = fake_run(run.found, accounting=Accounting(settles="lettings"), compositions=changing)
    codes, members = quotas._sharers(settled)
    assert codes == ("GM0375", "GM0396")
    found = quotas.let_by_year(settled, range(2022, 2025), members=members)
    assert found == {2022: {}, 2023: {}, 2024: {"GM0375": 6}}
    assert quotas.let_by_year(settled, [2023], members={}) == {2023: {"GM0375": 4}}
    table = quotas.split_quotas(settled)["mart_quota__yearly_municipality"].filter(
        scenario_id=run.region.default_scenario, year=2025
    )
    behind = 6 * table.filter(municipality_code="GM0396")["key_share"][0]
    carried = table.sort("municipality_code")["carried"].to_list()
    assert carried == pytest.approx([-behind, behind])


def test_the_explanation_adds_up_for_every_municipality_and_year(run: SimpleNamespace) -> None:
    tables = quotas.split_quotas(run)
    for row in tables["mart_quota__explanation"].iter_rows(named=True):
        assert row["claim"] == pytest.approx(row["exact"] + row["carried"])
        assert row["carried_on"] == pytest.approx(row["claim"] - row["quota"])
        assert row["exact"] == pytest.approx(row["key_share"] * row["total"])
        homes = [int(number) for number in row["homes"].split(", ") if number]
        assert len(homes) == row["quota"]


def with_factor(key: DistributionKey, factor: str, year: int) -> DistributionKey:
    """Give a key of one other factor."""
    factors = (key.factors[0].model_copy(update={"factor": factor}),)
    return key.model_copy(update={"factors": factors, "statistics_year": year})
