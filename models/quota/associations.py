"""A municipality's quota over its housing associations, year by year.

Belongs here: the associations' shares, the homes that are expected to come free as bounds, the
split by the running claim, and bounds that cannot hold a quota. Does not belong here: the quota of
a municipality (`split`), the running claim itself (`running`), tables in which totals of
associations are agreed too (`two_way`, `within`), names of municipalities (the caller adds them).

Every municipality stands alone here: no agreement gives an association a total over municipalities,
so the split within a municipality is proportional wherever no bound binds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from math import floor

import polars as pl

from models.quota.claims import Number, exact_number
from models.quota.clash import Bound, BoundKind
from models.quota.years import apportion_years

SPLIT_COLUMNS = {
    "scenario_id": pl.String,
    "year": pl.Int32,
    "municipality_code": pl.String,
    "association": pl.String,
    "share": pl.Float64,
    "exact": pl.Float64,
    "bound": pl.Int64,
    "quota": pl.Int64,
    "cumulative": pl.Int64,
    "is_bound": pl.Boolean,
}
"""Columns of `AssociationSplit.frame`."""

CLASH_COLUMNS = {
    "scenario_id": pl.String,
    "year": pl.Int32,
    "municipality_code": pl.String,
    "kind": pl.String,
    "association": pl.String,
    "homes": pl.Int64,
    "short_homes": pl.Int64,
}
"""Columns of `AssociationSplit.clashes`."""

Shares = Mapping[str, Mapping[str, Fraction]]
"""Share of every association in a municipality's homes, by municipality code and name."""

Bounds = Mapping[tuple[int, str, str], int]
"""Most homes by year, municipality code and association; who is not in it has no bound."""

ALL = "all"
_BOUNDING = ("suitable_relets", "new_lettings")


@dataclass(frozen=True)
class AssociationSplit:
    """Quotas over associations, and where the bounds cannot hold them.

    Attributes:
        frame: One row a scenario, year, municipality and association (`SPLIT_COLUMNS`).
        clashes: One row a bound of a clash (`CLASH_COLUMNS`); the first of each is the
            municipality's quota, with "all" for the association. From the year of a clash on the
            municipality has no rows in `frame`.
    """

    frame: pl.DataFrame
    clashes: pl.DataFrame


def association_shares(stock: pl.DataFrame) -> dict[str, dict[str, Fraction]]:
    """Give every association's share of the homes in a municipality.

    Social rental homes count where every association of the municipality delivered them, else all
    homes; the two are never mixed within a municipality. Associations without homes and
    municipalities without associations are left out.

    Args:
        stock: `core_stock__latest`: municipality_code, association, dwellings, social_dwellings
            (homes; the last may be empty).
    """
    shares: dict[str, dict[str, Fraction]] = {}
    ordered = stock.sort("municipality_code", "association")
    for (code,), rows in ordered.group_by("municipality_code", maintain_order=True):
        is_known = rows["social_dwellings"].null_count() == 0
        homes = rows["social_dwellings" if is_known else "dwellings"].to_list()
        total = sum(homes)
        if total:
            named = zip(rows["association"].to_list(), homes, strict=True)
            shares[str(code)] = {name: Fraction(own, total) for name, own in named if own}
    return shares


def expected_bounds(supply: pl.DataFrame, *, part: Number = 1) -> dict[tuple[int, str, str], int]:
    """Give the most homes that an association can be asked for: those expected to come free.

    The bound is the floor of `part` x (suitable re-lets + first lettings of new homes), both as
    means. An association of which either is not known has no bound: unknown is not none.

    Args:
        supply: `mart_supply__yearly_municipality`: year, municipality_code, association, measure,
            mean (homes).
        part: The part of these homes that may go to people who leave a facility (0 to 1).

    Returns:
        Bound by year, municipality code and association (homes).
    """
    keys = ["year", "municipality_code", "association"]
    rows = supply.with_columns(pl.col("measure").cast(pl.String)).filter(
        pl.col("measure").is_in(_BOUNDING)
        & (pl.col("municipality_code") != ALL)
        & (pl.col("association") != ALL)
    )
    free: dict[tuple[int, str, str], list[Fraction]] = {}
    for year, code, name, mean in rows.sort(*keys, "measure").select(*keys, "mean").iter_rows():
        free.setdefault((year, code, name), []).append(exact_number(mean, "homes that come free"))
    factor = exact_number(part, "part of the homes that come free")
    return {
        key: floor(factor * sum(means))
        for key, means in free.items()
        if len(means) == len(_BOUNDING)
    }


def split_over_associations(
    quotas: pl.DataFrame, shares: Shares, bounds: Bounds
) -> AssociationSplit:
    """Split the quota of every municipality over its associations, over the years.

    Each year adds up to the municipality's quota and nothing is negative or above its bound. Homes
    go to the largest claim still open (owed so far minus received), so that an association with
    few homes gets its turn; ties go to the first name of the alphabet. What a year adds to what is
    owed is the exact share within the bounds.

    Args:
        quotas: scenario_id, year, municipality_code, quota (homes).
        shares: Of the associations; a municipality that is not in it is left out.
        bounds: The most homes of an association in a year.
    """
    rows: list[tuple[object, ...]] = []
    clashes: list[tuple[object, ...]] = []
    ordered = quotas.sort("scenario_id", "municipality_code", "year")
    groups = ordered.group_by("scenario_id", "municipality_code", maintain_order=True)
    for (scenario, code), own in groups:
        part = shares.get(str(code))
        if part is None:
            continue
        totals = dict(own.select("year", "quota").iter_rows())
        found = [(year, find_clash(year, str(code), total, part, bounds))
                 for year, total in totals.items()]  # fmt: skip
        held = list(takewhile(lambda item: not item[1], found))
        for year, clash in found[len(held) :][:1]:
            clashes += [(scenario, year, code, *_clash_row(bound, clash)) for bound in clash]
        years = {year: totals[year] for year, _ in held}
        rows += [(scenario, *row) for row in _split_municipality(str(code), years, part, bounds)]
    return AssociationSplit(
        pl.DataFrame(rows, schema=SPLIT_COLUMNS, orient="row"),
        pl.DataFrame(clashes, schema=CLASH_COLUMNS, orient="row"),
    )


def find_clash(
    year: int, code: str, quota: int, shares: Mapping[str, Fraction], bounds: Bounds
) -> list[Bound]:
    """Name the bounds that cannot hold a municipality's quota together; none where they can.

    The quota and the bounds of all its associations: without any one of them the rest goes
    together, so no smaller set clashes.

    Args:
        year: Calendar year.
        code: Code of the municipality.
        quota: Its quota of the year (homes).
        shares: Of its associations.
        bounds: The most homes of an association in a year.
    """
    tops = {name: bounds.get((year, code, name)) for name in sorted(shares)}
    known = {name: top for name, top in tops.items() if top is not None}
    if len(known) < len(tops) or sum(known.values()) >= quota:
        return []
    held = [Bound(BoundKind.MAXIMUM, top, row=code, column=name) for name, top in known.items()]
    return [Bound(BoundKind.ROW_TOTAL, quota, row=code), *held]


def _clash_row(bound: Bound, clash: list[Bound]) -> tuple[object, ...]:
    short = clash[0].homes - sum(item.homes for item in clash[1:])
    return bound.kind.value, bound.column or ALL, bound.homes, short


def _split_municipality(
    code: str, totals: Mapping[int, int], shares: Mapping[str, Fraction], bounds: Bounds
) -> list[tuple[object, ...]]:
    if not totals:
        return []
    names = sorted(shares)
    tops = [{name: bounds.get((year, code, name)) for name in names} for year in totals]
    homes = apportion_years(
        {name: shares[name] for name in names},
        list(totals.values()),
        "running-claim",
        maximum=tops,
    )
    received = dict.fromkeys(names, 0)
    rows: list[tuple[object, ...]] = []
    for (year, total), top, given in zip(totals.items(), tops, homes.tolist(), strict=True):
        for name, number in zip(names, given, strict=True):
            received[name] += number
            rows.append(
                (
                    year,
                    code,
                    name,
                    float(shares[name]),
                    float(shares[name] * total),
                    top[name],
                    number,
                    received[name],
                    bool(total) and top[name] == number,
                )
            )
    return rows
