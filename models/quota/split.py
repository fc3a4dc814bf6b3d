"""Cap and expected applications of a region, split over its municipalities year by year.

Belongs here: the two splits that stand side by side in the quota table ("at most" and owed) and the
next home. Does not belong here: the key (`keys`), the methods (`years`), names and regions (the
caller adds them).
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

import polars as pl

from models.errors import UsageError
from models.quota.claims import Claimants, TieRule, exact_weight, read_claimants, whole_homes
from models.quota.keys import KeyShares
from models.quota.years import TieWatch, next_in_line, quota_method_homes

SPLIT_COLUMNS = {
    "year": pl.Int32,
    "municipality_code": pl.String,
    "key_share": pl.Float64,
    "exact": pl.Float64,
    "carried": pl.Float64,
    "at_most": pl.Int64,
    "quota": pl.Int64,
    "cumulative": pl.Int64,
}
"""Columns of `split_years`."""


def split_years(
    key: KeyShares,
    caps: Mapping[int, int | None],
    expected: Mapping[int, float],
    *,
    first_year: int | None = None,
    ties: str = TieRule.CODE,
    seed: int | None = None,
) -> pl.DataFrame:
    """Split the cap ("at most") and the owed homes (quota) of every year.

    `at_most` is the quota method on the running total of the caps since the agreement's first year.
    `quota` splits min(cap, expected applications): home by home by the rule of the same method,
    from the state in which the agreement's earlier years, before the table, were given out in full;
    nobody gets more in a year than `at_most`. Where all who have room stand at their share or above
    it, the home goes to the largest open claim among them.

    What is guaranteed:

    * Each year `at_most` adds up to the cap and `quota` to the owed total, nothing is negative, and
      `quota` <= `at_most` for every municipality; where the cap is reached they are equal.
    * `at_most` stays within one of the exact share of all caps since the first year.
    * As long as nobody is held back by `at_most`, `quota` is the list of homes itself and within
      one of the exact share, counted from the agreement's first year.

    What nobody can guarantee: all of these at once in every case. Two equal municipalities under a
    cap of one home a year have `at_most` 1, 0 and 0, 1 in turn. If applications come in the second,
    fourth, ... year only, every home can go to the second municipality alone, which after n homes
    is n / 2 above its share. The yearly ceiling is kept, since room that was left must not be
    carried over where an agreement is a maximum; `largest_deviation` tells what it costs.

    Args:
        key: Shares in the key.
        caps: Cap per calendar year (homes), or None where none is agreed; needed for every year
            from `first_year` to the last year of the table.
        expected: Approved applications expected, by calendar year: the years of the table. They
            are rounded half up.
        first_year: First year of the agreement; None where there is no agreement.
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.

    Returns:
        One row a year and municipality, in that order: year, municipality_code, key_share, exact
        (key share x owed total of the year), carried (homes; 0, as nothing is carried over),
        at_most (empty where no cap is agreed), quota, cumulative (quota since the table's first
        year).

    Raises:
        UsageError: No years; a cap that is missing, negative, not whole or outside the agreement.
        RefusedError: Expected applications that are negative or no number; a tie that decides a
            year where ties are refused.
    """
    years = _read_table_years(expected)
    agreed = _read_caps(caps, first_year, years[-1])
    shares = key.by_code()
    claimants = read_claimants(shares, ties=ties, seed=seed)
    ceilings, received = _split_caps(claimants, agreed, years)
    at_start = list(received)
    rows: list[tuple[object, ...]] = []
    for year in years:
        ceiling = ceilings.get(year)
        applications = exact_weight(expected[year], f"expected applications of {year}")
        owed = int(applications + Fraction(1, 2))
        if ceiling is not None:
            owed = min(owed, sum(ceiling))
        given = give_year(claimants, received, year, owed, ceiling)
        rows.extend(
            (
                year,
                code,
                float(share),
                float(share * owed),
                0.0,
                None if ceiling is None else ceiling[at],
                given[at],
                received[at] - at_start[at],
            )
            for at, (code, share) in enumerate(shares.items())
        )
    return pl.DataFrame(rows, schema=SPLIT_COLUMNS, orient="row")


def next_home(
    key: KeyShares, total: int, *, ties: str = TieRule.CODE, seed: int | None = None
) -> str:
    """Tell which municipality gets the next home after a total under the quota method.

    Args:
        key: Shares in the key.
        total: Homes so far; for a cap, all caps since the agreement's first year.
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.

    Returns:
        The code of the municipality.

    Raises:
        UsageError: A total that is negative or not whole.
        RefusedError: The next home hangs on a tie where ties are refused.
    """
    claimants = read_claimants(key.by_code(), ties=ties, seed=seed)
    reached = whole_homes(total, "total")
    homes = quota_method_homes(claimants, [reached, reached + 1])
    return claimants.names[homes[-1]]


def _read_table_years(expected: Mapping[int, float]) -> list[int]:
    if not expected:
        raise UsageError("there are no years to split", where="expected applications")
    return sorted(expected)


def _read_caps(
    caps: Mapping[int, int | None], first_year: int | None, last_year: int
) -> dict[int, int]:
    """Give the agreed caps by year, from the agreement's first year to the table's last."""
    outside = sorted(
        year
        for year, cap in caps.items()
        if cap is not None and (first_year is None or year < first_year)
    )
    if outside:
        raise UsageError(
            f"a cap is given for {outside[0]}, outside the agreement",
            where="caps",
            expected="no cap where nothing is agreed"
            if first_year is None
            else f"caps from {first_year} on",
        )
    agreed = {}
    for year in range(last_year + 1 if first_year is None else first_year, last_year + 1):
        if year not in caps:
            raise UsageError(
                f"no cap is given for {year}",
                where="caps",
                todo="Say None for a year in which none is agreed.",
            )
        cap = caps[year]
        if cap is not None:
            agreed[year] = whole_homes(cap, f"cap of {year}")
    return agreed


def _split_caps(
    claimants: Claimants, agreed: Mapping[int, int], years: list[int]
) -> tuple[dict[int, list[int]], list[int]]:
    """Split the caps by the quota method since the agreement's first year.

    Returns:
        The ceilings by year, and what each received before the table's first year.
    """
    ends = [0]
    for cap in agreed.values():
        ends.append(ends[-1] + cap)
    homes = quota_method_homes(claimants, ends)
    ceilings = {}
    before = [0] * len(claimants)
    for year, (start, end) in zip(agreed, pairwise(ends), strict=True):
        ceiling = [0] * len(claimants)
        for at in homes[start:end]:
            ceiling[at] += 1
        ceilings[year] = ceiling
        if year < years[0]:
            before = [sofar + homes_of for sofar, homes_of in zip(before, ceiling, strict=True)]
    return ceilings, before


def give_year(
    claimants: Claimants,
    received: list[int],
    year: int,
    owed: int,
    ceiling: list[int] | None,
) -> list[int]:
    """Give the owed homes of one year; `received` goes on with them.

    A tie at or above the share is refused at once where ties are refused: who goes first then
    changes who stands below the share next.

    Args:
        claimants: Who shares.
        received: Homes that each has received before; the year's homes are added.
        year: The year, for errors.
        owed: Homes to give, at most the sum of `ceiling`.
        ceiling: The most that each may get in the year, or None without a cap.

    Returns:
        The year's homes of each.

    Raises:
        RefusedError: Ties are refused and one decides something.
    """
    if ceiling is not None and owed == sum(ceiling):
        received[:] = [sofar + homes for sofar, homes in zip(received, ceiling, strict=True)]
        return ceiling
    given = [0] * len(claimants)
    watch = TieWatch(claimants)
    for home in range(1, owed + 1):
        allowed = [
            at
            for at, weight in enumerate(claimants.weights)
            if weight and (ceiling is None or given[at] < ceiling[at])
        ]
        best, is_below_share = next_in_line(claimants, received, allowed)
        watch.give(best)
        if home == owed or not is_below_share:
            watch.read(f"home {home} of {year}")
        given[best[0]] += 1
        received[best[0]] += 1
    return given
