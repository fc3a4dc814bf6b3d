"""Invented personal data, planted one by one in invented deliveries.

Belongs here: making the items (seeded; nobody is meant) and the tables and files that hold them.
Does not belong here: what the gate makes of them, and the search for them afterwards (`finder.py`).
"""

import io
import json
import random
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import xlsxwriter

from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.envelope import Envelope
from pipelines.sources.gate import PrivacyRule
from pipelines.sources.raw import RawTable
from tests.pipelines.sources.conftest import ENVELOPE, FIRST_KEY, GOOD, Region, Row, csv_of

SEED = 20261122
ROWS = 12
"""Rows of a file, apart from what is planted in them."""

_GIVEN = (
    "Fatima", "Mohammed", "Annemarie", "Jan", "Pieter", "Willemijn", "Youssef", "Sander",
    "Marijke", "Zeynep", "Piotr", "Kees", "Hanneke", "Johan", "Ingrid", "Mehmet", "Truus", "Bart",
    "Khadija", "Lotte",
)  # fmt: skip
_FAMILY = (
    "Jansen", "de Vries", "van den Berg", "Bakker", "Yilmaz", "El Amrani", "Visser", "Hoekstra",
    "Smit", "van Dijk", "Mulder", "Timmermans", "Nguyen", "Koopman", "Zijlstra", "de Boer",
    "van der Velde", "Kowalski", "Peeters", "Verhoeven",
)  # fmt: skip
_STREETS = ("Kerkstraat", "Wilhelminalaan", "Lange Herenvest", "Dorpsweg", "Spaarnesingel")
_REMARKS = (
    "Meneer wil graag in de buurt van zijn moeder wonen",
    "cliënt is verslaafd en heeft schulden bij {given}",
    "gesproken met haar broer, hij belt {day} terug",
    "Heeft een suïcidepoging gedaan in {year}",
    "zij kan niet alleen wonen vanwege psychoses sinds {year}",
    "moeder van twee kinderen, ex partner dreigt ({given})",
    "wil niet naar {place} omdat daar zijn ex woont",
    "is {day} opgenomen geweest na een delict",
)
_PLACES = ("Haarlem", "Velsen", "Zandvoort", "Beverwijk")
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
    "oktober", "november",
)  # fmt: skip

Make = Callable[[random.Random], str]


@dataclass(frozen=True)
class Item:
    """One thing planted.

    Attributes:
        rule: What the gate should call it.
        text: What stands there.
        where: "cell", "birth_year", "header", "file_name", "creator", "comment", "hidden_sheet",
            "hidden_column", "other_sheet", "persons", "pivot", "custom" or "margin".
    """

    rule: PrivacyRule
    text: str
    where: str = "cell"


def bsn(dice: random.Random) -> str:
    """Make a number of nine digits that passes the elfproef."""
    while True:
        digits = [dice.randint(1, 9), *(dice.randint(0, 9) for _ in range(7))]
        rest = sum((9 - at) * digit for at, digit in enumerate(digits)) % 11
        if rest < 10:
            return "".join(map(str, (*digits, rest)))


def _citizen(dice: random.Random) -> str:
    number = bsn(dice)
    forms = (number, f"BSN {number}", f"{number[:4]}.{number[4:6]}.{number[6:]}", f"bsn: {number}")
    return dice.choice(forms)


def _name(dice: random.Random) -> str:
    given, family = dice.choice(_GIVEN), dice.choice(_FAMILY)
    first = family[:1].upper() + family[1:]
    particle, _, core = family.rpartition(" ")
    initial = given[0]
    forms = (
        f"{given} {family}",
        f"{initial}. {family}",
        f"{initial}.{dice.choice('ABCHJMPW')}. {family}",
        f"{core}, {initial}." + (f" {particle}" if particle else ""),
        f"dhr. {first}",
        f"mw. {initial}. {family}",
        f"mevrouw {first}",
        f"familie {first}",
        f"{core}, {given}"
        if core in {"Jansen", "Bakker", "Visser", "Smit"}
        else f"{given} {family}",
    )
    return dice.choice(forms)


def _birthday(dice: random.Random) -> date:
    return date(1944, 1, 1) + timedelta(days=dice.randrange(60 * 365))


def _birth(dice: random.Random) -> str:
    day = _birthday(dice)
    forms = (
        day.strftime("%d-%m-%Y"),
        day.strftime("%d/%m/%Y"),
        day.isoformat(),
        f"{day.day} {_MONTHS[day.month % 11]} {day.year}",
        f"geb. {day.strftime('%d-%m-%Y')}",
        f"*{day.strftime('%d-%m-%Y')}",
    )
    return dice.choice(forms)


def _birth_in_year(dice: random.Random) -> str:
    day = _birthday(dice)
    forms = (
        day.strftime("%d-%m-%Y"),
        day.isoformat(),
        day.strftime("%d%m%Y"),
        str((day - date(1899, 12, 30)).days),
        day.strftime("%m-%Y"),
    )
    return dice.choice(forms)


def _email(dice: random.Random) -> str:
    name = f"{dice.choice(_GIVEN)}.{dice.choice('abcdefgh')}{dice.randint(1, 999)}".lower()
    at = dice.choice(("@", "@", "(at)", " [at] "))
    return f"{name}{at}{dice.choice(('voorbeeld.nl', 'zorg-voorbeeld.org', 'post.example'))}"


def _phone(dice: random.Random) -> str:
    tail = "".join(str(dice.randint(1, 9)) for _ in range(8))
    forms = (
        f"06{tail}",
        f"06-{tail}",
        f"06 {tail[:2]} {tail[2:4]} {tail[4:6]} {tail[6:]}",
        f"+316{tail}",
        f"+31 6 {tail}",
        f"0031 6 {tail}",
        f"023-5{tail[:6]}",
        f"023 5{tail[:2]} {tail[2:4]} {tail[4:6]}",
        f"(020) 6{tail[:6]}",
        f"0255-5{tail[:5]}",
        f"tel. 020 6{tail[:6]}",
    )
    return dice.choice(forms)


def _iban(dice: random.Random) -> str:
    bank, number = dice.choice(("INGB", "RABO", "ABNA")), f"{dice.randrange(10**10):010d}"
    digits = "".join(str(int(one, 36)) for one in f"{bank}{number}NL00")
    whole = f"NL{98 - int(digits) % 97:02d}{bank}{number}"
    spaced = " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))
    return dice.choice((whole, spaced, whole.lower()))


def _address(dice: random.Random) -> str:
    code = f"{dice.randint(1011, 9999)}"
    letters = "".join(dice.choice("ABCDGHJKLPRTWXZ") for _ in range(2))
    number = dice.randint(1, 240)
    forms = (
        f"{code} {letters} {number}",
        f"{code}{letters} {number}a",
        f"{dice.choice(_STREETS)} {number}, {code} {letters} {dice.choice(_PLACES)}",
        f"{code}{letters.lower()} {number}",
        f"{code}{letters}",
    )
    return dice.choice(forms)


def _remark(dice: random.Random) -> str:
    return dice.choice(_REMARKS).format(
        given=dice.choice(_GIVEN),
        day=_birthday(dice).strftime("%d-%m"),
        year=dice.randint(1990, 2025),
        place=dice.choice(_PLACES),
    )


def _file_name(dice: random.Random) -> str:
    name = dice.choice(("Jansen", "Bakker", "Hoekstra", "Verhoeven", "Kowalski"))
    number = dice.randint(1, 99)
    forms = (
        f"wachtlijst {name} {number}",
        f"{name.lower()}_{number}",
        f"intake-{dice.choice(_GIVEN)} {name}-{number}",
        f"P. {name} {number}",
        f"dossier {bsn(dice)}",
        f"lijst Achterveldse {number}",
    )
    return dice.choice(forms)


def _account(dice: random.Random) -> str:
    given, name = dice.choice(_GIVEN), dice.choice(("Jansen", "Bakker", "Hoekstra", "Zwiersma"))
    return dice.choice((f"{given} {name}", f"{given[0]}{name}{dice.randint(1, 99)}".lower()))


RECIPE: tuple[tuple[PrivacyRule, str, Make, int], ...] = (
    (PrivacyRule.CITIZEN_NUMBER, "cell", _citizen, 60),
    (PrivacyRule.NAME, "cell", _name, 110),
    (PrivacyRule.BIRTH_DATE, "cell", _birth, 40),
    (PrivacyRule.BIRTH_DATE, "birth_year", _birth_in_year, 20),
    (PrivacyRule.EMAIL, "cell", _email, 50),
    (PrivacyRule.PHONE, "cell", _phone, 60),
    (PrivacyRule.BANK_ACCOUNT, "cell", _iban, 40),
    (PrivacyRule.ADDRESS, "cell", _address, 40),
    (PrivacyRule.FREE_TEXT, "cell", _remark, 36),
    (PrivacyRule.FILE_NAME, "file_name", _file_name, 10),
    (PrivacyRule.DOCUMENT_PROPERTY, "creator", _account, 10),
    (PrivacyRule.COMMENT, "comment", _remark, 6),
    (PrivacyRule.COMMENT, "persons", _name, 3),
    (PrivacyRule.HIDDEN, "hidden_sheet", _name, 4),
    (PrivacyRule.HIDDEN, "hidden_column", _name, 3),
    (PrivacyRule.LEFTOVER, "other_sheet", _name, 3),
    (PrivacyRule.LEFTOVER, "pivot", _name, 2),
    (PrivacyRule.LEFTOVER, "custom", _email, 2),
    (PrivacyRule.LEFTOVER, "margin", _name, 1),
)
"""Rule, place, how to make it, how many: 500 together."""

ONLY_IN_WORKBOOKS = frozenset((
    "creator", "comment", "persons", "hidden_sheet", "hidden_column", "other_sheet", "pivot",
    "custom", "margin",
))  # fmt: skip


def items(seed: int = SEED, times: int = 1) -> list[Item]:
    """Make the items, no two alike; `times` as many for a long search."""
    dice, found = random.Random(seed), dict[Item, None]()
    for rule, where, make, count in RECIPE:
        wanted = len(found) + count * times
        while len(found) < wanted:
            item = Item(rule, make(dice), where)
            found.setdefault(item)
    return list(found)


# --- tables --------------------------------------------------------------------------------------


def good_rows(contract: str, count: int = ROWS) -> list[Row]:
    """Make good rows with keys of their own."""
    made = []
    for at in range(count):
        row = {**GOOD[contract]}
        if contract in FIRST_KEY:
            row[FIRST_KEY[contract]] = f"{row[FIRST_KEY[contract]]}{at}"
        if "cliëntnummer" in row:
            row["cliëntnummer"] = f"{row['cliëntnummer']}{at}"
        made.append(row)
    return made


def columns_for(item: Item, contract: str) -> list[str]:
    """List the headers under which an item is planted: texts and words, and one of its own."""
    if item.where == "birth_year":
        return ["geboortejaar"]
    known = CONTRACTS[contract].headers
    row = GOOD[contract]
    kinds = {"text", "enum"}
    if item.rule in {PrivacyRule.EMAIL, PrivacyRule.PHONE, PrivacyRule.BANK_ACCOUNT}:
        kinds |= {"id", "record", "client", "whole", "date", "municipality"}
    folded = {
        name: known[name.replace("-", "_")] for name in row if name.replace("-", "_") in known
    }
    names = [
        name
        for name, ours in folded.items()
        if CONTRACTS[contract].column(ours).kind.value in kinds
        and not (CONTRACTS[contract].column(ours).high or 0) > 80
    ]
    return [*names, "kenmerk"]


def raw_table(rows: list[Row]) -> RawTable:
    """Make the table of text that a reader would give."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    cells = pl.DataFrame(
        {str(at): [str(row.get(name, "")) for row in rows] for at, name in enumerate(header)},
        schema={str(at): pl.String for at in range(len(header))},
    )
    return RawTable(header, cells, pl.Series(range(2, len(rows) + 2), dtype=pl.Int64))


def envelope(contract: str, **changes: Any) -> Envelope:
    """Make a good envelope."""
    return Envelope.model_validate({"contract": contract, **ENVELOPE, **changes})


# --- files ---------------------------------------------------------------------------------------


@dataclass
class PlantedFile:
    """One file with what is planted in it."""

    contract: str
    name: str
    content: bytes
    items: list[Item]


def planted_files(all_items: list[Item], count: int = 60) -> list[PlantedFile]:
    """Spread items over files of all contracts, every third a workbook."""
    names = list(CONTRACTS)
    books = [at for at in range(count) if at % 3 == 2]
    shares: list[list[Item]] = [[] for _ in range(count)]
    for at, item in enumerate(all_items):
        if item.where in ONLY_IN_WORKBOOKS:
            shares[books[at % len(books)]].append(item)
        elif item.where == "birth_year":
            persons = [one for one in range(count) if names[one % len(names)] in _PERSONS]
            shares[persons[at % len(persons)]].append(item)
        else:
            shares[at % count].append(item)
    return [
        _planted_file(names[at % len(names)], at, share, at in books)
        for at, share in enumerate(shares)
    ]


_PERSONS = ("intake", "stays", "applications")


def _planted_file(contract: str, at: int, share: list[Item], is_book: bool) -> PlantedFile:
    rows = good_rows(contract, max(ROWS, len(share) + 1))
    for place, item in enumerate(share):
        if item.where in {"cell", "birth_year"}:
            headers = columns_for(item, contract)
            rows[place][headers[-1 - place % min(2, len(headers))]] = item.text
    names = [item.text for item in share if item.where == "file_name"]
    stem = names[0] if names else f"levering-{at}"
    header = list(dict.fromkeys(name for row in rows for name in row))
    full = [{name: row.get(name, "") for name in header} for row in rows]
    if is_book:
        return PlantedFile(contract, f"{stem}.xlsx", workbook(full, share), share)
    return PlantedFile(contract, f"{stem}.csv", csv_of(full).encode(), share)


def workbook(rows: list[Row], share: list[Item]) -> bytes:
    """Write rows as a workbook, with the items that lie around the rows."""
    out, at = io.BytesIO(), _by_place(share)
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"author": next(iter(at.get("creator", [])), "")})
        sheet = book.add_worksheet("data")
        sheet.write_row(0, 0, list(rows[0]))
        for line, row in enumerate(rows, start=1):
            for place, value in enumerate(row.values()):
                sheet.write_string(line, place, str(value))
        for line, text in enumerate(at.get("comment", []), start=1):
            sheet.write_comment(line, 0, text)
        for text in at.get("margin", []):
            sheet.set_header(f"&L{text}")
        for text in at.get("hidden_sheet", []):
            hidden = book.add_worksheet(f"blad{len(text)}{text[:1]}")
            hidden.write_string(0, 0, text)
            hidden.hide()
        for text in at.get("other_sheet", []):
            book.add_worksheet("Blad2").write_string(0, 0, text)
        if "hidden_column" in at:
            sheet.write_row(0, len(rows[0]), ["extra"])
            sheet.write_string(1, len(rows[0]), at["hidden_column"][0])
            sheet.set_column(len(rows[0]), len(rows[0]), 8, None, {"hidden": True})
    return with_parts(out.getvalue(), dict(_extra_parts(at)))


def _by_place(share: list[Item]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in share:
        found.setdefault(item.where, []).append(item.text)
    return found


def _extra_parts(at: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(at.get("persons", [])):
        yield (
            f"xl/persons/person{number}.xml",
            f'<personList><person displayName="{text}" userId="u"/></personList>',
        )
    for number, text in enumerate(at.get("pivot", [])):
        yield (
            f"xl/pivotCache/pivotCacheRecords{number}.xml",
            f'<pivotCacheRecords><r><s v="{text}"/></r></pivotCacheRecords>',
        )
    for number, text in enumerate(at.get("custom", [])):
        yield f"customXml/item{number}.xml", f"<properties><owner>{text}</owner></properties>"


def with_parts(content: bytes, parts: Mapping[str, str]) -> bytes:
    """Put parts into a workbook."""
    if not parts:
        return content
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def needles(planted: list[Item]) -> set[str]:
    """Give the texts that were planted, and the numbers inside them by themselves."""
    numbers = {found for item in planted for found in re.findall(r"\d{8,10}", item.text)}
    return {item.text for item in planted} | numbers


def deliver_all(region: Region, files: list[PlantedFile], /, **envelope: Any) -> None:
    """Put files with their envelopes into a region's folder."""
    for file in files:
        region.deliver(file.contract, file.content, file=file.name, sheet="data", **envelope)


def plant(text: str, path: Path) -> None:
    """Put a text into a stored file, by the writer of its kind; at the end of any other file."""
    if path.suffix == ".parquet":
        pl.DataFrame({"a": [1, 2], "b": ["x", text]}).write_parquet(path, compression="zstd")
    elif path.suffix == ".db":
        with sqlite3.connect(path) as store:
            store.execute("CREATE TABLE planted (body TEXT)")
            store.execute("INSERT INTO planted VALUES (?)", [json.dumps({"message": text})])
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path)) as store:
            store.execute("CREATE TABLE planted (name VARCHAR)")
            store.execute("INSERT INTO planted VALUES (?)", [text])
    else:
        path.write_bytes(path.read_bytes() + f"\n; {text};x\n".encode("utf-16-le"))


def write_all(folder: Path, files: list[PlantedFile]) -> None:
    """Write the content of files below a folder, by contract."""
    for file in files:
        path = folder / file.contract / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
