"""What a published figure rests on: deliveries, sources, parameters, seed, code, method.

Belongs here: naming a figure, finding it in a release, and following it back, on demand. Does not
belong here: how a figure was computed (`reports.explained` says that of a quota), a truth that the
release does not show: of a rounded figure only the rounded one is ever told.

Nothing of this is part of a release. It is put together from the release, the edition under it, the
ledgers, and the graph of steps, which says what a table was made of.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import UitstroomError, UsageError
from models.registry import nearest
from models.tables import MARTS
from pipelines.classes import TREATMENTS
from pipelines.editions import MANIFEST, read_manifest
from pipelines.paths import EDITION_ID, DataRoot
from pipelines.publication_ledger import Event, Publications
from pipelines.release import stored_release
from pipelines.storage import sha256_of

FIGURE_ID_LENGTH = 16

_SHORT = 12
_SCENARIO = "scenario_id"


@dataclass(frozen=True)
class Cell:
    """A cell of a table of a release.

    Attributes:
        release_id: The release.
        scenario_id: The scenario; empty where the table has none.
        table: The table.
        row: The values of its key without region and scenario, joined by "/", as the pages name it
            in `data-row`.
        column: The column.
    """

    release_id: str
    scenario_id: str
    table: str
    row: str
    column: str

    @property
    def figure_id(self) -> str:
        """The name of the figure: 16 hexadecimal characters."""
        parts = [self.release_id, self.scenario_id, self.table, self.row, self.column]
        return sha256_of(json.dumps(parts).encode())[:FIGURE_ID_LENGTH]


def explain_figure_lines(
    root: DataRoot, region_id: str, what: Sequence[str], *, release_id: str = ""
) -> tuple[list[str], bool]:
    """Say what a published figure rests on.

    Args:
        root: The data root.
        region_id: The region.
        what: The id of a figure; or its table, row and column as the pages name them.
        release_id: A stored release; without it, the current one.

    Returns:
        The lines, and True: a figure that cannot be followed raises.

    Raises:
        UsageError: There is no such release, table, row, column or figure.
        UitstroomError: The edition under the release is gone.
    """
    release = stored_release(root.releases(root.check_region(region_id)), region_id, release_id)
    cells = [_find(release, what[0])] if len(what) == 1 else _named(release, what)
    lines: list[str] = []
    for cell in cells:
        lines += _lines_of(root, region_id, release, cell)
    return lines, True


def edition_under(root: DataRoot, region_id: str, release: Path) -> Path:
    """Give the edition that a release was made of.

    Raises:
        UitstroomError: It is gone.
    """
    name = str(read_manifest(release)["edition_id"])
    edition = root.editions(region_id) / name
    if not EDITION_ID.fullmatch(name) or not (edition / MANIFEST).is_file():
        raise UitstroomError(
            "the edition under this release is gone",
            where=f"release {release.name}, edition {name}",
            todo=f"Restore it from a backup; see uitstroom verify --region {region_id}.",
        )
    return edition


def made_of(table: str) -> frozenset[str]:
    """Give all that a table is made of: the names of the steps' tables before it, itself included.

    The graph of steps says so; it is the graph that runs.
    """
    from dagster import AssetKey

    from pipelines.catalog import JOB
    from pipelines.definitions import defs

    graph = defs().resolve_job_def(JOB).asset_layer.asset_graph
    found: set[str] = set()
    waiting = [AssetKey(table)]
    while waiting:
        key = waiting.pop()
        name = key.to_user_string()
        if name not in found and graph.has(key):
            found.add(name)
            waiting.extend(graph.get(key).parent_keys)
    return frozenset(found)


def _lines_of(root: DataRoot, region_id: str, release: Path, cell: Cell) -> Iterator[str]:
    manifest = read_manifest(release)
    edition = edition_under(root, region_id, release)
    run = read_manifest(edition)
    before = made_of(cell.table)
    yield f"figure {cell.figure_id}"
    yield f"  cell        {cell.table}, row {cell.row}, column {cell.column}"
    yield f"  shown       {_shown(release, cell)}; {_about(cell)}"
    yield f"  treatment   {_treatment(manifest, cell)}"
    yield (
        f"  release     {release.name}, class {manifest['class']}, as of {manifest['as_of']}, "
        f"table sha256 {_table_sha256(manifest, cell.table)}"
    )
    yield from (f"  ledger      {line}" for line in _ledger(root, region_id, release))
    yield (
        f"  edition     {edition.name}, inputs {_short(run['inputs_sha256'])}, "
        f"options {_short(run['options_sha256'])}"
    )
    yield f"  code        {_short(run['code_sha256'])}"
    if cell.scenario_id:
        yield f"  scenario    {cell.scenario_id}, {run['draws']} draws, seed {run['seed']}"
    yield f"  parameters  {_parameters(edition, run, cell)}"
    yield from (f"  delivery    {line}" for line in _deliveries(edition, before))
    yield from (f"  source      {line}" for line in _sources(edition, before))


def _find(release: Path, figure_id: str) -> Cell:
    """Find a figure by its id among all cells of a release."""
    for cell in _cells(release):
        if cell.figure_id == figure_id:
            return cell
    raise UsageError(
        "there is no such figure in this release",
        where=f"release {release.name}",
        found=repr(figure_id),
        todo="Name its table, row and column, as they stand beside the number on the page.",
    )


def _cells(release: Path) -> Iterator[Cell]:
    for table in read_manifest(release)["tables"]:
        frame = pl.read_parquet(release / f"{table}.parquet")
        for row in frame.iter_rows(named=True):
            for column in frame.columns:
                yield _cell(release, table, row, column)


def _cell(release: Path, table: str, row: dict[str, Any], column: str) -> Cell:
    from reports.figures import row_key

    scenario = str(row.get(_SCENARIO) or "")
    return Cell(release.name, scenario, table, row_key(table, row), column)


def _named(release: Path, what: Sequence[str]) -> list[Cell]:
    """Find the cells of a table, row and column; a range names two columns."""
    if len(what) != 3:
        raise UsageError(
            "a figure is named by its id, or by its table, row and column",
            found=f"{len(what)} words",
        )
    table, row_text, columns = what
    manifest = read_manifest(release)
    if table not in manifest["tables"]:
        raise UsageError(
            f"this release has no table {table!r}",
            where=f"release {release.name}",
            todo=nearest(table, manifest["tables"]),
        )
    frame = pl.read_parquet(release / f"{table}.parquet")
    if _SCENARIO in frame.columns:
        frame = frame.filter(pl.col(_SCENARIO) == str(manifest["default_scenario"]))
    known = {_cell(release, table, row, "").row: row for row in frame.iter_rows(named=True)}
    if row_text not in known:
        raise UsageError(
            f"the table has no row {row_text!r}",
            where=table,
            todo=nearest(row_text, known) if known else "The table has no rows.",
        )
    cells = []
    for column in columns.split():
        if column not in frame.columns:
            raise UsageError(
                f"the table has no column {column!r}",
                where=table,
                todo=nearest(column, frame.columns),
            )
        cells.append(_cell(release, table, known[row_text], column))
    return cells


def _shown(release: Path, cell: Cell) -> str:
    frame = pl.read_parquet(release / f"{cell.table}.parquet")
    for row in frame.iter_rows(named=True):
        if _cell(release, cell.table, row, cell.column) == cell:
            value = row[cell.column]
            return "nothing (the cell is empty)" if value is None else str(value)
    raise UsageError("there is no such row", where=cell.table, found=cell.row)


def _about(cell: Cell) -> str:
    if cell.table not in MARTS:
        return "a table of an earlier version"
    declared = MARTS[cell.table].columns().get(cell.column)
    about = "" if declared is None else str((declared.metadata or {}).get("description", ""))
    return about or "no description"


def _treatment(manifest: dict[str, Any], cell: Cell) -> str:
    """Say what the class of the release does with the column."""
    if not manifest.get("protected"):
        return "none: small numbers are not protected in this release"
    of_class = TREATMENTS.get(cell.table, {}).get(str(manifest["class"]))
    if of_class is None or cell.column not in of_class.touched:
        return "none: it leaves as it is in this class"
    how = f"base {manifest.get('base')}, method {manifest.get('method')}"
    if cell.column in of_class.rounded:
        kept = " but for rows that the class keeps exact" if of_class.exact_where else ""
        return f"rounded jointly{kept} ({how})"
    if cell.column in of_class.derived:
        return f"made from rounded figures ({how})"
    return f"emptied or coarser where it rests on few ({how})"


def _table_sha256(manifest: dict[str, Any], table: str) -> str:
    return _short(manifest["tables"][table]["sha256"])


def _ledger(root: DataRoot, region_id: str, release: Path) -> Iterator[str]:
    """Tell what happened to the release."""
    for entry in Publications(root, region_id).of(release.name):
        told = [f"line {entry.sequence}", entry.at, entry.event.value]
        if entry.event is Event.FINALISED:
            told.append(f"number {entry.facts['number']} by {entry.facts['by']}")
        if entry.event is Event.ATTACKED:
            told.append(
                f"{entry.facts['cells']} cells, {entry.facts['findings']} found, "
                f"modes {', '.join(entry.facts['modes'])}"
            )
        yield ", ".join(told)


def _parameters(edition: Path, run: dict[str, Any], cell: Cell) -> str:
    frame = pl.read_parquet(edition / "mart_parameter.parquet")
    scenario = cell.scenario_id or str(run["default_scenario"])
    rows = frame.filter(pl.col(_SCENARIO) == scenario)
    unconfirmed = rows.filter(~pl.col("confirmed")).height
    digest = _short(run["tables"]["mart_parameter"]["sha256"])
    return (
        f"{rows.height} in force in {scenario}, {unconfirmed} unconfirmed, "
        f"mart_parameter sha256 {digest}"
    )


def _deliveries(edition: Path, before: Iterable[str]) -> Iterator[str]:
    """Tell the deliveries that counted, of the contracts that the table is made of."""
    from pipelines.region_run import RAW_PREFIX

    contracts = {name.removeprefix(RAW_PREFIX) for name in before if name.startswith(RAW_PREFIX)}
    frame = pl.read_parquet(edition / "mart_delivery.parquet").filter(
        pl.col("contract").is_in(sorted(contracts)), pl.col("verdict").str.starts_with("accepted")
    )
    for row in frame.sort("contract", "file").iter_rows(named=True):
        yield (
            f"{row['contract']}/{row['file']}, version {row['version']}, "
            f"{row['accepted']} rows, sha256 {row['sha256']}"
        )


def _sources(edition: Path, before: Iterable[str]) -> Iterator[str]:
    """Tell the editions of the public sources that the table is made of."""
    known = {name.removeprefix("raw_source__") for name in before}
    frame = pl.read_parquet(edition / "mart_source.parquet").sort("source_id")
    for row in frame.iter_rows(named=True):
        if str(row["source_id"]).replace("-", "_") in known:
            yield f"{row['source_id']}, edition {row['vintage']}, sha256 {row['sha256']}"


def _short(digest: object) -> str:
    return str(digest)[:_SHORT]
