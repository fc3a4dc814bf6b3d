"""Splitting homes by the key in a file: CSV or Parquet in, whole homes by municipality out.

Belongs here: reading a table of municipalities and one of totals with faults named by line and
column, flags in words, writing whole or not at all. Does not belong here: shares, splits and the
laws of a key (`models.quota`), printing and exit codes (`cli`).
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from models.errors import FaultList, RefusedError
from models.quota.lint import Finding, KeyCase, KeyRule, Severity, lint, stability
from pipelines.quota_request import (
    CODE,
    MAXIMUM,
    MINIMUM,
    NAME,
    YEAR,
    Request,
    factor_columns,
    is_file_name,
    method,
    read_totals,
    roundings,
    weights,
)
from pipelines.table_file import (
    MOST_FAULTS,
    Sheet,
    Value,
    cell_fault,
    check_source,
    check_target,
    column_places,
    finite_number,
    read_sheet,
    whole_or_float,
    write_frame,
)

MOST_MOVING = 10
"""Municipalities whose homes hang on rounding that are told at once."""

# --- what is done ----------------------------------------------------------------------------


def quota_file(source: Path, target: Path, request: Request) -> pl.DataFrame:
    """Split homes by the key in a file and write the split.

    Args:
        source: CSV or Parquet with municipality_code and factor columns.
        target: CSV or Parquet, by its suffix.
        request: Totals, weights, correction and method.

    Returns:
        What was written: year, municipality_code, exact and quota, in the order of these two.

    Raises:
        UsageError: Flags that do not fit each other or the file; a target that cannot be.
        RefusedError: What a file holds cannot be read or split; line, column, found and expected.
    """
    read = [source]
    if is_file_name(request.total):
        read.append(Path(request.total))
    check_source(source)
    check_target(target, read, "the split would overwrite what it is made from")
    case, rule = read_case(source, request)
    split = rule(case)
    rows = [
        (code, year, float(split.exact[at, place]), int(split.homes[at, place]))
        for at, year in enumerate(case.years)
        for place, code in enumerate(case.codes)
    ]
    kinds = {CODE: pl.String, YEAR: pl.Int64, "exact": pl.Float64, "quota": pl.Int64}
    frame = pl.DataFrame(rows, schema=kinds, orient="row").sort(YEAR, CODE)
    write_frame(frame, target)
    return frame


def lint_file(source: Path, request: Request) -> tuple[tuple[Finding, ...], list[str]]:
    """Lint the key in a file.

    Returns:
        The findings, and lines that tell them and which homes hang on rounding.

    Raises:
        UitstroomError: See `quota_file`.
    """
    check_source(source)
    case, rule = read_case(source, request)
    findings = lint(case, rule)
    low, high = min(case.totals), max(case.totals)
    homes = f"{low} homes a year" if low == high else f"{low} to {high} homes a year"
    span = "one split" if len(case.years) == 1 else f"{len(case.years)} years"
    lines = [f"{source.name}: {span} of {homes} by {rule.method}"]
    lines += [f"{finding.severity}: {finding.sentence}" for finding in findings]
    if not findings:
        lines.append("nothing found")
    moving = stability(case, rule).filter(pl.col("share_moved") > 0)
    ordered = moving.sort("share_moved", CODE, descending=[True, False])
    for row in ordered.head(MOST_MOVING).iter_rows(named=True):
        lines.append(
            f"stability: {row[NAME]} has {row['homes']} homes, another number in "
            f"{100.0 * row['share_moved']:.0f} % of the draws within rounding "
            f"({row['lowest']} to {row['highest']})"
        )
    if ordered.height > MOST_MOVING:
        lines.append(f"stability: {ordered.height - MOST_MOVING} others move less often")
    return findings, lines


def is_refused(findings: Sequence[Finding]) -> bool:
    """Tell whether a finding refuses the key."""
    return any(finding.severity is Severity.REFUSED for finding in findings)


def read_case(source: Path, request: Request) -> tuple[KeyCase, KeyRule]:
    """Read the key in a file, with the rule that the flags ask for; see `quota_file`."""
    years, totals = read_totals(request.total, request.years)
    rule = KeyRule(method(request, len(years)))
    sheet = read_sheet(source, CODE)
    column_places(sheet.header, [CODE], sheet.name)
    factors = factor_columns(sheet, request.correct)
    weight_of = weights(factors, request.weights)
    used = [factor for factor in factors if weight_of[factor]]
    numbers = _read_numbers(sheet, used, request.correct)
    pressures = None if request.correct is None else numbers.pop(f"={request.correct}")
    minima, maxima = (_bounds(numbers.pop(side, [])) for side in (MINIMUM, MAXIMUM))
    names = [row[sheet.header.index(NAME)] for row in sheet.rows] if NAME in sheet.header else []
    codes = [row[sheet.header.index(CODE)] for row in sheet.rows]
    case = KeyCase(
        codes=tuple(codes),
        factors={factor: tuple(_complete(numbers[factor])) for factor in used},
        weights={factor: weight_of[factor] for factor in used},
        totals=tuple(totals),
        pressures=None if pressures is None else tuple(_complete(pressures)),
        names=tuple(name or code for name, code in zip(names, codes, strict=False)),
        years=tuple(years),
        minima=minima,
        maxima=maxima,
        roundings=roundings(used, request),
    )
    return case, rule


def _read_numbers(
    sheet: Sheet, factors: Sequence[str], correct: str | None
) -> dict[str, list[Value | None]]:
    """Read factors, bounds and the pressure (under "=" and its name), and check the codes."""
    faults = FaultList()
    kinds: dict[str, str] = {factor: factor for factor in factors}
    kinds |= {side: side for side in (MINIMUM, MAXIMUM) if side in sheet.header}
    if correct is not None:
        kinds[f"={correct}"] = correct
    places = {key: sheet.header.index(column) for key, column in kinds.items()}
    numbers: dict[str, list[Value | None]] = {key: [] for key in kinds}
    seen: dict[str, str] = {}
    for cells, place in zip(sheet.rows, sheet.places, strict=True):
        code = cells[sheet.header.index(CODE)]
        where = f"{sheet.name}, {place}, column {CODE}"
        if not code:
            faults.add(cell_fault("the municipality has no code", where, code))
        elif seen.setdefault(code, place) != place:
            faults.add(cell_fault(f"this code is also on {seen[code]}", where, code))
        for key, at in places.items():
            where = f"{sheet.name}, {place}, column {kinds[key]}"
            numbers[key].append(_read_number(cells[at], key, where, faults))
        if len(faults.faults) >= MOST_FAULTS:
            break
    faults.raise_if_any()
    for factor in factors:
        if not any(numbers[factor]):
            raise RefusedError(
                "the values are 0 for every municipality, so they share nothing",
                where=f"{sheet.name}, column {factor}",
                expected="a value above 0",
            )
    return numbers


def _read_number(text: str, key: str, where: str, faults: FaultList) -> Value | None:
    if not text:
        if key not in (MINIMUM, MAXIMUM):
            faults.add(cell_fault("the value is missing", where, text, "a number"))
        return None
    number = finite_number(text)
    if number is None:
        expected = "a number with a point as decimal mark and no thousands mark, such as 12.5"
        faults.add(cell_fault("this is no number", where, text, expected))
    elif number < 0:
        faults.add(cell_fault("this is negative", where, text, "0 or more"))
    elif key in (MINIMUM, MAXIMUM) and not number.is_integer():
        faults.add(cell_fault("this is not a whole number", where, text, "whole homes, or nothing"))
    elif key.startswith("=") and number == 0:
        faults.add(cell_fault("nothing can be divided by this pressure", where, text, "above 0"))
    else:
        return whole_or_float(text, number)
    return None


def _complete(values: Sequence[Value | None]) -> list[Value]:
    return [value for value in values if value is not None]


def _bounds(values: Sequence[Value | None]) -> tuple[int | None, ...]:
    return tuple(None if value is None else int(value) for value in values)
