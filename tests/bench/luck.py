"""How much of a difference between scenarios is luck that both sides share.

Belongs here: ratios of variances of paired and separate scenarios, and what the variance that
pairing leaves is made of. Does not belong here: speed (`outflow`), whether the figures are right
(the tests).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.outflow.answer import CAPPED
from models.outflow.engine import run_chunk
from models.outflow.keyed import F64, I64, U64, Event, Events, Keys
from models.outflow.sampler import Sample, sobol_points
from models.outflow.setting import Chunk
from models.registry import Resolved
from tests.bench.outflow import DRAWS, PlainKeys, example_region, with_keys
from tests.evidence import write_evidence
from tests.models.invented import SEED, fix_all

_SCENARIO = "baseline"
BARRED_DRAWS, RESAMPLES = 8192, 400
"""Draws of the ratios that have a bar, as of a headline study: with 2,048 they are off by a
twentieth; how often these are resampled for their standard error."""
_SMALL_QUOTA, _LARGE_QUOTA = 130, 230
"""Homes a year far below and far above what is asked for: one never enough, one always."""
_NO_DIFFERENCE = 1e-9
"""Least variance of a difference (homes squared): two equal runs have none."""

Figures = dict[str, F64]


class LaterLuckKeys(Keys):
    """The same people come, and all that becomes of them is decided anew."""

    word = np.uint64(0xA5A5F00DDEADBEEF)

    def cells(self, event: Events, month: int, sub: I64 | int = 0, group: I64 | None = None) -> U64:
        words = super().cells(event, month, sub, group)
        comes = event in (Event.INTENSITY, Event.REFERRAL)
        return words if comes else words ^ self.word


@dataclass(frozen=True)
class _Scenario:
    """A scenario of the example region.

    Attributes:
        resolved: The parameters in force.
        homes: Homes a year after the ramp; None for those agreed.
    """

    resolved: Resolved
    homes: int | None = None


def bench_luck() -> None:
    """How much the variance of a difference falls when both sides share their luck.

    With believed parameters the separate side has other parameters and other luck; with sure ones
    only another level of inflow and other luck, beside what one seed gives on a plain generator.
    Beside the ratios that have a bar stand those of one home more, where a real difference is next
    to nothing, and of quotas that are far from what is asked for.
    """
    run = _runner()
    believed = example_region().case(_SCENARIO).resolved
    sure = fix_all(believed)
    agreed = believed.cap_value or 0
    results: dict[str, float] = {}
    for label, resolved in (("believed", believed), ("sure_parameters", sure)):
        base, others = _Scenario(resolved), _barred(resolved)
        results |= _ratios(label, run, base, others, BARRED_DRAWS)
        results |= _ratios(label, run, base, {"quota_1_home": _Scenario(resolved, agreed + 1)})
        name = f"{label}_quota_12_percent"
        results |= _who_comes(name, run, base, others["quota_12_percent"])
    for homes in (_SMALL_QUOTA, _LARGE_QUOTA):
        other = {f"quota_12_percent_of_{homes}_homes": _Scenario(believed, round(1.12 * homes))}
        results |= _ratios("believed", run, _Scenario(believed, homes), other)
    with with_keys(PlainKeys):
        label = "sure_parameters_plain_generator"
        results |= _ratios(label, run, _Scenario(sure), _barred(sure))
    write_evidence(
        "bench-luck",
        seed=SEED,
        counts={
            "barred_draws": BARRED_DRAWS,
            "draws": DRAWS,
            "resamples": RESAMPLES,
            "scenarios": 2,
        },
        results=results,
    )


def _barred(resolved: Resolved) -> dict[str, _Scenario]:
    """Give the scenarios whose ratio has a bar."""
    return {
        "inflow_5_percent": _Scenario(_with_inflow(resolved, 1.05)),
        "quota_12_percent": _Scenario(resolved, round(1.12 * (resolved.cap_value or 0))),
    }


def _with_inflow(resolved: Resolved, times: float) -> Resolved:
    factor = resolved.values["inflow_factor"]["all"].model_copy(update={"value": times})
    return replace(resolved, values={**resolved.values, "inflow_factor": {"all": factor}})


_Runner = Callable[[_Scenario, int, int], Figures]


def _runner() -> _Runner:
    """Give what runs a scenario of the example region with a seed and so many draws."""
    region = example_region()
    inputs = region.case(_SCENARIO).inputs

    def run(scenario: _Scenario, seed: int, draws: int) -> Figures:
        PlainKeys.generator = np.random.default_rng(seed)
        who = scenario.resolved
        points = sobol_points(seed, who.region.id, draws)
        parts: dict[str, list[I64]] = {"joiners": [], "list": []}
        for first in range(0, draws, DRAWS):
            chunk = Chunk(seed, first, Sample(who, points[first : first + DRAWS]))
            found = run_chunk(inputs, region.inflow, chunk, CAPPED, yearly_homes=scenario.homes)
            parts["joiners"].append(found.flows["joined"].sum(axis=(0, 1), dtype=np.int64))
            parts["list"].append(found.housing_list[-1].astype(np.int64))
        return {name: np.concatenate(part).astype(np.float64) for name, part in parts.items()}

    return run


def _ratios(
    label: str, run: _Runner, base: _Scenario, others: dict[str, _Scenario], draws: int = DRAWS
) -> dict[str, float]:
    """Give the variance of a difference between separate runs, over that with shared luck."""
    before = run(base, SEED, draws)
    out = {}
    for name, other in others.items():
        same, apart = run(other, SEED, draws), run(other, SEED + 1, draws)
        for what in before:
            sides = before[what], same[what], apart[what]
            out[f"{label}_{name}_{what}_variance_ratio"] = round(_ratio(*sides), 1)
            if draws == BARRED_DRAWS:
                error = _standard_error(*sides)
                out[f"{label}_{name}_{what}_variance_ratio_standard_error"] = round(error, 1)
    return out


def _ratio(before: F64, same: F64, apart: F64) -> float:
    """Give one ratio of variances.

    Separate runs have nothing to do with each other: over all ways to pair their draws the variance
    of the difference is the sum of both. Row by row it is not, since two scramblings of one Sobol
    sequence go up and down together (or against each other) in most dimensions.

    Args:
        before: Of every draw of the one scenario, shape (D,).
        same: Of the other scenario with the same luck.
        apart: Of the other scenario with a luck of its own.
    """
    shared = max(float((same - before).var()), _NO_DIFFERENCE)
    return float(before.var() + apart.var()) / shared


def _standard_error(before: F64, same: F64, apart: F64) -> float:
    """Resample the draws."""
    dice = np.random.default_rng(SEED)
    ratios = []
    for _ in range(RESAMPLES):
        some, others = dice.integers(0, before.size, (2, before.size))
        ratios.append(_ratio(before[some], same[some], apart[others]))
    return float(np.std(ratios))


def _who_comes(name: str, run: _Runner, base: _Scenario, other: _Scenario) -> dict[str, float]:
    """Say which share of a paired difference's variance stands when all later luck is drawn anew.

    That share is made by the parameters and by who comes. Given these, the mean of a difference is
    the same whatever luck both sides share, so no sharing can take this variance away.
    """
    found = []
    for keys in (Keys, LaterLuckKeys):
        with with_keys(keys):
            before, after = (run(side, SEED, DRAWS)["joiners"] for side in (base, other))
            found.append(after - before)
    share = float(np.cov(found[0], found[1])[0, 1] / found[0].var())
    return {
        f"{name}_joiners_difference_mean_homes": round(float(found[0].mean()), 1),
        f"{name}_joiners_difference_standard_deviation_homes": round(float(found[0].std()), 1),
        f"{name}_joiners_variance_by_parameters_and_who_comes_share": round(share, 2),
    }
