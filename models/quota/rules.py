"""Who shares in each calendar year: shares in the key, minima, maxima, opt-outs.

Belongs here: the rules of a year, checked and in one order. Does not belong here: the key that made
the shares (`keys`), giving homes (`ledger`, `split`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import takewhile

from models.errors import UsageError
from models.quota.bounds import Bounds, read_bounds
from models.quota.claims import Claimants, read_claimants
from models.quota.keys import KeyShares


@dataclass(frozen=True)
class YearRules:
    """What splits one calendar year.

    Attributes:
        shares: Share of every municipality, exact, adding up to 1; 0 for one that has opted out.
        minimum: The least homes of the year, for those who have a minimum.
        maximum: The most homes of the year, for those who have a maximum.
    """

    shares: Mapping[str, Fraction]
    minimum: Mapping[str, int] = field(default_factory=dict)
    maximum: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_bounds(self) -> bool:
        """Whether anybody has a minimum or maximum."""
        return bool(self.minimum or self.maximum)


@dataclass(frozen=True)
class Sharing:
    """Who shares in a year.

    Attributes:
        claimants: Names and weights; weight 0 for who has opted out.
        bounds: Minima and maxima, or None.
        shares: Exact shares, in the claimants' order.
    """

    claimants: Claimants
    bounds: Bounds | None
    shares: tuple[Fraction, ...]


def same_rules(
    key: KeyShares | Mapping[str, Fraction], years: Iterable[int]
) -> dict[int, YearRules]:
    """Give the rules of years that all have the same shares and no bounds."""
    rules = YearRules(key.by_code() if isinstance(key, KeyShares) else key)
    return dict.fromkeys(years, rules)


def read_rules(
    rules: Mapping[int, YearRules], years: Sequence[int], ties: str, seed: int | None
) -> dict[int, Sharing]:
    """Read who shares in each year, all in the order of the first year's codes.

    Raises:
        UsageError: A year without rules, or with other municipalities than the first year.
    """
    absent = [year for year in years if year not in rules]
    if absent:
        raise UsageError(f"no key is in force in {absent[0]}", where="keys")
    names = sorted(rules[years[0]].shares)
    read = {}
    for year in years:
        rule = rules[year]
        if sorted(rule.shares) != names:
            raise UsageError(
                f"the municipalities of {year} are not those of {years[0]}",
                where="keys",
                found=", ".join(sorted(rule.shares)),
                expected=", ".join(names),
                todo="Give who has left or not yet come a share of 0.",
            )
        shares = {name: rule.shares[name] for name in names}
        claimants = read_claimants(shares, ties=ties, seed=seed)
        bounds = None
        if rule.has_bounds:
            bounds = read_bounds(claimants, rule.minimum, rule.maximum, named=True)
        read[year] = Sharing(claimants, bounds, tuple(shares.values()))
    return read


def years_of_the_list(rules: Mapping[int, YearRules], years: Sequence[int]) -> frozenset[int]:
    """Give the years from the first on in which shares stay the same and nobody has bounds."""
    first = rules[years[0]]
    return frozenset(
        takewhile(
            lambda year: not rules[year].has_bounds and rules[year].shares == first.shares, years
        )
    )
