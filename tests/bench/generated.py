"""Generated series with known futures: what intervals are calibrated and checked on.

Belongs here: worlds of yearly, quarterly and monthly series, and of small counts, whose parameters
are drawn widely. Does not belong here: any public series; those are kept for blind scoring.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

PERIODS = {"Y": 1, "Q": 4, "M": 12}
LENGTHS = {"Y": (12, 45), "Q": (20, 70), "M": (48, 130)}
HORIZONS = {"Y": 10, "Q": 12, "M": 24}


@dataclass(frozen=True)
class Generated:
    """A generated series: its past and its future."""

    past: np.ndarray
    future: np.ndarray


def generate(freq: str, count: int, seed: int, *, small_counts: bool = False) -> list[Generated]:
    """Generate series of drawn lengths.

    The log of the level is a random walk with a damped, wandering slope; noise is multiplicative,
    half of the series with more than one season a year have seasons. A third have a step somewhere
    in past or future and a third a new slope, because real series break: nominal intervals, which
    know no breaks, cover half to two thirds of them where 80 % is meant. Small counts are Poisson,
    or over-dispersed, around a wandering level without slope; a fifth have a step.

    Args:
        freq: "Y", "Q" or "M".
        count: How many.
        seed: Seed of the generator.
        small_counts: Whether they are counts with a mean under 60.
    """
    dice = np.random.default_rng([seed, PERIODS[freq], int(small_counts)])
    least, most = LENGTHS[freq]
    make = _counts if small_counts else _values
    return [
        make(dice, int(dice.integers(least, most + 1)), HORIZONS[freq], PERIODS[freq])
        for _ in range(count)
    ]


def as_frame(worlds: list[Generated]) -> pl.DataFrame:
    """Lay pasts out as a collection: series_id, t, value."""
    sizes = [world.past.size for world in worlds]
    names = [f"s{at:05d}" for at in range(len(worlds))]
    return pl.DataFrame(
        {
            "series_id": np.repeat(names, sizes),
            "t": np.concatenate([np.arange(size) for size in sizes]),
            "value": np.concatenate([world.past for world in worlds]).astype(float),
        }
    )


def _values(dice: np.random.Generator, points: int, horizon: int, period: int) -> Generated:
    total = points + horizon
    yearly = 10 ** dice.uniform(-2.3, -0.7)  # sd of a year's change of the level
    noise = 10 ** dice.uniform(-3.0, -1.0)
    wander = yearly * dice.choice([0.0, 0.1, 0.3]) / period
    damping = dice.uniform(0.85, 1.0) ** (1 / period)
    slope = dice.normal(0.02, 0.03) / period
    log_level = np.empty(total)
    here = 0.0
    turn = int(dice.integers(1, 3 * total))
    for at in range(total):
        if at == turn:
            slope = dice.normal(0.0, 0.06) / period
        slope = damping * slope + dice.normal(0.0, wander) / np.sqrt(period)
        here += slope + dice.normal(0.0, yearly / np.sqrt(period))
        log_level[at] = here
    if dice.random() < 1 / 3:
        log_level[int(dice.integers(1, total)) :] += dice.normal(0.0, 4 * yearly)
    if period > 1 and dice.random() < 0.5:
        shape = dice.normal(0.0, 10 ** dice.uniform(-2.0, -0.6), period)
        log_level += (shape - shape.mean())[np.arange(total) % period]
    values = 1000.0 * np.exp(log_level) * (1.0 + noise * dice.standard_t(6, total))
    return Generated(values[:points], values[points:])


def _counts(dice: np.random.Generator, points: int, horizon: int, period: int) -> Generated:
    total = points + horizon
    mean = 10 ** dice.uniform(-0.3, 1.7)
    yearly = dice.choice([0.0, 0.05, 0.1, 0.2])
    level = mean * np.exp(np.cumsum(dice.normal(0.0, yearly / np.sqrt(period), total)))
    if dice.random() < 0.2:
        level[int(dice.integers(1, total)) :] *= np.exp(dice.normal(0.0, 0.4))
    if dice.random() < 0.3:
        level = level * dice.gamma(20.0, 1 / 20.0, total)
    counts = dice.poisson(level)
    return Generated(counts[:points], counts[points:])


@dataclass(frozen=True)
class InflowWorld:
    """Monthly registrations of a generated target group, before and after the as-of month.

    Attributes:
        past: Counts of 3 to 10 years.
        future: Counts of ten years.
        monthly: The level at the as-of month.
        drift: Standard deviation of the yearly relative change.
    """

    past: np.ndarray
    future: np.ndarray
    monthly: float
    drift: float


def generate_inflow(count: int, seed: int) -> list[InflowWorld]:
    """Generate registrations: a level that wanders by 2 to 15 % a year, a third over-dispersed."""
    dice = np.random.default_rng([seed, 999])
    worlds = []
    for _ in range(count):
        monthly, years = 10 ** dice.uniform(-0.3, 1.7), int(dice.integers(3, 11))
        drift = 10 ** dice.uniform(np.log10(0.02), np.log10(0.15))
        walk = np.cumsum(dice.normal(0.0, drift / np.sqrt(12.0), 12 * years + 120))
        level = monthly * np.exp(walk - walk[12 * years - 1])
        if dice.random() < 1 / 3:
            level = level * dice.gamma(30.0, 1 / 30.0, level.size)
        counts = dice.poisson(level)
        worlds.append(InflowWorld(counts[: 12 * years], counts[12 * years :], monthly, drift))
    return worlds
