"""Writing the invented region: one home a month, three registrations a month, no dice anywhere.

Belongs here: the files. Does not belong here: what a test changes about them (but for spoiling).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from pipelines.sources.contracts import CONTRACTS

REGION_ID = "proeftuin"
AS_OF = "2025-06"
"""The last month that the deliveries cover."""
DRAWS = 64

_FIRST, _LAST = date(2018, 1, 1), date(2025, 6, 30)
_TEMPLATE = Path(__file__).with_name("region.toml")
_ENVELOPE = """contract = "{contract}"
sender = "Proefzorg"
region = "{region}"
period_from = {first}
period_to = {last}
delivered_on = 2025-07-08
synthetic = true
number_language = "en"
date_formats = ["yyyy-mm-dd"]
encoding = "utf-8"
delimiter = ","
rows = {rows}
"""
_SCENARIOS = {
    "baseline": """id = "baseline"
label = "Basis"
why = "Zoals het verzonnen is."
author = "Proeftuin"
date = 2025-07-01
""",
    "longer-stays": """id = "longer-stays"
extends = "baseline"
label = "Langer verblijf"
why = "Wat als iedereen een vijfde langer blijft?"
author = "Proeftuin"
date = 2025-07-01

[parameters.stay_years_single.all]
factor = 1.2
source = "Een verzonnen vraag"
""",
}

Row = Mapping[str, object]


def build_data_root(path: Path, *region_ids: str) -> Path:
    """Make a data root with invented regions; without names, the one of `REGION_ID`."""
    for region_id in region_ids or (REGION_ID,):
        build_region(path / "raw" / "regions" / region_id)
    return path


def build_region(folder: Path) -> Path:
    """Write a region's file, scenarios and deliveries into a folder that carries its id."""
    (folder / "scenarios").mkdir(parents=True)
    text = _TEMPLATE.read_text(encoding="utf-8").replace("REGION_ID", folder.name)
    (folder / "region.toml").write_text(text, encoding="utf-8")
    for name, scenario in _SCENARIOS.items():
        (folder / "scenarios" / f"{name}.toml").write_text(scenario, encoding="utf-8")
    for contract, rows in _deliveries().items():
        _write_delivery(folder, contract, rows)
    return folder


def spoil_delivery(folder: Path, contract: str = "intake") -> Path:
    """Cut a delivery at its header: the region is refused from now on."""
    file = folder / "deliveries" / contract / f"{contract}.csv"
    header = file.read_text(encoding="utf-8").splitlines()[0]
    file.write_text(f"{header}\n", encoding="utf-8")
    return file


def raw_ids(folder: Path) -> set[str]:
    """Give every id of a client or of a record about one, as it stands in the delivered files."""
    found: set[str] = set()
    for name, contract in CONTRACTS.items():
        hidden = [column.name for column in contract.columns if column.is_pseudonym]
        for file in (folder / "deliveries" / name).glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
            found |= {row[column] for row in rows for column in hidden if row.get(column)}
    return found


def renumber_clients(folder: Path, numbers: Iterable[str]) -> Path:
    """Give every client of the delivered files another number, the same in every file."""
    fresh, given = iter(numbers), {}
    for file in sorted((folder / "deliveries").glob("*/*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        if "client_id" not in rows[0]:
            continue
        for row in rows:
            if row["client_id"] not in given:
                given[row["client_id"]] = next(fresh)
            row["client_id"] = given[row["client_id"]]
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _deliveries() -> dict[str, list[Row]]:
    months = list(_months())
    people = [(month, nth) for month in months for nth in range(3)]
    return {
        "capacity": [
            {
                "facility_id": "F1",
                "period": f"{month.year}K{(month.month + 2) // 3}",
                "provider": "Proefzorg",
                "municipality_code": "GM0375",
                "target_group": "shelter",
                "law": "Wmo",
                "place_kind": "intramural",
                "places": 24,
                "occupied_persons": 22,
                "secret_address": "nee",
            }
            for month in months
            if month.month % 3 == 0
        ],
        "capacity_plan": [
            {
                "facility_id": "F1",
                "effective_month": "2026-07",
                "change_kind": "closed_attrition",
                "places_change": -6,
                "status": "besloten",
            }
        ],
        "intake": [_registration(month, nth) for month, nth in people],
        "stays": [_stay(month, nth) for month, nth in people if _after(month, 20) <= _LAST],
        "applications": [_application(month) for month in months],
        "lettings": [_letting(month) for month in months if _after(month, 180) <= _LAST],
    }


def _months() -> Iterable[date]:
    for number in range(_FIRST.year * 12, _LAST.year * 12 + _LAST.month):
        yield date(number // 12, number % 12 + 1, 1)


def _after(month: date, days: int) -> date:
    return month + timedelta(days=days)


def _known(day: date) -> date | str:
    return day if day <= _LAST else ""


def _client(month: date, nth: int) -> str:
    return f"C{month:%Y%m}{nth}"


def _registration(month: date, nth: int) -> Row:
    return {
        "registration_id": f"R{month:%Y%m}{nth}",
        "client_id": _client(month, nth),
        "target_group": "shelter",
        "registered_on": _after(month, 2 + 5 * nth),
        "admitted_on": _known(_after(month, 20)),
    }


def _stay(month: date, nth: int) -> Row:
    goes_home = nth == 0
    return {
        "stay_id": f"S{month:%Y%m}{nth}",
        "client_id": _client(month, nth),
        "facility_id": "F1",
        "target_group": "shelter",
        "complexity": "single" if month.month % 2 else "complex",
        "started_on": _after(month, 20),
        "ready_on": _known(_after(month, 170)) if goes_home else "",
        "ended_on": _known(_after(month, 360 if goes_home else 200)),
        "destination": ("own_home" if goes_home else "own_network")
        if _after(month, 360 if goes_home else 200) <= _LAST
        else "",
    }


def _application(month: date) -> Row:
    return {
        "application_id": f"A{month:%Y%m}",
        "client_id": _client(_earlier(month), 0),
        "provider": "Proefzorg",
        "target_group": "shelter",
        "product": "independent",
        "applied_on": _after(month, 4),
        "assessed_on": _known(_after(month, 20)),
        "assessment": "positive" if _after(month, 20) <= _LAST else "",
        "approved_on": _known(_after(month, 25)),
        "offered_on": _known(_after(month, 150)),
        "offer_answer": "accepted" if _after(month, 150) <= _LAST else "",
        "moved_on": _known(_after(month, 180)),
    }


def _earlier(month: date) -> date:
    """Give the month, half a year before, in which the applicant was referred."""
    number = month.year * 12 + month.month - 1 - 6
    return date(number // 12, number % 12 + 1, 1)


def _letting(month: date) -> Row:
    return {
        "letting_id": f"L{month:%Y%m}",
        "application_id": f"A{month:%Y%m}",
        "municipality_code": "GM0375" if month.month % 2 else "GM0396",
        "association": "Proefwonen",
        "ground": "outflow",
        "contract_form": "three_party",
        "offered_on": _after(month, 150),
        "accepted_on": _after(month, 155),
        "moved_on": _after(month, 180),
    }


def _write_delivery(folder: Path, contract: str, rows: Sequence[Row]) -> None:
    box = folder / "deliveries" / contract
    box.mkdir(parents=True)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (box / f"{contract}.csv").write_text(text.getvalue(), encoding="utf-8")
    envelope = _ENVELOPE.format(
        contract=contract, region=folder.name, first=_FIRST, last=_LAST, rows=len(rows)
    )
    (box / f"{contract}.csv.toml").write_text(envelope, encoding="utf-8")
