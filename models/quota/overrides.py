"""Person-led overrides: homes let outside the municipality where the person came from.

Belongs here: counting what a municipality housed for others, and others for it. Does not belong
here: tracing where somebody came from (the core does), the split that settles it (`running`).

A quota says how many homes, never whose: a person goes where their network is. The accounting
comes afterwards: who housed somebody for another has one more, the other one fewer.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

import polars as pl

OVERRIDE_COLUMNS = {
    "year": pl.Int32,
    "municipality_code": pl.String,
    "housed": pl.Int64,
    "housed_for_others": pl.Int64,
    "housed_elsewhere": pl.Int64,
    "net": pl.Int64,
    "network_in": pl.Int64,
    "network_out": pl.Int64,
    "network_net": pl.Int64,
}
"""Columns of `override_table`."""

_ALWAYS_THE_SAME: Mapping[int, Collection[str]] = MappingProxyType({})


def override_table(
    origin: pl.DataFrame,
    municipalities: Collection[str],
    *,
    members: Mapping[int, Collection[str]] = _ALWAYS_THE_SAME,
) -> pl.DataFrame:
    """Count per year and municipality what it housed for the others, and they for it.

    Only homes count of which both the municipality of origin and that of the home share the quota
    in that year: somebody from elsewhere, of unknown origin, or from a municipality that joined
    later, changes nobody's account. Every net sums to 0 over a year.

    Args:
        origin: `core_letting__origin`: year, origin_code, home_code, dwellings, network_led.
        municipalities: Codes of the municipalities that share the quota.
        members: Who shared it in a calendar year; in a year that is not there, all of them.

    Returns:
        A row for every year of `origin` and member (`OVERRIDE_COLUMNS`): homes let there on
        the ground outflow, for people of the others, by the others for its own people, the first
        minus the second, and the same three for homes that the network led to.
    """
    years = sorted(origin["year"].unique().to_list())
    shared = {year: sorted(members.get(year, municipalities)) for year in years}
    moves = origin.select("year", "origin_code", "home_code").iter_rows()
    is_within = [
        come != home and come in shared[year] and home in shared[year] for year, come, home in moves
    ]
    within = origin.filter(pl.Series(is_within, dtype=pl.Boolean))
    counted = {
        "housed": _count(origin, "home_code", "dwellings"),
        "housed_for_others": _count(within, "home_code", "dwellings"),
        "housed_elsewhere": _count(within, "origin_code", "dwellings"),
        "network_in": _count(within, "home_code", "network_led"),
        "network_out": _count(within, "origin_code", "network_led"),
    }
    rows = [
        {
            "year": year,
            "municipality_code": code,
            **{name: homes.get((year, code), 0) for name, homes in counted.items()},
        }
        for year in years
        for code in shared[year]
    ]
    plain = {name: kind for name, kind in OVERRIDE_COLUMNS.items() if name[-3:] != "net"}
    return (
        pl.DataFrame(rows, schema=plain)
        .with_columns(
            net=pl.col("housed_for_others") - pl.col("housed_elsewhere"),
            network_net=pl.col("network_in") - pl.col("network_out"),
        )
        .select(*OVERRIDE_COLUMNS)
    )


def overrides_by_municipality(
    origin: pl.DataFrame,
    municipalities: Collection[str],
    *,
    members: Mapping[int, Collection[str]] = _ALWAYS_THE_SAME,
    counted: str = "network_led",
) -> dict[int, dict[str, int]]:
    """Give what every municipality received in a year beside the split, by person-led overrides.

    +1 for the municipality that houses a person whose origin is another municipality of the quota
    region, -1 for that of origin.

    Args:
        origin: `core_letting__origin`: year, origin_code, home_code, dwellings, network_led.
        municipalities: Codes of the municipalities that share the quota.
        members: Who shared it in a calendar year; in a year that is not there, all of them.
        counted: `network_led`: homes that the network led to, as only these are led by the person;
            `dwellings`: every home let outside the municipality of origin.

    Returns:
        Homes by year and municipality, every member in every year; a year sums to 0.
    """
    column = {"network_led": "network_net", "dwellings": "net"}[counted]
    found: dict[int, dict[str, int]] = {}
    table = override_table(origin, municipalities, members=members)
    for year, code, homes in table.select("year", "municipality_code", column).iter_rows():
        found.setdefault(year, {})[code] = homes
    return found


def _count(rows: pl.DataFrame, place: str, homes: str) -> dict[tuple[int, str], int]:
    summed = rows.group_by("year", place).agg(pl.col(homes).sum())
    return {(year, code): number for year, code, number in summed.iter_rows()}
