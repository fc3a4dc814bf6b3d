"""The monthly run of a region: its day, its month, its key, and whom its edition is for.

Belongs here: the calendar, and the month before a moment. Does not belong here: the schedules
themselves (`defs/schedules`), a clock (the moment of the tick comes in).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from models.errors import UitstroomError
from models.months import format_month, month_of
from models.params import Calendar
from pipelines.paths import DataRoot
from pipelines.provenance import region_files
from pipelines.regions import SCENARIOS, read_region_folder
from pipelines.storage import sha256_of

TIME_ZONE = "Europe/Amsterdam"


class EditionKind(StrEnum):
    """Whom the edition of a month is for; every file is made of both."""

    STEERING = "steering"
    """The steering group: the full report counts."""
    PROGRESS = "progress"
    """Who follows it month by month: the progress page and the pages of municipalities count."""


@dataclass(frozen=True)
class MonthlyRun:
    """What a monthly tick asks for.

    Attributes:
        region_id: The region.
        as_of: The month before the tick, "YYYY-MM".
        run_key: As-of month, region and a hash of what lies in the region's folder.
        kind: Whom the edition of that month is for.
    """

    region_id: str
    as_of: str
    run_key: str
    kind: EditionKind


def calendar_of(root: DataRoot, region_id: str) -> Calendar:
    """Give a region's calendar; the usual one where its file is gone or cannot be read.

    So the run of that region fails with the sentence about the file, and the other regions and the
    index page stay as they are.
    """
    try:
        return read_region_folder(root.region(region_id)).region.calendar
    except UitstroomError:
        return Calendar()


def cron_of(root: DataRoot, region_id: str) -> str:
    """Give the cron line of a region's calendar."""
    calendar = calendar_of(root, region_id)
    return f"0 {calendar.hour} {calendar.day_of_month} * *"


def edition_kind(calendar: Calendar, as_of: str) -> EditionKind:
    """Say whom the edition of an as-of month ("YYYY-MM") is for."""
    return EditionKind.STEERING if calendar.is_steering(as_of) else EditionKind.PROGRESS


def month_before(moment: datetime) -> str:
    """Give the calendar month before the one that a moment lies in, in the Netherlands."""
    local = moment.astimezone(ZoneInfo(TIME_ZONE))
    return format_month(month_of(local.year, local.month) - 1)


def plan_monthly_run(root: DataRoot, region_id: str, moment: datetime) -> MonthlyRun:
    """Say what a tick at a moment asks for."""
    folder = root.region(region_id)
    scenarios = [file.stem for file in (folder / SCENARIOS).glob("[!.]*.toml")]
    files = region_files(folder, scenarios)
    content = sha256_of("".join(f"{name}\0{digest}\n" for name, digest in files.items()).encode())
    as_of = month_before(moment)
    kind = edition_kind(calendar_of(root, region_id), as_of)
    return MonthlyRun(region_id, as_of, f"{as_of}:{region_id}:{content[:16]}", kind)
