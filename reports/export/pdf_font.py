"""What the report's font can write, and how wide: read from the font file itself.

Belongs here: which characters have a glyph, what stands in for one that has none, widths of texts.
Does not belong here: the look (`theme`), a table's layout (`pdf_tables`).

PDF/UA wants a glyph for every character, so a name in another script would stop the compilation.
It is written as its code point instead: visible, harmless, and never silently dropped.
"""

import struct
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from reports import theme

_TABLE_RECORD = 16
_SEMIBOLD = 1.05
"""Widest that the semibold text of a head or a total is, against the regular one."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories that steer or hide text: they are written out, not obeyed."""
_OPEN = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
_CLOSE = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
_KEPT = frozenset({"\n", "\N{SOFT HYPHEN}"})


def printable(value: Any) -> Any:
    """Give the same texts, lists and dictionaries with every text in characters that can be set."""
    if isinstance(value, str):
        return printable_text(value)
    if isinstance(value, Mapping):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value


def printable_text(text: str) -> str:
    """Write what has no glyph, hides or steers as its code point: U+202E in angle quotes."""
    composed = unicodedata.normalize("NFC", text)
    if all(map(_is_set, composed)):
        return composed
    return "".join(char if _is_set(char) else _code_point(char) for char in composed)


def _code_point(char: str) -> str:
    if char == "\t":
        return " "
    return f"{_OPEN}U+{ord(char):04X}{_CLOSE}"


@cache
def _is_set(char: str) -> bool:
    if char in _KEPT:
        return True
    return unicodedata.category(char) not in _HIDDEN and ord(char) in glyphs()


def width(text: str, *, semibold: bool = False) -> float:
    """Give the width of a text on one line, as a share of its size."""
    advances = _advances()
    found = sum(advances.get(ord(char), 0.6) for char in text)
    return found * _SEMIBOLD if semibold else found


@cache
def _tables() -> Mapping[str, bytes]:
    content = theme.font_file().read_bytes()
    count = struct.unpack_from(">H", content, 4)[0]
    found = {}
    for place in range(count):
        record = content[12 + place * _TABLE_RECORD :][:_TABLE_RECORD]
        tag, _, start, length = struct.unpack(">4sLLL", record)
        found[tag.decode("ascii")] = content[start : start + length]
    return MappingProxyType(found)


@cache
def glyphs() -> Mapping[int, int]:
    """Give the glyph of every code point that the font has (its `cmap` of format 4 or 12)."""
    cmap = _tables()["cmap"]
    found: dict[int, int] = {}
    for place in range(struct.unpack_from(">H", cmap, 2)[0]):
        start = struct.unpack_from(">L", cmap, 4 + 8 * place + 4)[0]
        kind = struct.unpack_from(">H", cmap, start)[0]
        if kind == 4:
            found |= _segments(cmap, start)
        elif kind == 12:
            found |= _groups(cmap, start)
    return MappingProxyType(found)


def _groups(cmap: bytes, start: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for place in range(struct.unpack_from(">L", cmap, start + 12)[0]):
        first, last, glyph = struct.unpack_from(">LLL", cmap, start + 16 + 12 * place)
        found |= {code: glyph + code - first for code in range(first, last + 1)}
    return found


def _segments(cmap: bytes, start: int) -> dict[int, int]:
    doubled = struct.unpack_from(">H", cmap, start + 6)[0]

    def read(column: int, place: int, kind: str = ">H") -> int:
        at = start + 14 + column * doubled + (2 if column else 0) + 2 * place
        return int(struct.unpack_from(kind, cmap, at)[0])

    found = {}
    for place in range(doubled // 2):
        last, first = read(0, place), read(1, place)
        delta, offset = read(2, place, ">h"), read(3, place)
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code + delta
            if offset:
                at = start + 16 + 3 * doubled + 2 * place + offset + 2 * (code - first)
                listed = struct.unpack_from(">H", cmap, at)[0]
                glyph = listed + delta if listed else 0
            if glyph & 0xFFFF:
                found[code] = glyph & 0xFFFF
    return found


@cache
def _advances() -> Mapping[int, float]:
    tables = _tables()
    unit = struct.unpack_from(">H", tables["head"], 18)[0]
    count = struct.unpack_from(">H", tables["hhea"], 34)[0]
    wide = [struct.unpack_from(">H", tables["hmtx"], 4 * place)[0] / unit for place in range(count)]
    return MappingProxyType({code: wide[min(glyph, count - 1)] for code, glyph in glyphs().items()})
