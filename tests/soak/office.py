"""An office suite opens the files of a hostile release: it computes nothing and keeps every text.

Belongs here: what a spreadsheet and a slide program make of the files, where one is installed. Does
not belong here: what the files themselves hold (`tests/reports/test_hostile.py`).
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import openpyxl
import pypdf

from reports.document import read_document
from reports.export import FORMATS
from reports.export.pictures import Pictures
from reports.visible import visible
from tests.evidence import write_evidence
from tests.reports import hostile, invented_release

OFFICE = "soffice"
SECONDS = 300
FIELDS = ("region_name", "municipality_name", "association", "sender", "title", "body")


def soak_office() -> None:
    """Convert workbook and slides with an installed office suite and read back what it understood.

    Raises:
        SystemExit: There is no such suite, a cell became a formula, or a text was lost.
    """
    if shutil.which(OFFICE) is None:
        raise SystemExit(f"there is no {OFFICE}: this check needs an installed LibreOffice")
    frames = invented_release.build_frames()
    texts = hostile.poison(frames)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document = read_document(invented_release.write_release(folder / "release", frames))
        for kind in ("workbook", "deck"):
            FORMATS[kind].write(document, Pictures(), folder)
        book = openpyxl.load_workbook(_convert(folder / "cijfers.xlsx", "ods", "xlsx"))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        held = "\n".join(str(cell.value) for cell in cells)
        formulas = sum(cell.data_type == "f" for cell in cells)
        lost = [text for field in FIELDS for text in texts[field] if visible(text) not in held]
        slides = len(pypdf.PdfReader(_convert(folder / "presentatie.pptx", "pdf")).pages)
    if formulas or lost:
        raise SystemExit(f"{formulas} formulas; texts lost: {[text[:80] for text in lost]}")
    write_evidence(
        "soak-office",
        seed=invented_release.CAP,
        counts={"cells": len(cells), "texts": sum(len(texts[field]) for field in FIELDS)},
        results={"formulas": formulas, "texts_lost": len(lost), "slides_drawn": slides},
    )


def _convert(file: Path, *kinds: str) -> Path:
    """Convert a file, from kind to kind, with a profile of its own that ends with the folder."""
    profile = f"-env:UserInstallation={(file.parent / 'profile').as_uri()}"
    for kind in kinds:
        out = file.parent / f"as-{kind}"
        command = [OFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(out)]
        subprocess.run(
            [*command, str(file)], check=True, timeout=SECONDS, stdout=subprocess.DEVNULL
        )
        file = out / f"{file.stem}.{kind}"
        profile = f"-env:UserInstallation={(out / 'profile').as_uri()}"
    return file
