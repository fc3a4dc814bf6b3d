"""The index site: every region and every edition, newest first, with a link to each of its files.

Belongs here: one small page from a list of plain records. Does not belong here: finding the
editions and their files (the pipelines hand them over), the pages that it links to.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from reports import theme
from reports.labels import Labels, load_labels
from reports.municipal import FOLDER
from reports.pages import render_small

FILE = "index.html"
TEMPLATE = "site.html.j2"

FILES = (
    "index.html",
    "rapport.pdf",
    "voortgang.html",
    "voortgang.pdf",
    "bestuur.pdf",
    "presentatie.pptx",
    "cijfers.xlsx",
)
"""Files of an edition that have a name of their own here, in reading order."""

MONTHLY = ("voortgang.html", "voortgang.pdf")
"""Those that stand out in an edition that is not the steering group's."""

_PLACES = f"{FOLDER}/"


@dataclass(frozen=True)
class EditionEntry:
    """A stored report of a region in one language, as the pipelines know it.

    Attributes:
        region_id: The region.
        region_name: Its name.
        release_id: The release that the report shows.
        as_of: Last month that counts as known, "YYYY-MM".
        release_class: concept, partijen or openbaar.
        is_final: Whether the edition is final: kept and never changed.
        is_current: Whether it is the region's current one.
        synthetic: Whether its deliveries are synthetic.
        retracted: Whether it uses a source that was retracted later.
        folder: The way from the site's page to the report's folder, as "region/id".
        files: Its files, seen from that folder, with forward slashes.
        municipalities: Names of municipalities by the stem of their files in `gemeenten`.
        changed: When it was made, to put editions of one month in order; any text that sorts.
        language: Language of the report; those of one release make one edition.
        is_steering: Whether the region's calendar makes the edition of this month the steering
            group's; of the others the progress page stands out.
    """

    region_id: str
    region_name: str
    release_id: str
    as_of: str
    release_class: str
    is_final: bool
    is_current: bool
    synthetic: bool
    folder: str
    files: Sequence[str]
    municipalities: Mapping[str, str] = field(default_factory=dict)
    retracted: bool = False
    changed: str = ""
    language: str = "nl"
    is_steering: bool = True

    @property
    def is_full(self) -> bool:
        """Whether the full report is what counts: the steering group's month, or a final one."""
        return self.is_steering or self.is_final


@dataclass(frozen=True)
class Link:
    """A file to open: its name for a reader, what kind of file it is, its address."""

    name: str
    kind: str
    address: str


MarkKind = Literal[
    "current", "steering", "progress", "newest", "concept", "final", "synthetic", "retracted"
]


@dataclass(frozen=True)
class Mark:
    """What an edition is, in a word or two."""

    kind: MarkKind
    text: str


@dataclass(frozen=True)
class ReportView:
    """The files of an edition in one language.

    Attributes:
        language: Its code.
        heading: Which language, where an edition has several or another than the page's.
        links: The files that count.
        more: The others.
        places: Name of each municipality with its files.
    """

    language: str
    heading: str
    links: tuple[Link, ...]
    more: tuple[Link, ...]
    places: tuple[tuple[str, tuple[Link, ...]], ...]


@dataclass(frozen=True)
class EditionView:
    """An edition in words, with its report in each language."""

    title: str
    state: str
    marks: tuple[Mark, ...]
    reports: tuple[ReportView, ...]


@dataclass(frozen=True)
class RegionView:
    """A region with its editions, newest first."""

    region_id: str
    name: str
    editions: tuple[EditionView, ...]


def build_site(entries: Sequence[EditionEntry], *, language: str = "nl", up: str = "") -> str:
    """Render the page.

    Args:
        entries: The editions, in any order.
        language: Language of the label file.
        up: The way from the page to the folder where the font lies.

    Raises:
        UsageError: There are no labels in the language.
    """
    words = load_labels(language)
    return render_small(TEMPLATE, words, up=up, regions=site_view(entries, words))


def write_site(
    entries: Sequence[EditionEntry], folder: Path, *, language: str = "nl"
) -> list[Path]:
    """Write the page, with the font and its licence beside it."""
    file = folder / FILE
    file.write_text(build_site(entries, language=language), encoding="utf-8", newline="\n")
    beside = {
        theme.FONT_FILE: theme.font_file(),
        theme.FONT_LICENCE_FILE: theme.font_licence(),
    }
    for name, source in beside.items():
        shutil.copyfile(source, folder / name)
    return [file, *(folder / name for name in beside)]


def site_view(entries: Iterable[EditionEntry], words: Labels) -> tuple[RegionView, ...]:
    """Put regions in order of their names and editions newest first, the current one on top."""
    by_region: dict[str, list[EditionEntry]] = {}
    for entry in entries:
        by_region.setdefault(entry.region_id, []).append(entry)
    regions = []
    for region_id, own in by_region.items():
        newest = sorted(own, key=lambda entry: entry.release_id)
        newest.sort(key=lambda entry: (entry.as_of, entry.is_current, entry.changed), reverse=True)
        editions: dict[str, list[EditionEntry]] = {}
        for entry in newest:
            editions.setdefault(entry.release_id, []).append(entry)
        full = next((entry.release_id for entry in newest if entry.is_full), "")
        views = tuple(
            edition_view(reports, words, is_newest_full=release_id == full)
            for release_id, reports in editions.items()
        )
        regions.append(RegionView(region_id, newest[0].region_name, views))
    return tuple(sorted(regions, key=lambda region: (region.name.casefold(), region.region_id)))


def edition_view(
    reports: Sequence[EditionEntry], words: Labels, *, is_newest_full: bool = False
) -> EditionView:
    """Say what an edition is and where its files are.

    Args:
        reports: The reports of one release, one a language.
        words: The labels of the page.
        is_newest_full: Whether no later edition of the region is the steering group's.
    """
    in_order = sorted(reports, key=lambda entry: (entry.language != words.language, entry.language))
    entry = in_order[0]
    return EditionView(
        words.numbers.month(entry.as_of).capitalize(),
        words.text(
            "site.state",
            release=entry.release_id,
            release_class=words.code("release_class", entry.release_class),
        ),
        _marks(entry, words, is_newest_full),
        tuple(_report_view(report, words) for report in in_order),
    )


def _report_view(entry: EditionEntry, words: Labels) -> ReportView:
    links = {name: _link(name, words, entry) for name in FILES if name in entry.files}
    chosen = [name for name in links if entry.is_full or name in MONTHLY] or list(links)
    places = []
    for stem, name in sorted(entry.municipalities.items(), key=lambda pair: pair[1].casefold()):
        own = [f"{_PLACES}{stem}.{kind}" for kind in ("html", "pdf")]
        of_place = tuple(_link(file, words, entry) for file in own if file in entry.files)
        if of_place:
            places.append((name, of_place))
    is_own = entry.language == words.language
    return ReportView(
        entry.language,
        "" if is_own else words.code("site_language", entry.language),
        tuple(links[name] for name in chosen),
        tuple(link for name, link in links.items() if name not in chosen),
        tuple(places),
    )


def _marks(entry: EditionEntry, words: Labels, is_newest_full: bool) -> tuple[Mark, ...]:
    kinds: list[MarkKind] = ["current"] if entry.is_current else []
    if is_newest_full and not entry.is_current:
        kinds.append("newest")
    else:
        kinds.append("steering" if entry.is_full else "progress")
    kinds.append("final" if entry.is_final else "concept")
    if entry.retracted:
        kinds.append("retracted")
    found = [Mark(kind, words.text(f"site.{kind}")) for kind in kinds]
    if entry.synthetic:
        found.append(Mark("synthetic", words.text("synthetic")))
    return tuple(found)


def _link(file: str, words: Labels, entry: EditionEntry) -> Link:
    stem, _, kind = file.rpartition(".")
    is_place = file.startswith(_PLACES)
    name = words.text(f"site.kind_{kind}") if is_place else words.code("site_file", stem)
    return Link(name, words.text(f"site.kind_{kind}"), quote(f"{entry.folder}/{file}"))
