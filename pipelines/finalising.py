"""Making the current release of a region final, with its report.

Belongs here: the order of the steps. Does not belong here: the mark (`finals`), pages, printing,
publishing for everybody (`publishing`).
"""

from pathlib import Path

from models.errors import RefusedError
from pipelines.classes import CLASSES, OPENBAAR, PARTIJEN
from pipelines.editions import read_manifest
from pipelines.finals import (
    class_of,
    final_releases,
    make_final,
    read_final,
    seal_report,
    unmake_final,
)
from pipelines.locks import locked
from pipelines.paths import DataRoot, current_folder, shown
from pipelines.publication_ledger import record_final, record_report
from pipelines.publishing import attacked_builder
from pipelines.release import ATTACK, current_release, pointer_of, store_report
from pipelines.render import report_builder
from pipelines.site import write_index


def finalise(
    root: DataRoot, region_id: str, *, by: str, at: str, release_class: str = PARTIJEN
) -> None:
    """Make the current release of a class final, make its report again so that it says so, seal it.

    Done twice it changes nothing; after a kill half-way it goes on where it was. A report for
    everybody is attacked once more, with the pages that say that it is final.

    Raises:
        UitstroomError: There is no release, it used a retracted source, or `by` is no office.
        RefusedError: The release is for everybody and was not attacked, or the attack found
            something; it then stays a concept, and its report as it was.
    """
    releases, reports = root.releases(region_id), root.reports(region_id)
    with locked(root.lock(region_id), region_id, wait_seconds=0):
        release = current_release(releases, region_id, release_class)
        build = report_builder(release)
        if release_class == OPENBAAR:
            _check_attacked(release)
            build = attacked_builder(root, region_id, release, at=at, lines=[])
        make_final(releases, release, by=by, at=at)
        try:
            report = store_report(release, reports, build, move_current=True)
        except RefusedError:
            unmake_final(release)
            raise
        seal_report(release, report)
        record_report(root, region_id, report, at=at)
        record_final(root, region_id, release, at=at)
    write_index(root)


def release_lines(root: DataRoot, region_id: str) -> list[str]:
    """Say which releases are current, and which ones are final.

    Raises:
        UitstroomError: There is no release yet.
    """
    releases = root.releases(region_id)
    current_release(releases, region_id)
    lines = []
    for name in CLASSES:
        if folder := current_folder(releases, pointer_of(name)):
            state = "concept" if read_final(folder) is None else "final"
            lines.append(f"{pointer_of(name)}: {shown(folder)} ({state})")
    lines += [
        f"final {final.number} ({class_of(folder)}): {final.release_id}, by {final.by}, "
        f"{final.at[:10]}"
        for final, folder in final_releases(releases)
    ]
    return lines


def _check_attacked(release: Path) -> None:
    if read_manifest(release).get(ATTACK) is None:
        raise RefusedError(
            "a release for everybody is made final only once it was attacked",
            where=f"release {release.name}",
            todo="Publish it first: uitstroom release --class openbaar.",
        )
