"""A process that stores an invented edition, so that a test can kill it on the way.

`python -m tests.invented.harness FOLDER EDITION_ID NOTE` publishes an edition whose one table with
rows says NOTE, makes its releases and a report. Belongs here: that process and its parts. Does not
belong here: a test.
"""

import sys
from pathlib import Path

import polars as pl

from models.tables import MARTS
from pipelines import editions
from pipelines.classes import PARTIJEN
from pipelines.editions import EditionDraft, open_draft, publish_edition
from pipelines.marts import empty_mart
from pipelines.protecting import Protection
from pipelines.release import make_releases, released_editions, store_report
from pipelines.sources.keys import read_example_key

FACTS = {
    "region_id": "proeftuin",
    "as_of": "2025-06",
    "default_scenario": "baseline",
    "scenarios": ["baseline"],
    "synthetic": True,
}


FEW_MARTS = {name: MARTS[name] for name in ("mart_agreement", "mart_quota__key", "mart_source")}
"""Tables of an edition that is small enough to be stored a hundred times."""


def invented_marts(note: str) -> dict[str, pl.DataFrame]:
    """Give a few marts, empty but for one source with a note."""
    source = {
        "region_id": "proeftuin",
        "source_id": "invented",
        "title": note,
        "producer": "Proeftuin",
        "licence": "CC0",
        "vintage": "2025",
        "accessed": "2025-07-01",
        "sha256": "0" * 64,
    }
    return {name: empty_mart(name) for name in FEW_MARTS} | {"mart_source": pl.DataFrame([source])}


def put_invented(folder: Path, note: str) -> EditionDraft:
    """Write all invented marts into a draft, which a failure removes."""
    draft = open_draft(folder)
    try:
        for name, frame in invented_marts(note).items():
            draft.put(name, frame)
    except OSError:
        draft.discard()
        raise
    return draft


def store_all(
    folder: Path, edition_id: str, note: str, *, move_current: bool = True
) -> tuple[Path, Path, Path]:
    """Publish an edition, make its release and its report; give the three folders."""

    def build(target: Path) -> None:
        (target / "index.html").write_text(note, encoding="utf-8")
        (target / "charts").mkdir()
        (target / "charts" / "a.csv").write_text(note, encoding="utf-8")

    draft = put_invented(folder / "editions", note)
    try:
        edition = publish_edition(
            draft,
            edition_id,
            FACTS,
            move_current=move_current,
            released=released_editions(folder / "releases"),
        )
    finally:
        draft.discard()
    made = make_releases(
        edition, folder / "releases", protection_in(folder), move_current=move_current
    )
    release = made[PARTIJEN]
    report = store_report(release, folder / "reports", build, move_current=move_current)
    return edition, release, report


def protection_in(folder: Path) -> Protection:
    """Give what invented releases are protected with; the records lie in the folder."""
    return Protection("proeftuin", read_example_key(), folder / "private")


if __name__ == "__main__":
    editions.MARTS = FEW_MARTS
    store_all(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
