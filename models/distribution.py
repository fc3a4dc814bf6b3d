"""What a region declares about sharing homes: keys, corrections, bounds, bids and the accounting.

Belongs here: the shapes of these parts of a region's file. Does not belong here: the arithmetic
(`models.quota`), the rest of the region (`models.params`).
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from models.records import Identifier, MonthText, MunicipalityCode, Parameter, Record, Source

PUBLISHED_FACTORS = frozenset({"households", "association_dwellings", "population", "dwellings"})
"""Factors that public statistics give for every municipality."""
DELIVERED_FACTORS = frozenset({"social_dwellings", "suitable_relets"})
"""Factors that associations deliver: DAEB homes they own on 1 January, and homes let again in the
calendar year before that are suitable."""


class KeyFactor(Record):
    """A factor of the key with its weight.

    `factor` is one of the published or delivered ones, or the region's own column: then `values`
    holds a number for every municipality of the quota, and `source` says where they were read.
    """

    factor: Identifier
    weight: Parameter
    values: dict[MunicipalityCode, float] = Field(default_factory=dict)
    rounded_to: float | None = Field(default=None, gt=0)
    """The unit in which own values were rounded (100: whole hundreds); None where unknown."""
    source: Source | None = None

    @model_validator(mode="after")
    def _is_known_or_complete(self) -> Self:
        known = PUBLISHED_FACTORS | DELIVERED_FACTORS
        if self.factor in known and self.values:
            raise ValueError(
                f"{self.factor} is read from statistics or deliveries: leave values out"
            )
        if self.factor not in known and (not self.values or self.source is None):
            raise ValueError(
                f"factor {self.factor!r} is none of {', '.join(sorted(known))}: give its values by "
                "municipality and a source"
            )
        return self


class KeyCorrection(Record):
    """A correction for care pressure: base share x (reference / pressure)^strength, made to fit.

    Multiplicative, so that a municipality with less pressure never gets less than its base share.
    """

    indicator: str = Field(min_length=3)
    """What is measured, in words."""
    by_residence: bool
    """Whether people count where they live, and not where their care is paid or given."""
    without_facility_residents: bool
    """Whether residents of facilities were taken out: else a facility lowers its town's quota."""
    values: dict[MunicipalityCode, float]
    reference: float | None = Field(default=None, gt=0)
    """None: the mean of the region, weighted by the base shares."""
    strength: float = Field(default=1.0, ge=0, le=4)
    least: float = Field(default=0.5, ge=0, le=1)
    most: float = Field(default=2.0, ge=1)
    rounded_to: float | None = Field(default=None, gt=0)
    confirmed: bool = False
    source: Source


class MunicipalityRule(Record):
    """What holds for one municipality apart from its share: bounds of a year, or an opt-out."""

    municipality_code: MunicipalityCode
    minimum: int | None = Field(default=None, ge=0)
    maximum: int | None = Field(default=None, ge=0)
    opted_out: bool = False
    """Takes no homes; the others take them over."""
    why: str = Field(min_length=10)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        bounds = self.minimum is not None or self.maximum is not None
        if self.opted_out == bounds:
            raise ValueError("give opted_out, or a minimum or maximum")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        return self


class KeyFormula(Record):
    """Factors, weights and a correction on the figures of one statistics year."""

    id: Identifier
    label: str = Field(min_length=3)
    statistics_year: int
    factors: tuple[KeyFactor, ...] = Field(min_length=1)
    correction: KeyCorrection | None = None

    @model_validator(mode="after")
    def _names_a_factor_once(self) -> Self:
        names = [item.factor for item in self.factors]
        if len(set(names)) < len(names):
            raise ValueError("a factor stands more than once")
        return self


class DistributionKey(KeyFormula):
    """The key over municipalities, in force from 1 January of a year."""

    agreement_id: Identifier
    valid_from: MonthText
    transition_years: int = Field(default=0, ge=0, le=20)
    """Years in which the shares go in equal steps from those of the key before to these: with 3,
    a quarter of the way in the first year and wholly there in the fourth."""
    municipalities: tuple[MunicipalityRule, ...] = ()
    tie_rule: Literal["code", "lot", "refuse"] = "code"
    lot_seed: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _can_start(self) -> Self:
        if not self.valid_from.endswith("-01"):
            raise ValueError("a key splits calendar years: valid_from must be a January")
        if (self.tie_rule == "lot") != (self.lot_seed is not None):
            raise ValueError("lot_seed belongs to tie_rule 'lot', and only to it")
        codes = [item.municipality_code for item in self.municipalities]
        if len(set(codes)) < len(codes):
            raise ValueError("a municipality has more than one rule")
        return self

    @property
    def first_year(self) -> int:
        """The first calendar year that the key splits."""
        return int(self.valid_from[:4])


class AlternativeKey(KeyFormula):
    """A key that is not in force, shown beside the region's own."""

    why: str = Field(min_length=10)


class Bid(Record):
    """What a municipality said it will take (bod): beside its quota, never instead of it."""

    agreement_id: Identifier
    municipality_code: MunicipalityCode
    first_year: int
    last_year: int | None = None
    dwellings: int = Field(ge=0)
    """Homes a year."""


class Accounting(Record):
    """What of the past comes back in the next split.

    Where the agreement is a maximum, nothing does: homes that were not used are not owed later.
    """

    settles: Literal["nothing", "overrides", "lettings"] = "nothing"
    """What counts as received: the split itself; the split moved by person-led overrides; or the
    homes that were let."""
    carries_shortfall: bool = False
    """Whether the region's own shortfall raises the next total, up to the cap."""
    pacing_months: Literal[6, 12] = 12
    """Whether homes let are held against the year's quota or against that of half-years."""
    source: Source | None = None
