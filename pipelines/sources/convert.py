"""From the columns of text of one file to typed columns, with a fault for every unread cell.

Belongs here: the columns and rows of one file under its contract. Does not belong here: the meaning
of one cell (`cells.py`), rules over several cells or rows (`rows.py`).

Each distinct text of a column is read once; polars carries what it means to every row. Ids that
stand as they should are told by a pattern, because they are different in every row: such an id is
its own value, or what the keyed function makes of it.

Raw ids of persons end here: they are pseudonyms in the result, and no fault, example or message
repeats one. Text that is no name is not repeated either where rows are about persons: remarks end
up in such cells.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

from models.errors import RefusedError
from pipelines.sources.cell import Cell, Setting, Value, clean
from pipelines.sources.cells import REFUSING, hider_for, reader_for
from pipelines.sources.columns import Column, Contract, Kind
from pipelines.sources.judge import Distinct, judge_column
from pipelines.sources.raw import RawTable
from pipelines.sources.reasons import ROW_BY_ROW, DeliveryRefusedError, Notice, Reason, Rule

EXAMPLES = 3
MOST_FAULTS = 50_001
"""Faults of one column that are told one by one: one more than a twentieth of the largest file, so
that a file with more is refused and none of its rows counts."""

_SHOWN = 5
_MANY = 2_000
_LONGEST_SHOWN = 40
_SHORTEST_HIDDEN = 3

TYPES: Mapping[Kind, pl.DataType] = MappingProxyType(
    {
        Kind.DATE: pl.Date(),
        Kind.YEAR: pl.Int64(),
        Kind.WHOLE: pl.Int64(),
        Kind.DECIMAL: pl.Float64(),
        Kind.BOOLEAN: pl.Boolean(),
    }
)
"""Kind -> type of its values; every other kind is text."""

FAULTS: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "place": pl.Int64(),
        "column": pl.String(),
        "reason": pl.String(),
        "found": pl.String(),
        "expected": pl.String(),
    }
)
"""Why rows are set apart: the row's place in the file's data (from 0), our name of the column where
it shows, the code, what stands there ("" where that may point at a person), what should."""

_PLAIN_ID = r"^[A-Za-z0-9](?:[A-Za-z0-9_./-]{0,62}[A-Za-z0-9])?$"
_NUMBER_LIKE = r"^[0-9.]+[eE]|^[^0-9]*$"
_IDS = frozenset({Kind.ID, Kind.RECORD, Kind.CLIENT})
_WORDS = frozenset({Kind.TEXT, Kind.ENUM, Kind.MUNICIPALITY, Kind.MUNICIPALITIES})
_CODE = re.compile(r"(?:GM)?[0-9]{1,4}", re.IGNORECASE)
_JUDGED = frozenset({Kind.WHOLE, Kind.DECIMAL, Kind.DATE})


@dataclass(frozen=True, slots=True)
class Change:
    """What was read otherwise than it was written.

    Args:
        column: Our name of the column.
        rule: What was only notation.
        count: In how many cells.
        examples: Up to three, "written -> read"; empty where they may point at a person.
        line: The line, for a change that is recorded row by row.
    """

    column: str
    rule: Rule
    count: int
    examples: tuple[str, ...]
    line: int | None = None


@dataclass
class Converted:
    """The rows of one file after conversion.

    Args:
        lines: Line or row number of every row.
        rows: The typed columns of the contract, in its order.
        faulty: Whether a row has a fault.
        faults: Faults of single rows, in the columns of `FAULTS`; at most `MOST_FAULTS` a column.
        changes: What was only notation.
        refusals: Faults that refuse the file.
        waits: What a person must confirm before the file counts.
        warnings: What is told of the file although it counts.
    """

    lines: pl.Series
    rows: pl.DataFrame
    faulty: pl.Series
    faults: pl.DataFrame
    changes: list[Change] = field(default_factory=list)
    refusals: list[RefusedError] = field(default_factory=list)
    waits: list[Notice] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.lines.len()


def convert(
    table: RawTable, names: Sequence[str], contract: Contract, setting: Setting, where: str
) -> Converted:
    """Convert every cell of a file by its contract.

    Args:
        table: The file's cells.
        names: Our column name for every column of the table, "" for one that is left out.
        contract: The contract of its folder.
        setting: The envelope, the region and the key.
        where: How to name the file in a message.

    Returns:
        Typed columns for all rows, with what was set apart and what was only notation.
    """
    converted = Converted(
        lines=table.lines,
        rows=pl.DataFrame(),
        faulty=pl.repeat(False, table.height, dtype=pl.Boolean, eager=True),
        faults=pl.DataFrame(schema=FAULTS),
    )
    personal = tuple(
        at for at, name in enumerate(names) if name and contract.column(name).is_pseudonym
    )
    columns: list[pl.Series] = []
    faults: list[pl.DataFrame] = []
    for column in contract.columns:
        if column.name in names:
            work = _Work(column, table, names.index(column.name), personal, setting, where)
            columns.append(work.values())
            faults.append(work.note(converted))
        else:
            kind = TYPES.get(column.kind, pl.String())
            columns.append(pl.repeat(None, table.height, dtype=kind, eager=True))
            columns[-1] = columns[-1].alias(column.name)
    converted.rows = pl.DataFrame(columns)
    converted.faults = pl.concat([converted.faults, *faults])
    return converted


def is_plain_id(text: pl.Expr) -> pl.Expr:
    """Say which texts are ids that `cells.reader_for` takes just as they stand.

    It says so of ordinary ids only and may pass over good ones; never of one that the reader would
    refuse, change or take for missing.
    """
    return text.str.contains(_PLAIN_ID) & ~text.str.contains(_NUMBER_LIKE)


class _Work:
    """One column of one file: its distinct texts, what each means, and which row has which."""

    def __init__(
        self,
        column: Column,
        table: RawTable,
        at: int,
        personal: tuple[int, ...],
        setting: Setting,
        where: str,
    ) -> None:
        self.column, self.table, self.personal, self.where = column, table, personal, where
        self.setting = setting
        self.text = table.texts(at)
        typed = None if table.typed is None else table.typed[str(at)]
        self._find_distinct(typed)
        self._read(setting)

    def _find_distinct(self, typed: pl.Series | None) -> None:
        """Number the distinct texts by their first place, and the rows by their text."""
        if typed is None:
            seen: dict[str, int] = {}
            numbers = [seen.setdefault(text, len(seen)) for text in self.text.to_list()]
            self.distinct = [(text, False) for text in seen]
        else:
            both: dict[tuple[str, bool], int] = {}
            asked = zip(self.text.to_list(), typed.to_list(), strict=True)
            numbers = [both.setdefault(one, len(both)) for one in asked]
            self.distinct = list(both)
        self.number = np.array(numbers, dtype=np.uint32)

    def _read(self, setting: Setting) -> None:
        """Read the distinct texts, ids that stand as they should by the thousand."""
        read = reader_for(self.column, setting)
        kind = TYPES.get(self.column.kind, pl.String())
        if self.column.kind not in _IDS or len(self.distinct) < _MANY:
            self.odd = list(range(len(self.distinct)))
            self.cells = [read(*asked) for asked in self.distinct]
            self.distinct_values = pl.Series([cell.value for cell in self.cells], dtype=kind)
            return
        frame = pl.DataFrame(
            self.distinct, schema={"text": pl.String, "typed": pl.Boolean}, orient="row"
        )
        is_plain = frame.select((is_plain_id(pl.col("text")) & ~pl.col("typed")).alias("x"))["x"]
        self.odd = is_plain.not_().arg_true().to_list()
        self.cells = [read(*self.distinct[at]) for at in self.odd]
        values: list[Value] = [text for text, _ in self.distinct]
        if self.column.is_pseudonym:
            hide = hider_for(self.column, setting)
            plain = is_plain.to_list()
            values = [
                hide(str(text)) if good else None for text, good in zip(values, plain, strict=True)
            ]
        for at, cell in zip(self.odd, self.cells, strict=True):
            values[at] = cell.value
        self.distinct_values = pl.Series(values, dtype=kind)

    def values(self) -> pl.Series:
        """Give the typed value of every row."""
        return self.distinct_values.gather(pl.Series(self.number)).alias(self.column.name)

    def note(self, converted: Converted) -> pl.DataFrame:
        """Note refusals, changes and waits; give the faults."""
        self._note_changes(converted)
        self._judge(converted)
        for reason in dict.fromkeys(cell.wait for cell in self.cells if cell.wait is not None):
            converted.waits.append(self._wait(reason))
        reasons = dict.fromkeys(cell.reason for cell in self.cells if cell.reason is not None)
        for reason in reasons:
            if reason in REFUSING:
                converted.refusals.append(self._refusal(reason))
        faulty = self._places(lambda cell: cell.reason is not None and cell.reason not in REFUSING)
        if faulty.is_empty():
            return pl.DataFrame(schema=FAULTS)
        converted.faulty = converted.faulty.scatter(faulty["place"], True)
        return self._faults(faulty.head(MOST_FAULTS))

    def _judge(self, converted: Converted) -> None:
        """Judge columns of numbers and days by all their texts together."""
        if self.column.kind not in _JUDGED:
            return
        counts = np.bincount(self.number, minlength=len(self.distinct)).tolist()
        lines = self.table.lines.gather(self._firsts()).to_list()
        told = zip(self.distinct, self.cells, counts, lines, strict=True)
        texts = [Distinct(*asked, cell, count, line) for asked, cell, count, line in told]
        judgement = judge_column(self.column, texts, self.setting, self.where)
        converted.refusals.extend(judgement.refusals)
        converted.warnings.extend(judgement.warnings)

    def _firsts(self) -> npt.NDArray[np.int64]:
        """Give the first place of every distinct text."""
        highest = np.maximum.accumulate(self.number.astype(np.int64))
        return np.flatnonzero(np.diff(highest, prepend=-1))

    # --- which rows ------------------------------------------------------------------------------

    def _places(self, wanted: Callable[[Cell], bool]) -> pl.DataFrame:
        """Give the rows (place, cell: which of `cells`) whose cell is wanted, by place."""
        cell_of = np.full(len(self.distinct), -1, dtype=np.int64)
        for at, cell in zip(self.odd, range(len(self.cells)), strict=True):
            if wanted(self.cells[cell]):
                cell_of[at] = cell
        cells = cell_of[self.number]
        places = np.flatnonzero(cells >= 0)
        return pl.DataFrame({"place": places.astype(np.int64), "cell": cells[places]})

    def _faults(self, rows: pl.DataFrame) -> pl.DataFrame:
        told = pl.DataFrame(
            {
                "cell": pl.int_range(len(self.cells), dtype=pl.Int64, eager=True),
                "reason": [cell.reason.value if cell.reason else "" for cell in self.cells],
                "expected": [cell.expected for cell in self.cells],
                "shown": [_cut(self.distinct[at][0]) for at in self.odd],
            },
            schema_overrides={"reason": pl.String, "expected": pl.String, "shown": pl.String},
        )
        texts = self.text.gather(rows["place"])
        found = rows.join(told, on="cell", how="left", validate="m:1", maintain_order="left")
        found = found.with_columns(texts.alias("text"), self._hidden(rows["place"]).alias("hides"))
        shown = pl.when("hides").then(pl.lit("")).otherwise("shown")
        if self.personal:
            length = pl.format("{} characters", pl.col("text").str.len_chars())
            is_text = pl.col("reason") == Reason.BAD_TEXT.value
            shown = pl.when(is_text).then(length).otherwise(shown)
        return found.select(
            "place",
            pl.lit(self.column.name).alias("column"),
            "reason",
            shown.alias("found"),
            "expected",
        )

    # --- what may be shown -----------------------------------------------------------------------

    def _hidden(self, places: pl.Series) -> pl.Series:
        """Say of rows whether their text may point at the person that the row is about."""
        if self.column.is_personal:
            return pl.repeat(True, places.len(), dtype=pl.Boolean, eager=True)
        text, one = pl.col("text"), pl.col("id")
        hides = pl.repeat(False, places.len(), dtype=pl.Boolean, eager=True)
        for at in self.personal:
            ids = _cleaned(self.table.texts(at).gather(places))
            pair = pl.DataFrame({"text": self.text.gather(places), "id": ids})
            is_inside = (one.str.len_chars() >= _SHORTEST_HIDDEN) & text.str.contains(
                one, literal=True
            )
            hides |= pair.select(((one != "") & ((one == text) | is_inside)).alias("x"))["x"]
        return hides

    def _shown(self, place: int) -> str:
        """Give the text of one row as far as it may be shown; as `_hidden`, for a single row."""
        text = self.text[place]
        if self.column.is_personal:
            return ""
        for at in self.personal:
            one = clean(self.table.texts(at)[place])
            if one and (one == text or (len(one) >= _SHORTEST_HIDDEN and one in text)):
                return ""
        return _cut(text)

    # --- what is told ----------------------------------------------------------------------------

    def _note_changes(self, converted: Converted) -> None:
        by_rule: dict[Rule, list[int]] = {}
        for at, cell in enumerate(self.cells):
            if cell.rule is not None and cell.reason is None:
                by_rule.setdefault(cell.rule, []).append(at)
        if not by_rule:
            return
        counts = np.bincount(self.number, minlength=len(self.distinct))
        firsts = self._firsts()
        for rule in sorted(by_rule):
            if rule in ROW_BY_ROW:
                converted.changes.extend(self._changes_by_row(rule))
                continue
            cells = by_rule[rule]
            examples: dict[str, str] = {}
            for at in cells if not self.column.is_personal else ():
                if self._shown(int(firsts[self.odd[at]])):
                    examples.setdefault(self.distinct[self.odd[at]][0], self._told(at))
                if len(examples) == EXAMPLES:
                    break
            count = int(sum(counts[self.odd[at]] for at in cells))
            change = Change(self.column.name, rule, count, tuple(examples.values()))
            converted.changes.append(change)

    def _changes_by_row(self, rule: Rule) -> Iterator[Change]:
        rows = self._places(lambda cell: cell.rule is rule and cell.reason is None)
        lines = self.table.lines.gather(rows["place"])
        hidden = self._hidden(rows["place"])
        for at, line, hides in zip(rows["cell"], lines, hidden, strict=True):
            examples = () if hides else (self._told(at),)
            yield Change(self.column.name, rule, 1, examples, line)

    def _told(self, at: int) -> str:
        cell, text = self.cells[at], self.distinct[self.odd[at]][0]
        return f"{text!r} -> {cell.shown or _written(cell.value)}"

    def _named(self, rows: pl.DataFrame) -> tuple[str, str]:
        """Give the first lines and the texts in them that may be shown."""
        first = rows["place"].head(_SHOWN)
        more = f" and {rows.height - _SHOWN} more" if rows.height > _SHOWN else ""
        lines = ", ".join(map(str, self.table.lines.gather(first))) + more
        shown = dict.fromkeys(map(self._shown, first))
        return lines, ", ".join(repr(text) for text in shown if text and not self._is_words(text))

    def _is_words(self, text: str) -> bool:
        """Whether a text may be a remark about the person that its row is about."""
        is_written = self.column.kind in _WORDS and not _CODE.fullmatch(text)
        return bool(self.personal) and is_written

    def _wait(self, reason: Reason) -> Notice:
        rows = self._places(lambda cell: cell.wait is reason)
        lines, found = self._named(rows)
        is_hidden = bool(self.personal) and self.column.kind is Kind.TEXT
        return Notice(
            reason,
            f"a person must confirm how {rows.height} cell(s) are read (line {lines})",
            line=self.table.lines[rows["place"][0]],
            column=self.column.name,
            found=found,
            expected="" if is_hidden else self.cells[rows["cell"][0]].expected,
            todo="Look at the file, then confirm it or ask for it again.",
        )

    def _refusal(self, reason: Reason) -> RefusedError:
        rows = self._places(lambda cell: cell.reason is reason)
        lines, found = self._named(rows)
        what, todo = REFUSING[reason]
        return DeliveryRefusedError(
            reason,
            what,
            where=f"{self.where}, column {self.column.name}, line {lines}",
            found=found,
            expected=self.cells[rows["cell"][0]].expected,
            todo=todo,
            line=self.table.lines[rows["place"][0]],
            column=self.column.name,
        )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def _written(value: Value) -> str:
    if value is None:
        return "empty"
    return value.isoformat() if isinstance(value, date) else str(value)


def _cleaned(texts: pl.Series) -> pl.Series:
    """Clean texts as `cell.clean` does, each distinct one once."""
    distinct = texts.unique(maintain_order=True)
    plain = pl.DataFrame({"raw": distinct, "clean": [clean(text) for text in distinct]})
    plain = plain.cast(pl.String)
    return pl.DataFrame({"raw": texts}).join(
        plain, on="raw", how="left", validate="m:1", maintain_order="left"
    )["clean"]
