"""Corrections as data: what stands in `corrections.toml` of a region, applied to typed rows.

Belongs here: reading that file, finding the row by the sender's own key, and refusing a correction
that the source has overtaken. Does not belong here: repairs of notation (`cells.py`), changing a
delivered file, which nobody ever does.

A correction says what it expects to find. Once the sender has mended the source it is refused until
somebody takes it out, so that none outlives its reason.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import RefusedError
from pipelines.sources.cell import Cell, Setting, Value
from pipelines.sources.cells import reader_for
from pipelines.sources.columns import Column, Contract, Kind
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.convert import Change
from pipelines.sources.envelope import Envelope
from pipelines.sources.parcels import Parcel
from pipelines.sources.reasons import DeliveryRefusedError, Reason, Rule

FILE = "corrections.toml"
OFFICE = r"^[\w][\w .,&()/\-]{1,39}$"
"""An office or a role, at most 40 characters; never a person's name (which no pattern can tell)."""

Scalar = str | int | float | bool | date

_MEND = "Mend corrections.toml."
_TAKE_OUT = "The source is mended: take it out."


class Correction(BaseModel):
    """One value that takes the place of a delivered one.

    `expect` and `value` are written as in an English envelope (2026-10-31, 17.5); "" is an empty
    cell, and so counts a cell that could not be read. A correction that is `withdrawn` stays on
    record and is not applied.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract: str
    key: dict[str, Scalar] = Field(min_length=1)
    column: str
    expect: Scalar
    value: Scalar
    reason: str = Field(min_length=10, max_length=300)
    status: Literal["reported", "confirmed", "withdrawn"]
    author: str = Field(pattern=OFFICE)
    date: date


@dataclass(frozen=True)
class Corrected:
    """The rows of a file after its corrections.

    Args:
        rows: The rows.
        changes: Every value that was put in the place of another, with its line.
        refusals: Corrections that do not hold.
    """

    rows: pl.DataFrame
    changes: list[Change] = field(default_factory=list)
    refusals: list[RefusedError] = field(default_factory=list)


@dataclass(frozen=True)
class _Ready:
    where: str
    contract: Contract
    column: Column
    key: Mapping[str, Value]
    expect: Value
    value: Value
    reason: str


class Corrections:
    """The corrections of a region, ready to be applied to the rows of one file after the other.

    Args:
        content: The bytes of `corrections.toml`, b"" where there is none.
        region_id: The region.
        codes: The municipalities of the region, merged predecessors included.
        known_codes: Every code that ever was a municipality.
        key: The secret of the pseudonyms, with which record ids are matched.
    """

    def __init__(
        self,
        content: bytes,
        *,
        region_id: str,
        codes: frozenset[str],
        known_codes: frozenset[str],
        key: bytes,
    ) -> None:
        self._setting = Setting(_ENVELOPE, region_id, codes, known_codes, key)
        self.faults: list[RefusedError] = []
        self._ready: list[_Ready] = []
        self._met: set[str] = set()
        for place, correction in enumerate(self._read(content), start=1):
            if correction is not None and correction.status != "withdrawn":
                self._prepare(f"{FILE}, correction {place}", correction)

    def apply(self, parcel: Parcel, rows: pl.DataFrame) -> Corrected:
        """Apply to the rows of one file what is corrected in them.

        Args:
            parcel: The file.
            rows: Its typed rows: the columns of its contract, and `_row`.
        """
        done = Corrected(rows)
        for one in self._ready:
            if one.contract.name == parcel.contract:
                done = self._apply_one(one, parcel, done)
        return done

    def unmet(self) -> list[RefusedError]:
        """Refuse what no delivered row answered to, once every file was corrected."""
        return [
            _refused(
                Reason.STALE_CORRECTION,
                "no delivered row has the key of this correction",
                one.where,
                expected=f"a row of {one.contract.name}",
                todo="Mend the key, or take the correction out.",
            )
            for one in self._ready
            if one.where not in self._met
        ]

    def _apply_one(self, one: _Ready, parcel: Parcel, done: Corrected) -> Corrected:
        rows, name = done.rows, one.column.name
        matches = pl.all_horizontal(*(pl.col(key).eq(value) for key, value in one.key.items()))
        found = rows.filter(matches)
        if found.is_empty():
            return done
        self._met.add(one.where)
        others = found.filter(pl.col(name).ne_missing(pl.lit(one.expect)))
        if others.height:
            now = others[name][0]
            refusal = _refused(
                Reason.STALE_CORRECTION,
                "the value is not the one that this correction expects",
                one.where,
                found="" if _hides(one) else f"{_shown(now)} ({parcel.where})",
                expected=_shown(one.expect),
                todo=_TAKE_OUT,
                line=int(others["_row"][0]),
                column=name,
            )
            return Corrected(rows, done.changes, [*done.refusals, refusal])
        kind = rows.schema[name]
        value = pl.lit(one.value).cast(kind) if one.value is not None else pl.lit(None, kind)
        rows = rows.with_columns(pl.when(matches).then(value).otherwise(pl.col(name)).alias(name))
        told = "" if _hides(one) else f"{_shown(one.expect)} -> {_shown(one.value)}: "
        changes = [
            Change(name, Rule.CORRECTION, 1, (f"{told}{one.reason}",), line)
            for line in found["_row"].to_list()
        ]
        return Corrected(rows, [*done.changes, *changes], done.refusals)

    def _read(self, content: bytes) -> Sequence[Correction | None]:
        try:
            fields: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.faults.append(_bad("the file cannot be read", FILE, found=str(error)[:80]))
            return []
        strange = sorted(set(fields) - {"corrections"})
        if strange:
            self.faults.append(_bad(f"unknown key {strange[0]!r}", FILE))
        listed = fields.get("corrections", [])
        if not isinstance(listed, list):
            self.faults.append(_bad("corrections is no list", FILE, expected="[[corrections]]"))
            return []
        return [self._checked(place, one) for place, one in enumerate(listed, start=1)]

    def _checked(self, place: int, fields: Any) -> Correction | None:
        where = f"{FILE}, correction {place}"
        try:
            return Correction.model_validate(fields)
        except ValidationError as error:
            for fault in error.errors(
                include_url=False, include_context=False, include_input=False
            ):
                name = ".".join(str(part) for part in fault["loc"])
                self.faults.append(_bad(f"{name} is wrong", where, expected=fault["msg"]))
        return None

    def _prepare(self, where: str, asked: Correction) -> None:
        contract = CONTRACTS.get(asked.contract)
        if contract is None:
            expected = ", ".join(CONTRACTS)
            self.faults.append(_bad("contract is wrong", where, expected=expected))
            return
        free = [
            column.name
            for column in contract.columns
            if column.name not in contract.key and not column.is_pseudonym
        ]
        if asked.column not in free:
            self.faults.append(_bad("column is wrong", where, expected=", ".join(free)))
            return
        if set(asked.key) != set(contract.key):
            expected = ", ".join(contract.key)
            self.faults.append(_bad("key is not the contract's", where, expected=expected))
            return
        column = contract.column(asked.column)
        cells = {name: self._value(contract.column(name), asked.key[name]) for name in contract.key}
        expect, value = self._value(column, asked.expect), self._value(column, asked.value)
        named = {**{f"key.{name}": cell for name, cell in cells.items()}, "value": value}
        if asked.expect != "":
            named["expect"] = expect
        wrong = [(name, cell) for name, cell in named.items() if cell.reason is not None]
        for name, cell in wrong:
            self.faults.append(_bad(f"{name} is wrong", where, expected=cell.expected))
        if wrong:
            return
        key = {name: cell.value for name, cell in cells.items()}
        ready = _Ready(where, contract, column, key, expect.value, value.value, asked.reason)
        self._ready.append(ready)

    def _value(self, column: Column, given: Scalar) -> Cell:
        text = given.isoformat() if isinstance(given, date) else str(given)
        if isinstance(given, bool):
            text = text.lower()
        return reader_for(column, self._setting)(text, False)


def _hides(one: _Ready) -> bool:
    """Whether what stands in the column may point at the person that a row is about."""
    about_persons = any(column.is_pseudonym for column in one.contract.columns)
    return one.column.is_personal or (about_persons and one.column.kind is Kind.TEXT)


def _shown(value: Value) -> str:
    if value is None:
        return "an empty cell"
    return value.isoformat() if isinstance(value, date) else str(value)


def _bad(what: str, where: str, *, found: str = "", expected: str = "") -> RefusedError:
    return _refused(Reason.BAD_CORRECTION, what, where, found=found, expected=expected, todo=_MEND)


def _refused(
    reason: Reason,
    what: str,
    where: str,
    *,
    found: str = "",
    expected: str = "",
    todo: str,
    line: int | None = None,
    column: str = "",
) -> RefusedError:
    return DeliveryRefusedError(
        reason,
        what,
        where=where,
        found=found,
        expected=expected,
        todo=todo,
        line=line,
        column=column,
    )


_ENVELOPE = Envelope(
    contract="corrections",
    sender="region",
    region="region",
    period_from=date(1900, 1, 1),
    period_to=date(2100, 12, 31),
    delivered_on=date(2100, 12, 31),
    synthetic=False,
    number_language="en",
    date_formats=("yyyy-mm-dd",),
    encoding="utf-8",
)
