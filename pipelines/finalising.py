"""Making the current release of a region final, with its report.

Belongs here: the order of the steps. Does not belong here: the mark (`finals`), pages, printing.
"""

from pipelines.finals import final_releases, make_final, read_final, seal_report
from pipelines.locks import locked
from pipelines.paths import DataRoot, shown
from pipelines.release import current_release, store_report
from pipelines.render import report_builder
from pipelines.site import write_index


def finalise(root: DataRoot, region_id: str, *, by: str, at: str) -> None:
    """Make the current release final, make its report again so that it says so, and seal that.

    Done twice it changes nothing; after a kill half-way it goes on where it was.

    Raises:
        UitstroomError: There is no release, it used a retracted source, or `by` is no office.
    """
    releases, reports = root.releases(region_id), root.reports(region_id)
    with locked(root.lock(region_id), region_id, wait_seconds=0):
        release = current_release(releases, region_id)
        make_final(releases, release, by=by, at=at)
        report = store_report(release, reports, report_builder(release), move_current=True)
        seal_report(release, report)
    write_index(root)


def release_lines(root: DataRoot, region_id: str) -> list[str]:
    """Say which release is current, and which ones are final.

    Raises:
        UitstroomError: There is no release yet.
    """
    releases = root.releases(region_id)
    current = current_release(releases, region_id)
    state = "concept" if read_final(current) is None else "final"
    lines = [f"current: {shown(current)} ({state})"]
    lines += [
        f"final {final.number}: {final.release_id}, by {final.by}, {final.at[:10]}"
        for final, _ in final_releases(releases)
    ]
    return lines
