"""What the tests of the connector share: a declared table, patience without waiting, a data root.

Belongs here: making things. Does not belong here: expectations.
"""

import multiprocessing
import os
import time
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path

from pipelines import faults
from pipelines.fetch import Fetch, Fetched
from pipelines.paths import DataRoot
from pipelines.sources.cbs import Client, Hosts, Limits, Table
from pipelines.storage import digest_folder
from tests.pipelines.sources.cbs.server import TABLE, Content, Service

SOURCE = "cbs_flow_test"
FIRST_DAY, SECOND_DAY = date(2026, 11, 1), date(2026, 12, 1)
NEXT = "2026-11-20T02:00:00"
WAITS_SECONDS = 60
_PRELOADED = ["tests.pipelines.sources.cbs.bench"]


def declared(**changes: object) -> Table:
    """Give the declaration of the invented table."""
    plain = {
        "id": SOURCE,
        "table": TABLE,
        "title": "Voorzieningen: stand en instroom",
        "cbs_title": "Voorzieningen; stand, instroom",
        "basis": "invented",
        "dimensions": [
            {
                "name": "TypeMaatwerkvoorziening",
                "codes": [
                    {"code": "T001024", "category": "all"},
                    {
                        "code": "A019508",
                        "title": "Verblijf en opvang",
                        "category": "stay_and_shelter",
                    },
                ],
            }
        ],
        "measures": [
            {
                "name": "stock",
                "title": "Stand",
                "cbs_unit": "aantal",
                "unit": "provisions",
                "largest": [100, 5000],
            },
            {"name": "inflow", "title": "Instroom", "cbs_unit": "aantal", "unit": "provisions"},
        ],
    }
    return Table.model_validate({**plain, **changes})


@dataclass
class Patience:
    """A clock that runs ahead by what was waited, and a wait that returns at once."""

    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        """Note how long was waited."""
        self.waits.append(seconds)

    def clock(self) -> float:
        """Give the time, with the waits."""
        return time.monotonic() + sum(self.waits)


def make_client(patience: Patience | None = None, **limits: float) -> Client:
    """Give a client that never waits."""
    patient = patience or Patience()
    given = {"jitter_seconds": 0.0, **limits}
    return Client(Limits(**given), wait=patient.wait, clock=patient.clock)  # type: ignore[arg-type]


def make_root(folder: Path) -> DataRoot:
    """Make a data root with public sources of its own, none yet."""
    (folder / "raw" / "open").mkdir(parents=True)
    return DataRoot(folder)


def fetch(
    root: DataRoot,
    service: Service,
    day: date = FIRST_DAY,
    *,
    table: Table | None = None,
    client: Client | None = None,
) -> Fetched:
    """Refresh the invented table."""
    wanted = table or declared()
    round_ = Fetch(root, day, client or make_client(), service.hosts, {wanted.id: wanted})
    (found,) = round_.refresh([wanted.id])
    return found


def next_edition() -> Content:
    """Give what CBS publishes after the stored edition: a year final, one figure revised."""
    content = Content(modified=NEXT)
    content.periods["2024JJ00"] = "Definitief"
    content.figures["GM0361", "A019508", "2025JJ00"] = (255.0, 51.0)
    return content


def start_fetch(root: DataRoot, service: Service, fault: str = "") -> BaseProcess:
    """Begin to refresh the invented table on the second day, in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    process = context.Process(target=_fetch_alone, args=(root.path, service.hosts, fault))
    process.start()
    return process


def _fetch_alone(path: Path, hosts: Hosts, fault: str) -> None:
    if fault:
        os.environ[faults.VARIABLE] = fault
    table = declared()
    list(Fetch(DataRoot(path), SECOND_DAY, make_client(), hosts, {table.id: table}).refresh())


def stored(root: DataRoot) -> dict[str, str]:
    """Give the hash of every file of the stored copy."""
    return digest_folder(root.open_data / SOURCE)
