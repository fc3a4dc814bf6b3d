"""Releases and their reports: what reports, mail and apps may read, and nothing else.

Belongs here: making a release of an edition, storing a report beside it, and their pointers. Does
not belong here: pages (`reports`), editions (`editions`).

Until small numbers are protected, a release copies the edition's tables and says so in its manifest
(`protected: false`, class `concept`). All functions that write are called under the region's lock.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from models.errors import UitstroomError, UsageError
from models.tables import MARTS
from pipelines.editions import MANIFEST, is_sound, manifest_bytes, read_manifest
from pipelines.faults import fault_point
from pipelines.finals import check_sealed
from pipelines.marks import unmarked
from pipelines.paths import CURRENT, RELEASE_ID, current_folder
from pipelines.provenance import release_id
from pipelines.storage import (
    digest_folder,
    make_folder,
    publish_folder,
    remove_folder,
    remove_leftovers,
    sha256_of,
    switch_pointer,
    sync_file,
    sync_folder,
    write_file,
)

CONCEPT = "concept"
"""The class of a release whose small numbers are not protected."""

DEFAULT_LANGUAGE = "nl"
LANGUAGES = ("nl", "en")

_DRAFT = ".draft"
_FACTS = ("region_id", "edition_id", "default_scenario", "scenarios", "as_of", "synthetic")


def make_release(edition: Path, releases: Path, *, move_current: bool) -> Path:
    """Make the release of an edition; the same release again changes nothing.

    Args:
        edition: Folder of the edition.
        releases: Folder of the region's releases.
        move_current: Whether `current` shall point at it.

    Returns:
        The folder of the release.

    Raises:
        UitstroomError: The edition is not what its manifest says, or a release of this id holds
            other tables.
    """
    manifest = release_manifest(read_manifest(edition))
    make_folder(releases)
    remove_leftovers(releases)
    draft = make_folder(releases / _DRAFT)
    try:
        for name, entry in manifest["tables"].items():
            _copy_table(edition, draft, name, entry)
        fault_point("K12")
        write_file(draft / MANIFEST, manifest_bytes(manifest))
        target = releases / str(manifest["release_id"])
        if is_sound(target):
            _check_same(target, draft)
        else:
            publish_folder(draft, target)
    finally:
        remove_folder(draft)
    fault_point("K13")
    if move_current:
        switch_pointer(releases, target.name)
    fault_point("K14")
    return target


def release_manifest(edition: dict[str, Any]) -> dict[str, Any]:
    """Give the manifest of the release of an edition."""
    name = release_id(str(edition["edition_id"]), release_class=CONCEPT, protected=False)
    tables = {table: edition["tables"][table] for table in MARTS if table in edition["tables"]}
    return {
        **{fact: edition[fact] for fact in _FACTS},
        "release_id": name,
        "class": CONCEPT,
        "protected": False,
        "tables": tables,
    }


def released_editions(releases: Path) -> frozenset[str]:
    """Give the ids of the editions that a release was made of."""
    if not releases.is_dir():
        return frozenset()
    folders = [path for path in releases.iterdir() if RELEASE_ID.fullmatch(path.name)]
    return frozenset(
        str(read_manifest(folder).get("edition_id"))
        for folder in folders
        if folder.is_dir() and (folder / MANIFEST).is_file()
    )


def current_release(releases: Path, region_id: str) -> Path:
    """Give the release that `current` points at.

    Raises:
        UitstroomError: The region has none yet.
    """
    folder = current_folder(releases)
    if folder is None:
        raise UitstroomError(
            "there is no release yet",
            where=region_id,
            todo=f"Make one first: uitstroom run --region {region_id}.",
        )
    return folder


def stored_release(releases: Path, region_id: str, release_id: str) -> Path:
    """Give a stored release by its id; an empty id means the current one.

    Raises:
        UitstroomError: There is no release at all.
        UsageError: There is none of that id.
    """
    if not release_id:
        return current_release(releases, region_id)
    known = sorted(
        path.name
        for path in (releases.iterdir() if releases.is_dir() else ())
        if RELEASE_ID.fullmatch(path.name) and (path / MANIFEST).is_file()
    )
    if release_id not in known:
        raise UsageError(
            "there is no such release of this region",
            where=f"{region_id}, --release",
            found=repr(release_id),
            expected=", ".join(known) or "none is stored yet",
        )
    return releases / release_id


def store_report(
    release: Path,
    reports: Path,
    build: Callable[[Path], object],
    *,
    language: str = DEFAULT_LANGUAGE,
    move_current: bool,
) -> Path:
    """Build a report aside and make it visible whole, in the place of an older one.

    Args:
        release: Folder of the release that it is made of.
        reports: Folder of the region's reports.
        build: Writes the report into the folder that it is given.
        language: Its language; another than Dutch gets a folder and a pointer of its own.
        move_current: Whether the pointer beside the reports shall name it.

    Returns:
        The folder of the report.

    Raises:
        RefusedError: The release is final and its report would become another one.
    """
    suffix = "" if language == DEFAULT_LANGUAGE else f"-{language}"
    make_folder(reports)
    remove_leftovers(reports)
    draft = make_folder(reports / _DRAFT)
    target = reports / f"{release.name}{suffix}"
    try:
        build(draft)
        if language == DEFAULT_LANGUAGE:
            check_sealed(release, draft)
        for file in sorted(path for path in draft.rglob("*") if path.is_file()):
            fault_point("K18")
            sync_file(file)
        for folder in sorted(path for path in draft.rglob("*") if path.is_dir()):
            sync_folder(folder)
        if not target.is_dir() or digest_folder(target) != digest_folder(draft):
            publish_folder(draft, target)
    finally:
        remove_folder(draft)
    fault_point("K13")
    if move_current:
        switch_pointer(reports, target.name, pointer=f"{CURRENT}{suffix}")
    fault_point("K14")
    return target


def remake_reports(
    releases: Iterable[Path], reports: Path
) -> tuple[list[Path], list[tuple[str, Exception]]]:
    """Make the reports of some releases again, in each language in which they are there.

    Args:
        releases: Folders of releases.
        reports: Folder of the region's reports; its pointers stay.

    Returns:
        The folders of the reports, and the releases (by name) that cannot be rendered any more.
    """
    from pipelines.render import report_builder

    made: list[Path] = []
    failed: list[tuple[str, Exception]] = []
    for release in releases:
        for language in LANGUAGES:
            suffix = "" if language == DEFAULT_LANGUAGE else f"-{language}"
            if not (reports / f"{release.name}{suffix}").is_dir():
                continue
            build = report_builder(release, language=language)
            try:
                folder = store_report(
                    release, reports, build, language=language, move_current=False
                )
                made.append(folder)
            except Exception as error:  # an old release that today's pages cannot show
                failed.append((release.name, error))
    return made, failed


def _copy_table(edition: Path, draft: Path, name: str, entry: dict[str, Any]) -> None:
    file = edition / f"{name}.parquet"
    content = file.read_bytes() if file.is_file() else b""
    if sha256_of(content) != entry["sha256"]:
        raise UitstroomError(
            "a table of the edition is not what its manifest says",
            where=f"edition {edition.name}, {name}",
            todo="Run again; a damaged edition is made anew.",
        )
    write_file(draft / file.name, content)


def _check_same(target: Path, draft: Path) -> None:
    if unmarked(digest_folder(target)) != digest_folder(draft):
        raise UitstroomError(
            "a release of this id holds other tables",
            where=f"release {target.name}",
            todo="The earlier release stays as it is; report this as a fault of the product.",
        )
