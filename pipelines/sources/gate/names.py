"""Personal names: the lists of frequent ones, and the shapes in which people are written down.

Belongs here: whether one text looks like somebody's name. Does not belong here: how many such cells
refuse a column (`columns.py`), or words that name no person (`words.py`).

The lists hold the most frequent names of the Netherlands as general knowledge has them; a name that
is on no list is found by its shape (title, initials, "Surname, I.") or not at all.
"""

import re

from pipelines.sources.gate.words import (
    ABBREVIATIONS,
    is_ordinary,
    is_organisation,
    is_place,
    plain,
    word_list,
)

GIVEN = word_list("given")
"""Frequent first names, folded."""

FAMILY = word_list("family")
"""Frequent family names, folded, that are hardly anything else."""

FAMILY_WITH_PARTICLE = word_list("family_with_particle")
"""Family names that stand only after "van", "de" or "el"; alone they are words or places."""

PARTICLES = word_list("particles")

_NEVER_ORGANISED = FAMILY | FAMILY_WITH_PARTICLE
_WORD = re.compile(r"[^\W\d_][\w'\u2019./-]*", re.UNICODE)
_PARTICLE = r"(?:(?:van|de|der|den|ten|ter|te|het|'t|in|op|el|al|v\.?d\.?|v/d)\s+)*"
_TITLE = re.compile(
    r"\b(?:(?:dhr|mevr|mw|hr|drs|ing|prof)\.?\s+[^\W\d_]|(?:de heer|mevrouw|meneer|familie|fam\.?)"
    r"\s+(?!of\b|en\b|of/)" + _PARTICLE + r"[A-Z])",
    re.IGNORECASE,
)
_INITIALS_FIRST = re.compile(
    rf"^(?P<initials>(?:[A-ZÀ-Þ][a-z]?\.\s?){{1,5}})\s*{_PARTICLE}(?P<family>[A-ZÀ-Þ][\w'\u2019]+"
    rf"(?:[ -][A-ZÀ-Þ][\w'\u2019]+)*)$"
)
_FAMILY_FIRST = re.compile(
    rf"^(?:{_PARTICLE})(?P<family>[A-ZÀ-Þ][\w'\u2019]+(?:-[A-ZÀ-Þ][\w'\u2019]+)?)\s*,\s*"
    rf"(?P<initials>(?:[A-ZÀ-Þ]\.?\s?){{1,5}})(?:\s*{_PARTICLE.replace('+', '*', 1)}|[\sa-z]*)$"
)
_FAMILY_THEN_INITIALS = re.compile(r"^(?P<family>[^\W\d_]+)\s+(?:[A-Z]\.?\s?){1,4}$")
_TWO = 2
"""Two initials are initials; fewer or more of them may be an abbreviation."""

_SHAPES = (_INITIALS_FIRST, _FAMILY_FIRST)

SHAPE_HINT = (
    r"(?i)\b(?:dhr|mevr|mw|hr|drs|ing|prof|heer|mevrouw|meneer|familie|fam)\b|\b\p{Lu}\.|,\s*\p{L}"
)
"""Regular expression of polars: a text without it has no shape of a name."""


def looks_like_name(text: str, *, is_organisation_column: bool = False) -> bool:
    """Say whether a text is, or holds, the name of a person.

    Args:
        text: One cell.
        is_organisation_column: The contract expects an organisation, a project or a table there:
            a first name alone is then no finding.
    """
    text = text.strip()
    if len(text) < 2 or is_ordinary(text) or is_place(text):
        return False
    if _has_title(text):
        return True
    return _has_shape(text) or _is_listed(text, is_organisation_column)


def name_words(text: str) -> list[str]:
    """Give the folded words of a text that are on one of the lists."""
    return [word for word in (_plain(one) for one in _WORD.findall(text)) if word in GIVEN | FAMILY]


def _has_title(text: str) -> bool:
    found = _TITLE.search(text)
    if not found:
        return False
    rest = text[found.start() :].split()
    return len(rest) > 1 and not is_organisation(" ".join(rest[1:]), but=_NEVER_ORGANISED)


def _has_shape(text: str) -> bool:
    for shape in _SHAPES:
        found = shape.match(text)
        if found:
            initials = re.sub(r"[\s.]", "", found["initials"]).casefold()
            family = found["family"]
            if _plain(family) in _NEVER_ORGANISED:
                return True
            return not (
                (initials in ABBREVIATIONS and len(initials) != _TWO)
                or initials == "st"
                or is_organisation(family)
                or is_place(family)
                or is_ordinary(family)
            )
    last = _FAMILY_THEN_INITIALS.match(text)
    if last is None:
        return False
    return _plain(last["family"]) in FAMILY or ("." in text and not is_organisation(text))


def _is_listed(text: str, is_organisation_column: bool) -> bool:
    if is_organisation(text, but=_NEVER_ORGANISED):
        return False
    words = [word.strip(".,()/") for word in _WORD.findall(text)]
    if not words or len(words) > 7:
        return False
    plain = [_plain(word) for word in words]
    core = [at for at, word in enumerate(plain) if word not in PARTICLES]
    has_particle = len(core) < len(plain)
    if not core:
        return False
    first, last = core[0], core[-1]
    if len(core) == 1:
        return _is_one_name(words[first], plain[first], has_particle, is_organisation_column)
    is_written_as_name = all(words[at][:1].isupper() for at in core)
    ends_as_name = plain[last] in FAMILY or (has_particle and plain[last] in FAMILY_WITH_PARTICLE)
    if any(is_place(words[at]) and plain[at] not in GIVEN | FAMILY for at in core):
        return False
    is_given = plain[first] in GIVEN or plain[first].partition("_")[0] in GIVEN
    if is_given and ends_as_name:
        return True
    if plain[first] in FAMILY and plain[last] in GIVEN:
        return True
    if not is_written_as_name or len(core) > 4:
        return False
    return is_given or ends_as_name


def _is_one_name(word: str, plain: str, has_particle: bool, is_organisation_column: bool) -> bool:
    if is_place(word) and not has_particle:
        return False
    if has_particle:
        known = FAMILY | FAMILY_WITH_PARTICLE
        return plain in known and word[:1].isupper()
    if plain in FAMILY:
        return word[:1].isupper() or len(plain) > 4
    return plain in GIVEN and word[:1].isupper() and not is_organisation_column


def _plain(word: str) -> str:
    """Fold a word and take its accents and possessive off."""
    return plain(word.strip(".,()/'\u2019")).replace("\u0131", "i")
