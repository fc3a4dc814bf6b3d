"""What the flags of `quota` and `lint-key` ask for: totals and years, weights, a method.

Belongs here: flags in words, checked against each other and against the columns of a file. Does not
belong here: the file of municipalities (`quota_file`), splits (`models.quota`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import FaultList, RefusedError, UsageError
from models.quota import METHODS, YEAR_METHODS
from models.quota.lint import PRESSURE
from models.registry import nearest
from pipelines.table_file import (
    Sheet,
    Value,
    cell_fault,
    check_source,
    column_places,
    finite_number,
    read_sheet,
    whole_or_float,
)

CODE, NAME, MINIMUM, MAXIMUM = "municipality_code", "municipality_name", "minimum", "maximum"
YEAR, TOTAL = "year", "total"
LABELS = (CODE, NAME, MINIMUM, MAXIMUM)
"""Columns of a file of municipalities that are no factors."""
ONE_SPLIT, OVER_YEARS = "largest-remainder", "quota-method"
"""Methods where none is asked for: of one split, and over several years."""


@dataclass(frozen=True)
class Request:
    """What the flags ask for, as they were typed.

    Attributes:
        total: Homes a year, or the name of a file with the columns year and total.
        weights: "a=0.5,b=0.5"; None gives every factor the same weight.
        correct: The column with the care pressure, None for no correction.
        method: Name of a method, None for the usual one.
        years: Number of years, None for one split.
        rounded: "a=100": units in which columns were rounded (only the linter asks).
    """

    total: str
    weights: str | None = None
    correct: str | None = None
    method: str | None = None
    years: int | None = None
    rounded: str | None = None


def is_file_name(total: str) -> bool:
    """Tell whether totals are asked for by the name of a file."""
    return finite_number(total.strip()) is None


def read_totals(total: str, years: int | None) -> tuple[list[int], list[int]]:
    """Read the years and their totals from the flags, or from a file with year and total.

    Raises:
        UsageError: Neither a whole number of 0 or more nor a file; years that do not fit.
        RefusedError: A file with a year that stands twice, or a total that is not whole.
    """
    if years is not None and years < 1:
        raise UsageError(
            "there are no years to split", where="--years", found=str(years), expected="1 or more"
        )
    if is_file_name(total):
        return _totals_of_file(Path(total), years)
    number = finite_number(total.strip()) or 0.0
    if number < 0 or not number.is_integer():
        raise UsageError(
            "this is negative" if number < 0 else "this is not a whole number",
            where="--total",
            found=total,
            expected="a whole number of 0 or more, or a file with the columns year and total",
        )
    count = years or 1
    return list(range(1, count + 1)), [int(number)] * count


def _totals_of_file(source: Path, years: int | None) -> tuple[list[int], list[int]]:
    if source.suffix == "" and not source.is_file():
        raise UsageError(
            "this is neither a number nor a file",
            where="--total",
            found=str(source),
            expected="a whole number of 0 or more, or a file with the columns year and total",
        )
    check_source(source, "--total")
    sheet = read_sheet(source, f"{YEAR}, {TOTAL}")
    columns = column_places(sheet.header, [YEAR, TOTAL], sheet.name)
    faults = FaultList()
    totals: dict[int, int] = {}
    for cells, place in zip(sheet.rows, sheet.places, strict=True):
        read = {}
        for column, at in columns.items():
            number = finite_number(cells[at])
            if number is None or number < 0 or not number.is_integer():
                where = f"{sheet.name}, {place}, column {column}"
                faults.add(cell_fault("this is no whole number of 0 or more", where, cells[at]))
            else:
                read[column] = int(number)
        if len(read) == 2 and read[YEAR] in totals:
            where = f"{sheet.name}, {place}, column {YEAR}"
            faults.add(cell_fault("this year stands more than once", where, cells[columns[YEAR]]))
        elif len(read) == 2:
            totals[read[YEAR]] = read[TOTAL]
    faults.raise_if_any()
    if years is not None and years != len(totals):
        raise UsageError(
            "the file of totals has another number of years",
            where="--years",
            found=str(years),
            expected=str(len(totals)),
            todo="Leave --years out: the file names the years.",
        )
    ordered = sorted(totals)
    return ordered, [totals[year] for year in ordered]


def method(request: Request, years: int) -> str:
    """Give the method: of one split, or over years where --years or a file names several."""
    over_years = request.years is not None or years > 1
    family, other = (YEAR_METHODS, METHODS) if over_years else (METHODS, YEAR_METHODS)
    if request.method is None:
        return OVER_YEARS if over_years else ONE_SPLIT
    if request.method in family:
        return request.method
    kind = "several years" if over_years else "one total"
    if request.method in other:
        raise UsageError(
            f"method {request.method!r} does not split {kind}",
            where="--method",
            expected=" or ".join(family),
            todo="Leave --years out." if over_years else "Say how many --years.",
        )
    known = {**family, **other}
    raise UsageError(
        f"method {request.method!r} is not known",
        where="--method",
        expected=f"{', '.join(family)} for {kind}",
        todo=nearest(request.method, known),
    )


def factor_columns(sheet: Sheet, correct: str | None) -> list[str]:
    """Give the columns that are factors: all but labels, bounds and the care pressure.

    Raises:
        UsageError: The care pressure is no column of the file.
        RefusedError: No factor is left.
    """
    if correct is not None and (correct not in sheet.header or correct in LABELS):
        others = [column for column in sheet.header if column not in LABELS]
        raise UsageError(
            f"column {correct!r} is no care pressure of {sheet.name}",
            where="--correct",
            todo=nearest(correct, others) if others else "The file has no other columns.",
        )
    factors = [column for column in sheet.header if column not in (*LABELS, correct)]
    if not factors:
        raise RefusedError(
            "the file has no factor",
            where=f"{sheet.name}, line 1",
            found=", ".join(sheet.header)[:200],
            expected=f"{CODE} and at least one column with a factor",
        )
    return factors


def _pairs(text: str, flag: str, known: Sequence[str]) -> dict[str, Value]:
    """Read "a=0.5,b=0.5"."""
    found: dict[str, Value] = {}
    for part in text.split(","):
        name, sign, number = (each.strip() for each in part.rpartition("="))
        value = finite_number(number)
        if not sign or not name or value is None or value < 0:
            raise UsageError(
                "this is no column with a number of 0 or more",
                where=flag,
                found=part.strip() or "nothing",
                expected="a=0.5,b=0.5",
            )
        if name not in known:
            raise UsageError(
                f"there is no factor {name!r} in the file", where=flag, todo=nearest(name, known)
            )
        if name in found:
            raise UsageError(f"factor {name!r} stands more than once", where=flag)
        found[name] = whole_or_float(number, value)
    return found


def weights(factors: Sequence[str], text: str | None) -> dict[str, Value]:
    """Read the weight of every factor; without a text all weigh the same.

    Raises:
        UsageError: A factor without a weight or the reverse, a weight that is no number of 0 or
            more, nothing but zeros.
    """
    if text is None:
        return dict.fromkeys(factors, 1)
    found = _pairs(text, "--weights", factors)
    missing = [factor for factor in factors if factor not in found]
    if missing:
        raise UsageError(
            f"factor {missing[0]!r} has no weight"
            if len(missing) == 1
            else f"factors {', '.join(missing)} have no weight",
            where="--weights",
            found=text,
            todo="Give it one; 0 leaves a factor out.",
        )
    if not any(found.values()):
        raise UsageError(
            "all weights are 0", where="--weights", found=text, expected="one above 0 at least"
        )
    return found


def roundings(factors: Sequence[str], request: Request) -> dict[str, float | tuple[float, ...]]:
    """Read the units in which columns were rounded."""
    if request.rounded is None:
        return {}
    known = [*factors, request.correct] if request.correct else list(factors)
    units = _pairs(request.rounded, "--rounded", known)
    return {
        PRESSURE if name == request.correct else name: float(unit) for name, unit in units.items()
    }
