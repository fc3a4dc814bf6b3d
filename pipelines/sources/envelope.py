"""The envelope: the TOML file beside each delivered file that says what it is.

Belongs here: its fields and how its faults are told. Does not belong here: finding files
(`parcels.py`), or the content of the delivered file.
"""

import re
import tomllib
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StrictBool,
    ValidationError,
    field_validator,
    model_validator,
)

from models.errors import RefusedError
from pipelines.sources.reasons import DeliveryRefusedError, Reason

_DATE_FORMAT = re.compile(r"(?P<a>dd?|mm?|yyyy)(?P<s>[-/. ]?)(?P<b>dd?|mm?)(?P=s)(?P<c>dd?|yyyy)")
_FREE = frozenset({"sender", "sheet", "no_rows_reason", "units", "control_totals", "providers"})
"""Fields that somebody writes freely; what stands there is not repeated in a message."""

_DIGITS = {"d": r"\d{1,2}", "dd": r"\d{2}", "m": r"\d{1,2}", "mm": r"\d{2}", "yyyy": r"\d{4}"}


def compile_date_format(text: str) -> re.Pattern[str]:
    """Turn a notation such as "dd-mm-yyyy" into a pattern with the groups d, m and y.

    `d` and `m` stand for one or two digits, `dd` and `mm` for two, `yyyy` for four; the separator
    is `-`, `/`, `.`, a space or nothing, the same twice.

    Raises:
        ValueError: The text is no such notation.
    """
    match = _DATE_FORMAT.fullmatch(text)
    parts = [match[name] for name in "abc"] if match else []
    if not match or {part[0] for part in parts} != set("dmy"):
        raise ValueError("expected a notation such as dd-mm-yyyy, d/m/yyyy or yyyy-mm-dd")
    if not match["s"] and any(len(part) == 1 for part in parts):
        raise ValueError("without a separator the notation needs dd and mm")
    groups = (f"(?P<{part[0]}>{_DIGITS[part]})" for part in parts)
    return re.compile(re.escape(match["s"]).join(groups), re.ASCII)


class Envelope(BaseModel):
    """What a sender declares about one file.

    Attributes:
        contract: The kind of delivery.
        sender: Who sends it.
        region: The region it is for.
        period_from: First day of the period it is about.
        period_to: Last day of that period.
        delivered_on: The day of delivery.
        synthetic: Whether the rows are invented.
        number_language: How numbers are written: "1.450,5" (nl-NL) or "1,450.5" (en).
        date_formats: How days are written, one or several notations.
        encoding: How the bytes of a CSV file stand for letters; utf-16 needs its byte order mark.
        delimiter: The separator of a CSV file, where it is not that of the number language.
        sheet: The sheet of a workbook, where it has several.
        header_row: The line or row of the header, where others stand above it.
        units: Unit of a column; it must be that of the contract.
        percent: How shares are written: 0,85 ("share") or 85 and 85% ("percent").
        client_numbers: Whether client numbers are the region's own, so that one number is one
            person whoever sends it, or the sender's.
        providers: Whom the file is about, where the sender speaks for others.
        rows: How many rows it holds; with control totals and hash a manifest against lost parts.
        control_totals: Sums of columns, by our name or the header's.
        sha256: The hash of the file's bytes.
        no_rows_reason: Why there are no rows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract: str = Field(min_length=1)
    sender: str = Field(pattern=r"^[\w][\w .,'&()/\-]{0,79}$")
    region: str = Field(min_length=1)
    period_from: date
    period_to: date
    delivered_on: date
    synthetic: StrictBool
    number_language: Literal["nl-NL", "en"]
    date_formats: tuple[str, ...] = Field(min_length=1)
    encoding: Literal["utf-8", "cp1252", "utf-16"]
    delimiter: Literal[";", ",", "\t"] | None = None
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1, le=50)
    units: dict[str, str] | None = None
    percent: Literal["share", "percent"] = "share"
    client_numbers: Literal["region", "sender"] = "region"
    providers: tuple[str, ...] = ()
    rows: int | None = Field(default=None, ge=0)
    control_totals: dict[str, FiniteFloat] | None = None
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    no_rows_reason: str | None = Field(default=None, min_length=3)

    @field_validator("period_from", "period_to", "delivered_on", mode="before")
    @classmethod
    def _days_are_no_numbers(cls, day: object) -> object:
        if isinstance(day, (int, float)):
            raise ValueError("expected a day, as in 2026-10-31")
        return day

    @field_validator("date_formats")
    @classmethod
    def _formats_are_known(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for text in formats:
            compile_date_format(text)
        return formats

    @model_validator(mode="after")
    def _period_runs_forward(self) -> "Envelope":
        if self.period_to < self.period_from:
            raise ValueError("period_to lies before period_from")
        return self

    @property
    def has_manifest(self) -> bool:
        """Whether the sender says how much the file holds."""
        return self.rows is not None or bool(self.control_totals)

    @property
    def separator(self) -> str:
        """The separator of a CSV file: the declared one, else that of the number language."""
        return self.delimiter or (";" if self.number_language == "nl-NL" else ",")

    @cached_property
    def date_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The declared notations of days as patterns with the groups d, m and y."""
        return tuple(compile_date_format(text) for text in self.date_formats)


def parse_envelope(content: bytes, *, where: str) -> tuple[Envelope | None, list[RefusedError]]:
    """Read an envelope from its bytes; all its faults come back together.

    Args:
        content: The TOML.
        where: How to name it in a message.

    Returns:
        The envelope (None when it has faults) and the faults.
    """
    try:
        fields: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        found = "text that is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        found = str(error)
    else:
        return _checked(fields, where)
    return None, [_unreadable(found, where)]


def _unreadable(found: str, where: str) -> RefusedError:
    return DeliveryRefusedError(
        Reason.BAD_ENVELOPE,
        "the envelope cannot be read",
        where=where,
        found=found,
        expected="TOML in UTF-8",
        todo="Mend the envelope.",
    )


def _checked(fields: dict[str, Any], where: str) -> tuple[Envelope | None, list[RefusedError]]:
    try:
        return Envelope.model_validate(fields), []
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
    refusals: list[RefusedError] = []
    for fault in faults:
        name = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "missing":
            what, found = f"the envelope lacks {name!r}", ""
        elif fault["type"] == "extra_forbidden":
            what, found = f"the envelope has an unknown key {name!r}", ""
        elif name:
            what = f"the envelope's {name!r} is wrong"
            found = "" if fault["loc"][0] in _FREE else repr(fault["input"])[:60]
        else:
            what, found = "the envelope contradicts itself", ""
        refusals.append(
            DeliveryRefusedError(
                Reason.BAD_ENVELOPE,
                what,
                where=where,
                found=found,
                expected=fault["msg"].removeprefix("Value error, "),
                todo="Mend the envelope.",
            )
        )
    return None, refusals
