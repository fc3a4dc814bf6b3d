"""Checking a region without changing anything: its file, scenarios, deliveries and their fit.

Belongs here: what `uitstroom check` finds. Does not belong here: printing, the models.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from models.errors import FaultsError, UitstroomError
from models.months import format_month
from models.registry import resolve
from pipelines.core import check_agreements, check_priority_classes
from pipelines.delivered import build_region_core, find_key, freeze, last_month
from pipelines.door import Door
from pipelines.national import has_nothing
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder, read_region_folder
from pipelines.sources.examine import Past
from pipelines.sources.open_data import load_open_sources, verify_source
from pipelines.sources.results import Deliveries, Verdict
from pipelines.tiles import read_tiles


@dataclass
class RegionCheck:
    """What a check found.

    Attributes:
        lines: What to tell, in reading order.
        faults: Why the region would be refused, or cannot be read.
    """

    lines: list[str] = field(default_factory=list)
    faults: list[UitstroomError] = field(default_factory=list)

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            UitstroomError: The gravest kind stands first, so that it gives the exit code.
        """
        gravest = sorted(self.faults, key=lambda fault: (1, 3, 2).index(fault.exit_code))
        if len(gravest) == 1:
            raise gravest[0]
        if gravest:
            raise FaultsError(gravest)


def check_region(root: DataRoot, region_id: str) -> RegionCheck:
    """Read and validate a region's folder and deliveries; change nothing."""
    found = RegionCheck()
    try:
        folder = read_region_folder(root.region(root.check_region(region_id)))
    except UitstroomError as fault:
        found.faults.append(fault)
        return found
    found.lines.append("region.toml: in order")
    _check_scenarios(folder, found)
    _check_open_sources(root, found)
    try:
        folder, door = freeze(root, folder)
        deliveries = door.read(find_key(root, region_id))
        found.lines.extend(_delivery_lines(deliveries, door))
        found.faults.extend([*deliveries.refusals, *deliveries.waits])
        if not found.faults:
            _check_fit(root, folder, deliveries, found)
    except UitstroomError as fault:
        found.faults.append(fault)
    return found


def _check_scenarios(folder: RegionFolder, found: RegionCheck) -> None:
    try:
        read_tiles(folder.folder, folder.region)
        folder.asked_scenarios([])
    except UitstroomError as fault:
        found.faults.append(fault)
    for name in folder.scenario_ids:
        try:
            resolve(folder.national, folder.region, folder.read_scenarios([name]), name)
            found.lines.append(f"scenarios/{name}.toml: in order")
        except UitstroomError as fault:
            found.faults.append(fault)


def _check_open_sources(root: DataRoot, found: RegionCheck) -> None:
    sources = load_open_sources(root.open_data)
    for source in sources:
        try:
            verify_source(source)
        except UitstroomError as fault:
            found.faults.append(fault)
    found.lines.append(f"public statistics: {len(sources)} sources")


def _check_fit(
    root: DataRoot, folder: RegionFolder, deliveries: Deliveries, found: RegionCheck
) -> None:
    """See whether the deliveries fit together and with the region's file, as a run would."""
    if has_nothing(deliveries.accepted):
        found.lines.append("no rows: a run starts from national rates")
        return
    as_of = last_month(folder, deliveries.accepted)
    core = build_region_core(root, folder, deliveries.accepted, as_of=as_of)
    check_agreements(folder.region, core["core_agreement"])
    check_priority_classes(folder.region, core["core_application__open"])
    found.lines.append(f"the deliveries reach up to and including {format_month(as_of)}")


def _delivery_lines(deliveries: Deliveries, door: Door) -> Iterable[str]:
    if deliveries.files.is_empty():
        yield "deliveries: none"
    for file in deliveries.files.iter_rows(named=True):
        yield (
            f"deliveries/{file['contract']}/{file['file']}: {file['rows_in']} rows in, "
            f"{file['accepted']} accepted, {file['quarantined']} quarantined, "
            f"{file['non_data']} no data: {file['verdict'].replace('_', ' ')}"
        )
        yield from _version_lines(door.pasts.get(f"{file['contract']}/{file['file']}", Past()))
        is_of_file = (pl.col("contract") == file["contract"]) & (pl.col("file") == file["file"])
        apart = deliveries.quarantine.filter(is_of_file)
        for row in apart.iter_rows(named=True):
            yield (
                f"  line {row['row']}, {row['column']}: found {row['found']}, "
                f"expected {row['expected']} ({row['reason']})"
            )
        if apart.height:
            yield "  These rows stay out until the sender mends them and delivers the file again."
        for row in deliveries.notices.filter(is_of_file).iter_rows(named=True):
            yield f"  {_notice_line(row)}"
        if file["verdict"] == Verdict.WAITING:
            yield (
                f"  When it is right: uitstroom confirm --region {door.folder.region.id} "
                f"{file['contract']}/{file['file']} --by OFFICE --why TEXT"
            )


def _version_lines(past: Past) -> Iterable[str]:
    if past.difference is None:
        return
    told = past.difference
    yield (
        f"  version {past.version}: {told.added} rows added, {told.removed} removed, "
        f"{told.changed} changed; {told.closed_changed} of {told.closed_cells} cells of closed "
        f"periods differ ({told.closed_share:.1%})"
    )


def _notice_line(row: dict[str, Any]) -> str:
    at = [f"line {row['row']}"] if row["row"] is not None else []
    at += [row["column"]] if row["column"] else []
    told = [f"{', '.join(at)}: {row['what']}" if at else row["what"]]
    told += [f"found {row['found']}"] if row["found"] else []
    told += [f"expected {row['expected']}"] if row["expected"] else []
    return f"{row['kind']}: {'; '.join(told)} ({row['reason']}). {row['todo']}"
