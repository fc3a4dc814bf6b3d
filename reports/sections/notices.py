"""What was found in a delivered file, in the reader's language.

Belongs here: reading the short notes that a delivery's check leaves (`found` of
`mart_delivery__notice`: numbers, and in between a few English words), and telling them in words.
Does not belong here: the reasons themselves (labels `reason.*`), the tables (`deliveries.py`).

A note is a machine's text with numbers in it. Every form of it that the checks write stands in
`FORMS`; whatever else stands in a cell are the sender's own words, which are told as they are.
"""

import re

from reports.labels import Labels

_LIST_END = re.compile(r"^(?P<names>.*) and (?P<count>\d+) more$")

FORMS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "occupancy": (
        (
            "occupancy",
            re.compile(r"(?P<persons>\d+) people, (?P<places>\d+) places; (?P<rows>\d+) rows"),
        ),
    ),
    "long_stay": (("stays", re.compile(r"(?P<count>\d+) stays")),),
    "overlapping_stays": (("stays", re.compile(r"(?P<count>\d+) stays")),),
    "hidden_rows": (
        (
            "hidden_by_filter",
            re.compile(r"(?P<rows>\d+) rows by a filter, (?P<columns>\d+) columns"),
        ),
        ("hidden", re.compile(r"(?P<rows>\d+) rows, (?P<columns>\d+) columns")),
    ),
    "outside_period": (("rows_of", re.compile(r"(?P<count>\d+) of (?P<all>\d+) rows")),),
    "unknown_reference": (
        ("rows_of", re.compile(r"(?P<count>\d+) of (?P<all>\d+) rows")),
        (
            "rows_of_named",
            re.compile(r"(?P<count>\d+) of (?P<all>\d+) rows \((?P<names>.+)\)"),
        ),
    ),
    "closed_periods_changed": (
        (
            "closed_cells",
            re.compile(
                r"(?P<count>\d+) of (?P<all>\d+) cells up to and including (?P<day>[\d-]{10})"
            ),
        ),
    ),
    "capacity_jump": (("places_at", re.compile(r"(?P<count>-?\d+) at (?P<facility>.+)")),),
    "missing_words": (("cells", re.compile(r"(?P<count>\d+) cells")),),
    "unknown_column": (("column", re.compile(r"column (?P<number>\d+)")),),
    "different_persons": (("rows", re.compile(r"(?P<count>\d+) rows")),),
    "person_at_two_senders": (("numbers", re.compile(r"(?P<count>\d+) numbers")),),
}
"""The forms of a note by reason: a label of the family `noted`, and the pattern with its gaps."""


def noted(reason: str, found: str | None, words: Labels) -> str:
    """Tell what was found in the reader's language; the sender's own words stay as they are.

    Args:
        reason: Code of the reason.
        found: The note, as the check left it; None where a release leaves it out.
        words: Labels.
    """
    text = found or ""
    for name, pattern in FORMS.get(reason, ()):
        if match := pattern.fullmatch(text):
            return words.text(f"noted.{name}", **_gaps(match.groupdict(), words))
    if match := _LIST_END.fullmatch(text):
        return words.text("noted.more", names=match["names"], count=_number(match["count"], words))
    return text


def _gaps(found: dict[str, str], words: Labels) -> dict[str, str]:
    texts = {"names", "facility"}
    return {
        name: text
        if name in texts
        else words.numbers.day(text)
        if name == "day"
        else _number(text, words)
        for name, text in found.items()
    }


def _number(text: str, words: Labels) -> str:
    return words.numbers.whole(int(text))
