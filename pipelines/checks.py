"""Checking a region without changing anything: its file, scenarios, deliveries and their fit.

Belongs here: what `uitstroom check` finds. Does not belong here: printing, the models.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from models.errors import FaultsError, UitstroomError
from models.months import format_month
from models.registry import resolve
from pipelines.core import check_agreements, check_priority_classes
from pipelines.delivered import (
    build_region_core,
    find_key,
    last_month,
    read_region_deliveries,
)
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder, read_region_folder
from pipelines.sources.open_data import load_open_sources, verify_source
from pipelines.sources.results import Deliveries


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
        deliveries = read_region_deliveries(root, folder, find_key(root, region_id))
        found.lines.extend(_delivery_lines(deliveries))
        found.faults.extend(deliveries.refusals)
        if not deliveries.refusals:
            _check_fit(root, folder, deliveries, found)
    except UitstroomError as fault:
        found.faults.append(fault)
    return found


def _check_scenarios(folder: RegionFolder, found: RegionCheck) -> None:
    try:
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
    as_of = last_month(folder.folder, deliveries.accepted)
    core = build_region_core(root, folder, deliveries.accepted, as_of=as_of)
    check_agreements(folder.region, core["core_agreement"])
    check_priority_classes(folder.region, core["core_application__open"])
    found.lines.append(f"the deliveries reach up to and including {format_month(as_of)}")


def _delivery_lines(deliveries: Deliveries) -> Iterable[str]:
    if deliveries.files.is_empty():
        yield "deliveries: none"
    for file in deliveries.files.iter_rows(named=True):
        yield (
            f"deliveries/{file['contract']}/{file['file']}: {file['rows_in']} rows in, "
            f"{file['accepted']} accepted, {file['quarantined']} quarantined, "
            f"{file['non_data']} no data: {file['verdict'].replace('_', ' ')}"
        )
        apart = deliveries.quarantine.filter(
            (pl.col("contract") == file["contract"]) & (pl.col("file") == file["file"])
        )
        for row in apart.iter_rows(named=True):
            yield (
                f"  line {row['row']}, {row['column']}: found {row['found']}, "
                f"expected {row['expected']} ({row['reason']})"
            )
