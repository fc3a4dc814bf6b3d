"""Remarks: whether a text is something that somebody wrote about somebody.

Belongs here: sentences, and the words of care, health and conduct. Does not belong here: the length
of a whole column (`columns.py`), names (`names.py`).
"""

import re

from pipelines.sources.gate.words import is_ordinary, word_list

FEWEST_WORDS, MOST_WORDS, MOST_LETTERS = 4, 10, 80

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", re.UNICODE)
_ABOUT_SOMEBODY = word_list("about_somebody")
_SAYING = word_list("saying")
_SENSITIVE = re.compile(
    r"(?i)\b(?:verslaafd\w*|schizofre\w+|su[iï]cid\w*|zelfmoord|hiv|psychose\w*|psychotisch\w*|"
    r"borderline|autist\w*|zwanger\w*|mishandel\w*|misbruik\w*|agressie\w*|agressief|gewelddadig\w*|"
    r"dronken|alcoholist\w*|cocaïne|heroïne|delict\w*|veroordeeld\w*|depressie\w*|depressief|trauma|"
    r"adhd|ptss|dementie|verstandelijk beperkt|medicijnen|schulden|bedreig\w*|stalk\w*|aangifte)\b"
)


def holds_remark(text: str, is_sentence_allowed: bool) -> bool:
    """Say whether a text is a remark.

    Args:
        text: One cell.
        is_sentence_allowed: The contract foresees a sentence there (the scope of an agreement):
            only what it says about somebody counts then.
    """
    if is_ordinary(text):
        return False
    if _SENSITIVE.search(text):
        return True
    words = [word.casefold() for word in _WORD.findall(text)]
    about = bool(_ABOUT_SOMEBODY & set(words))
    saying = bool(_SAYING & set(words))
    if is_sentence_allowed:
        return about and saying
    if len(words) < FEWEST_WORDS:
        return False
    return about or saying or len(words) >= MOST_WORDS or len(text) > MOST_LETTERS
