"""The finder finds: a planted text in every kind of place, and nothing where nothing is."""

import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pptx
import pytest
import typst
import xlsxwriter

from tests.pipelines.sources.gate.finder import Finder

pytestmark = pytest.mark.unit

NEEDLE = "Zoë Achterveld-Çelik"
OTHERS = [str(200_000_000 + at) for at in range(2000)]


def parquet(text: str, path: Path) -> None:
    pl.DataFrame({"a": [1, 2], "b": ["x", text]}).write_parquet(path, compression="zstd")


def sqlite(text: str, path: Path) -> None:
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE event_logs (body TEXT)")
        store.execute("INSERT INTO event_logs VALUES (?)", [json.dumps({"message": text})])


def sqlite_blob(text: str, path: Path) -> None:
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE pages (body BLOB)")
        store.execute("INSERT INTO pages VALUES (?)", [text.encode("utf-16-le")])


def database(text: str, path: Path) -> None:
    with duckdb.connect(str(path)) as store:
        store.execute("CREATE TABLE mart_run (name VARCHAR)")
        store.execute("INSERT INTO mart_run VALUES (?)", [text])


def zipped(text: str, path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<si><t>{text}</t></si>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("book.xlsx", inner.getvalue())


def document(text: str, path: Path) -> None:
    path.write_bytes(typst.compile(f"#set document(title: [x])\n{text}".encode()))


def workbook(text: str, path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("data").write_string(3, 2, text)
        book.add_worksheet("verborgen").hide()


def slides(text: str, path: Path) -> None:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).notes_slide.notes_text_frame.text = text
    deck.save(path)


def in_encoding(encoding: str) -> Callable[[str, Path], None]:
    def write(text: str, path: Path) -> None:
        path.write_bytes(f"regel\n; {text};x\n".encode(encoding))

    return write


PLACES: dict[str, Callable[[str, Path], object]] = {
    "rows.parquet": parquet,
    "runs.db": sqlite,
    "pages.db": sqlite_blob,
    "uitstroom.duckdb": database,
    "report.zip": zipped,
    "log.gz": lambda text, path: path.write_bytes(gzip.compress(text.encode())),
    "rapport.pdf": document,
    "rapport.xlsx": workbook,
    "presentatie.pptx": slides,
    "manifest.json": lambda text, path: path.write_text(json.dumps({"a": [text]})),
    "report.html": lambda text, path: path.write_text(f"<p>{text.replace('ë', '&euml;')}"),
    **{f"log.{name}": in_encoding(name) for name in ("utf-8", "utf-16", "utf-16-be", "cp1252")},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_planted_text_is_found_in_every_kind_of_place(place: str, tmp_path: Path) -> None:
    needle = NEEDLE.replace("Ç", "C") if place in {"report.html"} else NEEDLE
    PLACES[place](needle, tmp_path / place)
    found = Finder([needle, *OTHERS]).in_folders([tmp_path])
    assert found == [(needle, tmp_path / place)]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_found_where_nothing_was_planted(place: str, tmp_path: Path) -> None:
    PLACES[place]("Kern Wonen", tmp_path / place)
    assert Finder([NEEDLE, *OTHERS]).in_folders([tmp_path]) == []


def test_the_name_of_a_file_counts(tmp_path: Path) -> None:
    path = tmp_path / f"wachtlijst {NEEDLE}.csv"
    path.write_text("leeg")
    assert Finder([NEEDLE]).in_folders([tmp_path]) == [(NEEDLE, path)]


@pytest.mark.parametrize("offset", range(9))
def test_a_text_is_found_at_any_place_of_the_content(offset: int) -> None:
    content = b"." * offset + b"111222333" + b"." * (9 - offset)
    assert Finder(["111222333", "111222334", "abc"]).in_bytes(content) == {"111222333"}


def test_short_texts_and_ends_of_the_content_are_found() -> None:
    finder = Finder(["Jan", "12345678"])
    assert finder.in_bytes(b"xJan") == {"Jan"}
    assert finder.in_bytes(b"..12345678") == {"12345678"}


@pytest.mark.parametrize("place", [p for p in PLACES if p != "log.gz"])
def test_a_short_number_is_found_in_every_kind_of_place(place: str, tmp_path: Path) -> None:
    PLACES[place]("12,29137;x", tmp_path / place)
    assert Finder(["29137"]).in_folders([tmp_path]) == [("29137", tmp_path / place)]


@pytest.mark.parametrize("text", ["1795291371.5", "1795344000.29137", "a29137", "29137f"])
def test_a_short_number_inside_a_time_or_an_id_is_no_finding(text: str) -> None:
    assert Finder(["29137"]).in_bytes(text.encode()) == set()
