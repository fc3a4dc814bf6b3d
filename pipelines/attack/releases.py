"""A folder of published files back to figures by cell.

Belongs here: finding releases in a folder, reading every file of one, and what was read and what
was not. Does not belong here: the formats (`pages`, `books`, `papers`), what figures tell
(`attacking`).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import UsageError
from pipelines.attack import matching
from pipelines.attack.books import read_book, read_csv, read_slides
from pipelines.attack.knowledge import Issue, read_issue
from pipelines.attack.pages import read_page
from pipelines.attack.papers import read_paper
from pipelines.attack.readings import File, Reading, number_of

_READERS: Mapping[str, Callable[[str, bytes], File]] = {
    ".csv": read_csv,
    ".html": lambda path, content: read_page(path, content.decode("utf-8")),
    ".pdf": read_paper,
    ".pptx": read_slides,
    ".svg": lambda path, content: read_page(path, content.decode("utf-8")),
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
    """

    name: str
    issue: Issue
    readings: list[Reading] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    drawn: int = 0
    pictures: int = 0
    other: list[str] = field(default_factory=list)


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
        RefusedError: A file cannot be read.
    """
    read: list[File] = []
    pictures, other = 0, []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, kind = path.relative_to(folder).as_posix(), path.suffix.lower()
        if kind in _READERS:
            read.append(_READERS[kind](name, path.read_bytes()))
        elif kind in (".png", ".jpg", ".gif"):
            pictures += 1
        elif kind not in _SILENT:
            other.append(name)
    pages = [file for file in read if file.path.endswith(".html")]
    release = Release(folder.name, read_issue(pages), pictures=pictures, other=other)
    release.files.update(Path(file.path).suffix for file in read)
    _name_tables(release, read, pages)
    _name_words(release, read, pages)
    _count_drawn(release, read)
    return release


def _name_tables(release: Release, read: Sequence[File], pages: Sequence[File]) -> None:
    """Name the cells of pages, data files, sheets and workbooks behind charts."""
    data = [file for file in read if file.path.endswith(".csv")]
    shown = matching.know_tables(pages)
    known, _ = matching.match_data(data, shown)
    for file in pages:
        release.readings += file.readings
    for file, one in zip((file for file in data if file.tables), known, strict=True):
        release.readings += matching.read_known(file.path, one, one.table.rows)
    for file in read:
        if file.path.endswith((".xlsx", ".pptx")):
            release.readings += matching.find_tables(file, known or shown)


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
