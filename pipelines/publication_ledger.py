"""The ledger of a region's publications: released, attacked, made final, mailed, retracted.

Belongs here: entering these events, and what the lines say together. Does not belong here: making a
release (`release`), deciding on one (`finalising`), holding what lies there against the lines
(`verifying`), a clock (the time comes in).

One line an event, with the hash of the release's manifest, the hash of the line before, and how far
the ledger of deliveries reached; the number of lines is kept beside it (`chain`). The folder is
closed. No line holds an address, a name of a person or a row: who decides is an office, and of a
mail only the number of recipients is told. All functions that write are called under the region's
lock; the same event again enters nothing, but for an attack and a mail.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.errors import RefusedError, UitstroomError
from pipelines.chain import Chain
from pipelines.editions import MANIFEST, read_manifest
from pipelines.finals import read_final
from pipelines.marks import unmarked
from pipelines.paths import EDITION_ID, RELEASE_ID, DataRoot
from pipelines.sources.ledger import Ledger
from pipelines.sources.store import DELIVERIES
from pipelines.storage import digest_folder, sha256_of

LEDGER = "ledger.jsonl"
PUBLICATIONS = "publications"
"""The folder of these ledgers, beside the releases."""

_OWN = ("sequence", "event", "at", "release", "class", "manifest_sha256", "deliveries", "before")


class Event(StrEnum):
    """What happened to a release."""

    FOUND = "found"
    """It lay there before any line named it: made by an earlier version, or by a killed run."""
    RELEASED = "released"
    REPORTED = "reported"
    """A report of it was stored, or stored again with other bytes."""
    ATTACKED = "attacked"
    FINALISED = "finalised"
    PUBLISHED = "published"
    MAILED = "mailed"
    RETRACTED = "retracted"


_EVERY_TIME = frozenset({Event.ATTACKED, Event.MAILED})
_MADE = frozenset({Event.RELEASED, Event.REPORTED})
_MARKING = frozenset({Event.FOUND, Event.ATTACKED, Event.FINALISED, Event.RETRACTED})
"""Events that may leave a mark beside the manifest; the line holds the hashes of all marks."""


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        sequence: Its number, from 1 without gaps.
        event: What happened.
        at: When, as the caller said; decides nothing.
        release_id: The release.
        release_class: Its class.
        manifest_sha256: Hash of its manifest at that moment.
        deliveries: How many lines the ledger of deliveries had then.
        deliveries_last: The hash of the last of these.
        facts: What else is known of the event.
    """

    sequence: int
    event: Event
    at: str
    release_id: str
    release_class: str
    manifest_sha256: str
    deliveries: int
    deliveries_last: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Publications:
    """The events of one region's releases.

    Args:
        root: The data root.
        region_id: The region.

    Raises:
        RefusedError: A line was changed, or lines are missing.
    """

    def __init__(self, root: DataRoot, region_id: str) -> None:
        self._root, self._region_id = root, region_id
        self.path = publications_folder(root, region_id) / LEDGER
        where = f"{PUBLICATIONS}/{region_id}/{LEDGER}"
        what = "the ledger of publications"
        self._chain = Chain(self.path, what=what, where=where, counted=True)
        self.entries: list[Entry] = list(self._read())

    @property
    def known(self) -> set[str]:
        """The releases that some line names."""
        return {entry.release_id for entry in self.entries}

    def of(self, release_id: str, *events: Event) -> list[Entry]:
        """Give the lines of a release, of some events or of all, in order."""
        return [
            entry
            for entry in self.entries
            if entry.release_id == release_id and (not events or entry.event in events)
        ]

    def line_hash(self, entry: Entry) -> str:
        """Give the hash of a line: who was told it can hold it against the ledger later."""
        return self._chain.hashes[entry.sequence - 1]

    def reports(self) -> dict[str, dict[str, str]]:
        """Give the hashes of the files of every report, by name of its folder."""
        found: dict[str, dict[str, str]] = {}
        for entry in self.entries:
            for name, files in dict(entry.facts.get("reports", {})).items():
                found[str(name)] = dict(files)
        return found

    def marks(self, release_id: str) -> dict[str, str]:
        """Give the hashes of the marks beside a release's manifest, by name, as last entered."""
        entered = [entry for entry in self.of(release_id) if "marks" in entry.facts]
        return dict(entered[-1].facts["marks"]) if entered else {}

    def enter(self, event: Event, release: Path, *, at: str, **facts: Any) -> Entry | None:
        """Enter what happened to a release.

        Args:
            event: What happened.
            release: Folder of the release.
            at: When.
            facts: What else is to be known: text, whole numbers, and lists and mappings of these.

        Returns:
            The line; None where the last line of this event already says the same of the release,
            and where a release or report was made whose manifest is not the one that is known:
            `verify` tells of that.

        Raises:
            RefusedError: The manifest is not the one that is known, and the event rests on it.
        """
        told = {
            **facts,
            "event": event.value,
            "release": release.name,
            "class": str(read_manifest(release).get("class", "")),
            "manifest_sha256": sha256_of((release / MANIFEST).read_bytes()),
        }
        if not self._is_known(event, release, told["manifest_sha256"]):
            return None
        if event in _MARKING:
            told["marks"] = mark_digests(release)
        if event not in _EVERY_TIME and self._says(event, told):
            return None
        deliveries = Ledger(self._root.private(self._region_id) / DELIVERIES).chain
        reached = {"lines": len(deliveries.lines), "last": deliveries.last}
        number = self._chain.append({**told, "at": at, "deliveries": reached})
        entry = self._entry(number, self._chain.lines[-1])
        self.entries.append(entry)
        return entry

    def adopt(self, *, at: str, but: set[str]) -> None:
        """Enter the releases that lie there and that no line names, with their reports, as found.

        Args:
            at: When.
            but: Releases that are left out: lines of their own follow.
        """
        for release in stored_releases(self._root.releases(self._region_id)):
            if release.name in self.known or release.name in but:
                continue
            reports = reports_of(self._root.reports(self._region_id), release.name)
            facts = {
                **_edition_facts(self._root, self._region_id, release),
                "reports": {report.name: digest_folder(report) for report in reports},
            }
            self.enter(Event.FOUND, release, at=at, **facts)

    def _says(self, event: Event, told: Mapping[str, Any]) -> bool:
        """Whether the last line of an event says this of the release; of a report: of that report.

        The manifest is left out: what an attack found is entered in it after it was released.
        """
        same = [
            line
            for line in self._chain.lines
            if (line["event"], line["release"]) == (event.value, told["release"])
            and set(line.get("reports", {})) == set(told.get("reports", {}))
        ]
        if not same:
            return False
        outer = {"sequence", "before", "at", "deliveries", "manifest_sha256"}
        before, now = (
            {name: fact for name, fact in line.items() if name not in outer}
            for line in (same[-1], told)
        )
        return before == now

    def _is_known(self, event: Event, release: Path, manifest_sha256: str) -> bool:
        """Whether the manifest is that of the last line; only an attack enters another one.

        Raises:
            RefusedError: It is not, and what would be entered must not rest on it.
        """
        own = self.of(release.name)
        if event is Event.ATTACKED or not own or own[-1].manifest_sha256 == manifest_sha256:
            return True
        if event in _MADE:
            return False
        raise RefusedError(
            "the manifest is not the one that the ledger knows",
            where=f"release {release.name}",
            todo=f"See uitstroom verify --region {self._region_id}.",
        )

    def _read(self) -> Iterator[Entry]:
        for number, fields in enumerate(self._chain.lines, start=1):
            try:
                yield self._entry(number, fields)
            except (ValueError, KeyError, TypeError) as error:
                raise self._chain.fault(number) from error

    @staticmethod
    def _entry(number: int, fields: Mapping[str, Any]) -> Entry:
        return Entry(
            sequence=number,
            event=Event(fields["event"]),
            at=fields["at"],
            release_id=fields["release"],
            release_class=fields["class"],
            manifest_sha256=fields["manifest_sha256"],
            deliveries=int(fields["deliveries"]["lines"]),
            deliveries_last=str(fields["deliveries"]["last"]),
            facts={name: fact for name, fact in fields.items() if name not in _OWN},
        )


# --- what is entered -----------------------------------------------------------------------------


def record_release(root: DataRoot, region_id: str, *releases: Path, at: str) -> None:
    """Enter that releases were made, and before them what others left without a line."""
    ledger = Publications(root, region_id)
    ledger.adopt(at=at, but={release.name for release in releases})
    for release in releases:
        facts = _edition_facts(root, region_id, release)
        ledger.enter(Event.RELEASED, release, at=at, **facts)


def record_report(root: DataRoot, region_id: str, *reports: Path, at: str) -> None:
    """Enter that reports were stored, with the hash of every file.

    A report is known by its folder: the id of its release, and the language where that is not
    Dutch.
    """
    ledger = Publications(root, region_id)
    for report in reports:
        release = root.releases(region_id) / report.name.partition("-")[0]
        files = {report.name: digest_folder(report)}
        ledger.enter(Event.REPORTED, release, at=at, reports=files)


def record_attack(
    root: DataRoot,
    region_id: str,
    release: Path,
    report: Path,
    *,
    at: str,
    modes: Sequence[str],
    cells: int,
    findings: int,
) -> None:
    """Enter what came of an attack on the artefacts of a release; after its manifest says so.

    Args:
        root: The data root.
        region_id: The region.
        release: Folder of the release.
        report: The folder that was attacked, also where it was not published.
        at: When.
        modes: The modes of the attack.
        cells: How many cells were attacked.
        findings: How many of them it could tell; 0 is needed to publish.
    """
    Publications(root, region_id).enter(
        Event.ATTACKED,
        release,
        at=at,
        modes=list(modes),
        cells=cells,
        findings=findings,
        attacked_sha256=report_sha256(digest_folder(report)),
    )


def record_final(root: DataRoot, region_id: str, release: Path, *, at: str) -> None:
    """Enter that a release was made final, and by which office.

    Raises:
        UitstroomError: It was not.
    """
    final = read_final(release)
    if final is None:
        raise UitstroomError("this release is not final", where=f"release {release.name}")
    Publications(root, region_id).enter(
        Event.FINALISED, release, at=at, by=final.by, number=final.number
    )


def record_published(
    root: DataRoot, region_id: str, release: Path, *, at: str, pointer: str
) -> None:
    """Enter that a pointer was moved to the report of a release, so that readers see it."""
    Publications(root, region_id).enter(Event.PUBLISHED, release, at=at, pointer=pointer)


def record_retraction(
    root: DataRoot, region_id: str, releases: Sequence[Path], *, at: str, what: str, by: str
) -> None:
    """Enter that releases used what was retracted."""
    ledger = Publications(root, region_id)
    for release in releases:
        ledger.enter(Event.RETRACTED, release, at=at, what=what, by=by)


# --- what lies there -----------------------------------------------------------------------------


def publications_folder(root: DataRoot, region_id: str) -> Path:
    """Give the closed folder of a region's ledger."""
    return root.marts / PUBLICATIONS / region_id


def stored_releases(releases: Path) -> list[Path]:
    """List the releases that lie in a folder, by id."""
    if not releases.is_dir():
        return []
    return [
        path
        for path in sorted(releases.iterdir())
        if RELEASE_ID.fullmatch(path.name) and not path.is_symlink() and (path / MANIFEST).is_file()
    ]


def reports_of(reports: Path, release_id: str) -> list[Path]:
    """List the reports of a release, in every language."""
    if not reports.is_dir():
        return []
    return [
        path
        for path in sorted(reports.iterdir())
        if path.is_dir() and not path.is_symlink() and path.name.partition("-")[0] == release_id
    ]


def report_sha256(files: Mapping[str, str]) -> str:
    """Give one hash over the files of a report.

    Args:
        files: SHA-256 by name, as `digest_folder` gives them.
    """
    return sha256_of(json.dumps(dict(files), sort_keys=True).encode())


def mark_digests(release: Path) -> dict[str, str]:
    """Give the hashes of the marks beside a release's manifest, by name."""
    found = digest_folder(release)
    kept = unmarked(found)
    return {name: digest for name, digest in found.items() if name not in kept}


def _edition_facts(root: DataRoot, region_id: str, release: Path) -> dict[str, str]:
    """Give the edition of a release and the hash of its manifest, as far as it lies there."""
    edition_id = str(read_manifest(release).get("edition_id", ""))
    manifest = root.editions(region_id) / edition_id / MANIFEST
    if not EDITION_ID.fullmatch(edition_id) or not manifest.is_file():
        return {"edition": edition_id}
    return {"edition": edition_id, "edition_sha256": sha256_of(manifest.read_bytes())}
