"""Reading the text of PDF files, page by page.

Belongs here: this format. Does not belong here: the others (`pages`, `books`), matching
(`matching`).
"""

import io

from models.errors import RefusedError
from pipelines.attack.language import Language
from pipelines.attack.readings import File, cut


def read_paper(path: str, content: bytes, language: Language) -> File:
    """Read a PDF file: the words and numbers of its pages together, titles of bookmarks too.

    Raises:
        RefusedError: It cannot be read, or the library that reads it is not installed.
    """
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError:
        raise RefusedError(
            "PDF files cannot be read here, so that nothing can be said of them",
            where=path,
            expected="the library pypdf",
            todo="Install the product with all its libraries.",
        ) from None
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        texts = [page.extract_text() for page in reader.pages]
        said = [str(text) for text in (reader.metadata or {}).values()]
    except (PyPdfError, ValueError, KeyError) as error:
        raise RefusedError(
            "A published file cannot be read, so that nothing can be said of it",
            where=path,
            found=type(error).__name__,
            expected="a PDF file as a report of this product writes it",
            todo="Render the report again.",
        ) from None
    file = File(path)
    file.texts.append(tuple(token for text in texts for token in cut(text, language)))
    file.texts += [tuple(cut(text, language)) for text in said]
    return file
