"""Reading numbers in the notation that the envelope declares.

Belongs here: thousands marks, decimal marks, bounds. Does not belong here: years and days
(`days.py`).
"""

import math
import re
from dataclasses import dataclass, replace

from pipelines.sources.cell import Cell, Reader, Setting, fails
from pipelines.sources.columns import Column, Kind
from pipelines.sources.reasons import Reason, Rule

_DECIMALS = 6
_LONGEST_NUMBER = 30
_FEWER_THAN = re.compile(r"<\s*([2-9]|10)")
_BRACKETED = re.compile(r"\(\s*([0-9].*?)\s*\)")


@dataclass(frozen=True)
class _Notation:
    plain: re.Pattern[str]
    grouped: re.Pattern[str]
    spaced: re.Pattern[str]
    fraction: re.Pattern[str]
    thousands: str
    decimal: str

    def plain_text(self, text: str) -> str:
        """Write a number that matched in the notation that `int` and `float` read."""
        return text.replace(self.thousands, "").replace(" ", "").replace(self.decimal, ".")


def _notation(thousands: str, decimal: str) -> _Notation:
    mark, point = re.escape(thousands), re.escape(decimal)
    grouped, spaced = rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+", r"[0-9]{1,3}(?: [0-9]{3})+"
    return _Notation(
        plain=re.compile(r"-?[0-9]+"),
        grouped=re.compile(f"-?{grouped}"),
        spaced=re.compile(f"-?{spaced}"),
        fraction=re.compile(rf"-?(?:[0-9]+|{grouped}|{spaced}){point}[0-9]+"),
        thousands=thousands,
        decimal=decimal,
    )


_NOTATIONS = {"nl-NL": _notation(".", ","), "en": _notation(",", ".")}
_OTHER = {"nl-NL": "en", "en": "nl-NL"}


def is_grouped(text: str, language: str) -> bool:
    """Whether a number carries thousands marks of this language."""
    return bool(_NOTATIONS[language].grouped.match(text.replace("\u2212", "-")))


def has_decimals(text: str, language: str) -> bool:
    """Whether a number has decimals in this language."""
    return bool(_NOTATIONS[language].fraction.fullmatch(text.replace("\u2212", "-")))


def is_of_other_language(text: str, language: str) -> bool:
    """Whether a text is a number with the marks of the other language and none of this one."""
    plain = text.replace("\u2212", "-")
    other = _NOTATIONS[_OTHER[language]]
    return bool(other.grouped.fullmatch(plain) or other.fraction.fullmatch(plain))


def number_reader(column: Column, setting: Setting) -> Reader:
    """Give the reader of whole or decimal numbers in the number language of the envelope.

    Whole numbers may carry thousands marks. "1.450" in a Dutch file is 1450 as a count; as a
    decimal number it waits until a person confirms that it is 1450, and so does "(3)" for -3. A
    count that is only given as "<5" stays empty, with the interval on record: no number is made
    up. A number that a workbook holds as such is read as it stands.
    """
    notation = _NOTATIONS[setting.envelope.number_language]
    is_whole = column.kind is Kind.WHOLE

    def read(text: str, typed: bool) -> Cell:
        if not typed:
            if is_whole and (fewer := _FEWER_THAN.fullmatch(text)):
                return _interval(column, int(fewer[1]))
            if bracketed := _BRACKETED.fullmatch(text):
                inner = read_plain(f"-{bracketed[1]}", False)
                wait = Reason.AMBIGUOUS_NUMBER
                return inner if inner.reason else replace(inner, wait=wait, expected="a minus sign")
            if column.may_be_share and text.endswith("%"):
                inner = read_plain(text[:-1].rstrip(), False)
                return inner if inner.reason else replace(inner, rule=Rule.PERCENT)
        return read_plain(text, typed)

    def read_plain(text: str, typed: bool) -> Cell:
        plain, wait = text, None
        if not typed:
            plain = text.replace("\u2212", "-")
            fault = _notation_fault(plain, notation, is_whole)
            if fault is not None:
                return fault
            if not is_whole and notation.grouped.fullmatch(plain):
                wait = Reason.AMBIGUOUS_NUMBER if plain.count(notation.thousands) == 1 else None
            plain = notation.plain_text(plain)
        number = _finite(plain)
        if number is None:
            return fails(Reason.BAD_NUMBER, "a number")
        if is_whole and not number.is_integer():
            return fails(Reason.NOT_WHOLE, "a whole number")
        reason, expected = _out_of_bounds(column, number)
        if reason is not None:
            return fails(reason, expected)
        value = int(number) if is_whole else round(number, _DECIMALS)
        rule = None if plain == text else Rule.NUMBER_NOTATION
        expected = f"{notation.decimal!r} for decimals only" if wait else ""
        return Cell(value, rule=rule, wait=wait, expected=expected)

    return read


def _interval(column: Column, bound: int) -> Cell:
    shown = f"[1, {bound - 1}]"
    if column.required:
        return fails(Reason.SUPPRESSED_COUNT, f"a count; fewer than {bound} is {shown}")
    return Cell(rule=Rule.INTERVAL, shown=shown)


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _notation_fault(text: str, notation: _Notation, is_whole: bool) -> Cell | None:
    if len(text) > _LONGEST_NUMBER:
        return fails(Reason.BAD_NUMBER, "a number")
    if notation.plain.fullmatch(text) or notation.spaced.fullmatch(text):
        return None
    if notation.grouped.fullmatch(text):
        return None
    if notation.fraction.fullmatch(text):
        return fails(Reason.NOT_WHOLE, "a whole number") if is_whole else None
    example = "1450" if is_whole else f"1450{notation.decimal}5"
    return fails(Reason.BAD_NUMBER, f"a number such as {example}")


def _out_of_bounds(column: Column, number: float) -> tuple[Reason | None, str]:
    if column.negative_refuses and number < 0:
        return Reason.NEGATIVE_CAPACITY, "0 or more"
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    if not low <= number <= high:
        return Reason.OUT_OF_RANGE, f"{low:.0f} to {high:.0f}"
    return None, ""
