"""The covenant's own window: the example region as it was known at the end of 2021.

`python -m tests.golden.covenant_window --write` makes `covenant_window.csv` again; look at the diff
and say in CHANGELOG.md under "Figures that changed" which number moved and why. Belongs here: what
goes into that file. Does not belong here: a test.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from models.forecast import forecast_inflow
from models.months import parse_month
from models.outflow import answer
from pipelines.options import Options
from pipelines.paths import CHECKOUT, DataRoot
from pipelines.region_run import open_run

FILE = Path(__file__).with_name("covenant_window.csv")
AS_OF, DRAWS, SEED = "2021-12", 512, 20220101


def compute() -> pl.DataFrame:
    """Compute the ten years 2022 to 2031: target_group, measure and whole numbers."""
    month = parse_month(AS_OF)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(CHECKOUT / "data" / "raw", Path(folder) / "raw")
        run = open_run(DataRoot(Path(folder)), "zk-ijmond", Options(as_of=AS_OF))
        try:
            accepted = run.read_deliveries().accepted
            core = run.build_core(accepted, as_of=month)
        finally:
            run.close()
    inflow = forecast_inflow(core["core_intake__monthly"], run.default, as_of=month)
    tables = answer(run.default, core, inflow, as_of=month, draws=DRAWS, seed=SEED).tables
    return (
        tables["mart_demand__ten_year"]
        .select("target_group", "measure", "mean", "p10", "p50", "p90")
        .with_columns(pl.col("mean", "p10", "p50", "p90").round(0).cast(pl.Int64))
        .sort("target_group", "measure")
    )


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("say --write to store what is computed now")
    compute().write_csv(FILE)
