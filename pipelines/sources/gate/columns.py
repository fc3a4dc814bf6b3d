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
from pipelines.sources.gate.patterns import TEXT
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

LONGEST_MEAN, NAME_LENGTH, LONGEST_NAME = 40, 80, 200
"""Mean length from which texts are remarks, in columns of which the contract allows names; a text
longer than the last is no name."""

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
        pl.LazyFrame({"text": cells.cast(pl.String)})
        .with_row_index("first")
        .with_columns(pl.col("text").str.strip_chars())
        .filter(pl.col("text").is_not_null() & (pl.col("text") != ""))
        .group_by("text")
        .agg(pl.col("first").min(), pl.len().alias("count"))
        .sort("first")
        .collect()
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
    seen = patterns.look(texts.text, **_asked_of_all(texts))
    if texts.kind is Kind.YEAR:
        yield from _found(PrivacyRule.BIRTH_DATE, _more_than_a_year(texts, seen))
    elif texts.kind not in _DATES:
        yield from _found(PrivacyRule.BIRTH_DATE, _birth_dates(texts, seen))
    yield from _found(PrivacyRule.CITIZEN_NUMBER, _citizen_numbers(texts, seen))
    rest = ~seen["plain"]
    if not rest.any():
        return
    mean = seen["length"].mean()
    for rule, mask in _in_cells(texts, texts.text.filter(rest), mean):
        if mask.any():
            yield rule, _spread(mask, rest)


def _asked_of_all(texts: Texts) -> dict[str, pl.Expr]:
    """Give what is worked out of every text of a column."""
    asked = {
        "plain": TEXT.str.contains(patterns.PLAIN_ID),
        "length": TEXT.str.len_chars(),
        "number": patterns.bare_numbers(TEXT),
    }
    if texts.kind is not Kind.DECIMAL:
        asked["power"] = patterns.powers_of_ten(TEXT)
    if texts.is_id:
        asked["nine"] = TEXT.str.contains(r"^\d{9}$|^\d{4}\.\d{2}\.\d{3}$")
        asked["digits"] = TEXT.str.contains(r"^\d+$")
    if texts.kind is Kind.YEAR:
        more = r"^\d{1,2}[-/.]\d{4}$|^\d{4}[-/.]\d{1,2}$|^\d{5}(?:\.0+)?$|^\d{6}$|^\d{8}$"
        asked["year"] = patterns.dates_whole(TEXT, texts.delivered_on)
        asked["more"] = TEXT.str.contains(more) | patterns.holds_birth_date(TEXT)
    elif texts.kind not in _DATES:
        asked["year"] = patterns.dates_whole(TEXT, texts.delivered_on)
        asked["compact"] = patterns.compact_dates(TEXT)
        if texts.is_id:
            asked["year_inside"] = patterns.years_in_ids(TEXT)
    return asked


def _in_cells(
    texts: Texts, some: pl.Series, mean_length: object
) -> Iterator[tuple[PrivacyRule, Mask]]:
    """Give what single cells show: each rule with the texts of `some` that it concerns."""
    is_about_persons = texts.is_about_persons or texts.column is None
    seen = patterns.look(
        some,
        email=patterns.has_email(TEXT),
        phone=patterns.has_phone(TEXT),
        dutch_iban=patterns.has_dutch_iban(TEXT),
        maybe_iban=patterns.may_have_iban(TEXT),
        citizen=patterns.names_citizen_number(TEXT),
        address=patterns.has_address(TEXT, is_id=texts.is_id, is_about_persons=is_about_persons),
        joined=patterns.joined_postcodes(TEXT),
        birth=patterns.holds_birth_date(TEXT),
        maybe_name=(
            _LISTED_WORD | TEXT.str.contains(r"[^\x00-\x7F]") | TEXT.str.contains(SHAPE_HINT)
        )
        & (TEXT.str.len_chars() <= 200),
        single=TEXT.str.contains(_SINGLE_WORD),
        letter=TEXT.str.contains(r"\p{L}"),
        letters=TEXT.str.contains(r"\p{L}{3}"),
        long=TEXT.str.len_chars() > LONGEST_MEAN,
    )
    yield PrivacyRule.EMAIL, seen["email"]
    yield PrivacyRule.PHONE, seen["phone"]
    yield (
        PrivacyRule.BANK_ACCOUNT,
        patterns.have_iban(some, seen["dutch_iban"], seen["maybe_iban"]),
    )
    yield PrivacyRule.CITIZEN_NUMBER, seen["citizen"]
    yield PrivacyRule.ADDRESS, seen["address"]
    if texts.is_id:
        yield PrivacyRule.ADDRESS, _mostly(seen["joined"], FEWEST_NUMBERS)
    if texts.kind not in _DATES:
        yield PrivacyRule.BIRTH_DATE, seen["birth"]
    yield PrivacyRule.NAME, _names(texts, some, seen)
    yield PrivacyRule.NAME, _single_words(texts, some, seen)
    yield PrivacyRule.FREE_TEXT, _remarks(texts, some, seen, mean_length)


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


def _citizen_numbers(texts: Texts, seen: pl.DataFrame) -> Mask:
    """Test a column for BSNs: as a whole, or by one number where no such number belongs."""
    numbers = seen["number"]
    passing = patterns.passes_eleven(numbers)
    none = seen["power"] if "power" in seen.columns else _no(texts.text)
    count, good = numbers.len() - numbers.null_count(), int(passing.sum())
    if count >= FEWEST_NUMBERS and good >= LEAST_PASSING * count:
        return passing | none
    if texts.is_id:
        others = len(texts.text) - count
        is_rare = others >= FEWEST_OTHERS and count <= RARE_SHARE * others
        are_words = not (numbers.is_null() & seen["digits"]).any()
        return (passing & seen["nine"]) | none if is_rare and are_words else none
    if texts.kind is Kind.DECIMAL:
        return none
    if texts.kind in _DATES or texts.kind is Kind.YEAR:
        return (passing & (numbers >= 100_000_000).fill_null(False)) | none
    return passing | none


def _birth_dates(texts: Texts, seen: pl.DataFrame) -> Mask:
    """Find days that lie 0 to 110 years back and centre on the years of birth of clients."""
    years = seen["year"]
    now = texts.delivered_on.year
    is_age = years.is_between(now - OLDEST, now).fill_null(False)
    found = is_age & (_centre(years.filter(is_age)) is not None)
    compact = _mostly(seen["compact"], FEWEST_WORDS, LEAST_COMPACT)
    if not texts.is_id:
        return found | compact
    inside = seen["year_inside"]
    has_day = _mostly(inside.is_not_null(), FEWEST_NUMBERS, LEAST_COMPACT)
    middle = inside.median()
    is_birth = isinstance(middle, float | int) and BIRTH_YEARS[0] <= middle <= LATEST_IN_ID
    return found | compact | (has_day & is_birth)


def _more_than_a_year(texts: Texts, seen: pl.DataFrame) -> Mask:
    """Find days, months and Excel's day numbers where only a year may stand."""
    is_birth = texts.column is not None and texts.column.is_personal
    whole = seen["year"]
    if not is_birth:
        return whole.is_not_null() & (_centre(whole) is not None)
    return whole.is_not_null() | seen["more"]


def _centre(years: pl.Series) -> float | None:
    middle = years.median()
    if not isinstance(middle, float | int):
        return None
    return float(middle) if BIRTH_YEARS[0] <= middle <= BIRTH_YEARS[1] else None


# --- words ---------------------------------------------------------------------------------------


def _names(texts: Texts, some: pl.Series, seen: pl.DataFrame) -> Mask:
    """Find names by their shape and by the lists."""
    things = texts.names_things
    return _sure(
        some, seen["maybe_name"], lambda text: looks_like_name(text, is_organisation_column=things)
    )


_LISTED = GIVEN | FAMILY | frozenset({"berg", "dijk", "meer", "linden", "beek", "heuvel", "velde"})
_LISTED_WORD = (
    TEXT.str.to_lowercase()
    .str.extract_all(r"[\p{L}'\x{2019}]+")
    .list.eval(pl.element().is_in(sorted(_LISTED)))
    .list.any()
    .fill_null(False)
)
_MAYBE_NAME = _LISTED_WORD | TEXT.str.contains(r"[^\x00-\x7F]") | TEXT.str.contains(SHAPE_HINT)
"""Whether a word of a text is on the lists of names, or the text has the shape of a name."""


def _single_words(texts: Texts, some: pl.Series, seen: pl.DataFrame) -> Mask:
    """Find a column of capitalised words that no vocabulary knows."""
    no = _no(some)
    if texts.column is None and is_place_header(texts.header):
        return no
    single = seen["single"]
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


def _remarks(texts: Texts, some: pl.Series, seen: pl.DataFrame, mean_length: object) -> Mask:
    """Find long texts, sentences and words about health or conduct."""
    if texts.kind is Kind.GATES or texts.kind is Kind.MUNICIPALITIES:
        long = _no(some)
    elif texts.allows_sentences:
        return _sure(some, seen["letter"], lambda text: holds_remark(text, True))
    else:
        is_long = isinstance(mean_length, float) and mean_length > LONGEST_MEAN
        long = seen["long"] & is_long
    return long | _sure(some, seen["letters"], lambda text: holds_remark(text, False))


# --- small helpers -------------------------------------------------------------------------------


def _found(rule: PrivacyRule, mask: Mask) -> Iterator[tuple[PrivacyRule, Mask]]:
    if mask.any():
        yield rule, mask


def _no(texts: pl.Series) -> Mask:
    """Give a mask over texts that holds for none."""
    return pl.Series([False]).new_from_index(0, len(texts))


def _mostly(mask: Mask, fewest: int, share: float = LEAST_COMPACT) -> Mask:
    """Give the mask where it holds for enough texts, else nothing."""
    hits = int(mask.sum())
    return mask & (hits >= fewest and hits >= share * len(mask))


def _spread(mask: Mask, where: Mask) -> Mask:
    """Bring a mask over the texts that were looked at back to all texts."""
    places = where.arg_true().filter(mask)
    return _no(where).scatter(places, True)


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
    return _no(some).scatter(found, True) if found else _no(some)
