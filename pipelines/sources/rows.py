"""Rules over the typed rows of one contract: what they must hold, keys once, one place at a time.

Belongs here: what the schemas find (`schemas.py`), across all files of a contract, in our words.
Does not belong here: single cells (`cells.py`) and the fate of whole files (`deliveries.py`).

dataframely finds the rows that break a rule and names the rule. Two things it cannot say, and they
are ours: a key that stands twice may be the same row delivered twice, which then counts once, or
two rows that differ, of which neither counts; and which other row, in which file, a row clashes
with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import dataframely as dy
import polars as pl

from pipelines.sources.columns import Contract
from pipelines.sources.convert import FAULTS, Converted
from pipelines.sources.reasons import Reason
from pipelines.sources.schemas import (
    FILE,
    KEY_RULE,
    PLACE,
    SENDER,
    STAY_RULE,
    broken_rule,
    ordered_pair,
    row_schema,
    stay_schema,
)

_FAULTY = "_faulty"
_AT = [FILE, PLACE]
REPEATS: Mapping[str, pl.DataType] = {
    "place": pl.Int64(),
    "file": pl.String(),
    "line": pl.Int64(),
}
"""A row that repeats another one: its place, and file and line of the row that counts."""


@dataclass
class RowRulings:
    """What the rules say of the files of one contract.

    Args:
        faults: File -> faults of its rows, in the columns of `convert.FAULTS`.
        repeats: File -> rows that repeat an earlier one, in the columns of `REPEATS`.
    """

    faults: dict[str, pl.DataFrame] = field(default_factory=dict)
    repeats: dict[str, pl.DataFrame] = field(default_factory=dict)


def rule_on_rows(
    contract: Contract, files: Mapping[str, Converted], senders: Mapping[str, str]
) -> RowRulings:
    """Apply a contract's rules to the typed rows of all its files.

    Rows with one key that are alike count once. Rows with one key that differ are all set apart,
    also when one of them has another fault: which of them is right is not ours to say. Stays
    overlap when one starts before the other has ended; the day of a move counts for both. A
    person's stays are compared within one sender, because senders number their clients themselves.

    Args:
        contract: The contract.
        files: File name -> its rows.
        senders: File name -> who sent it.
    """
    names = sorted(files)
    if not names:
        return RowRulings()
    book = _Book(contract, names, files)
    rows = pl.concat(
        [_table(at, name, files[name], senders[name]) for at, name in enumerate(names)]
    )
    broken = _broken(rows.drop(_FAULTY), row_schema(contract.name))
    faults = [_of_rows(book, broken, rows)]
    faulty = rows.select(*_AT, _FAULTY).filter(pl.col(_FAULTY)).select(_AT)
    faulty = pl.concat([faulty, faults[0].select(_AT)]).unique()
    clashing = broken.filter(pl.col("rule") == KEY_RULE).select(_AT)
    clashes, repeats = _of_keys(book, rows, clashing, faulty)
    faults.append(clashes)
    if contract.stay is not None:
        out = pl.concat([faulty, clashes.select(_AT), repeats.select(_AT)])
        faults.append(_of_stays(book, contract.stay, rows, out))
    return book.rulings(pl.concat(faults), repeats)


class _Book:
    """The files of a contract by number, and how a row of them is named."""

    def __init__(
        self, contract: Contract, names: list[str], files: Mapping[str, Converted]
    ) -> None:
        self.contract, self.names = contract, names
        self._lines = [files[name].lines for name in names]

    def line(self, file: int, place: int) -> int:
        """Give the line of a row."""
        return int(self._lines[file][place])

    def named(self, at: pl.DataFrame) -> pl.Series:
        """Name rows, given as (file, place), by file and line."""
        texts = [
            f"{self.names[file]} line {self._lines[file][place]}" for file, place in at.iter_rows()
        ]
        return pl.Series("named", texts, dtype=pl.String)

    def rulings(self, faults: pl.DataFrame, repeats: pl.DataFrame) -> RowRulings:
        """Divide faults and repeats over the files."""
        rulings = RowRulings()
        for at, name in enumerate(self.names):
            of_file = faults.filter(pl.col(FILE) == at)
            rulings.faults[name] = of_file.rename({PLACE: "place"}).select(list(FAULTS))
            again = repeats.filter(pl.col(FILE) == at).rename({PLACE: "place"})
            rulings.repeats[name] = again.select(list(REPEATS))
        return rulings


def _table(at: int, name: str, converted: Converted, sender: str) -> pl.DataFrame:
    return converted.rows.with_columns(
        pl.lit(at, pl.UInt32).alias(FILE),
        pl.int_range(pl.len(), dtype=pl.Int64).alias(PLACE),
        pl.lit(sender, pl.String).alias(SENDER),
        converted.faulty.alias(_FAULTY),
    )


def _broken(rows: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """Give every broken rule of every row: file, place, rule."""
    _, failure = schema.filter(rows)
    if not len(failure):
        return pl.DataFrame(schema={FILE: pl.UInt32, PLACE: pl.Int64, "rule": pl.String})
    details = failure.details()
    rules = list(failure.counts())
    told = details.select(*_AT, *rules).unpivot(
        rules, index=_AT, variable_name="rule", value_name="outcome"
    )
    return told.filter(pl.col("outcome") == "invalid").drop("outcome")


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema={FILE: pl.UInt32, **FAULTS}).rename({"place": PLACE})


def _fault(at: pl.DataFrame, column: str, reason: Reason) -> pl.DataFrame:
    """Give faults from rows with `FILE`, `PLACE`, `found` and `expected`."""
    return at.select(
        FILE,
        PLACE,
        pl.lit(column).alias("column"),
        pl.lit(reason.value).alias("reason"),
        "found",
        "expected",
    )


# --- rules of single rows ------------------------------------------------------------------------


def _of_rows(book: _Book, broken: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Give the faults of rows by themselves.

    The order of days is told always. A rule of a column is told only where the reader of the cell
    has told of nothing: an unread cell is empty, and that is not another fault.
    """
    found = [_empty()]
    of_cells = broken.join(rows.filter(pl.col(_FAULTY)).select(_AT), on=_AT, how="anti")
    for rule in sorted(set(broken["rule"]) - {KEY_RULE}):
        pair = ordered_pair(book.contract, rule)
        if pair is not None:
            found.append(_out_of_order(broken.filter(pl.col("rule") == rule), rows, *pair))
            continue
        column, reason = broken_rule(rule)
        told = of_cells.filter(pl.col("rule") == rule)
        expected = "a value" if reason is Reason.MISSING_VALUE else "what the contract allows"
        told = told.with_columns(pl.lit("").alias("found"), pl.lit(expected).alias("expected"))
        found.append(_fault(told, column, reason))
    return pl.concat(found)


def _out_of_order(
    broken: pl.DataFrame, rows: pl.DataFrame, earlier: str, later: str
) -> pl.DataFrame:
    days = rows.select(*_AT, pl.col(earlier, later).dt.to_string("%Y-%m-%d"))
    told = broken.join(days, on=_AT, how="left", validate="1:1")
    told = told.with_columns(
        pl.format("{} ({} {})", later, pl.lit(earlier), earlier).alias("found"),
        pl.lit(f"{later} on or after {earlier}").alias("expected"),
    )
    return _fault(told, later, Reason.END_BEFORE_START)


# --- keys ----------------------------------------------------------------------------------------


def _of_keys(
    book: _Book, rows: pl.DataFrame, clashing: pl.DataFrame, faulty: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Judge the rows whose key stands twice: alike they count once, else none of them counts."""
    key = list(book.contract.key)
    names = [column.name for column in book.contract.columns]
    rows = rows.join(clashing, on=_AT, how="semi").drop_nulls(key).sort(_AT)
    if rows.is_empty():
        repeats = pl.DataFrame(schema={FILE: pl.UInt32, **REPEATS}).rename({"place": PLACE})
        return _empty(), repeats
    bad = faulty.with_columns(pl.lit(True).alias("bad"))
    at = pl.struct(FILE, PLACE)
    rows = rows.join(bad, on=_AT, how="left", validate="1:1", maintain_order="left").with_columns(
        pl.struct(names).n_unique().over(key).alias("kinds"),
        pl.col("bad").fill_null(False).any().over(key),
        pl.int_range(pl.len()).over(key).alias("rank"),
        at.first().over(key).alias("first"),
        at.slice(1, 1).first().over(key).alias("second"),
    )
    alike = (pl.col("kinds") == 1) & ~pl.col("bad")
    again = rows.filter(alike & (pl.col("rank") > 0))
    firsts = again["first"].struct.unnest()
    repeats = again.select(_AT).with_columns(
        pl.Series("file", [book.names[file] for file in firsts[FILE]], dtype=pl.String),
        pl.Series("line", [book.line(*one) for one in firsts.iter_rows()], dtype=pl.Int64),
    )
    different = rows.filter(~alike)
    other = pl.when(pl.col("rank") == 0).then("second").otherwise("first")
    others = different.select(other.alias("other"))["other"].struct.unnest()
    is_personal = any(book.contract.column(name).is_personal for name in key)
    found = (
        pl.lit("") if is_personal else pl.concat_str(pl.col(key).cast(pl.String), separator=", ")
    )
    expected = pl.format("one row per {}; also at {}", pl.lit(", ".join(key)), "named")
    told = different.with_columns(book.named(others)).with_columns(
        found.alias("found"), expected.alias("expected")
    )
    return _fault(told, key[0], Reason.DUPLICATE_KEY), repeats


# --- stays ---------------------------------------------------------------------------------------


class _At(NamedTuple):
    file: int
    place: int


def _of_stays(
    book: _Book, stay: tuple[str, str, str], rows: pl.DataFrame, out: pl.DataFrame
) -> pl.DataFrame:
    """Give the stays of one person that overlap; rows that are set apart already do not count."""
    client, start, end = stay
    staying = rows.join(out, on=_AT, how="anti").drop_nulls([client, start])
    staying = staying.select(client, start, end, FILE, PLACE, SENDER)
    broken = _broken(staying, stay_schema(book.contract.name))
    broken = broken.filter(pl.col("rule") == STAY_RULE)
    persons: dict[tuple[str, str], list[tuple[date, date, _At]]] = {}
    overlapping = staying.join(broken.select(_AT), on=_AT, how="semi")
    for person, since, until, file, place, sender in overlapping.iter_rows():
        stays = persons.setdefault((sender, person), [])
        stays.append((since, until or date.max, _At(file, place)))
    told = []
    for stays in persons.values():
        for since, last, at, other in _overlaps(sorted(stays)):
            shown = "no end" if last == date.max else last.isoformat()
            named = f"{book.names[other.file]} line {book.line(*other)}"
            told.append(
                (
                    *at,
                    f"{since.isoformat()} to {shown}",
                    f"no other stay in these days; also at {named}",
                )
            )
    schema = {FILE: pl.UInt32, PLACE: pl.Int64, "found": pl.String, "expected": pl.String}
    frame = pl.DataFrame(told, schema=schema, orient="row")
    return _fault(frame, start, Reason.OVERLAPPING_STAYS)


def _overlaps(stays: list[tuple[date, date, _At]]) -> list[tuple[date, date, _At, _At]]:
    """Give each stay that overlaps another one, with that other one; `stays` by first day."""
    found = []
    longest: tuple[date, _At] | None = None
    for place, (since, last, at) in enumerate(stays):
        following = stays[place + 1] if place + 1 < len(stays) else None
        if longest is not None and since < longest[0]:
            found.append((since, last, at, longest[1]))
        elif following is not None and following[0] < last:
            found.append((since, last, at, following[2]))
        if longest is None or last > longest[0]:
            longest = (last, at)
    return found
