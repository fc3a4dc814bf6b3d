"""The name of a file and the free fields of its envelope.

Belongs here: whether they may point at a person, and how such a file is named instead. Does not
belong here: the rows (`columns.py`) and the parts of a workbook (`workbooks.py`).
"""

import hashlib
import re
from collections.abc import Sequence

import polars as pl

from pipelines.sources.envelope import Envelope
from pipelines.sources.gate import patterns
from pipelines.sources.gate.findings import Finding, PrivacyRule
from pipelines.sources.gate.names import FAMILY, GIVEN, looks_like_name
from pipelines.sources.gate.patterns import TEXT
from pipelines.sources.gate.remarks import holds_remark
from pipelines.sources.gate.words import (
    ABBREVIATIONS,
    is_ordinary,
    is_organisation,
    is_place,
    plain,
)

_SUFFIX = re.compile(r"\.[A-Za-z]{1,5}$")
_TOKEN = re.compile(r"[^\s_.\-()\[\]&,;+]+")
_MONTHS = frozenset(["jan", "mei", "jun", "jul"])
_SHORT = 3
_OF_ABBREVIATION = re.compile(r"\b[A-Z]{2,6}-([A-Z]\w+)")
"""An organisation such as HVO-Querido."""


def check_file_name(file_name: str, envelope: Envelope | None) -> list[Finding]:
    """Say whether the name of a file may point at a person.

    Plain words, months, numbers, places, organisations and the words of the sender's own name are
    let through; a name on the lists, a shape of a name, and a capitalised word in the middle that
    nobody knows are not.
    """
    stem = _SUFFIX.sub("", file_name)
    allowed = {plain(word) for word in _TOKEN.findall(envelope.sender)} if envelope else set()
    if has_pattern(stem) or _may_name(stem, allowed):
        return [Finding(PrivacyRule.FILE_NAME, cells=1)]
    return []


def masked_name(file_name: str) -> str:
    """Give the name under which a file goes on record when its own may point at a person."""
    digest = hashlib.sha256(file_name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    suffix = _SUFFIX.search(file_name)
    return f"naam-weggelaten-{digest}{suffix[0] if suffix else ''}"


def check_envelope(envelope: Envelope) -> list[Finding]:
    """Say which free fields of an envelope may point at a person."""
    fields = {
        "sender": envelope.sender,
        "sheet": envelope.sheet or "",
        "no_rows_reason": envelope.no_rows_reason or "",
        "region": envelope.region,
    }
    for name in ("units", "control_totals"):
        for key, value in (getattr(envelope, name, None) or {}).items():
            fields[f"{name}.{key}"] = f"{key} {value}" if isinstance(value, str) else str(key)
    fields |= {f"providers.{at}": one for at, one in enumerate(getattr(envelope, "providers", ()))}
    found = [
        name.partition(".")[0]
        for (name, text), shows in zip(
            fields.items(), have_pattern([*fields.values()]), strict=True
        )
        if _may_point(text, name, shows_pattern=shows)
    ]
    return [
        Finding(PrivacyRule.ENVELOPE, column=f"column {name}", cells=found.count(name))
        for name in dict.fromkeys(found)
    ]


def without_free_fields(envelope: Envelope) -> Envelope:
    """Give an envelope of which nothing goes on record that somebody wrote freely."""
    free = {"sender": "afzender weggelaten", "sheet": None, "no_rows_reason": None, "units": None}
    return envelope.model_copy(update={**free, "providers": (), "control_totals": None})


def may_point_at_somebody(text: str) -> bool:
    """Say whether any text outside the rows holds a pattern, a name or a remark."""
    return _may_point(text, "", shows_pattern=has_pattern(text))


def has_pattern(text: str) -> bool:
    """Say whether a text holds an address, a number or a date of a person."""
    return have_pattern([text])[0]


def have_pattern(texts: Sequence[str]) -> list[bool]:
    """Say of each text whether it holds an address, a number or a date of a person."""
    seen = patterns.look_for_persons(
        pl.Series(texts, dtype=pl.String),
        has_address=patterns.has_address(TEXT, is_id=False, is_about_persons=False),
        is_date=patterns.years_in_ids(TEXT).is_not_null(),
    )
    shown = seen["shown"] | seen["has_address"]
    return [
        is_shown or (not is_date and _passes_eleven(text))
        for text, is_shown, is_date in zip(texts, shown, seen["is_date"], strict=True)
    ]


def _passes_eleven(text: str) -> bool:
    """Say whether eight or nine digits in a text pass the elfproef of the BSN."""
    found = re.findall(r"\d{8,9}", text)
    if not found:
        return False
    numbers = patterns.look(pl.Series(found), one=patterns.bare_numbers(TEXT))["one"]
    return bool(patterns.passes_eleven(numbers).any())


def _may_point(text: str, name: str, *, shows_pattern: bool) -> bool:
    if not text:
        return False
    is_thing = name in {"sender", "region", ""} or name.startswith("providers")
    return (
        shows_pattern
        or looks_like_name(text, is_organisation_column=is_thing)
        or _holds_name(text)
        or (name != "no_rows_reason" and holds_remark(text, False))
        or (name == "no_rows_reason" and holds_remark(text, True))
    )


def _holds_name(text: str) -> bool:
    """Look for a name inside a longer text: two or three words in a row that read as one."""
    words = text.split()
    return any(
        looks_like_name(" ".join(words[at : at + size]), is_organisation_column=True)
        for size in (2, 3, 4)
        for at in range(len(words) - size + 1)
        if words[at][:1].isupper()
    )


def _may_name(stem: str, allowed: set[str]) -> bool:
    tokens = _TOKEN.findall(stem)
    if len(tokens) > 1 and looks_like_name(re.sub(r"[_]+", " ", stem), is_organisation_column=True):
        return True
    allowed = allowed | {plain(word) for word in _OF_ABBREVIATION.findall(stem)} - FAMILY - GIVEN
    return any(
        _is_name_token(token, at, tokens) for at, token in enumerate(tokens)
        if plain(token) not in allowed
    )  # fmt: skip


def _is_name_token(token: str, at: int, tokens: list[str]) -> bool:
    word = plain(token)
    if any(one.isdigit() for one in token) or len(word) <= 1 or word in ABBREVIATIONS:
        return False
    if is_ordinary(token) or is_place(token) or (word in _MONTHS):
        return False
    if word in FAMILY or (word in GIVEN and len(word) > _SHORT):
        return not is_organisation(token, but=FAMILY)
    if is_organisation(token, but=FAMILY):
        return False
    is_capital = token[:1].isupper() and not token.isupper()
    return is_capital and len(token) > _SHORT and (at > 0 or len(tokens) == 1)
