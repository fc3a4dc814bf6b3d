"""A region that was sent nothing: what its run starts from, and how far that reaches.

Belongs here: inhabitants and as-of month from the public statistics, and the core filled from
national rates. Does not belong here: the rates (`models/parameters/national.toml`), the core tables
made of them (`models.outflow.national`).
"""

from collections.abc import Mapping

import polars as pl

from models.errors import RefusedError
from models.months import month_of
from models.registry import Resolved
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder
from pipelines.sources.open_data import municipal_facts

_POPULATION = "population"


def has_nothing(accepted: Mapping[str, pl.DataFrame]) -> bool:
    """Say whether no row at all was accepted."""
    return all(frame.is_empty() for frame in accepted.values())


def inhabitants(root: DataRoot, folder: RegionFolder) -> tuple[int, int]:
    """Give how many people live in the region, and the last month before that was counted.

    Args:
        root: The data root.
        folder: The region's folder; its newest care composition is counted.

    Returns:
        Inhabitants on the newest 1 January for which every municipality has a figure, and December
        of the year before it.

    Raises:
        RefusedError: There is no year with a figure for every municipality.
    """
    region = folder.region
    cared = [item for item in region.compositions if item.purpose == "care"]
    codes = set((cared or list(region.compositions))[-1].municipalities)
    counted = municipal_facts(root.open_data).filter(
        (pl.col("measure") == _POPULATION) & pl.col("municipality_code").is_in(codes)
    )
    years = counted.group_by("year").agg(
        pl.col("municipality_code").n_unique().alias("municipalities"), pl.col("value").sum()
    )
    whole = years.filter(pl.col("municipalities") == len(codes)).sort("year")
    if whole.is_empty():
        raise RefusedError(
            "the region was sent nothing, and its inhabitants are not known",
            where=f"{region.id}/region.toml, compositions",
            found=f"no year with a population for all of {', '.join(sorted(codes))}",
            expected="deliveries, or municipalities of one year",
            todo="Put files into deliveries/, or correct the codes of the newest composition.",
        )
    year, _, people = whole.row(-1)
    return round(people), month_of(year, 1) - 1


def national_start(
    root: DataRoot,
    folder: RegionFolder,
    core: Mapping[str, pl.DataFrame],
    resolved: Resolved,
    *,
    as_of: int,
) -> dict[str, pl.DataFrame]:
    """Fill the core of a region that was sent nothing from national rates.

    Raises:
        RefusedError: The inhabitants are not known, or a target group has no national rate.
    """
    from models.outflow.national import national_core

    people, _ = inhabitants(root, folder)
    first = sorted(folder.municipality_codes())[0]
    return national_core(core, resolved, inhabitants=people, municipality=first, as_of=as_of)
