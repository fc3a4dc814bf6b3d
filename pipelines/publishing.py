"""Publishing the current edition for everybody: rendered aside, attacked, and only then shown.

Belongs here: the order of the steps, and what of the attack stands in the manifest. Does not belong
here: the attack (`pipelines.attack`), making releases (`release`), making one final (`finalising`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.attack import ModeResult
from models.errors import RefusedError, UitstroomError
from pipelines.attack import attack_folders, report_lines
from pipelines.classes import OPENBAAR
from pipelines.editions import MANIFEST, read_manifest
from pipelines.faults import fault_point
from pipelines.finals import read_final
from pipelines.locks import locked
from pipelines.marks import read_marks
from pipelines.paths import RELEASE_ID, DataRoot
from pipelines.protecting import PROTECTION, read_record
from pipelines.publication_ledger import record_attack, record_published, record_report
from pipelines.release import (
    ATTACK,
    DEFAULT_LANGUAGE,
    current_release,
    pointer_of,
    put_attack,
    release_of,
    store_report,
)
from pipelines.render import Build, report_builder
from pipelines.site import write_index
from pipelines.storage import digest_folder, switch_pointer

_HISTORY = 12
"""Published releases, this one too, that are attacked together."""
_TOLD = 5


@dataclass(frozen=True)
class Published:
    """An edition that everybody may read.

    Attributes:
        release: Folder of its release.
        report: Folder of its report.
        lines: What the attack said, in sentences.
    """

    release: Path
    report: Path
    lines: tuple[str, ...]


def publish_for_everybody(root: DataRoot, region_id: str, *, at: str) -> Published:
    """Publish the current edition for everybody; what is attacked with success is never shown.

    Its report is rendered aside and attacked together with those that were published before. Done
    twice it changes nothing but for a line on the second attack.

    Args:
        root: The data root.
        region_id: The region.
        at: When, for the ledger of publications.

    Raises:
        RefusedError: The attack found something, or the edition used a retracted source; nothing
            was written but a line on the attack.
        UitstroomError: There is no protected release of the current edition.
    """
    with locked(root.lock(region_id), region_id, wait_seconds=0):
        release = _release(root, region_id)
        reports, lines = root.reports(region_id), list[str]()
        build = attacked_builder(root, region_id, release, at=at, lines=lines)
        folder = store_report(release, reports, build, move_current=True)
        switch_pointer(root.releases(region_id), release.name, pointer=pointer_of(OPENBAAR))
        record_report(root, region_id, folder, at=at)
        record_published(root, region_id, release, at=at, pointer=pointer_of(OPENBAAR))
    write_index(root)
    return Published(release, folder, tuple(lines))


def attacked_builder(
    root: DataRoot,
    region_id: str,
    release: Path,
    *,
    at: str,
    lines: list[str],
    language: str = DEFAULT_LANGUAGE,
) -> Build:
    """Give a function that builds the report of a release and attacks what it has built.

    Args:
        root: The data root.
        region_id: The region.
        release: A release for everybody.
        at: When, for the ledger of publications.
        lines: Where the sentences of the attack are put.
        language: Of the report. What the manifest says is of the Dutch one; any other is attacked
            beside that one, which was shown before.

    Raises:
        RefusedError: Raised by that function where the attack found something: the folder must not
            be shown.
    """

    def build(folder: Path) -> None:
        earlier = published_before(root, region_id, release)
        is_dutch = language == DEFAULT_LANGUAGE
        if not is_dutch:
            earlier.append(_dutch_edition(root, region_id, release))
        report_builder(release, language=language)(folder)
        fault_point("K17")
        report = attack_folders([*earlier, folder], base=int(read_manifest(release)["base"]), new=1)
        lines.extend(report_lines(report))
        if report.is_clean and is_dutch and read_final(release) is None:
            put_attack(release, told(report.results, len(earlier) + 1, folder))
        record_attack(
            root,
            region_id,
            release,
            folder,
            at=at,
            modes=[one.mode for one in report.results],
            cells=max(one.cells for one in report.results),
            findings=len(report.findings),
        )
        if not report.is_clean:
            raise RefusedError(
                "the attack found what must not be found, so nothing is published",
                where=f"{region_id}, release {release.name}",
                found=" ".join(lines[-_TOLD:]),
                todo="In region.toml under [protection], publish small municipalities together "
                '(together = ["GM0377", "GM0397"]), or round to 10 (base = 10).',
            )

    return build


def told(results: Sequence[ModeResult], releases: int, report: Path) -> dict[str, Any]:
    """Give what the manifest says of an attack in which nothing was found."""
    return {
        "releases": releases,
        "modes": {
            one.mode: {
                "cells": one.cells,
                "pinned": one.pinned,
                "within_two": one.within_two,
                "narrowest": one.narrowest,
                "two_values": one.two_values,
            }
            for one in results
        },
        "files": len(digest_folder(report)),
    }


def published_before(root: DataRoot, region_id: str, release: Path) -> list[Path]:
    """List the reports that everybody could read before, the oldest first."""
    found = []
    records = root.private(region_id) / PROTECTION
    for folder in sorted(root.releases(region_id).iterdir()):
        report = root.reports(region_id) / folder.name
        is_one = RELEASE_ID.fullmatch(folder.name) and (folder / MANIFEST).is_file()
        if not is_one or folder == release or not report.is_dir():
            continue
        manifest = read_manifest(folder)
        if manifest.get("class") == OPENBAAR and manifest.get(ATTACK) is not None:
            record = read_record(records, str(manifest["edition_id"]))
            found.append((0 if record is None else int(record["number"]), report))
    return [report for _, report in sorted(found)][-(_HISTORY - 1) :]


def _dutch_edition(root: DataRoot, region_id: str, release: Path) -> Path:
    """Give the report of a release that was shown first.

    Raises:
        RefusedError: There is none yet.
    """
    report = root.reports(region_id) / release.name
    if not report.is_dir():
        raise RefusedError(
            "of a release for everybody the Dutch report comes first",
            where=f"{region_id}, release {release.name}",
            todo="Publish it: uitstroom release --class openbaar.",
        )
    return report


def _release(root: DataRoot, region_id: str) -> Path:
    """Give the release for everybody of the current edition.

    Raises:
        RefusedError: It used a source that was retracted.
        UitstroomError: There is none.
    """
    releases = root.releases(region_id)
    edition = str(read_manifest(current_release(releases, region_id))["edition_id"])
    release = release_of(releases, edition, OPENBAAR)
    if release is None:
        raise UitstroomError(
            "the current edition has no release for everybody",
            where=region_id,
            todo=f"Run the region again: uitstroom run --region {region_id}.",
        )
    if marks := read_marks(release):
        raise RefusedError(
            "a release that used a retracted source is not published",
            where=f"release {release.name}",
            found=", ".join(mark.what for mark in marks),
            todo="Run the region again and publish that edition.",
        )
    return release
