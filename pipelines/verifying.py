"""Holding what lies there against the ledgers: releases, reports, editions, and the ledgers.

Belongs here: `uitstroom verify`: reading, comparing, saying what differs. Does not belong here:
mending anything, writing of any kind.

Nothing is believed that is not held against something else: a table against its manifest, a
manifest and a report against a line of the ledger of publications, each line against the one after
it, the last one against the count beside it, and the ledger of deliveries against what the lines
say of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import RefusedError, UitstroomError
from pipelines.editions import MANIFEST, read_manifest
from pipelines.locks import locked
from pipelines.marks import unmarked
from pipelines.paths import CURRENT, EDITION_ID, REGION_ID, DataRoot
from pipelines.publication_ledger import (
    Entry,
    Event,
    Publications,
    mark_digests,
    publications_folder,
    stored_releases,
)
from pipelines.sources.ledger import Ledger
from pipelines.sources.store import DELIVERIES
from pipelines.storage import digest_folder, sha256_of

_RESTORE = "Restore it from a backup; what was published is never changed."
_UNKNOWN = "Find out who put it there; a run enters what it makes."


@dataclass(frozen=True)
class Verified:
    """What was found in a region.

    Attributes:
        lines: What was looked at, in sentences.
        faults: What is not what it was, one sentence each; none when all is well.
    """

    lines: tuple[str, ...]
    faults: tuple[str, ...]


def verify_lines(root: DataRoot, region_ids: Iterable[str]) -> tuple[list[str], bool]:
    """Verify regions, and say it for a reader.

    Returns:
        The lines, and whether all is as it was written.

    Raises:
        UsageError: There is no such region, and nothing of it that was published.
        RefusedError: A run of a region is going: half of what it makes is not entered yet.
    """
    lines, is_well = [], True
    for region_id in region_ids:
        if region_id not in published_regions(root):
            root.check_region(region_id)
        with locked(root.lock(region_id), region_id, wait_seconds=0):
            found = verify_region(root, region_id)
        lines += [region_id, *(f"  {line}" for line in found.lines)]
        lines += [f"  WRONG {fault}" for fault in found.faults]
        lines += [] if found.faults else ["  nothing was changed"]
        is_well = is_well and not found.faults
    return lines, is_well


def published_regions(root: DataRoot) -> list[str]:
    """List the regions of which something was published; their own folder may be gone by now."""
    folders = (root.releases("any").parent, publications_folder(root, "any").parent)
    names = {
        path.name
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if path.is_dir() and REGION_ID.fullmatch(path.name)
    }
    return sorted(names)


def verify_region(root: DataRoot, region_id: str) -> Verified:
    """Hold all that lies there of a region against its ledgers."""
    try:
        ledger = Publications(root, region_id)
    except RefusedError as fault:
        # The lines cannot be trusted: only what needs none of them is looked at.
        broken = [str(fault), *_deliveries(root, region_id, [])]
        folders = stored_releases(root.releases(region_id))
        return Verified((), (*broken, *(one for path in folders for one in _tables(path))))
    releases = stored_releases(root.releases(region_id))
    faults = [
        *_deliveries(root, region_id, ledger.entries),
        *_nothing_written(root, region_id, ledger),
        *_releases(root, region_id, releases, ledger),
        *_editions(root, region_id, ledger),
        *_reports(root, region_id, ledger),
    ]
    found = sum(entry.event is Event.FOUND for entry in ledger.entries)
    lines = [
        f"{len(ledger.entries)} lines in the ledger of publications, {len(releases)} releases, "
        f"{len(ledger.reports())} reports",
        *([f"{found} lines tell what was there before they were entered"] if found else []),
    ]
    return Verified(tuple(lines), tuple(faults))


def _nothing_written(root: DataRoot, region_id: str, ledger: Publications) -> Iterator[str]:
    """A pointer or folder of a release without any ledger: the whole of it is gone."""
    if ledger.entries or not stored_releases(root.releases(region_id)):
        return
    where = publications_folder(root, region_id).relative_to(root.marts)
    yield str(
        RefusedError(
            "there are releases and no ledger of publications",
            where=str(where),
            todo="Restore it from a backup. Where there never was one, the next run begins it.",
        )
    )


def _deliveries(root: DataRoot, region_id: str, entries: Iterable[Entry]) -> Iterator[str]:
    """Read the ledger of deliveries, and hold it against how far the lines say that it reached."""
    try:
        ledger = Ledger(root.private(region_id) / DELIVERIES)
    except RefusedError as fault:
        yield str(fault)
        return
    hashes = ledger.chain.hashes
    for entry in entries:
        if not entry.deliveries:
            continue
        if len(hashes) < entry.deliveries:
            yield str(
                RefusedError(
                    "the last lines of the ledger of deliveries are missing",
                    where=region_id,
                    found=f"{len(hashes)} lines",
                    expected=f"{entry.deliveries} lines, as line {entry.sequence} of the "
                    "publications says",
                    todo=_RESTORE,
                )
            )
            return
        if hashes[entry.deliveries - 1] != entry.deliveries_last:
            yield str(ledger.chain.fault(entry.deliveries))
            return


def _releases(
    root: DataRoot, region_id: str, folders: Iterable[Path], ledger: Publications
) -> Iterator[str]:
    there = {folder.name: folder for folder in folders}
    for release_id in sorted(ledger.known - there.keys()):
        yield _wrong("it is gone", f"release {release_id}")
    for release_id, folder in there.items():
        if release_id not in ledger.known:
            if ledger.entries:
                yield _wrong("no line of the ledger names it", f"release {release_id}", _UNKNOWN)
            continue
        last = ledger.of(release_id)[-1]
        if sha256_of((folder / MANIFEST).read_bytes()) != last.manifest_sha256:
            yield _wrong(
                f"it is not what line {last.sequence} says", f"release {release_id}, {MANIFEST}"
            )
        else:
            yield from _tables(folder)
        where = f"release {release_id}"
        yield from _differences(where, ledger.marks(release_id), mark_digests(folder), "the ledger")
    for pointer in sorted(root.releases(region_id).glob(f"{CURRENT}*")):
        if not (pointer / MANIFEST).is_file():
            yield _wrong("it points at no release", f"{region_id}, {pointer.name}")


def _tables(folder: Path) -> Iterator[str]:
    """Hold the files of an edition or a release against its manifest."""
    kind = "edition" if folder.parent.parent.name == "regions" else "release"
    where = f"{kind} {folder.name}"
    try:
        tables = read_manifest(folder)["tables"]
    except UitstroomError as fault:
        yield str(fault)
        return
    wanted = {f"{name}.parquet": str(entry.get("sha256")) for name, entry in tables.items()}
    found = unmarked(digest_folder(folder))
    found.pop(MANIFEST, None)
    yield from _differences(where, wanted, found, "its manifest")


def _differences(
    where: str, wanted: Mapping[str, str], found: Mapping[str, str], witness: str
) -> Iterator[str]:
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield _wrong("it is gone", f"{where}, {name}")
        elif name not in wanted:
            yield _wrong(f"{witness} does not name it", f"{where}, {name}", _UNKNOWN)
        elif found[name] != wanted[name]:
            yield _wrong(f"it is not what {witness} says", f"{where}, {name}")


def _editions(root: DataRoot, region_id: str, ledger: Publications) -> Iterator[str]:
    """Hold the editions under the releases against the lines."""
    known = {
        str(entry.facts["edition"]): str(entry.facts["edition_sha256"])
        for entry in ledger.entries
        if "edition_sha256" in entry.facts
    }
    for edition_id, wanted in sorted(known.items()):
        folder = root.editions(region_id) / edition_id
        where = f"edition {edition_id}"
        if not EDITION_ID.fullmatch(edition_id) or not (folder / MANIFEST).is_file():
            yield _wrong("it is gone", where)
        elif sha256_of((folder / MANIFEST).read_bytes()) != wanted:
            yield _wrong("it is not what the ledger says", f"{where}, {MANIFEST}")
        else:
            yield from _tables(folder)


def _reports(root: DataRoot, region_id: str, ledger: Publications) -> Iterator[str]:
    reports, known = root.reports(region_id), ledger.reports()
    there = (
        {path.name: path for path in reports.iterdir() if path.is_dir() and not path.is_symlink()}
        if reports.is_dir()
        else {}
    )
    shown = {name: path for name, path in there.items() if not name.startswith(".")}
    for name in sorted(known.keys() | shown.keys()):
        if name not in shown:
            yield _wrong("it is gone", f"report {name}")
        elif name not in known:
            if ledger.entries:
                yield _wrong("no line of the ledger names it", f"report {name}", _UNKNOWN)
        else:
            found = digest_folder(shown[name])
            yield from _differences(f"report {name}", known[name], found, "the ledger")


def _wrong(what: str, where: str, todo: str = _RESTORE) -> str:
    return str(RefusedError(what, where=where, todo=todo))
