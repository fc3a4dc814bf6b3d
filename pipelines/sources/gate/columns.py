"""What a column shows as a whole, beside what its single cells show.

Belongs here: the tests of one column, over its distinct texts. Does not belong here: the patterns
of a cell (`patterns.py`), names (`names.py`), words (`words.py`), what is no column (`files.py`,
`workbooks.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.sources.columns import Column, Kind
from pipelines.sources.gate import patterns
from pipelines.sources.gate.findings import PrivacyRule
from pipelines.sources.gate.names import FAMILY, GIVEN, SHAPE_HINT, looks_like_name
from pipelines.sources.gate.remarks import holds_remark
from pipelines.sources.gate.words import (
    header_rule,
    is_birth_header,
    is_ordinary,
    is_organisation,
    is_place,
    is_place_header,
    is_postcode_header,
)

FEWEST_NUMBERS, LEAST_PASSING = 5, 0.8
"""Column test of the BSN: so many numbers of 8 or 9 digits, of which this share passes."""

RARE_SHARE, FEWEST_OTHERS = 0.1, 10
"""A nine-digit number among ids of another shape: at most this share, beside so many others."""

FEWEST_WORDS, LEAST_WORDS = 3, 0.6
"""Column test of names: so many texts of capitalised words, more than this share of the texts."""

MANY_NAMES, MOSTLY_DIFFERENT = 30, 0.5
"""The same where organisations stand: so many, in more than this share of the rows."""

LONGEST_MEAN, NAME_LENGTH = 40, 80
"""Mean length from which texts are remarks, in columns of which the contract allows names."""

BIRTH_YEARS = (1940, 2008)
OLDEST = 110
LATEST_IN_ID = 2000
LEAST_COMPACT = 0.6

_IDS = frozenset({Kind.ID, Kind.RECORD, Kind.CLIENT})
_PERSON_IDS = frozenset({Kind.RECORD, Kind.CLIENT})
_DATES = frozenset({Kind.DATE, Kind.MONTH, Kind.QUARTER})
_ORGANISATIONS = frozenset({Kind.TEXT, Kind.ID})
_WORD = r"\p{Lu}\p{Ll}+(?:[-'\x{2019}]\p{L}+)*"
_SINGLE_WORD = rf"^{_WORD}(?:,? (?:(?:van|de|der|den|ten|ter|el|al|da) )*{_WORD}){{0,3}}$"
"""One to four capitalised words, with the small words that stand between names."""

_CHUNK = 5_000

Mask = pl.Series


@dataclass(frozen=True)
class Texts:
    """The distinct texts of one column.

    Attributes:
        header: The header as written.
        column: The contract's column, None where it knows none by this header.
        text: Distinct texts, trimmed and not empty.
        count: In how many rows each stands.
        first: Place of the first of those rows, from 0.
        delivered_on: The day of delivery.
        is_about_persons: Whether the contract's rows are about persons.
    """

    header: str
    column: Column | None
    text: pl.Series
    count: pl.Series
    first: pl.Series
    delivered_on: date
    is_about_persons: bool

    @property
    def kind(self) -> Kind | None:
        """The contract's kind of the column."""
        return self.column.kind if self.column else None

    @property
    def is_id(self) -> bool:
        """Whether ids stand there."""
        return self.kind in _IDS

    @property
    def allows_sentences(self) -> bool:
        """Whether the contract foresees texts longer than a name."""
        return self.kind is Kind.TEXT and (self.column.high or 0) > NAME_LENGTH  # type: ignore[union-attr]

    @property
    def names_things(self) -> bool:
        """Whether organisations, tables, projects or buildings stand there."""
        return self.kind in _ORGANISATIONS or (self.column is None and is_place_header(self.header))


def distinct(
    cells: pl.Series,
    header: str,
    column: Column | None,
    *,
    delivered_on: date,
    is_about_persons: bool,
) -> Texts:
    """Bring a column of cells down to its distinct texts, in order of their first row."""
    frame = (
        pl.DataFrame({"text": cells.cast(pl.String)})
        .with_row_index("first")
        .with_columns(pl.col("text").str.strip_chars())
        .filter(pl.col("text").is_not_null() & (pl.col("text") != ""))
        .group_by("text")
        .agg(pl.col("first").min(), pl.len().alias("count"))
        .sort("first")
    )
    return Texts(
        header, column, frame["text"], frame["count"], frame["first"], delivered_on,
        is_about_persons,
    )  # fmt: skip


def examine(texts: Texts) -> Iterator[tuple[PrivacyRule, Mask | None]]:
    """Give what one column shows: each rule with the texts it concerns, None for its header."""
    yield from _header(texts)
    if len(texts.text) == 0:
        return
    if texts.kind is Kind.YEAR:
        yield from _found(PrivacyRule.BIRTH_DATE, _more_than_a_year(texts))
    elif texts.kind not in _DATES:
        yield from _found(PrivacyRule.BIRTH_DATE, _birth_dates(texts))
    yield from _found(PrivacyRule.CITIZEN_NUMBER, _citizen_numbers(texts))
    rest = ~texts.text.str.contains(patterns.PLAIN_ID)
    if not rest.any():
        return
    for rule, mask in _in_cells(texts, texts.text.filter(rest)):
        if mask.any():
            yield rule, _spread(mask, rest)


def _in_cells(texts: Texts, some: pl.Series) -> Iterator[tuple[PrivacyRule, Mask]]:
    yield PrivacyRule.EMAIL, patterns.has_email(some)
    yield PrivacyRule.PHONE, patterns.has_phone(some)
    yield PrivacyRule.BANK_ACCOUNT, patterns.has_iban(some)
    yield PrivacyRule.CITIZEN_NUMBER, patterns.names_citizen_number(some)
    yield (
        PrivacyRule.ADDRESS,
        patterns.has_address(
            some,
            is_id=texts.is_id,
            is_about_persons=texts.is_about_persons or texts.column is None,
        ),
    )
    if texts.is_id:
        yield PrivacyRule.ADDRESS, _mostly(patterns.joined_postcodes(some), FEWEST_NUMBERS)
    if texts.kind not in _DATES:
        yield PrivacyRule.BIRTH_DATE, patterns.holds_birth_date(some)
    yield PrivacyRule.NAME, _names(texts, some)
    yield PrivacyRule.NAME, _single_words(texts, some)
    yield PrivacyRule.FREE_TEXT, _remarks(texts, some)


def _header(texts: Texts) -> Iterator[tuple[PrivacyRule, None]]:
    if texts.column is not None:
        return
    told = header_rule(texts.header)
    if told:
        yield PrivacyRule(told), None
    is_year = texts.text.str.contains(r"^(?:19|20)\d\d$").all()
    if is_birth_header(texts.header) and not (is_year and len(texts.text)):
        yield PrivacyRule.BIRTH_DATE, None
    is_wide = texts.text.str.contains(r"^\d{4}$").all()
    if is_postcode_header(texts.header) and not (is_wide and len(texts.text)):
        yield PrivacyRule.ADDRESS, None


# --- numbers and dates ---------------------------------------------------------------------------


def _citizen_numbers(texts: Texts) -> Mask:
    """Test a column for BSNs: as a whole, or by one number where no such number belongs."""
    none = pl.repeat(False, len(texts.text), dtype=pl.Boolean, eager=True)
    numbers = patterns.bare_numbers(texts.text)
    passing = patterns.passes_eleven(numbers)
    if texts.kind is not Kind.DECIMAL:
        none = patterns.powers_of_ten(texts.text)
    count, good = numbers.len() - numbers.null_count(), int(passing.sum())
    if count >= FEWEST_NUMBERS and good >= LEAST_PASSING * count:
        return passing | none
    if texts.is_id:
        others = len(texts.text) - count
        is_rare = others >= FEWEST_OTHERS and count <= RARE_SHARE * others
        are_words = not texts.text.filter(numbers.is_null()).str.contains(r"^\d+$").any()
        nine = texts.text.str.contains(r"^\d{9}$|^\d{4}\.\d{2}\.\d{3}$")
        return (passing & nine) | none if is_rare and are_words else none
    if texts.kind is Kind.DECIMAL:
        return none
    if texts.kind in _DATES or texts.kind is Kind.YEAR:
        return (passing & (numbers >= 100_000_000).fill_null(False)) | none
    return passing | none


def _birth_dates(texts: Texts) -> Mask:
    """Find days that lie 0 to 110 years back and centre on the years of birth of clients."""
    years = patterns.dates_whole(texts.text, texts.delivered_on)
    now = texts.delivered_on.year
    is_age = years.is_between(now - OLDEST, now).fill_null(False)
    found = is_age & (_centre(years.filter(is_age)) is not None)
    compact = _mostly(patterns.compact_dates(texts.text), FEWEST_WORDS, LEAST_COMPACT)
    if not texts.is_id:
        return found | compact
    inside = patterns.years_in_ids(texts.text)
    has_day = _mostly(inside.is_not_null(), FEWEST_NUMBERS, LEAST_COMPACT)
    middle = inside.median()
    is_birth = isinstance(middle, float | int) and BIRTH_YEARS[0] <= middle <= LATEST_IN_ID
    return found | compact | (has_day & is_birth)


def _more_than_a_year(texts: Texts) -> Mask:
    """Find days, months and Excel's day numbers where only a year may stand."""
    is_birth = texts.column is not None and texts.column.is_personal
    whole = patterns.dates_whole(texts.text, texts.delivered_on)
    if not is_birth:
        return whole.is_not_null() & (_centre(whole) is not None)
    more = r"^\d{1,2}[-/.]\d{4}$|^\d{4}[-/.]\d{1,2}$|^\d{5}(?:\.0+)?$|^\d{6}$|^\d{8}$"
    return (
        whole.is_not_null() | texts.text.str.contains(more) | patterns.holds_birth_date(texts.text)
    )


def _centre(years: pl.Series) -> float | None:
    middle = years.median()
    if not isinstance(middle, float | int):
        return None
    return float(middle) if BIRTH_YEARS[0] <= middle <= BIRTH_YEARS[1] else None


# --- words ---------------------------------------------------------------------------------------


def _names(texts: Texts, some: pl.Series) -> Mask:
    """Find names by their shape and by the lists."""
    listed = (
        some.str.to_lowercase()
        .str.extract_all(r"[\p{L}'\x{2019}]+")
        .list.eval(pl.element().is_in(list(_LISTED)))
        .list.any()
        .fill_null(False)
    )
    unlisted = some.str.contains(r"[^\x00-\x7F]") | some.str.contains(SHAPE_HINT)
    maybe = (listed | unlisted) & (some.str.len_chars() <= 200)
    things = texts.names_things
    return _sure(some, maybe, lambda text: looks_like_name(text, is_organisation_column=things))


_LISTED = GIVEN | FAMILY | frozenset({"berg", "dijk", "meer", "linden", "beek", "heuvel", "velde"})


def _single_words(texts: Texts, some: pl.Series) -> Mask:
    """Find a column of capitalised words that no vocabulary knows."""
    no = pl.repeat(False, len(some), dtype=pl.Boolean, eager=True)
    if texts.column is None and is_place_header(texts.header):
        return no
    single = some.str.contains(_SINGLE_WORD)
    fewest = MANY_NAMES if texts.names_things else FEWEST_WORDS
    if int(single.sum()) < max(fewest, LEAST_WORDS * len(some)):
        return no
    unknown = _sure(some, single, _is_unknown_word, stops=False)
    if int(unknown.sum()) < fewest or int(unknown.sum()) <= LEAST_WORDS * len(texts.text):
        return no
    if texts.names_things:
        rows = int(texts.count.sum())
        return unknown if len(texts.text) > MOSTLY_DIFFERENT * rows else no
    return unknown


def _is_unknown_word(text: str) -> bool:
    return not (is_ordinary(text) or is_place(text) or is_organisation(text, but=FAMILY))


def _remarks(texts: Texts, some: pl.Series) -> Mask:
    """Find long texts, sentences and words about health or conduct."""
    if texts.kind is Kind.GATES or texts.kind is Kind.MUNICIPALITIES:
        long = pl.repeat(False, len(some), dtype=pl.Boolean, eager=True)
    elif texts.allows_sentences:
        return _sure(some, some.str.contains(r"\p{L}"), lambda text: holds_remark(text, True))
    else:
        mean = texts.text.str.len_chars().mean()
        is_long = isinstance(mean, float) and mean > LONGEST_MEAN
        long = (some.str.len_chars() > LONGEST_MEAN) & is_long
    maybe = some.str.contains(r"\p{L}{3}")
    return long | _sure(some, maybe, lambda text: holds_remark(text, False))


# --- small helpers -------------------------------------------------------------------------------


def _found(rule: PrivacyRule, mask: Mask) -> Iterator[tuple[PrivacyRule, Mask]]:
    if mask.any():
        yield rule, mask


def _mostly(mask: Mask, fewest: int, share: float = LEAST_COMPACT) -> Mask:
    """Give the mask where it holds for enough texts, else nothing."""
    hits = int(mask.sum())
    return mask & (hits >= fewest and hits >= share * len(mask))


def _spread(mask: Mask, where: Mask) -> Mask:
    """Bring a mask over the texts that were looked at back to all texts."""
    places = where.arg_true().filter(mask)
    whole = pl.repeat(False, len(where), dtype=pl.Boolean, eager=True)
    return whole.scatter(places, True)


def _sure(some: pl.Series, maybe: Mask, test: Callable[[str], bool], *, stops: bool = True) -> Mask:
    """Look closer at the texts of a mask; stop after a piece of them once something is found."""
    places = maybe.arg_true().to_list()
    found: list[int] = []
    for start in range(0, len(places), _CHUNK):
        piece = places[start : start + _CHUNK]
        texts = some.gather(piece).to_list()
        found += [at for at, text in zip(piece, texts, strict=True) if test(text)]
        if found and stops:
            break
    whole = pl.repeat(False, len(some), dtype=pl.Boolean, eager=True)
    return whole.scatter(found, True) if found else whole
