"""What the tests of the connector share: a declared table, patience without waiting, a data root.

Belongs here: making things. Does not belong here: expectations.
"""

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.fetch import Fetch, Fetched
from pipelines.paths import DataRoot
from pipelines.sources.cbs import Client, Limits, Table
from pipelines.storage import digest_folder
from tests.pipelines.sources.cbs.server import TABLE, Service

SOURCE = "cbs_flow_test"
FIRST_DAY, SECOND_DAY = date(2026, 11, 1), date(2026, 12, 1)


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


def stored(root: DataRoot) -> dict[str, str]:
    """Give the hash of every file of the stored copy."""
    return digest_folder(root.open_data / SOURCE)
