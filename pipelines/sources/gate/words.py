"""Words that name no person: those of the contracts, places, organisations, months, plain files.

Belongs here: the vocabularies that keep the gate from false alarms, and the header words that
announce personal data. Does not belong here: names of persons (`names.py`).
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.sources.columns import fold
from pipelines.sources.contracts import CONTRACTS

LISTS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
)


def word_list(name: str) -> frozenset[str]:
    """Give one of the lists of `words.toml`."""
    return frozenset(LISTS[name].split())


ABBREVIATIONS = word_list("abbreviations")
"""Letters that look like initials and are organisations or laws."""

_ORGANISATION_PARTS = tuple(sorted(word_list("organisations")))
"""Parts of words that name an organisation, a building or a body rather than a person."""

_ORGANISATION_NAMES = word_list("organisation_names")
"""Organisations that are named after a person."""

_SHORT_STEM = 5
"""A part of at most so many letters counts at the end of a word only."""

_PLAIN_WORDS = word_list("plain_words")
"""Words that stand in cells and file names and name nobody."""

PLACE_HEADERS = word_list("place_headers")
"""Header words of columns that hold places."""

_ORGANISED_NAMES = word_list("organised_names")
"""Words that make "naam" in a header the name of a thing."""

_HEADERS: Mapping[str, frozenset[str]] = {
    kind: frozenset(words.split()) for kind, words in LISTS["headers"].items()
}
_PERSON_POSTCODE = frozenset({"postcode", "zip", "zipcode", "pc6"})


def header_rule(header: str) -> str:
    """Give the kind of personal data that an unknown header announces, "" for none.

    Birth dates and postcodes are left to the cells: a bare year or four digits say little.
    """
    parts = [part for part in re.split(r"[_\W]+", fold(header)) if part]
    whole = "".join(parts)
    words = {*parts, whole}
    for kind, known in _HEADERS.items():
        if kind == "name" and words & _ORGANISED_NAMES:
            continue
        if words & known:
            return kind
    if "bsn" in whole or "burgerservice" in whole:
        return "citizen_number"
    is_name = any(part == "naam" or part.endswith("naam") for part in parts)
    return "name" if is_name and not _names_a_thing(parts) else ""


def is_birth_header(header: str) -> bool:
    """Say whether a header speaks of birth."""
    whole = fold(header)
    return whole.startswith("geb") or any(
        part in whole for part in ("geboorte", "geboren", "birth", "date_of_b", "dob")
    )


def is_postcode_header(header: str) -> bool:
    """Say whether a header speaks of a postcode."""
    return bool(set(re.split(r"[_\W]+", fold(header))) & _PERSON_POSTCODE)


def is_place_header(header: str) -> bool:
    """Say whether a header speaks of places."""
    return bool(set(re.split(r"[_\W]+", fold(header))) & PLACE_HEADERS)


def _names_a_thing(parts: list[str]) -> bool:
    whole = "".join(parts)
    return any(thing in whole for thing in _ORGANISED_NAMES) or whole == "plaatsnaam"


def plain(text: str) -> str:
    """Fold a text for the vocabularies: case, accents, separators."""
    bare = unicodedata.normalize("NFKD", text)
    return fold("".join(one for one in bare if not unicodedata.combining(one)))


@cache
def contract_words() -> frozenset[str]:
    """Give every header and word of every contract, folded, whole and in parts."""
    found: set[str] = set()
    for contract in CONTRACTS.values():
        found |= {plain(contract.name), *plain(contract.name).split("_")}
        for column in contract.columns:
            for text in (*column.headers, *column.words):
                found |= {plain(text), *plain(text).split("_")}
    return frozenset(found - {""})


@cache
def places() -> frozenset[str]:
    """Give the names of all municipalities and of places beside them, folded."""
    from pipelines.paths import CHECKOUT
    from pipelines.sources.open_data import municipal_facts

    named = municipal_facts(CHECKOUT / "data" / "raw" / "open")["name"].drop_nulls().unique()
    found = {plain(re.sub(r"\s*\(.*\)$", "", name)) for name in named}
    return frozenset(found | _MORE_PLACES)


_MORE_PLACES = word_list("places")


def is_place(text: str) -> bool:
    """Say whether a text is the name of a place."""
    return plain(text) in places()


def is_ordinary(text: str) -> bool:
    """Say whether a text is a word of the contracts, or all its words are ordinary ones."""
    whole = plain(text)
    if whole in contract_words() or whole in _ORGANISATION_NAMES:
        return True
    parts = [part for part in re.split(r"[_\W]+", whole) if part]
    return all(part in _PLAIN_WORDS or part in contract_words() or part.isdigit() for part in parts)


def is_organisation(text: str, *, but: AbstractSet[str] = frozenset()) -> bool:
    """Say whether a word of the text names an organisation, a building or a body.

    Args:
        text: Any text.
        but: Words that do not count, folded: family names such as Huisman.
    """
    parts = [part for part in re.split(r"[_\W]+", plain(text)) if part and part not in but]
    return any(_is_organised(part) for part in parts)


def _is_organised(part: str) -> bool:
    if part in ABBREVIATIONS:
        return True
    return any(
        stem in part if len(stem) > _SHORT_STEM else part.endswith(stem)
        for stem in _ORGANISATION_PARTS
    )
