"""Releases with reports and their lines in the ledger, small enough to be made in a moment.

Belongs here: the folders and lines that tests of publishing need. Does not belong here: a test, a
rounding, a real page.
"""

from pathlib import Path

import polars as pl

from pipelines.editions import MANIFEST, manifest_bytes
from pipelines.finals import make_final, seal_report
from pipelines.paths import DataRoot
from pipelines.publication_ledger import (
    record_attack,
    record_final,
    record_release,
    record_report,
)
from pipelines.sources.ledger import Event, Ledger
from pipelines.sources.store import DELIVERIES
from pipelines.storage import parquet_bytes, sha256_of

AT = "2026-11-22T09:00:00+00:00"
FIRST, SECOND = "1" * 16, "2" * 16
EDITION = "e" * 16
FILES = ("index.html", "rapport.pdf", "bestuur.pdf", "voortgang.pdf", "charts/a.csv")


def store_release(
    root: DataRoot,
    region_id: str,
    release_id: str = FIRST,
    *,
    release_class: str = "openbaar",
    as_of: str = "2025-04",
    protected: bool = True,
) -> Path:
    """Put an edition and a release of it where they belong; no line is entered."""
    frame = pl.DataFrame({"region_id": [region_id], "note": [release_id]})
    content = parquet_bytes(frame)
    tables = {"mart_source": {"rows": 1, "sha256": sha256_of(content)}}
    about = {"region_id": region_id, "as_of": as_of, "edition_id": EDITION, "tables": tables}
    edition = root.editions(region_id) / EDITION
    release = root.releases(region_id) / release_id
    told = {"release_id": release_id, "class": release_class, "protected": protected}
    for folder, manifest in ((edition, about), (release, {**about, **told})):
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / MANIFEST).exists():
            (folder / "mart_source.parquet").write_bytes(content)
            (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
    return release


def store_report(root: DataRoot, region_id: str, release: Path, note: str = "as made") -> Path:
    """Put a report of a release where it belongs; no line is entered."""
    report = root.reports(region_id) / release.name
    for name in FILES:
        file = report / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{release.name} {name} {note}", encoding="utf-8")
    return report


def publish(
    root: DataRoot,
    region_id: str,
    release_id: str = FIRST,
    *,
    release_class: str = "openbaar",
    as_of: str = "2025-04",
    findings: int | None = 0,
    final: bool = True,
) -> tuple[Path, Path]:
    """Store a release with its report, attacked and final, and enter every step."""
    release = store_release(root, region_id, release_id, release_class=release_class, as_of=as_of)
    report = store_report(root, region_id, release)
    record_release(root, region_id, release, at=AT)
    record_report(root, region_id, report, at=AT)
    if findings is not None:
        record_attack(
            root, region_id, release, report, at=AT, modes=["outsider"], cells=9, findings=findings
        )
    if final:
        make_final(release.parent, release, by="stuurgroep", at=AT)
        seal_report(release, report)
        record_final(root, region_id, release, at=AT)
    return release, report


def deliver(root: DataRoot, region_id: str, *digests: str) -> Ledger:
    """Enter deliveries in the region's other ledger."""
    ledger = Ledger(root.private(region_id) / DELIVERIES)
    for digest in digests:
        ledger.append(Event.ACCEPTED, at=AT, sha256=digest, contract="intake", file="a.csv")
    return ledger
