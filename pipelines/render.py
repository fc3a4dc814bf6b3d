"""From a release to a builder of its report, for the step and for `uitstroom report`.

Belongs here: the calls of `reports`: pages, pictures, every other format. Does not belong here:
what any of them says, storage.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UitstroomError
from pipelines.release import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from reports.document import Document
    from reports.export.pictures import Pictures

Build = Callable[[Path], object]


def report_builder(release: Path, *, language: str = DEFAULT_LANGUAGE) -> Build:
    """Give a function that builds the whole report of a release into a folder."""

    def build(folder: Path) -> object:
        from reports.document import read_document

        document = read_document(release, language=language)
        return _write(document, _draw([document])[0], folder)

    return build


def report_builders(releases: Sequence[Path], *, language: str = DEFAULT_LANGUAGE) -> list[Build]:
    """Give the builders of several reports, whose pictures one browser has drawn.

    A release that cannot be read leaves the others alone: its builder raises what was found.
    """
    read = [_read(release, language) for release in releases]
    documents = [one for one in read if not isinstance(one, Exception)]
    drawn = iter(_draw(documents))
    return [
        _refuser(one) if isinstance(one, Exception) else _builder(one, next(drawn)) for one in read
    ]


def _read(release: Path, language: str) -> "Document | UitstroomError":
    from reports.document import read_document

    try:
        document = read_document(release, language=language)
        _ = document.sections
    except UitstroomError as error:
        return error
    return document


def _refuser(error: Exception) -> Build:
    def build(folder: Path) -> object:
        raise error

    return build


def _draw(documents: "Sequence[Document]") -> "Sequence[Pictures]":
    """Draw the pictures of several documents with one browser; none where no format takes any."""
    from reports import export
    from reports.export.pictures import Pictures, draw_pictures

    if not export.FORMATS:
        return [Pictures() for _ in documents]
    return draw_pictures([document.charts for document in documents])


def _builder(document: "Document", pictures: "Pictures") -> Build:
    def build(folder: Path) -> object:
        return _write(document, pictures, folder)

    return build


def _write(document: "Document", pictures: "Pictures", folder: Path) -> object:
    from reports.build import write_pages
    from reports.export import addresses, write_all

    pages = write_pages(document, folder, formats=addresses())
    write_all(document, pictures, folder)
    return pages
