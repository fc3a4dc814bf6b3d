"""Public statistics: their declarations, their checks, and the figures that a key needs.

Belongs here: reading `data/raw/open/<source>/` (a `source.toml` beside CSV files). Does not belong
here: deliveries of a region, the key itself (`models.quota`), fetching anything from a network.
"""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import Field, ValidationError

from models.errors import FaultList, RefusedError, UitstroomError
from models.records import Identifier, Record
from models.registry import nearest

DECLARATION = "source.toml"
FACTS_SOURCE = "cbs_municipal_facts"
CHANGES_SOURCE = "municipality_changes"
COUNTRY_CODE = "NL01"
"""Code of the rows with published national totals, which are no municipality."""

MUNICIPALITY_CODE = r"^GM\d{4}$"
WHOLE_SHARE = Fraction(99, 100)
"""A municipality whose addresses go over to another for at least this share went over whole."""

FIGURES = {
    "households": "households",
    "population": "population",
    "dwellings": "dwellings_1jan",
}
"""Columns of `key_factors` that are figures as published, and their measure."""

ASSOCIATION_PERCENT = "corporation_dwellings_pct"
PERCENT_ROUNDING = Fraction(1, 2)
"""Half the unit in which that percentage is published."""

Values = Mapping[tuple[str, str], Fraction]
"""Figures of one year by municipality and measure."""


class OpenFile(Record):
    """One CSV file of a public source: what it holds, its hash and its length."""

    name: str = Field(pattern=r"^[a-z0-9_]+\.csv$")
    about: str = Field(min_length=3)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rows: int = Field(ge=0)
    columns: dict[str, Annotated[str, Field(min_length=3)]] = Field(min_length=1)
    """Meaning and unit by column, in the order of the file."""


class OpenSource(Record):
    """A public source: who made it, under which licence, which edition, and its files."""

    id: Identifier
    title: str = Field(min_length=3)
    producer: str = Field(min_length=2)
    publisher: str = Field(min_length=2)
    licence: str = Field(min_length=2)
    vintage: str = Field(min_length=4)
    """Edition or reference date."""
    accessed: date
    citation: str = Field(min_length=3)
    address: str | None = None
    derived: tuple[str, ...] = ()
    """What was computed rather than read, and how."""
    traps: tuple[str, ...] = ()
    files: tuple[OpenFile, ...] = Field(min_length=1)
    folder: Path = Field(exclude=True, repr=False)
    """Where the files lie; not part of the declaration."""

    @property
    def sha256(self) -> str:
        """One hash over all files, by their declared hashes."""
        lines = "".join(f"{file.sha256} {file.name}\n" for file in self.files)
        return sha256(lines.encode()).hexdigest()


def load_open_sources(root: Path) -> list[OpenSource]:
    """Read the declarations of all public sources.

    Args:
        root: The folder whose folders are sources.

    Returns:
        The sources, sorted by id. Their files are not read: see `verify_source`.

    Raises:
        UitstroomError: There is no such folder, or a declaration is missing or has a fault.
    """
    if not root.is_dir():
        raise UitstroomError("the folder of the public sources is not there", where=str(root))
    folders = sorted(path for path in root.iterdir() if path.is_dir())
    return [_read_source(folder) for folder in folders if not folder.name.startswith(".")]


def verify_source(source: OpenSource) -> dict[str, int]:
    """Check the files of a source against its declaration.

    Returns:
        Rows by file.

    Raises:
        UitstroomError: A file is missing, undeclared, or differs in hash, columns or rows; one
            sentence a file.
    """
    faults = FaultList()
    declared = {file.name for file in source.files}
    for path in sorted(source.folder.iterdir()):
        if path.name not in {*declared, DECLARATION}:
            faults.add(
                UitstroomError(
                    "this file is not declared",
                    where=f"{source.id}/{path.name}",
                    expected=f"only {', '.join(sorted(declared))} and {DECLARATION}",
                    todo=f"Declare it in {DECLARATION} or take it away.",
                )
            )
    for file in source.files:
        try:
            _verify_file(source, file)
        except UitstroomError as fault:
            faults.add(fault)
    faults.raise_if_any()
    return {file.name: file.rows for file in source.files}


def municipal_facts(root: Path) -> pl.DataFrame:
    """Read the public figures of all municipalities.

    Args:
        root: The folder of the public sources.

    Returns:
        municipality_code, name (null where the source has none), year, measure, value and
        source_id (the edition), one row a municipality, year and measure, in that order. The unit
        follows from the measure: see `measures.csv` beside the file. National totals are left out.

    Raises:
        UitstroomError: A row with a code, year or value that is none, a negative value, an unknown
            measure or edition, or a second row for the same figure; the message names the line.
    """
    folder = root / FACTS_SOURCE
    raw = _read_csv(folder / "municipal_facts.csv")
    facts = raw.with_row_index("line", offset=2).select(
        "line",
        municipality_code="gm_code",
        name="name",
        year=pl.col("year").cast(pl.Int32, strict=False),
        measure="measure",
        value=pl.col("value").cast(pl.Float64, strict=False),
        source_id="source",
    )
    facts = facts.filter(pl.col("municipality_code").ne_missing(COUNTRY_CODE))
    key = ["municipality_code", "year", "measure"]
    measures = _read_csv(folder / "measures.csv")["measure"].implode()
    editions = _read_csv(folder / "editions.csv")["source"].implode()
    wanted = {
        "a municipality code such as GM0392": pl.col("municipality_code").str.contains(
            MUNICIPALITY_CODE
        ),
        "a year": pl.col("year").is_between(1990, 2100),
        "a measure of measures.csv": pl.col("measure").is_in(measures),
        "a value of 0 or more": pl.col("value").is_finite() & (pl.col("value") >= 0),
        "an edition of editions.csv": pl.col("source_id").is_in(editions),
        "one row for a municipality, year and measure": pl.struct(key).is_unique(),
    }
    for expected, holds in wanted.items():
        wrong = facts.filter(~holds.fill_null(value=False))
        if not wrong.is_empty():
            line = wrong["line"][0]
            raise UitstroomError(
                f"{wrong.height} rows are wrong",
                where=f"{FACTS_SOURCE}/municipal_facts.csv, line {line}",
                found=", ".join(str(value) for value in raw.row(line - 2)),
                expected=expected,
            )
    return facts.drop("line").sort(key)


def municipal_codes(root: Path) -> frozenset[str]:
    """Give every code of a municipality that the public figures or boundary changes know of.

    Raises:
        UitstroomError: The public figures have a fault.
    """
    changes = _read_csv(root / CHANGES_SOURCE / "boundary_changes.csv")
    return frozenset(municipal_facts(root)["municipality_code"]).union(
        changes["from_gm"], changes["to_gm"]
    )


def key_factors(root: Path, municipality_codes: Iterable[str], year: int) -> pl.DataFrame:
    """Give the figures that a key can use, for some municipalities and one year.

    `association_dwellings` is DERIVED: the dwelling stock times the published share owned by
    housing associations, a whole percent, rounded to whole dwellings. `..._low` and `..._high` are
    the same with half a percent less and more, the span inside which the published percent was
    rounded.

    A municipality that came from a merger after the year, and has no figure of its own, gets the
    sum of those that went over into it whole; `composed_of` says which.

    Args:
        root: The folder of the public sources.
        municipality_codes: CBS codes.
        year: The year of the figures (1 January).

    Returns:
        municipality_code, municipality_name, households, association_dwellings,
        association_dwellings_low, association_dwellings_high, population, dwellings (all whole
        numbers) and composed_of (codes, empty where all figures are the municipality's own); one
        row a municipality, sorted by code.

    Raises:
        UitstroomError: No codes, a code that is none, stands twice or is unknown, or a municipality
            without a figure; the message says which figure and whose.
    """
    facts = municipal_facts(root)
    codes = _check_codes(municipality_codes, facts)
    in_year = facts.filter(pl.col("year") == year)
    figures = _Figures(
        year=year,
        values={
            (code, measure): Fraction(str(value))
            for code, measure, value in in_year.select(
                "municipality_code", "measure", "value"
            ).rows()
        },
        changes=_read_changes(root),
    )
    names = dict(
        facts.drop_nulls("name").sort("year").select("municipality_code", "name").iter_rows()
    )
    _refuse_gaps(figures, codes, facts)
    rows = [{"municipality_name": names.get(code, code), **figures.row(code)} for code in codes]
    return pl.DataFrame(rows).select(
        "municipality_code",
        "municipality_name",
        "households",
        "association_dwellings",
        "association_dwellings_low",
        "association_dwellings_high",
        "population",
        "dwellings",
        "composed_of",
    )


@dataclass(frozen=True)
class _Figures:
    """The figures of a year, with what is known of mergers."""

    year: int
    values: Values
    changes: pl.DataFrame

    def parts(self, code: str, measure: str) -> list[str]:
        """Give whose figures make up a municipality's: its own, else its predecessors', or none.

        Stock figures of a year may still be on the boundaries of the year before.
        """
        if (code, measure) in self.values:
            return [code]
        for before in (self.year, self.year - 1):
            for _, group in self.changes.filter(
                (pl.col("from_year") == before) & (pl.col("to_gm") == code)
            ).group_by("to_year", maintain_order=True):
                parts = self._whole_parts(group)
                if parts and all((part, measure) in self.values for part in parts):
                    return parts
        return []

    @staticmethod
    def _whole_parts(group: pl.DataFrame) -> list[str]:
        """Give the predecessors that went over whole, or none if others brought much too."""
        whole = group.filter(pl.col("share_of_from") >= float(WHOLE_SHARE))
        brought, all_brought = int(whole["addresses"].sum()), int(group["addresses"].sum())
        return sorted(whole["from_gm"]) if brought >= WHOLE_SHARE * all_brought else []

    def lacks(self, code: str, measure: str) -> bool:
        """Tell whether a figure of a municipality cannot be given."""
        parts = self.parts(code, measure)
        if measure == ASSOCIATION_PERCENT:  # of each part's own stock
            return not parts or any(self.lacks(part, FIGURES["dwellings"]) for part in parts)
        return not parts

    def row(self, code: str) -> dict[str, Any]:
        """Give a municipality's row of `key_factors`, without its name."""
        parts = {measure: self.parts(code, measure) for measure in FIGURES.values()}
        row: dict[str, Any] = {"municipality_code": code}
        for column, measure in FIGURES.items():
            row[column] = _rounded(self._sum(parts[measure], measure))
        shares = self.parts(code, ASSOCIATION_PERCENT)
        for column, shift in (("", 0), ("_low", -PERCENT_ROUNDING), ("_high", PERCENT_ROUNDING)):
            row[f"association_dwellings{column}"] = sum(
                self._association_dwellings(part, shift) for part in shares
            )
        others = {part for found in (*parts.values(), shares) for part in found} - {code}
        row["composed_of"] = ", ".join(sorted(others))
        return row

    def _association_dwellings(self, code: str, shift: Fraction | int) -> int:
        stock = self._sum(self.parts(code, FIGURES["dwellings"]), FIGURES["dwellings"])
        percent = self.values[code, ASSOCIATION_PERCENT] + shift
        return _rounded(stock * min(max(percent, Fraction(0)), Fraction(100)) / 100)

    def _sum(self, codes: Iterable[str], measure: str) -> Fraction:
        return sum((self.values[code, measure] for code in codes), Fraction(0))


def _refuse_gaps(figures: _Figures, codes: list[str], facts: pl.DataFrame) -> None:
    """Raise for the municipalities without a figure, one fault for each figure."""
    faults = FaultList()
    for measure in (*FIGURES.values(), ASSOCIATION_PERCENT):
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


def _read_changes(root: Path) -> pl.DataFrame:
    changes = _read_csv(root / CHANGES_SOURCE / "boundary_changes.csv")
    return changes.with_columns(
        pl.col("from_year", "to_year").cast(pl.Int32),
        pl.col("addresses").cast(pl.Int64),
        pl.col("share_of_from").cast(pl.Float64),
    ).sort("from_year", "to_year", "from_gm", "to_gm")


def _read_csv(path: Path) -> pl.DataFrame:
    """Read a CSV as text; an empty cell is null."""
    if not path.is_file():
        raise UitstroomError(
            "this file of a public source is not there", where=f"{path.parent.name}/{path.name}"
        )
    return pl.read_csv(path, infer_schema=False)


def _read_source(folder: Path) -> OpenSource:
    path = folder / DECLARATION
    where = f"{folder.name}/{DECLARATION}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UitstroomError(
            f"a public source has no {DECLARATION}", where=folder.name, todo="Write one."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UitstroomError("this is not valid TOML", where=where, found=str(error)) from error
    if "folder" in data:
        raise UitstroomError("key 'folder' is not known", where=where, todo="Take it out.")
    try:
        source = OpenSource.model_validate({**data, "folder": folder})
    except ValidationError as error:
        raise _declaration_fault(error, where) from error
    if source.id != folder.name:
        raise UitstroomError(
            "the id is not the name of the folder",
            where=where,
            found=source.id,
            expected=folder.name,
        )
    return source


def _declaration_fault(error: ValidationError, where: str) -> UitstroomError:
    """Turn the first fault of a declaration into a sentence."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        beside = OpenFile if first["loc"][0] == "files" else OpenSource
        known = [name for name in beside.model_fields if name != "folder"]
        return UitstroomError(
            f"key {place!r} is not known", where=where, todo=nearest(str(first["loc"][-1]), known)
        )
    if first["type"] == "missing":
        return UitstroomError(f"key {place!r} is missing", where=where, todo="Add it.")
    return UitstroomError(first["msg"], where=f"{where}, {place}", found=repr(first["input"]))


def _verify_file(source: OpenSource, file: OpenFile) -> None:
    where = f"{source.id}/{file.name}"
    path = source.folder / file.name
    if not path.is_file():
        raise UitstroomError("a declared file is not there", where=where)
    content = path.read_bytes()
    found = sha256(content).hexdigest()
    if found != file.sha256:
        raise UitstroomError(
            "the file is not the one that was declared",
            where=where,
            found=f"sha256 {found}",
            expected=file.sha256,
            todo="Put the declared file back, or declare the new one with its edition.",
        )
    rows = csv.reader(StringIO(content.decode("utf-8"), newline=""))
    header = next(rows, [])
    if header != list(file.columns):
        raise UitstroomError(
            "the columns are not those that were declared",
            where=where,
            found=", ".join(header),
            expected=", ".join(file.columns),
        )
    count = sum(1 for _ in rows)
    if count != file.rows:
        raise UitstroomError(
            "the number of rows is not the declared one",
            where=where,
            found=str(count),
            expected=str(file.rows),
        )


def _rounded(value: Fraction) -> int:
    """Round to a whole number, halves up."""
    return int(value + Fraction(1, 2))
