"""The languages of published editions: how each writes numbers, and the words by which it is read.

Belongs here: the form of a number, names of months, the words in which a page says of itself what
it is, words of rows that are the same in every language; which language an edition is in. Does not
belong here: reading numbers (`readings`) and files, what a figure means (`knowledge`).

A report of another language needs one more `Language` here. Its tests hold every word against the
label file that the pages are written with.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from models.errors import RefusedError

_HTML = re.compile(r"<html\b[^>]*?\slang\s*=\s*[\"']?([A-Za-z-]*)", re.IGNORECASE)
EXPECTED, CALCULATED, OWED = "expected", "calculated", "owed"
"""Names of the words by which a row says that it is no observation."""
KNOWN = "known"
_ROW_APART = "|"
"""Stands between the words of a row in its name."""
_COUNTED = "#"
"""Stands before the number of a row that reads as another one does."""


@dataclass(frozen=True)
class Language:
    """How an edition in one language is written.

    Attributes:
        code: Its code, as `lang` names it before any hyphen.
        thousands: Sign between thousands.
        decimal: Sign before decimals.
        less: Words before a number by which only "less than" is shown.
        months: Names of the months, January first.
        as_of: Word before the last month that counts as known.
        release_class: Word before the name of a release's class.
        editions: Words before the id of a release.
        parties: What stands on every page that is not for everybody, in small letters.
        steps: What figures are multiples of, by the words for it.
        rows: Words of rows, in small letters, and a name for each that is the same in every
            language.
    """

    code: str
    thousands: str
    decimal: str
    less: tuple[str, ...]
    months: tuple[str, ...]
    as_of: str
    release_class: str
    editions: tuple[str, ...]
    parties: str
    steps: Mapping[str, int]
    rows: Mapping[str, str] = field(repr=False)

    @cached_property
    def number(self) -> str:
        """Give the pattern of a number without a sign."""
        thousands, decimal = re.escape(self.thousands), re.escape(self.decimal)
        return rf"\d{{1,3}}(?:{thousands}\d{{3}})+(?:{decimal}\d+)?(?!\d)|\d+(?:{decimal}\d+)?"

    @cached_property
    def token(self) -> re.Pattern[str]:
        """Give the pattern of a word or number in a text."""
        return re.compile(rf"[^\W\d_]+|<\s?\d+|(?:{self.number})")

    @cached_property
    def whole(self) -> re.Pattern[str]:
        """Give the pattern of a number with its sign."""
        return re.compile(rf"<\s?\d+|[-+\u2212]?(?:{self.number})")

    @cached_property
    def less_than(self) -> re.Pattern[str]:
        """Give the pattern of the words by which only "less than" is shown."""
        words = "|".join(f"[{one[0]}{one[0].upper()}]{one[1:]}" for one in self.less)
        return re.compile(rf"\b(?:{words})\s+(?=\d+\b)")

    @cached_property
    def stand(self) -> re.Pattern[str]:
        """Give the pattern of the last month that counts as known: its name, and the year."""
        return re.compile(rf"\b{self.as_of} ({'|'.join(self.months)}) (\d{{4}})", re.IGNORECASE)

    @cached_property
    def named_class(self) -> re.Pattern[str]:
        """Give the pattern of the name of a class, in small letters."""
        return re.compile(rf"\b{self.release_class} (\w+)")

    @cached_property
    def edition(self) -> re.Pattern[str]:
        """Give the pattern of the id of a release."""
        return re.compile(rf"\b(?:{'|'.join(self.editions)}) ([0-9a-f]{{16}})\b")

    def plain(self, number: str) -> str:
        """Write a number as every language has it: no sign between thousands, a point."""
        return (
            number.replace(" ", "")
            .replace("\u2212", "-")
            .replace(self.thousands, "")
            .replace(self.decimal, ".")
        )

    def common(self, word: str) -> str:
        """Give the name of a word of a row that is the same in every language, or the word."""
        return self.rows.get(word.strip().casefold(), word)

    def common_row(self, row: str) -> str:
        """Name a row of words as it is named in every language, as far as its words have names."""
        words, sign, number = row.partition(_COUNTED)
        return _ROW_APART.join(map(self.common, words.split(_ROW_APART))) + sign + number


DUTCH = Language(
    code="nl",
    thousands=".",
    decimal=",",
    less=("minder dan", "onder de"),
    months=(
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
        "oktober", "november", "december",
    ),
    as_of="stand",
    release_class="klasse",
    editions=("Uitgave",),
    parties="alleen voor partijen bij de afspraken",
    steps=MappingProxyType({"vijftallen": 5, "tientallen": 10}),
    rows=MappingProxyType(
        {
            "verwacht": EXPECTED,
            "berekend": CALCULATED,
            "opgave": OWED,
            "bekend": KNOWN,
            "alle groepen samen": "all",
            "beschermd wonen": "sheltered_living",
            "maatschappelijke opvang (24 uur)": "shelter",
            "vrouwenopvang": "refuge",
            "jeugd 18+": "youth",
            "forensische zorg": "forensic",
            "nachtopvang": "night_shelter",
            "kliniek": "clinic",
        }
    ),
)  # fmt: skip
ENGLISH = Language(
    code="en",
    thousands=",",
    decimal=".",
    less=("less than", "fewer than", "below"),
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    as_of="as of",
    release_class="class",
    editions=("Edition", "Release"),
    parties="for parties to the agreements only",
    steps=MappingProxyType({"multiples of five": 5, "multiples of ten": 10}),
    rows=MappingProxyType(
        {
            "expected": EXPECTED,
            "calculated": CALCULATED,
            "quota owed": OWED,
            "known": KNOWN,
            "all groups together": "all",
            "sheltered living": "sheltered_living",
            "homeless shelter (24 hours)": "shelter",
            "women's refuge": "refuge",
            "youth 18+": "youth",
            "forensic care": "forensic",
            "night shelter": "night_shelter",
            "clinic": "clinic",
        }
    ),
)  # fmt: skip
LANGUAGES: Mapping[str, Language] = MappingProxyType({one.code: one for one in (DUTCH, ENGLISH)})
"""Every language that is read, by its code."""


def language_named(code: str, where: str) -> Language:
    """Give a language by what a page says of itself or of a part: "nl", "en-GB".

    Raises:
        RefusedError: It is none that is read here.
    """
    found = LANGUAGES.get(code.partition("-")[0].casefold())
    if found is None:
        raise _refusal(where, f"lang={code!r}" if code else "no language")
    return found


def language_of(pages: Mapping[str, str]) -> Language:
    """Give the language of an edition, which every page of it says.

    Args:
        pages: The sources of its pages, by their paths.

    Raises:
        RefusedError: A page says none, or one that is not read here; or pages say several.
    """
    said: dict[str, str] = {}
    for path, source in pages.items():
        named = _HTML.search(source)
        said.setdefault(language_named(named[1] if named else "", path).code, path)
    if len(said) != 1:
        found = ", ".join(f"{code} ({path})" for code, path in said.items())
        raise _refusal("the pages of one folder", found or "no page")
    return LANGUAGES[next(iter(said))]


def _refusal(where: str, found: str) -> RefusedError:
    return RefusedError(
        "Published files are in a language that is not read here, so that nothing can be said of "
        "their numbers",
        where=where,
        found=found,
        expected=f'one language in a folder, which every page says (<html lang="...">): '
        f"{' or '.join(LANGUAGES)}",
        todo="Render the report again, in one of these languages.",
    )
