"""Slides for a meeting: 16:9, our own template, charts that can be edited.

Belongs here: from a document to `presentatie.pptx`. Does not belong here: what the slides say
(`deck_slides`), how charts are drawn (`deck_charts`), what the file's bytes hang on (`deck_zip`).
"""

from pathlib import Path

from reports.document import Document
from reports.export import deck_template as template
from reports.export.deck_page import Foot
from reports.export.deck_slides import Deck, add_slides
from reports.export.deck_zip import pack
from reports.export.pictures import Pictures

FILE = "presentatie.pptx"


def write_deck(document: Document, pictures: Pictures, folder: Path) -> list[Path]:
    """Write the slides of a document.

    Args:
        document: The release in words, charts and tables.
        pictures: Not needed: every chart is drawn by the program that shows the slides.
        folder: Where the file is written.
    """
    del pictures
    words, facts = document.words, document.facts
    title = words.text("page.title", region=document.region, month=document.month)
    presentation = template.new_presentation(words, title=title, as_of=facts.as_of)
    foot = Foot(
        words.text(
            "deck.foot",
            release=document.release.manifest["release_id"],
            month=document.month,
            **{"class": words.code("release_class", document.release.release_class)},
        ),
        document.band,
    )
    add_slides(Deck(document, presentation, foot))
    file = folder / FILE
    file.write_bytes(pack(presentation))
    return [file]
