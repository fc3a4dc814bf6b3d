"""Refreshing the public statistics: the one command that touches a network.

Belongs here: which sources are fetched, what happens to each, the sentence that tells it; taking up
a file that somebody exported by hand. Does not belong here: the service (`sources.cbs`), reading a
file (`sources.wide_csv`), printing and exit codes (`cli`).

A source that cannot be reached stays as it is; so does one whose answer is refused. A run never
comes here: it reads what is stored, and its report says of which day that is ("stand van").
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from models.errors import RefusedError, UitstroomError, UsageError
from models.registry import nearest
from pipelines.locks import locked
from pipelines.paths import DataRoot
from pipelines.sources.cbs import (
    Client,
    GoneError,
    Hosts,
    ReadTable,
    Shelf,
    Table,
    UnreachableError,
    load_tables,
    read_table,
)
from pipelines.sources.open_data import OpenSource, load_open_sources, municipalities
from pipelines.sources.open_store import FACT_COLUMNS, FACTS, Facts, Part, Place
from pipelines.sources.wide_csv import Mapping as WideMapping
from pipelines.sources.wide_csv import WideTable, load_mapping, read_wide_csv
from pipelines.storage import sha256_of

LOCK = "fetch"
STANDING = "stand van"
MEASURES = "measures.csv"


@dataclass(frozen=True)
class Fetched:
    """What happened to one source.

    Attributes:
        source_id: The source.
        sentence: What a user reads of it.
        error: The fault that counts for the exit code, None where a good copy is in use.
    """

    source_id: str
    sentence: str
    error: UitstroomError | None = None


@dataclass(frozen=True)
class Fetch:
    """One round of refreshing.

    Attributes:
        root: Where the data lie.
        today: The day of the round.
        client: Who asks.
        hosts: Whom.
        tables: The declared tables by source.
    """

    root: DataRoot
    today: date
    client: Client = field(default_factory=Client)
    hosts: Hosts = field(default_factory=Hosts)
    tables: Mapping[str, Table] = field(default_factory=load_tables)

    def refresh(self, asked: Sequence[str] = ()) -> Iterator[Fetched]:
        """Refresh sources one after the other; one that fails leaves the others alone.

        Args:
            asked: Ids of sources; none means all.

        Raises:
            UsageError: A source does not exist; nothing is fetched.
            RefusedError: Another fetch is going.
        """
        shipped = {source.id: source for source in load_open_sources(self._open)}
        known = sorted({*shipped, *self.tables})
        for name in asked:
            if name not in known:
                raise UsageError(f"source {name!r} does not exist", todo=nearest(name, known))
        with locked(self.root.lock(LOCK), LOCK, wait_seconds=0):
            for name in dict.fromkeys(asked or known):
                if name in self.tables:
                    yield self._refresh_table(self.tables[name], shipped)
                else:
                    yield Fetched(name, f"{_standing(shipped[name])}; read by hand, not fetched")

    @property
    def _open(self) -> Path:
        return self.root.open_data

    def _refresh_table(self, table: Table, shipped: Mapping[str, OpenSource]) -> Fetched:
        place = Place(self._open, table.id)
        shelf, stored = Shelf(place, table), None
        try:
            place.clear_work()
            stored = place.stored()
            found = read_table(
                self.client, self.hosts, table, shelf.pages, known=shelf.known_edition()
            )
            if found is None:
                place.confirm(self.today)
                return Fetched(table.id, f"{STANDING} {self.today}; nothing new at CBS")
            return self._store(shelf, found)
        except (UnreachableError, GoneError) as fault:
            in_use = stored or shipped.get(table.until_fetched or "")
            return self._kept(table, in_use, fault)
        except UitstroomError as fault:
            return Fetched(table.id, _kept_sentence(shipped.get(table.id)), fault)
        finally:
            place.clear_work()

    def _store(self, shelf: Shelf, found: ReadTable) -> Fetched:
        """Put an edition in use, while no run reads the sources."""
        revision = shelf.prepare(found, self.today)
        _switch(self.root, shelf.place)
        told = f"{found.figures.height} figures of {found.edition.name[:10]}"
        if revision.before:
            told += (
                f"; since {revision.before[:10]} {revision.count('revised')} revised, "
                f"{revision.count('confirmed')} with another status, "
                f"{revision.count('withdrawn')} withdrawn, {revision.added} new"
            )
        for note in found.notes:
            told += f"; {note}"
        return Fetched(shelf.table.id, f"{STANDING} {self.today}; {told.rstrip('.')}")

    def _kept(self, table: Table, in_use: OpenSource | None, fault: UitstroomError) -> Fetched:
        """Tell that a source could not be fetched; a fault only where nothing can stand in."""
        why = str(fault).rstrip(".")
        if isinstance(fault, GoneError):
            why = f"CBS has no table {table.table} any more"
            why += f"; its successor is {table.successor}" if table.successor else ""
        if in_use is None:
            todo = "Fetch again when there is a network."
            error = UitstroomError(f"never fetched: {why}", where=table.id, todo=todo)
            return Fetched(table.id, "never fetched", error)
        kept = _standing(in_use)
        kept += f" of {in_use.id}" if in_use.id != table.id else ""
        return Fetched(table.id, f"{kept}, the stored copy stays in use; {why}")


def take_up_file(root: DataRoot, file: Path, mapping_file: Path, today: date) -> Fetched:
    """Make a public source of a wide CSV file that was exported by hand.

    Args:
        root: Where the data lie.
        file: The export.
        mapping_file: How it is to be read, and what source it is.
        today: The day.

    Raises:
        RefusedError: The file or its mapping has a fault, the source is one that is not made of
            such files, or a run or fetch is going. Nothing is changed.
    """
    mapping = load_mapping(mapping_file)
    place = Place(root.open_data, mapping.id)
    stored = place.stored()
    if mapping.id in load_tables() or (stored and MEASURES not in _files(stored)):
        raise RefusedError(
            "a source of this name is not made of exported files",
            where=mapping_file.name,
            found=mapping.id,
            todo="Give the mapping another id.",
        )
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RefusedError("the file cannot be read", where=file.name) from error
    known = municipalities(root.open_data)
    table = read_wide_csv(content, mapping, known, where=file.name)
    with locked(root.lock(LOCK), LOCK, wait_seconds=0):
        try:
            place.clear_work()
            read_from = f"Read from {file.name} (sha256 {sha256_of(content)})."
            place.prepare(_facts_of(mapping, read_from), _parts(mapping, table), today)
            _switch(root, place)
        finally:
            place.clear_work()
    told = (
        f"{table.facts.height} figures out of {table.rows} rows; {table.area_rows} rows of other "
        f"areas and {table.blank_cells} blank cells left out"
    )
    return Fetched(mapping.id, f"{STANDING} {today}; {told}")


def _facts_of(mapping: WideMapping, read_from: str) -> Facts:
    return Facts(
        title=mapping.title,
        producer=mapping.producer,
        publisher=mapping.publisher,
        licence=mapping.licence,
        vintage=mapping.vintage,
        citation=mapping.citation,
        address=mapping.address,
        derived=(read_from,),
        traps=mapping.traps,
    )


def _parts(mapping: WideMapping, table: WideTable) -> list[Part]:
    units = [{"measure": item.measure, "unit": item.unit} for item in mapping.measures]
    columns = {"measure": "name of the measure", "unit": "unit of the value"}
    return [
        Part(FACTS, "figures that a run reads", FACT_COLUMNS, table.facts),
        Part(MEASURES, "the unit of every measure", columns, pl.DataFrame(units)),
    ]


def _files(source: OpenSource) -> set[str]:
    """Give the files of a source that was made of an export; none for any other."""
    names = {file.name for file in source.files}
    return names if FACTS in names else set()


def _switch(root: DataRoot, place: Place) -> None:
    """Put an edition in use, while no run reads the sources.

    Raises:
        RefusedError: A run is going.
    """
    with ExitStack() as locks:
        for region in root.region_ids():
            locks.enter_context(locked(root.lock(region), region, wait_seconds=0))
        place.switch()


def _standing(source: OpenSource) -> str:
    return f"{STANDING} {source.accessed}"


def _kept_sentence(source: OpenSource | None) -> str:
    return f"{_standing(source)}, the stored copy stays in use" if source else "nothing stored"
