"""Releases and their reports: what reports, mail and apps may read, and nothing else.

Belongs here: making the releases of an edition, storing a report beside them, and their pointers.
Does not belong here: pages (`reports`), editions (`editions`), what leaves in which class
(`classes`, `protecting`).

An edition is released twice: for the parties to the agreement (`partijen`, which `current` names)
and for everybody (`openbaar`). The second is made by every run and published apart, once it was
attacked: only then `current-openbaar` names it. All functions that write are called under the
region's lock.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import RefusedError, UitstroomError, UsageError
from models.tables import MARTS
from pipelines.classes import (
    CLASSES,
    METHOD,
    OPENBAAR,
    PARTIJEN,
    exact_rows,
    rounded_columns,
)
from pipelines.editions import MANIFEST, is_sound, manifest_bytes, read_manifest
from pipelines.faults import fault_point
from pipelines.finals import check_sealed, read_final
from pipelines.marks import unmarked
from pipelines.paths import CURRENT, RELEASE_ID, current_folder
from pipelines.protecting import Protected, Protection, protect_edition
from pipelines.provenance import release_id
from pipelines.storage import (
    digest_folder,
    make_folder,
    parquet_bytes,
    publish_folder,
    remove_folder,
    remove_leftovers,
    replace_file,
    sha256_of,
    switch_pointer,
    sync_file,
    sync_folder,
    write_file,
)

DEFAULT_LANGUAGE = "nl"
LANGUAGES = ("nl", "en")

ATTACK = "attack"
"""What the attack on a release found, in its manifest; None until it was attacked."""

_DRAFT = ".draft"
_FACTS = ("region_id", "edition_id", "default_scenario", "scenarios", "as_of", "synthetic")
_MADE_WITH = ("draws", "seed", "options_sha256", "code_sha256")
_KEPT_APART = ("inputs_sha256", "key_id")
_FOR_READERS = ("places", "contact", "next_edition")
"""What the reports tell beside the tables; an edition made before they were there has none."""
_SOURCE = ("source_id", "title", "producer", "licence", "vintage", "sha256")


def pointer_of(release_class: str) -> str:
    """Give the name of the pointer of a class, beside releases and reports."""
    return f"{CURRENT}-{OPENBAAR}" if release_class == OPENBAAR else CURRENT


def make_releases(
    edition: Path, releases: Path, protection: Protection, *, move_current: bool
) -> dict[str, Path]:
    """Make the releases of an edition, one a class; the same ones again change nothing.

    Args:
        edition: Folder of the edition.
        releases: Folder of the region's releases.
        protection: What counts are protected with.
        move_current: Whether `current` shall point at the one for the parties.

    Returns:
        The folders of the releases, by class.

    Raises:
        UitstroomError: The edition is not what its manifest says, or a release of such an id holds
            other tables.
        RefusedError: The counts cannot be rounded together: nothing is made.
    """
    told = read_manifest(edition)
    frames = _read_tables(edition, told)
    known = {name: told[name] for name in _KEPT_APART if name in told}
    protected = protect_edition(str(told["edition_id"]), frames, protection, facts=known)
    make_folder(releases)
    remove_leftovers(releases)
    made = {name: _write_release(releases, told, protected, protection, name) for name in CLASSES}
    fault_point("K13")
    if move_current:
        switch_pointer(releases, made[PARTIJEN].name)
    fault_point("K14")
    return made


def release_manifest(
    edition: Mapping[str, Any],
    tables: Mapping[str, Mapping[str, Any]],
    release_class: str,
    *,
    base: int,
    dropped: Iterable[str] = (),
    sources: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Give the manifest of the release of an edition in a class.

    Nothing of the deliveries is in it: neither their hashes nor one that was made of them.

    Args:
        edition: The manifest of the edition.
        tables: Rows and SHA-256 of every table of the release.
        release_class: The class.
        base: What counts are rounded to.
        dropped: The tables that stay behind.
        sources: The public statistics with their editions.
    """
    name = release_id(
        str(edition["edition_id"]),
        release_class=release_class,
        protected=True,
        base=base,
        method=METHOD,
    )
    return {
        **{fact: edition[fact] for fact in _FACTS},
        **{fact: edition[fact] for fact in (*_MADE_WITH, *_FOR_READERS) if fact in edition},
        "release_id": name,
        "class": release_class,
        "protected": True,
        "base": base,
        "method": METHOD,
        "rounded": _present(rounded_columns(release_class), tables),
        "exact_rows": _present(exact_rows(release_class), tables),
        "dropped": sorted(dropped),
        "sources": list(sources),
        "parameters_sha256": tables.get("mart_parameter", {}).get("sha256"),
        ATTACK: None,
        "tables": dict(tables),
    }


def _present(declared: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in declared.items() if name in tables}


def _read_tables(edition: Path, told: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Read the tables of an edition, each checked against its manifest."""
    frames = {}
    for name in (name for name in MARTS if name in told["tables"]):
        file = edition / f"{name}.parquet"
        content = file.read_bytes() if file.is_file() else b""
        if sha256_of(content) != told["tables"][name]["sha256"]:
            raise UitstroomError(
                "a table of the edition is not what its manifest says",
                where=f"edition {edition.name}, {name}",
                todo="Run again; a damaged edition is made anew.",
            )
        frames[name] = pl.read_parquet(io.BytesIO(content))
    return frames


def _write_release(
    releases: Path,
    edition: Mapping[str, Any],
    protected: Protected,
    protection: Protection,
    release_class: str,
) -> Path:
    """Write a release aside and make it visible whole; one that is there stays as it is."""
    frames = protected.tables[release_class]
    draft = make_folder(releases / _DRAFT)
    try:
        tables = {}
        for name, frame in frames.items():
            content = parquet_bytes(frame)
            write_file(draft / f"{name}.parquet", content)
            tables[name] = {"rows": frame.height, "sha256": sha256_of(content)}
        fault_point("K12")
        sources = (
            frames["mart_source"].select(_SOURCE).to_dicts() if "mart_source" in frames else []
        )
        manifest = release_manifest(
            edition,
            tables,
            release_class,
            base=protection.base,
            dropped=protected.dropped[release_class],
            sources=sources,
        )
        write_file(draft / MANIFEST, manifest_bytes(manifest))
        target = releases / str(manifest["release_id"])
        if is_sound(target):
            _check_same(target, draft)
        else:
            publish_folder(draft, target)
    finally:
        remove_folder(draft)
    return target


def release_of(releases: Path, edition_id: str, release_class: str) -> Path | None:
    """Give the release of an edition in a class, None where there is none."""
    if not releases.is_dir():
        return None
    for folder in sorted(path for path in releases.iterdir() if RELEASE_ID.fullmatch(path.name)):
        if not (folder / MANIFEST).is_file():
            continue
        told = read_manifest(folder)
        if (told.get("edition_id"), told.get("class")) == (edition_id, release_class):
            return folder
    return None


def put_attack(release: Path, found: Mapping[str, Any]) -> None:
    """Write what an attack on a release found into its manifest; its tables stay as they are.

    Raises:
        RefusedError: The release is final and its manifest would become another one.
    """
    manifest = read_manifest(release)
    told = {**manifest, ATTACK: dict(found)}
    if told == manifest:
        return
    if read_final(release) is not None:
        raise RefusedError(
            "a final release never changes", where=f"release {release.name}, its attack"
        )
    replace_file(release / MANIFEST, manifest_bytes(told))


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


def current_release(releases: Path, region_id: str, release_class: str = PARTIJEN) -> Path:
    """Give the release that the pointer of a class names.

    Raises:
        UitstroomError: The region has none yet.
    """
    folder = current_folder(releases, pointer_of(release_class))
    if folder is not None:
        return folder
    if release_class == OPENBAAR:
        todo = f"Publish one first: uitstroom release --region {region_id} --class {OPENBAAR}."
        raise UitstroomError("nothing was published for everybody yet", where=region_id, todo=todo)
    raise UitstroomError(
        "there is no release yet",
        where=region_id,
        todo=f"Make one first: uitstroom run --region {region_id}.",
    )


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
        RefusedError: The release is final and its report would become another one, or it is for
            everybody and was not attacked.
    """
    suffix = "" if language == DEFAULT_LANGUAGE else f"-{language}"
    make_folder(reports)
    remove_leftovers(reports)
    draft = make_folder(reports / _DRAFT)
    target = reports / f"{release.name}{suffix}"
    try:
        build(draft)
        _check_attacked(release)
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
        pointer = pointer_of(str(read_manifest(release)["class"]))
        switch_pointer(reports, target.name, pointer=f"{pointer}{suffix}")
    fault_point("K14")
    return target


def _check_attacked(release: Path) -> None:
    """Refuse to show a report for everybody that nobody attacked; building it may attack it."""
    manifest = read_manifest(release)
    if manifest["class"] == OPENBAAR and manifest.get(ATTACK) is None:
        raise RefusedError(
            "a report for everybody is shown only once its release was attacked",
            where=f"release {release.name}",
            todo=f"Publish it: uitstroom release --class {OPENBAAR}.",
        )


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


def _check_same(target: Path, draft: Path) -> None:
    """Check that a release made again is the one that is there; its attack may have come since."""
    before, now = unmarked(digest_folder(target)), digest_folder(draft)
    told = [{**read_manifest(folder), ATTACK: None} for folder in (target, draft)]
    if {**before, MANIFEST: ""} != {**now, MANIFEST: ""} or told[0] != told[1]:
        raise UitstroomError(
            "a release of this id holds other tables",
            where=f"release {target.name}",
            todo="The earlier release stays as it is; report this as a fault of the product.",
        )
