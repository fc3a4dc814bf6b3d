"""Wide CSV files of statistics, read by a mapping file into one figure a row.

Belongs here: exports with a column a measure (StatLine's website) or a column a period (Swing, the
sites of municipal figures), told by a mapping, never guessed. Does not belong here: deliveries of a
region (`deliveries`), services (`cbs`).

Everything that the mapping does not name refuses the file, with line and column: a region that
nobody knows, a symbol, a column, a number in another notation.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, Self

import polars as pl
from pydantic import Field, ValidationError, model_validator

from models.errors import FaultList, RefusedError
from models.records import Identifier, Record
from pipelines.sources.municipalities import Municipalities
from pipelines.sources.open_store import FACT_COLUMNS

GIVEN = "given"
IMPOSSIBLE = "impossible"
MOST_BYTES = 50 * 2**20
SHOWN_FAULTS = 20
"""Faults that are told of one file."""

Status = Literal["unknown", "secret", "nil", "unreliable", "impossible"]


class WideMeasure(Record):
    """A measure of the file.

    `header` is the whole header of its column (StatLine writes the path of groups and the unit
    into it), and empty where the columns are periods.
    """

    header: str = ""
    measure: Identifier
    unit: str = Field(min_length=1)
    is_whole: bool = True


class Mapping(Record):
    """How a wide file is to be read, and what source it is."""

    id: Identifier
    title: str = Field(min_length=3)
    producer: str = Field(min_length=2)
    publisher: str = Field(min_length=2)
    licence: str = Field(min_length=2)
    vintage: str = Field(min_length=4)
    citation: str = Field(min_length=3)
    address: str = ""
    traps: tuple[str, ...] = ()

    layout: Literal["column_a_measure", "column_a_period"]
    encoding: Literal["utf-8", "cp1252"] = "utf-8"
    separator: str = Field(default=";", min_length=1, max_length=1)
    decimal: Literal[",", "."] = ","
    thousands: Literal["", ".", ","] = ""
    region_column: str = Field(min_length=1)
    period_column: str = ""
    period: str = r"(\d{4})"
    """Pattern of a period, of a cell or of a header; its one group is the year."""
    ignored_columns: tuple[str, ...] = ()
    """Headers that are left out; * stands for anything."""
    other_areas: tuple[str, ...] = ()
    """Names of areas that are no municipality; * stands for anything."""
    missing: dict[str, Status]
    """What stands instead of a number, and what it means: none of these is 0."""
    measures: tuple[WideMeasure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_its_layout(self) -> Self:
        by_period = self.layout == "column_a_period"
        if by_period and (len(self.measures) > 1 or self.measures[0].header or self.period_column):
            raise ValueError("a file with a column a period has one measure, without a header")
        if not by_period and not (self.period_column and all(m.header for m in self.measures)):
            raise ValueError("a file with a column a measure needs period_column and headers")
        if self.thousands == self.decimal:
            raise ValueError("thousands and decimals cannot have the same mark")
        if re.compile(self.period).groups != 1:
            raise ValueError("the pattern of a period needs one group, the year")
        return self


@dataclass(frozen=True)
class WideTable:
    """The figures of a wide file, and what became of every row and cell.

    Attributes:
        facts: FACT_COLUMNS; value and status as text, sorted; blanks have no row.
        rows: Data rows of the file.
        area_rows: Rows of areas that are no municipality.
        cells: Cells of the wanted measures in rows of municipalities.
        blank_cells: How many of them were blank, because no figure can exist.
    """

    facts: pl.DataFrame
    rows: int
    area_rows: int
    cells: int
    blank_cells: int


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        RefusedError: It is not there, is no TOML, or has a fault.
    """
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RefusedError("the mapping file is not there", where=path.name) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RefusedError("this is not valid TOML", where=path.name, found=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RefusedError(first["msg"], where=f"{path.name}, {place}".rstrip(", ")) from error


def read_wide_csv(
    content: bytes, mapping: Mapping, municipalities: Municipalities, *, where: str
) -> WideTable:
    """Read a wide file.

    Args:
        content: The file.
        mapping: How it is to be read.
        municipalities: Who knows names and codes.
        where: Name of the file, for errors.

    Raises:
        RefusedError: The file holds something that the mapping does not name; every fault is told
            with its line and column, at most SHOWN_FAULTS of them.
    """
    return _Reading(mapping, municipalities, where).read(content)


@dataclass
class _Reading:
    mapping: Mapping
    municipalities: Municipalities
    where: str
    faults: FaultList = field(default_factory=FaultList)

    def read(self, content: bytes) -> WideTable:
        lines = list(self._lines(content))
        header = self._header(lines)
        columns = self._columns(header)
        self.faults.raise_if_any()
        facts: dict[tuple[str, int, str], tuple[int, dict[str, str]]] = {}
        area_rows = cells = blank_cells = 0
        for line, texts in lines[1:]:
            if len(texts) != len(header):
                self._refuse(line, "", "the row is too short or too long",
                             f"{len(texts)} fields", f"{len(header)} fields")  # fmt: skip
                continue
            row = dict(zip(header, texts, strict=True))
            region = row[self.mapping.region_column].strip()
            if _matches(region, self.mapping.other_areas):
                area_rows += 1
                continue
            found = list(self._cells(line, row, columns))
            cells += len(found)
            blank_cells += sum(status == IMPOSSIBLE for *_, status in found)
            given = [cell for cell in found if cell[-1] != IMPOSSIBLE]
            if given:
                self._keep(line, region, given, facts)
        self._raise()
        rows = [row for _, row in facts.values()]
        frame = pl.DataFrame(rows, schema=dict.fromkeys(FACT_COLUMNS, pl.String))
        ordered = frame.sort("municipality_code", "year", "measure")
        return WideTable(ordered, len(lines) - 1, area_rows, cells, blank_cells)

    # --- the file --------------------------------------------------------------------------------

    def _lines(self, content: bytes) -> Iterator[tuple[int, list[str]]]:
        if len(content) > MOST_BYTES:
            raise RefusedError(
                "the file is too large", where=self.where, expected=f"at most {MOST_BYTES} bytes"
            )
        if not content.endswith((b"\n", b"\r")):
            raise RefusedError(
                "the file ends in the middle of a line",
                where=self.where,
                todo="It may have been cut off: export it again.",
            )
        encoding = "utf-8-sig" if self.mapping.encoding == "utf-8" else self.mapping.encoding
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            raise RefusedError(
                f"the file is not {self.mapping.encoding}",
                where=f"{self.where}, byte {error.start}",
            ) from error
        if "\0" in text:
            raise RefusedError("the file holds NUL characters", where=self.where)
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=self.mapping.separator, strict=True
        )
        try:
            for texts in reader:
                if texts:
                    yield reader.line_num, texts
        except csv.Error as error:
            raise RefusedError(
                "this line cannot be read", where=f"{self.where}, line {reader.line_num}",
                found=str(error),
            ) from error  # fmt: skip

    def _header(self, lines: list[tuple[int, list[str]]]) -> list[str]:
        header = [text.strip() for text in lines[0][1]] if lines else []
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice or len(lines) < 2:
            raise RefusedError(
                "two columns have the same name" if twice else "the file holds no rows",
                where=f"{self.where}, line 1",
                found=", ".join(map(repr, twice)),
            )
        return header

    def _columns(self, header: list[str]) -> dict[str, tuple[WideMeasure, int | None]]:
        """Give measure and year (None: in a column of its own) of every column of figures."""
        mapping = self.mapping
        wanted = {measure.header: measure for measure in mapping.measures}
        found: dict[str, tuple[WideMeasure, int | None]] = {}
        for name in header:
            year = self._year(name) if mapping.layout == "column_a_period" else None
            if name in wanted and name:
                found[name] = (wanted[name], None)
            elif year is not None:
                found[name] = (mapping.measures[0], year)
            elif name not in (mapping.region_column, mapping.period_column) and not _matches(
                name, mapping.ignored_columns
            ):
                self._refuse(1, name, "the mapping does not name this column")
        needed = [mapping.region_column, mapping.period_column, *(n for n in wanted if n)]
        for name in needed:
            if name and name not in header:
                self._refuse(1, name, "the column is not there")
        if not found:
            self._refuse(1, "", "no column holds figures", "", f"headers like {mapping.period}")
        return found

    # --- a row -----------------------------------------------------------------------------------

    def _cells(
        self, line: int, row: dict[str, str], columns: dict[str, tuple[WideMeasure, int | None]]
    ) -> Iterator[tuple[str, WideMeasure, int, str, str]]:
        """Give column, measure, year, value and status of every cell of figures."""
        own_year = 0
        if self.mapping.period_column:
            text = row[self.mapping.period_column].strip()
            own_year = self._year(text) or 0
            if not own_year:
                self._refuse(line, self.mapping.period_column, "this is no period", repr(text),
                             f"a text like {self.mapping.period}")  # fmt: skip
                return
        for name, (measure, year) in columns.items():
            text = row[name].strip()
            value, status = self._value(line, name, text, measure)
            if status:
                yield name, measure, own_year if year is None else year, value, status

    def _value(self, line: int, name: str, text: str, measure: WideMeasure) -> tuple[str, str]:
        """Give value and status of a cell; no status where the cell was refused."""
        mapping = self.mapping
        if text in mapping.missing:
            return "", mapping.missing[text]
        mark = re.escape(mapping.thousands)
        whole = rf"-?(?:\d+|\d{{1,3}}(?:{mark}\d{{3}})+)" if mark else r"-?\d+"
        pattern = whole if measure.is_whole else rf"{whole}(?:{re.escape(mapping.decimal)}\d+)?"
        if not re.fullmatch(pattern, text, re.ASCII):
            kind = "a whole number" if measure.is_whole else f"a number such as 4{mapping.decimal}5"
            known = ", ".join(repr(symbol) for symbol in mapping.missing)
            self._refuse(line, name, "this is no figure", repr(text), f"{kind}, or one of {known}")
            return "", ""
        plain = text.replace(mapping.thousands, "") if mapping.thousands else text
        return plain.replace(mapping.decimal, "."), GIVEN

    def _keep(
        self,
        line: int,
        region: str,
        cells: list[tuple[str, WideMeasure, int, str, str]],
        facts: dict[tuple[str, int, str], tuple[int, dict[str, str]]],
    ) -> None:
        read = self.municipalities.resolve(region)
        if read.code is None:
            self._refuse(line, self.mapping.region_column, "this is no municipality that is known",
                         repr(region), read.suggestion)  # fmt: skip
            return
        for name, measure, year, value, status in cells:
            key = (read.code, year, measure.measure)
            if key in facts:
                self._refuse(line, name, f"{read.code} has two figures of {year}",
                             f"the other one in line {facts[key][0]}")  # fmt: skip
                continue
            values = (
                read.code, self.municipalities.name(read.code), str(year), measure.measure,
                value, status,
            )  # fmt: skip
            facts[key] = (line, dict(zip(FACT_COLUMNS, values, strict=True)))

    def _year(self, text: str) -> int | None:
        match = re.fullmatch(self.mapping.period, text)
        return int(match[1]) if match and match[1].isdecimal() else None

    # --- faults ----------------------------------------------------------------------------------

    def _refuse(
        self, line: int, column: str, what: str, found: str = "", expected: str = ""
    ) -> None:
        where = f"{self.where}, line {line}" + (f", column {column!r}" if column else "")
        self.faults.add(RefusedError(what, where=where, found=found, expected=expected))
        if len(self.faults.faults) >= SHOWN_FAULTS:
            self._raise()

    def _raise(self) -> None:
        self.faults.raise_if_any()


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
