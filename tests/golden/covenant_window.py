"""The covenant's own window: the example region as it was known at the end of 2021.

`python -m tests.golden.covenant_window --write` makes `covenant_window.csv` again; look at the diff
and say in CHANGELOG.md under "Figures that changed" which number moved and why. Belongs here: what
goes into that file. Does not belong here: a test.
"""

import sys
from pathlib import Path

import polars as pl

from models.months import parse_month
from models.outflow import answer
from pipelines.comparisons import read_region
from pipelines.paths import CHECKOUT, DataRoot

FILE = Path(__file__).with_name("covenant_window.csv")
AS_OF, DRAWS, SEED = "2021-12", 512, 20220101


def compute() -> pl.DataFrame:
    """Compute the ten years 2022 to 2031: target_group, measure and whole numbers."""
    month = parse_month(AS_OF)
    then = read_region(DataRoot(CHECKOUT / "data"), "zk-ijmond", as_of=AS_OF).stand_at(["baseline"])
    resolved = then.scenarios["baseline"]
    tables = answer(
        resolved, then.core, then.inflow, as_of=month, draws=DRAWS, seed=SEED, detailed=False
    ).tables
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
