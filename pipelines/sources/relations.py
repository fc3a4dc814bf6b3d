"""Rules over several columns of one row, and over what a file says of its sender.

Belongs here: occupancy, shares, very long stays, the name beside a code, whom a file is about. Does
not belong here: single cells (`cells.py`), the order of days (`schemas.py`), rules over several
rows (`rows.py`, `persons.py`), municipalities that are no more (`merged.py`), series (`series.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from models.errors import RefusedError
from pipelines.sources.cell import Setting, clean
from pipelines.sources.columns import Contract, fold
from pipelines.sources.reasons import DeliveryRefusedError, Notice, Reason, Rule

MOST_OCCUPANCY = 1.1
"""Above this share of the places in use a file is accepted with a warning."""
IMPOSSIBLE_OCCUPANCY = 2.0
"""Above this share it is refused: two figures stand in each other's place."""
LONG_STAY_YEARS = 15

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Why one row is set apart.

    Args:
        place: Its place in the file's data, from 0.
        column: Our name of the column where it shows.
        reason: The code.
        found: What stands there, "" where that may point at a person.
        expected: What should stand there.
    """

    place: int
    column: str
    reason: Reason
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """A value that was read as another one, for the record row by row.

    Args:
        place: The row's place in the file's data, from 0.
        column: Our name of the column.
        rule: What was done.
        example: "written -> read".
    """

    place: int
    column: str
    rule: Rule
    example: str


@dataclass
class Relations:
    """What the rules over columns say of one file.

    Args:
        values: The typed columns, with what was replaced.
        findings: Rows that are set apart.
        replaced: Values that were read as others.
        refusals: Why the file is refused.
        warnings: What a reader should know.
    """

    values: pl.DataFrame
    findings: list[Finding] = field(default_factory=list)
    replaced: list[Replaced] = field(default_factory=list)
    refusals: list[RefusedError] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)


@dataclass(frozen=True)
class Rows:
    """The rows of one file, as the rules look at them.

    Args:
        values: The typed columns of all data rows.
        lines: The line of every row.
        texts: Column name -> what was written, for the columns that the file has; the name beside
            a code of a municipality as "municipality_code:name".
        typed: Column name -> whether a workbook holds a number there; empty for CSV.
        contract: The contract.
        setting: The envelope, the region and the key.
        where: How to name the file in a message.
    """

    values: pl.DataFrame
    lines: pl.Series
    texts: Mapping[str, pl.Series]
    typed: Mapping[str, pl.Series]
    contract: Contract
    setting: Setting
    where: str


def relate(rows: Rows) -> Relations:
    """Apply every rule over columns to the rows of one file."""
    relations = Relations(rows.values)
    if rows.values.is_empty():
        return relations
    for rule in _RULES.get(rows.contract.name, ()):
        rule(rows, relations)
    _names_beside_codes(rows, relations)
    _check_units(rows, relations)
    return relations


def _occupancy(rows: Rows, relations: Relations) -> None:
    share = pl.col("occupied_persons") / pl.col("places")
    crowded = (pl.col("occupied_persons") > 0) & (share > MOST_OCCUPANCY)
    marked = rows.values.select(
        crowded=crowded.fill_null(False),
        impossible=(crowded & (share > IMPOSSIBLE_OCCUPANCY)).fill_null(False),
    )
    what = "more people live in a facility than it has places"
    todo = "Ask the sender whether places and people stand in the right columns."
    if marked["impossible"].any():
        places = marked["impossible"].arg_true().to_list()
        relations.refusals.append(
            DeliveryRefusedError(
                Reason.OCCUPANCY,
                what,
                where=f"{rows.where}, line {_lines(rows, places)}",
                found=_pair(rows.values, places[0]),
                expected="at most twice as many people as places",
                todo=todo,
                line=rows.lines[places[0]],
                column="occupied_persons",
            )
        )
    elif marked["crowded"].any():
        places = marked["crowded"].arg_true().to_list()
        relations.warnings.append(
            Notice(
                Reason.OCCUPANCY,
                what,
                line=rows.lines[places[0]],
                column="occupied_persons",
                found=f"{_pair(rows.values, places[0])}; {len(places)} rows",
                expected="at most 10 % more people than places",
                todo=todo,
            )
        )


def _pair(values: pl.DataFrame, place: int) -> str:
    return f"{values['occupied_persons'][place]} people, {values['places'][place]} places"


def _long_stays(rows: Rows, relations: Relations) -> None:
    delivered = rows.setting.envelope.delivered_on
    year = delivered.year - LONG_STAY_YEARS
    day = 28 if (delivered.month, delivered.day) == (2, 29) else delivered.day
    limit = date(year, delivered.month, day)
    long = pl.col("ended_on").is_null() & (pl.col("started_on") <= limit)
    places = rows.values.select(long.fill_null(False)).to_series().arg_true().to_list()
    if places:
        relations.warnings.append(
            Notice(
                Reason.LONG_STAY,
                f"stays have lasted {LONG_STAY_YEARS} years and have no end",
                line=rows.lines[places[0]],
                column="ended_on",
                found=f"{len(places)} stays",
                expected="an end, or a stay that still goes on",
                todo="Ask the sender whether these people still live there.",
            )
        )


def _shares(rows: Rows, relations: Relations) -> None:
    """Read the shares of a file in the one way that its envelope declares."""
    is_share = (rows.values["unit"] == "share").fill_null(False)
    texts = rows.texts["value"].map_elements(clean, pl.String)
    has_sign = texts.str.ends_with("%")
    stray = (has_sign & ~is_share).arg_true().to_list()
    for place in stray:
        relations.findings.append(
            Finding(place, "value", Reason.BAD_NUMBER, texts[place], "a number without %")
        )
    if not is_share.any():
        return
    values = rows.values["value"]
    typed = rows.typed.get("value", pl.Series([False] * len(values)))
    if rows.setting.envelope.percent == "share":
        wrong = is_share & (has_sign | (values > 1).fill_null(False))
        expected = "a share of 1 such as 0,85, or `percent` in the envelope"
    else:
        fraction = typed & (values <= 1).fill_null(False)
        is_mixed = (is_share & has_sign).any() and (is_share & ~has_sign & ~typed).any()
        wrong = is_share & (
            (values > 100).fill_null(False)
            | fraction
            | (has_sign if is_mixed else pl.Series([False] * len(values)))
        )
        expected = "percentages such as 85, all with or all without %"
        if not wrong.any():
            _as_shares(rows, relations, is_share)
            return
    if wrong.any():
        places = wrong.arg_true().to_list()
        relations.refusals.append(
            DeliveryRefusedError(
                Reason.MIXED_PERCENT,
                "shares stand otherwise than the envelope declares",
                where=f"{rows.where}, line {_lines(rows, places)}",
                found=", ".join(repr(texts[place]) for place in places[:_SHOWN]),
                expected=expected,
                todo="Mend `percent` in the envelope, or write all shares alike.",
                line=rows.lines[places[0]],
                column="value",
            )
        )


def _as_shares(rows: Rows, relations: Relations, is_share: pl.Series) -> None:
    share = (pl.col("value") / 100).round(6)
    values = relations.values.with_columns(
        pl.when(is_share).then(share).otherwise("value").alias("value")
    )
    for place in is_share.arg_true().to_list():
        written, read = rows.values["value"][place], values["value"][place]
        if written is not None:
            relations.replaced.append(
                Replaced(place, "value", Rule.PERCENT, f"{written:g} % -> {read:g}")
            )
    relations.values = values


def _check_sender(rows: Rows, relations: Relations) -> None:
    """Refuse a file that is about one other organisation than the one that sends it."""
    envelope = rows.setting.envelope
    named = rows.values["provider"].drop_nulls().unique().to_list()
    ours = {fold(name) for name in (envelope.sender, *envelope.providers)}
    if len(named) == 1 and fold(named[0]) not in ours:
        relations.refusals.append(
            DeliveryRefusedError(
                Reason.WRONG_BOX,
                "the file is about another organisation than its sender",
                where=rows.where,
                found=repr(named[0]),
                expected=f"{envelope.sender!r}, or `providers` in the envelope",
                todo="Ask the sender for the right file or the right envelope.",
                line=rows.lines[0],
                column="provider",
            )
        )


def _names_beside_codes(rows: Rows, relations: Relations) -> None:
    """Set rows apart whose code and name are two municipalities."""
    known = rows.setting.municipalities
    for key, texts in rows.texts.items():
        name, _, rest = key.partition(":")
        if rest != "name" or known is None:
            continue
        codes = rows.values[name].to_list()
        for place, (code, text) in enumerate(zip(codes, texts.to_list(), strict=True)):
            if code is None or not clean(text):
                continue
            read = known.resolve_both(code, clean(text))
            if read.code is None:
                found = read.suggestion or "a name that is no municipality's"
                relations.findings.append(
                    Finding(place, name, Reason.CODE_AND_NAME_DIFFER, found, "one municipality")
                )


def _check_units(rows: Rows, relations: Relations) -> None:
    """Refuse a unit that is not the one of the contract: nothing is converted."""
    for name, unit in (rows.setting.envelope.units or {}).items():
        column = next((one for one in rows.contract.columns if one.name == name), None)
        if column is not None and column.unit and fold(unit) != fold(column.unit):
            relations.refusals.append(
                DeliveryRefusedError(
                    Reason.UNKNOWN_UNIT,
                    "the envelope gives a column another unit than the contract",
                    where=rows.where,
                    found=repr(unit),
                    expected=column.unit,
                    todo="Ask the sender for the figures in the unit of the contract.",
                    column=name,
                )
            )


def _lines(rows: Rows, places: list[int]) -> str:
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return ", ".join(str(rows.lines[place]) for place in places[:_SHOWN]) + more


_RULES: Mapping[str, tuple[Callable[[Rows, Relations], None], ...]] = {
    "capacity": (_occupancy, _check_sender),
    "stays": (_long_stays,),
    "agreements": (_shares,),
}
