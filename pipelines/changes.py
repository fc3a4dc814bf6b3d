"""What changed since the last final release, told apart by running what it was made of again.

Belongs here: the chain of runs, in each of which one thing more is as it is today. Does not belong
here: the parts between them (`models.outflow.changes`), how the basis is kept (`basis`), sentences.

All runs are made with today's code, draws and seed, and with the default scenario:

1. everything as it was then: less the published figure this is the code (`model_version`);
2. today's deliveries cut at the month of then, with parameters estimated from them
   (`revised_data`);
3. today's deliveries as of today (`new_data`);
4. today's public statistics (`source_edition`): demand rests on them only where national rates
   stand in for deliveries, else this part is 0;
5. today's region file, scenario and national values, also as what is believed before the data
   (`decision_or_parameter`): this is today's run itself.

A step that takes nothing new is not run: its part is exactly 0.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from models.errors import UitstroomError
from models.outflow.answer import MapTasks
from models.outflow.changes import MEASURES, STEPS, Levels, change_table
from models.outflow.compare import Case, Luck, draw_figures, run_cases
from models.outflow.figures import spread
from models.params import GroupValues, Scenario
from models.registry import Resolved
from models.units import ALL_GROUPS
from pipelines.basis import (
    CORE_TABLES,
    Basis,
    LastFinal,
    prune_bases,
    read_basis,
    store_basis,
)
from pipelines.delivered import build_region_core
from pipelines.editions import read_manifest
from pipelines.estimates import estimate_region
from pipelines.marts import empty_mart
from pipelines.national import national_start
from pipelines.region_run import RegionRun
from pipelines.regions import RegionFolder

CHANGES = "mart_demand__changes"
_TEN_YEARS = "mart_demand__ten_year"


def explain_changes(run: RegionRun, map_tasks: MapTasks) -> tuple[pl.DataFrame, str]:
    """Tell apart what changed since the last final release.

    Args:
        run: The run, with its default scenario answered.
        map_tasks: How tasks are run, from `task_map`.

    Returns:
        `mart_demand__changes`, without rows where no release was made final; and why its parts are
        not told apart (empty where they are, or where there is nothing to tell).
    """
    if run.final is None:
        return empty_mart(CHANGES), ""
    default = run.default.scenario.id
    current = headline(run.answers[default].tables[_TEN_YEARS], default)
    manifest = read_manifest(run.final.release)
    published = pl.read_parquet(run.final.release / f"{_TEN_YEARS}.parquet")
    previous = headline(published, str(manifest["default_scenario"]))
    chain, reason = None, ""
    try:
        chain = _levels(run, _basis_of(run, run.final), current, map_tasks)
    except UitstroomError as fault:
        reason = f"the change since release {run.final.release.name} is not split: {fault}"
    table = change_table(previous, chain, current).with_columns(
        region_id=pl.lit(run.region_id),
        scenario_id=pl.lit(default),
        previous_release=pl.lit(run.final.release.name),
        previous_as_of=pl.lit(str(manifest["as_of"])),
    )
    return table, reason


def headline(ten_years: pl.DataFrame, scenario_id: str) -> dict[str, float]:
    """Read the headline's means from a release's or a run's figures over ten years."""
    rows = ten_years.filter(pl.col("target_group") == ALL_GROUPS)
    if "scenario_id" in rows.columns:
        rows = rows.filter(pl.col("scenario_id") == scenario_id)
    rows = rows.filter(pl.col("measure").is_in(MEASURES))
    return dict(rows.select("measure", "mean").iter_rows())


def basis_of_run(run: RegionRun) -> Basis:
    """Give what a run's own demand was computed from, to be kept."""
    return Basis(
        as_of=run.as_of,
        draws=run.options.draws,
        seed=run.options.seed,
        national_rates=run.national_rates,
        national=run.folder.national,
        region=run.region,
        scenarios=_default_chain(run),
        core=run.read_core(),
        rows_since=run.rows_since,
    )


def publish_with_basis(run: RegionRun) -> Path:
    """Publish a run's edition together with what its demand was computed from.

    The basis comes first: an edition that is visible has one.

    Raises:
        UitstroomError: A table is missing, or the run is not reproducible.
    """
    store_basis(run.private, run.provenance.edition_id, basis_of_run(run))
    edition = run.publish()
    prune_bases(run.private, edition.parent, run.releases)
    return edition


def _default_chain(run: RegionRun) -> dict[str, Scenario]:
    """Give the default scenario and all that it extends, as their files said."""
    found: dict[str, Scenario] = {}
    following: str | None = run.region.default_scenario
    while following is not None:
        found[following] = run.declared[following]
        following = found[following].extends
    return dict(sorted(found.items()))


def _levels(
    run: RegionRun, basis: Basis, current: Levels, map_tasks: MapTasks
) -> dict[str, Levels]:
    """Give the level after every step of the chain but the last.

    Raises:
        UitstroomError: A step cannot be computed with today's deliveries or today's code.
    """
    cases = _cases(run, basis)
    if _has_rules_of_today(run, basis):  # what the last of these steps takes is today's run itself
        today = cases[STEPS[-2]]
        to_run = {step: case for step, case in cases.items() if case is not today}
    else:
        to_run = cases
    luck = Luck(run.options.seed, run.options.draws, map_tasks)
    try:
        runs = run_cases(to_run, luck)
    except KeyError as error:
        raise UitstroomError(
            "that edition kept less than today's code reads", found=str(error)
        ) from error
    found: dict[str, Levels] = {}
    for step, case in cases.items():
        if step not in runs:
            found[step] = current
            continue
        totals = draw_figures("", case.inputs, {"demand": runs[step]}).totals
        found[step] = {measure: spread(totals[measure])["mean"] for measure in MEASURES}
    return found


def _cases(run: RegionRun, basis: Basis) -> dict[str, Case]:
    """List the runs of the chain by step; a step that takes nothing new has the run before it."""
    then = replace(run.folder, national=basis.national, region=basis.region)
    delivered = not (basis.national_rates or run.national_rates)
    version = _case(basis, then, basis.core, basis.as_of, rates=basis.national_rates)
    revised = version
    if delivered:
        cut = build_region_core(run.root, then, run.read_accepted(), as_of=basis.as_of)
        if not _is_same(cut, basis.core):
            revised = _case(basis, then, cut, basis.as_of, rates=False)
    new = revised
    if not (basis.national_rates and run.national_rates) and (
        not delivered or run.as_of != basis.as_of
    ):
        new = _case(basis, then, *_today(run, basis, then), rates=run.national_rates)
    source = new
    if basis.national_rates and run.national_rates:
        core, as_of = _today(run, basis, then)
        if as_of != basis.as_of or not _is_same(core, basis.core):
            source = _case(basis, then, core, as_of, rates=True)
    return dict(zip(STEPS[:-1], (version, revised, new, source), strict=True))


def _today(
    run: RegionRun, basis: Basis, then: RegionFolder
) -> tuple[Mapping[str, pl.DataFrame], int]:
    """Give today's core as the region's file of then would have it, and its month."""
    core = build_region_core(run.root, then, run.read_accepted(), as_of=run.as_of)
    if not run.national_rates:
        return core, run.as_of
    resolved = _resolve(basis, then, then.national.rates)
    return national_start(run.root, then, core, resolved, as_of=run.as_of), run.as_of


def _case(
    basis: Basis,
    then: RegionFolder,
    core: Mapping[str, pl.DataFrame],
    as_of: int,
    *,
    rates: bool,
) -> Case:
    """Give a run with the rules of then; its parameters are estimated from these data."""
    from models.forecast import forecast_inflow

    estimated = (
        then.national.rates if rates else estimate_region(then, core, as_of=as_of).parameters
    )
    resolved = _resolve(basis, then, estimated)
    inflow = forecast_inflow(
        core["core_intake__monthly"],
        resolved,
        as_of=as_of,
        admissions=core["core_stay__admitted_monthly"],
    )
    return Case(resolved, core, inflow, as_of)


def _resolve(basis: Basis, then: RegionFolder, estimated: Mapping[str, GroupValues]) -> Resolved:
    name = basis.region.default_scenario
    return then.resolve([name], scenarios=basis.scenarios, estimated=estimated)[name]


def _has_rules_of_today(run: RegionRun, basis: Basis) -> bool:
    return (basis.national, basis.region, dict(basis.scenarios)) == (
        run.folder.national,
        run.region,
        _default_chain(run),
    )


def _is_same(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> bool:
    """Say whether two cores hold the same in what a basis keeps."""
    return all(
        name in one and name in other and one[name].equals(other[name]) for name in CORE_TABLES
    )


def _basis_of(run: RegionRun, final: LastFinal) -> Basis:
    if final.basis is None:
        raise UitstroomError("what that edition was computed from is no longer kept")
    return read_basis(final.basis, run.folder.national)
