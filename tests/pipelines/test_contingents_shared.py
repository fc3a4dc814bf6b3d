"""What a key splits where contingents are agreed and no cap is: the Drechtsteden's fifty homes."""

from pathlib import Path

import polars as pl
import pytest

from models.months import parse_month
from models.registry import Resolved
from pipelines.marts import shares_contingents
from pipelines.quota_parties import counted_grounds, progress_rows
from pipelines.quotas import sharing_of
from pipelines.regions import read_region_folder
from pipelines.sources.key_figures import key_factors

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
AS_OF = parse_month("2026-10")
REGION_ID = "drechtsteden-alblasserwaard"


def _resolved(region_id: str) -> Resolved:
    folder = read_region_folder(ROOT / "data" / "raw" / "regions" / region_id)
    return folder.resolve(["baseline"])["baseline"]


@pytest.fixture(scope="module")
def quotas() -> pl.DataFrame:
    """The split of the Drechtsteden, while far more homes are expected to be asked for."""
    resolved = _resolved(REGION_ID)
    codes = [item.code for item in resolved.region.municipalities]
    figures = {
        item.id: key_factors(ROOT / "data" / "raw" / "open", codes, item.statistics_year)
        for item in resolved.region.keys
    }
    expected = {year: 180.0 for year in range(2026, 2037)}
    return sharing_of(resolved, figures, expected, as_of=AS_OF).split().quotas


def test_every_year_splits_the_fifty_whatever_is_expected(quotas: pl.DataFrame) -> None:
    yearly = quotas.group_by("year").agg(pl.col("quota").sum(), pl.col("at_most").null_count())
    assert set(yearly["quota"]) == {50}
    assert set(yearly["at_most"]) == {9}


def test_the_smallest_come_to_two_or_three_a_year_as_the_region_says(quotas: pl.DataFrame) -> None:
    smallest = quotas.filter(pl.col("municipality_code") == "GM0523")
    assert set(smallest["quota"]) == {2, 3}


def test_progress_counts_the_grounds_of_the_contingent(quotas: pl.DataFrame) -> None:
    region = _resolved(REGION_ID).region
    lettings = pl.DataFrame(
        {
            "month": ["2026-03", "2026-03", "2026-04"],
            "municipality_code": ["GM0505"] * 3,
            "ground": ["outflow", "tailored", "housing_first"],
            "dwellings": [40, 3, 2],
        }
    )
    rows = progress_rows(
        quotas.with_columns(scenario_id=pl.lit("baseline")),
        lettings,
        as_of=AS_OF,
        pacing_months=12,
        grounds=counted_grounds(region),
    )
    assert {row["realised"] for row in rows if row["municipality_code"] == "all"} == {5}


def test_a_region_with_a_cap_or_without_contingents_splits_as_before() -> None:
    for region_id in ("zk-ijmond", "amsterdam", "alkmaar"):
        region = _resolved(region_id).region
        assert not shares_contingents(region)
        assert counted_grounds(region) == ("outflow",)
