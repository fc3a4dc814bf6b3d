"""What can be asked of a run: as-of month, scenarios, draws, seed; and what counts as usual.

Belongs here: the options, their defaults and their limits. Does not belong here: the region's
answers to them (`region_run`), the command line's flags (`cli`), Dagster's config (`resources`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import FaultList, UsageError
from models.months import parse_month

DEFAULT_DRAWS = 2048
STUDY_DRAWS = 512
"""Draws of a study of one scenario: paired runs need no more for means and 80 % intervals."""
DEFAULT_SEED = 20_220_101
LEAST_DRAWS = 16
MOST_DRAWS = 1 << 20
MOST_SEED = (1 << 63) - 1
ALL_SCENARIOS = "all"
"""The name that asks for every shipped scenario."""


@dataclass(frozen=True)
class Options:
    """What was asked of a run.

    Attributes:
        as_of: Last month that counts as known, as "YYYY-MM"; None for the last complete one.
        scenarios: Ids asked for beside the default scenario, without repeats, in order of name.
        draws: Number of draws, a power of two.
        seed: Seed of the draws.
    """

    as_of: str | None = None
    scenarios: tuple[str, ...] = ()
    draws: int = DEFAULT_DRAWS
    seed: int = DEFAULT_SEED

    @property
    def has_usual_draws(self) -> bool:
        """Whether draws and seed are the ones that `current` stands for."""
        return (self.draws, self.seed) == (DEFAULT_DRAWS, DEFAULT_SEED)


def read_options(
    *,
    as_of: str | None = None,
    scenarios: Sequence[str] = (),
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
) -> Options:
    """Check what was asked.

    Raises:
        UsageError: No month, draws that are no power of two, a seed that is negative or too large
            (all faults together).
    """
    faults = FaultList()
    try:
        if as_of is not None:
            parse_month(as_of, where="--as-of")
    except UsageError as fault:
        faults.add(fault)
    if not LEAST_DRAWS <= draws <= MOST_DRAWS or draws & (draws - 1):
        faults.add(
            UsageError(
                "the number of draws is not a power of two in the allowed range",
                where="--draws",
                found=str(draws),
                expected=f"{LEAST_DRAWS} to {MOST_DRAWS}",
                todo=f"Take {_nearest_power(draws)}.",
            )
        )
    if not 0 <= seed <= MOST_SEED:
        faults.add(
            UsageError(
                "the seed is out of range",
                where="--seed",
                found=str(seed),
                expected=f"0 to {MOST_SEED}",
            )
        )
    faults.raise_if_any()
    return Options(as_of, tuple(sorted(set(scenarios))), draws, seed)


def _nearest_power(draws: int) -> int:
    above = 1 << max(draws - 1, 1).bit_length()
    below = above >> 1
    best = below if draws - below < above - draws else above
    return min(max(best, LEAST_DRAWS), MOST_DRAWS)
