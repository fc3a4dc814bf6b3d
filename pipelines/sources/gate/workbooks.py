"""What a workbook says besides its rows: properties, comments, hidden places, leftovers.

Belongs here: judging the facts of the package. Does not belong here: gathering them
(`pipelines.sources.package`), the rows (`columns.py`).
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from pipelines.sources.envelope import Envelope
from pipelines.sources.gate import patterns
from pipelines.sources.gate.files import has_pattern, may_point_at_somebody
from pipelines.sources.gate.findings import Finding, PrivacyRule
from pipelines.sources.gate.names import looks_like_name
from pipelines.sources.gate.remarks import holds_remark
from pipelines.sources.gate.words import is_ordinary, is_organisation, is_place, plain
from pipelines.sources.package import PackageFacts, SheetFacts

_LEFTOVERS = ("pivotcache/", "pivottables/", "revisions/", "xl/users/", "userdata/")
_REMARKS = ("comments", "persons/")
_MACHINE = re.compile(
    r"[\d.,: +TZ/-]+|true|false|\d{4}-\d\d-\d\dT[\d:.]+Z?|none|worksheets?|werkbladen|charts|"
    r"named ranges|benoemde bereiken|grafieken|microsoft (?:macintosh )?excel.*|libreoffice.*|"
    r"xlsxwriter|openpyxl|apache poi|polars|sas|power bi|r|spss|excel|microsoft office(?: user)?|"
    r"(?:windows|microsoft)[ -]?(?:user|gebruiker)|gebruiker|user|admin(?:istrator)?|beheerder|"
    r"unknown|onbekend|auteur|author|standaard|default|normal|general|(?:blad|sheet)\d*|"
    r"tab(?:el|le)\d*|print_area|print_titles|_xlnm\.[\w.]+|calibri.*|aptos.*|arial.*|"
    r"office theme|kantoorthema|{[0-9a-f-]+}|nl-nl|en-us|x|s",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?:'[^']*'|\w+)!\$?[A-Z]+.*|https?://(?:schemas|www\.w3)\S*")


def check_package(
    package: PackageFacts, envelope: Envelope, known: Sequence[bool]
) -> Iterator[Finding]:
    """Say what a workbook holds besides its rows that may point at a person.

    Args:
        package: The facts of the package.
        envelope: What the sender declares.
        known: Whether the contract knows each column of the delivered sheet.
    """
    allowed = {plain(sheet.name) for sheet in package.sheets} | {plain(envelope.sender)}
    properties = _texts(package, "docprops/")
    told = sum(_is_telling_property(text, allowed) for text in properties)
    if told:
        yield Finding(PrivacyRule.DOCUMENT_PROPERTY, cells=told)
    remarks = [part for part in package.parts if _is_remark(part, package)]
    if remarks:
        yield Finding(PrivacyRule.COMMENT, cells=len(remarks))
    hidden = sum(sheet.state != "visible" for sheet in package.sheets)
    hidden += _hidden_columns(package.chosen, known)
    if hidden:
        yield Finding(PrivacyRule.HIDDEN, cells=hidden)
    leftovers = _leftovers(package, allowed)
    if leftovers:
        yield Finding(PrivacyRule.LEFTOVER, cells=leftovers)


def _is_telling_property(text: str, allowed: set[str]) -> bool:
    """Say whether a property may name a person: whoever saved the file, as Excel calls them.

    Anything is taken for such a name that is neither a word of machines, the sender's own name, nor
    made of words of organisations, places and plain files: an account such as "jansenp" is one.
    """
    text = text.strip()
    if not text or _MACHINE.fullmatch(text) or _REFERENCE.fullmatch(text) or plain(text) in allowed:
        return False
    if has_pattern(text) or looks_like_name(text, is_organisation_column=True):
        return True
    if holds_remark(text, False):
        return True
    return not (is_ordinary(text) or is_place(text) or is_organisation(text))


def _is_remark(part: str, package: PackageFacts) -> bool:
    name = part.casefold()
    if not name.endswith(".xml") or not any(word in name for word in _REMARKS):
        return False
    return "persons/" not in name or bool(package.texts.get(part))


def _hidden_columns(sheet: SheetFacts | None, known: Sequence[bool]) -> int:
    """Count the hidden columns that the contract does not know; known ones are read as data."""
    if sheet is None:
        return 0
    places = {at for first, last in sheet.hidden_columns for at in range(first, last + 1)}
    return sum(not known[at - 1] for at in places if 0 < at <= len(known))


def _leftovers(package: PackageFacts, allowed: set[str]) -> int:
    """Count parts of other tables and programs, and texts outside the rows that name somebody."""
    names = [part.casefold() for part in package.parts]
    found = sum(any(word in name for word in _LEFTOVERS) for name in names)
    custom = [text for text in _texts(package, "customxml/") if not _MACHINE.fullmatch(text)]
    found += sum(may_point_at_somebody(sheet.name) for sheet in package.sheets)
    found += any(may_point_at_somebody(text) or _is_account(text) for text in custom)
    elsewhere = [
        text
        for part, texts in package.texts.items()
        if not part.casefold().startswith(("docprops/", "customxml/"))
        and not any(word in part.casefold() for word in _REMARKS)
        for text in texts
    ]
    margins = [_without_codes(text) for sheet in package.sheets for text in sheet.margins]
    found += sum(_names_somebody(text, allowed) for text in (*elsewhere, *margins))
    return found + _count_cells(package.other_cells)


def _without_codes(margin: str) -> str:
    """Take the codes of place and letter out of the header or footer of a sheet."""
    return re.sub(r'&(?:"[^"]*"|\d+|[A-Z])', " ", html.unescape(margin)).strip()


def _is_account(text: str) -> bool:
    return bool(re.search(r"i:0#|\\\w+", text))


def _names_somebody(text: str, allowed: set[str]) -> bool:
    if _MACHINE.fullmatch(text) or _REFERENCE.fullmatch(text) or plain(text) in allowed:
        return False
    return may_point_at_somebody(text)


def _count_cells(texts: Iterable[str]) -> int:
    """Count the cells of other sheets that hold a pattern of a person or a name."""
    cells = pl.Series(list(texts), dtype=pl.String)
    if cells.is_empty():
        return 0
    found = patterns.look_for_persons(cells)["shown"]
    named = sum(looks_like_name(text, is_organisation_column=True) for text in cells.filter(~found))
    return int(found.sum()) + named


def _texts(package: PackageFacts, folder: str) -> list[str]:
    return [
        text
        for part, texts in package.texts.items()
        if part.casefold().startswith(folder)
        for text in texts
    ]
