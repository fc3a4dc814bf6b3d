"""The index page over the reports of all regions: which editions there are, and what each one is.

Belongs here: finding the stored reports and what their releases say of them. Does not belong here:
the page (`reports.site`), a report.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from models.errors import UitstroomError
from models.params import Calendar
from pipelines.calendar import EditionKind, calendar_of, edition_kind
from pipelines.editions import MANIFEST, read_manifest
from pipelines.finals import read_final
from pipelines.locks import locked
from pipelines.marks import read_marks
from pipelines.paths import CURRENT, RELEASE_ID, DataRoot
from pipelines.release import DEFAULT_LANGUAGE, LANGUAGES
from pipelines.storage import make_folder, remove_folder, replace_file

if TYPE_CHECKING:
    from reports.site import EditionEntry

SITE = "index.html"
"""The page, beside the folders of the regions' reports."""

_DRAFT = ".site"
_LOCK = ".site"
_WAIT_SECONDS = 60.0
_NAMES = ("mart_quota__override", "mart_quota__key", "mart_quota__yearly_municipality")
"""Tables that name municipalities."""


def write_index(root: DataRoot) -> Path | None:
    """Write the page again, whole; the same reports give the same bytes.

    Returns:
        The page, None where there is no report yet.

    Raises:
        RefusedError: Another command writes it, and does not end.
    """
    from reports.site import write_site

    entries = site_entries(root)
    if not entries:
        return None
    folder = reports_folder(root)
    with locked(root.lock(_LOCK), "the index page", wait_seconds=_WAIT_SECONDS):
        draft = make_folder(folder / _DRAFT)
        try:
            for file in write_site(entries, draft):
                replace_file(folder / file.name, file.read_bytes())
        finally:
            remove_folder(draft)
    return folder / SITE


def reports_folder(root: DataRoot) -> Path:
    """Give the folder that holds the reports of every region."""
    return root.reports("any").parent


def site_entries(root: DataRoot) -> list["EditionEntry"]:
    """List every stored report whose release is there, by region, release and language."""
    folder = reports_folder(root)
    if not folder.is_dir():
        return []
    found = []
    for region in sorted(item for item in folder.iterdir() if item.is_dir()):
        calendar = calendar_of(root, region.name)
        for report in sorted(item for item in region.iterdir() if item.is_dir()):
            release_name, language = _release_and_language(report.name)
            release = root.releases(region.name) / release_name
            if release_name and (release / MANIFEST).is_file():
                found.append(_entry(root, region.name, release, report, language, calendar))
    return found


def _release_and_language(folder: str) -> tuple[str, str]:
    """Take the name of a report's folder apart; two empty texts where it is no report."""
    name, _, suffix = folder.partition("-")
    language = suffix or DEFAULT_LANGUAGE
    is_report = RELEASE_ID.fullmatch(name) and folder in (name, f"{name}-{language}")
    return (name, language) if is_report and language in LANGUAGES else ("", "")


def _entry(
    root: DataRoot,
    region_id: str,
    release: Path,
    report: Path,
    language: str,
    calendar: Calendar,
) -> "EditionEntry":
    from reports.site import EditionEntry
    from reports.visible import visible

    manifest: dict[str, Any] = read_manifest(release)
    final = _final_number(release)
    files = sorted(path for path in report.rglob("*") if path.is_file())
    as_of = str(manifest["as_of"])
    return EditionEntry(
        region_id=region_id,
        region_name=visible(_region_name(release) or region_id),
        release_id=release.name,
        as_of=as_of,
        release_class=str(manifest["class"]),
        is_final=final is not None,
        is_current=release.name in _current_releases(root.reports(region_id)),
        synthetic=bool(manifest["synthetic"]),
        retracted=bool(read_marks(release)),
        folder=f"{region_id}/{report.name}",
        files=[path.relative_to(report).as_posix() for path in files],
        municipalities=_municipalities(release),
        changed="" if final is None else f"{final:06}",
        language=language,
        is_steering=edition_kind(calendar, as_of) is EditionKind.STEERING,
    )


def _current_releases(reports: Path) -> set[str]:
    """Give the releases whose Dutch reports are current, one a class."""
    pointers = [reports / CURRENT, *reports.glob(f"{CURRENT}-*")]
    named = {pointer.readlink().name for pointer in pointers if pointer.is_symlink()}
    return {name for name in named if _release_and_language(name)[1] == DEFAULT_LANGUAGE}


def _final_number(release: Path) -> int | None:
    """Give which final release it is; one whose mark cannot be trusted is none."""
    try:
        final = read_final(release)
    except UitstroomError:
        return None
    return None if final is None else final.number


def _region_name(release: Path) -> str:
    frame = _columns(release, "mart_run", ["region_name"])
    return "" if frame is None or frame.is_empty() else str(frame["region_name"][0])


def _municipalities(release: Path) -> dict[str, str]:
    """Give the names of municipalities by the stem of their pages."""
    from reports.explained_pages import page_addresses
    from reports.visible import visible

    columns = ["municipality_code", "municipality_name"]
    frames = [_columns(release, name, columns) for name in _NAMES]
    there = [frame for frame in frames if frame is not None]
    if not there:
        return {}
    rows = pl.concat(there).drop_nulls().unique(keep="first", maintain_order=True).rows()
    names = {code: visible(name) for code, name in reversed(rows)}
    return {
        Path(address).stem: names[code]
        for code, address in page_addresses(dict(sorted(names.items()))).items()
    }


def _columns(release: Path, table: str, columns: list[str]) -> pl.DataFrame | None:
    """Read columns of a table, None where an older release has no such table or column."""
    file = release / f"{table}.parquet"
    if not file.is_file():
        return None
    try:
        return pl.read_parquet(file, columns=columns)
    except pl.exceptions.PolarsError:
        return None
