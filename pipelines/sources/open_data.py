"""Public statistics: their declarations, their checks, and what they tell of municipalities.

Belongs here: reading `data/raw/open/<source>/` (a `source.toml` beside CSV files). Does not belong
here: figures of a key (`key_figures.py`), deliveries, fetching anything from a network.
"""

import csv
import tomllib
from datetime import date
from functools import lru_cache
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import Field, ValidationError

from models.errors import FaultList, UitstroomError
from models.records import Identifier, Record
from models.registry import nearest
from pipelines.sources.boundaries import Boundaries, read_steps
from pipelines.sources.municipalities import Municipalities

DECLARATION = "source.toml"
FACTS_SOURCE = "cbs_municipal_facts"
CHANGES_SOURCE = "municipality_changes"
NAMES_SOURCE = "municipality_names"
TWO_READINGS = "two_readings.csv"
"""The file that declares which figures differ between two readings of the same."""
FETCHED_FACTS = "municipal_figures.csv"
"""File of a fetched source with figures that a run reads."""

_REMEMBERED = 4
"""Stands of the figures of municipalities that are kept: a process works on one, a test on few."""

FIRST_FETCHED_YEAR = 2012
"""Fetched figures of years before are left out: their municipalities are not in the changes."""

COUNTRY_CODE = "NL01"
"""Code of the rows with published national totals, which are no municipality."""

MUNICIPALITY_CODE = r"^GM\d{4}$"


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

    @property
    def state_sha256(self) -> str:
        """One hash over its files and all that is said of them: what a run and its report show.

        A day of retrieval that moves on makes another edition of the region, not of the source.
        """
        return sha256(self.model_dump_json().encode()).hexdigest()


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
    if TWO_READINGS in declared:
        _check_readings(source)
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
    return _facts_of(root, _stand_of(root))


@lru_cache(maxsize=_REMEMBERED)
def _facts_of(root: Path, _stand: str) -> pl.DataFrame:
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
    return _with_fetched(facts.drop("line"), root, key).sort(key)


def _with_fetched(facts: pl.DataFrame, root: Path, key: list[str]) -> pl.DataFrame:
    """Put the figures of fetched sources in the place of the shipped ones, and add what is new.

    Where two fetched sources give the same figure, the one whose id comes last counts. Names stay
    as shipped: statistics write some otherwise ("Groningen (gemeente)").
    """
    fetched = [facts]
    for path in sorted(root.glob(f"[!.]*/{FETCHED_FACTS}"), key=lambda path: path.parent.name):
        fetched.append(
            _read_csv(path)
            .filter(pl.col("status") == "given")
            .select(
                "municipality_code",
                "name",
                year=pl.col("year").cast(pl.Int32),
                measure="measure",
                value=pl.col("value").cast(pl.Float64),
                source_id=pl.lit(path.parent.name),
            )
            .filter(pl.col("year") >= FIRST_FETCHED_YEAR)
        )
    if len(fetched) == 1:
        return facts
    named = facts.drop_nulls("name").sort("year").select("municipality_code", "name")
    names = dict(named.iter_rows())
    shown = pl.col("municipality_code").replace_strict(
        names, default=pl.col("name"), return_dtype=pl.String
    )
    both = pl.concat([facts, *(frame.with_columns(name=shown) for frame in fetched[1:])])
    return both.unique(key, keep="last", maintain_order=True)


def municipal_codes(root: Path) -> frozenset[str]:
    """Give every code of a municipality that the public figures or boundary changes know of.

    Raises:
        UitstroomError: The public figures have a fault.
    """
    changes = _read_csv(root / CHANGES_SOURCE / "boundary_changes.csv")
    return frozenset(municipal_facts(root)["municipality_code"]).union(
        changes["from_gm"], changes["to_gm"]
    )


def municipalities(root: Path) -> Municipalities:
    """Read which municipalities there are and were, how they are written, and their changes.

    Args:
        root: The folder of the public sources.

    Raises:
        UitstroomError: A public figure or a change has a fault.
    """
    return _municipalities_of(root, _stand_of(root))


@lru_cache(maxsize=_REMEMBERED)
def _municipalities_of(root: Path, _stand: str) -> Municipalities:
    facts = municipal_facts(root)
    ended = _read_csv(root / NAMES_SOURCE / "ended.csv")
    aliases = _read_csv(root / NAMES_SOURCE / "aliases.csv")
    published = facts.drop_nulls("name").sort("year").select("municipality_code", "name")
    names: dict[str, list[str]] = {code: [] for code in sorted(municipal_codes(root))}
    for code, name in (*ended.select("gm_code", "name").iter_rows(), *published.iter_rows()):
        names.setdefault(code, []).append(name)
    return Municipalities(
        names, aliases.select("name", "gm_code").iter_rows(), read_boundaries(root, facts)
    )


def read_boundaries(root: Path, facts: pl.DataFrame) -> Boundaries:
    """Read the changes of boundaries as dated steps."""
    ended = _read_csv(root / NAMES_SOURCE / "ended.csv").select(
        "gm_code", pl.col("ended_on").str.to_date("%Y-%m-%d")
    )
    listed = facts.group_by("municipality_code").agg(pl.col("year").max())
    steps, lost = read_steps(_read_changes(root), dict(listed.iter_rows()), dict(ended.iter_rows()))
    return Boundaries(steps, lost)


def _stand_of(root: Path) -> str:
    """Hash what is read of municipalities, so that it is parsed once and again when it changes."""
    read = sha256()
    for folder in (FACTS_SOURCE, CHANGES_SOURCE, NAMES_SOURCE):
        for path in sorted((root / folder).glob("*.csv")):
            read.update(f"{path.name}\n".encode() + sha256(path.read_bytes()).digest())
    for path in sorted(root.glob(f"[!.]*/{FETCHED_FACTS}")):
        read.update(f"{path.parent.name}\n".encode() + sha256(path.read_bytes()).digest())
    return read.hexdigest()


def _check_readings(source: OpenSource) -> None:
    """Hold two readings of one figure against the differences that are declared.

    Raises:
        UitstroomError: They differ otherwise than declared.
    """
    key = ["gm_code", "year", "measure", "value", "other_measure", "other_value"]
    declared = _read_csv(source.folder / TWO_READINGS).select(key)
    facts = _read_csv(source.folder / "municipal_facts.csv")
    one = facts.select("gm_code", "year", "measure", "value")
    other = one.rename({"measure": "other_measure", "value": "other_value"})
    pairs = declared.select("measure", "other_measure").unique()
    differing = (
        one.join(pairs, on="measure")
        .join(other, on=["gm_code", "year", "other_measure"], validate="1:1")
        .filter(pl.col("value").cast(pl.Float64) != pl.col("other_value").cast(pl.Float64))
        .select(key)
    )
    if not differing.sort(key).equals(declared.sort(key)):
        shown = differing.join(declared, on=key, how="anti").vstack(
            declared.join(differing, on=key, how="anti")
        )
        raise UitstroomError(
            "two readings of one figure differ otherwise than declared",
            where=f"{source.id}/{TWO_READINGS}",
            found="; ".join(", ".join(row) for row in shown.head(5).iter_rows()),
            expected="every difference declared, with what is known of it",
            todo="Find out which reading is right, then declare the difference.",
        )


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
