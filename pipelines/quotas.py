"""Asking the quota model: from a run's keys, figures and answers to the tables of the quota.

Belongs here: which figures go into which key, what is split, names for the tables. Does not belong
here: keys and apportionment (`models.quota`), associations, projects and claims (`quota_parties`),
Dagster.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

import polars as pl

from models.distribution import PUBLISHED_FACTORS, AlternativeKey, DistributionKey, KeyFormula
from models.errors import RefusedError
from models.months import MONTHS_PER_YEAR, format_month
from models.quota import KeyShares, apportion_years
from models.quota.explain import explain_split
from models.quota.groups import GROUP_COLUMNS, split_over_groups
from models.quota.lint import case_of_key, lint, rule_of_key, stability
from models.quota.overrides import overrides_by_municipality
from models.quota.ranges import compare_with_supply, ten_year_ranges
from models.quota.region import RegionSharing, formula_shares
from models.quota.split import Past, Split
from models.registry import Resolved
from pipelines.compositions import last_day, place_names, quota_members
from pipelines.marts import agreed_caps, empty_mart, quota_years, shares_contingents
from pipelines.region_run import RegionRun
from pipelines.sources.key_figures import key_factors
from pipelines.sources.open_data import municipalities

PERTURBATIONS = 1000
"""How often figures are moved inside their rounding."""

TABLES = (
    "mart_quota__key",
    "mart_quota__key_share",
    "mart_quota__yearly_municipality",
    "mart_quota__home",
    "mart_quota__explanation",
    "mart_quota__range",
    "mart_quota__supply",
    "mart_quota__stability",
    "mart_quota__finding",
    "mart_quota__yearly_group",
)
"""The tables of the quota, in the order in which they are made."""

_STOCK = "core_stock__yearly"
_LETTINGS = "core_letting__monthly"
_ORIGINS = "core_letting__origin"


def split_quotas(run: RegionRun) -> dict[str, pl.DataFrame]:
    """Split every scenario's homes over the municipalities, and explain the default's split.

    Returns:
        Keys, shares, quotas, the list of homes, explanation and ranges; all empty where the region
        has no key.

    Raises:
        RefusedError: A figure of the key that was not delivered; bounds that a year cannot keep.
    """
    if not run.region.keys or not run.region.quota_municipalities(format_month(run.as_of + 1)):
        return {name: empty_mart(name) for name in TABLES}
    codes, members = _sharers(run)
    figures = {item.id: formula_figures(run, item, codes) for item in formulas(run)}
    asked = {}
    for name, item in run.scenarios.items():
        expected = run.answers[name].expected_applications
        sharing = replace(sharing_of(item, figures, expected, as_of=run.as_of), members=members)
        asked[name] = replace(sharing, past=_past(run, sharing))
    splits = {name: sharing.split() for name, sharing in asked.items()}
    default = run.default.scenario.id
    sharing, split = asked[default], splits[default]
    made = (
        key_table(run, figures),
        key_share_table(run, figures, sharing, split),
        pl.concat([quota_table(run, name, item) for name, item in splits.items()]),
        split.homes,
        _explained(run, sharing, split),
        range_table(run, sharing),
        supply_table(run, sharing),
        stability_table(run, sharing, split),
        finding_table(run, sharing, split),
        group_table(run, split),
    )
    return {
        name: frame.with_columns(region_id=pl.lit(run.region_id), **_named(run, frame))
        for name, frame in zip(TABLES, made, strict=True)
    }


def _sharers(run: RegionRun) -> tuple[tuple[str, ...], dict[int, frozenset[str]]]:
    """Give who shares the quota in some year of the table, and in which where that changes."""
    known = municipalities(run.root.open_data)
    years = quota_years(run.as_of)
    _, first = agreed_caps(run.default, years)
    every = range(min(first or years[0], years[0]), years[-1] + 1)
    members = quota_members(run.region, known, every, as_of=run.as_of)
    ahead = {code for year in years for code in members[year]}
    is_one = all(codes == ahead for codes in members.values())
    return tuple(sorted(ahead)), {} if is_one else members


def formulas(run: RegionRun) -> list[KeyFormula]:
    """Give the region's keys and the alternatives beside them."""
    return [*run.region.keys, *run.region.alternative_keys]


def formula_figures(run: RegionRun, formula: KeyFormula, codes: Iterable[str]) -> pl.DataFrame:
    """Give the figures of a key's year: municipality_code, published and delivered factors.

    Raises:
        RefusedError: A delivered factor without a value for some municipality.
    """
    asked = {item.factor for item in formula.factors}
    frame = pl.DataFrame({"municipality_code": sorted(codes)})
    if asked & PUBLISHED_FACTORS:
        frame = key_factors(
            run.root.open_data,
            codes,
            formula.statistics_year,
            at=last_day(run.as_of),
            factors=asked & PUBLISHED_FACTORS,
        )
    delivered = {
        "social_dwellings": ("social_dwellings", "stock_year"),
        "suitable_relets": ("suitable_relets", "flow_year"),
    }
    for factor, (column, year) in delivered.items():
        if factor in asked:
            frame = frame.join(
                _delivered(run, column, year, formula.statistics_year).rename({column: factor}),
                on="municipality_code",
                how="left",
                validate="1:1",
                maintain_order="left",
            )
            absent = frame.filter(pl.col(factor).is_null())["municipality_code"].to_list()
            if absent:
                raise RefusedError(
                    f"{factor} of {formula.statistics_year} was not delivered for "
                    f"{', '.join(absent)}",
                    where=f"key {formula.id}",
                    todo="Ask the associations for it, or take another factor or year.",
                )
    return frame


def _delivered(run: RegionRun, column: str, year_column: str, year: int) -> pl.DataFrame:
    """Add up what associations delivered by municipality; unknown in one part is unknown."""
    stock = run.read_core(_STOCK)[_STOCK].filter(pl.col(year_column) == year)
    sums = stock.group_by("municipality_code").agg(
        pl.when(pl.col(column).null_count() == 0).then(pl.col(column).sum()).alias(column)
    )
    return sums.select("municipality_code", column)


def sharing_of(
    resolved: Resolved,
    figures: Mapping[str, pl.DataFrame],
    expected: Mapping[int, float],
    *,
    as_of: int,
) -> RegionSharing:
    """Put a scenario's question of sharing together, without what comes back of the past.

    Where no cap is agreed but contingents are, these are what the key splits.

    Args:
        resolved: The parameters in force, with the cap.
        figures: The figures of each key, by its id.
        expected: Approved applications that can be served, by calendar year (homes); that of the
            as-of year counts what was let in its months before.
        as_of: Last month that counts as known; the table runs from its calendar year to the last
            full year of the ten.
    """
    years = quota_years(as_of)
    caps, first_year = agreed_caps(resolved, years)
    owed = {year: expected.get(year, 0.0) for year in years}
    if shares_contingents(resolved.region):
        owed = {year: float(resolved.contingent_of_year(year) or 0) for year in years}
    keys = resolved.region.keys
    return RegionSharing(
        keys,
        {key.id: figures[key.id] for key in keys},
        caps,
        owed,
        first_year,
    )


def _past(run: RegionRun, sharing: RegionSharing) -> Past | None:
    """Give what of the earlier years comes back, by what the region declares; None for nothing."""
    accounting = run.region.accounting
    if sharing.first_year is None or accounting.settles == "nothing":
        return None
    years = range(sharing.first_year, sharing.years[0])
    owed = {year: sharing.caps.get(year) or 0 for year in years}
    if accounting.settles == "lettings":
        received = let_by_year(run, years, members=sharing.members)
    else:
        received = moved_by_overrides(run, sharing, years)
    return Past(owed, received, accounting.carries_shortfall)


def let_by_year(
    run: RegionRun, years: Iterable[int], *, members: Mapping[int, Collection[str]]
) -> dict[int, dict[str, int]]:
    """Count the homes let to people who leave a facility, by year and municipality.

    What a municipality let before it shared the quota, or after, is no part of its account.

    Args:
        run: The run.
        years: The years.
        members: Who shared the quota in a year; in a year that is not there, everybody.
    """
    lettings = run.read_core(_LETTINGS)[_LETTINGS].filter(pl.col("ground") == "outflow")
    sums = (
        lettings.group_by(pl.col("month").str.slice(0, 4).cast(pl.Int32), "municipality_code")
        .agg(pl.col("dwellings").sum())
        .rows()
    )
    out: dict[int, dict[str, int]] = {year: {} for year in years}
    for year, code, dwellings in sums:
        if year in out and code in members.get(year, {code}):
            out[year][code] = int(dwellings)
    return out


def moved_by_overrides(
    run: RegionRun, sharing: RegionSharing, years: Iterable[int]
) -> dict[int, dict[str, int]]:
    """Give the plain split of past years, moved by homes that were let where the network is."""
    origins = run.read_core(_ORIGINS)[_ORIGINS]
    codes = sharing.shares_of(sharing.keys[0].id).municipality_codes
    members = {year: among & set(codes) for year, among in sharing.members.items()}
    moved = overrides_by_municipality(origins, codes, members=members)
    out = {}
    for year in years:
        plain = split_of_caps(sharing, year)
        out[year] = {
            code: max(homes + moved.get(year, {}).get(code, 0), 0) for code, homes in plain.items()
        }
    return out


def split_of_caps(sharing: RegionSharing, year: int) -> dict[str, int]:
    """Give the plain split of a past year's cap."""
    cap = sharing.caps.get(year) or 0
    past = RegionSharing(
        sharing.keys,
        sharing.figures,
        sharing.caps,
        {year: float(cap)},
        sharing.first_year,
        members=sharing.members,
    )
    return dict(past.split().quotas.select("municipality_code", "quota").iter_rows())


# --- tables --------------------------------------------------------------------------------------


def key_table(run: RegionRun, figures: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Take every key apart (`mart_quota__key`)."""
    frames = []
    for formula in formulas(run):
        confirmed = {item.factor: item.weight.confirmed for item in formula.factors}
        frames.append(
            formula_shares(formula, figures[formula.id])
            .frame()
            .with_columns(
                key_id=pl.lit(formula.id),
                weight_confirmed=pl.col("factor").replace_strict(
                    confirmed, return_dtype=pl.Boolean
                ),
            )
        )
    return pl.concat(frames)


def key_share_table(
    run: RegionRun, figures: Mapping[str, pl.DataFrame], sharing: RegionSharing, split: Split
) -> pl.DataFrame:
    """Say what each key makes of a year's and of ten years' homes (`mart_quota__key_share`).

    What is split is the first full year of the table and all its years; each key starts from
    nothing, so that keys compare, and the region's own number is in the quota table.
    """
    in_force = sharing.key_of(sharing.years[0]).id
    totals = list(_owed_by_year(split).values())
    _, full = _full_year(split)
    rows: list[dict[str, object]] = []
    for position, formula in enumerate(formulas(run), 1):
        key = formula_shares(formula, figures[formula.id])
        year_homes = _homes(key, [full])
        all_homes = _homes(key, totals)
        for at, code in enumerate(key.municipality_codes):
            rows.append(
                {
                    "key_id": formula.id,
                    "key_label": formula.label,
                    "position": position,
                    "is_in_force": formula.id == in_force,
                    "first_year": formula.first_year
                    if isinstance(formula, DistributionKey)
                    else None,
                    "why": formula.why if isinstance(formula, AlternativeKey) else None,
                    "municipality_code": code,
                    "base_share": float(key.base_shares[at]),
                    "indicator": None
                    if formula.correction is None
                    else formula.correction.indicator,
                    "pressure": None if key.pressures is None else float(key.pressures[at]),
                    "reference": None if key.reference is None else float(key.reference),
                    "correction": float(key.corrections[at]),
                    "correction_confirmed": formula.correction is None
                    or formula.correction.confirmed,
                    "key_share": float(key.shares[at]),
                    "year_total": full,
                    "year_homes": year_homes[at],
                    "ten_year_total": sum(totals),
                    "ten_year_homes": all_homes[at],
                }
            )
    return pl.DataFrame(
        rows,
        infer_schema_length=None,
        schema_overrides={
            "first_year": pl.Int32,
            "why": pl.String,
            "indicator": pl.String,
            "pressure": pl.Float64,
            "reference": pl.Float64,
        },
    )


def _homes(key: KeyShares, totals: list[int]) -> list[int]:
    homes = apportion_years(key.by_code(), totals)
    return [int(number) for number in homes.sum(axis=0)]


def quota_table(run: RegionRun, scenario_id: str, split: Split) -> pl.DataFrame:
    """Give a scenario's split its bids (`mart_quota__yearly_municipality`)."""
    bids: dict[tuple[int, str], int] = {}
    for bid in run.region.bids:
        last = bid.last_year or int(split.quotas["year"].max())  # type: ignore[arg-type]
        for year in range(bid.first_year, last + 1):
            place = year, bid.municipality_code
            bids[place] = bids.get(place, 0) + bid.dwellings
    places = split.quotas.select("year", "municipality_code").iter_rows()
    return split.quotas.with_columns(
        pl.Series("bid", [bids.get(place) for place in places], dtype=pl.Int64),
        scenario_id=pl.lit(scenario_id),
    )


def _explained(run: RegionRun, sharing: RegionSharing, split: Split) -> pl.DataFrame:
    names = place_names(run.root, run.region)
    return explain_split(sharing, split).with_columns(
        pl.col("next_home_to").replace_strict(names, return_dtype=pl.String)
    )


def range_table(run: RegionRun, sharing: RegionSharing) -> pl.DataFrame:
    """Split the low, middle and high demand and the caps of ten years (`mart_quota__range`)."""
    answer = run.answers[run.default.scenario.id]
    last = max(*answer.months_covered, sharing.years[-1])
    caps, _ = agreed_caps(run.default, range(sharing.years[0], last + 1))
    return ten_year_ranges(
        _shares(sharing), answer.gross_by_year.sum(axis=0), caps, answer.months_covered
    )


def supply_table(run: RegionRun, sharing: RegionSharing) -> pl.DataFrame:
    """Set demand beside the suitable homes that come free (`mart_quota__supply`)."""
    from models.forecast.supply import draw_municipalities

    answer = run.answers[run.default.scenario.id]
    full = [year for year, months in answer.months_covered.items() if months == MONTHS_PER_YEAR]
    stock = run.read_core(_STOCK)[_STOCK]
    paths = draw_municipalities(stock, run.region_id, years=full)
    if not full or paths is None:
        return empty_mart("mart_quota__supply").drop("region_id", "municipality_name")
    rows = [year in full for year in answer.months_covered]
    demand = answer.gross_by_year[rows].sum(axis=0)
    return compare_with_supply(_shares(sharing), demand, paths).with_columns(
        first_year=pl.lit(full[0], pl.Int32), last_year=pl.lit(full[-1], pl.Int32)
    )


def stability_table(run: RegionRun, sharing: RegionSharing, split: Split) -> pl.DataFrame:
    """Tell how often each number of a year moves inside the rounding of the figures.

    The year is the first full one of the table, split alone (`mart_quota__stability`).
    """
    year, total = _full_year(split)
    key = sharing.key_of(year)
    names = place_names(run.root, run.region)
    case = case_of_key(key, sharing.figures[key.id], {year: total}, names)
    found = stability(case, rule_of_key(key), draws=PERTURBATIONS, seed=run.options.seed)
    return found.drop("municipality_name").with_columns(
        year=pl.lit(year, pl.Int32), total=pl.lit(total, pl.Int64)
    )


def finding_table(run: RegionRun, sharing: RegionSharing, split: Split) -> pl.DataFrame:
    """Look for what is wrong with each key of the region (`mart_quota__finding`)."""
    totals = _owed_by_year(split)
    names = place_names(run.root, run.region)
    rows = []
    for key in sharing.keys:
        case = case_of_key(key, sharing.figures[key.id], totals, names)
        found = lint(case, rule_of_key(key), seed=run.options.seed)
        rows += [
            {
                "key_id": key.id,
                "law": item.law,
                "severity": item.severity.value,
                "number": number,
                "values": json.dumps(item.told, sort_keys=True, ensure_ascii=False),
            }
            for number, item in enumerate(found, 1)
        ]
    columns = ("key_id", "law", "severity", "values")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String) | {"number": pl.Int64})


def group_table(run: RegionRun, split: Split) -> pl.DataFrame:
    """Split every year's quotas over target groups (`mart_quota__yearly_group`).

    Contingents are for whoever is put forward: there is no number by group.
    """
    if shares_contingents(run.region):
        return pl.DataFrame(schema={"year": pl.Int32, **GROUP_COLUMNS})
    joined = run.answers[run.default.scenario.id].joined_by_group
    frames = [pl.DataFrame(schema={"year": pl.Int32, **GROUP_COLUMNS})]
    for (year,), rows in split.quotas.partition_by(
        "year", as_dict=True, maintain_order=True
    ).items():
        if year in joined:
            quotas = dict(rows.select("municipality_code", "quota").iter_rows())
            made = split_over_groups(quotas, joined[year])
            frames.append(made.select(pl.lit(year, pl.Int32).alias("year"), *GROUP_COLUMNS))
    return pl.concat(frames)


def _owed_by_year(split: Split) -> dict[int, int]:
    sums = split.quotas.group_by("year", maintain_order=True).agg(pl.col("exact").sum())
    return {int(year): round(total) for year, total in sums.iter_rows()}


def _full_year(split: Split) -> tuple[int, int]:
    """Give the first full year of the table and its homes."""
    totals = list(_owed_by_year(split).items())
    return totals[1] if len(totals) > 1 else totals[0]


def _shares(sharing: RegionSharing) -> Mapping[str, Fraction]:
    """Give the shares of the table's first year."""
    return sharing.rules([sharing.years[0]])[sharing.years[0]].shares


def _named(run: RegionRun, frame: pl.DataFrame) -> dict[str, pl.Expr]:
    names = place_names(run.root, run.region)
    if "municipality_code" not in frame.columns:
        return {}
    return {
        "municipality_name": pl.col("municipality_code").replace_strict(
            names, return_dtype=pl.String
        )
    }
