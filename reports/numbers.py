"""Numbers in words: the way a Dutch (or later another) reader expects to see them.

Belongs here: rounding to what a range supports, and the writing of counts, shares, months, years
and ranges in the reader's language. Does not belong here: sentences (label files) or sums.
"""

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import (
    NumberPattern,
    format_decimal,
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)

from models.errors import UitstroomError
from models.months import MONTHS_PER_YEAR, parse_month
from models.protect import LEAST_SHOWN, shown
from reports.told import End, Source, fill, join, tell

BELOW = shown(0)
"""What stands for a rounded count below ten, zero too."""
_STEPS_IN_RANGE = 50
"""A number is written in steps of at least a fiftieth of its range: two significant figures."""
_ABOUT_FROM = 5
"""A number that is rounded to steps of this size or more is called approximate."""
MINUS = "\N{MINUS SIGN}"
_FORMATTER = string.Formatter()
_MOST_DIGITS = 4
"""Most decimals of a percentage that must be told from another."""
_REMEMBERED = 4096
"""Written numbers and dates that are kept: a report writes the same ones again and again."""


@dataclass(frozen=True)
class Estimate:
    """A mean over the draws with the range that holds eight in ten of them.

    Attributes:
        mean: Mean over the draws.
        low: A tenth of the draws lie below.
        high: A tenth of the draws lie above.
    """

    mean: float
    low: float
    high: float

    @property
    def step(self) -> int:
        """Give the step (1, 5, 10, 50, ...) that the width of the range supports."""
        widest = max(self.high - self.low, 0.0) / _STEPS_IN_RANGE
        step = 1
        while step * (5 if _is_power_of_ten(step) else 2) <= widest:
            step *= 5 if _is_power_of_ten(step) else 2
        return step

    def scaled(self, factor: float) -> "Estimate":
        """Give the estimate times a positive factor."""
        return Estimate(self.mean * factor, self.low * factor, self.high * factor)


def _is_power_of_ten(number: int) -> bool:
    return str(number).strip("0") == "1"


def round_to(value: float, step: float = 1) -> float:
    """Round half away from zero to a multiple of a step; never gives minus zero.

    Raises:
        UitstroomError: The value is no finite number.
    """
    if not math.isfinite(value):
        raise UitstroomError("a number that is shown must be finite", found=repr(value))
    parts = (Decimal(repr(float(value))) / Decimal(repr(float(step)))).quantize(
        Decimal(1), rounding=ROUND_HALF_UP
    )
    return float(parts * Decimal(repr(float(step)))) + 0.0


def is_few(value: float) -> bool:
    """Say whether a rounded count is too small to be told: it may be none, or up to nine."""
    return value < LEAST_SHOWN


def is_clear(one: float, other: float, base: int) -> bool:
    """Say whether two counts that were rounded to a base differ in truth, whatever they were."""
    return abs(one - other) >= 2 * base


def _pattern(digits: int, fixed: bool) -> str:
    return "#,##0" + ("." + ("0" if fixed else "#") * digits if digits else "")


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@cache
def _parsed(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


@lru_cache(maxsize=_REMEMBERED)
def _written(value: float, pattern: str, locale: str) -> str:
    return format_decimal(value, format=_parsed(pattern), locale=_locale(locale))


@lru_cache(maxsize=_REMEMBERED)
def _written_percent(value: float, pattern: str, locale: str) -> str:
    return format_percent(value, format=_parsed(pattern), locale=_locale(locale))


@lru_cache(maxsize=_REMEMBERED)
def _written_date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=_locale(locale))


@dataclass(frozen=True)
class Numbers:
    """Writes numbers in one language.

    Attributes:
        locale: Locale name that babel knows.
        words: Templates for ranges, periods and approximations (the label file's `number`).
    """

    locale: str
    words: Mapping[str, str]

    @property
    def separators(self) -> str:
        """Give the decimal sign and the sign between thousands, as charts ask for them."""
        return get_decimal_symbol(self.locale) + get_group_symbol(self.locale)

    def whole(self, value: float, step: float = 1) -> str:
        """Write a count, rounded to a step: 1.450."""
        return self._signless(round_to(value, step), "#,##0")

    def count(self, value: float) -> str:
        """Write a rounded count of people or homes let: 15; below ten, zero too, only <10."""
        return BELOW if is_few(value) else self.whole(value)

    def spoken(self, value: float) -> str:
        """Write a rounded count in a sentence: 15, minder dan 10."""
        few = self.words["less_than"].format(value=self.whole(LEAST_SHOWN))
        return few if is_few(value) else self.whole(value)

    def decimal(self, value: float, digits: int = 1, *, fixed: bool = False) -> str:
        """Write a number with at most so many decimals: 6,5 (`fixed`: with just so many)."""
        return self._signless(round_to(value, 10.0**-digits), _pattern(digits, fixed))

    def signed(self, value: float, step: float = 1) -> str:
        """Write a change with its sign: +310, -120, 0."""
        rounded = round_to(value, step)
        return ("+" if rounded > 0 else "") + self._signless(rounded, "#,##0")

    def share(self, value: float, digits: int = 0, *, fixed: bool = False) -> str:
        """Write a share (0 to 1) as a percentage; what is nearly none or all is not called so."""
        least = 10.0 ** (-digits - 2)
        rounded = round_to(value, least)
        if value > 0 and rounded == 0:
            return self.words["less_than"].format(value=self._percent(least, digits, fixed))
        if value < 1 and rounded == 1:
            return self.words["more_than"].format(value=self._percent(1 - least, digits, fixed))
        return self._percent(rounded, digits, fixed)

    def value(self, estimate: Estimate) -> str:
        """Write the mean of an estimate, rounded to what its range supports: 1.450."""
        return tell(self.whole(estimate.mean, estimate.step), End(estimate, "mean"))

    def about(self, estimate: Estimate) -> str:
        """Write the mean, called approximate where it is rounded: ongeveer 1.450."""
        if estimate.step < _ABOUT_FROM:
            return self.value(estimate)
        return self._fill("about", value=self.value(estimate))

    def span(self, estimate: Estimate) -> str:
        """Write the range: 1.000 tot 1.800 (one number where both ends are written alike)."""
        low, high = self.ends(estimate)
        return low if low == high else self._fill("span", low=low, high=high)

    def ends(self, estimate: Estimate) -> tuple[str, str]:
        """Write both ends of the range, rounded to what it supports."""
        step = estimate.step
        return (
            tell(self.whole(estimate.low, step), End(estimate, "low")),
            tell(self.whole(estimate.high, step), End(estimate, "high")),
        )

    def inside(self, estimate: Estimate) -> str:
        """Write where eight in ten draws lie: tussen 1.000 en 1.800, or a single number."""
        low, high = self.ends(estimate)
        return self._fill("equal" if low == high else "between", low=low, high=high)

    def share_span(self, low: float, high: float) -> str:
        """Write a range of shares: 62% tot 91%."""
        ends = self.share(low), self.share(high)
        if ends[0] == ends[1]:
            return ends[0]
        return self.words["span"].format(low=ends[0], high=ends[1])

    def apart(self, value: float, limit: float) -> str:
        """Write a share with as many decimals as it takes to see on which side of a limit it is."""
        digits = 0
        while digits < _MOST_DIGITS and value != limit and self._shares_look(value, limit, digits):
            digits += 1
        return self.share(value, digits)

    def _shares_look(self, one: float, other: float, digits: int) -> bool:
        return round_to(one, 10.0 ** (-digits - 2)) == round_to(other, 10.0 ** (-digits - 2))

    def points(self, difference: float) -> str:
        """Write a difference of shares in percentage points, with its sign: +3."""
        return self.signed(100.0 * difference)

    def euro(self, value: float, step: float = 1) -> str:
        """Write an amount of money in whole euros: € 1.250."""
        return self._euro(self.whole(value, step))

    def euro_value(self, estimate: Estimate) -> str:
        """Write the mean of an amount of money, rounded to what its range supports."""
        return self._euro(self.value(estimate))

    def euro_span(self, estimate: Estimate) -> str:
        """Write the range of an amount of money: € 1.000 tot € 1.800."""
        low, high = (self._euro(end) for end in self.ends(estimate))
        return low if low == high else self._fill("span", low=low, high=high)

    def _euro(self, written: str) -> str:
        return self._fill("euro", value=written)

    def signed_value(self, estimate: Estimate) -> str:
        """Write a mean with its sign, rounded to what its range supports: +310."""
        return tell(self.signed(estimate.mean, estimate.step), End(estimate, "mean"))

    def signed_span(self, estimate: Estimate) -> str:
        """Write the range of a change with its signs: -120 tot +310."""
        low = tell(self.signed(estimate.low, estimate.step), End(estimate, "low"))
        high = tell(self.signed(estimate.high, estimate.step), End(estimate, "high"))
        return low if low == high else self._fill("span", low=low, high=high)

    def month(self, text: str) -> str:
        """Write a month that stands as "YYYY-MM": oktober 2026."""
        month = parse_month(text)
        day = date(month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1)
        return _written_date(day, "MMMM yyyy", self.locale)

    def day(self, text: str) -> str:
        """Write a day that stands as "YYYY-MM-DD"; any other text is left as it is."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return text
        return _written_date(day, "d MMMM yyyy", self.locale)

    def years(self, first: int, last: int) -> str:
        """Write a span of years: 2027 t/m 2036."""
        if first == last:
            return str(first)
        return self.words["through"].format(first=first, last=last)

    def through(self, first: str, last: str) -> str:
        """Write a span of two written moments: november 2026 t/m oktober 2036."""
        return self.words["through"].format(first=first, last=last)

    def months(self, value: float, source: Source = None) -> str:
        """Write a length in months, with the source of its number: 1 maand, 6,5 maanden."""
        written = self.decimal(value)
        return self._fill("month" if written == "1" else "months", value=tell(written, source))

    def join(self, parts: list[str]) -> str:
        """Join words as a list: a, b en c."""
        if len(parts) < 2:
            return join("", parts)
        return self._fill("and", first=join(", ", parts[:-1]), last=parts[-1])

    def _fill(self, name: str, **values: str) -> str:
        return fill(self.words[name], values, _FORMATTER)

    def _percent(self, value: float, digits: int, fixed: bool) -> str:
        # Adding 0 takes the sign off a nought, which no written percentage may depend on.
        return _written_percent(value + 0.0, f"{_pattern(digits, fixed)}%", self.locale)

    def _signless(self, value: float, pattern: str) -> str:
        written = _written(abs(value), pattern, self.locale)
        return f"{MINUS}{written}" if value < 0 else written
