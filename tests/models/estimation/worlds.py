"""Generated stays with a known law, cut off where history begins and ends; small core tables.

Belongs here: chance and tables for the tests of the estimation. Does not belong here: a test, or
anything of `models.estimation` but the form of its input.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from models.estimation.lengths import Lengths
from models.months import month_of

AS_OF = month_of(2025, 6)
DAYS = 30.4375


def live_stays(
    dice: np.random.Generator,
    mean_months: float,
    count: int,
    *,
    phases: int = 2,
    window_months: float = 120.0,
) -> Lengths:
    """Let people come in evenly, long before the window too; keep who is in sight in it.

    Args:
        dice: The chance.
        mean_months: True mean length.
        count: About how many stays are in sight.
        phases: Number of equal phases.
        window_months: Months from the beginning of history to its end.
    """
    before = 12.0 * mean_months
    expected_in_sight = (window_months + mean_months) / (window_months + before)
    arrivals = round(count / expected_in_sight)
    start = dice.uniform(-before, window_months, arrivals)
    length = dice.gamma(phases, mean_months / phases, arrivals)
    seen = start + length > 0.0
    start, length = start[seen], length[seen]
    finished = start + length < window_months
    return Lengths(
        entry=np.maximum(-start, 0.0),
        length=np.where(finished, length, window_months - start),
        finished=finished,
    )


def stay_frame(
    stays: Mapping[tuple[str, str], Lengths] | None = None,
    *,
    basis: Sequence[str] | None = None,
    waited_days: float | None = None,
) -> pl.DataFrame:
    """Lay stays out as `core_stay__length`, by (target group, complexity)."""
    frames = [
        pl.DataFrame(
            {
                "target_group": [group] * lived.length.size,
                "complexity": [complexity] * lived.length.size,
                "basis": list(basis)
                if basis is not None
                else np.where(lived.finished, "ready", "open").tolist(),
                "entry_days": np.round(lived.entry * DAYS).astype(np.int64),
                "length_days": np.round(lived.length * DAYS).astype(np.int64),
                "waited_days": [waited_days] * lived.length.size,
                "age_years": [None] * lived.length.size,
                "last_on": ["2025-06-30"] * lived.length.size,
            },
            schema_overrides={"waited_days": pl.Int64, "age_years": pl.Float64},
        )
        for (group, complexity), lived in (stays or {}).items()
    ]
    return pl.concat(frames)
