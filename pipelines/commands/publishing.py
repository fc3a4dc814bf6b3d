"""Commands about what leaves the building: reports, releases, and what can be said of them later.

Belongs here: their flags and lines. Does not belong here: making them (`pipelines.release`,
`pipelines.render`), the attack (`pipelines.attack`).
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from models.errors import RefusedError, UsageError
from pipelines.classes import OPENBAAR, PARTIJEN
from pipelines.commands.flags import LanguageFlag, OneRegionFlag, RegionsFlag
from pipelines.commands.telling import (
    asked_regions,
    counted,
    for_each_region,
    now,
    say,
    say_report,
    told,
)
from pipelines.paths import DataRoot, shown
from pipelines.troubles import REFUSED

ReleaseFlag = Annotated[
    str, typer.Option("--release", metavar="ID", help="A stored release, not the current one.")
]


def report(
    region: RegionsFlag = None,
    lang: LanguageFlag = "nl",
    release_id: ReleaseFlag = "",
) -> None:
    """Make the report of a region's current release again, or that of any stored release.

    One browser draws the charts of all regions; the index page over all reports is made again too.
    """
    from pipelines.release import LANGUAGES
    from pipelines.render import one_browser
    from pipelines.site import write_index

    if lang not in LANGUAGES:
        expected = " or ".join(LANGUAGES)
        raise UsageError(
            "there is no report in this language", where="--lang", found=lang, expected=expected
        )
    root = DataRoot.from_environment()
    if release_id and not region:
        raise UsageError("name the region of the release", where="--release", found=release_id)
    with counted() as troubles:
        with one_browser():
            for region_id in asked_regions(root, region, troubles):
                with told(troubles, region_id):
                    _report_one(root, region_id, release_id, lang)
        with told(troubles, "index"):
            if page := write_index(root):
                say(f"Index of all reports: {shown(page)}")


def release(
    region: RegionsFlag = None,
    release_class: Annotated[
        str,
        typer.Option(
            "--class",
            metavar="partijen|openbaar",
            help="For the parties to the agreement, or for everybody.",
        ),
    ] = PARTIJEN,
    final: Annotated[
        bool,
        typer.Option("--final", help="Make the current release final; it never changes again."),
    ] = False,
    by: Annotated[
        str, typer.Option("--by", metavar="OFFICE", help="The office or role that decides.")
    ] = "",
    mail: Annotated[
        bool,
        typer.Option("--mail", help="Send the last final edition to the class's recipients."),
    ] = False,
) -> None:
    """Show the current releases of a region, publish one for everybody, make one final, mail it.

    With `--class openbaar` the report for everybody is rendered aside and attacked, and only shown
    when nothing was found (else exit 3). A final release is kept for good, its report is sealed,
    and the next editions say what changed since.
    """
    from pipelines.classes import CLASSES
    from pipelines.finalising import finalise, release_lines
    from pipelines.mail import mail_lines
    from pipelines.publishing import publish_for_everybody
    from pipelines.render import one_browser

    if release_class not in CLASSES:
        raise UsageError(
            "there is no such class of release",
            where="--class",
            found=release_class,
            expected=" or ".join(CLASSES),
        )
    root = DataRoot.from_environment()

    def release_one(region_id: str) -> None:
        say(region_id)
        if release_class == OPENBAAR:
            done = publish_for_everybody(root, region_id, at=now())
            for line in done.lines:
                say(f"  {line}")
            say_report(done.report)
        if final:
            finalise(root, region_id, by=by, at=now(), release_class=release_class)
        for line in release_lines(root, region_id):
            say(f"  {line}")
        if mail:
            lines, went = mail_lines(root, region_id, release_class, at=now(), environ=os.environ)
            for line in lines:
                say(f"  {line}")
            if not went:
                raise RefusedError("the mail did not reach everybody; see above", where=region_id)

    with one_browser():
        for_each_region(root, region, release_one)


def attack(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="A report, or a folder of reports, as published."),
    ],
    mode: Annotated[
        str | None,
        typer.Option("--mode", metavar="NAME", help="One way of attacking. Default: all."),
    ] = None,
) -> None:
    """Try to find out counts of people from published files alone; 3 when that succeeds."""
    from pipelines.attack import attack_lines

    lines, is_clean = attack_lines(folder, mode)
    _say_and_end(lines, is_clean)


def verify(region: RegionsFlag = None) -> None:
    """Look for a changed byte in what was released, and for lines that the ledgers miss."""
    from pipelines.verifying import published_regions, verify_lines

    root = DataRoot.from_environment()
    known = sorted({*root.region_ids(), *published_regions(root)})
    _say_and_end(*verify_lines(root, region or known))


def explain_figure(
    region: OneRegionFlag,
    what: Annotated[
        list[str],
        typer.Argument(metavar="ID|TABLE ROW COLUMN", help="A figure, as the pages name it."),
    ],
    release_id: ReleaseFlag = "",
) -> None:
    """Say what a published figure rests on: deliveries, sources, parameters, seed, code."""
    from pipelines.lineage import explain_figure_lines

    root = DataRoot.from_environment()
    _say_and_end(*explain_figure_lines(root, region, what, release_id=release_id))


def reproduce(
    region: OneRegionFlag,
    release_id: Annotated[
        str, typer.Argument(metavar="RELEASE", help="A stored release. Default: the current one.")
    ] = "",
) -> None:
    """Rebuild a release in an empty folder and compare it with what was stored."""
    from pipelines.reproducing import reproduce_lines

    _say_and_end(*reproduce_lines(DataRoot.from_environment(), region, release_id))


def _say_and_end(lines: Iterable[str], is_well: bool) -> NoReturn:
    """Say the lines and end, with 3 where something is wrong."""
    for line in lines:
        say(line)
    raise typer.Exit(0 if is_well else REFUSED)


def _report_one(root: DataRoot, region_id: str, release_id: str, language: str) -> None:
    """Store the report of a release; only that of the current one is the current report.

    One for everybody is attacked before it is stored, in whichever language.
    """
    from pipelines.finals import class_of
    from pipelines.locks import locked
    from pipelines.marks import read_marks
    from pipelines.publication_ledger import record_report
    from pipelines.publishing import attacked_builder
    from pipelines.release import current_release, store_report, stored_release
    from pipelines.render import report_builder

    releases, reports = root.releases(region_id), root.reports(region_id)
    with locked(root.lock(region_id), region_id, wait_seconds=0):
        release = stored_release(releases, region_id, release_id)
        build, lines = report_builder(release, language=language), list[str]()
        if class_of(release) == OPENBAAR:
            build = attacked_builder(
                root, region_id, release, at=now(), lines=lines, language=language
            )
        is_current = current_release(releases, region_id) == release
        folder = store_report(release, reports, build, language=language, move_current=is_current)
        record_report(root, region_id, folder, at=now())
    say(region_id)
    for mark in read_marks(release):
        say(f"  retracted source: {mark.what}: {mark.why}")
    for line in lines:
        say(f"  {line}")
    say_report(folder)
