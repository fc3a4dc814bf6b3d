"""The explanation of every municipality's number, in steps that add up.

Belongs here: from the region's question and its split to the rows of the explanation. Does not
belong here: sentences (the reports' label files), the split itself (`split`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from models.distribution import MunicipalityRule
from models.quota.bounds import bounded_shares
from models.quota.region import HOUSEHOLDS, RegionSharing
from models.quota.split import Split

_MOST_HOUSEHOLDS = 1 << 24


def explain_split(sharing: RegionSharing, split: Split) -> pl.DataFrame:
    """Explain every year and municipality of a split.

    Args:
        sharing: The region's question.
        split: Its answer.

    Returns:
        The columns of `mart_quota__explanation` without region and names, and `next_home_to` as a
        code.
    """
    counts = any(item.factor == HOUSEHOLDS for key in sharing.keys for item in key.factors)
    codes = sorted(split.quotas["municipality_code"].unique())
    extra = {code: _one_household_more(sharing, split, code) for code in codes} if counts else {}
    homes = _home_numbers(split.homes)
    next_to = dict(
        split.homes.filter(pl.col("is_next")).select("year", "municipality_code").iter_rows()
    )
    totals = _owed_totals(split)
    rows = []
    for row in split.quotas.iter_rows(named=True):
        year, code = row["year"], row["municipality_code"]
        key = sharing.key_of(year)
        shares = sharing.shares_of(key.id)
        at = shares.municipality_codes.index(code)
        rule = _rule(key.municipalities, code)
        more = extra.get(code)
        rows.append(
            {
                "year": year,
                "municipality_code": code,
                "key_id": key.id,
                "base_share": float(shares.base_shares[at]),
                "correction": float(shares.corrections[at]),
                "key_share": row["key_share"],
                "cap": sharing.caps.get(year),
                "total": totals[year],
                "exact": row["exact"],
                "minimum": None if rule is None else rule.minimum,
                "maximum": None if rule is None else rule.maximum,
                "opted_out": rule.why if rule is not None and rule.opted_out else None,
                "carried": row["carried"],
                "claim": row["exact"] + row["carried"],
                "quota": row["quota"],
                "carried_on": row["exact"] + row["carried"] - row["quota"],
                "at_most": row["at_most"],
                "homes": ", ".join(map(str, homes.get((year, code), []))),
                "gets_next_home": next_to[year] == code,
                "next_home_to": next_to[year],
                "extra_exact": None if more is None else more.exact[year],
                "extra_homes": None if more is None else more.homes,
                "households_for_a_home": None if more is None else more.for_a_home,
                "method": row["method"],
            }
        )
    return pl.DataFrame(rows, schema=EXPLANATION_COLUMNS)


EXPLANATION_COLUMNS = {
    "year": pl.Int32,
    "municipality_code": pl.String,
    "key_id": pl.String,
    "base_share": pl.Float64,
    "correction": pl.Float64,
    "key_share": pl.Float64,
    "cap": pl.Int64,
    "total": pl.Int64,
    "exact": pl.Float64,
    "minimum": pl.Int64,
    "maximum": pl.Int64,
    "opted_out": pl.String,
    "carried": pl.Float64,
    "claim": pl.Float64,
    "quota": pl.Int64,
    "carried_on": pl.Float64,
    "at_most": pl.Int64,
    "homes": pl.String,
    "gets_next_home": pl.Boolean,
    "next_home_to": pl.String,
    "extra_exact": pl.Float64,
    "extra_homes": pl.Int64,
    "households_for_a_home": pl.Int64,
    "method": pl.String,
}
"""Columns of `explain_split`."""


@dataclass(frozen=True)
class _More:
    """What one household more does.

    Attributes:
        exact: Exact homes more, by year.
        homes: Whole homes more over the table's years together.
        for_a_home: Households more that make one exact home more over those years; None where no
            number does.
    """

    exact: dict[int, float]
    homes: int
    for_a_home: int | None


def _one_household_more(sharing: RegionSharing, split: Split, code: str) -> _More:
    again = sharing.with_households(code, 1)
    mine = pl.col("municipality_code") == code
    before, after = split.quotas.filter(mine), again.split().quotas.filter(mine)
    totals = _owed_totals(split)
    start = _exact_homes(sharing, totals, code)
    changed = _exact_homes(again, totals, code)
    return _More(
        exact={year: float(changed[year] - start[year]) for year in totals},
        homes=int(after["quota"].sum()) - int(before["quota"].sum()),
        for_a_home=_households_for_a_home(sharing, totals, code, sum(start.values())),
    )


def _households_for_a_home(
    sharing: RegionSharing, totals: Mapping[int, int], code: str, start: Fraction | int
) -> int | None:
    """Find the fewest households more with one exact home more; exact homes rise with them."""

    def is_enough(more: int) -> bool:
        found = _exact_homes(sharing.with_households(code, more), totals, code)
        return sum(found.values()) >= start + 1

    high = 1
    while not is_enough(high):
        high *= 2
        if high > _MOST_HOUSEHOLDS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _exact_homes(
    sharing: RegionSharing, totals: Mapping[int, int], code: str
) -> dict[int, Fraction]:
    """Give a municipality's exact homes of every year of the table."""
    rules = sharing.rules(totals)
    return {
        year: bounded_shares(rules[year].shares, total, rules[year].minimum, rules[year].maximum)[
            code
        ]
        if rules[year].has_bounds
        else rules[year].shares[code] * total
        for year, total in totals.items()
    }


def _owed_totals(split: Split) -> dict[int, int]:
    sums = split.quotas.group_by("year", maintain_order=True).agg(pl.col("exact").sum())
    return {int(year): round(total) for year, total in sums.iter_rows()}


def _home_numbers(homes: pl.DataFrame) -> dict[tuple[int, str], list[int]]:
    numbers: dict[tuple[int, str], list[int]] = {}
    for year, home, code, is_next in homes.iter_rows():
        if not is_next:
            numbers.setdefault((year, code), []).append(home)
    return numbers


def _rule(rules: Iterable[MunicipalityRule], code: str) -> MunicipalityRule | None:
    return next((item for item in rules if item.municipality_code == code), None)
