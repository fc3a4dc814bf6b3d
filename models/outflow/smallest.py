"""The smallest yearly number of homes that keeps the promise with certainty, in every year.

The promise is kept in a year when its share norm is met; the number is certain when it is kept in a
region's declared share of draws, in each full year from the first one after the backlog is gone.
Belongs here: the search. Does not belong here: what a run is (`engine`), the promise's own figures
(`waits`).

Most of the search lets the applications of a run that was made wait on a list with other homes.
That leaves out what another number of homes does to the applications themselves (places that come
free, relapse); so it is made twice, on the agreed cap's run and on the run that it leads to, and
the answer is read from full runs: one on the way, and up to three around the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR, months_covered
from models.outflow.engine import Run
from models.outflow.housing_list import Acceptance, HousingList
from models.outflow.inputs import Backlog, OutflowInputs
from models.outflow.keyed import F64, I32, I64, Chance, Keys, draw_words
from models.outflow.offers import cap_luck, used_offers
from models.outflow.sampler import Sample

ROUNDING = 1e-9
"""A share that is below the norm by less than this meets it."""
_QUICK_DRAWS = 256
_GRID = (0.6, 0.75, 0.9, 1.0, 1.15, 1.3, 1.5, 1.8)
"""What is tried first, as a multiple of the number to start from."""
_CLOSE_HOMES = 4
"""How near the search on few draws comes; the one on all draws goes on from there."""
_MOST_HOMES = 100_000
_FULL_RUNS = 4
"""Full evaluations of a search, at most."""

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
    few = _Quick(inputs, Sample(resolved, sample.points[:_QUICK_DRAWS]), agreed, seed)
    first = few.search(certainty, resolved.cap_value)
    (on_the_way,) = run_with([first])
    seen = kept_of_run(inputs, sample, on_the_way, first)
    quick = _Quick(inputs, sample, on_the_way, seed)
    bias = quick.kept([first])[0].lowest - seen.lowest
    middle = max(quick.walk(min(certainty + bias, 1.0), first, few.homes_per_share(first)), 1)
    tried = {first: seen}
    numbers = [number for number in (middle - 1, middle) if number != first]
    while numbers:
        for number, run in zip(numbers, run_with(numbers), strict=True):
            tried[number] = kept_of_run(inputs, sample, run, number)
        numbers = _next(tried, certainty)[: _FULL_RUNS - len(tried)]
    return _conclude(tuple(tried[number] for number in sorted(tried)), certainty, sample)


def _next(tried: dict[int, Kept], certainty: float) -> list[int]:
    """Give what a full run should still show: one home less, the next one up, or one home more."""
    certain = sorted(homes for homes, item in tried.items() if item.lowest >= certainty - ROUNDING)
    if not certain:
        return [max(tried) + 1]
    wanted = (certain[0] - 1, certain[0] + 1)
    return [homes for homes in wanted if homes > 0 and homes not in tried][:1]


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
        self._words = draw_words(seed, 0, draws)
        weights = run.flows["joined"].sum(axis=(0, 2)).astype(np.float64) + 1e-9
        leave = self._sample.by_group("housing_list_leave_share", inputs.groups)
        self._leave: F64 = (leave * weights[:, None]).sum(axis=0, keepdims=True) / weights.sum()
        self._tried: dict[int, Kept] = {}

    def search(self, certainty: float, start: int) -> int:
        """Come close to the smallest number of homes a year at which the worst year is certain.

        Returns:
            A number at which it is, at most `_CLOSE_HOMES` above one at which it is not.
        """
        numbers = sorted({max(round(start * step), 1) for step in _GRID})
        low, high = 0, numbers[-1]
        while True:
            self.kept(numbers)
            enough = [number for number in numbers if self._enough(number, certainty)]
            high = min(enough, default=_MOST_HOMES)
            low = max((number for number in numbers if number < high), default=low)
            if enough or numbers[-1] >= _MOST_HOMES:
                break
            numbers = [min(numbers[-1] * step, _MOST_HOMES) for step in (2, 4, 8, 16)]
        while high - low > _CLOSE_HOMES:
            parts = min(len(_GRID), high - low - 1) + 1
            between = sorted({low + (high - low) * part // parts for part in range(1, parts)})
            self.kept(between)
            high = min((number for number in between if self._enough(number, certainty)),
                       default=high)  # fmt: skip
            low = max((number for number in between if number < high), default=low)
        return high

    def homes_per_share(self, homes: int) -> float:
        """Give how many homes raise the share of draws by 1, near a number that was tried."""
        known = sorted(self._tried.values(), key=lambda item: abs(item.homes - homes))[:4]
        slope = np.polyfit([item.homes for item in known], [item.lowest for item in known], 1)[0]
        return 1.0 / slope if slope > 0.0 else 0.0

    def walk(self, certainty: float, start: int, homes_per_share: float) -> int:
        """Find the smallest number at which the worst year is certain, two numbers at a time.

        Args:
            certainty: The share of draws.
            start: A number near it, tried before.
            homes_per_share: How many homes raise the share by 1 there.
        """
        missing = certainty - self.kept([start])[0].lowest
        high = min(max(start + int(np.ceil(missing * homes_per_share)), 1), _MOST_HOMES)
        while high < _MOST_HOMES:
            low = high - 1
            self.kept([low, high])
            if not self._enough(high, certainty):
                high += 2
            elif low > 0 and self._enough(low, certainty):
                high = low if low == 1 else low - 1
                if not self._enough(high, certainty):
                    return low
            else:
                break
        return high

    def _enough(self, homes: int, certainty: float) -> bool:
        return self.kept([homes])[0].lowest >= certainty - ROUNDING

    def kept(self, numbers: Sequence[int]) -> list[Kept]:
        """Give how often the promise is kept with so many homes; new ones are tried together."""
        new = [number for number in dict.fromkeys(numbers) if number not in self._tried]
        if new:
            self._tried |= {item.homes: item for item in self._wait(new)}
        return [self._tried[number] for number in numbers]

    def _wait(self, numbers: Sequence[int]) -> list[Kept]:
        """Let the applications wait once for every number, side by side: draws times numbers."""
        run, first, count = self._run, self._inputs.as_of + 1, len(numbers)
        months = int(run.cohort_month[-1]) - first + 1
        resolved = self._sample.resolved
        offers = np.concatenate([self._offers(first, months, homes) for homes in numbers], axis=1)
        none = np.zeros(0, dtype=np.int64)
        backlog = Backlog(none, none, none, none, none)
        waiting = HousingList(
            ("all",), backlog, first, months, self._draws * count, resolved.promise_months or 0,
            earlier=first - int(run.cohort_month[0]),
        )  # fmt: skip
        joined = np.tile(run.joined[:, : self._draws], count)
        keys = Keys(np.tile(self._words, count), resolved.region.id, ("all",))
        cap = resolved.region.cap
        accepts = np.tile(self._sample.values("acceptance_share"), count)
        answer = Acceptance(Chance.of(accepts), keys, cap is not None and cap.refusal_counts)
        leave = np.tile(self._leave, count)
        for at, month in enumerate(run.cohort_month[: run.backlog_cohorts]):
            waiting.start(int(month), joined[at])
        joining = np.zeros((1, 2, 1, self._draws * count), dtype=np.int64)
        for ahead in range(months):
            joining[0, 0, 0] = joined[run.backlog_cohorts + ahead]
            waiting.leave(first + ahead, keys, leave)
            waiting.join(first + ahead, joining)
            waiting.offer(first + ahead, offers[ahead], answer=answer)
        return [
            _kept(
                self._inputs,
                self._sample,
                homes,
                waiting.cohort_month,
                waiting.backlog_cohorts,
                (waiting.joined[:, mine], waiting.offered_within[:, mine]),
                waiting.backlog_cleared[mine],
            )
            for homes, mine in zip(numbers, self._slices(count), strict=True)
        ]

    def _offers(self, first: int, months: int, homes: int) -> I64:
        luck = cap_luck(self._sample)
        offers = used_offers(self._sample.resolved, first, months, luck, homes)
        assert offers is not None
        return offers

    def _slices(self, count: int) -> list[slice]:
        return [slice(at * self._draws, (at + 1) * self._draws) for at in range(count)]
