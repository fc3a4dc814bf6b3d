"""The answer follows what is delivered: the example region's files, halved at the door."""

import shutil
from collections.abc import Mapping

import polars as pl
import pytest

from models.forecast import forecast_inflow
from models.months import parse_month
from models.outflow import published
from pipelines.options import Options
from pipelines.paths import CHECKOUT, DataRoot
from pipelines.region_run import RegionRun, open_run

pytestmark = pytest.mark.integration

AS_OF = "2021-12"
HALVED = ("intake", "applications")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RegionRun:
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(CHECKOUT / "data" / "raw", folder / "raw")
    run = open_run(DataRoot(folder), "zk-ijmond", Options(as_of=AS_OF))
    run.close()
    return run


def median_gross(run: RegionRun, accepted: Mapping[str, pl.DataFrame]) -> float:
    month = parse_month(AS_OF)
    core = run.build_core(accepted, as_of=month)
    inflow = forecast_inflow(core["core_intake__monthly"], run.default, as_of=month)
    table = published(run.default, core, inflow, as_of=month, draws=256, seed=1)
    return table.filter(measure="gross")["p50"].item()


def test_halving_referrals_and_lists_moves_the_median_by_30_to_60_percent(run: RegionRun) -> None:
    accepted = run.read_deliveries().accepted
    half = {
        name: frame.gather_every(2) if name in HALVED else frame for name, frame in accepted.items()
    }
    moved = 1.0 - median_gross(run, half) / median_gross(run, accepted)
    assert 0.3 <= moved <= 0.6
