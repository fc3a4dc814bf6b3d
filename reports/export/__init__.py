"""Every format beside the page: PDFs, slides, workbook, charts, progress, municipalities.

Belongs here: `FORMATS`, the registry in reading order, and writing them all. Does not belong here:
a format; each has its own module and is imported when it is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.document import Document
    from reports.export.pictures import Pictures

__all__ = ["FORMATS", "Format", "addresses", "write_all"]


@dataclass(frozen=True)
class Format:
    """A format beside the page.

    Attributes:
        module: Where its writer stands.
        writer: Name of the writer: (document, pictures, folder) -> files.
        address: The file to which the page leads, seen from the report's folder; empty where a
            format has no single file that a reader opens.
        has_pictures: Whether its writer takes the pictures; pages without charts do not.
    """

    module: str
    writer: str
    address: str = ""
    has_pictures: bool = True

    def write(self, document: "Document", pictures: "Pictures", folder: Path) -> list[Path]:
        """Write its files into the report's folder."""
        writer: Callable[..., list[Path]] = getattr(import_module(self.module), self.writer)
        return writer(document, pictures, folder) if self.has_pictures else writer(document, folder)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "progress": Format(
            "reports.progress_page", "write_progress", "voortgang.html", has_pictures=False
        ),
        "municipal": Format("reports.municipal", "write_municipal", has_pictures=False),
        "report_pdf": Format("reports.export.pdf", "write_report_pdf", "rapport.pdf"),
        "board_pdf": Format("reports.export.pdf", "write_board_pdf", "bestuur.pdf"),
        "progress_pdf": Format("reports.export.pdf", "write_progress_pdf", "voortgang.pdf"),
        "municipal_pdf": Format("reports.export.pdf", "write_municipal_pdfs"),
        "deck": Format("reports.export.deck", "write_deck", "presentatie.pptx"),
        "workbook": Format("reports.export.workbook", "write_workbook", "cijfers.xlsx"),
        "charts": Format("reports.export.chart_files", "write_chart_files"),
    }
)
"""Every format beside the page, in the order in which they are written and listed."""


def addresses() -> dict[str, str]:
    """Give the files to which the page leads, by the name of their format."""
    return {name: item.address for name, item in FORMATS.items() if item.address}


def write_all(document: "Document", pictures: "Pictures", folder: Path) -> list[Path]:
    """Write every format into the report's folder.

    Args:
        document: The release as a document.
        pictures: Its pictures; where there are none, tables stand in their place.
        folder: The report's folder; the page is there already.

    Returns:
        The files.
    """
    return [file for item in FORMATS.values() for file in item.write(document, pictures, folder)]
