"""Competing claims: who asks for the homes that come free, per 100 of them.

Belongs here: setting homes let (or owed) on each ground beside the homes that come free. Does not
belong here: forecasting these (`models.forecast.supply`), the quota (`split`).

Unknown stays unknown: a ground on which nothing was delivered has no number, never 0.
"""

from collections.abc import Mapping

import polars as pl

CLAIMS = ("outflow", "tailored", "housing_first", "status_holder", "urgent", "other", "regular")
"""Grounds on which a home is let, in reading order."""

OWED_CLAIM = "outflow"
FULL_YEAR = 12
ALL = "all"
_FREE = ("relets", "suitable_relets")

CLAIM_COLUMNS = {
    "year": pl.Int32,
    "municipality_code": pl.String,
    "claim": pl.String,
    "is_expected": pl.Boolean,
    "dwellings": pl.Int64,
    "relets": pl.Float64,
    "suitable_relets": pl.Float64,
    "per_100_relets": pl.Float64,
    "per_100_suitable": pl.Float64,
}
"""Columns of `claim_table`."""

Place = tuple[int, str]
"""Calendar year and code of a municipality, or all."""


def claim_table(
    lettings: pl.DataFrame,
    supply: pl.DataFrame,
    municipalities: Mapping[str, int | None],
    *,
    coming_year: int,
) -> pl.DataFrame:
    """Set claims beside the homes that come free, per municipality and for the region.

    Whole years of the past count homes let; the coming year counts the quota as the claim of
    outflow and leaves the others empty. A ground is known from the first whole year on in which the
    region delivered any home let on it; before, and where it never did, it is unknown.

    Args:
        lettings: `mart_letting__yearly_municipality`: year, months_covered, municipality_code,
            ground, dwellings.
        supply: `mart_supply__yearly_municipality`: year, municipality_code, association, measure,
            is_forecast, mean.
        municipalities: Codes, with the quota of the coming year (homes; None where there is none).
        coming_year: The first whole calendar year ahead.

    Returns:
        A row for every whole year known, municipality (and `all`) and claim (`CLAIM_COLUMNS`).
    """
    known = lettings.filter(
        (pl.col("months_covered") == FULL_YEAR) & (pl.col("year") < coming_year)
    )
    free = {measure: _free(supply, measure) for measure in _FREE}
    delivered = supply.filter(~pl.col("is_forecast"))["year"].to_list()
    years = sorted({*known["year"].to_list(), *delivered})
    let = _homes_let(known)
    since = dict(known.group_by("ground").agg(pl.col("year").min()).iter_rows())
    rows: list[tuple[object, ...]] = []
    for code in (*sorted(municipalities), ALL):
        for claim in CLAIMS:
            for year in years:
                is_known = claim in since and since[claim] <= year
                homes = let.get((year, code, claim), 0) if is_known else None
                rows.append(_row(year, code, claim, False, homes, free))
            owed = _owed(municipalities, code) if claim == OWED_CLAIM else None
            rows.append(_row(coming_year, code, claim, True, owed, free))
    return pl.DataFrame(rows, schema=CLAIM_COLUMNS, orient="row").sort(
        "year", "municipality_code", maintain_order=True
    )


def _free(supply: pl.DataFrame, measure: str) -> dict[Place, float]:
    rows = supply.filter(
        (pl.col("measure").cast(pl.String) == measure) & (pl.col("association") == ALL)
    )
    columns = rows.select("year", "municipality_code", "mean").iter_rows()
    return {(year, code): mean for year, code, mean in columns}


def _homes_let(known: pl.DataFrame) -> dict[tuple[int, str, str], int]:
    keys = ["year", "municipality_code", "ground"]
    whole = known.with_columns(municipality_code=pl.lit(ALL))
    both = pl.concat([known.select(*keys, "dwellings"), whole.select(*keys, "dwellings")])
    summed = both.group_by(keys).agg(pl.col("dwellings").sum())
    return {(year, code, ground): homes for year, code, ground, homes in summed.iter_rows()}


def _owed(municipalities: Mapping[str, int | None], code: str) -> int | None:
    if code != ALL:
        return municipalities[code]
    known = [homes for homes in municipalities.values() if homes is not None]
    return sum(known) if len(known) == len(municipalities) and known else None


def _row(
    year: int,
    code: str,
    claim: str,
    is_expected: bool,
    homes: int | None,
    free: Mapping[str, Mapping[Place, float]],
) -> tuple[object, ...]:
    vacated = [free[measure].get((year, code)) for measure in _FREE]
    parts = [100.0 * homes / number if homes is not None and number else None for number in vacated]
    return year, code, claim, is_expected, homes, *vacated, *parts
