"""How fast whole homes are split over many draws, years and municipalities.

Belongs here: the vectorised methods beside the `apportionment` package on the same cases, and a
whole country of draws and years. Does not belong here: whether the splits are right (the tests).
"""

import resource
import time
from collections.abc import Callable

import numpy as np
from apportionment import methods as package

from models.errors import RefusedError
from models.quota.apportion import apportion
from models.quota.many import apportion_many, apportion_years_many
from tests.bench.outflow import cpu_seconds
from tests.evidence import write_evidence

SEED = 20261122
DRAWS, YEARS, MUNICIPALITIES, REPEATS = 10_000, 10, 342, 3
CASES, CASE_MUNICIPALITIES, QUOTA_CASES = 20_000, 10, 300
METHODS: dict[str, Callable[..., list[int]]] = {
    "largest-remainder": package.largest_remainder,
    "sainte-lague": lambda weights, total: package.divisor(weights, total, "saintelague"),
}
"""Vectorised methods and the same of the package."""


def bench_quota() -> None:
    """A country of draws and years, and ratios to the package for ten municipalities."""
    dice = np.random.default_rng(SEED)
    results = _country(dice) | _beside_package(dice)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write_evidence(
        "bench-quota",
        seed=SEED,
        counts={
            "draws": DRAWS,
            "years": YEARS,
            "municipalities": MUNICIPALITIES,
            "repeats": REPEATS,
            "cases": CASES,
            "case_municipalities": CASE_MUNICIPALITIES,
            "quota_method_cases": QUOTA_CASES,
        },
        results={**results, "process_peak_megabytes": round(peak)},
    )


def _country(dice: np.random.Generator) -> dict[str, float]:
    """CPU seconds of 10,000 draws x 10 years x 342 municipalities, on one core."""
    # Invented households and yearly homes of about the size of the Netherlands.
    key = np.round(np.exp(dice.normal(9.6, 0.9, MUNICIPALITIES)))
    totals = np.maximum(dice.normal(2_000, 300, (DRAWS, YEARS)), 0).astype(np.int64)
    keys = np.round(key * np.exp(dice.normal(0, 0.05, (DRAWS, 1, MUNICIPALITIES))))
    names = {str(at): weight for at, weight in enumerate(key.tolist())}
    works: dict[str, Callable[[], object]] = {
        "quota_method_one_key": lambda: apportion_years_many(names, totals)
    }
    for method in METHODS:
        label = method.replace("-", "_")
        works[f"{label}_one_key"] = lambda method=method: apportion_many(key, totals, method)
        works[f"{label}_key_by_draw"] = lambda method=method: apportion_many(keys, totals, method)
    return {
        f"country_{name}_cpu_seconds": round(cpu_seconds(work, REPEATS), 2)
        for name, work in works.items()
    }


def _beside_package(dice: np.random.Generator) -> dict[str, float]:
    """Microseconds a split of ours and of the package, on the same cases, results compared."""
    weights = dice.integers(1, 40_000, (CASES, CASE_MUNICIPALITIES))
    totals = dice.integers(30, 400, CASES)
    results: dict[str, float] = {}
    for method, theirs in METHODS.items():
        cases = list(zip(weights.tolist(), totals.tolist(), strict=True))
        start = time.process_time()
        expected = [theirs(row, total) for row, total in cases]
        slow = (time.process_time() - start) / CASES
        fast = cpu_seconds(lambda: apportion_many(weights, totals, method), REPEATS) / CASES  # noqa: B023
        found = apportion_many(weights, totals, method)
        different = [cases[at] for at in np.flatnonzero((found != np.array(expected)).any(axis=1))]
        ties = sum(_is_tied(*case, method) for case in different)
        results |= _compared(method.replace("-", "_"), fast, slow, len(different) - ties)
        results[f"ten_{method.replace('-', '_')}_ties_broken_otherwise"] = ties
    key = weights[0].tolist()
    asked = np.sort(dice.integers(1, 400, QUOTA_CASES))[:, None]
    start = time.process_time()
    expected = [package.quota(key, total) for total in asked[:, 0].tolist()]
    slow = (time.process_time() - start) / QUOTA_CASES
    fast = cpu_seconds(lambda: apportion_years_many(key, asked), REPEATS) / QUOTA_CASES
    different = (apportion_years_many(key, asked)[:, 0] != np.array(expected)).any(axis=1)
    return results | _compared("quota_method", fast, slow, int(different.sum()))


def _compared(label: str, fast: float, slow: float, different: int) -> dict[str, float]:
    return {
        f"ten_{label}_cpu_microseconds": round(fast * 1e6, 2),
        f"ten_{label}_package_cpu_microseconds": round(slow * 1e6, 1),
        f"ten_{label}_package_over_ours_ratio": round(slow / fast, 1),
        f"ten_{label}_different_results_without_ties": different,
    }


def _is_tied(weights: list[int], total: int, method: str) -> bool:
    try:
        apportion(weights, total, method, ties="refuse")
    except RefusedError:
        return True
    return False
