"""How much room words take on a slide, before anybody draws them.

Belongs here: widths and lines of text in the report's font. Does not belong here: where a text
stands (`deck_page`), what it says.
"""

import re
from functools import cache, lru_cache

from PIL import ImageFont

from reports import theme
from reports.export.wrapping import count_lines

LINE = 1.2
"""Height of a line as a share of the type size."""

_POINTS_PER_INCH = 72.0
_MEASURED_PT = 100
_CAUTION = 1.04
_BOLD = 1.06
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """Give a text that XML can carry: a sign that it cannot stands as a replacement sign."""
    return _UNWRITABLE.sub("\ufffd", text)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Give the width of a text on one line (inches), a little more than the font says.

    The fall-back font of a reader without the report's font is narrower.
    """
    drawn = _drawn(text) / _MEASURED_PT
    return drawn * size / _POINTS_PER_INCH * _CAUTION * (_BOLD if bold else 1.0)


def lines(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """Count the lines of a text in so much width (inches); a word may be wider than the room."""
    return count_lines(text, room, lambda word: width(word, size, bold=bold))


def height(text: str, size: float, room: float, *, bold: bool = False) -> float:
    """Give the height of a text in so much width (both in inches)."""
    return lines(text, size, room, bold=bold) * size * LINE / _POINTS_PER_INCH


def shorten(text: str, size: float, room: float, most: int, *, bold: bool = False) -> str:
    """Cut a text at a word, so that it takes at most so many lines; what is cut is marked."""
    if lines(text, size, room, bold=bold) <= most:
        return text
    words = text.split()
    while len(words) > 1 and lines(" ".join(words) + " …", size, room, bold=bold) > most:
        words.pop()
    cut = " ".join(words)
    while len(cut) > 1 and lines(cut + " …", size, room, bold=bold) > most:
        cut = cut[:-1]
    return cut + " …"


@lru_cache(maxsize=20_000)
def _drawn(text: str) -> float:
    return float(_font().getlength(text))


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(theme.font_file()), _MEASURED_PT)
