"""The public figures that a key over municipalities uses, in the boundaries of any date.

Belongs here: which published figures make up a municipality's, and the estimate of association
dwellings. Does not belong here: reading and checking the files (`open_data.py`), where addresses
lie (`boundaries.py`), the key itself (`models.quota`).

A figure of a year is in the boundaries of 1 January of that year, or of the year before where it
lists municipalities that were no more (the stock of 2021 is the closing stock of 2020). It is
brought to the boundaries of the date that is asked: whole municipalities are added up, others are
shared out by addresses into whole numbers, so that the country's total is kept.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import FaultList, RefusedError, UitstroomError
from pipelines.sources.boundaries import Boundaries, split_whole
from pipelines.sources.open_data import FACTS_SOURCE, municipal_facts, municipalities

FIGURES = {
    "households": "households",
    "population": "population",
    "dwellings": "dwellings_1jan",
}
"""Columns of `key_factors` that are figures as published, and their measure."""

ASSOCIATION_PERCENT = "corporation_dwellings_pct"
PERCENT_ROUNDING = Fraction(1, 2)
"""Half the unit in which that percentage is published."""

FACTORS = frozenset({*FIGURES, "association_dwellings"})
"""Figures that a key may use."""

_SCHEMA = {
    "municipality_code": pl.String,
    "municipality_name": pl.String,
    "households": pl.Int64,
    "association_dwellings": pl.Int64,
    "association_dwellings_low": pl.Int64,
    "association_dwellings_high": pl.Int64,
    "population": pl.Int64,
    "dwellings": pl.Int64,
    "composed_of": pl.String,
}


def key_factors(
    root: Path,
    municipality_codes: Iterable[str],
    year: int,
    *,
    at: date | None = None,
    factors: Collection[str] = FACTORS,
) -> pl.DataFrame:
    """Give the figures that a key can use, for some municipalities and one year.

    `association_dwellings` is DERIVED: the dwelling stock times the published share owned by
    housing associations, a whole percent, rounded to whole dwellings. `..._low` and `..._high` are
    the same with half a percent less and more, the span inside which the published percent was
    rounded.

    Args:
        root: The folder of the public sources.
        municipality_codes: CBS codes.
        year: The year of the figures (1 January).
        at: The day in whose boundaries the municipalities are meant, None for those of the figures;
            one that did not exist then is meant as it was on the nearest day on which it did.
        factors: The figures of `FACTORS` that are needed; others are empty where they are missing.

    Returns:
        municipality_code, municipality_name, households, association_dwellings,
        association_dwellings_low, association_dwellings_high, population, dwellings (all whole
        numbers) and composed_of (codes of others of which figures are a part, else empty); one row
        a municipality, sorted by code.

    Raises:
        UitstroomError: No codes, a code that is none, stands twice or is unknown, or a municipality
            without a figure; the message says which figure and whose.
    """
    facts, known = municipal_facts(root), municipalities(root)
    codes = _check_codes(municipality_codes, facts)
    day = date(year, 1, 1) if at is None else at
    figures = _Figures(year, _values(facts, year), known.boundaries, day)
    _refuse_gaps(figures, codes, facts, factors)
    rows = [{"municipality_name": known.name(code), **figures.row(code)} for code in codes]
    return pl.DataFrame(rows, schema=_SCHEMA)


def facts_at(
    facts: pl.DataFrame, boundaries: Boundaries, codes: Iterable[str], at: date
) -> pl.DataFrame:
    """Bring the counts of some municipalities to the boundaries of a date, all their years.

    Args:
        facts: `municipal_facts`.
        boundaries: The changes.
        codes: The municipalities, as of that date.
        at: The date.

    Returns:
        The facts, in which the counts of `FIGURES` of these municipalities, and of those that they
        came from or went over into, are replaced by counts in the boundaries asked; a count of
        which a part is missing is not there. Other municipalities and measures are as they were.
    """
    wanted = sorted(set(codes))
    measures = list(FIGURES.values())
    counts = facts.filter(pl.col("measure").is_in(measures))
    rows = []
    for (year,), _ in counts.group_by("year", maintain_order=True):
        figures = _Figures(int(str(year)), _values(facts, int(str(year))), boundaries, at)
        for measure in measures:
            for code in wanted:
                if not figures.lacks(code, measure):
                    rows.append(
                        (code, int(str(year)), measure, float(figures.count(code, measure)))
                    )
    near = boundaries.predecessors(boundaries.successors(wanted))
    touched = {code for code in near if not boundaries.exists(code, at)} | set(wanted)
    kept = facts.filter(
        ~(pl.col("measure").is_in(measures) & pl.col("municipality_code").is_in(sorted(touched)))
    ).select("municipality_code", "year", "measure", "value")
    made = pl.DataFrame(
        rows,
        schema={
            "municipality_code": pl.String,
            "year": pl.Int32,
            "measure": pl.String,
            "value": pl.Float64,
        },
        orient="row",
    )
    return pl.concat([kept, made]).sort("municipality_code", "year", "measure")


@dataclass(frozen=True)
class _Figures:
    """The figures of a year, and how its boundaries become those of a date."""

    year: int
    values: Mapping[str, Mapping[str, Fraction]]
    """Measure -> code -> figure."""
    boundaries: Boundaries
    at: date

    @cached_property
    def drawn(self) -> dict[str, date]:
        """Give the day of the boundaries of every measure."""
        first, before = date(self.year, 1, 1), date(self.year - 1, 12, 31)
        return {
            measure: first
            if all(self.boundaries.exists(code, first) for code in values)
            else before
            for measure, values in self.values.items()
        }

    def parts(self, code: str, measure: str) -> list[str]:
        """Give of which municipalities of the year's boundaries a municipality has a part."""
        drawn = self.drawn.get(measure, date(self.year, 1, 1))
        return sorted(self.boundaries.shares(code, drawn, drawn=self.at))

    def lacks(self, code: str, measure: str) -> bool:
        """Tell whether a figure of a municipality cannot be given."""
        parts = self.parts(code, measure)
        known = self.values.get(measure, {})
        if not parts or not all(part in known for part in parts):
            return True
        if measure == ASSOCIATION_PERCENT:  # of each part's own stock
            stock = self.values.get(FIGURES["dwellings"], {})
            return not all(part in stock for one in parts for part in self._stock_parts(one))
        return False

    def count(self, code: str, measure: str) -> int:
        """Give a municipality's count, a whole number, in the boundaries asked."""
        own = {part: _rounded(self.values[measure][part]) for part in self.parts(code, measure)}
        return self._brought(own, code, self.drawn[measure])

    def row(self, code: str) -> dict[str, Any]:
        """Give a municipality's row of `key_factors`, without its name."""
        row: dict[str, Any] = {"municipality_code": code}
        known = [
            measure
            for measure in (*FIGURES.values(), ASSOCIATION_PERCENT)
            if not self.lacks(code, measure)
        ]
        for column, measure in FIGURES.items():
            row[column] = self.count(code, measure) if measure in known else None
        for column, shift in (("", 0), ("_low", -PERCENT_ROUNDING), ("_high", PERCENT_ROUNDING)):
            row[f"association_dwellings{column}"] = (
                self._association_dwellings(code, shift) if ASSOCIATION_PERCENT in known else None
            )
        others = {part for measure in known for part in self.parts(code, measure)} - {code}
        row["composed_of"] = ", ".join(sorted(others))
        return row

    def _association_dwellings(self, code: str, shift: Fraction | int) -> int:
        """Give the estimate: of each part's own stock, with that part's own percent."""
        own = {}
        for part in self.parts(code, ASSOCIATION_PERCENT):
            percent = self.values[ASSOCIATION_PERCENT][part] + shift
            share = min(max(percent, Fraction(0)), Fraction(100)) / 100
            own[part] = _rounded(self._stock(part) * share)
        return self._brought(own, code, self.drawn[ASSOCIATION_PERCENT])

    def _stock_parts(self, part: str) -> list[str]:
        stock, percent = FIGURES["dwellings"], ASSOCIATION_PERCENT
        drawn = self.drawn.get(stock, date(self.year, 1, 1))
        return sorted(self.boundaries.shares(part, drawn, drawn=self.drawn[percent]))

    def _stock(self, part: str) -> int:
        """Give the dwelling stock of a municipality in the boundaries of the percentages."""
        stock = FIGURES["dwellings"]
        total = 0
        for one in self._stock_parts(part):
            shares = self.boundaries.shares(
                one, self.drawn[ASSOCIATION_PERCENT], drawn=self.drawn[stock]
            )
            total += split_whole(_rounded(self.values[stock][one]), shares).get(part, 0)
        return total

    def _brought(self, own: Mapping[str, int], code: str, drawn: date) -> int:
        """Add up what a municipality gets of the whole numbers of others."""
        return sum(
            split_whole(number, self.boundaries.shares(part, self._meant(code), drawn=drawn)).get(
                code, 0
            )
            for part, number in own.items()
        )

    def _meant(self, code: str) -> date:
        """Give the day in whose boundaries a municipality is meant."""
        return self.boundaries.meant(code, self.at)


def _values(facts: pl.DataFrame, year: int) -> dict[str, dict[str, Fraction]]:
    rows = facts.filter(
        (pl.col("year") == year) & pl.col("measure").is_in([*FIGURES.values(), ASSOCIATION_PERCENT])
    ).select("measure", "municipality_code", "value")
    found: dict[str, dict[str, Fraction]] = {}
    for measure, code, value in rows.iter_rows():
        found.setdefault(measure, {})[code] = Fraction(str(value))
    return found


def _refuse_gaps(
    figures: _Figures, codes: list[str], facts: pl.DataFrame, factors: Collection[str]
) -> None:
    """Raise for the municipalities without a figure, one fault for each figure."""
    faults = FaultList()
    estimated = "association_dwellings" in factors
    needed = [
        measure
        for column, measure in FIGURES.items()
        if column in factors or (estimated and column == "dwellings")
    ]
    for measure in (*needed, *([ASSOCIATION_PERCENT] if estimated else [])):
        without = [code for code in codes if figures.lacks(code, measure)]
        if without:
            years = facts.filter(
                (pl.col("measure") == measure) & pl.col("municipality_code").is_in(without)
            )["year"]
            known = ", ".join(str(year) for year in sorted(set(years)))
            faults.add(
                UitstroomError(
                    f"there is no {measure} of {figures.year} for {', '.join(without)}",
                    where=FACTS_SOURCE,
                    found=f"figures of {known}" if known else "no figures of any year",
                    expected="a figure for every municipality of the key",
                    todo="Take another year, or add the figure with its source.",
                )
            )
    faults.raise_if_any()


def _check_codes(municipality_codes: Iterable[str], facts: pl.DataFrame) -> list[str]:
    codes = sorted(municipality_codes)
    if not codes:
        raise UitstroomError("there are no municipalities to find figures for")
    known = set(facts["municipality_code"])
    faults = FaultList()
    for code in sorted(set(codes)):
        if codes.count(code) > 1:
            faults.add(RefusedError(f"municipality {code} stands more than once"))
        if code not in known:
            faults.add(
                RefusedError(
                    f"municipality {code} is not known",
                    where=FACTS_SOURCE,
                    expected="a CBS code such as GM0392 that the public figures hold",
                )
            )
    faults.raise_if_any()
    return codes


def _rounded(value: Fraction) -> int:
    """Round to a whole number, halves up."""
    return int(value + Fraction(1, 2))
