"""What is kept of a fetched table: its figures, its edition, and what it changed.

Belongs here: the files of a table of CBS and the sentence on its edition. Does not belong here:
reading a table (`reading`), folders and renames (`pipelines.sources.open_store`).
"""

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from models.errors import UitstroomError
from pipelines.sources.cbs.declarations import Table
from pipelines.sources.cbs.pages import PageFolder
from pipelines.sources.cbs.reading import FIGURE_COLUMNS, ReadTable
from pipelines.sources.cbs.revisions import (
    REVISION_COLUMNS,
    Revision,
    check_revision,
    compare_editions,
)
from pipelines.sources.cbs.schema import GIVEN
from pipelines.sources.open_store import FACT_COLUMNS, FACTS, Facts, Part, Place, read_part
from pipelines.storage import sha256_of

FIGURES = "figures.csv"
EDITION = "edition.csv"
REVISIONS = "revisions.csv"

PRODUCER = "Centraal Bureau voor de Statistiek (CBS)"
LICENCE = "CC BY 4.0"
ADDRESS = "https://www.cbs.nl/nl-nl/cijfers/detail/"

EDITION_COLUMNS = {
    "table_id": "CBS table",
    "cbs_title": "title that CBS gives it",
    "service": "version of CBS's service it was read from",
    "edition": "when CBS changed the table last",
    "version": "version of the table, empty where the service gives none",
    "retrieved_on": "day these figures were fetched",
    "declaration": "hash of what was asked for",
    "blank_cells": "cells without a row, because no figure can exist (cells)",
}

_WORDS = {"provisional": "voorlopig", "further_provisional": "nader voorlopig"}
_PARTS = {"HJ": "halfjaar", "KW": "kwartaal", "MM": "maand"}


@dataclass(frozen=True)
class Shelf:
    """The place of one table, and how its edition is written.

    Attributes:
        place: Where it is kept.
        table: The declaration.
    """

    place: Place
    table: Table

    @property
    def pages(self) -> PageFolder:
        """Where pages are kept while a fetch goes on."""
        return PageFolder(self.place.work / "pages")

    @property
    def declaration(self) -> str:
        """Hash of what is asked for: another question makes another edition."""
        return sha256_of(self.table.model_dump_json().encode())[:16]

    def known_edition(self) -> str:
        """Name the stored edition of this very question, empty where there is none."""
        file = self.place.folder / EDITION
        if not file.is_file():
            return ""
        row = next(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
        return row["edition"] if row["declaration"] == self.declaration else ""

    def prepare(self, found: ReadTable, today: date) -> Revision:
        """Write an edition beside the one in use, and check it as a run would.

        Returns:
            What changed since the edition in use.

        Raises:
            AnswerRefusedError: It differs so much that a person must look.
        """
        before = None if self.place.stored() is None else read_figures(self.place.folder)
        revision = compare_editions(before, found.figures)
        check_revision(revision, self.table.table)
        parts = [
            Part(FIGURES, "one figure a row", FIGURE_COLUMNS, found.figures),
            Part(EDITION, "the edition that this is", EDITION_COLUMNS, self._edition(found, today)),
            Part(
                REVISIONS,
                "figures that changed since the edition before",
                REVISION_COLUMNS,
                revision.rows,
            ),
        ]
        facts = municipal_facts_of(self.table, found.figures)
        if not facts.is_empty():
            parts.append(Part(FACTS, "figures that a run reads", FACT_COLUMNS, facts))
        self.place.prepare(_facts(self.table, found, revision), parts, today)
        return revision

    def _edition(self, found: ReadTable, today: date) -> pl.DataFrame:
        edition = found.edition
        values = (
            self.table.table, edition.title, edition.service, edition.name, edition.version,
            today.isoformat(), self.declaration, str(found.blank_cells),
        )  # fmt: skip
        return pl.DataFrame([dict(zip(EDITION_COLUMNS, values, strict=True))])


def read_figures(folder: Path) -> pl.DataFrame:
    """Read `figures.csv` of a stored table, all columns as text.

    Raises:
        UitstroomError: It is not there.
    """
    if not (folder / FIGURES).is_file():
        raise UitstroomError("this table has never been fetched", where=folder.name)
    return read_part(folder, FIGURES)


def municipal_facts_of(table: Table, figures: pl.DataFrame) -> pl.DataFrame:
    """Give the figures of whole years that a run reads, under the names it knows them by.

    Args:
        table: The declaration; its measures with a `fact` are taken.
        figures: FIGURE_COLUMNS.

    Returns:
        FACT_COLUMNS as text, figures that are given only, sorted.
    """
    names = {measure.name: measure.fact for measure in table.measures if measure.fact}
    wanted = (
        pl.col("measure").is_in(list(names))
        & pl.col("region_code").str.starts_with("GM")
        & (pl.col("period").str.slice(4) == "JJ00")
        & (pl.col("value_status") == GIVEN)
    )
    taken = figures.filter(wanted).select(
        municipality_code="region_code",
        name="region_name",
        year=pl.col("period").str.slice(0, 4),
        measure=pl.col("measure").replace(names),
        value="value",
        status="value_status",
    )
    return taken.sort("municipality_code", "year", "measure")


def _facts(table: Table, found: ReadTable, revision: Revision) -> Facts:
    return Facts(
        title=table.title,
        producer=PRODUCER,
        publisher="CBS",
        licence=LICENCE,
        vintage=_vintage(table, found, revision),
        citation=f"CBS, {found.edition.title} ({table.table}).",
        address=ADDRESS + table.table,
        traps=(*table.traps, *found.notes),
    )


def _vintage(table: Table, found: ReadTable, revision: Revision) -> str:
    """Say in Dutch which edition this is and what it changed; the report shows it."""
    text = f"tabel {table.table}, uitgave van {found.edition.name[:10]}"
    open_ones = found.figures.filter(pl.col("period_status").is_in(list(_WORDS)))
    for status, rows in sorted(open_ones.group_by("period_status"), reverse=True):
        periods = ", ".join(sorted({_period(code) for code in rows["period"]}))
        text += f"; {_WORDS[str(status[0])]}: {periods}"
    if revision.before:
        text += f"; {revision.sentence()}"
    return text


def _period(code: str) -> str:
    """Write a period as a reader does: 2025HJ01 as "2025 1e halfjaar"."""
    return code[:4] if code[4:6] == "JJ" else f"{code[:4]} {int(code[6:])}e {_PARTS[code[4:6]]}"
