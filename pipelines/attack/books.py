"""Reading data files and office files: CSV, workbooks with hidden sheets, slides with charts.

Belongs here: these formats, from their own parts, so that nothing that a program would not show
stays unread. Does not belong here: pages (`pages`), PDF (`papers`), matching (`matching`).
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from models.errors import RefusedError
from pipelines.attack.language import Language
from pipelines.attack.readings import File, Table, Token, cut

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LARGEST = 200_000_000
"""Bytes that a part of a package may unfold to (a choice; ours are below ten million)."""


def read_csv(path: str, content: bytes) -> File:
    """Read a CSV file: one table of the name of the file."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    plain = [tuple(cell.removeprefix("'") for cell in row) for row in rows if row]
    stem = path.rsplit("/", 1)[-1].removesuffix(".csv")
    tables = [Table(stem, plain[0], tuple(plain[1:]))] if plain else []
    return File(path, tables=tables)


def read_book(path: str, content: bytes, language: Language) -> File:
    """Read a workbook: every sheet, shown or hidden, with its notes.

    Raises:
        RefusedError: It is no package, or one that unfolds to too much.
    """
    file = File(path)
    with _open(path, content) as package:
        names = set(package.namelist())
        words = _shared(package, names)
        for title, part in _sheets(package, names):
            rows = _rows(_parse(package, part), words)
            file.tables.append(Table(title, (), tuple(rows)))
            file.texts += [
                tuple(cut(cell, language)) for row in rows for cell in row if " " in cell.strip()
            ]
        for part in sorted(name for name in names if re.match(r"xl/(comments|drawings)", name)):
            if part.endswith(".xml"):
                file.texts += _paragraphs(_parse(package, part), (_SHEET, _DRAWING), language)
        _read_caches(package, names, file)
    return file


def read_slides(path: str, content: bytes, language: Language) -> File:
    """Read slides: their texts and notes, the data of charts, and the workbooks behind these.

    Raises:
        RefusedError: It is no package, or one that unfolds to too much.
    """
    file = File(path)
    with _open(path, content) as package:
        names = set(package.namelist())
        for part in sorted(name for name in names if re.match(r"ppt/.*\.xml$", name)):
            if re.match(r"ppt/(slides|notesSlides|comments|charts)/[^/]+$", part):
                root = _parse(package, part)
                texts = [" ".join(_words(one)) for one in root.iter(f"{_DRAWING}p")]
                file.texts.append(tuple(token for text in texts for token in cut(text, language)))
        _read_caches(package, names, file)
        for part in sorted(name for name in names if name.endswith(".xlsx")):
            book = read_book(f"{path}#{part.rsplit('/', 1)[-1]}", package.read(part), language)
            file.tables += book.tables
            file.texts += book.texts
    return file


def _open(path: str, content: bytes) -> zipfile.ZipFile:
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise _refusal(path, "no package of office parts") from None
    if any(part.file_size > _LARGEST for part in package.infolist()):
        raise _refusal(path, "a part that unfolds to too much")
    return package


def _refusal(path: str, found: str) -> RefusedError:
    return RefusedError(
        "A published file cannot be read, so that nothing can be said of it",
        where=path,
        found=found,
        expected="a file as a report of this product writes it",
        todo="Render the report again.",
    )


def _parse(package: zipfile.ZipFile, part: str) -> ElementTree.Element:
    content = package.read(part)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _refusal(part, "a document type with its own entities")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError:
        raise _refusal(part, "broken XML") from None


def _words(root: ElementTree.Element) -> Iterator[str]:
    yield from (one.text for one in root.iter(f"{_DRAWING}t") if one.text)


def _paragraphs(
    root: ElementTree.Element, spaces: Iterable[str], language: Language
) -> list[tuple[Token, ...]]:
    texts = [one.text for space in spaces for one in root.iter(f"{space}t") if one.text]
    return [tuple(cut(text, language)) for text in texts]


def _shared(package: zipfile.ZipFile, names: set[str]) -> list[str]:
    """Give the texts that sheets share."""
    if "xl/sharedStrings.xml" not in names:
        return []
    root = _parse(package, "xl/sharedStrings.xml")
    return ["".join(t.text or "" for t in one.iter(f"{_SHEET}t")) for one in root]


def _sheets(package: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    """Give title and part of every sheet, in order; parts without a title after these."""
    related = {
        one.get("Id", ""): "xl/" + one.get("Target", "").removeprefix("/xl/")
        for one in _parse(package, "xl/_rels/workbook.xml.rels")
    }
    left = dict.fromkeys(
        sorted(name for name in names if re.match(r"xl/worksheets/[^/]+\.xml$", name))
    )
    for one in _parse(package, "xl/workbook.xml").iter(f"{_SHEET}sheet"):
        part = related.get(one.get(f"{_RELATED}id", ""), "")
        if part in left:
            del left[part]
            yield one.get("name", ""), part
    yield from (("", part) for part in left)


def _rows(root: ElementTree.Element, words: list[str]) -> list[tuple[str, ...]]:
    """Give the rows of a sheet as texts, numbers as a data file writes them."""
    found = []
    for row in root.iter(f"{_SHEET}row"):
        cells: dict[int, str] = {}
        for place, cell in enumerate(row.iter(f"{_SHEET}c")):
            cells[_column(cell.get("r", ""), place)] = _cell_text(cell, words)
        if cells:
            found.append(tuple(cells.get(at, "") for at in range(max(cells) + 1)))
    return found


def _column(reference: str, place: int) -> int:
    letters = re.match(r"[A-Z]+", reference)
    if letters is None:
        return place
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell_text(cell: ElementTree.Element, words: list[str]) -> str:
    value = cell.findtext(f"{_SHEET}v") or ""
    kind = cell.get("t", "n")
    if kind == "s" and value:
        return words[int(value)]
    if kind == "inlineStr":
        return "".join(one.text or "" for one in cell.iter(f"{_SHEET}t"))
    if kind == "n" and value:
        number = f"{round(float(value), 6) + 0.0:.6f}"
        return number.rstrip("0").rstrip(".").replace(".", ",")
    return value


def _read_caches(package: zipfile.ZipFile, names: set[str], file: File) -> None:
    """Read the numbers that charts keep beside their workbook."""
    for part in sorted(name for name in names if re.search(r"/charts/chart[^/]*\.xml$", name)):
        for point in _parse(package, part).iter(f"{_CHART}pt"):
            text = point.findtext(f"{_CHART}v") or ""
            if re.fullmatch(r"-?\d+(\.\d+)?(E[+-]?\d+)?", text):
                file.loose.append(float(text))
