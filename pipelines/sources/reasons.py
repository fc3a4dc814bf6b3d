"""Why a row is set apart or a file refused, and how a cell was read: the closed lists of codes.

Belongs here: the codes (label files give each its Dutch sentence) and the error that carries one.
Does not belong here: deciding which one applies.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.errors import RefusedError


class Reason(StrEnum):
    """Why a row is set apart, a whole file is refused or waits, or a warning is given."""

    MISSING_VALUE = "missing_value"
    """A cell that the contract requires is empty."""
    BAD_NUMBER = "bad_number"
    """This is no number in the notation that the envelope declares."""
    AMBIGUOUS_NUMBER = "ambiguous_number"
    """The point or comma may mark thousands or decimals."""
    NOT_WHOLE = "not_whole"
    """A fraction stands where a whole number belongs."""
    OUT_OF_RANGE = "out_of_range"
    """The number lies outside the bounds of its column."""
    BAD_DATE = "bad_date"
    """This is no day in one of the notations that the envelope declares."""
    AMBIGUOUS_DATE = "ambiguous_date"
    """Two of the declared notations read different days here."""
    DATE_OUT_OF_RANGE = "date_out_of_range"
    """The day lies before 1900 or after 2100."""
    FUTURE_DATE = "future_date"
    """The day lies after the day of delivery."""
    BAD_MONTH = "bad_month"
    """This is no calendar month."""
    BAD_QUARTER = "bad_quarter"
    """This is no quarter of a year."""
    BAD_YEAR = "bad_year"
    """This is no calendar year."""
    UNKNOWN_VALUE = "unknown_value"
    """The word is not one of those that the contract knows."""
    BAD_ID = "bad_id"
    """The id holds characters that no id has, or was written as a number in powers of ten."""
    BAD_TEXT = "bad_text"
    """The text is too long or holds characters that no name has."""
    BAD_GATES = "bad_gates"
    """The cell does not give the state of every gate once."""
    END_BEFORE_START = "end_before_start"
    """A later date lies before the date it follows."""
    DUPLICATE_KEY = "duplicate_key"
    """Several rows carry this key and differ."""
    OVERLAPPING_STAYS = "overlapping_stays"
    """Stays of one person overlap by more than a day."""
    SUPPRESSED_COUNT = "suppressed_count"
    """A required count is only given as "fewer than"."""
    TWICE_ON_THE_LIST = "twice_on_the_list"
    """One person stands on a list twice, both times without an end."""
    DIFFERENT_PERSONS = "different_persons"
    """One client number belongs to people with different years of birth."""
    SPLIT_MUNICIPALITY = "split_municipality"
    """A municipality that was no more on the day, and was split over several."""
    CODE_AND_NAME_DIFFER = "code_and_name_differ"
    """The code and the name beside it are two municipalities."""

    NO_ENVELOPE = "no_envelope"
    """The file has no envelope beside it."""
    BAD_ENVELOPE = "bad_envelope"
    """The envelope cannot be read or holds a wrong value."""
    WRONG_BOX = "wrong_box"
    """Contract, sender or region of the envelope do not fit the folder."""
    NO_FILE = "no_file"
    """The envelope has no file beside it."""
    UNKNOWN_CONTRACT = "unknown_contract"
    """The folder is none of the contracts."""
    UNREADABLE = "unreadable"
    """The file cannot be opened, is too large, or is not what its name says."""
    WRONG_ENCODING = "wrong_encoding"
    """The bytes are not in the declared encoding."""
    EMPTY_FILE = "empty_file"
    """The file holds nothing."""
    NO_ROWS = "no_rows"
    """The file holds a header only and the envelope gives no reason; or a reason but also rows."""
    ROW_COUNT = "row_count"
    """The number of rows is not the one that the envelope gives."""
    BROKEN_STRUCTURE = "broken_structure"
    """Rows are shorter or longer than the header, or a quote is left open."""
    DUPLICATE_HEADER = "duplicate_header"
    """Two headers name the same column."""
    UNKNOWN_COLUMN = "unknown_column"
    """A header names no column of the contract."""
    MISSING_COLUMN = "missing_column"
    """A column that the contract requires is not there."""
    WRONG_SHEET = "wrong_sheet"
    """The workbook does not say which sheet, or hides one."""
    SPREADSHEET_ERROR = "spreadsheet_error"
    """Cells of the workbook hold an error such as #REF!."""
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    """A code never was a municipality."""
    FOREIGN_MUNICIPALITY = "foreign_municipality"
    """A facility or home of the region stands in a municipality outside it."""
    NEGATIVE_CAPACITY = "negative_capacity"
    """A capacity file holds a negative number."""
    TOO_MANY_QUARANTINED = "too_many_quarantined"
    """More than 5 % of the rows, and more than three, would be set apart."""
    CHANGED_WHILE_READ = "changed_while_read"
    """The file or its envelope changed while it was being read."""
    SAME_PERIOD_TWICE = "same_period_twice"
    """A series gives one period twice, with other figures."""
    OUTSIDE_PERIOD = "outside_period"
    """Rows lie outside the period of the envelope: refused when they are many, else a warning."""
    STALE_CORRECTION = "stale_correction"
    """A correction expects another value than the one that stands there."""
    BAD_CORRECTION = "bad_correction"
    """A correction cannot be read, or names nothing that was delivered."""
    PERIODS_MISSING = "periods_missing"
    """Periods are missing from a series: a warning, and for a person when more than 2 of 12."""
    CAPACITY_JUMP = "capacity_jump"
    """The places of a facility changed ten times over, or to none, since the last delivery."""
    CLOSED_PERIODS_CHANGED = "closed_periods_changed"
    """More than 10 % of the cells of closed periods differ from the last delivery of this file."""
    KNOWN_CONTENT = "known_content"
    """The same content was delivered before under another name."""
    PERSONAL_DATA = "personal_data"
    """The file holds, or may hold, personal data; nothing of it is kept."""
    MIXED_SYNTHETIC = "mixed_synthetic"
    """Synthetic and real deliveries lie in one region."""
    WRONG_KEY = "wrong_key"
    """Real deliveries would be read with the openly known example key."""
    WRONG_HASH = "wrong_hash"
    """The bytes are not those of which the envelope gives the sha256."""
    CONTROL_TOTAL = "control_total"
    """A column does not add up to the control total in the envelope."""
    TOTAL_MISMATCH = "total_mismatch"
    """A row of totals in the file does not equal the sum of its rows."""
    INCOMPLETE_END = "incomplete_end"
    """The last line has no end, so that the file may have been cut."""
    WRONG_NUMBER_LANGUAGE = "wrong_number_language"
    """Numbers stand in another notation than the envelope declares, or in several."""
    WRONG_DATE_ORDER = "wrong_date_order"
    """Day and month may stand the other way round than the envelope declares."""
    UNKNOWN_UNIT = "unknown_unit"
    """The unit is missing or none of those that the contract knows."""
    MIXED_PERCENT = "mixed_percent"
    """Shares stand otherwise than the envelope declares: as a fraction or as a percentage."""
    BROKEN_KEY = "broken_key"
    """A key holds a line end or an error of a spreadsheet."""
    CONTROL_CHARACTERS = "control_characters"
    """A cell holds characters that steer the reading direction or a device."""
    UNSAFE_TEXT = "unsafe_text"
    """A text reads as a formula, markup or a command."""
    SEVERAL_HEADER_ROWS = "several_header_rows"
    """The header stands in several rows, or headers were merged."""
    OCCUPANCY = "occupancy"
    """More people live in a facility than it has places."""
    MOJIBAKE = "mojibake"
    """Letters with accents were spoilt by a wrong encoding."""
    HIDDEN_ROWS = "hidden_rows"
    """The sheet hides rows or columns; they count as data."""
    WHOLE_MUNICIPALITY = "whole_municipality"
    """Every row of a municipality would be set apart."""
    MISSING_WORDS = "missing_words"
    """Words such as "onbekend" or "<5" stand in a column of counts."""
    MIXED_DATES = "mixed_dates"
    """Days of one column stand in several of the declared notations."""
    PERSON_AT_TWO_SENDERS = "person_at_two_senders"
    """One client number comes from two organisations."""
    UNKNOWN_REFERENCE = "unknown_reference"
    """Rows name an id of another contract that no accepted row there has."""
    LONG_STAY = "long_stay"
    """A stay has lasted fifteen years and has no end."""


class Rule(StrEnum):
    """How a cell was read where its text is not yet the value: what was only notation."""

    TRIM = "trim"
    """Spaces or invisible characters around the text."""
    TEXT_FORM = "text_form"
    """Double spaces, line ends or another Unicode form inside a text."""
    NUMBER_NOTATION = "number_notation"
    """Thousands marks, decimal comma or another minus sign."""
    DATE_NOTATION = "date_notation"
    """A day in the declared notation."""
    SERIAL_DATE = "serial_date"
    """A day as the number that Excel gives it."""
    MONTH_NOTATION = "month_notation"
    """A month written otherwise."""
    QUARTER_NOTATION = "quarter_notation"
    """A quarter written otherwise."""
    WORD = "word"
    """A Dutch word of the contract, or another case."""
    MUNICIPALITY_NOTATION = "municipality_notation"
    """A municipality code without GM or without zeros."""
    MUNICIPALITY_ALIAS = "municipality_alias"
    """Another spelling of a municipality's name; recorded row by row."""
    MERGED_MUNICIPALITY = "merged_municipality"
    """A municipality that was no more on the day, read as the one it went over into; row by row."""
    MISSING_WORD = "missing_word"
    """A word for "unknown" in a cell that may be empty."""
    IDENTICAL_ROW = "identical_row"
    """A row that repeats an earlier one word for word; it counts once."""
    PERCENT = "percent"
    """A percentage, read as a share of 1."""
    TOTAL_ROW = "total_row"
    """A row of totals that equals the sum of its rows; it is no data."""
    TITLE_LINES = "title_lines"
    """Lines above the header that the envelope declares; they are no data."""
    INTERVAL = "interval"
    """A count given as "fewer than"; it stays empty and the interval is on record, row by row."""
    MERGED_CELL = "merged_cell"
    """A value of a merged range, read in the rows under its first cell, row by row."""
    REPAIR = "repair"
    """Letters that a wrong encoding had spoilt, mended after a person confirmed it, row by row."""
    OUTSIDE_REGION = "outside_region"
    """Words for "outside the region", read as no municipality of the region."""
    CORRECTION = "correction"
    """A value that corrections.toml puts in the place of a delivered one, row by row."""


ROW_BY_ROW = frozenset(
    {
        Rule.IDENTICAL_ROW,
        Rule.INTERVAL,
        Rule.MERGED_CELL,
        Rule.REPAIR,
        Rule.MUNICIPALITY_ALIAS,
        Rule.MERGED_MUNICIPALITY,
        Rule.CORRECTION,
    }
)
"""Rules that could alter a meaning: each use is on record with its line."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know of an accepted file, or must confirm before it counts.

    Args:
        reason: The code.
        what: What it is, as the start of a sentence.
        line: The first line it is about, or None.
        column: Our name of the column, or "".
        found: What stands there; never anything that may point at a person.
        expected: What should stand there.
        todo: What the reader can do.
    """

    reason: Reason
    what: str
    line: int | None = None
    column: str = ""
    found: str = ""
    expected: str = ""
    todo: str = ""


class DeliveryRefusedError(RefusedError):
    """A delivered file that is refused, with the code of the reason.

    Args:
        reason: The code.
        what: What is wrong, as the start of a sentence.
        where: The file, relative to the region's folder.
        found: What stands there; never anything that may point at a person.
        expected: What should stand there.
        todo: What the reader can do.
        line: The first line it is about, or None.
        column: Our name of the column, or "".
    """

    def __init__(
        self,
        reason: Reason,
        what: str,
        *,
        where: str = "",
        found: str = "",
        expected: str = "",
        todo: str = "",
        line: int | None = None,
        column: str = "",
    ) -> None:
        super().__init__(what, where=where, found=found, expected=expected, todo=todo)
        self.reason, self.line, self.column = reason, line, column
