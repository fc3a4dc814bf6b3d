"""From the grid of one file to typed columns, with a fault for every cell that was not understood.

Belongs here: rows and columns of one file under its contract. Does not belong here: the meaning of
one cell (`cells.py`), rules over several rows (`rows.py`).

Raw ids of persons end here: they are pseudonyms in the result, and no fault, example or message
repeats one. Text that is no name is not repeated either where rows are about persons: remarks end
up in such cells.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from models.errors import RefusedError
from pipelines.sources.cell import Cell, Setting, Value, clean
from pipelines.sources.cells import REFUSING, reader_for
from pipelines.sources.columns import Column, Contract
from pipelines.sources.raw import RawTable
from pipelines.sources.reasons import DeliveryRefusedError, Reason, Rule

EXAMPLES = 3
_SHOWN = 5
_LONGEST_SHOWN = 40
_SHORTEST_HIDDEN = 3


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row is set apart.

    Args:
        place: The row's place in the file's data, from 0.
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
        values: Column name -> one value per row, in the order of the contract.
        faults: Faults of single rows.
        changes: What was only notation.
        refusals: Faults that refuse the file.
    """

    lines: list[int]
    values: dict[str, list[Value]]
    faults: list[RowFault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    refusals: list[RefusedError] = field(default_factory=list)


@dataclass
class _Grid:
    table: RawTable
    personal: tuple[int, ...]

    def hides(self, place: int, text: str) -> bool:
        """Whether a text repeats an id of the person that the row is about."""
        cells = self.table.rows[place]
        ids = {clean(cells[at]) for at in self.personal} - {""}
        return any(one == text or (len(one) >= _SHORTEST_HIDDEN and one in text) for one in ids)


def convert(
    table: RawTable, names: Sequence[str], contract: Contract, setting: Setting, where: str
) -> Converted:
    """Convert every cell of a file by its contract.

    Args:
        table: The file's cells.
        names: Our column name for every column of the table.
        contract: The contract of its folder.
        setting: The envelope, the region and the key.
        where: How to name the file in a message.

    Returns:
        Typed columns for all rows, with what was set apart and what was only notation.
    """
    converted = Converted(lines=list(table.lines), values={})
    personal = [at for at, name in enumerate(names) if contract.column(name).is_pseudonym]
    grid = _Grid(table, tuple(personal))
    for column in contract.columns:
        if column.name in names:
            cells = _read(column, names.index(column.name), table, setting)
            converted.values[column.name] = [cell.value for cell in cells]
            at = names.index(column.name)
            _note(column, cells, [row[at] for row in table.rows], grid, converted, where)
        else:
            converted.values[column.name] = [None] * len(table.rows)
    _check_order(contract, converted)
    return converted


def _read(column: Column, at: int, table: RawTable, setting: Setting) -> list[Cell]:
    read = reader_for(column, setting)
    known: dict[tuple[str, bool], Cell] = {}
    cells = []
    for place, row in enumerate(table.rows):
        asked = (row[at], table.typed is not None and table.typed[place][at])
        cell = known.get(asked)
        if cell is None:
            cell = known[asked] = read(*asked)
        cells.append(cell)
    return cells


def _note(
    column: Column,
    cells: list[Cell],
    texts: list[str],
    grid: _Grid,
    converted: Converted,
    where: str,
) -> None:
    counts: Counter[Rule] = Counter()
    examples: dict[Rule, dict[str, str]] = {}
    refusing: dict[Reason, list[int]] = {}
    for place, cell in enumerate(cells):
        if cell.reason in REFUSING:
            refusing.setdefault(cell.reason, []).append(place)
        elif cell.reason is not None:
            found = _shown(column, texts[place], place, grid)
            if cell.reason is Reason.BAD_TEXT and grid.personal:
                found = f"{len(texts[place])} characters"
            fault = RowFault(place, column.name, cell.reason, found, cell.expected)
            converted.faults.append(fault)
        elif cell.rule is not None:
            counts[cell.rule] += 1
            shown = examples.setdefault(cell.rule, {})
            text = texts[place]
            is_new = len(shown) < EXAMPLES and text not in shown
            if is_new and _shown(column, text, place, grid):
                shown[text] = f"{text!r} -> {_written(cell.value)}"
    for rule in sorted(counts):
        converted.changes.append(
            Change(column.name, rule, counts[rule], tuple(examples[rule].values()))
        )
    for reason, places in refusing.items():
        converted.refusals.append(_refusal(column, reason, places, cells, texts, grid, where))


def _shown(column: Column, text: str, place: int, grid: _Grid) -> str:
    if column.is_personal or grid.hides(place, text):
        return ""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def _written(value: Value) -> str:
    if value is None:
        return "empty"
    return value.isoformat() if isinstance(value, date) else str(value)


_REFUSAL_WORDS = {
    Reason.UNKNOWN_MUNICIPALITY: (
        "this never was the code of a municipality",
        "Mend the code and deliver the file again.",
    ),
    Reason.FOREIGN_MUNICIPALITY: (
        "this municipality lies outside the region",
        "Take the row out, or deliver the file to the right region.",
    ),
    Reason.NEGATIVE_CAPACITY: (
        "a capacity cannot be negative",
        "A planned reduction belongs in capacity_plan.",
    ),
}


def _refusal(
    column: Column,
    reason: Reason,
    places: list[int],
    cells: list[Cell],
    texts: list[str],
    grid: _Grid,
    where: str,
) -> RefusedError:
    lines = [str(grid.table.lines[place]) for place in places[:_SHOWN]]
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    shown = dict.fromkeys(_shown(column, texts[place], place, grid) for place in places[:_SHOWN])
    what, todo = _REFUSAL_WORDS[reason]
    return DeliveryRefusedError(
        reason,
        what,
        where=f"{where}, column {column.name}, line {', '.join(lines)}{more}",
        found=", ".join(repr(text) for text in shown if text),
        expected=cells[places[0]].expected,
        todo=todo,
    )


def _check_order(contract: Contract, converted: Converted) -> None:
    for earlier, later in contract.ordered:
        pairs = zip(converted.values[earlier], converted.values[later], strict=True)
        for place, (start, end) in enumerate(pairs):
            if isinstance(start, date) and isinstance(end, date) and end < start:
                converted.faults.append(
                    RowFault(
                        place,
                        later,
                        Reason.END_BEFORE_START,
                        found=f"{end.isoformat()} ({earlier} {start.isoformat()})",
                        expected=f"{later} on or after {earlier}",
                    )
                )
