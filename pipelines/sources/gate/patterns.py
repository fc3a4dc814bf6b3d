"""Regular expressions and check digits of personal data, over columns of distinct texts.

Belongs here: what one cell can show by itself. Does not belong here: what a column shows as a whole
(`columns.py`), names (`names.py`).

Every test is an expression over texts; polars works out all that are asked of a column in one go
(`look`), so a column of a million texts takes a second and a short one no longer than a moment.
"""

import re
from datetime import date

import numpy as np
import polars as pl

_START = r"(?:^|[\s(:;,/|=]|[a-z]\.?:?)"
_END = r"(?:$|[^\d:\-])"
_GAP = r"[\s./-]?"

EMAIL = r"(?i)[\w.+-]+(?:@|\s?[\[(](?:at|apenstaart)[\])]\s?)[\w-]+(?:\.[\w-]+)+"
_MOBILE = rf"{_START}\(?06\)?(?:{_GAP}\d){{8}}{_END}"
_LANDLINE = (
    rf"{_START}\(?0(?:10|13|15|20|23|24|26|30|33|35|36|38|40|43|45|46|50|53|55|58|7\d|8[58])\)?"
    rf"\s?(?:[\s-]?\d){{7}}{_END}"
)
_SMALL_TOWN = rf"{_START}\(?0[1-57]\d{{2}}\)?[\s-]\s?(?:\d[\s-]?){{5}}\d{_END}"
_FOREIGN = rf"{_START}(?:\+|00)[1-9]\d{{0,2}}[\s-]?(?:\(0\))?(?:[\s-]?\d){{8,11}}{_END}"
PHONE = "|".join((_MOBILE, _LANDLINE, _SMALL_TOWN, _FOREIGN))

_DUTCH_IBAN = r"(?i)\bNL\s?\d{2}\s?[A-Z]{4}\s?(?:\d\s?){10}"
_ANY_IBAN = r"(?i)\b[A-Z]{2}\d{2}\s?(?:[A-Z0-9]{4}\s?){2,7}[A-Z0-9]{0,4}\b"
_IBAN_LENGTH = {
    "NL": 18, "BE": 16, "DE": 22, "FR": 27, "GB": 22, "ES": 24, "IT": 27, "PL": 28, "PT": 25,
    "TR": 26, "MA": 28, "RO": 24, "BG": 22, "AT": 20, "CH": 21, "DK": 18, "SE": 24, "LU": 20,
}  # fmt: skip

_NO_POSTCODE = "BW|MO|VO|FZ|HF|EN|IN|OP|TM|OF|PL|SA|SD|SS"
POSTCODE = r"(?:^|[^\w])[1-9]\d{3}(?:\s?[A-Z]{2}|[a-z]{2})(?:$|[^\w])"
_NOT_POSTCODE = rf"(?:^|[^\w])[1-9]\d{{3}}\s?(?:{_NO_POSTCODE})(?:$|[^\w])"
POSTCODE_WITH_NUMBER = (
    r"(?:^|[^\w-])[1-9]\d{3}(?:\s?[A-Z]{2}|[a-z]{2})[\s,-]+[1-9]\d{0,3}\s?[a-zA-Z]?(?:$|[^\w])"
)
_JOINED_POSTCODE = r"^[1-9]\d{3}[A-Za-z]{2}[1-9]\d{0,3}[A-Za-z]?$"
STREET = (
    r"\b\p{Lu}[\p{L}.'\x{2019} -]*(?:straat|laan|weg|plein|gracht|kade|singel|dijk|steeg|dreef|"
    r"pad|hof|plantsoen|park|erf|burg|wal|meent)\s+\d{1,4}(?:\s?[a-zA-Z]{1,3})?(?:$|[^\w])"
)

_NUMBER_WORD = r"(?i)(?:bsn|sofi\w*|burgerservice\w*)\D{0,12}\d(?:[. ]?\d){7,8}(?:$|\D)"
_BARE_NUMBER = r"^\d{2,4}[. -]?\d{2,3}[. -]?\d{3}(?:[.,]0+)?$"
_POWER_OF_TEN = r"(?i)^\d[.,]?\d{0,8}E\+?0?[78]$"

_DAY_FIRST = r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[ T]\d{1,2}:\d{2}.*)?$"
_YEAR_FIRST = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d{2}.*)?$"
_SHORT_YEAR = r"^(\d{1,2})[-/](\d{1,2})[-/](\d{2})$"
_MONTH_WORD = (
    r"(?i)^\d{1,2}[ -](?:jan|feb|maart|mrt|apr|mei|jun|jul|aug|sep|okt|nov|dec)\p{L}*\.?"
    r"[ -](\d{4})$"
)
_INSIDE = r"(?:^|\D)\d{1,2}[-/.]\d{1,2}[-/.](19[3-9]\d|200[0-8])(?:$|\D)"
_BORN = (
    r"(?i)(?:\bgeb(?:oren|oortedatum|\.|dat\.?)?\b|\*)\W{0,4}(?:op\s|in\s)?\d{1,2}[-/. ]"
    r"(?:\d{1,2}|\p{L}{3,9})[-/. ]\d{2,4}"
)
_COMPACT = r"^(?:(?:19[3-9]\d|200\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
_COMPACT += r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19[3-9]\d|200\d))$"
_IN_ID = (
    r"(?:^|\D)(?:(19[3-9]\d|20[0-2]\d)[-]?(?:0[1-9]|1[0-2])[-]?(?:0[1-9]|[12]\d|3[01])|"
    r"(?:0[1-9]|[12]\d|3[01])[-]?(?:0[1-9]|1[0-2])[-]?(19[3-9]\d|20[0-2]\d))(?:$|\D)"
)

PLAIN_ID = (
    r"^\p{L}{0,3}[-_ ]?\p{L}?\d{1,7}$|^\p{L}{1,3}[-_]\d{4}-\d{1,7}$|^\d{8,9}$|"
    r"^\d{1,2}[-/]\d{1,2}[-/]\d{4}$|^[A-Za-z]{1,3}[-_][0-9a-f]{4,16}(?:-[0-9a-f]{1,12})*$|"
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
)
"""Texts that hold none of the patterns below but what numbers and dates hold."""


TEXT = pl.col("text")
"""The texts that are looked at."""


def look(texts: pl.Series, **asked: pl.Expr) -> pl.DataFrame:
    """Work out expressions over `TEXT`, all in one go.

    Args:
        texts: Texts without null.
        **asked: Expressions, as long as the texts each.

    Returns:
        One column for each expression, one row for each text.
    """
    return texts.alias("text").to_frame().select(**asked)


def look_for_persons(texts: pl.Series, **asked: pl.Expr) -> pl.DataFrame:
    """Say which texts hold an account, a number or a date of a person, and whatever else is asked.

    Args:
        texts: Texts without null.
        **asked: Further expressions over `TEXT`.

    Returns:
        A column `shown`, and one column for each expression.
    """
    seen = look(
        texts,
        dutch=has_dutch_iban(TEXT),
        maybe=may_have_iban(TEXT),
        shown=has_email(TEXT)
        | has_phone(TEXT)
        | names_citizen_number(TEXT)
        | holds_birth_date(TEXT),
        **asked,
    )
    accounts = have_iban(texts, seen["dutch"], seen["maybe"])
    return seen.select((pl.col("shown") | accounts).alias("shown"), *asked)


def has_email(texts: pl.Expr) -> pl.Expr:
    """Say which texts hold an e-mail address."""
    return texts.str.contains(EMAIL)


def has_phone(texts: pl.Expr) -> pl.Expr:
    """Say which texts hold a telephone number in a Dutch or an international form."""
    return texts.str.contains(PHONE)


def has_dutch_iban(texts: pl.Expr) -> pl.Expr:
    """Say which texts hold the shape of a Dutch bank account."""
    return texts.str.contains(_DUTCH_IBAN)


def may_have_iban(texts: pl.Expr) -> pl.Expr:
    """Say which texts hold the shape of any bank account: `have_iban` looks at check digits."""
    return texts.str.contains(_ANY_IBAN)


def have_iban(texts: pl.Series, dutch: pl.Series, maybe: pl.Series) -> pl.Series:
    """Say which texts hold a bank account: the Dutch shape, or any with right check digits.

    Args:
        texts: Texts.
        dutch: Which have the Dutch shape.
        maybe: Which have any.
    """
    places = (maybe & ~dutch).arg_true().to_list()
    sure = [place for place in places if _holds_iban(texts[place])]
    return dutch | pl.Series(np.isin(np.arange(len(texts)), sure)) if sure else dutch


def has_address(texts: pl.Expr, *, is_id: bool, is_about_persons: bool) -> pl.Expr:
    """Say which texts hold a postcode (with a house number, where ids stand) or a street.

    Args:
        texts: Distinct texts.
        is_id: The column holds ids: four digits and two letters alone may be one.
        is_about_persons: A street with a number counts: in a list of homes or facilities it may be
            the name of a building, beside a client it is where somebody lives.
    """
    found = texts.str.contains(POSTCODE_WITH_NUMBER)
    if not is_id:
        found = found | texts.str.contains(POSTCODE)
    found = found & ~texts.str.contains(_NOT_POSTCODE)
    if not is_id:
        found = found | texts.str.contains(_JOINED_POSTCODE)
    if is_about_persons:
        found = found | texts.str.contains(STREET)
    return found


def joined_postcodes(texts: pl.Expr) -> pl.Expr:
    """Say which texts are a postcode and a house number written as one word."""
    return texts.str.contains(_JOINED_POSTCODE)


def names_citizen_number(texts: pl.Expr) -> pl.Expr:
    """Say which texts hold eight or nine digits after the word BSN."""
    return texts.str.contains(_NUMBER_WORD)


def bare_numbers(texts: pl.Expr) -> pl.Expr:
    """Give the number of every text that is eight or nine digits and nothing else, else null.

    Dots and spaces between groups do not count; eight digits are nine of which Excel ate a zero.
    """
    is_number = texts.str.contains(_BARE_NUMBER)
    digits = texts.str.replace(r"[.,]0+$", "").str.replace_all(r"\D", "")
    fits = is_number & digits.str.len_bytes().is_between(8, 9)
    return pl.when(fits).then(digits).cast(pl.Int64)


def powers_of_ten(texts: pl.Expr) -> pl.Expr:
    """Say which texts are a number of eight or nine digits as Excel shows it: 1,11222E+08."""
    return texts.str.contains(_POWER_OF_TEN)


def passes_eleven(numbers: pl.Series) -> pl.Series:
    """Say which numbers pass the elfproef of the BSN: 9a+8b+...+2h-i divisible by 11, not 0."""
    value = numbers.fill_null(0).to_numpy()
    weights = (-1, 2, 3, 4, 5, 6, 7, 8, 9)
    total = sum(weight * (value // 10**place % 10) for place, weight in enumerate(weights))
    return pl.Series((np.asarray(total) % 11 == 0) & (value > 0))


def dates_whole(texts: pl.Expr, delivered_on: date) -> pl.Expr:
    """Give the year of every text that is a day and nothing else, else null."""
    two = texts.str.extract(_SHORT_YEAR, 3).cast(pl.Int64)
    century = pl.when(two > delivered_on.year % 100).then(two + 1900).otherwise(two + 2000)
    return pl.coalesce(
        texts.str.extract(_DAY_FIRST, 3).cast(pl.Int64),
        texts.str.extract(_YEAR_FIRST, 1).cast(pl.Int64),
        texts.str.extract(_MONTH_WORD, 1).cast(pl.Int64),
        century,
    )


def holds_birth_date(texts: pl.Expr) -> pl.Expr:
    """Say which texts hold, among other words, a day that is called a birth date or may be one."""
    return texts.str.contains(_BORN) | texts.str.contains(_INSIDE)


def compact_dates(texts: pl.Expr) -> pl.Expr:
    """Say which texts are eight digits that read as a day between 1930 and 2009."""
    return texts.str.contains(_COMPACT)


def years_in_ids(texts: pl.Expr) -> pl.Expr:
    """Give the year of the day that stands inside an id such as JJ19800312, else null."""
    return pl.coalesce(
        texts.str.extract(_IN_ID, 1).cast(pl.Int64), texts.str.extract(_IN_ID, 2).cast(pl.Int64)
    )


def _holds_iban(text: str) -> bool:
    for found in re.finditer(_ANY_IBAN, text):
        whole = re.sub(r"\s", "", found[0]).upper()
        length = _IBAN_LENGTH.get(whole[:2])
        if length and len(whole) >= length and _has_right_digits(whole[:length]):
            return True
    return False


def _has_right_digits(iban: str) -> bool:
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(one, 36)) for one in moved)) % 97 == 1
