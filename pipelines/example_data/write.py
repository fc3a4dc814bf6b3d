"""Writing the example deliveries as real senders write them: Dutch headers, words and notation.

Belongs here: the senders with their habits, the text of a cell, CSV, workbook and envelope. Does
not belong here: which rows there are (`rows.py`). Headers and words are those of the contracts, so
that a word is declared once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.example_data.law import Law
from pipelines.example_data.rows import (
    ASSOCIATIONS,
    PROVIDER_NAME,
    SECRETARIAT,
    SERVICE_POINT,
    Deliveries,
    Misspelt,
    Row,
    Value,
)
from pipelines.sources.columns import Column, Contract, Kind
from pipelines.sources.contracts import CONTRACTS

SHEET = "levering"
FILE_NAMES = {
    "capacity": "capaciteit",
    "capacity_plan": "capaciteitsplan",
    "intake": "aanmeldingen",
    "stays": "verblijven",
    "applications": "aanvragen",
    "lettings": "verhuringen",
    "association_stock": "woningbezit",
    "agreements": "afspraken",
    "projects": "projecten",
    "misses": "gemiste-woningen",
}
PERIOD_TO_PLAN = ("capacity_plan",)


@dataclass(frozen=True)
class Sender:
    """A fictitious sender and its habits.

    Args:
        name: As it stands in the envelope.
        short: As it stands in file names.
        suffix: "csv" or "xlsx".
        encoding: Encoding of its CSV files.
        has_mark: Whether its UTF-8 begins with a byte order mark, as Excel writes it.
        word: Which of the Dutch words of a value it uses (0 the usual one).
        header: Which of the Dutch headers of a column it uses (0 the usual one).
        groups_thousands: Whether it writes 1.234.
    """

    name: str
    short: str
    suffix: str = "csv"
    encoding: str = "utf-8"
    has_mark: bool = False
    word: int = 0
    header: int = 0
    groups_thousands: bool = False


USUAL_SENDERS: Mapping[str, Sender] = {
    "A": Sender(PROVIDER_NAME.format("A"), "aanbieder-a", has_mark=True),
    "B": Sender(PROVIDER_NAME.format("B"), "aanbieder-b", encoding="cp1252", word=1, header=2),
    "C": Sender(PROVIDER_NAME.format("C"), "aanbieder-c"),
    "D": Sender(PROVIDER_NAME.format("D"), "aanbieder-d", suffix="xlsx"),
    SERVICE_POINT: Sender("Voorbeeld-loket", "loket", has_mark=True),
    ASSOCIATIONS: Sender(
        "Voorbeeld-corporatiekoepel",
        "corporatiekoepel",
        encoding="cp1252",
        groups_thousands=True,
    ),
    SECRETARIAT: Sender("Regiosecretariaat (voorbeeld)", "regiosecretariaat"),
}


def senders_of(law: Law) -> dict[str, Sender]:
    """Give the senders of a region: the usual ones with what its law says of them."""
    own: dict[str, Mapping[str, Any]] = {SERVICE_POINT: law.intake_body}
    for key, habits in law.senders.items():
        own[key] = {**own.get(key, {}), **habits}
    return {key: replace(sender, **own.get(key, {})) for key, sender in USUAL_SENDERS.items()}


def _choice(words: tuple[str, ...], wanted: int) -> str:
    return words[min(wanted, len(words) - 1)]


def cell_text(value: Value, column: Column, sender: Sender) -> str:
    """Write one value as this sender writes it.

    Raises:
        KeyError: The contract does not know the value.
    """
    if value is None:
        return ""
    if isinstance(value, Misspelt):
        return value.text
    if column.kind in (Kind.ENUM, Kind.BOOLEAN):
        known = str(value).lower() if column.kind is Kind.BOOLEAN else str(value)
        return _choice(column.values[known], sender.word)
    if isinstance(value, date):
        return f"{value.day:02d}-{value.month:02d}-{value.year:04d}"
    if column.kind is Kind.WHOLE and sender.groups_thousands:
        return f"{value:,}".replace(",", ".")
    return str(value)


def _columns(contract: Contract, rows: list[Row]) -> list[Column]:
    """Give the columns of the contract that this sender's rows carry."""
    return [column for column in contract.columns if column.name in rows[0]]


def _csv(rows: list[Row], columns: list[Column], sender: Sender) -> bytes:
    lines = [[_choice(column.dutch, sender.header) for column in columns]]
    lines += [[cell_text(row[column.name], column, sender) for column in columns] for row in rows]
    text = "".join(";".join(line) + "\n" for line in lines)
    mark = "\ufeff" if sender.has_mark else ""
    return (mark + text).encode(sender.encoding)


def _workbook(rows: list[Row], columns: list[Column], sender: Sender, law: Law) -> bytes:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    delivered = law.dates["delivered_on"]
    book.set_properties({"created": datetime(delivered.year, delivered.month, delivered.day)})
    sheet = book.add_worksheet(SHEET)
    day_format = book.add_format({"num_format": "dd-mm-yyyy"})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, _choice(column.dutch, sender.header))
        for line, row in enumerate(rows, start=1):
            value = row[column.name]
            if isinstance(value, date):
                sheet.write_datetime(line, place, value, day_format)
            elif isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(line, place, value)
            elif value is not None:
                sheet.write_string(line, place, cell_text(value, column, sender))
    book.close()
    return buffer.getvalue()


def _envelope(contract: str, sender: Sender, rows: int, law: Law) -> str:
    period_from, period_to = law.dates["delivered_from"], law.dates["last_day"]
    if contract in PERIOD_TO_PLAN:
        period_from = law.dates["plan_from"]
        period_to = date(int(law.plan_to[:4]), 12, 31)
    lines = [
        f'contract = "{contract}"',
        f'sender = "{sender.name}"',
        f'region = "{law.region_id}"',
        f"period_from = {period_from.isoformat()}",
        f"period_to = {period_to.isoformat()}",
        f"delivered_on = {law.dates['delivered_on'].isoformat()}",
        "synthetic = true",
        'number_language = "nl-NL"',
        'date_formats = ["dd-mm-yyyy"]',
        f'encoding = "{sender.encoding}"',
        f'sheet = "{SHEET}"' if sender.suffix == "xlsx" else 'delimiter = ";"',
        f"rows = {rows}",
    ]
    return "\n".join(lines) + "\n"


def write_deliveries(deliveries: Deliveries, folder: Path, law: Law) -> list[Path]:
    """Write every delivery with its envelope.

    Args:
        deliveries: Canonical rows per contract and sender.
        folder: The region's `deliveries/` folder; made when it is not there.
        law: The law, for the dates of the envelopes.

    Returns:
        The paths written, files and envelopes, in order.
    """
    written: list[Path] = []
    senders = senders_of(law)
    for (contract, key), rows in sorted(deliveries.items()):
        sender = senders[key]
        columns = _columns(CONTRACTS[contract], rows)
        if sender.suffix == "xlsx":
            content = _workbook(rows, columns, sender, law)
        else:
            content = _csv(rows, columns, sender)
        path = folder / contract / f"{FILE_NAMES[contract]}-{sender.short}.{sender.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        beside = path.with_name(f"{path.name}.toml")
        beside.write_bytes(_envelope(contract, sender, len(rows), law).encode())
        written += [path, beside]
    return written
