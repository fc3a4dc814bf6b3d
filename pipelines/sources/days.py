"""Reading days, months, quarters and years.

Belongs here: calendar notation and what lies in the future. Does not belong here: rules over two
dates of a row (`convert.py`).
"""

import re
from datetime import date, timedelta

from pipelines.sources.cell import STAMP, Cell, Reader, Setting, changed, fails
from pipelines.sources.columns import EARLIEST_YEAR, LATEST_YEAR, Column
from pipelines.sources.envelope import Envelope
from pipelines.sources.reasons import Reason, Rule

OPEN_END = date(9999, 12, 31)
"""The day that means "no end agreed", where the contract allows it."""

_SERIAL_ORIGIN = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 36526, 55153
_DAYS_TO_1904 = 1462
_NUMBERED = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2([0-9]{4})")
_MONTHS_A_YEAR = 12
_MONTHS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>[0-9]{4})[-/m]?(?P<m>[0-9]{2})",
        r"(?P<y>[0-9]{4})[-/](?P<m>[0-9])",
        r"(?P<m>[0-9]{1,2})[-/](?P<y>[0-9]{4})",
    )
)
_NAMED_MONTH = re.compile(r"([a-z]+)[ -]([0-9]{4})")
_MONTH_NAMES = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
_QUARTERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>[0-9]{4})[-_ ]?(?:kw|k|q)[-_ ]?0?(?P<q>[1-4])",
        r"(?:kw|k|q)(?P<q>[1-4])[-_/ ]?(?P<y>[0-9]{4})",
        r"(?P<q>[1-4])e kwartaal (?P<y>[0-9]{4})",
    )
)


def day_reader(column: Column, setting: Setting) -> Reader:
    """Give the reader of days in the notations of the envelope, and of Excel's day numbers."""
    envelope = setting.envelope
    expected = " or ".join(envelope.date_formats)

    def read(text: str, typed: bool) -> Cell:
        serial = text.partition(".")[0] if typed else text
        if re.fullmatch(r"[0-9]{5}", serial):
            number = int(serial) + (_DAYS_TO_1904 if setting.dates_1904 and typed else 0)
            if not _FIRST_SERIAL <= number <= _LAST_SERIAL:
                return fails(Reason.BAD_DATE, expected)
            day, rule = _SERIAL_ORIGIN + timedelta(days=number), Rule.SERIAL_DATE
        else:
            days = _days(text, typed, envelope)
            if len(days) > 1:
                return fails(Reason.AMBIGUOUS_DATE, expected)
            if not days:
                turned = not typed and _may_be_turned(text, envelope)
                return fails(Reason.WRONG_DATE_ORDER if turned else Reason.BAD_DATE, expected)
            day, rule = days.pop(), Rule.DATE_NOTATION
        if column.open_end and day == OPEN_END:
            return changed(day, text, rule)
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            return fails(Reason.DATE_OUT_OF_RANGE, f"{EARLIEST_YEAR} to {LATEST_YEAR}")
        return _not_after_delivery(changed(day, text, rule), day, column, envelope)

    return read


def _days(text: str, typed: bool, envelope: Envelope) -> set[date]:
    stamp = STAMP.fullmatch(text) if typed else None
    if stamp is not None:
        parts = [(int(stamp[1]), int(stamp[2]), int(stamp[3]))]
    else:
        matches = [pattern.fullmatch(text) for pattern in envelope.date_patterns]
        parts = [(int(m["y"]), int(m["m"]), int(m["d"])) for m in matches if m is not None]
    days = set()
    for year, month, day in parts:
        try:
            days.add(date(year, month, day))
        except ValueError:
            continue
    return days


def _may_be_turned(text: str, envelope: Envelope) -> bool:
    """Tell whether the declared notations do not settle which number is the day.

    "04-13-2024" proves that day and month stand the other way round than "dd-mm-yyyy" says, and
    "03/04/2024" in a notation that is not declared may be either.
    """
    match = _NUMBERED.fullmatch(text)
    if match is None:
        return False
    first, second = int(match[1]), int(match[3])
    if max(first, second) > _MONTHS_A_YEAR:
        day_first = [fmt.startswith("d") for fmt in envelope.date_formats if fmt.endswith("yyyy")]
        turned_day = second if all(day_first) else first if not any(day_first) else 0
        return bool(day_first) and turned_day > _MONTHS_A_YEAR >= first + second - turned_day
    is_declared = any(fmt.endswith("yyyy") and match[2] in fmt for fmt in envelope.date_formats)
    return first != second and not is_declared


def notation_of(text: str, envelope: Envelope) -> str:
    """Say in which declared notation a day stands, "serial" for Excel's number of it."""
    if re.fullmatch(r"[0-9]{5}", text):
        return "serial"
    patterns = zip(envelope.date_formats, envelope.date_patterns, strict=True)
    return next((name for name, pattern in patterns if pattern.fullmatch(text)), "")


def _not_after_delivery(cell: Cell, day: date, column: Column, envelope: Envelope) -> Cell:
    if column.planned or day <= envelope.delivered_on:
        return cell
    return fails(Reason.FUTURE_DATE, f"not after the day of delivery, {envelope.delivered_on}")


def month_reader(column: Column, setting: Setting) -> Reader:
    """Give the reader of months: "2026-03", "03-2026", "maart 2026", or the first day of one."""
    read_day = day_reader(column, setting)
    bad = fails(Reason.BAD_MONTH, "YYYY-MM")

    def read(text: str, typed: bool) -> Cell:
        matches = (pattern.fullmatch(text.casefold()) for pattern in _MONTHS)
        match = next((found for found in matches if found), None)
        named = _NAMED_MONTH.fullmatch(text.casefold())
        if match:
            year, month = int(match["y"]), int(match["m"])
        elif named and named[1] in _MONTH_NAMES:
            year, month = int(named[2]), _MONTH_NAMES.index(named[1]) + 1
        else:
            day = read_day(text, typed).value
            if not isinstance(day, date) or day.day != 1:
                return bad
            year, month = day.year, day.month
        if not (EARLIEST_YEAR <= year <= LATEST_YEAR and 1 <= month <= 12):
            return bad
        cell = changed(f"{year:04d}-{month:02d}", text, Rule.MONTH_NOTATION)
        return _not_after_delivery(cell, date(year, month, 1), column, setting.envelope)

    return read


def quarter_reader(column: Column, setting: Setting) -> Reader:
    """Give the reader of quarters: "2026K1", "2026-Q1", "1e kwartaal 2026"."""

    def read(text: str, _typed: bool) -> Cell:
        matches = (pattern.fullmatch(text.casefold()) for pattern in _QUARTERS)
        match = next((found for found in matches if found), None)
        if match is None or not EARLIEST_YEAR <= int(match["y"]) <= LATEST_YEAR:
            return fails(Reason.BAD_QUARTER, "a quarter such as 2026K1")
        year, quarter = int(match["y"]), int(match["q"])
        cell = changed(f"{year:04d}K{quarter}", text, Rule.QUARTER_NOTATION)
        return _not_after_delivery(cell, date(year, 3 * quarter - 2, 1), column, setting.envelope)

    return read


def year_reader(column: Column, setting: Setting) -> Reader:
    """Give the reader of calendar years."""
    low = EARLIEST_YEAR if column.low is None else int(column.low)
    high = LATEST_YEAR if column.high is None else int(column.high)

    def read(text: str, _typed: bool) -> Cell:
        if not re.fullmatch(r"[0-9]{4}", text):
            return fails(Reason.BAD_YEAR, "a year such as 2026")
        year = int(text)
        if not low <= year <= high:
            return fails(Reason.OUT_OF_RANGE, f"{low} to {high}")
        return _not_after_delivery(Cell(year), date(year, 1, 1), column, setting.envelope)

    return read
