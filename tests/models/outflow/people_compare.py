"""Whether two models give the same totals: per output, and all of them together.

Belongs here: reading totals out of a run and out of lives, and comparing them. Does not belong
here: the models, what must agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from models.outflow.engine import Run
from tests.models.invented import HORIZON

HIGHEST_Z = 3.5
CERTAINTY = 0.9995
"""The distance of two models that agree stays under its limit so often."""


def totals_of_run(run: Run, names: Sequence[str]) -> np.ndarray:
    """Give the outputs per draw; shape (outputs, D). Stocks are added up over the years.

    `name@1` is about the second target group, `name#soon` about the first calendar year.
    """
    return np.stack([_total(run, name) for name in names]).astype(float)


def _total(run: Run, name: str) -> np.ndarray:
    own = slice(run.backlog_cohorts, run.backlog_cohorts + HORIZON)
    if name == "share_in_time":
        return run.offered_within[own].sum(axis=0) / np.maximum(run.joined[own].sum(axis=0), 1)
    if name == "mean_wait":
        return run.waited[own].sum(axis=0) / np.maximum(run.offered[own].sum(axis=0), 1)
    if name == "cohort":
        return run.joined[own].sum(axis=0)
    name, _, group = name.partition("@")
    name, _, soon = name.partition("#")
    found = run.flows if name in run.flows else run.stocks
    years = slice(1) if soon else slice(None)
    by_group = found[name][years].sum(axis=0)
    return by_group[int(group)] if group else by_group.sum(axis=0)


def totals_of_lives(lives: Sequence[dict[str, float]], names: Sequence[str]) -> np.ndarray:
    """Give the outputs per life; shape (outputs, lives)."""
    return np.array([[life.get(name, 0.0) for life in lives] for name in names], dtype=float)


@dataclass(frozen=True)
class Comparison:
    """How far two models are apart: per output in standard errors, and all together."""

    z: dict[str, float]
    distance: float
    limit: float

    @property
    def agrees(self) -> bool:
        """Whether no output and not all of them together are too far apart."""
        return self.highest < HIGHEST_Z and self.distance < self.limit

    @property
    def highest(self) -> float:
        """The largest distance of a single output."""
        return max(abs(z) for z in self.z.values())

    def __str__(self) -> str:
        """Name the outputs that are furthest apart."""
        order = sorted(self.z, key=lambda name: -abs(self.z[name]))
        worst = ", ".join(f"{name} {self.z[name]:.1f}" for name in order[:6])
        return f"distance {self.distance:.0f} of {self.limit:.0f}; z: {worst}"


def compare(names: Sequence[str], ours: np.ndarray, theirs: np.ndarray) -> Comparison:
    """Compare means; the distance is of squared z made independent of each other (chi-square).

    Where both models are right they have one law: their spread is worked out from both together.
    """
    counts = ours.shape[1], theirs.shape[1]
    apart = ours.mean(axis=1) - theirs.mean(axis=1)
    spread = ours.var(axis=1, ddof=1) / counts[0] + theirs.var(axis=1, ddof=1) / counts[1]
    z = apart / np.sqrt(np.maximum(spread, 1e-12))
    pooled = (counts[0] - 1) * np.cov(ours) + (counts[1] - 1) * np.cov(theirs)
    pooled *= (1 / counts[0] + 1 / counts[1]) / (sum(counts) - 2)
    scale = np.sqrt(np.maximum(np.diag(pooled), 1e-12))
    values, vectors = np.linalg.eigh(pooled / np.outer(scale, scale))
    kept = values > 1e-6 * values.max()
    along = (apart / scale) @ vectors[:, kept] / np.sqrt(values[kept])
    limit = float(chi2.ppf(CERTAINTY, int(kept.sum())))
    return Comparison(dict(zip(names, z.tolist(), strict=True)), float(np.sum(along**2)), limit)
