"""Cap and expected applications of a region, split over its municipalities year by year.

Belongs here: the two splits that stand side by side in the quota table ("at most" and owed), the
list of homes behind them, what comes back from the past, and the next home. Does not belong here:
the key (`keys`), the methods (`years`), names and regions (the caller adds them).

Which method splits a year: the quota method as long as shares have been the same since the
agreement's first year, nobody has bounds and nothing of the past is settled; else, and from then
on, the running claim. What was given out before a key changed is never given out anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import polars as pl

from models.errors import UsageError
from models.quota.bounds import shares_within
from models.quota.claims import TieRule, exact_weight, read_claimants, whole_homes
from models.quota.keys import KeyShares
from models.quota.ledger import Books, count_homes, give_by_claims, give_by_list
from models.quota.rules import Sharing, YearRules, read_rules, years_of_the_list
from models.quota.years import next_in_line, quota_method_homes

SPLIT_COLUMNS = {
    "year": pl.Int32,
    "municipality_code": pl.String,
    "key_share": pl.Float64,
    "exact": pl.Float64,
    "carried": pl.Float64,
    "at_most": pl.Int64,
    "quota": pl.Int64,
    "cumulative": pl.Int64,
    "method": pl.String,
}
"""Columns of `Split.quotas`."""

HOME_COLUMNS = {
    "year": pl.Int32,
    "home": pl.Int64,
    "municipality_code": pl.String,
    "is_next": pl.Boolean,
}
"""Columns of `Split.homes`."""


@dataclass(frozen=True)
class Past:
    """What of the years before the table comes back in the split, where parties agreed so.

    Attributes:
        owed: Homes that were to be given out, by year.
        received: Homes that count as received, by year and municipality.
        carries_shortfall: Whether homes that nobody received raise the next totals, up to the cap.
    """

    owed: Mapping[int, int]
    received: Mapping[int, Mapping[str, int]]
    carries_shortfall: bool = False


@dataclass(frozen=True)
class Split:
    """A region's split.

    Attributes:
        quotas: One row a year and municipality: `SPLIT_COLUMNS`.
        homes: The homes of every year in the order in which they were given, and the home after
            them (`is_next`): `HOME_COLUMNS`. A year that reaches its ceilings is in the order of
            the ceilings' own list.
    """

    quotas: pl.DataFrame
    homes: pl.DataFrame


def split_years(
    rules: Mapping[int, YearRules],
    caps: Mapping[int, int | None],
    expected: Mapping[int, float],
    *,
    first_year: int | None = None,
    past: Past | None = None,
    ties: str = TieRule.CODE,
    seed: int | None = None,
) -> Split:
    """Split the cap ("at most") and the owed homes (quota) of every year.

    `at_most` splits the caps since the agreement's first year. `quota` splits min(cap, expected
    applications): home by home by the rule of the same method, from the state in which the
    agreement's earlier years, before the table, were given out in full (or from what `past` says);
    nobody gets more in a year than `at_most`, unless the past is settled. Where all who have room
    stand at their share or above it, the home goes to the largest open claim among them.

    What is guaranteed:

    * Each year `at_most` adds up to the cap and `quota` to the owed total, nothing is negative,
      minima and maxima are kept; without a past to settle `quota` <= `at_most` for every
      municipality, and where the cap is reached they are equal.
    * Under the quota method `at_most` stays within one of the exact share of all caps since the
      first year; so does `quota` as long as nobody is held back by `at_most`.
    * `quota` = `exact` + `carried` - what is carried into the next year, exactly.
    * A shortfall never lifts a year above its cap.

    What nobody can guarantee: all of these at once in every case. Two equal municipalities under a
    cap of one home a year have `at_most` 1, 0 and 0, 1 in turn. If applications come in the second,
    fourth, ... year only, every home can go to the second municipality alone, which after n homes
    is n / 2 above its share. The yearly ceiling is kept, since room that was left must not be
    carried over where an agreement is a maximum; `largest_deviation` tells what it costs.

    Args:
        rules: Shares and bounds by calendar year, from `first_year` (or the table's first year) to
            the table's last; the same municipalities in every year.
        caps: Cap per calendar year (homes), or None where none is agreed; needed for every year
            from `first_year` to the last year of the table.
        expected: Approved applications expected, by calendar year: the years of the table. They
            are rounded half up.
        first_year: First year of the agreement; None where there is no agreement.
        past: What of the earlier years comes back; None: nothing but what rounding left over.
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.

    Returns:
        One row a year and municipality, in that order: year, municipality_code, key_share, exact
        (share x owed total of the year, within bounds), carried (exact homes owed minus received
        before the year), at_most (empty where no cap is agreed), quota, cumulative (quota since the
        table's first year), method; and the list of homes.

    Raises:
        UsageError: No years; a cap that is missing, negative, not whole or outside the agreement;
            years without rules.
        RefusedError: Expected applications that are negative or no number; minima or maxima that a
            total cannot keep; a tie that decides a year where ties are refused.
    """
    years = _read_table_years(expected)
    agreed = _read_caps(caps, first_year, years[-1])
    before = set(past.received) if past is not None else set()
    series = sorted({*agreed, *years, *before})
    sharing = read_rules(rules, series, ties, seed)
    by_list = years_of_the_list(rules, series) if past is None else frozenset()
    ceilings = _split_caps(sharing, agreed, years_of_the_list(rules, series))
    books = _open_books(sharing, agreed, ceilings, past, years[0])
    at_start = list(books.received)
    made = []
    for year in years:
        who, ceiling = sharing[year], ceilings.get(year)
        applications = exact_weight(expected[year], f"expected applications of {year}")
        owed = _up_to(int(applications + Fraction(1, 2)), ceiling)
        carried = books.claims
        exact = shares_within(who.claimants, owed, who.bounds, f"total of {year}")
        if past is None:
            homes, room = owed, ceiling
        else:
            unmet = max(int(sum(carried)), 0) if past.carries_shortfall else 0
            homes, room = _up_to(owed + unmet, ceiling), None
        order = _give(who, books, exact, homes, room, year=year, by_list=year in by_list)
        books.enter(exact, order)
        made.append(
            _YearSplit(
                year=year,
                shares=who.shares,
                exact=exact,
                carried=carried,
                ceiling=ceiling,
                order=order,
                after=_next(who, books, by_list=year in by_list),
                cumulative=[
                    homes - start for homes, start in zip(books.received, at_start, strict=True)
                ],
                method="quota-method" if year in by_list else "running-claim",
                names=who.claimants.names,
            )
        )
    return Split(_quota_table(made), _home_table(made))


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


@dataclass(frozen=True)
class _YearSplit:
    """One year of the split; lists are in the claimants' order, orders list receivers."""

    year: int
    shares: tuple[Fraction, ...]
    exact: list[Fraction]
    carried: list[Fraction]
    ceiling: list[int] | None
    order: list[int]
    after: int
    cumulative: list[int]
    method: str
    names: tuple[str, ...]


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
    sharing: Mapping[int, Sharing], agreed: Mapping[int, int], by_list: frozenset[int]
) -> dict[int, list[int]]:
    """Give the receivers of every year's cap, in order."""
    listed = [year for year in agreed if year in by_list]
    ends = [0]
    for year in listed:
        ends.append(ends[-1] + agreed[year])
    orders: dict[int, list[int]] = {}
    if listed:
        homes = quota_method_homes(sharing[listed[0]].claimants, ends)
        spans = zip(listed, pairwise(ends), strict=True)
        orders = {year: homes[start:end] for year, (start, end) in spans}
    books: Books | None = None
    for year, cap in agreed.items():
        who = sharing[year]
        if books is None:
            books = Books([Fraction(0)] * len(who.claimants), [0] * len(who.claimants))
        exact = shares_within(who.claimants, cap, who.bounds, f"cap of {year}")
        if year not in orders:
            orders[year] = _give(who, books, exact, cap, None, year=year, by_list=False)
        books.enter(exact, orders[year])
    return orders


def _open_books(
    sharing: Mapping[int, Sharing],
    agreed: Mapping[int, int],
    ceilings: Mapping[int, list[int]],
    past: Past | None,
    first_table_year: int,
) -> Books:
    """Give what was owed and received before the table's first year."""
    count = len(sharing[first_table_year].claimants)
    books = Books([Fraction(0)] * count, [0] * count)
    if past is None:
        for year, cap in agreed.items():
            if year < first_table_year:
                who = sharing[year]
                exact = shares_within(who.claimants, cap, who.bounds, f"cap of {year}")
                books.enter(exact, ceilings[year])
        return books
    for year in sorted(past.received):
        who = sharing[year]
        received = [past.received[year].get(name, 0) for name in who.claimants.names]
        owed = past.owed.get(year, 0) if past.carries_shortfall else sum(received)
        exact = shares_within(who.claimants, owed, who.bounds, f"homes of {year}")
        books.enter(exact, [at for at, homes in enumerate(received) for _ in range(homes)])
    return books


def _give(
    who: Sharing,
    books: Books,
    exact: Sequence[Fraction],
    homes: int,
    room: Sequence[int] | None,
    *,
    year: int,
    by_list: bool,
) -> list[int]:
    if by_list:
        return give_by_list(who.claimants, books.received, homes, year=year, ceiling=room)
    claims = [claim + share for claim, share in zip(books.claims, exact, strict=True)]
    return give_by_claims(who.claimants, claims, homes, year=year, bounds=who.bounds, ceiling=room)


def _next(who: Sharing, books: Books, *, by_list: bool) -> int:
    """Give who would get one home more, as soon as there is one: the best claim after the year."""
    claimants = who.claimants
    if by_list:
        served = [at for at, weight in enumerate(claimants.weights) if weight]
        return next_in_line(claimants, books.received, served)[0][0]
    share = who.shares
    claims = [claim + part for claim, part in zip(books.claims, share, strict=True)]
    served = [at for at, weight in enumerate(claimants.weights) if weight]
    return min(served, key=lambda at: (-claims[at], claimants.ranks[at]))


def _up_to(homes: int, ceiling: Sequence[int] | None) -> int:
    return homes if ceiling is None else min(homes, len(ceiling))


def _quota_table(made: Sequence[_YearSplit]) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    for item in made:
        quota = count_homes(item.order, len(item.names))
        most = None if item.ceiling is None else count_homes(item.ceiling, len(item.names))
        rows.extend(
            (
                item.year,
                code,
                float(item.shares[at]),
                float(item.exact[at]),
                float(item.carried[at]),
                None if most is None else most[at],
                quota[at],
                item.cumulative[at],
                item.method,
            )
            for at, code in enumerate(item.names)
        )
    return pl.DataFrame(rows, schema=SPLIT_COLUMNS, orient="row")


def _home_table(made: Sequence[_YearSplit]) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    for item in made:
        rows += [(item.year, home, item.names[at], False) for home, at in enumerate(item.order, 1)]
        rows.append((item.year, len(item.order) + 1, item.names[item.after], True))
    return pl.DataFrame(rows, schema=HOME_COLUMNS, orient="row")
