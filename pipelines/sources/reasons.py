"""Why a row is set apart or a file refused, and how a cell was read: the closed lists of codes.

Belongs here: the codes (label files give each its Dutch sentence) and the error that carries one.
Does not belong here: deciding which one applies.
"""

from enum import StrEnum

from models.errors import RefusedError


class Reason(StrEnum):
    """Why a row is set apart (first part) or a whole file is refused (second part)."""

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
    MIXED_SYNTHETIC = "mixed_synthetic"
    """Synthetic and real deliveries lie in one region."""
    WRONG_KEY = "wrong_key"
    """Real deliveries would be read with the openly known example key."""


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
    MISSING_WORD = "missing_word"
    """A word for "unknown" in a cell that may be empty."""
    IDENTICAL_ROW = "identical_row"
    """A row that repeats an earlier one word for word; it counts once."""


class DeliveryRefusedError(RefusedError):
    """A delivered file that is refused, with the code of the reason.

    Args:
        reason: The code.
        what: What is wrong, as the start of a sentence.
        where: The file, relative to the region's folder.
        found: What stands there; never anything that may point at a person.
        expected: What should stand there.
        todo: What the reader can do.
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
    ) -> None:
        super().__init__(what, where=where, found=found, expected=expected, todo=todo)
        self.reason = reason
