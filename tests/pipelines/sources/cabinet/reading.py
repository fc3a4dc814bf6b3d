"""Reading the files of the cabinet through the door, as a region does.

Belongs here: a folder with files and envelopes, read once, with what came before on record. Does
not belong here: what must come of it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

from pipelines.paths import CHECKOUT
from pipelines.sources import Deliveries, read_deliveries, receive
from pipelines.sources.examine import Examiner
from pipelines.sources.keys import read_example_key
from pipelines.sources.ledger import Event, Ledger, Standing, stand
from pipelines.sources.municipalities import Municipalities
from pipelines.sources.open_data import municipalities
from pipelines.sources.store import open_store, store_delivery
from tests.pipelines.sources.cabinet.papers import Paper
from tests.pipelines.sources.cabinet.tables import ENVELOPE, OWN_CODES, REGION
from tests.pipelines.sources.conftest import lie


@cache
def known() -> Municipalities:
    """Give all municipalities, as the product has them."""
    return municipalities(CHECKOUT / "data" / "raw" / "open")


def read(folder: Path, papers: Sequence[Paper], before: Sequence[Paper] = ()) -> Deliveries:
    """Read papers as the deliveries of a region.

    Args:
        folder: A folder of its own.
        papers: What lies there.
        before: What was delivered and accepted earlier.
    """
    store = open_store(folder)
    if before:
        _remember(_through_the_door(folder / "before", before, Standing(), store), before, store)
    return _through_the_door(folder / "now", papers, stand(Ledger(store)), store)


def _through_the_door(
    folder: Path, papers: Sequence[Paper], standing: Standing, store: Path
) -> Deliveries:
    region = folder / REGION
    for paper in papers:
        paper.put(region / "deliveries")
    return read_deliveries(
        receive(lie(region)),
        region_id=REGION,
        municipality_codes=OWN_CODES,
        known_codes=known().codes,
        key=read_example_key(),
        municipalities=known(),
        examine=Examiner(standing, store).examine,
    )


def _remember(deliveries: Deliveries, papers: Sequence[Paper], store: Path) -> None:
    """Put accepted files on record, as the door does after a run."""
    ledger = Ledger(store)
    ends = {paper.file: {**ENVELOPE, **paper.envelope}["period_to"] for paper in papers}
    for row in deliveries.files.iter_rows(named=True):
        if not row["verdict"].startswith("accepted"):
            raise AssertionError(f"{row['file']} was to be accepted and is {row['verdict']}")
        rows = deliveries.accepted[row["contract"]].filter(pl.col("_file") == row["file"])
        record = {"period_to": ends[row["file"]], "past": {}}
        store_delivery(store, row["sha256"], rows.drop("_file"), record)
        facts = {name: row[name] for name in ("contract", "file", "sender", "verdict")}
        told = {"round": 1, "nth": 1, "of": 1, "version": 1}
        ledger.append(Event.ACCEPTED, at="2026-10-05", sha256=row["sha256"], **facts, **told)
