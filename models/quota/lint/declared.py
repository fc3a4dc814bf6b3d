"""From a region's declared key to what the linter looks at.

Belongs here: the case and the rule of a declared key. Does not belong here: laws and findings
(they know nothing of regions).
"""

from collections.abc import Mapping

import polars as pl

from models.distribution import DistributionKey
from models.quota.keys import CODE_COLUMN
from models.quota.lint.rules import PRESSURE, KeyCase, KeyRule
from models.quota.region import formula_shares

_ENDS = ("_low", "_high")
"""After a factor's name: the ends of the span inside which its figures were rounded."""


def case_of_key(
    key: DistributionKey,
    figures: pl.DataFrame,
    totals: Mapping[int, int],
    names: Mapping[str, str],
) -> KeyCase:
    """Lay a declared key out for the linter, without who has opted out.

    Args:
        key: The key.
        figures: municipality_code, the factors of the key, and `<factor>_low` and `<factor>_high`
            where the span of rounding is known.
        totals: Homes to split, by calendar year.
        names: Names by code.

    Returns:
        The case; transitions and what comes back of the past are not in it.
    """
    out = {item.municipality_code for item in key.municipalities if item.opted_out}
    shares = formula_shares(key, figures)
    kept = [at for at, code in enumerate(shares.municipality_codes) if code not in out]
    codes = tuple(shares.municipality_codes[at] for at in kept)
    bounds = {item.municipality_code: item for item in key.municipalities}
    pressures = shares.pressures
    declared = key.correction
    return KeyCase(
        codes=codes,
        factors={
            factor: tuple(float(values[at]) for at in kept)
            for factor, values in shares.values.items()
        },
        weights={factor: float(weight) for factor, weight in shares.weights.items()},
        totals=tuple(totals.values()),
        pressures=None if pressures is None else tuple(float(pressures[at]) for at in kept),
        names=tuple(names.get(code, code) for code in codes),
        years=tuple(totals),
        minima=tuple(bounds[code].minimum if code in bounds else None for code in codes),
        maxima=tuple(bounds[code].maximum if code in bounds else None for code in codes),
        roundings=_roundings(key, figures, codes),
        by_residence=declared is None or declared.by_residence,
        without_facility_residents=declared is None or declared.without_facility_residents,
    )


def rule_of_key(key: DistributionKey) -> KeyRule:
    """Give the rule by which a declared key splits the years."""
    declared = key.correction
    has_bounds = any(not item.opted_out for item in key.municipalities)
    method = "running-claim" if has_bounds else "quota-method"
    if declared is None:
        return KeyRule(method, ties=key.tie_rule, seed=key.lot_seed)
    return KeyRule(
        method,
        strength=declared.strength,
        reference=declared.reference,
        least=declared.least,
        most=declared.most,
        ties=key.tie_rule,
        seed=key.lot_seed,
    )


def _roundings(
    key: DistributionKey, figures: pl.DataFrame, codes: tuple[str, ...]
) -> dict[str, float | tuple[float, ...]]:
    units: dict[str, float | tuple[float, ...]] = {}
    ordered = figures.filter(pl.col(CODE_COLUMN).is_in(codes)).sort(CODE_COLUMN)
    for item in key.factors:
        low, high = (f"{item.factor}{end}" for end in _ENDS)
        if item.rounded_to is not None:
            units[item.factor] = item.rounded_to
        elif {low, high} <= set(ordered.columns):
            units[item.factor] = tuple(float(span) for span in ordered[high] - ordered[low])
    if key.correction is not None and key.correction.rounded_to is not None:
        units[PRESSURE] = key.correction.rounded_to
    return units
