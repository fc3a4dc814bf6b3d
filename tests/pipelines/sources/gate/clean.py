"""Clean deliveries that look a little like dirty ones: numbers, names of things, places.

Belongs here: forty files that the gate must let through. Does not belong here: personal data
(`planted.py`).
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.pipelines.sources.conftest import Row, csv_of
from tests.pipelines.sources.gate.planted import good_rows, workbook

ASSOCIATIONS = (
    "Pré Wonen", "Ymere", "Elan Wonen", "Woonopmaat", "Velison Wonen", "Brederode Wonen", "Trivire",
    "Woningbedrijf Velsen", "Eigen Haard", "De Key", "Rochdale", "Stadgenoot", "De Alliantie",
    "Lieven de Key", "Woonwaard", "Kennemer Wonen", "Van Alckmaer", "Rhenam Wonen", "Fien Wonen",
    "Woonkracht10", "Poort6", "Tablis Wonen", "De Goede Woning", "Sint Trudo", "Dudok Wonen",
)  # fmt: skip
PROVIDERS = (
    "HVO-Querido", "Leger des Heils", "RIBW K/AM", "Dock", "Welschapsocius", "CJG Kennemerland",
    "Parlan", "Triversum", "Exodus", "Moedige Moeders", "Stichting De Brug", "De Regenboog Groep",
    "Cordaan", "Arkin", "GGZ inGeest", "Philadelphia", "Lister", "Pluryn", "Humanitas", "Yulius",
    "Blijf Groep", "De Waag", "Brijder", "Perspektief", "Kern Wonen", "R.I.B.W. Kennemerland",
    "St. Joris", "Antes", "Timon", "Spirit", "Levvel", "Sociaal Werk De Linde", "Roads",
)  # fmt: skip
TABLES = ("Zuid-Kennemerland", "Beverwijk", "Heemskerk", "Velsen", "Toetstafel Noord", "Tafel 2")
PROJECTS = (
    "Start Me Up", "Studio's Zuid", "Domus Plus Oost", "Skaeve Huse Noord", "De Parel",
    "Magic Mix Kop West", "Wonen aan de Dijk", "Startblok Elzenhagen", "Tussenthuis 2028",
    "Kerkstraat 12", "Kamers met Kansen", "Majella", "Zuiderhof", "Huis van Haarlem",
)  # fmt: skip
SCOPES = (
    "Woningen die de corporaties samen per jaar ten hoogste beschikbaar stellen",
    "Streven: binnen zes maanden een passend aanbod",
    "Cap 2023 BW en MO, per jaar, voor de zeven gemeenten van de regio samen",
    "1000 BW plaatsen in 2024 en 2025, zie besluit van het bestuurlijk overleg",
    "Begeleiding gedurende de eerste twee jaar na de verhuizing",
    "Housing First: 50 woningen boven op het contingent",
)
BODIES = ("Stuurgroep", "Bestuurlijk overleg Pact", "College B&W Haarlem", "AB GR Drechtsteden")
FILE_NAMES = (
    "capaciteit-aanbieder-a", "verhuringen 2026 k3", "Aanvragen_servicepunt_2026-10", "wachtlijst",
    "Levering RIBW 20261105", "uitstroom HVO-Querido okt 2026", "woningbezit Pré Wonen",
    "capaciteit Q3 definitief v2", "opgave_leger_des_heils", "stays", "intake kern wonen jan-2026",
    "Verblijven Zuid-Kennemerland", "export (3)", "BW plaatsen juni", "afspraken regio IJmond 2026",
    "01 capaciteit 2026K3", "lijst 2026 nieuw", "Overzicht Wonen en Zorg", "tussenvoorzieningen",
    "herlevering-intake-mei",
)  # fmt: skip


@dataclass(frozen=True)
class CleanFile:
    """One clean file.

    Attributes:
        contract: Its contract.
        name: Its name.
        rows: Its rows.
        content: Its bytes.
        envelope: What its envelope says otherwise than the usual one.
    """

    contract: str
    name: str
    rows: list[Row] = field(repr=False)
    content: bytes = field(repr=False)
    envelope: dict[str, Any]


def clean_files(seed: int = 5) -> list[CleanFile]:
    """Make the forty files, half of them workbooks."""
    dice = random.Random(seed)
    found = []
    for at, (contract, rows, changes) in enumerate(_tables(dice)):
        stem = FILE_NAMES[at % len(FILE_NAMES)]
        book = at % 2 == 1
        content = workbook(rows, []) if book else csv_of(rows).encode()
        suffix = ".xlsx" if book else ".csv"
        found.append(CleanFile(contract, stem + suffix, rows, content, changes))
    return found


def _tables(dice: random.Random) -> Iterator[tuple[str, list[Row], dict[str, Any]]]:
    for contract in ("stays", "intake", "applications"):
        numbers: tuple[Callable[[int], str], ...] = (
            lambda at: f"{dice.randrange(10**8, 10**9)}",
            lambda at: f"{dice.randrange(10**7, 10**8)}",
            lambda at: f"{100_000_000 + 7 * at}",
            lambda at: f"C-{dice.randrange(10**5)}",
            lambda at: f"20{dice.randrange(10, 27)}-{dice.randrange(10**6):06d}",
            lambda at: f"{dice.randrange(10**3, 10**4)}AB",
            lambda at: f"{dice.randrange(16**8):08x}",
        )
        for number in numbers:
            rows = good_rows(contract, 60)
            for at, row in enumerate(rows):
                row["cliëntnummer"] = number(at)
                row["geboortejaar"] = str(dice.randrange(1940, 2009))
                if contract == "applications":
                    row["aanbieder"] = dice.choice(PROVIDERS)
                    row["toetstafel"] = dice.choice(TABLES)
                    row["voorrangsklasse"] = dice.choice(("hoog", "Klasse A", "medisch urgent"))
                else:
                    day = f"{dice.randrange(1, 29):02d}-{dice.randrange(1, 13):02d}"
                    start = "datum_start" if contract == "stays" else "datum_aanmelding"
                    row[start] = f"{day}-{dice.randrange(2005, 2026)}"
            yield contract, rows, {"sender": dice.choice(PROVIDERS)}
    for _ in range(4):
        rows = good_rows("capacity", 40)
        for at, row in enumerate(rows):
            row["aanbieder"] = dice.choice(PROVIDERS)
            row["locatie_id"] = dice.choice((f"Zuiderhof-{at}", f"2011-{at}", f"L{at:04d}"))
        yield "capacity", rows, {"sender": dice.choice(PROVIDERS)}
    for _ in range(4):
        rows = good_rows("association_stock", 50)
        for at, row in enumerate(rows):
            row["corporatie"] = ASSOCIATIONS[at % 25]
            row["jaar"] = str(2020 + at // 25)
        yield "association_stock", rows, {"sender": "Corporatiekoepel Kennemerland"}
    for _ in range(3):
        rows = good_rows("lettings", 40)
        for row in rows:
            row["corporatie"] = dice.choice(ASSOCIATIONS)
        yield "lettings", rows, {"sender": "Servicepunt Woonservice"}
    for _ in range(2):
        rows = [
            {**good_rows("projects", 1)[0], "project_id": f"P-{at}", "naam": name}
            for at, name in enumerate(PROJECTS)
        ]
        yield "projects", rows, {"sender": "Regiosecretariaat"}
    for _ in range(3):
        rows = good_rows("agreements", len(SCOPES))
        for at, row in enumerate(rows):
            row["reikwijdte"], row["orgaan"] = SCOPES[at], dice.choice(BODIES)
        yield "agreements", rows, {"sender": "Bestuurlijk overleg Pact voor Uitstroom"}
    for contract in ("misses", "capacity_plan", "intake"):
        rows = good_rows(contract, 20)
        if contract == "misses":
            quarters = (f"{2020 + at // 4}K{at % 4 + 1}" for at in range(20))
            for row, quarter in zip(rows, quarters, strict=True):
                row["kwartaal"] = quarter
        yield contract, rows, {"sender": "Gemeente Haarlem"}
