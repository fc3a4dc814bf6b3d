"""Characters that steer or hide text, written out so that a reader sees them.

Belongs here: which characters these are and what stands in their place, in every format alike. Does
not belong here: characters that a font lacks (`export.pdf_font`), escaping for a format.

Such characters are refused where deliveries come in; one that is in a release all the same can
neither turn a sentence round nor make a file that no program reads (XML has no place for most).
"""

import re
import unicodedata
from typing import Any

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that steer or hide text."""

HIDDEN_PATTERN = r"[\p{C}\p{Zl}\p{Zp}]"
"""The same for a search in a column (Rust's regular expressions)."""

_KEPT = "\N{SOFT HYPHEN}"
_SPACES = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")
_OPEN = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
_CLOSE = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"


def visible(text: str) -> str:
    """Write line ends and tabs as a space, and what else steers or hides as its code point."""
    spaced = _SPACES.sub(" ", text)
    if spaced.isprintable():  # then no character of it steers or hides
        return spaced
    return "".join(code_point(char) if _is_hidden(char) else char for char in spaced)


def visible_values(value: Any) -> Any:
    """Give the same texts, lists and dictionaries with every text visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: visible_values(item) for key, item in value.items()}
    if isinstance(value, list):
        return [visible_values(item) for item in value]
    return value


def code_point(char: str) -> str:
    """Write a character as its code point in angle quotes."""
    return f"{_OPEN}U+{ord(char):04X}{_CLOSE}"


def _is_hidden(char: str) -> bool:
    return char != _KEPT and unicodedata.category(char) in HIDDEN
