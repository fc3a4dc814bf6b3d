"""What the text of one cell means under its contract and its envelope.

Belongs here: the choice of the reader, and the readers of words, ids, texts and municipalities.
Does not belong here: numbers (`numbers.py`), calendar (`days.py`), rows and files (`convert.py`,
`rows.py`).

A reader never guesses: text that the declared notation does not cover comes back with a reason.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial

from pipelines.sources.cell import STAMP, Cell, Reader, Setting, changed, clean, fails
from pipelines.sources.columns import Column, Kind, fold
from pipelines.sources.contracts import GATE_STATES
from pipelines.sources.days import day_reader, month_reader, quarter_reader, year_reader
from pipelines.sources.keys import pseudonym
from pipelines.sources.numbers import number_reader
from pipelines.sources.reasons import Reason, Rule

REFUSING = frozenset(
    {Reason.UNKNOWN_MUNICIPALITY, Reason.FOREIGN_MUNICIPALITY, Reason.NEGATIVE_CAPACITY}
)
"""Reasons that refuse the whole file, not the row."""

_MISSING = frozenset({"-", "--", "x", ".", "?", "n.v.t.", "nvt", "n.b.", "onbekend", "null", "nan"})
_NAMES = frozenset({Kind.ID, Kind.RECORD, Kind.CLIENT, Kind.TEXT})

_ID = re.compile(r"\w(?:[\w .:/+\-]{0,62}\w)?")
_POWER_OF_TEN = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
_TEXT = re.compile(r"[\w'\u2019(][\w '\u2019\-.,/&()+:]*")
_RUN_OF_SPACES = re.compile(r"\s+")
_MUNICIPALITY = re.compile(r"(?:GM)?([0-9]{1,4})", re.IGNORECASE)
_LIST_MARKS = re.compile(r"\s*[|;,/]\s*")


def reader_for(column: Column, setting: Setting) -> Reader:
    """Give the reader of a column's cells.

    Args:
        column: The declaration.
        setting: The envelope, the region and the key.
    """
    read = _READERS[column.kind](column, setting)
    words = column.words if column.kind in {Kind.ENUM, Kind.BOOLEAN} else {}

    def cell_of(raw: str, typed: bool) -> Cell:
        text = clean(raw)
        means_nothing = text.casefold() in _MISSING and fold(text) not in words
        if column.kind in _NAMES and text.casefold() == "x":
            means_nothing = False
        if not text or means_nothing:
            if column.required:
                return Cell(reason=Reason.MISSING_VALUE, expected="a value")
            return Cell(rule=Rule.MISSING_WORD if text else None)
        cell = read(text, typed)
        if cell.reason is None and cell.rule is None and text != raw:
            return Cell(value=cell.value, rule=Rule.TRIM)
        return cell

    return cell_of


def _word(column: Column, _setting: Setting) -> Reader:
    words = column.words
    expected = "one of: " + ", ".join(dutch[0] for dutch in column.values.values())
    is_boolean = column.kind is Kind.BOOLEAN

    def read(text: str, _typed: bool) -> Cell:
        value = words.get(fold(text))
        if value is None:
            return fails(Reason.UNKNOWN_VALUE, expected)
        rule = None if text == value else Rule.WORD
        return Cell(value == "true" if is_boolean else value, rule=rule)

    return read


def _gates(column: Column, _setting: Setting) -> Reader:
    words = column.words
    states = {fold(word): state for state, dutch in GATE_STATES.items() for word in (state, *dutch)}
    expected = " | ".join(f"{dutch[0]}=open" for dutch in column.values.values())

    def read(text: str, _typed: bool) -> Cell:
        found: dict[str, str] = {}
        parts = [re.split(r"\s*[=:]\s*", part) for part in re.split(r"\s*[|;,]\s*", text)]
        for part in parts:
            gate = words.get(fold(part[0]))
            state = states.get(fold(part[1])) if len(part) == 2 else None
            if gate is None or state is None or gate in found:
                return fails(Reason.BAD_GATES, expected)
            found[gate] = state
        if set(found) != set(column.values):
            return fails(Reason.BAD_GATES, expected)
        return changed("|".join(f"{gate}={found[gate]}" for gate in column.values), text, Rule.WORD)

    return read


def _id(_column: Column, _setting: Setting) -> Reader:
    def read(text: str, typed: bool) -> Cell:
        is_day = typed and STAMP.fullmatch(text)
        if is_day or not _ID.fullmatch(text) or _POWER_OF_TEN.fullmatch(text):
            return fails(Reason.BAD_ID, "letters, digits and . : / + - up to 64 characters")
        return Cell(text)

    return read


def _pseudonym(column: Column, setting: Setting) -> Reader:
    read_id = _id(column, setting)
    hide = partial(pseudonym, setting.key, setting.region_id, column.name)

    def read(text: str, typed: bool) -> Cell:
        cell = read_id(text, typed)
        return Cell(hide(text)) if cell.reason is None else cell

    return read


def _text(column: Column, _setting: Setting) -> Reader:
    longest = int(column.high or 80)

    def read(text: str, typed: bool) -> Cell:
        value = _RUN_OF_SPACES.sub(" ", unicodedata.normalize("NFC", text))
        is_day = typed and STAMP.fullmatch(text)
        if is_day or len(value) > longest or not _TEXT.fullmatch(value):
            return fails(Reason.BAD_TEXT, f"letters, digits and plain marks, at most {longest}")
        return changed(value, text, Rule.TEXT_FORM)

    return read


def _municipality(column: Column, setting: Setting) -> Reader:
    def read(text: str, _typed: bool) -> Cell:
        match = _MUNICIPALITY.fullmatch(text)
        code = f"GM{int(match[1]):04d}" if match else ""
        if code not in setting.known_codes:
            return fails(Reason.UNKNOWN_MUNICIPALITY, "a CBS code such as GM0392")
        if column.own_region and code not in setting.municipality_codes:
            return fails(Reason.FOREIGN_MUNICIPALITY, "a municipality of this region")
        return changed(code, text, Rule.MUNICIPALITY_NOTATION)

    return read


def _municipalities(column: Column, setting: Setting) -> Reader:
    read_one = _municipality(column, setting)

    def read(text: str, typed: bool) -> Cell:
        cells = [read_one(part, typed) for part in _LIST_MARKS.split(text)]
        for cell in cells:
            if cell.reason is not None:
                return cell
        codes = dict.fromkeys(str(cell.value) for cell in cells)
        return changed("|".join(codes), text, Rule.MUNICIPALITY_NOTATION)

    return read


_READERS: dict[Kind, Callable[[Column, Setting], Reader]] = {
    Kind.ID: _id,
    Kind.RECORD: _pseudonym,
    Kind.CLIENT: _pseudonym,
    Kind.TEXT: _text,
    Kind.MONTH: month_reader,
    Kind.QUARTER: quarter_reader,
    Kind.DATE: day_reader,
    Kind.YEAR: year_reader,
    Kind.WHOLE: number_reader,
    Kind.DECIMAL: number_reader,
    Kind.BOOLEAN: _word,
    Kind.ENUM: _word,
    Kind.MUNICIPALITY: _municipality,
    Kind.MUNICIPALITIES: _municipalities,
    Kind.GATES: _gates,
}
