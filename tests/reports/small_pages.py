"""Reading of small pages in tests: their numbers with the cells that they say they come from.

Belongs here: a document of frames without a folder, the parser, the check against a release. Does
not belong here: a test.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import polars as pl

from models.tables import MARTS
from reports.document import Document
from reports.labels import Labels
from reports.release import Release
from reports.sections import base
from tests.reports.invented_release import AS_OF, REGION, RELEASE_ID, Frames

_OUTER = ("region_id", "scenario_id")


class HeldRelease(Release):
    """A release of frames that were never written: quick to change in a test."""

    def __init__(self, frames: Frames) -> None:
        self.manifest = {
            "region_id": REGION,
            "release_id": RELEASE_ID,
            "edition_id": "ed-0",
            "class": "concept",
            "default_scenario": "baseline",
            "as_of": AS_OF,
            "synthetic": True,
            "tables": dict.fromkeys(frames),
        }
        self._frames = dict(frames)
        self.path = Path("nowhere")


def hold(frames: Frames, words: Labels) -> Document:
    """Give the document of frames."""
    release = HeldRelease(frames)
    return Document(release, base.read_facts(release), words)


@dataclass
class Traced(HTMLParser):
    """Collects the elements of a page's own content that name a cell, its headings and its text."""

    found: list[tuple[str, str, str, str]] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: tuple[str, str, str] | None = None
        self._is_content = False
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "main":
            self._is_content = True
        if "data-table" in given and self._is_content:
            self._open = (given["data-table"], given["data-row"], given["data-column"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(given["href"])
        if "id" in given:
            self.ids.append(given["id"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._is_content = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open is not None:
            self.found.append((*self._open, data))
            self._open = None


def read_page(page: str) -> Traced:
    reader = Traced()
    reader.feed(page)
    return reader


def cells_of(page: str, release: Release) -> Iterator[tuple[str, object, str]]:
    """Give the column, the value in the release, and the text of every traced number."""
    for table, row, column, text in read_page(page).found:
        keys = [key for key in MARTS[table].primary_key() if key not in _OUTER]
        frame = release.table(table)
        if "scenario_id" in frame.columns:
            frame = frame.filter(pl.col("scenario_id") == release.default_scenario)
        for key, value in zip(keys, row.split("/"), strict=False):
            frame = frame.filter(pl.col(key).cast(pl.String) == value)
        assert frame.height == 1, (table, row)
        yield column, frame[column][0], text


def read_number(text: str) -> float:
    """Read a Dutch number, with or without a unit or a percent sign."""
    found = re.search(r"[\d.]+(?:,\d+)?", text)
    assert found, text
    value = float(found[0].replace(".", "").replace(",", "."))
    return value / 100 if "%" in text else value
