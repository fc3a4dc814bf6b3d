"""What changed since an earlier headline, in parts that add up exactly.

Belongs here: from the levels of a chain of runs, in each of which one thing more is as it is today,
to the parts between them. Does not belong here: the runs (`compare`), what is taken from when
(`pipelines.changes`), sentences.
"""

from collections.abc import Mapping

import polars as pl

from models.outflow.compare import MEASURES as UNITS
from models.tables import DECIMALS

PREVIOUS, CURRENT = "previous", "current"
STEPS = (
    "model_version",
    "revised_data",
    "new_data",
    "source_edition",
    "decision_or_parameter",
)
"""What is taken from today, one after the other: the code; rows about the months that were known
then; the months since; public statistics; the region's file, scenario and national values."""

MEASURES = ("gross", "extra_current_lettings")
"""What is told apart: gross demand, and the headline."""

Levels = Mapping[str, float]
"""Mean over the draws by measure (dwellings in ten years)."""


def change_table(
    previous: Levels, chain: Mapping[str, Levels] | None, current: Levels
) -> pl.DataFrame:
    """Make `mart_demand__changes` (without region and scenario).

    A part is the level with one thing more as it is today, less the level before. All levels are
    rounded as marts are before the differences are taken, so that the parts add up as stored.

    Args:
        previous: What was published.
        chain: The levels after every step of `STEPS` but the last; None where they cannot be told
            apart: then only the two ends are given.
        current: Today's figures, which are the level after the last step.

    Returns:
        Rows of measure and position: part, unit, mean.
    """
    rows: list[dict[str, object]] = []
    for measure in (name for name in MEASURES if name in previous and name in current):
        levels = [previous[measure]]
        levels += [] if chain is None else [chain[step][measure] for step in STEPS[:-1]]
        levels = [round(level, DECIMALS) for level in [*levels, current[measure]]]
        bars = [(PREVIOUS, levels[0])]
        if chain is not None:
            parts = zip(STEPS, levels[:-1], levels[1:], strict=True)
            bars += [(step, round(after - before, DECIMALS)) for step, before, after in parts]
        bars.append((CURRENT, levels[-1]))
        rows += [
            {"measure": measure, "position": at, "part": part, "mean": mean}
            | {"unit": UNITS[measure].value}
            for at, (part, mean) in enumerate(bars, start=1)
        ]
    text = dict.fromkeys(("measure", "part", "unit"), pl.String())
    return pl.DataFrame(rows, schema={**text, "position": pl.Int32(), "mean": pl.Float64()})
