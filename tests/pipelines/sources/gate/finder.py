"""Searching stores for planted texts, each kind of place by its own reader.

Belongs here: opening Parquet, SQLite, DuckDB, PDF, archives, JSON and text, and finding any of many
needles in what they hold, in every encoding. Does not belong here: planting (`planted.py`).

A needle is looked for in the bytes of every file (UTF-8, UTF-16 either way round, cp1252) and in
what the file holds once it is opened. A number of less than eight digits (a day as a spreadsheet
counts it) is found where it stands by itself: inside a time stamp or an id of digits it stands by
chance. The search compares the first eight bytes of the needles with
every place of the content at once, so that a million needles cost little more than one.
"""

import gzip
import html
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
_WINDOW = 8
_SQLITE, _ZIP, _GZIP, _PARQUET = b"SQLite format 3\0", b"PK\x03\x04", b"\x1f\x8b", b"PAR1"
_PDF = b"%PDF-"
_DEEPEST = 4


class Finder:
    """Finds any of some texts.

    Args:
        needles: The texts; each at least three characters long.
    """

    def __init__(self, needles: Iterable[str]) -> None:
        self._whole: dict[bytes, str] = {}
        self._short: dict[bytes, str] = {}
        self._alone: dict[re.Pattern[bytes], str] = {}
        for needle in needles:
            assert len(needle) > 2, "a needle of two letters is found everywhere"
            for encoding in ENCODINGS:
                content = needle.encode(encoding, "ignore")
                if needle.isdecimal() and len(needle) < _WINDOW:
                    self._alone[_standing_alone(content)] = needle
                else:
                    (self._whole if len(content) >= _WINDOW else self._short)[content] = needle
        prefixes = {content[:_WINDOW] for content in self._whole}
        self._prefixes = np.sort(np.array([_number(one) for one in prefixes], dtype=np.uint64))
        self._by_prefix: dict[bytes, list[bytes]] = {}
        for content in self._whole:
            self._by_prefix.setdefault(content[:_WINDOW], []).append(content)

    def in_bytes(self, content: bytes) -> set[str]:
        """Give the needles that stand in some bytes."""
        found = {needle for short, needle in self._short.items() if short in content}
        found |= {needle for alone, needle in self._alone.items() if alone.search(content)}
        for start in range(_WINDOW):
            usable = (len(content) - start) // _WINDOW * _WINDOW
            if usable <= 0 or not self._prefixes.size:
                continue
            windows = np.frombuffer(content, dtype="<u8", count=usable // _WINDOW, offset=start)
            places = np.searchsorted(self._prefixes, windows).clip(max=self._prefixes.size - 1)
            hits = np.flatnonzero(self._prefixes[places] == windows)
            for hit in hits.tolist():
                at = start + hit * _WINDOW
                for whole in self._by_prefix[content[at : at + _WINDOW]]:
                    if content.startswith(whole, at):
                        found.add(self._whole[whole])
        return found

    def in_folders(self, folders: Iterable[Path]) -> list[tuple[str, Path]]:
        """Give every needle with the file, below any of these folders, that holds it.

        A needle in the name of a file or folder counts too.
        """
        found: set[tuple[str, Path]] = set()
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                names = self.in_bytes(path.name.encode("utf-8", "surrogateescape"))
                texts = self.in_file(path) if path.is_file() and not path.is_symlink() else set()
                found |= {(needle, path) for needle in names | texts}
        return sorted(found)

    def in_file(self, path: Path) -> set[str]:
        """Give the needles that one file holds, as bytes or once it is opened."""
        content = path.read_bytes()
        found: set[str] = set()
        for text in contents_of(content, path):
            found |= self.in_bytes(text)
        return found


def contents_of(content: bytes, path: Path, depth: int = 0) -> Iterator[bytes]:
    """Give the bytes of a file and all that its own reader makes of them."""
    yield content
    if depth > _DEEPEST:
        return
    if content.startswith(_SQLITE):
        yield from _with_texts(_sqlite(path))
    elif path.suffix == ".duckdb":
        yield from _with_texts(_duckdb(path))
    elif content.startswith(_PARQUET):
        yield from _with_texts([_frame_text(pl.read_parquet(io.BytesIO(content)))])
    elif content.startswith(_PDF):
        yield from _pdf(content)
    elif content.startswith(_GZIP):
        yield from contents_of(gzip.decompress(content), path.with_suffix(""), depth + 1)
    elif content.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from contents_of(archive.read(name), Path(name), depth + 1)
    else:
        yield from _texts(content)


def _with_texts(tables: Iterable[bytes]) -> Iterator[bytes]:
    """Give the cells of tables, and what the JSON and HTML in them say."""
    for table in tables:
        yield table
        yield from _texts(table)


def _texts(content: bytes) -> Iterator[bytes]:
    """Undo what JSON and HTML do to letters."""
    for encoding in ("utf-8", "utf-16"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield html.unescape(text).encode()
        for line in (text, *text.splitlines()):
            try:
                yield "\n".join(_strings(json.loads(line))).encode("utf-8", "replace")
            except ValueError:
                continue


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    else:
        yield str(value)


def _frame_text(frame: pl.DataFrame) -> bytes:
    lines = [" ".join(frame.columns)]
    for name in frame.columns:
        lines += [str(value) for value in frame[name].unique().to_list()]
    return "\n".join(lines).encode("utf-8", "replace")


def _rows_text(rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    for row in rows:
        for value in row:
            yield value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _sqlite(path: Path) -> Iterator[bytes]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        names = [
            row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for name in names:
            rows = _rows_text(store.execute(f'SELECT * FROM "{name}"'))
            yield b"\n".join(rows)


def _duckdb(path: Path) -> Iterator[bytes]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as store:
        names = store.execute("SELECT table_schema, table_name FROM information_schema.tables")
        for schema, name in names.fetchall():
            rows = store.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall()
            yield b"\n".join(_rows_text(rows))


def _pdf(content: bytes) -> Iterator[bytes]:
    """Give what a reader of the document sees, and what is said of the document."""
    import pypdf

    document = pypdf.PdfReader(io.BytesIO(content))
    yield "\n".join(str(value) for value in (document.metadata or {}).values()).encode()
    for page in document.pages:
        yield page.extract_text().encode("utf-8", "replace")


def _standing_alone(content: bytes) -> re.Pattern[bytes]:
    """Give the pattern of a short number that is no part of a longer number, word or id."""
    return re.compile(rb"(?<!\w)(?<!\d\.)" + re.escape(content) + rb"(?!\w)")


def _number(prefix: bytes) -> int:
    return int.from_bytes(prefix, "little")
