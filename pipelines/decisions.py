"""What a person decides about a delivery: it may count after all, or it counts no more.

Belongs here: finding what is meant, the entry in the ledger, and marking what a retracted source
was used for. Does not belong here: reading deliveries (`door`), printing, a clock (the time comes
in).

A retraction changes no table and no manifest. Beside the manifest of every edition and release that
used the source lies `retracted.json`; reports show it, and the next run does without the source.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import RefusedError, UitstroomError, UsageError
from models.registry import nearest
from pipelines.delivered import find_key, freeze
from pipelines.door import Door
from pipelines.marks import Mark, mark_uses
from pipelines.paths import DataRoot
from pipelines.regions import read_region_folder
from pipelines.sources.corrections import OFFICE
from pipelines.sources.ledger import Event, Ledger
from pipelines.sources.open_data import load_open_sources
from pipelines.sources.reasons import Notice
from pipelines.sources.results import Verdict
from pipelines.sources.store import open_store

LEAST_WHY, MOST_WHY = 10, 300
"""Characters of a reason that somebody else can follow."""

_HASH = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class Confirmed:
    """What was released.

    Attributes:
        where: The file.
        sha256: Its hash.
        notices: What it waited for.
    """

    where: str
    sha256: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Retracted:
    """What no longer counts, and what had used it.

    Attributes:
        what: The delivery as "contract/file", or the id of the public source.
        sha256: Its hash.
        editions: Folders of the editions that were marked.
        releases: Folders of the releases that were marked.
    """

    what: str
    sha256: str
    editions: tuple[Path, ...]
    releases: tuple[Path, ...]


def confirm_delivery(
    root: DataRoot, region_id: str, what: str, *, by: str, why: str, at: str
) -> Confirmed:
    """Let a file count that waits, for the reasons for which it waits now.

    Args:
        root: The data root.
        region_id: The region.
        what: The file ("contract/file" or its name), or the start of its hash.
        by: The office or role that decides.
        why: Why.
        at: When, for the ledger.

    Raises:
        UsageError: No such file, or `by` or `why` will not do.
        RefusedError: The file does not wait.
    """
    _check_words(by, why)
    folder = read_region_folder(root.region(root.check_region(region_id)))
    folder, door = freeze(root, folder)
    door.read(find_key(root, region_id))
    files = {f"{one.parcel.contract}/{one.parcel.file}": one for one in door.files}
    hashes = {name: one.parcel.sha256 or "" for name, one in files.items()}
    name = _find(what, hashes, region_id)
    file = files[name]
    if file.verdict is not Verdict.WAITING:
        raise RefusedError(
            "this delivery does not wait for anybody",
            where=file.parcel.where,
            found=file.verdict.value.replace("_", " "),
            todo=f"See uitstroom check --region {region_id}.",
        )
    facts = {
        "contract": file.parcel.contract,
        "file": file.parcel.file,
        "reasons": sorted({one.reason.value for one in file.waits}),
    }
    ledger = Ledger(open_store(root.private(region_id)))
    ledger.append(Event.CONFIRMED, at=at, sha256=hashes[name], by=by, why=why, **facts)
    return Confirmed(file.parcel.where, hashes[name], tuple(file.waits))


def retract(root: DataRoot, region_id: str, what: str, *, by: str, why: str, at: str) -> Retracted:
    """Let a delivery, or the stored edition of a public source, count no more.

    The same retraction again only marks what was not marked yet.

    Args:
        root: The data root.
        region_id: The region.
        what: The file, the start of its hash, or the id of a public source.
        by: The office or role that decides.
        why: Why.
        at: When, for the ledger.

    Raises:
        UsageError: No such delivery or source, or `by` or `why` will not do.
    """
    _check_words(by, why)
    folder = read_region_folder(root.region(root.check_region(region_id)))
    _, door = freeze(root, folder)
    ledger = Ledger(open_store(root.private(region_id)))
    sources = {source.id: source.sha256 for source in load_open_sources(root.open_data)}
    if what in sources:
        name, sha256, facts = what, sources[what], {"source": what}
    else:
        hashes = _known_hashes(door, ledger)
        name = _find(what, hashes, region_id, others=sources)
        contract, _, file = name.partition("/")
        sha256, facts = hashes[name], {"contract": contract, "file": file}
        if _HASH.fullmatch(what):
            sha256 = _whole_hash(what, door, ledger)
    if sha256 not in door.standing.retracted:
        ledger.append(Event.RETRACTED, at=at, sha256=sha256, by=by, why=why, **facts)
    editions, releases = mark_uses(root, region_id, Mark(name, sha256, by, why))
    return Retracted(name, sha256, tuple(editions), tuple(releases))


def _check_words(by: str, why: str) -> None:
    if not re.fullmatch(OFFICE, by):
        raise UsageError(
            "this will not do as --by",
            found=f"{len(by)} characters",
            expected="an office or a role of at most 40 characters, not a person's name",
        )
    if not LEAST_WHY <= len(why.strip()) <= MOST_WHY:
        raise UsageError(
            "this will not do as --why",
            found=f"{len(why.strip())} characters",
            expected=f"{LEAST_WHY} to {MOST_WHY} characters that somebody else can follow",
        )


def _known_hashes(door: Door, ledger: Ledger) -> dict[str, str]:
    """Give the hash by "contract/file": of what lies there, else of what last counted."""
    found = {one.name: one.sha256 for one in ledger.entries if one.event is Event.ACCEPTED}
    here = {
        f"{one.contract}/{one.file}": one.sha256 for one in door.parcels if one.sha256 is not None
    }
    return {**found, **here}


def _whole_hash(start: str, door: Door, ledger: Ledger) -> str:
    accepted = {one.sha256 for one in ledger.entries if one.event is Event.ACCEPTED}
    known = accepted | {one.sha256 for one in door.parcels if one.sha256 is not None}
    found = sorted(digest for digest in known if digest.startswith(start))
    if len(found) != 1:
        raise UitstroomError("the start of this hash is not unique", where=start)
    return found[0]


def _find(what: str, hashes: dict[str, str], region_id: str, *, others: Iterable[str] = ()) -> str:
    """Find the file that is meant by a path, a name or the start of a hash."""
    asked = what.removeprefix("deliveries/")
    matches: Sequence[str] = [name for name in hashes if name == asked]
    matches = matches or [name for name in hashes if name.partition("/")[2] == asked]
    if not matches and _HASH.fullmatch(what):
        matches = [name for name, digest in hashes.items() if digest.startswith(what)]
    if len(matches) == 1:
        return matches[0]
    known = sorted([*hashes, *others])
    raise UsageError(
        "several deliveries are meant" if matches else f"there is no delivery {what!r}",
        where=region_id,
        found=", ".join(sorted(matches)),
        todo=nearest(what, known) if known and not matches else "Give contract/file.",
    )
