"""The ground of every declared record: frozen, sourced, with a unit.

Belongs here: names, ids and months as they stand in files, sources, and the parameter with its
range. Does not belong here: what a region, key or scenario declares (`models.params`,
`models.distribution`).
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.units import BOUNDED, SourceKind, Unit

MunicipalityCode = Annotated[str, Field(pattern=r"^GM\d{4}$")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]
MonthText = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class Record(BaseModel):
    """Base of every declared record: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Record):
    """Where a number was read: title and publisher, with year and address where there is one."""

    title: str = Field(min_length=3)
    publisher: str = Field(min_length=2)
    year: int | None = Field(default=None, ge=1900, le=2100)
    address: str | None = None


class Parameter(Record):
    """A number with its 80 % interval, unit and source.

    `low` and `high` are the 10th and the 90th percentile of what is believed; both are left out
    for a number that is not uncertain.
    """

    value: float = Field(allow_inf_nan=False)
    low: float | None = Field(default=None, allow_inf_nan=False)
    high: float | None = Field(default=None, allow_inf_nan=False)
    unit: Unit
    kind: SourceKind
    source: Source
    confirmed: bool = False

    @model_validator(mode="after")
    def _range_holds_the_value(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high must be given together")
        least = self.value if self.low is None else self.low
        most = self.value if self.high is None else self.high
        if not least <= self.value <= most:
            raise ValueError(f"low {least} <= value {self.value} <= high {most} fails")
        bounded = self.unit in BOUNDED
        if least < 0 or (bounded and most > 1):
            limit = "between 0 and 1" if bounded else "at least 0"
            raise ValueError(f"a number in {self.unit} must be {limit}")
        return self

    @property
    def is_uncertain(self) -> bool:
        """Whether the number has a range with some width."""
        return self.low is not None and self.high is not None and self.low < self.high
