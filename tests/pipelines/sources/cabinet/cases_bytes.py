"""Cases 16 to 24, 31 to 38 and 72: encodings, damaged files, workbooks that hold more than rows.

Belongs here: these cases. Does not belong here: how a file is built (`papers.py`).
"""

import hashlib
import io
import zipfile
from dataclasses import replace

from tests.pipelines.sources.cabinet.papers import (
    ACCEPTED,
    QUARANTINE,
    REFUSED,
    WAITING,
    WARNING,
    Case,
    Expected,
    Paper,
    as_csv,
    as_xlsx,
    both,
    changed,
    csv_text,
    good,
    with_cells,
    zip_with,
)

PLAIN = Expected(ACCEPTED)
CAPACITY, STOCK = "capacity", "association_stock"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)
LIMIT = 50_000_000


def _csv(contract: str, content: bytes, **envelope) -> Paper:
    return Paper(contract, content, envelope=envelope)


def _encodings() -> list[Case]:
    text = csv_text(good(STOCK))
    utf16 = text.encode("utf-16")
    spoilt = text.encode().decode("cp1252")
    names = [
        {**row, "gemeente_van_herkomst": "S\u00fadwest-Frysl\u00e2n"} if at == 2 else row
        for at, row in enumerate(good("intake"))
    ]
    broken = [
        {**row, "gemeente_van_herkomst": "S\u00c3\u00badwest-Frysl\u00c3\u00a2n"}
        if at == 2
        else row
        for at, row in enumerate(good("intake"))
    ]
    nobodys = csv_text(
        [
            {**row, "gemeente_van_herkomst": "S\u00fadwest"} if at == 2 else row
            for at, row in enumerate(names)
        ]
    )
    in_one_byte = csv_text(names).encode("cp1252")
    found = [
        Case(
            16,
            "cp1252 as declared, with a municipality's name",
            _csv("intake", in_one_byte, encoding="cp1252"),
            as_csv("intake", names),
            PLAIN,
            same=True,
        ),
        Case(
            16,
            "cp1252 as declared, with a name that is nobody's",
            _csv("intake", nobodys.encode("cp1252"), encoding="cp1252"),
            _csv("intake", in_one_byte, encoding="cp1252"),
            Expected(REFUSED, "unknown_municipality", 4, "municipality_of_origin"),
        ),
        Case(
            16,
            "utf-8 where cp1252 is declared",
            _csv("intake", csv_text(names).encode(), encoding="cp1252"),
            _csv("intake", in_one_byte, encoding="cp1252"),
            Expected(REFUSED, "wrong_encoding"),
        ),
        Case(
            16,
            "cp1252 as declared",
            _csv(STOCK, text.encode("cp1252"), encoding="cp1252"),
            _csv(STOCK, text.encode()),
            PLAIN,
            same=True,
        ),
        Case(
            16,
            "cp1252 where utf-8 is declared",
            _csv(STOCK, text.encode("cp1252")),
            _csv(STOCK, text.encode()),
            Expected(REFUSED, "wrong_encoding", 2),
        ),
        Case(
            17,
            "utf-16 as declared",
            _csv(STOCK, utf16, encoding="utf-16"),
            _csv(STOCK, text.encode()),
            PLAIN,
            same=True,
        ),
        Case(
            17,
            "utf-16 where utf-8 is declared",
            _csv(STOCK, utf16),
            _csv(STOCK, text.encode()),
            Expected(REFUSED, "unreadable"),
        ),
        Case(
            17,
            "utf-16 without a mark",
            _csv(STOCK, utf16[2:], encoding="utf-16"),
            _csv(STOCK, utf16, encoding="utf-16"),
            Expected(REFUSED, "unreadable"),
        ),
        Case(
            18,
            "spoilt letters",
            _csv(STOCK, spoilt.encode()),
            _csv(STOCK, text.encode()),
            Expected(WAITING, "mojibake", 2, "association"),
        ),
        Case(
            19,
            "a NUL byte",
            _csv(STOCK, text.replace("1200", "12\0").encode()),
            _csv(STOCK, text.encode()),
            Expected(REFUSED, "unreadable"),
        ),
    ]
    for make in (as_csv, as_xlsx):
        found += [
            Case(
                18,
                "spoilt name of a municipality",
                make("intake", broken),
                make("intake", names),
                Expected(WAITING, "mojibake", 4, "municipality_of_origin"),
            ),
        ]
    found += both(
        20,
        "zero width space in a name",
        STOCK,
        {(3, "corporatie"): "Pr\u00e9\u200b Wonen"},
        PLAIN,
        same=True,
    )
    found += both(
        20,
        "mark of the reading direction",
        STOCK,
        {(3, "corporatie"): "Pr\u00e9 \u202eWonen"},
        Expected(REFUSED, "control_characters", 3, "association"),
    )
    return found


def _wholeness() -> list[Case]:
    rows = good(CAPACITY)
    text = csv_text(rows)
    header = text.split("\r\n")[0].encode() + b"\r\n"
    moved = [
        {name: row[name] for name in [*(n for n in row if n != "bezet"), "bezet"]} for row in rows
    ]
    ends = csv_text(moved).encode()
    cut = ends[:-3]
    digest = hashlib.sha256(ends).hexdigest()
    empty = Case(
        22,
        "header only",
        _csv(CAPACITY, header),
        _csv(CAPACITY, header, no_rows_reason="geen voorzieningen"),
        Expected(REFUSED, "no_rows"),
    )
    book = as_xlsx(CAPACITY, [dict.fromkeys(rows[0], "")])
    no_rows = "geen voorzieningen"
    return [
        Case(
            21, "empty file", _csv(CAPACITY, b""), as_csv(CAPACITY), Expected(REFUSED, "empty_file")
        ),
        Case(
            21,
            "empty sheet",
            as_xlsx(CAPACITY, [{"": ""}]),
            as_xlsx(CAPACITY),
            Expected(REFUSED, "empty_file"),
        ),
        empty,
        Case(
            22,
            "header only",
            book,
            changed(book, no_rows_reason=no_rows),
            Expected(REFUSED, "no_rows"),
        ),
        *(
            Case(
                22,
                "rows under a reason for no rows",
                make(CAPACITY, no_rows_reason=no_rows),
                make(CAPACITY),
                Expected(REFUSED, "no_rows"),
            )
            for make in (as_csv, as_xlsx)
        ),
        Case(
            23,
            "larger than the limit",
            replace(as_csv(CAPACITY), size=LIMIT + 1),
            as_csv(CAPACITY),
            Expected(REFUSED, "unreadable"),
        ),
        Case(
            24,
            "cut at its end, with a manifest",
            _csv(CAPACITY, cut, rows=9),
            _csv(CAPACITY, ends, rows=9),
            Expected(REFUSED, "incomplete_end", 10),
        ),
        Case(
            24,
            "cut at its end, without a manifest",
            _csv(CAPACITY, cut),
            _csv(CAPACITY, ends),
            Expected(WARNING, "incomplete_end", 10),
        ),
        Case(
            24,
            "cut at its end, with a hash",
            _csv(CAPACITY, cut, sha256=digest),
            _csv(CAPACITY, ends, sha256=digest),
            Expected(REFUSED, "wrong_hash"),
        ),
        Case(
            24,
            "another sum than the control total",
            _csv(
                CAPACITY,
                ends.replace(
                    b"2026K2;Kern Wonen;GM0392;beschermd wonen;Wmo;intramuraal;21;nee;19",
                    b"2026K2;Kern Wonen;GM0392;beschermd wonen;Wmo;intramuraal;21;nee;1",
                ),
                control_totals={"bezet": 180},
            ),
            _csv(CAPACITY, ends, control_totals={"bezet": 180}),
            Expected(REFUSED, "control_total", None, "occupied_persons"),
        ),
        Case(
            24,
            "fewer rows than the manifest",
            as_csv(CAPACITY, rows[:8], rows=9),
            as_csv(CAPACITY, rows, rows=9),
            Expected(REFUSED, "row_count"),
        ),
        Case(
            24,
            "fewer rows than the manifest",
            as_xlsx(CAPACITY, rows[:8], rows=9),
            as_xlsx(CAPACITY, rows, rows=9),
            Expected(REFUSED, "row_count"),
        ),
    ]


def _disguises() -> list[Case]:
    fine, book = as_csv(CAPACITY), as_xlsx(CAPACITY)
    html = b"<html><table><tr><td>locatie_id</td></tr></table></html>"
    gone = Expected(REFUSED, "unreadable")
    return [
        Case(31, "workbook called csv", replace(book, suffix="csv"), fine, gone),
        Case(31, "web page called csv", _csv(CAPACITY, html), fine, gone),
        Case(31, "web page called workbook", replace(book, content=html), book, gone),
        Case(31, "csv called workbook", replace(fine, suffix="xlsx"), book, gone),
        Case(32, "workbook cut in half", replace(book, content=book.content[:2000]), book, gone),
        Case(33, "workbook with a password", replace(book, content=OLE), book, gone),
    ]


def _around() -> list[Case]:
    """Workbooks that hold more than rows."""
    book = as_xlsx(CAPACITY)
    gone = Expected(REFUSED, "unreadable")

    def second(hide):
        def adorn(work, _sheet):
            other = work.add_worksheet("toelichting")
            if hide:
                other.hide()

        return adorn

    def hide_row(_book, sheet):
        sheet.set_row(3, None, None, {"hidden": True})

    def hide_column(_book, sheet):
        sheet.set_column(6, 6, None, None, {"hidden": True})

    def filtered(_book, sheet):
        sheet.autofilter(0, 0, 9, 9)
        sheet.filter_column(0, "x == K-01")
        for at in range(4, 10):
            sheet.set_row(at, None, None, {"hidden": True})

    def formula(_book, sheet):
        sheet.write_formula(3, 7, "=1+20", None, "")

    def calculated(_book, sheet):
        sheet.write_formula(3, 7, "=1+20", None, 21)

    def error_in(column):
        def adorn(_book, sheet):
            sheet.write_formula(3, column, "=1/0", None, "#DIV/0!")

        return adorn

    bad = "#N/A"
    return [
        Case(
            34,
            "workbook with macros",
            replace(book, content=zip_with(book.content, {"xl/vbaProject.bin": b"x"})),
            book,
            gone,
        ),
        Case(
            34,
            "workbook with a link to another",
            replace(
                book,
                content=zip_with(
                    book.content, {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
                ),
            ),
            book,
            gone,
        ),
        Case(
            34,
            "workbook with a file inside",
            replace(book, content=zip_with(book.content, {"xl/embeddings/oleObject1.bin": b"x"})),
            book,
            gone,
        ),
        Case(
            35,
            "two sheets",
            as_xlsx(CAPACITY, adorn=second(False)),
            as_xlsx(CAPACITY, adorn=second(False), sheet="data"),
            Expected(REFUSED, "wrong_sheet"),
        ),
        Case(
            35,
            "hidden sheet",
            as_xlsx(CAPACITY, adorn=second(True), sheet="data"),
            as_xlsx(CAPACITY, adorn=second(False), sheet="data"),
            Expected(REFUSED, "wrong_sheet"),
        ),
        Case(
            35,
            "sheet that is not there",
            as_xlsx(CAPACITY, sheet="blad1"),
            as_xlsx(CAPACITY, sheet="data"),
            Expected(REFUSED, "wrong_sheet"),
        ),
        Case(
            36,
            "hidden row",
            as_xlsx(CAPACITY, adorn=hide_row),
            book,
            Expected(WAITING, "hidden_rows", 4),
        ),
        Case(
            36,
            "hidden column",
            as_xlsx(CAPACITY, adorn=hide_column),
            book,
            Expected(WAITING, "hidden_rows"),
        ),
        Case(
            36,
            "active filter",
            as_xlsx(CAPACITY, adorn=filtered),
            book,
            Expected(WAITING, "hidden_rows", 5),
        ),
        Case(
            37,
            "formula without a value",
            as_xlsx(CAPACITY, adorn=formula),
            as_xlsx(CAPACITY, adorn=calculated),
            Expected(REFUSED, "spreadsheet_error", 4),
        ),
        Case(
            38,
            "error cell",
            as_xlsx(CAPACITY, adorn=error_in(8)),
            book,
            Expected(QUARANTINE, "spreadsheet_error", 4, "occupied_persons"),
        ),
        Case(
            38,
            "error cell in a key",
            as_xlsx(CAPACITY, adorn=error_in(0)),
            book,
            Expected(REFUSED, "broken_key", 4, "facility_id"),
        ),
        Case(
            38,
            "error word",
            as_csv(CAPACITY, with_cells(CAPACITY, {(4, "bezet"): bad})),
            as_csv(CAPACITY),
            Expected(QUARANTINE, "spreadsheet_error", 4, "occupied_persons"),
        ),
        Case(
            38,
            "error word in a key",
            as_csv(CAPACITY, with_cells(CAPACITY, {(4, "kwartaal"): bad})),
            as_csv(CAPACITY),
            Expected(REFUSED, "broken_key", 4, "period"),
        ),
    ]


def _bomb(size: int) -> bytes:
    book = as_xlsx(CAPACITY).content
    return zip_with(book, edit={"xl/worksheets/sheet1.xml": lambda old: old + b" " * size})


def _lying(content: bytes) -> bytes:
    """Say in every directory of a zip that the first sheet is small."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        real = package.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def _traps() -> list[Case]:
    book = as_xlsx(CAPACITY)
    entities = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "'
        + (b"&a;" * 10)
        + b'">]>'
    )
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as package:
        package.writestr(zipfile.ZipInfo("x"), b"x")
    link = zipfile.ZipInfo("xl/link.xml")
    link.external_attr = 0o120777 << 16
    linked = io.BytesIO(book.content)
    with zipfile.ZipFile(linked, "a") as package:
        package.writestr(link, b"/etc/passwd")
    traps = {
        "zip bomb": _bomb(20_000_000),
        "zip that lies about its size": _lying(_bomb(15_000_000)),
        "entity bomb": zip_with(book.content, edit={"xl/workbook.xml": lambda old: entities + old}),
        "zip inside the zip": zip_with(book.content, {"xl/inner.zip": inner.getvalue()}),
        "path that climbs out": zip_with(book.content, {"../../evil.xml": b"<x/>"}),
        "symbolic link inside": linked.getvalue(),
    }
    return [
        Case(72, title, replace(book, content=content), book, Expected(REFUSED, "unreadable"))
        for title, content in traps.items()
    ]


CASES: list[Case] = [*_encodings(), *_wholeness(), *_disguises(), *_around(), *_traps()]
