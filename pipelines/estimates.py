"""Estimating a region's parameters from its core, and putting them in force.

Belongs here: which national values and region file the estimates are held against, and resolving
scenarios with them. Does not belong here: the estimation (`models.estimation`), Dagster, storage.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from models.estimation import Estimates, estimate
from models.registry import Resolved
from pipelines.region_run import RegionRun
from pipelines.regions import RegionFolder


def estimate_region(
    folder: RegionFolder, core: Mapping[str, pl.DataFrame], *, as_of: int
) -> Estimates:
    """Estimate a region's parameters from its core tables as they stood at the end of a month."""
    return estimate(folder.national, folder.region, core, as_of=as_of)


def use_estimates(run: RegionRun) -> Estimates:
    """Estimate a run's parameters and let every one of its scenarios stand on them.

    National rates teach nothing: a run that stands on them keeps the values it began with.

    Args:
        run: The run, with its core stored and its as-of month settled.
    """
    core = run.read_core()
    if run.national_rates:
        nothing = {name: frame.clear() for name, frame in core.items()}
        return estimate_region(run.folder, nothing, as_of=run.as_of)
    estimates = estimate_region(run.folder, core, as_of=run.as_of)
    run.scenarios = _resolve(run, run.scenarios, estimates)
    return estimates


def default_at(run: RegionRun, core: Mapping[str, pl.DataFrame], *, as_of: int) -> Resolved:
    """Give the default scenario with what could be estimated at the end of an earlier month.

    For a run as of then: nothing that was learnt later counts.
    """
    name = run.region.default_scenario
    return _resolve(run, [name], estimate_region(run.folder, core, as_of=as_of))[name]


def _resolve(
    run: RegionRun, scenario_ids: Iterable[str], estimates: Estimates
) -> dict[str, Resolved]:
    return run.folder.resolve(
        scenario_ids, scenarios=run.declared or None, estimated=estimates.parameters
    )
