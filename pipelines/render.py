"""From a release to a builder of its report, for the step and for `uitstroom report`.

Belongs here: the calls of `reports`: pages, pictures, every other format. Does not belong here: what
any of them says, storage.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.release import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from reports.document import Document
    from reports.export.pictures import Pictures

Build = Callable[[Path], object]


def report_builder(release: Path, *, language: str = DEFAULT_LANGUAGE) -> Build:
    """Give a function that builds the whole report of a release into a folder."""

    def build(folder: Path) -> object:
        from reports.document import read_document
        from reports.export.pictures import draw_pictures

        document = read_document(release, language=language)
        return _write(document, draw_pictures([document.charts])[0], folder)

    return build


def report_builders(releases: Sequence[Path], *, language: str = DEFAULT_LANGUAGE) -> list[Build]:
    """Give the builders of several reports, whose pictures one browser has drawn."""
    from reports.document import read_document
    from reports.export.pictures import draw_pictures

    documents = [read_document(release, language=language) for release in releases]
    drawn = draw_pictures([document.charts for document in documents])
    return [
        _builder(document, pictures) for document, pictures in zip(documents, drawn, strict=True)
    ]


def _builder(document: "Document", pictures: "Pictures") -> Build:
    def build(folder: Path) -> object:
        return _write(document, pictures, folder)

    return build


def _write(document: "Document", pictures: "Pictures", folder: Path) -> object:
    from reports.build import write_pages
    from reports.export import FORMATS, write_all

    addresses = {name: item.address for name, item in FORMATS.items() if item.address}
    pages = write_pages(document, folder, formats=addresses)
    write_all(document, pictures, folder)
    return pages
