"""The distribution key: from factors, weights and a correction to every municipality's exact share.

Belongs here: combining factor shares into key shares, the correction for care pressure, shares that
change over the years; with every part kept for the explanation. Does not belong here: reading
figures (`pipelines.sources`), whole homes (`apportion`, `years`), bounds (`bounds`).

The correction is multiplicative: shares in proportion to base x (reference / pressure)^strength.
Mixing the base with an inverse-pressure key instead (as the European Commission proposed in 2015)
can give the municipality with the least pressure less than its base share; see `lint`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm

import polars as pl

from models.errors import FaultList, RefusedError, UitstroomError, UsageError
from models.quota.claims import Number, exact_number, exact_weight
from models.registry import nearest

CODE_COLUMN = "municipality_code"
LABEL_COLUMNS = ("municipality_name",)
"""Columns of a table of factors that are labels and no factors."""
_ROUNDED = Context(prec=15)
"""The digits that a correction keeps where it is a root."""
_POWER = Context(prec=40)


@dataclass(frozen=True)
class Correction:
    """How shares are corrected for care pressure: x (reference / pressure)^strength.

    Attributes:
        pressures: The indicator by municipality, above 0; more of it means a smaller share.
        reference: The pressure at which nothing changes; None: the mean of the pressures weighted
            by the base shares. Without bounds it cancels out.
        strength: 0 leaves the base shares, 1 divides them by the pressure.
        least: The smallest that the correction of a municipality may be.
        most: The largest; None for no bound.
    """

    pressures: Mapping[str, Number]
    reference: Number | None = None
    strength: Number = 1
    least: Number = 0
    most: Number | None = None


@dataclass(frozen=True)
class KeyShares:
    """The key taken apart; every tuple is in the order of `municipality_codes`.

    Attributes:
        municipality_codes: Codes in rising order.
        weights: Weight of every factor, adding up to 1, in the order of the table's columns.
        values: Every municipality's value of a factor, by factor.
        factor_shares: Its share in the sum of that factor, by factor; each adds up to 1.
        base_shares: Its share before the correction, adding up to 1.
        pressures: Its care pressure, None without a correction.
        reference: The pressure at which nothing changes, None without a correction.
        corrections: What its base share was multiplied by before all were made to fit; 1 without
            a correction.
        shares: Its share in the key, adding up to 1.
    """

    municipality_codes: tuple[str, ...]
    weights: dict[str, Fraction]
    values: dict[str, tuple[Fraction, ...]]
    factor_shares: dict[str, tuple[Fraction, ...]]
    base_shares: tuple[Fraction, ...]
    pressures: tuple[Fraction, ...] | None
    reference: Fraction | None
    corrections: tuple[Fraction, ...]
    shares: tuple[Fraction, ...]

    def by_code(self) -> dict[str, Fraction]:
        """Give the exact share in the key by municipality."""
        return dict(zip(self.municipality_codes, self.shares, strict=True))

    def frame(self) -> pl.DataFrame:
        """Give the parts as a table: municipality_code, factor, weight, value, factor_share."""
        rows = [
            (code, factor, float(weight), float(value), float(share))
            for factor, weight in self.weights.items()
            for code, value, share in zip(
                self.municipality_codes,
                self.values[factor],
                self.factor_shares[factor],
                strict=True,
            )
        ]
        kinds = {
            CODE_COLUMN: pl.String,
            "factor": pl.String,
            "weight": pl.Float64,
            "value": pl.Float64,
            "factor_share": pl.Float64,
        }
        return pl.DataFrame(rows, schema=kinds, orient="row").sort(CODE_COLUMN, maintain_order=True)


def key_shares(
    factors: pl.DataFrame,
    weights: Mapping[str, Number],
    correction: Correction | None = None,
) -> KeyShares:
    """Combine factors into shares: sum over factors of weight / all weights x value / all values.

    A correction multiplies these base shares by (reference / pressure)^strength, kept between its
    bounds, and makes them add up to 1 again.

    Args:
        factors: One row a municipality: `municipality_code` and one column a factor, in any unit.
            A column `municipality_name` is a label and may be there.
        weights: Weight of every factor, 0 or more, in any proportion (0.5 and 0.5, or 1 and 1). A
            factor of weight 0 takes no part but is kept in the explanation.
        correction: The correction for care pressure.

    Returns:
        The shares and their parts, exact; the order of rows does not matter.

    Raises:
        UsageError: A factor without a weight, a weight without a factor, a weight that is no
            number or negative, or nothing but zeros; a correction of negative strength or with
            bounds the wrong way round.
        RefusedError: An empty table, a code that is missing or stands twice, a value that is
            missing, negative or no number, a factor whose values are all 0; a pressure that is
            missing or not above 0.
    """
    told = _read_codes(factors)
    order = sorted(range(len(told)), key=told.__getitem__)
    codes = tuple(told[at] for at in order)
    columns = [name for name in factors.columns if name not in (CODE_COLUMN, *LABEL_COLUMNS)]
    exact_weights = _read_weights(columns, weights)
    values = _read_values(factors, columns, codes, order)
    factor_shares = {factor: _in_proportion(column) for factor, column in values.items()}
    base = _weighted(exact_weights, factor_shares)
    if correction is None:
        ones = (Fraction(1),) * len(codes)
        return KeyShares(codes, exact_weights, values, factor_shares, base, None, None, ones, base)
    pressures = _read_pressures(codes, correction)
    reference = _reference(correction, base, pressures)
    corrections = _corrections(correction, pressures, reference)
    corrected = [share * factor for share, factor in zip(base, corrections, strict=True)]
    if not any(corrected):
        raise UsageError(
            "the correction leaves nobody a share", where="correction", todo="Widen its bounds."
        )
    shares = _in_proportion(corrected)
    return KeyShares(
        codes, exact_weights, values, factor_shares, base, pressures, reference, corrections, shares
    )


def _in_proportion(numbers: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Give every number's share in their sum; whole numbers in between cost no division each."""
    scale = lcm(*(number.denominator for number in numbers))
    whole = [number.numerator * (scale // number.denominator) for number in numbers]
    total = sum(whole)
    return tuple(Fraction(number, total) for number in whole)


def _weighted(
    weights: Mapping[str, Fraction], shares: Mapping[str, Sequence[Fraction]]
) -> tuple[Fraction, ...]:
    """Add up weight x share over the factors, for every municipality."""
    scale = lcm(
        *(
            weights[factor].denominator * share.denominator
            for factor, column in shares.items()
            for share in column
        )
    )
    sums = [
        sum(
            weights[factor].numerator
            * share.numerator
            * (scale // (weights[factor].denominator * share.denominator))
            for factor, share in zip(shares, row, strict=True)
        )
        for row in zip(*shares.values(), strict=True)
    ]
    return tuple(Fraction(number, scale) for number in sums)


def shares_by_year(
    keys: Sequence[tuple[int, int, Mapping[str, Fraction]]], years: Sequence[int]
) -> dict[int, dict[str, Fraction]]:
    """Give the shares of every year from keys that follow each other.

    In a transition of n years the shares go in n + 1 equal steps from those of the key before (as
    they were in its last year) to those of the new one.

    Args:
        keys: First calendar year, years of transition and shares by municipality of every key, in
            the order of their dates.
        years: Calendar years, none before the first key.

    Returns:
        Shares by municipality, by year; a municipality that a key does not name has 0.

    Raises:
        UsageError: No key, keys out of order, or a year before the first key.
    """
    starts = [first for first, _, _ in keys]
    if not keys or any(later <= earlier for earlier, later in pairwise(starts)):
        raise UsageError("the keys do not follow each other", where="keys", found=str(starts))
    early = [year for year in years if year < starts[0]]
    if early:
        raise UsageError(
            f"no key is in force in {early[0]}", where="keys", expected=f"{starts[0]} or later"
        )
    codes = sorted({code for _, _, shares in keys for code in shares})
    return {year: _shares_of(keys, year, codes) for year in years}


def _shares_of(
    keys: Sequence[tuple[int, int, Mapping[str, Fraction]]], year: int, codes: Sequence[str]
) -> dict[str, Fraction]:
    place = max(at for at, (first, _, _) in enumerate(keys) if first <= year)
    first, transition, new = keys[place]
    done = Fraction(min(year - first + 1, transition + 1), transition + 1)
    if place == 0 or done == 1:
        return {code: Fraction(new.get(code, 0)) for code in codes}
    old = _shares_of(keys, first - 1, codes)
    return {code: old[code] + done * (new.get(code, 0) - old[code]) for code in codes}


def _read_pressures(codes: Sequence[str], correction: Correction) -> tuple[Fraction, ...]:
    faults = FaultList()
    pressures = []
    for code in codes:
        place = f"care pressure of {code}"
        value = correction.pressures.get(code)
        if value is None:
            faults.add(
                RefusedError("the value is missing", where=place, expected="a number above 0")
            )
            continue
        try:
            pressure = exact_number(value, place)
        except UitstroomError as fault:
            faults.add(fault)
            continue
        if pressure <= 0:
            faults.add(
                RefusedError(
                    "nothing can be divided by this pressure",
                    where=place,
                    found=str(value),
                    expected="a number above 0",
                )
            )
        pressures.append(pressure)
    faults.raise_if_any()
    return tuple(pressures)


def _reference(
    correction: Correction, base: Sequence[Fraction], pressures: Sequence[Fraction]
) -> Fraction:
    if correction.reference is None:
        return sum((share * each for share, each in zip(base, pressures, strict=True)), Fraction(0))
    reference = exact_number(correction.reference, "reference pressure")
    if reference <= 0:
        raise UsageError(
            "the reference pressure is not above 0", where="correction", found=str(reference)
        )
    return reference


def _corrections(
    correction: Correction, pressures: Sequence[Fraction], reference: Fraction
) -> tuple[Fraction, ...]:
    strength = exact_number(correction.strength, "strength of the correction")
    least = exact_weight(correction.least, "least correction")
    most = None if correction.most is None else exact_weight(correction.most, "most correction")
    if strength < 0 or (most is not None and least > most):
        raise UsageError(
            "the correction cannot be made",
            where="correction",
            found=f"strength {float(strength):g}, between {float(least):g} and "
            f"{'no bound' if most is None else f'{float(most):g}'}",
            expected="a strength of 0 or more, and least at most most",
        )
    made = []
    for pressure in pressures:
        factor = max(_power(reference / pressure, strength), least)
        made.append(factor if most is None else min(factor, most))
    return tuple(made)


def _power(ratio: Fraction, strength: Fraction) -> Fraction:
    """Raise to a power: exact where the power is whole, else to 15 digits on every machine."""
    if strength.denominator == 1:
        return Fraction(ratio**strength.numerator)
    base = _POWER.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    power = _POWER.divide(Decimal(strength.numerator), Decimal(strength.denominator))
    return Fraction(_ROUNDED.plus(_POWER.power(base, power)))


def _read_codes(factors: pl.DataFrame) -> tuple[str, ...]:
    """Read the codes, in the order of the rows."""
    if CODE_COLUMN not in factors.columns:
        raise RefusedError(
            f"the table of factors has no column {CODE_COLUMN}",
            found=", ".join(factors.columns) or "no columns",
        )
    if factors.is_empty():
        raise RefusedError("the table of factors is empty", expected="a row for each municipality")
    told = factors[CODE_COLUMN]
    codes = (told if told.dtype == pl.String else told.cast(pl.String)).to_list()
    for row, code in enumerate(codes, start=1):
        if code is None or not code.strip():
            raise RefusedError(f"row {row} has no code", where=CODE_COLUMN, expected="a code")
    twice = sorted(code for code, rows in Counter(codes).items() if rows > 1)
    if twice:
        raise RefusedError(
            f"{', '.join(twice)} stands more than once", where=CODE_COLUMN, expected="a row each"
        )
    return tuple(codes)


def _read_weights(columns: list[str], weights: Mapping[str, Number]) -> dict[str, Fraction]:
    faults = FaultList()
    for factor in weights:
        if factor not in columns:
            faults.add(
                UsageError(
                    f"factor {factor!r} is not in the table",
                    where="weights",
                    todo=nearest(factor, columns) if columns else "The table has no factors.",
                )
            )
    for factor in columns:
        if factor not in weights:
            faults.add(
                UsageError(
                    f"factor {factor!r} has no weight",
                    where="weights",
                    todo="Give it one; 0 leaves the factor out of the key.",
                )
            )
    faults.raise_if_any()
    exact = {}
    for factor in columns:
        try:
            exact[factor] = exact_weight(weights[factor], f"weight of {factor}")
        except UitstroomError as fault:
            faults.add(
                UsageError(fault.what, where=fault.where, found=fault.found, expected="0 or more")
            )
    faults.raise_if_any()
    total = sum(exact.values())
    if not total:
        raise UsageError("all weights are 0", where="weights", expected="one above 0 at least")
    return {factor: weight / total for factor, weight in exact.items()}


def _read_values(
    factors: pl.DataFrame, columns: list[str], codes: tuple[str, ...], order: Sequence[int]
) -> dict[str, tuple[Fraction, ...]]:
    """Read every factor in the order of the codes; `order` gives the row of each."""
    faults = FaultList()
    values = {}
    for factor in columns:
        exact = []
        told = factors[factor].to_list()
        for code, value in zip(codes, (told[at] for at in order), strict=True):
            place = f"{factor} of {code}"
            if value is None:
                faults.add(RefusedError("the value is missing", where=place, expected="a number"))
                continue
            try:
                exact.append(exact_weight(value, place))
            except UitstroomError as fault:
                faults.add(fault)
        if len(exact) == len(codes) and not any(exact):
            faults.add(
                RefusedError(
                    "the values are 0 for every municipality, so they share nothing",
                    where=factor,
                    expected="a value above 0",
                )
            )
        values[factor] = tuple(exact)
    faults.raise_if_any()
    return values
