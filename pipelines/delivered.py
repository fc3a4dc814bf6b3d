"""Reading what a region was sent, with the key and the codes that it takes; changes nothing.

Belongs here: what `run` and `check` both do before anything is computed. Does not belong here: the
way of a file through the door (`sources`), the core, an import of the models.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from models.errors import UitstroomError
from pipelines.core import build_core, first_complete_month, last_complete_month
from pipelines.editions import read_manifest
from pipelines.paths import DataRoot, current_folder
from pipelines.regions import RegionFolder
from pipelines.sources.deliveries import read_deliveries
from pipelines.sources.keys import key_for_region
from pipelines.sources.open_data import key_factors, municipal_codes, municipal_facts
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


def read_region_deliveries(root: DataRoot, folder: RegionFolder, key: bytes) -> Deliveries:
    """Read, check and type what a region was sent; refusals are for the caller to raise."""
    return read_deliveries(
        folder.folder,
        region_id=folder.region.id,
        municipality_codes=folder.municipality_codes(),
        known_codes=municipal_codes(root.open_data),
        key=key,
    )


def declared_periods(region: Path) -> Periods:
    """Read the periods off the envelopes of a region's deliveries."""
    firsts: dict[str, list[date]] = {}
    lasts: list[date] = []
    for parcel in find_parcels(region):
        if parcel.envelope is None:
            continue
        firsts.setdefault(parcel.contract, []).append(parcel.envelope.period_from)
        if parcel.contract in EVENTS:
            lasts.append(parcel.envelope.period_to)
    return Periods(firsts, lasts)


def last_month(region: Path, accepted: Mapping[str, pl.DataFrame]) -> int:
    """Give the last month that a region's deliveries cover to its last day.

    Raises:
        RefusedError: They do not say how far they reach.
    """
    return last_complete_month(accepted, period_to=declared_periods(region).last_days)


def municipality_frame(root: DataRoot, folder: RegionFolder) -> pl.DataFrame:
    """List the region's municipalities, with the figures of the key for those of the quota.

    Returns:
        municipality_code, municipality_name and the figures of `FIGURES`; these are empty where the
        region has no key, or the municipality takes no part in the quota.
    """
    region, codes = folder.region, sorted(folder.municipality_codes())
    known = municipal_facts(root.open_data).drop_nulls("name").sort("year")
    names = dict(known.select("municipality_code", "name").iter_rows())
    names |= {item.code: item.name for item in region.municipalities}
    frame = pl.DataFrame(
        {
            "municipality_code": codes,
            "municipality_name": [names.get(code, code) for code in codes],
        }
    )
    shared = [item.municipalities for item in region.compositions if item.purpose == "quota"]
    if not region.keys or not shared:
        return frame.with_columns(pl.lit(None, pl.Int64).alias(name) for name in FIGURES)
    figures = key_factors(root.open_data, shared[-1], region.keys[-1].statistics_year)
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
    firsts = declared_periods(folder.folder).first_days
    return build_core(
        accepted,
        municipality_frame(root, folder),
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
