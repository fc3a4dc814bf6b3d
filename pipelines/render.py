"""From a release to a builder of its report, for the step and for `uitstroom report`.

Belongs here: the calls of `reports`: pages, pictures, every other format. Does not belong here:
what any of them says, storage.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.release import DEFAULT_LANGUAGE

Build = Callable[[Path], object]


def report_builder(release: Path, *, language: str = DEFAULT_LANGUAGE) -> Build:
    """Give a function that builds the whole report of a release into a folder."""

    def build(folder: Path) -> object:
        from reports.build import write_pages
        from reports.document import read_document
        from reports.export import FORMATS, addresses, write_all
        from reports.export.pictures import Pictures, draw_pictures
        from reports.municipal import municipal_addresses

        document = read_document(release, language=language)
        pictures = draw_pictures([document.charts])[0] if FORMATS else Pictures()
        places = municipal_addresses(document)
        pages = write_pages(document, folder, formats=addresses(), places=places)
        write_all(document, pictures, folder)
        return pages

    return build


@contextmanager
def one_browser() -> Iterator[None]:
    """Let one browser draw every report that is built inside this block, however many.

    It starts with the first picture, and nothing of it is left when the block ends.
    """
    from reports.export import pictures_browser

    with pictures_browser.one_browser():
        yield
