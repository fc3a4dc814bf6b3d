"""What is wanted of the tables of CBS, and what they must look like: one TOML file a table.

Belongs here: the pinned schema of a table (measures, units, dimensions, codes, sizes) and the
reading of its file. Does not belong here: asking for a table (`odata4`, `odata3`), judging an
answer (`schema`).
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from models.errors import UitstroomError
from models.records import Identifier, Record

TABLES = Path(__file__).parent / "tables"
"""The folder in which every file is a table."""

Name = Annotated[str, Field(min_length=1)]


class Measure(Record):
    """A measure (topic) that is wanted: how CBS calls it, in which unit, and how large it is.

    A measure is found by `code` in the fourth version of the service, else by its title. The third
    version adds a position to the key of a topic (`Eenpersoonshuishoudens_2`) that changes with
    every edition: there it is found by the title, or by the key without that position.
    """

    name: Identifier
    title: Name
    code: str | None = None
    group: str | None = None
    """Title of the group it stands in, where the title alone is not unique."""
    cbs_unit: str
    """The unit as CBS writes it; another one means that the figures mean something else."""
    unit: Name
    """The same unit in our words."""
    largest: tuple[float, float] | None = None
    """Between which bounds the largest figure lies: a thousandfold error falls outside."""
    is_text: bool = False
    fact: str = ""
    """The measure of the municipal facts that a run reads, empty where it reads none of this."""


class Code(Record):
    """A code of a dimension that is wanted, by itself or by its title."""

    category: str = ""
    """Our word for it, empty where the dimension is held fixed."""
    code: str | None = None
    title: str | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if self.code is None and self.title is None:
            raise ValueError("a code needs `code`, `title` or both")
        return self


class Dimension(Record):
    """A dimension beside region and period, and which of its codes are wanted."""

    name: Name
    codes: tuple[Code, ...] = Field(min_length=1)


class Table(Record):
    """A table of CBS: what is wanted of it and what it must look like to be believed."""

    id: Identifier
    """Name of the source: the folder under `raw/open`."""
    table: str = Field(pattern=r"^\d{5}(NED|ned)$")
    title: Name
    """Title for our readers."""
    cbs_title: Name
    """What the title of the table at CBS begins with."""
    successor: str | None = None
    predecessor: str | None = None
    until_fetched: Identifier | None = None
    """The shipped source that serves as long as this table was never fetched."""
    region_dimension: str = "RegioS"
    """Empty where the table is about the whole country."""
    region_prefixes: tuple[str, ...] = ("GM", "NL")
    period_dimension: str = "Perioden"
    """Empty where the table is about one period."""
    period: str = Field(default="", pattern=r"^(\d{4}[A-Z]{2}\d{2})?$")
    """That period, as CBS would code it."""
    period_kinds: tuple[str, ...] = ("JJ",)
    """Letters of the period codes that are wanted: JJ years, HJ half-years."""
    dimensions: tuple[Dimension, ...] = ()
    measures: tuple[Measure, ...] = Field(min_length=1)
    basis: Name
    """What of this declaration was seen in published pages, and what is from memory."""
    traps: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_dimension_makes_categories(self) -> Self:
        if len([item for item in self.dimensions if len(item.codes) > 1]) > 1:
            raise ValueError("at most one dimension may have more than one code")
        if len({measure.name for measure in self.measures}) < len(self.measures):
            raise ValueError("two measures have the same name")
        if bool(self.period_dimension) == bool(self.period):
            raise ValueError("give either `period_dimension` or the one `period`")
        return self

    @property
    def all_dimensions(self) -> frozenset[str]:
        """The names of every dimension that the table must have."""
        own = {item.name for item in self.dimensions}
        return frozenset({*own, self.region_dimension, self.period_dimension} - {""})


def load_tables(folder: Path = TABLES) -> Mapping[str, Table]:
    """Read every declared table.

    Returns:
        The tables by id of their source, in order of id.

    Raises:
        UitstroomError: A file has a fault, or its name is not the id of its source.
    """
    tables = [_read(path) for path in sorted(folder.glob("*.toml"))]
    return {table.id: table for table in tables}


def _read(path: Path) -> Table:
    where = f"{path.parent.name}/{path.name}"
    try:
        table = Table.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UitstroomError("this is not valid TOML", where=where, found=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UitstroomError(first["msg"], where=f"{where}, {place}") from error
    if table.id != path.stem:
        raise UitstroomError(
            "the id is not the name of the file", where=where, found=table.id, expected=path.stem
        )
    return table
