"""How many lines a text takes, whatever measures its words.

Belongs here: breaking a text at its spaces. Does not belong here: how wide a letter is (`pdf_font`,
`deck_text`).
"""

from collections.abc import Callable


def count_lines(text: str, room: float, measure: Callable[[str], float]) -> int:
    """Count the lines of a text; a word may be wider than the room, and then takes several.

    Args:
        text: The text; a line feed begins a new line.
        room: Width of a line.
        measure: Gives the width of a text on one line, in the unit of the room.
    """
    count = 0
    for paragraph in text.split("\n"):
        count += 1
        used = 0.0
        for word in paragraph.split():
            wide = measure(word)
            gap = measure(" ") if used else 0.0
            if used and used + gap + wide > room:
                count, used, gap = count + 1, 0.0, 0.0
            used += gap + wide
            while used > room:
                count, used = count + 1, used - room
    return count
