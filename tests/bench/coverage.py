"""The coverage study: how often the 80 % interval holds what a generated region really needed.

Worlds are lived person by person (`coverage_town`) with true values drawn wider than believed; what
their senders deliver goes through the core, the estimation, the forecast and the demand run.
`python -m tests.bench.coverage [worlds]` runs it in two processes and goes on where it was stopped;
without a number it runs all and writes docs/evidence/bench-coverage.json. Belongs here: the study.
Does not belong here: the lives, a bound (the evidence says what was found).
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtr

from models.estimation import estimate
from models.estimation.estimate import ESTIMATORS
from models.forecast import forecast_inflow
from models.outflow.engine import run_chunk
from models.outflow.inputs import read_inputs
from models.outflow.sampler import Sample, parameter_quantile, sobol_points
from models.outflow.setting import Chunk, Switches
from models.params import National
from models.registry import load_national, load_region, resolve
from models.units import Unit
from pipelines.core import build_core
from pipelines.provenance import code_sha256
from tests.bench.coverage_rows import MUNICIPALITY, deliver
from tests.bench.coverage_town import AS_OF, BURN_IN, FUTURE, GROUPS, Town, Truth
from tests.evidence import write_evidence
from tests.models.invented import make_scenario, region_toml

WORLDS, DRAWS, SEED, PROCESSES = 600, 1024, 20261122, 2
WIDER, WIDER_UNTOLD = 1.5, 1.2
"""Factors on the standard deviation of what is believed, by which true values are drawn: for what
deliveries tell of, and for what no delivery tells of (there an interval holds what it was told)."""
KINDS = ("thin", "rich")
"""Odd worlds are rich: nine years of history and hundreds of places; even ones three and dozens."""
HISTORY = {"thin": 36, "rich": 108}
PLACES = {"thin": ((25, 60), (10, 25)), "rich": ((200, 400), (80, 200))}
YEARS = (5, 10)
SHORTEST = 0.25
"""Years: the model's law of two phases of at least a month knows hardly a shorter mean stay."""


def draw_truth(national: National, kind: str, dice: np.random.Generator) -> Truth:
    """Draw the truth of a region: every uncertain number wider than believed, and its sizes."""
    values: dict[tuple[str, str], float] = {}
    for name, groups in national.parameters.items():
        factor = WIDER if name in ESTIMATORS else WIDER_UNTOLD
        for group, record in groups.items():
            u = np.array([ndtr(factor * dice.normal())])
            value = float(parameter_quantile(record, np.clip(u, 1e-9, 1 - 1e-9))[0])
            values[name, group] = max(value, SHORTEST) if record.unit is Unit.YEARS else value
    places = tuple(int(dice.integers(*bounds)) for bounds in PLACES[kind])
    months = BURN_IN + HISTORY[kind] + FUTURE
    truth = Truth(values, places, (0, 0), np.zeros((months, 2)), 0.0, HISTORY[kind])
    served = np.array([_served(truth, group) for group in range(2)])
    rates = served * dice.uniform(0.95, 1.3, 2)
    drift = truth("inflow_drift_share", 0) / np.sqrt(12.0)
    walk = np.cumsum(dice.normal(0.0, drift, (months, 2)), axis=0)
    walk -= walk[BURN_IN + HISTORY[kind] // 2]
    return Truth(
        values=values,
        places=places,
        closing=tuple(int(size * dice.uniform(0.1, 0.5)) for size in places),
        intensity=rates * np.exp(walk),
        homes=_asked(truth, rates, served) * float(dice.uniform(0.85, 1.05)),
        history=HISTORY[kind],
    )


def _asked(truth: Truth, rates: np.ndarray, served: np.ndarray) -> float:
    """Give about how many homes a month the region asks for."""
    people = sum(
        min(rates[group], served[group]) * truth("own_home_share", group)
        + max(rates[group] - served[group], 0.0) * truth("divert_unplaced_share", group)
        for group in range(2)
    )
    return float(people * truth("assessment_positive_share", 0) * truth("homes_per_person", 0))


def _served(truth: Truth, group: int) -> float:
    """Give about how many people a month the places of a group can take in."""
    mean = 12.0 * truth("stay_years_single", group)
    if ("stay_years_complex", GROUPS[group]) in truth.values:
        share = truth("complex_share_now", group)
        mean = (1 - share) * mean + share * 12.0 * truth("stay_years_complex", group)
    blocked = truth("own_home_share", group) * 6.0
    return truth.places[group] / (mean + blocked)


def study_world(number: int) -> dict[str, Any]:
    """Live one world and let the model tell its future; seeded by its number alone.

    Returns:
        The kind, and per span of years what was needed with P10, P50, P90, mean and the share of
        draws below it.
    """
    national = load_national()
    kind = KINDS[number % 2]
    dice = np.random.default_rng([SEED, number])
    truth = draw_truth(national, kind, dice)
    town = Town(truth, dice).live()
    core = build_core(
        deliver(town, dice),
        _municipalities(),
        as_of=AS_OF,
        target_groups=GROUPS,
        first_months=dict.fromkeys(("intake", "applications"), AS_OF - HISTORY[kind] + 1),
    )
    region = load_region(region_toml(GROUPS, cap=False, promise=False), "region.toml", national)
    estimated = estimate(national, region, core, as_of=AS_OF).parameters
    scenario = {"baseline": make_scenario()}
    resolved = resolve(national, region, scenario, "baseline", estimated=estimated)
    inflow = forecast_inflow(core["core_intake__monthly"], resolved, as_of=AS_OF)
    sample = Sample(resolved, sobol_points(number, region.id, DRAWS))
    run = run_chunk(
        read_inputs(resolved, core, as_of=AS_OF), inflow, Chunk(number, 0, sample), Switches()
    )
    needed = np.array(town.needed)
    found: dict[str, Any] = {"world": number, "kind": kind}
    for years in YEARS:
        draws = run.flows["offered"][:years].sum(axis=(0, 1))
        true = int(needed[: 12 * years].sum())
        low, middle, high = np.quantile(draws, (0.1, 0.5, 0.9))
        below = (np.mean(draws < true) + np.mean(draws <= true)) / 2
        found[str(years)] = {
            "needed": true, "p10": float(low), "p50": float(middle), "p90": float(high),
            "mean": float(draws.mean()), "below": float(below),
        }  # fmt: skip
    return found


def _municipalities() -> pl.DataFrame:
    figures = ("households", "association_dwellings", "population", "dwellings")
    return pl.DataFrame(
        {"municipality_code": [MUNICIPALITY], "municipality_name": ["Dorp"]}
        | {name: [None] for name in figures}
    )


def covered(results: list[dict[str, Any]], years: int) -> float:
    """Give the share of worlds in which the interval holds what was needed."""
    spans = [item[str(years)] for item in results]
    return float(np.mean([span["p10"] <= span["needed"] <= span["p90"] for span in spans]))


def summarise(results: list[dict[str, Any]]) -> dict[str, float]:
    """Sum the worlds up: coverage over all and per kind, tails, bias and relative width."""
    out: dict[str, float] = {}
    for years in YEARS:
        for kind in ("all", *KINDS):
            mine = [item for item in results if kind in ("all", item["kind"])]
            if not mine:
                continue
            spans = [item[str(years)] for item in mine]
            name = f"{years}_years_{kind}"
            out[f"covered_share_{name}"] = round(covered(mine, years), 4)
            out[f"below_share_{name}"] = round(
                float(np.mean([span["needed"] < span["p10"] for span in spans])), 4
            )
            out[f"above_share_{name}"] = round(
                float(np.mean([span["needed"] > span["p90"] for span in spans])), 4
            )
            ratio = [np.log((span["p50"] + 1) / (span["needed"] + 1)) for span in spans]
            width = [(span["p90"] - span["p10"]) / max(span["p50"], 1.0) for span in spans]
            out[f"median_log_ratio_{name}"] = round(float(np.median(ratio)), 4)
            out[f"median_relative_width_{name}"] = round(float(np.median(width)), 4)
    return out


def bench_coverage(worlds: int = WORLDS) -> dict[str, float]:
    """Run the study and, when it is whole, write its evidence.

    What is done stands in a file among the system's temporary ones, named after the code of product
    and study: a study that was stopped goes on there.
    """
    stored = Path(tempfile.gettempdir()) / f"uitstroom-coverage-{_code()[:16]}.jsonl"
    results = list(_read(stored))
    done = {item["world"] for item in results}
    missing = [number for number in range(worlds) if number not in done]
    with ProcessPoolExecutor(PROCESSES) as pool, stored.open("a", encoding="utf-8") as file:
        for result in pool.map(study_world, missing):
            results.append(result)
            file.write(json.dumps(result) + "\n")
            file.flush()
    chosen = sorted((item for item in results if item["world"] < worlds), key=lambda x: x["world"])
    found = summarise(chosen)
    if worlds >= WORLDS:
        counts = {kind: sum(item["kind"] == kind for item in chosen) for kind in KINDS}
        write_evidence(
            "bench-coverage",
            seed=SEED,
            counts={"worlds": len(chosen), "draws": DRAWS, **counts},
            results={
                "script": "tests/bench/coverage.py",
                "wider_factor": WIDER,
                "wider_untold_factor": WIDER_UNTOLD,
                **found,
            },
        )
    return found


def _code() -> str:
    """Hash the product's code and that of the study."""
    scripts = sorted(Path(__file__).parent.glob("coverage*.py"))
    parts = [code_sha256().encode(), *(path.read_bytes() for path in scripts)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _read(stored: Path) -> Iterator[dict[str, Any]]:
    """Read what is done; a last line that was cut off does not count."""
    if not stored.exists():
        return
    for line in stored.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS
    for key, value in bench_coverage(asked).items():
        sys.stdout.write(f"{key}: {value}\n")
