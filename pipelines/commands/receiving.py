"""Commands about what arrives: deliveries, public statistics, regions' folders.

Belongs here: their flags and lines. Does not belong here: reading a delivery
(`pipelines.sources`), the decisions on it (`pipelines.decisions`).
"""

from pathlib import Path
from typing import Annotated

import typer

from models.errors import RefusedError, UsageError
from pipelines.commands.flags import ByFlag, OneRegionFlag, RegionsFlag, WhyFlag
from pipelines.commands.telling import complain, counted, for_each_region, now, say
from pipelines.paths import DataRoot, shown


def check(region: RegionsFlag = None) -> None:
    """Read and validate a region's folder and deliveries; change nothing."""
    from pipelines.checks import check_region

    root = DataRoot.from_environment()

    def check_one(region_id: str) -> None:
        found = check_region(root, region_id)
        say(region_id)
        for line in found.lines:
            say(f"  {line}")
        found.raise_if_any()
        say("  accepted")

    for_each_region(root, region, check_one)


def confirm(
    what: Annotated[
        str, typer.Argument(metavar="FILE|SHA", help="The file, or the start of its hash.")
    ],
    region: OneRegionFlag,
    by: ByFlag,
    why: WhyFlag,
) -> None:
    """Let a delivery count that waits for a person, for the reasons for which it waits now."""
    from pipelines.decisions import confirm_delivery
    from pipelines.locks import locked

    root = DataRoot.from_environment()
    with locked(root.lock(root.check_region(region)), region, wait_seconds=0):
        found = confirm_delivery(root, region, what, by=by, why=why, at=now())
    say(f"{found.where}: confirmed")
    for notice in found.notices:
        say(f"  {notice.reason.value}: {notice.what}; found {notice.found}")
    say(f"Run the region again: uitstroom run --region {region}.")


def retract_source(
    what: Annotated[
        str,
        typer.Argument(metavar="FILE|SHA|SOURCE", help="A delivery, or the id of a public source."),
    ],
    region: OneRegionFlag,
    by: ByFlag,
    why: WhyFlag,
) -> None:
    """Let a delivery, or the stored edition of a public source, count no more for a region.

    Editions and releases that used it keep their figures and are marked; their reports are made
    again with a banner. The next run does without it.
    """
    from pipelines.decisions import retract
    from pipelines.locks import locked
    from pipelines.publication_ledger import record_report, record_retraction
    from pipelines.release import remake_reports
    from pipelines.render import one_browser
    from pipelines.site import write_index

    root = DataRoot.from_environment()
    with one_browser(), locked(root.lock(root.check_region(region)), region, wait_seconds=0):
        found = retract(root, region, what, by=by, why=why, at=now())
        made, failed = remake_reports(found.releases, root.reports(region))
        record_retraction(root, region, found.releases, at=now(), what=found.what, by=by)
        record_report(root, region, *made, at=now())
    write_index(root)
    say(f"{found.what} ({found.sha256[:12]}): retracted")
    say(f"  marked: {len(found.editions)} editions, {len(found.releases)} releases")
    for folder in made:
        say(f"  report: {shown(folder)}")
    complain(f"the report of release {name} could not be made again: {why}" for name, why in failed)
    say(f"Run the region again: uitstroom run --region {region}.")


def example_data(region: RegionsFlag = None) -> None:
    """Write the synthetic example deliveries of a region again."""
    from pipelines.example_data import write_example_data
    from pipelines.locks import locked

    root = DataRoot.from_environment()

    def write_one(region_id: str) -> None:
        with locked(root.lock(region_id), region_id, wait_seconds=0):
            _refuse_real_deliveries(root, region_id)
            files = write_example_data(root.region(region_id))
        say(f"{region_id}: {len(files)} files in {shown(root.region(region_id) / 'deliveries')}")

    for_each_region(root, region, write_one)


def fetch(
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="ID", help="A source; may be given again. Default: all."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE.csv", help="A wide CSV file that you exported."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE.toml", help="How that file is to be read."),
    ] = None,
) -> None:
    """Refresh the public statistics; the only command that uses a network.

    What cannot be reached, or is not what it should be, leaves the stored copy in use ("stand
    van"). A run reads stored copies only. With --file and --mapping it takes up that file instead.
    """
    from datetime import date
    from urllib.request import getproxies

    from pipelines.fetch import Fetch, take_up_file
    from pipelines.sources.cbs import Client

    if (file is None) != (mapping is None) or (file is not None and source):
        raise UsageError("--file and --mapping go together, and without --source")
    if file is not None and mapping is not None:
        found = take_up_file(DataRoot.from_environment(), file, mapping, date.today())
        say(f"{found.source_id}: {found.sentence}")
        return
    client = Client(proxy=getproxies().get("https"))
    with counted() as troubles:
        for found in Fetch(DataRoot.from_environment(), date.today(), client).refresh(source or ()):
            say(f"{found.source_id}: {found.sentence}")
            if found.error is not None:
                complain(troubles.meet(found.error, found.source_id))


def make_region(
    region: Annotated[str, typer.Argument(metavar="ID", help="Name of the folder.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the region.")],
    municipality: Annotated[
        list[str],
        typer.Option(
            "--municipality", metavar="CODE", help="CBS code or name; may be given again."
        ),
    ],
) -> None:
    """Make the folder of a new region: a file of explained blanks that runs at once.

    Until files arrive the region runs on national rates, and its report says so.
    """
    from pipelines.new_region import new_region

    for path in new_region(DataRoot.from_environment(), region, name, municipality):
        say(shown(path))


def purge(
    region: RegionsFlag = None,
    today: Annotated[
        str | None,
        typer.Option("--today", metavar="YYYY-MM-DD", help="Count from this day. Default: today."),
    ] = None,
    drop_folder: Annotated[
        bool,
        typer.Option("--drop-folder", help="Remove the delivered files and envelopes as well."),
    ] = False,
) -> None:
    """Remove rows about clients that are older than the region keeps them, and report it.

    The periods stand under [retention] in the region's file. Figures, editions and reports stay;
    tables of the latest run that may hold such a row go as a whole.
    """
    from datetime import date

    from pipelines.locks import locked
    from pipelines.purge import purge_region
    from pipelines.regions import read_region_folder

    try:
        day = date.today() if today is None else date.fromisoformat(today)
    except ValueError as error:
        raise UsageError(
            "this is no day", where="--today", found=repr(today), expected="YYYY-MM-DD"
        ) from error
    root = DataRoot.from_environment()

    def purge_one(region_id: str) -> None:
        retention = read_region_folder(root.region(region_id)).region.retention
        with locked(root.lock(region_id), region_id, wait_seconds=0):
            done = purge_region(root, region_id, retention, day, drop_folder=drop_folder)
        for line in done.lines(region_id):
            say(line)

    for_each_region(root, region, purge_one)


def make_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, outside the checkout.")],
) -> None:
    """Make the secret key of pseudonyms and rounding; only its owner can read the file (0600)."""
    from pipelines.sources.keys import KEY_VARIABLE, new_key

    made = new_key(file)
    say(f"{shown(file)}: key {made}")
    say(f"Let {KEY_VARIABLE} name it, and keep a copy elsewhere: no other key gives the same.")


def _refuse_real_deliveries(root: DataRoot, region_id: str) -> None:
    from pipelines.sources.parcels import find_parcels

    for parcel in find_parcels(root.region(region_id)):
        if parcel.envelope is None or not parcel.envelope.synthetic:
            raise RefusedError(
                "a delivery lies there that does not say it is synthetic",
                where=parcel.where,
                todo="Example data never take the place of real deliveries; move these first.",
            )
