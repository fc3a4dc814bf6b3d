"""A region's folder that tests fill with small deliveries.

Belongs here: writing files and envelopes. Does not belong here: expectations.
"""

import csv
import io
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipelines.sources import CONTRACTS, Deliveries, read_deliveries, receive
from pipelines.sources.keys import read_example_key

REGION = "zk-ijmond"
OWN_CODES = {"GM0392", "GM0453"}
KNOWN_CODES = {*OWN_CODES, "GM0363", "GM0398"}
Row = dict[str, Any]

ENVELOPE = {
    "sender": "Kern Wonen",
    "region": REGION,
    "period_from": "2026-01-01",
    "period_to": "2026-10-31",
    "delivered_on": "2026-11-05",
    "synthetic": True,
    "number_language": "nl-NL",
    "date_formats": ["dd-mm-yyyy"],
    "encoding": "utf-8",
}
"""A good envelope; dates are written bare, as TOML has them."""

_BARE = {"period_from", "period_to", "delivered_on"}

CAPACITY: Row = {
    "locatie_id": "K-01",
    "kwartaal": "2026K1",
    "aanbieder": "Kern Wonen",
    "gemeentecode": "GM0392",
    "doelgroep": "beschermd wonen",
    "wet": "Wmo",
    "soort_plek": "intramuraal",
    "plaatsen": "24",
    "bezet": "20",
    "geheim_adres": "nee",
}
STAY: Row = {
    "verblijf_id": "V-1001",
    "cliëntnummer": "C-900001",
    "geboortejaar": "1980",
    "locatie_id": "K-01",
    "doelgroep": "beschermd wonen",
    "datum_start": "01-02-2024",
    "datum_einde": "",
}
STOCK: Row = {
    "corporatie": "Pré Wonen",
    "gemeentecode": "GM0392",
    "jaar": "2026",
    "woningen": "1.450",
    "mutaties": "90",
}
AGREEMENT: Row = {
    "afspraak_id": "cap-178",
    "soort": "plafond",
    "reikwijdte": "De corporaties samen, per jaar",
    "waarde": "178,5",
    "eenheid": "woningen",
    "van": "01-01-2027",
    "tot": "31-12-9999",
    "verbintenis": "inspanning",
    "orgaan": "Stuurgroep",
    "datum_besluit": "07-10-2021",
    "stand": "vastgesteld",
}
GOOD = {
    "capacity": CAPACITY,
    "stays": STAY,
    "association_stock": STOCK,
    "agreements": AGREEMENT,
    "capacity_plan": {
        "locatie_id": "K-01",
        "ingangsmaand": "2027-07",
        "soort_wijziging": "afbouw door uitstroom",
        "verandering_plaatsen": "-6",
        "status": "besloten",
    },
    "intake": {
        "aanmelding_id": "A-1",
        "cliëntnummer": "C-900002",
        "doelgroep": "24-uursopvang",
        "datum_aanmelding": "03-03-2025",
    },
    "applications": {
        "aanvraag_id": "Q-7001",
        "cliëntnummer": "C-900001",
        "aanbieder": "Kern Wonen",
        "doelgroep": "jeugd 18+",
        "product": "zelfstandige woning",
        "datum_aanvraag": "03-03-2025",
        "beoordeling": "retour",
        "voorkeursgemeenten": "392|GM0453",
    },
    "lettings": {
        "verhuring_id": "H-1",
        "aanvraag_id": "Q-7001",
        "gemeentecode": "GM0453",
        "corporatie": "Pré Wonen",
        "grond": "uitstroom",
        "contractvorm": "driehoekscontract",
        "datum_verhuizing": "01-09-2025",
    },
    "projects": {
        "project_id": "P-1",
        "naam": "Studio's Zuid",
        "soort": "studio",
        "gemeentecode": "GM0392",
        "plaatsen": "12",
        "verblijf_maanden_gemiddeld": "17,5",
        "verwachte_opening": "2028-01",
        "status": "in aanbouw",
        "poorten": "voorrang=voldaan|begeleiding=open|budget=voldaan|aanbesteding=open",
    },
    "misses": {
        "gemeentecode": "GM0392",
        "corporatie": "Pré Wonen",
        "kwartaal": "2026K2",
        "reden": "geen match",
        "woningen": "2",
    },
}
"""One good row of every contract, as a sender writes it."""


FIRST_KEY = {
    "stays": "verblijf_id",
    "intake": "aanmelding_id",
    "applications": "aanvraag_id",
    "lettings": "verhuring_id",
    "capacity": "locatie_id",
    "capacity_plan": "locatie_id",
    "association_stock": "corporatie",
    "agreements": "afspraak_id",
}


def csv_of(rows: Sequence[Row], separator: str = ";") -> str:
    """Write rows as CSV; the first row gives the header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_xlsx(path: Path, rows: Sequence[Row], *, hide: str = "", also: str = "") -> None:
    """Write rows to the sheet "data"; a datetime becomes a day, a text with = a formula."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("data")
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        sheet.write_row(0, 0, list(rows[0]))
        for at, row in enumerate(rows, start=1):
            for place, value in enumerate(row.values()):
                if isinstance(value, datetime):
                    sheet.write_datetime(at, place, value, day)
                elif isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(at, place, value, None, "#DIV/0!")
                elif value != "":
                    sheet.write(at, place, value)
        if also:
            book.add_worksheet(also)
        if hide:
            book.add_worksheet(hide).hide()


def lie(folder: Path) -> Path:
    """Let the files of a folder have lain there for a second: nobody waits whether they change."""
    lately = time.time() - 1.0
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_mtime > lately:
            os.utime(path, (lately, lately))
    return folder


@dataclass
class Region:
    """One region's folder under test."""

    folder: Path

    def rows(self, contract: str, count: int = 1, **columns: Any) -> list[Row]:
        """Make good rows with keys (and clients) of their own.

        A column given as a function gets the row's number, from 0; None takes the column out.
        """
        made = []
        for at in range(count):
            row = {**GOOD[contract]}
            if count > 1:
                row[FIRST_KEY[contract]] = f"{row[FIRST_KEY[contract]]}{at}"
                if "cliëntnummer" in row:
                    row["cliëntnummer"] = f"{row['cliëntnummer']}{at}"
            for name, value in columns.items():
                row[name] = value(at) if callable(value) else value
            made.append({name: value for name, value in row.items() if value is not None})
        return made

    def csv(self, rows: Sequence[Row], separator: str = ";") -> str:
        """Write rows as CSV text; the first row gives the header."""
        return csv_of(rows, separator)

    def xlsx(self, contract: str, rows: Sequence[Row], *, hide: str = "", also: str = "") -> None:
        """Deliver rows as a workbook, with a hidden or another sheet beside them."""
        write_xlsx(self.path(contract, f"{contract}.xlsx"), rows, hide=hide, also=also)
        self.envelope(contract, f"{contract}.xlsx")

    def path(self, contract: str, file: str) -> Path:
        """Where a file of a contract lies; makes the folder."""
        path = self.folder / "deliveries" / contract / file
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def envelope(self, contract: str, file: str, /, **changes: Any) -> None:
        """Write the envelope; a change to None leaves the key out."""
        fields = {"contract": contract, **ENVELOPE, **changes}
        lines = [
            f"{name} = {value if name in _BARE else _toml(value)}"
            for name, value in fields.items()
            if value is not None
        ]
        self.path(contract, f"{file}.toml").write_text("\n".join(lines), encoding="utf-8")

    def deliver(
        self,
        contract: str,
        content: str | bytes | Sequence[Row],
        /,
        *,
        file: str = "",
        **changes: Any,
    ) -> None:
        """Write a file and its envelope. Rows become CSV with the separator of the envelope."""
        name = file or f"{contract}.csv"
        if not isinstance(content, str | bytes):
            if name.endswith(".xlsx"):
                write_xlsx(self.path(contract, name), content)
                self.envelope(contract, name, **changes)
                return
            is_english = changes.get("number_language") == "en"
            content = csv_of(content, changes.get("delimiter", "," if is_english else ";"))
        data = content.encode() if isinstance(content, str) else content
        self.path(contract, name).write_bytes(data)
        self.envelope(contract, name, **changes)

    def read(self, **changes: Any) -> Deliveries:
        """Read all that was delivered."""
        settings: dict[str, Any] = {
            "region_id": REGION,
            "municipality_codes": OWN_CODES,
            "known_codes": KNOWN_CODES,
            "key": read_example_key(),
        }
        return read_deliveries(receive(lie(self.folder)), **{**settings, **changes})

    def verdicts(self, **changes: Any) -> dict[str, str]:
        """Read all and give the verdict of every file."""
        files = self.read(**changes).files
        return dict(zip(files["file"].to_list(), files["verdict"].to_list(), strict=True))

    def reasons(self, **changes: Any) -> list[str]:
        """Read all and give the reasons of the refusals and of the quarantine."""
        result = self.read(**changes)
        refused = [str(getattr(one, "reason", "")) for one in result.refusals]
        return [*refused, *result.quarantine["reason"].to_list()]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return str(value) if isinstance(value, int) else "'" + str(value) + "'"


@pytest.fixture
def region(tmp_path: Path) -> Region:
    """An empty region."""
    folder = tmp_path / REGION
    folder.mkdir()
    assert set(GOOD) == set(CONTRACTS)
    return Region(folder)
