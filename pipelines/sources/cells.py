"""What the text of one cell means under its contract and its envelope.

Belongs here: the choice of the reader, and the readers of words, ids, texts and municipalities.
Does not belong here: numbers (`numbers.py`), calendar (`days.py`), rows and files (`convert.py`,
`rows.py`).

A reader never guesses: text that the declared notation does not cover comes back with a reason.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from pipelines.sources.cell import STAMP, Cell, Reader, Setting, changed, clean, fails
from pipelines.sources.columns import Column, Kind, fold
from pipelines.sources.contracts import CONTRACTS, GATE_STATES
from pipelines.sources.days import day_reader, month_reader, quarter_reader, year_reader
from pipelines.sources.keys import pseudonym
from pipelines.sources.numbers import number_reader
from pipelines.sources.reasons import Reason, Rule

REFUSING: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
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
        Reason.AMBIGUOUS_DATE: (
            "days may be read in two of the declared notations",
            "Leave one of the two in date_formats.",
        ),
        Reason.WRONG_DATE_ORDER: (
            "day and month may stand the other way round than declared",
            "Mend date_formats in the envelope, or ask for the file again.",
        ),
        Reason.UNKNOWN_UNIT: (
            "the unit is missing or not one of the contract",
            "Ask the sender for the unit of the figures.",
        ),
        Reason.BROKEN_KEY: (
            "a key holds a line end or an error of a spreadsheet",
            "Mend the cell and deliver the file again.",
        ),
        Reason.CONTROL_CHARACTERS: (
            "a cell holds characters that nobody can see",
            "Type the cell again and deliver the file again.",
        ),
        Reason.UNSAFE_TEXT: (
            "a text reads as a formula, markup or a command",
            "Write names with letters, digits and plain marks only.",
        ),
    }
)
"""Reasons that refuse the whole file, not the row: what is wrong, and what the reader can do."""

_MISSING = frozenset({"-", "--", "x", ".", "?", "n.v.t.", "nvt", "n.b.", "onbekend", "null", "nan"})
_NAMES = frozenset({Kind.ID, Kind.RECORD, Kind.CLIENT, Kind.TEXT})
_WRITTEN = _NAMES | {Kind.ENUM, Kind.MUNICIPALITY, Kind.MUNICIPALITIES}
_OUTSIDE = frozenset({"buiten regio", "buiten de regio", "andere regio", "elders", "buitenland"})
_ERROR_WORD = re.compile(
    r"#(?:REF|NAME|DIV/0|VALUE|NUM|NULL|SPILL|CALC|DEEL/0|WAARDE|VERW|NAAM|GETAL|LEEG|OVERLOOP)!"
    r"|#NAME\?|#NAAM\?|#N/A|#N/B|#N\.B\.",
    re.IGNORECASE,
)
_STEERING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200e\u200f"
    r"\u202a-\u202e\u2061-\u206f\ufff9-\ufffb\ufffd\ue000-\uf8ff]"
)
_LINE_END = re.compile(r"[\r\n\u2028\u2029]")
_UNSAFE = re.compile(
    r"^[=+@\t]|^-(?=[^\d\s])|[<>{}$\\`|]|['\"]\)?\s*;|javascript:|data:text"
    r"|;\s*(?:drop|delete|insert|update|select|alter)\b",
    re.IGNORECASE,
)
_MISREAD = (("cp1252", "utf-8"), ("latin-1", "utf-8"))

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
    contract = CONTRACTS.get(setting.envelope.contract)
    is_key = contract is not None and column.name in contract.key

    def cell_of(raw: str, typed: bool) -> Cell:
        text = clean(raw)
        fault = None if typed else _fault_of_any(column, text, is_key)
        if fault is not None:
            return fault
        means_nothing = text.casefold() in _MISSING and fold(text) not in words
        if column.kind in _NAMES and text.casefold() == "x":
            means_nothing = False
        if not text or means_nothing:
            if column.is_unit:
                return Cell(reason=Reason.UNKNOWN_UNIT, expected="a unit of the contract")
            if column.required:
                return Cell(reason=Reason.MISSING_VALUE, expected="a value")
            return Cell(rule=Rule.MISSING_WORD if text else None)
        cell = read(text, typed)
        if cell.reason is None and cell.rule is None and text != raw:
            return Cell(value=cell.value, rule=Rule.TRIM)
        return cell

    return cell_of


def _fault_of_any(column: Column, text: str, is_key: bool) -> Cell | None:
    """Say what no cell may hold, whatever its column."""
    if _STEERING.search(text):
        return fails(Reason.CONTROL_CHARACTERS, "no characters that nobody can see")
    if _ERROR_WORD.fullmatch(text):
        reason = Reason.BROKEN_KEY if is_key else Reason.SPREADSHEET_ERROR
        return fails(reason, "a value instead of an error of the spreadsheet")
    if is_key and _LINE_END.search(text):
        return fails(Reason.BROKEN_KEY, "a key on one line")
    if column.kind in _WRITTEN and _UNSAFE.search(text):
        is_list = column.kind is Kind.MUNICIPALITIES and not _UNSAFE.search(text.replace("|", ","))
        if not is_list:
            return fails(Reason.UNSAFE_TEXT, "letters, digits and plain marks")
    return None


def mended(text: str) -> str:
    """Give a text as it was before a wrong encoding spoilt it, "" where none did."""
    if text.isascii():
        return ""
    for read_as, written_as in _MISREAD:
        try:
            return text.encode(read_as).decode(written_as)
        except UnicodeError:
            continue
    return ""


def _word(column: Column, _setting: Setting) -> Reader:
    words = column.words
    expected = "one of: " + ", ".join(dutch[0] for dutch in column.values.values())
    is_boolean = column.kind is Kind.BOOLEAN

    def read(text: str, _typed: bool) -> Cell:
        value = words.get(fold(text))
        if value is None:
            reason = Reason.UNKNOWN_UNIT if column.is_unit else Reason.UNKNOWN_VALUE
            return fails(reason, expected)
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
    hide = hider_for(column, setting)

    def read(text: str, typed: bool) -> Cell:
        cell = read_id(text, typed)
        return Cell(hide(text)) if cell.reason is None else cell

    return read


def hider_for(column: Column, setting: Setting) -> Callable[[str], str]:
    """Give what turns a good id of a person or a record into its pseudonym."""
    hide = partial(pseudonym, setting.key, setting.region_id, column.name)
    is_own = column.kind is Kind.CLIENT and setting.envelope.client_numbers == "sender"
    prefix = f"{setting.envelope.sender}\0" if is_own else ""
    return lambda text: hide(prefix + text)


def _text(column: Column, _setting: Setting) -> Reader:
    longest = int(column.high or 80)

    def read(text: str, typed: bool) -> Cell:
        if repaired := mended(text):
            cell = read(repaired, typed)
            expected = f"perhaps {repaired!r}" if cell.reason is None else "readable letters"
            return (
                Cell(cell.value, rule=Rule.REPAIR, wait=Reason.MOJIBAKE, expected=expected)
                if cell.reason is None
                else fails(Reason.BAD_TEXT, expected)
            )
        value = _RUN_OF_SPACES.sub(" ", unicodedata.normalize("NFC", text))
        is_day = typed and STAMP.fullmatch(text)
        if is_day or len(value) > longest or not _TEXT.fullmatch(value):
            return fails(Reason.BAD_TEXT, f"letters, digits and plain marks, at most {longest}")
        return changed(value, text, Rule.TEXT_FORM)

    return read


def _municipality(column: Column, setting: Setting) -> Reader:
    def read(text: str, _typed: bool) -> Cell:
        if not column.own_region and text.casefold() in _OUTSIDE:
            return Cell(rule=Rule.OUTSIDE_REGION, shown="outside the region")
        match = _MUNICIPALITY.fullmatch(text)
        code = f"GM{int(match[1]):04d}" if match else ""
        cell = changed(code, text, Rule.MUNICIPALITY_NOTATION)
        if code not in setting.known_codes:
            cell = _by_name(text, setting)
        is_foreign = column.own_region and cell.value not in setting.municipality_codes
        if cell.reason is None and is_foreign:
            return fails(Reason.FOREIGN_MUNICIPALITY, "a municipality of this region")
        return cell

    return read


def _by_name(text: str, setting: Setting) -> Cell:
    """Read a municipality by its name; what may have been meant is only ever suggested."""
    expected = "a CBS code such as GM0392"
    if setting.municipalities is None:
        return fails(Reason.UNKNOWN_MUNICIPALITY, expected)
    found = setting.municipalities.resolve(text)
    if found.code is None and found.repaired:
        again = setting.municipalities.resolve(found.repaired)
        if again.code is not None and again.code in setting.known_codes:
            expected = f"perhaps {found.suggestion}"
            wait = Reason.MOJIBAKE
            return Cell(again.code, rule=Rule.REPAIR, wait=wait, expected=expected)
    if found.code is None or found.code not in setting.known_codes:
        reason = found.reason or Reason.UNKNOWN_MUNICIPALITY
        hint = f"; perhaps {found.suggestion}" if found.suggestion else ""
        return fails(reason, expected + hint)
    is_exact = found.is_exact_notation
    return Cell(
        found.code, rule=Rule.MUNICIPALITY_NOTATION if is_exact else Rule.MUNICIPALITY_ALIAS
    )


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
