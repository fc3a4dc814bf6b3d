"""The command line: what people and scripts call, with its exit codes and sentences.

Belongs here: flags, what is printed, exit codes. Does not belong here: the work (`runs`, `checks`,
`release`, `example_data`); Dagster and the models are imported only by the commands that need them,
so that help and `check` answer at once.
"""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines.instance import LOG_FILE, prepare_instance, state_folder
from pipelines.options import DEFAULT_DRAWS, DEFAULT_SEED, STUDY_DRAWS, Options, read_options
from pipelines.paths import CURRENT, REGION_ID, DataRoot, shown
from pipelines.troubles import FAILED, Troubles, explain

if TYPE_CHECKING:
    from pipelines.render import Build
    from pipelines.runs import RunOutcome

app = typer.Typer(
    name="uitstroom",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

RegionsFlag = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="ID", help="A region; may be given again. Default: all."),
]
ScenariosFlag = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="ID",
        help="A scenario beside the region's default one, or `all`; may be given again.",
    ),
]
MonthFlag = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM",
        help="Last month that counts as known. Default: the last complete one.",
    ),
]
DrawsFlag = Annotated[
    int, typer.Option("--draws", metavar="N", help="Number of draws, a power of two.")
]
SeedFlag = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the draws.")]
OneRegionFlag = Annotated[str, typer.Option("--region", metavar="ID", help="The region.")]
OutFlag = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.csv", help="Write the table here too.")
]
LanguageFlag = Annotated[
    str, typer.Option("--lang", metavar="nl|en", help="Language of the report.")
]


ByFlag = Annotated[
    str,
    typer.Option("--by", metavar="OFFICE", help="The office or role that decides; no person."),
]
WhyFlag = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="Why; somebody else must be able to follow.")
]

TotalFlag = Annotated[
    str,
    typer.Option(
        "--total", metavar="N|FILE", help="Homes a year, or a file with columns year,total."
    ),
]
WeightsFlag = Annotated[
    str | None,
    typer.Option(
        "--weights", metavar="a=0.5,b=0.5", help="Weight of every factor. Default: all the same."
    ),
]
CorrectFlag = Annotated[
    str | None,
    typer.Option(
        "--correct",
        metavar="COLUMN",
        help="Care pressure: shares are divided by it and made to fit.",
    ),
]
MethodFlag = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="NAME",
        help="largest-remainder (default), sainte-lague, dhondt, huntington-hill, adams or dean; "
        "over years quota-method (default) or running-claim.",
    ),
]
YearsFlag = Annotated[
    int | None, typer.Option("--years", metavar="N", help="Split years 1 to N. Default: one split.")
]
KeyFileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Column municipality_code and columns of factors.")
]


class StopRequestedError(BaseException):
    """Somebody asked the command to stop; not an error that a step may catch."""


@app.callback()
def _about() -> None:
    """Ten years of outflow from care into ordinary homes, region by region.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused (a delivery, or another run is going).
    """


@app.command()
def run(
    region: RegionsFlag = None,
    scenario: ScenariosFlag = None,
    as_of: MonthFlag = None,
    draws: DrawsFlag = DEFAULT_DRAWS,
    seed: SeedFlag = DEFAULT_SEED,
) -> None:
    """Run regions from deliveries to report, then build the DuckDB file of all regions.

    With other scenarios, draws or seed, or an older month, the run makes an edition and a report in
    folders of their own and leaves `current` alone.
    """
    root = DataRoot.from_environment()
    options = read_options(as_of=as_of, scenarios=scenario or (), draws=draws, seed=seed)
    troubles = Troubles(prepare_instance() / LOG_FILE)
    regions = _runnable_regions(root, region, options, troubles)
    if regions:
        _run_regions(root, regions, options, troubles)
    raise typer.Exit(troubles.exit_code)


@app.command()
def check(region: RegionsFlag = None) -> None:
    """Read and validate a region's folder and deliveries; change nothing."""
    from pipelines.checks import check_region

    root = DataRoot.from_environment()

    def check_one(region_id: str) -> None:
        found = check_region(root, region_id)
        _say(region_id)
        for line in found.lines:
            _say(f"  {line}")
        found.raise_if_any()
        _say("  accepted")

    _for_each_region(root, region, check_one)


@app.command()
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
        found = confirm_delivery(root, region, what, by=by, why=why, at=_now())
    _say(f"{found.where}: confirmed")
    for notice in found.notices:
        _say(f"  {notice.reason.value}: {notice.what}; found {notice.found}")
    _say(f"Run the region again: uitstroom run --region {region}.")


@app.command("retract")
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
    from pipelines.release import remake_reports
    from pipelines.site import write_index

    root = DataRoot.from_environment()
    with locked(root.lock(root.check_region(region)), region, wait_seconds=0):
        found = retract(root, region, what, by=by, why=why, at=_now())
        made, failed = remake_reports(found.releases, root.reports(region))
    write_index(root)
    _say(f"{found.what} ({found.sha256[:12]}): retracted")
    _say(f"  marked: {len(found.editions)} editions, {len(found.releases)} releases")
    for folder in made:
        _say(f"  report: {shown(folder)}")
    _complain(
        f"the report of release {name} could not be made again: {why}" for name, why in failed
    )
    _say(f"Run the region again: uitstroom run --region {region}.")


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario.")],
    second: Annotated[str, typer.Argument(metavar="SCENARIO", help="The one beside it.")],
    region: OneRegionFlag,
    as_of: MonthFlag = None,
    draws: DrawsFlag = DEFAULT_DRAWS,
    seed: SeedFlag = DEFAULT_SEED,
    out: OutFlag = None,
) -> None:
    """Compare two scenarios on the same draws: differences with their ranges; store nothing."""
    from pipelines.comparisons import compare_scenarios, write_table
    from reports.plain import comparison_lines

    options = read_options(as_of=as_of, draws=draws, seed=seed)
    found = compare_scenarios(DataRoot.from_environment(), region, first, second, options)
    names = tuple(f"{label} ({name})" for name, label in found.labels)
    lines = comparison_lines(
        found.table, region_id=region, as_of=found.as_of, names=(names[0], names[1])
    )
    for line in lines:
        _say(line)
    if out is not None:
        write_table(found.table, out)
        _say(f"table: {shown(out)}")


@app.command()
def bridge(
    region: OneRegionFlag,
    to: Annotated[int, typer.Option("--to", metavar="N", min=1, help="Homes in ten years.")],
    as_of: MonthFlag = None,
    draws: DrawsFlag = STUDY_DRAWS,
    seed: SeedFlag = DEFAULT_SEED,
) -> None:
    """Reconcile a number with ours in named steps, and say what must be true for it.

    The region's published number is read as of the month in which it was made.
    """
    from pipelines.comparisons import reconcile_number
    from reports.plain import bridge_lines

    options = read_options(as_of=as_of, draws=draws, seed=seed)
    found = reconcile_number(DataRoot.from_environment(), region, to, options)
    for line in bridge_lines(found.bridge, found.inverse, region_id=region):
        _say(line)


@app.command("explain")
def explain_number(
    region: OneRegionFlag,
    municipality: Annotated[
        str, typer.Option("--municipality", metavar="CODE", help="CBS code, or the name.")
    ],
    year: Annotated[int, typer.Option("--year", metavar="Y", help="Calendar year.")],
) -> None:
    """Explain a municipality's number of homes step by step, from the current release alone."""
    from pipelines.release import current_release
    from reports.explained import explain_asked
    from reports.labels import load_labels
    from reports.plain import explanation_lines
    from reports.release import Release

    root = DataRoot.from_environment()
    name = root.check_region(region)
    words = load_labels()
    found = explain_asked(
        Release(current_release(root.releases(name), name)), municipality, year, words
    )
    for line in explanation_lines(found, words):
        _say(line)


@app.command()
def report(
    region: RegionsFlag = None,
    lang: LanguageFlag = "nl",
    release_id: Annotated[
        str, typer.Option("--release", metavar="ID", help="A stored release, not the current one.")
    ] = "",
) -> None:
    """Make the report of a region's current release again, or that of any stored release.

    One browser draws the charts of all regions; the index page over all reports is made again too.
    """
    from pipelines.locks import locked
    from pipelines.release import LANGUAGES, stored_release
    from pipelines.render import report_builders
    from pipelines.site import write_index

    if lang not in LANGUAGES:
        expected = " or ".join(LANGUAGES)
        raise UsageError(
            "there is no report in this language", where="--lang", found=lang, expected=expected
        )
    root, troubles = DataRoot.from_environment(), Troubles(_log_file())
    if release_id and not region:
        raise UsageError("name the region of the release", where="--release", found=release_id)
    chosen: dict[str, Path] = {}
    for region_id in _asked_regions(root, region, troubles):
        releases = root.releases(region_id)
        with _told(troubles, region_id), locked(root.lock(region_id), region_id, wait_seconds=0):
            chosen[region_id] = stored_release(releases, region_id, release_id)
    builders = report_builders(list(chosen.values()), language=lang)
    for (region_id, stored), build in zip(chosen.items(), builders, strict=True):
        with _told(troubles, region_id):
            _report_one(root, region_id, stored, build, lang)
    with _told(troubles, "index"):
        if page := write_index(root):
            _say(f"Index of all reports: {shown(page)}")
    raise typer.Exit(troubles.exit_code)


@app.command()
def release(
    region: RegionsFlag = None,
    final: Annotated[
        bool,
        typer.Option("--final", help="Make the current release final; it never changes again."),
    ] = False,
    by: Annotated[
        str, typer.Option("--by", metavar="OFFICE", help="The office or role that decides.")
    ] = "",
) -> None:
    """Show the current release of a region, or make it final.

    A final release is kept for good, its report is sealed, and the next editions say what changed
    since.
    """
    from pipelines.finalising import finalise, release_lines

    root = DataRoot.from_environment()

    def release_one(region_id: str) -> None:
        if final:
            finalise(root, region_id, by=by, at=_now())
        _say(region_id)
        for line in release_lines(root, region_id):
            _say(f"  {line}")

    _for_each_region(root, region, release_one)


@app.command()
def forecast(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Columns series_id,t,value.")],
    horizon: Annotated[int, typer.Option("--horizon", metavar="H", help="Periods ahead.")],
    freq: Annotated[
        str, typer.Option("--freq", metavar="Y|Q|M", help="Yearly, quarterly or monthly.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="CSV or Parquet to write.")],
) -> None:
    """Forecast any collection of series: mean, 80 % and 95 % intervals.

    `t` is a whole number or a date (2020, 2020-01, 2020Q1, 2020-03-31); a missing `t` is a gap. A
    series of fewer than 6 points gets no rows and is named.
    """
    from pipelines.forecast_file import forecast_file

    found = forecast_file(file, out, horizon=horizon, freq=freq)
    _complain(f"series {name!r}: no forecast: {why}" for name, why in found.left_out.items())
    if not found.series:
        raise RefusedError(
            "no series could be forecast; nothing was written",
            where=file.name,
            found=f"{len(found.left_out)} series, all too short",
        )
    _say(f"{found.series} series, {horizon} periods ahead: {shown(out)}")


@app.command()
def quota(
    file: KeyFileArgument,
    total: TotalFlag,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="CSV or Parquet to write.")],
    weights: WeightsFlag = None,
    correct: CorrectFlag = None,
    method: MethodFlag = None,
    years: YearsFlag = None,
) -> None:
    """Split homes over any municipalities: year, exact share and whole number.

    Every column of FILE is a factor but municipality_code, municipality_name, the one to correct
    by, and minimum and maximum (homes a year, empty for none). Equal claims go to the lowest code.
    """
    from pipelines.quota_file import quota_file
    from pipelines.quota_request import Request

    frame = quota_file(file, out, Request(total, weights, correct, method, years))
    span = frame["year"].n_unique()
    _say(f"{frame['quota'].sum()} homes in {span} year{'s' if span > 1 else ''}: {shown(out)}")


@app.command("lint-key")
def lint_key(
    file: KeyFileArgument,
    weights: WeightsFlag = None,
    correct: CorrectFlag = None,
    total: TotalFlag = "100",
    method: MethodFlag = None,
    years: YearsFlag = None,
    rounded: Annotated[
        str | None,
        typer.Option(
            "--rounded",
            metavar="a=100",
            help="Units in which columns were rounded. Default: what their digits show.",
        ),
    ] = None,
) -> None:
    """Look for what is wrong with a key, each time with a counter-example in numbers.

    Looks at the split that `quota` makes with the same flags. A finding is refused, a warning or a
    note; the command ends with 3 when something is refused, and with 0 otherwise.
    """
    from pipelines.quota_file import is_refused, lint_file
    from pipelines.quota_request import Request

    findings, lines = lint_file(file, Request(total, weights, correct, method, years, rounded))
    for line in lines:
        _say(line)
    if is_refused(findings):
        raise RefusedError("this key breaks a law; see above", where=file.name)


@app.command("example-data")
def example_data(region: RegionsFlag = None) -> None:
    """Write the synthetic example deliveries of a region again."""
    from pipelines.example_data import write_example_data
    from pipelines.locks import locked

    root = DataRoot.from_environment()

    def write_one(region_id: str) -> None:
        with locked(root.lock(region_id), region_id, wait_seconds=0):
            _refuse_real_deliveries(root, region_id)
            files = write_example_data(root.region(region_id))
        _say(f"{region_id}: {len(files)} files in {shown(root.region(region_id) / 'deliveries')}")

    _for_each_region(root, region, write_one)


@app.command()
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
        _say(f"{found.source_id}: {found.sentence}")
        return
    troubles = Troubles(_log_file())
    client = Client(proxy=getproxies().get("https"))
    for found in Fetch(DataRoot.from_environment(), date.today(), client).refresh(source or ()):
        _say(f"{found.source_id}: {found.sentence}")
        if found.error is not None:
            _complain(troubles.meet(found.error, found.source_id))
    raise typer.Exit(troubles.exit_code)


@app.command("new-region")
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
        _say(shown(path))


@app.command()
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
            _say(line)

    _for_each_region(root, region, purge_one)


def main() -> NoReturn:
    """Run the command line; every way out is an exit code and, at most, sentences."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        app(prog_name="uitstroom")
    except StopRequestedError:
        _complain(["stopped; what was there stays as it was."])
        sys.exit(FAILED)
    except Exception as error:
        code, lines = explain(error, _log_file())
        _complain(lines)
        sys.exit(code)
    sys.exit()


# --- regions, one after the other ----------------------------------------------------------------


def _for_each_region(
    root: DataRoot, asked: list[str] | None, work: Callable[[str], None]
) -> NoReturn:
    """Do some work for each region; one that fails leaves the others alone."""
    troubles = Troubles(_log_file())
    for region_id in _asked_regions(root, asked, troubles):
        with _told(troubles, region_id):
            work(region_id)
    raise typer.Exit(troubles.exit_code)


def _asked_regions(root: DataRoot, asked: list[str] | None, troubles: Troubles) -> Iterator[str]:
    """Give the regions that were asked for and exist, each once; tell of the others."""
    if not asked:
        for name in root.misnamed_regions():
            with _told(troubles, name):
                raise UsageError(
                    "the folder's name is no id of a region",
                    expected=f"small letters, digits and hyphens ({REGION_ID.pattern})",
                )
    known = root.region_ids()
    if not known:
        raise UsageError("there is no region", where=shown(root.regions))
    for name in dict.fromkeys(asked or known):
        with _told(troubles, name):
            yield root.check_region(name)


def _runnable_regions(
    root: DataRoot, asked: list[str] | None, options: Options, troubles: Troubles
) -> list[str]:
    """Give the regions whose file and asked scenarios are in order, before anything is started."""
    from pipelines.regions import read_region_folder

    regions = []
    for region_id in _asked_regions(root, asked, troubles):
        with _told(troubles, region_id):
            folder = read_region_folder(root.region(region_id))
            folder.resolve(folder.asked_scenarios(options.scenarios))
            regions.append(region_id)
    return regions


def _run_regions(
    root: DataRoot, regions: Iterable[str], options: Options, troubles: Troubles
) -> None:
    from pipelines.runs import Runner, Stopped

    made: dict[str, RunOutcome] = {}
    try:
        runner = Runner()
        for region_id in regions:
            with _told(troubles, region_id):
                made[region_id] = runner.run_region(region_id, options)
        if root.current_editions():
            with _told(troubles, "warehouse"):
                runner.build_warehouse()
    except Stopped as stopped:
        raise StopRequestedError from stopped
    for region_id, outcome in made.items():
        _say_outcome(region_id, outcome)
    if root.warehouse.is_file():
        _say(f"DuckDB file of all regions: {shown(root.warehouse)}")


def _refuse_real_deliveries(root: DataRoot, region_id: str) -> None:
    from pipelines.sources.parcels import find_parcels

    for parcel in find_parcels(root.region(region_id)):
        if parcel.envelope is None or not parcel.envelope.synthetic:
            raise RefusedError(
                "a delivery lies there that does not say it is synthetic",
                where=parcel.where,
                todo="Example data never take the place of real deliveries; move these first.",
            )


def _report_one(
    root: DataRoot, region_id: str, release: Path, build: "Build", language: str
) -> None:
    """Store the report of a release; only that of the current one is the current report."""
    from pipelines.locks import locked
    from pipelines.marks import read_marks
    from pipelines.release import current_release, store_report

    releases, reports = root.releases(region_id), root.reports(region_id)
    with locked(root.lock(region_id), region_id, wait_seconds=0):
        is_current = current_release(releases, region_id) == release
        folder = store_report(release, reports, build, language=language, move_current=is_current)
    _say(region_id)
    for mark in read_marks(release):
        _say(f"  retracted source: {mark.what}: {mark.why}")
    _say_report(folder)


# --- what is said --------------------------------------------------------------------------------


@contextmanager
def _told(troubles: Troubles, where: str) -> Iterator[None]:
    """Tell an error in sentences and go on; being stopped is no error."""
    try:
        yield
    except Exception as error:
        _complain(troubles.meet(error, where))


def _say_outcome(region_id: str, outcome: "RunOutcome") -> None:
    state = "" if outcome.is_current else "; not the usual run, so `current` stays where it was"
    _say(f"{region_id}, as of {outcome.as_of}{state}")
    _say_report(outcome.report.with_name(CURRENT) if outcome.is_current else outcome.report)
    if not outcome.is_current:
        _say(f"  edition: {shown(outcome.edition)}")
    _say(f"  release: {shown(outcome.release)}")


def _say_report(folder: Path) -> None:
    pages = sorted(folder.glob("*.html"))
    _say(f"  report:  {shown(pages[0] if pages else folder)}")
    charts = folder / "charts"
    if charts.is_dir():
        _say(f"  charts:  {shown(charts)}")


def _say(line: str) -> None:
    typer.echo(line)


def _complain(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(f"uitstroom: {line}", err=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _log_file() -> Path:
    try:
        return state_folder() / LOG_FILE
    except UitstroomError:
        return Path(LOG_FILE).resolve()


def _stop(signum: int, frame: FrameType | None) -> None:
    raise StopRequestedError
