"""Which municipality a text means: codes, names, other spellings, and codes that are no more.

Belongs here: from what somebody wrote, and the day it is about, to one CBS code or to a refusal
that says what may have been meant. Does not belong here: where addresses lie after a change of
boundaries (`boundaries.py`), cells of deliveries (`cells.py`), rows (`pipelines.composition`).

Names are compared without case, accents, spaces and marks; nothing else is ever accepted. A name
that is one letter off, or that was read in the wrong encoding, comes back as a suggestion.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pipelines.sources.boundaries import Boundaries
from pipelines.sources.reasons import Reason

_CODE = re.compile(r"(?:GM ?)?([0-9]{1,4})", re.IGNORECASE)
_CODE_FIRST = re.compile(r"((?:GM ?)?[0-9]{1,4})[\s:;,/|\-(]+([^0-9]{2,}?)\)?", re.IGNORECASE)
_CODE_LAST = re.compile(r"([^0-9]{2,}?)[\s:;,/|\-(\[]+((?:GM ?)?[0-9]{1,4})[)\]]?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")
_LETTERS = re.compile(r"[^a-z0-9]+")
_PLAIN = str.maketrans({"ĳ": "ij", "ø": "o", "ł": "l"})
_MISREAD = (("cp1252", "utf-8"), ("latin-1", "utf-8"), ("cp850", "cp1252"), ("cp1252", "cp850"))
"""(encoding in which a text was read, encoding in which it was written)."""


class How(StrEnum):
    """How a text was understood."""

    CODE = "code"
    """A CBS code, perhaps without its zeros or its GM."""
    NAME = "name"
    """The official name."""
    ALIAS = "alias"
    """Another spelling of the name, as declared."""
    MERGED = "merged"
    """A municipality that was no more on the day, and went over into one other."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text means, or why it means nothing.

    Args:
        code: The CBS code; None where the text was refused.
        how: How it was understood; None where it was refused.
        named: The code that the text itself names; differs from `code` after a merger, and is
            there too when the municipality was split up.
        reason: Why it was refused: unknown, split over several, or code and name that differ.
        suggestion: What may have been meant, as a code with its name; "" without one.
        repaired: The text in its right encoding, where it was read in a wrong one; "" otherwise.
    """

    code: str | None = None
    how: How | None = None
    named: str | None = None
    reason: Reason | None = None
    suggestion: str = ""
    repaired: str = ""

    @property
    def is_exact_notation(self) -> bool:
        """Whether only the notation of a code or of the official name was read."""
        return self.how in {How.CODE, How.NAME}


class Municipalities:
    """All municipalities that ever were, as far as public statistics and boundary changes tell.

    Args:
        names: Code -> official names, the last one last; every known code is there, without names
            where none was published.
        aliases: (other spelling, code).
        boundaries: The changes.
    """

    def __init__(
        self,
        names: Mapping[str, Collection[str]],
        aliases: Iterable[tuple[str, str]],
        boundaries: Boundaries,
    ) -> None:
        self.boundaries = boundaries
        self.codes = frozenset(names)
        self._names = {code: tuple(known)[-1] for code, known in names.items() if known}
        official = [(name, code) for code, known in names.items() for name in known]
        bare = [(_IN_BRACKETS.sub("", name), code) for name, code in official]
        self._official = _by_key(official)
        self._aliases = _by_key([*aliases, *((name, code) for name, code in bare if name)])
        self._known: dict[tuple[str, date | None], Resolution] = {}

    def name(self, code: str) -> str:
        """Give the official name of a code, the code itself where no name was published."""
        return self._names.get(code, code)

    def resolve(self, text: str, on: date | None = None) -> Resolution:
        """Say which municipality a text means.

        Args:
            text: A code (with or without GM and zeros), a name, or both.
            on: The day it is about. A municipality that was no more on that day is read as the one
                it went over into; without a day codes stay as they are.
        """
        key = text.strip(), on
        if key not in self._known:
            self._known[key] = self._at(self._read(key[0]), on)
        return self._known[key]

    def resolve_both(self, code: str, name: str, on: date | None = None) -> Resolution:
        """Say which municipality a code and a name mean that stand beside each other.

        A name of before or after a merger agrees with the codes of both.
        """
        one, other = self.resolve(code, on), self.resolve(name, on)
        for read in (one, other):
            if read.named is None:
                return read
        if one.named == other.named or (one.code is not None and one.code == other.code):
            return one
        found = f"{self._shown(str(one.named))}, {self._shown(str(other.named))}"
        return Resolution(reason=Reason.CODE_AND_NAME_DIFFER, suggestion=found)

    def predecessors_inside(self, codes: Iterable[str]) -> frozenset[str]:
        """Give these codes, and every municipality of any time that lies in them altogether.

        One of which only a part lies in them is not there: Haaren is not in the region of one of
        the four municipalities that it was split over, nor Amsterdam in that of Weesp.
        """
        inside = set(codes)
        steps = self.boundaries.steps
        for step in steps:
            after = {to for parts in step.addresses.values() for to in parts}
            inside |= {to for to in after if set(step.back(to)) <= inside}
        for step in reversed(steps):
            inside |= {code for code in step.addresses if set(step.onward(code)) <= inside}
        return frozenset(inside)

    def at(self, codes: Iterable[str], day: date) -> frozenset[str]:
        """Give the municipalities of a day that these codes stand for.

        One that existed then is itself, with its boundaries of that day; of the others, those that
        they came from or went over into, where these lie inside these codes altogether.
        """
        named = frozenset(codes)
        inside = self.predecessors_inside(named)
        shares = self.boundaries.shares
        return frozenset(
            to for code in named for to in shares(code, day, drawn=day) if to in inside
        )

    # --- reading ---------------------------------------------------------------------------------

    def _read(self, text: str) -> Resolution:
        """Give what a text names, whatever the day."""
        match = _CODE.fullmatch(text)
        if match is not None:
            return self._of_code(f"GM{int(match[1]):04d}")
        by_name = self._of_name(text)
        if by_name.named is not None:
            return by_name
        for pattern, code_at, name_at in ((_CODE_FIRST, 1, 2), (_CODE_LAST, 2, 1)):
            both = pattern.fullmatch(text)
            if both is not None:
                return self.resolve_both(both[code_at], both[name_at])
        return by_name

    def _of_code(self, code: str) -> Resolution:
        if code in self.codes:
            return Resolution(code, How.CODE, named=code)
        return Resolution(reason=Reason.UNKNOWN_MUNICIPALITY)

    def _of_name(self, text: str) -> Resolution:
        key = fold_name(text)
        for table, how in ((self._official, How.NAME), (self._aliases, How.ALIAS)):
            codes = table.get(key, ())
            if len(codes) == 1:
                return Resolution(codes[0], how, named=codes[0])
            if codes:
                return self._refused(codes)
        for repaired in _repairs(text):
            read = self._of_name(repaired) if fold_name(repaired) in self._official else None
            if read is not None and read.code is not None:
                return self._refused([read.code], repaired)
        return self._refused(self._near(key))

    def _near(self, key: str) -> list[str]:
        tables = (self._official, self._aliases)
        close = {
            code
            for table in tables
            for other, codes in table.items()
            if _is_one_off(key, other)
            for code in codes
        }
        return sorted(close)

    def _refused(self, codes: Collection[str], repaired: str = "") -> Resolution:
        shown = ", ".join(self._shown(code) for code in sorted(codes))
        return Resolution(reason=Reason.UNKNOWN_MUNICIPALITY, suggestion=shown, repaired=repaired)

    def _shown(self, code: str) -> str:
        return f"{code} {self.name(code)}" if code in self._names else code

    def _at(self, read: Resolution, on: date | None) -> Resolution:
        """Bring a municipality that was no more on the day into the one it went over into."""
        code = read.code
        ends = None if code is None else self.boundaries.ends(code)
        if code is None or on is None or ends is None or on < ends:
            return read
        into = self.boundaries.shares(code, on)
        if len(into) == 1:
            return Resolution(next(iter(into)), How.MERGED, named=code)
        shown = ", ".join(self._shown(to) for to in into)
        return Resolution(named=code, reason=Reason.SPLIT_MUNICIPALITY, suggestion=shown)


def fold_name(text: str) -> str:
    """Fold a name for comparison: only letters and digits, without case and accents.

    "Gemeente X", "gem. X" and "X (gemeente)" are X.
    """
    plain = unicodedata.normalize("NFKD", text.replace("&", " en ").translate(_PLAIN)).casefold()
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    words = _LETTERS.sub(" ", plain).split()
    if len(words) > 1 and words[0] in {"gemeente", "gem"}:
        words = words[1:]
    if len(words) > 1 and words[-1] == "gemeente":
        words = words[:-1]
    return "".join(words)


def _by_key(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for name, code in set(pairs):  # a name stands there once for every year
        found.setdefault(fold_name(name), set()).add(code)
    return {key: tuple(sorted(codes)) for key, codes in found.items()}


def _repairs(text: str) -> Iterable[str]:
    """Give what a text may have been before it was read in a wrong encoding."""
    if text.isascii():
        return
    for read_as, written_as in _MISREAD:
        try:
            yield text.encode(read_as).decode(written_as)
        except UnicodeError:
            continue


def _is_one_off(text: str, other: str) -> bool:
    """Tell whether two texts differ by one letter: left out, added, another, or two swapped."""
    if len(text) > len(other):
        text, other = other, text
    if len(other) - len(text) > 1 or len(text) < 3:
        return False
    at = next((i for i, letter in enumerate(text) if letter != other[i]), len(text))
    if len(text) < len(other):
        return text[at:] == other[at + 1 :]
    swapped = text[at : at + 2] == other[at : at + 2][::-1]
    return text[at + 1 :] == other[at + 1 :] or (swapped and text[at + 2 :] == other[at + 2 :])
