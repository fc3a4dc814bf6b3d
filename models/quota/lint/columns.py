"""What columns of a key have to do with each other, and in which unit they were rounded.

Belongs here: factors that count the same things, that are a care pressure or its inverse, and the
unit that a column of published figures shows. Does not belong here: what a split makes of them
(`laws`).
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.quota.lint.rules import PRESSURE, KeyCase, Value

INVERSE_WORDS = ("inverse", "invers", "reciprocal", "omgekeerd", "1/", "one_over")
"""What the name of a factor that is an inverse of something says."""
PRESSURE_WORDS = ("care_pressure", "pressure", "burden", "zorgdruk", "druk")
"""What the name of a factor that is a care pressure says."""

KINDS = {
    "people": ("households", "population", "inhabitants", "huishoudens", "inwoners", "bevolking"),
    "dwellings": (
        "dwellings",
        "association_dwellings",
        "social_dwellings",
        "woningen",
        "corporatiewoningen",
        "sociale_huurwoningen",
        "daeb_woningen",
    ),
    "re-lets": ("relets", "suitable_relets", "lettings", "verhuringen", "mutaties"),
}
"""Factors of one line count the same people or homes by definition."""

_ALIKE = 1e-6
_CORRELATED = 0.999
_LARGEST_UNIT = 6
"""Powers of ten that are looked for in whole figures."""

Pair = tuple[str, str, str]


def weighted_factors(case: KeyCase) -> list[str]:
    """Give the factors with a weight above 0."""
    return [factor for factor, weight in case.weights.items() if weight]


def inverse_columns(case: KeyCase) -> list[str]:
    """Give the weighted factors that are the inverse of the pressure, by their figures or name."""
    found = []
    for factor in weighted_factors(case):
        column = _column(case.factors[factor])
        named = any(word in factor.lower() for word in INVERSE_WORDS)
        others = [case.pressures] if case.pressures is not None else []
        others += [values for name, values in case.factors.items() if _is_pressure(name)]
        if named or any(_proportional(column * _column(other)) for other in others):
            found.append(factor)
    return found


def pressure_columns(case: KeyCase) -> list[str]:
    """Give the weighted factors that are the care pressure itself, by their figures or name."""
    found = []
    for factor in weighted_factors(case):
        equal = case.pressures is not None and _same(case.factors[factor], case.pressures)
        if (equal or _is_pressure(factor)) and factor not in inverse_columns(case):
            found.append(factor)
    return found


def shared_columns(case: KeyCase) -> list[Pair]:
    """Give pairs of weighted factors that share rows, with why.

    Why is `proportional` (the same figures in another unit), `definition` (both count the same
    people or homes, or are one figure of two years) or `part` (every value at most the other's, and
    both rise and fall together).
    """
    found = []
    inverses = inverse_columns(case)
    factors = [factor for factor in weighted_factors(case) if factor not in inverses]
    for one, other in combinations(factors, 2):
        why = _why_shared(case, one, other)
        if why:
            found.append((one, other, why))
    return found


def rounding_unit(values: Sequence[Value]) -> float:
    """Give the unit in which a column was rounded, as its digits show.

    The last decimal that any value has (0.01 for 3.5 and 2.25), or for whole figures the largest
    power of ten that divides all (100 for 1,200 and 35,700; 1 for counts to the last one).
    """
    exponents = []
    for value in values:
        if value:
            exponent = Decimal(str(value)).normalize().as_tuple().exponent
            exponents.append(int(exponent))
    return float(10.0 ** min(*exponents, _LARGEST_UNIT)) if exponents else 1.0


def rounding_units(case: KeyCase) -> dict[str, tuple[float, ...]]:
    """Give the unit in which every weighted factor and the pressure were rounded.

    A declared unit, else the one that the digits show. Whole counts beside rounded figures count
    as exact (unit 0); where all are whole counts, each may be half a unit off.
    """
    columns = {factor: case.factors[factor] for factor in weighted_factors(case)}
    if case.pressures is not None:
        columns[PRESSURE] = case.pressures
    seen = has_rounded_figures(case)
    units = {}
    for name, values in columns.items():
        shown = rounding_unit(values)
        unit = case.roundings.get(name, 0.0 if seen and shown == 1.0 else shown)
        units[name] = unit if isinstance(unit, tuple) else (float(unit),) * len(values)
    return units


def has_rounded_figures(case: KeyCase) -> bool:
    """Tell whether a unit is declared, or shows in the digits of figures that count."""
    columns = [case.factors[factor] for factor in weighted_factors(case)]
    columns += [case.pressures] if case.pressures is not None else []
    return bool(case.roundings) or any(rounding_unit(values) != 1.0 for values in columns)


def _column(values: Sequence[Value]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _is_pressure(factor: str) -> bool:
    words = re.split(r"[^a-z]+", factor.lower())
    return any(word in words for word in PRESSURE_WORDS) or "care_pressure" in factor.lower()


def _proportional(ratios: NDArray[np.float64]) -> bool:
    """Tell whether all ratios are one number, and the column says anything at all."""
    return bool(
        len(ratios) > 1
        and np.isfinite(ratios).all()
        and ratios.min() > 0
        and ratios.max() / ratios.min() - 1.0 < _ALIKE
    )


def _same(one: Sequence[Value], other: Sequence[Value]) -> bool:
    first, second = _column(one), _column(other)
    zero = (first == 0) & (second == 0)
    if ((first == 0) != (second == 0)).any() or zero.all():
        return False
    return _proportional(first[~zero] / second[~zero])


def _stem(factor: str) -> str:
    """Give a name without years and other numbers: households of two years are one figure."""
    return re.sub(r"[_\s]*\d+", "", factor.lower()).strip("_ ")


def _why_shared(case: KeyCase, one: str, other: str) -> str:
    first, second = case.factors[one], case.factors[other]
    if _same(first, second):
        return "proportional"
    stems = _stem(one), _stem(other)
    kinds = [[kind for kind, names in KINDS.items() if stem in names] for stem in stems]
    if stems[0] == stems[1] or (kinds[0] and kinds[0] == kinds[1]):
        return "definition"
    columns = _column(first), _column(second)
    part = (columns[0] <= columns[1]).all() or (columns[1] <= columns[0]).all()
    varied = all(len(column) > 2 and np.ptp(column) > 0 for column in columns)
    if part and varied and np.corrcoef(*columns)[0, 1] >= _CORRELATED:
        return "part"
    return ""
