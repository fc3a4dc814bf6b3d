"""Columns that many marts share, each declared once: type, bounds, description.

Belongs here: columns and the base of measured tables. Does not belong here: a table.
"""

import dataframely as dy
import polars as pl

from models.units import Unit

ID = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


def about(description: str, label: str = "") -> dict[str, str]:
    """Describe a column, for the dictionary."""
    return {"description": description, "label": label}


def region() -> dy.String:
    """The region, part of the key."""
    return dy.String(primary_key=True, regex=ID, metadata=about("region (its folder's name)"))


def scenario() -> dy.String:
    """The scenario, part of the key."""
    return dy.String(primary_key=True, regex=ID, metadata=about("scenario of the region"))


def year() -> dy.Int32:
    """A calendar year, part of the key."""
    return dy.Int32(primary_key=True, min=1990, max=2100, metadata=about("calendar year"))


def months_covered() -> dy.Int32:
    """How many months of the year a row covers."""
    return dy.Int32(min=1, max=12, metadata=about("months of the year that the row covers"))


def group() -> dy.String:
    """A target group or all together, part of the key."""
    return dy.String(primary_key=True, regex=ID, metadata=about("target group, or all"))


def text_key(description: str) -> dy.String:
    """A text that is part of the key."""
    return dy.String(primary_key=True, min_length=1, metadata=about(description))


def text(description: str, *, nullable: bool = False) -> dy.String:
    """A text."""
    return dy.String(nullable=nullable, metadata=about(description))


def unit() -> dy.Enum:
    """The unit of the measures in a row."""
    return dy.Enum([unit.value for unit in Unit], metadata=about("unit of the measures"))


def number(description: str, *, least: float | None = None, nullable: bool = False) -> dy.Float64:
    """A number, at least `least` where that is given."""
    return dy.Float64(nullable=nullable, min=least, metadata=about(description))


def share(description: str, *, nullable: bool = False) -> dy.Float64:
    """A share of 0 to 1."""
    return dy.Float64(nullable=nullable, min=0.0, max=1.0, metadata=about(description))


def sha256(description: str) -> dy.String:
    """A hash; none in a release, where it would tell a guess that it is right."""
    return dy.String(nullable=True, regex=r"^[0-9a-f]{64}$", metadata=about(description))


def whole(description: str, *, nullable: bool = False) -> dy.Int64:
    """A whole number of at least 0."""
    return dy.Int64(nullable=nullable, min=0, metadata=about(description))


def flag(description: str) -> dy.Bool:
    """Yes or no."""
    return dy.Bool(metadata=about(description))


class Measured(dy.Schema):
    """A table of one measure a row: unit, mean and quantiles over the draws."""

    unit = unit()
    mean = number("mean over the draws")
    p10 = number("a tenth of the draws lie below")
    p50 = number("half of the draws lie below")
    p90 = number("nine tenths of the draws lie below")

    @dy.rule()
    def quantiles_ascend(cls) -> pl.Expr:  # noqa: N805
        """P10 <= P50 <= P90."""
        return (pl.col("p10") <= pl.col("p50")) & (pl.col("p50") <= pl.col("p90"))
