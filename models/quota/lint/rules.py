"""What the linter of keys looks at: a case (the inputs of a split) and a rule (what splits it).

Belongs here: cases, rules, our own rules by method. Does not belong here: the laws (`laws`),
findings (`findings`), the fast split for a search (`search`), exact splits (`apportion`, `years`),
which decide whether a counter-example holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl

from models.errors import UitstroomError, UsageError
from models.quota.apportion import METHODS, apportion
from models.quota.bounds import bounded_shares
from models.quota.claims import TieRule
from models.quota.keys import CODE_COLUMN, Correction, key_shares
from models.quota.lint.search import SERVING_METHODS, Floats, Homes, split_many
from models.quota.years import YEAR_METHODS, apportion_years
from models.registry import nearest

Value = int | float
Roundings = Mapping[str, float | tuple[float, ...]]
"""The unit in which an input was rounded (100: whole hundreds), for all or by municipality."""

PRESSURE = "the care pressure"
"""The name under which the care pressure stands in `Roundings` and in counter-examples."""


@dataclass(frozen=True)
class KeyCase:
    """The inputs of a split; all tuples of municipalities are in the order of `codes`.

    Attributes:
        codes: Municipality codes.
        factors: Values of every factor, 0 or more.
        weights: Weight of every factor, 0 or more, in any proportion.
        totals: Homes to split, year by year.
        pressures: Care pressure, above 0; None where there is no correction.
        names: Municipality names; the codes where left empty.
        years: Names of the years; 1, 2, ... where left empty.
        minima: Fewest homes of a year, None for no bound.
        maxima: Most homes of a year, None for no bound.
        roundings: Units in which factors (and `PRESSURE`) were rounded; see `stability`.
        by_residence: Whether the care pressure counts people where they live.
        without_facility_residents: Whether residents of facilities were taken out of it.
    """

    codes: tuple[str, ...]
    factors: Mapping[str, tuple[Value, ...]]
    weights: Mapping[str, Value]
    totals: tuple[int, ...]
    pressures: tuple[Value, ...] | None = None
    names: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    minima: tuple[int | None, ...] = ()
    maxima: tuple[int | None, ...] = ()
    roundings: Roundings = field(default_factory=dict)
    by_residence: bool = True
    without_facility_residents: bool = True

    def __post_init__(self) -> None:
        """Fill in names and years, and check that everything has one length.

        Raises:
            UsageError: Tuples of another length, a weight without a factor or the reverse, no
                municipality or year.
        """
        object.__setattr__(self, "names", self.names or self.codes)
        object.__setattr__(self, "years", self.years or tuple(range(1, len(self.totals) + 1)))
        columns: dict[str, Sequence[object]] = {"names": self.names, **self.factors}
        if self.pressures is not None:
            columns[PRESSURE] = self.pressures
        columns |= {key: values for key in ("minima", "maxima") if (values := getattr(self, key))}
        for name, values in columns.items():
            if len(values) != len(self.codes):
                raise UsageError(
                    "a case needs one value for every municipality",
                    where=name,
                    found=str(len(values)),
                    expected=str(len(self.codes)),
                )
        if set(self.weights) != set(self.factors) or len(self.years) != len(self.totals):
            raise UsageError("weights and factors, or years and totals, do not match")
        if not self.totals or not self.codes:
            raise UsageError("a case needs a municipality and a year at least")

    def hashed(self, words: Iterable[str]) -> list[str]:
        """Put words in an order that follows from nothing but their hashes."""
        return sorted(words, key=lambda word: sha256(word.encode()).digest())

    def chosen(self, most: int) -> list[int]:
        """Give the positions of all municipalities, or of so many, the first by a hash."""
        codes = set(self.hashed(self.codes)[:most])
        return [at for at, code in enumerate(self.codes) if code in codes]

    def name_of(self, code: str) -> str:
        """Give the name of a municipality."""
        return self.names[self.codes.index(code)]

    def weight_shares(self) -> dict[str, float]:
        """Give the weights as shares of their sum."""
        total = sum(self.weights.values())
        return {factor: weight / total for factor, weight in self.weights.items()}

    def with_value(self, factor: str, at: int, value: Value) -> "KeyCase":
        """Give this case with another value of a factor, or of `PRESSURE`, at one position."""
        if factor == PRESSURE and self.pressures is not None:
            pressures = self.pressures
            return replace(self, pressures=(*pressures[:at], value, *pressures[at + 1 :]))
        old = self.factors[factor]
        return replace(self, factors={**self.factors, factor: (*old[:at], value, *old[at + 1 :])})

    def with_weights(self, weights: Mapping[str, Value]) -> "KeyCase":
        """Give this case with other weights, in the order of its factors."""
        return replace(self, weights={factor: weights[factor] for factor in self.factors})

    def with_totals(self, change: int) -> "KeyCase":
        """Give this case with every total changed by so many homes."""
        return replace(self, totals=tuple(total + change for total in self.totals))

    def in_order(self, order: Sequence[int]) -> "KeyCase":
        """Give this case with its rows in another order."""

        def moved(values: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(values[at] for at in order) if values else values

        return replace(
            self,
            codes=moved(self.codes),
            names=moved(self.names),
            factors={factor: moved(values) for factor, values in self.factors.items()},
            pressures=None if self.pressures is None else moved(self.pressures),
            minima=moved(self.minima),
            maxima=moved(self.maxima),
            roundings={
                name: moved(unit) if isinstance(unit, tuple) else unit
                for name, unit in self.roundings.items()
            },
        )


@dataclass(frozen=True)
class KeySplit:
    """What a rule makes of a case.

    Attributes:
        homes: Whole homes, shape (years, municipalities).
        exact: The exact share in the total of every year (homes), the same shape.
    """

    homes: Homes
    exact: Floats

    @property
    def cumulative(self) -> Homes:
        """Homes since the first year."""
        return np.cumsum(self.homes, axis=0)

    @property
    def owed(self) -> Floats:
        """Exact shares since the first year (homes)."""
        return np.cumsum(self.exact, axis=0)


SplitRule = Callable[[KeyCase], KeySplit]
"""A rule of splitting. It may have a method `many(cases) -> list[KeySplit | None]` for the search.

Without pressures a rule gives the base shares.
"""


@dataclass(frozen=True)
class KeyRule:
    """Our own rule: weighted shares, a multiplicative correction, and a method by name.

    Attributes:
        method: A name of `YEAR_METHODS`, or of `METHODS` (then every year is split alone).
        strength: Strength of the correction.
        reference: The pressure at which nothing changes, see `Correction`.
        least: The smallest correction.
        most: The largest correction, None for no bound.
        ties: How equal claims are decided (`TieRule`).
        seed: Seed of the lot.
    """

    method: str = "quota-method"
    strength: float = 1.0
    reference: float | None = None
    least: float = 0.0
    most: float | None = None
    ties: str = TieRule.CODE
    seed: int | None = None

    def __post_init__(self) -> None:
        """Check the method's name.

        Raises:
            UsageError: An unknown method.
        """
        known = (*METHODS, *YEAR_METHODS)
        if self.method not in known:
            raise UsageError(
                f"method {self.method!r} is not known", todo=nearest(self.method, known)
            )

    def shares(self, case: KeyCase) -> dict[str, Fraction]:
        """Give the exact share in the key by municipality."""
        factors, weights = tuple(case.factors.items()), tuple(case.weights.items())
        bounds = (self.reference, self.strength, self.least, self.most)
        return dict(_key_shares(case.codes, factors, weights, case.pressures, bounds))

    def __call__(self, case: KeyCase) -> KeySplit:
        """Split a case exactly.

        Raises:
            UitstroomError: See `key_shares`, `apportion` and `apportion_years`.
        """
        shares = self.shares(case)
        bounds = _bounds_of(case)
        tied: dict[str, Any] = {"ties": self.ties, "seed": self.seed, **bounds}
        if self.method in YEAR_METHODS:
            rows = apportion_years(shares, case.totals, self.method, **tied).tolist()
        else:
            by_total = {
                total: list(apportion(shares, total, self.method, **tied).values())
                for total in dict.fromkeys(case.totals)
            }
            rows = [by_total[total] for total in case.totals]
        places = {code: at for at, code in enumerate(shares)}
        order = [places[code] for code in case.codes]
        owed = {total: _exact(shares, total, bounds) for total in dict.fromkeys(case.totals)}
        exact = [owed[total] for total in case.totals]
        return KeySplit(
            np.asarray(rows, dtype=np.int64)[:, order],
            np.asarray(exact, dtype=np.float64)[:, order],
        )

    def many(self, cases: Sequence[KeyCase]) -> list[KeySplit | None]:
        """Split many cases fast, in doubles; None where a case is refused.

        Good for a search: two claims that differ by less than doubles can tell apart may be decided
        otherwise than `__call__` does. Cases with bounds, in another order than the first one, or
        with totals that are small for the method are split by `__call__`.
        """
        plain = [at for at, case in enumerate(cases) if self._is_plain(case, cases[0])]
        made: list[KeySplit | None] = [None] * len(cases)
        for at in set(range(len(cases))) - set(plain):
            made[at] = _split_or_none(self, cases[at])
        if plain:
            chosen = [cases[at] for at in plain]
            order = np.argsort(np.array(chosen[0].codes), kind="stable")
            shares = self._shares_of_many(chosen)[:, order]
            totals = np.array([case.totals for case in chosen], dtype=np.int64)
            homes = split_many(shares, totals, self.method)
            exact = shares[:, None, :] * totals[:, :, None]
            back = np.argsort(order)
            for at, rows, owed in zip(plain, homes, exact, strict=True):
                made[at] = KeySplit(rows[:, back], owed[:, back])
        return made

    def _is_plain(self, case: KeyCase, first: KeyCase) -> bool:
        enough = len(case.codes) if self.method in SERVING_METHODS else 0
        return (
            self.ties == TieRule.CODE
            and case.codes == first.codes
            and not _bounds_of(case)
            and min(case.totals) >= enough
        )

    def _shares_of_many(self, cases: Sequence[KeyCase]) -> Floats:
        factors = list(cases[0].factors)
        values = np.array(
            [[case.factors[factor] for factor in factors] for case in cases], dtype=np.float64
        )
        weights = np.array([[case.weights[factor] for factor in factors] for case in cases])
        parts = values / values.sum(axis=2, keepdims=True)
        base: Floats = (parts * (weights / weights.sum(axis=1, keepdims=True))[:, :, None]).sum(1)
        if cases[0].pressures is None and all(case.pressures is None for case in cases):
            return base
        ones = (1.0,) * len(cases[0].codes)
        pressures = np.array([case.pressures or ones for case in cases], dtype=np.float64)
        reference: Floats | float = (base * pressures).sum(axis=1, keepdims=True)
        if self.reference is not None:
            reference = self.reference
        made = np.clip((reference / pressures) ** self.strength, self.least, self.most)
        made[[case.pressures is None for case in cases]] = 1.0
        corrected = base * made
        return np.asarray(corrected / corrected.sum(axis=1, keepdims=True))


@lru_cache(maxsize=512)
def _key_shares(
    codes: tuple[str, ...],
    factors: tuple[tuple[str, tuple[Value, ...]], ...],
    weights: tuple[tuple[str, Value], ...],
    pressures: tuple[Value, ...] | None,
    bounds: tuple[float | None, float, float, float | None],
) -> Mapping[str, Fraction]:
    """Give exact shares; kept, since a search asks for those of one case with many totals."""
    columns: dict[str, list[Value]] = {
        factor: list(values)
        if all(isinstance(value, int) for value in values)
        else [float(value) for value in values]
        for factor, values in factors
    }
    frame = pl.DataFrame({CODE_COLUMN: list(codes), **columns})
    correction = None
    if pressures is not None:
        correction = Correction(dict(zip(codes, pressures, strict=True)), *bounds)
    return key_shares(frame, dict(weights), correction).by_code()


def _bounds_of(case: KeyCase) -> dict[str, dict[str, int]]:
    """Give the arguments for bounds, nothing where there are none."""
    sides = {"minimum": case.minima, "maximum": case.maxima}
    named = {
        side: {
            code: value
            for code, value in zip(case.codes, values, strict=False)
            if value is not None
        }
        for side, values in sides.items()
    }
    return {side: values for side, values in named.items() if values}


def _exact(
    shares: dict[str, Fraction], total: int, bounds: Mapping[str, Mapping[str, int]]
) -> list[float]:
    if not bounds:
        return [share.numerator * total / share.denominator for share in shares.values()]
    within = bounded_shares(dict(shares), total, bounds.get("minimum"), bounds.get("maximum"))
    return [float(within[code]) for code in shares]


def split_all(rule: SplitRule, cases: Sequence[KeyCase]) -> list[KeySplit | None]:
    """Split cases, by the rule's fast way where it has one; None where it refuses a case."""
    many = getattr(rule, "many", None)
    if many is not None and cases:
        return list(many(cases))
    return [_split_or_none(rule, case) for case in cases]


def _split_or_none(rule: SplitRule, case: KeyCase) -> KeySplit | None:
    try:
        return rule(case)
    except UitstroomError:
        return None
