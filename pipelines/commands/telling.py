"""Saying what was done, telling of errors in sentences, and going from region to region.

Belongs here: what every command says and how it goes on after an error. Does not belong here: any
one command.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from models.errors import UitstroomError, UsageError
from pipelines.instance import LOG_FILE, state_folder
from pipelines.paths import REGION_ID, DataRoot, shown
from pipelines.troubles import Troubles


def for_each_region(root: DataRoot, asked: list[str] | None, work: Callable[[str], None]) -> None:
    """Do some work for each region; one that fails leaves the others alone."""
    with counted() as troubles:
        for region_id in asked_regions(root, asked, troubles):
            with told(troubles, region_id):
                work(region_id)


@contextmanager
def counted() -> Iterator[Troubles]:
    """Count what goes wrong on the way; in the end tell of a full disk, and give the exit code.

    Raises:
        typer.Exit: Always, with the exit code of all that was met.
    """
    troubles = Troubles(log_file())
    try:
        yield troubles
    finally:
        complain(troubles.closing())
    raise typer.Exit(troubles.exit_code)


def asked_regions(root: DataRoot, asked: list[str] | None, troubles: Troubles) -> Iterator[str]:
    """Give the regions that were asked for and exist, each once; tell of the others."""
    if not asked:
        for name in root.misnamed_regions():
            with told(troubles, name):
                raise UsageError(
                    "the folder's name is no id of a region",
                    expected=f"small letters, digits and hyphens ({REGION_ID.pattern})",
                )
    known = root.region_ids()
    if not known:
        raise UsageError("there is no region", where=shown(root.regions))
    for name in dict.fromkeys(asked or known):
        with told(troubles, name):
            yield root.check_region(name)


@contextmanager
def told(troubles: Troubles, where: str) -> Iterator[None]:
    """Tell an error in sentences and go on; being stopped is no error."""
    try:
        yield
    except Exception as error:
        complain(troubles.meet(error, where))


def say_report(folder: Path) -> None:
    """Say where a report lies."""
    pages = sorted(folder.glob("*.html"))
    say(f"  report:  {shown(pages[0] if pages else folder)}")
    charts = folder / "charts"
    if charts.is_dir():
        say(f"  charts:  {shown(charts)}")


def say(line: str) -> None:
    """Say a line on standard output."""
    typer.echo(line)


def complain(lines: Iterable[str]) -> None:
    """Say lines on standard error."""
    for line in lines:
        typer.echo(f"uitstroom: {line}", err=True)


def now() -> str:
    """Give the time, in words for ledgers and marks."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def log_file() -> Path:
    """Give the file that keeps tracebacks, also where no state folder can be made."""
    try:
        return state_folder() / LOG_FILE
    except UitstroomError:
        return Path(LOG_FILE).resolve()
