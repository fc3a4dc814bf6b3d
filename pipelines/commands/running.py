"""Commands that run the model: run, compare, bridge.

Belongs here: their flags and lines. Does not belong here: the job (`pipelines.runs`).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.flags import (
    DrawsFlag,
    MonthFlag,
    OneRegionFlag,
    OutFlag,
    RegionsFlag,
    ScenariosFlag,
    SeedFlag,
)
from pipelines.commands.telling import asked_regions, counted, say, say_report, told
from pipelines.instance import prepare_instance
from pipelines.options import DEFAULT_DRAWS, DEFAULT_SEED, STUDY_DRAWS, Options, read_options
from pipelines.paths import CURRENT, DataRoot, shown
from pipelines.troubles import Troubles

if TYPE_CHECKING:
    from pipelines.runs import RunOutcome


class StopRequestedError(BaseException):
    """Somebody asked the command to stop; not an error that a step may catch."""


def run(
    region: RegionsFlag = None,
    scenario: ScenariosFlag = None,
    as_of: MonthFlag = None,
    draws: DrawsFlag = DEFAULT_DRAWS,
    seed: SeedFlag = DEFAULT_SEED,
) -> None:
    """Run regions from deliveries to report, then build the DuckDB file of all regions.

    With other scenarios, draws or seed, or an older month, the run makes an edition and a report in
    folders of their own and leaves `current` alone.
    """
    root = DataRoot.from_environment()
    options = read_options(as_of=as_of, scenarios=scenario or (), draws=draws, seed=seed)
    prepare_instance()
    with counted() as troubles:
        regions = _runnable_regions(root, region, options, troubles)
        if regions:
            _run_regions(root, regions, options, troubles)


def compare(
    first: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario.")],
    second: Annotated[str, typer.Argument(metavar="SCENARIO", help="The one beside it.")],
    region: OneRegionFlag,
    as_of: MonthFlag = None,
    draws: DrawsFlag = DEFAULT_DRAWS,
    seed: SeedFlag = DEFAULT_SEED,
    out: OutFlag = None,
) -> None:
    """Compare two scenarios on the same draws: differences with their ranges; store nothing."""
    from pipelines.comparisons import compare_scenarios, write_table
    from reports.plain import comparison_lines

    options = read_options(as_of=as_of, draws=draws, seed=seed)
    found = compare_scenarios(DataRoot.from_environment(), region, first, second, options)
    names = tuple(f"{label} ({name})" for name, label in found.labels)
    lines = comparison_lines(
        found.table, region_id=region, as_of=found.as_of, names=(names[0], names[1])
    )
    for line in lines:
        say(line)
    if out is not None:
        write_table(found.table, out)
        say(f"table: {shown(out)}")


def bridge(
    region: OneRegionFlag,
    to: Annotated[int, typer.Option("--to", metavar="N", min=1, help="Homes in ten years.")],
    as_of: MonthFlag = None,
    draws: DrawsFlag = STUDY_DRAWS,
    seed: SeedFlag = DEFAULT_SEED,
) -> None:
    """Reconcile a number with ours in named steps, and say what must be true for it.

    The region's published number is read as of the month in which it was made.
    """
    from pipelines.comparisons import reconcile_number
    from reports.plain import bridge_lines

    options = read_options(as_of=as_of, draws=draws, seed=seed)
    found = reconcile_number(DataRoot.from_environment(), region, to, options)
    for line in bridge_lines(found.bridge, found.inverse, region_id=region):
        say(line)


def _runnable_regions(
    root: DataRoot, asked: list[str] | None, options: Options, troubles: Troubles
) -> list[str]:
    """Give the regions whose file and asked scenarios are in order, before anything is started."""
    from pipelines.regions import read_region_folder

    regions = []
    for region_id in asked_regions(root, asked, troubles):
        with told(troubles, region_id):
            folder = read_region_folder(root.region(region_id))
            folder.resolve(folder.asked_scenarios(options.scenarios))
            regions.append(region_id)
    return regions


def _run_regions(
    root: DataRoot, regions: Iterable[str], options: Options, troubles: Troubles
) -> None:
    from pipelines.render import one_browser
    from pipelines.runs import Runner, Stopped

    made: dict[str, RunOutcome] = {}
    try:
        runner = Runner()
        with one_browser():
            for region_id in regions:
                with told(troubles, region_id):
                    made[region_id] = runner.run_region(region_id, options)
        if root.current_editions():
            with told(troubles, "warehouse"):
                runner.build_warehouse()
    except Stopped as stopped:
        raise StopRequestedError from stopped
    for region_id, outcome in made.items():
        _say_outcome(region_id, outcome)
    if root.warehouse.is_file():
        say(f"DuckDB file of all regions: {shown(root.warehouse)}")


def _say_outcome(region_id: str, outcome: "RunOutcome") -> None:
    state = "" if outcome.is_current else "; not the usual run, so `current` stays where it was"
    say(f"{region_id}, as of {outcome.as_of}{state}")
    say_report(outcome.report.with_name(CURRENT) if outcome.is_current else outcome.report)
    if not outcome.is_current:
        say(f"  edition: {shown(outcome.edition)}")
    say(f"  release: {shown(outcome.release)}")
