"""A folder of published files back to figures by cell.

Belongs here: finding releases in a folder, reading every file of one, and what was read and what
was not. Does not belong here: the formats (`pages`, `books`, `papers`), releases in several
languages (`editions`), what figures tell (`attacking`).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.errors import UsageError
from pipelines.attack import matching
from pipelines.attack.books import read_book, read_csv, read_slides
from pipelines.attack.knowledge import Issue, read_issue
from pipelines.attack.language import Language, language_of
from pipelines.attack.pages import read_page
from pipelines.attack.papers import read_paper
from pipelines.attack.readings import Cell, File, Reading, number_of

_PAGE = ".html"
_READERS: Mapping[str, Callable[[str, bytes, Language], File]] = {
    ".csv": lambda path, content, _: read_csv(path, content),
    _PAGE: lambda path, content, language: read_page(path, content.decode("utf-8"), language),
    ".pdf": read_paper,
    ".pptx": read_slides,
    ".svg": lambda path, content, language: read_page(path, content.decode("utf-8"), language),
    ".xlsx": read_book,
}
_SILENT = frozenset({".ttf", ".txt", ".js", ".css", ".ico"})
"""Fonts, licences and programs: they are the same in every report."""
_INDEX = "index"


@dataclass
class Release:
    """What was read of one release.

    Attributes:
        name: Name of its folder.
        issue: What it says of itself.
        readings: Numbers whose cell is known.
        files: How many files of each kind were read.
        unread: Numbers in words of which no cell is known, by kind of file.
        drawn: Numbers that charts are drawn with and that stand in no table.
        pictures: Files that only show a picture.
        other: Files of a kind that is not read.
        languages: Codes of the languages that it was published in.
        number: Id of the release, as its pages say; empty where they do not.
        places: Cells of the pages' own tables by where they stand: the page and the cell named by
            the number of its row, and the cell as it is named here.
    """

    name: str
    issue: Issue
    readings: list[Reading] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    drawn: int = 0
    pictures: int = 0
    other: list[str] = field(default_factory=list)
    languages: tuple[str, ...] = ()
    number: str = ""
    places: dict[tuple[str, Cell], Cell] = field(default_factory=dict)


def find_releases(folder: Path) -> list[Path]:
    """Find the releases in a folder: the folder itself, or the folders in it that hold a page.

    Raises:
        UsageError: There is no page in it.
    """
    if not folder.is_dir():
        raise _nothing(folder, "no folder")
    if any(folder.glob("*.html")) and not _holds_releases(folder):
        return [folder]
    found = [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.is_symlink()]
    found = [path for path in found if any(path.glob("*.html"))]
    if not found:
        raise _nothing(folder, "no HTML page in it or in a folder of it")
    return found


def _holds_releases(folder: Path) -> bool:
    """Say whether a folder has an index of its own above the pages of releases."""
    return any(path.is_dir() and (path / f"{_INDEX}.html").exists() for path in folder.iterdir())


def _nothing(folder: Path, found: str) -> UsageError:
    return UsageError(
        "There is nothing to attack",
        where=str(folder),
        found=found,
        expected="a folder with the files of a release, or with folders of releases",
        todo="Give the folder that readers get.",
    )


def read_release(folder: Path) -> Release:
    """Read every file of a release and find out which cell each number belongs to.

    Raises:
        RefusedError: A file cannot be read, or is in a language that is not read.
    """
    contents: dict[str, bytes] = {}
    pictures, other = 0, []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, kind = path.relative_to(folder).as_posix(), path.suffix.lower()
        if kind in _READERS:
            contents[name] = path.read_bytes()
        elif kind in (".png", ".jpg", ".gif"):
            pictures += 1
        elif kind not in _SILENT:
            other.append(name)
    sources = {name: text.decode("utf-8") for name, text in contents.items() if _is_page(name)}
    language = language_of(sources)
    read = [_READERS[_kind(name)](name, text, language) for name, text in contents.items()]
    pages = [file for file in read if _is_page(file.path)]
    first = sorted(pages, key=lambda file: file.path != f"{_INDEX}{_PAGE}")
    release = Release(folder.name, read_issue(first, language), pictures=pictures, other=other)
    release.languages = (language.code,)
    release.number = _number(sources, language)
    release.files.update(_kind(file.path) for file in read)
    _name_tables(release, read, pages, language)
    _name_words(release, read, pages)
    _name_alike(release, pages, language)
    _count_drawn(release, read)
    return release


def _kind(name: str) -> str:
    return Path(name).suffix.lower()


def _is_page(name: str) -> bool:
    return _kind(name) == _PAGE


def _number(sources: Mapping[str, str], language: Language) -> str:
    """Give the id of the release that all pages name; empty where they name none, or several."""
    named = {number for text in sources.values() for number in language.edition.findall(text)}
    return named.pop() if len(named) == 1 else ""


def _name_alike(release: Release, pages: Sequence[File], language: Language) -> None:
    """Name rows of the pages' own tables, and their words, as they are named in any language."""
    names: dict[Cell, Cell] = {}

    def named(cell: Cell) -> Cell:
        if cell not in names:
            is_own = not cell.table.startswith("mart_")
            names[cell] = replace(cell, row=language.common_row(cell.row)) if is_own else cell
        return names[cell]

    release.readings = [
        replace(one, cell=named(one.cell), words=tuple(map(language.common, one.words)))
        if one.words or named(one.cell) is not one.cell
        else one
        for one in release.readings
    ]
    for page in pages:
        release.places.update({(page.path, at): named(cell) for at, cell in page.places.items()})


def _name_tables(
    release: Release, read: Sequence[File], pages: Sequence[File], language: Language
) -> None:
    """Name the cells of pages, data files, sheets and workbooks behind charts."""
    data = [file for file in read if file.path.endswith(".csv")]
    shown = matching.know_tables(pages)
    known, _ = matching.match_data(data, shown, language)
    for file in pages:
        release.readings += file.readings
    for file, one in zip((file for file in data if file.tables), known, strict=True):
        release.readings += matching.read_known(file.path, one, one.table.rows, language)
    for file in read:
        if file.path.endswith((".xlsx", ".pptx")):
            release.readings += matching.find_tables(file, known or shown, language)


def _name_words(release: Release, read: Sequence[File], pages: Sequence[File]) -> None:
    """Name numbers in sentences by the words around them: on the page of the same name, or any."""
    contexts: dict[str, matching.Contexts] = {}
    anywhere = matching.Contexts()
    for page in pages:
        learnt = contexts.setdefault(page.path.removesuffix(".html"), matching.Contexts())
        for text in page.texts[:1]:
            learnt.learn(text)
            anywhere.learn(text, only_named=True)
    index = contexts.get(_INDEX, matching.Contexts())
    for file in read:
        own = contexts.get(file.path.rsplit(".", 1)[0], index)
        for place, text in enumerate(file.texts):
            is_taught = place == 0 and file.path.endswith(".html")
            found = anywhere.find(text, only_sure=True)
            found |= {} if is_taught else own.find(text)
            numbers = [at for at, token in enumerate(text) if token.is_number and not token.cell]
            release.readings += [
                Reading(file.path, cell, number_of(text[at])) for at, cell in found.items()
            ]
            release.unread[Path(file.path).suffix] += len(numbers) - len(found)


def _count_drawn(release: Release, read: Sequence[File]) -> None:
    """Count whole numbers that charts hold and that stand in no table; years do not count."""
    known = {round(one.value.number, 4) for one in release.readings}
    release.drawn = sum(
        round(number, 4) not in known and number == int(number) and not 1990 <= number < 2100
        for file in read
        for number in file.loose
    )
