"""The smallest yearly number of homes that keeps the promise with certainty, in every year.

The promise is kept in a year when its share norm is met; the number is certain when it is kept in a
region's declared share of draws, in each full year from the first one after the backlog is gone.
Belongs here: the search. Does not belong here: what a run is (`engine`), the promise's own figures
(`waits`).

Most of the search lets the applications of a run that was made wait on a list with other homes.
That leaves out what another number of homes does to the applications themselves (places that come
free, relapse); so it is made twice, on the agreed cap's run and on the run that it leads to, and
the answer is read from full runs: one on the way, and three around the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR, months_covered
from models.outflow.engine import Run
from models.outflow.housing_list import Acceptance, HousingList
from models.outflow.inputs import Backlog, OutflowInputs
from models.outflow.keyed import F64, I32, I64, Chance, Keys, draw_words
from models.outflow.offers import capped_offers
from models.outflow.sampler import Sample

ROUNDING = 1e-9
"""A share that is below the norm by less than this meets it."""
_QUICK_DRAWS = 256
_STEP = 8
_MOST_HOMES = 100_000

RunWith = Callable[[Sequence[int]], list[Run]]
"""Runs under the cap with other numbers of homes a year."""


@dataclass(frozen=True)
class Kept:
    """How often the promise is kept, of one number of homes a year.

    Attributes:
        homes: Homes a year after the ramp.
        by_year: Share of draws that keep it, by counted year.
        joint: Share of draws that keep it in all counted years.
        counted_from: First year that counts, None when there is none.
    """

    homes: int
    by_year: dict[int, float]
    joint: float
    counted_from: int | None

    @property
    def lowest(self) -> float:
        """The share of draws in the worst counted year; 0 when no year counts."""
        return min(self.by_year.values(), default=0.0)


@dataclass(frozen=True)
class Smallest:
    """The answer of the search.

    Attributes:
        homes: The smallest number that was found certain; None when none of the tried is.
        is_exact: One home less is not certain, by a full run.
        tried: What full runs showed, by number of homes.
        error_homes: Monte Carlo error in homes (one standard error); None where it cannot be told.
    """

    homes: int | None
    is_exact: bool
    tried: tuple[Kept, ...]
    error_homes: float | None

    def of(self, homes: int | None) -> Kept | None:
        """Give what a full run with so many homes showed."""
        return next((item for item in self.tried if item.homes == homes), None)


def find_smallest(inputs: OutflowInputs, sample: Sample, agreed: Run, run_with: RunWith,
                  *, seed: int) -> Smallest | None:  # fmt: skip
    """Search the smallest yearly number of homes; at most four full runs.

    Args:
        inputs: The region at the end of the as-of month.
        sample: Parameters of the draws.
        agreed: The run under the agreed cap.
        run_with: Makes full runs with other numbers.
        seed: Seed of the events.

    Returns:
        The answer; None where there is no cap or no promise.
    """
    resolved = sample.resolved
    promise = resolved.region.promise
    if promise is None or resolved.cap_value is None or resolved.promise_months is None:
        return None
    certainty = promise.certainty
    few = Sample(resolved, sample.points[:_QUICK_DRAWS])
    first = _Quick(inputs, few, agreed, seed).search(certainty, resolved.cap_value)
    (on_the_way,) = run_with([first])
    seen = kept_of_run(inputs, sample, on_the_way, first)
    quick = _Quick(inputs, sample, on_the_way, seed)
    bias = quick.kept(first).lowest - seen.lowest
    middle = max(quick.search(min(certainty + bias, 1.0), first), 1)
    numbers = [number for number in (middle - 1, middle, middle + 1) if number != first]
    tried = {first: seen}
    for number, run in zip(numbers, run_with(numbers), strict=True):
        tried[number] = kept_of_run(inputs, sample, run, number)
    return _conclude(tuple(tried[number] for number in sorted(tried)), certainty, sample)


def _conclude(tried: tuple[Kept, ...], certainty: float, sample: Sample) -> Smallest:
    certain = [item.homes for item in tried if item.lowest >= certainty - ROUNDING]
    homes = min(certain, default=None)
    below = next((item for item in tried if homes is not None and item.homes == homes - 1), None)
    return Smallest(homes, below is not None, tried, _error(tried, certainty, sample))


def _error(tried: tuple[Kept, ...], certainty: float, sample: Sample) -> float | None:
    """Give the standard error of the share at the norm, over its slope per home."""
    slope = (tried[-1].lowest - tried[0].lowest) / max(tried[-1].homes - tried[0].homes, 1)
    draws = sample.points.shape[0]
    if slope <= 0.0:
        return None
    return float(np.sqrt(certainty * (1.0 - certainty) / draws) / slope)


def kept_of_run(inputs: OutflowInputs, sample: Sample, run: Run, homes: int) -> Kept:
    """Read from a full run how often the promise is kept."""
    return _kept(
        inputs,
        sample,
        homes,
        run.cohort_month,
        run.backlog_cohorts,
        (run.joined, run.offered_within),
        run.backlog_cleared,
    )


def _kept(
    inputs: OutflowInputs,
    sample: Sample,
    homes: int,
    cohort_month: I64,
    backlog_cohorts: int,
    counts: tuple[I32, I32],
    cleared: I64,
) -> Kept:
    joined, within = counts
    promise = sample.resolved.region.promise
    norm = 1.0 if promise is None else promise.share_norm.value
    own = np.arange(cohort_month.size) >= backlog_cohorts
    kept: dict[int, np.ndarray] = {}
    for year in counted_years(inputs, sample, cleared):
        rows = np.flatnonzero(own & (cohort_month // MONTHS_PER_YEAR == year))
        cohort = joined[rows].sum(axis=0)
        share = within[rows].sum(axis=0) / np.maximum(cohort, 1)
        kept[year] = np.where(cohort == 0, True, share >= norm - ROUNDING)
    joint = float(np.all(list(kept.values()), axis=0).mean()) if kept else 0.0
    return Kept(
        homes=homes,
        by_year={year: float(draws.mean()) for year, draws in kept.items()},
        joint=joint,
        counted_from=min(kept, default=None),
    )


def counted_years(inputs: OutflowInputs, sample: Sample, cleared: I64) -> list[int]:
    """Give the full years that count: after the backlog is gone in half of the draws.

    A region may declare another start: so many years after the first full year.
    """
    covered = months_covered(inputs.as_of + 1, HORIZON_MONTHS)
    full = [year for year, months in covered.items() if months == MONTHS_PER_YEAR]
    promise = sample.resolved.region.promise
    after = None if promise is None else promise.counted_after_years
    if after is not None:
        return full[after:]
    gone = float(np.median(cleared))
    return [year for year in full if year * MONTHS_PER_YEAR > gone]


class _Quick:
    """The applications of a run on a list with another number of homes; no run of the model.

    Who leaves and who accepts is drawn anew; the list is that of the model.
    """

    def __init__(self, inputs: OutflowInputs, sample: Sample, run: Run, seed: int) -> None:
        self._inputs, self._run = inputs, run
        self._sample = sample
        self._draws = draws = sample.points.shape[0]
        resolved = sample.resolved
        self._keys = Keys(draw_words(seed, 0, draws), resolved.region.id, ("all",))
        weights = run.flows["joined"].sum(axis=(0, 2)).astype(np.float64) + 1e-9
        leave = self._sample.by_group("housing_list_leave_share", inputs.groups)
        self._leave: F64 = (leave * weights[:, None]).sum(axis=0, keepdims=True) / weights.sum()
        accepts = self._sample.values("acceptance_share")
        cap = resolved.region.cap
        self._answer = Acceptance(
            Chance.of(accepts), self._keys, cap is not None and cap.refusal_counts
        )
        self._tried: dict[int, Kept] = {}

    def search(self, certainty: float, start: int) -> int:
        """Give the smallest number of homes a year at which the worst year is certain."""
        start, step = max(start, 1), _STEP
        low, high = start, start
        while high < _MOST_HOMES and not self._enough(high, certainty):
            low, high, step = high, high + step, 2 * step
        while low == high and low > 0:
            low, high, step = (
                (max(low - step, 0), max(low - step, 0), 2 * step)
                if self._enough(max(low - step, 0), certainty)
                else (max(low - step, 0), low, step)
            )
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._enough(middle, certainty) else (middle, high)
        return high

    def _enough(self, homes: int, certainty: float) -> bool:
        return self.kept(homes).lowest >= certainty - ROUNDING

    def kept(self, homes: int) -> Kept:
        """Give how often the promise is kept with so many homes a year."""
        if homes not in self._tried:
            self._tried[homes] = self._wait(homes)
        return self._tried[homes]

    def _wait(self, homes: int) -> Kept:
        run, first = self._run, self._inputs.as_of + 1
        months = int(run.cohort_month[-1]) - first + 1
        offers = capped_offers(self._sample.resolved, first, months, homes)
        promise = self._sample.resolved.promise_months or 0
        none = np.zeros(0, dtype=np.int64)
        backlog = Backlog(none, none, none, none, none)
        waiting = HousingList(
            ("all",), backlog, first, months, self._draws, promise,
            earlier=first - int(run.cohort_month[0]),
        )  # fmt: skip
        joined = run.joined[:, : self._draws]
        for at, month in enumerate(run.cohort_month[: run.backlog_cohorts]):
            waiting.start(int(month), joined[at])
        for ahead in range(months):
            cohort = joined[run.backlog_cohorts + ahead]
            joining = np.zeros((1, 2, 1, self._draws), dtype=np.int64)
            joining[0, 0, 0] = cohort
            waiting.leave(first + ahead, self._keys, self._leave)
            waiting.join(first + ahead, joining)
            assert offers is not None
            waiting.offer(first + ahead, offers[ahead : ahead + 1], answer=self._answer)
        return _kept(
            self._inputs,
            self._sample,
            homes,
            waiting.cohort_month,
            waiting.backlog_cohorts,
            (waiting.joined, waiting.offered_within),
            waiting.backlog_cleared,
        )
