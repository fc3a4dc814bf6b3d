"""Reading what a region was sent, with the key and the codes that it takes; changes nothing.

Belongs here: what `run` and `check` both do before anything is computed. Does not belong here: the
way of a file through the door (`sources`), the core, an import of the models.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from models.errors import UitstroomError
from models.months import parse_month
from pipelines.compositions import composition, land, last_day, region_codes
from pipelines.core import build_core, first_complete_month, last_complete_month
from pipelines.door import Door, open_door
from pipelines.editions import read_manifest
from pipelines.paths import DataRoot, current_folder
from pipelines.regions import RegionFolder
from pipelines.sources.key_figures import key_factors
from pipelines.sources.keys import key_for_region
from pipelines.sources.open_data import municipalities
from pipelines.sources.parcels import find_parcels
from pipelines.sources.results import Deliveries

EVENTS = ("intake", "stays", "applications", "lettings")
"""Contracts whose rows are events of the past: how far they reach settles the as-of month."""

FIGURES = ("households", "association_dwellings", "population", "dwellings")
"""Public figures that a key can use."""

COUNTED = ("intake", "applications", "stays")
"""Contracts that the core counts month by month."""


@dataclass(frozen=True)
class Periods:
    """The periods that the envelopes declare.

    Attributes:
        first_days: First days of the files, by contract.
        last_days: Last days of the files about events.
    """

    first_days: Mapping[str, list[date]]
    last_days: list[date]


def find_key(root: DataRoot, region_id: str) -> bytes:
    """Give the key of a region's pseudonyms.

    Raises:
        RefusedError: It is missing, not closed to others, or another than on record.
    """
    return key_for_region(
        root.region(region_id),
        environ=os.environ,
        expected_id=recorded_key_id(root.editions(region_id)),
    )


def recorded_key_id(editions: Path) -> str | None:
    """Give the fingerprint of the key of the current edition, None where no real data made it."""
    edition = current_folder(editions)
    if edition is None:
        return None
    try:
        manifest = read_manifest(edition)
    except UitstroomError:
        return None
    return None if manifest.get("synthetic", True) else str(manifest["key_id"])


def freeze(root: DataRoot, folder: RegionFolder) -> tuple[RegionFolder, Door]:
    """Take a region's deliveries as they lie there now, once for all that follows.

    Returns:
        The folder with the deliveries that count, and the door through which they are read.

    Raises:
        RefusedError: A folder cannot be opened, or the ledger was changed.
    """
    door = open_door(root, folder)
    return replace(folder, parcels=tuple(door.counted)), door


def read_region_deliveries(root: DataRoot, folder: RegionFolder, key: bytes) -> Deliveries:
    """Read, check and type what a region was sent; refusals are for the caller to raise."""
    return open_door(root, folder).read(key)


def declared_periods(folder: RegionFolder) -> Periods:
    """Read the periods off the envelopes of a region's deliveries."""
    firsts: dict[str, list[date]] = {}
    lasts: list[date] = []
    parcels = find_parcels(folder.folder) if folder.parcels is None else folder.parcels
    for parcel in parcels:
        if parcel.envelope is None:
            continue
        firsts.setdefault(parcel.contract, []).append(parcel.envelope.period_from)
        if parcel.contract in EVENTS:
            lasts.append(parcel.envelope.period_to)
    return Periods(firsts, lasts)


def last_month(folder: RegionFolder, accepted: Mapping[str, pl.DataFrame]) -> int:
    """Give the last month that a region's deliveries cover to its last day.

    Raises:
        RefusedError: They do not say how far they reach.
    """
    return last_complete_month(accepted, period_to=declared_periods(folder).last_days)


def municipality_frame(
    root: DataRoot,
    folder: RegionFolder,
    *,
    as_of: int | None = None,
    later: Collection[str] = (),
) -> pl.DataFrame:
    """List the region's municipalities, with the figures of the key for those of the quota.

    Args:
        root: The data root.
        folder: The region's folder.
        as_of: Last month that counts as known: municipalities and figures are in its boundaries;
            None for the latest.
        later: Codes that rows carry although they were not there yet; they have no figures.

    Returns:
        municipality_code, municipality_name and the figures of `FIGURES`; these are empty where the
        region has no key, the key does not use them, or the municipality takes no part in the
        quota.
    """
    region, known = folder.region, municipalities(root.open_data)
    at = date.max if as_of is None else last_day(as_of)
    codes = sorted({*region_codes(region, known, at), *later})
    names = {item.code: item.name for item in region.municipalities}
    frame = pl.DataFrame(
        {
            "municipality_code": codes,
            "municipality_name": [names.get(code, known.name(code)) for code in codes],
        }
    )
    dated = [item for item in region.compositions if item.purpose == "quota"]
    if not region.keys or not dated:
        return frame.with_columns(pl.lit(None, pl.Int64).alias(name) for name in FIGURES)
    month = parse_month(dated[-1].valid_from) if as_of is None else as_of + 1
    shared = composition(region, known, "quota", month, at)
    key = region.keys[-1]
    figures = key_factors(
        root.open_data,
        shared or composition(region, known, "quota", parse_month(dated[-1].valid_from), at),
        key.statistics_year,
        at=at,
        factors={item.factor for item in key.factors} & set(FIGURES),
    )
    return frame.join(
        figures.select("municipality_code", *FIGURES),
        on="municipality_code",
        how="left",
        validate="1:1",
        maintain_order="left",
    )


def build_region_core(
    root: DataRoot, folder: RegionFolder, accepted: Mapping[str, pl.DataFrame], *, as_of: int
) -> dict[str, pl.DataFrame]:
    """Build a region's core tables as they stood at the end of a month.

    Raises:
        RefusedError: The deliveries do not fit together.
    """
    firsts = declared_periods(folder).first_days
    known, at = municipalities(root.open_data), last_day(as_of)
    landed = land(accepted, known, region_codes(folder.region, known, at), at)
    ours = known.predecessors_inside(folder.municipality_codes())
    return build_core(
        landed.accepted,
        municipality_frame(root, folder, as_of=as_of, later=landed.later & ours),
        as_of=as_of,
        target_groups=folder.region.target_groups,
        first_months={
            name: first_complete_month(firsts[name]) for name in COUNTED if name in firsts
        },
        ending_by_age={
            name
            for name, group in folder.national.target_groups.items()
            if group.stay_ends == "age"
        },
    )
