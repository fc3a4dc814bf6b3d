"""Questions answered from a fresh reading of a region's deliveries; no edition is stored.

Belongs here: the reading, and asking for two scenarios side by side or for a number reconciled
with ours. Does not belong here: the figures (`models.outflow`), text (`reports.plain`), exit
codes, printing (`cli`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models.errors import UitstroomError, UsageError
from models.months import format_month, parse_month
from models.tables import DECIMALS
from pipelines.delivered import find_key, freeze, last_month
from pipelines.history import BRIDGE, INVERSE, Standing, reconcile, stand_at
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder, read_region_folder


@dataclass(frozen=True)
class Reading:
    """A region's folder and accepted rows, read without storing anything.

    Attributes:
        root: The data root.
        folder: The region's folder.
        accepted: Accepted rows by contract.
        as_of: Last month that counts as known.
    """

    root: DataRoot
    folder: RegionFolder
    accepted: dict[str, pl.DataFrame]
    as_of: int

    def stand_at(self, scenario_ids: Iterable[str], *, as_of: int | None = None) -> Standing:
        """Give the region as it stood in a month; without one, in the as-of month."""
        month = self.as_of if as_of is None else as_of
        return stand_at(self.root, self.folder, self.accepted, scenario_ids, as_of=month)


def read_region(root: DataRoot, region_id: str, *, as_of: str | None) -> Reading:
    """Read and check a region's folder and deliveries; change nothing.

    Raises:
        UsageError: No such region, a fault in its file, or a month that is not delivered.
        RefusedError: A delivery is refused.
    """
    found = read_region_folder(root.region(root.check_region(region_id)))
    folder, door = freeze(root, found)
    deliveries = door.read(find_key(root, region_id))
    deliveries.raise_if_refused()
    accepted = dict(deliveries.accepted)
    last = last_month(folder, accepted)
    month = last if as_of is None else parse_month(as_of, where="--as-of")
    if month > last:
        raise UsageError(
            "the deliveries do not reach the as-of month",
            where=region_id,
            found=f"deliveries up to and including {format_month(last)}",
            expected=format_month(month),
            todo="Take an earlier --as-of, or deliver the missing months.",
        )
    return Reading(root, folder, accepted, month)


@dataclass(frozen=True)
class Comparison:
    """Two scenarios side by side.

    Attributes:
        as_of: Last month that counts as known, "YYYY-MM".
        labels: Ids and labels of the two scenarios.
        table: What `models.outflow.compare.differences` gives.
    """

    as_of: str
    labels: tuple[tuple[str, str], tuple[str, str]]
    table: pl.DataFrame


def compare_scenarios(
    root: DataRoot, region_id: str, first: str, second: str, options: Options
) -> Comparison:
    """Run two scenarios on the same draws and take the differences second - first.

    Raises:
        UsageError: A scenario does not exist or has a fault, or both are the same.
        RefusedError: A delivery is refused, or the core lacks what the model starts from.
    """
    from models.outflow.compare import COMPARED, Luck, differences, draw_figures, run_cases
    from pipelines.workers import task_map

    folder = read_region_folder(root.region(root.check_region(region_id)))
    folder.asked_scenarios([first, second])
    if first == second:
        raise UsageError(
            "a scenario is compared with itself",
            where=region_id,
            found=f"{first!r} twice",
            todo="Name two scenarios.",
        )
    folder.resolve([first, second])
    reading = read_region(root, region_id, as_of=options.as_of)
    standing = reading.stand_at([first, second])
    figures = []
    with task_map(options.draws) as map_tasks:
        luck = Luck(options.seed, options.draws, map_tasks)
        for name in (first, second):
            capped = standing.scenarios[name].cap_value is not None
            asked = {run: item for run, item in COMPARED.items() if capped or not item.capped}
            runs = run_cases({run: standing.case(name, item) for run, item in asked.items()}, luck)
            inputs = standing.case(name).inputs
            figures.append(draw_figures(name, inputs, runs))
    labels = [(name, standing.scenarios[name].scenario.label) for name in (first, second)]
    return Comparison(
        format_month(reading.as_of), (labels[0], labels[1]), differences(figures[0], figures[1])
    )


@dataclass(frozen=True)
class Reconciled:
    """A number beside our headline.

    Attributes:
        as_of: Last month that our headline counts as known, "YYYY-MM".
        made_in: Month in which the number was made.
        bridge: `mart_demand__bridge` without region.
        inverse: `mart_demand__inverse` without region, as of the month of the number.
    """

    as_of: str
    made_in: str
    bridge: pl.DataFrame
    inverse: pl.DataFrame


def reconcile_number(root: DataRoot, region_id: str, number: float, options: Options) -> Reconciled:
    """Reconcile a number with our headline, and find what must be true for it.

    The region's published number is taken as of its own month, where that lies before the as-of
    month; any other number as of the as-of month.

    Raises:
        UsageError: No such region, or a month that is not delivered.
        RefusedError: A delivery is refused, or does not reach back to the number's month.
    """
    from models.outflow.compare import Luck
    from pipelines.workers import task_map

    reading = read_region(root, region_id, as_of=options.as_of)
    region = reading.folder.region
    scenario = region.default_scenario
    reading.folder.asked_scenarios([])
    now = then = reading.stand_at([scenario])
    published = region.published
    if published is not None and published.value == number:
        month = parse_month(published.as_of)
        if month < reading.as_of:
            then = reading.stand_at([scenario], as_of=month)
    with task_map(options.draws) as map_tasks:
        luck = Luck(options.seed, options.draws, map_tasks)
        tables = reconcile(number, then.case(scenario), now.case(scenario), luck)
    return Reconciled(
        format_month(now.as_of), format_month(then.as_of), tables[BRIDGE], tables[INVERSE]
    )


def write_table(table: pl.DataFrame, file: Path) -> None:
    """Write a table as CSV, floats rounded as in a mart.

    Raises:
        UitstroomError: The file cannot be written.
    """
    floats = pl.col(pl.Float64).round(DECIMALS) + 0.0
    try:
        table.with_columns(floats).write_csv(file)
    except OSError as error:
        raise UitstroomError(
            "the table cannot be written", where=str(file), found=error.strerror or ""
        ) from error
