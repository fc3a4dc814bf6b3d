"""The distribution key: from factors and their weights to every municipality's exact share.

Belongs here: combining factor shares into key shares, with every part kept for the explanation.
Does not belong here: reading figures (`pipelines.sources`), whole homes (`apportion`, `years`).

A correction (for care pressure) is multiplicative: it replaces `KeyShares.shares` by shares in
proportion to share x correction and leaves the parts as they are, so that the explanation can show
both steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from models.errors import FaultList, RefusedError, UitstroomError, UsageError
from models.quota.claims import Number, exact_weight
from models.registry import nearest

CODE_COLUMN = "municipality_code"
LABEL_COLUMNS = ("municipality_name",)
"""Columns of a table of factors that are labels and no factors."""


@dataclass(frozen=True)
class KeyShares:
    """The key taken apart; every tuple is in the order of `municipality_codes`.

    Attributes:
        municipality_codes: Codes in rising order.
        weights: Weight of every factor, adding up to 1, in the order of the table's columns.
        values: Every municipality's value of a factor, by factor.
        factor_shares: Its share in the sum of that factor, by factor; each adds up to 1.
        shares: Its share in the key, adding up to 1.
    """

    municipality_codes: tuple[str, ...]
    weights: dict[str, Fraction]
    values: dict[str, tuple[Fraction, ...]]
    factor_shares: dict[str, tuple[Fraction, ...]]
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


def key_shares(factors: pl.DataFrame, weights: Mapping[str, Number]) -> KeyShares:
    """Combine factors into shares: sum over factors of weight / all weights x value / all values.

    Args:
        factors: One row a municipality: `municipality_code` and one column a factor, in any unit.
            A column `municipality_name` is a label and may be there.
        weights: Weight of every factor, 0 or more, in any proportion (0.5 and 0.5, or 1 and 1). A
            factor of weight 0 takes no part but is kept in the explanation.

    Returns:
        The shares and their parts, exact; the order of rows does not matter.

    Raises:
        UsageError: A factor without a weight, a weight without a factor, a weight that is no
            number or negative, or nothing but zeros.
        RefusedError: An empty table, a code that is missing or stands twice, a value that is
            missing, negative or no number, a factor whose values are all 0.
    """
    codes = _read_codes(factors)
    columns = [name for name in factors.columns if name not in (CODE_COLUMN, *LABEL_COLUMNS)]
    exact_weights = _read_weights(columns, weights)
    ordered = factors.sort(CODE_COLUMN)
    values = _read_values(ordered, columns, codes)
    factor_shares = {
        factor: tuple(value / sum(column) for value in column) for factor, column in values.items()
    }
    shares = tuple(
        sum(
            (weight * factor_shares[factor][at] for factor, weight in exact_weights.items()),
            Fraction(0),
        )
        for at in range(len(codes))
    )
    return KeyShares(codes, exact_weights, values, factor_shares, shares)


def _read_codes(factors: pl.DataFrame) -> tuple[str, ...]:
    if CODE_COLUMN not in factors.columns:
        raise RefusedError(
            f"the table of factors has no column {CODE_COLUMN}",
            found=", ".join(factors.columns) or "no columns",
        )
    if factors.is_empty():
        raise RefusedError("the table of factors is empty", expected="a row for each municipality")
    codes = factors[CODE_COLUMN].cast(pl.String)
    missing = codes.is_null() | (codes.str.strip_chars() == "")
    if missing.any():
        row = missing.arg_true()[0] + 1
        raise RefusedError(f"row {row} has no code", where=CODE_COLUMN, expected="a code")
    twice = codes.filter(codes.is_duplicated()).unique().sort().to_list()
    if twice:
        raise RefusedError(
            f"{', '.join(twice)} stands more than once", where=CODE_COLUMN, expected="a row each"
        )
    return tuple(codes.sort().to_list())


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
    ordered: pl.DataFrame, columns: list[str], codes: tuple[str, ...]
) -> dict[str, tuple[Fraction, ...]]:
    faults = FaultList()
    values = {}
    for factor in columns:
        exact = []
        for code, value in zip(codes, ordered[factor].to_list(), strict=True):
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
