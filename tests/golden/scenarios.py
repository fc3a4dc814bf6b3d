"""Every shipped scenario of the example region, with what came out of it when it was written.

`python -m tests.golden.scenarios --write` makes `scenarios.csv` again; look at the diff and say in
CHANGELOG.md under "Figures that changed" which number moved and why. Belongs here: what goes into
that file. Does not belong here: a test.
"""

import sys
from pathlib import Path

import polars as pl

from models.outflow.compare import COMPARED, MEASURES, Luck, draw_figures, run_cases
from models.outflow.figures import spread
from pipelines.comparisons import read_region
from pipelines.paths import CHECKOUT, DataRoot

FILE = Path(__file__).with_name("scenarios.csv")
REGION_ID, AS_OF, DRAWS, SEED = "zk-ijmond", "2026-10", 128, 1
FIGURES = ("mean", "p10", "p90")


def compute() -> pl.DataFrame:
    """Compute ten years of every scenario, both twins: measure, unit, mean, p10 and p90.

    Homes and persons are whole numbers, shares have three decimals.
    """
    reading = read_region(DataRoot(CHECKOUT / "data"), REGION_ID, as_of=AS_OF)
    names = reading.folder.scenario_ids
    default = reading.folder.region.default_scenario
    standing = reading.stand_at([default, *(name for name in names if name != default)])
    rows = []
    for name in names:
        asked = {key: standing.case(name, COMPARED[key]) for key in ("demand", "capped")}
        runs = run_cases(asked, Luck(SEED, DRAWS))
        figures = draw_figures(name, standing.case(name).inputs, runs)
        for measure, draws in figures.totals.items():
            found, unit = spread(draws), MEASURES[measure]
            digits = 3 if unit == "share" else 0
            shown = {key: round(found[key], digits) + 0.0 for key in FIGURES}
            rows.append({"scenario_id": name, "measure": measure, "unit": unit.value, **shown})
    return pl.DataFrame(rows)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("say --write to store what is computed now")
    compute().write_csv(FILE)
