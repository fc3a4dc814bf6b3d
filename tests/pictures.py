"""The pictures of the README: the first page of every edition, from the current report.

`make pictures` makes them anew. Belongs here: which pages are pictured, and how large. Does not
belong here: a test, and making a report (`uitstroom run --region zk-ijmond`).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from pipelines.paths import CHECKOUT, DataRoot, current_folder
from reports import theme

REGION = "zk-ijmond"
PICTURES = CHECKOUT / "docs" / "pictures"
PAGES = {"report": "index.html", "progress": "voortgang.html", "municipal": "gemeenten/velsen.html"}
PAPERS = {"paper": "rapport.pdf", "board": "bestuur.pdf"}
SLIDES = "presentatie.pptx"
SCREEN = {"width": 1280, "height": 900}
DOTS_PER_INCH = 80


def make_pictures(report: Path, folder: Path) -> None:
    """Picture the first page of every edition of a report.

    Args:
        report: The folder of the report.
        folder: Where the pictures are put.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SCREEN)
        for name, address in PAGES.items():
            page.goto((report / address).as_uri())
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{name}.png")
        browser.close()
    with tempfile.TemporaryDirectory() as made:
        fonts = Path(made) / "data" / "fonts"
        fonts.mkdir(parents=True)
        shutil.copy(theme.font_file(), fonts)
        command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", made]
        subprocess.run(
            [*command, str(report / SLIDES)],
            env={**os.environ, "XDG_DATA_HOME": str(fonts.parent)},
            check=True,
            capture_output=True,
        )
        papers = {
            name: (report / file, 2 if name == "paper" else 1) for name, file in PAPERS.items()
        }
        papers["slides"] = (Path(made) / f"{Path(SLIDES).stem}.pdf", 2)
        for name, (file, number) in papers.items():
            _picture(file, number, folder / name)


def _picture(file: Path, number: int, target: Path) -> None:
    pages = ["-f", str(number), "-l", str(number), "-singlefile"]
    command = ["pdftoppm", "-png", "-r", str(DOTS_PER_INCH), *pages, str(file), str(target)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    found = current_folder(DataRoot.from_environment().reports(REGION))
    if found is None:
        sys.exit(f"There is no report yet; make one first: uitstroom run --region {REGION}")
    make_pictures(found, PICTURES)
