"""The parties' side of the quotas: from core tables and marts of a run to the marts of the parties.

Belongs here: which tables the parts are made of, names of municipalities, projects and bids as
rows. Does not belong here: the arithmetic (`models.quota`), Dagster, the quotas themselves.

Projects stand beside the stream of ordinary homes: nothing here changes a quota.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from models.marts.parties import GATES, KINDS, MISSES
from models.months import MONTHS_PER_YEAR, format_month, parse_month, year_of
from models.outflow.inputs import OUTFLOW_GROUND
from models.params import Region
from models.quota.associations import (
    association_shares,
    expected_bounds,
    split_over_associations,
)
from models.quota.overrides import override_table
from models.quota.pacing import Pace, pace_year
from models.quota.vacancies import claim_table
from models.units import ALL_GROUPS
from pipelines.compositions import composition, last_day, place_names, quota_members
from pipelines.marts import empty_mart, municipality_names, shares_contingents
from pipelines.region_run import RegionRun
from pipelines.sources.open_data import municipalities

ALL, UNKNOWN = "all", "unknown"

QUOTAS = "mart_quota__yearly_municipality"
SUPPLY = "mart_supply__yearly_municipality"
LETTINGS = "mart_letting__yearly_municipality"
PRODUCTS = "mart_demand__yearly_product"
QUEUES = "mart_project__yearly_region"
MARTS_READ = (QUOTAS, SUPPLY, LETTINGS, PRODUCTS, QUEUES)
"""Marts of the run that the parties' marts are made of."""

STOCK, PROJECTS, ORIGINS = "core_stock__latest", "core_project", "core_letting__origin"
MONTHLY, MISSED = "core_letting__monthly", "core_quota__miss"
CORE_READ = (STOCK, PROJECTS, ORIGINS, MONTHLY, MISSED)
"""Core tables that the parties' marts are made of."""

TABLES = (
    "mart_quota__yearly_association",
    "mart_quota__association_clash",
    "mart_quota__project",
    "mart_quota__project_need",
    "mart_quota__bid",
    "mart_quota__origin",
    "mart_quota__override",
    "mart_quota__progress",
    "mart_quota__claim",
    "mart_quota__miss",
)
"""The parties' marts."""

_PLACES = {
    "bod": "bid_places",
    "besluit": "decided_places",
    "in_aanbouw": "building_places",
    "open": "open_places",
    None: "unknown_places",
}
"""Column that counts the places of a project by its state; ideas and stopped ones count nowhere."""

Row = dict[str, Any]


def party_tables(run: RegionRun) -> dict[str, pl.DataFrame]:
    """Make the parties' marts of a run whose quotas are made.

    Returns:
        The marts of `TABLES`, by name.
    """
    core = run.read_core(*CORE_READ)
    marts = {name: run.draft.read(name) for name in MARTS_READ}
    pacing = run.region.accounting.pacing_months
    known = municipalities(run.root.open_data)
    years = core[ORIGINS]["year"].unique().to_list()
    return make_tables(
        run.region,
        core,
        marts,
        as_of=run.as_of,
        pacing_months=pacing,
        names=place_names(run.root, run.region),
        codes=composition(run.region, known, "quota", run.as_of + 1, last_day(run.as_of)),
        members=quota_members(run.region, known, years, as_of=run.as_of),
    )


def make_tables(
    region: Region,
    core: Mapping[str, pl.DataFrame],
    marts: Mapping[str, pl.DataFrame],
    *,
    as_of: int,
    pacing_months: int = MONTHS_PER_YEAR,
    names: Mapping[str, str] | None = None,
    codes: Sequence[str] = (),
    members: Mapping[int, Collection[str]] = MappingProxyType({}),
) -> dict[str, pl.DataFrame]:
    """Make the parties' marts.

    Args:
        region: The region.
        core: The core tables of `CORE_READ`.
        marts: The marts of `MARTS_READ`.
        as_of: Last month that counts as known.
        pacing_months: 12 to hold homes let against the year's quota, 6 against that of half-years.
        names: Names of municipalities by code; None for those of the region's file.
        codes: Who shares the quota after the as-of month; none for those of the region's file.
        members: Who shares it in a calendar year; in a year that is not there, the same.

    Returns:
        The marts of `TABLES`, by name.
    """
    quotas, codes = marts[QUOTAS], tuple(codes) or quota_codes(region, as_of)
    projects = project_rows(region, core[PROJECTS], as_of=as_of)
    claims = claim_table(
        marts[LETTINGS],
        marts[SUPPLY],
        _coming_quotas(region, quotas, codes, year_of(as_of) + 1),
        coming_year=year_of(as_of) + 1,
    )
    rows: dict[str, list[Row]] = {
        **association_rows(region, core[STOCK], quotas, marts[SUPPLY]),
        "mart_quota__project": projects,
        "mart_quota__project_need": need_rows(projects, marts[PRODUCTS], marts[QUEUES]),
        "mart_quota__bid": bid_rows(region),
        "mart_quota__origin": core[ORIGINS].to_dicts(),
        "mart_quota__override": override_table(core[ORIGINS], codes, members=members).to_dicts(),
        "mart_quota__progress": progress_rows(
            quotas,
            core[MONTHLY],
            as_of=as_of,
            pacing_months=pacing_months,
            grounds=counted_grounds(region),
        ),
        "mart_quota__claim": claims.to_dicts(),
        "mart_quota__miss": miss_rows(core[MISSED]),
    }
    named = municipality_names(region) if names is None else names
    return {name: _finished(name, rows[name], region, named) for name in TABLES}


def quota_codes(region: Region, as_of: int) -> tuple[str, ...]:
    """Give the municipalities that share the quota after the as-of month, else all."""
    shared = region.quota_municipalities(format_month(as_of + 1))
    return shared or tuple(item.code for item in region.municipalities)


def association_rows(
    region: Region, stock: pl.DataFrame, quotas: pl.DataFrame, supply: pl.DataFrame
) -> dict[str, list[Row]]:
    """Split every scenario's quotas over the associations, and tell where bounds clash.

    Args:
        region: The region, for the allocation systems.
        stock: `core_stock__latest`.
        quotas: `mart_quota__yearly_municipality`.
        supply: `mart_supply__yearly_municipality`.
    """
    split = split_over_associations(
        quotas.select("scenario_id", "year", "municipality_code", "quota"),
        association_shares(stock),
        expected_bounds(supply),
    )
    systems = {item.code: item.allocation_system for item in region.municipalities}
    rows = [
        {**row, "allocation_system": systems[row["municipality_code"]]}
        for row in split.frame.iter_rows(named=True)
    ]
    return {
        "mart_quota__yearly_association": rows,
        "mart_quota__association_clash": split.clashes.to_dicts(),
    }


def project_rows(region: Region, projects: pl.DataFrame, *, as_of: int) -> list[Row]:
    """List the delivered projects and those that the region's file adds.

    The file says from when its places are there, and no state before then.
    """
    gates = [f"gate_{name}" for name in GATES]
    delivered = [{**row, "source": "delivered"} for row in projects.iter_rows(named=True)]
    added = [
        {
            "project_id": f"region-file-{number}",
            "name": item.name,
            "kind": item.kind,
            "municipality_code": None,
            "places": item.places,
            "status": "open" if parse_month(item.open_from) <= as_of else None,
            "expected_open_month": item.open_from,
            **dict.fromkeys(gates),
            "source": "region_file",
        }
        for number, item in enumerate(region.projects, 1)
    ]
    return [*delivered, *added]


def need_rows(projects: list[Row], products: pl.DataFrame, queues: pl.DataFrame) -> list[Row]:
    """Set who asks for a kind of project beside the places of projects, by state.

    Args:
        projects: The rows of `project_rows`.
        products: `mart_demand__yearly_product`.
        queues: `mart_project__yearly_region`.

    Returns:
        A row for every scenario, kind and `all`, and for every municipality with a project.
    """
    asked = products.with_columns(pl.col("product").cast(pl.String)).filter(
        (pl.col("months_covered") == MONTHS_PER_YEAR)
        & (pl.col("target_group") == ALL_GROUPS)
        & pl.col("product").is_in(KINDS)
    )
    if asked.is_empty():
        return []
    year = int(asked["year"].min())  # type: ignore[arg-type]
    there = {
        (row["scenario_id"], str(row["kind"])): row["residents_mean"] + row["waiting_mean"]
        for row in queues.filter(pl.col("year") == year).iter_rows(named=True)
    }
    rows = []
    for need in asked.filter(pl.col("year") == year).iter_rows(named=True):
        same = {"scenario_id": need["scenario_id"], "year": year, "kind": need["product"]}
        own = [item for item in projects if _kind(item) == need["product"]]
        region_wide = {
            "asked_mean": need["mean"],
            "asked_p10": need["p10"],
            "asked_p90": need["p90"],
            "needed_places": there.get((need["scenario_id"], need["product"])),
        }
        rows.append({**same, "municipality_code": ALL, **region_wide, **_places(own)})
        for code in sorted({item["municipality_code"] or UNKNOWN for item in own}):
            part = [item for item in own if (item["municipality_code"] or UNKNOWN) == code]
            nothing = dict.fromkeys(region_wide)
            rows.append({**same, "municipality_code": code, **nothing, **_places(part)})
    return rows


def bid_rows(region: Region) -> list[Row]:
    """List the bids of municipalities, and agreements of the kind bod that none of them details."""
    own = [
        {
            "bid_id": f"{item.agreement_id}-{item.municipality_code}-{item.first_year}",
            "municipality_code": item.municipality_code,
            "amount": float(item.dwellings),
            "unit": "dwellings",
            "first_year": item.first_year,
            "last_year": item.last_year,
            "scope": region.agreement(item.agreement_id).scope,
            "source": "region_file",
        }
        for item in region.bids
    ]
    detailed = {item.agreement_id for item in region.bids}
    agreed = [
        {
            "bid_id": item.agreement_id,
            "municipality_code": None,
            "amount": item.value,
            "unit": "dwellings" if item.unit is None else item.unit.value,
            "first_year": int(item.valid_from[:4]),
            "last_year": None if item.valid_to is None else int(item.valid_to[:4]),
            "scope": item.scope,
            "source": "agreement",
        }
        for item in region.agreements
        if item.kind == "bod" and item.value is not None and item.agreement_id not in detailed
    ]
    return [*own, *agreed]


def miss_rows(missed: pl.DataFrame) -> list[Row]:
    """Say per year and municipality, and for all together, why homes of the quota were not let.

    Args:
        missed: `core_quota__miss`.

    Returns:
        A row for every reason, also those that explain nothing: they add up to the homes missed.
    """
    together = missed.with_columns(municipality_code=pl.lit(ALL))
    counted: dict[tuple[int, str], dict[str, int]] = {}
    for year, code, reason, dwellings in (
        pl.concat([missed, together])
        .select("year", "municipality_code", "reason", "dwellings")
        .iter_rows()
    ):
        parts = counted.setdefault((year, code), dict.fromkeys(MISSES, 0))
        parts[reason] += int(dwellings)
    return [
        {"year": year, "municipality_code": code, "reason": reason}
        | {"dwellings": homes, "missed": sum(parts.values())}
        for (year, code), parts in counted.items()
        for reason, homes in parts.items()
    ]


def counted_grounds(region: Region) -> tuple[str, ...]:
    """Give the grounds of lettings that are held against the quota."""
    if not shares_contingents(region):
        return (OUTFLOW_GROUND,)
    return tuple(dict.fromkeys(name for item in region.contingents for name in item.grounds))


def progress_rows(
    quotas: pl.DataFrame,
    lettings: pl.DataFrame,
    *,
    as_of: int,
    pacing_months: int,
    grounds: Sequence[str] = (OUTFLOW_GROUND,),
) -> list[Row]:
    """Say where each municipality, and all together, stand in the as-of year.

    Args:
        quotas: `mart_quota__yearly_municipality`.
        lettings: `core_letting__monthly`.
        as_of: Last month that counts as known.
        pacing_months: 12 or 6.
        grounds: Grounds of lettings that count.
    """
    year, months = year_of(as_of), as_of % MONTHS_PER_YEAR + 1
    let = lettings.filter(pl.col("ground").is_in(grounds))
    homes = {
        (month, code): number
        for month, code, number in let.group_by("month", "municipality_code")
        .agg(pl.col("dwellings").sum())
        .iter_rows()
    }
    rows = []
    now = quotas.filter(pl.col("year") == year)
    for (scenario,), own in now.group_by("scenario_id", maintain_order=True):
        monthly = {
            code: [
                homes.get((format_month(as_of - months + 1 + at), code), 0) for at in range(months)
            ]
            for code in own["municipality_code"]
        }
        caps = own["at_most"].to_list()
        given = list(zip(own["municipality_code"], own["quota"], caps, strict=True))
        monthly[ALL] = [sum(column) for column in zip(*monthly.values(), strict=True)]
        cap = None if None in caps else sum(caps)
        for code, quota, at_most in [*given, (ALL, int(own["quota"].sum()), cap)]:
            pace = pace_year(quota, monthly[code], pacing_months=pacing_months)
            same = {"scenario_id": scenario, "year": year, "municipality_code": code}
            rows.append({**same, "at_most": at_most, "quota": quota, **_paced(pace)})
    return rows


def _paced(pace: Pace) -> Row:
    return {
        "months_passed": pace.months_passed,
        "of_months": pace.of_months,
        "backlog": pace.backlog,
        "norm": float(pace.norm),
        "realised": pace.realised,
        "difference": float(pace.difference),
        "state": pace.course.value,
    }


def _kind(project: Row) -> str:
    return project["kind"] if project["kind"] in KINDS else KINDS[0]


def _places(projects: list[Row]) -> Row:
    counted = dict.fromkeys(_PLACES.values(), 0)
    for item in projects:
        if item["status"] in _PLACES:
            counted[_PLACES[item["status"]]] += item["places"]
    return counted


def _coming_quotas(
    region: Region, quotas: pl.DataFrame, codes: tuple[str, ...], year: int
) -> dict[str, int | None]:
    own = quotas.filter(
        (pl.col("scenario_id") == region.default_scenario) & (pl.col("year") == year)
    )
    if shares_contingents(region):
        return dict.fromkeys(codes)
    found = dict(own.select("municipality_code", "quota").iter_rows())
    return {code: found.get(code) for code in codes}


def _finished(name: str, rows: list[Row], region: Region, names: Mapping[str, str]) -> pl.DataFrame:
    """Add the region and, where the table has them, the names of municipalities."""
    full = [{"region_id": region.id, **row} for row in rows]
    table = pl.DataFrame(full, schema=empty_mart(name).schema)
    if "municipality_name" not in table.columns:
        return table
    found = pl.col("municipality_code").replace_strict(names, default=None, return_dtype=pl.String)
    return table.with_columns(municipality_name=found)
