"""Final releases: which were made final, by whom, and with which report.

Belongs here: the mark `final.json` beside a release's manifest. Does not belong here: making a
release or a report (`release`), what a class is (`classes`), a clock (the time comes in).

The mark is no part of the manifest: a release never changes. It holds the hash of the manifest and
of every file of the report that was made final, so that both can be held against it later. The
order of final releases is that of their numbers within their class, never of a clock.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines.classes import OPENBAAR, PARTIJEN
from pipelines.editions import MANIFEST, read_manifest
from pipelines.marks import FINAL, read_marks
from pipelines.paths import RELEASE_ID
from pipelines.sources.corrections import OFFICE
from pipelines.storage import digest_folder, replace_file, sha256_of


@dataclass(frozen=True)
class Final:
    """A release that was made final.

    Attributes:
        number: Which final release of its region and class it is, from 1.
        release_id: The release.
        manifest_sha256: Hash of its manifest.
        report: Hash of every file of its report, by name.
        by: The office or role that made it final.
        at: When, in words for people.
    """

    number: int
    release_id: str
    manifest_sha256: str
    report: Mapping[str, str]
    by: str
    at: str


def read_final(release: Path) -> Final | None:
    """Give the mark of a release, None where it is a concept.

    Raises:
        UitstroomError: The mark cannot be read, or the manifest is not the one that was made final.
    """
    file = release / FINAL
    if not file.is_file():
        return None
    try:
        final = Final(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise UitstroomError("the mark of a final release cannot be read", where=str(file)) from (
            error
        )
    found = sha256_of((release / MANIFEST).read_bytes())
    if found != final.manifest_sha256:
        raise UitstroomError(
            "the manifest is not the one that was made final",
            where=f"release {release.name}",
            found=f"sha256 {found[:12]}",
            expected=f"sha256 {final.manifest_sha256[:12]}",
            todo="Put the release back from a copy; never use this one.",
        )
    return final


def final_releases(releases: Path, release_class: str = "") -> list[tuple[Final, Path]]:
    """List the final releases of a region, the first one first.

    Args:
        releases: Folder of the region's releases.
        release_class: Only of this class; old ones without protection count as `partijen`. Without
            it all, class by class.
    """
    if not releases.is_dir():
        return []
    folders = [path for path in sorted(releases.iterdir()) if RELEASE_ID.fullmatch(path.name)]
    found = [
        (final, path, class_of(path))
        for path in folders
        if path.is_dir() and (final := read_final(path)) is not None
    ]
    listed = sorted(found, key=lambda one: (one[2] == OPENBAAR, one[0].number))
    return [(final, path) for final, path, own in listed if release_class in ("", own)]


def last_final_release(releases: Path, release_class: str = PARTIJEN) -> Path | None:
    """Give the last release of a class that was made final, None where there is none."""
    listed = final_releases(releases, release_class)
    return listed[-1][1] if listed else None


def class_of(release: Path) -> str:
    """Give the class of a release as far as its order goes: an old one counts as `partijen`."""
    return OPENBAAR if read_manifest(release).get("class") == OPENBAAR else PARTIJEN


def make_final(releases: Path, release: Path, *, by: str, at: str) -> Final:
    """Make a release final; one that is final stays as it is.

    Its report is made again after this, so that its pages say so, and sealed with `seal_report`.

    Args:
        releases: Folder of the region's releases.
        release: The release.
        by: The office or role that makes it final.
        at: When.

    Raises:
        UsageError: `by` is no office or role.
        RefusedError: The release used a source that was retracted.
    """
    if known := read_final(release):
        return known
    if not re.fullmatch(OFFICE, by):
        raise UsageError(
            "name the office or role that makes it final, not a person",
            where="--by",
            found=repr(by),
            expected="such as 'stuurgroep' or 'regiosecretariaat', at most 40 characters",
        )
    if marks := read_marks(release):
        raise RefusedError(
            "a release that used a retracted source cannot be made final",
            where=f"release {release.name}",
            found=", ".join(mark.what for mark in marks),
            todo="Run the region again and make that release final.",
        )
    final = Final(
        number=len(final_releases(releases, class_of(release))) + 1,
        release_id=release.name,
        manifest_sha256=sha256_of((release / MANIFEST).read_bytes()),
        report={},
        by=by,
        at=at,
    )
    _write(release, final)
    return final


def unmake_final(release: Path) -> None:
    """Take the mark off a release of which no report was sealed yet; one that was sealed stays."""
    final = read_final(release)
    if final is not None and not final.report:
        (release / FINAL).unlink()


def seal_report(release: Path, report: Path) -> Final:
    """Keep the hashes of the report of a final release; a report that is sealed stays sealed.

    Raises:
        UitstroomError: The release is no final one.
    """
    final = read_final(release)
    if final is None:
        raise UitstroomError("only a final release is sealed", where=f"release {release.name}")
    if not final.report:
        final = replace(final, report=digest_folder(report))
        _write(release, final)
    return final


def check_sealed(release: Path, draft: Path) -> None:
    """Check that a report made again is the one that was sealed.

    Raises:
        RefusedError: It is another one: a final edition never changes.
    """
    final = read_final(release)
    if final is None or not final.report or digest_folder(draft) == final.report:
        return
    raise RefusedError(
        "a final edition never changes, and this version of the product would write another one",
        where=f"release {release.name}, final since {final.at}",
        todo="Its report stays as it was; run the region again for a new edition.",
    )


def _write(release: Path, final: Final) -> None:
    text = f"{json.dumps(asdict(final), sort_keys=True, indent=1, ensure_ascii=False)}\n"
    replace_file(release / FINAL, text.encode())
