"""A region's whole question of sharing: its keys with their figures, caps, homes owed, bounds.

Belongs here: from declared keys to the rules of every year, and the split of a region as one thing
that can be asked again with other figures. Does not belong here: the arithmetic of a key (`keys`)
or a split (`split`), reading figures, the tables of the explanation (`explain`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import polars as pl

from models.distribution import DistributionKey, KeyFormula
from models.errors import RefusedError, UsageError
from models.quota.claims import Number
from models.quota.keys import CODE_COLUMN, Correction, KeyShares, key_shares, shares_by_year
from models.quota.rules import YearRules
from models.quota.split import Past, Split, split_years

HOUSEHOLDS = "households"
"""The factor that counts households."""


def formula_shares(formula: KeyFormula, figures: pl.DataFrame) -> KeyShares:
    """Combine a declared key with the figures of its year.

    Args:
        formula: The key.
        figures: municipality_code and one column for every published or delivered factor of it;
            own columns are in the formula.

    Raises:
        RefusedError: A municipality without a value of an own column or of the correction.
        UitstroomError: See `key_shares`.
    """
    own = [
        pl.Series(item.factor, [item.values.get(code) for code in figures[CODE_COLUMN]])
        for item in formula.factors
        if item.values
    ]
    frame = figures.with_columns(own) if own else figures
    ordered = frame.select(CODE_COLUMN, *(item.factor for item in formula.factors))
    weights: dict[str, Number] = {item.factor: item.weight.value for item in formula.factors}
    declared = formula.correction
    correction = None
    if declared is not None:
        correction = Correction(
            declared.values,
            reference=declared.reference,
            strength=declared.strength,
            least=declared.least,
            most=declared.most,
        )
    return key_shares(ordered, weights, correction)


@dataclass(frozen=True)
class RegionSharing:
    """What a region shares, and how.

    Attributes:
        keys: The region's keys in the order of their dates.
        figures: The figures of each key's year, by id of the key: municipality_code and factors.
        caps: Cap per calendar year (homes), or None where none is agreed.
        expected: Approved applications expected, by calendar year: the years of the table.
        first_year: First year of the agreement, None where there is none.
        past: What of earlier years comes back, None for nothing.
        members: Who shares the quota, by calendar year; in a year that is not there, everybody.
    """

    keys: Sequence[DistributionKey]
    figures: Mapping[str, pl.DataFrame]
    caps: Mapping[int, int | None]
    expected: Mapping[int, float]
    first_year: int | None = None
    past: Past | None = None
    members: Mapping[int, frozenset[str]] = field(default_factory=dict)
    _shares: dict[str, KeyShares] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Combine every key with its figures once.

        Raises:
            UsageError: There is no key.
        """
        if not self.keys:
            raise UsageError("there is no key to share by", where="keys")
        for key in self.keys:
            self._shares[key.id] = formula_shares(key, self.figures[key.id])

    @property
    def years(self) -> list[int]:
        """The years of the table."""
        return sorted(self.expected)

    def key_of(self, year: int) -> DistributionKey:
        """Give the key in force in a year; the first one for years before it."""
        return next((key for key in reversed(self.keys) if key.first_year <= year), self.keys[0])

    def shares_of(self, key_id: str) -> KeyShares:
        """Give a key's shares and their parts."""
        return self._shares[key_id]

    def rules(self, years: Iterable[int]) -> dict[int, YearRules]:
        """Give shares, bounds and opt-outs of some years.

        A year before the first key is split by that key.

        Raises:
            RefusedError: Everybody who has a share has opted out.
        """
        asked = sorted(set(years))
        first = self.keys[0].first_year
        dated = [
            (key.first_year, key.transition_years, self._shares[key.id].by_code())
            for key in self.keys
        ]
        shares = shares_by_year(dated, [max(year, first) for year in asked])
        return {
            year: _year_rules(
                self.key_of(year), shares[max(year, first)], year, self.members.get(year)
            )
            for year in asked
        }

    def split(self) -> Split:
        """Split the region's caps and owed homes over the years."""
        start = self.years[0] if self.first_year is None else self.first_year
        past = self.past.received if self.past is not None else ()
        rules = self.rules({*range(min(start, self.years[0]), self.years[-1] + 1), *past})
        key = self.key_of(self.years[0])
        return split_years(
            rules,
            self.caps,
            self.expected,
            first_year=self.first_year,
            past=self.past,
            ties=key.tie_rule,
            seed=key.lot_seed,
        )

    def with_households(self, code: str, more: int) -> "RegionSharing":
        """Give the same question with more households in one municipality."""
        figures = {
            key_id: frame.with_columns(
                pl.col(HOUSEHOLDS) + pl.when(pl.col(CODE_COLUMN) == code).then(more).otherwise(0)
            )
            if HOUSEHOLDS in frame.columns
            else frame
            for key_id, frame in self.figures.items()
        }
        return replace(self, figures=figures)


def _year_rules(
    key: DistributionKey,
    shares: Mapping[str, Fraction],
    year: int,
    members: frozenset[str] | None,
) -> YearRules:
    out = {item.municipality_code for item in key.municipalities if item.opted_out}
    if members is not None:
        out |= set(shares) - members
    left = sum((share for code, share in shares.items() if code not in out), Fraction(0))
    if not left:
        raise RefusedError(
            f"every municipality with a share has opted out of {year}", where=f"key {key.id}"
        )
    return YearRules(
        {
            code: Fraction(0) if code in out else share / left
            for code, share in sorted(shares.items())
        },
        minimum={
            item.municipality_code: item.minimum
            for item in key.municipalities
            if item.minimum is not None and (members is None or item.municipality_code in members)
        },
        maximum={
            item.municipality_code: item.maximum
            for item in key.municipalities
            if item.maximum is not None
        },
    )
