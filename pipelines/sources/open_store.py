"""Where a public source is kept: written beside the one in use, checked, switched by one rename.

Belongs here: the folder of a source, its `source.toml`, the archive of editions. Does not belong
here: what is in its files (`cbs.storing`, `wide_csv`), reading them (`open_data`).

`raw/open/<source>` is always one whole edition. `raw/open/.editions/<source>/<hash>` keeps those
before it, `raw/open/.fetch/<source>` is what a fetch is working on; the next one removes it.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.sources.open_data import (
    DECLARATION,
    FETCHED_FACTS,
    OpenSource,
    load_open_sources,
    verify_source,
)
from pipelines.storage import (
    make_folder,
    publish_folder,
    remove_folder,
    replace_file,
    sha256_of,
    write_file,
)

WORK, ARCHIVE = ".fetch", ".editions"

FACT_COLUMNS: Mapping[str, str] = {
    "municipality_code": "CBS code of the municipality",
    "name": "its name as CBS writes it",
    "year": "year of the figure (1 January where it is a stock)",
    "measure": "what is counted: see the measures of cbs_municipal_facts",
    "value": "the figure, empty where there is none",
    "status": "given, or what stands instead: none of these is 0",
}
"""Columns of `municipal_figures.csv`: figures in the shape in which a run reads them."""

FACTS = FETCHED_FACTS


@dataclass(frozen=True)
class Part:
    """One file of a source.

    Attributes:
        name: Its name.
        about: What a row is.
        columns: Meaning by column.
        frame: Its rows, all text.
    """

    name: str
    about: str
    columns: Mapping[str, str]
    frame: pl.DataFrame


@dataclass(frozen=True)
class Facts:
    """What `source.toml` says beside the files; see `OpenSource`."""

    title: str
    producer: str
    publisher: str
    licence: str
    vintage: str
    citation: str
    address: str = ""
    derived: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """The place of one source under the public sources.

    Attributes:
        root: The folder of the public sources.
        source_id: The source.
    """

    root: Path
    source_id: str

    @property
    def folder(self) -> Path:
        """The edition in use."""
        return self.root / self.source_id

    @property
    def work(self) -> Path:
        """What a fetch is working on."""
        return self.root / WORK / self.source_id

    @property
    def _new(self) -> Path:
        return self.work / "new" / self.source_id

    def stored(self) -> OpenSource | None:
        """Give the edition in use, verified; None where there is none.

        Raises:
            UitstroomError: What is stored is not what its declaration says.
        """
        if not self.folder.is_dir():
            return None
        source = next(item for item in load_open_sources(self.root) if item.id == self.source_id)
        verify_source(source)
        return source

    def clear_work(self) -> None:
        """Remove what a fetch, also a broken one, left behind."""
        remove_folder(self.work)
        if self.work.parent.is_dir() and not any(self.work.parent.iterdir()):
            self.work.parent.rmdir()

    def prepare(self, facts: Facts, parts: Iterable[Part], today: date) -> OpenSource:
        """Write an edition beside the one in use, and check it as a run would.

        Returns:
            The declaration, read back.
        """
        folder = make_folder(self._new)
        lines = _head(self.source_id, facts, today)
        for part in parts:
            content = part.frame.with_columns(pl.all().replace("", None)).write_csv().encode()
            write_file(folder / part.name, content)
            lines += _declared(part, content)
        write_file(folder / DECLARATION, ("\n".join(lines) + "\n").encode())
        (source,) = load_open_sources(folder.parent)
        verify_source(source)
        return source

    def switch(self) -> None:
        """Put the prepared edition in the place of the one in use, which goes to the archive."""
        stored = self.stored()
        if stored is not None:
            kept = self.root / ARCHIVE / self.source_id / stored.sha256[:16]
            if not kept.is_dir():
                beside = make_folder(kept.parent) / f".{kept.name}.new"
                remove_folder(beside)
                shutil.copytree(self.folder, beside)
                publish_folder(beside, kept)
        publish_folder(self._new, self.folder)

    def confirm(self, today: date) -> None:
        """Note that the edition in use is still the published one."""
        file = self.folder / DECLARATION
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        shown = [
            f"accessed = {today.isoformat()}\n" if line.startswith("accessed = ") else line
            for line in lines
        ]
        if shown != lines:
            replace_file(file, "".join(shown).encode())


def read_part(folder: Path, name: str) -> pl.DataFrame:
    """Read a file of a stored source, all columns as text; an empty cell is an empty text."""
    return pl.read_csv(folder / name, infer_schema=False).with_columns(pl.all().fill_null(""))


def _head(source_id: str, facts: Facts, today: date) -> list[str]:
    texts = {"id": source_id, "title": facts.title, "producer": facts.producer,
             "publisher": facts.publisher, "licence": facts.licence,
             "vintage": facts.vintage}  # fmt: skip
    lines = [f"{key} = {_quoted(text)}" for key, text in texts.items()]
    lines += [f"accessed = {today.isoformat()}", f"citation = {_quoted(facts.citation)}"]
    if facts.address:
        lines.append(f"address = {_quoted(facts.address)}")
    for key, lists in (("derived", facts.derived), ("traps", facts.traps)):
        lines += [f"{key} = [", *(f"  {_quoted(text)}," for text in lists), "]"]
    return lines


def _declared(part: Part, content: bytes) -> list[str]:
    return [
        "",
        "[[files]]",
        f"name = {_quoted(part.name)}",
        f"about = {_quoted(part.about)}",
        f"sha256 = {_quoted(sha256_of(content))}",
        f"rows = {part.frame.height}",
        "",
        "[files.columns]",
        *(f"{name} = {_quoted(about)}" for name, about in part.columns.items()),
    ]


def _quoted(text: str) -> str:
    """Write a TOML string; JSON's notation is one, except for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
