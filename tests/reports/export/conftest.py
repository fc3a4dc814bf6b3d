"""The invented release as a document, and its pictures, made once for the tests that read them."""

from pathlib import Path

import pytest

from reports.document import Document, read_document
from reports.export.pictures import Pictures, draw_pictures


@pytest.fixture(scope="session")
def document(release_folder: Path) -> Document:
    return read_document(release_folder)


@pytest.fixture(scope="session")
def pictures(document: Document) -> Pictures:
    """Draw every chart of the invented release; needs an installed browser."""
    return draw_pictures([document.charts])[0]
