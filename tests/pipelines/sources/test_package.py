"""The zip around a workbook: traps are refused at once, what it says is gathered."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
import xlsxwriter

from pipelines.sources import DeliveryRefusedError
from pipelines.sources.package import MOST_PARTS, facts_of
from pipelines.sources.raw import Form
from pipelines.sources.workbook import read_workbook

pytestmark = pytest.mark.unit

MOST_SECONDS, MOST_BYTES = 1.0, 200_000_000
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'


def book(**extra: bytes) -> dict[str, bytes]:
    """Give the parts of a small good workbook, and some more."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet("data")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x", 2])
    with zipfile.ZipFile(out) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return parts | extra


def packed(parts: dict[str, bytes]) -> bytes:
    """Zip parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def zeros(megabytes: int) -> bytes:
    """Deflate zeros: one block that stands by itself, over and over."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(bytes(1_000_000)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + squeeze.flush()


def with_part(name: bytes, body: bytes, size: int) -> bytes:
    """Write a zip of one deflated part that claims to be `size` bytes long."""
    head = (20, 0, 8, 0, 0, 0, len(body), size, len(name), 0)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *head) + name + body
    central = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *head, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def refusal(content: bytes) -> str:
    """Give the sentence of a refusal that came in time and without much memory."""
    tracemalloc.start()
    start = time.monotonic()
    with pytest.raises(DeliveryRefusedError) as refused:
        facts_of(content, "x.xlsx")
    seconds, (_, peak) = time.monotonic() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < MOST_SECONDS
    assert peak < MOST_BYTES
    return str(refused.value)


def test_a_good_workbook_is_no_trap():
    facts = facts_of(packed(book()), "x.xlsx")
    assert [sheet.name for sheet in facts.sheets] == ["data"]
    assert facts.sheets[0].part == "xl/worksheets/sheet1.xml"
    assert not (facts.macros or facts.embedded or facts.external_links or facts.dates_1904)


@pytest.mark.parametrize("times", [1, 10, 100])
def test_a_bomb_is_refused_by_what_it_says_or_by_what_comes_out(times):
    body = zeros(10 * times)
    assert "unpacks" in refusal(with_part(b"xl/worksheets/sheet1.xml", body, 10_000_000 * times))
    assert "larger than it says" in refusal(with_part(b"xl/media/a.png", body, 1_000))


def test_a_part_that_says_more_than_it_holds_is_refused():
    body = zlib.compress(b"<a/>", wbits=-15)
    assert "damaged" in refusal(with_part(b"xl/workbook.xml", body, 5))


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "docProps/core.xml"]
)
def test_xml_that_declares_entities_is_refused_wherever_it_stands(part):
    assert "entities" in refusal(packed(book(**{part: LAUGHS})))
    wide = LAUGHS.decode().encode("utf-16")
    assert "another encoding" in refusal(packed(book(**{part: wide})))


@pytest.mark.parametrize("name", ["../a.xml", "/etc/passwd", "xl/../../a", "c:\\a.xml", "a\\b.xml"])
def test_names_that_lead_out_of_the_zip_are_refused(name):
    assert "lead out" in refusal(packed(book(**{name: b"<a/>"})))


def test_a_link_inside_the_zip_is_refused():
    out = io.BytesIO(packed(book()))
    with zipfile.ZipFile(out, "a") as package:
        link = zipfile.ZipInfo("xl/link.xml")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        package.writestr(link, "/etc/passwd")
    assert "lead out" in refusal(out.getvalue())


def test_a_zip_inside_the_zip_is_refused_by_its_name_and_by_its_bytes():
    inner = packed({"a.xml": b"<a/>"})
    assert "inside the zip" in refusal(packed(book(**{"xl/inner.zip": inner})))
    assert "inside the zip" in refusal(packed(book(**{"xl/media/picture.png": inner})))


def test_too_many_parts_and_two_of_one_name_are_refused():
    many = {f"xl/media/{at}.png": b"x" for at in range(MOST_PARTS)}
    assert f"more than {MOST_PARTS}" in refusal(packed(book(**many)))
    assert "two parts" in refusal(packed(book(**{"XL/workbook.xml": b"<a/>"})))


def test_what_is_said_around_the_rows_is_gathered():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        made.set_properties({"author": "Jan Jansen", "comments": "zie bijlage"})
        sheet = made.add_worksheet("data")
        for at in range(12):
            sheet.write_row(at, 0, ["a", "b", "c"])
        sheet.merge_range("A3:A5", "samen")
        sheet.set_row(6, None, None, {"hidden": True})
        sheet.set_column("B:C", None, None, {"hidden": True})
        sheet.autofilter("A1:C12")
        sheet.write_comment("A2", "belt vaak", {"author": "Piet"})
        sheet.set_header("&LVertrouwelijk")
        made.add_worksheet("lijst").hide()
    facts = facts_of(out.getvalue(), "x.xlsx")
    data, hidden = facts.sheets
    assert (data.merged, data.hidden_rows, data.hidden_columns) == (["A3:A5"], [7], [(2, 3)])
    assert (data.filters, data.margins) == (["A1:C12"], ["&amp;LVertrouwelijk"])
    assert (hidden.name, hidden.state) == ("lijst", "hidden")
    assert "Jan Jansen" in facts.properties["docProps/core.xml"]
    assert any("belt vaak" in texts for texts in facts.comments.values())


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/externalLinks/externalLink1.xml", "another workbook"),
        ("xl/embeddings/oleObject1.bin", "another file"),
        ("xl/activeX/activeX1.xml", "another file"),
    ],
)
def test_what_a_list_of_rows_has_no_use_for_refuses_the_workbook(part, word):
    form = Form(kind="xlsx")
    assert read_workbook(packed(book()), form, "x.xlsx").height == 1
    with pytest.raises(DeliveryRefusedError, match=word):
        read_workbook(packed(book(**{part: b"<a/>"})), form, "x.xlsx")


def test_the_cells_of_other_sheets_are_given_beside_the_rows():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        made.add_worksheet("data").write_column(0, 0, ["a", "x"])
        made.add_worksheet("uitleg").write_column(0, 0, ["Bel Jan", "Bel Jan", 3])
    table = read_workbook(out.getvalue(), Form(kind="xlsx", sheet="data"), "x.xlsx")
    assert table.package is not None
    assert table.package.other_cells == ["Bel Jan", "3"]
    assert table.package.chosen is table.package.sheets[0]
